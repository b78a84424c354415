"""JSON, base64, URLs, CSV and text encodings. A string made by `jsonencode` remembers what it was made of."""

from __future__ import annotations

import re

from fsbp_lsp.terraform.conversion import ordered
from fsbp_lsp.terraform.data import MAX_NODES, WORK, Fault, JsonStr, JsonText, List, Set, TooMuch, bounded_text, lift
from fsbp_lsp.terraform.digits import number_text
from fsbp_lsp.terraform.functions import decided, text_of
from fsbp_lsp.terraform.scalars import to_number
from fsbp_lsp.values import UNKNOWN, Map, Seq, Text, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.terraform.functions import Table
    from fsbp_lsp.values import Datum

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def quote(text: str) -> str:
    """A JSON string as Go writes it: `<`, `>` and `&` escaped, everything else beyond ASCII as it is."""
    out = []
    for char in text:
        if char in _ESCAPES:
            out.append(_ESCAPES[char])
        elif char < " " or char in "<>&\u2028\u2029":
            out.append(f"\\u{ord(char):04x}")
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
        WORK.units += 1
        if self.left < 0 or depth > 60:
            raise TooMuch
        datum = known(value.raw)
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
        elif isinstance(datum, Set) and not ordered(datum):
            self.parts.extend(["[", UNKNOWN, "]"])
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
        else:
            # Of a reference not even the type is known: it may be written with or without quotes.
            self.parts.append(UNKNOWN)


def json_text(value: Value) -> Datum:
    """The value as JSON: a str, or a Text known in part. Raises TooMuch."""
    writer = _Writer()
    writer.write(value)
    return Text.join(writer.parts)


def _json_encode(args: list[Value]) -> Datum:
    argument = args[0]
    try:
        text = json_text(argument)
    except TooMuch:
        text = UNKNOWN

    def document() -> Value:
        return argument

    if isinstance(text, str):
        return JsonStr.of(bounded_text(text), document)
    return JsonText(text.parts if isinstance(text, Text) else (UNKNOWN,), document)


def _json_decode(args: list[Value]) -> Datum | Value:
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
        found = json.loads(text, parse_constant=_refuse, parse_float=to_number, parse_int=to_number)
    except ValueError as error:
        raise Fault("not JSON") from error
    except RecursionError as error:
        raise TooMuch from error
    return lift(found) if "\\u" not in text or _is_text(found) else UNKNOWN


def _refuse(_name: str) -> object:
    raise ValueError("no JSON number")


def _is_text(data: object) -> bool:
    """No half of a surrogate pair, which Terraform replaces, in any string."""
    if isinstance(data, str):
        return not any("\ud800" <= char <= "\udfff" for char in data)
    if isinstance(data, list):
        return all(_is_text(item) for item in data)
    if isinstance(data, dict):
        return all(_is_text(key) and _is_text(item) for key, item in data.items())
    return True


def _base64_encode(text: str) -> Datum:
    import base64

    return bounded_text(base64.b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii"))


_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}\Z")


def _base64_bytes(text: str) -> bytes:
    import base64

    text = text.replace("\r", "").replace("\n", "")
    if len(text) % 4 or not _BASE64.match(text):
        raise Fault("not base64")
    try:
        return base64.b64decode(text)
    except ValueError as error:
        raise Fault("not base64") from error


def _base64_decode(text: str) -> Datum:
    try:
        return _base64_bytes(text).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Fault("not base64 of a text") from error


_ENCODINGS = {"utf-8": "utf-8", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "iso-8859-1": "latin-1"}


def _text_encode(text: str, encoding: str) -> Datum:
    name = _ENCODINGS.get(encoding.lower())
    if name is None:
        return UNKNOWN
    import base64

    try:
        return base64.b64encode(text.encode(name)).decode("ascii")
    except UnicodeEncodeError as error:
        raise Fault("a character the encoding does not have") from error


def _text_decode(text: str, encoding: str) -> Datum:
    name = _ENCODINGS.get(encoding.lower())
    data = _base64_bytes(text)
    if name is None:
        return UNKNOWN
    try:
        made = data.decode(name)
    except UnicodeDecodeError:
        return UNKNOWN
    # Control characters of Latin 1 have other meanings in what browsers call by its name.
    return UNKNOWN if name == "latin-1" and any("\x80" <= char < "\xa0" for char in made) else made


def _url_encode(text: str) -> Datum:
    from urllib.parse import quote_plus

    return quote_plus(text, safe="")


def _csv_decode(text: str) -> Datum:
    if "\r" in text.replace("\r\n", "") or "\0" in text:
        return UNKNOWN
    rows = _csv_rows(text.replace("\r\n", "\n"))
    if not rows:
        raise Fault("no header")
    header = rows[0]
    if len(set(header)) < len(header):
        raise Fault("two columns of one name")
    if any(len(row) != len(header) for row in rows):
        raise Fault("rows of different lengths")
    inner = ("object", tuple((name, "string") for name in sorted(header)))
    items = [Map({name: Value((cell,)) for name, cell in sorted(zip(header, row, strict=True))}) for row in rows[1:]]
    return List(tuple(Value((item,)) for item in items), of=inner)


def _csv_rows(text: str) -> list[list[str]]:
    """Records of RFC 4180, blank lines aside. Raises Fault for quotes out of place."""
    rows: list[list[str]] = []
    row: list[str] = []
    at = 0
    while at < len(text):
        if not row and text[at] == "\n":
            at += 1
            continue
        if text[at] == '"':
            at += 1
            cell: list[str] = []
            while True:
                end = text.find('"', at)
                if end < 0:
                    raise Fault("an open quote")
                cell.append(text[at:end])
                at = end + 1
                if text[at : at + 1] != '"':
                    break
                cell.append('"')
                at += 1
            row.append("".join(cell))
        else:
            end = at
            while end < len(text) and text[end] not in ",\n":
                end += 1
            if '"' in text[at:end]:
                raise Fault("a quote inside a field")
            row.append(text[at:end])
            at = end
        if at >= len(text) or text[at] == "\n":
            rows.append(row)
            row = []
        elif text[at] != ",":
            raise Fault("text behind a quote")
        at += 1
        if at == len(text) and text[at - 1] == ",":
            row.append("")
            rows.append(row)
            row = []
        elif row and text[at] == "\n":
            row.append("")
            rows.append(row)
            row = []
            at += 1
    return rows


TABLE: Table = {
    "base64decode": ("s", decided(_base64_decode)),
    "base64encode": ("s", decided(_base64_encode)),
    "csvdecode": ("s", decided(_csv_decode)),
    "jsondecode": ("s", _json_decode),
    "jsonencode": ("d?", _json_encode),
    "textdecodebase64": ("ss", decided(_text_decode)),
    "textencodebase64": ("ss", decided(_text_encode)),
    "urlencode": ("s", decided(_url_encode)),
}
