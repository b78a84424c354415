"""Byte offsets to line and column, and back, in the three encodings of the Language Server Protocol."""

from __future__ import annotations

import bisect
import itertools

ENCODINGS = ("utf-8", "utf-16", "utf-32")


def _units(char: str, encoding: str) -> int:
    return 2 if encoding == "utf-16" and ord(char) > 0xFFFF else 1


def _bytes(char: str) -> int:
    """Length in the file; a byte that is not UTF-8 was decoded to a lone surrogate and counts as one character."""
    return 1 if "\udc80" <= char <= "\udcff" else len(char.encode("utf-8"))


class LineIndex:
    """Line starts of one text. Only LF, CRLF and a lone CR end a line (LSP 3.17), never U+2028 or form feed."""

    __slots__ = ("data", "starts")

    def __init__(self, data: bytes) -> None:
        self.data = data
        # Of bytes (unlike of text) this splits at exactly those three. It runs at every keystroke.
        starts = list(itertools.accumulate(map(len, data.splitlines(keepends=True)), initial=0))
        if len(starts) > 1 and data[-1] not in b"\r\n":
            starts.pop()
        self.starts = starts

    def line(self, offset: int) -> int:
        """0-based line that holds the byte at `offset`."""
        return bisect.bisect_right(self.starts, offset) - 1

    def line_span(self, line: int) -> tuple[int, int]:
        """Byte span of a 0-based line without its line ending; clamped to the last line."""
        if line >= len(self.starts):
            return len(self.data), len(self.data)
        start = self.starts[line]
        end = self.starts[line + 1] if line + 1 < len(self.starts) else len(self.data)
        while end > start and self.data[end - 1] in b"\r\n":
            end -= 1
        return start, end

    def line_text(self, line: int) -> str:
        """Text of a 0-based line without its line ending (undecodable bytes replaced)."""
        start, end = self.line_span(line)
        return self.data[start:end].decode("utf-8", "replace")

    def position(self, offset: int, encoding: str = "utf-16") -> tuple[int, int]:
        """(0-based line, 0-based column in code units of `encoding`) of a byte offset."""
        offset = max(0, min(offset, len(self.data)))
        line = self.line(offset)
        start = self.starts[line]
        if encoding == "utf-8":
            return line, offset - start
        text = self.data[start:offset].decode("utf-8", "surrogateescape")
        # Counted by the codec, not character by character: a template may be one line of a megabyte.
        return line, len(text) if encoding == "utf-32" else len(text.encode("utf-16-le", "surrogatepass")) // 2

    def offset(self, line: int, column: int, encoding: str = "utf-16") -> int:
        """Byte offset of a position; a column past the end of its line means the end of the line (LSP 3.17)."""
        if line < 0:
            return 0
        if line >= len(self.starts):
            return len(self.data)
        start, end = self.line_span(line)
        if encoding == "utf-8":
            offset = min(start + column, end)
            while start < offset < len(self.data) and self.data[offset] & 0xC0 == 0x80:
                offset -= 1
            return offset
        offset, left = start, column
        for char in self.data[start:end].decode("utf-8", "surrogateescape"):
            width = _units(char, encoding)
            if left < width:
                break
            left -= width
            offset += _bytes(char)
        return offset
