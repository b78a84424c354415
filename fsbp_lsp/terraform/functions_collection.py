"""Functions on lists, sets, maps and objects. What one unknown part leaves open stays open, not unknown."""

from __future__ import annotations

from fsbp_lsp.terraform.data import Fault, Set, TooMuch, decided, kind, plain, set_is_settled, to_bool, to_text
from fsbp_lsp.terraform.functions import need, number_arg, text_of, texts_of, whole
from fsbp_lsp.terraform.types import to_collection
from fsbp_lsp.values import UNKNOWN, Map, Ref, Seq, Text, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.terraform.functions import Function
    from fsbp_lsp.values import Datum

MAX_ITEMS = 20_000


def list_of(value: Value) -> Seq | None:
    """The argument as a list or set; None when it is not decided. Raises Fault for anything else."""
    datum = known(value.raw)
    if isinstance(datum, Seq):
        return datum
    if datum is UNKNOWN:
        return None
    raise Fault("a list is required")


def _map(value: Value) -> Map | None:
    datum = known(value.raw)
    if isinstance(datum, Map):
        return datum
    if datum is UNKNOWN:
        return None
    raise Fault("a map is required")


def _sorted_keys(datum: Map) -> list[str]:
    return sorted(datum.entries, key=lambda key: key.encode("utf-8", "surrogatepass"))


def is_ordered(datum: Seq) -> bool:
    """The order of elements is decided: always for lists, for sets when all elements are."""
    return not datum.open and (not isinstance(datum, Set) or decided(datum))


def _length(args: list[Value]) -> Datum:
    need(args, 1, 1)
    raw = args[0].raw
    datum = known(raw)
    if isinstance(datum, Seq):
        return UNKNOWN if datum.open or (isinstance(datum, Set) and not set_is_settled(datum)) else len(datum.items)
    if isinstance(datum, Map):
        return UNKNOWN if datum.open else len(datum.entries)
    if isinstance(datum, str):
        return len(datum) if datum.isascii() else UNKNOWN
    if datum is UNKNOWN or isinstance(datum, Text):
        return UNKNOWN
    raise Fault("no length")


def _concat(args: list[Value]) -> Datum:
    need(args, 1)
    items: list[Value] = []
    is_open = False
    for arg in args:
        seq = list_of(arg)
        if seq is None:
            is_open = True
            continue
        if isinstance(seq, Set):
            raise Fault("a list is required")
        items.extend(seq.items)
        is_open = is_open or seq.open
    if len(items) > MAX_ITEMS:
        raise TooMuch
    return Seq(tuple(items), is_open)


def _flatten(args: list[Value]) -> Datum:
    need(args, 1, 1)
    seq = list_of(args[0])
    if seq is None:
        return UNKNOWN
    out: list[Value] = []
    is_open = _flatten_into(seq, out, 0)
    return Seq(tuple(out), is_open)


def _flatten_into(seq: Seq, out: list[Value], depth: int) -> bool:
    if depth > 30 or len(out) > MAX_ITEMS:
        raise TooMuch
    is_open = seq.open or not (not isinstance(seq, Set) or is_ordered(seq))
    for item in seq.items:
        datum = known(item.raw)
        if isinstance(datum, Seq):
            is_open = _flatten_into(datum, out, depth + 1) or is_open
        elif datum is UNKNOWN and not isinstance(item.raw, Ref):
            # An unknown element may be a list of any length.
            is_open = True
        else:
            out.append(item)
    return is_open


def _merge(args: list[Value]) -> Datum:
    entries: dict[str, Value] = {}
    keys = {}
    is_open = False
    seen_map = False
    for arg in args:
        datum = known(arg.raw)
        if datum is None:
            continue
        found = _map(arg)
        if found is None or found.open:
            # What comes later may overrule what was known so far.
            is_open = True
            entries = {key: Value((UNKNOWN,), value.at) for key, value in entries.items()}
        if found is not None:
            seen_map = True
            entries.update(found.entries)
            keys.update(found.keys)
    if not seen_map and not is_open and args:
        return None
    if len(entries) > MAX_ITEMS:
        raise TooMuch
    return UNKNOWN if is_open and not entries else Map(entries, is_open, None, keys)


def _lookup(args: list[Value]) -> Datum | Value:
    need(args, 2, 3)
    found, key = _map(args[0]), text_of(args[1])
    if found is None or key is None:
        return UNKNOWN
    if key in found.entries:
        return found.entries[key]
    if found.open:
        return UNKNOWN
    if len(args) == 3:
        kinds = {kind(value.raw) for value in found.entries.values()}
        if kinds == {"string"} and kind(args[2].raw) in ("number", "bool"):
            return UNKNOWN  # a string, when the map is a map of strings and no object
        return args[2]
    raise Fault("no such key")


def _element(args: list[Value]) -> Datum | Value:
    need(args, 2, 2)
    seq, index = list_of(args[0]), whole(args[1])
    if isinstance(seq, Set):
        raise Fault("a set has no order")
    if seq is None or index is None or seq.open:
        return UNKNOWN
    if not seq.items:
        raise Fault("empty list")
    if index < 0:
        # Allowed from the back since Terraform 1.10 only.
        return UNKNOWN
    return seq.items[index % len(seq.items)]


def _coalesce(args: list[Value]) -> Datum | Value:
    need(args, 1)
    kinds = {kind(arg.raw) for arg in args} - {"null"}
    for arg in args:
        datum = known(arg.raw)
        if datum is None or datum == "":
            continue
        if datum is UNKNOWN or (isinstance(datum, Text) and not any(isinstance(part, str) for part in datum.parts)):
            return arg if isinstance(arg.raw, Ref) else UNKNOWN
        if "string" in kinds and kind(datum) in ("number", "bool"):
            made = to_text(datum)
            return Value((made,), arg.at, arg.origins, arg.node)
        return arg
    raise Fault("no value that is not null")


def _coalescelist(args: list[Value]) -> Datum | Value:
    need(args, 1)
    for arg in args:
        if known(arg.raw) is None:
            continue
        seq = list_of(arg)
        if seq is None or (seq.open and not seq.items):
            return UNKNOWN
        if seq.items:
            return arg
    raise Fault("all lists are empty")


def _compact(args: list[Value]) -> Datum:
    need(args, 1, 1)
    seq = list_of(args[0])
    if seq is None:
        return UNKNOWN
    out: list[Value] = []
    is_open = seq.open or not (is_ordered(seq) or not isinstance(seq, Set))
    for item in seq.items:
        datum = to_text(item.raw)
        if datum is None or datum == "":
            continue
        if datum is UNKNOWN or (isinstance(datum, Text) and not any(isinstance(part, str) for part in datum.parts)):
            is_open = True
            continue
        out.append(item if isinstance(known(item.raw), str) else Value((datum,), item.at, item.origins, item.node))
    return Seq(tuple(out), is_open)


def _distinct(args: list[Value]) -> Datum:
    need(args, 1, 1)
    seq = list_of(args[0])
    if seq is None:
        return UNKNOWN
    if any(kind(item.raw) not in ("string", "number", "bool") or isinstance(known(item.raw), Text) for item in seq.items):
        return seq if len(seq.items) < 2 else UNKNOWN
    seen: dict[tuple[str, object], Value] = {}
    one_type = to_collection(Seq(seq.items), "list")
    if not isinstance(one_type, Seq):
        return UNKNOWN
    for item in one_type.items:
        seen.setdefault((kind(item.raw), known(item.raw)), item)
    return Seq(tuple(seen.values()), seq.open)


def _keys(args: list[Value]) -> Datum:
    need(args, 1, 1)
    found = _map(args[0])
    if found is None:
        return UNKNOWN
    return Seq(tuple(Value((key,), found.keys.get(key)) for key in _sorted_keys(found)), found.open)


def _values(args: list[Value]) -> Datum:
    need(args, 1, 1)
    found = _map(args[0])
    if found is None:
        return UNKNOWN
    return Seq(tuple(found.entries[key] for key in _sorted_keys(found)), found.open)


def _contains(args: list[Value]) -> Datum:
    need(args, 2, 2)
    seq = list_of(args[0])
    want = known(args[1].raw)
    if seq is None or kind(want) not in ("string", "number", "bool") or isinstance(want, Text):
        return UNKNOWN
    unsure = seq.open
    for item in seq.items:
        datum = known(item.raw)
        if kind(datum) == kind(want) and not isinstance(datum, Text):
            if datum == want:
                return True
        elif kind(datum) != "null":
            unsure = True
    return UNKNOWN if unsure else False


def _zipmap(args: list[Value]) -> Datum:
    need(args, 2, 2)
    keys, values = texts_of(args[0]), list_of(args[1])
    if keys is None or values is None or not is_ordered(values):
        return UNKNOWN
    if len(keys) != len(values.items):
        raise Fault("different lengths")
    return Map(dict(zip(keys, values.items, strict=True)))


def _index(args: list[Value]) -> Datum:
    need(args, 2, 2)
    seq = list_of(args[0])
    want = known(args[1].raw)
    if seq is None or kind(want) not in ("string", "number", "bool") or isinstance(want, Text):
        return UNKNOWN
    for number, item in enumerate(seq.items):
        datum = known(item.raw)
        if kind(datum) != kind(want) or isinstance(datum, Text):
            return UNKNOWN
        if datum == want:
            return number
    if seq.open:
        return UNKNOWN
    raise Fault("not found")


def _one(args: list[Value]) -> Datum | Value:
    need(args, 1, 1)
    seq = list_of(args[0])
    if seq is None or seq.open:
        return UNKNOWN
    if isinstance(seq, Set) and not set_is_settled(seq):
        return UNKNOWN
    if len(seq.items) > 1:
        raise Fault("more than one element")
    return seq.items[0] if seq.items else None


def _reverse(args: list[Value]) -> Datum:
    need(args, 1, 1)
    seq = list_of(args[0])
    if seq is None:
        return UNKNOWN
    return Seq(tuple(reversed(seq.items)), seq.open or not is_ordered(seq))


def _slice(args: list[Value]) -> Datum:
    need(args, 3, 3)
    seq, start, end = list_of(args[0]), whole(args[1]), whole(args[2])
    if isinstance(seq, Set):
        raise Fault("a set has no order")
    if seq is None or seq.open or start is None or end is None:
        return UNKNOWN
    if not 0 <= start <= end <= len(seq.items):
        raise Fault("out of range")
    return Seq(seq.items[start:end])


def _sort(args: list[Value]) -> Datum:
    need(args, 1, 1)
    seq = list_of(args[0])
    texts = texts_of(args[0])
    if seq is None or texts is None:
        return UNKNOWN
    order = sorted(range(len(texts)), key=lambda i: texts[i].encode("utf-8", "surrogatepass"))
    return Seq(tuple(Value((texts[i],), seq.items[i].at, seq.items[i].origins) for i in order))


def _range(args: list[Value]) -> Datum:
    need(args, 1, 3)
    numbers = [number_arg(arg) for arg in args]
    if any(not isinstance(number, int) for number in numbers):
        return UNKNOWN
    whole_numbers = [number for number in numbers if isinstance(number, int)]
    start, end = (0, whole_numbers[0]) if len(args) == 1 else (whole_numbers[0], whole_numbers[1])
    step = whole_numbers[2] if len(args) == 3 else (1 if start <= end else -1)
    if step == 0 or (start < end and step < 0) or (start > end and step > 0):
        raise Fault("the step does not lead to the limit")
    made = range(start, end, step)
    if len(made) > 1024:
        raise Fault("more than 1024 elements")
    return Seq(tuple(Value((number,)) for number in made))


def _all_true(args: list[Value]) -> Datum:
    return _every(args, False)


def _any_true(args: list[Value]) -> Datum:
    return _every(args, True)


def _every(args: list[Value], decisive: bool) -> Datum:
    need(args, 1, 1)
    seq = list_of(args[0])
    if seq is None:
        return UNKNOWN
    unsure = seq.open
    for item in seq.items:
        answer = to_bool(item.raw)
        if answer is UNKNOWN:
            unsure = True
        elif (answer is True) is decisive:
            # null counts as not true in both functions.
            return decisive
    return UNKNOWN if unsure else not decisive


def _transpose(args: list[Value]) -> Datum:
    need(args, 1, 1)
    found = plain(args[0].raw)
    if not isinstance(found, dict):
        raise Fault("a map is required")
    out: dict[str, list[str]] = {}
    for key in sorted(found):
        if not isinstance(found[key], list):
            raise Fault("a map of lists is required")
        for item in found[key]:
            if not isinstance(item, str):
                return UNKNOWN
            out.setdefault(item, []).append(key)
    return Map({key: Value((Seq(tuple(Value((one,)) for one in sorted(out[key]))),)) for key in sorted(out)})


def _chunklist(args: list[Value]) -> Datum:
    need(args, 2, 2)
    seq, size = list_of(args[0]), whole(args[1])
    if seq is None or size is None or size < 1 or not is_ordered(seq):
        return UNKNOWN
    chunks = [seq.items[i : i + size] for i in range(0, len(seq.items), size)]
    return Seq(tuple(Value((Seq(chunk),)) for chunk in chunks))


TABLE: dict[str, Function] = {
    "length": _length,
    "concat": _concat,
    "flatten": _flatten,
    "merge": _merge,
    "lookup": _lookup,
    "element": _element,
    "coalesce": _coalesce,
    "coalescelist": _coalescelist,
    "compact": _compact,
    "distinct": _distinct,
    "keys": _keys,
    "values": _values,
    "contains": _contains,
    "zipmap": _zipmap,
    "index": _index,
    "one": _one,
    "reverse": _reverse,
    "slice": _slice,
    "sort": _sort,
    "range": _range,
    "alltrue": _all_true,
    "anytrue": _any_true,
    "transpose": _transpose,
    "chunklist": _chunklist,
}
