"""Connectors: `AWS::Serverless::Connector`, and the `Connectors` of a resource, as the policies and permissions they become.

What is not written out (an end under Fn::If, a role that cannot be told) leaves the types a connector may become unseen.
"""

from __future__ import annotations

from fsbp_lsp.cloudformation.detect import SERVERLESS
from fsbp_lsp.cloudformation.sam_connections import (
    BUCKET,
    COMBINATIONS,
    FUNCTION,
    GRAPHQL_API,
    HTTP_API,
    INVOKES,
    MACHINE,
    OF_DESTINATION,
    OF_SOURCE,
    QUEUE,
    REST_API,
    SENDS,
    SOURCE,
    TABLE,
    TOPIC,
)
from fsbp_lsp.cloudformation.sam_parts import Draft, Source, fixed, listed, literal, mapping, reference
from fsbp_lsp.cloudformation.sam_policies import filled
from fsbp_lsp.values import ABSENT, Map, Ref, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from fsbp_lsp.cloudformation.sam_parts import Plan
    from fsbp_lsp.cloudformation.template import Template, TemplateResource
    from fsbp_lsp.text import Loc

CONNECTOR = f"{SERVERLESS}Connector"
_MADE = ("AWS::IAM::ManagedPolicy", "AWS::Lambda::Permission", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy")
"""What a connector becomes, depending on what it connects."""
_BECOMES = {
    f"{SERVERLESS}Function": FUNCTION,
    f"{SERVERLESS}StateMachine": MACHINE,
    f"{SERVERLESS}Api": REST_API,
    f"{SERVERLESS}HttpApi": HTTP_API,
    f"{SERVERLESS}SimpleTable": TABLE,
}
"""The type that stands for a serverless one where a connector names types."""
_ROLES = {FUNCTION: "Role", MACHINE: "RoleArn", SOURCE: "ServiceRoleArn"}
_BY_REF = (MACHINE, GRAPHQL_API, SOURCE, TOPIC)
"""Types whose `Ref` is their ARN."""


class End:
    """One end of a connector. named: what it is known by in the policies: Arn, Name, ResourceId, Qualifier. role: of its Ref."""

    __slots__ = ("named", "role", "type", "url")

    def __init__(self, type: str, named: dict[str, Value], role: Value, url: Value) -> None:
        self.type = type
        self.named = named
        self.role = role
        self.url = url


def connectors(template: Template, plan: Plan, written: list[TemplateResource]) -> dict[str, list[str]]:
    """Add what all connectors become. The ids of those written inside a resource, by the logical id of it."""
    ends = _Ends(template, plan, written)
    inside: dict[str, list[str]] = {}
    for resource in written:
        if resource.type == CONNECTOR:
            body = resource.config.only
            properties = body if isinstance(body, Map) else Map({}, True)
            _connect(plan, ends, Source(resource, resource.block, properties, resource.header), None)
        pair = resource.pairs.get("Connectors")
        if pair is None:
            continue
        value = mapping(template.inside(resource, lambda node=pair[1]: template.evaluator.evaluate(node)))
        if value is None or value.open:
            plan.unseen.update(_MADE)
        for name, entry in value.entries.items() if value is not None else ():
            one = mapping(entry)
            found = mapping(one.get("Properties")) if one is not None else None
            if one is None or found is None or one.open or one.entries.keys() - {"Properties", "DependsOn", "Metadata"}:
                plan.unseen.update(_MADE)
                continue
            at = (value.keys.get(name) if value is not None else None) or resource.header
            source = Source(resource, f"{resource.block}{name}", found, at)
            inside.setdefault(resource.block, []).append(source.id)
            _connect(plan, ends, source, resource)
    return inside


def _connect(plan: Plan, ends: _Ends, source: Source, owner: TemplateResource | None) -> None:
    """owner: the resource a connector is written in, which is its source."""
    body = source.body
    wanted = listed(body.get("Permissions"))
    permissions = {literal(item) for item in wanted.items} if wanted is not None and not wanted.open else set()
    start = mapping(body.get("Source")) if owner is None else _within(owner, body.get("SourceReference"), source.at)
    targets = listed(body.get("Destination"))
    destinations = [body.get("Destination")] if targets is None else list(targets.items)
    several = targets is not None
    done = not body.open and start is not None and bool(destinations) and (targets is None or not targets.open)
    for number, value in enumerate(destinations):
        finish = mapping(value)
        if start is None or finish is None or not permissions or not permissions <= {"Read", "Write"}:
            done = False
            continue
        one, other = ends.end(start, source.at), ends.end(finish, source.at)
        drafts = _drafts(source, one, other, permissions, f"Destination{number}" if several else "") if one and other else []
        done = done and bool(drafts)
        for draft in drafts:
            draft.alone = owner is not None
            plan.add(source, draft)
    if not done:
        plan.unseen.update(_MADE)


def _within(owner: TemplateResource, given: Value, at: Loc) -> Map | None:
    """The source of a connector that is written inside of it."""
    more = Map({}) if given.options == (ABSENT,) else mapping(given)
    if more is None or more.open or "Id" in more.entries:
        return None
    return Map({"Id": fixed(owner.block, at), **more.entries})


class _Ends:
    """Finds what a connector connects."""

    def __init__(self, template: Template, plan: Plan, written: list[TemplateResource]) -> None:
        self._plan = plan
        self._written = {resource.block: resource for resource in written}
        self._types = template.evaluator.types

    def end(self, given: Map, at: Loc) -> End | None:
        """None when it cannot be told what is meant."""
        if given.open:
            return None
        if "Id" not in given.entries:
            type = literal(given.get("Type"))
            if not isinstance(type, str):
                return None
            return End(
                _BECOMES.get(type, type), _kept(given), _or_unknown(given.get("RoleName"), at), _or_unknown(given.get("QueueUrl"), at)
            )
        id = literal(given.get("Id"))
        if not isinstance(id, str) or given.entries.keys() - {"Id", "Qualifier"}:
            return None
        made = self._plan.ids.get(id)
        draft = self._plan.drafts[made][1] if made is not None else None
        written = self._written.get(id)
        type = draft.type if draft is not None else self._types.get(id, "") if written is not None else ""
        if not type or type.startswith(SERVERLESS):
            return None
        named = {"Arn": reference(id, at, "Ref" if type in _BY_REF else "Arn"), "Name": reference(id, at, "Name")}
        named["ResourceId"] = reference(id, at, "ApiId" if type == GRAPHQL_API else "Ref")
        named["Qualifier"] = given.entries.get("Qualifier", fixed("*", at))
        role = Value.unknown(at, "the role of what is connected")
        if type in _ROLES:
            own = draft.properties.get(_ROLES[type]) if draft is not None else written.config.child(_ROLES[type]) if written else None
            raw = own.raw if own is not None else None
            if isinstance(raw, Ref):
                role = reference(raw.address, at)
        return End(type, named, role, reference(id, at))


def _kept(given: Map) -> dict[str, Value]:
    return {name: value for name, value in given.entries.items() if value.options != (ABSENT,)}


def _or_unknown(value: Value, at: Loc) -> Value:
    return Value.unknown(at, "not said") if value.options == (ABSENT,) else value


def _drafts(source: Source, start: End, finish: End, permissions: set[object], suffix: str) -> list[Draft]:
    """What connecting two ends comes to; empty for what SAM does not connect so."""
    at, types = source.at, (start.type, finish.type)
    names = {f"Source.{name}": value for name, value in start.named.items()}
    given = Map({**names, **{f"Destination.{name}": value for name, value in finish.named.items()}})
    access, role = OF_SOURCE.get(types), start.role
    if access is None:
        access, role = OF_DESTINATION.get(types), finish.role
    if access is not None:
        if not permissions <= access.keys() or permissions not in COMBINATIONS.get(types, (permissions,)):
            return []
        allowed: list[dict[str, Any]] = [
            {"Effect": "Allow", "Action": actions.split(), "Resource": [filled(text, given, at) for text in resources.split()]}
            for name, statements in access.items()
            if name in permissions
            for actions, resources in statements
        ]
        return [
            Draft(
                "AWS::IAM::ManagedPolicy",
                f"{source.id}Policy{suffix}",
                at,
                {"PolicyDocument": _document(allowed, at), "Roles": fixed([role], at)},
            )
        ]
    if permissions != {"Write"}:
        return []
    if finish.type == FUNCTION and start.type in INVOKES:
        service, arn = INVOKES[start.type]
        body = {
            "Action": fixed("lambda:InvokeFunction", at),
            "FunctionName": filled("${Destination.Arn}", given, at),
            "Principal": fixed(service, at),
            "SourceArn": filled(arn, given, at),
        }
        if start.type == BUCKET:
            body["SourceAccount"] = reference("AWS::AccountId", at)
        return [Draft("AWS::Lambda::Permission", f"{source.id}WriteLambdaPermission{suffix}", at, body)]
    if types not in SENDS:
        return []
    service, action = SENDS[types]
    target = filled("${Destination.Arn}", given, at)
    condition = {"ArnEquals": {"aws:SourceArn": filled("${Source.Arn}", given, at)}}
    one: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Resource": target,
        "Action": action,
        "Condition": condition,
    }
    if finish.type == QUEUE:
        queue = {"PolicyDocument": _document([one], at), "Queues": fixed([finish.url], at)}
        return [Draft("AWS::SQS::QueuePolicy", f"{source.id}QueuePolicy{suffix}", at, queue)]
    topic = {"PolicyDocument": _document([one], at), "Topics": fixed([target], at)}
    return [Draft("AWS::SNS::TopicPolicy", f"{source.id}TopicPolicy{suffix}", at, topic)]


def _document(statements: list[dict[str, Any]], at: Loc) -> Value:
    return fixed({"Version": "2012-10-17", "Statement": statements}, at)
