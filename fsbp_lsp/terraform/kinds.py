"""Terraform's types: which type a value has, what converts to what, and the one type several become.

A type is "string", "number", "bool", "dynamic" (a bare null; elements of an empty `tolist([])`), or a pair:
("list" | "set" | "map", element type), ("tuple", types), ("object", ((name, type), …) by name).
Two more say that source does not decide: UNSURE for an undecided value, UNSURE_NULL for a null of some type.
"""

from __future__ import annotations

from fsbp_lsp.syntax.hcl_tree import Literal
from fsbp_lsp.terraform.data import WORK, Fault, List, MapOf, Set, TooMuch, TypedNull
from fsbp_lsp.values import Map, Ref, Seq, Text, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsbp_lsp.terraform.data import Type
    from fsbp_lsp.values import Datum

UNSURE = "?"
UNSURE_NULL = "?null"
DYNAMIC = "dynamic"
AS_IS = "as is"
"""Element type of a collection whose elements are not converted and have to be of one type already."""
SCALARS = ("string", "number", "bool")
MAX_DEPTH = 30
MAX_TYPES = 20_000


def is_unsure(type: Type) -> bool:
    return type in (UNSURE, UNSURE_NULL)


def has_unsure(type: Type) -> bool:
    """Some part of the type is not decided."""
    if isinstance(type, str):
        return is_unsure(type)
    if type[0] == "tuple":
        return any(has_unsure(one) for one in type[1])
    if type[0] == "object":
        return any(has_unsure(one) for _name, one in type[1])
    return has_unsure(type[1])


def has_dynamic(type: Type) -> bool:
    """Some part of the type is open to any type."""
    if isinstance(type, str):
        return type in (DYNAMIC, AS_IS)
    if type[0] == "tuple":
        return any(has_dynamic(one) for one in type[1])
    if type[0] == "object":
        return any(has_dynamic(one) for _name, one in type[1])
    return has_dynamic(type[1])


def kind_of(type: Type) -> str:
    return type if isinstance(type, str) else str(type[0])


# The type of a value


def type_of(value: Value) -> Type:
    """The type of a value, UNSURE when its possibilities have several. Raises TooMuch."""
    return _Typing().value(value, 0)


def datum_type(datum: Datum, node: object = None) -> Type:
    """The type of one possibility; `node` tells the type of a null."""
    return _Typing().datum(datum, node, 0)


class _Typing:
    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_TYPES

    def value(self, value: Value, depth: int) -> Type:
        found = self.datum(value.options[0], value.node, depth)
        for option in value.options[1:]:
            if self.datum(option, value.node, depth) != found:
                return UNSURE
        return found

    def datum(self, datum: Datum, node: object, depth: int) -> Type:
        self.left -= 1
        WORK.spend()
        if self.left < 0 or depth > MAX_DEPTH:
            raise TooMuch
        if datum is None:
            if isinstance(node, TypedNull):
                return node.type
            return DYNAMIC if isinstance(node, Literal) and node.value is None else UNSURE_NULL
        if isinstance(datum, Ref):
            # The provider's schema may say another type than the one written.
            return UNSURE
        if isinstance(datum, bool):
            return "bool"
        if isinstance(datum, (int, float)):
            return "number"
        if isinstance(datum, (str, Text)):
            return "string"
        if isinstance(datum, List):
            return ("set" if isinstance(datum, Set) else "list", self.element(datum.of, datum.items, datum.open, depth))
        if isinstance(datum, Seq):
            return UNSURE if datum.open else ("tuple", tuple(self.value(item, depth + 1) for item in datum.items))
        if isinstance(datum, MapOf):
            return ("map", self.element(datum.of, tuple(datum.entries.values()), datum.open, depth))
        if isinstance(datum, Map):
            if datum.open:
                return UNSURE
            return ("object", tuple((name, self.value(datum.entries[name], depth + 1)) for name in sorted(datum.entries)))
        return UNSURE

    def element(self, of: Type | None, items: Sequence[Value], is_open: bool, depth: int) -> Type:
        if of is not None:
            return of
        for item in items:
            found = self.value(item, depth + 1)
            if not has_unsure(found):
                return found
        return UNSURE if is_open or items else DYNAMIC


# What converts to what


def convertible(source: Type, target: Type) -> bool:
    """Terraform knows a conversion, which may still refuse some values ("a" to number). True where not decided."""
    if source == target or DYNAMIC in (source, target) or target == AS_IS or is_unsure(source) or is_unsure(target):
        return True
    if isinstance(source, str) or isinstance(target, str):
        return isinstance(source, str) and isinstance(target, str) and "string" in (source, target)
    have, want = source[0], target[0]
    if want in ("list", "set"):
        if have == "tuple":
            return _all_convert(source[1], target[1])
        return have in ("list", "set") and convertible(source[1], target[1])
    if want == "map":
        if have == "object":
            return _all_convert([one for _name, one in source[1]], target[1])
        return have == "map" and convertible(source[1], target[1])
    if want == "tuple":
        return have == "tuple" and len(source[1]) == len(target[1]) and all(map(convertible, source[1], target[1]))
    if have == "map":
        return all(convertible(source[1], one) for _name, one in target[1])
    if have != "object":
        return False
    mine = dict(source[1])
    return all(name in mine and convertible(mine[name], one) for name, one in target[1])


def _all_convert(sources: Sequence[Type], target: Type) -> bool:
    if target == DYNAMIC:
        return not sources or unified(sources) is not None
    return all(convertible(one, target) for one in sources)


# One type of several


def unify(types: Sequence[Type]) -> Type:
    """The one type that values of these types become. Raises Fault when there is none."""
    found = unified(types)
    if found is None:
        raise Fault("no single type")
    return found


def unified(types: Sequence[Type], depth: int = 0) -> Type | None:
    """The same, None when there is none."""
    if depth > MAX_DEPTH:
        raise TooMuch
    if not types:
        return None
    if all(one == types[0] for one in types):
        return types[0]
    sure = [one for one in types if not is_unsure(one)]
    if len(sure) < len(types):
        # A string turns every scalar into a string; otherwise an unknown one decides.
        if sure and all(one in SCALARS or one == DYNAMIC for one in sure) and "string" in sure:
            return "string"
        return UNSURE if UNSURE in types else UNSURE_NULL
    kinds = {kind_of(one) for one in types} - {DYNAMIC}
    if {"object", "tuple"} <= kinds:
        return None
    found = _structural(types, kinds, depth)
    if found is not _GO_ON:
        return found
    for wanted in _by_preference(types):
        if all(convertible(one, wanted) for one in types):
            return wanted
    return None


_GO_ON = object()


def _structural(types: Sequence[Type], kinds: set[str], depth: int) -> Type | object | None:
    """The type when all are of one structure; `_GO_ON` when one of the given types has to do."""
    if not kinds <= {"object", "tuple", "list", "set", "map"}:
        return _GO_ON
    if DYNAMIC in types:
        # With a bare null among collections every one keeps its own type.
        return DYNAMIC if len(kinds) == 1 else _GO_ON
    if kinds == {"object"}:
        return _one_object(types, depth)
    if kinds == {"tuple"}:
        return _one_tuple(types, depth)
    if len(kinds) == 1:
        inner = unified([one[1] for one in types], depth + 1)
        return None if inner is None else (next(iter(kinds)), inner)
    if kinds in ({"list", "tuple"}, {"map", "object"}):
        # First the tuples become a list (the objects a map), then that one and the others one type.
        name = "list" if "list" in kinds else "map"
        loose = unified([part for one in types if one[0] != name for part in _parts(one)], depth + 1)
        inner = None if loose is None else unified([loose, *(one[1] for one in types if one[0] == name)], depth + 1)
        if inner == DYNAMIC and not isinstance(loose, str):
            return (name, AS_IS)
        if inner is None or (name == "list" and not all(convertible(one, (name, inner)) for one in types)):
            return _GO_ON
        return (name, inner)
    return _GO_ON


def _parts(type: Type) -> list[Type]:
    """The types inside a tuple or an object."""
    return list(type[1]) if type[0] == "tuple" else [one for _name, one in type[1]]


def _collection(name: str, types: Sequence[Type], parts: list[Type], depth: int) -> Type | None:
    """The list or map that tuples of different lengths (objects of different attributes) become."""
    inner = unified(parts, depth + 1)
    if inner is None:
        return None
    made = (name, inner)
    return made if all(convertible(one, made) for one in types) else None


def _one_object(types: Sequence[Type], depth: int) -> Type | None:
    names = [name for name, _type in types[0][1]]
    if any([name for name, _type in one[1]] != names for one in types[1:]):
        return _collection("map", types, [part for one in types for part in _parts(one)], depth)
    parts = [unified([one[1][at][1] for one in types], depth + 1) for at in range(len(names))]
    return None if None in parts else ("object", tuple(zip(names, parts, strict=True)))


def _one_tuple(types: Sequence[Type], depth: int) -> Type | None:
    if any(len(one[1]) != len(types[0][1]) for one in types[1:]):
        return _collection("list", types, [part for one in types for part in _parts(one)], depth)
    parts = [unified([one[1][at] for one in types], depth + 1) for at in range(len(types[0][1]))]
    return None if None in parts else ("tuple", tuple(parts))


def _by_preference(types: Sequence[Type]) -> list[Type]:
    """The types, those that more of the others convert to first."""
    left = list(types)
    ordered: list[Type] = []
    while left:
        best = next((one for one in left if not any(_preferred(other, one) for other in left)), left[0])
        ordered.append(best)
        left.remove(best)
    return ordered


def _preferred(one: Type, other: Type) -> bool:
    """`one` comes before `other`."""
    if DYNAMIC in (one, other):
        return bool(one != DYNAMIC)
    if isinstance(one, str) or isinstance(other, str):
        return one == "string" and other in SCALARS and other != "string"
    kinds = one[0], other[0]
    if kinds[0] == kinds[1] and kinds[0] in ("list", "set", "map"):
        return _preferred(one[1], other[1])
    return kinds in (("set", "tuple"), ("list", "set"), ("list", "tuple"), ("map", "object"))
