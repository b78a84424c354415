"""Amazon SQS and Amazon SNS controls (Security Hub user guide, 2026-10)."""

from __future__ import annotations

from fsbp_lsp.aws.iam import PolicyDocument
from fsbp_lsp.aws.messaging import Queue, QueuePolicyResource, Topic, TopicPolicyResource
from fsbp_lsp.controls.policies import NO_STATEMENT_FIX, judge_public
from fsbp_lsp.controls.registry import NOT_APPLICABLE, PASS, Unknown
from fsbp_lsp.controls.shapes import control, why_unknown, wrong
from fsbp_lsp.values import MAYBE, NO, YES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.controls.registry import Answer, Context
    from fsbp_lsp.model import Subject


@control("SQS.1", Queue, slug="unencrypted-queue")
def queue_encryption(queue: Queue, context: Context) -> Answer:
    key = queue.key.present()
    if key is YES:
        return PASS
    value = Queue.managed_encryption.read(queue)
    off = value.is_(False)
    # SQS encrypts new queues itself unless that is switched off.
    if off is NO:
        return PASS
    if off is MAYBE or key is MAYBE:
        return Unknown(why_unknown(value if off is MAYBE else Queue.key.read(queue)))
    return [wrong("SQS.1", queue, Queue.managed_encryption, value, True)]


def _own_policy(subject: Subject) -> list[PolicyDocument]:
    """The policy written in the queue or topic itself; a policy resource is judged where it stands."""
    value = subject.value.child("policy") if subject.terraform else subject.value.child("Policy")
    if not value.written or value.only is None:
        return []
    return [PolicyDocument(value, subject.resource, ("policy" if subject.terraform else "Policy",))]


def _policy(id: str, subject: Subject, what: str) -> Answer:
    if isinstance(subject, (Queue, Topic)):
        documents = _own_policy(subject)
        if not documents:
            return NOT_APPLICABLE if not subject.terraform else PASS
        return judge_public(id, subject, documents, what, maybe_more=False)
    name = "policy" if subject.terraform else "PolicyDocument"
    document = PolicyDocument(subject.value.child(name), subject.resource, (name,))
    return judge_public(id, subject, [document], what, maybe_more=False)


@control("SQS.3", Queue, QueuePolicyResource, slug="public-queue", no_fix=NO_STATEMENT_FIX)
def public_queue(subject: Subject, context: Context) -> Answer:
    return _policy("SQS.3", subject, "queue")


@control("SNS.4", Topic, TopicPolicyResource, slug="public-topic", no_fix=NO_STATEMENT_FIX)
def public_topic(subject: Subject, context: Context) -> Answer:
    return _policy("SNS.4", subject, "topic")
