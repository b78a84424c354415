"""HCL expressions: a recursive descent parser over bytes, bounded in depth.

The structure of a file comes from tree-sitter (`hcl.py`); the value of an attribute is read here, with
HCL's own precedence, escapes and newline rules. An attribute counts only when both agree on its span.
"""

from __future__ import annotations

import re

from fsbp_lsp.syntax.hcl_template import heredoc_template, quoted_template
from fsbp_lsp.syntax.hcl_tree import (
    Binary,
    Call,
    Conditional,
    Expr,
    For,
    GetAttr,
    Index,
    Literal,
    Object,
    Opaque,
    Splat,
    Tuple,
    Unary,
    Variable,
)

MAX_HEIGHT = 80
"""Nested levels of one expression. Each costs this parser about six Python frames, an evaluator two or three."""

MAX_EXPRESSIONS = 100_000
"""Expressions inside one: no evaluator looks at as many, and 2 MB hold a million of them."""

_NAME = rb"[A-Za-z_\x80-\xff][\w\x80-\xff-]*"
_name = re.compile(_NAME).match
_function = re.compile(_NAME + rb"(?:::" + _NAME + rb")*(?=[ \t]*\()").match
_number = re.compile(rb"(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?").match
_blank = re.compile(rb"(?:[ \t]+|\r(?=\n)|/\*[\s\S]*?\*/)*").match
_blank_and_lines = re.compile(rb"(?:[ \t\r\n]+|#[^\n]*|//[^\n]*|/\*[\s\S]*?\*/)*").match
_line_end = re.compile(rb"(?:[ \t\r]+|#[^\n]*|//[^\n]*|/\*[\s\S]*?\*/)*\n").match
_plain_string = re.compile(rb'"([^"\\$%\r\n]*)"').match
_operator = re.compile(rb"\|\||&&|==|!=|>=|<=|>|<|[+\-*%]|/(?![/*])").match
_object_key = re.compile(rb"(" + _NAME + rb")(?=[ \t]*(?:=(?![=>])|:(?!:)))").match
_legacy_index = re.compile(rb"\d{1,9}(?:\.\d{1,9})*").match
_for = re.compile(rb"for(?=[\s#/])").match
_whole_literal = re.compile(rb'(?:"([^"\\$%\r\n]*)"|(true|false|null)|(\d{1,15}))').fullmatch
_constants = {b"true": True, b"false": False, b"null": None}

_LEVEL = {
    b"||": 1,
    b"&&": 2,
    b"==": 3,
    b"!=": 3,
    b">": 4,
    b">=": 4,
    b"<": 4,
    b"<=": 4,
    b"+": 5,
    b"-": 5,
    b"*": 6,
    b"/": 6,
    b"%": 6,
}


class NotUnderstood(Exception):
    """The text is not an HCL expression (or too deep); `str()` says why, `at` where."""

    def __init__(self, at: int, reason: str) -> None:
        super().__init__(reason)
        self.at = at


def number_value(whole: bytes, fraction: bytes | None, exponent: bytes | None) -> int | float | None:
    """Int when integral, else float; None when too large to hold."""
    power = int(exponent) if exponent and len(exponent) < 6 else 0
    if len(whole) + len(fraction or b"") > 300 or abs(power) > 300 or (exponent and len(exponent) >= 6):
        return None
    digits = (fraction or b"").rstrip(b"0")
    mantissa = int(whole + digits)
    power -= len(digits)
    if power >= 0:
        return int(mantissa * 10**power)
    if mantissa % 10**-power == 0:
        return int(mantissa // 10**-power)
    return float(f"{mantissa}e{power}")


class ExprParser:
    """One pass over `data` from `pos`. `lines` tells whether a newline is mere space (inside brackets).

    `height` is the height of the node returned last: it bounds the recursion of everybody who walks the tree.
    """

    __slots__ = ("count", "data", "depth", "height", "lines", "pos")

    def __init__(self, data: bytes, pos: int, lines: bool = False) -> None:
        self.data = data
        self.pos = pos
        self.lines = lines
        self.count = 0
        self.depth = 0
        self.height = 0

    # Tokens

    def skip(self) -> int:
        """Move over blanks and comments (and newlines where they are mere space); the next byte, -1 at the end."""
        match = (_blank_and_lines if self.lines else _blank)(self.data, self.pos)
        self.pos = match.end() if match else self.pos
        return self.data[self.pos] if self.pos < len(self.data) else -1

    def fail(self, reason: str) -> NotUnderstood:
        return NotUnderstood(self.pos, reason)

    def expect(self, text: bytes) -> None:
        self.skip()
        if not self.data.startswith(text, self.pos):
            raise self.fail(f"missing {text.decode()}")
        self.pos += len(text)

    def accept(self, text: bytes) -> bool:
        self.skip()
        if self.data.startswith(text, self.pos):
            self.pos += len(text)
            return True
        return False

    def name(self) -> str:
        self.skip()
        match = _name(self.data, self.pos)
        if match is None:
            raise self.fail("missing name")
        self.pos = match.end()
        return match[0].decode("utf-8", "replace")

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_HEIGHT:
            raise self.fail("nested too deeply")

    def grown(self, height: int) -> None:
        self.height = height
        if height > MAX_HEIGHT:
            raise self.fail("nested too deeply")

    # Grammar

    def expression(self) -> Expr:
        self.deeper()
        self.count += 1
        if self.count > MAX_EXPRESSIONS:
            raise self.fail("too large")
        left = self.binary(1)
        height = self.height
        if self.skip() == 63:  # ?
            self.pos += 1
            yes = self.expression()
            height = max(height, self.height)
            self.expect(b":")
            no = self.expression()
            self.grown(max(height, self.height) + 1)
            left = Conditional(left.start, no.end, left, yes, no)
        self.depth -= 1
        return left

    def binary(self, level: int) -> Expr:
        """Precedence climbing: operators of `level` and tighter ones, left associative."""
        left = self.unary()
        height = self.height
        while True:
            self.skip()
            match = _operator(self.data, self.pos)
            if match is None:
                break
            bound = _LEVEL[match[0]]
            if bound < level:
                break
            self.pos = match.end()
            right = self.binary(bound + 1)
            height = max(height, self.height) + 1
            self.grown(height)
            left = Binary(left.start, right.end, match[0].decode(), left, right)
        self.height = height
        return left

    def unary(self) -> Expr:
        byte = self.skip()
        if byte in (45, 33):  # - !
            start = self.pos
            self.pos += 1
            self.deeper()
            operand = self.unary()
            self.depth -= 1
            self.grown(self.height + 1)
            return Unary(start, operand.end, chr(byte), operand)
        return self.steps(self.term())

    def steps(self, target: Expr) -> Expr:
        """`.name`, `.0`, `[key]`, `[*]…`, `.*…` after a term."""
        height = self.height
        while True:
            byte = self.skip()
            data, pos = self.data, self.pos
            if byte == 46 and data[pos : pos + 3] != b"...":  # .
                self.pos += 1
                after = self.skip()
                if after == 42:  # *
                    self.pos += 1
                    target = self.attribute_splat(target)
                    height = max(height, self.height)
                elif 48 <= after <= 57:
                    target = self.legacy_index(target)
                else:
                    name = self.name()
                    target = GetAttr(target.start, self.pos, target, name)
            elif byte == 91:  # [
                self.pos += 1
                outer, self.lines = self.lines, True
                if self.skip() == 42:
                    self.pos += 1
                    self.expect(b"]")
                    self.lines = outer
                    self.deeper()
                    each = self.steps(Variable(self.pos, self.pos, "*"))
                    self.depth -= 1
                    target = Splat(target.start, each.end, target, each)
                    height = max(height, self.height) + 1
                    self.grown(height)
                    continue
                self.height = 0
                key = self.expression()
                self.expect(b"]")
                self.lines = outer
                height = max(height, self.height)
                target = Index(target.start, self.pos, target, key)
            else:
                break
            height += 1
            self.grown(height)
        self.height = height
        return target

    def legacy_index(self, target: Expr) -> Expr:
        match = _legacy_index(self.data, self.pos)
        if match is None:
            raise self.fail("missing index")
        at = self.pos
        self.pos = match.end()
        if b"." in match[0]:
            # Read as one number, and refused: `.0.1` has to be `[0][1]`.
            return Opaque(target.start, self.pos, "two indexes without brackets")
        return Index(target.start, self.pos, target, Literal(at, self.pos, int(match[0])))

    def attribute_splat(self, target: Expr) -> Expr:
        each: Expr = Variable(self.pos, self.pos, "*")
        end = self.pos
        height = 1
        while self.skip() == 46 and self.data[self.pos : self.pos + 3] != b"...":
            self.pos += 1
            if self.skip() == 42:
                raise self.fail("nested splat")
            if self.data[self.pos : self.pos + 1].isdigit():
                each = self.legacy_index(each)
            else:
                each = GetAttr(each.start, self.pos, each, self.name())
                each.end = self.pos
            end = self.pos
            height += 1
            self.grown(height)
        self.height = height
        return Splat(target.start, end, target, each)

    def term(self) -> Expr:
        byte = self.skip()
        data, start = self.data, self.pos
        self.height = 1
        if byte == 34:  # "
            match = _plain_string(data, start)
            if match is not None:
                self.pos = match.end()
                return Literal(start, self.pos, match[1].decode("utf-8", "replace"))
            return quoted_template(self, start)
        if byte == 91:
            return self.tuple(start)
        if byte == 123:  # {
            return self.object(start)
        if byte == 40:  # (
            self.pos += 1
            outer, self.lines = self.lines, True
            inner = self.expression()
            self.expect(b")")
            self.lines = outer
            inner.start, inner.end = start, self.pos
            return inner
        if 48 <= byte <= 57:
            match = _number(data, start)
            if match is None:
                raise self.fail("not a number")
            self.pos = match.end()
            value = number_value(match[1], match[2], match[3])
            if value is None:
                return Opaque(start, self.pos, "a number of this size")
            return Literal(start, self.pos, value)
        if byte == 60 and data.startswith(b"<<", start):
            return heredoc_template(self, start)
        match = _function(data, start)
        if match is not None:
            return self.call(start, match[0], match.end())
        match = _name(data, start)
        if match is None:
            raise self.fail("missing value" if byte < 0 or byte in b"\r\n" else "unexpected text")
        self.pos = match.end()
        if match[0] in _constants:
            return Literal(start, self.pos, _constants[match[0]])
        return Variable(start, self.pos, match[0].decode("utf-8", "replace"))

    def call(self, start: int, name: bytes, end: int) -> Expr:
        self.pos = end
        outer, self.lines = self.lines, False
        self.expect(b"(")
        self.lines = True
        args: list[Expr] = []
        expand = False
        height = 0
        while self.skip() != 41:  # )
            args.append(self.expression())
            height = max(height, self.height)
            if self.accept(b"..."):
                expand = True
                self.accept(b",")
                break
            if not self.accept(b","):
                break
        self.expect(b")")
        self.lines = outer
        self.grown(height + 1)
        return Call(start, self.pos, name.decode("utf-8", "replace"), args, expand)

    def tuple(self, start: int) -> Expr:
        self.pos += 1
        outer, self.lines = self.lines, True
        self.skip()
        if _for(self.data, self.pos):
            return self.comprehension(start, outer, b"]")
        items: list[Expr] = []
        height = 0
        while self.skip() != 93:  # ]
            items.append(self.expression())
            height = max(height, self.height)
            if not self.accept(b","):
                break
        self.expect(b"]")
        self.lines = outer
        self.grown(height + 1)
        return Tuple(start, self.pos, items)

    def object(self, start: int) -> Expr:
        self.pos += 1
        outer, self.lines = self.lines, True
        self.skip()
        if _for(self.data, self.pos):
            return self.comprehension(start, outer, b"}")
        items: list[tuple[Expr, Expr]] = []
        height = 0
        while self.skip() != 125:  # }
            self.lines = False
            match = _object_key(self.data, self.pos)
            if match is not None:
                key: Expr = Literal(match.start(), match.end(), match[1].decode("utf-8", "replace"))
                self.pos = match.end()
            else:
                key = self.expression()
                height = max(height, self.height)
            if self.skip() not in (61, 58):  # = :
                raise self.fail("missing =")
            self.pos += 1
            value = self.expression()
            height = max(height, self.height)
            items.append((key, value))
            if not self.accept(b",") and self.skip() != 125 and not _line_end(self.data, self.pos):
                raise self.fail("missing , or new line")
            self.lines = True
        self.pos += 1
        self.lines = outer
        self.grown(height + 1)
        return Object(start, self.pos, items)

    def comprehension(self, start: int, outer: bool, close: bytes) -> Expr:
        self.pos += 3
        key_name, value_name = "", self.name()
        if self.accept(b","):
            key_name, value_name = value_name, self.name()
        if self.name() != "in":
            raise self.fail("missing in")
        source = self.expression()
        height = self.height
        self.expect(b":")
        key_expr: Expr | None = None
        value_expr = self.expression()
        height = max(height, self.height)
        group = False
        if close == b"}":
            self.expect(b"=>")
            key_expr, value_expr = value_expr, self.expression()
            height = max(height, self.height)
            group = self.accept(b"...")
        condition: Expr | None = None
        if not self.accept(close):
            if self.name() != "if":
                raise self.fail("missing " + close.decode())
            condition = self.expression()
            height = max(height, self.height)
            self.expect(close)
        self.lines = outer
        self.grown(height + 1)
        return For(start, self.pos, key_name, value_name, source, key_expr, value_expr, condition, group)


def read_expression(data: bytes, start: int, end: int) -> Expr:
    """The expression that fills `data[start:end]` exactly; Opaque (with the reason) when it does not."""
    text = data[start:end]
    match = _whole_literal(text)
    if match is not None:
        if match[2] is not None:
            return Literal(start, end, _constants[match[2]])
        return Literal(start, end, int(match[3]) if match[3] is not None else match[1].decode("utf-8", "replace"))
    parser = ExprParser(data, start)
    try:
        node = parser.expression()
    except NotUnderstood as error:
        return Opaque(start, end, str(error))
    if node.start != start or node.end != end:
        return Opaque(start, end, "not one expression")
    return node
