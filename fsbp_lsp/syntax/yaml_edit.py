"""Edits on YAML documents. Pure functions; what cannot be written is a Refusal with its reason.

    set_value(piece, document, node, value)
    insert_pair(piece, document, mapping, key, value, after=None)
    append_item(piece, document, sequence, value)
    remove_pair(piece, document, mapping, key)
    remove_item(piece, document, sequence, index)
    insert_comment(piece, document, node, text)      a comment line above the line of `node`
    append_comment(piece, document, node, text)      a comment behind what is on the line of `node`

`value` is plain data or `Tagged`: None, bool, int, float, str, list, tuple, dict. The text keeps its
indentation, line endings and comments. Nothing is written where it would show in a second place: inside
an anchor that an alias repeats, through an alias, or beside a merge key. A block scalar that ended the text
without a line ending gains one when something is written below it.
"""

from __future__ import annotations

import re

from fsbp_lsp.syntax.canvas import Canvas, Element, insert_between, remove_between
from fsbp_lsp.syntax.tree import Mapping, Node, Scalar, Sequence
from fsbp_lsp.syntax.yaml_text import Tagged, YamlStyle, after_dash, after_key, block, flow, is_block, quoted, string
from fsbp_lsp.text import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from fsbp_lsp.syntax.tree import Document
    from fsbp_lsp.text import Edit, Piece

__all__ = [
    "Tagged",
    "append_comment",
    "append_item",
    "insert_comment",
    "insert_pair",
    "remove_item",
    "remove_pair",
    "set_value",
    "style_of",
]

_PROPERTIES = re.compile(rb"(?:[!&][^\s,\[\]{}]*|!<[^>\s]*>|#[^\r\n]*|\s)*")


def style_of(canvas: Canvas) -> YamlStyle:
    """The commonest indentation, list indentation and the first kind of quote of a document."""
    units: dict[int, int] = {}
    dashes: dict[int, int] = {}
    quote = ""
    pending: list[Node] = [canvas.document.root] if canvas.document.root is not None else []
    seen = 0
    while pending and seen < 400:
        node = pending.pop()
        seen += 1
        if isinstance(node, Scalar):
            quote = quote or (node.style if node.style in ("'", '"') else "")
        elif node.alias:
            continue
        elif isinstance(node, Mapping):
            for key, value in reversed(node.pairs):
                pending += (value, key)
                if isinstance(value, (Mapping, Sequence)) and not (value.flow or node.flow or value.alias):
                    first = value.pairs[0][0].start if isinstance(value, Mapping) and value.pairs else _begin(canvas, value)
                    if canvas.line_start(first) > key.start:
                        step = canvas.column(first) - canvas.column(key.start)
                        votes = units if isinstance(value, Mapping) else dashes
                        votes[step] = votes.get(step, 0) + 1
        elif isinstance(node, Sequence):
            pending += reversed(node.items)
    unit = max((step for step in units if step > 0), key=lambda step: units[step], default=2)
    dash = max((step for step in dashes if step >= 0), key=lambda step: dashes[step], default=unit)
    return YamlStyle(canvas.newline, unit, dash, quote or '"')


def set_value(piece: Piece, document: Document, node: Node, value: Any) -> list[Edit] | Refusal:
    """Replace `node`, its tag included, by `value`: a scalar keeps its kind of quote, a collection its style."""
    canvas = Canvas(piece, document)
    chain = _chain(document, node)
    refused = _shared(canvas, chain, node, replacing=True)
    if refused is not None:
        return refused
    data, style = canvas.data, style_of(canvas)
    in_flow = any(isinstance(owner, (Mapping, Sequence)) and owner.flow for owner in chain)
    was_flow = isinstance(node, (Mapping, Sequence)) and node.flow and not _is_empty(node)
    if isinstance(node, Scalar) and node.style in ("'", '"') and isinstance(value, str):
        text = quoted(value, node.style)
    elif in_flow or was_flow or not is_block(value):
        text = flow(value, style, inside=in_flow)
    else:
        text = ""
    if text and data[node.start : node.end] == text.encode("utf-8", "surrogatepass"):
        return []
    owner = chain[-1] if chain else None
    key = next((name for name, held in owner.pairs if held is node), None) if isinstance(owner, Mapping) else None
    if text:
        if node.start == node.end:
            return [canvas.edit(node.start, node.end, " " + text)]
        if key is not None and not in_flow and isinstance(node, (Mapping, Sequence)) and canvas.line_start(node.start) > key.end:
            colon = _colon(canvas, key)
            stop, clean = canvas.tail(colon + 1)
            if not clean:
                return [canvas.edit(node.start, node.end, text)]
            return _joined(canvas, colon + 1, stop, node.end, " " + text)
        return [canvas.edit(node.start, node.end, text)]
    if owner is None:
        return [canvas.edit(node.start, node.end, block(value, 0, style))]
    if key is not None:
        if not _simple_key(canvas, key):
            return Refusal("the key is written with '?'")
        column = canvas.column(key.start)
        colon = _colon(canvas, key)
        stop, clean = canvas.tail(node.end)
        if not clean:
            return Refusal("something follows the value on its line")
        lines = after_key(value, column, style)
        if canvas.line_start(node.start) > key.end:
            head, _ = canvas.tail(colon + 1)
            return [canvas.edit(head, node.end, lines)]
        if not canvas.data[node.end : stop].strip():
            return [canvas.edit(colon + 1, stop, lines)]
        # A comment follows the old value: it stays behind the key.
        below = canvas.edit(stop, stop, lines)
        return [canvas.edit(colon + 1, node.end, ""), below] if node.end > colon + 1 else [below]
    if isinstance(owner, Sequence):
        column = canvas.column(_begin(canvas, owner))
        if node.start == node.end:
            inner = after_dash(value, column, style) if isinstance(value, dict) else " " + flow(value, style, inside=False)
            return [canvas.edit(node.start, node.end, inner)]
        if isinstance(value, dict) or (isinstance(node, Sequence) and not node.flow):
            return [canvas.edit(node.start, node.end, block(value, canvas.column(node.start), style))]
        return [canvas.edit(node.start, node.end, flow(value, style, inside=False))]
    return Refusal("this place cannot hold more than one line")


def _joined(canvas: Canvas, colon: int, stop: int, end: int, text: str) -> list[Edit]:
    """`text` right behind the colon, and the lines of the old value gone; a comment behind the colon stays."""
    if not canvas.data[colon:stop].strip():
        return [canvas.edit(colon, end, text)]
    return [canvas.edit(colon, colon, text), canvas.edit(stop, end, "")]


def insert_pair(
    piece: Piece, document: Document, mapping: Mapping, key: str, value: Any, after: Node | None = None
) -> list[Edit] | Refusal:
    """Add a pair at the end of `mapping`, or behind the pair whose key node is `after`. The key must be new."""
    canvas = Canvas(piece, document)
    chain = _chain(document, mapping)
    refused = _shared(canvas, chain, mapping, replacing=False)
    if refused is not None:
        return refused
    if any(isinstance(name, Scalar) and name.text == "<<" and not name.style for name, _ in mapping.pairs):
        return Refusal("beside a merge key (<<), which may bring this value already")
    style = style_of(canvas)
    if mapping.flow:
        in_flow = any(isinstance(owner, (Mapping, Sequence)) and owner.flow for owner in chain)
        if not mapping.pairs and not in_flow and not mapping.tag and not mapping.anchor and chain:
            return set_value(piece, document, mapping, {key: value})
        double = bool(mapping.pairs) and isinstance(mapping.pairs[-1][0], Scalar) and mapping.pairs[-1][0].style == '"'
        name = quoted(key) if double else string(key, style, True)
        text = f"{name}: {flow(value, style)}"
        spans = [(first.start, held.end) for first, held in mapping.pairs]
        number = next((index for index, (first, _) in enumerate(mapping.pairs) if first is after), None) if after is not None else None
        return insert_between(canvas, _begin(canvas, mapping), mapping.end - 1, spans, Element(text, text), number, None)
    if not mapping.pairs:
        return Refusal("an empty mapping")
    first = mapping.pairs[0][0]
    column = canvas.column(first.start)
    if not _simple_key(canvas, first) or b"\t" in canvas.data[canvas.line_start(first.start) : first.start]:
        return Refusal("the keys here are written with '?' or tabs")
    number = next((index for index, (name, _) in enumerate(mapping.pairs) if name is after), len(mapping.pairs) - 1)
    last = mapping.pairs[number][1]
    stop, clean = canvas.tail(last.end)
    if not clean:
        return Refusal("something follows the last value on its line")
    # Behind kept text (`|+`) a blank line would become part of it.
    gap = style.newline if after is not None and _spaced(canvas, mapping, number) and not _ends_in_text(last) else ""
    line = gap + style.newline + " " * column + string(key, style) + ":" + after_key(value, column, style)
    return [canvas.edit(stop, stop, line)]


def _spaced(canvas: Canvas, mapping: Mapping, number: int) -> bool:
    """A blank line separates the pair from one of its neighbours."""
    pairs = mapping.pairs
    for one, other in ((number - 1, number), (number, number + 1)):
        if one >= 0 and other < len(pairs):
            between = canvas.data[canvas.tail(pairs[one][1].end)[0] : pairs[other][0].start]
            if re.match(rb"(?:\r\n|\n|\r(?!\n))[ \t]*[\r\n]", between):
                return True
    return False


def _ends_in_text(node: Node) -> bool:
    """The last line of a value belongs to a block scalar."""
    while not node.alias:
        if isinstance(node, Mapping) and node.pairs and not node.flow:
            node = node.pairs[-1][1]
        elif isinstance(node, Sequence) and node.items and not node.flow:
            node = node.items[-1]
        else:
            break
    return isinstance(node, Scalar) and not node.alias and node.style in ("|", ">")


def append_item(piece: Piece, document: Document, sequence: Sequence, value: Any) -> list[Edit] | Refusal:
    """Add an item at the end of `sequence`."""
    canvas = Canvas(piece, document)
    chain = _chain(document, sequence)
    refused = _shared(canvas, chain, sequence, replacing=False)
    if refused is not None:
        return refused
    style = style_of(canvas)
    if sequence.flow:
        if not sequence.items and is_block(value) and chain and not sequence.tag and not sequence.anchor:
            return set_value(piece, document, sequence, [value])
        text = flow(value, style)
        spans = [(item.start, item.end) for item in sequence.items]
        return insert_between(canvas, _begin(canvas, sequence), sequence.end - 1, spans, Element(text, text), None, None)
    begin = _begin(canvas, sequence)
    column = canvas.column(begin)
    if canvas.data[begin : begin + 1] != b"-" or b"\t" in canvas.data[canvas.line_start(begin) : begin]:
        return Refusal("the list is indented with tabs")
    stop, clean = canvas.tail(sequence.items[-1].end)
    if not clean:
        return Refusal("something follows the last item on its line")
    return [canvas.edit(stop, stop, style.newline + " " * column + "-" + after_dash(value, column, style))]


def remove_pair(piece: Piece, document: Document, mapping: Mapping, key: Node) -> list[Edit] | Refusal:
    """Remove the pair whose key node is `key`, with its line and trailing comment. The last one leaves `{}`."""
    canvas = Canvas(piece, document)
    index = next((number for number, (name, _) in enumerate(mapping.pairs) if name is key), None)
    if index is None:
        return Refusal("the key is not in this mapping")
    chain = _chain(document, mapping)
    refused = _shared(canvas, chain, mapping, replacing=False) or _shared(
        canvas, [*chain, mapping], mapping.pairs[index][1], replacing=True
    )
    if refused is not None:
        return refused
    if mapping.flow:
        spans = [(name.start, held.end) for name, held in mapping.pairs]
        return remove_between(canvas, _begin(canvas, mapping), mapping.end - 1, spans, index)
    if len(mapping.pairs) == 1:
        return set_value(piece, document, mapping, {})
    begins = [name.start for name, _ in mapping.pairs]
    text_above = index > 0 and _ends_in_text(mapping.pairs[index - 1][1])
    return _remove_block(canvas, begins, index, mapping.pairs[index][1].end, text_above)


def remove_item(piece: Piece, document: Document, sequence: Sequence, index: int) -> list[Edit] | Refusal:
    """Remove the item number `index` (0-based), with its lines and trailing comment. The last one leaves `[]`."""
    canvas = Canvas(piece, document)
    if not 0 <= index < len(sequence.items):
        return Refusal("the list has no such element")
    chain = _chain(document, sequence)
    item = sequence.items[index]
    refused = _shared(canvas, chain, sequence, replacing=False) or _shared(canvas, [*chain, sequence], item, replacing=True)
    if refused is not None:
        return refused
    if sequence.flow:
        spans = [(held.start, held.end) for held in sequence.items]
        return remove_between(canvas, _begin(canvas, sequence), sequence.end - 1, spans, index)
    if len(sequence.items) == 1:
        return set_value(piece, document, sequence, [])
    begins = [_begin(canvas, sequence)]
    begins += [canvas.after(held.end) for held in sequence.items[:-1]]
    if any(canvas.data[begin : begin + 1] != b"-" for begin in begins):
        return Refusal("the dashes of this list could not be found")
    return _remove_block(canvas, begins, index, item.end, index > 0 and _ends_in_text(sequence.items[index - 1]))


def _remove_block(canvas: Canvas, begins: list[int], index: int, end: int, text_above: bool) -> list[Edit] | Refusal:
    """Remove element `index` of a block collection; `begins` are the starts of keys or dashes.

    text_above: a block scalar ends above; its last line ending belongs to it and stays.
    """
    start = begins[index]
    stop, clean = canvas.tail(end)
    if not clean:
        return Refusal("something follows the value on its line")
    if canvas.own_line(start):
        first, rest = canvas.whole_lines(start, end)
        return [canvas.edit(canvas.line_start(start) if text_above else first, rest, "")]
    if index + 1 < len(begins):
        # The first element of a compact list item (`- a: 1`): the next one takes its place.
        below = canvas.data[stop : begins[index + 1]]
        if b"#" in below:
            return Refusal("a comment stands between this and the next line")
        return [canvas.edit(start, begins[index + 1], "")]
    return Refusal("something stands before this on its line")


def insert_comment(piece: Piece, document: Document, node: Node, text: str) -> list[Edit] | Refusal:
    """A comment line `# text` above the line of `node`, at that line's indentation."""
    canvas = Canvas(piece, document)
    start = canvas.line_start(node.start)
    if _inside_scalar(document, start, node):
        return Refusal("the line above belongs to a text of several lines")
    return [canvas.edit(start, start, f"{canvas.indent(node.start)}# {text}{canvas.newline}")]


def append_comment(piece: Piece, document: Document, node: Node, text: str) -> list[Edit] | Refusal:
    """A comment ` # text` at the end of the line on which `node` starts; refused when there is one already."""
    canvas = Canvas(piece, document)
    ends = [at for at in (canvas.data.find(b"\n", node.start), canvas.data.find(b"\r", node.start)) if at >= 0]
    stop = min(ends, default=len(canvas.data))
    if any(node.start <= comment.start < stop for comment in document.comments):
        return Refusal("the line has a comment already")
    if _inside_scalar(document, stop, None):
        return Refusal("the line belongs to a text of several lines")
    return [canvas.edit(stop, stop, f" # {text}")]


def _inside_scalar(document: Document, at: int, above: Node | None) -> bool:
    """A scalar of several lines covers the offset (its first byte and what is behind it do not count)."""
    node = document.root
    while node is not None:
        if isinstance(node, Scalar):
            return node.start < at < node.end or (node.style in ("|", ">") and node.start < at <= node.end and above is None)
        children: list[Node] = []
        if isinstance(node, Mapping):
            children = [part for pair in node.pairs for part in pair]
        elif isinstance(node, Sequence):
            children = node.items
        node = next((child for child in children if not child.alias and child.start < at <= child.end), None)
    return False


def _begin(canvas: Canvas, node: Node) -> int:
    """Where a node begins behind its anchor and tag."""
    if canvas.data[node.start : node.start + 1] not in (b"&", b"!"):
        return node.start
    match = _PROPERTIES.match(canvas.data, node.start, node.end)
    return match.end() if match is not None else node.start


def _is_empty(node: Node) -> bool:
    return not (node.pairs if isinstance(node, Mapping) else node.items if isinstance(node, Sequence) else (node,))


def _colon(canvas: Canvas, key: Node) -> int:
    """The colon behind a key."""
    return canvas.data.find(b":", key.end)


def _simple_key(canvas: Canvas, key: Node) -> bool:
    before = canvas.data[canvas.line_start(key.start) : key.start].replace(b"- ", b"").strip()
    return not before and isinstance(key, Scalar) and not key.alias and canvas.data[key.end : key.end + 8].lstrip()[:1] == b":"


def _chain(document: Document, node: Node) -> list[Node]:
    """The collections around `node`, outermost first; followed by position, so an anchor's content is found in its one place."""
    out: list[Node] = []
    at = document.root
    while at is not None and at is not node:
        children: list[Node] = []
        if isinstance(at, Mapping):
            children = [part for pair in at.pairs for part in pair]
        elif isinstance(at, Sequence):
            children = at.items
        out.append(at)
        found = next((child for child in children if child is node), None)
        if found is None:
            found = next((child for child in children if not child.alias and child.start <= node.start and node.end <= child.end), None)
        at = found
    return out


def _shared(canvas: Canvas, chain: list[Node], node: Node, replacing: bool) -> Refusal | None:
    """Why a change at `node` would show elsewhere too; None when it would not.

    replacing: the node itself goes; then an alias may, but an anchor used elsewhere may not.
    """
    data = canvas.data
    if node.alias and not replacing:
        return Refusal(f"written through the alias *{node.anchor}")
    if b"&" not in data or b"*" not in data:
        return None
    used = {name.decode("utf-8", "replace") for name in re.findall(rb"(?<![^\s,\[{:-])\*([^\s,\[\]{}]+)", data)}
    around = chain if replacing else [*chain, node]
    for owner in around:
        if owner.anchor and not owner.alias and owner.anchor in used:
            return Refusal(f"inside the anchor &{owner.anchor}, which is used again as *{owner.anchor}")
    if replacing and not node.alias:
        defined = re.findall(rb"(?<![^\s,\[{:-])&([^\s,\[\]{}]+)", data[node.start : node.end])
        for name in defined:
            if name.decode("utf-8", "replace") in used:
                return Refusal(f"the anchor &{name.decode('utf-8', 'replace')} is used again elsewhere")
    return None
