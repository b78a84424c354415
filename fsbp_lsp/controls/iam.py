"""IAM controls. Pass conditions: Security Hub user guide, "IAM controls" (2026-10)."""

from __future__ import annotations

from fsbp_lsp.aws.account import PasswordPolicy
from fsbp_lsp.aws.iam import Bounded, InlinePolicy, ManagedPolicy, Principal, User
from fsbp_lsp.controls.registry import NOT_APPLICABLE, PASS, Parameter, Unknown, declared
from fsbp_lsp.controls.shapes import AtLeast, control, judge_together
from fsbp_lsp.model import Finding, Update, points_at
from fsbp_lsp.values import MAYBE, NO, YES, Ref, Text, Tri, Value, any_of, as_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.aws.policy_document import PolicyDocument
    from fsbp_lsp.aws.policy_statement import Statement
    from fsbp_lsp.controls.registry import Answer, Context
    from fsbp_lsp.model import Resource, Subject
    from fsbp_lsp.text import Loc
    from fsbp_lsp.values import Datum

HUMAN = "which actions are needed is a human decision"
BOUNDARIES = "policies used as permissions boundaries are exempt in AWS: use by a role or user of another module or template is not seen"


def _documents(subject: Subject) -> tuple[list[PolicyDocument], bool]:
    part = subject.inline if isinstance(subject, Principal) else subject.documents  # type: ignore[attr-defined]  # one of three kinds
    return [facet.document for facet in part.found], part.maybe_more


def _as_boundary(policy: ManagedPolicy) -> Tri:
    """The policy is the permissions boundary of a role or user (AWS Config: excludePermissionBoundaryPolicy, which both controls set)."""
    name = as_text(policy.name.only)

    def names(option: Datum) -> Tri:
        if isinstance(option, Ref):
            return points_at(Value((option,)), policy.resource) if option.address == policy.resource.block else NO
        arn = option.tail if isinstance(option, Text) else as_text(option)
        if name is None or arn is None or ":policy/" not in arn or "::aws:policy/" in arn:
            # A policy of AWS may be called alike.
            return NO
        return Tri.of(arn.rpartition("/")[2] == name)

    def bounds(holder: Resource) -> Tri:
        answers = [names(option) for option in Bounded(holder).boundary.options]
        answer = YES if all(one is YES for one in answers) else any_of(answers, lambda one: one) & MAYBE
        return answer if answer is NO else answer & policy.module.exists_with(policy.resource, holder)

    return any_of(policy.module.of(*Bounded.types()), bounds)


def _unless_boundary(policy: ManagedPolicy, findings: list[Finding]) -> Answer:
    bound = _as_boundary(policy)
    if bound is YES:
        return NOT_APPLICABLE
    return findings if bound is NO else Unknown("whether the policy is a permissions boundary is not decided by source")


@control(
    "IAM.1",
    ManagedPolicy,
    InlinePolicy,
    Principal,
    slug="administrator-policy",
    partial=BOUNDARIES,
    no_fix=HUMAN,
    parameters=(
        Parameter(
            "inline-policies",
            bool,
            True,
            "Also read inline policies, as warnings: Security Hub itself evaluates customer managed ones only.",
        ),
    ),
)
def administrator(subject: Subject, context: Context) -> Answer:
    inline = not isinstance(subject, ManagedPolicy)
    this = declared("IAM.1")
    if inline and this is not None and context.parameter(this, "inline-policies") is False:
        return NOT_APPLICABLE
    documents, doubt = _documents(subject)
    if inline and not documents and not doubt:
        return NOT_APPLICABLE
    findings: list[Finding] = []
    for document in documents:
        doubt = doubt or document.open
        for statement in document.statements:
            answer = statement.allows() & statement.all_actions() & statement.all_resources()
            star = next((a for a in statement.actions.found if (a.is_("*") | a.is_("*:*")) is YES), None)
            # Other spellings (`**`, NotAction) grant the same, but whether AWS's rule sees it is not documented.
            if answer is YES and star is not None:
                message = "allows every action on every resource"
                if inline:
                    message += "; Security Hub evaluates customer managed policies only"
                findings.append(
                    Finding(
                        "IAM.1",
                        subject.owner,
                        star.at or statement.at or subject.header,
                        message,
                        warn_only=inline,
                        value=star.shown,
                        facet=f"{'/'.join(map(str, document.base))}[{statement.number}]",
                        origins=star.origins,
                    )
                )
            doubt = doubt or answer is MAYBE or (answer is YES and star is None)
    if findings:
        return _unless_boundary(subject, findings) if isinstance(subject, ManagedPolicy) else findings
    return Unknown("the policy is not decided by source") if doubt else PASS


def _wildcard_service(statement: Statement) -> tuple[Tri, Value | None]:
    """`service:*` among the actions (or the not-actions) of an Allow statement."""
    verdict: Tri = MAYBE if statement.actions.maybe_more or statement.not_actions.maybe_more else NO
    for action in (*statement.actions.found, *statement.not_actions.found):
        answer = action.test(_is_wildcard)
        if answer is YES:
            return statement.allows(), action
        verdict = verdict | answer
    return verdict & statement.allows(), None


def _is_wildcard(datum: object) -> bool:
    text = as_text(datum) or ""
    service, _, action = text.partition(":")
    return bool(service) and service != "*" and action == "*"


@control(
    "IAM.21",
    ManagedPolicy,
    slug="service-wide-actions",
    no_fix=HUMAN,
    partial=BOUNDARIES,
)
def service_wide(policy: ManagedPolicy, context: Context) -> Answer:
    documents, doubt = _documents(policy)
    findings: list[Finding] = []
    for document in documents:
        doubt = doubt or document.open
        for statement in document.statements:
            answer, action = _wildcard_service(statement)
            if answer is YES and action is not None:
                findings.append(
                    Finding(
                        "IAM.21",
                        policy.owner,
                        action.at or statement.at or policy.header,
                        f"allows {action.shown}, every action of the service"
                        if action in statement.actions.found
                        else f"allows everything but {action.shown}",
                        value=action.shown,
                        facet=f"Statement[{statement.number}]",
                        origins=action.origins,
                    )
                )
            doubt = doubt or answer is MAYBE
    if findings:
        return _unless_boundary(policy, findings)
    return Unknown("the policy is not decided by source") if doubt else PASS


@control(
    "IAM.2",
    User,
    slug="policy-on-user",
    partial="attachments of the same module or template",
    no_fix="access of a person has to move to a group or role first",
)
def policy_on_user(user: User, context: Context) -> Answer:
    findings: list[Finding] = []
    doubt = False
    for part, word in ((user.inline, "an inline policy"), (user.attached, "a managed policy")):
        doubt = doubt or part.maybe_more
        for facet in part.found:
            at = facet.value.at if facet.resource is user.resource else None
            findings.append(_attached(user, at or facet.resource.header, f"{word} is attached to the user", facet.resource.address))
    lists = (
        (("aws_iam_policy_attachment", "users"),)
        if user.terraform
        else (("AWS::IAM::Policy", "Users"), ("AWS::IAM::ManagedPolicy", "Users"), ("AWS::IAM::UserPolicy", "UserName"))
    )
    name = ("name",) if user.terraform else ("UserName",)
    for type, key in lists:
        for resource in user.module.of(type):
            value = resource.config.child(key)
            items = value.items()
            doubt = doubt or items.maybe_more
            for item in items.found:
                answer = points_at(item, user.resource, name, resource)
                if answer is YES:
                    said = "attaches a managed policy to" if user.terraform else "is attached to"
                    findings.append(_attached(user, item.at or resource.header, f"{resource.address} {said} the user", resource.address))
                doubt = doubt or answer is MAYBE
    for type, list_name in EXCLUSIVE:
        for resource in user.module.of(type):
            linked = points_at(resource.config.child("user_name"), user.resource, name, resource)
            listed = resource.config.child(list_name)
            answer = linked & listed.present()
            if answer is YES:
                findings.append(_attached(user, listed.at or resource.header, f"{resource.address} attaches policies", resource.address))
            doubt = doubt or answer is MAYBE
    if findings:
        return findings
    return Unknown("an attachment may exist that source does not decide") if doubt else PASS


EXCLUSIVE = (
    ("aws_iam_user_policy_attachments_exclusive", "policy_arns"),
    ("aws_iam_user_policies_exclusive", "policy_names"),
)
"""Terraform resources that own the whole list of a user's policies."""


def _attached(user: User, at: Loc, message: str, facet: str) -> Finding:
    return Finding("IAM.2", user.owner, at, message, value="attached", facet=facet)


REQUIRED = ("uppercase", "lowercase", "symbols", "numbers")


@control(
    "IAM.7",
    PasswordPolicy,
    slug="weak-password-policy",
    partial="an account setting: judged where aws_iam_account_password_policy is declared; CloudFormation has no resource for it",
)
def weak_passwords(policy: PasswordPolicy, context: Context) -> Answer:
    wanted = {**dict.fromkeys(REQUIRED, True), "length": AtLeast(8)}
    finding, doubt = judge_together("IAM.7", policy, wanted, "Require strong passwords", Update.IN_PLACE)
    return [finding] if finding is not None else Unknown(doubt) if doubt else PASS
