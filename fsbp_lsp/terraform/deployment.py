"""A deployment: a root module and the instances of the modules it calls, asked as one.

A companion may stand on either side of a call, so resources are looked up here, by addresses that start at the root.
"""

from __future__ import annotations

from fsbp_lsp.model import parse_path
from fsbp_lsp.terraform.address import split
from fsbp_lsp.terraform.escaping import escaping
from fsbp_lsp.terraform.evaluate import Meter
from fsbp_lsp.terraform.links import Links, Near
from fsbp_lsp.terraform.memo import Memo
from fsbp_lsp.terraform.module import Called, TerraformModule
from fsbp_lsp.values import YES, Tri

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from fsbp_lsp.model.path import Path
    from fsbp_lsp.terraform.calls import Sources
    from fsbp_lsp.terraform.expand import Expansion
    from fsbp_lsp.terraform.index import Declared
    from fsbp_lsp.terraform.load import Directory
    from fsbp_lsp.terraform.module import TerraformResource

    Key = tuple[str, ...]

MAX_DEPTH = 8
"""Calls below one another."""
MAX_INSTANCES = 256
"""Module instances of one deployment; what further calls deploy is not known."""
MAX_BLOCKS = 50_000
"""Resources, data sources and calls declared in them, each counted as often as its module is deployed."""


class Kept:
    """What stays true when a deployment is read again, as long as the marks of all it depended on are equal.

    near: which blocks are near which owner. expansions: the instances of repeated blocks, by address, with the texts that
    declare the block and what else they depend on.
    """

    __slots__ = ("expansions", "near")

    def __init__(self) -> None:
        self.near: dict[tuple[str, Path], Near] = {}
        self.expansions: dict[str, tuple[Expansion, tuple[int, ...], dict[Key, object]]] = {}


class Deployment:
    """See the module's docstring. Everything is found out when first asked for.

    Dependency keys: ("var", name), ("local", name), ("output", name), each with the prefix of its module behind it
    unless that is the root; ("type", type), ("block", address), ("escapes", address),
    ("links", type, path, owner's type, owner), ("file", path), ("files", directory), ("complete",) and ("all",).
    Their tokens hold the serials of the pieces that decide them, or what was read.
    """

    def __init__(self, root: Directory, sources: Sources, kept: Kept | None = None, pause: Callable[[], None] | None = None) -> None:
        """kept: what earlier versions found out; held by the caller between versions. None when there are none.

        pause: see `load_module`.
        """
        self.pause = pause
        self.meter = Meter()
        self.memo = Memo()
        self._sources = sources
        self.contents = sources.contents()
        self._tokens: dict[Key, object] = {}
        self._links: dict[tuple[str, Path], Links] = {}
        self._near: dict[tuple[str, Path], Near] = {}
        self._kept = kept
        self._reasons: dict[str, str] = {}
        self.called: set[str] = set()
        """Directories of this repository that calls name, deployed or not (`count = 0`); complete after `instances`."""
        self._count = 1
        self._blocks = 0
        self._escaping: set[str] | None = None
        self._given: dict[frozenset[str], set[str]] = {}
        self._instances: list[TerraformModule] | None = None
        self.root = TerraformModule(self, root)
        self._by_prefix: dict[str, TerraformModule] = {"": self.root}

    # Instances

    def instances(self) -> list[TerraformModule]:
        """All of them, the root first, in the order of the calls."""
        if self._instances is None:
            found: list[TerraformModule] = []
            pending = [self.root]
            while pending:
                module = pending.pop()
                found.append(module)
                pending.extend(reversed([below for declared in module.index.calls for below in module.below(declared)]))
            self._instances = found
        return self._instances

    def instantiate(self, parent: TerraformModule, declared: Declared) -> list[TerraformModule]:
        """The instances one call deploys; none when its module is not read (`unread` says why)."""
        address = parent.qualified(declared.address)
        parent.note(("block", address))
        if parent.depth >= MAX_DEPTH:
            self._reasons[address] = f"calls are followed {MAX_DEPTH} deep"
            return []
        source = self._sources.of(parent, declared)
        if isinstance(source, str):
            self._reasons[address] = source
            return []
        directory, foreign = source
        if not foreign:
            self.called.add(directory.path)
        made: list[TerraformModule] = []
        # Beyond the bound it is not even asked how often: calls of calls multiply.
        full = self._full(directory)
        expansion = parent.expansion(declared.address) if not full else None
        if expansion is None:
            self._reasons[address] = full or "it is not known how often it is called"
            return []
        for number in range(len(expansion.instances)):
            full = self._full(directory)
            if full:
                self._reasons[address] = full
                break
            self._count += 1
            self._blocks += len(directory.index.declared)
            module = TerraformModule(self, directory, Called(parent, declared, expansion, number), foreign or parent.foreign)
            self._by_prefix[module.prefix] = module
            made.append(module)
        return made

    def _full(self, directory: Directory) -> str:
        """Why one more instance of a directory is too much; '' when it is not."""
        if self._count >= MAX_INSTANCES:
            return f"a deployment is followed through {MAX_INSTANCES} module instances"
        if self._blocks + len(directory.index.declared) > MAX_BLOCKS:
            return f"a deployment is followed through {MAX_BLOCKS} blocks"
        return ""

    def unread(self, parent: TerraformModule, declared: Declared) -> str:
        """Why (some of) what a call deploys is not known; '' when it is read."""
        parent.below(declared)
        return self._reasons.get(parent.qualified(declared.address), "")

    def at(self, prefix: str) -> TerraformModule | None:
        """The instance with this address; '' is the root."""
        found = self._by_prefix.get(prefix)
        if found is None:
            self.instances()
            found = self._by_prefix.get(prefix)
        return found

    # Asked by the core

    @property
    def complete(self) -> bool:
        self.memo.note(("complete",))
        return all(not module.problems for module in self.instances())

    def of(self, types: Sequence[str]) -> list[TerraformResource]:
        """Resources of these types, module by module."""
        found: list[TerraformResource] = []
        for type in types:
            self.memo.note(("type", type))
            for module in self.instances():
                for declared in module.index.types.get(type, ()):
                    found.extend(module.instances_of(declared))
        return found

    def get(self, address: str) -> TerraformResource | None:
        """The resource or data source with this address; None when unknown."""
        block, bracket, key = address, "", ""
        if address.endswith("]"):
            block, bracket, key = address[: address.rindex("[")], "[", address[address.rindex("[") :]
        prefix, local = split(block)
        module = self.at(prefix)
        if module is None:
            self.memo.note(("block", block))
            return None
        return module.own(local + key if bracket else local)

    def exists_with(self, owner: TerraformResource, candidate: TerraformResource) -> Tri:
        """Whether `candidate` exists whenever `owner` does, what repeats by the same words being repeated alike."""
        given = set(_repetitions(owner))
        answer = YES
        for text, key, exists in _existence(candidate, owner.module):
            answer = answer & (YES if text and (text, key) in given else exists)
        return answer

    def links_of(self, type: str, by: Path) -> Links:
        """Which resources of a type point at what, by the attribute at `by`."""
        links = self._links.get((type, by))
        if links is None:
            links = self._links[type, by] = Links(self, type, by)
        return links

    def escapes(self, address: str) -> bool:
        """The resource reaches a call of a module that is not read, or an output where that counts."""
        self.memo.note(("escapes", address))
        return address in self._handed_over()

    def touches(self, address: str, noted: Iterable[Key], directories: frozenset[str]) -> bool:
        """Whether a resource that looked at what is `noted` read something of these directories, or is handed to them."""
        for key in noted:
            if key[0] in ("var", "local", "output"):
                prefix = key[2] if len(key) > 2 else ""
            elif key[0] == "block":
                prefix, local = split(key[1])
                parent = self.at(prefix)
                declared = parent.index.declared.get(local) if parent is not None and local.startswith("module.") else None
                if parent is not None and declared is not None and any(below.path in directories for below in parent.below(declared)):
                    return True
            else:
                continue
            module = self.at(prefix)
            if module is not None and module.path in directories:
                return True
        given = self._given.get(directories)
        if given is None:
            calls = [
                (module, call)
                for module in self.instances()
                for call in module.index.calls
                if any(below.path in directories for below in module.below(call))
            ]
            given = self._given[directories] = escaping(calls, None)
        return address in given

    def _handed_over(self) -> set[str]:
        if self._escaping is None:
            unread = [(module, call) for module in self.instances() for call in module.index.calls if self.unread(module, call)]
            self._escaping = escaping(unread, self.root if self.root.outputs_escape else None)
        return self._escaping

    # Tokens

    def token(self, key: Key) -> object:
        """A comparable mark of the present state of one noted thing; equal marks mean equal answers."""
        found = self._tokens.get(key)
        if found is None:
            found = self._tokens[key] = self._token(key)
        return found

    def _token(self, key: Key) -> object:
        what = key[0]
        if what in ("var", "local", "output"):
            module = self.at(key[2]) if len(key) > 2 else self.root
            return None if module is None else _declared_mark(module, what, key[1])
        if what == "block":
            prefix, local = split(key[1])
            module = self.at(prefix)
            block = module.index.declared.get(local) if module is not None else None
            if module is None or block is None:
                return ()
            mark = (block.piece.serial, *(piece.serial for piece, _block in block.overrides))
            return mark if block.mode != "module" else (*mark, self.unread(module, block), tuple(one.path for one in module.below(block)))
        if what == "type":
            return tuple(module.qualified(one.address) for module in self.instances() for one in module.index.types.get(key[1], ()))
        if what == "escapes":
            return key[1] in self._handed_over()
        if what == "links":
            _, type, by, owner_type, owner = key
            return self._near_of(type, parse_path(by)).mark(owner_type, owner)
        if what == "file":
            return self.contents.mark(key[1])
        if what == "files":
            return self.contents.names(key[1])
        if what == "complete":
            return self.complete
        return tuple((module.prefix, tuple(module.index.serials)) for module in self.instances())

    def _near_of(self, type: str, by: Path) -> Near:
        near = self._near.get((type, by))
        if near is None:
            near = self._kept.near.get((type, by)) if self._kept is not None else None
            if near is None or any(self.token(key) != token for key, token in near.tokens.items()):
                links = self.links_of(type, by)
                near = Near(links, {key: self.token(key) for key in links.depends})
            self._near[type, by] = near
            if self._kept is not None:
                self._kept.near[type, by] = near
        return near

    def expansion(self, address: str, declared: Declared, find: Callable[[], Expansion]) -> Expansion:
        """The instances of a repeated block: what an earlier version found, while that holds, else `find`."""
        kept = self._kept
        if kept is None:
            return find()
        texts = (declared.piece.serial, *(piece.serial for piece, _block in declared.overrides))
        held = kept.expansions.get(address)
        if held is not None and held[1] == texts and all(self.token(key) == token for key, token in held[2].items()):
            self.memo.note_all(held[2])
            return held[0]
        made, depends = self.memo.watch(find)
        kept.expansions[address] = made, texts, {key: self.token(key) for key in depends}
        return made


def _declared_mark(module: TerraformModule, what: str, name: str) -> object:
    index = module.index
    if what == "local":
        return tuple(piece.serial for piece, _attribute in index.locals.get(name, ()))
    if what == "output":
        return tuple(piece.serial for piece, _block in index.outputs.get(name, ()))
    declared = tuple(piece.serial for piece, _block in index.variables.get(name, ()))
    if module.called is not None:
        # Its argument stands in the block of the call, which is noted by itself.
        return declared
    given = tuple(layer.values[name][0].serial if name in layer.values else -1 if layer.broken else 0 for layer in index.tfvars)
    return declared, tuple(serial for serial in given if serial)


def _repetitions(resource: TerraformResource) -> list[tuple[str, object]]:
    """What the resource and the calls above it repeat by, with the keys of this instance."""
    return [(text, key) for text, key, _exists in _existence(resource, None)]


def _existence(resource: TerraformResource, beside: TerraformModule | None) -> list[tuple[str, object, Tri]]:
    """Why the resource may be missing: what it and the calls above it repeat by, the key, and whether that one exists.

    Calls that `beside` is deployed through as well are passed over.
    """
    shared: set[str] = set()
    while beside is not None:
        shared.add(beside.prefix)
        beside = beside.called.parent if beside.called is not None else None
    made: list[tuple[str, object, Tri]] = []
    expansion = resource.module.expansion(resource.declared.address)
    if expansion is not None:
        made.append((expansion.text, resource.key, expansion.exists(resource.key)))
    module: TerraformModule | None = resource.module
    while module is not None and module.called is not None and module.prefix not in shared:
        called = module.called
        calls = called.parent.expansion(called.declared.address)
        made.append((calls.text if calls is not None else "", called.key, called.exists))
        module = called.parent
    return made


__all__ = ["Deployment"]
