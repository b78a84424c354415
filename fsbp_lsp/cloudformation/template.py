"""A template as a module: its resources, what links them, and how surely what is missing is missing."""

from __future__ import annotations

from fsbp_lsp.cloudformation.detect import SERVERLESS, is_sam, is_type
from fsbp_lsp.cloudformation.ignores import comment_ignores, metadata_ignores
from fsbp_lsp.cloudformation.intrinsics import Evaluator, Undecided
from fsbp_lsp.cloudformation.loops import EXTENSIONS, Loops
from fsbp_lsp.cloudformation.parameters import read_parameters
from fsbp_lsp.cloudformation.shape import descend, items_of, mapping_of, names_below, pairs_of, text_of, untagged
from fsbp_lsp.model.resource import Module, Problem, Resource, Target, read_path
from fsbp_lsp.syntax.tree import Mapping
from fsbp_lsp.text import Loc
from fsbp_lsp.values import ABSENT, MAYBE, NO, UNKNOWN, YES, Items, Map, Ref, Seq, Text, Tri, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, Protocol

    from fsbp_lsp.cloudformation.nested import Nested, Stacks
    from fsbp_lsp.cloudformation.sam_parts import Plan
    from fsbp_lsp.cloudformation.shape import Pairs
    from fsbp_lsp.cloudformation.supplied import Supplied
    from fsbp_lsp.model.path import Path
    from fsbp_lsp.model.resource import CallSite, Dialect, IgnoreComment, Refusal
    from fsbp_lsp.syntax.tree import Document, Node
    from fsbp_lsp.text import Piece, SourceFile
    from fsbp_lsp.values import Datum

    class Importing(Protocol):
        serial: int

        def names(self, path: str, type: str) -> list[Datum]: ...


_HARMLESS = ("AWS::Serverless-", "AWS::LanguageExtensions", "AWS::SecretsManager-", "AWS::CodeDeployBlueGreen")
"""Transforms that leave the written resources of other types alone."""
_NESTED = ("AWS::CloudFormation::Stack", "AWS::Serverless::Application")


MAX_VIEWS = 192
"""Scenarios one template is read under; what is not decided then stays so."""


class TemplateResource(Resource):
    """A resource of a template.

    node: the mapping of Type, Properties and the rest. condition: the name in its `Condition`, '' when none.
    looped: written by an Fn::ForEach, maybe with others of the same body.
    """

    __slots__ = ("_exists", "condition", "looped", "node", "pairs")

    node: Mapping
    condition: str
    looped: bool
    pairs: dict[str, tuple[Node, Node]]
    module: Template

    @property
    def exists(self) -> Tri:  # reading is noted
        """Whether it is created; who asks depends on its condition."""
        if self._exists is MAYBE:
            self.module.note(self.condition)
        return self._exists

    @exists.setter
    def exists(self, exists: Tri) -> None:
        self._exists = exists

    @property
    def repeated(self) -> bool:
        return self.looped

    @property
    def named(self) -> str:
        """A loop is one place: what it writes goes by the name that its body says there."""
        return f"{self.header.text}:{self.header.start}" if self.looped else self.name

    @property
    def local(self) -> str:
        return self.named if self.looped else self.block

    @property
    def construct(self) -> str:
        """`aws:cdk:path`, by which the AWS CDK names the construct that a generated template writes here."""
        pair = self.pairs.get("Metadata")
        found = descend(pair[1], "aws:cdk:path") if pair is not None else None
        return text_of(found) or ""

    def attribute(self, name: str) -> Value:
        """What stands beside Properties: `DeletionPolicy`, `UpdateReplacePolicy`, `Metadata`, `UpdatePolicy` …"""
        pair = self.pairs.get(name)
        evaluator = self.module.evaluator
        if pair is None:
            return Value.unknown(self.header) if evaluator.open else Value((ABSENT,))
        return self.module.inside(self, lambda: evaluator.evaluate(pair[1]))

    @property
    def identity(self) -> str:
        return self.block

    @property
    def callers(self) -> tuple[CallSite, ...]:
        nested = self.module.nested
        return nested.callers if nested is not None else ()

    def spelled(self, path: Path) -> Path | Refusal:
        """Where the source says what this resource has at `path`; a Refusal when it has no way to say it."""
        return path


class Template(Module):
    """One template: a module of one file and one piece.

    partial: resources may exist that are not written here (Fn::ForEach, an include, a macro).
    plan: what the SAM transform makes of its serverless resources, None when it has none.
    """

    def __init__(
        self,
        dialect: Dialect,
        piece: Piece,
        document: Document,
        stacks: Stacks | None = None,
        nested: Nested | None = None,
        supplied: Supplied | None = None,
    ) -> None:
        """stacks: the templates of nested stacks, None when they cannot be read. nested: the stack this one is, None for a root.

        supplied: what parameter files give.
        """
        self.dialect = dialect
        self.piece = piece
        self.document = document
        self.path = piece.file.path
        self.stacks = stacks
        self.nested = nested
        self._ready = False
        self.files: tuple[SourceFile, ...] = (piece.file,)
        # Later errors are mostly echoes of the first.
        self.problems = tuple(
            Problem(self.path, error.message, Loc(piece, error.start, max(error.end, error.start))) for error in document.errors[:1]
        )
        root = document.root
        transforms = [text_of(item) or "" for item in items_of(descend(root, "Transform"))]
        macro = any(not name.startswith(_HARMLESS) for name in transforms)
        top = mapping_of(root)
        macro = macro or (top is not None and "Fn::Transform" in pairs_of(top).found)
        self.sam = is_sam(descend(root, "Transform"))
        self.complete = not document.errors and not macro
        self.partial = macro
        parameters = read_parameters(descend(root, "Parameters"), bool(document.errors))
        if nested is not None:
            nested.give(parameters)
        if supplied is not None:
            self.files = (*self.files, *supplied.files)
            self.problems = (*self.problems, *supplied.problems)
            for name, parameter in parameters.items():
                parameter.given = supplied.values.get(name)
                parameter.unsure = bool(supplied.problems)
        loops = Loops(EXTENSIONS in transforms and not document.errors, piece, parameters, descend(root, "Mappings"))
        self._members = self._written(descend(root, "Resources"), loops)
        types = {name: text_of(pairs["Type"][1]) or "" if "Type" in pairs else "" for name, _, _, pairs, _ in self._members}
        self.evaluator = Evaluator(piece, document, parameters, types, self.sam or self.partial, macro, loops)
        if stacks is not None:
            self.evaluator.outputs = self._output
        self._views: dict[tuple[tuple[str, bool], ...], Template | None] = {}
        self._whole: Template = self
        self.importers: Importing | None = None
        """What other templates of the repository import for their own resources; set by who can look for it."""
        found = self._found()
        ignores: list[IgnoreComment] = comment_ignores(piece, document)
        if b"ignore" in piece.data and b"fsbp" in piece.data:
            ignores.extend(metadata_ignores(piece, root, ""))
            for resource in {resource.header.key(): resource for resource in found}.values():
                ignores.extend(metadata_ignores(piece, resource.node, resource.named))
        self.ignores = tuple(ignores)
        self._settle(found)
        if stacks is not None:
            self.calls = tuple(resource.header for resource in self.resources if resource.type in _NESTED)
        self._ready = True

    def _found(self) -> list[TemplateResource]:
        """The written resources that exist in the scenario of this evaluator."""
        made = (self._resource(*member) for member in self._members)
        return [resource for resource in made if resource is not None]

    def _settle(self, found: list[TemplateResource]) -> None:
        self.plan: Plan | None = None
        if self.sam and any(resource.type.startswith(SERVERLESS) or "Connectors" in resource.pairs for resource in found):
            from fsbp_lsp.cloudformation.sam_expand import expand

            found, self.plan = expand(self, found)
        self.resources: tuple[TemplateResource, ...] = tuple(found)
        self._by_name = {resource.block: resource for resource in found}
        self._by_type: dict[str, list[Resource]] = {}
        for resource in self.resources:
            self._by_type.setdefault(resource.type, []).append(resource)
        if self.nested is not None:
            for resource in found:
                resource.address = self.nested.prefix + resource.block
        self._handed: set[str] | None = None
        self._put_out: set[str] | None = None
        self._puts_more = False

    # Scenarios

    def note(self, condition: str) -> None:
        """Somebody's answer depends on a condition that is not decided."""
        if condition and self.evaluator.noted is not None:
            self.evaluator.noted[condition] = None

    def watch(self) -> bool:
        if not len(self.evaluator.conditions):
            return False
        self.evaluator.noted = {}
        return True

    def watched(self) -> tuple[str, ...]:
        noted, self.evaluator.noted = self.evaluator.noted, None
        return tuple(noted or ())

    def under(self, resource: Resource, scenario: dict[str, bool]) -> tuple[Resource | None, bool]:
        conditions = self.evaluator.conditions
        own = resource.condition if isinstance(resource, TemplateResource) else ""
        scenarios = self.evaluator.scenarios()
        possible = scenarios.possible({**scenario, own: True} if own else scenario)
        if possible is NO or scenario.get(own) is False:
            return None, True
        view = self._view(tuple(sorted(scenario.items())))
        if view is None:
            return resource, False
        sure = possible is YES and not self.document.errors and all(conditions.place(name) is not None for name in scenario)
        return view.get(resource.block), sure

    def _view(self, scenario: tuple[tuple[str, bool], ...]) -> Template | None:
        """This template where these conditions are known; None when there are too many of them already."""
        if scenario in self._views:
            return self._views[scenario]
        if len(self._views) >= MAX_VIEWS:
            return None
        view: Template = object.__new__(Template)
        view.__dict__.update(self.__dict__)
        view.evaluator = self.evaluator.in_scenario(dict(scenario))
        self._views[scenario] = view
        view._settle(view._found())
        return view

    def condition_places(self, names: Iterable[str]) -> tuple[tuple[Loc, str], ...]:
        places = ((self.evaluator.conditions.place(name), f"condition {name}") for name in names)
        return tuple((at, text) for at, text in places if at is not None)

    def _written(self, section: Node | None, loops: Loops) -> list[tuple[str, Node, Mapping, dict[str, tuple[Node, Node]], bool]]:
        """(logical id, its key, its mapping, the pairs in there, made by a loop) of everything that can be read as a resource."""
        out: list[tuple[str, Node, Mapping, dict[str, tuple[Node, Node]], bool]] = []
        mapping = mapping_of(section)
        if mapping is None:
            self.partial = self.partial or (section is not None and not untagged(section))
            return out
        written = set(pairs_of(mapping).found)
        pairs = loops.members(mapping)
        self.partial = self.partial or pairs.open
        for name, (key, node) in pairs.found.items():
            if name.startswith("Fn::") or not isinstance(node, Mapping) or not untagged(node) or name in pairs.twice:
                self.partial = True
                continue
            inner = pairs_of(node)
            members = {part: pair for part, pair in inner.found.items() if part not in inner.twice}
            if "Type" not in members or not is_type(text_of(members["Type"][1])):
                # A module of another tool, or a line that is being typed.
                self.partial = True
                members.pop("Type", None)
            out.append((name, key, node, members, name not in written))
        return out

    def _resource(self, name: str, key: Node, node: Mapping, pairs: dict[str, tuple[Node, Node]], looped: bool) -> TemplateResource | None:
        type = self.evaluator.types[name]
        if not type:
            return None
        exists = YES
        condition = ""
        if "Condition" in pairs:
            condition = text_of(pairs["Condition"][1]) or ""
            exists = self.evaluator.exists(condition) if condition else MAYBE
            if exists is NO:
                return None  # in no deployment, or in none of this scenario
        resource = TemplateResource(
            self.dialect,
            self,
            type,
            name,
            name,
            Loc(self.piece, key.start, key.end),
            Loc(self.piece, key.start, max(node.end, key.end)),
            lambda: self._config(resource),
            exists=exists,
        )
        resource.node = node
        resource.looped = looped
        resource.condition = condition
        resource.pairs = pairs
        return resource

    def _config(self, resource: TemplateResource) -> Value:
        pair = resource.pairs.get("Properties")
        opened = self.evaluator.open or any(name.startswith("Fn::") for name in resource.pairs)
        if pair is None:
            value = Value((Map({}, opened),), resource.header)
        else:
            value = self.inside(resource, lambda: self.evaluator.evaluate(pair[1]))
            if value.only is None:
                value = Value((Map({}, opened),), value.at, (), pair[1])
            elif not isinstance(value.only, Map):
                value = Value((Map({}, True),), value.at, (), pair[1])
        own = value.only
        if self.sam and resource.type.startswith(SERVERLESS) and isinstance(own, Map):
            from fsbp_lsp.cloudformation.sam import with_globals

            root = self.document.root
            before, self.evaluator.noted = self.evaluator.noted, {}
            merged = self.inside(resource, lambda: Value((with_globals(self.evaluator, root, resource.type, resource.node, own),)))
            conditions, self.evaluator.noted = self.evaluator.noted, before
            made = Value(merged.options, value.at, value.origins, value.node)
            return Undecided(made, conditions, self.evaluator) if conditions else made
        plan = self.plan
        if plan is not None:
            notifications, touched = plan.additions(resource)
            if notifications or touched:
                from fsbp_lsp.cloudformation.sam_expand import with_additions

                return with_additions(value, notifications, touched)
        return value

    def inside(self, resource: TemplateResource, read: Any) -> Value:
        """The answer of `read` where the resource exists: its condition holds there."""
        if resource.exists is YES or not resource.condition:
            answer: Value = read()
            return answer
        return self.evaluator.assuming(resource.condition, True, read)

    # Module

    def of(self, *types: str) -> Sequence[Resource]:
        if len(types) == 1:
            return self._by_type.get(types[0], [])
        wanted = set(types)
        return [resource for resource in self.resources if resource.type in wanted]

    def get(self, address: str) -> TemplateResource | None:
        return self._by_name.get(address)

    def linked(self, owner: Resource, type: str, by: Path, owner_name: Path = ()) -> Items:
        """As in Module; a companion that exists wherever its owner does counts as one that exists."""
        found: list[Resource] = []
        maybe = not self.complete or self.partial or (self.plan is not None and type in self.plan.unseen)
        target = Target(owner, owner_name)
        for candidate in self.of(type):
            answer = target.named_by(read_path(candidate.config, by), candidate)
            if answer is NO:
                continue
            together = self.exists_with(owner, candidate)
            if answer is YES and together is YES:
                found.append(candidate)
            elif together is not NO:
                maybe = True
        if self.nested is not None and isinstance(owner, TemplateResource) and owner.module is self:
            from fsbp_lsp.cloudformation.nested import companions

            above, more = companions(self.nested, owner, type, by)
            found.extend(above)
            maybe = maybe or more
        if not found and not maybe:
            maybe = (self.outputs_escape and self.puts_out(owner.block)) or self._elsewhere(owner, type)
        return Items(tuple(found), maybe)

    def _elsewhere(self, owner: Resource, type: str) -> bool:
        """A resource of `type` in another template may belong to this one: it imports what is exported of it."""
        if self.importers is None or b"Export" not in self.piece.data:
            return False
        from fsbp_lsp.cloudformation.imports import exported, may_be_same

        names = exported(self, owner.block)
        return bool(names) and any(may_be_same(name, other) for other in self.importers.names(self.path, type) for name in names)

    def exists_with(self, owner: Resource, candidate: Resource) -> Tri:
        """Whether `candidate` exists in every deployment that has `owner` (NO: in none of them)."""
        if not isinstance(candidate, TemplateResource) or candidate._exists is YES:
            return candidate.exists
        if not isinstance(owner, TemplateResource) or not owner.condition or not candidate.condition:
            return candidate.exists
        answer = self.evaluator.implied(candidate.condition, owner.condition)
        if answer is MAYBE:
            self.note(candidate.condition)
        return answer

    def escapes(self, address: str) -> bool:
        """Handed to a nested stack or a module, which may hold companions of its own."""
        if self._handed is None:
            noted, self.evaluator.noted = self.evaluator.noted, None
            self._handed = set()
            for resource in self.resources:
                if resource.type in _NESTED or resource.type.endswith("::MODULE"):
                    mentioned(resource.config, resource.node, self._handed)
            self.evaluator.noted = noted
        return address in self._handed

    # Nested stacks

    def child(self, id: str) -> Template | None:
        """The template a nested stack deploys; None when it is not read, or while this one is being put together."""
        # Whatever scenario it is read in, it deploys the same stacks.
        return self.stacks.child(self._whole, id) if self.stacks is not None and self._ready else None

    def instances(self) -> list[Template]:
        """The templates of all nested stacks that are read, at every depth, in the order of their resources."""
        found: list[Template] = []
        pending = [self]
        while pending:
            here = pending.pop()
            below = [here.child(resource.block) for resource in here.resources if resource.type in _NESTED]
            found.extend(one for one in below if one is not None)
            pending.extend(one for one in reversed(below) if one is not None)
        return found

    @property
    def outputs(self) -> Pairs:
        """The outputs by name, loops unrolled."""
        return self.evaluator.loops.pairs(descend(self.document.root, "Outputs"))

    def puts_out(self, address: str) -> bool:
        """An output mentions the resource, or may, so that what deploys this template may add to it."""
        if self._put_out is None:
            self._put_out = set()
            outputs = self.outputs
            self._puts_more = outputs.open or any(name.startswith("Fn::") for name in outputs.found)
            for _, section in outputs.found.values():
                node = descend(section, "Value")
                if node is not None:
                    mentioned(self.evaluator.evaluate(node), node, self._put_out)
        return self._puts_more or address in self._put_out

    def _output(self, id: str, name: str) -> Value | None:
        from fsbp_lsp.cloudformation.nested import output

        return output(self, id, name)

    # One mark for everything: the piece, and with nested stacks those of all templates that are deployed together

    def token(self, key: tuple[str, ...]) -> object:
        mark = self.piece.serial if self.stacks is None else self.stacks.mark(self._whole)
        return mark if self.importers is None else (mark, self.importers.serial)


def mentioned(value: Value, node: Node, into: set[str]) -> None:
    """Add the resources a value speaks of: those it refers to, and all that are written in what is not known of it."""
    pending = [value]
    whole = True
    while pending:
        for option in pending.pop().options:
            if isinstance(option, Ref):
                into.add(option.address)
            elif isinstance(option, Text):
                into.update(part.address for part in option.parts if isinstance(part, Ref))
                whole = whole and UNKNOWN not in option.parts
            elif isinstance(option, Map):
                whole = whole and not option.open
                pending.extend(option.entries.values())
            elif isinstance(option, Seq):
                whole = whole and not option.open
                pending.extend(option.items)
            elif option is UNKNOWN:
                whole = False
    if not whole:
        into.update(names_below(node))
