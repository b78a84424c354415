"""Which directories call which: found by reading the `source` arguments of a repository, without parsing it."""

from __future__ import annotations

import os

from fsbp_lsp.engine.repository import repository_of, texts_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.files import Files

_ENDINGS = (".tf", ".tofu", ".tf.json", ".tofu.json")


class Callers:
    """The local module calls below some directories. Paths are given and answered as the caller spells them."""

    def __init__(self, files: Files, excluded: Callable[[str], bool], folders: tuple[str, ...] = ("",)) -> None:
        """folders: where to look when a directory is in no repository: the current directory, or an editor's folders."""
        self._files = files
        self._excluded = excluded
        self._folders = folders
        self._scanned: dict[str, dict[str, list[str]]] = {}

    def forget(self) -> None:
        """Files may have changed: look again when next asked. A search that is under way is not remembered."""
        self._scanned = {}

    def roots(self, directory: str) -> list[str]:
        """The directories nobody calls from which calls lead to this one, in order; empty when nobody calls it.

        What a `source` names is only likely to be a call: the caller of this function finds out by reading.
        """
        start = repository_of(self._files, directory, self._folders)
        if start is None:
            return []
        scanned = self._scanned
        calls = scanned.get(start)
        if calls is None:
            calls = scanned[start] = self._scan(start)
        if not calls:
            return []
        absolute = os.path.isabs(directory)
        found: list[str] = []
        seen = {os.path.abspath(directory or ".")}
        pending = list(seen)
        while pending:
            at = pending.pop()
            above = [one for one in calls.get(at, ()) if one not in seen]
            if not calls.get(at) and at != os.path.abspath(directory or "."):
                found.append(at)
            seen.update(above)
            pending.extend(above)
        if absolute:
            return sorted(found)
        spelled = (os.path.relpath(one) for one in sorted(found))
        return ["" if one == "." else one for one in spelled]

    def _scan(self, start: str) -> dict[str, list[str]]:
        """Callers by the directory they call, absolute paths."""
        import re  # only a run with a module that could be called looks for calls

        source = re.compile(rb'^[ \t{,]*"?source"?[ \t]*[=:][ \t]*"(\.{1,2}(?:/[^"\r\n$]*)?)"', re.MULTILINE)
        calls: dict[str, list[str]] = {}
        for path, data in texts_with(b"source", self._files, start, _ENDINGS, self._excluded):
            caller = os.path.dirname(os.path.abspath(path))
            for match in source.finditer(data):
                called = os.path.normpath(os.path.join(caller, os.fsdecode(match[1])))
                known = calls.setdefault(called, [])
                if caller not in known and caller != called:
                    known.append(caller)
        return calls
