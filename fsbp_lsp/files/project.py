"""Where a repository begins (nothing outside it is read on behalf of what lies in it), and how a path is spelled."""

from __future__ import annotations

import os


def spelled(path: str) -> str:
    """The one spelling a run has for a path, absolute or from the current directory: never out of that and back into it."""
    normal = os.path.normpath(path)
    return os.path.relpath(normal) if normal.startswith(os.pardir) else normal


_known: dict[str, str | None] = {}


def project_root(directory: str) -> str | None:
    """The absolute path of the nearest directory at or above `directory` that holds `.git`; None when there is none.

    Asked of the disk once per directory and process.
    """
    start = os.path.abspath(directory or ".")
    if start in _known:
        return _known[start]
    at = start
    found: str | None = None
    while True:
        if os.path.exists(os.path.join(at, ".git")):
            found = at
            break
        above = os.path.dirname(at)
        if above == at:
            break
        at = above
    _known[start] = found
    return found
