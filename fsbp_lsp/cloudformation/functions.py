"""The intrinsic functions. Each takes an `Evaluator` and a `Call` and answers with a `Value`."""

from __future__ import annotations

import itertools

from fsbp_lsp.cloudformation.intrinsics import Call, Evaluator, union
from fsbp_lsp.cloudformation.shape import mapping_of, pairs_of, text_of, untagged
from fsbp_lsp.cloudformation.strings import from_store, joined, sub_parts
from fsbp_lsp.syntax.tree import Mapping, Node
from fsbp_lsp.values import UNKNOWN, Datum, Origin, Seq, Text, Value, Via, as_number, as_text, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.text import Loc

MAX_CELLS = 64
MAX_COMBINATIONS = 16
MAX_ENCODED = 100_000
"""Characters Base64 is asked for; a resource takes far fewer."""
_ORIGINS = 4


class JsonValue(Value):
    """Text made by Fn::ToJsonString: unknown as text, but its document is at hand."""

    __slots__ = ("document",)

    def __init__(self, call: Call, document: Value) -> None:
        super().__init__((UNKNOWN,), call.at, (), call.node)
        self.document = document

    def moved(self, at: Loc | None, origins: tuple[Origin, ...], node: object) -> Value:
        made: JsonValue = object.__new__(JsonValue)
        made.options, made.at, made.origins, made.node, made.document = self.options, at, origins, node, self.document
        return made


def _ref(ev: Evaluator, call: Call) -> Value:
    name = call.text
    return call.unknown("a Ref without a name") if name is None else ev.named(name, call)


def _get_att(ev: Evaluator, call: Call) -> Value:
    text, args = call.text, call.args
    if text is None and args is not None and len(args) == 2:
        first, second = text_of(args[0]), text_of(args[1])
        if first is not None and second is not None:
            text = f"{first}.{second}"
    name, dot, attribute = (text or "").partition(".")
    if not dot or not attribute:
        return call.unknown("an attribute that is decided when deployed")
    return ev.attribute(name, attribute, call)


def _sub(ev: Evaluator, call: Call) -> Value:
    text, args = call.text, call.args
    given: dict[str, tuple[Node, Node]] = {}
    open_names = False
    if text is None:
        if args is None or not args:
            return call.unknown("a Sub without text")
        text = text_of(args[0])
        names = mapping_of(args[1]) if len(args) > 1 else None
        if names is not None:
            pairs = pairs_of(names)
            given, open_names = pairs.found, pairs.open
        if text is None or (len(args) > 1 and names is None):
            return call.unknown("a Sub of something that is not text")
    choices: list[tuple[Datum, ...]] = []
    origins: list[Origin] = []
    read: dict[str, Value] = {}
    for variable, part in sub_parts(text):
        if not variable:
            choices.append((part,))
            continue
        value = read.get(part)
        if value is None:
            value = read[part] = _variable(ev, call, part, given, open_names)
            origins.extend(value.origins)
        choices.append(value.options)
    return from_store(text, _combined(ev, call, choices, "", origins))


def _variable(ev: Evaluator, call: Call, name: str, given: dict[str, tuple[Node, Node]], open_names: bool) -> Value:
    if name in given:
        return ev.evaluate(given[name][1], call.depth + 1)
    if not name or open_names:
        return call.unknown("filled in when deployed")
    if "." in name and not name.startswith("AWS::"):
        address, _, attribute = name.partition(".")
        return ev.attribute(address, attribute, call)
    return ev.named(name, call)


def _combined(ev: Evaluator, call: Call, choices: list[tuple[Datum, ...]], between: str, origins: list[Origin]) -> Value:
    """Every text that one choice per part can make."""
    count = 1
    for options in choices:
        count *= len(options)
        if count > MAX_COMBINATIONS:
            break
    if count > MAX_COMBINATIONS:
        choices = [options if len(options) == 1 else (UNKNOWN,) for options in choices]
    texts: list[Value] = []
    for combination in itertools.product(*choices):
        parts: list[Datum] = []
        for part in combination:
            if parts and between:
                parts.append(between)
            parts.append(part)
        ev.room -= sum(_size(part) for part in parts)
        if ev.room < 0:
            return call.unknown("too much text")
        texts.append(call.one(joined(parts)))
    hops = tuple(origins[:_ORIGINS])
    if len(texts) == 1:
        return Value(texts[0].options, call.at, hops, call.node)
    return union(texts, call, hops)


def _size(part: Datum) -> int:
    if isinstance(part, str):
        return len(part)
    return sum(len(piece) if isinstance(piece, str) else 1 for piece in part.parts) if isinstance(part, Text) else 1


def _join(ev: Evaluator, call: Call) -> Value:
    args = call.args
    if args is None or len(args) != 2:
        return call.unknown("a Join that cannot be read")
    between = ev.evaluate(args[0], call.depth + 1).only
    listed = ev.evaluate(args[1], call.depth + 1)
    items = listed.only
    if not isinstance(between, str) or not isinstance(items, Seq) or items.open:
        return call.unknown("a Join of parts that are not all known")
    origins = list(listed.origins)
    for item in items.items:
        origins.extend(item.origins)
    made = _combined(ev, call, [item.options for item in items.items], between, origins)
    written = between.join((text_of(item.node) if isinstance(item.node, Node) else None) or "…" for item in items.items)
    return from_store(written, call.unknown("filled in later")) if "{{resolve:" in written else made


def _select(ev: Evaluator, call: Call) -> Value:
    args = call.args
    if args is None or len(args) != 2:
        return call.unknown("a Select that cannot be read")
    index = as_number(ev.evaluate(args[0], call.depth + 1).only)
    listed = ev.evaluate(args[1], call.depth + 1)
    found: list[Value] = []
    for option in listed.options:
        items = known(option)
        if not isinstance(items, Seq) or items.open or not items.items:
            return call.unknown("a Select from a list that is not known")
        if index is UNKNOWN:
            found.extend(items.items)
        elif isinstance(index, int) and not isinstance(index, bool) and 0 <= index < len(items.items):
            found.append(items.items[index])
        else:
            return call.unknown("a Select past the end of its list")
    origins = (*listed.origins, *(hop for value in found[:2] for hop in value.origins))[:_ORIGINS]
    if len(found) == 1:
        return Value(found[0].options, call.at, origins, call.node)
    return union(found, call, origins)


def _split(ev: Evaluator, call: Call) -> Value:
    args = call.args
    if args is None or len(args) != 2:
        return call.unknown("a Split that cannot be read")
    mark = ev.evaluate(args[0], call.depth + 1).only
    source = ev.evaluate(args[1], call.depth + 1)
    if not isinstance(mark, str) or not mark:
        return call.unknown("a Split at something that is not known")
    lists: list[Value] = []
    for option in source.options:
        text = as_text(option)
        if text is None:
            return call.unknown("a Split of text that is not known")
        ev.room -= len(text)
        if ev.room < 0:
            return call.unknown("too much text")
        lists.append(call.one(Seq(tuple(Value((part,), call.at) for part in text.split(mark)))))
    if len(lists) == 1:
        return Value(lists[0].options, call.at, source.origins, call.node)
    return union(lists, call, source.origins)


def _find_in_map(ev: Evaluator, call: Call) -> Value:
    args = call.args
    if args is None or len(args) not in (3, 4):
        return call.unknown("a FindInMap that cannot be read")
    path = [ev.evaluate(arg, call.depth + 1) for arg in args[:3]]
    tables = _keys(path[0])
    if tables is None or len(tables) != 1:
        return call.unknown("a mapping that is not known")
    cells = _cells(ev, call, tables[0], _keys(path[1]), _keys(path[2]))
    if len(args) == 4:
        default = mapping_of(args[3])
        pair = pairs_of(default).found.get("DefaultValue") if default is not None else None
        if pair is None:
            return call.unknown("a default that cannot be read")
        direct = all(len(value.options) == 1 and as_text(value.only) is not None for value in path)
        if direct and cells is None and not ev.open and _closed(ev, tables[0]):
            return ev.evaluate(pair[1], call.depth + 1)
        if not direct and cells:
            # A key that is not known may be one that is not there.
            cells = [*cells, ev.evaluate(pair[1], call.depth + 1)]
    if not cells:
        return call.unknown("a cell of a mapping that is not known")
    hops = tuple(hop for value in path for hop in value.origins if hop.via is not Via.OPAQUE)
    if len(cells) == 1:
        return Value(cells[0].options, call.at, (*cells[0].origins, *hops)[:_ORIGINS], call.node)
    place = ev.mappings
    origin = Origin(Via.REFERENCE, ev.loc(place) if place is not None else call.at, tables[0])
    return union(cells, call, (origin, *hops)[:_ORIGINS])


def _keys(value: Value) -> list[str] | None:
    """The texts a key may be; None for any."""
    keys: list[str] = []
    for option in value.options:
        text = as_text(option)
        if text is None:
            return None
        keys.append(text)
    return keys


def _cells(ev: Evaluator, call: Call, table: str, tops: list[str] | None, seconds: list[str] | None) -> list[Value] | None:
    """The cells under these keys (None: any key); None when one is missing, or when there are too many."""
    rows = _rows(ev, table)
    if rows is None:
        return None
    found: list[Value] = []
    for top in rows if tops is None else tops:
        row = rows.get(top)
        inner = pairs_of(row) if isinstance(row, Mapping) and untagged(row) else None
        if inner is None or inner.open or any(name.startswith("Fn::") for name in inner.found):
            return None
        names = list(inner.found) if seconds is None else seconds
        for second in names:
            cell = ev.cell(table, top, second, call) if second in inner.found and second not in inner.twice else None
            if cell is None:
                if tops is None and seconds is not None:
                    continue  # a deployment that asked for a missing cell would fail
                return None
            found.append(cell)
            if len(found) > MAX_CELLS:
                return None
    return found or None


def _rows(ev: Evaluator, table: str) -> dict[str, Node] | None:
    """The rows of a mapping; None when not all of them can be seen."""
    whole = mapping_of(ev.mappings)
    if whole is None or ev.open:
        return None
    pairs = pairs_of(whole)
    pair = pairs.found.get(table)
    rows = mapping_of(pair[1]) if pair is not None and table not in pairs.twice else None
    if rows is None:
        return None
    inner = pairs_of(rows)
    if inner.open or inner.twice or any(name.startswith("Fn::") for name in inner.found):
        return None
    return {name: value for name, (_, value) in inner.found.items()}


def _closed(ev: Evaluator, table: str) -> bool:
    return _rows(ev, table) is not None


def _if(ev: Evaluator, call: Call) -> Value:
    args = call.args
    name = text_of(args[0]) if args else None
    if args is None or len(args) != 3 or name is None:
        return call.unknown("an If that cannot be read")
    return ev.branch(name, call, args[1], args[2])


def _length(ev: Evaluator, call: Call) -> Value:
    value = ev.untagged(call.arg, call.depth + 1) if call.tagged else ev.evaluate(call.arg, call.depth + 1)
    items = value.only
    if isinstance(items, Seq) and not items.open:
        return call.one(len(items.items), value.origins)
    return call.unknown("the length of a list that is not known")


def _to_json(ev: Evaluator, call: Call) -> Value:
    value = ev.untagged(call.arg, call.depth + 1) if call.tagged else ev.evaluate(call.arg, call.depth + 1)
    return JsonValue(call, value)


def _base64(ev: Evaluator, call: Call) -> Value:
    value = ev.untagged(call.arg, call.depth + 1) if call.tagged else ev.evaluate(call.arg, call.depth + 1)
    text = value.only
    if not isinstance(text, str) or len(text) > MAX_ENCODED:
        return call.unknown("encoded text")
    import binascii

    ev.room -= 2 * len(text)
    if ev.room < 0:
        return call.unknown("too much text")
    return call.one(binascii.b2a_base64(text.encode("utf-8", "surrogatepass"), newline=False).decode(), value.origins)


def _cidr(ev: Evaluator, call: Call) -> Value:
    """Blocks of 2^cidrBits addresses cut from a range; cidrBits default to 8 (user guide, "Fn::Cidr")."""
    why = "address ranges computed when deployed"
    args = call.args
    if args is None or len(args) not in (2, 3):
        return call.unknown(why)
    values = [ev.evaluate(arg, call.depth + 1) for arg in args]
    block, count = values[0].only, as_number(values[1].only)
    bits = as_number(values[2].only) if len(values) == 3 else 8
    if not isinstance(block, str) or not isinstance(count, int) or not isinstance(bits, int) or not 1 <= count <= 256:
        return call.unknown(why)
    import ipaddress

    try:
        whole = ipaddress.ip_network(block.strip())
    except ValueError:
        return call.unknown(why)
    size = whole.max_prefixlen - bits
    if not 1 <= bits <= 128 or not whole.prefixlen <= size or count > 1 << min(size - whole.prefixlen, 16):
        return call.unknown(why)
    first = int(whole.network_address)
    texts = [f"{type(whole.network_address)(first + (number << bits))}/{size}" for number in range(count)]
    origins = tuple(hop for value in values for hop in value.origins)[:_ORIGINS]
    return call.one(Seq(tuple(Value((text,), call.at) for text in texts)), origins)


def _deployed(note: str) -> Callable[[Evaluator, Call], Value]:
    return lambda _ev, call: call.unknown(note)


FUNCTIONS: dict[str, Callable[[Evaluator, Call], Value]] = {
    "Ref": _ref,
    "GetAtt": _get_att,
    "Sub": _sub,
    "Join": _join,
    "Select": _select,
    "Split": _split,
    "FindInMap": _find_in_map,
    "If": _if,
    "Length": _length,
    "ToJsonString": _to_json,
    "Base64": _base64,
    "Cidr": _cidr,
    "GetAZs": _deployed("the availability zones of the region"),
    "ImportValue": _deployed("imported from another stack"),
    "Transform": _deployed("made by a macro"),
}
