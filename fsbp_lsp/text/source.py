"""Files as bytes, the pieces they are parsed in, and locations that follow a piece when it moves."""

from __future__ import annotations

import itertools

from fsbp_lsp.text.lines import LineIndex

_serials = itertools.count(1)


class SourceFile:
    """One version of one file: exactly the bytes on disk or in the buffer, byte order mark and CRLF included."""

    __slots__ = ("_lines", "data", "path")

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.data = data
        self._lines: LineIndex | None = None

    @property
    def lines(self) -> LineIndex:
        if self._lines is None:
            self._lines = LineIndex(self.data)
        return self._lines

    def __repr__(self) -> str:
        return f"SourceFile({self.path!r}, {len(self.data)} bytes)"


class Piece:
    """A run of a file that is parsed on its own: a top-level block of HCL, or a whole template.

    When a file changes, its reader hands out the same `Piece` for every run whose text did not
    change and only moves it (`file`, `base`). Everything remembered about that run, locations
    included, stays true without being computed again. `serial` names the text: same serial, same text.
    """

    __slots__ = ("base", "data", "file", "serial", "tree")

    def __init__(self, file: SourceFile, base: int, data: bytes, tree: object = None) -> None:
        self.file = file
        self.base = base
        self.data = data
        self.tree = tree
        self.serial = next(_serials)


class Loc:
    """A half-open byte span inside a piece; `start`/`end` count from the file, `rel` from the piece."""

    __slots__ = ("_end", "_start", "piece")

    def __init__(self, piece: Piece, start: int, end: int) -> None:
        """`start` and `end` are relative to the piece."""
        self.piece = piece
        self._start = start
        self._end = end

    @property
    def file(self) -> SourceFile:
        return self.piece.file

    @property
    def path(self) -> str:
        return self.piece.file.path

    @property
    def start(self) -> int:
        return self.piece.base + self._start

    @property
    def end(self) -> int:
        return self.piece.base + self._end

    @property
    def rel(self) -> tuple[int, int]:
        return self._start, self._end

    @property
    def text(self) -> str:
        return self.piece.data[self._start : self._end].decode("utf-8", "replace")

    @property
    def line(self) -> int:
        """1-based line of the start, as people and compilers count."""
        return self.file.lines.line(self.start) + 1

    @property
    def column(self) -> int:
        """1-based column of the start in characters."""
        return self.file.lines.position(self.start, "utf-32")[1] + 1

    def first_line(self) -> Loc:
        """This span cut at the end of its first line: a finding never underlines a whole body."""
        text = self.piece.data[self._start : self._end]
        cut = len(text)
        for mark in (b"\r", b"\n"):
            at = text.find(mark)
            if 0 <= at < cut:
                cut = at
        kept = text[:cut].rstrip()
        return Loc(self.piece, self._start, self._start + len(kept)) if cut < len(text) else self

    def key(self) -> tuple[str, int, int]:
        return self.path, self.start, self.end

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Loc) and self.key() == other.key()

    def __hash__(self) -> int:
        return hash(self.key())

    def __repr__(self) -> str:
        return f"Loc({self.path}:{self.line}:{self.column})"
