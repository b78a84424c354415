"""A Terraform plan as a module: the resources that will be there once it is applied, with the values they will have.

No control knows about plans: a resource has the type, the values and the links it would have from source. What
differs is said here: values come from `planned_values` and `resource_changes`, links from the references of
`configuration`, places from the source beside the plan.
"""

from __future__ import annotations

from fsbp_lsp.model import CallSite, Dialect, Module, Refusal, Resource
from fsbp_lsp.terraform import documents
from fsbp_lsp.terraform.plan_config import Configuration, Scope
from fsbp_lsp.terraform.plan_entries import entries_of
from fsbp_lsp.terraform.plan_links import PlanLinks
from fsbp_lsp.terraform.plan_secrets import Secrets
from fsbp_lsp.terraform.plan_source import SourceTree, Spot, passes_through
from fsbp_lsp.terraform.plan_text import read_plan, table
from fsbp_lsp.terraform.plan_values import PERHAPS, Planned
from fsbp_lsp.text import Loc, Piece, SourceFile
from fsbp_lsp.values import Hidden, Items, Map, Seq, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from fsbp_lsp.files import Files
    from fsbp_lsp.model import IgnoreComment, Path
    from fsbp_lsp.terraform.plan_address import Key
    from fsbp_lsp.terraform.plan_config import ModuleInstance, Target
    from fsbp_lsp.terraform.plan_entries import Entry
    from fsbp_lsp.terraform.plan_text import Table
    from fsbp_lsp.text import Edit
    from fsbp_lsp.values import Datum

UNEDITED = Refusal("a plan is not edited, and source offers no fix at this place")


class PlanDialect(Dialect):
    """Terraform's reading of a plan; every edit is refused."""

    name = "terraform"

    def put(self, resource: Resource, path: Path, want: Any) -> Refusal:
        return UNEDITED

    def replace(self, at: Loc, want: Any, node: object = None) -> Refusal:
        return UNEDITED

    def remove(self, resource: Resource, path: Path) -> Refusal:
        return UNEDITED

    def append(self, resource: Resource, path: Path, want: dict[str, Any]) -> Refusal:
        return UNEDITED

    def insert_resource(self, after: Resource, type: str, name: str, body: Sequence[tuple[str, Any]]) -> Refusal:
        return UNEDITED

    def insert_ignore(self, resource: Resource, at: Loc, ids: Sequence[str], reason: str, until: str = "") -> tuple[Edit, ...] | Refusal:
        return UNEDITED

    def decode_json(self, value: Value) -> Value:
        hidden = any(isinstance(option, Hidden) for option in value.options)
        made = documents.decode(Value(tuple(map(known, value.options)), value.at, value.origins, value.node) if hidden else value)
        return _hide(made) if hidden else made


def _hide(value: Value) -> Value:
    """The same with every scalar in it hidden."""
    return Value(tuple(_hidden(option) for option in value.options), value.at, value.origins, value.node)


def _hidden(datum: Datum) -> Datum:
    if isinstance(datum, Seq):
        return Seq(tuple(_hide(item) for item in datum.items), datum.open)
    if isinstance(datum, Map):
        return Map({name: _hide(item) for name, item in datum.entries.items()}, datum.open)
    return Hidden(datum) if isinstance(datum, (str, int, float)) else datum


PLAN = PlanDialect()


class PlanResource(Resource):
    """A resource of a plan. scope: where its expressions stand.

    origin: (directory, block address there) when it is found in source that is ours, else None.
    """

    __slots__ = ("_local", "origin", "scope", "spot")

    module: PlanModule

    def __init__(self, module: PlanModule, entry: Entry, scope: Scope) -> None:
        self.scope = scope
        self._local = entry.local
        home = scope.module.home
        declared = home.declared(entry.local) if home is not None else None
        self.origin: tuple[str, str] | None = None
        self.spot: Spot | None = None
        header = extent = module.place_of(scope.module)
        if home is not None and declared is not None:
            self.spot = Spot(declared.layers)
            if home.editable:
                self.origin = (home.path, entry.local)
                header = Loc(declared.piece, declared.block.start, declared.block.header_end)
                extent = Loc(declared.piece, declared.block.start, declared.block.end)
        block = scope.module.block(entry.local)
        type = f"data.{entry.type}" if entry.data else entry.type
        super().__init__(
            PLAN, module, type, entry.local.rpartition(".")[2], block, header, extent, lambda: module.evaluate(self, entry), key=entry.key
        )
        self.address = entry.address

    @property
    def local(self) -> str:
        return self._local

    @property
    def identity(self) -> str:
        return self.address.removeprefix(f"{self.scope.module.address}.") if self.origin is not None else self.address

    @property
    def callers(self) -> tuple[CallSite, ...]:
        return self.module.calls_of(self.scope.module)

    @property
    def expressions(self) -> Table:
        return table(self.scope.module.resource(self.local).get("expressions"))

    def hands_on(self, path: Path) -> bool:
        """The attribute holds what it refers to and nothing made of it, as far as source is there to say."""
        written = self.spot.attribute(path[0]) if self.spot is not None and len(path) == 1 and isinstance(path[0], str) else None
        return written is None or passes_through(written[1])


class PlanModule(Module):
    """See `Module`. path: of the plan. root: the directory of the configuration."""

    def __init__(self, path: str, plan: Table, files: Files, root: str) -> None:
        self.dialect = PLAN
        self.path = path
        self.problems = ()
        self.complete = True
        self._nowhere = Loc(Piece(SourceFile(path, b""), 0, b""), 0, 0)
        entries = entries_of(plan)
        keys: dict[str, list[Key]] = {}
        tree = SourceTree(files, root)
        self._configuration = Configuration(plan, tree, lambda block: keys.get(block, []))
        self.secrets = Secrets(plan, entries.values())
        for entry in entries.values():
            keys.setdefault(self._configuration.module(entry.module).block(entry.local), []).append(entry.key)
        self.settled = plan.get("complete") is not False and plan.get("errored") is not True and not plan.get("deferred_changes")
        """The plan holds all there will be: nothing failed, was deferred, or left out with `-target`."""
        self._blocks: dict[str, list[PlanResource]] = {}
        self._types: dict[str, list[PlanResource]] = {}
        managed: list[PlanResource] = []
        for entry in entries.values():
            instance = self._configuration.module(entry.module)
            each = table(instance.resource(entry.local).get("for_each_expression"))
            siblings = frozenset(keys[instance.block(entry.local)])
            made = PlanResource(self, entry, Scope(instance, entry.key, siblings, each))
            self._blocks.setdefault(made.block, []).append(made)
            self._types.setdefault(made.type, []).append(made)
            if not entry.data:
                managed.append(made)
        self.resources = tuple(managed)
        self.files = tuple(file for home in tree.homes for file in home.directory.files)
        self.ignores: tuple[IgnoreComment, ...] = tuple(one for home in tree.homes if home.editable for one in home.directory.ignores)
        self._links = PlanLinks(self)

    # Asked by the core

    def of(self, *types: str) -> Sequence[Resource]:
        return [resource for type in types for resource in self._types.get(type, ())]

    def get(self, address: str) -> Resource | None:
        made = self._blocks.get(address)
        if made is not None:
            return made[0] if len(made) == 1 else None
        block = address.rpartition("[")[0]
        return next((one for one in self._blocks.get(block, ()) if one.address == address), None)

    def identity_path(self, resource: Resource) -> str:
        origin = resource.origin if isinstance(resource, PlanResource) else None
        return origin[0] if origin is not None else self.path

    def linked(self, owner: Resource, type: str, by: Path, owner_name: Path = ()) -> Items:
        return self._links.to(owner, type, by, owner_name)

    # Asked by the parts of a plan

    def instances(self, block: str) -> Sequence[PlanResource]:
        return self._blocks.get(block, ())

    def targets(self, expression: Table, scope: Scope) -> tuple[Target, ...] | None:
        return self._configuration.targets(expression, scope)

    def place_of(self, instance: ModuleInstance) -> Loc:
        """Where a module comes from in source that is ours: the nearest call that is; else the plan itself."""
        calls = self.calls_of(instance)
        return calls[0].header if calls else self._nowhere

    def calls_of(self, instance: ModuleInstance) -> tuple[CallSite, ...]:
        """The calls an instance comes from, nearest first, as far as they are ours to show."""
        found: list[CallSite] = []
        here: ModuleInstance | None = instance
        while here is not None and here.parent is not None:
            home = here.parent.home
            at = home.call(here.name) if home is not None and home.editable else None
            if home is not None and at is not None:
                found.append(CallSite(here.address, at, home.directory.ignores))
            here = here.parent
        return tuple(found)

    def evaluate(self, resource: PlanResource, entry: Entry) -> Value:
        """The planned values of a resource, read when they are first asked for."""
        config: object = resource.expressions if self._configuration.root.config else PERHAPS
        default = "provider default" if entry.new else "as deployed"
        # What is downloaded gives no places: nobody can change a line there.
        planned = Planned(resource.header, lambda expression: self.targets(expression, resource.scope), default, self._unfit(resource))
        return Value((planned.body(entry.after, entry.unknown, entry.hidden, config, resource.spot),), resource.header)

    def _unfit(self, resource: PlanResource) -> Any:
        return self.secrets.shown_at if resource.origin is not None else lambda _at: True


def load_plan(files: Files, path: str, data: bytes, root: str) -> PlanModule | None:
    """The plan in `data`; None when it is JSON and no plan.

    path: what it is called in output. root: the directory of the configuration it was made from, '' for the
    current one; nothing need be there. Raises ReadError for a plan that cannot be read.
    """
    made = read_plan(data)
    return PlanModule(path, made, files, root) if made is not None else None


__all__ = ["PlanModule", "PlanResource", "load_plan"]
