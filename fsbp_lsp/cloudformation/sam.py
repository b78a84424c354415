"""The part of AWS SAM that decides what a property is: `Globals` merged into serverless resources."""

from __future__ import annotations

from fsbp_lsp.cloudformation.detect import SERVERLESS
from fsbp_lsp.cloudformation.sam_parts import called
from fsbp_lsp.cloudformation.shape import descend, items_of, text_of
from fsbp_lsp.syntax.tree import Mapping
from fsbp_lsp.values import ABSENT, Map, Origin, Seq, Value, Via

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.cloudformation.intrinsics import Evaluator
    from fsbp_lsp.syntax.tree import Node
    from fsbp_lsp.values import Datum


def with_globals(ev: Evaluator, root: Node | None, type: str, resource: Mapping | None, own: Map) -> Map:
    """The properties of a serverless resource with what `Globals` says for its type; its own values win.

    resource: where it is written; None for one that the transform makes.
    """
    section = type.removeprefix(SERVERLESS)
    whole = descend(root, "Globals")
    if whole is None:
        return own
    if not isinstance(whole, Mapping) or whole.tag:
        return Map(own.entries, True, own.node, own.keys)
    node = whole.get(section)
    if node is None:
        return own
    if not isinstance(node, Mapping) or node.tag:
        return Map(own.entries, True, own.node, own.keys)
    ignored = resource.get("IgnoreGlobals") if resource is not None else None
    names = {text_of(item) or "" for item in items_of(ignored)}
    if "*" in names:
        return own
    given = ev.evaluate(node)
    shared = given.only
    if not isinstance(shared, Map):
        return Map(own.entries, True, own.node, own.keys)
    kept = Map({name: value for name, value in shared.entries.items() if name not in names}, shared.open, shared.node, shared.keys)
    return _merged(kept, own, f"Globals.{section}")


def _merged(shared: Map, own: Map, place: str) -> Map:
    """place: where the shared ones are written, for people: `Globals.Function`."""
    entries: dict[str, Value] = {}
    keys = dict(own.keys)
    for name, value in shared.entries.items():
        mine = own.entries.get(name)
        if mine is not None:
            entries[name] = _both(value, mine, f"{place}.{name}")
        elif not any(option is ABSENT for option in value.options):
            entries[name] = _from_globals(value, f"{place}.{name}")
            if name in shared.keys:
                keys[name] = shared.keys[name]
    for name, value in own.entries.items():
        entries.setdefault(name, value)
    return Map(entries, own.open or shared.open, own.node, keys)


def _from_globals(value: Value, place: str) -> Value:
    """A value that only `Globals` gives; its parts say so as well."""
    options = tuple(_said(option, place) for option in value.options)
    return Value(options, value.at, (Origin(Via.REFERENCE, value.at, place), *value.origins), value.node)


def _said(datum: Datum, place: str) -> Datum:
    if isinstance(datum, Map):
        return Map(
            {name: _from_globals(entry, f"{place}.{name}") for name, entry in datum.entries.items()}, datum.open, datum.node, datum.keys
        )
    return datum


def _both(shared: Value, mine: Value, place: str) -> Value:
    """Mappings are merged, lists joined (shared first), everything else is overridden, whatever a function will make of it."""
    if called(mine.node) or called(shared.node):
        return mine
    theirs, ours = shared.only, mine.only
    if isinstance(theirs, Map) and isinstance(ours, Map):
        return Value((_merged(theirs, ours, place),), mine.at, mine.origins, mine.node)
    if isinstance(theirs, Seq) and isinstance(ours, Seq):
        joined = Seq((*theirs.items, *ours.items), theirs.open or ours.open, ours.node)
        return Value((joined,), mine.at, mine.origins, mine.node)
    return mine
