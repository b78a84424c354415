"""The transform `AWS::Serverless-2016-10-31`: serverless resources judged as what they become.

A resource made by it is a resource like any other whose values stand where the SAM source has them. What is not
translated exactly is open or unknown; types of which more may be made than is known here are `Plan.unseen`.
Source of the facts: AWS SAM developer guide, "Generated CloudFormation resources"; tests/cloudformation/test_sam_oracle.py
compares with aws-sam-translator.
"""

from __future__ import annotations

from fsbp_lsp.cloudformation.detect import SERVERLESS
from fsbp_lsp.cloudformation.sam import with_globals
from fsbp_lsp.cloudformation.sam_connectors import CONNECTOR, connectors
from fsbp_lsp.cloudformation.sam_functions import function
from fsbp_lsp.cloudformation.sam_parts import Plan, Source
from fsbp_lsp.cloudformation.sam_resources import application, graphql_api, http_api, implicit_apis, layer, rest_api, state_machine, table
from fsbp_lsp.cloudformation.template import TemplateResource
from fsbp_lsp.model.resource import Refusal
from fsbp_lsp.text import Loc
from fsbp_lsp.values import MAYBE, YES, Map, Seq, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.cloudformation.sam_parts import Draft, Notification
    from fsbp_lsp.cloudformation.template import Template
    from fsbp_lsp.model.path import Path

_KINDS: dict[str, Callable[[Plan, Source], None]] = {
    f"{SERVERLESS}Function": function,
    f"{SERVERLESS}StateMachine": state_machine,
    f"{SERVERLESS}Api": rest_api,
    f"{SERVERLESS}HttpApi": http_api,
    f"{SERVERLESS}SimpleTable": table,
    f"{SERVERLESS}LayerVersion": layer,
    f"{SERVERLESS}Application": application,
    f"{SERVERLESS}GraphQLApi": graphql_api,
}
"""In the order of the transform: what comes first keeps its name."""

_ANYTHING = (
    "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::Lambda::Alias", "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping", "AWS::Lambda::Permission", "AWS::Lambda::Url", "AWS::Lambda::Version", "AWS::SNS::Subscription",
    "AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "AWS::SQS::Queue", "AWS::SQS::QueuePolicy",
)  # fmt: skip
"""What a serverless resource this version does not know may become."""


class MadeResource(TemplateResource):
    """What the transform makes of `source`.

    `name` is that of the source, so that suppressions there count; `block` is the logical id it gets.
    """

    __slots__ = ("draft", "source")

    source: TemplateResource
    draft: Draft

    @property
    def made_of(self) -> str:
        return f"{self.type} made of {self.source.type}" + (f" {self.source.block}" if self.source.block != self.block else "")

    @property
    def named(self) -> str:
        return self.source.named

    @property
    def local(self) -> str:
        return f"{self.source.local}{self.block.removeprefix(self.source.block)}" if self.looped else self.block

    def spelled(self, path: Path) -> Path | Refusal:
        if not path:
            return path
        found = self.draft.spelling.source(path)
        if found is not None:
            return found
        what = self.source.type if self.draft.id == self.source.block else f"what becomes {self.draft.id}"
        return Refusal(f"{what} has no property for {path[0]}")


def expand(template: Template, written: list[TemplateResource]) -> tuple[list[TemplateResource], Plan]:
    """The resources with each serverless one replaced by what it becomes, and the plan that says what else there may be."""
    sources: dict[str, Source] = {}
    plan = Plan(sources, template.evaluator.types)
    for resource in written:
        if resource.type in _KINDS:
            body = resource.config.only
            sources[resource.block] = Source(resource, resource.block, body if isinstance(body, Map) else Map({}, True), resource.header)
        elif resource.type.startswith(SERVERLESS) and resource.type != CONNECTOR:
            plan.unseen.update(_ANYTHING)
    for kind, make in _KINDS.items():
        for source in sources.values():
            if source.resource.type == kind:
                make(plan, source)
    implicit_apis(plan, lambda type: _shared(template, type))
    inside = connectors(template, plan, written)
    made: dict[str, list[TemplateResource]] = {}
    for source, draft in plan.drafts:
        made.setdefault(source.id, []).append(_resource(template, source.resource, draft))
    found: list[TemplateResource] = []
    for resource in written:
        found.extend(made.get(resource.block, [resource]))
        for id in inside.get(resource.block, ()):
            found.extend(made.get(id, []))
    return found, plan


def _shared(template: Template, type: str) -> Map:
    return with_globals(template.evaluator, template.document.root, type, None, Map({}, template.evaluator.open))


def _resource(template: Template, source: TemplateResource, draft: Draft) -> MadeResource:
    at, extent = draft.at, source.extent
    keys = {name: loc for name, loc in _keys(source).items() if name in draft.properties}
    config = Value((Map(draft.properties, draft.open, None, keys),), at)
    exists = source.exists if draft.certain else MAYBE
    if draft.alone:
        exists = YES if draft.certain else MAYBE
    header = source.header if draft.id == source.block else Loc(at.piece, *at.rel)
    made = MadeResource(template.dialect, template, draft.type, source.name, draft.id, header, extent, lambda: config, exists=exists)
    made.source = source
    made.draft = draft
    made.node = source.node
    made.looped = source.looped
    made.pairs = source.pairs
    made.condition = source.condition if draft.certain and not draft.alone else ""
    return made


def _keys(source: TemplateResource) -> dict[str, Loc]:
    body = source.config.only
    return body.keys if isinstance(body, Map) else {}


def with_additions(value: Value, notifications: list[Notification], touched: set[str]) -> Value:
    """The config of a written resource with what events of functions add to it."""
    body = value.only
    if not isinstance(body, Map):
        return value
    entries = dict(body.entries)
    for name in touched:
        entries[name] = Value.unknown(value.at, f"the transform adds to {name}")
    if notifications and "NotificationConfiguration" not in touched:
        entries["NotificationConfiguration"] = _notified(body.get("NotificationConfiguration"), notifications, value)
    return Value((Map(entries, body.open, body.node, body.keys),), value.at, value.origins, value.node)


def _notified(written: Value, notifications: list[Notification], owner: Value) -> Value:
    config = written.only if written.written and written.only is not None else Map({})
    if not isinstance(config, Map):
        return Value.unknown(written.at, "the transform adds notifications")
    lambdas = config.get("LambdaConfigurations")
    own = lambdas.only if lambdas.written and lambdas.only is not None else Seq(())
    added = tuple(item for one in notifications for item in one.items)
    certain = all(one.certain for one in notifications)
    at = written.at or (added[0].at if added else owner.at)
    items = Seq((*own.items, *added), own.open or not certain) if isinstance(own, Seq) else Seq(added, True)
    return Value(
        (Map({**config.entries, "LambdaConfigurations": Value((items,), at)}, config.open, config.node, config.keys),), at, (), written.node
    )
