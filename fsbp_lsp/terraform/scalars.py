"""Conversion of a datum to number, bool or string."""

from __future__ import annotations

import re

from fsbp_lsp.terraform.data import Fault
from fsbp_lsp.terraform.digits import number_of, number_text
from fsbp_lsp.values import UNKNOWN, Map, Seq, Text, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.values import Datum

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)


def to_number(datum: Datum) -> Datum:
    """Conversion to number: int, float or UNKNOWN. Raises Fault when Terraform refuses."""
    datum = known(datum)
    if datum is None or datum is UNKNOWN or isinstance(datum, Text):
        return None if datum is None else UNKNOWN
    if isinstance(datum, bool):
        raise Fault("a bool is no number")
    if isinstance(datum, (int, float)):
        return datum
    if isinstance(datum, str):
        if datum.isdecimal() and datum.isascii() and len(datum) < 30:
            return int(datum)
        if _NUMBER.match(datum):
            if len(datum) > 200 or (re.search(r"[1-9]", datum) is None and "-" in datum):
                return UNKNOWN  # Terraform keeps the sign of zero
            from decimal import Decimal

            number = Decimal(datum)
            return number_of(number) if abs(number.adjusted()) < 200 else UNKNOWN
        if "p" in datum.lower():
            return UNKNOWN  # a binary exponent
        raise Fault("not a number")
    if isinstance(datum, (Seq, Map)):
        raise Fault("a collection is no number")
    return UNKNOWN


def to_bool(datum: Datum) -> Datum:
    """Conversion to bool: bool, None or UNKNOWN. Raises Fault when Terraform refuses."""
    datum = known(datum)
    if datum is None or isinstance(datum, bool):
        return datum
    if isinstance(datum, str):
        if datum in ("true", "1"):
            return True
        if datum in ("false", "0"):
            return False
        raise Fault("not a bool")
    if datum is UNKNOWN or isinstance(datum, Text):
        return UNKNOWN
    raise Fault("not a bool")


def to_text(datum: Datum) -> Datum:
    """Conversion to string: str, None, a Text, an undecided Ref, or UNKNOWN. Raises Fault when Terraform refuses."""
    inner = known(datum)
    if inner is None or isinstance(inner, (str, Text)):
        return inner
    if inner is UNKNOWN:
        return datum
    if isinstance(inner, bool):
        return "true" if inner else "false"
    if isinstance(inner, (int, float)):
        text = number_text(inner)
        return UNKNOWN if text is None else text
    if isinstance(inner, (Seq, Map)):
        raise Fault("a collection is no string")
    return UNKNOWN
