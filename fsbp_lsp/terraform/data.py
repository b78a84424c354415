"""The data of Terraform's type system that the shared values do not have, and bounded walks over data."""

from __future__ import annotations

import re

from fsbp_lsp.syntax.hcl_tree import Literal
from fsbp_lsp.terraform.graphemes import composed
from fsbp_lsp.values import UNKNOWN, Map, Ref, Seq, Text, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal
    from typing import Any

    from fsbp_lsp.text import Loc
    from fsbp_lsp.values import Datum

    Type = Any
    """See `kinds`."""

MAX_NODES = 20_000
"""Data with more parts than this are not decided: local values can double in size at every step."""
MAX_TEXT = 64 * 1024
MAX_PARTS = 500
"""Parts of a text known in part."""
MAX_INTEGER = 10**150
"""Whole numbers below have no digit that Terraform's 512 bits would lose."""


MAX_WORK = 300_000
"""Parts of data looked at by one outermost evaluation."""


class Fault(Exception):
    """Terraform would certainly stop here (index out of range, wrong type). `try` and `can` see it."""


class TooMuch(Exception):
    """A bound of this evaluator is reached; the answer is UNKNOWN."""


class Work:
    """What one outermost evaluation has spent on walking through data, over and over again in a loop perhaps."""

    __slots__ = ("units",)

    def __init__(self) -> None:
        self.units = 0

    def spend(self, units: int = 1) -> None:
        """Raises TooMuch beyond the bound."""
        self.units += units
        if self.units > MAX_WORK:
            raise TooMuch


WORK = Work()
"""Begun anew by the evaluator."""


class List(Seq):
    """A list: elements of one type. A plain Seq is a tuple, whose elements have a type each.

    of: the type of the elements (see `kinds`), None to take it from the elements.
    """

    __slots__ = ("of",)

    def __init__(self, items: tuple[Value, ...], open: bool = False, node: object = None, of: Type | None = None) -> None:
        super().__init__(items, open, node)
        self.of = of


class Set(List):
    """A set: sorted where that is decided; it has no indices. With unknown elements its length is open too."""

    __slots__ = ()


class MapOf(Map):
    """A map: elements of one type. A plain Map is an object, whose attributes have a type each. of: as for List."""

    __slots__ = ("of",)

    def __init__(
        self,
        entries: dict[str, Value],
        open: bool = False,
        node: object = None,
        keys: dict[str, Loc] | None = None,
        of: Type | None = None,
    ) -> None:
        super().__init__(entries, open, node, keys)
        self.of = of


class TypedNull(Literal):
    """Stands where a null value keeps its syntax node, and tells the type of the null."""

    __slots__ = ("type",)

    def __init__(self, start: int, end: int, type: Type) -> None:
        super().__init__(start, end, None)
        self.type = type


class Instance(Ref):
    """A whole resource (one instance) as a value. Outside the evaluator it is a Ref that knows nothing."""

    __slots__ = ()

    def __init__(self, address: str, key: Datum = None) -> None:
        super().__init__(address, "", key)


class JsonStr(str):
    """A decided string that is JSON; `document` gives its content with the places it is written at."""

    __slots__ = ("document",)
    document: Callable[[], Value]

    @staticmethod
    def of(text: str, document: Callable[[], Value]) -> JsonStr:
        made = JsonStr(text)
        made.document = document
        return made


class JsonText(Text):
    """The same for a string known in part."""

    __slots__ = ("document",)

    def __init__(self, parts: tuple[Datum, ...], document: Callable[[], Value]) -> None:
        super().__init__(parts)
        self.document = document

    __hash__ = Text.__hash__


class PathText(Text):
    """The path of a module, or a path below it: no text anybody may compare, yet functions on files know what it names.

    path: as the files port spells it.
    """

    __slots__ = ("path",)

    def __init__(self, parts: tuple[Datum, ...], path: str) -> None:
        super().__init__(parts)
        self.path = path

    __hash__ = Text.__hash__

    @staticmethod
    def joined(pieces: list[Datum], text: Datum) -> Datum:
        """The text of a template: still a path when it begins with one and the rest is decided."""
        first = pieces[0] if pieces else None
        if not isinstance(first, PathText) or not isinstance(text, Text) or not all(isinstance(one, str) for one in pieces[1:]):
            return text
        return PathText(text.parts, first.path + "".join(pieces[1:]))


def kind(datum: Datum) -> str:
    """`null bool number string list set map unknown` of a datum (of its known part for a Ref)."""
    datum = known(datum)
    if datum is None:
        return "null"
    if isinstance(datum, bool):
        return "bool"
    if isinstance(datum, (int, float)):
        return "number"
    if isinstance(datum, (str, Text)):
        return "string"
    if isinstance(datum, Set):
        return "set"
    if isinstance(datum, Seq):
        return "list"
    if isinstance(datum, Map):
        return "map"
    return "unknown"


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


class _Count:
    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_NODES

    def take(self) -> None:
        self.left -= 1
        WORK.units += 1
        if self.left < 0:
            raise TooMuch


def plain(datum: Datum) -> object:
    """Plain Python data (str, int, float, bool, None, list, dict, frozen sets as sorted lists).

    Raises TooMuch for data that are not decided in full (or too large): then there is no plain form.
    """
    return _plain(datum, _Count(), 0)


def _plain(datum: Datum, count: _Count, depth: int) -> object:
    count.take()
    if depth > 60:
        raise TooMuch
    datum = known(datum)
    if datum is None or isinstance(datum, (bool, int, str)):
        return datum
    if isinstance(datum, float):
        if number_text(datum) is None:
            raise TooMuch
        return datum
    if isinstance(datum, Seq):
        if datum.open:
            raise TooMuch
        made = [_plain(item.raw, count, depth + 1) for item in datum.items]
        if isinstance(datum, Set) and len(made) > 1 and any(isinstance(one, (list, dict)) for one in made):
            # Terraform has an order for these, too, but promises none.
            raise TooMuch
        return made
    if isinstance(datum, Map):
        if datum.open:
            raise TooMuch
        return {key: _plain(value.raw, count, depth + 1) for key, value in datum.entries.items()}
    raise TooMuch


def decided(datum: Datum) -> bool:
    """Nothing in the datum is open or unknown."""
    try:
        plain(datum)
    except TooMuch:
        return False
    return True


def lift(data: object) -> Datum:
    """The datum of plain Python data (lists become lists, not sets)."""
    if isinstance(data, (list, tuple)):
        return Seq(tuple(_lifted(item) for item in data))
    if isinstance(data, dict):
        return Map({str(key): _lifted(item) for key, item in data.items()})
    return data if not isinstance(data, str) or data.isascii() else composed(data)


def _lifted(data: object) -> Value:
    return Value((lift(data),), node=TypedNull(0, 0, "dynamic") if data is None else None)


def bounded_text(text: str) -> str:
    """The text itself. Raises TooMuch for a string so long that doubling it again must end."""
    if len(text) > MAX_TEXT:
        raise TooMuch
    return text


def bounded_size(datum: Datum) -> Datum:
    """The datum itself. Raises TooMuch when one collection has too many elements."""
    if (isinstance(datum, Seq) and len(datum.items) > MAX_NODES) or (isinstance(datum, Map) and len(datum.entries) > MAX_NODES):
        raise TooMuch
    if isinstance(datum, str):
        bounded_text(datum)
    elif isinstance(datum, Text) and (
        len(datum.parts) > MAX_PARTS or sum(len(part) for part in datum.parts if isinstance(part, str)) > MAX_TEXT
    ):
        raise TooMuch
    return datum


def make_set(items: list[Value]) -> Set:
    """A set of values of one type: equal ones once, in Terraform's order where that is decided."""
    plain_items = [known(item.raw) for item in items]
    if all(one is None or isinstance(one, (str, int, float)) for one in plain_items):
        seen: dict[Datum, Value] = {}
        for one, item in zip(plain_items, items, strict=True):
            seen.setdefault(one, item)
        return Set(tuple(seen[one] for one in sorted(seen, key=_set_order)))
    kept: list[Value] = []
    marks: set[object] = set()
    for item in items:
        mark = _mark(item.raw)
        if mark is None or mark not in marks:
            kept.append(item)
            marks.add(mark)
    return Set(tuple(kept))


def _mark(datum: Datum) -> object:
    """Something hashable that is equal for equal decided data; None when the datum is not decided."""
    try:
        return _frozen(plain(datum))
    except TooMuch:
        return None


def _frozen(data: object) -> object:
    if isinstance(data, list):
        return ("list", *(_frozen(item) for item in data))
    if isinstance(data, dict):
        return ("map", *((key, _frozen(data[key])) for key in sorted(data)))
    return (type(data) is bool, data)


def _set_order(one: Datum) -> tuple[int, object]:
    # Strings by code points is the order of their UTF-8 bytes; false sorts before true, null last.
    if one is None:
        return (2, 0)
    return (0, one.encode("utf-8", "surrogatepass")) if isinstance(one, str) else (1, one)


def set_is_settled(datum: Seq) -> bool:
    """How many elements the set has is decided: unknown elements might be equal to others."""
    return len(datum.items) < 2 or (not datum.open and all(_mark(item.raw) is not None for item in datum.items))


def known_keys(datum: Set) -> bool:
    """Every element of the set is a decided scalar, so its order and number are decided."""
    return not datum.open and all(isinstance(known(item.raw), (str, int, float)) for item in datum.items)


def settled(datum: Datum) -> bool:
    """Evaluating it cannot fail any more: nothing in it is unknown, but for attributes of resources."""
    try:
        _settle(datum, _Count(), 0)
    except TooMuch:
        return False
    return True


def _settle(datum: Datum, count: _Count, depth: int) -> None:
    count.take()
    if depth > 60:
        raise TooMuch
    if isinstance(datum, Ref):
        return
    if datum is UNKNOWN:
        raise TooMuch
    if isinstance(datum, Text) and UNKNOWN in datum.parts:
        raise TooMuch
    if isinstance(datum, (Seq, Map)):
        if datum.open:
            raise TooMuch
        for value in datum.items if isinstance(datum, Seq) else datum.entries.values():
            for option in value.options:
                _settle(option, count, depth + 1)
