"""The columns of `terraform fmt`: where `=` and trailing comments of neighbouring lines belong.

fmt aligns the `=` of adjacent lines whose text from `=` on closes as many brackets as it opens (a whole
heredoc counts as one line), then the comments of adjacent lines that have one.
"""

from __future__ import annotations

import re

_token = re.compile(
    rb'"|#[^\r\n]*|//[^\r\n]*|/\*[\s\S]*?\*/|/\*[\s\S]*'
    rb"|<<-?(?P<heredoc>[A-Za-z_][\w-]*)(?=\r?\n)|[{}()\[\]]|(?P<equals>=(?![=>])(?<![=!<>]=))|\n"
)
_in_string = re.compile(rb'["\n]|\\[\s\S]|\$\$\{|%%\{|[$%]\{')
_TEXT = -1
_in_interpolation = re.compile(rb'["{}]')


class Line:
    """One line (or heredoc): `gaps` are the blanks before `=` and before the comment, as (start, end)."""

    __slots__ = ("aligned", "comment", "end", "equals", "start")

    def __init__(self, start: int, end: int, equals: tuple[int, int] | None, aligned: bool, comment: tuple[int, int] | None) -> None:
        """`aligned`: the `=` takes part in the alignment with its neighbours."""
        self.start = start
        self.end = end
        self.equals = equals
        self.aligned = aligned
        self.comment = comment


class Gap:
    """Blanks that should be `width` wide. `group`: the lines (first, last) it is aligned with."""

    __slots__ = ("end", "group", "start", "width")

    def __init__(self, start: int, end: int, width: int, group: tuple[int, int]) -> None:
        self.start = start
        self.end = end
        self.width = width
        self.group = group


def _string_end(data: bytes, pos: int) -> int:
    """End of the quoted string whose opening quote is just before `pos`; the line end when it is not closed."""
    stack = [_TEXT]  # _TEXT inside quotes, else the number of braces open in an interpolation
    while True:
        in_text = stack[-1] == _TEXT
        match = (_in_string if in_text else _in_interpolation).search(data, pos)
        if match is None:
            return len(data)
        found = match[0]
        pos = match.end()
        if in_text:
            if found == b'"':
                stack.pop()
                if not stack:
                    return pos
            elif found == b"\n":
                return match.start()
            elif found in (b"${", b"%{"):
                stack.append(0)
        elif found == b'"':
            stack.append(_TEXT)
        elif found == b"{":
            stack[-1] += 1
        elif stack[-1]:
            stack[-1] -= 1
        else:
            stack.pop()


def _heredoc_end(data: bytes, pos: int, name: bytes) -> int:
    at = data.find(b"\n", pos)
    while at >= 0:
        end = data.find(b"\n", at + 1)
        stop = end if end >= 0 else len(data)
        if data[at + 1 : stop].strip() == name:
            return stop
        at = end
    return len(data)


def _gap_before(data: bytes, start: int, at: int) -> tuple[int, int]:
    begin = at
    while begin > start and data[begin - 1] in b" \t":
        begin -= 1
    return begin, at


def read_lines(data: bytes) -> list[Line]:
    """Lines as fmt sees them."""
    lines: list[Line] = []
    start = pos = 0
    equals: int | None = None
    net = 0
    comment: int | None = None
    while True:
        match = _token.search(data, pos)
        found = match[0] if match else b"\n"
        at = match.start() if match else len(data)
        pos = match.end() if match else len(data)
        if found == b"\n":
            lead = _gap_before(data, start, equals) if equals is not None else None
            gap = _gap_before(data, start, comment) if comment is not None else None
            if gap is not None and gap[0] == start:
                gap = None
            if lead is not None and lead[0] == start:
                lead = None
            end = at - 1 if data[at - 1 : at] == b"\r" and at > start else at
            lines.append(Line(start, end, lead, lead is not None and net == 0, gap))
            start, equals, net, comment = pos, None, 0, None
            if match is None:
                return lines
        elif found == b'"':
            pos = _string_end(data, pos)
        elif found[:1] == b"#" or found[:2] == b"//":
            comment = at
        elif match is not None and match["heredoc"]:
            pos = _heredoc_end(data, pos, match["heredoc"])
        elif found == b"=":
            if equals is None:
                equals = at
        elif equals is not None and len(found) == 1:
            net += 1 if found in b"{[(" else -1


def _columns(data: bytes, start: int, end: int) -> int:
    return len(data[start:end].decode("utf-8", "replace"))


def gaps(data: bytes, lines: list[Line]) -> list[Gap]:
    """Every gap that fmt would set, with the width it would give it."""
    found: list[Gap] = []
    equals_width: dict[int, int] = {}
    for first, last in _runs([line.aligned for line in lines]):
        widest = max(_columns(data, line.start, line.equals[0]) for line in lines[first : last + 1] if line.equals)
        for index in range(first, last + 1):
            begin, at = lines[index].equals or (0, 0)
            width = widest - _columns(data, lines[index].start, begin) + 1
            equals_width[index] = width
            found.append(Gap(begin, at, width, (first, last)))
    for index, line in enumerate(lines):
        if line.equals is not None and not line.aligned:
            equals_width[index] = 1
            found.append(Gap(line.equals[0], line.equals[1], 1, (index, index)))
    for first, last in _runs([line.comment is not None for line in lines]):
        columns = []
        for index in range(first, last + 1):
            line = lines[index]
            begin = line.comment[0] if line.comment else line.end
            width = _columns(data, line.start, begin)
            if line.equals is not None:
                width += equals_width[index] - (line.equals[1] - line.equals[0])
            columns.append(width)
        for index in range(first, last + 1):
            begin, at = lines[index].comment or (0, 0)
            found.append(Gap(begin, at, max(columns) - columns[index - first] + 1, (first, last)))
    return found


def _runs(flags: list[bool]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    first = -1
    for index, flag in enumerate([*flags, False]):
        if flag and first < 0:
            first = index
        elif not flag and first >= 0:
            runs.append((first, index - 1))
            first = -1
    return runs
