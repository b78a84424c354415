"""Amazon SQS and Amazon SNS."""

from __future__ import annotations

from fsbp_lsp.aws.iam import Document
from fsbp_lsp.model import Attr, Companion, Kind, Nested, Part
from fsbp_lsp.values import ABSENT


class QueuePolicy(
    Document,
    tf=(
        Companion("aws_sqs_queue_policy", by="queue_url", at="policy", whole=True),
        Nested("policy", whole=True),
    ),
):
    pass


class Queue(Kind, tf="aws_sqs_queue", cfn="AWS::SQS::Queue"):
    key = Attr("kms_master_key_id", "KmsMasterKeyId")
    managed_encryption = Attr("sqs_managed_sse_enabled", "SqsManagedSseEnabled", default=ABSENT)
    policies = Part(QueuePolicy)


class TopicPolicy(
    Document,
    tf=(
        Companion("aws_sns_topic_policy", by="arn", at="policy", whole=True),
        Nested("policy", whole=True),
    ),
):
    pass


class Topic(Kind, tf="aws_sns_topic", cfn="AWS::SNS::Topic"):
    policies = Part(TopicPolicy)


class QueuePolicyResource(Kind, tf="aws_sqs_queue_policy", cfn=("AWS::SQS::QueuePolicy", "AWS::SQS::QueueInlinePolicy")):
    """A queue policy as a resource; it applies to every queue it names."""


class TopicPolicyResource(Kind, tf="aws_sns_topic_policy", cfn=("AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy")):
    """A topic policy as a resource; it applies to every topic it names."""
