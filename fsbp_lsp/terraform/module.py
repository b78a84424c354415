"""One instance of a Terraform module: lazily evaluated, and able to say what an answer depended on."""

from __future__ import annotations

from fsbp_lsp.model import CallSite, InstanceKey, Module, Resource, read_path, show_path
from fsbp_lsp.terraform.address import join, split
from fsbp_lsp.terraform.bodies import Bodies
from fsbp_lsp.terraform.data import Instance
from fsbp_lsp.terraform.dialect import TERRAFORM
from fsbp_lsp.terraform.evaluate import Evaluator
from fsbp_lsp.terraform.expand import Expansion, expand, repeats, single, switch_of
from fsbp_lsp.terraform.names import provider_name, stands_for
from fsbp_lsp.terraform.scope import Scope
from fsbp_lsp.terraform.variables import variable_value
from fsbp_lsp.text import Loc
from fsbp_lsp.values import UNKNOWN, YES, Map, Origin, Ref, Seq, Text, Tri, Value, Via, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fsbp_lsp.model.path import Path
    from fsbp_lsp.syntax.hcl_tree import Expr
    from fsbp_lsp.terraform.deployment import Deployment
    from fsbp_lsp.terraform.index import Declared
    from fsbp_lsp.terraform.load import Directory
    from fsbp_lsp.values import Datum, Items

    Key = tuple[str, ...]


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
        address = join(module.prefix, declared.address)
        super().__init__(TERRAFORM, module, type, declared.name, address, nowhere, nowhere, _unread, key=key, exists=exists)

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

    @property
    def local(self) -> str:
        return self.declared.address

    @property
    def identity(self) -> str:
        return self.address.removeprefix(f"{self.module.prefix}.") if self.module.prefix else self.address

    @property
    def callers(self) -> tuple[CallSite, ...]:
        above = self.module.calls_above()
        return tuple(CallSite(call.prefix, call.header, call.parent.ignores) for call in above)


class Called:
    """The call an instance of a module comes from.

    key, exists and names are those of the call's own instance: it may be repeated with `count` or `for_each`.
    """

    __slots__ = ("declared", "exists", "for_each_is_set", "key", "names", "parent")

    def __init__(self, parent: TerraformModule, declared: Declared, expansion: Expansion, number: int) -> None:
        self.parent = parent
        self.declared = declared
        self.key, self.exists, self.names = expansion.instances[number]
        self.for_each_is_set = expansion.for_each_is_set

    @property
    def header(self) -> Loc:
        self.parent.note(("block", self.parent.qualified(self.declared.address)))
        return Loc(self.declared.piece, self.declared.block.start, self.declared.block.header_end)

    @property
    def prefix(self) -> str:
        """The prefix of what the call deploys; an undecided key leaves no trace in it."""
        address = self.parent.qualified(self.declared.address)
        if self.key is None or isinstance(self.key, InstanceKey):
            return address
        return f'{address}["{self.key}"]' if isinstance(self.key, str) else f"{address}[{self.key}]"

    def argument(self, name: str) -> Value | None:
        """The value of an argument, its first origin being the place it is written at; None when it is not given."""
        parent = self.parent
        # The names bound in the arguments come from what the call repeats by; this also notes the call itself.
        parent.expansion(self.declared.address)
        found = self.declared.attribute(name)
        if found is None:
            # In a call that is being typed, what is missing may just not be there yet.
            return Value.unknown(None, "the call is being edited") if self.declared.block.body.broken else None
        piece, attribute = found
        value = parent.evaluate(attribute.expr, Scope(piece, self.names, self.key, self.for_each_is_set))
        hop = Origin(Via.ARGUMENT, Loc(piece, attribute.expr_start, attribute.expr_end), f"{name} of module.{self.declared.name}")
        return Value(value.options, value.at, (hop, *value.origins), value.node)


class TerraformModule(Module):
    """See `Module`: one directory, as one call (or nobody, at the root) deploys it.

    `resources` are those declared in it; `of`, `get` and `linked` see the whole deployment, because companions may
    stand on either side of a call. Answers are computed when first asked for and remembered with what they
    depended on. Keys of variables and locals name the instance of the module unless it is the root.
    """

    def __init__(self, deployment: Deployment, directory: Directory, called: Called | None = None, foreign: bool = False) -> None:
        """foreign: downloaded code, which is read but never judged."""
        self.dialect = TERRAFORM
        self.deployment = deployment
        self.directory = directory
        self.called = called
        self.foreign = foreign
        self.prefix = "" if called is None else called.prefix
        self.path = directory.path
        self.index = directory.index
        self.files = directory.files
        self.problems = directory.problems
        self.ignores = directory.ignores
        self.depth: int = 0 if called is None else called.parent.depth + 1
        self.exists: Tri = YES if called is None else called.parent.exists & called.exists
        self._memo = deployment.memo
        self._evaluator = Evaluator(self, deployment.meter)
        self._resources: tuple[Resource, ...] | None = None
        self._made: dict[str, list[TerraformResource]] = {}
        self._below: dict[str, list[TerraformModule]] = {}

    # Asked by the core

    @property
    def complete(self) -> bool:  # type: ignore[override]  # a plain attribute in the base, noted here
        return self.deployment.complete

    @property
    def resources(self) -> tuple[Resource, ...]:  # type: ignore[override]  # computed on demand here
        self.note(("all",))
        if self._resources is None:
            managed = (one for one in self.index.declared.values() if one.mode == "resource")
            made: list[Resource] = []
            for declared in managed:
                if self.deployment.pause is not None:
                    self.deployment.pause()
                made.extend(self.instances_of(declared))
            self._resources = tuple(made)
        return self._resources

    def of(self, *types: str) -> Sequence[Resource]:
        return self.deployment.of(types)

    def get(self, address: str) -> Resource | None:
        return self.deployment.get(address)

    def everything(self) -> Sequence[Resource]:
        modules = [
            one for one in self.deployment.instances() if one is self or one.prefix.startswith(f"{self.prefix}." if self.prefix else "")
        ]
        return [
            resource
            for one in modules
            for declared in one.index.declared.values()
            if declared.mode != "module"
            for resource in one.instances_of(declared)
        ]

    def evaluated(self, text: str) -> Value | None:
        from fsbp_lsp.syntax.hcl import read_hcl
        from fsbp_lsp.terraform.names import names_in
        from fsbp_lsp.text import SourceFile

        read = read_hcl(SourceFile("expression", f"locals {{\n  expression = {text}\n}}\n".encode("utf-8", "surrogatepass")))
        if read.errors:
            return None
        found = [(piece, block) for piece, body in read.items for block in body.blocks]
        if len(found) != 1 or list(found[0][1].body.attributes) != ["expression"]:
            return None
        piece, block = found[0]
        expr = block.body.attributes["expression"].expr
        if not all(self._declares(names) for names in names_in(expr)):
            return None
        made = self.evaluate(expr, Scope(piece))
        # The text asked about is no place in any file.
        origins = (Origin(hop.via, None, hop.note) if hop.at is not None and hop.at.piece is piece else hop for hop in made.origins)
        return Value(made.options, None, tuple(origins))

    def _declares(self, names: list[str]) -> bool:
        if len(names) < 2 or names[0] in ("each", "count", "self"):
            return False
        root, name = names[0], names[1]
        if root in ("path", "terraform"):
            return True
        if root in ("var", "local"):
            return name in (self.index.variables if root == "var" else self.index.locals)
        return ".".join(names[:3] if root == "data" else names[:2]) in self.index.declared

    def own(self, local: str) -> TerraformResource | None:
        """The resource of this instance with a local address; an instance key may follow. None when unknown."""
        block, bracket, _key = local.partition("[")
        self.note(("block", self.qualified(block)))
        declared = self.index.declared.get(block)
        if declared is None:
            return None
        made = self.instances_of(declared)
        if not bracket:
            return made[0] if len(made) == 1 else None
        return next((one for one in made if one.address == self.qualified(local)), None)

    def escapes(self, address: str) -> bool:
        """The resource reaches a call of a module that is not read, or an output where that counts."""
        return self.deployment.escapes(address)

    def concerns(self, resource: Resource, noted: Iterable[Key], directories: frozenset[str]) -> bool:
        above = (called.parent.path for called in self.calls_above())
        if self.path in directories or any(path in directories for path in above):
            return True
        return self.deployment.touches(resource.block, noted, directories)

    def exists_with(self, owner: Resource, candidate: Resource) -> Tri:
        assert isinstance(owner, TerraformResource)
        assert isinstance(candidate, TerraformResource)
        return self.deployment.exists_with(owner, candidate)

    def linked(self, owner: Resource, type: str, by: Path, owner_name: Path = ()) -> Items:
        # Not the candidates are noted but which of them are near: a change to a companion of another owner
        # then leaves what is known about this one alone.
        assert isinstance(owner, TerraformResource)
        self.note(("links", type, show_path(by), owner.type, owner.block))
        return self.deployment.links_of(type, by).to(self.deployment, owner, owner_name)

    # Calls

    @property
    def calls(self) -> tuple[Loc, ...]:  # type: ignore[override]  # a plain attribute in the base, made when asked for here
        return tuple(Loc(one.piece, one.block.start, one.block.header_end) for one in self.index.calls)

    def calls_above(self) -> list[Called]:
        """The calls this instance is deployed through, nearest first."""
        made: list[Called] = []
        called = self.called
        while called is not None:
            made.append(called)
            called = called.parent.called
        return made

    def below(self, declared: Declared) -> list[TerraformModule]:
        """The instances that a module call of this one deploys; none when its source is not read."""
        made = self._below.get(declared.address)
        if made is None:
            # While a call's own keys are being found out, it has no instances.
            self._below[declared.address] = []
            made = self._below[declared.address] = self.deployment.instantiate(self, declared)
        return made

    # Noting

    def record(self) -> set[Key]:
        return self._memo.record()

    def stop(self, noted: set[Key]) -> None:
        self._memo.stop(noted)

    def note(self, key: Key) -> None:
        self._memo.note(key)

    def token(self, key: Key) -> object:
        return self.deployment.token(key)

    def _key(self, what: str, name: str) -> Key:
        return (what, name, self.prefix) if self.prefix else (what, name)

    def evaluate(self, expr: Expr, scope: Scope) -> Value:
        """An expression of this module; what is refused or beyond the bounds is UNKNOWN."""
        return self._evaluator.safe(expr, scope)

    # Instances and bodies

    def expansion(self, local: str) -> Expansion | None:
        """The instances of a resource, data source or module call of this module; None when there is none."""
        address = self.qualified(local)
        self.note(("block", address))
        declared = self.index.declared.get(local)
        if declared is None:
            return None
        if not repeats(declared) and switch_of(declared) is None:
            return single(address)
        meter = self.deployment.meter
        if meter.exhausted:
            return self._undecided(declared)
        meter.frames += FRAMES
        try:
            found: Expansion = self._memo.remember(
                ("expansion", address),
                lambda: self.deployment.expansion(
                    address, declared, lambda: expand(declared, self._evaluator, self.expansion, self.prefix)
                ),
                self._undecided(declared),
            )
        finally:
            meter.frames -= FRAMES
        return found

    def _undecided(self, declared: Declared) -> Expansion:
        """The expansion of a block that is asked for while it is being found out (a cycle)."""
        if not repeats(declared):
            return Expansion("", [], "", (UNKNOWN,))
        mode = "count" if declared.attribute("count") is not None else "for_each"
        shape: Datum = Seq((), True) if mode == "count" else Map({}, True)
        return Expansion(mode, [], "", (shape,))

    def instances_of(self, declared: Declared) -> list[TerraformResource]:
        """The instances of a resource block or data source of this module."""
        expansion = self.expansion(declared.address)
        made = self._made.get(declared.address)
        if made is None and expansion is not None:
            made = [self._resource(declared, expansion, key, exists, names) for key, exists, names in expansion.instances]
            self._made[declared.address] = made
        return made or []

    def _resource(self, declared: Declared, expansion: Expansion, key: Datum, exists: Tri, names: dict[str, Value]) -> TerraformResource:
        scope = Scope(declared.piece, names, key, expansion.for_each_is_set)
        return TerraformResource(self, declared, key, exists & self.exists, scope)

    def config_of(self, resource: TerraformResource) -> Value:
        """The evaluated body of a resource, its overrides applied."""
        # The names bound in the body come from the expansion: what decided it decides the body too.
        self.expansion(resource.declared.address)
        found: Value = self._memo.remember(
            ("config", resource.block, resource.key), lambda: self._config(resource), Value((UNKNOWN,), resource.header)
        )
        return found

    def lone_attribute(self, resource: TerraformResource, name: str) -> Value:
        """One top-level attribute of a resource without evaluating the rest of its body."""
        self.expansion(resource.declared.address)
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

    def qualified(self, local: str) -> str:
        return join(self.prefix, local)

    def variable(self, name: str, at: Loc) -> Value:
        self.note(self._key("var", name))
        found: Value = self._memo.remember(("variable", self.prefix, name), lambda: self._variable(name), Value((UNKNOWN,)))
        if len(found.origins) == 1 and found.origins[0].via is Via.OPAQUE:
            return Value(found.options, at, (Origin(Via.OPAQUE, at, found.origins[0].note),))
        return found

    def _variable(self, name: str) -> Value:
        argument = self.called.argument(name) if self.called is not None else None
        return variable_value(self.index, name, self._evaluator, argument, self.called is not None)

    def local(self, name: str, at: Loc) -> Value:
        self.note(self._key("local", name))
        places = self.index.locals.get(name)
        if not places:
            return Value.unknown(at, f"local.{name} is not declared")
        # An override file comes last and wins.
        piece, attribute = places[-1]
        found: Value = self._memo.remember(
            ("local value", self.prefix, name),
            lambda: self._evaluator.safe(attribute.expr, Scope(piece)),
            Value.unknown(at, f"local.{name} refers to itself"),
        )
        hop = Origin(Via.LOCAL, Loc(piece, attribute.expr_start, attribute.expr_end), f"local.{name}")
        return Value(found.options, at, (hop, *found.origins), found.node)

    def output(self, name: str, at: Loc) -> Value:
        """The value of an output, as the caller sees it."""
        self.note(self._key("output", name))
        places = self.index.outputs.get(name)
        written = places[-1] if places else None
        attribute = written[1].body.attributes.get("value") if written is not None else None
        if written is None or attribute is None:
            return Value.unknown(at, f"the module has no output {name}")
        piece = written[0]
        found: Value = self._memo.remember(
            ("output", self.prefix, name),
            lambda: self._evaluator.safe(attribute.expr, Scope(piece)),
            Value.unknown(at, f"output {name} refers to itself"),
        )
        called = self.called.declared.address if self.called is not None else ""
        hop = Origin(Via.OUTPUT, Loc(piece, attribute.expr_start, attribute.expr_end), f"{called}.{name}")
        return Value(found.options, at, (hop, *found.origins), found.node)

    def folder(self, which: str) -> str | None:
        """The directory behind `path.module` or `path.root`; `path.cwd` is the business of who runs Terraform."""
        return self.path if which == "module" else self.deployment.root.path if which == "root" else None

    def content(self, path: str) -> bytes | None:
        """Content of a file an expression names; None when it cannot be read."""
        self.note(("file", path))
        return self.deployment.contents.read(path)

    def listing(self, directory: str) -> tuple[str, ...]:
        """Names of the files in a directory an expression names."""
        self.note(("files", directory))
        return self.deployment.contents.names(directory)

    # Addresses of the whole deployment: what is asked for may stand in another instance.

    def repeated(self, address: str) -> bool | None:
        self.note(("block", address))
        home, local = self._home(address)
        declared = home.index.declared.get(local) if home is not None else None
        return None if declared is None else repeats(declared)

    def _home(self, address: str) -> tuple[TerraformModule | None, str]:
        prefix, local = split(address)
        return (self if prefix == self.prefix else self.deployment.at(prefix)), local

    def whole(self, address: str, at: Loc) -> Value:
        home, local = self._home(address)
        expansion = home.expansion(local) if home is not None else None
        return Value(expansion.shapes, at) if expansion is not None else Value((Ref(address, "", UNKNOWN),), at)

    def certain(self, address: str, key: Datum) -> bool:
        home, local = self._home(address)
        expansion = home.expansion(local) if home is not None else None
        return expansion is not None and expansion.exists(key) is YES

    def attribute(self, address: str, key: Datum, name: str, at: Loc) -> Value:
        """An attribute of a resource instance: a Ref that knows the configured value when there is one.

        Of an instance of a module call it is an output.
        """
        self.note(("block", address))
        home, local = self._home(address)
        declared = home.index.declared.get(local) if home is not None else None
        if home is None or declared is None:
            return Value((Ref(address, name, key),), at)
        if declared.mode == "module":
            return home.output_of(declared, key, name, at)
        value: Value | None = self._memo.remember(("attribute", address, key, name), lambda: home.lookup(declared, key, name), None)
        if value is None:
            return Value((Ref(address, name, key),), at)
        return value

    def output_of(self, declared: Declared, key: Datum, name: str, at: Loc) -> Value:
        """An output of one instance of a module call."""
        self.expansion(declared.address)
        for instance in self.below(declared):
            called = instance.called
            if called is not None and type(called.key) is type(key) and called.key == key:
                return instance.output(name, at)
        return Value.unknown(at, f"output of {declared.address}: {self.deployment.unread(self, declared) or 'which instance is not known'}")

    def lookup(self, declared: Declared, key: Datum, name: str) -> Value | None:
        """The configured value behind an attribute of a resource of this module; None when there is none."""
        address = self.qualified(declared.address)
        alias = stands_for(declared, name)
        configured = alias or provider_name(declared.type, name)
        found = declared.attribute(configured)
        if found is None:
            return None
        piece, attribute = found
        expansion = self.expansion(declared.address)
        if expansion is None:
            return None
        names = next((names for mine, _exists, names in expansion.instances if type(mine) is type(key) and mine == key), None)
        if names is None:
            return None
        scope = Scope(piece, names, key, expansion.for_each_is_set)
        value = self._evaluator.safe(attribute.expr, scope)
        raw = value.raw
        hop = Origin(Via.REFERENCE, Loc(piece, attribute.expr_start, attribute.expr_end), f"{address}.{name}")
        if isinstance(raw, Ref) and not isinstance(raw, Instance) and (configured == name or alias) and raw.attribute:
            # The argument is itself a reference: reading it back gives the same thing.
            return Value((raw,), value.at, (hop, *value.origins))
        datum = known(raw)
        if datum is None or isinstance(datum, Seq):
            # null leaves the choice to the provider; a list may be read back as a set.
            datum = UNKNOWN
        if isinstance(datum, Text) and configured != name:
            datum = UNKNOWN
        return Value((Ref(address, name, key, datum),), value.at, (hop, *value.origins))


__all__ = ["Called", "TerraformModule", "TerraformResource"]
