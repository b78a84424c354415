"""What controls about policies share: the public statement, and the fix that adds a statement."""

from __future__ import annotations

from fsbp_lsp.controls.registry import PASS, Unknown
from fsbp_lsp.controls.shapes import effect, fix_of
from fsbp_lsp.model import Finding, Fix, JsonDocument, Reference, Refusal, Update
from fsbp_lsp.values import MAYBE, NO, YES, Ref, Tri, any_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from fsbp_lsp.aws.policy_document import PolicyDocument
    from fsbp_lsp.aws.policy_statement import Statement
    from fsbp_lsp.aws.s3 import Bucket
    from fsbp_lsp.controls.registry import Answer
    from fsbp_lsp.model import Subject
    from fsbp_lsp.text import Loc

NO_STATEMENT_FIX = "who may use it is a human decision"
PATTERNS = "conditions that fix a part of a value by a pattern, or compare keys AWS does not document for this, are not judged"


def wildcard_at(statement: Statement) -> Loc | None:
    """Where the `*` principal is written."""
    return next((value.at for _type, value in statement.principals if value.is_("*") is YES and value.at is not None), None)


def is_public(document: PolicyDocument, actions: tuple[str, ...] = ()) -> Tri:
    """Some statement lets everybody do one of the actions (any, when none are named)."""
    return document.any(lambda statement: document.public(statement, actions))


def undecided(document: PolicyDocument, statement: Statement, what: str) -> str:
    """Why it is not decided whether a statement is public, in words for people."""
    if statement.allows() is MAYBE:
        return f"whether a statement is in force in the {what} policy is not decided by source"
    if statement.any_principal() is MAYBE:
        return f"whom a statement of the {what} policy names is not decided by source"
    if statement.narrowed() is MAYBE:
        return f"how far a condition narrows the {what} policy is not decided"
    if document.open:
        return f"the {what} policy is not known in full"
    return f"what a statement that denies leaves of the {what} policy is not decided"


def judge_public(
    id: str, subject: Subject, documents: Iterable[PolicyDocument], what: str, *, maybe_more: bool, rivals: Iterable[PolicyDocument] = ()
) -> Answer:
    """One finding per statement that allows everybody without a condition that narrows it.

    A thing has one policy: of several documents, and of `rivals` that are judged elsewhere, the one written last
    is in force, and source does not say which.
    """
    findings: list[Finding] = []
    doubt = f"a {what} policy may exist that source does not decide" if maybe_more else ""
    documents = tuple(documents)
    if len(documents) > 1:
        rivals = (*documents, *rivals)
    for document in documents:
        for statement in document.statements:
            answer = document.public(statement)
            if answer is YES:
                findings.append(
                    Finding(
                        id,
                        subject.owner,
                        wildcard_at(statement) or statement.at or subject.header,
                        f"the {what} policy allows {statement.shown_actions()} to everybody",
                        value='"*"',
                        facet=f"policy[{statement.number}]",
                    )
                )
            elif answer is MAYBE:
                doubt = doubt or undecided(document, statement, what)
        if document.open:
            doubt = doubt or f"the {what} policy is not known in full"
    if findings and any(is_public(rival) is not YES for rival in rivals):
        return Unknown(f"several policies are written for the {what}, and one replaces the others")
    if findings:
        return findings
    return Unknown(doubt) if doubt else PASS


def add_statement(bucket: Bucket, document: PolicyDocument | None, *, title: str, sid: str, update: Update) -> list[Fix]:
    """Add the statement that denies requests without TLS, in the notation found; a new policy when there is none."""
    safety, note = effect(update)
    resource = bucket.resource
    dialect = resource.dialect
    if document is None:
        statement = _deny_insecure(bucket, sid, json=True)
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        if bucket.terraform:
            edits = dialect.insert_resource(
                resource, "aws_s3_bucket_policy", resource.name, [("bucket", Reference(resource)), ("policy", JsonDocument(policy))]
            )
        else:
            edits = dialect.insert_resource(
                resource, "AWS::S3::BucketPolicy", f"{resource.name}Policy", [("Bucket", Reference(resource)), ("PolicyDocument", policy)]
            )
        return [fix_of(title, edits, safety, note)]
    if document.open:
        return [Fix(title, (), safety, note, "the policy is not known in full")]
    if document.notation == "choice":
        return [Fix(title, (), safety, note, "a condition chooses the policy")]
    if document.any(_denies_tls) is not NO:
        # Both statements together would deny everything.
        return [Fix(title, (), safety, note, "a statement already denies requests with TLS")]
    if document.notation == "data":
        if _shared(bucket, document):
            # What is written for this bucket names this bucket: S3 refuses that in the policy of another.
            return [Fix(title, (), safety, note, "other buckets have the same document")]
        edits = document.host.dialect.append(document.host, ("statement",), _deny_insecure(bucket, sid, json=False))
    else:
        edits = document.host.dialect.append(document.host, (*document.base, "Statement"), _deny_insecure(bucket, sid, json=True))  # type: ignore[arg-type]  # a Path
    if isinstance(edits, Refusal):
        return [Fix(title, (), safety, note, edits.reason)]
    return [fix_of(title, edits, safety, note)]


def _shared(bucket: Bucket, document: PolicyDocument) -> bool:
    """The document is that of another bucket, too."""
    own = [facet.resource for facet in bucket.policies.found]
    used = [other.config.child("policy").raw for other in bucket.module.of("aws_s3_bucket_policy") if other not in own]
    host = document.host
    return any(isinstance(raw, Ref) and (raw.address, raw.key) == (host.block, host.key) for raw in used)


def _denies_tls(statement: Statement) -> Tri:
    tests = [test for test in statement.conditions if test.key == "aws:securetransport"]
    return statement.denies() & any_of(tests, lambda test: ~test.values.any(lambda value: value.is_(False)))


def _deny_insecure(bucket: Subject, sid: str, *, json: bool) -> dict[str, Any]:
    arn = Reference(bucket.resource, "arn", "Arn")
    objects = Reference(bucket.resource, "arn", "Arn", "/*")
    if json:
        return {
            "Sid": sid,
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, objects],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    return {
        "sid": sid,
        "effect": "Deny",
        "actions": ["s3:*"],
        "resources": [arn, objects],
        "principals": {"type": "*", "identifiers": ["*"]},
        "condition": {"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]},
    }
