"""The YAML reader: PyYAML's event stream turned into `tree` nodes with byte offsets.

The stream is consumed in a loop, so no nesting can exhaust a stack, and libyaml does the scanning
where it is compiled in. Broken text is repaired for reading only: the lines the parser complains of
are blanked (same length, so every offset holds) and the rest is read again.
"""

from __future__ import annotations

import re

from fsbp_lsp.syntax.tree import Comment, Document, Error, Mapping, Node, Scalar, Sequence
from fsbp_lsp.text import LineIndex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from fsbp_lsp.text import Piece

MAX_DEPTH = 200
"""Levels of nesting, aliases followed; a deeper text is not read."""
MAX_ALIASED = 50_000
"""Nodes that all aliases of one text may stand for together; further aliases are not followed."""
_ROUNDS = 4
_RETRY_BYTES = 6_000_000

_BOM = b"\xef\xbb\xbf"
_STANDARD = "tag:yaml.org,2002:"
_WORDS: dict[str, object] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_WORDS.update({form: True for word in ("yes", "true", "on") for form in (word, word.capitalize(), word.upper())})
_WORDS.update({form: False for word in ("no", "false", "off") for form in (word, word.capitalize(), word.upper())})
_NUMERIC = frozenset("-+.0123456789")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,40})")
_FLOAT = re.compile(r"(?:[-+]?(?:0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]{1,4})?")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PROPERTY = re.compile(rb"(?:[!&][^\s,\[\]{}]*|!<[^>\s]*>|#[^\r\n]*|[\s])+")
_BLOCK_HEADER = re.compile(rb"[|>][-+0-9]*[ \t]+(#[^\r\n]*)")
_INDENT = re.compile(rb"[ \t]*")
_BLANKS = re.compile(rb"(?:\s|#[^\r\n]*)*")
_LINE_END = re.compile(rb"[\r\n]|\Z")

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


def scalar_value(text: str) -> object:
    """What a plain scalar means: bool, None, int or float as YAML 1.1 has it, else the text itself.

    Dates, leading zeros, sexagesimal, hexadecimal and grouped numbers stay text: CloudFormation
    keeps them as written, and account ids are the commonest case.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in _NUMERIC:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            number = float(text)
            if number - number == 0.0:
                return number
    return text


def read_yaml(piece: Piece) -> Document:
    """The first document of a YAML text. Never raises; what is wrong is in `errors`.

    root is None for an empty text and for one that cannot be read even after blanking a few lines.
    """
    data = piece.data
    body = data[3:] if data.startswith(_BOM) else data
    shift = len(data) - len(body)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        at = shift + error.start
        return Document(None, [], [Error(at, at + 1, "not valid UTF-8")], False)
    forbidden = _FORBIDDEN.search(text)
    if forbidden is not None:
        at = shift + len(text[: forbidden.start()].encode("utf-8"))
        code = ord(forbidden.group())
        return Document(None, [], [Error(at, at + 1, f"the character U+{code:04X} is not allowed in YAML")], False)
    attempt = _read(data, body, shift)
    if attempt.failure is None:
        return Document(attempt.root, attempt.comments(), attempt.errors, False)
    return _recover(data, body, shift, attempt)


class _Failure:
    """Where reading stopped, in bytes of the piece. `places`: starts of constructs that may be the cause, likeliest first."""

    __slots__ = ("at", "fatal", "message", "places", "shown")

    def __init__(self, at: int, shown: int, message: str, places: list[int], fatal: bool = False) -> None:
        self.at = at
        self.shown = shown
        self.message = message
        self.places = places
        self.fatal = fatal


class _Attempt:
    """One reading of one text."""

    __slots__ = ("data", "errors", "failure", "limit", "original", "root", "spans")

    def __init__(self, data: bytes, original: bytes | None) -> None:
        self.data = data
        self.original = original
        """The text before lines were blanked; None when none were."""
        self.root: Node | None = None
        self.errors: list[Error] = []
        self.failure: _Failure | None = None
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
            elif at and data[at - 1] not in b" \t\r\n" and not (at == 3 and data.startswith(_BOM)):
                at = data.find(b"#", at + 1)
                continue
            stop = _LINE_END.search(data, at)
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


def _offsets(body: bytes, text: str, shift: int) -> list[int]:
    """Byte offset in the piece of every code point, and of the end."""
    out: list[int] = []
    at = shift
    for part in re.split("([^\x00-\x7f]+)", text):
        if part.isascii():
            out.extend(range(at, at + len(part)))
            at += len(part)
        else:
            for char in part:
                out.append(at)
                at += len(char.encode("utf-8"))
    out.append(at)
    return out


def _read(data: bytes, body: bytes, shift: int, original: bytes | None = None) -> _Attempt:
    """Read `body`, which is `data` without its byte order mark of `shift` bytes."""
    from yaml import YAMLError

    attempt = _Attempt(data, original)
    offsets: list[int] | None
    source: bytes | str
    if body.isascii():
        offsets = None if shift == 0 else list(range(shift, len(data) + 1))
        source = body
    else:
        source = body.decode("utf-8")
        offsets = _offsets(body, source, shift)
    builder = _Builder(attempt, offsets)
    try:
        builder.run(_parser(source))
    except YAMLError as error:
        if attempt.failure is None:
            attempt.failure = builder.failure(error)
    return attempt


class _Builder:
    __slots__ = ("attempt", "last", "offsets")

    def __init__(self, attempt: _Attempt, offsets: list[int] | None) -> None:
        self.attempt = attempt
        self.offsets = offsets
        self.last: tuple[int, int] | None = None
        """The quoted or plain scalar read last, when the parser stops."""

    def run(self, get: Callable[[], Any]) -> None:
        """Build the first document. Raises yaml.YAMLError as the parser does."""
        from yaml import events as kinds

        scalar, map_start, seq_start = kinds.ScalarEvent, kinds.MappingStartEvent, kinds.SequenceStartEvent
        map_end, seq_end, alias = kinds.MappingEndEvent, kinds.SequenceEndEvent, kinds.AliasEvent
        attempt, offsets = self.attempt, self.offsets
        data, errors, words = attempt.data, attempt.errors, _WORDS
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
                if offsets is not None:
                    start, end = offsets[start], offsets[end]
                text = event.value
                style = event.style or ""
                tag = event.tag
                anchor = event.anchor
                if tag is None and anchor is None:
                    value_start = start
                else:
                    value_start = _after_properties(data, start, end)
                if style:
                    if style in "|>":
                        end = _block_end(data, value_start, end)
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
                        value = scalar_value(text) if text[0] in _NUMERIC else text
                else:
                    tag, value = _tagged(tag, text)
                count += 1
                if not text and not style and attempt.original is not None and attempt.gap(end):
                    node = Node(start, end, tag, anchor or "")
                else:
                    node = Scalar(start, end, text, value, style, value_start, end, tag, anchor or "")
                if anchor is not None:
                    anchors[anchor] = (node, 1, 0)
            elif kind is map_start or kind is seq_start:
                start = event.start_mark.index
                if offsets is not None:
                    start = offsets[start]
                count += 1
                if len(stack) >= MAX_DEPTH:
                    message = f"nested more than {MAX_DEPTH} levels deep"
                    attempt.failure = _Failure(start, start, message, [], fatal=True)
                    return
                stack.append((owner, into, mapping, key, began, deepest))
                into = []
                key = None
                began = count
                deepest = len(stack)
                tag = _shown_tag(event.tag) if event.tag else ""
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
                    node.end = offsets[end] if offsets is not None else end
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
                if offsets is not None:
                    start, end = offsets[start], offsets[end]
                count += 1
                node, size, height = _aliased(event.anchor, anchors, start, end, errors, MAX_ALIASED - aliased, MAX_DEPTH - len(stack))
                aliased += size
                count += size
                deepest = max(deepest, len(stack) + height)
            elif kind is kinds.DocumentStartEvent:
                if attempt.root is not None or attempt.limit != len(data):
                    start = event.start_mark.index
                    start = attempt.limit = offsets[start] if offsets is not None else start
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

    def failure(self, error: Any) -> _Failure:
        """The parser's complaint in bytes and in words."""
        attempt = self.attempt
        size = len(attempt.data)
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        if mark is None:
            return _Failure(0, 0, "cannot be read as YAML", [], fatal=True)
        at = self._byte(mark.index)
        context = getattr(error, "context_mark", None)
        opened = self._byte(context.index) if context is not None else at
        about = str(getattr(error, "context", "") or "")
        problem = str(getattr(error, "problem", "") or "")
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
        return _Failure(min(at, size), min(shown, size), message, places)

    def _byte(self, index: int) -> int:
        if self.offsets is None:
            return int(index)
        return self.offsets[min(index, len(self.offsets) - 1)]


def _after_properties(data: bytes, start: int, end: int) -> int:
    """Where a node's own text begins behind its tag and anchor; `end` when there is no text."""
    at = start
    while at < end and data[at] in b"!&":
        match = _PROPERTY.match(data, at, end)
        if match is None:
            break
        at = match.end()
    return at


def _block_end(data: bytes, start: int, end: int) -> int:
    """The end of a block scalar's last line of content: blank lines behind it belong to it only with `+`."""
    stop = _LINE_END.search(data, start, end)
    header = data[start : stop.start() if stop is not None else end].split(b"#")[0]
    if b"+" in header:
        for ending in (b"\r\n", b"\n", b"\r"):
            if data.endswith(ending, start, end):
                return end - len(ending)
        return end
    if re.search(rb"[0-9]", header):
        return start + len(data[start:end].rstrip(b"\r\n"))
    # Blanks wider than the first line's indentation would be content; narrower ones are not.
    content = data[start:end]
    kept = content.rstrip()
    first = re.search(rb"[\r\n]([ ]*)[^ \r\n]", content)
    width = len(first.group(1)) if first is not None else 0
    for match in re.finditer(rb"[\r\n]([ \t]+)(?=[\r\n]|\Z)", content[len(kept) :]):
        if len(match.group(1)) > width:
            return start + len(kept) + match.end()
    tail = re.match(rb"[ \t]*", content[len(kept) :])
    return start + len(kept) + (tail.end() if tail is not None else 0)


def _shown_tag(tag: str) -> str:
    return "!!" + tag[len(_STANDARD) :] if tag.startswith(_STANDARD) else tag


def _tagged(tag: str, text: str) -> tuple[str, object]:
    """The tag as written and the value of a scalar that carries it."""
    shown = _shown_tag(tag)
    if shown in ("!!int", "!!float", "!!bool", "!!null"):
        value = scalar_value(text)
        wanted = {"!!int": int, "!!float": float, "!!bool": bool, "!!null": type(None)}[shown]
        if type(value) is wanted:
            return shown, value
        if shown == "!!float" and type(value) is int:
            return shown, float(value)
    return shown, text


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


def _recover(data: bytes, body: bytes, shift: int, attempt: _Attempt) -> Document:
    """Blank the lines the parser complains of, at most `_ROUNDS` times, and read the rest."""
    lines = LineIndex(data)
    errors: list[Error] = []
    tries = max(3, min(16, _RETRY_BYTES // (len(data) + 1)))
    masked = data
    for _ in range(_ROUNDS):
        failure = attempt.failure
        if failure is None or failure.fatal:
            break
        errors.append(_shown_error(lines, failure))
        best: tuple[_Attempt, bytes] | None = None
        for candidate in _candidates(masked, lines, failure):
            if tries <= 0:
                break
            tries -= 1
            again = _read(candidate, candidate[shift:], shift, data)
            if again.failure is None:
                best = again, candidate
                break
            if best is None or best[0].failure is None or again.failure.at > best[0].failure.at:
                best = again, candidate
        if best is None:
            break
        attempt, masked = best
    if attempt.failure is not None:
        if attempt.failure.fatal or not errors:
            errors.append(_shown_error(lines, attempt.failure))
        return Document(None, [], errors, False)
    errors.extend(attempt.errors)
    errors.sort(key=lambda error: error.start)
    return Document(attempt.root, attempt.comments(), errors, False)


def _shown_error(lines: LineIndex, failure: _Failure) -> Error:
    end = lines.line_span(lines.line(failure.shown))[1]
    return Error(failure.shown, max(end, failure.shown), failure.message)


def _candidates(data: bytes, lines: LineIndex, failure: _Failure) -> list[bytes]:
    """Texts with one suspect line blanked, together with everything indented below it.

    The block below goes too: left alone it would become part of whatever stands above.
    Small losses are tried before large ones.
    """
    suspects: list[int] = []
    for place in failure.places:
        line = lines.line(place)
        while line > 0 and not data[slice(*lines.line_span(line))].strip():
            line -= 1
        suspects.append(line)
    above = suspects[-1] - 1
    while above >= 0 and data[slice(*lines.line_span(above))].lstrip()[:1] in (b"", b"#"):
        above -= 1
    if above >= 0:
        suspects.append(above)
    ranked: list[tuple[bool, int, bytes]] = []
    for rank, line in enumerate(dict.fromkeys(suspects)):
        last = _block_below(data, lines, line)
        out = bytearray(data)
        for index in range(line, last + 1):
            start, end = lines.line_span(index)
            out[start:end] = b" " * (end - start)
        if line == 0 and data.startswith(_BOM):
            out[:3] = _BOM
        if out != data:
            ranked.append((last - line > 20, rank, bytes(out)))
    ranked.sort(key=lambda entry: entry[:2])
    return [text for _, _, text in ranked]


def _block_below(data: bytes, lines: LineIndex, line: int) -> int:
    """The last line of the block that a line opens; the line itself when it opens none."""
    start, end = lines.line_span(line)
    own = data[start:end]
    width = len(own) - len(own.lstrip())
    item = own.lstrip()[:1] == b"-"
    last = line
    for index in range(line + 1, len(lines.starts)):
        start, end = lines.line_span(index)
        text = data[start:end]
        inner = text.strip()
        if not inner or inner[:1] == b"#":
            continue
        here = len(text) - len(text.lstrip())
        if here > width or (here == width and not item and inner[:1] == b"-" and own.rstrip().endswith(b":")):
            last = index
        else:
            break
    return last
