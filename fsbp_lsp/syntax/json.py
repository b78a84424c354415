"""The JSON reader: one forgiving pass over tokens, comments allowed, every position kept.

It is written here because both jobs of a ready-made parser are done better this way: a healthy
template costs half of what walking a tree-sitter tree costs from Python, and a bracket that was
left open is found by the indentation of what follows instead of swallowing the rest of the file.
"""

from __future__ import annotations

import re

from fsbp_lsp.syntax.tree import Comment, Document, Error, Mapping, Node, Scalar, Sequence
from fsbp_lsp.text import LineIndex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from fsbp_lsp.text import Piece

MAX_DEPTH = 200
"""Levels of nesting; a deeper text is not read."""
_MAX_ERRORS = 50
_GIVE_UP = 10_000
"""Errors after which a text is taken for anything but JSON: each costs more than a healthy token."""
_BOM = b"\xef\xbb\xbf"

_STRING, _KEY, _MARK, _NUMBER, _WORD, _ESCAPED, _ESCAPED_KEY, _COMMENT, _OPEN_STRING, _OTHER = range(1, 11)
_TOKEN = re.compile(
    rb"[ \t\r\n]*(?:"
    rb'"([^"\\\r\n]*)"(?:[ \t]*(:))?'
    rb"|([{}\[\],:])"
    rb"|(-?[0-9][-+0-9.eE]*)"
    rb"|(true|false|null)(?![0-9A-Za-z_])"
    rb'|"((?:[^"\\\r\n]|\\[^\r\n])*)"(?:[ \t]*(:))?'
    rb"|(//[^\r\n]*|/\*(?:.*?\*/|.*))"
    rb'|("[^\r\n]*)'
    rb'|([^\s{}\[\],:"/]+|.)'
    rb"|\Z)",
    re.DOTALL,
)
_NUMERAL = re.compile(rb"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_ESCAPE = re.compile(r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_PLAIN_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORDS = {b"true": True, b"false": False, b"null": None}

# What the pass waits for: an element or the end; a comma or the end; an element; a colon; a value.
_FIRST, _AFTER, _NEXT, _COLON, _VALUE = range(5)


def read_json(piece: Piece) -> Document:
    """The value of a JSON text, with `//` and `/* */` comments. Never raises; what is wrong is in `errors`.

    root is None for an empty text, one that is not UTF-8, one nested too deeply and one that is hardly JSON at all.
    """
    data = piece.data
    if not data.isascii():
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            return Document(None, [], [Error(error.start, error.start + 1, "not valid UTF-8")], True)
    reader = _Reader(data, by_indent=False)
    try:
        reader.run()
        if reader.unbalanced:
            again = _Reader(data, by_indent=True)
            again.run()
            if not again.errors:
                again.errors = reader.errors[:1]
            reader = again
    except _Hopeless:
        reader.root = None
    reader.errors.sort(key=lambda error: error.start)
    return Document(reader.root, reader.comments, reader.errors, True)


def unescape(text: str) -> str | None:
    """A JSON string's content; None when an escape is not one of JSON's."""
    if "\\" not in text:
        return text
    bad = False

    def plain(match: re.Match[str]) -> str:
        nonlocal bad
        high, low, single, char = match.groups()
        if high is not None:
            return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + (int(low, 16) - 0xDC00))
        if single is not None:
            code = int(single, 16)
            bad = bad or 0xD800 <= code <= 0xDFFF
            return "\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code)
        bad = bad or char not in _PLAIN_ESCAPES
        return _PLAIN_ESCAPES.get(char, char)

    out = _ESCAPE.sub(plain, text)
    return None if bad else out


class _Hopeless(Exception):
    """The text is not worth reading on."""


class _Frame:
    """An open collection and what was going on around it."""

    __slots__ = ("into", "key", "mapping", "node", "width")

    def __init__(self, node: Any, into: list[Any], mapping: bool, width: int) -> None:
        self.node = node
        self.into = into
        self.mapping = mapping
        self.key: Node | None = None
        self.width = width


class _Reader:
    __slots__ = ("by_indent", "comments", "data", "errors", "lines", "root", "seen", "stack", "unbalanced", "widths")

    def __init__(self, data: bytes, by_indent: bool) -> None:
        """by_indent: trust the indentation to tell which bracket a line closes; for texts known to be unbalanced."""
        self.data = data
        self.by_indent = by_indent
        self.root: Node | None = None
        self.comments: list[Comment] = []
        self.errors: list[Error] = []
        self.seen = 0
        self.unbalanced = False
        self.stack: list[_Frame] = []
        self.lines = LineIndex(data) if by_indent else None
        self.widths: dict[int, int] = {}

    def error(self, start: int, end: int, message: str) -> None:
        self.seen += 1
        if len(self.errors) < _MAX_ERRORS:
            self.errors.append(Error(start, end, message))
        elif self.seen > _GIVE_UP:
            raise _Hopeless

    def run(self) -> None:
        data, stack, match_at = self.data, self.stack, _TOKEN.match
        at = 3 if data.startswith(_BOM) else 0
        state = _VALUE
        frame: _Frame | None = None
        node: Node
        while True:
            match = match_at(data, at)
            assert match is not None  # the last alternative takes any byte
            at = match.end()
            kind = match.lastindex
            # The four common cases of a healthy text first.
            if kind == _KEY:
                start, end = match.start(1) - 1, match.end(1) + 1
                if frame is not None and frame.mapping and not self.by_indent and state in (_FIRST, _NEXT):
                    text = match.group(1).decode("utf-8")
                    frame.key = Scalar(start, end, text, text, '"', start, end)
                    state = _VALUE
                    continue
                text = match.group(1).decode("utf-8")
                frame = self.key(Scalar(start, end, text, text, '"', start, end), at, state)
                if frame is None:
                    return
                state = _VALUE
                continue
            if kind == _MARK:
                mark = match.group(3)
                start = at - 1
                if mark == b",":
                    if state != _AFTER or frame is None:
                        self.stray(start, mark, state, frame)
                    state = _NEXT if frame is not None else state
                    continue
                if mark == b":":
                    if state == _COLON:
                        state = _VALUE
                    else:
                        self.error(start, at, "a ':' that does not follow a key")
                    continue
                if mark == b"}" or mark == b"]":
                    frame, state = self.close(start, mark, state)
                    continue
                if len(stack) >= MAX_DEPTH:
                    self.errors = [Error(start, at, f"nested more than {MAX_DEPTH} levels deep")]
                    self.root = None
                    self.unbalanced = False
                    return
                if not self.ready(start, at, state):
                    return
                into: list[Any] = []
                node = Mapping(start, at, into, True) if mark == b"{" else Sequence(start, at, into, True)
                frame = _Frame(node, into, mark == b"{", self.width(start) if self.by_indent else 0)
                stack.append(frame)
                state = _FIRST
                continue
            if kind == _STRING:
                start = match.start(1) - 1
                text = match.group(1).decode("utf-8")
                node = Scalar(start, at, text, text, '"', start, at)
            elif kind == _NUMBER:
                start = match.start(4)
                node = self.number(start, at)
            elif kind == _WORD:
                start = match.start(5)
                word = match.group(5)
                node = Scalar(start, at, word.decode("ascii"), _WORDS[word], "", start, at)
            elif kind in (_ESCAPED, _ESCAPED_KEY):
                start, end = match.start(6) - 1, match.end(6) + 1
                node = self.escaped(start, end)
                if kind == _ESCAPED_KEY:
                    frame = self.key(node, at, state)
                    if frame is None:
                        return
                    state = _VALUE
                    continue
            elif kind == _COMMENT:
                start = match.start(8)
                end = at
                if data[start + 1] == 42 and (end - start < 4 or data[end - 2 : end] != b"*/"):
                    self.error(start, start + 2, "a comment that is not closed")
                self.comments.append(Comment(start, end))
                continue
            elif kind is None:
                break
            else:
                start = match.start(kind)
                what = "a quote that is not closed" if kind == _OPEN_STRING else "not a JSON value; text needs quotes"
                end = start + len(data[start:at].rstrip())
                self.error(start, end, what)
                if frame is not None and frame.mapping and state in (_FIRST, _AFTER, _NEXT):
                    continue
                node = Node(start, end)
            if frame is not None and frame.mapping and state in (_FIRST, _AFTER, _NEXT) and kind in (_STRING, _ESCAPED):
                if state == _AFTER:
                    self.error(start, start + 1, "a ',' is missing before this")
                frame.key = node
                state = _COLON
                continue
            if state != _VALUE and (state in (_AFTER, _COLON) or (frame is not None and frame.mapping)):  # noqa: SIM102
                if not self.ready(start, at, state):
                    return
            if frame is None:
                if self.root is None:
                    self.root = node
            elif frame.mapping:
                frame.into.append((frame.key, node))
                frame.key = None
            else:
                frame.into.append(node)
            state = _AFTER
        if stack:
            opened = stack[-1].node.start
            self.unbalanced = True
            self.error(opened, opened + 1, f"this '{chr(data[opened])}' is not closed")
            self.missing(stack[-1], state)
            while stack:
                self.pop(None)

    def ready(self, start: int, end: int, state: int) -> bool:
        """Complain when a value is not due here, and make room for it all the same. False: the value has no place."""
        frame = self.stack[-1] if self.stack else None
        if frame is None:
            if self.root is None:
                return True
            self.unbalanced = True
            self.error(start, end, "text after the end of the JSON value")
            return False
        if state == _COLON and frame.key is not None:
            self.error(frame.key.start, frame.key.end, "a key without ':'")
            frame.key = Node(frame.key.start, frame.key.end)
        elif frame.mapping and state != _VALUE:
            self.error(start, end, "expected a key in quotes")
            frame.key = Node(start, start)
        elif state == _AFTER:
            self.error(start, start + 1, "a ',' is missing before this")
        return True

    def key(self, key: Node, colon: int, state: int) -> _Frame | None:
        """Take a key with its colon; the frame it belongs to, None when it stands outside every object."""
        stack = self.stack
        if self.by_indent and stack:
            width = self.line_width(key.start)
            if width is not None and stack[-1].width >= width and any(frame.width < width for frame in stack):
                self.error(key.start, key.start + 1, "a closing bracket is missing before this")
                self.missing(stack[-1], state)
                while stack[-1].width >= width:
                    self.pop(None)
                state = _NEXT
        frame = stack[-1] if stack else None
        if frame is None:
            self.ready(key.start, key.end, state)
            self.unbalanced = True
            if self.root is None:
                self.error(key.start, key.end, "a key outside an object")
                self.root = Node(key.start, key.end)
            return None
        if not frame.mapping:
            self.error(key.start, key.end, "a key inside a list")
            frame.into.append(Node(key.start, colon))
            return frame
        if state == _AFTER:
            self.error(key.start, key.start + 1, "a ',' is missing before this")
        self.missing(frame, state)
        frame.key = key
        return frame

    def missing(self, frame: _Frame, state: int) -> None:
        """Settle a key whose value or colon never came."""
        key = frame.key
        if key is None or not frame.mapping:
            return
        if state == _VALUE:
            self.error(key.start, key.end, "a key without a value")
            frame.into.append((key, Node(key.end, key.end)))
        else:
            self.error(key.start, key.end, "a key without ':'")
        frame.key = None

    def stray(self, start: int, mark: bytes, state: int, frame: _Frame | None) -> None:
        """A comma that is not due."""
        if frame is None:
            self.unbalanced = self.root is not None
            self.error(start, start + 1, "a ',' outside every object and list")
            return
        if frame.mapping and frame.key is not None:
            self.missing(frame, state)
        else:
            self.error(start, start + 1, f"nothing before this '{mark.decode()}'")

    def close(self, at: int, mark: bytes, state: int) -> tuple[_Frame | None, int]:
        """Handle a closing bracket; the collection that is open afterwards and what it waits for."""
        stack = self.stack
        mapping = mark == b"}"
        if not stack:
            self.unbalanced = True
            self.error(at, at + 1, f"this '{mark.decode()}' closes nothing")
            return None, state
        depth = len(stack) - 1
        width = self.line_width(at) if self.by_indent else None
        if width is not None and stack[depth].width != width:
            fitting = [index for index, frame in enumerate(stack) if frame.width == width and frame.mapping == mapping]
            if fitting:
                depth = fitting[-1]
            elif width > stack[depth].width:
                self.error(at, at + 1, f"this '{mark.decode()}' closes nothing")
                return stack[-1], state
        while depth >= 0 and stack[depth].mapping != mapping:
            depth -= 1
        if depth < 0:
            self.unbalanced = True
            self.error(at, at + 1, f"this '{mark.decode()}' closes nothing")
            return stack[-1], state
        self.missing(stack[-1], state)
        if state == _NEXT:
            self.error(at, at + 1, f"a ',' before '{mark.decode()}'")
        while len(stack) - 1 > depth:
            opened = stack[-1].node.start
            self.unbalanced = True
            self.error(opened, opened + 1, f"this '{chr(self.data[opened])}' is not closed")
            self.pop(None)
        self.pop(at + 1)
        return (stack[-1] if stack else None), _AFTER

    def pop(self, end: int | None) -> None:
        """End the innermost collection and hand it to the one around it; without `end` it ends with its last element."""
        frame = self.stack.pop()
        node = frame.node
        if end is None:
            last = frame.into[-1] if frame.into else None
            end = node.start + 1 if last is None else last[1].end if frame.mapping else last.end
        node.end = end
        if not self.stack:
            self.root = node
            return
        outer = self.stack[-1]
        if outer.mapping:
            outer.into.append((outer.key if outer.key is not None else Node(node.start, node.start), node))
            outer.key = None
        else:
            outer.into.append(node)

    def number(self, start: int, end: int) -> Node:
        raw = self.data[start:end]
        match = _NUMERAL.fullmatch(raw)
        if match is None or len(raw) > 400:
            self.error(start, end, "not a JSON number")
            return Node(start, end)
        text = raw.decode("ascii")
        if match.group(1) is None and match.group(2) is None:
            return Scalar(start, end, text, int(text), "", start, end)
        value = float(text)
        if value - value != 0.0:
            self.error(start, end, "a number too large")
            return Node(start, end)
        return Scalar(start, end, text, value, "", start, end)

    def escaped(self, start: int, end: int) -> Node:
        text = unescape(self.data[start + 1 : end - 1].decode("utf-8"))
        if text is None:
            self.error(start, end, "an escape that JSON does not have")
            return Node(start, end)
        return Scalar(start, end, text, text, '"', start, end)

    def width(self, at: int) -> int:
        """Indentation of the line that holds `at`."""
        assert self.lines is not None
        line = self.lines.line(at)
        width = self.widths.get(line)
        if width is None:
            start, end = self.lines.line_span(line)
            text = self.data[start:end]
            width = self.widths[line] = len(text) - len(text.lstrip(b" \t"))
        return width

    def line_width(self, at: int) -> int | None:
        """Indentation of the line when nothing stands before `at` on it, else None."""
        assert self.lines is not None
        width = self.width(at)
        return width if self.lines.starts[self.lines.line(at)] + width == at else None
