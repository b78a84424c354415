"""One reading of a YAML text: PyYAML's events turned into nodes, comments found between them."""

from __future__ import annotations

import re
from bisect import bisect_left

from fsbp_lsp.syntax.tree import Comment, Error, Mapping, Node, Scalar, Sequence
from fsbp_lsp.syntax.yaml_scalar import LINE_END, NUMERIC, WORDS, after_properties, block_end, scalar_value, shown_tag, tagged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MAX_DEPTH = 200
"""Levels of nesting, aliases followed; a deeper text is not read."""
MAX_ALIASED = 50_000
"""Nodes that all aliases of one text may stand for together; further aliases are not followed."""
BOM = b"\xef\xbb\xbf"
_BLOCK_HEADER = re.compile(rb"[|>][-+0-9]*[ \t]+(#[^\r\n]*)")
_BLANKS = re.compile(rb"(?:\s|#[^\r\n]*)*")

_PROBLEMS = {
    "mapping values are not allowed in this context": "a key cannot stand here (a second ':' on the line, or wrong indentation)",
    "did not find expected key": "expected a key here (wrong indentation, or a quote or bracket left open above)",
    "could not find expected ':'": "a key without ':'",
    "could not found expected ':'": "a key without ':'",
    "found character that cannot start any token": "this character cannot start a value; quote the text",
    "found character '%' that cannot start any token": "this character cannot start a value; quote the text",
    "did not find expected ',' or ']'": "a '[' that is not closed, or a ',' missing",
    "did not find expected ',' or '}'": "a '{' that is not closed, or a ',' missing",
    "did not find expected '-' indicator": "expected '- ' here (wrong indentation)",
    "block sequence entries are not allowed in this context": "a list item cannot stand here (wrong indentation)",
    "found a tab character that violates indentation": "a tab cannot be used for indentation",
    "found unexpected document indicator": "a quote that is not closed",
    "did not find expected node content": "expected a value here",
    "did not find expected <document start>": "text after the end of the document (wrong indentation)",
}


class Failure:
    """Where reading stopped, in bytes of the piece. `places`: starts of constructs that may be the cause, likeliest first."""

    __slots__ = ("at", "fatal", "message", "places", "shown")

    def __init__(self, at: int, shown: int, message: str, places: list[int], fatal: bool = False) -> None:
        self.at = at
        self.shown = shown
        self.message = message
        self.places = places
        self.fatal = fatal


class Attempt:
    """One reading of one text."""

    __slots__ = ("data", "errors", "failure", "limit", "original", "root", "spans")

    def __init__(self, data: bytes, original: bytes | None) -> None:
        self.data = data
        self.original = original
        """The text before lines were blanked; None when none were."""
        self.root: Node | None = None
        self.errors: list[Error] = []
        self.failure: Failure | None = None
        self.limit = len(data)
        """Where the first document ends, when there are more."""
        self.spans: list[tuple[int, int]] = []
        """Quoted and block scalars in source order, when the text has any '#'."""

    def gap(self, at: int) -> bool:
        """Something was blanked between `at` and the next thing that is left: an empty value there is not empty."""
        rest = _BLANKS.match(self.data, at)
        end = rest.end() if rest is not None else at
        return self.original is not None and self.original[at:end] != self.data[at:end]

    def comments(self) -> list[Comment]:
        """Every `#` at the start of a line or after a blank that is not inside a scalar."""
        data, found = self.data, []
        at = data.find(b"#")
        spans = iter(self.spans)
        span = next(spans, None)
        while 0 <= at < self.limit:
            while span is not None and span[1] <= at:
                span = next(spans, None)
            if span is not None and span[0] <= at:
                header = _BLOCK_HEADER.match(data, span[0])
                if header is None or header.start(1) != at:
                    at = data.find(b"#", min(span[1], self.limit))
                    continue
            elif at and data[at - 1] not in b" \t\r\n" and not (at == 3 and data.startswith(BOM)):
                at = data.find(b"#", at + 1)
                continue
            stop = LINE_END.search(data, at)
            end = stop.start() if stop is not None else len(data)
            found.append(Comment(at, end))
            at = data.find(b"#", end)
        return found


def _parser(source: bytes | str) -> Callable[[], Any]:
    """`get_event` of the fastest parser there is; it answers None after the end."""
    parser: Any
    try:
        from yaml._yaml import CParser

        parser = CParser(source)
    except ImportError:
        from yaml import SafeLoader

        parser = SafeLoader(source)
    get: Callable[[], Any] = parser.get_event
    return get


def _widths(text: str, shift: int) -> tuple[list[int], list[int]]:
    """How code points become bytes of the piece: index i lies at byte i + extra[bisect_left(wide, i)]."""
    wide = [match.start() for match in re.finditer("[^\x00-\x7f]", text)]
    extra = [shift]
    for at in wide:
        char = text[at]
        shift += 1 if char < "\u0800" else 2 if char <= "\uffff" else 3
        extra.append(shift)
    return wide, extra


def read_once(data: bytes, body: bytes, shift: int, original: bytes | None = None) -> Attempt:
    """Read `body`, which is `data` without its byte order mark of `shift` bytes."""
    from yaml import YAMLError

    attempt = Attempt(data, original)
    source: bytes | str = body if body.isascii() else body.decode("utf-8")
    builder = _Builder(attempt, *(([], [shift]) if isinstance(source, bytes) else _widths(source, shift)))
    try:
        builder.run(_parser(source))
    except YAMLError as error:
        if attempt.failure is None:
            attempt.failure = builder.failure(error)
    return attempt


class _Builder:
    __slots__ = ("attempt", "extra", "last", "wide")

    def __init__(self, attempt: Attempt, wide: list[int], extra: list[int]) -> None:
        self.attempt = attempt
        self.wide = wide
        self.extra = extra
        self.last: tuple[int, int] | None = None
        """The quoted or plain scalar read last, when the parser stops."""

    def run(self, get: Callable[[], Any]) -> None:
        """Build the first document. Raises yaml.YAMLError as the parser does."""
        from yaml import events as kinds

        scalar, map_start, seq_start = kinds.ScalarEvent, kinds.MappingStartEvent, kinds.SequenceStartEvent
        map_end, seq_end, alias = kinds.MappingEndEvent, kinds.SequenceEndEvent, kinds.AliasEvent
        attempt, wide, extra, find = self.attempt, self.wide, self.extra, bisect_left
        shifted = extra != [0]
        data, errors, words = attempt.data, attempt.errors, WORDS
        spans = attempt.spans if b"#" in data else None
        anchors: dict[str, tuple[Node, int, int] | None] = {}
        # The open collections: (node, pairs or items, is a mapping, waiting key, count at its start, deepest level inside).
        stack: list[tuple[Any, list[Any], bool, Node | None, int, int]] = []
        owner: Any = None
        into: list[Any] = []
        mapping = False
        key: Node | None = None
        began = deepest = count = aliased = 0
        node: Node
        while True:
            event = get()
            kind = event.__class__
            if kind is scalar:
                start, end = event.start_mark.index, event.end_mark.index
                if shifted:
                    start += extra[find(wide, start)]
                    end += extra[find(wide, end)]
                text = event.value
                style = event.style or ""
                tag = event.tag
                anchor = event.anchor
                if tag is None and anchor is None:
                    value_start = start
                else:
                    value_start = after_properties(data, start, end)
                if style:
                    if style in "|>":
                        end = block_end(data, value_start, end)
                    if spans is not None:
                        spans.append((value_start, end))
                self.last = (value_start, end)
                if tag is None:
                    tag = ""
                    if style:
                        value: object = text
                    elif text in words:
                        value = words[text]
                    else:
                        value = scalar_value(text) if text[0] in NUMERIC else text
                else:
                    tag, value = tagged(tag, text)
                count += 1
                if not text and not style and attempt.original is not None and attempt.gap(end):
                    node = Node(start, end, tag, anchor or "")
                else:
                    node = Scalar(start, end, text, value, style, value_start, end, tag, anchor or "")
                if anchor is not None:
                    anchors[anchor] = (node, 1, 0)
            elif kind is map_start or kind is seq_start:
                start = event.start_mark.index
                if shifted:
                    start += extra[find(wide, start)]
                count += 1
                if len(stack) >= MAX_DEPTH:
                    message = f"nested more than {MAX_DEPTH} levels deep"
                    attempt.failure = Failure(start, start, message, [], fatal=True)
                    return
                stack.append((owner, into, mapping, key, began, deepest))
                into = []
                key = None
                began = count
                deepest = len(stack)
                tag = shown_tag(event.tag) if event.tag else ""
                anchor = event.anchor or ""
                flow = bool(event.flow_style)
                if kind is map_start:
                    mapping = True
                    owner = Mapping(start, start, into, flow, tag, anchor)
                else:
                    mapping = False
                    owner = Sequence(start, start, into, flow, tag, anchor)
                if anchor:
                    anchors[anchor] = None
                continue
            elif kind is map_end or kind is seq_end:
                node = owner
                if owner.flow or not into:
                    end = event.end_mark.index
                    node.end = end + extra[find(wide, end)]
                else:
                    last = into[-1]
                    node.end = max(last[0].end, last[1].end) if mapping else last.end
                if owner.anchor:
                    anchors[owner.anchor] = (owner, count + 1 - began, deepest - len(stack) + 1)
                below = deepest
                owner, into, mapping, key, began, deepest = stack.pop()
                deepest = max(deepest, below)
            elif kind is alias:
                start, end = event.start_mark.index, event.end_mark.index
                if shifted:
                    start += extra[find(wide, start)]
                    end += extra[find(wide, end)]
                count += 1
                node, size, height = _aliased(event.anchor, anchors, start, end, errors, MAX_ALIASED - aliased, MAX_DEPTH - len(stack))
                aliased += size
                count += size
                deepest = max(deepest, len(stack) + height)
            elif kind is kinds.DocumentStartEvent:
                if attempt.root is not None or attempt.limit != len(data):
                    start = event.start_mark.index
                    start = attempt.limit = start + extra[find(wide, start)]
                    errors.append(Error(start, min(start + 3, len(data)), "more than one document; only the first is read"))
                    return
                continue
            elif kind is kinds.DocumentEndEvent:
                attempt.limit = len(data) + 1
                continue
            elif event is None or kind is kinds.StreamEndEvent:
                return
            else:
                continue
            if not stack:
                attempt.root = node
            elif not mapping:
                into.append(node)
            elif key is None:
                key = node
            else:
                into.append((key, node))
                key = None

    def failure(self, error: Any) -> Failure:
        """The parser's complaint in bytes and in words."""
        attempt = self.attempt
        size = len(attempt.data)
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        if mark is None:
            return Failure(0, 0, "cannot be read as YAML", [], fatal=True)
        at = self._byte(mark.index)
        context = getattr(error, "context_mark", None)
        opened = self._byte(context.index) if context is not None else at
        about = str(getattr(error, "context", "") or "")
        problem = str(getattr(error, "problem", "") or "")
        if "maximum nesting depth" in problem:
            # libyaml has a bound of its own (1000 levels), and looks ahead further than the events it hands out.
            return Failure(min(at, size), min(at, size), f"nested more than {MAX_DEPTH} levels deep", [], fatal=True)
        message = _PROBLEMS.get(problem) or f"{about}, {problem}".strip(", ") or "cannot be read as YAML"
        shown = at
        places: list[int] = []
        if "quoted scalar" in about:
            message, shown, places = ("a quote that is not closed" if "end of stream" in problem else message), opened, [opened]
        elif "simple key" in about or "flow" in about or "block scalar" in about:
            shown, places = opened, [opened]
        elif attempt.data[at : at + 1] == b"\t":
            message = _PROBLEMS["found a tab character that violates indentation"]
        if self.last is not None and b"\n" in attempt.data[self.last[0] : self.last[1]] and attempt.data[self.last[0]] in b"\"'":
            # A quote left open swallows lines up to the next quote; the trouble shows only behind that one.
            places.insert(0, self.last[0])
        places.append(at)
        return Failure(min(at, size), min(shown, size), message, places)

    def _byte(self, index: int) -> int:
        return min(int(index) + self.extra[bisect_left(self.wide, index)], len(self.attempt.data))


def _aliased(
    name: str, anchors: dict[str, tuple[Node, int, int] | None], start: int, end: int, errors: list[Error], room: int, levels: int
) -> tuple[Node, int, int]:
    """The node of an alias, and the nodes and levels it stands for."""
    known = anchors.get(name)
    if known is None:
        reason = f"the anchor &{name} contains this alias" if name in anchors else f"no anchor &{name} before this alias"
        errors.append(Error(start, end, reason))
        return Node(start, end, "", name, True), 0, 0
    node, size, height = known
    if size > room or height > levels:
        errors.append(Error(start, end, "aliases of aliases stand for too much"))
        return Node(start, end, "", name, True), 0, 0
    if isinstance(node, Scalar):
        return Scalar(start, end, node.text, node.value, node.style, start, end, node.tag, name, True), size, height
    if isinstance(node, Mapping):
        return Mapping(start, end, node.pairs, node.flow, node.tag, name, True), size, height
    if isinstance(node, Sequence):
        return Sequence(start, end, node.items, node.flow, node.tag, name, True), size, height
    return Node(start, end, "", name, True), size, height
