"""What the YAML and JSON editors share: a text seen by lines, and elements between brackets.

All offsets are bytes of the piece. Insertions go to the end of a logical line, behind a trailing comment.
"""

from __future__ import annotations

from fsbp_lsp.text import Edit, Loc, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsbp_lsp.syntax.tree import Document
    from fsbp_lsp.text import Piece

    Spans = Sequence[tuple[int, int]]

_BOM = b"\xef\xbb\xbf"


def newline_of(data: bytes) -> str:
    """The line ending a text uses, by its first one; a line feed when it has none."""
    at = data.find(b"\n")
    if at < 0:
        return "\r" if b"\r" in data else "\n"
    return "\r\n" if data[at - 1 : at] == b"\r" else "\n"


class Canvas:
    """A document on its bytes. Makes edits and knows where lines end."""

    __slots__ = ("_comments", "data", "document", "newline", "piece")

    def __init__(self, piece: Piece, document: Document) -> None:
        self.piece = piece
        self.data = piece.data
        self.document = document
        self.newline = newline_of(piece.data)
        self._comments: dict[int, int] | None = None

    def edit(self, start: int, end: int, text: str) -> Edit:
        return Edit(Loc(self.piece, start, end), text)

    def comment_end(self, at: int) -> int | None:
        """The end of the comment that starts at `at`."""
        if self._comments is None:
            self._comments = {comment.start: comment.end for comment in self.document.comments}
        return self._comments.get(at)

    def line_start(self, at: int) -> int:
        start = max(self.data.rfind(b"\n", 0, at), self.data.rfind(b"\r", 0, at)) + 1
        return 3 if start == 0 and self.data.startswith(_BOM) else start

    def next_line(self, at: int) -> int:
        """The start of the line behind the line ending at `at`; `at` itself at the end of the text."""
        if self.data.startswith(b"\r\n", at):
            return at + 2
        return at + 1 if self.data[at : at + 1] in (b"\r", b"\n") else at

    def own_line(self, at: int) -> bool:
        """Nothing but blanks stands before `at` on its line."""
        return not self.data[self.line_start(at) : at].strip(b" \t")

    def indent(self, at: int) -> str:
        """The blanks the line of `at` begins with."""
        line = self.data[self.line_start(at) : at]
        return line[: len(line) - len(line.lstrip(b" \t"))].decode("ascii")

    def column(self, at: int) -> int:
        """Characters before `at` on its line."""
        return len(self.data[self.line_start(at) : at].decode("utf-8", "replace"))

    def tail(self, at: int) -> tuple[int, bool]:
        """The end of the line of `at` (before its line ending), and whether only blanks and comments stand between."""
        data = self.data
        while at < len(data):
            if data[at] in b" \t":
                at += 1
                continue
            end = self.comment_end(at)
            if end is None or b"\n" in data[at:end]:
                break
            at = end
        return at, at >= len(data) or data[at] in b"\r\n"

    def after(self, at: int) -> int:
        """The first byte at or behind `at` that is neither blank, line ending nor comment."""
        data = self.data
        while at < len(data):
            end = self.comment_end(at)
            if end is not None:
                at = max(end, at + 1)
            elif data[at] in b" \t\r\n":
                at += 1
            else:
                break
        return at

    def comma(self, at: int) -> int | None:
        """The comma that follows `at`, if one does."""
        at = self.after(at)
        return at if self.data[at : at + 1] == b"," else None

    def whole_lines(self, start: int, end: int) -> tuple[int, int]:
        """The span of the lines `start`..`end` with one line ending: the one behind, else the one before."""
        first = self.line_start(start)
        last, _ = self.tail(end)
        below = self.next_line(last)
        if below == last and first > 0 and not self.data.startswith(_BOM, first - 3):
            first -= 2 if self.data.startswith(b"\r\n", first - 2) else 1
        return first, below


class Element:
    """New text for between brackets: on one line, and as it is written on lines of its own."""

    __slots__ = ("inline", "spread")

    def __init__(self, inline: str, spread: str) -> None:
        self.inline = inline
        self.spread = spread


def insert_between(
    canvas: Canvas, opened: int, closed: int, spans: Spans, element: Element, after: int | None, unit: str | None
) -> list[Edit] | Refusal:
    """Insert into a bracketed collection, behind the element number `after`, or at the end.

    opened/closed: offsets of the brackets. unit: indentation step for an empty collection that is
    to become several lines, None to keep it on one.
    """
    data = canvas.data
    if data[opened : opened + 1] not in (b"{", b"[") or data[closed : closed + 1] not in (b"}", b"]") or closed <= opened:
        return Refusal("a bracket is not closed")
    if not spans:
        inside = data[opened + 1 : closed]
        if inside.strip():
            return Refusal("only a comment between the brackets")
        if unit is None:
            return [canvas.edit(opened + 1, closed, element.inline)]
        base = canvas.indent(opened)
        newline = canvas.newline
        return [canvas.edit(opened + 1, closed, f"{newline}{base}{unit}{element.spread}{newline}{base}")]
    index = len(spans) - 1 if after is None else after
    start, end = spans[index]
    comma = canvas.comma(end)
    if not canvas.own_line(start) or canvas.line_start(start) <= opened:
        return [canvas.edit(end, end, ", " + element.inline)]
    line = canvas.newline + canvas.indent(start) + element.spread
    if comma is not None:
        stop, clean = canvas.tail(comma + 1)
        if not clean:
            return [canvas.edit(end, end, ", " + element.inline)]
        return [canvas.edit(stop, stop, line + ",")]
    stop, clean = canvas.tail(end)
    if not clean:
        return [canvas.edit(end, end, "," + line)]
    if not data[end:stop].strip(b" \t"):
        return [canvas.edit(end, end, "," + line)]
    return [canvas.edit(end, end, ","), canvas.edit(stop, stop, line)]


def remove_between(canvas: Canvas, opened: int, closed: int, spans: Spans, index: int) -> list[Edit] | Refusal:
    """Remove one element of a bracketed collection with its comma, its line and its trailing comment."""
    data = canvas.data
    if data[opened : opened + 1] not in (b"{", b"[") or data[closed : closed + 1] not in (b"}", b"]") or closed <= opened:
        return Refusal("a bracket is not closed")
    start, end = spans[index]
    comma = canvas.comma(end)
    stop = end if comma is None else comma + 1
    own = canvas.own_line(start) and canvas.line_start(start) > opened
    tail, clean = canvas.tail(stop)
    if len(spans) == 1:
        rest = data[opened + 1 : start] + data[stop:closed]
        if not rest.strip():
            return [canvas.edit(opened + 1, closed, "")]
        return [canvas.edit(*canvas.whole_lines(start, stop), "")] if own and clean else [canvas.edit(start, stop, "")]
    edits: list[Edit] = []
    if index == len(spans) - 1 and comma is None:
        before = canvas.comma(spans[index - 1][1])
        if before is None:
            return Refusal("a ',' is missing")
        if not data[before + 1 : start].strip():
            # Nothing but blanks between the comma and the element: both go in one piece.
            return [canvas.edit(before, tail if own and clean else end, "")]
        edits.append(canvas.edit(before, before + 1, ""))
    if own and clean:
        edits.append(canvas.edit(*canvas.whole_lines(start, stop), ""))
    elif index < len(spans) - 1 and not data[stop : spans[index + 1][0]].strip():
        edits.append(canvas.edit(start, spans[index + 1][0], ""))
    else:
        edits.append(canvas.edit(start, stop, ""))
    return edits
