"""Functions on numbers."""

from __future__ import annotations

from fsbp_lsp.terraform.arithmetic import arithmetic
from fsbp_lsp.terraform.conversion import ordered
from fsbp_lsp.terraform.data import Fault, List, kind
from fsbp_lsp.terraform.functions import decided, whole
from fsbp_lsp.terraform.scalars import to_number
from fsbp_lsp.values import UNKNOWN, Seq, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.terraform.functions import Table
    from fsbp_lsp.values import Datum

    Number = int | float

MAX_RANGE = 1024


def _most(*numbers: Number) -> Datum:
    if not numbers:
        raise Fault("at least one number is required")
    return max(numbers)


def _least(*numbers: Number) -> Datum:
    if not numbers:
        raise Fault("at least one number is required")
    return min(numbers)


def _floor(number: Number) -> Datum:
    return int(number // 1)


def _ceil(number: Number) -> Datum:
    return -int(-number // 1)


def _log(number: Number, base: Number) -> Datum:
    # Logarithms are 64-bit floats that differ in the last digit from one machine to another.
    if number < 0 or base < 0 or (number == 0 and base > 1):
        raise Fault("no logarithm")
    return 0 if number == 1 and base > 1 else UNKNOWN


def _pow(number: Number, power: Number) -> Datum:
    # Exact while the result is a whole number that a 64-bit float holds.
    if isinstance(number, int) and isinstance(power, int) and 0 <= power <= 64:
        made = number**power
        return made if abs(made) < 2**53 and (made or number >= 0) else UNKNOWN
    return UNKNOWN


def _signum(args: list[Value]) -> Datum:
    number = whole(args[0])
    return UNKNOWN if number is None else (number > 0) - (number < 0)


_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _parse_int(args: list[Value]) -> Datum:
    text, base = known(args[0].raw), whole(args[1])
    if kind(text) not in ("string", "unknown"):
        raise Fault("a string is required")
    if base is not None and not 2 <= base <= 62:
        raise Fault("no such base")
    if not isinstance(text, str) or base is None:
        return UNKNOWN
    negative, digits = text[:1] == "-", text[1:] if text[:1] in ("-", "+") else text
    number = 0
    if len(digits) > 150:
        return UNKNOWN
    for char in digits:
        value = _DIGITS.find(char.lower() if base <= 36 else char)
        if not 0 <= value < base:
            raise Fault("not a number of this base")
        number = number * base + value
    if not digits:
        raise Fault("not a number of this base")
    if negative and number == 0:
        return 0
    return -number if negative else number


def _sum(args: list[Value]) -> Datum:
    datum = known(args[0].raw)
    if datum is UNKNOWN:
        return UNKNOWN
    if not isinstance(datum, Seq):
        raise Fault("a list is required")
    if datum.open or not ordered(datum):
        return UNKNOWN
    if not datum.items:
        raise Fault("an empty list has no sum")
    total: Datum = None
    for item in datum.items:
        number = to_number(item.raw)
        if number is None:
            raise Fault("null in a sum")
        if number is UNKNOWN or total is UNKNOWN:
            total = UNKNOWN
        else:
            total = number if total is None else arithmetic("+", total, number)
    return total


def _range(*numbers: Number) -> Datum:
    if not 1 <= len(numbers) <= 3:
        raise Fault("one to three numbers are required")
    start, end = (0, numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[1])
    step = numbers[2] if len(numbers) == 3 else (1 if start <= end else -1)
    if start == end:
        return List((), of="number")
    if step == 0 or (start < end) is not (step > 0):
        raise Fault("the step does not lead to the limit")
    items: list[Value] = []
    at: Datum = start
    while (at < end) if step > 0 else (at > end):
        if len(items) >= MAX_RANGE:
            raise Fault("more than 1024 elements")
        items.append(Value((at,)))
        at = arithmetic("+", at, step)
        if at is UNKNOWN:
            return UNKNOWN
    return List(tuple(items), of="number")


TABLE: Table = {
    "abs": ("n", decided(abs)),
    "ceil": ("n", decided(_ceil)),
    "floor": ("n", decided(_floor)),
    "log": ("nn", decided(_log)),
    "max": ("*n", decided(_most)),
    "min": ("*n", decided(_least)),
    "parseint": ("dn", _parse_int),
    "pow": ("nn", decided(_pow)),
    "range": ("*n", decided(_range)),
    "signum": ("n", _signum),
    "sum": ("d", _sum),
}
