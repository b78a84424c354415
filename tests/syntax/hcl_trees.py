"""HCL trees as plain data, so that tests can compare them."""

from __future__ import annotations

from typing import Any

from fsbp_lsp.syntax.hcl import HclFile, read_hcl
from fsbp_lsp.syntax.hcl_tree import Attribute, Block, Body, Expr, Literal, Opaque
from fsbp_lsp.text import SourceFile


def read(text: str | bytes, previous: HclFile | None = None) -> HclFile:
    data = text.encode() if isinstance(text, str) else text
    return read_hcl(SourceFile("main.tf", data), previous)


def expr_of(text: str) -> Expr:
    """The expression of `x = text`."""
    file = read(f"x = {text}\n")
    assert file.complete, file.errors
    return file.items[0][1].attributes["x"].expr


def plain(node: Any) -> Any:
    """A node as nested tuples of class name and fields, offsets included."""
    if isinstance(node, (list, tuple)):
        return [plain(one) for one in node]
    if isinstance(node, Expr):
        slots = [slot for cls in type(node).__mro__ for slot in getattr(cls, "__slots__", ())]
        return type(node).__name__, *(plain(getattr(node, slot)) for slot in sorted(slots))
    return node


def shape(node: Any) -> Any:
    """An expression without its offsets: literals as themselves, `(Class, field, …)` else."""
    if isinstance(node, (list, tuple)):
        return [shape(one) for one in node]
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Opaque):
        return ("Opaque",)
    if isinstance(node, Expr):
        return type(node).__name__, *(shape(getattr(node, slot)) for slot in own_slots(node))
    return node


def own_slots(node: Expr) -> list[str]:
    """The fields of a node but for its offsets."""
    return [slot for cls in type(node).__mro__ if cls is not Expr for slot in getattr(cls, "__slots__", ())]


def body_data(body: Body) -> Any:
    attributes = [(a.name, a.start, a.name_end, a.end, a.expr_start, a.expr_end, plain(a.expr)) for a in body.attributes.values()]
    blocks = [(b.type, b.labels, b.start, b.header_end, b.end, body_data(b.body)) for b in body.blocks]
    return body.start, body.end, body.broken, attributes, blocks


def file_data(file: HclFile) -> Any:
    """Everything a reader found, with offsets counted from the file."""
    return (
        [(piece.base, piece.data, body_data(body)) for piece, body in file.items],
        [(piece.base + comment.start, piece.base + comment.end) for piece, comment in file.comments],
        [(piece.base + start, piece.base + end, message) for piece, start, end, message in file.errors],
    )


def check_offsets(file: HclFile) -> None:
    """Offsets lie in their piece and in their parent, and the pieces tile the file."""
    at = 3 if file.file.data.startswith(b"\xef\xbb\xbf") else 0
    for piece, body in file.items:
        assert piece.file is file.file
        assert piece.base == at
        assert file.file.data[at : at + len(piece.data)] == piece.data
        at += len(piece.data)
        assert (body.start, body.end) == (0, len(piece.data))
        _check_body(body)
    assert not file.items or at == len(file.file.data)
    for piece, comment in file.comments:
        assert piece.data[comment.start : comment.start + 1] in (b"#", b"/")
        assert comment.start < comment.end <= len(piece.data)
    for piece, start, end, message in file.errors:
        assert 0 <= start <= end <= len(piece.data)
        assert message


def _check_body(body: Body) -> None:
    assert body.start <= body.end
    for attribute in body.attributes.values():
        _check_attribute(attribute, body)
    for block in body.blocks:
        _check_block(block, body)


def _check_attribute(attribute: Attribute, body: Body) -> None:
    assert body.start <= attribute.start < attribute.name_end <= attribute.end <= body.end
    assert attribute.start <= attribute.expr_start <= attribute.expr_end <= attribute.end
    assert attribute.expr.end <= attribute.end


def _check_block(block: Block, body: Body) -> None:
    assert body.start <= block.start < block.header_end <= block.end <= body.end
    assert block.header_end == block.body.start
    _check_body(block.body)
