"""Values converted to a type, as arguments of functions, both sides of a conditional and elements of a collection are."""

from __future__ import annotations

from fsbp_lsp.syntax import hcl_tree as hcl
from fsbp_lsp.terraform.data import WORK, Fault, List, MapOf, Set, TooMuch, TypedNull
from fsbp_lsp.terraform.kinds import (
    AS_IS,
    DYNAMIC,
    MAX_DEPTH,
    UNSURE,
    UNSURE_NULL,
    convertible,
    datum_type,
    has_dynamic,
    has_unsure,
    is_unsure,
    type_of,
    unified,
    unify,
)
from fsbp_lsp.terraform.scalars import to_bool, to_number, to_text
from fsbp_lsp.terraform.sets import make_set
from fsbp_lsp.values import UNKNOWN, Map, Ref, Seq, Text, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fsbp_lsp.terraform.data import Type
    from fsbp_lsp.values import Datum

_SCALARS = {"string": to_text, "number": to_number, "bool": to_bool}


def to_type(value: Value, target: Type, depth: int = 0) -> Value:
    """The value as one of a type. Raises Fault when Terraform refuses.

    Under UNSURE_NULL what might become a string is undecided; under UNSURE the value stays as it is.
    """
    WORK.spend()
    if depth > MAX_DEPTH:
        raise TooMuch
    if len(value.options) == 1 and value.options[0] is None:
        return typed_null(value, target)
    return Value(tuple(_to(option, value, target, depth) for option in value.options), value.at, value.origins, value.node)


def typed_null(value: Value, target: Type) -> Value:
    """A null that tells its type from now on, when that is decided."""
    mine = datum_type(None, value.node)
    if not convertible(mine, target):
        raise Fault("a null of another type")
    if is_unsure(target) or target == DYNAMIC or value.node is None:
        return value if target == DYNAMIC or value.node is None else Value((None,), value.at, value.origins)
    start, end = getattr(value.node, "start", 0), getattr(value.node, "end", 0)
    return Value((None,), value.at, value.origins, TypedNull(start, end, target))


def null_of(target: Type, value: Value) -> Value:
    """Null of a type that stands where `value` is written."""
    start, end = getattr(value.node, "start", 0), getattr(value.node, "end", 0)
    return Value((None,), value.at, (), TypedNull(start, end, target))


def _to(option: Datum, value: Value, target: Type, depth: int) -> Datum:
    datum = known(option)
    if datum is None or datum is UNKNOWN or target in (DYNAMIC, UNSURE):
        return option
    if isinstance(target, str):
        if target == UNSURE_NULL:
            return option if isinstance(datum, (str, Text)) else _empty(datum)
        made = _SCALARS[target](option)
        # Strings that stay the same keep what is remembered about them (their JSON document, say).
        return option if type(made) is type(datum) and made == datum else made
    name = target[0]
    if name in ("list", "set"):
        if not isinstance(datum, Seq):
            raise Fault(f"a {name} is required")
        return sequence(datum, name, target[1], depth)
    if name == "map":
        if not isinstance(datum, Map):
            raise Fault("a map is required")
        return mapping(datum, target[1], depth)
    if name == "tuple":
        if not isinstance(datum, Seq) or isinstance(datum, List):
            raise Fault("a tuple is required")
        if datum.open:
            return option
        if len(datum.items) != len(target[1]):
            raise Fault("wrong tuple length")
        pairs = zip(datum.items, target[1], strict=True)
        return Seq(tuple(to_type(item, one, depth + 1) for item, one in pairs), False, datum.node)
    if not isinstance(datum, Map):
        raise Fault("an object is required")
    entries: dict[str, Value] = {}
    for key, one in target[1]:
        item = datum.entries.get(key)
        if item is None:
            if datum.open:
                return option
            raise Fault(f"attribute {key} is required")
        entries[key] = to_type(item, one, depth + 1)
    return Map(entries, False, datum.node, {key: at for key, at in datum.keys.items() if key in entries})


def _empty(datum: Datum) -> Datum:
    """What is empty stays empty as whatever type; UNKNOWN for all else."""
    if isinstance(datum, Seq) and not datum.items and not datum.open:
        return Set((), False, datum.node, UNSURE) if isinstance(datum, Set) else List((), False, datum.node, UNSURE)
    if isinstance(datum, Map) and not datum.entries and not datum.open:
        return MapOf({}, False, datum.node, datum.keys, UNSURE)
    return UNKNOWN


def _element_type(items: Sequence[Value], datum: Seq | Map, wanted: Type) -> Type:
    """The type the elements get: the wanted one, where any will do the one they have in common."""
    if wanted != DYNAMIC:
        return wanted if wanted != AS_IS else DYNAMIC
    if isinstance(datum, (List, MapOf)):
        found = datum_type(datum)
        if not has_unsure(found) or not items:
            return found[1] if not isinstance(found, str) else UNSURE
    if not items:
        return DYNAMIC
    return unify([type_of(item) for item in items])


def _check(datum: Seq | Map, wanted: Type) -> None:
    """Raises Fault for elements of a type that does not convert, even when there are none."""
    if isinstance(datum, (List, MapOf)):
        found = datum_type(datum)
        if not isinstance(found, str) and not convertible(found[1], wanted):
            raise Fault("elements of another type")


def _strict(type: Type) -> Type:
    """An element of an undecided type may be a string, and then all are."""
    return UNSURE_NULL if type == UNSURE else type


def sequence(datum: Seq, name: str, wanted: Type, depth: int = 0) -> List:
    """A list or set of elements of a type. Raises Fault."""
    _check(datum, wanted)
    inner = _element_type(datum.items, datum, wanted)
    items = [to_type(item, _strict(inner), depth + 1) for item in datum.items]
    of = UNSURE if has_unsure(inner) else _settled(inner, items)
    if of is None:
        raise Fault("no single type")
    if name == "set":
        made = make_set(items)
        return Set(made.items, datum.open, datum.node, of)
    unordered = isinstance(datum, Set) and not ordered(datum)
    return List(tuple(items), datum.open or unordered, datum.node, of)


def mapping(datum: Map, wanted: Type, depth: int = 0) -> MapOf:
    """A map of elements of a type. Raises Fault."""
    _check(datum, wanted)
    inner = _element_type(list(datum.entries.values()), datum, wanted)
    entries = {key: to_type(value, _strict(inner), depth + 1) for key, value in datum.entries.items()}
    of = UNSURE if has_unsure(inner) else _settled(inner, list(entries.values()))
    if of is None:
        # Of a map with a bare null among collections the one type does not show.
        types = [type_of(value) for value in entries.values()]
        if len({one for one in types if one != DYNAMIC}) > 1:
            raise Fault("no single type")
    return MapOf(entries, datum.open, datum.node, datum.keys, UNSURE if of is None else of)


def _settled(inner: Type, items: Sequence[Value]) -> Type | None:
    """The type of elements converted to a type with DYNAMIC inside, None when they still have several."""
    if not has_dynamic(inner) or not items:
        return inner
    types = [type_of(item) for item in items]
    if any(has_unsure(one) for one in types):
        return UNSURE
    return types[0] if all(one == types[0] for one in types) else None


def ordered(datum: Seq) -> bool:
    """The order of the elements is decided: always for lists and tuples, for sets of decided scalars."""
    if not isinstance(datum, Set) or len(datum.items) < 2:
        return True
    return not datum.open and all(known(item.raw) is None or isinstance(known(item.raw), (str, int, float)) for item in datum.items)


def to_collection(option: Datum, name: str) -> Datum:
    """`tolist`, `toset` and `tomap`. Raises Fault for what cannot be converted."""
    datum = known(option)
    if datum is UNKNOWN:
        return UNKNOWN
    if name == "map":
        if not isinstance(datum, Map):
            raise Fault("a map is required")
        return mapping(datum, DYNAMIC)
    if not isinstance(datum, Seq):
        raise Fault(f"a {name} is required")
    return sequence(datum, name, DYNAMIC)


def alike(chosen: Value, other: Value) -> Value:
    """What the chosen side of a conditional becomes: both sides get one type. Raises Fault when there is none."""
    options: list[Datum] = []
    node = chosen.node
    for option in chosen.options:
        # A bare reference stays one: its type is the provider's business.
        if isinstance(option, Ref) and known(option) is UNKNOWN:
            options.append(option)
            continue
        mine, theirs = datum_type(option, chosen.node), type_of(other)
        # A bare null takes the type of the other side, whatever that is.
        target = theirs if option is None and mine == DYNAMIC else mine if _is_bare_null(other) else unified([mine, theirs])
        if target is None:
            raise Fault("inconsistent types")
        made = to_type(Value((option,), chosen.at, chosen.origins, chosen.node), target)
        options.append(made.options[0])
        node = made.node if len(chosen.options) == 1 else node
    return Value(tuple(options), chosen.at, chosen.origins, node)


def _is_bare_null(value: Value) -> bool:
    return value.raw is None and type_of(value) == DYNAMIC


# Types of what has no value


def refused(expr: hcl.Expr, sound: Callable[[hcl.Expr], bool]) -> Value:
    """Stands for an expression that Terraform refuses, in a branch that is not taken: only its type counts.

    `sound` says whether an expression that is a part of it is not refused itself.
    """
    type: Type = UNSURE_NULL
    if isinstance(expr, hcl.Call):
        type = DYNAMIC
    elif isinstance(expr, hcl.Template):
        type = "string"
    elif isinstance(expr, (hcl.Binary, hcl.Unary)):
        type = "number" if expr.operator in ("+", "-", "*", "/", "%") else "bool"
    elif isinstance(expr, (hcl.GetAttr, hcl.Index)):
        root: hcl.Expr = expr
        while isinstance(root, (hcl.GetAttr, hcl.Index)):
            root = root.target
        type = DYNAMIC if isinstance(root, (hcl.Variable, hcl.Call)) or sound(root) else UNSURE_NULL
    return Value((None,), node=TypedNull(expr.start, expr.end, type))


def either(expr: hcl.Expr, yes: Value, no: Value, condition: Datum) -> Value:
    """Stands for a conditional that Terraform refuses: with a refused condition it has the one type of both sides."""
    type: Type = UNSURE_NULL
    if condition is None:
        # The word null takes the type of the other side; what is refused without a type leaves none.
        types = [type_of(side) for side in (yes, no) if not _is_word_null(side)]
        found = DYNAMIC if DYNAMIC in types or not types else unified(types)
        type = DYNAMIC if found is None else found
    elif isinstance(condition, bool) and type_of(yes if condition else no) == DYNAMIC:
        type = DYNAMIC
    return Value((None,), node=TypedNull(expr.start, expr.end, type))


def _is_word_null(value: Value) -> bool:
    return value.raw is None and isinstance(value.node, hcl.Literal) and not isinstance(value.node, TypedNull)


def elements_of(expr: hcl.Expr, source: Value) -> Value:
    """Stands for a loop that Terraform refuses: as many elements as it goes through, of no decided type."""
    datum = known(source.raw)
    if datum is None and isinstance(expr, hcl.For):
        return Value((None,), node=TypedNull(expr.start, expr.end, DYNAMIC))
    listed = isinstance(expr, hcl.Splat) or (isinstance(expr, hcl.For) and expr.key_expr is None and expr.condition is None)
    if listed and isinstance(datum, Seq) and not isinstance(datum, List) and not datum.open:
        return Value((Seq(tuple(refused(expr, lambda _part: False) for _item in datum.items)),))
    return refused(expr, lambda _part: False)


def element_type_of(datum: Seq) -> Type:
    """The type of the elements of a list or set, UNSURE when it is not decided."""
    found = datum_type(datum)
    return UNSURE if isinstance(found, str) else found[1]


def typed_steps(expr: hcl.Expr, type: Type) -> Type:
    """The type at the end of a splat's steps through elements of a type. Raises Fault for steps that type does not have."""
    if not isinstance(expr, (hcl.GetAttr, hcl.Index)):
        return type if isinstance(expr, hcl.Variable) else UNSURE
    below = typed_steps(expr.target, type)
    if below == DYNAMIC or is_unsure(below):
        return below if below == DYNAMIC else UNSURE
    if isinstance(below, str):
        raise Fault("a scalar has no parts")
    name = expr.name if isinstance(expr, hcl.GetAttr) else getattr(expr.key, "value", None)
    if below[0] == "map":
        return below[1]
    if below[0] == "list" and isinstance(name, int):
        return below[1]
    if below[0] == "object" and isinstance(name, str):
        found = dict(below[1]).get(name)
        if found is None:
            raise Fault(f"no attribute {name}")
        return found
    if below[0] == "set" or (isinstance(expr, hcl.GetAttr) and below[0] in ("list", "tuple")):
        raise Fault("no such part")
    return UNSURE


def null_node(value: Value, expr: hcl.Expr) -> hcl.Expr:
    """The node of a result: the expression, which for a null of a known type tells the type as well."""
    if isinstance(value.node, TypedNull):
        return TypedNull(expr.start, expr.end, value.node.type)
    return expr
