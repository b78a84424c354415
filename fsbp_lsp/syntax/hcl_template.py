"""HCL templates: quoted strings, heredocs and the bare templates of Terraform's JSON notation.

Follows the reference implementation token by token where it decides a value: a heredoc is cut into one
literal per line, `~` trims only the neighbouring literal, and `<<-` takes off the smallest indentation.
"""

from __future__ import annotations

import re

from fsbp_lsp.syntax.hcl_tree import Expr, Literal, Template, TemplateFor, TemplateIf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.syntax.hcl_expr import ExprParser

_quoted_run = re.compile(rb'[^"\\$%\r\n]+').match
_line_run = re.compile(rb"[^$%\n]+").match
_escape = re.compile(rb"\\(?:([nrt\"\\])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))").match
_plain_escapes = {b"n": "\n", b"r": "\r", b"t": "\t", b'"': '"', b"\\": "\\"}
_heredoc_start = re.compile(rb"<<(-?)([A-Za-z_\x80-\xff][\w\x80-\xff-]*)\r?\n").match
_keyword = re.compile(rb"[a-z]+").match
MAX_DIRECTIVES = 30
"""Directives inside one another."""
_SPACE = " \t\n\v\f\r\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""Go's unicode.IsSpace; `str.strip()` would also take the separators U+001C to U+001F."""


class _Token:
    """A literal (`text` set), an interpolation (`expr` set) or a directive (`keyword` set).

    expr of a directive: its condition, or what it iterates over; names: those a `for` binds.
    """

    __slots__ = ("end", "expr", "keyword", "names", "start", "text")

    def __init__(
        self, start: int, end: int, text: str | None = None, expr: Expr | None = None, keyword: str = "", names: tuple[str, ...] = ()
    ) -> None:
        self.start = start
        self.end = end
        self.text = text
        self.expr = expr
        self.keyword = keyword
        self.names = names


class _Open:
    """A directive that is not closed yet: its first token, the parts so far, and those before its `else`."""

    __slots__ = ("opened", "parts", "start", "yes")

    def __init__(self, opened: _Token | None) -> None:
        self.opened = opened
        self.parts: list[str | Expr] = []
        self.yes: list[str | Expr] | None = None
        self.start = opened.end if opened is not None else 0


def _char(code: int) -> str:
    return "\ufffd" if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF else chr(code)


class _Scanner:
    """Collects tokens of one template; `parser` reads the expressions inside `${…}`."""

    __slots__ = ("buffer", "buffer_start", "height", "parser", "tokens", "trim_next")

    def __init__(self, parser: ExprParser) -> None:
        self.parser = parser
        self.tokens: list[_Token] = []
        self.buffer: list[str] = []
        self.buffer_start = parser.pos
        self.trim_next = False
        self.height = 0

    def add(self, text: str) -> None:
        if not self.buffer:
            self.buffer_start = self.parser.pos
        self.buffer.append(text)

    def flush(self) -> None:
        """End the current literal."""
        if self.buffer:
            text = "".join(self.buffer)
            if self.trim_next:
                text = text.lstrip(_SPACE)
            self.trim_next = False
            self.tokens.append(_Token(self.buffer_start, self.parser.pos, text))
            self.buffer = []

    def special(self) -> bool:
        """Read `${…}`, `%{…}` or their doubled forms at the parser's position; False when it is an ordinary byte."""
        parser = self.parser
        data, pos = parser.data, parser.pos
        mark = data[pos : pos + 3]
        if mark in (b"$${", b"%%{"):
            self.add(mark[1:].decode())
            parser.pos += 3
            return True
        if mark[:2] not in (b"${", b"%{"):
            return False
        self.flush()
        start = pos
        parser.pos += 2
        if parser.data[parser.pos : parser.pos + 1] == b"~":
            parser.pos += 1
            if self.tokens and self.tokens[-1].text is not None:
                self.tokens[-1].text = self.tokens[-1].text.rstrip(_SPACE)
        outer, parser.lines = parser.lines, True
        if mark[:1] == b"$":
            expr = parser.expression()
            self.height = max(self.height, parser.height)
            token = _Token(start, 0, expr=expr)
        else:
            token = self.directive(start)
        self.trim_next = parser.accept(b"~")
        parser.expect(b"}")
        parser.lines = outer
        token.end = parser.pos
        self.tokens.append(token)
        return True

    def directive(self, start: int) -> _Token:
        parser = self.parser
        parser.skip()
        match = _keyword(parser.data, parser.pos)
        word = match[0].decode() if match else ""
        parser.pos += len(word)
        token = _Token(start, 0, keyword=word)
        if word == "if":
            token.expr = parser.expression()
        elif word == "for":
            names = [parser.name()]
            if parser.accept(b","):
                names.append(parser.name())
            token.names = tuple(names)
            if parser.name() != "in":
                raise parser.fail("missing in")
            token.expr = parser.expression()
        elif word not in ("else", "endif", "endfor"):
            raise parser.fail("unknown template directive")
        if token.expr is not None:
            self.height = max(self.height, parser.height)
        return token

    def parts(self) -> list[str | Expr]:
        """Tokens with each `%{…}` … `%{end…}` folded into one part, neighbouring literals joined."""
        stack = [_Open(None)]
        for token in self.tokens:
            here = stack[-1]
            if token.keyword in ("if", "for"):
                if len(stack) > MAX_DIRECTIVES:
                    raise self.parser.fail("template directives nested too deeply")
                stack.append(_Open(token))
            elif token.keyword:
                opened = here.opened
                if opened is None or (token.keyword == "endfor") is not (opened.keyword == "for"):
                    raise self.parser.fail("template directive without its beginning")
                if token.keyword == "else":
                    if here.yes is not None:
                        raise self.parser.fail("template directive without its beginning")
                    here.yes, here.parts, here.start = here.parts, [], token.end
                    continue
                stack.pop()
                self.height = max(self.height, 2 * (len(stack) + 1))
                stack[-1].parts.append(_folded(here, opened, token))
            elif token.expr is not None:
                here.parts.append(token.expr)
            elif token.text:
                if here.parts and isinstance(here.parts[-1], str):
                    here.parts[-1] += token.text
                else:
                    here.parts.append(token.text)
        if len(stack) > 1:
            raise self.parser.fail("template directive without its end")
        return stack[0].parts

    def node(self, start: int, end: int, heredoc: bool) -> Expr:
        parts = self.parts()
        self.parser.grown(self.height + 1)
        if not parts:
            return Literal(start, end, "")
        if len(parts) == 1 and isinstance(parts[0], str):
            return Literal(start, end, parts[0])
        return Template(start, end, parts, heredoc)


def _folded(done: _Open, opened: _Token, last: _Token) -> Expr:
    """The part that a closed directive is."""
    assert opened.expr is not None
    # A heredoc's template is a string whatever it holds, and so is what stands in a directive.
    body = Template(done.start, last.start, done.parts, True)
    if opened.keyword == "for":
        key, value = opened.names if len(opened.names) > 1 else ("", opened.names[0])
        return TemplateFor(opened.start, last.end, key, value, opened.expr, None, body, None, False)
    if done.yes is None:
        return TemplateIf(opened.start, last.end, opened.expr, body, Template(last.start, last.start, [], True))
    return TemplateIf(opened.start, last.end, opened.expr, Template(opened.end, done.start, done.yes, True), body)


def quoted_template(parser: ExprParser, start: int) -> Expr:
    """The quoted template whose opening quote is at `start`; moves the parser behind the closing one."""
    parser.pos = start + 1
    scan = _Scanner(parser)
    data, size = parser.data, len(parser.data)
    while True:
        pos = parser.pos
        byte = data[pos] if pos < size else 10
        if byte == 34:  # "
            scan.flush()
            parser.pos = pos + 1
            return scan.node(start, parser.pos, heredoc=False)
        if byte in (10, 13):
            raise parser.fail("unclosed string")
        if byte == 92:  # backslash
            match = _escape(data, pos)
            if match is None:
                raise parser.fail("unknown escape sequence")
            plain, short, long = match.groups()
            scan.add(_plain_escapes[plain] if plain else _char(int(short or long, 16)))
            parser.pos = match.end()
        elif byte in (36, 37):  # $ %
            if not scan.special():
                scan.add(chr(byte))
                parser.pos += 1
        else:
            match = _quoted_run(data, pos)
            if match is None:
                raise parser.fail("unclosed string")
            scan.add(match[0].decode("utf-8", "replace"))
            parser.pos = match.end()


def _lines(scan: _Scanner, end_mark: bytes | None) -> int:
    """Read lines up to the one that holds only `end_mark` (to the end of the data when None); where that line starts."""
    parser = scan.parser
    data, size = parser.data, len(parser.data)
    fresh = True
    while True:
        pos = parser.pos
        if fresh and end_mark is not None:
            stop = data.find(b"\n", pos)
            line = data[pos : stop if stop >= 0 else size]
            if line.strip() == end_mark:
                scan.flush()
                parser.pos = pos + line.index(end_mark) + len(end_mark)
                return pos
        fresh = False
        if pos >= size:
            if end_mark is not None:
                raise parser.fail("unclosed heredoc")
            scan.flush()
            return pos
        byte = data[pos]
        if byte == 10:
            scan.add("\n")
            parser.pos += 1
            scan.flush()
            fresh = True
        elif byte in (36, 37):
            if not scan.special():
                scan.add(chr(byte))
                parser.pos += 1
        else:
            match = _line_run(data, pos)
            if match is None:
                raise parser.fail("unclosed heredoc")
            scan.add(match[0].decode("utf-8", "replace"))
            parser.pos = match.end()


def heredoc_template(parser: ExprParser, start: int) -> Expr:
    """The heredoc that opens at `start`; the parser ends behind its closing identifier."""
    match = _heredoc_start(parser.data, start)
    if match is None:
        raise parser.fail("unexpected <<")
    parser.pos = match.end()
    scan = _Scanner(parser)
    _lines(scan, match[2])
    if match[1]:
        _take_off_indentation(scan.tokens)
    return scan.node(start, parser.pos, heredoc=True)


def _take_off_indentation(tokens: list[_Token]) -> None:
    smallest: int | None = None
    starts: list[_Token] = []
    fresh = True
    for token in tokens:
        if fresh:
            fresh = False
            spaces: int | None = 0
            if token.text is not None:
                rest = token.text.lstrip(_SPACE)
                if not rest and token.text.endswith("\n"):
                    spaces = None
                else:
                    spaces = len(token.text) - len(rest)
                    starts.append(token)
            if spaces is not None and (smallest is None or spaces < smallest):
                smallest = spaces
        if token.text is not None and token.text.endswith("\n"):
            fresh = True
    for token in starts:
        if token.text is not None:
            token.text = token.text[smallest or 0 :]


def bare_template(parser: ExprParser) -> Expr:
    """All the data as one template, as a string of `.tf.json` is read."""
    start = parser.pos
    scan = _Scanner(parser)
    _lines(scan, None)
    return scan.node(start, parser.pos, heredoc=False)
