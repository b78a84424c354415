"""Edits on JSON documents. Pure functions; what cannot be written is a Refusal with its reason.

    set_value(piece, document, node, value)
    insert_pair(piece, document, mapping, key, value, after=None)
    append_item(piece, document, sequence, value)
    remove_pair(piece, document, mapping, key)
    remove_item(piece, document, sequence, index)

`value` is plain data: None, bool, int, float, str, list, tuple, dict. Commas are repaired, indentation
and the text around the colon are taken from the neighbours, comments stay.
"""

from __future__ import annotations

from fsbp_lsp.syntax.canvas import Canvas, Element, insert_between, remove_between
from fsbp_lsp.syntax.tree import Mapping, Node, Scalar, Sequence
from fsbp_lsp.text import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from fsbp_lsp.syntax.tree import Document
    from fsbp_lsp.text import Edit, Piece

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def json_string(text: str) -> str:
    """`text` as a JSON string; characters beyond ASCII stay as they are, lone surrogates are escaped."""
    out = []
    for char in text:
        if char in _ESCAPES:
            out.append(_ESCAPES[char])
        elif char < " " or "\ud800" <= char <= "\udfff" or char in "\x7f\u2028\u2029":
            out.append(f"\\u{ord(char):04x}")
        else:
            out.append(char)
    return '"' + "".join(out) + '"'


class JsonStyle:
    """How a document is written. unit: one step of indentation, None when it stands on one line."""

    __slots__ = ("colon", "newline", "unit")

    def __init__(self, canvas: Canvas) -> None:
        self.newline = canvas.newline
        self.colon = ": "
        self.unit: str | None = None
        root = canvas.document.root
        pending: list[Node] = [root] if root is not None else []
        while pending and self.unit is None:
            node = pending.pop(0)
            if isinstance(node, Mapping) and node.pairs:
                key, value = node.pairs[0]
                colon = canvas.data[key.end : value.start].decode("utf-8", "replace")
                if node is root and colon.strip(" ") == ":":
                    self.colon = colon
                inner, outer = canvas.indent(key.start), canvas.indent(node.start)
                if canvas.own_line(key.start) and canvas.line_start(key.start) > node.start and inner.startswith(outer) and inner != outer:
                    self.unit = inner[len(outer) :]
                pending.extend(value for _, value in node.pairs[:8])
            elif isinstance(node, Sequence):
                pending.extend(node.items[:8])
        if self.unit is None and (b"\n" in canvas.data.strip() or b"\r" in canvas.data.strip()):
            self.unit = ""

    def text(self, value: Any, indent: str | None) -> str:
        """`value` as JSON; `indent` is that of the line it starts on, None writes it on one line."""
        if value is None:
            return "null"
        if value is True or value is False:
            return "true" if value else "false"
        if isinstance(value, (int, float)):
            return repr(value)
        if isinstance(value, str):
            return json_string(value)
        if isinstance(value, dict):
            return self._many([(json_string(str(key)) + self.colon, item) for key, item in value.items()], "{}", indent)
        items = [("", item) for item in value]
        flat = not any(isinstance(item, (dict, list, tuple)) for item in value)
        return self._many(items, "[]", None if flat else indent)

    def _many(self, parts: list[tuple[str, Any]], brackets: str, indent: str | None) -> str:
        if not parts:
            return brackets
        if indent is None or self.unit is None:
            return brackets[0] + ", ".join(head + self.text(item, None) for head, item in parts) + brackets[1]
        inner = indent + self.unit
        lines = f",{self.newline}{inner}".join(head + self.text(item, inner) for head, item in parts)
        return f"{brackets[0]}{self.newline}{inner}{lines}{self.newline}{indent}{brackets[1]}"


def set_value(piece: Piece, document: Document, node: Node, value: Any) -> list[Edit] | Refusal:
    """Replace the value `node` by `value`."""
    canvas = Canvas(piece, document)
    if node.start == node.end:
        return Refusal("no value is written here")
    style = JsonStyle(canvas)
    spread = None if style.unit is None else canvas.indent(node.start)
    if isinstance(node, (Mapping, Sequence)) and len(_spans(node)) and canvas.line_start(_spans(node)[0][0]) <= node.start:
        spread = None
    text = style.text(value, spread)
    if piece.data[node.start : node.end] == text.encode("utf-8"):
        return []
    return [canvas.edit(node.start, node.end, text)]


def insert_pair(
    piece: Piece, document: Document, mapping: Mapping, key: str, value: Any, after: Node | None = None
) -> list[Edit] | Refusal:
    """Add a pair at the end of `mapping`, or behind the pair whose key node is `after`. The key must be new."""
    canvas = Canvas(piece, document)
    style = JsonStyle(canvas)
    spans = _spans(mapping)
    index = _number(mapping, after) if after is not None else None
    if spans:
        first_key, first_value = mapping.pairs[0]
        colon = canvas.data[first_key.end : first_value.start].decode("utf-8", "replace")
        if colon.strip(" ") == ":":
            style.colon = colon
    name = json_string(key) + style.colon
    indent = canvas.indent(spans[-1 if index is None else index][0]) if spans else canvas.indent(mapping.start) + (style.unit or "")
    element = Element(name + style.text(value, None), name + style.text(value, indent))
    return insert_between(canvas, mapping.start, mapping.end - 1, spans, element, index, style.unit)


def append_item(piece: Piece, document: Document, sequence: Sequence, value: Any) -> list[Edit] | Refusal:
    """Add an item at the end of `sequence`."""
    canvas = Canvas(piece, document)
    style = JsonStyle(canvas)
    spans = _spans(sequence)
    indent = canvas.indent(spans[-1][0]) if spans else canvas.indent(sequence.start) + (style.unit or "")
    element = Element(style.text(value, None), style.text(value, indent))
    unit = style.unit if spans or isinstance(value, (dict, list, tuple)) else None
    return insert_between(canvas, sequence.start, sequence.end - 1, spans, element, None, unit)


def remove_pair(piece: Piece, document: Document, mapping: Mapping, key: Node) -> list[Edit] | Refusal:
    """Remove the pair whose key node is `key`."""
    index = _number(mapping, key)
    if index is None:
        return Refusal("the key is not in this object")
    return remove_between(Canvas(piece, document), mapping.start, mapping.end - 1, _spans(mapping), index)


def remove_item(piece: Piece, document: Document, sequence: Sequence, index: int) -> list[Edit] | Refusal:
    """Remove the item number `index` (0-based)."""
    if not 0 <= index < len(sequence.items):
        return Refusal("the list has no such element")
    return remove_between(Canvas(piece, document), sequence.start, sequence.end - 1, _spans(sequence), index)


def _spans(node: Mapping | Sequence) -> list[tuple[int, int]]:
    if isinstance(node, Mapping):
        return [(key.start, value.end) for key, value in node.pairs]
    return [(item.start, item.end) for item in node.items]


def _number(mapping: Mapping, key: Node) -> int | None:
    return next((index for index, (name, _) in enumerate(mapping.pairs) if name is key), None)


def key_node(mapping: Mapping, key: str) -> Node | None:
    """The key node of the last pair named `key`."""
    return next((name for name, _ in reversed(mapping.pairs) if isinstance(name, Scalar) and name.text == key), None)
