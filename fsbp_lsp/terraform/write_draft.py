"""Edits of one piece while they are made up: alignment and line endings are settled at the end."""

from __future__ import annotations

from fsbp_lsp.terraform.write_align import Gap, Line, gaps, read_lines
from fsbp_lsp.text import Edit, Loc, Piece

MAX_ALIGNED_BYTES = 262144
"""In a larger piece only what is written new is aligned."""


class Draft:
    """Changes to a piece as (start, end, text), offsets relative to it, lines in texts separated by a line feed."""

    __slots__ = ("changes", "newline", "piece")

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.changes: list[tuple[int, int, str]] = []
        self.newline = newline_of(piece)

    def put(self, start: int, end: int, text: str) -> None:
        self.changes.append((start, end, text))

    def edits(self) -> tuple[Edit, ...]:
        """The changes as edits, with neighbouring lines re-aligned where `terraform fmt` would."""
        data = self.piece.data
        changes: list[tuple[int, int, bytes]] = []
        for start, end, text in sorted(self.changes, key=lambda change: change[:2]):
            written = text.replace("\n", self.newline).encode("utf-8", "replace")
            if data[start:end] != written:
                changes.append((start, end, written))
        if not changes:
            return ()
        if len(data) <= MAX_ALIGNED_BYTES:
            changes = _aligned(data, changes)
        piece = self.piece
        return tuple(Edit(Loc(piece, start, end), text.decode("utf-8")) for start, end, text in changes)


def newline_of(piece: Piece) -> str:
    """The line ending of the piece, else of the file."""
    for data in (piece.data, piece.file.data):
        at = data.find(b"\n")
        if at >= 0:
            return "\r\n" if data[at - 1 : at] == b"\r" else "\n"
    return "\n"


class _Change:
    """A change with the place of its text in the new data."""

    __slots__ = ("end", "new_end", "new_start", "start", "text")

    def __init__(self, start: int, end: int, text: bytes, new_start: int) -> None:
        self.start = start
        self.end = end
        self.text = text
        self.new_start = new_start
        self.new_end = new_start + len(text)


def _aligned(data: bytes, changes: list[tuple[int, int, bytes]]) -> list[tuple[int, int, bytes]]:
    placed: list[_Change] = []
    out: list[bytes] = []
    done = moved = 0
    for start, end, text in changes:
        placed.append(_Change(start, end, text, start + moved))
        out += [data[done:start], text]
        done = end
        moved += len(text) - (end - start)
    out.append(data[done:])
    new = b"".join(out)
    old_lines, new_lines = read_lines(data), read_lines(new)
    loose = _loose_lines(data, old_lines)
    touched = _touched(new_lines, placed)
    fixes: list[tuple[int, int, int]] = []
    for gap in gaps(new, new_lines):
        first, last = gap.group
        if gap.end - gap.start == gap.width and b"\t" not in new[gap.start : gap.end]:
            continue
        if not any(touched[index] for index in range(first, last + 1)):
            continue
        inside = _change_around(placed, gap.start, gap.end)
        kept = [index for index in range(first, last + 1) if _old_start(placed, new_lines[index]) in loose]
        if kept:
            # The neighbours were not aligned to begin with: leave them, and put the new line in their column.
            if inside is not None:
                fixes.append((gap.start, gap.end, _like(new, new_lines, gap, kept[-1])))
        else:
            fixes.append((gap.start, gap.end, gap.width))
            # What moves on a line moves the comment behind it, and with that all comments in its column; those come later.
            touched = [hit or line.start <= gap.start <= line.end for hit, line in zip(touched, new_lines, strict=True)]
    return _merge(placed, fixes)


def _loose_lines(data: bytes, lines: list[Line]) -> set[int]:
    """Starts of lines that belong to a group which is not aligned as fmt would."""
    loose: set[int] = set()
    for gap in gaps(data, lines):
        if gap.end - gap.start != gap.width or b"\t" in data[gap.start : gap.end]:
            loose.update(lines[index].start for index in range(gap.group[0], gap.group[1] + 1))
    return loose


def _touched(lines: list[Line], placed: list[_Change]) -> list[bool]:
    """Lines that a change reaches, or that stand directly before or after one."""
    hit = [any(change.new_start <= line.end + 1 and change.new_end >= line.start for change in placed) for line in lines]
    return [hit[i] or (i > 0 and hit[i - 1]) or (i + 1 < len(hit) and hit[i + 1]) for i in range(len(hit))]


def _change_around(placed: list[_Change], start: int, end: int) -> _Change | None:
    return next((change for change in placed if change.text and change.new_start <= start and end <= change.new_end), None)


def _old(placed: list[_Change], offset: int, after: bool) -> int | None:
    """Offset in the old data; None inside new text. `after`: at the end of a change its old end counts."""
    moved = 0
    for change in placed:
        if offset < change.new_start or (offset == change.new_start and not after):
            break
        if offset < change.new_end:
            return None
        moved += (change.end - change.start) - len(change.text)
    return offset + moved


def _old_start(placed: list[_Change], line: Line) -> int | None:
    return _old(placed, line.start, after=True)


def _like(data: bytes, lines: list[Line], gap: Gap, neighbour: int) -> int:
    """Width that puts the gap's end in the column of the neighbour, at least 1."""
    line = next(line for line in lines if line.start <= gap.start <= line.end)
    other = lines[neighbour]
    is_equals = line.equals == (gap.start, gap.end)
    there = other.equals if is_equals else other.comment
    if there is None:
        return 1
    return max(1, (there[1] - other.start) - (gap.start - line.start))


def _merge(placed: list[_Change], fixes: list[tuple[int, int, int]]) -> list[tuple[int, int, bytes]]:
    texts = [change.text for change in placed]
    extra: list[tuple[int, int, bytes]] = []
    for start, end, width in sorted(fixes, reverse=True):
        blanks = b" " * width
        inside = _change_around(placed, start, end)
        if inside is not None:
            index = placed.index(inside)
            shift = inside.new_start
            texts[index] = texts[index][: start - shift] + blanks + texts[index][end - shift :]
            continue
        old_start, old_end = _old(placed, start, after=True), _old(placed, end, after=False)
        if old_start is None or old_end is None or old_start > old_end:
            continue
        if not any(change.start < old_end and change.end > old_start for change in placed):
            extra.append((old_start, old_end, blanks))
    result = [(change.start, change.end, text) for change, text in zip(placed, texts, strict=True)]
    return sorted(result + extra, key=lambda change: (change[0], change[1]))
