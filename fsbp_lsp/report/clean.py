"""Text from sources and names, made harmless for a terminal: no escape sequences, no text that reorders itself."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_HARMFUL = (
    "[\x00-\x1f\x7f-\x9f"  # controls, ESC among them
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional controls
    "\u2028\u2029\ufeff\u00ad\u200b\u2060-\u2065\ufff9-\ufffb"  # line separators, invisible marks
    "\ud800-\udfff"  # surrogates: bytes that were no text
    "\U000e0000-\U000e0fff]"  # tags and variation selectors beyond the plane
)

TAB = 4
"""Columns between tab stops."""


def _escape(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code == 9:
        return " "
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def clean(text: str) -> str:
    """One line of harmless text; what could steer a terminal is shown as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return re.sub(_HARMFUL, _escape, text)


def encodable(text: str) -> str:
    """Text every UTF-8 consumer can read: bytes of a name that were no UTF-8 become visible escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _width_function(text: str) -> Callable[[str], int]:
    if text.isascii():
        return len
    import unicodedata

    def width(shown: str) -> int:
        total = 0
        for char in shown:
            if unicodedata.category(char) in ("Mn", "Me", "Cf"):
                continue
            total += 2 if unicodedata.east_asian_width(char) in "WF" else 1
        return total

    return width


class Excerpt:
    """One source line as a terminal shows it, and the columns to underline (0-based, end exclusive)."""

    __slots__ = ("end", "start", "text")

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.start = start
        self.end = end


def excerpt(line: bytes, start: int, end: int, most: int = 200) -> Excerpt:
    """`line` (without its ending) with the bytes [start, end) marked; cut around the mark when wider than `most`."""
    end = max(start, min(end, len(line)))
    # Bytes far from the mark are never shown: a template may be one line of a megabyte.
    low, high = max(0, start - 4 * most), min(len(line), end + 4 * most)
    while low > 0 and line[low] & 0xC0 == 0x80:
        low -= 1
    while high < len(line) and line[high] & 0xC0 == 0x80:
        high += 1
    before = line[low:start].decode("utf-8", "replace")
    marked = line[start:end].decode("utf-8", "replace")
    after = line[end:high].decode("utf-8", "replace")
    if low == 0:
        before = before.removeprefix("\ufeff")
    width = _width_function(before + marked + after)
    column = 0

    def shown(text: str) -> str:
        nonlocal column
        parts: list[str] = []
        for char in text:
            piece = " " * (TAB - column % TAB) if char == "\t" else clean(char)
            column += width(piece)
            parts.append(piece)
        return "".join(parts)

    if before.isprintable() and before.isascii():
        left, column = before, len(before)
    else:
        left = shown(before)
    middle, right = shown(marked), shown(after)
    return _cut(left, middle, right, width, most, low > 0, high < len(line))


def _cut(left: str, middle: str, right: str, width: Callable[[str], int], most: int, more_left: bool, more_right: bool) -> Excerpt:
    room = most - 2
    if width(left) + width(middle) + width(right) <= room and not more_left and not more_right:
        return Excerpt(left + middle + right, width(left), width(left) + max(1, width(middle)))
    if width(middle) > room:
        middle, right = _take(middle, room, width), ""
        more_right = True
    room -= width(middle)
    tail = _take(right, max(room // 2, room - width(left)), width)
    head = _take(left[::-1], room - width(tail), width)[::-1]
    if more_left or len(head) < len(left):
        head = "…" + head
    if more_right or len(tail) < len(right):
        tail += "…"
    at = width(head)
    return Excerpt(head + middle + tail, at, at + max(1, width(middle)))


def _take(text: str, room: int, width: Callable[[str], int]) -> str:
    """As much of the start of `text` as fits."""
    if width is len:
        return text[: max(0, room)]
    used = 0
    for number, char in enumerate(text):
        used += width(char)
        if used > room:
            return text[:number]
    return text
