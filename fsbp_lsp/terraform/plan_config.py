"""The `configuration` of a plan: which module instances there are, and what their expressions refer to."""

from __future__ import annotations

from fsbp_lsp.terraform.plan_address import longest, parse_address, show_key
from fsbp_lsp.terraform.plan_text import MAX_MODULES, rows, table, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.terraform.plan_address import Key, Step
    from fsbp_lsp.terraform.plan_source import Home, SourceTree
    from fsbp_lsp.terraform.plan_text import Table

    Keys = Callable[[str], list[Key]]

MAX_DEPTH = 40
MAX_STEPS = 20_000
"""References followed for one expression: outputs that name each other twice at every level must end."""


class _AnyKey:
    __slots__ = ()

    def __repr__(self) -> str:
        return "ANY"


ANY = _AnyKey()
"""Some instance of a repeated block; which one is not decided."""


class Target:
    """An attribute that an expression refers to.

    block: address without an instance key, with its modules. key: an instance key, or ANY. attribute: '' for the whole.
    """

    __slots__ = ("attribute", "block", "key", "type")

    def __init__(self, block: str, type: str, key: object, attribute: str) -> None:
        self.block = block
        self.type = type
        self.key = key
        self.attribute = attribute

    def __repr__(self) -> str:
        return f"Target({self.block}[{self.key!r}].{self.attribute})"


class ModuleInstance:
    """One instance of a module. address: '' for the root. config: what the plan says about the module, call: about its call."""

    __slots__ = ("_resources", "address", "call", "children", "config", "home", "key", "name", "parent")

    def __init__(self, parent: ModuleInstance | None, name: str, key: Key, call: Table, config: Table, home: Home | None) -> None:
        self.parent = parent
        self.name = name
        self.key = key
        self.call = call
        self.config = config
        self.home = home
        self.children: list[ModuleInstance] = []
        step = f"module.{name}{show_key(key)}"
        self.address: str = "" if parent is None else f"{parent.address}.{step}" if parent.address else step
        self._resources: dict[str, Table] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the calls from the root to here."""
        return () if self.parent is None else (*self.parent.names, self.name)

    def block(self, local: str) -> str:
        """The address of a block of this module."""
        return f"{self.address}.{local}" if self.address else local

    def resource(self, local: str) -> Table:
        """What the configuration says about the block `aws_s3_bucket.b` or `data.…`."""
        if self._resources is None:
            self._resources = {words(entry.get("address")): entry for entry in map(table, rows(self.config.get("resources")))}
        return self._resources.get(local, {})


class Scope:
    """Where an expression stands: its module, the instance it is evaluated for, and what its block repeats by."""

    __slots__ = ("each", "key", "keys", "module")

    def __init__(self, module: ModuleInstance, key: Key = None, keys: frozenset[Key] = frozenset(), each: Table | None = None) -> None:
        self.module = module
        self.key = key
        self.keys = keys
        self.each = each or {}


class Configuration:
    """All module instances of a plan, made as they are asked for."""

    def __init__(self, plan: Table, tree: SourceTree, keys_of: Keys) -> None:
        """keys_of: the instance keys that the plan has of a block; [] when it has none."""
        self.tree = tree
        self._keys_of = keys_of
        configuration = table(plan.get("configuration"))
        self.root = ModuleInstance(None, "", None, {}, table(configuration.get("root_module")), tree.home(()))
        self._modules: dict[str, ModuleInstance] = {"": self.root}
        self._left = 0

    def module(self, address: str) -> ModuleInstance:
        """The module instance of an address (`module.x["a"]`). One that is not understood is a module without configuration."""
        made = self._modules.get(address)
        if made is not None:
            return made
        here = self.root
        steps = parse_address(address)
        for _word, (name, key) in zip(steps[::2], steps[1::2], strict=False):
            wanted = f"{here.block(f'module.{name}')}{show_key(key)}"
            below = self._modules.get(wanted)
            if below is None:
                call = table(table(here.config.get("module_calls")).get(name))
                names = (*here.names, name)
                home = self.tree.home(names, words(call.get("source")), here.home) if len(self._modules) < MAX_MODULES else None
                below = ModuleInstance(here, name, key, call, table(call.get("module")), home)
                here.children.append(below)
                self._modules[wanted] = below
            here = below
        self._modules[address] = here
        return here

    # What expressions refer to

    def targets(self, expression: Table, scope: Scope) -> tuple[Target, ...] | None:
        """The attributes of resources an expression comes down to; None when a plan does not say."""
        self._left = MAX_STEPS
        return self._targets(_references(expression), scope, 0)

    def _targets(self, references: list[str], scope: Scope, depth: int) -> tuple[Target, ...] | None:
        self._left -= len(references)
        if depth > MAX_DEPTH or self._left < 0:
            return None
        by_key = any(text == "count.index" or text.startswith("each.") for text in references)
        found: list[Target] = []
        for text in longest(references):
            steps = parse_address(text)
            made = self._target(steps, scope, by_key, depth) if len(steps) > 1 else None
            if made is None:
                return None
            found.extend(made)
        return tuple({(one.block, one.key, one.attribute): one for one in found}.values())

    def _target(self, steps: list[Step], scope: Scope, by_key: bool, depth: int) -> tuple[Target, ...] | None:
        root, name = steps[0][0], steps[1][0]
        if root in ("path", "terraform", "count") or (root == "each" and name == "key"):
            return ()
        if root == "each":
            return self._each(steps, scope, depth)
        if root == "var":
            parent = scope.module.parent
            if parent is None:
                return ()
            expression = table(table(scope.module.call.get("expressions")).get(name))
            return self._targets(_references(expression), self._call_scope(scope.module, parent), depth + 1)
        if root == "local":
            home = scope.module.home
            references = home.local_references(name) if home is not None else None
            return None if references is None else self._targets(references, Scope(scope.module), depth + 1)
        if root == "module":
            return self._output(steps, scope, by_key, depth)
        return self._resource(steps, scope, by_key)

    def _call_scope(self, module: ModuleInstance, parent: ModuleInstance) -> Scope:
        keys = frozenset(one.key for one in parent.children if one.name == module.name)
        return Scope(parent, module.key, keys, table(module.call.get("for_each_expression")))

    def _each(self, steps: list[Step], scope: Scope, depth: int) -> tuple[Target, ...] | None:
        """`each.value.id`: an element of what the block repeats by."""
        made = self._targets(_references(scope.each), Scope(scope.module), depth + 1)
        if made is None:
            return None
        found: list[Target] = []
        for one in made:
            if one.key is ANY and not one.attribute and self._same_keys(one.block, scope):
                found.append(Target(one.block, one.type, scope.key, steps[2][0] if len(steps) > 2 else ""))
            else:
                found.append(one)
        return tuple(found)

    def _same_keys(self, block: str, scope: Scope) -> bool:
        return bool(scope.keys) and scope.key is not None and frozenset(self._keys_of(block)) == scope.keys

    def _output(self, steps: list[Step], scope: Scope, by_key: bool, depth: int) -> tuple[Target, ...] | None:
        if len(steps) < 3:
            return None
        name, key = steps[1]
        children = [one for one in scope.module.children if one.name == name]
        if key is not None or len(children) > 1:
            wanted = key if key is not None else scope.key if by_key else None
            children = [one for one in children if one.key == wanted]
        if len(children) != 1:
            return None
        output = table(table(children[0].config.get("outputs")).get(steps[2][0]))
        made = self._targets(_references(table(output.get("expression"))), Scope(children[0]), depth + 1)
        index = steps[2][1]
        if made is None or index is None:
            return made
        # `ids[1]` of an output that lists a repeated block.
        return tuple(Target(one.block, one.type, index if one.key is ANY else one.key, one.attribute) for one in made)

    def _resource(self, steps: list[Step], scope: Scope, by_key: bool) -> tuple[Target, ...] | None:
        data = steps[0][0] == "data"
        if len(steps) < (3 if data else 2):
            return None
        first = 1 if data else 0
        type, (name, key) = steps[first][0], steps[first + 1]
        block = scope.module.block(f"{'data.' if data else ''}{type}.{name}")
        rest = steps[first + 2 :]
        attribute = ".".join(step for step, _key in rest)
        keys = self._keys_of(block)
        found: object = key
        if not keys:
            # No instance of it: whatever the expression is, it is not this.
            return ()
        if key is not None:
            if key not in keys:
                return ()
        elif len(keys) == 1:
            found = keys[0]
        elif by_key and self._same_keys(block, scope):
            found = scope.key
        else:
            found = ANY
        return (Target(block, f"data.{type}" if data else type, found, attribute),)


def _references(expression: Table) -> list[str]:
    return [text for text in rows(expression.get("references")) if isinstance(text, str)]
