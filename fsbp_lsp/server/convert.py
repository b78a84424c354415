"""Byte offsets to protocol positions: the only module of the server that builds them."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from typing import TYPE_CHECKING, Any

from fsbp_lsp.server.protocol import INVALID_PARAMS, Reply
from fsbp_lsp.server.uris import uri_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from fsbp_lsp.ide import Mark
    from fsbp_lsp.ide.undecided import Note
    from fsbp_lsp.model import Finding
    from fsbp_lsp.server.client import Client
    from fsbp_lsp.text import Edit, LineIndex, Loc, Piece

Json = dict[str, Any]

_PLACEHOLDER = re.compile(r"\b[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+\b")
"""How controls spell a value only a human can supply (`LOG-BUCKET-NAME`): see `model.Placeholder`."""

_SEVERITY = {"error": 1, "warning": 2, "information": 3, "hint": 4}
UNNECESSARY = 1


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
    notes: how many of them are no findings but say what is not decided; they come last.
    """

    __slots__ = ("_items", "digest", "notes", "path", "text", "uri", "version")

    def __init__(self, path: str, uri: str, version: int | None, text: str = "[]", digest: str = "none", notes: int = 0) -> None:
        self.path = path
        self.uri = uri
        self.version = version
        self.text = text
        self.digest = digest
        self.notes = notes
        self._items: list[Json] | None = None

    @property
    def items(self) -> list[Json]:
        if self._items is None:
            self._items = json.loads(self.text)
        return self._items

    @property
    def findings(self) -> int:
        return len(self.items) - self.notes


class _Known:
    """What stays true of a finding while the text of its piece does not change: all but the line.

    text: the JSON object without its end, as it was when the pieces it names began at the lines `stood`.
    """

    __slots__ = ("columns", "finding", "fixed", "mark", "related", "stood", "text")

    def __init__(self, mark: Mark, columns: tuple[int, int], fixed: str) -> None:
        """fixed: the rest of the JSON object behind its ranges, without its end."""
        self.finding = mark.finding
        self.related = mark.finding.related
        self.mark = mark
        self.columns = columns
        self.fixed = fixed
        self.stood: tuple[int, ...] = ()
        self.text = ""


class _Lines(dict[int, int]):
    """Piece (by identity) → the line it begins at; -1 where it begins within a line, so that an edit before it moves columns."""

    def of(self, piece: Piece) -> int:
        found = self.get(id(piece))
        if found is None:
            lines = piece.file.lines
            line = lines.line(piece.base)
            found = self[id(piece)] = line if lines.starts[line] == piece.base else -1
        return found


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

    def answer(self, path: str, version: int | None, findings: Iterable[Finding], notes: Sequence[Note] = ()) -> Answer:
        """The diagnostics of these findings and notes of `path`."""
        before, self._known = self._known, {}
        texts: list[str] = []
        begins = _Lines()
        for finding in findings:
            piece = finding.at.piece
            begin = begins.get(id(piece))
            if begin is None:
                begin = begins.of(piece)
            known = before.get(id(finding))
            if known is None or known.finding is not finding or begin < 0 or not _same(known.related, finding.related):
                known = self._first(finding, piece.file.lines)
            related = known.mark.related if self._client.related else ()
            stood = (begin, *(begins.of(place.piece) for place, _note in related)) if related else (begin,)
            if begin >= 0:
                self._known[id(finding)] = known
            if known.stood != stood or -1 in stood:
                known.stood, known.text = stood, self._text(known, related)
            texts.append(known.text)
        texts.extend(self._note(note) for note in notes)
        if not texts:
            return Answer(path, self._uri, version)
        # Without the version, which is added behind each: the same findings in a newer version are not news.
        digest = hashlib.blake2b("\n".join(texts).encode(), digest_size=12).hexdigest()
        tail = f',"version":{json.dumps(version)}}}}}' if self._client.diagnostic_data else "}"
        return Answer(path, self._uri, version, f"[{(tail + ',').join(texts)}{tail}]", digest, len(notes))

    def _note(self, note: Note) -> str:
        """What is not decided, told apart from findings by its data; open like the text of `_first`."""
        made: Json = {
            "range": span(note.at.file.lines, note.at.start, note.at.end, self._client.encoding),
            "severity": _SEVERITY["hint"],
            "code": note.control,
            "source": "fsbp",
            "message": note.message,
        }
        if note.href and self._client.code_description:
            made["codeDescription"] = {"href": note.href}
        if self._client.diagnostic_data:
            made["data"] = {"uri": self._uri, "undecided": True}
            return json.dumps(made)[:-2]
        return json.dumps(made)[:-1]

    def _text(self, known: _Known, related: Sequence[tuple[Loc, str]]) -> str:
        at = known.finding.at
        lines = at.file.lines
        text = (
            f'{{"range":{{"start":{{"line":{lines.line(at.start)},"character":{known.columns[0]}}},'
            f'"end":{{"line":{lines.line(at.end)},"character":{known.columns[1]}}}}},'
        )
        if related:
            text += f'"relatedInformation":{json.dumps([self._related(place, note) for place, note in related])},'
        return text + known.fixed

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
        if mark.unnecessary and UNNECESSARY in self._client.tags:
            fixed["tags"] = [UNNECESSARY]
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


def _same(one: Sequence[tuple[Loc, str]], other: Sequence[tuple[Loc, str]]) -> bool:
    """The same places in the same pieces, which move together with their text, under the same words."""
    return one is other or [(at.piece, at.rel, note) for at, note in one] == [(at.piece, at.rel, note) for at, note in other]


def text_edits(edits: Sequence[Edit], encoding: str) -> list[Json]:
    """Edits of one file as TextEdits; equal ones once, in the order of the source."""
    unique = list(dict.fromkeys(edits))
    order = sorted(range(len(unique)), key=lambda i: (unique[i].at.start, unique[i].at.end, i))
    return [
        {"range": span(unique[i].at.file.lines, unique[i].at.start, unique[i].at.end, encoding), "newText": unique[i].text} for i in order
    ]


def snippet(edit: Json) -> Json:
    """A TextEdit as a SnippetTextEdit (LSP 3.18): each placeholder of a fix becomes a tab stop, in order."""
    if not _PLACEHOLDER.search(edit["newText"]):
        return edit
    number = itertools.count(1)

    def stop(found: re.Match[str]) -> str:
        return f"${{{next(number)}:{found[0]}}}"

    text = re.sub(r"[\\$}]", r"\\\g<0>", edit["newText"])
    return {"range": edit["range"], "snippet": {"kind": "snippet", "value": _PLACEHOLDER.sub(stop, text)}}


def workspace_edit(
    files: dict[str, tuple[str, int | None, list[Json]]], document_changes: bool, annotations: dict[str, Json] | None = None
) -> Json:
    """files: path → (uri, version or None when not open, TextEdits). annotations: those the edits name."""
    if document_changes:
        edit: Json = {
            "documentChanges": [
                {"textDocument": {"uri": uri, "version": version}, "edits": edits} for uri, version, edits in files.values()
            ]
        }
        return {**edit, "changeAnnotations": annotations} if annotations else edit
    return {"changes": {uri: edits for uri, _version, edits in files.values()}}


def uri_in(params: Any) -> str:
    """The document a request with plain params is about. Raises Reply when it names none."""
    try:
        uri = params["textDocument"]["uri"]
    except (KeyError, TypeError):
        uri = None
    if not isinstance(uri, str):
        raise Reply(INVALID_PARAMS, "the parameters name no document")
    return uri


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
