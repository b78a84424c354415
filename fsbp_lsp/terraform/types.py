"""Variable type constraints, and the conversions of `to*()` functions and conditionals."""

from __future__ import annotations

from fsbp_lsp.syntax import hcl_tree as hcl
from fsbp_lsp.terraform.data import Fault, Set, TooMuch, kind, make_set, to_bool, to_number, to_text
from fsbp_lsp.values import UNKNOWN, Map, Seq, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.values import Datum

MAX_DEPTH = 30
_SCALARS = {"string": to_text, "number": to_number, "bool": to_bool}


def convert(value: Value, constraint: hcl.Expr, default_of: Callable[[hcl.Expr], Value], depth: int = 0) -> Value:
    """The value converted to a type constraint. `default_of` evaluates the default inside `optional(…)`.

    Raises Fault when Terraform refuses the value. A constraint that is not understood gives UNKNOWN.
    """
    if depth > MAX_DEPTH:
        raise TooMuch
    if isinstance(constraint, hcl.Literal) and isinstance(constraint.value, str):
        # Terraform 0.11 wrote type = "string"; "list" and "map" meant any elements.
        constraint = hcl.Variable(constraint.start, constraint.end, constraint.value)
        if constraint.name in ("list", "map"):
            return value
    out: list[Datum] = []
    for option in value.options:
        datum = known(option)
        if datum is None or datum is UNKNOWN:
            out.append(option)
        else:
            out.append(_convert(option, constraint, default_of, depth))
    return Value(tuple(out), value.at, value.origins, value.node)


def _convert(option: Datum, constraint: hcl.Expr, default_of: Callable[[hcl.Expr], Value], depth: int) -> Datum:
    if isinstance(constraint, hcl.Variable):
        if constraint.name == "any":
            return option
        scalar = _SCALARS.get(constraint.name)
        if scalar is not None:
            made = scalar(option)
            # Strings that stay the same keep what is remembered about them (their JSON document, say).
            return option if type(known(option)) is type(made) and made == known(option) else made
        if constraint.name in ("list", "set", "map"):
            return _as_collection(option, constraint.name)
        return UNKNOWN
    if not isinstance(constraint, hcl.Call) or len(constraint.args) < 1:
        return UNKNOWN
    inner = constraint.args[0]
    if constraint.name in ("list", "set", "map"):
        collection = _as_collection(option, constraint.name)
        if collection is UNKNOWN:
            return UNKNOWN
        return _each(collection, lambda item: convert(item, inner, default_of, depth + 1))
    if constraint.name == "object" and isinstance(inner, hcl.Object):
        return _as_object(option, inner, default_of, depth)
    if constraint.name == "tuple" and isinstance(inner, hcl.Tuple):
        datum = known(option)
        if not isinstance(datum, Seq) or isinstance(datum, Set):
            raise Fault("a tuple is required")
        if datum.open:
            return UNKNOWN
        if len(datum.items) != len(inner.items):
            raise Fault("wrong tuple length")
        pairs = zip(datum.items, inner.items, strict=True)
        return Seq(tuple(convert(item, one, default_of, depth + 1) for item, one in pairs), False, datum.node)
    return UNKNOWN


def _each(collection: Datum, change: Callable[[Value], Value]) -> Datum:
    if isinstance(collection, Map):
        entries = {key: change(value) for key, value in collection.entries.items()}
        return Map(entries, collection.open, collection.node, collection.keys)
    if isinstance(collection, Set):
        made = make_set([change(item) for item in collection.items])
        return Set(made.items, collection.open, collection.node)
    assert isinstance(collection, Seq)
    return Seq(tuple(change(item) for item in collection.items), collection.open, collection.node)


def _as_collection(option: Datum, name: str) -> Datum:
    """list, set or map of whatever it holds. Raises Fault for what cannot become one."""
    datum = known(option)
    if datum is UNKNOWN:
        return UNKNOWN
    if name == "map":
        if isinstance(datum, Map):
            return datum
        raise Fault("a map is required")
    if not isinstance(datum, Seq):
        raise Fault("a list is required")
    if name == "set":
        if isinstance(datum, Set):
            return datum
        made = make_set(list(datum.items))
        return Set(made.items, datum.open, datum.node)
    return Seq(datum.items, datum.open, datum.node) if isinstance(datum, Set) else datum


def _as_object(option: Datum, shape: hcl.Object, default_of: Callable[[hcl.Expr], Value], depth: int) -> Datum:
    datum = known(option)
    if not isinstance(datum, Map):
        if datum is UNKNOWN:
            return UNKNOWN
        raise Fault("an object is required")
    entries: dict[str, Value] = {}
    for key, constraint in shape.items:
        if not isinstance(key, hcl.Literal) or not isinstance(key.value, str):
            return UNKNOWN
        optional = isinstance(constraint, hcl.Call) and constraint.name == "optional" and bool(constraint.args)
        wanted = constraint.args[0] if optional and isinstance(constraint, hcl.Call) else constraint
        value = datum.get(key.value)
        if not value.written:
            if not optional:
                raise Fault(f"attribute {key.value} is required")
            value = Value((None,))
        if optional and isinstance(constraint, hcl.Call) and len(constraint.args) > 1:
            value = _with_default(value, default_of(constraint.args[1]))
        entries[key.value] = convert(value, wanted, default_of, depth + 1)
    return Map(entries, False, datum.node, {name: at for name, at in datum.keys.items() if name in entries})


def _with_default(value: Value, default: Value) -> Value:
    """A null attribute takes its default."""
    if not any(known(option) is None for option in value.options):
        return value
    rest = [Value((option,), value.at, value.origins, value.node) for option in value.options if known(option) is not None]
    return Value.union([*rest, default], value.at) if rest else default


# Functions and conditionals: conversions without a constraint


def to_collection(option: Datum, name: str) -> Datum:
    """`tolist`, `toset` and `tomap`: the elements become one type. Raises Fault for what cannot be converted."""
    datum = _as_collection(option, name)
    return UNKNOWN if datum is UNKNOWN else _one_type(datum)


def _one_type(datum: Datum) -> Datum:
    """The collection with its scalars as one type: strings when kinds are mixed."""
    if isinstance(datum, Map):
        values = list(datum.entries.values())
    elif isinstance(datum, Seq):
        values = list(datum.items)
    else:
        return datum
    kinds = {kind(option) for value in values for option in value.options} - {"null"}
    if len(kinds & {"bool", "number", "string"}) <= 1 and not ({"unknown"} & kinds and kinds & {"bool", "number"}):
        return datum
    if kinds <= {"bool", "number", "string", "unknown"}:
        if "string" in kinds:
            return _each(datum, _text_value)
        if "unknown" in kinds:
            # An unknown string would turn the others into strings as well.
            return _each(datum, lambda item: item if kind(item.raw) == "unknown" else Value((UNKNOWN,), item.at))
        raise Fault("no single type")
    return UNKNOWN


def _text_value(item: Value) -> Value:
    return Value(tuple(to_text(option) for option in item.options), item.at, item.origins, item.node)


def unify(chosen: Datum, other: Datum, depth: int = 0) -> Datum:
    """What the chosen side of a conditional becomes: both sides get one type. Raises Fault when they cannot."""
    if depth > MAX_DEPTH:
        raise TooMuch
    one, two = known(chosen), known(other)
    kinds = kind(one), kind(two)
    scalars = ("bool", "number", "string")
    if "unknown" in kinds or "null" in kinds:
        return chosen
    if kinds[0] in scalars or kinds[1] in scalars:
        if kinds[0] == kinds[1]:
            return chosen
        if "string" in kinds and kinds[0] in scalars and kinds[1] in scalars:
            return to_text(chosen)
        raise Fault("inconsistent types")
    if isinstance(one, Map) and isinstance(two, Map):
        if one.entries.keys() == two.entries.keys():
            entries = {
                key: Value(
                    tuple(unify(option, two.entries[key].raw, depth + 1) for option in value.options), value.at, value.origins, value.node
                )
                for key, value in one.entries.items()
            }
            return Map(entries, one.open, one.node, one.keys)
        return _mixed_to_text(one, list(two.entries.values()))
    if isinstance(one, Seq) and isinstance(two, Seq):
        if len(one.items) == len(two.items):
            items = tuple(
                Value(tuple(unify(option, more.raw, depth + 1) for option in item.options), item.at, item.origins, item.node)
                for item, more in zip(one.items, two.items, strict=True)
            )
            return type(one)(items, one.open, one.node)
        return _mixed_to_text(one, list(two.items))
    raise Fault("inconsistent types")


def _mixed_to_text(one: Seq | Map, others: list[Value]) -> Datum:
    """Tuples of different lengths become lists, objects with different keys maps: mixed scalars become strings."""
    mine = list(one.items) if isinstance(one, Seq) else list(one.entries.values())
    kinds = {kind(option) for value in [*mine, *others] for option in value.options}
    if "string" in kinds and kinds & {"bool", "number"} and kinds <= {"bool", "number", "string", "unknown", "null"}:
        return _each(one, _text_value)
    return one
