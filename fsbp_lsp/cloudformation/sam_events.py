"""What the events of a serverless function become: permissions, mappings, rules, subscriptions, queues and their policies."""

from __future__ import annotations

import re

from fsbp_lsp.cloudformation.sam_parts import Draft, Notification, fixed, given, listed, literal, mapping, named_resource, reference
from fsbp_lsp.cloudformation.sam_parts import arn as own_arn
from fsbp_lsp.cloudformation.sam_policies import assume_role, may_pass_tags, propagated, statement
from fsbp_lsp.values import ABSENT, UNKNOWN, Map, Ref, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from fsbp_lsp.cloudformation.sam_parts import Plan, Source
    from fsbp_lsp.cloudformation.sam_policies import Role
    from fsbp_lsp.text import Loc

MADE = frozenset(
    {
        "AWS::Events::Rule",
        "AWS::IAM::Role",
        "AWS::IoT::TopicRule",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Permission",
        "AWS::Logs::SubscriptionFilter",
        "AWS::SNS::Subscription",
        "AWS::SQS::Queue",
        "AWS::SQS::QueuePolicy",
        "AWS::Scheduler::Schedule",
    }
)
"""All that events become."""

_PARAMETER = re.compile(r"\{[a-zA-Z0-9._-]+\+?\}")
_HTTP_PARAMETER = re.compile(r"\{(?:[a-zA-Z0-9._-]+|proxy\+)\}")
IMPLICIT_API = "ServerlessRestApi"
IMPLICIT_HTTP_API = "ServerlessHttpApi"


class Event:
    """One event of a function or state machine.

    id: of what it becomes. name: the key it is written under. at: that key. body: its Properties.
    """

    __slots__ = ("at", "body", "id", "name", "source", "type")

    def __init__(self, source: Source, name: str, type: str, body: Map, at: Loc) -> None:
        self.source = source
        self.name = name
        self.type = type
        self.body = body
        self.at = at
        self.id = source.id + name

    def get(self, name: str) -> Value:
        return self.body.get(name)

    def has(self, name: str) -> bool:
        return name in self.body.entries and self.body.entries[name].options != (ABSENT,)

    def passed(self, *names: str) -> dict[str, Value]:
        return {name: self.body.entries[name] for name in names if name in self.body.entries}


class Target:
    """What events invoke: the function, or the alias that is published for it."""

    __slots__ = ("arn", "name", "role")

    def __init__(self, name: Value, arn: Value, role: Role) -> None:
        self.name = name
        self.arn = arn
        self.role = role


def events_of(plan: Plan, source: Source, made: frozenset[str] = MADE) -> list[Event]:
    """The events that are written out; what the others become is noted as unseen."""
    known = plan.events.get(source.id)
    if known is None:
        known = plan.events[source.id] = list(_events(plan, source, made))
    return known


def _events(plan: Plan, source: Source, made: frozenset[str]) -> Iterator[Event]:
    value = source.get("Events")
    written = mapping(value)
    if written is None:
        if value.options != (ABSENT,):
            plan.unseen.update(made)
        return
    if written.open:
        plan.unseen.update(made)
    for name, entry in written.entries.items():
        event = mapping(entry)
        at = written.keys.get(name) or entry.at or source.at
        type = literal(event.get("Type")) if event is not None else None
        body = event.get("Properties") if event is not None else entry
        properties = Map({}) if body.options == (ABSENT,) or body.only is None else mapping(body)
        if not isinstance(type, str) or properties is None:
            plan.unseen.update(made)
            continue
        yield Event(source, name, type, properties, at)


def add_event(plan: Plan, event: Event, target: Target) -> None:
    """Add what one event of a function becomes."""
    make = _EVENTS.get(event.type)
    if make is None:
        # A type of event this version does not know.
        plan.unseen.update(MADE)
        target.role.policies_open = target.role.managed_open = True
    else:
        make(plan, event, target)


def _add(plan: Plan, event: Event, type: str, id: str, made: dict[str, Value], *, certain: bool = True) -> None:
    body = given(made)
    plan.add(event.source, Draft(type, id, event.at, propagated(event.source, body), open=event.body.open, certain=certain))


def _permission(plan: Plan, event: Event, target: Target, principal: str, suffix: str = "", prefix: str = "", **more: Value) -> None:
    made = {
        "Action": fixed("lambda:InvokeFunction", event.at),
        "FunctionName": target.name,
        "Principal": fixed(principal, event.at),
        **given(more),
    }
    id = f"{prefix or event.id}Permission{suffix}"
    plan.add(event.source, Draft("AWS::Lambda::Permission", id, event.at, made))


# Buckets, topics, queues and streams


def _s3(plan: Plan, event: Event, target: Target) -> None:
    _permission(plan, event, target, "s3.amazonaws.com", SourceAccount=reference("AWS::AccountId", event.at))
    bucket = named_resource(event.get("Bucket"))
    if not bucket:
        plan.touched["AWS::S3::Bucket"] = {"NotificationConfiguration", "Tags"}
        return
    kinds = event.get("Events")
    several = listed(kinds)
    chosen = list(several.items) if several is not None else [kinds]
    made = []
    for kind in chosen:
        entries = {"Event": kind, "Function": target.arn}
        if event.has("Filter"):
            entries["Filter"] = event.get("Filter")
        made.append(Value((Map(entries, event.body.open),), kind.at or event.at))
    certain = not event.source.conditional and (several is None or not several.open) and len(kinds.options) == 1
    plan.notifications.setdefault(bucket, []).append(Notification(tuple(made), certain))
    if event.source.conditional or may_pass_tags(event.source):
        # The bucket waits for a conditional permission by way of a tag.
        plan.touched.setdefault(bucket, set()).add("Tags")


def _sns(plan: Plan, event: Event, target: Target) -> None:
    topic = event.get("Topic")
    queue = event.get("SqsSubscription")
    made = {
        "TopicArn": topic,
        **event.passed("Region", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy"),
    }
    existing = mapping(queue)
    if queue.options == (ABSENT,) or literal(queue) is False:
        _permission(plan, event, target, "sns.amazonaws.com", SourceArn=topic)
        made |= {"Protocol": fixed("lambda", event.at), "Endpoint": target.arn}
    elif literal(queue) is True:
        arn, url = reference(f"{event.id}Queue", event.at, "Arn"), reference(f"{event.id}Queue", event.at)
        fifo = Value.unknown(event.at, "whether the topic is a FIFO topic")
        _add(plan, event, "AWS::SQS::Queue", f"{event.id}Queue", {"FifoQueue": fifo})
        _queue_policy(plan, event, f"{event.id}QueuePolicy", "*", topic, arn, url)
        _mapping_of_queue(plan, event, target, arn)
        made |= {"Protocol": fixed("sqs", event.at), "Endpoint": arn}
    elif existing is not None:
        arn, url = existing.get("QueueArn"), existing.get("QueueUrl")
        id = literal(existing.get("QueuePolicyLogicalId"))
        _queue_policy(plan, event, id if isinstance(id, str) else f"{event.id}QueuePolicy", "*", topic, arn, url)
        _mapping_of_queue(plan, event, target, arn, existing.get("BatchSize"))
        made |= {"Protocol": fixed("sqs", event.at), "Endpoint": arn}
    else:
        plan.unseen.update(MADE)
        return
    _add(plan, event, "AWS::SNS::Subscription", event.id, made)


def _queue_policy(plan: Plan, event: Event, id: str, principal: Any, source: Value, queue_arn: Value, queue_url: Value) -> None:
    """The policy that lets a topic or a rule send to a queue."""
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Action": "sqs:SendMessage",
                "Effect": "Allow",
                "Principal": principal,
                "Resource": queue_arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": source}},
            }
        ],
    }
    made = {"PolicyDocument": fixed(document, event.at), "Queues": fixed([queue_url], event.at)}
    plan.add(event.source, Draft("AWS::SQS::QueuePolicy", id, event.at, made))


def _mapping_of_queue(plan: Plan, event: Event, target: Target, queue: Value, size: Value | None = None) -> None:
    size = fixed(10, event.at) if size is None or size.options == (ABSENT,) else size
    made = {"EventSourceArn": queue, "FunctionName": target.name, "BatchSize": size, "Enabled": fixed(True, event.at)}
    _add(plan, event, "AWS::Lambda::EventSourceMapping", f"{event.id}EventSourceMapping", made)
    target.role.manage("service-role/AWSLambdaSQSQueueExecutionRole")


_PULLED = (
    "BatchSize", "BisectBatchOnFunctionError", "Enabled", "FilterCriteria", "FunctionResponseTypes", "KmsKeyArn", "LoggingConfig",
    "MaximumBatchingWindowInSeconds", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts", "MetricsConfig", "ParallelizationFactor",
    "ProvisionedPollerConfig", "Queues", "ScalingConfig", "SourceAccessConfigurations", "StartingPosition", "StartingPositionTimestamp",
    "Topics", "TumblingWindowInSeconds",
)  # fmt: skip
_PULLS = {
    "Kinesis": ("Stream", "service-role/AWSLambdaKinesisExecutionRole"),
    "DynamoDB": ("Stream", "service-role/AWSLambdaDynamoDBExecutionRole"),
    "SQS": ("Queue", "service-role/AWSLambdaSQSQueueExecutionRole"),
    "MSK": ("Stream", "service-role/AWSLambdaMSKExecutionRole"),
    "MQ": ("Broker", ""),
    "SelfManagedKafka": ("", ""),
    "DocumentDB": ("Cluster", ""),
}


def _pull(plan: Plan, event: Event, target: Target) -> None:
    origin, policy = _PULLS[event.type]
    made = {"FunctionName": target.name, **event.passed(*_PULLED)}
    if origin:
        made["EventSourceArn"] = event.get(origin)
    for name in ("DestinationConfig", "DocumentDBEventSourceConfig", "AmazonManagedKafkaEventSourceConfig"):
        if name == "DestinationConfig" and not event.has(name):
            continue
        if name != "DestinationConfig" and event.type not in ("DocumentDB", "MSK"):
            continue
        made[name] = Value.unknown(event.at, "put together by the transform")
    if event.type == "SelfManagedKafka":
        made["SelfManagedEventSource"] = made["SelfManagedKafkaEventSourceConfig"] = Value.unknown(event.at)
    _add(plan, event, "AWS::Lambda::EventSourceMapping", event.id, made)
    if policy:
        target.role.manage(policy)
    if not policy or event.has("DestinationConfig") or event.has("SourceAccessConfigurations") or event.body.open:
        target.role.policies_open = True


# Rules and schedules


def dead_letters(plan: Plan, event: Event, made_by: Value, *, policy: bool = True) -> Value | None:
    """The ARN of the queue for what cannot be delivered; None without one. Makes the queue when only its type is given."""
    config = event.get("DeadLetterConfig")
    if config.options == (ABSENT,):
        return None
    written = mapping(config)
    if written is None or written.open:
        plan.unseen.update(("AWS::SQS::Queue", "AWS::SQS::QueuePolicy"))
        return Value.unknown(event.at)
    if "Arn" in written.entries:
        return written.get("Arn")
    named = literal(written.get("QueueLogicalId"))
    id = named if isinstance(named, str) and named else f"{event.id}Queue"
    _add(plan, event, "AWS::SQS::Queue", id, {})
    arn = reference(id, event.at, "Arn")
    if policy:
        service = {"Service": "events.amazonaws.com"}
        _queue_policy(plan, event, f"{event.id}QueuePolicy", service, made_by, arn, reference(id, event.at))
    return arn


def add_rule(plan: Plan, event: Event, target: Value, role: Value | None) -> None:
    """The rule of a schedule or pattern, its queue for dead letters included."""
    schedule = event.type == "Schedule"
    made: dict[str, Value] = event.passed("State")
    if schedule:
        made |= {"ScheduleExpression": event.get("Schedule"), **event.passed("Name", "Description")}
    else:
        made |= {"EventPattern": event.get("Pattern"), "Name": event.get("RuleName"), **event.passed("EventBusName")}
    if event.has("Enabled"):
        enabled = literal(event.get("Enabled"))
        made["State"] = fixed("ENABLED" if enabled else "DISABLED", event.at) if isinstance(enabled, bool) else Value.unknown(event.at)
    entry = {"Arn": target, "Id": Value.unknown(event.at), **event.passed("Input", "RetryPolicy")}
    if not schedule:
        entry |= event.passed("InputPath", "InputTransformer")
    if role is not None:
        entry["RoleArn"] = role
    queue = dead_letters(plan, event, reference(event.id, event.at, "Arn"))
    if queue is not None:
        entry["DeadLetterConfig"] = fixed({"Arn": queue}, event.at)
    made["Targets"] = fixed([entry], event.at)
    _add(plan, event, "AWS::Events::Rule", event.id, made)


def _rule(plan: Plan, event: Event, target: Target) -> None:
    add_rule(plan, event, target.arn, None)
    _permission(plan, event, target, "events.amazonaws.com", SourceArn=reference(event.id, event.at, "Arn"))


def add_schedule(plan: Plan, event: Event, target: Value, allowed: tuple[str, dict[str, Any]]) -> None:
    """A schedule of EventBridge Scheduler with its role. allowed: name and document of what the role may do."""
    names = ("ScheduleExpression", "State", "Description", "StartDate", "EndDate", "ScheduleExpressionTimezone", "GroupName", "KmsKeyArn")
    made = event.passed(*names)
    made["FlexibleTimeWindow"] = event.get("FlexibleTimeWindow") if event.has("FlexibleTimeWindow") else fixed({"Mode": "OFF"}, event.at)
    if not event.has("OmitName"):
        made["Name"] = event.get("Name") if event.has("Name") else fixed(event.id, event.at)
    else:
        made["Name"] = Value.unknown(event.at)
    queue = dead_letters(plan, event, Value.unknown(), policy=False)
    if event.has("RoleArn"):
        role = event.get("RoleArn")
    else:
        policies = [allowed]
        if queue is not None:
            policies.append((f"{event.id}SQSPolicy", statement("sqs:SendMessage", queue)))
        role = reference(f"{event.id}Role", event.at, "Arn")
        boundary = event.passed("PermissionsBoundary")
        _schedule_role(plan, event, policies, boundary)
    entry = {"Arn": target, "RoleArn": role, **event.passed("Input", "RetryPolicy")}
    if queue is not None:
        entry["DeadLetterConfig"] = fixed({"Arn": queue}, event.at)
    made["Target"] = fixed(entry, event.at)
    plan.add(event.source, Draft("AWS::Scheduler::Schedule", event.id, event.at, given(made), open=event.body.open))


def _schedule_role(plan: Plan, event: Event, policies: list[Any], boundary: dict[str, Value]) -> None:
    made = {"AssumeRolePolicyDocument": fixed(assume_role("scheduler.amazonaws.com"), event.at), **boundary}
    made["Policies"] = fixed([{"PolicyName": name, "PolicyDocument": document} for name, document in policies], event.at)
    plan.add(event.source, Draft("AWS::IAM::Role", f"{event.id}Role", event.at, propagated(event.source, made), open=event.body.open))


def _schedule(plan: Plan, event: Event, target: Target) -> None:
    add_schedule(plan, event, target.arn, (f"{event.id}LambdaPolicy", statement("lambda:InvokeFunction", target.arn)))


# APIs


def api_of(plan: Plan, event: Event) -> tuple[str, Value]:
    """(logical id of the API in this template or '', the value that names it) of an Api or HttpApi event."""
    http = event.type == "HttpApi"
    name, implicit = ("ApiId", IMPLICIT_HTTP_API) if http else ("RestApiId", IMPLICIT_API)
    if name not in event.body.entries:
        return ("", Value.unknown(event.at)) if event.body.open else (implicit, reference(implicit, event.at))
    value = event.get(name)
    return named_resource(value) or (value.raw if isinstance(value.raw, str) and value.raw in plan.types else ""), value


def _path_of(event: Event) -> tuple[Any, Any]:
    """(method, path) as they stand in the ARN of a permission; UNKNOWN where they are not written out."""
    method, path = literal(event.get("Method")), literal(event.get("Path"))
    verb: Any = UNKNOWN
    if isinstance(method, str):
        verb = "*" if method.lower() in ("any", "x-amazon-apigateway-any-method") else method.upper()
    route: Any = UNKNOWN
    if isinstance(path, str):
        if len(path) > 1 and path.endswith("/"):
            path = path[:-1]
        # A parameter of the path may be any text.
        route = (_HTTP_PARAMETER if event.type == "HttpApi" else _PARAMETER).sub("*", path)
    return verb, route


def _api(plan: Plan, event: Event, target: Target) -> None:
    id, value = api_of(plan, event)
    suffix = "Prod" if id == IMPLICIT_API and id not in plan.sources else _stage_suffix(plan, id)
    verb, route = _path_of(event)
    arn = own_arn("execute-api", [value, "/*/", verb, route], event.at)
    _permission(plan, event, target, "apigateway.amazonaws.com", suffix, SourceArn=arn)


def _stage_suffix(plan: Plan, api: str) -> str:
    if not api:
        return "AllStages"
    source = plan.sources.get(api)
    stage = literal(source.get("StageName")) if source is not None else None
    return stage_id(stage) if isinstance(stage, str) else "Stage"


def stage_id(stage: str) -> str:
    """The part of a logical id that names a stage; what is not letters and digits is hashed as SAM does it."""
    if stage.isalnum() or not stage:
        return stage
    import hashlib

    return hashlib.sha1(stage.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()[:10]


def _http_api(plan: Plan, event: Event, target: Target) -> None:
    _, value = api_of(plan, event)
    plan.route_settings = plan.route_settings or event.has("RouteSettings")
    certain = True
    path = literal(event.get("Path"))
    if not event.has("Path") and not event.has("Method") and not event.body.open:
        parts: list[Any] = [value, "/*/*"]
    elif path == "$default":
        parts = [value, "/*/", _path_of(event)[0]]
    else:
        verb, route = _path_of(event)
        parts = [value, "/*/", verb, route]
        # A catch-all of the same function on the same API makes the others unnecessary.
        certain = not event.source.caught and _managed(plan, value)
    source = own_arn("execute-api", parts, event.at)
    made = {
        "Action": fixed("lambda:InvokeFunction", event.at),
        "FunctionName": target.name,
        "Principal": fixed("apigateway.amazonaws.com", event.at),
        "SourceArn": source,
    }
    plan.add(event.source, Draft("AWS::Lambda::Permission", f"{event.id}Permission", event.at, made, certain=certain))


def catches_all(events: list[Event]) -> bool:
    return any(event.type == "HttpApi" and (literal(event.get("Path")) == "$default" or not event.has("Path")) for event in events)


def _managed(plan: Plan, api: Value) -> bool:
    """The API has no definition of its own, in which a catch-all may stand."""
    source = plan.sources.get(named_resource(api))
    return source is None or not (source.written("DefinitionBody") or source.doubtful("DefinitionBody"))


# Others


def _logs(plan: Plan, event: Event, target: Target) -> None:
    group = event.get("LogGroupName")
    arn = own_arn("logs", ["log-group:", group, ":*"], event.at)
    _permission(plan, event, target, "logs.amazonaws.com", SourceArn=arn)
    made = {"LogGroupName": group, "FilterPattern": event.get("FilterPattern"), "DestinationArn": target.arn}
    _add(plan, event, "AWS::Logs::SubscriptionFilter", event.id, made)


def _iot(plan: Plan, event: Event, target: Target) -> None:
    arn = own_arn("iot", ["rule/", Ref(event.id, "Ref")], event.at)
    account = reference("AWS::AccountId", event.at)
    _permission(plan, event, target, "iot.amazonaws.com", SourceArn=arn, SourceAccount=account)
    payload = {
        "Sql": event.get("Sql"),
        "RuleDisabled": False,
        "Actions": [{"Lambda": {"FunctionArn": target.arn}}],
        **event.passed("AwsIotSqlVersion"),
    }
    _add(plan, event, "AWS::IoT::TopicRule", event.id, {"TopicRulePayload": fixed(payload, event.at)})


def _alexa(plan: Plan, event: Event, target: Target) -> None:
    _permission(plan, event, target, "alexa-appkit.amazon.com", EventSourceToken=event.get("SkillId"))


def _cognito(plan: Plan, event: Event, target: Target) -> None:
    pool = named_resource(event.get("UserPool"))
    arn = reference(pool, event.at, "Arn") if pool else Value.unknown(event.at)
    _permission(plan, event, target, "cognito-idp.amazonaws.com", prefix=f"{event.source.id}Cognito", SourceArn=arn)
    added = ("LambdaConfig", "UserPoolTags") if may_pass_tags(event.source) else ("LambdaConfig",)
    plan.touched.setdefault(pool or "AWS::Cognito::UserPool", set()).update(added)


_EVENTS: dict[str, Callable[[Plan, Event, Target], None]] = {
    "AlexaSkill": _alexa,
    "Api": _api,
    "CloudWatchEvent": _rule,
    "CloudWatchLogs": _logs,
    "Cognito": _cognito,
    "DocumentDB": _pull,
    "DynamoDB": _pull,
    "EventBridgeRule": _rule,
    "HttpApi": _http_api,
    "IoTRule": _iot,
    "Kinesis": _pull,
    "MQ": _pull,
    "MSK": _pull,
    "S3": _s3,
    "SNS": _sns,
    "SQS": _pull,
    "Schedule": _rule,
    "ScheduleV2": _schedule,
    "SelfManagedKafka": _pull,
}
