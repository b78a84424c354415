"""Amazon S3 controls. Pass conditions: Security Hub user guide, "Amazon S3 controls" (2026-10)."""

from __future__ import annotations

from fsbp_lsp.aws.s3 import AccountPublicAccessBlock, Acl, Bucket
from fsbp_lsp.controls.policies import PATTERNS, add_statement, is_public, undecided, wildcard_at
from fsbp_lsp.controls.registry import PASS, Unknown
from fsbp_lsp.controls.shapes import (
    control,
    create_part,
    effect,
    fact,
    fix_of,
    idle_block,
    judge_together,
    place,
    put_fixes,
    require_part,
    why_unknown,
)
from fsbp_lsp.model import Attr, Finding, Fix, Placeholder, Reference, Safety, Subject, Update, Verdict
from fsbp_lsp.values import ABSENT, MAYBE, NO, YES, Map, Ref, Seq, Tri, Value, any_of, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.aws.policy_conditions import Condition
    from fsbp_lsp.aws.policy_document import PolicyDocument
    from fsbp_lsp.aws.policy_statement import Statement
    from fsbp_lsp.aws.s3 import BucketPolicy
    from fsbp_lsp.controls.registry import Answer, Context
    from fsbp_lsp.text import Loc
    from fsbp_lsp.values import Datum

BLOCK = ("block_acls", "block_policy", "ignore_acls", "restrict")

READ_ACLS = frozenset({"public-read", "public-read-write", "authenticated-read", "PublicRead", "PublicReadWrite", "AuthenticatedRead"})
PERMISSIONS = frozenset({"READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"})
WRITE_ACLS = frozenset({"public-read-write", "PublicReadWrite"})
OWNER_ACLS = frozenset({"private", "Private", "bucket-owner-full-control", "BucketOwnerFullControl"})
PUBLIC_GROUPS = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)
READ_ACTIONS = ("s3:GetObject", "s3:ListBucket", "s3:GetObjectVersion")
WRITE_ACTIONS = ("s3:PutObject", "s3:DeleteObject", "s3:PutBucketPolicy", "s3:PutObjectAcl")


@control(
    "S3.1",
    AccountPublicAccessBlock,
    slug="open-account-public-access",
    partial="an account setting: judged where aws_s3_account_public_access_block is declared; CloudFormation has no resource for it",
)
def account_public_access(subject: AccountPublicAccessBlock, context: Context) -> Answer:
    finding, doubt = judge_together("S3.1", subject, dict.fromkeys(BLOCK, True), "Block public access for the account", Update.CUTS_ACCESS)
    return [finding] if finding is not None else Unknown(doubt) if doubt else PASS


def _blocked(bucket: Bucket, context: Context, *names: str) -> Tri:
    """Block Public Access neutralises public ACLs and policies: at the bucket, or assumed for the account."""
    if context.assumes("account-public-access-block") is True:
        return YES
    items = bucket.public_access_block

    def all_on(facet: object) -> Tri:
        result = YES
        for name in names:
            result = result & getattr(facet, name).is_(True)
        return result

    # The stricter of bucket and account holds. That a block of the module is that of the bucket's account is not certain.
    accounts = bucket.module.of(*AccountPublicAccessBlock.tf_types)
    account = any_of(accounts, lambda resource: all_on(AccountPublicAccessBlock(resource))) & MAYBE
    if items.found:
        return any_of(items.found, all_on) | account
    if items.maybe_more:
        return MAYBE
    # AWS turns all four on for buckets created since April 2023. A public ACL or policy on such a bucket is
    # refused by S3, so what is written would still fail to be what the author wants: that is for S3.8 to say.
    return account


def _grants(bucket: Bucket, permissions: frozenset[str]) -> tuple[Tri, Value | None]:
    """Whether an explicit grant gives a public group one of the permissions, and the value to show."""
    verdict, shown = NO, None
    for facet in bucket.acls.found:
        policy = facet.value.child("access_control_policy")
        for grant in policy.child("grant").items().found:
            who, what = grant.child("grantee").child("uri"), grant.child("permission")
            answer = any_of(PUBLIC_GROUPS, lambda uri, who=who: who.is_(uri)) & what.in_(permissions)  # type: ignore[misc]  # bound per turn
            if answer is YES:
                return YES, what
            verdict = verdict | answer
    if bucket.terraform:
        for grant in bucket.value.child("grant").items().found:
            who = grant.child("uri")
            for what in grant.child("permissions").items().found:
                answer = any_of(PUBLIC_GROUPS, lambda uri, who=who: who.is_(uri)) & what.in_(permissions)  # type: ignore[misc]  # bound per turn
                if answer is YES:
                    return YES, what
                verdict = verdict | answer
    return verdict, shown


def _acl_values(bucket: Bucket) -> tuple[list[tuple[Subject, Attr, Value]], bool]:
    """(holder, lens, canned ACL) wherever one is written, and whether more may exist."""
    found: list[tuple[Subject, Attr, Value]] = []
    own = Bucket.acl.read(bucket)
    if own.written:
        found.append((bucket, Bucket.acl, own))
    acls = bucket.acls
    found.extend((facet, Acl.canned, facet.canned) for facet in acls.found if facet.canned.written)
    return found, acls.maybe_more


def _public(
    id: str, bucket: Bucket, context: Context, acls: frozenset[str], permissions: frozenset[str], actions: tuple[str, ...]
) -> Answer:
    findings: list[Finding] = []
    doubt = ""
    # With ACLs disabled S3 refuses a new public ACL and pays no attention to an old one.
    acl_shield = _blocked(bucket, context, "ignore_acls") | _enforced(bucket)
    # Refusing a public policy keeps it out only when the block is there first: in which order is not in the source.
    policy_shield = _blocked(bucket, context, "restrict") | (_blocked(bucket, context, "block_policy") & MAYBE)
    values, more = _acl_values(bucket)
    for holder, attr, value in values:
        answer = value.in_(acls) & ~acl_shield
        if answer is YES:
            private = "private" if bucket.terraform else "Private"
            findings.append(
                Finding(
                    id,
                    bucket.owner,
                    place(holder, attr.path(bucket.resource.dialect.name), value),
                    fact(attr.shown(bucket.resource.dialect.name), value),
                    value=value.shown,
                    facet="acl",
                    origins=value.origins,
                    fixes=lambda holder=holder, attr=attr, value=value, private=private: put_fixes(holder, attr, value, private),  # type: ignore[misc]  # bound per turn
                )
            )
        elif answer is MAYBE:
            shielded = value.in_(acls) is YES
            doubt = doubt or (
                "whether Block Public Access or Object Ownership overrules the ACL is not decided" if shielded else why_unknown(value)
            )
    granted, what = _grants(bucket, permissions)
    granted = granted & ~acl_shield
    if granted is YES and what is not None:
        findings.append(
            Finding(
                id, bucket.owner, what.at or bucket.header, f"an ACL grants {what.shown} to a public group", value=what.shown, facet="grant"
            )
        )
    elif granted is MAYBE:
        doubt = doubt or "an ACL grant is not decided by source"
    policies = bucket.policies
    documents: list[PolicyDocument] = [facet.document for facet in policies.found]
    if len(documents) > 1 and any(is_public(document, actions) is not YES for document in documents):
        doubt = doubt or "several policies are written for the bucket, and one replaces the others"
        policy_shield = policy_shield | MAYBE
    for facet, document in zip(policies.found, documents, strict=True):
        for statement in document.statements:
            answer = document.public(statement, actions) & ~policy_shield
            if answer is YES:
                findings.append(
                    Finding(
                        id,
                        bucket.owner,
                        wildcard_at(statement) or statement.at or facet.header,
                        f"the bucket policy allows {statement.shown_actions()} to everybody",
                        value='"*"',
                        facet=f"policy[{statement.number}]",
                    )
                )
            elif answer is MAYBE:
                shielded = document.public(statement, actions) is YES
                doubt = doubt or (
                    "whether Block Public Access overrules the bucket policy is not decided"
                    if shielded
                    else undecided(document, statement, "bucket")
                )
        if document.open and policy_shield is not YES:
            doubt = doubt or "the bucket policy is not known in full"
    if findings:
        return findings
    if doubt:
        return Unknown(doubt)
    if (more and acl_shield is not YES) or (policies.maybe_more and policy_shield is not YES):
        return Unknown("an ACL or policy may exist that source does not decide")
    return PASS


@control(
    "S3.2",
    Bucket,
    slug="public-bucket-read",
    partial="ACLs, policies and Block Public Access of the same module or template; what other stacks attach is not seen; " + PATTERNS,
)
def public_read(bucket: Bucket, context: Context) -> Answer:
    return _public("S3.2", bucket, context, READ_ACLS, frozenset({"READ", "READ_ACP", "FULL_CONTROL"}), READ_ACTIONS)


@control(
    "S3.3",
    Bucket,
    slug="public-bucket-write",
    partial="ACLs, policies and Block Public Access of the same module or template; what other stacks attach is not seen; " + PATTERNS,
)
def public_write(bucket: Bucket, context: Context) -> Answer:
    return _public("S3.3", bucket, context, WRITE_ACLS, frozenset({"WRITE", "WRITE_ACP", "FULL_CONTROL"}), WRITE_ACTIONS)


@control("S3.4", Bucket, slug="undeclared-bucket-encryption")
def default_encryption(bucket: Bucket, context: Context) -> Answer:
    items = bucket.encryption
    if items.found:
        return PASS
    if items.maybe_more:
        return Unknown("an encryption configuration may exist that source does not decide")
    wanted = "AES256"
    rule = "rule.apply_server_side_encryption_by_default.sse_algorithm"

    def fixes() -> list[Fix]:
        resource = bucket.resource
        dialect = resource.dialect
        title = f"Declare default encryption ({wanted})"
        idle = idle_block(bucket, Bucket.encryption)
        if idle:
            return [Fix(title, (), Safety.SAFE, "", idle)]
        if bucket.terraform:
            edits = dialect.insert_resource(
                resource,
                "aws_s3_bucket_server_side_encryption_configuration",
                resource.name,
                [("bucket", Reference(resource)), (rule, wanted)],
            )
        else:
            edits = dialect.put(
                resource,
                ("BucketEncryption",),
                {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": wanted}}]},
            )
        return [fix_of(title, edits, Safety.SAFE)]

    return [
        Finding(
            "S3.4",
            bucket.owner,
            bucket.header,
            "no default encryption is declared; S3 has encrypted new objects with SSE-S3 since January 2023",
            verdict=Verdict.UNDECLARED,
            facet="encryption",
            fixes=fixes,
        )
    ]


@control("S3.5", Bucket, slug="plain-http-bucket")
def plain_http(bucket: Bucket, context: Context) -> Answer:
    policies = bucket.policies
    doubt = policies.maybe_more
    for facet in policies.found:
        document: PolicyDocument = facet.document
        answer = document.any(_denies_plain_http)
        if answer is YES:
            return PASS
        doubt = doubt or answer is MAYBE or document.open
    if doubt:
        return Unknown("the bucket policy is not decided by source")
    first = policies.found[0] if policies.found else None
    return [
        Finding(
            "S3.5",
            bucket.owner,
            bucket.header if first is None else _policy_at(bucket, first),
            "no policy statement denies requests without TLS" if first is not None else "no bucket policy denies requests without TLS",
            facet="policies",
            fixes=lambda: add_statement(
                bucket,
                first.document if first is not None else None,
                title="Deny requests without TLS",
                sid="DenyInsecureTransport",
                update=Update.CUTS_ACCESS,
            ),
        )
    ]


def _policy_at(bucket: Bucket, facet: BucketPolicy) -> Loc:
    """Where a policy is written: the expression, or the key of a mapping (whose own place is its first entry)."""
    return facet.value.at if bucket.terraform and facet.value.at is not None else facet.header


def _denies_plain_http(statement: Statement) -> Tri:
    tests = [test for test in statement.conditions if test.key == "aws:securetransport"]
    insecure = any_of(tests, _is_off, statement.conditions_open)
    if len(tests) < len(statement.conditions):
        # What else is asked for may leave requests without TLS alone.
        insecure = insecure & MAYBE
    actions = statement.covers_action("s3:*")
    covers = statement.resources.any(_is_objects)
    # Whether a Deny that misses the bucket or its objects satisfies the rule is not documented: undecided, not failed.
    scope = covers if covers is YES else MAYBE
    return statement.denies() & statement.any_principal() & actions & insecure & scope


def _is_off(test: Condition) -> Tri:
    off = test.values.any(lambda value: value.is_(False))
    return off if test.operator == "bool" and not test.quantifier else MAYBE


def _is_objects(resource: Value) -> Tri:
    """All objects of the bucket: `*`, `…:::name*`, `…:::name/*`, but for a prefix."""
    raw = resource.raw
    tail = getattr(raw, "tail", None)
    if tail is not None and known(raw) is raw and not isinstance(raw, str):
        return YES if _ends_in_all(tail) else MAYBE
    return resource.test(lambda datum: isinstance(datum, str) and _ends_in_all(datum.rpartition(":::")[2]))


def _ends_in_all(text: str) -> bool:
    _name, slash, path = text.partition("/")
    return path == "*" if slash else text.endswith("*")


public_access_not_blocked = require_part(
    "S3.8",
    Bucket,
    Bucket.public_access_block,
    slug="unblocked-public-access",
    title="Block public access",
    missing="no public access block is declared",
    update=Update.CUTS_ACCESS,
    undeclared="S3 has turned all four on for new buckets since April 2023",
    block_acls=True,
    block_policy=True,
    ignore_acls=True,
    restrict=True,
)


@control("S3.9", Bucket, slug="unlogged-bucket-access")
def access_logging(bucket: Bucket, context: Context) -> Answer:
    items = bucket.logging
    for facet in items.found:
        # CloudFormation logs into the bucket itself when no destination is named.
        if not bucket.terraform or facet.target.present() is YES:
            return PASS
        if facet.target.present() is MAYBE:
            return Unknown(why_unknown(facet.target))
    if items.maybe_more:
        return Unknown("a logging configuration may exist that source does not decide")
    wanted = {"target": Placeholder("LOG-BUCKET-NAME"), "prefix": "s3-access/"}
    return [
        Finding(
            "S3.9",
            bucket.owner,
            bucket.header,
            "server access logging is not configured",
            facet="logging",
            fixes=lambda: create_part(bucket, Bucket.logging, wanted, "Log requests to a log bucket", Update.COSTS, want_manual=True),
        )
    ]


@control("S3.12", Bucket, slug="bucket-acl")
def acl_in_use(bucket: Bucket, context: Context) -> Answer:
    values, more = _acl_values(bucket)
    ownership = _enforced(bucket)
    doubt = ""
    findings: list[Finding] = []
    for holder, attr, value in values:
        # No ACL, in one branch of a condition say, is the owner's alone.
        answer = ~value.test(lambda acl: acl is ABSENT or acl is None or acl in OWNER_ACLS) & ~ownership
        if answer is YES:
            private = "private" if bucket.terraform else "Private"
            findings.append(
                Finding(
                    "S3.12",
                    bucket.owner,
                    place(holder, attr.path(bucket.resource.dialect.name), value),
                    f"{fact(attr.shown(bucket.resource.dialect.name), value)}: access beyond the owner",
                    value=value.shown,
                    facet="acl",
                    origins=value.origins,
                    fixes=lambda holder=holder, attr=attr, value=value, private=private: put_fixes(holder, attr, value, private),  # type: ignore[misc]  # bound per turn
                )
            )
        elif answer is MAYBE:
            doubt = doubt or why_unknown(value)
    granted, what = _grants(bucket, PERMISSIONS)
    if (granted & ~ownership) is YES and what is not None:
        findings.append(
            Finding(
                "S3.12",
                bucket.owner,
                what.at or bucket.header,
                f"an ACL grants {what.shown} to a public group: access beyond the owner",
                value=what.shown,
                facet="grant",
            )
        )
    if findings:
        return findings
    if ownership is YES:
        return PASS
    policies = [facet.value.child("access_control_policy") for facet in bucket.acls.found]
    explicit = any(_granted(policy.only) and not _owners_alone(policy) for policy in policies)
    legacy = bucket.terraform and bucket.value.child("grant").items().found
    if explicit or legacy:
        return Unknown("grants to other accounts are not told from grants to the owner")
    if doubt or more:
        return Unknown(doubt or "an ACL may exist that source does not decide")
    return PASS


def _granted(policy: Datum) -> bool:
    """There is a policy of grants, or one may be: a dynamic block that is repeated for nothing leaves none."""
    return isinstance(policy, Map) or (isinstance(policy, Seq) and bool(policy.items or policy.open))


def _owners_alone(policy: Value) -> bool:
    """Every grant is to the account that the policy itself names as owner."""
    owner = policy.child("owner").child("id").raw
    grants = policy.child("grant").items()
    if grants.maybe_more or not isinstance(owner, (Ref, str)):
        return False
    return all(grant.child("grantee").child("id").raw == owner for grant in grants.found)


def _enforced(bucket: Bucket) -> Tri:
    """ACLs are disabled: object ownership is BucketOwnerEnforced (written; the AWS default goes away once an ACL is set)."""
    result = NO
    for facet in bucket.ownership.found:
        if bucket.terraform:
            result = result | facet.ownership.is_("BucketOwnerEnforced")
        else:
            rules = facet.value.child("Rules").items()
            result = result | rules.any(lambda rule: rule.child("ObjectOwnership").is_("BucketOwnerEnforced"))
    return MAYBE if result is NO and bucket.ownership.maybe_more else result


@control("S3.13", Bucket, slug="endless-bucket-storage")
def lifecycle(bucket: Bucket, context: Context) -> Answer:
    items = bucket.lifecycle
    answer = NO
    for facet in items.found:
        status = facet.status.is_("Enabled")
        if facet.enabled.written and bucket.terraform and not facet.status.written:
            status = facet.enabled.is_(True)
        answer = answer | status
    if answer is YES:
        return PASS
    if answer is MAYBE or items.maybe_more:
        return Unknown("a lifecycle rule may exist that source does not decide")
    first = items.found[0] if items.found else None
    at = bucket.header if first is None else place(first, (), first.status if first.status.written else first.value.child("enabled"))
    return [
        Finding(
            "S3.13",
            bucket.owner,
            at,
            "no lifecycle rule is enabled" if first is not None else "no lifecycle configuration is declared",
            facet="lifecycle",
            fixes=lambda: _abort_uploads(bucket) if first is None else [],
        )
    ]


def _abort_uploads(bucket: Bucket) -> list[Fix]:
    """The one lifecycle rule that never deletes an object anybody can read: drop unfinished uploads after a week."""
    resource = bucket.resource
    safety, note = effect(Update.IN_PLACE)
    title = "Abort unfinished uploads after 7 days"
    idle = idle_block(bucket, Bucket.lifecycle)
    if idle:
        return [Fix(title, (), safety, note, idle)]
    if bucket.terraform:
        edits = resource.dialect.insert_resource(
            resource,
            "aws_s3_bucket_lifecycle_configuration",
            resource.name,
            [
                ("bucket", Reference(resource)),
                ("rule.id", "abort-incomplete-uploads"),
                ("rule.status", "Enabled"),
                ("rule.filter", {}),
                ("rule.abort_incomplete_multipart_upload.days_after_initiation", 7),
            ],
        )
    else:
        rule = {
            "Id": "abort-incomplete-uploads",
            "Status": "Enabled",
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        }
        edits = resource.dialect.put(resource, ("LifecycleConfiguration",), {"Rules": [rule]})
    return [fix_of(title, edits, safety, note)]
