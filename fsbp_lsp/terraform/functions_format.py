"""`format` and `formatlist`."""

from __future__ import annotations

import re

from fsbp_lsp.terraform.arithmetic import big
from fsbp_lsp.terraform.conversion import ordered
from fsbp_lsp.terraform.data import Fault, List, bounded_size, kind
from fsbp_lsp.terraform.digits import number_text
from fsbp_lsp.terraform.functions import text_of
from fsbp_lsp.terraform.graphemes import graphemes
from fsbp_lsp.terraform.scalars import to_bool, to_number, to_text
from fsbp_lsp.values import UNKNOWN, Seq, Text, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.terraform.functions import Table
    from fsbp_lsp.values import Datum

_VERB = re.compile(
    r"%(?P<flags>[-+ #0]*)(?P<width>\d+)?(?:\.(?P<precision>\d*))?(?:\[(?P<index>\d+)\])?(?P<verb>[A-Za-z%])", re.DOTALL | re.ASCII
)
MAX_WIDTH = 3
"""Digits of a width or a precision."""


def _format(args: list[Value]) -> Datum:
    if any(known(arg.raw) is None for arg in args[1:]):
        return UNKNOWN  # left open by Terraform itself
    return _formatted(args)


def _formatted(args: list[Value]) -> Datum:
    template = text_of(args[0])
    if template is None:
        return Text((UNKNOWN,))
    rest = args[1:]
    parts: list[Datum] = []
    at = following = 0
    highest = 0
    while True:
        mark = template.find("%", at)
        parts.append(template[at:] if mark < 0 else template[at:mark])
        if mark < 0:
            break
        if template.startswith("%%", mark):
            parts.append("%")
            at = mark + 2
            continue
        found = _VERB.match(template, mark)
        if found is None:
            if "[" in template[mark:]:
                return UNKNOWN
            raise Fault("not a verb")
        at = found.end()
        number = int(found["index"]) if found["index"] else following + 1
        if number < 1 or number > len(rest):
            raise Fault("not enough arguments")
        following = number
        highest = max(highest, number)
        parts.append(_verb(found, rest[number - 1]))
    if highest < len(rest):
        raise Fault("too many arguments")
    return bounded_size(Text.join([part for part in parts if not (isinstance(part, str) and not part)]))


def _verb(found: re.Match[str], value: Value) -> Datum:
    """One formatted argument: str, or a part of a Text for what is not decided."""
    verb, flags = found["verb"], found["flags"]
    width, precision = found["width"] or "", found["precision"]
    if verb not in "vtbdoxXeEfgGsq":
        raise Fault(f"no such verb: %{verb}")
    if len(width) > MAX_WIDTH or len(precision or "") > MAX_WIDTH:
        return UNKNOWN
    if known(value.raw) is None:
        if verb != "v":
            raise Fault("null argument")
        return "null" if not width and precision is None and not flags else UNKNOWN
    if verb == "t":
        answer = to_bool(value.raw)
        return UNKNOWN if not isinstance(answer, bool) else "true" if answer else "false"
    if verb in "bdoxXeEfgG":
        return _number(verb, flags, width, precision, to_number(value.raw))
    if verb == "v":
        return _any(flags, width, precision, value)
    made = to_text(value.raw)
    if verb == "q":
        if not isinstance(made, str) or width or precision is not None or flags:
            return UNKNOWN
        return _quoted(made)
    if not isinstance(made, str):
        return made if not width and precision is None else UNKNOWN
    if precision is not None:
        chars = graphemes(made)
        if chars is None or not precision:
            return UNKNOWN
        made = "".join(chars[: int(precision)])
    return _padded(made, flags, width)


def _quoted(text: str) -> str:
    from fsbp_lsp.terraform.functions_encoding import quote

    return quote(text)


def _padded(text: str, flags: str, width: str) -> Datum:
    chars = graphemes(text)
    size = int(width or 0)
    if not size:
        return text
    if chars is None or ("0" in flags and "-" in flags):
        return UNKNOWN
    fill = max(0, size - len(chars))
    if "-" in flags:
        return text + " " * fill
    return ("0" if "0" in flags else " ") * fill + text


def _any(flags: str, width: str, precision: str | None, value: Value) -> Datum:
    """%v: strings as they are, numbers as %g, the rest as JSON."""
    from fsbp_lsp.terraform.functions_encoding import json_text

    if precision is not None or "+" in flags or " " in flags:
        return UNKNOWN
    what = kind(value.raw)
    if what == "number" and "#" not in flags:
        return _number("g", flags, width, None, known(value.raw))
    made = to_text(value.raw) if what in ("string", "bool", "unknown") and "#" not in flags else json_text(value)
    if not isinstance(made, str):
        return made if what in ("string", "unknown") and not width else Text((UNKNOWN,))
    return _padded(made, flags, width)


def _number(verb: str, flags: str, width: str, precision: str | None, number: Datum) -> Datum:
    if not isinstance(number, (int, float)) or number_text(number) is None:
        return UNKNOWN
    if verb in "bdoxX":
        if isinstance(number, float) and not number.is_integer():
            raise Fault("a whole number is required")
        if precision is not None or "#" in flags:
            return UNKNOWN
        text = format(abs(int(number)), verb)
    else:
        if "#" in flags or precision == "":
            return UNKNOWN
        text = _decimal(verb, precision, abs(number))
        if not text:
            return UNKNOWN
    sign = "-" if number < 0 else "+" if "+" in flags else " " if " " in flags else ""
    size = int(width or 0)
    if "-" in flags:
        return UNKNOWN if "0" in flags else (sign + text).ljust(size)
    if "0" in flags:
        return sign + text.rjust(size - len(sign), "0")
    return (sign + text).rjust(size)


def _decimal(verb: str, precision: str | None, number: int | float) -> str:
    """The digits in the forms of C's printf, rounded from the binary number Terraform holds; '' for forms not made here."""
    from decimal import ROUND_HALF_EVEN, Decimal, localcontext

    text, held = number_text(number), big(number)
    if text is None or held is None or held[1] < -2000:
        return ""
    with localcontext() as context:
        context.prec = 3000
        context.rounding = ROUND_HALF_EVEN
        if verb in "eEf":
            exact = Decimal(held[0]) * Decimal(2) ** held[1]
            places = 6 if precision is None else int(precision)
            made = format(exact, f".{places}{verb}") if exact else format(0.0, f".{places}{verb}")
        elif precision is not None:
            return ""
        else:
            # As few digits as tell the number from its neighbours.
            shortest = Decimal(text)
            digits = len(shortest.normalize().as_tuple().digits)
            exponent = shortest.adjusted() if shortest else 0
            if -4 <= exponent < 6:
                return text
            made = format(shortest.normalize(), f".{digits - 1}{'E' if verb == 'G' else 'e'}")
    return re.sub(r"([eE][+-])(\d)\Z", r"\g<1>0\2", made)


def _format_list(args: list[Value]) -> Datum:
    template = args[0]
    lengths: set[int] = set()
    for arg in args[1:]:
        datum = known(arg.raw)
        if datum is None or datum is UNKNOWN:
            return UNKNOWN
        if isinstance(datum, Seq):
            if datum.open or not ordered(datum):
                return UNKNOWN
            lengths.add(len(datum.items))
    if len(lengths) > 1:
        raise Fault("lists of different lengths")
    made: list[Value] = []
    for number in range(lengths.pop() if lengths else 1):
        row = [template]
        for arg in args[1:]:
            datum = known(arg.raw)
            row.append(datum.items[number] if isinstance(datum, Seq) else arg)
        made.append(Value((_formatted(row),), row[-1].at))
    return List(tuple(made), of="string")


TABLE: Table = {
    "format": ("s*d?", _format),
    "formatlist": ("s*d?", _format_list),
}
