"""Arithmetic, comparison and logic with Terraform's conversions. Undecided operands give UNKNOWN."""

from __future__ import annotations

from fsbp_lsp.terraform.data import Fault, kind, number_of, number_text, to_bool, to_number
from fsbp_lsp.values import UNKNOWN, Map, Ref, Seq, Text, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal

    from fsbp_lsp.values import Datum


def unary(operator: str, operand: Datum) -> Datum:
    """`-x` and `!x`. Raises Fault for null and for operands that do not convert."""
    if operator == "!":
        answer = to_bool(operand)
        if answer is None:
            raise Fault("null operand")
        return UNKNOWN if answer is UNKNOWN else not answer
    if operator == "-":
        number = to_number(operand)
        if number is None:
            raise Fault("null operand")
        return UNKNOWN if number is UNKNOWN else -number
    return UNKNOWN


def binary(operator: str, left: Datum, right: Datum) -> Datum:
    """Any two-sided operator. Raises Fault where Terraform certainly stops."""
    if operator == "==":
        return equal(left, right)
    if operator == "!=":
        same = equal(left, right)
        return UNKNOWN if same is UNKNOWN else not same
    if operator in ("&&", "||"):
        return _logic(operator, left, right)
    one, two = to_number(left), to_number(right)
    if one is None or two is None:
        raise Fault("null operand")
    if one is UNKNOWN or two is UNKNOWN:
        return UNKNOWN
    if operator == "<":
        return one < two
    if operator == "<=":
        return one <= two
    if operator == ">":
        return one > two
    if operator == ">=":
        return one >= two
    return arithmetic(operator, one, two)


def _logic(operator: str, left: Datum, right: Datum) -> Datum:
    # `false && unknown` is false whatever the unknown turns out to be: both sides must be bool to get this far.
    decisive = operator == "||"
    answers = [to_bool(left), to_bool(right)]
    if any(answer is None for answer in answers):
        raise Fault("null operand")
    if any(answer is decisive for answer in answers):
        return decisive
    return UNKNOWN if UNKNOWN in answers else not decisive


def _decimal(number: int | float) -> Decimal | None:
    if isinstance(number, float) and number_text(number) is None:
        return None
    from decimal import Decimal

    return Decimal(number) if isinstance(number, int) else Decimal(repr(number))


def arithmetic(operator: str, left: int | float, right: int | float) -> Datum:
    """`+ - * / %` exactly, or UNKNOWN when the result has more digits than a float keeps."""
    from decimal import DivisionByZero, InvalidOperation, localcontext

    one, two = _decimal(left), _decimal(right)
    if one is None or two is None:
        return UNKNOWN
    with localcontext() as context:
        context.prec = 60
        try:
            if operator == "+":
                result = one + two
            elif operator == "-":
                result = one - two
            elif operator == "*":
                result = one * two
            elif operator in ("/", "%") and two == 0:
                raise Fault("division by zero")
            elif operator == "/":
                result = one / two
            elif operator == "%":
                # Terraform's remainder keeps the sign of the left operand, as Decimal's does.
                result = one % two
            else:
                return UNKNOWN
        except (InvalidOperation, DivisionByZero, OverflowError):
            return UNKNOWN
        return number_of(result)


def _wordy(text: str) -> bool:
    """A string that is no spelling of a number or bool, so its type in a provider's schema cannot matter."""
    return text not in ("true", "false", "") and not text[-1:].isdigit() and not text[:1].isdigit()


def equal(left: Datum, right: Datum) -> Datum:
    """`==`: different types are never equal. Collections are compared only with null and with scalars."""
    from_resource = isinstance(left, Ref) or isinstance(right, Ref)
    one, two = known(left), known(right)
    if one is UNKNOWN or two is UNKNOWN:
        if (one is None or two is None) and from_resource:
            return UNKNOWN
        return UNKNOWN
    if one is None or two is None:
        if from_resource:
            # A null argument may still read back as a computed value.
            return UNKNOWN if one is None and two is None else False
        return one is None and two is None
    if isinstance(one, Text) or isinstance(two, Text):
        return _text_equal(one, two)
    kinds = kind(one), kind(two)
    if from_resource and not (
        kinds == ("string", "string") and isinstance(one, str) and isinstance(two, str) and _wordy(one) and _wordy(two)
    ):
        return UNKNOWN
    if isinstance(one, (Seq, Map)) and isinstance(two, (Seq, Map)):
        return UNKNOWN
    if "unknown" in kinds:
        return UNKNOWN
    return kinds[0] == kinds[1] and bool(one == two)


def _text_equal(one: Datum, two: Datum) -> Datum:
    text, other = (one, two) if isinstance(one, Text) else (two, one)
    if isinstance(other, str):
        fits = other.startswith(text.head) and other.endswith(text.tail) and len(other) >= len(text.head) + len(text.tail)
        return UNKNOWN if fits else False
    return UNKNOWN if isinstance(other, Text) else False
