"""JSON, base64 and hashes. A string made by `jsonencode` remembers what it was made of."""

from __future__ import annotations

from fsbp_lsp.terraform.data import (
    MAX_NODES,
    Fault,
    JsonStr,
    JsonText,
    TooMuch,
    bounded_text,
    lift,
    number_text,
)
from fsbp_lsp.terraform.functions import need, text_of
from fsbp_lsp.values import UNKNOWN, Map, Ref, Seq, Text, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.terraform.functions import Function
    from fsbp_lsp.values import Datum

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def quote(text: str) -> str:
    """A JSON string as Go writes it: `<`, `>` and `&` escaped, everything else beyond ASCII as it is."""
    out = []
    for char in text:
        if char in _ESCAPES:
            out.append(_ESCAPES[char])
        elif char < " " or char in "<>&\u2028\u2029\x7f":
            out.append(f"\\u{ord(char):04x}" if char != "\x7f" else char)
        else:
            out.append(char)
    return '"' + "".join(out) + '"'


class _Writer:
    """Writes data as JSON; what is not decided becomes an unknown part of the text."""

    def __init__(self) -> None:
        self.parts: list[Datum] = []
        self.left = MAX_NODES

    def write(self, value: Value, depth: int = 0) -> None:
        self.left -= 1
        if self.left < 0 or depth > 60:
            raise TooMuch
        raw = value.raw
        datum = known(raw)
        if datum is None:
            self.parts.append("null")
        elif isinstance(datum, bool):
            self.parts.append("true" if datum else "false")
        elif isinstance(datum, (int, float)):
            number = number_text(datum)
            self.parts.append(UNKNOWN if number is None else number)
        elif isinstance(datum, str):
            self.parts.append(quote(datum))
        elif isinstance(datum, Text):
            self.parts.append('"')
            self.parts.extend(quote(part)[1:-1] if isinstance(part, str) else part for part in datum.parts)
            self.parts.append('"')
        elif isinstance(datum, Seq):
            self.parts.append("[")
            for number_, item in enumerate(datum.items):
                if number_:
                    self.parts.append(",")
                self.write(item, depth + 1)
            self.parts.extend([UNKNOWN, "]"] if datum.open else ["]"])
        elif isinstance(datum, Map):
            self.parts.append("{")
            for number_, key in enumerate(sorted(datum.entries, key=lambda key: key.encode("utf-8", "surrogatepass"))):
                self.parts.append(f"{',' if number_ else ''}{quote(key)}:")
                self.write(datum.entries[key], depth + 1)
            self.parts.extend([UNKNOWN, "}"] if datum.open else ["}"])
        elif isinstance(raw, Ref) and raw.attribute:
            # Its type is not known: it may be written with or without quotes.
            self.parts.append(UNKNOWN)
        else:
            self.parts.append(UNKNOWN)


def _jsonencode(args: list[Value]) -> Datum:
    need(args, 1, 1)
    argument = args[0]
    writer = _Writer()
    try:
        writer.write(argument)
        text = Text.join(writer.parts)
    except TooMuch:
        text = UNKNOWN

    def document() -> Value:
        return argument

    if isinstance(text, str):
        return JsonStr.of(bounded_text(text), document)
    return JsonText(text.parts if isinstance(text, Text) else (UNKNOWN,), document)


def _jsondecode(args: list[Value]) -> Datum | Value:
    need(args, 1, 1)
    datum = known(args[0].raw)
    if isinstance(datum, Text):
        # Only what jsonencode left open: numbers and strings are then what they were.
        made = datum.document() if isinstance(datum, JsonText) else None
        return UNKNOWN if made is None else Value(made.options, args[0].at)
    text = text_of(args[0])
    if text is None:
        return UNKNOWN
    import json

    try:
        found = json.loads(text, parse_constant=_refuse)
    except ValueError as error:
        raise Fault("not JSON") from error
    except RecursionError as error:
        raise TooMuch from error
    return lift(found)


def _refuse(_name: str) -> object:
    raise ValueError("no JSON number")


def _base64encode(args: list[Value]) -> Datum:
    need(args, 1, 1)
    text = text_of(args[0])
    if text is None:
        return UNKNOWN
    import base64

    return bounded_text(base64.b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii"))


def _base64decode(args: list[Value]) -> Datum:
    need(args, 1, 1)
    text = text_of(args[0])
    if text is None:
        return UNKNOWN
    import base64

    try:
        return base64.b64decode(text.encode("ascii"), validate=True).decode("utf-8")
    except ValueError as error:
        raise Fault("not base64 of a text") from error


def _hash(name: str, *, encoded: bool = False) -> Callable[[list[Value]], Datum]:
    def run(args: list[Value]) -> Datum:
        need(args, 1, 1)
        text = text_of(args[0])
        if text is None:
            return UNKNOWN
        import hashlib

        digest = hashlib.new(name, text.encode("utf-8", "surrogatepass"), usedforsecurity=False)
        if not encoded:
            return digest.hexdigest()
        import base64

        return base64.b64encode(digest.digest()).decode("ascii")

    return run


def _urlencode(args: list[Value]) -> Datum:
    need(args, 1, 1)
    text = text_of(args[0])
    if text is None:
        return UNKNOWN
    from urllib.parse import quote_plus

    return quote_plus(text, safe="")


TABLE: dict[str, Function] = {
    "jsonencode": _jsonencode,
    "jsondecode": _jsondecode,
    "base64encode": _base64encode,
    "base64decode": _base64decode,
    "md5": _hash("md5"),
    "sha1": _hash("sha1"),
    "sha256": _hash("sha256"),
    "sha512": _hash("sha512"),
    "base64sha256": _hash("sha256", encoded=True),
    "base64sha512": _hash("sha512", encoded=True),
    "urlencode": _urlencode,
}
