"""The table of Terraform functions, and the few on numbers and types.

A function takes single-possibility values and returns a datum, or a Value when it hands on an element
with its place and origins. It raises Fault where Terraform certainly stops, and returns UNKNOWN
whenever the exact answer is not certain.
"""

from __future__ import annotations

from fsbp_lsp.terraform.data import Fault, TooMuch, number_text, plain, to_bool, to_number, to_text
from fsbp_lsp.terraform.types import to_collection
from fsbp_lsp.values import UNKNOWN, Seq, Text, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.values import Datum

    Function = Callable[[list[Value]], Datum | Value]

_table: dict[str, Function] = {}


def function(name: str) -> Function | None:
    """The implementation of a function; None when it is not known here. `core::name` is the same as `name`."""
    if not _table:
        _load()
    return _table.get(name.removeprefix("core::"))


def _load() -> None:
    from fsbp_lsp.terraform import functions_collection, functions_encoding, functions_sets, functions_text

    for module in (functions_collection, functions_sets, functions_text, functions_encoding):
        _table.update(module.TABLE)
    _table.update(TABLE)


def need(args: list[Value], least: int, most: int | None = None) -> None:
    """Raises Fault for a wrong number of arguments."""
    if len(args) < least or (most is not None and len(args) > most):
        raise Fault("wrong number of arguments")


def text_of(value: Value) -> str | None:
    """The argument as a string; None when it is not decided. Raises Fault for null."""
    made = to_text(value.raw)
    if made is None:
        raise Fault("null argument")
    return made if isinstance(made, str) else None


def number_arg(value: Value) -> int | float | None:
    """The argument as a number; None when it is not decided. Raises Fault for null."""
    made = to_number(value.raw)
    if made is None:
        raise Fault("null argument")
    return made if isinstance(made, (int, float)) else None


def whole(value: Value) -> int | None:
    """The argument as a whole number; None when it is not decided. Raises Fault for fractions and null."""
    made = number_arg(value)
    if isinstance(made, float):
        if not made.is_integer():
            raise Fault("a whole number is required")
        return int(made)
    return made


def texts_of(value: Value) -> list[str] | None:
    """The argument as a closed list of decided strings, else None. Raises Fault for what is no list of strings."""
    datum = known(value.raw)
    if datum is UNKNOWN:
        return None
    if not isinstance(datum, Seq):
        raise Fault("a list is required")
    if datum.open:
        return None
    out: list[str] = []
    for item in datum.items:
        made = text_of(item)
        if made is None:
            return None
        out.append(made)
    return out


def plain_of(value: Value) -> object:
    """The argument as plain data. Raises TooMuch, which the caller of functions turns into UNKNOWN."""
    return plain(value.raw)


# Numbers


def _numbers(args: list[Value]) -> list[int | float] | None:
    numbers = [number_arg(arg) for arg in args]
    if any(number is None for number in numbers):
        return None
    return [number for number in numbers if number is not None]


def _max(args: list[Value]) -> Datum:
    need(args, 1)
    numbers = _numbers(args)
    return UNKNOWN if numbers is None else max(numbers)


def _min(args: list[Value]) -> Datum:
    need(args, 1)
    numbers = _numbers(args)
    return UNKNOWN if numbers is None else min(numbers)


def _abs(args: list[Value]) -> Datum:
    need(args, 1, 1)
    number = number_arg(args[0])
    return UNKNOWN if number is None else abs(number)


def _ceil(args: list[Value]) -> Datum:
    return _rounded(args, 1)


def _floor(args: list[Value]) -> Datum:
    return _rounded(args, -1)


def _rounded(args: list[Value], direction: int) -> Datum:
    need(args, 1, 1)
    number = number_arg(args[0])
    if number is None or (isinstance(number, float) and number_text(number) is None):
        return UNKNOWN
    down = int(number // 1)
    return down if direction < 0 or down == number else down + 1


def _signum(args: list[Value]) -> Datum:
    need(args, 1, 1)
    number = whole(args[0])
    return UNKNOWN if number is None else (number > 0) - (number < 0)


def _parseint(args: list[Value]) -> Datum:
    need(args, 2, 2)
    text, base = text_of(args[0]), whole(args[1])
    if text is None or base is None:
        return UNKNOWN
    if base != 10 and base != 16 and base != 2 and base != 8:
        return UNKNOWN
    body = text.removeprefix("-")
    digits = "0123456789abcdef"[:base]
    if not body or any(char.lower() not in digits for char in body):
        raise Fault("not a number of this base")
    return int(text, base) if len(body) < 30 else UNKNOWN


def _sum(args: list[Value]) -> Datum:
    need(args, 1, 1)
    datum = known(args[0].raw)
    if datum is UNKNOWN:
        return UNKNOWN
    if not isinstance(datum, Seq):
        raise Fault("a list is required")
    if datum.open:
        return UNKNOWN
    if not datum.items:
        raise Fault("an empty list has no sum")
    from fsbp_lsp.terraform.operators import binary

    total: Datum = 0
    for item in datum.items:
        total = binary("+", total, item.raw)
    return total


# Types


def _tostring(args: list[Value]) -> Datum:
    need(args, 1, 1)
    made = to_text(args[0].raw)
    return args[0].raw if isinstance(made, str) and made == known(args[0].raw) else made


def _tonumber(args: list[Value]) -> Datum:
    need(args, 1, 1)
    return to_number(args[0].raw)


def _tobool(args: list[Value]) -> Datum:
    need(args, 1, 1)
    return to_bool(args[0].raw)


def _to(name: str) -> Function:
    def convert(args: list[Value]) -> Datum:
        need(args, 1, 1)
        datum = known(args[0].raw)
        if datum is None or datum is UNKNOWN:
            return datum
        if isinstance(datum, Text):
            raise Fault("a string is no collection")
        return to_collection(datum, name)

    return convert


def _same(args: list[Value]) -> Value:
    need(args, 1, 1)
    return args[0]


def call(run: Function, args: list[Value]) -> Datum | Value:
    """Run a function within bounds: what grows too large or is not decided becomes UNKNOWN. May raise Fault."""
    try:
        return run(args)
    except TooMuch:
        return UNKNOWN


TABLE: dict[str, Function] = {
    "max": _max,
    "min": _min,
    "abs": _abs,
    "ceil": _ceil,
    "floor": _floor,
    "signum": _signum,
    "parseint": _parseint,
    "sum": _sum,
    "tostring": _tostring,
    "tonumber": _tonumber,
    "tobool": _tobool,
    "tolist": _to("list"),
    "toset": _to("set"),
    "tomap": _to("map"),
    "sensitive": _same,
    "nonsensitive": _same,
}
