"""Which resources of a plan belong to which: by what their expressions refer to, else by name or id.

An id is mostly known only after apply, so the values of a plan do not link a companion to its owner; the
references in its `configuration` do.
"""

from __future__ import annotations

from fsbp_lsp.model import read_path
from fsbp_lsp.terraform.names import OF_BUCKET
from fsbp_lsp.terraform.plan_config import ANY
from fsbp_lsp.terraform.plan_text import rows, table
from fsbp_lsp.values import ABSENT, MAYBE, NO, UNKNOWN, YES, Items, Ref, Tri, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.model import Path, Resource
    from fsbp_lsp.terraform.plan import PlanModule, PlanResource
    from fsbp_lsp.terraform.plan_config import Target

MAX_HOPS = 10


class _Pointer:
    """Where one companion points: targets when references say so, else its value."""

    __slots__ = ("number", "resource", "targets", "value")

    def __init__(self, number: int, resource: PlanResource, value: Value, targets: tuple[Target, ...] | None) -> None:
        self.number = number
        self.resource = resource
        self.value = value
        self.targets = targets


class _Index:
    """Companions of one type by what they point at, for owners of one type."""

    __slots__ = ("at", "loose", "named")

    def __init__(self) -> None:
        self.at: dict[str, list[_Pointer]] = {}
        self.named: dict[str, list[_Pointer]] = {}
        self.loose: list[_Pointer] = []


class PlanLinks:
    """Answers `Module.linked` for a plan; every companion is looked at once for each type of owner."""

    def __init__(self, module: PlanModule) -> None:
        self._module = module
        self._indices: dict[tuple[str, Path, str], _Index] = {}

    def to(self, owner: Resource, type: str, by: Path, owner_name: Path) -> Items:
        index = self._indices.get((type, by, owner.type))
        if index is None:
            index = self._indices[type, by, owner.type] = self._index(type, by, owner.type)
        names = _names(owner, owner_name)
        near = [*index.loose, *index.at.get(owner.block, ())]
        if names is None:
            near.extend(pointer for pointers in index.named.values() for pointer in pointers)
        else:
            near.extend(pointer for name in names for pointer in index.named.get(name, ()))
        found: list[Resource] = []
        maybe = not self._module.settled
        for _number, pointer in sorted({one.number: one for one in near}.items()):
            answer = _points(pointer, owner, names)
            if answer is YES:
                found.append(pointer.resource)
            elif answer is MAYBE:
                maybe = True
        return Items(tuple(found), maybe)

    def _index(self, type: str, by: Path, owner_type: str) -> _Index:
        index = _Index()
        for number, resource in enumerate(self._module.of(type)):
            value = read_path(resource.config, by)
            datum = known(value.raw)
            if datum is None or datum is ABSENT:
                continue
            targets = self._targets(resource, by, owner_type)  # type: ignore[arg-type]  # a plan holds its own resources only
            pointer = _Pointer(number, resource, value, targets)  # type: ignore[arg-type]  # the same
            if targets and all(one.type.removeprefix("data.") == owner_type for one in targets):
                for one in targets:
                    index.at.setdefault(one.block, []).append(pointer)
                if isinstance(datum, str):
                    index.named.setdefault(datum, []).append(pointer)
            elif isinstance(datum, str):
                index.named.setdefault(datum, []).append(pointer)
            else:
                index.loose.append(pointer)
        return index

    def _targets(self, resource: PlanResource, by: Path, owner_type: str) -> tuple[Target, ...] | None:
        """What the link refers to, followed through resources that only hand it on (`aws_s3_bucket_policy.x.bucket`)."""
        if not resource.hands_on(by):
            return None
        expression = resource.expressions
        for step in by:
            below = expression.get(step) if isinstance(step, str) else None
            expression = table(rows(below)[0] if rows(below) else below)
        if not expression:
            return None
        found = self._module.targets(expression, resource.scope)
        for _hop in range(MAX_HOPS):
            if found is None or all(one.type.removeprefix("data.") == owner_type for one in found):
                return found
            if len(found) != 1 or found[0].key is ANY:
                return None
            one = found[0]
            host = next((each for each in self._module.instances(one.block) if each.key == one.key), None)
            if host is None:
                return None
            expressions = host.expressions
            bucket = one.attribute == "id" and one.type in OF_BUCKET and "expected_bucket_owner" not in expressions
            handed = table(expressions.get("bucket" if bucket else one.attribute))
            if not handed:
                return None
            found = self._module.targets(handed, host.scope)
        return None


def _names(owner: Resource, owner_name: Path) -> frozenset[str] | None:
    """The literals that name an owner; None when a name was given that is known only after apply."""
    names: set[str] = set()
    for path in (("id",), ("arn",), owner_name):
        value = read_path(owner.config, path) if path else Value((ABSENT,))
        datum = known(value.raw)
        if isinstance(datum, str):
            names.add(datum)
        elif path is owner_name and (isinstance(value.raw, Ref) or datum is UNKNOWN):
            return None
    return frozenset(names)


def _points(pointer: _Pointer, owner: Resource, names: frozenset[str] | None) -> Tri:
    targets = pointer.targets
    if targets and all(one.type.removeprefix("data.") == owner.type for one in targets):
        answers = {_same(one, owner) for one in targets}
        if answers == {YES} or answers == {NO}:
            return answers.pop()
        if len(targets) > 1 or MAYBE in answers:
            return MAYBE
    datum = known(pointer.value.raw)
    if isinstance(datum, str):
        return MAYBE if names is None else Tri.of(datum in names)
    return MAYBE


def _same(target: Target, owner: Resource) -> Tri:
    if target.block != owner.block:
        return NO
    if target.key is ANY:
        return MAYBE
    return Tri.of(type(target.key) is type(owner.key) and target.key == owner.key)
