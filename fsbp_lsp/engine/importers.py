"""Which templates of a repository say, of resources of a type, that they belong to what another stack exports."""

from __future__ import annotations

import os

from fsbp_lsp.engine.discover import TEMPLATE_ENDINGS
from fsbp_lsp.engine.repository import repository_of, texts_with
from fsbp_lsp.files import ReadError
from fsbp_lsp.values import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.files import Files
    from fsbp_lsp.values import Datum

MAX_READ = 64
"""Importing templates read for one type; with more of them any name counts as imported."""


class Importers:
    """The imports below some directories: templates are found by their words, and only those with the right ones are read."""

    def __init__(self, files: Files, excluded: Callable[[str], bool], folders: tuple[str, ...] = ("",)) -> None:
        """folders: where to look when a template is in no repository: the current directory, or an editor's folders."""
        self._files = files
        self._excluded = excluded
        self._folders = folders
        self._importing: dict[str, list[str]] = {}
        self._names: dict[tuple[str, str], list[Datum]] = {}
        self._read_as: dict[str, bytes] = {}
        self.serial = 0
        """Another number whenever what was found may no longer be so."""

    def forget(self) -> None:
        """Files may have changed: look again when next asked."""
        self._importing = {}
        self._reread()

    def refresh(self) -> None:
        """Files that were found may have another content now."""
        if any(self._content(path) != data for path, data in self._read_as.items()):
            self._reread()

    def _reread(self) -> None:
        self._names, self._read_as = {}, {}
        self.serial += 1

    def _look(self, path: str) -> bytes:
        try:
            return self._files.glance(path)
        except (OSError, ReadError):
            return b""

    def _content(self, path: str) -> bytes:
        try:
            return self._files.read(path)
        except (OSError, ReadError):
            return b""

    def names(self, path: str, type: str) -> list[Datum]:
        """What resources of `type` import in the templates of the repository that the template at `path` lies in.

        Each as far as it is known before deployment; UNKNOWN stands for any name.
        """
        start = repository_of(self._files, os.path.dirname(path), self._folders)
        if start is None:
            return []
        names = self._names.get((start, type))
        if names is None:
            names = self._names[start, type] = self._read(start, type.encode())
        return names

    def _read(self, start: str, type: bytes) -> list[Datum]:
        paths = self._importing.get(start)
        if paths is None:
            found = texts_with(b"ImportValue", self._files, start, TEMPLATE_ENDINGS, self._excluded)
            paths = self._importing[start] = [path for path, _ in found]
        from fsbp_lsp.cloudformation.imports import imported

        names: list[Datum] = []
        left = MAX_READ
        for path in paths:
            if type not in self._look(path):
                continue
            left -= 1
            if left < 0:
                return [UNKNOWN]
            data = self._read_as[path] = self._content(path)
            names.extend(imported(path, data, type.decode()))
        return names
