"""The data of Terraform's type system that the shared values do not have, and bounded walks over data."""

from __future__ import annotations

from _thread import _local  # what threading.local is; a hook has no other use for threading

from fsbp_lsp.syntax.hcl_tree import Literal
from fsbp_lsp.terraform.digits import number_text
from fsbp_lsp.terraform.graphemes import composed
from fsbp_lsp.values import UNKNOWN, Map, Ref, Seq, Text, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
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
MAX_WORK = 300_000
"""Parts of data looked at by one outermost evaluation."""


class Fault(Exception):
    """Terraform would certainly stop here (index out of range, wrong type). `try` and `can` see it."""


class TooMuch(Exception):
    """A bound of this evaluator is reached; the answer is UNKNOWN."""


class Work(_local):
    """What one outermost evaluation has spent on walking through data, over and over again in a loop perhaps.

    Each thread has its own: checks in several must not use up what belongs to another.
    """

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
