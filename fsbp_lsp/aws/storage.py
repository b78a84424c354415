"""Amazon DynamoDB, Amazon EFS, AWS KMS, Amazon OpenSearch Service."""

from __future__ import annotations

from fsbp_lsp.aws.iam import Document
from fsbp_lsp.model import Attr, Companion, Facet, Kind, Nested, Part, Update
from fsbp_lsp.values import UNKNOWN


class TableReplica(Facet, tf=Nested("replica")):
    recovery = Attr("point_in_time_recovery", None, default=False, update=Update.COSTS)


class Table(Kind, tf="aws_dynamodb_table", cfn="AWS::DynamoDB::Table"):
    recovery = Attr(
        "point_in_time_recovery.enabled", "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled", default=False, update=Update.COSTS
    )
    deletion_protection = Attr("deletion_protection_enabled", "DeletionProtectionEnabled", default=False)
    restored_from = Attr("restore_source_name", None, update=Update.REPLACES)
    restored_from_arn = Attr("restore_source_table_arn", None, update=Update.REPLACES)
    replicas = Part(TableReplica)


class ReplicaTable(Kind, tf="aws_dynamodb_table_replica"):
    """A replica as a resource of its own."""

    recovery = Attr("point_in_time_recovery", None, default=False, update=Update.COSTS)
    deletion_protection = Attr("deletion_protection_enabled", None, default=UNKNOWN)


class GlobalReplica(Facet, cfn=Nested("Replicas")):
    recovery = Attr(None, "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled", default=False, update=Update.COSTS)
    deletion_protection = Attr(None, "DeletionProtectionEnabled", default=False)


class GlobalTable(Kind, cfn="AWS::DynamoDB::GlobalTable"):
    replicas = Part(GlobalReplica)


class FileSystem(Kind, tf="aws_efs_file_system", cfn="AWS::EFS::FileSystem"):
    encrypted = Attr("encrypted", "Encrypted", default=False, update=Update.REPLACES)


class KeyPolicy(
    Document,
    tf=(Companion("aws_kms_key_policy", by="key_id", at="policy", whole=True), Nested("policy", whole=True)),
    cfn=Nested("KeyPolicy", whole=True),
):
    pass


class Key(
    Kind,
    tf=("aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key", "aws_kms_replica_external_key"),
    cfn=("AWS::KMS::Key", "AWS::KMS::ReplicaKey"),
):
    policies = Part(KeyPolicy)


class Domain(Kind, tf="aws_opensearch_domain", cfn="AWS::OpenSearchService::Domain"):
    encrypted = Attr("encrypt_at_rest.enabled", "EncryptionAtRestOptions.Enabled", default=False, update=Update.INTERRUPTS)
    node_to_node = Attr("node_to_node_encryption.enabled", "NodeToNodeEncryptionOptions.Enabled", default=False, update=Update.INTERRUPTS)
    subnets = Attr("vpc_options.subnet_ids", "VPCOptions.SubnetIds", update=Update.REPLACES)
    fine_grained = Attr("advanced_security_options.enabled", "AdvancedSecurityOptions.Enabled", default=False, update=Update.INTERRUPTS)
