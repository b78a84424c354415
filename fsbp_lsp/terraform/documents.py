"""JSON inside strings: heredocs, quoted text and text known in part, read with the places of its parts.

Interpolations are masked by digits of the same length, so that every offset in the JSON text is an
offset in the source. Where that cannot be (escapes in a quoted string, text made by functions) the
parts are put together instead and all stand at one place: that of the whole expression.
"""

from __future__ import annotations

from fsbp_lsp.syntax import hcl_tree as hcl
from fsbp_lsp.syntax import tree
from fsbp_lsp.terraform.data import JsonStr, JsonText
from fsbp_lsp.text import Loc, Piece
from fsbp_lsp.values import ABSENT, UNKNOWN, Map, Origin, Ref, Seq, Text, Value, Via, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.values import Datum

    Mask = tuple[int, int, Datum]
    Locate = Callable[[int, int], Loc | None]

MAX_DEPTH = 60


def decode(value: Value, depth: int = 0) -> Value:
    """The JSON document a value holds, as a Map or Seq; see `Dialect.decode_json`."""
    if depth > 8:
        return Value.unknown(value.at)
    if len(value.options) == 1:
        made = _decode(value.options[0], value, depth)
        return Value(made.options, made.at or value.at, value.origins + made.origins, made.node)
    return Value.union([_decode(option, value, depth) for option in value.options], value.at)


def _decode(option: Datum, value: Value, depth: int) -> Value:
    datum = known(option)
    made: Value | None
    if isinstance(datum, (JsonStr, JsonText)):
        made = datum.document()
        if isinstance(known(made.raw), str):
            # jsonencode of a string that is a document itself says the same to nobody.
            return Value.unknown(value.at)
        return made
    if datum is None or datum is ABSENT or isinstance(datum, (Map, Seq)):
        return Value((option,), value.at, (), value.node)
    if isinstance(datum, str):
        made = read_parts([datum], value.at, depth)
        return made if made is not None else Value.unknown(value.at)
    if isinstance(datum, Text):
        made = read_parts(list(datum.parts), value.at, depth)
        return made if made is not None else Value.unknown(value.at)
    if isinstance(option, Ref):
        return Value((option,), value.at)
    return Value.unknown(value.at)


def looks_like_json(text: str) -> bool:
    """Cheap: the first character after blanks opens an object or a list."""
    return text.lstrip()[:1] in ("{", "[")


def remember(datum: Datum, piece: Piece, expr: hcl.Expr, parts: list[Datum] | None) -> Datum:
    """The datum of a template, able to give its JSON document when it looks like one.

    parts: the values of the template's parts in order, None for a string without interpolation.
    """
    if isinstance(datum, str):
        if len(datum) < 2 or not looks_like_json(datum):
            return datum
    elif isinstance(datum, Text):
        if not looks_like_json(datum.head):
            return datum
    else:
        return datum
    found: list[Value] = []

    def document() -> Value:
        if not found:
            made = _read_source(piece, expr, parts)
            found.append(made if made is not None else Value.unknown(Loc(piece, expr.start, expr.end)))
        return found[0]

    return JsonStr.of(datum, document) if isinstance(datum, str) else JsonText(datum.parts, document)


def _read_source(piece: Piece, expr: hcl.Expr, parts: list[Datum] | None) -> Value | None:
    whole = Loc(piece, expr.start, expr.end)
    written = list(expr.parts) if isinstance(expr, hcl.Template) else []
    if parts is None:
        parts = [part for part in written if isinstance(part, str)] if written else [getattr(expr, "value", "")]
        written = list(parts)
    region = _raw_region(piece, expr)
    # `~` takes blanks off the text, so its offsets would no longer be those of the source.
    if region is not None and not any(mark in piece.data[region[0] : region[1]] for mark in (b"{~", b"~}")):
        start, end = region
        text = bytearray(piece.data[start:end])
        masks: list[Mask] = []
        for part, datum in zip(written, parts, strict=True):
            if isinstance(part, str):
                continue
            span = _interpolation(piece.data, part)
            inner = known(datum)
            if span is None or (isinstance(inner, str) and not isinstance(inner, JsonStr) and _breaks_out(inner)):
                break
            first, last = span[0] - start, span[1] - start
            text[first:last] = b"1" * (last - first)
            masks.append((first, last, datum))
        else:

            def locate(first: int, last: int) -> Loc:
                return Loc(piece, start + first, start + last)

            made = _parse(piece, bytes(text), masks, locate, True, 0)
            if made is not None:
                return made
    return read_parts(parts, whole, 0)


def _breaks_out(text: str) -> bool:
    return any(char in '"\\\r\n' or char < " " for char in text)


def _raw_region(piece: Piece, expr: hcl.Expr) -> tuple[int, int] | None:
    """The span of a template's text when source and meaning agree byte by byte (but for `$${`)."""
    data = piece.data
    if data[expr.start : expr.start + 2] == b"<<":
        start = data.find(b"\n", expr.start, expr.end) + 1
        if start <= 0:
            return None
        # The terminator is the last line that is not blank.
        body = data[start : expr.end].rstrip()
        end = start + body.rfind(b"\n") + 1
        return start, end
    if data[expr.start : expr.start + 1] == b'"' and b"\\" not in data[expr.start : expr.end]:
        return expr.start + 1, expr.end - 1
    return None


def _interpolation(data: bytes, expr: hcl.Expr) -> tuple[int, int] | None:
    """From `${` to `}` around an expression; None for a directive or when they are not found."""
    start, end = expr.start, expr.end
    if data[start : start + 2] in (b"${", b"%{"):
        return (start, end) if data[start : start + 2] == b"${" and data[end - 1 : end] == b"}" else None
    while start > 0 and data[start - 1] in b" \t\r\n~(":
        start -= 1
    while end < len(data) and data[end] in b" \t\r\n~)":
        end += 1
    if data[start - 2 : start] != b"${" or data[end : end + 1] != b"}":
        return None
    return start - 2, end + 1


def read_parts(parts: list[Datum], at: Loc | None, depth: int) -> Value | None:
    """A document from text known in part, every part of which stands at `at`."""
    if depth > 8:
        return None
    text = bytearray()
    masks: list[Mask] = []
    for part in parts:
        inner = known(part)
        if isinstance(inner, str):
            text += inner.encode("utf-8", "surrogatepass")
        elif isinstance(inner, (bool, int)):
            text += (str(inner).lower()).encode()
        else:
            masks.append((len(text), len(text) + 4, part))
            text += b"1111"
    piece = at.piece if at is not None else None
    return _parse(piece, bytes(text), masks, lambda _first, _last: at, False, depth)


def _parse(piece: Piece | None, text: bytes, masks: list[Mask], locate: Locate, source: bool, depth: int) -> Value | None:
    from fsbp_lsp.syntax.json import read_json
    from fsbp_lsp.text import SourceFile

    file = piece.file if piece is not None else SourceFile("", text)
    document = read_json(Piece(file, 0, text))
    if document.root is None or document.errors or document.comments:
        return None
    made = _Reader(text, masks, locate, source, depth).value(document.root, 0)
    return made if isinstance(made.raw, (Map, Seq)) else None


class _Reader:
    """Turns a JSON tree with masked spans into values."""

    def __init__(self, text: bytes, masks: list[Mask], locate: Locate, source: bool, depth: int) -> None:
        self.text = text
        self.masks = masks
        self.locate = locate
        self.source = source
        self.depth = depth

    def within(self, start: int, end: int) -> list[Mask]:
        return [mask for mask in self.masks if start <= mask[0] and mask[1] <= end]

    def value(self, node: tree.Node, level: int) -> Value:
        at = self.locate(node.start, node.end)
        if level > MAX_DEPTH:
            return Value.unknown(at)
        if isinstance(node, tree.Mapping):
            entries: dict[str, Value] = {}
            keys: dict[str, Loc] = {}
            is_open = False
            for key, value in node.pairs:
                name = self.scalar(key) if isinstance(key, tree.Scalar) else UNKNOWN
                if not isinstance(name, str):
                    is_open = True
                    continue
                made = self.value(value, level + 1)
                # IAM refuses a key that is written twice, other readers take either.
                entries[name] = Value.unknown(made.at, f"{name} is written twice") if name in entries else made
                if made.raw is UNKNOWN and self.within(value.start, value.end) and isinstance(value, tree.Scalar):
                    # `"a": ${x}` may write further pairs, as a directive often does.
                    is_open = True
                place = self.locate(key.start, key.end)
                if place is not None:
                    keys[name] = place
            return Value((Map(entries, is_open, None, keys),), at)
        if isinstance(node, tree.Sequence):
            items: list[Value] = []
            is_open = False
            for item in node.items:
                made = self.value(item, level + 1)
                if self.within(item.start, item.end) and isinstance(item, tree.Scalar) and _may_be_many(made.raw):
                    # `["${join("\",\"", list)}"]` and `[${join(",", list)}]` write several elements.
                    is_open = True
                    if item.style != '"':
                        continue
                items.append(made)
            return Value((Seq(tuple(items), is_open),), at)
        if isinstance(node, tree.Scalar):
            if node.style == '"':
                return Value((self.scalar(node),), at)
            masks = self.within(node.start, node.end)
            if not masks:
                return Value((node.value,), at)
            if len(masks) == 1 and masks[0][:2] == (node.start, node.end):
                return self.spliced(masks[0][2], at)
        return Value.unknown(at)

    def spliced(self, datum: Datum, at: Loc | None) -> Value:
        """An interpolation that stands for a whole JSON value."""
        inner = known(datum)
        if isinstance(inner, (JsonStr, JsonText)):
            made = inner.document()
            return Value(made.options, made.at or at, made.origins, made.node)
        if isinstance(inner, (bool, int, float)):
            return Value((inner,), at)
        if isinstance(inner, str):
            made_of = read_parts([inner], at, self.depth + 1)
            return made_of if made_of is not None else _scalar_of(inner, at)
        return Value((UNKNOWN,), at, (Origin(Via.OPAQUE, at, "interpolation in JSON"),))

    def scalar(self, node: tree.Scalar) -> Datum:
        """The text of a JSON string with masked spans put back."""
        masks = self.within(node.start, node.end)
        if not masks:
            return self.plain(node.text)
        parts: list[Datum] = []
        done = node.value_start + 1
        for start, end, datum in masks:
            literal = _unescape(self.text[done:start])
            if literal is None:
                return UNKNOWN
            parts.extend([self.plain(literal), _inside(datum)])
            done = end
        literal = _unescape(self.text[done : node.value_end - 1])
        if literal is None:
            return UNKNOWN
        parts.append(self.plain(literal))
        return Text.join(parts)

    def plain(self, text: str) -> str:
        return text.replace("$${", "${").replace("%%{", "%{") if self.source else text


def _inside(datum: Datum) -> Datum:
    """A masked value as a part of a string: strings were checked to hold nothing that JSON would read."""
    inner = known(datum)
    if isinstance(inner, (JsonStr, Seq, Map)) or inner is None:
        return UNKNOWN
    return datum


def _may_be_many(datum: Datum) -> bool:
    return datum is UNKNOWN or (isinstance(datum, Text) and all(part is UNKNOWN for part in datum.parts))


def _scalar_of(text: str, at: Loc | None) -> Value:
    import json as _json

    try:
        found = _json.loads(text)
    except ValueError:
        return Value.unknown(at)
    return Value((found,), at) if isinstance(found, (str, int, float, bool)) or found is None else Value.unknown(at)


def _unescape(raw: bytes) -> str | None:
    text = raw.decode("utf-8", "surrogateescape")
    if "\\" not in text:
        return text
    import json as _json

    try:
        made = _json.loads(f'"{text}"')
    except ValueError:
        return None
    return made if isinstance(made, str) else None
