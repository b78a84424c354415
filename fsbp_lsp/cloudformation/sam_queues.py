"""Events by way of queues and streams: subscriptions, queues with their policies, event source mappings."""

from __future__ import annotations

from fsbp_lsp.cloudformation.sam_events import MADE, add, permission
from fsbp_lsp.cloudformation.sam_parts import Draft, fixed, literal, mapping, reference
from fsbp_lsp.values import ABSENT, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from fsbp_lsp.cloudformation.sam_events import Event, Target
    from fsbp_lsp.cloudformation.sam_parts import Plan

_PULLED = (
    "BatchSize", "BisectBatchOnFunctionError", "Enabled", "FilterCriteria", "FunctionResponseTypes", "KmsKeyArn", "LoggingConfig",
    "MaximumBatchingWindowInSeconds", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts", "MetricsConfig", "ParallelizationFactor",
    "ProvisionedPollerConfig", "Queues", "ScalingConfig", "SourceAccessConfigurations", "StartingPosition", "StartingPositionTimestamp",
    "Topics", "TumblingWindowInSeconds",
)  # fmt: skip
"""Properties that an event source mapping takes over."""
_PULLS = {
    "Kinesis": ("Stream", "service-role/AWSLambdaKinesisExecutionRole"),
    "DynamoDB": ("Stream", "service-role/AWSLambdaDynamoDBExecutionRole"),
    "SQS": ("Queue", "service-role/AWSLambdaSQSQueueExecutionRole"),
    "MSK": ("Stream", "service-role/AWSLambdaMSKExecutionRole"),
    "MQ": ("Broker", ""),
    "SelfManagedKafka": ("", ""),
    "DocumentDB": ("Cluster", ""),
}
"""Type of event: (property that names the source, managed policy the role needs)."""


def subscribe(plan: Plan, event: Event, target: Target) -> None:
    """An `SNS` event: the topic calls the function, or sends to a queue (an existing one, or one made for it)."""
    topic = event.get("Topic")
    queue = event.get("SqsSubscription")
    made = {"TopicArn": topic, **event.passed("Region", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy")}
    existing = mapping(queue)
    if queue.options == (ABSENT,) or literal(queue) is False:
        permission(plan, event, target, "sns.amazonaws.com", SourceArn=topic)
        made |= {"Protocol": fixed("lambda", event.at), "Endpoint": target.arn}
    elif literal(queue) is True:
        arn, url = reference(f"{event.id}Queue", event.at, "Arn"), reference(f"{event.id}Queue", event.at)
        fifo = Value.unknown(event.at, "whether the topic is a FIFO topic")
        add(plan, event, "AWS::SQS::Queue", f"{event.id}Queue", {"FifoQueue": fifo})
        queue_policy(plan, event, f"{event.id}QueuePolicy", "*", topic, arn, url)
        _mapping_of_queue(plan, event, target, arn)
        made |= {"Protocol": fixed("sqs", event.at), "Endpoint": arn}
    elif existing is not None:
        arn, url = existing.get("QueueArn"), existing.get("QueueUrl")
        id = literal(existing.get("QueuePolicyLogicalId"))
        queue_policy(plan, event, id if isinstance(id, str) else f"{event.id}QueuePolicy", "*", topic, arn, url)
        _mapping_of_queue(plan, event, target, arn, existing.get("BatchSize"))
        made |= {"Protocol": fixed("sqs", event.at), "Endpoint": arn}
    else:
        plan.unseen.update(MADE)
        return
    add(plan, event, "AWS::SNS::Subscription", event.id, made)


def queue_policy(plan: Plan, event: Event, id: str, principal: Any, source: Value, queue_arn: Value, queue_url: Value) -> None:
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
    add(plan, event, "AWS::Lambda::EventSourceMapping", f"{event.id}EventSourceMapping", made)
    target.role.manage("service-role/AWSLambdaSQSQueueExecutionRole")


def pull(plan: Plan, event: Event, target: Target) -> None:
    """An event that Lambda fetches: a mapping, and what the role needs for it."""
    origin, policy = _PULLS[event.type]
    made = {"FunctionName": target.name, **event.passed(*_PULLED)}
    if origin:
        made["EventSourceArn"] = event.get(origin)
    together = {
        "DocumentDB": ("DocumentDBEventSourceConfig",),
        "MSK": ("AmazonManagedKafkaEventSourceConfig",),
        "SelfManagedKafka": ("SelfManagedEventSource", "SelfManagedKafkaEventSourceConfig"),
    }
    for name in (*together.get(event.type, ()), *(("DestinationConfig",) if event.has("DestinationConfig") else ())):
        made[name] = Value.unknown(event.at, "put together by the transform")
    add(plan, event, "AWS::Lambda::EventSourceMapping", event.id, made)
    if policy:
        target.role.manage(policy)
    if not policy or event.has("DestinationConfig") or event.has("SourceAccessConfigurations") or event.body.open:
        target.role.policies_open = True
