"""What each type of event of a serverless function becomes."""

from __future__ import annotations

from fsbp_lsp.cloudformation.sam_events import MADE, add, permission
from fsbp_lsp.cloudformation.sam_parts import Notification, fixed, listed, named_resource, reference
from fsbp_lsp.cloudformation.sam_parts import arn as own_arn
from fsbp_lsp.cloudformation.sam_policies import may_pass_tags
from fsbp_lsp.cloudformation.sam_queues import pull, subscribe
from fsbp_lsp.cloudformation.sam_requests import http_request, rest_request
from fsbp_lsp.cloudformation.sam_rules import rule, schedule
from fsbp_lsp.values import Map, Ref, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.cloudformation.sam_events import Event, Target
    from fsbp_lsp.cloudformation.sam_parts import Plan


def add_event(plan: Plan, event: Event, target: Target) -> None:
    """Add what one event of a function becomes."""
    make = _EVENTS.get(event.type)
    if make is None:
        # A type of event this version does not know.
        plan.unseen.update(MADE)
        target.role.policies_open = target.role.managed_open = True
    else:
        make(plan, event, target)


def _s3(plan: Plan, event: Event, target: Target) -> None:
    permission(plan, event, target, "s3.amazonaws.com", SourceAccount=reference("AWS::AccountId", event.at))
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


def _logs(plan: Plan, event: Event, target: Target) -> None:
    group = event.get("LogGroupName")
    arn = own_arn("logs", ["log-group:", group, ":*"], event.at)
    permission(plan, event, target, "logs.amazonaws.com", SourceArn=arn)
    made = {"LogGroupName": group, "FilterPattern": event.get("FilterPattern"), "DestinationArn": target.arn}
    add(plan, event, "AWS::Logs::SubscriptionFilter", event.id, made)


def _iot(plan: Plan, event: Event, target: Target) -> None:
    arn = own_arn("iot", ["rule/", Ref(event.id, "Ref")], event.at)
    account = reference("AWS::AccountId", event.at)
    permission(plan, event, target, "iot.amazonaws.com", SourceArn=arn, SourceAccount=account)
    payload = {
        "Sql": event.get("Sql"),
        "RuleDisabled": False,
        "Actions": [{"Lambda": {"FunctionArn": target.arn}}],
        **event.passed("AwsIotSqlVersion"),
    }
    add(plan, event, "AWS::IoT::TopicRule", event.id, {"TopicRulePayload": fixed(payload, event.at)})


def _alexa(plan: Plan, event: Event, target: Target) -> None:
    permission(plan, event, target, "alexa-appkit.amazon.com", EventSourceToken=event.get("SkillId"))


def _cognito(plan: Plan, event: Event, target: Target) -> None:
    pool = named_resource(event.get("UserPool"))
    arn = reference(pool, event.at, "Arn") if pool else Value.unknown(event.at)
    permission(plan, event, target, "cognito-idp.amazonaws.com", prefix=f"{event.source.id}Cognito", SourceArn=arn)
    added = ("LambdaConfig", "UserPoolTags") if may_pass_tags(event.source) else ("LambdaConfig",)
    plan.touched.setdefault(pool or "AWS::Cognito::UserPool", set()).update(added)


_EVENTS: dict[str, Callable[[Plan, Event, Target], None]] = {
    "AlexaSkill": _alexa,
    "Api": rest_request,
    "CloudWatchEvent": rule,
    "CloudWatchLogs": _logs,
    "Cognito": _cognito,
    "DocumentDB": pull,
    "DynamoDB": pull,
    "EventBridgeRule": rule,
    "HttpApi": http_request,
    "IoTRule": _iot,
    "Kinesis": pull,
    "MQ": pull,
    "MSK": pull,
    "S3": _s3,
    "SNS": subscribe,
    "SQS": pull,
    "Schedule": rule,
    "ScheduleV2": schedule,
    "SelfManagedKafka": pull,
}
