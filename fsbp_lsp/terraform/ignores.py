"""Ignore comments of HCL files."""

from __future__ import annotations

from fsbp_lsp.model.ignore import parse_ignore
from fsbp_lsp.model.resource import IgnoreComment
from fsbp_lsp.text import Loc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from fsbp_lsp.syntax.hcl_tree import Comment
    from fsbp_lsp.text import Piece, SourceFile

MARK = b"fsbp:ignore"


def ignore_comments(file: SourceFile, comments: Iterable[tuple[Piece, Comment]]) -> list[IgnoreComment]:
    """The directives in the comments of one file, in source order."""
    if MARK not in file.data:
        return []
    found: list[IgnoreComment] = []
    for piece, comment in comments:
        raw = piece.data[comment.start : comment.end]
        if MARK not in raw:
            continue
        parsed = parse_ignore(raw.decode("utf-8", "surrogateescape"))
        if parsed is None:
            continue

        def loc(start: int, end: int, piece: Piece = piece, base: int = comment.start) -> Loc:
            return Loc(piece, base + start, base + end)

        at = loc(parsed.start, parsed.end)
        alone = _stands_alone(file, piece.base + comment.start, piece.base + comment.end)
        # What stands below a block comment stands below its last line.
        line = file.lines.line(piece.base + max(comment.start, comment.end - 1)) if alone else file.lines.line(at.start)
        found.append(
            IgnoreComment(
                parsed.ids,
                at,
                tuple(loc(start, end) for start, end in parsed.id_spans),
                line,
                alone,
                parsed.reason,
                parsed.until,
                parsed.scope,
            )
        )
    return found


def _stands_alone(file: SourceFile, start: int, end: int) -> bool:
    """Nothing but blanks before the comment on its first line and after it on its last."""
    lines = file.lines
    before = file.data[lines.starts[lines.line(start)] : start]
    after = file.data[end : lines.line_span(lines.line(max(start, end - 1)))[1]]
    return not before.removeprefix(b"\xef\xbb\xbf").strip() and not after.strip()
