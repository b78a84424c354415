"""Looking through the repository that something lies in, for what else there speaks of it."""

from __future__ import annotations

import os

from fsbp_lsp.files import ReadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from fsbp_lsp.files import Files

MAX_FILES = 20_000
"""Files with an ending asked for that are looked through; what only later ones say is not known."""


def repository_of(files: Files, directory: str, folders: Iterable[str]) -> str | None:
    """Where the repository of a directory begins; without one the first of `folders` it lies in; None when in neither."""
    project = files.project(directory)
    if project is not None:
        return project
    own = os.path.abspath(directory or ".")
    for folder in folders:
        base = os.path.abspath(folder or ".")
        # The whole disk is nobody's project.
        if (own == base or own.startswith(base + os.sep)) and os.path.dirname(base) != base:
            return base
    return None


def texts_with(
    word: bytes, files: Files, start: str, endings: tuple[str, ...], excluded: Callable[[str], bool]
) -> Iterator[tuple[str, bytes]]:
    """(path, content) of the files below `start` that have a word; what cannot be read is passed over."""
    left = MAX_FILES
    # In the spelling of the current directory where that is possible: it is how buffers and configuration are named.
    base = os.path.relpath(start) if start != os.getcwd() else "."
    for path in files.walk(start if base.startswith("..") else base, excluded):
        if not path.endswith(endings):
            continue
        left -= 1
        if left < 0:
            return
        try:
            data = files.glance(path)
        except (OSError, ReadError):
            continue
        if word in data:
            yield path, data
