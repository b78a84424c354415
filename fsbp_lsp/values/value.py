"""Values with provenance. A `Value` is a finite set of possibilities, some of which may be unknown.

Data inside a value are: `ABSENT`, `None` (null), bool, int, float, str, `UNKNOWN`, `Text`
(a string known in part), `Ref` (an attribute of another resource), `Seq` and `Map`.
"""

from __future__ import annotations

import enum
import itertools

from fsbp_lsp.values.tri import MAYBE, NO, YES, Tri

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from typing import Any

    from fsbp_lsp.text import Loc

    Datum = Any
else:
    Datum = object


class _Mark:
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name

    def __bool__(self) -> bool:
        raise TypeError(f"{self.name} is not a bool")


ABSENT = _Mark("ABSENT")
"""Nothing is written here: the provider's or AWS's default decides."""
UNKNOWN = _Mark("UNKNOWN")
"""Something is written here that source alone cannot decide."""


class Via(enum.Enum):
    """How a value reached the place it is read at."""

    LITERAL = "written here"
    DEFAULT = "default"
    VARIABLE = "variable"
    TFVARS = "tfvars"
    LOCAL = "local"
    PARAMETER = "parameter default"
    ARGUMENT = "module argument"
    OUTPUT = "module output"
    BRANCH = "condition"
    REFERENCE = "reference"
    ASSUMED = "assumed in configuration"
    STORE = "read from a store when deployed"
    SUPPLIED = "parameter file"
    OPAQUE = "not known from source"


class Origin:
    """One hop on the way of a value: what it came through (`note`: variable, local, condition name …) and where."""

    __slots__ = ("at", "note", "via")

    def __init__(self, via: Via, at: Loc | None = None, note: str = "") -> None:
        self.via = via
        self.at = at
        self.note = note

    def __repr__(self) -> str:
        return f"Origin({self.via.name}, {self.note!r})"


class Ref:
    """An attribute of a resource or data source of the same module.

    address: `aws_s3_bucket.logs` (without an instance key) or a logical id.
    key: instance key (str, int), None for a single instance, UNKNOWN when not decided.
    attribute: `id`, `arn`, `Arn`, … ; for CloudFormation's Ref it is `Ref`.
    known: the datum when source decides it, else UNKNOWN.
    """

    __slots__ = ("address", "attribute", "key", "known")

    def __init__(self, address: str, attribute: str, key: Datum = None, known: Datum = UNKNOWN) -> None:
        self.address = address
        self.attribute = attribute
        self.key = key
        self.known = known

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ref):
            return NotImplemented
        return (self.address, self.attribute) == (other.address, other.attribute) and _same(self.key, other.key)

    def __hash__(self) -> int:
        return hash((self.address, self.attribute))

    def __repr__(self) -> str:
        key = "" if self.key is None else f"[{self.key!r}]"
        return f"Ref({self.address}{key}.{self.attribute})"


class Hidden(Ref):
    """A value that decides and must not be shown (Terraform's `sensitive`). It refers to nothing."""

    __slots__ = ()

    def __init__(self, datum: Datum) -> None:
        super().__init__("", "", None, datum)

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return "Hidden"


class Text:
    """A string known in part: `parts` are str, `Ref` or `UNKNOWN`, never two str in a row."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Datum, ...]) -> None:
        self.parts = parts

    @staticmethod
    def join(parts: list[Datum]) -> Datum:
        """A str when every part is known, else a Text with adjacent literals merged."""
        merged: list[Datum] = []
        for part in parts:
            part_known = known(part) if isinstance(part, Ref) else part
            if isinstance(part_known, Text):
                pieces: tuple[Datum, ...] = part_known.parts
            elif isinstance(part_known, str):
                pieces = (part_known,)
            elif isinstance(part, (Ref,)) or part is UNKNOWN:
                pieces = (part,)
            else:
                text = as_text(part_known)
                pieces = (UNKNOWN,) if text is None else (text,)
            for piece in pieces:
                if isinstance(piece, str) and merged and isinstance(merged[-1], str):
                    merged[-1] += piece
                elif piece != "":
                    merged.append(piece)
        if not merged:
            return ""
        if len(merged) == 1 and isinstance(merged[0], str):
            return merged[0]
        return Text(tuple(merged))

    @property
    def head(self) -> str:
        first = self.parts[0]
        return first if isinstance(first, str) else ""

    @property
    def tail(self) -> str:
        last = self.parts[-1]
        return last if isinstance(last, str) else ""

    @property
    def literal(self) -> str:
        """The known parts, with `${…}` for what is not known; for messages."""
        return "".join(part if isinstance(part, str) else "${…}" for part in self.parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self.parts == other.parts and not any(p is UNKNOWN for p in self.parts)

    def __hash__(self) -> int:
        return hash(self.parts)

    def __repr__(self) -> str:
        return f"Text({self.literal!r})"


class Seq:
    """A list, tuple, set or the repeated blocks of one type. `open`: there may be elements we cannot see."""

    __slots__ = ("items", "node", "open")

    def __init__(self, items: tuple[Value, ...], open: bool = False, node: object = None) -> None:
        self.items = items
        self.open = open
        self.node = node

    def __repr__(self) -> str:
        return f"Seq({list(self.items)!r}{', open' if self.open else ''})"


class Map:
    """An object, a mapping or the body of a block. `open`: there may be keys we cannot see.

    `node` is the dialect's syntax node (for edits); `keys` locates the written keys.
    """

    __slots__ = ("entries", "keys", "node", "open")

    def __init__(
        self,
        entries: dict[str, Value],
        open: bool = False,
        node: object = None,
        keys: dict[str, Loc] | None = None,
    ) -> None:
        self.entries = entries
        self.open = open
        self.node = node
        self.keys = keys or {}

    def get(self, key: str) -> Value:
        found = self.entries.get(key)
        if found is not None:
            return found
        return Value.unknown() if self.open else Value((ABSENT,))

    def __repr__(self) -> str:
        return f"Map({self.entries!r}{', open' if self.open else ''})"


def _same(one: Datum, other: Datum) -> bool:
    return one is other or (type(one) is type(other) and one is not UNKNOWN and bool(one == other))


def known(datum: Datum) -> Datum:
    """What source decides about a datum: a Ref's configured value, else the datum itself."""
    return datum.known if isinstance(datum, Ref) else datum


def as_bool(datum: Datum) -> Datum:
    """Bool for true/false in either spelling (both dialects convert "true"), UNKNOWN for what is not decided."""
    datum = known(datum)
    if isinstance(datum, bool) or datum is UNKNOWN or datum is ABSENT:
        return datum
    if isinstance(datum, str):
        low = datum.lower()
        if low in ("true", "false"):
            return low == "true"
    if isinstance(datum, Text):
        return UNKNOWN
    return datum


def as_number(datum: Datum) -> Datum:
    """Int or float for a number in either spelling, UNKNOWN for what is not decided."""
    datum = known(datum)
    if isinstance(datum, str):
        try:
            return int(datum)
        except ValueError:
            try:
                return float(datum)
            except ValueError:
                return datum
    return UNKNOWN if isinstance(datum, Text) else datum


def as_text(datum: Datum) -> str | None:
    """The string Terraform and CloudFormation would make of a scalar; None when it is not a decided scalar."""
    datum = known(datum)
    if isinstance(datum, str):
        return datum
    if isinstance(datum, bool):
        return "true" if datum else "false"
    if isinstance(datum, int):
        return str(datum)
    if isinstance(datum, float):
        return str(int(datum)) if datum.is_integer() else repr(datum)
    return None


class Items:
    """Things of which we may see only some: dynamic blocks, companions linked by unknowns."""

    __slots__ = ("found", "maybe_more")

    def __init__(self, found: tuple[Any, ...], maybe_more: bool = False) -> None:
        self.found = found
        self.maybe_more = maybe_more

    def any(self, holds: Callable[[Any], Tri]) -> Tri:
        from fsbp_lsp.values.tri import any_of

        return any_of(self.found, holds, self.maybe_more)

    def all(self, holds: Callable[[Any], Tri]) -> Tri:
        from fsbp_lsp.values.tri import all_of

        return all_of(self.found, holds, self.maybe_more)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)


def _one(row: tuple[Value, ...]) -> bool:
    return all(item is row[0] for item in row)


class Value:
    """A finite, never empty tuple of possible data, where it is written, and how it got there.

    options: possibilities; more than one only after an undecided condition or an allowed-values list.
    at: the expression in the resource, None when nothing is written.
    origins: hops from the place of reading to the place of writing, nearest first.
    node: the dialect's syntax node of the expression, for edits.
    """

    __slots__ = ("at", "node", "options", "origins")

    def __init__(
        self,
        options: tuple[Datum, ...],
        at: Loc | None = None,
        origins: tuple[Origin, ...] = (),
        node: object = None,
    ) -> None:
        self.options = options
        self.at = at
        self.origins = origins
        self.node = node

    @staticmethod
    def unknown(at: Loc | None = None, note: str = "", node: object = None) -> Value:
        return Value((UNKNOWN,), at, (Origin(Via.OPAQUE, at, note),) if note else (), node)

    @staticmethod
    def of(datum: Datum, at: Loc | None = None) -> Value:
        return Value((datum,), at)

    @property
    def only(self) -> Datum:
        """The single possibility (a Ref's configured value), UNKNOWN when there are several or none is known."""
        return known(self.options[0]) if len(self.options) == 1 else UNKNOWN

    @property
    def raw(self) -> Datum:
        """The single possibility with Refs kept, UNKNOWN when there are several."""
        return self.options[0] if len(self.options) == 1 else UNKNOWN

    @property
    def store(self) -> str:
        """Where the value is kept until deployment: `secretsmanager`, `ssm-secure` or `ssm`; '' when it is in no such store."""
        return next((hop.note for hop in self.origins if hop.via is Via.STORE), "") if self.only is UNKNOWN else ""

    @property
    def written(self) -> bool:
        """Something is written in source, whatever it is."""
        return not (len(self.options) == 1 and self.options[0] is ABSENT)

    def __bool__(self) -> bool:
        raise TypeError("a Value is not a bool: ask it a question that answers YES, NO or MAYBE")

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Value):
            return self is other
        raise TypeError("compare with .is_(), which answers YES, NO or MAYBE")

    __hash__ = object.__hash__

    def test(self, holds: Callable[[Datum], bool | Tri]) -> Tri:
        """Ask every possibility: YES or NO only when all agree. `holds` is not asked about UNKNOWN, Text or bare Refs."""
        result: Tri | None = None
        for option in self.options:
            datum = known(option)
            if datum is UNKNOWN or isinstance(datum, Text):
                answer: Tri = MAYBE
            else:
                said = holds(datum)
                answer = said if isinstance(said, Tri) else (YES if said else NO)
            if answer is MAYBE or (result is not None and result is not answer):
                return MAYBE
            result = answer
        return MAYBE if result is None else result

    def is_(self, want: Datum) -> Tri:
        """Equals `want`; "true" and true are the same, and so are 7 and "7", as in both dialects."""
        if isinstance(want, bool):
            return self.test(lambda datum: as_bool(datum) is want)
        if isinstance(want, (int, float)):
            return self.test(lambda datum: not isinstance(datum, bool) and as_number(datum) == want)
        if isinstance(want, str):
            return self._text_test(lambda text: text == want, lambda text: _text_may_equal(text, want))
        return self.test(lambda datum: datum is want)

    def in_(self, wanted: Container[Datum]) -> Tri:
        """One of `wanted` (compared as text, as AWS compares enumerations)."""
        return self.test(lambda datum: datum in wanted if _hashable(datum) else False)

    def at_least(self, least: int) -> Tri:
        def holds(datum: Datum) -> Tri:
            number = as_number(datum)
            if isinstance(number, (int, float)) and not isinstance(number, bool):
                return YES if number >= least else NO
            return NO if datum is None or datum is ABSENT else MAYBE

        return self.test(holds)

    def present(self) -> Tri:
        """Set to something that is not null and not an empty string or collection."""
        result: Tri | None = None
        for option in self.options:
            answer = _present(option)
            if answer is MAYBE or (result is not None and result is not answer):
                return MAYBE
            result = answer
        return MAYBE if result is None else result

    def _text_test(self, holds: Callable[[str], bool], may: Callable[[Text], bool]) -> Tri:
        result: Tri | None = None
        for option in self.options:
            datum = known(option)
            if datum is UNKNOWN:
                return MAYBE
            if isinstance(datum, Text):
                answer = MAYBE if may(datum) else NO
            else:
                text = as_text(datum)
                answer = YES if text is not None and holds(text) else NO
            if answer is MAYBE or (result is not None and result is not answer):
                return MAYBE
            result = answer
        return MAYBE if result is None else result

    def starts_with(self, head: str) -> Tri:
        def partly(text: Text) -> Tri:
            if len(text.head) >= len(head):
                return Tri.of(text.head.startswith(head))
            return MAYBE if head.startswith(text.head) else NO

        return self._part_test(lambda text: text.startswith(head), partly)

    def ends_with(self, end: str) -> Tri:
        def partly(text: Text) -> Tri:
            if len(text.tail) >= len(end):
                return Tri.of(text.tail.endswith(end))
            return MAYBE if end.endswith(text.tail) else NO

        return self._part_test(lambda text: text.endswith(end), partly)

    def contains(self, part: str) -> Tri:
        return self._part_test(
            lambda text: part in text,
            lambda text: YES if any(isinstance(p, str) and part in p for p in text.parts) else MAYBE,
        )

    def _part_test(self, holds: Callable[[str], bool], partly: Callable[[Text], Tri]) -> Tri:
        result: Tri | None = None
        for option in self.options:
            datum = known(option)
            if datum is UNKNOWN:
                return MAYBE
            if isinstance(datum, Text):
                answer = partly(datum)
            else:
                text = as_text(datum)
                answer = YES if text is not None and holds(text) else NO
            if answer is MAYBE or (result is not None and result is not answer):
                return MAYBE
            result = answer
        return MAYBE if result is None else result

    def child(self, key: str) -> Value:
        """The entry `key` of a map; of the single element when blocks of one type are a list of one."""
        if len(self.options) == 1:
            return _child(self.options[0], key)
        return Value.union([_child(option, key) for option in self.options], self.at)

    def items(self) -> Items:
        """The elements of a list, of repeated blocks, or of a lone block or object. Absent means none."""
        if len(self.options) != 1:
            return self._shared()
        datum = known(self.options[0])
        if isinstance(datum, Seq):
            return Items(datum.items, datum.open)
        if datum is ABSENT or datum is None:
            return Items(())
        if isinstance(datum, Map):
            return Items((self,))
        if datum is UNKNOWN or isinstance(datum, Text):
            return Items((), True)
        return Items((self,))

    def _shared(self) -> Items:
        """The elements that every list begins with which a condition may choose: they are there whatever it says."""
        lists = [datum for option in self.options if isinstance(datum := known(option), Seq)]
        if len(lists) != len(self.options):
            return Items((), True)
        found = [row[0] for row in itertools.takewhile(_one, zip(*(one.items for one in lists), strict=False))]
        return Items(tuple(found), any(one.open or len(one.items) != len(found) for one in lists))

    @staticmethod
    def union(values: list[Value], at: Loc | None = None, origin: Origin | None = None) -> Value:
        """All possibilities of several values, as after an undecided condition."""
        options: list[Datum] = []
        for value in values:
            for option in value.options:
                if not any(option is seen or (_hashable(option) and _same(option, seen)) for seen in options):
                    options.append(option)
        if len(values) == 1 and origin is None:
            return values[0]
        hops = (origin,) if origin is not None else ()
        if len(options) == 1 and values:
            return Value(tuple(options), at or values[0].at, hops + values[0].origins, values[0].node)
        return Value(tuple(options) or (UNKNOWN,), at, hops)

    def moved(self, at: Loc | None, origins: tuple[Origin, ...], node: object) -> Value:
        """The same possibilities read somewhere else."""
        return Value(self.options, at, origins, node)

    def through(self, origin: Origin, at: Loc | None) -> Value:
        """The same possibilities read at `at`, one hop further away."""
        return Value(self.options, at, (origin, *self.origins), self.node)

    @property
    def shown(self) -> str:
        """Short text of the possibilities for messages, in the spelling of JSON and HCL."""
        return " or ".join(dict.fromkeys(_shown(option) for option in self.options))

    def __repr__(self) -> str:
        return f"Value({self.shown})"


def _hashable(datum: Datum) -> bool:
    return isinstance(datum, (str, int, float, bool, Ref, Text)) or datum is None


def _text_may_equal(text: Text, want: str) -> bool:
    return want.startswith(text.head) and want.endswith(text.tail) and len(want) >= len(text.head) + len(text.tail)


def _present(option: Datum) -> Tri:
    if isinstance(option, Ref):
        return YES if option.known is UNKNOWN else _present(option.known)
    if option is ABSENT or option is None or option == "":
        return NO
    if option is UNKNOWN:
        return MAYBE
    if isinstance(option, Text):
        return YES if any(isinstance(part, str) for part in option.parts) else MAYBE
    if isinstance(option, Seq):
        return YES if option.items else MAYBE if option.open else NO
    if isinstance(option, Map):
        return YES if option.entries or option.node is not None else MAYBE if option.open else NO
    return YES


def _child(option: Datum, key: str) -> Value:
    datum = known(option)
    if isinstance(datum, Map):
        return datum.get(key)
    if isinstance(datum, Seq):
        if len(datum.items) == 1 and not datum.open:
            return datum.items[0].child(key)
        if not datum.items and not datum.open:
            return Value((ABSENT,))
        if datum.open:
            return Value.unknown(note="dynamic block")
        return Value.union([item.child(key) for item in datum.items])
    if datum is ABSENT or datum is None:
        return Value((ABSENT,))
    return Value.unknown()


def _shown(option: Datum, depth: int = 0) -> str:
    if isinstance(option, Hidden):
        return "(sensitive)"
    datum = known(option)
    if datum is ABSENT:
        return "not set"
    if datum is UNKNOWN:
        if not isinstance(option, Ref):
            return "unknown"
        return option.address if option.attribute in ("Ref", "") else f"{option.address}.{option.attribute}"
    if datum is None:
        return "null"
    if isinstance(datum, bool):
        return "true" if datum else "false"
    if isinstance(datum, str):
        return f'"{datum}"' if len(datum) <= 60 else f'"{datum[:57]}…"'
    if isinstance(datum, (int, float)):
        return as_text(datum) or "?"
    if isinstance(datum, Text):
        return f'"{datum.literal}"'
    if isinstance(datum, Seq):
        if depth > 2:
            # Lists that hold each other twice at every level would never end.
            return "[…]"
        shown = ", ".join(" or ".join(_shown(one, depth + 1) for one in item.options) for item in datum.items[:3])
        return f"[{shown}{', …' if len(datum.items) > 3 or datum.open else ''}]"
    if isinstance(datum, Map):
        return "{…}"
    return str(datum)
