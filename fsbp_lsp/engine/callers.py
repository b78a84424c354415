"""Which directories call which: found by reading the `source` arguments of a repository, without parsing it."""

from __future__ import annotations

import os

from fsbp_lsp.engine.repository import repository_of, texts_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
        self._aliases: dict[str, dict[str, list[str]]] = {}

    def forget(self) -> None:
        """Files may have changed: look again when next asked. A search that is under way is not remembered."""
        self._scanned = {}

    def roots(self, directory: str) -> list[str]:
        """The directories nobody calls from which calls lead to this one, in order; empty when nobody calls it.

        What a `source` names is only likely to be a call: the caller of this function finds out by reading.
        """
        calls = self._below(directory)[0]
        if not calls:
            return []
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
        return _as_spelled(found, directory)

    def aliases(self, directory: str) -> list[str]:
        """Other names by which calls lead to this directory: through a symbolic link to it, or to what it lies in."""
        aliases = self._below(directory)[1]
        return _as_spelled(aliases.get(os.path.realpath(directory or "."), []), directory) if aliases else []

    def _below(self, directory: str) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """The calls of the repository of a directory, and the names that lead elsewhere by what they lead to."""
        start = repository_of(self._files, directory, self._folders)
        if start is None:
            return {}, {}
        scanned = self._scanned
        calls = scanned.get(start)
        if calls is None:
            calls = self._scan(start)
            self._aliases[start] = _links(calls, start)
            scanned[start] = calls
        return calls, self._aliases[start]

    def _scan(self, start: str) -> dict[str, list[str]]:
        """Callers by the directory they call, absolute paths."""
        import re  # only a run with Terraform looks for calls

        source = re.compile(rb'(?:^|[{,])[ \t]*"?source"?[ \t]*[=:][ \t]*"(\.{1,2}(?:/[^"\r\n$]*)?)"', re.MULTILINE)
        calls: dict[str, list[str]] = {}
        for path, data in texts_with(b"source", self._files, start, _ENDINGS, self._excluded):
            caller = os.path.dirname(os.path.abspath(path))
            for match in source.finditer(data):
                called = os.path.normpath(os.path.join(caller, os.fsdecode(match[1])))
                known = calls.setdefault(called, [])
                if caller not in known and caller != called:
                    known.append(caller)
        return calls


def _links(called: Iterable[str], start: str) -> dict[str, list[str]]:
    """Those of these names that a symbolic link below `start` has a part in, by the real path they lead to."""
    top = os.path.realpath(start)
    found: dict[str, list[str]] = {}
    for name in called:
        real = os.path.realpath(name)
        if real != os.path.normpath(os.path.join(top, os.path.relpath(name, start))):
            found.setdefault(real, []).append(name)
    return found


def _as_spelled(paths: Iterable[str], directory: str) -> list[str]:
    """Absolute paths in order, and as `directory` is spelled: absolute, or from the current directory."""
    if os.path.isabs(directory):
        return sorted(paths)
    spelled = (os.path.relpath(one) for one in sorted(paths))
    return ["" if one == "." else one for one in spelled]
