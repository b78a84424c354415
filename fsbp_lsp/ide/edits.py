"""The smallest single edit between two versions of a file."""

from __future__ import annotations


def minimal(before: bytes, after: bytes) -> tuple[int, int, bytes] | None:
    """(start, end, replacement) turning `before` into `after`; None when they are equal.

    Neither end cuts a UTF-8 character or a CRLF in two, so that it can be told in any position encoding.
    """
    if before == after:
        return None
    limit = min(len(before), len(after))
    start = _common(before, after, limit)
    while start > 0 and _inside(before, start) | _inside(after, start):
        start -= 1
    tail = _common(before[::-1], after[::-1], limit - start)
    while tail > 0 and _inside(before, len(before) - tail) | _inside(after, len(after) - tail):
        tail -= 1
    return start, len(before) - tail, after[start : len(after) - tail]


MAX_COMPARED = 4000
"""Lines compared one by one; more are replaced as a whole, because comparing costs the square of their number."""


def hunks(before: bytes, after: bytes) -> list[tuple[int, int, bytes]]:
    """(start, end, new bytes) of the lines that differ, in order: what a reader looks over one by one."""
    import difflib

    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if len(old) + len(new) > MAX_COMPARED:
        change = minimal(before, after)
        return [change] if change is not None else []
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    return [
        (starts[first], starts[last], b"".join(new[from_new:to_new]))
        for tag, first, last, from_new, to_new in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if tag != "equal"
    ]


def _common(one: bytes, other: bytes, limit: int) -> int:
    """Length of the common prefix, at most `limit`; by halving, so that long files cost no Python loop."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _inside(data: bytes, at: int) -> bool:
    """Whether `at` cuts a character or a CRLF."""
    if at <= 0 or at >= len(data):
        return False
    return data[at] & 0xC0 == 0x80 or (data[at] == 10 and data[at - 1] == 13)
