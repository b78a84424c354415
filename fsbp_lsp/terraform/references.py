"""Traversals: `var.x.y`, `local.a["k"]`, `aws_s3_bucket.b[0].id`, `each.value.name`, `data.t.n.attr`."""

from __future__ import annotations

from fsbp_lsp.model import InstanceKey
from fsbp_lsp.syntax import hcl_tree as hcl
from fsbp_lsp.terraform.conversion import null_node
from fsbp_lsp.terraform.data import Fault, Instance, PathText, Set, TooMuch
from fsbp_lsp.terraform.scalars import to_number, to_text
from fsbp_lsp.text import Loc
from fsbp_lsp.values import UNKNOWN, Map, Origin, Ref, Seq, Text, Value, Via, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from fsbp_lsp.terraform.evaluate import Evaluator
    from fsbp_lsp.terraform.scope import Scope
    from fsbp_lsp.values import Datum

    class Resolver(Protocol):
        """What the evaluator asks the module. Every answer is noted as a dependency.

        Addresses are those of the whole deployment: what a reference means inside this module (`qualified`).
        """

        def qualified(self, local: str) -> str: ...

        def variable(self, name: str, at: Loc) -> Value: ...

        def local(self, name: str, at: Loc) -> Value: ...

        def whole(self, address: str, at: Loc) -> Value:
            """A resource block or module call as a value: an Instance, a Seq or Map of them, or UNKNOWN."""

        def certain(self, address: str, key: Datum) -> bool:
            """The instance exists for sure whenever the expression is evaluated."""

        def repeated(self, address: str) -> bool | None:
            """The block has count or for_each; None when there is no such block."""

        def attribute(self, address: str, key: Datum, name: str, at: Loc) -> Value: ...

        def folder(self, which: str) -> str | None:
            """The directory behind `path.module` or `path.root`, None for other names."""

        def content(self, path: str) -> bytes | None:
            """Content of a file of the repository; None when there is none to read."""

        def listing(self, directory: str) -> tuple[str, ...]:
            """Names of the files in a directory of the repository."""

    Step = str | hcl.Expr


MAX_STEPS = 200
_OPAQUE_ROOTS = {
    "path": "path of the module",
    "terraform": "workspace",
    "self": "self",
    "ephemeral": "ephemeral resource",
    "provider": "provider",
    "action": "action",
}


def flatten(expr: hcl.Expr) -> tuple[hcl.Expr, list[Step]]:
    """The root of a traversal and its steps: names, or key expressions."""
    steps: list[Step] = []
    while True:
        if isinstance(expr, hcl.GetAttr):
            steps.append(expr.name)
            expr = expr.target
        elif isinstance(expr, hcl.Index):
            steps.append(expr.key)
            expr = expr.target
        else:
            steps.reverse()
            return expr, steps


class Traversal:
    """One walk from a root along its steps."""

    __slots__ = ("_evaluator", "_resolver", "_scope")

    def __init__(self, evaluator: Evaluator, resolver: Resolver, scope: Scope) -> None:
        self._evaluator = evaluator
        self._resolver = resolver
        self._scope = scope

    def value(self, path: tuple[hcl.Expr, list[Step]], expr: hcl.Expr) -> Value:
        root, steps = path
        at = Loc(self._scope.piece, expr.start, expr.end)
        if len(steps) > MAX_STEPS:
            raise TooMuch
        value, steps = self._root(root, steps, at)
        for step in steps:
            value = self._step(value, step, at)
        return Value(value.options, at, value.origins, null_node(value, expr))

    def _root(self, root: hcl.Expr, steps: list[Step], at: Loc) -> tuple[Value, list[Step]]:
        if not isinstance(root, hcl.Variable):
            return self._evaluator.value(root, self._scope), steps
        name = root.name
        bound = self._scope.names.get(name)
        if bound is not None:
            return bound, steps
        if name in ("each", "count"):
            raise Fault(f"{name} is not available here")
        if name == "path" and steps and isinstance(steps[0], str):
            return self._path(steps[0], at), steps[1:]
        if name in _OPAQUE_ROOTS:
            return Value.unknown(at, _OPAQUE_ROOTS[name]), []
        first = steps[0] if steps else None
        if not isinstance(first, str):
            return Value.unknown(at, "not a reference"), []
        if name == "var":
            return self._resolver.variable(first, at), steps[1:]
        if name == "local":
            return self._resolver.local(first, at), steps[1:]
        if name in ("data", "resource"):
            second = steps[1] if len(steps) > 1 else None
            if not isinstance(second, str):
                return Value.unknown(at, "not a reference"), []
            prefix = "data." if name == "data" else ""
            return self._resource(f"{prefix}{first}.{second}", steps[2:], at)
        return self._resource(f"{name}.{first}", steps[1:], at)

    def _path(self, which: str, at: Loc) -> Value:
        """`path.module`: a text nobody knows (it depends on where Terraform is run), that names a known directory."""
        folder = self._resolver.folder(which)
        text = PathText((UNKNOWN,), folder or ".") if folder is not None else UNKNOWN
        return Value((text,), at, (Origin(Via.OPAQUE, at, _OPAQUE_ROOTS["path"]),))

    def _resource(self, local: str, steps: list[Step], at: Loc) -> tuple[Value, list[Step]]:
        address = self._resolver.qualified(local)
        repeated = self._resolver.repeated(address)
        if repeated is None and local.startswith("module."):
            return Value.unknown(at, f"{local} is not declared"), []
        if repeated is None:
            # Not in this module as far as we see: a typing error, or a file that could not be read.
            attribute = steps[0] if steps and isinstance(steps[0], str) else ""
            return Value((Ref(address, attribute, UNKNOWN if steps and not attribute else None),), at), []
        if repeated and steps and not isinstance(steps[0], str):
            key = self._key(steps[0])
            if key is UNKNOWN or isinstance(key, (InstanceKey, str, int)):
                if not self._resolver.certain(address, key):
                    self._missing(address, key, at)
                return Value((Instance(address, key),), at), steps[1:]
        return self._resolver.whole(address, at), steps

    def _missing(self, address: str, key: Datum, at: Loc) -> None:
        """The instance may not be there. Raises Fault when it certainly is not."""
        whole = self._resolver.whole(address, at)
        if isinstance(key, (str, int)) and not isinstance(key, bool):
            there = [_has(option, key) for option in whole.options]
            if there and all(answer is False for answer in there):
                raise Fault("no such instance")
        self._evaluator.dropped += 1

    def _key(self, expr: hcl.Expr) -> Datum:
        """The instance key an index names; the undecided key of the current instance is recognised by its spelling."""
        scope = self._scope
        if isinstance(scope.key, InstanceKey) and isinstance(expr, hcl.GetAttr) and isinstance(expr.target, hcl.Variable):
            name = f"{expr.target.name}.{expr.name}"
            if name in ("each.key", "count.index") or (name == "each.value" and scope.for_each_is_set):
                return scope.key
        found = known(self._evaluator.value(expr, scope).raw)
        if isinstance(found, bool) or found is None:
            raise Fault("not an instance key")
        return found if isinstance(found, (str, int)) else UNKNOWN

    # Steps

    def _step(self, value: Value, step: Step, at: Loc) -> Value:
        key: Value | None = None if isinstance(step, str) else self._evaluator.value(step, self._scope)
        if len(value.options) == 1 and (key is None or len(key.options) == 1):
            return self._one(value, value.options[0], step if key is None else key.raw, key is None, at)
        made: list[Value] = []
        fault: Fault | None = None
        names: list[Datum] = [step] if key is None else list(key.options)
        if len(value.options) * len(names) > 64:
            return Value.unknown(at, "too many possibilities")
        for option in value.options:
            for name in names:
                try:
                    made.append(self._one(value, option, name, key is None, at))
                except Fault as refused:
                    fault = refused
        if not made:
            raise fault or Fault("no possibility")
        if fault is not None:
            self._evaluator.dropped += 1
        joined = Value.union(made, at)
        return joined if joined.origins else Value(joined.options, joined.at, value.origins, joined.node)

    def _one(self, base: Value, option: Datum, step: Datum, by_name: bool, at: Loc) -> Value:
        if isinstance(option, Instance):
            name = to_text(step)
            if not isinstance(name, str):
                return Value((Ref(option.address, "", option.key),), at)
            return self._resolver.attribute(option.address, option.key, name, at)
        if isinstance(option, Ref):
            return self._below(option, step, by_name, at, base)
        return self._part(base, option, step, by_name, at)

    def _below(self, ref: Ref, step: Datum, by_name: bool, at: Loc, base: Value) -> Value:
        """Something inside a resource's attribute: the provider may have put more there than source shows."""
        name = to_text(known(step))
        shown = f"{ref.attribute}.{name}" if isinstance(name, str) else f"{ref.attribute}[]"
        self._evaluator.dropped += 1
        datum = known(ref)
        if isinstance(datum, Map) and isinstance(name, str):
            found = datum.entries.get(name)
            if found is not None and len(found.options) == 1:
                return Value((Ref(ref.address, shown, ref.key, known(found.raw)),), at, base.origins)
        return Value((Ref(ref.address, shown, ref.key),), at)

    def _part(self, base: Value, option: Datum, step: Datum, by_name: bool, at: Loc) -> Value:
        if option is UNKNOWN:
            return Value((UNKNOWN,), at, base.origins)
        if option is None or isinstance(option, (bool, int, float, str, Text)):
            raise Fault("a scalar has no parts")
        step = known(step)
        if isinstance(option, Map):
            name = to_text(step)
            if name is None:
                raise Fault("null key")
            if not isinstance(name, str):
                return Value((UNKNOWN,), at, base.origins)
            found = option.entries.get(name)
            if found is None:
                if option.open:
                    return Value((UNKNOWN,), at, base.origins)
                raise Fault(f"no attribute {name}")
            return nearer(base, found)
        if isinstance(option, Seq):
            if isinstance(option, Set) or by_name:
                raise Fault("a set has no order" if isinstance(option, Set) else "a list has no attributes")
            index = _index(step)
            if index is None:
                return Value((UNKNOWN,), at, base.origins)
            if option.open:
                return Value((UNKNOWN,), at, base.origins)
            if not 0 <= index < len(option.items):
                raise Fault("index out of range")
            return nearer(base, option.items[index])
        return Value((UNKNOWN,), at, base.origins)


def _index(step: Datum) -> int | None:
    """A list index; None when it is not decided. Raises Fault for what is none."""
    if isinstance(step, bool) or step is None:
        raise Fault("not an index")
    if isinstance(step, int):
        return step
    if isinstance(step, float):
        raise Fault("not a whole number")
    if isinstance(step, str):
        number = to_number(step)
        if isinstance(number, float):
            raise Fault("not a whole number")
        return number if isinstance(number, int) else None
    if isinstance(step, (Seq, Map)):
        raise Fault("not an index")
    return None


def _has(option: Datum, key: str | int) -> bool | None:
    """Whether a repeated block has this instance; None when that is not decided."""
    datum = known(option)
    if isinstance(datum, Seq) and isinstance(key, int):
        return None if datum.open else 0 <= key < len(datum.items)
    if isinstance(datum, Map):
        return True if str(key) in datum.entries else None if datum.open else False
    return None


def nearer(base: Value, part: Value) -> Value:
    """A part of a value: it came the way of the whole, and the hop where the whole is written now points at the part itself."""
    if not base.origins:
        return part
    # From a condition on, the hops say why the whole was chosen.
    number = next((number for number, hop in enumerate(base.origins) if hop.via is Via.BRANCH), len(base.origins))
    if number == 0:
        return Value(part.options, part.at, (*base.origins, *part.origins), part.node)
    last = base.origins[number - 1]
    place = part.at if part.at is not None and last.at is not None and not part.origins else last.at
    moved = (*base.origins[: number - 1], Origin(last.via, place, last.note), *base.origins[number:])
    return Value(part.options, part.at, (*moved, *part.origins), part.node)
