"""A template as a module: its resources, what links them, and how surely what is missing is missing."""

from __future__ import annotations

from fsbp_lsp.cloudformation.detect import SERVERLESS, is_sam, is_type
from fsbp_lsp.cloudformation.ignores import comment_ignores, metadata_ignores
from fsbp_lsp.cloudformation.intrinsics import Evaluator
from fsbp_lsp.cloudformation.shape import descend, items_of, mapping_of, pairs_of, text_of, untagged
from fsbp_lsp.model.resource import Module, Problem, Resource, points_at, read_path
from fsbp_lsp.syntax.tree import Mapping
from fsbp_lsp.text import Loc
from fsbp_lsp.values import ABSENT, MAYBE, NO, YES, Items, Map, Ref, Seq, Text, Tri, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from fsbp_lsp.cloudformation.nested import Nested, Stacks
    from fsbp_lsp.cloudformation.sam_parts import Plan
    from fsbp_lsp.model.path import Path
    from fsbp_lsp.model.resource import CallSite, Dialect, IgnoreComment, Refusal
    from fsbp_lsp.syntax.tree import Document, Node
    from fsbp_lsp.text import Piece, SourceFile

_HARMLESS = ("AWS::Serverless-", "AWS::LanguageExtensions", "AWS::SecretsManager-", "AWS::CodeDeployBlueGreen")
"""Transforms that leave the written resources of other types alone."""
_NESTED = ("AWS::CloudFormation::Stack", "AWS::Serverless::Application")


class TemplateResource(Resource):
    """A resource of a template.

    node: the mapping of Type, Properties and the rest. condition: the name in its `Condition`, '' when none.
    """

    __slots__ = ("condition", "node", "pairs")

    node: Mapping
    condition: str
    pairs: dict[str, tuple[Node, Node]]
    module: Template

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
        self, dialect: Dialect, piece: Piece, document: Document, stacks: Stacks | None = None, nested: Nested | None = None
    ) -> None:
        """stacks: the templates of nested stacks, None when they cannot be read. nested: the stack this one is, None for a root."""
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
        written = self._written(descend(root, "Resources"))
        types = {name: text_of(pairs["Type"][1]) or "" if "Type" in pairs else "" for name, _, _, pairs in written}
        self.evaluator = Evaluator(piece, document, types, self.sam or self.partial, macro)
        if nested is not None:
            nested.give(self.evaluator)
        if stacks is not None:
            self.evaluator.outputs = self._output
        found: list[TemplateResource] = []
        ignores: list[IgnoreComment] = comment_ignores(piece, document)
        suppressed = b"ignore" in piece.data and b"fsbp" in piece.data
        if suppressed:
            ignores.extend(metadata_ignores(piece, root, ""))
        for name, key, node, pairs in written:
            resource = self._resource(name, key, node, pairs, types[name])
            if resource is not None:
                found.append(resource)
                if suppressed:
                    ignores.extend(metadata_ignores(piece, node, name))
        self.ignores = tuple(ignores)
        self.plan: Plan | None = None
        if self.sam and any(resource.type.startswith(SERVERLESS) or "Connectors" in resource.pairs for resource in found):
            from fsbp_lsp.cloudformation.sam_expand import expand

            found, self.plan = expand(self, found)
        self.resources: tuple[TemplateResource, ...] = tuple(found)
        self._by_name = {resource.block: resource for resource in found}
        self._by_type: dict[str, list[Resource]] = {}
        for resource in found:
            self._by_type.setdefault(resource.type, []).append(resource)
        if nested is not None:
            for resource in found:
                resource.address = nested.prefix + resource.block
        if stacks is not None:
            self.calls = tuple(resource.header for resource in found if resource.type in _NESTED)
        self._handed: set[str] | None = None
        self._put_out: set[str] | None = None
        self._ready = True

    def _written(self, section: Node | None) -> list[tuple[str, Node, Mapping, dict[str, tuple[Node, Node]]]]:
        """(logical id, its key, its mapping, the pairs in there) of everything that can be read as a resource."""
        out: list[tuple[str, Node, Mapping, dict[str, tuple[Node, Node]]]] = []
        mapping = mapping_of(section)
        if mapping is None:
            self.partial = self.partial or (section is not None and not untagged(section))
            return out
        pairs = pairs_of(mapping)
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
            out.append((name, key, node, members))
        return out

    def _resource(self, name: str, key: Node, node: Mapping, pairs: dict[str, tuple[Node, Node]], type: str) -> TemplateResource | None:
        if not type:
            return None
        exists = YES
        condition = ""
        if "Condition" in pairs:
            condition = text_of(pairs["Condition"][1]) or ""
            exists = self.evaluator.exists(condition) if condition else MAYBE
            if exists is NO:
                return None
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
            merged = self.inside(resource, lambda: Value((with_globals(self.evaluator, root, resource.type, resource.node, own),)))
            return Value(merged.options, value.at, value.origins, value.node)
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
        for candidate in self.of(type):
            answer = points_at(read_path(candidate.config, by), owner, owner_name)
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
        return Items(tuple(found), maybe)

    def exists_with(self, owner: Resource, candidate: Resource) -> Tri:
        """Whether `candidate` exists in every deployment that has `owner` (NO: in none of them)."""
        if candidate.exists is YES:
            return YES
        if not isinstance(owner, TemplateResource) or not isinstance(candidate, TemplateResource):
            return MAYBE
        if not owner.condition or not candidate.condition:
            return MAYBE
        return self.evaluator.implied(candidate.condition, owner.condition)

    def escapes(self, address: str) -> bool:
        """Handed to a nested stack or a module, which may hold companions of its own."""
        if self._handed is None:
            self._handed = set()
            for resource in self.resources:
                if resource.type in _NESTED or resource.type.endswith("::MODULE") or resource.type == SERVERLESS + "Connector":
                    _addresses(resource.config, self._handed)
        return address in self._handed

    # Nested stacks

    def child(self, id: str) -> Template | None:
        """The template a nested stack deploys; None when it is not read, or while this one is being put together."""
        return self.stacks.child(self, id) if self.stacks is not None and self._ready else None

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

    def puts_out(self, address: str) -> bool:
        """An output mentions the resource, so that what deploys this template may add to it."""
        if self._put_out is None:
            self._put_out = set()
            outputs = mapping_of(descend(self.document.root, "Outputs"))
            for _, section in pairs_of(outputs).found.values() if outputs is not None else ():
                node = descend(section, "Value")
                if node is not None:
                    _addresses(self.evaluator.evaluate(node), self._put_out)
        return address in self._put_out

    def _output(self, id: str, name: str) -> Value | None:
        from fsbp_lsp.cloudformation.nested import output

        return output(self, id, name)

    # One piece, one mark

    def token(self, key: tuple[str, ...]) -> int:
        return self.piece.serial


def _addresses(value: Value, into: set[str]) -> None:
    pending = [value]
    while pending:
        for option in pending.pop().options:
            if isinstance(option, Ref):
                into.add(option.address)
            elif isinstance(option, Text):
                into.update(part.address for part in option.parts if isinstance(part, Ref))
            elif isinstance(option, Map):
                pending.extend(option.entries.values())
            elif isinstance(option, Seq):
                pending.extend(option.items)
