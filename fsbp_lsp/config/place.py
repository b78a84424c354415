"""Where in a TOML text a key or value stands; the parser of the standard library keeps no positions."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADER = re.compile(r"^\s*\[\[?([^\[\]]*(?:\"[^\"]*\"|'[^']*')?[^\[\]]*)\]\]?\s*(?:#.*)?$")
_PART = re.compile(r"\s*(?:\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|([A-Za-z0-9_-]+))\s*(\.|=|$)")


def _dotted(text: str) -> tuple[list[str], bool]:
    """The parts of a dotted key at the start of `text`, and whether an `=` follows."""
    parts: list[str] = []
    at = 0
    while (found := _PART.match(text, at)) is not None:
        parts.append(next(group for group in found.groups()[:3] if group is not None))
        at = found.end()
        if found.group(4) != ".":
            return parts, found.group(4) == "="
    return parts, False


def line_of(text: str, path: Sequence[str], value: str | None = None) -> int:
    """1-based line of the key at `path` (and of the string `value` in it); of what is nearest when it is not found."""
    best, depth = 1, 0
    table: list[str] = []
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        header = _HEADER.match(line)
        if header is not None:
            table = _dotted(header.group(1))[0]
            full = table
        else:
            parts, assigned = _dotted(line)
            if not assigned:
                continue
            full = [*table, *parts]
        common = 0
        while common < min(len(full), len(path)) and full[common] == path[common]:
            common += 1
        if common > depth:
            best, depth = number, common
            if common == len(path):
                break
    if value is None and depth < len(path):
        value = path[-1]  # perhaps inside an inline table
    if value is not None:
        for number in range(best, len(lines) + 1):
            if value in lines[number - 1]:
                return number
    return best
