"""What tree-sitter makes of one chunk of HCL: blocks, attributes, comments and errors.

All knowledge of tree-sitter's node names is in this module. Trees are dropped as soon as the structure
is taken over, so memory holds only what `hcl_tree` describes.
"""

from __future__ import annotations

import _thread
import re
import time
from functools import cache, partial

import tree_sitter
import tree_sitter_hcl

from fsbp_lsp.syntax.hcl_expr import read_expression
from fsbp_lsp.syntax.hcl_tree import Attribute, Block, Body, Comment, Expr, Opaque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Error = tuple[int, int, str]

MAX_BLOCK_DEPTH = 40
"""Blocks nested deeper are dropped and count as an error: nobody writes them, and readers recurse."""
MAX_SECONDS = 4.0
"""Processor time for one file; a healthy one of 2 MB takes about one second."""
UNTIMED_BYTES = 4096
"""Shorter texts cannot take long enough to be stopped on the way."""
MAX_LOOKS = 200
"""Comment marks looked up one by one in a chunk."""
MAX_ERRORS = 8
"""Errors kept of one chunk."""

_language = tree_sitter.Language(tree_sitter_hcl.language())


class _OfThread(_thread._local):
    """A parser keeps state, and a parse may be interrupted by another thread: one for each."""

    def __init__(self) -> None:
        self.parser = tree_sitter.Parser(_language)


_mine = _OfThread()


def _kind(name: str) -> int:
    kind = _language.id_for_node_kind(name, True)
    if kind is None:
        raise ImportError(f"tree-sitter-hcl has no node {name!r}: this adapter is written for version 1.2")
    return kind


_ATTRIBUTE, _BLOCK, _BODY, _COMMENT = _kind("attribute"), _kind("block"), _kind("body"), _kind("comment")
_IDENTIFIER, _STRING = _kind("identifier"), _kind("string_lit")
_BLOCK_START, _BLOCK_END, _FILE = _kind("block_start"), _kind("block_end"), _kind("config_file")
_ERROR = _kind("ERROR")
_exponent = re.compile(rb"(?<![\w.])\d+[eE][+-]?\d+")
_INNER = frozenset({_BLOCK, _BODY, _FILE, _ERROR})

_assignment = re.compile(rb"[A-Za-z_\x80-\xff][\w\x80-\xff-]*(?=([ \t]*=[ \t]*)(?![=>]))").match
_comment_mark = re.compile(rb"#|//|/\*").search
_odd_quotes = re.compile(rb'^[^"\n]*"(?:[^"\n]*"[^"\n]*")*[^"\n]*$', re.MULTILINE)
_line_rest = re.compile(rb"[ \t]*(?:\r?\n|\r?\Z|#|//|/\*|\})").match
_first_word = re.compile(rb"\s*([\w\x80-\xff-]+|\S)").match


class Deadline:
    """Processor seconds that one file may take: some texts cost the parser time quadratic in their length."""

    __slots__ = ("_end",)

    def __init__(self, seconds: float = MAX_SECONDS) -> None:
        self._end = time.thread_time() + seconds

    def expired(self) -> bool:
        return time.thread_time() > self._end


def _parse(text: bytes, deadline: Deadline) -> tree_sitter.Node | None:
    """The tree's root; None when the time is up."""
    if len(text) <= UNTIMED_BYTES:
        return None if deadline.expired() else _mine.parser.parse(text).root_node
    try:
        # Only a parse that fetches its text can be stopped.
        return _mine.parser.parse(
            lambda offset, _point: text[offset : offset + 65536],
            progress_callback=lambda _offset, _error: deadline.expired(),
        ).root_node
    except ValueError:
        _mine.parser.reset()
        return None


def is_sound(text: bytes, deadline: Deadline) -> bool:
    """Whether the text parses without an error."""
    root = _parse(without_exponents(text), deadline)
    return root is not None and not root.has_error


def without_exponents(text: bytes) -> bytes:
    """The grammar does not know `105e+2`; digits of the same length have the same structure."""
    return _exponent.sub(lambda match: b"1" * len(match[0]), text)


class Reading:
    """The structure of `text`, as the parser sees it in `shown` (same length, some bytes masked).

    blanked: the span that was masked because it is broken; bodies around it count as broken.
    """

    __slots__ = ("blanked", "body", "comments", "error_starts", "errors", "size", "spans", "text")

    def __init__(self, text: bytes, shown: bytes, deadline: Deadline, blanked: tuple[int, int] | None = None) -> None:
        self.text = text
        self.blanked = blanked
        self.errors: list[Error] = []
        self.error_starts: list[int] = []
        self.spans: list[tuple[int, int]] = [blanked] if blanked else []
        self.size = 0
        root = _parse(shown, deadline)
        if root is None:
            self.comments: list[Comment] = []
            self.body = Body(0, len(text), {}, [], True)
            self.errors.append((0, 0, "given up: the text is too tangled to read in time"))
            return
        if root.has_error:
            self._find_errors(root)
        self.comments = self._find_comments(root)
        self.body = self._structure(root)
        if self.spans:
            _mark_broken(self.body, self.spans)
        if self.errors:
            from fsbp_lsp.syntax.hcl_errors import describe  # most files need no words for errors

            self.errors = describe(text, self.errors, MAX_ERRORS)

    def _error(self, start: int, end: int, message: str) -> None:
        self.errors.append((start, end, message))
        self.error_starts.append(start)
        self.spans.append((start, end))

    def _find_errors(self, root: tree_sitter.Node) -> None:
        text = self.text
        pending = [root]
        while pending and len(self.errors) < MAX_ERRORS:
            node = pending.pop()
            if node.is_missing:
                name = {"quoted_template_end": '"'}.get(node.type, node.type)
                self._error(node.start_byte, node.end_byte, "unclosed string" if name == '"' else f"missing {name}")
                continue
            if node.is_error:
                self._error(node.start_byte, node.end_byte, "")
            if node.has_error:
                pending += [child for child in reversed(node.children) if child.has_error or child.is_missing]
        if not self.errors:
            self._error(0, len(text), "")

    def _find_comments(self, root: tree_sitter.Node) -> list[Comment]:
        text = self.text
        found: list[Comment] = []
        looked = 0
        match = _comment_mark(text)
        while match is not None:
            start, end = match.span()
            node = root.descendant_for_byte_range(start, start + 1)
            if node is not None and node.kind_id == _COMMENT:
                end = _add_comment(text, node, found)
            looked += 1
            if looked > MAX_LOOKS:
                # Each look costs as much as the tree is wide; one query of the whole tree costs the same always.
                found = []
                for node in tree_sitter.QueryCursor(_comment_query()).captures(root).get("comment", []):
                    _add_comment(text, node, found)
                return sorted(found, key=lambda comment: comment.start)
            match = _comment_mark(text, end)
        return found

    def _structure(self, root: tree_sitter.Node) -> Body:
        """Attributes and blocks, taken from whatever the parser recovered, without recursion."""
        text = self.text
        top = Body(0, len(text), {}, [], False)
        bodies = [top]
        headers: list[tuple[list[tuple[int, int]], int]] = []
        header: list[tuple[int, int]] = []
        too_deep = 0
        pending = [root]
        while pending:
            node = pending.pop()
            kind = node.kind_id
            if kind == _ATTRIBUTE:
                header = []
                self._attribute(bodies[-1], node)
            elif kind in (_IDENTIFIER, _STRING):
                span = node.start_byte, node.end_byte
                if header and b"\n" in text[header[-1][1] : span[0]]:
                    # The grammar lets a header run over lines; HCL does not: the earlier line is half-typed.
                    self._error(header[0][0], header[-1][1], "")
                    header = []
                header.append(span)
            elif kind in _INNER:
                if kind == _BLOCK:
                    header = []
                pending += reversed(node.children)
            elif kind == _BLOCK_START:
                if not header or len(bodies) > MAX_BLOCK_DEPTH:
                    too_deep += 1
                    self._error(node.start_byte, node.end_byte, "nested too deeply" if header else "")
                else:
                    headers.append((header, node.end_byte))
                    bodies.append(Body(node.end_byte, node.end_byte, {}, [], False))
                header = []
            elif kind == _BLOCK_END:
                header = []
                if too_deep:
                    too_deep -= 1
                elif headers:
                    self._close(bodies, headers, node.start_byte, node.end_byte)
            elif kind != _COMMENT:
                header = []
        while headers:
            self._close(bodies, headers, len(text), len(text))
        return top

    def _close(self, bodies: list[Body], headers: list[tuple[list[tuple[int, int]], int]], body_end: int, end: int) -> None:
        body = bodies.pop()
        body.end = body_end
        names, header_end = headers.pop()
        labels = tuple(self._label(start, stop) for start, stop in names[1:])
        (start, stop) = names[0]
        bodies[-1].blocks.append(Block(self._label(start, stop), labels, start, header_end, end, body))
        self.size += 1

    def _label(self, start: int, end: int) -> str:
        raw = self.text[start:end]
        return (raw[1:-1] if raw[:1] == b'"' else raw).decode("utf-8", "replace")

    def _attribute(self, body: Body, node: tree_sitter.Node) -> None:
        text, start, end = self.text, node.start_byte, node.end_byte
        match = _assignment(text, start, end)
        if match is None:
            name_end = _name_end(text, start, end)
            expr_start = end
            make: Callable[[], Expr] = partial(Opaque, end, end, "syntax error")
        else:
            name_end, expr_start = match.end(), match.end(1)
            if _line_rest(text, end) is None or expr_start >= end or (self.spans and node.has_error):
                make = partial(Opaque, min(expr_start, end), end, "syntax error")
            else:
                make = partial(read_expression, text, expr_start, end)
        name = text[start:name_end].decode("utf-8", "replace")
        attribute = Attribute(name, start, name_end, end, min(expr_start, end), end, make)
        if name not in body.attributes:
            body.attributes[name] = attribute
        self.size += 1
        if text.find(b"\n", expr_start, end) >= 0:
            odd = _odd_quotes.search(text, expr_start, end)
            # The grammar lets a quoted string run over lines and swallow what was not meant to be in it.
            if odd is not None and isinstance(attribute.expr, Opaque) and attribute.expr.reason == "unclosed string":
                self._error(text.rfind(b"\n", 0, max(odd.start(), expr_start)) + 1, odd.end(), "unclosed string")


@cache
def _comment_query() -> tree_sitter.Query:
    return tree_sitter.Query(_language, "(comment) @comment")


def _add_comment(text: bytes, node: tree_sitter.Node, found: list[Comment]) -> int:
    start, end = node.start_byte, node.end_byte
    if text[end - 1 : end] == b"\r":
        end -= 1
    if end > start:
        found.append(Comment(start, end))
    return max(end, start + 1)


def _name_end(text: bytes, start: int, end: int) -> int:
    match = _first_word(text, start, end)
    return match.end() if match else end


def _mark_broken(top: Body, spans: list[tuple[int, int]]) -> None:
    top.broken = True
    for start, end in spans:
        reached = [block for block in top.blocks if start <= block.body.end and end >= block.body.start]
        pending = list(reached)
        while pending:
            block = pending.pop()
            block.body.broken = True
            pending += [inner for inner in block.body.blocks if start <= inner.body.end and end >= inner.body.start]
        if not reached:
            # Outside of all blocks, as a brace too many: a block before it may have been closed too early.
            pending = [block for block in top.blocks if block.end <= start]
            while pending:
                block = pending.pop()
                block.body.broken = True
                pending += block.body.blocks
