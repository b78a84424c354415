"""CloudFormation as a dialect of the model: the writers in `write`, and JSON text read as a document."""

from __future__ import annotations

import re

from fsbp_lsp.cloudformation.jsontext import decode_json
from fsbp_lsp.model.resource import Dialect, Refusal
from fsbp_lsp.syntax.tree import Document, Mapping, Node, Scalar
from fsbp_lsp.syntax.tree import Sequence as Tree
from fsbp_lsp.values import Seq

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from fsbp_lsp.model.path import Path
    from fsbp_lsp.model.resource import Resource
    from fsbp_lsp.model.wording import Words
    from fsbp_lsp.text import Edit, Loc, Piece
    from fsbp_lsp.values import Value

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")


class CloudFormationDialect(Dialect):
    name = "cloudformation"

    def put(self, resource: Resource, path: Path, want: Any) -> tuple[Edit, ...] | Refusal:
        from fsbp_lsp.cloudformation import write

        place = _place(resource, path)
        return place if isinstance(place, Refusal) else write.put(*place, want, _chosen(resource))

    def replace(self, at: Loc, want: Any, node: object = None) -> tuple[Edit, ...] | Refusal:
        from fsbp_lsp.cloudformation import write

        document = at.piece.tree
        if not isinstance(document, Document):
            return Refusal("not in a template")
        return write.replace(at.piece, document, node if isinstance(node, Node) else at.rel, want)

    def remove(self, resource: Resource, path: Path) -> tuple[Edit, ...] | Refusal:
        from fsbp_lsp.cloudformation import write

        place = _place(resource, path)
        return place if isinstance(place, Refusal) else write.remove(*place)

    def insert_resource(self, after: Resource, type: str, name: str, body: Sequence[tuple[Any, Any]]) -> tuple[Edit, ...] | Refusal:
        from fsbp_lsp.cloudformation import write

        place = _place(after, ())
        if isinstance(place, Refusal):
            return place
        needed = _needed(after)
        if needed:
            return Refusal(f"wanted only where {needed}")
        return write.insert_resource(place[0], place[1], after.name, type, name, body, _condition(after))

    def append(self, resource: Resource, path: Path, want: dict[str, Any]) -> tuple[Edit, ...] | Refusal:
        from fsbp_lsp.cloudformation import write

        place = _place(resource, path)
        return place if isinstance(place, Refusal) else write.append(*place, want, _chosen(resource))

    def insert_ignore(self, resource: Resource, at: Loc, ids: Sequence[str], reason: str, until: str = "") -> tuple[Edit, ...] | Refusal:
        from fsbp_lsp.cloudformation import write

        place = _place(resource, ())
        if isinstance(place, Refusal):
            return place
        if at.piece is not place[0]:
            return Refusal("not in the template of this resource")
        return write.insert_ignore(*place[:3], at.rel[0], ids, reason, until)

    def decode_json(self, value: Value) -> Value:
        return decode_json(value)

    def words(self, value: Value, repeated: bool = False) -> Words | None:
        from fsbp_lsp.cloudformation.domains import call_of
        from fsbp_lsp.cloudformation.strings import sub_parts

        node = value.node
        call = call_of(node) if isinstance(node, Node) else None
        if call is None or not isinstance(call[1], Scalar):
            return None
        name, argument = call[0], call[1].text
        made = [(True, argument)] if name == "Ref" else sub_parts(argument) if name == "Sub" else []
        return made if made and all(text for _named, text in made) else None

    def noun(self, resource: Resource) -> str:
        """`AWS::S3::Bucket` is a bucket, `AWS::RDS::DBInstance` a DB instance."""
        return noun(resource.type)


def noun(type: str) -> str:
    """The last part of a type name as words; abbreviations keep their capitals."""
    last = type.removesuffix("::MODULE").rsplit("::", 1)[-1]
    words = _WORDS.findall(last) or [last]
    return " ".join(word if len(word) > 1 and word.isupper() else word.lower() for word in words)


def _place(resource: Resource, path: Path) -> tuple[Piece, Document, Mapping, Path] | Refusal:
    """What the writers need to find `path` of a resource in its source; a Refusal when the source has no such place."""
    from fsbp_lsp.cloudformation.template import TemplateResource

    if not isinstance(resource, TemplateResource):
        return Refusal("not a resource of a template")
    value = resource.config
    for step in path:
        datum = value.only
        if isinstance(step, int):
            if not isinstance(datum, Seq):
                break
            written = datum.node.items if isinstance(datum.node, Tree) else []
            if step >= len(datum.items) or len(written) != len(datum.items) or datum.items[step].node is not written[step]:
                return Refusal("the list is put together from several places")
            value = datum.items[step]
        elif isinstance(step, str):
            value = value.child(step)
        else:
            break
    module = resource.module
    spelled = resource.spelled(path)
    return spelled if isinstance(spelled, Refusal) else (module.piece, module.document, resource.node, spelled)


def _chosen(resource: Resource) -> Callable[[Node], Node]:
    """Which branch of an Fn::If is meant, for a resource read in a scenario."""
    from fsbp_lsp.cloudformation.template import TemplateResource

    if not isinstance(resource, TemplateResource) or not resource.module.evaluator.scenario:
        return lambda node: node
    evaluator = resource.module.evaluator
    known = {**evaluator.scenario, resource.condition: True} if resource.condition else evaluator.scenario
    return lambda node: evaluator.chosen(node, known)


def _needed(resource: Resource) -> str:
    """The scenario a resource was read in, in words; '' when it is all of its own condition."""
    from fsbp_lsp.cloudformation.template import TemplateResource

    scenario = resource.module.evaluator.scenario if isinstance(resource, TemplateResource) else {}
    return " and ".join(f"{name} is {'true' if truth else 'false'}" for name, truth in scenario.items())


def _condition(resource: Resource) -> str:
    from fsbp_lsp.cloudformation.template import TemplateResource

    return resource.condition if isinstance(resource, TemplateResource) else ""


CLOUDFORMATION = CloudFormationDialect()
