"""Arithmetic, comparison and logic with Terraform's conversions. Undecided operands give UNKNOWN."""

from __future__ import annotations

from fsbp_lsp.terraform.arithmetic import arithmetic
from fsbp_lsp.terraform.data import WORK, Fault, Instance, kind
from fsbp_lsp.terraform.digits import number_text
from fsbp_lsp.terraform.kinds import MAX_DEPTH, datum_type, has_unsure
from fsbp_lsp.terraform.scalars import to_bool, to_number
from fsbp_lsp.terraform.sets import set_is_settled
from fsbp_lsp.values import UNKNOWN, Map, Ref, Seq, Text, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.terraform.data import Type
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
        # Terraform keeps the sign of zero, and shows it.
        return UNKNOWN if number is UNKNOWN or number == 0 else -number
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
    if any(isinstance(number, float) and number_text(number) is None for number in (one, two)):
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


def _wordy(text: str) -> bool:
    """A string that is no spelling of a number or bool, so its type in a provider's schema cannot matter."""
    return text not in ("true", "false", "") and not text[-1:].isdigit() and not text[:1].isdigit()


def equal(left: Datum, right: Datum) -> Datum:
    """`==`: different types are never equal, and collections are equal when their types and all their parts are."""
    from_resource = isinstance(left, Ref) or isinstance(right, Ref)
    one, two = known(left), known(right)
    if (isinstance(left, Instance) and two is None) or (isinstance(right, Instance) and one is None):
        # A resource that exists is an object, whatever is in it.
        return False
    if one is UNKNOWN or two is UNKNOWN:
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
    if "unknown" in kinds:
        return UNKNOWN
    if isinstance(one, (Seq, Map)) and isinstance(two, (Seq, Map)):
        return _same_parts(one, two, 0)
    return kinds[0] == kinds[1] and bool(one == two)


def _same_parts(one: Seq | Map, two: Seq | Map, depth: int) -> Datum:
    if depth > MAX_DEPTH or one.open or two.open:
        return UNKNOWN
    types = datum_type(one), datum_type(two)
    if has_unsure(types[0]) or has_unsure(types[1]):
        # Even a null has a type, and where that is not known the containers may differ in theirs.
        return False if _unlike(types[0], types[1]) else UNKNOWN
    if types[0] != types[1]:
        return False
    if isinstance(one, Map) and isinstance(two, Map):
        if one.entries.keys() != two.entries.keys():
            return False
        pairs = [(value, two.entries[key]) for key, value in one.entries.items()]
    elif isinstance(one, Seq) and isinstance(two, Seq):
        if kind(one) == "set" and not (set_is_settled(one) and set_is_settled(two)):
            return UNKNOWN
        if len(one.items) != len(two.items):
            return False
        if kind(one) == "set" and any(kind(item.raw) in ("list", "set", "map") for item in one.items):
            return UNKNOWN
        pairs = list(zip(one.items, two.items, strict=True))
    else:
        return False
    WORK.spend(len(pairs))
    answer: Datum = True
    for mine, other in pairs:
        inner = known(mine.raw), known(other.raw)
        same = (
            _same_parts(inner[0], inner[1], depth + 1)
            if isinstance(inner[0], (Seq, Map)) and isinstance(inner[1], (Seq, Map))
            else equal(mine.raw, other.raw)
        )
        if same is False:
            return False
        if same is UNKNOWN:
            answer = UNKNOWN
    return answer


def _unlike(one: Type, other: Type) -> bool:
    """Certainly different types, whatever the undecided parts are."""
    if isinstance(one, str) or isinstance(other, str):
        return False
    if (one[0] in ("map", "object")) is not (other[0] in ("map", "object")):
        return True
    return one[0] == other[0] == "tuple" and len(one[1]) != len(other[1])


def _text_equal(one: Datum, two: Datum) -> Datum:
    text, other = (one, two) if isinstance(one, Text) else (two, one)
    if isinstance(other, str):
        fits = other.startswith(text.head) and other.endswith(text.tail) and len(other) >= len(text.head) + len(text.tail)
        return UNKNOWN if fits else False
    return UNKNOWN if isinstance(other, Text) else False
