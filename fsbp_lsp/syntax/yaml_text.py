"""Values as YAML text: quoted only where the meaning would not survive otherwise."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PLAIN_START = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`=<~]")
_UNSAFE = re.compile(r": |:$| #|[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]|^\s|\s$")
_ESCAPED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_FLOW_UNSAFE = re.compile(r"[,\[\]{}?]|:$")
_NUMBERLIKE = re.compile(r"[-+.]?[0-9][-+0-9a-fA-FxXoObB_.:TtZz ]*|[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)|[-+.]+")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Tagged:
    """A value with a local tag: `Tagged("!Ref", "Key")`. A collection behind a tag is written in flow style."""

    __slots__ = ("tag", "value")

    def __init__(self, tag: str, value: Any) -> None:
        self.tag = tag
        self.value = value


class YamlStyle:
    """How a document is written. unit: step of a nested mapping; dash: step from a key to its list's dashes."""

    __slots__ = ("dash", "newline", "quote", "unit")

    def __init__(self, newline: str = "\n", unit: int = 2, dash: int = 2, quote: str = '"') -> None:
        self.newline = newline
        self.unit = unit
        self.dash = dash
        self.quote = quote


def is_plain(text: str, flow: bool = False) -> bool:
    """The text may stand without quotes and is read back as this very text by every YAML 1.1 and 1.2 reader."""
    if not text or _PLAIN_START.match(text) is None or _UNSAFE.search(text) is not None:
        return False
    if text.lower() in _WORDS or _NUMBERLIKE.fullmatch(text) is not None:
        return False
    return not flow or _FLOW_UNSAFE.search(text) is None


def quoted(text: str, quote: str = '"') -> str:
    """The text in quotes; `quote` is a wish: what needs an escape is written in double quotes."""
    if quote == "'" and _ESCAPED.search(text) is None:
        return "'" + text.replace("'", "''") + "'"
    out = []
    for char in text:
        if char in _ESCAPES:
            out.append(_ESCAPES[char])
        elif char < " " or "\x7f" <= char <= "\x9f":
            out.append(f"\\x{ord(char):02x}")
        elif char in "\u2028\u2029\ufeff\ufffe\uffff" or "\ud800" <= char <= "\udfff":
            out.append(f"\\u{ord(char):04x}")
        else:
            out.append(char)
    return '"' + "".join(out) + '"'


def string(text: str, style: YamlStyle, flow: bool = False) -> str:
    return text if is_plain(text, flow) else quoted(text, style.quote)


def flow(value: Any, style: YamlStyle, inside: bool = True) -> str:
    """The value on one line. inside: it stands between brackets, where commas and brackets end plain text."""
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, Tagged):
        return f"{value.tag} {flow(value.value, style, inside)}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{string(str(key), style, True)}: {flow(item, style)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(flow(item, style) for item in value) + "]"
    return string(str(value), style, inside)


def is_block(value: Any) -> bool:
    """The value takes lines of its own in block style."""
    return isinstance(value, (dict, list, tuple)) and len(value) > 0


def after_key(value: Any, column: int, style: YamlStyle) -> str:
    """What follows `key:` when the key stands at `column`: a blank and a scalar, or the lines below."""
    if not is_block(value):
        return " " + flow(value, style, inside=False)
    step = style.unit if isinstance(value, dict) else style.dash
    return style.newline + " " * (column + step) + block(value, column + step, style)


def after_dash(value: Any, column: int, style: YamlStyle) -> str:
    """What follows the dash at `column`, from behind the dash."""
    if is_block(value):
        return " " + block(value, column + 2, style)
    return " " + flow(value, style, inside=False)


def block(value: Any, column: int, style: YamlStyle) -> str:
    """A non-empty mapping or list in block style; the first line starts at `column` without its blanks."""
    line = style.newline + " " * column
    if isinstance(value, dict):
        return line.join(f"{string(str(key), style)}:{after_key(item, column, style)}" for key, item in value.items())
    return line.join("-" + after_dash(item, column, style) for item in value)
