"""Functions on maps and objects. What one unknown part leaves open stays open, not unknown."""

from __future__ import annotations

from fsbp_lsp.terraform.conversion import ordered, to_type
from fsbp_lsp.terraform.data import Fault, List, MapOf, Set, TooMuch, plain
from fsbp_lsp.terraform.functions import text_of
from fsbp_lsp.terraform.functions_collection import MAX_ITEMS, element_type, sequence_of
from fsbp_lsp.terraform.kinds import DYNAMIC, UNSURE, UNSURE_NULL, has_unsure, kind_of, type_of
from fsbp_lsp.terraform.sets import set_is_settled
from fsbp_lsp.values import UNKNOWN, Map, Seq, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.terraform.data import Type
    from fsbp_lsp.terraform.functions import Table
    from fsbp_lsp.values import Datum


def _map(value: Value) -> Map | None:
    """The argument as a map or object; None when it is not decided. Raises Fault for anything else."""
    datum = known(value.raw)
    if isinstance(datum, Map):
        return datum
    if datum is UNKNOWN:
        return None
    raise Fault("a map is required")


def sorted_keys(datum: Map) -> list[str]:
    return sorted(datum.entries, key=lambda key: key.encode("utf-8", "surrogatepass"))


def _value_type(datum: Map) -> Type:
    return type_of(Value((datum,)))[1] if isinstance(datum, MapOf) else UNSURE


def _keys(args: list[Value]) -> Datum:
    found = _map(args[0])
    if found is None:
        return UNKNOWN
    items = tuple(Value((key,), found.keys.get(key)) for key in sorted_keys(found))
    return List(items, found.open, of="string") if isinstance(found, MapOf) else Seq(items, found.open)


def _values(args: list[Value]) -> Datum:
    found = _map(args[0])
    if found is None:
        return UNKNOWN
    items = tuple(found.entries[key] for key in sorted_keys(found))
    return List(items, found.open, of=_value_type(found)) if isinstance(found, MapOf) else Seq(items, found.open)


def _lookup(args: list[Value]) -> Datum | Value:
    if len(args) > 3:
        raise Fault("wrong number of arguments")
    found, key = _map(args[0]), text_of(args[1])
    if found is None:
        return UNKNOWN
    default = args[2] if len(args) == 3 else None
    if default is not None and isinstance(found, MapOf):
        inner = _value_type(found)
        if has_unsure(inner):
            if key is None or key not in found.entries:
                return UNKNOWN
        else:
            default = to_type(default, inner)
    if key is None:
        return UNKNOWN
    if key in found.entries:
        return found.entries[key]
    if found.open:
        return UNKNOWN
    if default is None:
        raise Fault("no such key")
    return default


def _merge(args: list[Value]) -> Datum:
    entries: dict[str, Value] = {}
    keys = {}
    is_open = False
    types: list[Type] = []
    for arg in args:
        if known(arg.raw) is None:
            type = type_of(arg)
            if kind_of(type) not in (DYNAMIC, UNSURE_NULL, "map", "object"):
                raise Fault("a map is required")
            types.append(type)
            continue
        found = _map(arg)
        types.append(type_of(arg))
        if found is None or found.open:
            # What comes later may overrule what was known so far.
            is_open = True
            entries = {key: Value((UNKNOWN,), value.at) for key, value in entries.items()}
        if found is not None:
            entries.update(found.entries)
            keys.update(found.keys)
    if len(entries) > MAX_ITEMS:
        raise TooMuch
    if is_open and not entries:
        return UNKNOWN
    if types and all(type == types[0] for type in types) and kind_of(types[0]) == "map":
        return MapOf(entries, is_open, None, keys, types[0][1])
    return Map(entries, is_open, None, keys)


def _transpose(args: list[Value]) -> Datum:
    found = known(args[0].raw)
    if not isinstance(found, Map):
        return UNKNOWN
    for value in found.entries.values():
        seq = known(value.raw)
        if seq is None or (isinstance(seq, Seq) and any(known(item.raw) is None for item in seq.items)):
            raise Fault("null in a map of lists")
    data = plain(found)
    assert isinstance(data, dict)
    out: dict[str, list[str]] = {}
    for key in sorted_keys(found):
        for item in data[key]:
            out.setdefault(item, []).append(key)
    entries = {key: Value((List(tuple(Value((one,)) for one in out[key]), of="string"),)) for key in sorted(out)}
    return MapOf(entries, of=("list", "string"))


def _zip_map(args: list[Value]) -> Datum:
    keys, values = sequence_of(args[0]), sequence_of(args[1])
    if isinstance(values, Set):
        raise Fault("a list is required")
    if keys is not None and any(known(item.raw) is None for item in keys.items):
        raise Fault("null key")
    if keys is None or values is None or keys.open or values.open or not ordered(keys) or not set_is_settled(keys):
        return UNKNOWN
    names = [text_of(item) for item in keys.items]
    if None in names:
        return UNKNOWN
    if len(names) != len(values.items):
        raise Fault("different lengths")
    entries = {name: value for name, value in zip(names, values.items, strict=True) if name is not None}
    if isinstance(values, List):
        return MapOf(entries, of=element_type(values) or UNSURE)
    return Map(entries)


TABLE: Table = {
    "keys": ("d", _keys),
    "lookup": ("ds*d?", _lookup),
    "merge": ("*d?", _merge),
    "transpose": ("m", _transpose),
    "values": ("d", _values),
    "zipmap": ("ld", _zip_map),
}
