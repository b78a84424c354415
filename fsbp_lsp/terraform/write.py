"""Edits on Terraform source. Pure functions of nodes and wanted values; what cannot be written is refused.

Bytes outside the edits stay; new lines take the indentation, line ending and `=` column of their
surroundings, so that what `terraform fmt` left alone before, it leaves alone after. A `Writer` collects
several changes of one piece, which are then aligned together; the functions below it make one.
"""

from __future__ import annotations

from fsbp_lsp.syntax.hcl_tree import Attribute, Block, Body, Expr, Literal, Object, Opaque, Tuple
from fsbp_lsp.terraform.write_align import read_lines
from fsbp_lsp.terraform.write_draft import Draft, newline_of
from fsbp_lsp.terraform.write_items import insert_item, remove_item
from fsbp_lsp.terraform.write_layout import (
    BROKEN,
    CROWDED,
    GENERATED,
    attribute_anchor,
    block_anchor,
    braced,
    content_end,
    indent_at,
    is_blank_line,
    item_indent,
    items,
    line_start,
    needs_blank,
    next_line,
    one_line,
    refused,
    starts_line,
    with_blank_lines,
)
from fsbp_lsp.terraform.write_values import (
    Expression,
    FunctionCall,
    NewBlock,
    NotLiteral,
    already,
    jsonencode,
    literal,
    object_key,
    quoted,
    reference,
    render,
    render_block,
)
from fsbp_lsp.text import Edit, Loc, Piece, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Content = list[tuple[str, Any] | NewBlock]
    Answer = tuple[Edit, ...] | Refusal

__all__ = [
    "Expression",
    "FunctionCall",
    "NewBlock",
    "NotLiteral",
    "Writer",
    "add_content",
    "append_element",
    "clear_blocks",
    "insert_block",
    "insert_block_after",
    "insert_comment_above",
    "insert_comment_behind",
    "jsonencode",
    "literal",
    "quoted",
    "reference",
    "remove_attribute",
    "remove_block",
    "remove_element",
    "remove_key",
    "render",
    "replace_expression",
    "set_attribute",
    "set_key",
]


class Writer:
    """Changes of one piece. Each method answers None, or the Refusal that ends the attempt."""

    __slots__ = ("_draft", "piece")

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self._draft = Draft(piece)

    def edits(self) -> tuple[Edit, ...]:
        """Everything asked for so far; empty when the source already says so."""
        return self._draft.edits()

    # Expressions

    def replace_expression(self, expr: Expr, want: Any) -> Refusal | None:
        """Put `want` in the place of an expression."""
        data = self.piece.data
        refusal = refused(self.piece, expr.start)
        if refusal is not None:
            return refusal
        text = render(want, indent_at(data, expr.start))
        if not already(data, expr, want, text):
            self._draft.put(expr.start, expr.end, text)
        return None

    def set_key(self, node: Object, key: str, want: Any) -> Refusal | None:
        """Set a key of an object expression, adding it when absent."""
        for name, value in node.items:
            if isinstance(name, Literal) and name.value == key:
                return self.replace_expression(value, want)
        if any(not isinstance(name, Literal) for name, _value in node.items):
            return Refusal("the object has computed keys")
        return refused(self.piece, node.start) or insert_item(
            self._draft, node, lambda indent: f"{object_key(key)} = {render(want, indent)}"
        )

    def append_element(self, node: Tuple, want: Any) -> Refusal | None:
        """Add an element to a tuple expression, unless an equal literal is there."""
        data = self.piece.data
        if any(already(data, item, want, render(want, indent_at(data, item.start))) for item in node.items):
            return None
        return refused(self.piece, node.start) or insert_item(self._draft, node, lambda indent: render(want, indent))

    def remove_element(self, node: Tuple, index: int) -> Refusal | None:
        return refused(self.piece, node.start) or remove_item(self._draft, node, index)

    def remove_key(self, node: Object, key: str) -> Refusal | None:
        for index, (name, _value) in enumerate(node.items):
            if isinstance(name, Literal) and name.value == key:
                return refused(self.piece, node.start) or remove_item(self._draft, node, index)
        return None

    # Bodies

    def add_content(self, body: Body, content: Content) -> Refusal | None:
        """Set attributes and add blocks, in one go. An attribute that is there is replaced; a block is always added."""
        data = self.piece.data
        refusal = refused(self.piece, body.start)
        if refusal is not None:
            return refusal
        if body.broken:
            return BROKEN
        new: Content = []
        for item in content:
            if isinstance(item, NewBlock):
                if any(block.type == "dynamic" and block.labels[:1] == (item.type,) for block in body.blocks):
                    return GENERATED
                new.append(item)
                continue
            name, want = item
            attribute = body.attributes.get(name)
            if attribute is None:
                new.append(item)
            else:
                refusal = self._replace_attribute(body, attribute, want)
                if refusal is not None:
                    return refusal
        if not new:
            return None
        return self._expand(body, new) if one_line(data, body) else self._insert(body, new)

    def _replace_attribute(self, body: Body, attribute: Attribute, want: Any) -> Refusal | None:
        data = self.piece.data
        expr = attribute.expr
        if isinstance(expr, Opaque) and expr.start >= attribute.end:
            return BROKEN
        if one_line(data, body) and "\n" in render(want):
            return Refusal("the block is written on one line")
        text = render(want, indent_at(data, expr.start))
        if not already(data, expr, want, text):
            self._draft.put(attribute.expr_start, attribute.expr_end, text)
        return None

    def _lines(self, new: Content, indent: str, unit: str) -> list[str]:
        """The new items as texts without their indentation and final line ending."""
        texts: list[str] = []
        for item in new:
            if isinstance(item, NewBlock):
                texts.append(render_block(item, indent, unit)[len(indent) :])
            else:
                texts.append(f"{item[0]} = {render(item[1], indent, unit)}")
        return texts

    def _expand(self, body: Body, new: Content) -> Refusal | None:
        """`name {}` or `name { a = 1 }` over several lines, with the new content at the end."""
        data = self.piece.data
        inner = data[body.start : body.end].strip().decode("utf-8", "replace")
        if len(items(body)) > 1 or (inner and not items(body)):
            return Refusal("the block is written on one line")
        if self._draft.changes and any(start < body.end and end > body.start for start, end, _ in self._draft.changes):
            return Refusal("the block is written on one line")
        outer = indent_at(data, body.start)
        indent, unit = item_indent(data, body)
        texts = ([inner] if inner else []) + self._lines(new, indent, unit)
        out = ""
        for index, text in enumerate(texts):
            is_block = isinstance(new[index - len(texts)], NewBlock) if index >= len(texts) - len(new) else bool(body.blocks)
            out += ("\n" if is_block and out else "") + f"{indent}{text}\n"
        self._draft.put(body.start, body.end, f"\n{out}{outer}")
        return None

    def _insert(self, body: Body, new: Content) -> Refusal | None:
        data = self.piece.data
        indent, unit = item_indent(data, body)
        places: dict[int, list[tuple[NewBlock | None, str]]] = {}
        anchored: dict[int, bool] = {}
        for item, text in zip(new, self._lines(new, indent, unit), strict=True):
            block = item if isinstance(item, NewBlock) else None
            anchor = block_anchor(body, block.type) if block else attribute_anchor(data, body)
            if anchor is None and not braced(data, body):
                at: int | None = 0
            else:
                at = content_end(data, body.start if anchor is None else anchor.end)
            if at is None or (anchor is not None and not starts_line(data, anchor.start)):
                return CROWDED
            places.setdefault(at, []).append((block, text))
            anchored[at] = anchored.get(at, False) or anchor is not None
        for at, additions in places.items():
            additions.sort(key=lambda addition: addition[0] is not None)
            out = ""
            for block, text in additions:
                blank = block is not None and (out or anchored[at])
                out += ("\n" if blank else "") + f"\n{indent}{text}"
            if needs_blank(data, at, body, additions[-1][0] is not None, anchored[at]):
                out += "\n"
            if at == 0:
                out = out.removeprefix("\n") + "\n"
            self._draft.put(at, at, out)
        return None

    def remove_attribute(self, body: Body, name: str) -> Refusal | None:
        attribute = body.attributes.get(name)
        if attribute is None:
            return None
        return self._remove(body, attribute.start, attribute.end)

    def remove_block(self, body: Body, block: Block) -> Refusal | None:
        """Remove a block that `body` holds."""
        return self._remove(body, block.start, block.end)

    def clear_blocks(self, body: Body, blocks: list[Block]) -> Refusal | None:
        """`name = []` in the place of the first block, and the others removed."""
        data = self.piece.data
        first = blocks[0]
        refusal = refused(self.piece, body.start)
        if refusal is not None:
            return refusal
        before = data[: line_start(data, first.start)].rstrip(b" \t\r\n")
        gap = data[len(before) : first.start].count(b"\n")
        stop = next_line(data, first.end)
        after = data[stop : next_line(data, stop)].strip()
        if body.broken or not starts_line(data, first.start) or (gap < 2 and not before.endswith(b"{")) or (after and after != b"}"):
            # Next to other attributes it would have to be aligned with them.
            return Refusal("there is no line of its own for an empty list")
        self._draft.put(first.start, first.end, f"{first.type} = []")
        for block in blocks[1:]:
            refusal = self._remove(body, block.start, block.end)
            if refusal is not None:
                return refusal
        return None

    def _remove(self, body: Body, start: int, end: int) -> Refusal | None:
        data = self.piece.data
        refusal = refused(self.piece, body.start)
        if refusal is not None:
            return refusal
        if body.broken and body is not self.piece.tree:
            return BROKEN
        stop = content_end(data, end)
        if stop is not None and starts_line(data, start):
            self._draft.put(*with_blank_lines(data, line_start(data, start), next_line(data, stop), body), "")
            return None
        if one_line(data, body) and len(items(body)) == 1 and data[body.start : body.end].strip() == data[start:end]:
            self._draft.put(body.start, body.end, "")
            return None
        return CROWDED

    # Comments

    def insert_comment_above(self, offset: int, text: str) -> Refusal | None:
        """A comment line (`text` with its mark) above the line of `offset`, as far indented; above a whole heredoc."""
        start = self._line(offset)[0]
        self._draft.put(start, start, f"{indent_at(self.piece.data, start)}{text}\n")
        return None

    def insert_comment_behind(self, offset: int, text: str) -> Refusal | None:
        """A comment at the end of the line of `offset`."""
        data = self.piece.data
        start, end, has_comment = self._line(offset)
        if has_comment or b"*/" in data[start:end]:
            return Refusal("the line has a comment already")
        if b"\n" in data[start:end]:
            return Refusal("the value is a heredoc")
        while end > start and data[end - 1] in b" \t":
            end -= 1
        self._draft.put(end, end, f" {text}" if data[start:end].strip() else text)
        return None

    def _line(self, offset: int) -> tuple[int, int, bool]:
        data = self.piece.data
        for line in read_lines(data):
            if line.start <= offset <= line.end:
                return line.start, line.end, line.comment is not None or data[line.start : line.end].lstrip()[:1] == b"#"
        return len(data), len(data), False


# One change each


def _one(piece: Piece, change: Callable[[Writer], Refusal | None]) -> Answer:
    writer = Writer(piece)
    return change(writer) or writer.edits()


def replace_expression(piece: Piece, expr: Expr, want: Any) -> Answer:
    """Put `want` in the place of an expression, wherever it stands."""
    return _one(piece, lambda writer: writer.replace_expression(expr, want))


def set_attribute(piece: Piece, body: Body, name: str, want: Any) -> Answer:
    """Set an attribute of a block (or of a file), adding it when absent."""
    return _one(piece, lambda writer: writer.add_content(body, [(name, want)]))


def add_content(piece: Piece, body: Body, content: Content) -> Answer:
    """Set several attributes and add blocks in one body; aligned together, so always prefer it to single edits."""
    return _one(piece, lambda writer: writer.add_content(body, content))


def insert_block(piece: Piece, body: Body, block: NewBlock) -> Answer:
    """Add a block to a body: behind the last of its type, else at the end."""
    return _one(piece, lambda writer: writer.add_content(body, [block]))


def set_key(piece: Piece, node: Object, key: str, want: Any) -> Answer:
    """Set a key of an object expression, adding it when absent."""
    return _one(piece, lambda writer: writer.set_key(node, key, want))


def append_element(piece: Piece, node: Tuple, want: Any) -> Answer:
    """Add an element to a tuple expression, unless an equal literal is there."""
    return _one(piece, lambda writer: writer.append_element(node, want))


def remove_attribute(piece: Piece, body: Body, name: str) -> Answer:
    """Remove an attribute with its line and trailing comment; no edits when it is not there."""
    return _one(piece, lambda writer: writer.remove_attribute(body, name))


def remove_block(piece: Piece, body: Body, block: Block) -> Answer:
    """Remove a block that `body` holds, with its lines."""
    return _one(piece, lambda writer: writer.remove_block(body, block))


def clear_blocks(piece: Piece, body: Body, blocks: list[Block]) -> Answer:
    """Write an empty list in the place of all the blocks of one type."""
    return _one(piece, lambda writer: writer.clear_blocks(body, blocks))


def remove_element(piece: Piece, node: Tuple, index: int) -> Answer:
    """Remove an element of a tuple expression."""
    return _one(piece, lambda writer: writer.remove_element(node, index))


def remove_key(piece: Piece, node: Object, key: str) -> Answer:
    """Remove a key of an object expression; no edits when it is not there."""
    return _one(piece, lambda writer: writer.remove_key(node, key))


def insert_comment_above(piece: Piece, offset: int, text: str) -> Answer:
    """A comment line above the line of `offset` (relative to the piece)."""
    return _one(piece, lambda writer: writer.insert_comment_above(offset, text))


def insert_comment_behind(piece: Piece, offset: int, text: str) -> Answer:
    """A comment at the end of the line of `offset` (relative to the piece)."""
    return _one(piece, lambda writer: writer.insert_comment_behind(offset, text))


def insert_block_after(piece: Piece, block: Block, new: NewBlock) -> Answer:
    """A new top-level block behind a top-level one, set apart by blank lines."""
    data = piece.data
    at = content_end(data, block.end)
    if block.body.broken or data[block.end - 1 : block.end] != b"}":
        return BROKEN
    if at is None:
        return CROWDED
    whole = piece.file.data
    following = next_line(whole, piece.base + at)
    text = "\n\n" + render_block(new)
    if following < len(whole) and not is_blank_line(whole, following):
        text += "\n"
    return (Edit(Loc(piece, at, at), text.replace("\n", newline_of(piece))),)
