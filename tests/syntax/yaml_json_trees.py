"""What the YAML and JSON reader tests share: plain values of a tree, and the laws every tree obeys."""

from __future__ import annotations

from typing import Any

from fsbp_lsp.syntax.tree import Document, Mapping, Node, Scalar, Sequence
from fsbp_lsp.text import Piece, SourceFile


class Unread:
    """Stands for a node whose content is not known; equal to nothing else."""

    def __repr__(self) -> str:
        return "Unread"


UNREAD = Unread()


def piece_of(source: str | bytes) -> Piece:
    data = source.encode("utf-8") if isinstance(source, str) else source
    return Piece(SourceFile("source", data), 0, data)


def plain(node: Node | None) -> Any:
    """Mappings as lists of pairs, so that duplicates and the order count."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Mapping):
        return [(plain(key), plain(value)) for key, value in node.pairs]
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return UNREAD if node is not None else None


def check_tree(piece: Piece, document: Document) -> None:
    """Offsets lie in the piece, children in their parents and in order; comments and errors too."""
    size = len(piece.data)
    for start, end in [(c.start, c.end) for c in document.comments] + [(e.start, e.end) for e in document.errors]:
        assert 0 <= start <= end <= size
    assert [c.start for c in document.comments] == sorted({c.start for c in document.comments})
    pending: list[Node] = [document.root] if document.root is not None else []
    while pending:
        node = pending.pop()
        assert 0 <= node.start <= node.end <= size
        if isinstance(node, Scalar):
            assert node.start <= node.value_start <= node.value_end <= node.end
        children: list[Node] = []
        if isinstance(node, Mapping):
            children = [part for pair in node.pairs for part in pair]
        elif isinstance(node, Sequence):
            children = node.items
        if node.alias:
            continue
        at = node.start
        for child in children:
            assert at <= child.start
            at = child.end
        assert at <= node.end
        pending.extend(children)


def size_of(node: Node | None) -> int:
    """Nodes a walker meets that follows aliases."""
    count, pending = 0, [node] if node is not None else []
    while pending:
        held = pending.pop()
        count += 1
        if isinstance(held, Mapping):
            pending.extend(part for pair in held.pairs for part in pair)
        elif isinstance(held, Sequence):
            pending.extend(held.items)
    return count
