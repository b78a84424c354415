"""Keys of object expressions and elements of tuple expressions: adding and removing."""

from __future__ import annotations

import re

from fsbp_lsp.syntax.hcl_tree import Object, Tuple
from fsbp_lsp.terraform.write_layout import CROWDED, content_end, find_bracket, indent_at, line_start, next_line, starts_line
from fsbp_lsp.text import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.terraform.write_draft import Draft

_comma = re.compile(rb"(?:[ \t\r\n]+|#[^\n]*|//[^\n]*|/\*[\s\S]*?\*/)*,").match

UNREADABLE = Refusal("its brackets were not found")


def spans(node: Object | Tuple) -> list[tuple[int, int]]:
    if isinstance(node, Tuple):
        return [(item.start, item.end) for item in node.items]
    return [(key.start, value.end) for key, value in node.items]


def insert_item(draft: Draft, node: Object | Tuple, text: Callable[[str], str]) -> Refusal | None:
    """Add an item at the end. `text` renders it for the indentation of its line."""
    data = draft.piece.data
    is_tuple = isinstance(node, Tuple)
    brackets = find_bracket(data, node.start, node.end, b"[" if is_tuple else b"{")
    if brackets is None:
        return UNREADABLE
    opening, closing = brackets
    there = spans(node)
    own_line = starts_line(data, closing) and line_start(data, closing) > opening
    outer = indent_at(data, closing if own_line else opening)
    unit = "\t" if outer.startswith("\t") else "  "
    if not own_line:
        return _insert_inline(draft, opening, closing, there, text, is_tuple, outer, unit)
    if not there:
        at = content_end(data, opening + 1)
        if at is None:
            return CROWDED
        draft.put(at, at, f"\n{outer}{unit}{text(outer + unit)}{',' if is_tuple else ''}")
        return None
    first_start = there[-1][0]
    last_end = there[-1][1]
    indent = indent_at(data, first_start) if starts_line(data, first_start) else outer + unit
    comma = _comma(data, last_end, closing)
    wants_comma = is_tuple or (len(there) > 1 and _comma(data, there[-2][1], there[-1][0]) is not None)
    if comma is None and wants_comma:
        if b"<<" in data[first_start:last_end]:
            return Refusal("the last element is a heredoc without a comma behind it")
        draft.put(last_end, last_end, ",")
    at = content_end(data, comma.end() if comma else last_end)
    if at is None:
        return CROWDED
    draft.put(at, at, f"\n{indent}{text(indent)}{',' if comma else ''}")
    return None


def _insert_inline(
    draft: Draft,
    opening: int,
    closing: int,
    there: list[tuple[int, int]],
    text: Callable[[str], str],
    is_tuple: bool,
    outer: str,
    unit: str,
) -> Refusal | None:
    data = draft.piece.data
    if there:
        last_end = there[-1][1]
        if b"<<" in data[there[-1][0] : last_end]:
            return Refusal("the last element is a heredoc")
        indent = indent_at(data, last_end)
        added = text(indent)
        closes = last_end - 1
        if "\n" in added and starts_line(data, closes) and data[closes : closes + 1] in (b"}", b"]"):
            # `}, {` closes as much as it opens: terraform fmt leaves such a line where its content stands.
            start = line_start(data, closes)
            draft.put(start, closes, indent + unit)
        draft.put(last_end, last_end, ", " + added)
        return None
    if data[opening + 1 : closing].strip():
        return Refusal("a comment stands between the brackets")
    flat = text(outer)
    if "\n" in flat:
        draft.put(opening + 1, closing, f"\n{outer}{unit}{text(outer + unit)}{',' if is_tuple else ''}\n{outer}")
    else:
        draft.put(opening + 1, closing, flat if is_tuple else f" {flat} ")
    return None


def remove_item(draft: Draft, node: Object | Tuple, index: int) -> Refusal | None:
    """Remove an item with its comma; with its line and trailing comment when it has lines of its own."""
    data = draft.piece.data
    brackets = find_bracket(data, node.start, node.end, b"[" if isinstance(node, Tuple) else b"{")
    if brackets is None:
        return UNREADABLE
    opening, closing = brackets
    there = spans(node)
    start, end = there[index]
    comma = _comma(data, end, closing)
    after = comma.end() if comma else end
    stop = content_end(data, after)
    if stop is not None and starts_line(data, start) and line_start(data, start) > opening:
        draft.put(line_start(data, start), next_line(data, stop), "")
    elif len(there) == 1:
        if b"#" in data[opening + 1 : closing] or b"/" in data[opening + 1 : start] + data[end:closing]:
            return Refusal("a comment stands between the brackets")
        draft.put(opening + 1, closing, "")
    elif index + 1 < len(there):
        draft.put(start, there[index + 1][0], "")
    else:
        draft.put(there[index - 1][1], end, "")
    return None
