"""Set operations."""

from __future__ import annotations

import itertools

from fsbp_lsp.terraform.data import Set, TooMuch, decided, kind, make_set
from fsbp_lsp.terraform.functions import need
from fsbp_lsp.terraform.functions_collection import MAX_ITEMS, is_ordered, list_of
from fsbp_lsp.values import UNKNOWN, Seq, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.terraform.functions import Function
    from fsbp_lsp.values import Datum


def _plain_sets(args: list[Value]) -> list[Set] | None:
    sets: list[Set] = []
    for arg in args:
        seq = list_of(arg)
        if seq is None or not decided(seq):
            return None
        made = make_set(list(seq.items))
        if any(kind(item.raw) != "string" for item in made.items):
            return None
        sets.append(made)
    return sets


def _set_union(args: list[Value]) -> Datum:
    need(args, 1)
    sets = _plain_sets(args)
    return UNKNOWN if sets is None else make_set([item for one in sets for item in one.items])


def _texts(one: Set) -> set[object]:
    return {known(item.raw) for item in one.items}


def _set_intersection(args: list[Value]) -> Datum:
    need(args, 1)
    sets = _plain_sets(args)
    if sets is None:
        return UNKNOWN
    return make_set([item for item in sets[0].items if all(known(item.raw) in _texts(other) for other in sets[1:])])


def _set_subtract(args: list[Value]) -> Datum:
    need(args, 2, 2)
    sets = _plain_sets(args)
    if sets is None:
        return UNKNOWN
    return make_set([item for item in sets[0].items if known(item.raw) not in _texts(sets[1])])


def _set_product(args: list[Value]) -> Datum:
    need(args, 2)
    lists: list[tuple[Value, ...]] = []
    size = 1
    for arg in args:
        seq = list_of(arg)
        if seq is None or not is_ordered(seq):
            return UNKNOWN
        size *= len(seq.items)
        if size > MAX_ITEMS // 4:
            raise TooMuch
        lists.append(seq.items)
    # The elements of all arguments become one type: mixed kinds are left undecided.
    kinds = {kind(item.raw) for items in lists for item in items}
    if len(kinds & {"string", "number", "bool"}) > 1:
        return UNKNOWN
    made = tuple(Value((Seq(items),)) for items in itertools.product(*lists))
    if any(isinstance(known(arg.raw), Set) for arg in args):
        # A set: its order is that of the combinations, which are sorted already.
        return Set(made) if all(isinstance(known(arg.raw), Set) for arg in args) else UNKNOWN
    return Seq(made)


TABLE: dict[str, Function] = {
    "setunion": _set_union,
    "setintersection": _set_intersection,
    "setsubtract": _set_subtract,
    "setproduct": _set_product,
}
