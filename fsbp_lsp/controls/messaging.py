"""Amazon SQS and Amazon SNS controls (Security Hub user guide, 2026-10)."""

from __future__ import annotations

from fsbp_lsp.aws.messaging import Queue, QueuePolicyResource, Topic, TopicPolicyResource
from fsbp_lsp.aws.policy_document import PolicyDocument
from fsbp_lsp.controls.policies import NO_STATEMENT_FIX, PATTERNS, judge_public
from fsbp_lsp.controls.registry import NOT_APPLICABLE, PASS, Unknown
from fsbp_lsp.controls.shapes import control, fix_of, put_fixes, why_unknown, wrong
from fsbp_lsp.model import Fix, Safety
from fsbp_lsp.values import MAYBE, NO, YES, Ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.controls.registry import Answer, Context
    from fsbp_lsp.model import Resource, Subject


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

    def fixes() -> list[Fix]:
        made = put_fixes(queue, Queue.managed_encryption, value, True)
        if Queue.key.read(queue).at is None:
            return made
        # Whoever deploys this may give a key after all.
        note = "a queue takes one kind of encryption only"
        return [fix if fix.refused else fix_of(fix.title, fix.edits, min(fix.safety, Safety.REVIEW), note) for fix in made]

    return [wrong("SQS.1", queue, Queue.managed_encryption, value, fixes=fixes)]


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
    else:
        name = "policy" if subject.terraform else "PolicyDocument"
        documents = [PolicyDocument(subject.value.child(name), subject.resource, (name,))]
    return judge_public(id, subject, documents, what, maybe_more=False, rivals=_rivals(subject))


def _rivals(subject: Subject) -> list[PolicyDocument]:
    """Other policies for the same queue or topic."""
    if subject.terraform:
        return _terraform_rivals(subject)
    mine = _named(subject.resource)
    kinds = (QueuePolicyResource, TopicPolicyResource)
    types = next((kind.cfn_types for kind in kinds if isinstance(subject, kind)), ())
    others = [other for other in subject.module.of(*types) if other is not subject.resource and _named(other) & mine]
    return [PolicyDocument(other.config.child("PolicyDocument"), other, ("PolicyDocument",)) for other in others]


def _named(policy: Resource) -> set[str]:
    """The queues or topics a policy of a template is for, as far as it names them by reference."""
    values = [policy.config.child(key) for key in ("Queues", "Queue", "Topics", "TopicArn")]
    links = [item.raw for value in values if value.written for item in (value, *value.items().found)]
    return {link.address for link in links if isinstance(link, Ref)}


def _terraform_rivals(subject: Subject) -> list[PolicyDocument]:
    owner: Queue | Topic
    if isinstance(subject, (Queue, Topic)):
        owner = subject
    else:
        link = subject.value.child("queue_url" if isinstance(subject, QueuePolicyResource) else "arn").raw
        if not isinstance(link, Ref) or not isinstance(link.key, (str, int, type(None))):
            return []
        key = f'["{link.key}"]' if isinstance(link.key, str) else "" if link.key is None else f"[{link.key}]"
        resource = subject.module.get(f"{link.address}{key}")
        if resource is None or resource.type not in (*Queue.tf_types, *Topic.tf_types):
            return []
        owner = Queue(resource) if resource.type in Queue.tf_types else Topic(resource)
    return [facet.document for facet in owner.policies.found if facet.resource is not subject.resource]


@control("SQS.3", Queue, QueuePolicyResource, slug="public-queue", partial=PATTERNS, no_fix=NO_STATEMENT_FIX)
def public_queue(subject: Subject, context: Context) -> Answer:
    return _policy("SQS.3", subject, "queue")


@control("SNS.4", Topic, TopicPolicyResource, slug="public-topic", partial=PATTERNS, no_fix=NO_STATEMENT_FIX)
def public_topic(subject: Subject, context: Context) -> Answer:
    return _policy("SNS.4", subject, "topic")
