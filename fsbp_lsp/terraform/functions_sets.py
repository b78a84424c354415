"""Set operations."""

from __future__ import annotations

import itertools

from fsbp_lsp.terraform.conversion import ordered, to_type
from fsbp_lsp.terraform.data import Fault, List, Set, TooMuch, decided
from fsbp_lsp.terraform.functions_collection import MAX_ITEMS, sequence_of
from fsbp_lsp.terraform.kinds import DYNAMIC, UNSURE, has_unsure, type_of, unify
from fsbp_lsp.terraform.sets import make_set
from fsbp_lsp.values import UNKNOWN, Map, Seq, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.terraform.functions import Run, Table
    from fsbp_lsp.values import Datum


def _of_sets(combine: Callable[[list[Set]], list[Value]]) -> Run:
    """A function of decided sets of scalars, all made one type."""

    def run(args: list[Value]) -> Datum:
        # An empty set of no type takes that of the others.
        types = [type_of(arg) for arg in args]
        some = [type for type in types if type != ("set", DYNAMIC)]
        target = unify(some) if some else ("set", DYNAMIC)
        if has_unsure(target):
            return UNKNOWN
        sets: list[Set] = []
        for arg in args:
            made = to_type(arg, target).raw
            if not isinstance(made, Set) or not decided(made):
                return UNKNOWN
            if any(isinstance(known(item.raw), (Seq, Map)) for item in made.items):
                return UNKNOWN
            sets.append(make_set(list(made.items)))
        items = combine(sets)
        return Set(make_set(items).items, of=target[1])

    return run


def _data(one: Set) -> list[object]:
    return [known(item.raw) for item in one.items]


def _union(sets: list[Set]) -> list[Value]:
    return [item for one in sets for item in one.items]


def _intersection(sets: list[Set]) -> list[Value]:
    return [item for item in sets[0].items if all(known(item.raw) in _data(other) for other in sets[1:])]


def _subtract(sets: list[Set]) -> list[Value]:
    return [item for item in sets[0].items if known(item.raw) not in _data(sets[1])]


def _product(args: list[Value]) -> Datum:
    if len(args) < 2:
        raise Fault("at least two sets are required")
    seqs = [sequence_of(arg) for arg in args]
    size = 1
    lists: list[tuple[Value, ...]] = []
    elements: list[object] = []
    for seq in seqs:
        if seq is None or seq.open or not ordered(seq):
            return UNKNOWN
        # The elements of one argument become one type.
        try:
            made = to_type(Value((seq,)), ("set" if isinstance(seq, Set) else "list", DYNAMIC)).raw
        except Fault:
            return UNKNOWN  # not converted when there is nothing to combine
        size *= len(made.items)
        if size > MAX_ITEMS // 4:
            raise TooMuch
        lists.append(made.items)
        elements.append(UNSURE if made.of is None else made.of)
    combinations = tuple(Value((Seq(items),)) for items in itertools.product(*lists))
    inner = ("tuple", tuple(elements))
    if any(isinstance(seq, Set) for seq in seqs):
        return Set(combinations, of=inner)
    return List(combinations, of=inner)


TABLE: Table = {
    "setintersection": ("S*S", _of_sets(_intersection)),
    "setproduct": ("*d", _product),
    "setsubtract": ("SS", _of_sets(_subtract)),
    "setunion": ("S*S", _of_sets(_union)),
}
