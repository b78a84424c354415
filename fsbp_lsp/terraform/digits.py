"""Decimals that a number datum stands for."""

from __future__ import annotations

from fsbp_lsp.values import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal

    from fsbp_lsp.values import Datum

MAX_INTEGER = 10**150
"""Whole numbers below have no digit that Terraform's 512 bits would lose."""


def number_text(number: int | float) -> str | None:
    """The number as Terraform prints it; None when a float may not be the number that was written."""
    if isinstance(number, int):
        return str(number) if abs(number) < MAX_INTEGER else None
    if number != number or abs(number) >= 1e15 or (number != 0 and abs(number) < 1e-15):
        return None
    from decimal import Decimal  # 3 ms to import; most modules never print or convert a fraction

    decimal = Decimal(repr(number))
    if len(decimal.as_tuple().digits) > 15:
        return None
    text = format(decimal.normalize(), "f")
    return "0" if text in ("-0", "0") else text


def number_of(decimal: Decimal) -> Datum:
    """The datum of an exact decimal: int, or float when that keeps every digit, else UNKNOWN."""
    if decimal == decimal.to_integral_value():
        return int(decimal) if abs(decimal) < MAX_INTEGER else UNKNOWN
    if len(decimal.normalize().as_tuple().digits) > 15:
        return UNKNOWN
    made = float(decimal)
    return made if number_text(made) is not None else UNKNOWN
