"""Suppressions in a template: comments, and `Metadata.fsbp.ignore` where JSON has none."""

from __future__ import annotations

from fsbp_lsp.cloudformation.shape import descend, items_of, mapping_of, pairs_of, text_of
from fsbp_lsp.model.ignore import NO_DATE, parse_ignore
from fsbp_lsp.model.resource import IgnoreComment
from fsbp_lsp.syntax.tree import Scalar
from fsbp_lsp.text import Loc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.syntax.tree import Document, Node
    from fsbp_lsp.text import Piece


def comment_ignores(piece: Piece, document: Document) -> list[IgnoreComment]:
    """Every ignore comment, in source order."""
    found: list[IgnoreComment] = []
    data = piece.data
    if b"fsbp:ignore" not in data:
        return found
    for comment in document.comments:
        raw = data[comment.start : comment.end]
        if b"fsbp:ignore" not in raw:
            continue
        parsed = parse_ignore(raw.decode("utf-8", "surrogateescape"))
        if parsed is None:
            continue
        start = comment.start
        opened = max(data.rfind(b"\n", 0, start), data.rfind(b"\r", 0, start)) + 1
        before = data[opened:start]
        if opened == 0:
            before = before.removeprefix(b"\xef\xbb\xbf")
        at = Loc(piece, start + parsed.start, start + parsed.end)
        found.append(
            IgnoreComment(
                parsed.ids,
                at,
                tuple(Loc(piece, start + first, start + last) for first, last in parsed.id_spans),
                at.line - 1,
                not before.strip(),
                parsed.reason,
                parsed.until,
                parsed.scope,
            )
        )
    return found


def metadata_ignores(piece: Piece, owner: Node | None, logical_id: str) -> list[IgnoreComment]:
    """What `Metadata.fsbp.ignore` below `owner` lists: strings, or mappings of id, reason and until.

    logical_id: the resource it belongs to; '' for the whole template.
    """
    listed = descend(owner, "Metadata", "fsbp", "ignore")
    found: list[IgnoreComment] = []
    for item in items_of(listed):
        ids: list[tuple[str, Loc]] = []
        reason = until = ""
        mapping = mapping_of(item)
        if mapping is None:
            ids = _ids(piece, item)
        else:
            members = pairs_of(mapping).found
            for name in ("id", "ids"):
                if name in members:
                    for part in items_of(members[name][1]):
                        ids.extend(_ids(piece, part))
            reason = _text(members.get("reason"))
            until = (_text(members["until"]) or NO_DATE) if "until" in members else ""
        at = Loc(piece, item.start, item.end)
        names = tuple(name for name, _ in ids)
        spans = tuple(loc for _, loc in ids)
        scope = "line" if logical_id else "file"
        found.append(IgnoreComment(names, at, spans, at.line - 1, False, reason, until, scope, logical_id))
    return found


def _ids(piece: Piece, node: Node) -> list[tuple[str, Loc]]:
    """The ids in a scalar; several may be separated by commas or blanks."""
    if not isinstance(node, Scalar) or text_of(node) is None:
        return []
    whole = Loc(piece, node.value_start, node.value_end)
    names = node.text.replace(",", " ").split()
    if len(names) != 1:
        return [(name, whole) for name in names]
    at = piece.data.find(names[0].encode("utf-8", "replace"), node.value_start, node.value_end)
    return [(names[0], whole if at < 0 else Loc(piece, at, at + len(names[0].encode("utf-8"))))]


def _text(pair: tuple[Node, Node] | None) -> str:
    return "" if pair is None else (text_of(pair[1]) or "")
