"""A Terraform directory: lazily evaluated, and able to say what an answer depended on."""

from __future__ import annotations

from fsbp_lsp.model import Module, Resource, parse_path, read_path, show_path
from fsbp_lsp.terraform.bodies import Bodies
from fsbp_lsp.terraform.data import Instance
from fsbp_lsp.terraform.dialect import TERRAFORM
from fsbp_lsp.terraform.evaluate import Evaluator
from fsbp_lsp.terraform.expand import Expansion, expand, repeats, single
from fsbp_lsp.terraform.links import Links, Near
from fsbp_lsp.terraform.memo import Memo
from fsbp_lsp.terraform.names import handed_over, provider_name
from fsbp_lsp.terraform.scope import Scope
from fsbp_lsp.terraform.variables import variable_value
from fsbp_lsp.text import Loc
from fsbp_lsp.values import UNKNOWN, YES, Map, Origin, Ref, Seq, Text, Tri, Value, Via, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from fsbp_lsp.model import IgnoreComment, Problem
    from fsbp_lsp.model.path import Path
    from fsbp_lsp.terraform.index import Declared, Index
    from fsbp_lsp.text import SourceFile
    from fsbp_lsp.values import Datum, Items

    Key = tuple[str, ...]
    Answer = TypeVar("Answer")


FRAMES = 6
"""Python frames that finding out the instances of a block takes, blocks chained to it aside."""


def _unread() -> Value:
    """Stands where `Resource` keeps the body it evaluates; a Terraform resource asks its module instead."""
    return Value((UNKNOWN,))


class TerraformResource(Resource):
    """A resource that notes in its module when it is looked at."""

    __slots__ = ("declared", "scope")

    module: TerraformModule

    def __init__(self, module: TerraformModule, declared: Declared, key: Datum, exists: Tri, scope: Scope) -> None:
        self.declared = declared
        self.scope = scope
        nowhere = Loc(declared.piece, 0, 0)
        type = f"data.{declared.type}" if declared.mode == "data" else declared.type
        super().__init__(TERRAFORM, module, type, declared.name, declared.address, nowhere, nowhere, _unread, key=key, exists=exists)

    @property
    def config(self) -> Value:
        return self.module.config_of(self)

    @property
    def header(self) -> Loc:
        self.module.note(("block", self.block))
        return Loc(self.declared.piece, self.declared.block.start, self.declared.block.header_end)

    @header.setter
    def header(self, at: Loc) -> None:
        """Made when asked for: one is made of every resource at every keystroke, and few are looked at."""

    @property
    def extent(self) -> Loc:
        self.module.note(("block", self.block))
        return Loc(self.declared.piece, self.declared.block.start, self.declared.block.end)

    @extent.setter
    def extent(self, at: Loc) -> None:
        """As `header`."""


class TerraformModule(Module):
    """See `Module`. Answers are computed when first asked for and remembered with what they depended on.

    Dependency keys: ("var", name), ("local", name), ("type", type), ("block", address), ("escapes", address),
    ("links", type, path, owner's type, owner), ("complete",) and ("all",). Their tokens hold the serials of the pieces that decide them.
    """

    def __init__(
        self,
        path: str,
        index: Index,
        files: tuple[SourceFile, ...],
        problems: tuple[Problem, ...],
        ignores: tuple[IgnoreComment, ...],
    ) -> None:
        self.dialect = TERRAFORM
        self.path = path
        self.index = index
        self.files = files
        self.problems = problems
        self.ignores = ignores
        self._complete = not problems
        self._memo = Memo()
        self._evaluator = Evaluator(self)
        self._resources: tuple[Resource, ...] | None = None
        self._escaping: set[str] | None = None
        self._made: dict[str, list[TerraformResource]] = {}
        self._tokens: dict[Key, object] = {}
        self._links: dict[tuple[str, Path], Links] = {}
        self._near: dict[tuple[str, Path], Near] = {}
        self.near: dict[tuple[str, Path], Near] = {}
        """What earlier versions of the module found out about links; kept by the reader's cache."""

    # Asked by the core

    @property
    def complete(self) -> bool:  # type: ignore[override]  # a plain attribute in the base, noted here
        self.note(("complete",))
        return self._complete

    @property
    def resources(self) -> tuple[Resource, ...]:  # type: ignore[override]  # computed on demand here
        self.note(("all",))
        if self._resources is None:
            managed = (one for one in self.index.declared.values() if one.mode == "resource")
            self._resources = tuple(resource for declared in managed for resource in self._instances(declared))
        return self._resources

    def of(self, *types: str) -> Sequence[Resource]:
        found: list[Resource] = []
        for type in types:
            self.note(("type", type))
            for declared in self.index.types.get(type, ()):
                found.extend(self._instances(declared))
        return found

    def get(self, address: str) -> Resource | None:
        block, bracket, _key = address.partition("[")
        self.note(("block", block))
        declared = self.index.declared.get(block)
        if declared is None:
            return None
        made = self._instances(declared)
        if not bracket:
            return made[0] if len(made) == 1 else None
        return next((one for one in made if one.address == address), None)

    def escapes(self, address: str) -> bool:
        """The resource appears in an argument of a `module` block, or in an output where that counts."""
        self.note(("escapes", address))
        return address in self._handed_over()

    def exists_with(self, owner: Resource, candidate: Resource) -> Tri:
        mine, other = self._expansion(owner.block), self._expansion(candidate.block)
        if mine is not None and other is not None and mine.text and mine.text == other.text:
            same_key = type(owner.key) is type(candidate.key) and owner.key == candidate.key
            return YES if same_key else candidate.exists
        return candidate.exists

    def linked(self, owner: Resource, type: str, by: Path, owner_name: Path = ()) -> Items:
        # Not the candidates are noted but which of them are near: a change to a companion of another owner
        # then leaves what is known about this one alone.
        self.note(("links", type, show_path(by), owner.type, owner.block))
        return self._links_of(type, by).to(self, owner, owner_name)

    def _links_of(self, type: str, by: Path) -> Links:
        links = self._links.get((type, by))
        if links is None:
            links = self._links[type, by] = Links(self, type, by)
        return links

    def _near_of(self, type: str, by: Path) -> Near:
        near = self._near.get((type, by))
        if near is None:
            near = self.near.get((type, by))
            if near is None or any(self.token(key) != token for key, token in near.tokens.items()):
                links = self._links_of(type, by)
                near = Near(links, {key: self.token(key) for key in links.depends})
            self._near[type, by] = self.near[type, by] = near
        return near

    def apart(self, compute: Callable[[], Answer]) -> tuple[Answer, frozenset[Key]]:
        """An answer and what it depended on, without noting that for those who are recording."""
        return self._memo.apart(compute)

    # Noting

    def record(self) -> set[Key]:
        return self._memo.record()

    def stop(self, noted: set[Key]) -> None:
        self._memo.stop(noted)

    def note(self, key: Key) -> None:
        self._memo.note(key)

    def note_all(self, keys: frozenset[Key]) -> None:
        self._memo.note_all(keys)

    def token(self, key: Key) -> object:
        found = self._tokens.get(key)
        if found is None:
            found = self._tokens[key] = self._token(key)
        return found

    def _token(self, key: Key) -> object:
        index = self.index
        what = key[0]
        if what == "var":
            declared = tuple(piece.serial for piece, _block in index.variables.get(key[1], ()))
            given = tuple(layer.values[key[1]][0].serial if key[1] in layer.values else -1 if layer.broken else 0 for layer in index.tfvars)
            return declared, tuple(serial for serial in given if serial)
        if what == "local":
            return tuple(piece.serial for piece, _attribute in index.locals.get(key[1], ()))
        if what == "block":
            block = index.declared.get(key[1])
            return () if block is None else (block.piece.serial, *(piece.serial for piece, _block in block.overrides))
        if what == "type":
            return tuple(one.address for one in index.types.get(key[1], ()))
        if what == "escapes":
            return key[1] in self._handed_over()
        if what == "links":
            _, type, by, owner_type, owner = key
            return self._near_of(type, parse_path(by)).mark(owner_type, owner)
        if what == "complete":
            return self._complete
        return tuple(index.serials)

    def _handed_over(self) -> set[str]:
        if self._escaping is None:
            self._escaping = handed_over(self.index.calls)
            if self.outputs_escape:
                self._escaping |= handed_over(self.index.outputs)
        return self._escaping

    # Instances and bodies

    def _expansion(self, address: str) -> Expansion | None:
        self.note(("block", address))
        declared = self.index.declared.get(address)
        if declared is None:
            return None
        if not repeats(declared):
            return single(address)
        if self._evaluator.exhausted:
            return self._undecided(declared)
        self._evaluator.frames += FRAMES
        try:
            found: Expansion = self._memo.remember(
                ("expansion", address), lambda: expand(declared, self._evaluator, self._expansion), self._undecided(declared)
            )
        finally:
            self._evaluator.frames -= FRAMES
        return found

    def _undecided(self, declared: Declared) -> Expansion:
        """The expansion of a block that is asked for while it is being found out (a cycle)."""
        mode = "count" if declared.attribute("count") is not None else "for_each"
        shape: Datum = Seq((), True) if mode == "count" else Map({}, True)
        return Expansion(mode, [], "", (shape,))

    def _instances(self, declared: Declared) -> list[TerraformResource]:
        expansion = self._expansion(declared.address)
        made = self._made.get(declared.address)
        if made is None and expansion is not None:
            made = [self._resource(declared, expansion, key, exists, names) for key, exists, names in expansion.instances]
            self._made[declared.address] = made
        return made or []

    def _resource(self, declared: Declared, expansion: Expansion, key: Datum, exists: Tri, names: dict[str, Value]) -> TerraformResource:
        scope = Scope(declared.piece, names, key, expansion.for_each_is_set)
        return TerraformResource(self, declared, key, exists, scope)

    def config_of(self, resource: TerraformResource) -> Value:
        """The evaluated body of a resource, its overrides applied."""
        # The names bound in the body come from the expansion: what decided it decides the body too.
        self._expansion(resource.block)
        found: Value = self._memo.remember(
            ("config", resource.block, resource.key), lambda: self._config(resource), Value((UNKNOWN,), resource.header)
        )
        return found

    def lone_attribute(self, resource: TerraformResource, name: str) -> Value:
        """One top-level attribute of a resource without evaluating the rest of its body."""
        self._expansion(resource.block)
        found = resource.declared.attribute(name)
        if found is None or ("config", resource.block, resource.key) in self._memo:
            return read_path(resource.config, (name,))
        piece, attribute = found
        scope = Scope(piece, resource.scope.names, resource.scope.key, resource.scope.for_each_is_set)
        value: Value = self._memo.remember(
            ("lone", resource.block, resource.key, name), lambda: self._evaluator.safe(attribute.expr, scope), Value((UNKNOWN,))
        )
        return value

    def _config(self, resource: TerraformResource) -> Value:
        declared = resource.declared
        merged: Map | None = None
        for piece, body in declared.layers:
            scope = Scope(piece, resource.scope.names, resource.scope.key, resource.scope.for_each_is_set)
            made = Bodies(self._evaluator).resource(body, scope)
            if merged is None:
                merged = made
            else:
                merged.entries.update(made.entries)
                merged.keys.update(made.keys)
                merged.open = merged.open or made.open
        return Value((merged,), resource.header, (), declared.block)

    # Asked by the evaluator

    def variable(self, name: str, at: Loc) -> Value:
        self.note(("var", name))
        found: Value = self._memo.remember(("variable", name), lambda: variable_value(self.index, name, self._evaluator), Value((UNKNOWN,)))
        if len(found.origins) == 1 and found.origins[0].via is Via.OPAQUE:
            return Value(found.options, at, (Origin(Via.OPAQUE, at, found.origins[0].note),))
        return found

    def local(self, name: str, at: Loc) -> Value:
        self.note(("local", name))
        places = self.index.locals.get(name)
        if not places:
            return Value.unknown(at, f"local.{name} is not declared")
        # An override file comes last and wins.
        piece, attribute = places[-1]
        found: Value = self._memo.remember(
            ("local value", name),
            lambda: self._evaluator.safe(attribute.expr, Scope(piece)),
            Value.unknown(at, f"local.{name} refers to itself"),
        )
        hop = Origin(Via.LOCAL, Loc(piece, attribute.expr_start, attribute.expr_end), f"local.{name}")
        return Value(found.options, at, (hop, *found.origins), found.node)

    def repeated(self, address: str) -> bool | None:
        self.note(("block", address))
        declared = self.index.declared.get(address)
        if declared is None:
            return None
        return repeats(declared)

    def whole(self, address: str, at: Loc) -> Value:
        expansion = self._expansion(address)
        return Value(expansion.shapes, at) if expansion is not None else Value((Ref(address, "", UNKNOWN),), at)

    def certain(self, address: str, key: Datum) -> bool:
        expansion = self._expansion(address)
        return expansion is not None and expansion.exists(key) is YES

    def attribute(self, address: str, key: Datum, name: str, at: Loc) -> Value:
        """An attribute of a resource instance: a Ref that knows the configured value when there is one."""
        self.note(("block", address))
        declared = self.index.declared.get(address)
        if declared is None:
            return Value((Ref(address, name, key),), at)
        value: Value | None = self._memo.remember(("attribute", address, key, name), lambda: self._attribute(declared, key, name), None)
        if value is None:
            return Value((Ref(address, name, key),), at)
        return value

    def _attribute(self, declared: Declared, key: Datum, name: str) -> Value | None:
        address = declared.address
        configured = provider_name(declared.type, name)
        found = declared.attribute(configured)
        if found is None:
            return None
        piece, attribute = found
        expansion = self._expansion(address)
        if expansion is None:
            return None
        names = next((names for mine, _exists, names in expansion.instances if type(mine) is type(key) and mine == key), None)
        if names is None:
            return None
        scope = Scope(piece, names, key, expansion.for_each_is_set)
        value = self._evaluator.safe(attribute.expr, scope)
        raw = value.raw
        hop = Origin(Via.REFERENCE, Loc(piece, attribute.expr_start, attribute.expr_end), f"{address}.{name}")
        if isinstance(raw, Ref) and not isinstance(raw, Instance) and configured == name and raw.attribute:
            # The argument is itself a reference: reading it back gives the same thing.
            return Value((raw,), value.at, (hop, *value.origins))
        datum = known(raw)
        if datum is None or isinstance(datum, Seq):
            # null leaves the choice to the provider; a list may be read back as a set.
            datum = UNKNOWN
        if isinstance(datum, Text) and configured != name:
            datum = UNKNOWN
        return Value((Ref(address, name, key, datum),), value.at, (hop, *value.origins))


__all__ = ["TerraformModule", "TerraformResource"]
