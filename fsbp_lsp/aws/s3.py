"""Amazon S3."""

from __future__ import annotations

from fsbp_lsp.aws.iam import Document
from fsbp_lsp.model import Attr, Companion, Facet, Kind, Nested, Part, Update


class PublicAccessBlock(
    Facet,
    tf=Companion("aws_s3_bucket_public_access_block", by="bucket", owner_name="bucket"),
    cfn=Nested("PublicAccessBlockConfiguration"),
):
    block_acls = Attr("block_public_acls", "BlockPublicAcls", default=False, update=Update.CUTS_ACCESS)
    block_policy = Attr("block_public_policy", "BlockPublicPolicy", default=False, update=Update.CUTS_ACCESS)
    ignore_acls = Attr("ignore_public_acls", "IgnorePublicAcls", default=False, update=Update.CUTS_ACCESS)
    restrict = Attr("restrict_public_buckets", "RestrictPublicBuckets", default=False, update=Update.CUTS_ACCESS)


class Encryption(
    Facet,
    tf=(
        Companion("aws_s3_bucket_server_side_encryption_configuration", by="bucket", owner_name="bucket"),
        Nested("server_side_encryption_configuration", legacy=True),
    ),
    cfn=Nested("BucketEncryption"),
):
    pass


class Logging(
    Facet,
    tf=(Companion("aws_s3_bucket_logging", by="bucket", owner_name="bucket"), Nested("logging", legacy=True)),
    cfn=Nested("LoggingConfiguration"),
):
    target = Attr("target_bucket", "DestinationBucketName")
    prefix = Attr("target_prefix", "LogFilePrefix")


class LifecycleRule(
    Facet,
    tf=(
        Companion("aws_s3_bucket_lifecycle_configuration", by="bucket", owner_name="bucket", at="rule"),
        Nested("lifecycle_rule", legacy=True),
    ),
    cfn=Nested("LifecycleConfiguration.Rules"),
):
    status = Attr("status", "Status")
    enabled = Attr("enabled", None)


class Acl(
    Facet,
    tf=Companion("aws_s3_bucket_acl", by="bucket", owner_name="bucket"),
):
    canned = Attr("acl", None, update=Update.CUTS_ACCESS)


class OwnershipControls(
    Facet,
    tf=Companion("aws_s3_bucket_ownership_controls", by="bucket", owner_name="bucket"),
    cfn=Nested("OwnershipControls"),
):
    ownership = Attr("rule.object_ownership", None)


class BucketPolicy(
    Document,
    tf=(
        Companion("aws_s3_bucket_policy", by="bucket", owner_name="bucket", at="policy", whole=True),
        Nested("policy", legacy=True, whole=True),
    ),
    cfn=Companion("AWS::S3::BucketPolicy", by="Bucket", owner_name="BucketName", at="PolicyDocument", whole=True),
):
    pass


class Bucket(Kind, tf="aws_s3_bucket", cfn="AWS::S3::Bucket"):
    name = Attr("bucket", "BucketName", update=Update.REPLACES)
    acl = Attr("acl", "AccessControl", update=Update.CUTS_ACCESS)
    public_access_block = Part(PublicAccessBlock)
    encryption = Part(Encryption)
    logging = Part(Logging)
    lifecycle = Part(LifecycleRule)
    acls = Part(Acl)
    ownership = Part(OwnershipControls)
    policies = Part(BucketPolicy)


class AccountPublicAccessBlock(Kind, tf="aws_s3_account_public_access_block"):
    block_acls = Attr("block_public_acls", None, default=False, update=Update.CUTS_ACCESS)
    block_policy = Attr("block_public_policy", None, default=False, update=Update.CUTS_ACCESS)
    ignore_acls = Attr("ignore_public_acls", None, default=False, update=Update.CUTS_ACCESS)
    restrict = Attr("restrict_public_buckets", None, default=False, update=Update.CUTS_ACCESS)
