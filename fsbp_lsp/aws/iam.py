"""AWS IAM: policies, roles, users and groups, and the facet that holds a policy document."""

from __future__ import annotations

from fsbp_lsp.aws.policy_document import PolicyDocument
from fsbp_lsp.model import Attr, Companion, Facet, Kind, Nested, Part, Update


class Document(Facet):
    """A facet whose value is one policy document."""

    @property
    def document(self) -> PolicyDocument:
        return PolicyDocument(self.value, self.resource, self.base)


class PolicyText(Document, tf=Nested("policy", whole=True), cfn=Nested("PolicyDocument", whole=True)):
    pass


class ManagedPolicy(Kind, tf="aws_iam_policy", cfn="AWS::IAM::ManagedPolicy"):
    """A customer managed policy (AWS Config calls it AWS::IAM::Policy)."""

    name = Attr("name", "ManagedPolicyName", update=Update.REPLACES)
    documents = Part(PolicyText)


class Bounded(Kind, tf=("aws_iam_role", "aws_iam_user"), cfn=("AWS::IAM::Role", "AWS::IAM::User")):
    """Whoever may have a managed policy as permissions boundary."""

    boundary = Attr("permissions_boundary", "PermissionsBoundary")


class InlinePolicy(
    Kind,
    tf=("aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy"),
    cfn=("AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy", "AWS::IAM::GroupPolicy"),
):
    """An inline policy written as a resource of its own."""

    documents = Part(PolicyText)


class InlineEntry(Facet, tf=Nested("inline_policy"), cfn=Nested("Policies")):
    """An inline policy written inside its role, user or group."""

    @property
    def document(self) -> PolicyDocument:
        key = "policy" if self.terraform else "PolicyDocument"
        return PolicyDocument(self.value.child(key), self.resource, (*self.base, key))


class Principal(
    Kind,
    tf=("aws_iam_role", "aws_iam_user", "aws_iam_group"),
    cfn=("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"),
):
    """A role, user or group with inline policies of its own."""

    inline = Part(InlineEntry)


class UserInline(
    Facet,
    tf=Companion("aws_iam_user_policy", by="user", owner_name="name", reference="name"),
    cfn=Nested("Policies"),
):
    pass


class UserAttachment(
    Facet,
    tf=Companion("aws_iam_user_policy_attachment", by="user", owner_name="name", reference="name"),
    cfn=Nested("ManagedPolicyArns"),
):
    pass


class User(Kind, tf="aws_iam_user", cfn="AWS::IAM::User"):
    inline = Part(UserInline)
    attached = Part(UserAttachment)
