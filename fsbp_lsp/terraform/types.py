"""Type constraints of input variables: conversion to them, with the defaults of optional attributes."""

from __future__ import annotations

from fsbp_lsp.syntax import hcl_tree as hcl
from fsbp_lsp.terraform.conversion import mapping, null_of, sequence, to_type
from fsbp_lsp.terraform.data import WORK, Fault, List, MapOf, Set, TooMuch
from fsbp_lsp.terraform.kinds import DYNAMIC, MAX_DEPTH, SCALARS, UNSURE, has_dynamic, has_unsure
from fsbp_lsp.terraform.sets import make_set
from fsbp_lsp.values import UNKNOWN, Map, Seq, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.terraform.data import Type
    from fsbp_lsp.values import Datum

_COLLECTIONS = ("list", "set", "map")


def constraint_type(constraint: hcl.Expr, depth: int = 0) -> Type:
    """The type a constraint asks for; UNSURE inside for what is not understood."""
    if depth > MAX_DEPTH:
        raise TooMuch
    if isinstance(constraint, hcl.Literal) and isinstance(constraint.value, str):
        # Terraform 0.11 wrote type = "string".
        constraint = hcl.Variable(constraint.start, constraint.end, constraint.value)
    if isinstance(constraint, hcl.Variable):
        if constraint.name == "any":
            return DYNAMIC
        if constraint.name in SCALARS:
            return constraint.name
        return (constraint.name, DYNAMIC) if constraint.name in _COLLECTIONS else UNSURE
    if not isinstance(constraint, hcl.Call) or not constraint.args:
        return UNSURE
    inner = constraint.args[0]
    if constraint.name in _COLLECTIONS:
        return (constraint.name, constraint_type(inner, depth + 1))
    if constraint.name == "tuple" and isinstance(inner, hcl.Tuple):
        return ("tuple", tuple(constraint_type(one, depth + 1) for one in inner.items))
    if constraint.name == "object" and isinstance(inner, hcl.Object):
        attributes: dict[str, Type] = {}
        for key, one in inner.items:
            if not isinstance(key, hcl.Literal) or not isinstance(key.value, str):
                return UNSURE
            attributes[key.value] = constraint_type(_required(one)[0], depth + 1)
        return ("object", tuple((name, attributes[name]) for name in sorted(attributes)))
    return UNSURE


def _required(constraint: hcl.Expr) -> tuple[hcl.Expr, hcl.Expr | None, bool]:
    """The constraint inside `optional(…)`, its default, and whether it is optional at all."""
    if isinstance(constraint, hcl.Call) and constraint.name == "optional" and constraint.args:
        return constraint.args[0], constraint.args[1] if len(constraint.args) > 1 else None, True
    return constraint, None, False


def convert(value: Value, constraint: hcl.Expr, default_of: Callable[[hcl.Expr], Value], depth: int = 0) -> Value:
    """The value converted to a type constraint. `default_of` evaluates the default inside `optional(…)`.

    Raises Fault when Terraform refuses the value. A constraint that is not understood gives UNKNOWN.
    """
    WORK.spend()
    if depth > MAX_DEPTH:
        raise TooMuch
    if isinstance(constraint, hcl.Literal) and constraint.value in ("list", "map"):
        # Terraform 0.11 meant any elements with these.
        return value
    if len(value.options) == 1 and value.options[0] is None:
        return to_type(value, constraint_type(constraint))
    out: list[Datum] = []
    for option in value.options:
        datum = known(option)
        if datum is None or datum is UNKNOWN:
            out.append(option)
        else:
            out.append(_convert(option, constraint, default_of, depth))
    return Value(tuple(out), value.at, value.origins, value.node)


def _convert(option: Datum, constraint: hcl.Expr, default_of: Callable[[hcl.Expr], Value], depth: int) -> Datum:
    target = constraint_type(constraint)
    if target == UNSURE:
        return UNKNOWN
    if isinstance(target, str) or not isinstance(constraint, hcl.Call):
        return to_type(Value((option,)), target).options[0]
    datum = known(option)
    inner = constraint.args[0]
    if target[0] in _COLLECTIONS:
        if not isinstance(datum, Map if target[0] == "map" else Seq):
            raise Fault(f"a {target[0]} is required")
        return _collection(datum, target, lambda item: convert(item, inner, default_of, depth + 1))
    if target[0] == "object" and isinstance(inner, hcl.Object):
        return _object(datum, inner, default_of, depth)
    if not isinstance(datum, Seq) or isinstance(datum, List) or not isinstance(inner, hcl.Tuple):
        raise Fault("a tuple is required")
    if datum.open:
        return UNKNOWN
    if len(datum.items) != len(inner.items):
        raise Fault("wrong tuple length")
    pairs = zip(datum.items, inner.items, strict=True)
    return Seq(tuple(convert(item, one, default_of, depth + 1) for item, one in pairs), False, datum.node)


def _collection(datum: Datum, target: Type, change: Callable[[Value], Value]) -> Datum:
    """Each element converted; where the constraint has `any` inside, they become one type afterwards."""
    name, of = target
    settled = None if has_dynamic(of) or has_unsure(of) else of
    if isinstance(datum, Map):
        made = MapOf({key: change(value) for key, value in datum.entries.items()}, datum.open, datum.node, datum.keys, settled)
        return made if settled is not None else mapping(Map(made.entries, made.open, made.node, made.keys), DYNAMIC)
    assert isinstance(datum, Seq)
    items = [change(item) for item in datum.items]
    if settled is None:
        return sequence(Seq(tuple(items), datum.open, datum.node), name, DYNAMIC)
    if name == "set":
        return Set(make_set(items).items, datum.open, datum.node, settled)
    return List(tuple(items), datum.open, datum.node, settled)


def _object(datum: Datum, shape: hcl.Object, default_of: Callable[[hcl.Expr], Value], depth: int) -> Datum:
    if not isinstance(datum, Map):
        raise Fault("an object is required")
    entries: dict[str, Value] = {}
    for key, constraint in shape.items:
        if not isinstance(key, hcl.Literal) or not isinstance(key.value, str):
            return UNKNOWN
        wanted, default, optional = _required(constraint)
        value = datum.get(key.value)
        if not value.written:
            if not optional:
                raise Fault(f"attribute {key.value} is required")
            value = null_of(constraint_type(wanted), Value((None,)))
        if default is not None:
            value = _with_default(value, default_of(default))
        entries[key.value] = convert(value, wanted, default_of, depth + 1)
    return Map(entries, False, datum.node, {name: at for name, at in datum.keys.items() if name in entries})


def _with_default(value: Value, default: Value) -> Value:
    """A null attribute takes its default."""
    if not any(known(option) is None for option in value.options):
        return value
    rest = [Value((option,), value.at, value.origins, value.node) for option in value.options if known(option) is not None]
    return Value.union([*rest, default], value.at) if rest else default
