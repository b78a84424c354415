"""Files that expressions name: read inside the repository only, and remembered by content.

Nothing here runs, fetches or follows a link out of the repository. Outside one the root module's own directory
is the limit.
"""

from __future__ import annotations

import os

from fsbp_lsp.files import ReadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.files import Files

MAX_FILES = 500
"""Files read for one deployment; further ones are not known."""


class Contents:
    """The files that one deployment may read. Paths are as `files` spells them."""

    def __init__(self, files: Files, root: str) -> None:
        """root: directory of the root module."""
        self._files = files
        self._root = root
        self._limit: str | None = None
        self._read: dict[str, bytes | None] = {}
        self._names: dict[str, tuple[str, ...]] = {}

    def read(self, path: str) -> bytes | None:
        """Content of a file; None when it is not there, not readable, too large or outside the repository."""
        path = os.path.normpath(path)
        if path in self._read:
            return self._read[path]
        data: bytes | None = None
        if len(self._read) < MAX_FILES and os.path.basename(path) in self.names(os.path.dirname(path)) and self._inside(path):
            try:
                data = self._files.read(path)
            except (OSError, ReadError):
                data = None
        self._read[path] = data
        return data

    def names(self, directory: str) -> tuple[str, ...]:
        """Names of the files in a directory; empty for one outside the repository."""
        directory = os.path.normpath(directory) if directory else ""
        directory = "" if directory == "." else directory
        found = self._names.get(directory)
        if found is None:
            allowed = len(self._names) < MAX_FILES and self._inside(directory or ".")
            found = self._names[directory] = tuple(self._files.siblings(directory)) if allowed else ()
        return found

    def mark(self, path: str) -> object:
        """Equal for equal content; None for what cannot be read."""
        data = self.read(path)
        if data is None:
            return None
        import hashlib  # only modules that read files pay for it

        return hashlib.sha256(data, usedforsecurity=False).digest()

    def _inside(self, path: str) -> bool:
        """Links followed, so that one in the repository cannot lead out of it."""
        if self._limit is None:
            self._limit = os.path.realpath(self._files.project(self._root) or self._root or ".")
        real = os.path.realpath(path)
        return real == self._limit or real.startswith(self._limit.rstrip(os.sep) + os.sep)


__all__ = ["Contents"]
