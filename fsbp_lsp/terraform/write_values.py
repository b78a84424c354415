"""Wanted values as HCL expressions, and the values of literal expressions as Python data."""

from __future__ import annotations

import re

from fsbp_lsp.model import Placeholder, Reference
from fsbp_lsp.syntax.hcl_tree import Expr, Literal, Object, Tuple, Unary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_BARE_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*").fullmatch
_ESCAPED = re.compile(r'[\\"\x00-\x1f\x7f\ud800-\udfff]|\$\{|%\{')
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "${": "$${", "%{": "%%{"}
_ONE_LINE = 60
"""A list of plain values up to this many characters stays on one line."""
_EXPRESSION_MARK = "expr:"


class Expression:
    """Source text that is written as it stands, as `var.kms_key_arn`."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class FunctionCall:
    """A call such as `jsonencode({…})`; the arguments are wanted values."""

    __slots__ = ("args", "name")

    def __init__(self, name: str, *args: Any) -> None:
        self.name = name
        self.args = args


class NewBlock:
    """A block to be written. content: attributes as (name, value) and further blocks, in order."""

    __slots__ = ("content", "labels", "type")

    def __init__(self, type: str, content: list[tuple[str, Any] | NewBlock], labels: tuple[str, ...] = ()) -> None:
        self.type = type
        self.content = content
        self.labels = labels


def jsonencode(value: Any) -> FunctionCall:
    """The value as a `jsonencode(…)` expression."""
    return FunctionCall("jsonencode", value)


def quoted(text: str) -> str:
    """A quoted string that means exactly `text`: `${` and `%{` are escaped."""
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def _escape(match: re.Match[str]) -> str:
    found = match[0]
    if found in _ESCAPES:
        return _ESCAPES[found]
    return "\\ufffd" if "\ud800" <= found <= "\udfff" else f"\\u{ord(found):04x}"


def reference(wanted: Reference, instance: str = "") -> Expression:
    """`aws_s3_bucket.logs.id`, or `"${aws_s3_bucket.logs.arn}/*"` with a suffix.

    instance: text behind the block's address (`[0]`, `[each.key]`); '' takes the instance key of the resource.
    """
    key = wanted.resource.key
    if not instance and key is not None:
        instance = f"[{quoted(key) if isinstance(key, str) else key}]"
    text = f"{wanted.resource.local}{instance}.{wanted.attribute}"
    if not wanted.suffix:
        return Expression(text)
    return Expression(f'"${{{text}}}{quoted(wanted.suffix)[1:-1]}"')


def render(value: Any, indent: str = "", unit: str = "  ") -> str:
    """The expression for a wanted value, lines separated by a line feed; further lines are indented for `indent`.

    Objects are aligned as `terraform fmt` does. Raises TypeError for what no expression can hold.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Placeholder):
        if value.text.startswith(_EXPRESSION_MARK):
            return value.text.removeprefix(_EXPRESSION_MARK).strip()
        return quoted(value.text)
    if isinstance(value, Reference):
        return reference(value).text
    if isinstance(value, Expression):
        return value.text
    if isinstance(value, FunctionCall):
        return f"{value.name}({', '.join(render(arg, indent, unit) for arg in value.args)})"
    if isinstance(value, (list, tuple)):
        items = [render(item, indent + unit, unit) for item in value]
        one_line = f"[{', '.join(items)}]"
        flat = not any(isinstance(item, (dict, list, tuple)) for item in value) and "\n" not in one_line
        if flat and len(one_line) <= _ONE_LINE:
            return one_line
        return "[\n" + "".join(f"{indent}{unit}{item},\n" for item in items) + f"{indent}]"
    if isinstance(value, dict):
        if not value:
            return "{}"
        pairs = [(object_key(str(key)), render(item, indent + unit, unit)) for key, item in value.items()]
        return "{\n" + assignments(pairs, indent + unit) + f"{indent}}}"
    raise TypeError(f"no HCL expression for {type(value).__name__}")


def object_key(key: str) -> str:
    return key if _BARE_KEY(key) else quoted(key)


def assignments(pairs: list[tuple[str, str]], indent: str) -> str:
    """Lines `name = value`, aligned over neighbours whose value is on one line."""
    widths = [0] * len(pairs)
    first = 0
    for index in range(len(pairs) + 1):
        if index == len(pairs) or "\n" in pairs[index][1]:
            width = max((len(name) for name, _ in pairs[first:index]), default=0)
            widths[first:index] = [width] * (index - first)
            first = index + 1
    return "".join(f"{indent}{name:<{width}} = {value}\n" for (name, value), width in zip(pairs, widths, strict=True))


def render_block(block: NewBlock, indent: str = "", unit: str = "  ") -> str:
    """The block's text from its indentation to its closing brace, lines separated by a line feed, no final one."""
    header = " ".join([block.type, *(quoted(label) for label in block.labels)])
    if not block.content:
        return f"{indent}{header} {{}}"
    return f"{indent}{header} {{\n{render_content(block.content, indent + unit, unit)}{indent}}}"


def render_content(content: list[tuple[str, Any] | NewBlock], indent: str, unit: str = "  ") -> str:
    """Attributes and blocks as lines, each with its final line feed; a blank line sets a block apart."""
    out = ""
    pairs: list[tuple[str, str]] = []
    for item in content:
        if isinstance(item, NewBlock):
            out += assignments(pairs, indent)
            pairs = []
            out += ("\n" if out else "") + render_block(item, indent, unit) + "\n"
        else:
            if not pairs and out:
                out += "\n"
            pairs.append((item[0], render(item[1], indent, unit)))
    return out + assignments(pairs, indent)


class NotLiteral(Exception):
    """The expression holds something that is only known when it is evaluated."""


def literal(expr: Expr) -> Any:
    """Python data of an expression made of literals only. Raises NotLiteral."""
    if isinstance(expr, Literal):
        return expr.value
    if isinstance(expr, Tuple):
        return [literal(item) for item in expr.items]
    if isinstance(expr, Object):
        return {str(literal(key)): literal(value) for key, value in expr.items}
    if isinstance(expr, Unary) and expr.operator == "-" and isinstance(expr.operand, Literal):
        number = expr.operand.value
        if isinstance(number, (int, float)) and not isinstance(number, bool):
            return -number
    raise NotLiteral


def same(left: Any, right: Any) -> bool:
    """Equality that tells `true` from 1."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(same(one, other) for one, other in zip(left, right, strict=True))
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def already(data: bytes, expr: Expr, wanted: Any, rendered: str) -> bool:
    """Whether the written expression is what is wanted: the same literal value, or the same text but for blanks."""
    if not isinstance(wanted, (Expression, FunctionCall, Reference, Placeholder)):
        try:
            if same(literal(expr), wanted):
                return True
        except NotLiteral:
            pass
    written = data[expr.start : expr.end].decode("utf-8", "replace")
    return written.split() == rendered.split()
