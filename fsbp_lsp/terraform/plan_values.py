"""The planned values of one resource as the values controls read.

What a plan says and how it is taken:

- a known value that the configuration writes: the value;
- a known value nobody wrote: the provider's default, or what is deployed; `null` and empty lists there are absent;
- unknown until applied and written: a `Ref` where it is an attribute of one resource, else UNKNOWN;
- unknown until applied and not written: absent, since the provider decides it as it does without a plan. Where a
  `dynamic` block may have written it, which a plan does not show, it is UNKNOWN;
- sensitive: `Hidden`, which decides and is never shown.
"""

from __future__ import annotations

from fsbp_lsp.syntax import hcl_tree as hcl
from fsbp_lsp.terraform.plan_source import Spot, passes_through
from fsbp_lsp.terraform.plan_text import MAX_DEPTH, table
from fsbp_lsp.text import Loc
from fsbp_lsp.values import ABSENT, UNKNOWN, Hidden, Map, Origin, Ref, Seq, Value, Via

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from fsbp_lsp.terraform.plan_config import Target
    from fsbp_lsp.terraform.plan_text import Table
    from fsbp_lsp.values import Datum

    Targets = Callable[[Table], tuple[Target, ...] | None]


class _Mark:
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


SILENT = _Mark("SILENT")
"""The configuration certainly does not write it."""
PERHAPS = _Mark("PERHAPS")
"""The configuration may write it, where a plan does not show."""
WRITTEN: dict[str, Any] = {}
"""Written in a way that says nothing more: an expression without references."""

_EXPRESSION = frozenset({"constant_value", "references"})


class Planned:
    """Builds the Map of one resource. header: stands for what is written at no place that is known."""

    __slots__ = ("_default", "_header", "_secret", "_targets")

    def __init__(self, header: Loc, targets: Targets, default: str, secret: Callable[[Loc], bool]) -> None:
        """default: what to call a value nobody wrote. secret: whether the line of a place shows something sensitive."""
        self._header = header
        self._targets = targets
        self._default = default
        self._secret = secret

    def body(self, after: Table, unknown: object, hidden: object, config: object, spot: Spot | None, depth: int = 0) -> Map:
        """A resource or a block. config: its expressions by name, or PERHAPS."""
        entries: dict[str, Value] = {}
        keys: dict[str, Loc] = {}
        unknowns, hiddens = table(unknown), table(hidden)
        names = dict.fromkeys([*after, *(name for name, how in unknowns.items() if how not in (False, [], {}))])
        if depth > MAX_DEPTH:
            return Map({}, True)
        for name in names:
            how = hidden is True or hiddens.get(name)
            said = _said(config, name, spot, after.get(name), unknown is True or unknowns.get(name), how)
            entries[name] = self._entry(name, after.get(name), unknown is True or unknowns.get(name), how, said, spot, depth)
            place = self._key(name, spot)
            if place is not None:
                keys[name] = place
        return Map(entries, False, None, keys)

    def _key(self, name: str, spot: Spot | None) -> Loc | None:
        if spot is None:
            return None
        blocks = spot.blocks(name) or spot.dynamic(name)
        return self._shown(blocks[0][0]) if blocks else spot.key(name)

    def _shown(self, at: Loc) -> Loc:
        return self._header if self._secret(at) else at

    def _entry(self, name: str, after: Any, unknown: object, hidden: object, said: object, spot: Spot | None, depth: int) -> Value:
        if isinstance(after, list) and after and all(isinstance(item, dict) for item in after):
            return self._blocks(name, after, unknown, hidden, said, spot, depth)
        written = spot.attribute(name) if spot is not None and said is not SILENT else None
        place = self._shown(written[0]) if written is not None else None
        if isinstance(said, (dict, list)) and place is None:
            # Written, and where is not known: for an absence it must not be taken.
            blocks = spot.blocks(name) if spot is not None else []
            place = self._shown(blocks[0][0]) if blocks else self._header
        return self._value(after, unknown, hidden, said, place, written[1] if written is not None else None, depth)

    def _value(self, after: Any, unknown: object, hidden: object, said: object, at: Loc | None, expr: Any, depth: int) -> Value:
        if unknown is True:
            return self._unknown(said, at, expr)
        if after is None or after in ([], {}):
            if said is SILENT or said is PERHAPS:
                return Value((ABSENT,))
            return Value((None if after is None else Seq(()) if after == [] else Map({}),), at)
        datum = self._datum(after, unknown, hidden, at, depth)
        if isinstance(datum, Seq) and at is not None and isinstance(expr, hcl.Tuple) and at is not self._header:
            datum = _placed(datum, at, expr)
        if said is SILENT:
            return Value((datum,), None, (Origin(Via.DEFAULT, None, self._default),))
        return Value((datum,), at)

    def _unknown(self, said: object, at: Loc | None, expr: Any) -> Value:
        if said is SILENT:
            return Value((ABSENT,))
        if said is PERHAPS:
            return Value.unknown(at, "the plan does not say whether it is written, and knows the value only after apply")
        if isinstance(said, dict) and (expr is None or passes_through(expr)):
            targets = self._targets(said)
            if targets is not None and len(targets) == 1:
                one = targets[0]
                key = one.key if one.key is None or isinstance(one.key, (str, int)) else UNKNOWN
                return Value((Ref(one.block, one.attribute, key),), at)
        return Value.unknown(at, "known only after apply")

    def _datum(self, after: Any, unknown: object, hidden: object, at: Loc | None, depth: int) -> Datum:
        if depth > MAX_DEPTH:
            return UNKNOWN
        if isinstance(after, dict):
            unknowns, hiddens = table(unknown), table(hidden)
            names = dict.fromkeys([*after, *(name for name, how in unknowns.items() if how is True)])
            said = {name: (after.get(name), unknowns.get(name), hidden is True or hiddens.get(name)) for name in names}
            return Map({name: self._part(*three, at, depth) for name, three in said.items()})
        if isinstance(after, list):
            return Seq(tuple(self._part(item, *_nth(unknown, hidden, number), at, depth) for number, item in enumerate(after)))
        if isinstance(after, (str, bool, int, float)):
            return Hidden(after) if hidden is True else after
        return None

    def _part(self, after: Any, unknown: object, hidden: object, at: Loc | None, depth: int) -> Value:
        if unknown is True:
            return Value.unknown(at, "known only after apply")
        return Value((self._datum(after, unknown, hidden, at, depth + 1),), at)

    def _blocks(self, name: str, after: list[Table], unknown: object, hidden: object, said: object, spot: Spot | None, depth: int) -> Value:
        """Repeated blocks, one block, or objects in a list."""
        if (
            len(after) == 1
            and said is not SILENT
            and not isinstance(said, list)
            and _is_stand_in(after[0], _nth(unknown, hidden, 0)[0], spot, name)
        ):
            why = Origin(Via.OPAQUE, None, f"how many {name} blocks there are is known only after apply")
            return Value((Seq((), True),), self._at(name, spot), (why,))
        static = spot.blocks(name) if spot is not None else []
        dynamic = spot.dynamic(name) if spot is not None else []
        said = _as_blocks(said, static)
        matched = matches(said, after)
        items: list[Value] = []
        for number, item in enumerate(after):
            config, place = matched[number]
            found: tuple[Loc, Spot] | None = None
            if place is not None and place < len(static) and isinstance(said, list) and len(static) == len(said):
                found = static[place]
            elif len(dynamic) == 1 and not static:
                found = dynamic[0]
            elif len(static) == 1 and not dynamic:
                found = static[0]
            at = self._shown(found[0]) if found is not None else None
            inner = found[1] if found is not None else None
            map = self.body(item, *_nth(unknown, hidden, number), config, inner, depth + 1)
            items.append(Value((map,), at))
        return Value((Seq(tuple(items)),), self._at(name, spot))

    def _at(self, name: str, spot: Spot | None) -> Loc | None:
        if spot is None:
            return None
        blocks = spot.blocks(name) or spot.dynamic(name)
        if blocks:
            return self._shown(blocks[0][0])
        written = spot.attribute(name)
        return self._shown(written[0]) if written is not None else None


def _placed(datum: Seq, at: Loc, expr: hcl.Tuple) -> Seq:
    """The elements at the literals they are written as: a set comes in an order of its own."""
    places = {item.value: item for item in expr.items if isinstance(item, hcl.Literal) and isinstance(item.value, (str, int))}
    made: list[Value] = []
    for item in datum.items:
        written = places.get(item.only) if isinstance(item.only, (str, int)) else None
        made.append(item if written is None else Value(item.options, Loc(at.piece, written.start, written.end), item.origins))
    return Seq(tuple(made), datum.open)


def _nth(unknown: object, hidden: object, number: int) -> tuple[object, object]:
    """What is said about one element; True about the whole is true of each."""
    return _element(unknown, number), _element(hidden, number)


def _element(marks: object, number: int) -> object:
    if marks is True:
        return True
    return marks[number] if isinstance(marks, list) and number < len(marks) else False


def _said(config: object, name: str, spot: Spot | None, after: object, unknown: object, hidden: object) -> object:
    """What the configuration says about a name: its expression or blocks, SILENT or PERHAPS."""
    if config is SILENT:
        return SILENT
    found = config.get(name) if isinstance(config, dict) else None
    if found is not None:
        return found
    if spot is not None:
        if config is PERHAPS and (spot.attribute(name) is not None or spot.blocks(name)):
            return WRITTEN
        return PERHAPS if spot.dynamic(name) else SILENT
    if config is PERHAPS:
        return PERHAPS
    # Blocks can be dynamic, and a plan shows no dynamic ones. Whether it is blocks shows in what may be hidden of it.
    many = isinstance(hidden, list) if unknown is True else isinstance(after, list) and bool(after) and isinstance(after[0], dict)
    return PERHAPS if many else SILENT


def _is_stand_in(item: Table, unknown: object, spot: Spot | None, name: str) -> bool:
    """The one element that stands for any number: a set of blocks repeated by what is not known yet.

    Nothing that its `content` writes is known then; without source, nothing but what looks like a default.
    """
    unknowns = {name for name, how in table(unknown).items() if how is True}
    dynamic = spot.dynamic(name) if spot is not None else []
    if len(dynamic) == 1:
        return bool(unknowns) and not any(written in item and written not in unknowns for written in dynamic[0][1].names())
    return bool(unknowns) and all(value in (None, "", False, 0, [], {}) for value in item.values())


def _as_blocks(said: object, static: list[tuple[Loc, Spot]]) -> object:
    """Blocks that the provider takes as an attribute (`ingress` of a security group) are one expression in a plan."""
    if not isinstance(said, dict) or not said.keys() <= _EXPRESSION:
        return said
    constant = said.get("constant_value")
    if isinstance(constant, list) and constant and all(isinstance(one, dict) for one in constant):
        return [{name: {"constant_value": value} for name, value in one.items() if value is not None} for one in constant]
    return [spot.constants() for _header, spot in static] if static else said


def matches(said: object, after: list[Table]) -> list[tuple[object, int | None]]:
    """For every planned block the expressions it was made by and their number in the configuration.

    Sets of blocks come in an order of their own, so blocks are known by their constants. Where that leaves a
    choice, what all choices have in common is said, without a number.
    """
    if said is SILENT:
        return [(SILENT, None)] * len(after)
    if isinstance(said, dict) and not said.keys() <= _EXPRESSION and len(after) == 1:
        return [(said, 0)]
    if not isinstance(said, list) or len(said) != len(after) or not all(isinstance(one, dict) for one in said):
        return [(PERHAPS, None)] * len(after)
    if len(said) == 1:
        return [(said[0], 0)]
    if len(said) > 200:
        return [(PERHAPS, None)] * len(after)
    made: list[tuple[object, int | None]] = []
    for item in after:
        fitting = [number for number, one in enumerate(said) if _fits(one, item)]
        if len(fitting) == 1:
            made.append((said[fitting[0]], fitting[0]))
        elif fitting and all(_skeleton(said[number]) == _skeleton(said[fitting[0]]) for number in fitting):
            made.append((_skeleton(said[fitting[0]]), None))
        else:
            made.append((PERHAPS, None))
    return made


def _fits(config: Table, item: Table) -> bool:
    for name, expression in config.items():
        if isinstance(expression, dict) and "constant_value" in expression:
            wanted, is_ = expression["constant_value"], item.get(name)
            if wanted is not None and not _equal(wanted, is_):
                return False
    return True


def _equal(one: object, other: object) -> bool:
    """Equal after the provider's conversions: `"80"` and 80, `"true"` and true, lists in any order."""
    if isinstance(one, list) and isinstance(other, list):
        return sorted(map(_text, one)) == sorted(map(_text, other))
    return _text(one) == _text(other)


def _text(data: object) -> str:
    return str(data).lower() if isinstance(data, bool) else str(data)


def _skeleton(config: object, depth: int = 0) -> Any:
    """Which names are written, without what is written."""
    if depth > MAX_DEPTH:
        return WRITTEN
    if isinstance(config, list):
        return [_skeleton(one, depth + 1) for one in config]
    if isinstance(config, dict):
        return WRITTEN if config.keys() <= _EXPRESSION else {name: _skeleton(one, depth + 1) for name, one in config.items()}
    return config
