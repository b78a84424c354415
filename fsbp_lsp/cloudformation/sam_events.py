"""Events of serverless functions and state machines: what is written, and how what they become is added."""

from __future__ import annotations

from fsbp_lsp.cloudformation.sam_parts import Draft, fixed, given, literal, mapping
from fsbp_lsp.cloudformation.sam_policies import propagated
from fsbp_lsp.values import ABSENT, Map, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

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


def add(plan: Plan, event: Event, type: str, id: str, made: dict[str, Value], *, certain: bool = True) -> None:
    body = given(made)
    plan.add(event.source, Draft(type, id, event.at, propagated(event.source, body), open=event.body.open, certain=certain))


def permission(plan: Plan, event: Event, target: Target, principal: str, suffix: str = "", prefix: str = "", **more: Value) -> None:
    made = {
        "Action": fixed("lambda:InvokeFunction", event.at),
        "FunctionName": target.name,
        "Principal": fixed(principal, event.at),
        **given(more),
    }
    id = f"{prefix or event.id}Permission{suffix}"
    plan.add(event.source, Draft("AWS::Lambda::Permission", id, event.at, made))
