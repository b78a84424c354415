"""The part of AWS SAM that decides what a property is: `Globals` merged into serverless resources."""

from __future__ import annotations

from fsbp_lsp.cloudformation.shape import descend, items_of, text_of
from fsbp_lsp.syntax.tree import Mapping
from fsbp_lsp.values import ABSENT, Map, Origin, Seq, Value, Via

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.cloudformation.intrinsics import Evaluator
    from fsbp_lsp.syntax.tree import Node

PREFIX = "AWS::Serverless::"
MADE = frozenset(
    {
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::Lambda::Alias",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Permission",
        "AWS::Lambda::Url",
        "AWS::Lambda::Version",
        "AWS::SNS::Subscription",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::Queue",
        "AWS::SQS::QueuePolicy",
    }
)
"""Types the transform adds on its own, beside those it turns serverless resources into."""


def with_globals(ev: Evaluator, root: Node | None, type: str, resource: Mapping, own: Map) -> Map:
    """The properties of a serverless resource with what `Globals` says for its type; its own values win."""
    section = type.removeprefix(PREFIX)
    whole = descend(root, "Globals")
    if whole is None:
        return own
    if not isinstance(whole, Mapping) or whole.tag:
        return Map(own.entries, True, own.node, own.keys)
    node = whole.get(section)
    if node is None:
        return own
    if not isinstance(node, Mapping) or node.tag:
        return Map(own.entries, True, own.node, own.keys)
    ignored = resource.get("IgnoreGlobals")
    names = {text_of(item) or "" for item in items_of(ignored)}
    if "*" in names:
        return own
    given = ev.evaluate(node)
    shared = given.only
    if not isinstance(shared, Map):
        return Map(own.entries, True, own.node, own.keys)
    kept = Map({name: value for name, value in shared.entries.items() if name not in names}, shared.open, shared.node, shared.keys)
    return _merged(kept, own, Origin(Via.REFERENCE, ev.loc(node), f"Globals.{section}"))


def _merged(shared: Map, own: Map, origin: Origin) -> Map:
    entries = dict(own.entries)
    for name, value in shared.entries.items():
        mine = entries.get(name)
        if mine is None:
            if not any(option is ABSENT for option in value.options):
                entries[name] = Value(value.options, value.at, (origin, *value.origins), value.node)
            continue
        entries[name] = _both(value, mine, origin)
    return Map(entries, own.open or shared.open, own.node, own.keys)


def _both(shared: Value, mine: Value, origin: Origin) -> Value:
    """Mappings are merged, lists joined (shared first), everything else is overridden."""
    theirs, ours = shared.only, mine.only
    if isinstance(theirs, Map) and isinstance(ours, Map):
        return Value((_merged(theirs, ours, origin),), mine.at, mine.origins, mine.node)
    if isinstance(theirs, Seq) and isinstance(ours, Seq):
        joined = Seq((*theirs.items, *ours.items), theirs.open or ours.open, ours.node)
        return Value((joined,), mine.at, mine.origins, mine.node)
    if isinstance(theirs, (Map, Seq)) or len(mine.options) > 1 or any(option is ABSENT for option in mine.options):
        return Value.unknown(mine.at, "merged with Globals when deployed", mine.node)
    return mine
