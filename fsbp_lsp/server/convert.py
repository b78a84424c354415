"""Byte offsets to protocol positions: the only module of the server that builds them."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from fsbp_lsp.server.uris import uri_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from fsbp_lsp.ide import Mark
    from fsbp_lsp.model import Finding
    from fsbp_lsp.server.client import Client
    from fsbp_lsp.text import Edit, LineIndex, Loc

Json = dict[str, Any]

_SEVERITY = {"error": 1, "warning": 2, "information": 3, "hint": 4}
UNNECESSARY, DEPRECATED = 1, 2


def span(lines: LineIndex, start: int, end: int, encoding: str) -> Json:
    """A Range."""
    first = lines.position(start, encoding)
    last = first if end == start else lines.position(end, encoding)
    return {
        "start": {"line": first[0], "character": first[1]},
        "end": {"line": last[0], "character": last[1]},
    }


def point(position: Any) -> tuple[int, int]:
    return position.line, position.character


class Answer:
    """The diagnostics of one document version. digest: the same for the same diagnostics, whatever the version.

    text: they as a JSON array, ready to send; `items` is the same as objects, read when first asked for.
    """

    __slots__ = ("_items", "digest", "path", "text", "uri", "version")

    def __init__(self, path: str, uri: str, version: int | None, text: str = "[]", digest: str = "none") -> None:
        self.path = path
        self.uri = uri
        self.version = version
        self.text = text
        self.digest = digest
        self._items: list[Json] | None = None

    @property
    def items(self) -> list[Json]:
        if self._items is None:
            self._items = json.loads(self.text)
        return self._items


class _Known:
    """What stays true of a finding while the text of its piece does not change: all but the line."""

    __slots__ = ("columns", "finding", "fixed", "mark")

    def __init__(self, mark: Mark, columns: tuple[int, int], fixed: str) -> None:
        """fixed: the rest of the JSON object, without its end."""
        self.finding = mark.finding
        self.mark = mark
        self.columns = columns
        self.fixed = fixed


class Converter:
    """Findings of one document as Diagnostics, in what this client understands.

    Between keystrokes nearly all findings are the same objects in pieces that at most moved, so what was
    made of them is kept and only their lines are looked up again. The engine keeps findings alive for as
    long as they are true; those not met in a run are forgotten here.
    """

    __slots__ = ("_client", "_known", "_marks", "_uri", "_uri_at")

    def __init__(self, uri: str, client: Client, uri_at: Callable[[str], str], mark: Callable[[Finding], Mark]) -> None:
        self._uri = uri
        self._client = client
        self._uri_at = uri_at
        self._marks = mark
        self._known: dict[int, _Known] = {}

    def answer(self, path: str, version: int | None, findings: Iterable[Finding]) -> Answer:
        """The diagnostics of these findings of `path`."""
        digest = hashlib.blake2b(digest_size=12)
        before, self._known = self._known, {}
        texts: list[str] = []
        tail = f',"version":{json.dumps(version)}}}}}' if self._client.diagnostic_data else "}"
        for finding in findings:
            at = finding.at
            lines = at.file.lines
            whole = at.piece.base == lines.starts[lines.line(at.piece.base)]
            known = before.get(id(finding))
            if known is None or known.finding is not finding or not whole:
                known = self._first(finding, lines)
            if whole:
                self._known[id(finding)] = known
            first, last = lines.line(at.start), lines.line(at.end)
            text = (
                f'{{"range":{{"start":{{"line":{first},"character":{known.columns[0]}}},'
                f'"end":{{"line":{last},"character":{known.columns[1]}}}}},'
            )
            if known.mark.related and self._client.related:
                related = [self._related(place, note) for place, note in known.mark.related]
                text += f'"relatedInformation":{json.dumps(related)},'
            text += known.fixed
            digest.update(text.encode())
            # Not in the digest: the same findings in a newer version are not news.
            texts.append(text + tail)
        if not texts:
            return Answer(path, self._uri, version)
        return Answer(path, self._uri, version, f"[{','.join(texts)}]", digest.hexdigest())

    def _first(self, finding: Finding, lines: LineIndex) -> _Known:
        mark = self._marks(finding)
        encoding = self._client.encoding
        columns = lines.position(mark.start, encoding)[1], lines.position(mark.end, encoding)[1]
        fixed: Json = {
            "severity": _SEVERITY[mark.severity],
            "code": mark.control,
            "source": "fsbp",
            "message": mark.message,
        }
        if mark.href and self._client.code_description:
            fixed["codeDescription"] = {"href": mark.href}
        told = ((UNNECESSARY, mark.unnecessary), (DEPRECATED, mark.deprecated))
        tags = [tag for tag, holds in told if holds and tag in self._client.tags]
        if tags:
            fixed["tags"] = tags
        text = json.dumps(fixed)[1:-1]
        if self._client.diagnostic_data:
            # Left open: the version of the document is added each time.
            text += ',"data":' + json.dumps({"uri": self._uri, "fingerprint": mark.fingerprint})[:-1]
        return _Known(mark, columns, text)

    def _related(self, place: Loc, note: str) -> Json:
        return {
            "location": {
                "uri": self._uri_at(place.path),
                "range": span(place.file.lines, place.start, place.end, self._client.encoding),
            },
            "message": note,
        }


def text_edits(edits: Sequence[Edit], encoding: str) -> list[Json]:
    """Edits of one file as TextEdits; equal ones once, in the order of the source."""
    unique = list(dict.fromkeys(edits))
    order = sorted(range(len(unique)), key=lambda i: (unique[i].at.start, unique[i].at.end, i))
    return [
        {"range": span(unique[i].at.file.lines, unique[i].at.start, unique[i].at.end, encoding), "newText": unique[i].text} for i in order
    ]


def workspace_edit(files: dict[str, tuple[str, int | None, list[Json]]], document_changes: bool) -> Json:
    """files: path → (uri, version or None when not open, TextEdits)."""
    if document_changes:
        return {
            "documentChanges": [
                {"textDocument": {"uri": uri, "version": version}, "edits": edits} for uri, version, edits in files.values()
            ]
        }
    return {"changes": {uri: edits for uri, _version, edits in files.values()}}


def plain(thing: Any) -> Any:
    """JSON as pygls hands it over where the type is open: named tuples and attrs objects become dicts again."""
    if hasattr(thing, "_asdict"):
        return {key: plain(value) for key, value in thing._asdict().items()}
    if isinstance(thing, dict):
        return {key: plain(value) for key, value in thing.items()}
    if isinstance(thing, (list, tuple)):
        return [plain(value) for value in thing]
    return thing


def default_uri(path: str) -> str:
    """For files the client has not named."""
    return uri_of(path)
