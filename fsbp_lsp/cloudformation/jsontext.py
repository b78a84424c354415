"""Documents written as JSON text: policies in a string, or in Sub with holes."""

from __future__ import annotations

import re

from fsbp_lsp.cloudformation.functions import JsonValue
from fsbp_lsp.values import ABSENT, UNKNOWN, Datum, Map, Seq, Text, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from fsbp_lsp.text import Loc

MAX_CHARACTERS = 400_000
_MAX_DEPTH = 100
_HOLE = re.compile("\ue000([0-9]+)\ue001")
_MARKS = ("\ue000", "\ue001")


def decode_json(value: Value) -> Value:
    """The document behind a value: a mapping or list as it is, JSON text read; what is not decided is UNKNOWN."""
    if isinstance(value, JsonValue):
        return value.document
    if all(isinstance(known(option), (Map, Seq)) or option is ABSENT or option is None for option in value.options):
        return value
    options = tuple(_document(known(option), value.at) for option in value.options)
    return Value(options, value.at, value.origins, value.node)


def _document(datum: Datum, at: Loc | None) -> Datum:
    if datum is ABSENT or datum is None or isinstance(datum, (Map, Seq)):
        return datum
    if isinstance(datum, str):
        parts: tuple[Datum, ...] = (datum,)
    elif isinstance(datum, Text):
        parts = datum.parts
    else:
        return UNKNOWN
    if sum(len(part) for part in parts if isinstance(part, str)) > MAX_CHARACTERS:
        return UNKNOWN
    if any(mark in part for part in parts if isinstance(part, str) for mark in _MARKS):
        return UNKNOWN
    text = _with_marks(parts)
    import json

    try:
        read = json.loads(text, object_pairs_hook=_Pairs, parse_constant=_not_json)
    except (ValueError, RecursionError):
        return UNKNOWN
    if not isinstance(read, (_Pairs, list)):
        return UNKNOWN
    return _datum(read, parts, at, 0)


class _Pairs:
    __slots__ = ("pairs",)

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self.pairs = pairs


def _not_json(_word: str) -> Any:
    raise ValueError("not JSON")


def _with_marks(parts: tuple[Datum, ...]) -> str:
    """One text in which every hole is marked; a hole outside a string becomes a string of its own."""
    out: list[str] = []
    inside = False
    for number, part in enumerate(parts):
        if not isinstance(part, str):
            out.append(f"\ue000{number}\ue001" if inside else f'"\ue000{number}\ue001\ue001"')
            continue
        at = 0
        while True:
            at = part.find('"', at)
            if at < 0:
                break
            slashes = 0
            while slashes < at and part[at - 1 - slashes] == "\\":
                slashes += 1
            if not (inside and slashes % 2):
                inside = not inside
            at += 1
        out.append(part)
    return "".join(out)


def _bare(text: object) -> bool:
    """The text stands for a hole outside any string: it may be anything, even several elements."""
    return isinstance(text, str) and text.endswith("\ue001\ue001")


def _datum(read: Any, parts: tuple[Datum, ...], at: Loc | None, depth: int) -> Datum:
    if depth > _MAX_DEPTH:
        return UNKNOWN
    if isinstance(read, _Pairs):
        entries: dict[str, Value] = {}
        unseen = False
        for name, inner in read.pairs:
            if "\ue000" in name:
                unseen = True
                continue
            unseen = unseen or _bare(inner)
            if name in entries:
                entries[name] = Value.unknown(at, f"{name} is written twice")
            else:
                entries[name] = Value((_datum(inner, parts, at, depth + 1),), at)
        return Map(entries, unseen)
    if isinstance(read, list):
        items = tuple(Value((_datum(inner, parts, at, depth + 1),), at) for inner in read)
        return Seq(items, any(_bare(inner) for inner in read))
    if isinstance(read, str):
        return _string(read, parts)
    return read


def _string(read: str, parts: tuple[Datum, ...]) -> Datum:
    if "\ue000" not in read:
        return read
    if _bare(read):
        return UNKNOWN
    pieces: list[Datum] = []
    for number, piece in enumerate(_HOLE.split(read)):
        pieces.append(parts[int(piece)] if number % 2 else piece)
    from fsbp_lsp.cloudformation.strings import joined

    return joined(pieces)
