"""Numbers as Terraform calculates them: binary, with a mantissa of 512 bits, rounded to the nearest even one.

A number datum is an int, or a float that stands for the decimal it prints as, read by Terraform.
A result is decided only when it is again exactly what such a datum stands for.
"""

from __future__ import annotations

from fsbp_lsp.terraform.data import Fault
from fsbp_lsp.terraform.digits import MAX_INTEGER, number_text
from fsbp_lsp.values import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.values import Datum

    Big = tuple[int, int]
    """mantissa and exponent: mantissa * 2 ** exponent, the mantissa odd or zero."""

BITS = 512


def _normal(mantissa: int, exponent: int, sticky: bool = False) -> Big:
    """Rounded to 512 bits; `sticky`: the true mantissa is a little larger in magnitude than the given one."""
    if mantissa == 0:
        return 0, 0
    negative, mantissa = mantissa < 0, abs(mantissa)
    extra = mantissa.bit_length() - BITS
    if extra > 0:
        rest = mantissa & ((1 << extra) - 1)
        half = 1 << (extra - 1)
        mantissa >>= extra
        exponent += extra
        if rest > half or (rest == half and (sticky or mantissa & 1)):
            mantissa += 1
    zeros = (mantissa & -mantissa).bit_length() - 1
    mantissa >>= zeros
    return (-mantissa if negative else mantissa), exponent + zeros


def _quotient(dividend: int, divisor: int, exponent: int) -> Big:
    """Dividend / divisor * 2 ** exponent."""
    negative = (dividend < 0) is not (divisor < 0)
    dividend, divisor = abs(dividend), abs(divisor)
    shift = max(0, BITS + 8 - dividend.bit_length() + divisor.bit_length())
    mantissa, rest = divmod(dividend << shift, divisor)
    return _normal(-mantissa if negative else mantissa, exponent - shift, rest != 0)


def big(number: int | float) -> Big | None:
    """What Terraform holds for a datum; None for a float that is no certain decimal."""
    if isinstance(number, int):
        return _normal(int(number), 0)
    text = number_text(number)
    if text is None:
        return None
    whole, _dot, fraction = text.partition(".")
    return _quotient(int(whole + fraction), 10 ** len(fraction), 0)


def datum_of(number: Big) -> Datum:
    """The datum that stands for exactly this number, else UNKNOWN."""
    mantissa, exponent = number
    if exponent >= 0:
        return mantissa << exponent if mantissa.bit_length() + exponent < MAX_INTEGER.bit_length() else UNKNOWN
    if exponent < -2000 or mantissa.bit_length() + exponent > 60:
        return UNKNOWN
    near = mantissa / (1 << -exponent)
    # The digits of a float that stand for it are those of at most 15 places.
    made = float(f"{near:.15g}")
    return made if number_text(made) is not None and big(made) == number else UNKNOWN


def arithmetic(operator: str, left: int | float, right: int | float) -> Datum:
    """`+ - * / %`, or UNKNOWN when no datum stands for the result. Raises Fault for zero divided by zero."""
    one, two = big(left), big(right)
    if one is None or two is None:
        return UNKNOWN
    if operator in ("+", "-"):
        low = min(one[1], two[1])
        if max(one[1], two[1]) - low > 4 * BITS:
            return UNKNOWN
        mine, other = one[0] << (one[1] - low), two[0] << (two[1] - low)
        return datum_of(_normal(mine + other if operator == "+" else mine - other, low))
    if 0 in (one[0], two[0]) and (one[0] < 0 or two[0] < 0):
        return UNKNOWN  # a negative zero, which Terraform shows
    if operator == "*":
        return datum_of(_normal(one[0] * two[0], one[1] + two[1]))
    if operator == "/":
        if two[0] == 0:
            if one[0] == 0:
                raise Fault("division of zero by zero")
            return UNKNOWN  # infinity, which only some uses refuse
        return datum_of(_quotient(one[0], two[0], one[1] - two[1]))
    if operator == "%":
        return _remainder(left, right)
    return UNKNOWN


def _remainder(left: int | float, right: int | float) -> Datum:
    """The sign is that of the left operand. With fractions Terraform rounds to 64 bits on the way: not repeated here."""
    if right == 0:
        return left
    if abs(left) >= 2**53 or abs(right) >= 2**53 or not (float(left) * 4096).is_integer() or not (float(right) * 4096).is_integer():
        return UNKNOWN
    mine, other = int(left * 4096), int(right * 4096)
    rest = abs(mine) % abs(other)
    if rest == 0 and mine < 0:
        return UNKNOWN  # a negative zero
    return datum_of(_normal(-rest if mine < 0 else rest, -12))


def compare(left: int | float, right: int | float) -> int | None:
    """Negative, zero or positive; None when a float is no certain decimal."""
    if big(left) is None or big(right) is None:
        return None
    return (left > right) - (left < right)
