"""Byte offsets to protocol positions: the only module of the server that builds them."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from fsbp_lsp.server.uris import uri_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from fsbp_lsp.ide import Mark
    from fsbp_lsp.server.client import Client
    from fsbp_lsp.text import Edit, LineIndex

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
    """The diagnostics of one document version. digest: the same for the same diagnostics, whatever the version."""

    __slots__ = ("digest", "items", "path", "uri", "version")

    def __init__(self, path: str, uri: str, version: int | None, items: list[Json]) -> None:
        self.path = path
        self.uri = uri
        self.version = version
        self.items = items
        self.digest = hashlib.blake2b(json.dumps(items, sort_keys=True).encode(), digest_size=12).hexdigest() if items else "none"


def answer(path: str, uri: str, version: int | None, marks: Iterable[Mark], client: Client, uri_at: Callable[[str], str]) -> Answer:
    """Marks as Diagnostics, in what this client understands. Costs one look at the line of each mark."""
    made = Answer(path, uri, version, [diagnostic(mark, uri, client, uri_at) for mark in marks])
    if client.diagnostic_data:
        # After the digest: the same findings in a newer version are not news.
        for item in made.items:
            item["data"]["version"] = version
    return made


def diagnostic(mark: Mark, uri: str, client: Client, uri_at: Callable[[str], str]) -> Json:
    at = mark.finding.at
    made: Json = {
        "range": span(at.file.lines, at.start, at.end, client.encoding),
        "severity": _SEVERITY[mark.severity],
        "code": mark.control,
        "source": "fsbp",
        "message": mark.message,
    }
    if mark.href and client.code_description:
        made["codeDescription"] = {"href": mark.href}
    tags = [tag for tag, holds in ((UNNECESSARY, mark.unnecessary), (DEPRECATED, mark.deprecated)) if holds and tag in client.tags]
    if tags:
        made["tags"] = tags
    if mark.related and client.related:
        made["relatedInformation"] = [
            {
                "location": {
                    "uri": uri_at(place.path),
                    "range": span(place.file.lines, place.start, place.end, client.encoding),
                },
                "message": note,
            }
            for place, note in mark.related
        ]
    if client.diagnostic_data:
        made["data"] = {"uri": uri, "fingerprint": mark.fingerprint}
    return made


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
