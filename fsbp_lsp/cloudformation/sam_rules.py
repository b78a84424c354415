"""Events by the clock and by pattern: rules and schedules, their roles, their queues for what cannot be delivered."""

from __future__ import annotations

from fsbp_lsp.cloudformation.sam_events import add, permission
from fsbp_lsp.cloudformation.sam_parts import Draft, fixed, given, literal, mapping, reference
from fsbp_lsp.cloudformation.sam_policies import assume_role, propagated, statement
from fsbp_lsp.cloudformation.sam_queues import queue_policy
from fsbp_lsp.values import ABSENT, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from fsbp_lsp.cloudformation.sam_events import Event, Target
    from fsbp_lsp.cloudformation.sam_parts import Plan


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
    add(plan, event, "AWS::SQS::Queue", id, {})
    arn = reference(id, event.at, "Arn")
    if policy:
        service = {"Service": "events.amazonaws.com"}
        queue_policy(plan, event, f"{event.id}QueuePolicy", service, made_by, arn, reference(id, event.at))
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
    add(plan, event, "AWS::Events::Rule", event.id, made)


def rule(plan: Plan, event: Event, target: Target) -> None:
    """A `Schedule`, `CloudWatchEvent` or `EventBridgeRule` event of a function."""
    add_rule(plan, event, target.arn, None)
    permission(plan, event, target, "events.amazonaws.com", SourceArn=reference(event.id, event.at, "Arn"))


def add_schedule(plan: Plan, event: Event, target: Value, allowed: tuple[str, dict[str, Any]]) -> None:
    """A schedule of EventBridge Scheduler with its role. allowed: name and document of what the role may do."""
    names = ("ScheduleExpression", "State", "Description", "StartDate", "EndDate", "ScheduleExpressionTimezone", "GroupName", "KmsKeyArn")
    made = event.passed(*names)
    made["FlexibleTimeWindow"] = event.get("FlexibleTimeWindow") if event.has("FlexibleTimeWindow") else fixed({"Mode": "OFF"}, event.at)
    name = event.get("Name") if event.has("Name") else fixed(event.id, event.at)
    made["Name"] = Value.unknown(event.at) if event.has("OmitName") else name
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


def schedule(plan: Plan, event: Event, target: Target) -> None:
    """A `ScheduleV2` event of a function."""
    add_schedule(plan, event, target.arn, (f"{event.id}LambdaPolicy", statement("lambda:InvokeFunction", target.arn)))
