"""The resource types the generator draws from: what is always written, and the values attributes and blocks may have."""

from __future__ import annotations

from dataclasses import dataclass, field

Attributes = dict[str, tuple[object, ...]]
ACCOUNT = "111122223333"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
BALANCER = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:loadbalancer/app/l/1234567890abcdef"
GROUP = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:targetgroup/t/1234567890abcdef"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
BOOL = (True, False)
MAYBE_BOOL = (True, False, None)


@dataclass
class Shape:
    """fixed: lines as they are. attributes: their values, None being null. blocks: the same for what stands in blocks.

    required: names of attributes and blocks that the provider insists on.
    """

    fixed: tuple[str, ...] = ()
    attributes: Attributes = field(default_factory=dict)
    blocks: dict[str, Attributes] = field(default_factory=dict)
    required: frozenset[str] = frozenset()


TYPES = {
    "aws_db_instance": Shape(
        ('instance_class = "db.t3.micro"', "allocated_storage = 20", 'username = "admin"', 'password = "not-a-secret"'),
        {
            "engine": ("mysql", "postgres", "oracle-ee"),
            "storage_encrypted": MAYBE_BOOL,
            "publicly_accessible": MAYBE_BOOL,
            "backup_retention_period": (0, 3, 7, 30),
            "deletion_protection": MAYBE_BOOL,
            "auto_minor_version_upgrade": BOOL,
        },
        required=frozenset({"engine"}),
    ),
    "aws_rds_cluster": Shape(
        ('master_username = "admin"', 'master_password = "not-a-secret"'),
        {"engine": ("aurora-mysql", "aurora-postgresql"), "storage_encrypted": BOOL, "deletion_protection": MAYBE_BOOL},
        required=frozenset({"engine"}),
    ),
    "aws_ebs_volume": Shape(('availability_zone = "us-east-1a"', "size = 8"), {"encrypted": MAYBE_BOOL}),
    "aws_efs_file_system": Shape((), {"encrypted": MAYBE_BOOL}),
    "aws_instance": Shape(
        ('ami = "ami-12345678"', 'instance_type = "t3.micro"'),
        {},
        {
            "metadata_options": {"http_tokens": ("required", "optional"), "http_endpoint": ("enabled", "disabled")},
            "root_block_device": {"encrypted": BOOL},
        },
    ),
    "aws_lb": Shape(
        ('subnets = ["subnet-1", "subnet-2"]',),
        {"load_balancer_type": ("application", "network"), "drop_invalid_header_fields": BOOL, "enable_deletion_protection": MAYBE_BOOL},
        {"access_logs": {"bucket": ("logs",), "enabled": BOOL}},
        frozenset({"bucket"}),
    ),
    "aws_elb": Shape(
        (
            'availability_zones = ["us-east-1a"]',
            'listener {\n  instance_port = 80\n  instance_protocol = "http"\n  lb_port = 80\n  lb_protocol = "http"\n}',
        ),
        {"internal": BOOL},
        {"access_logs": {"bucket": ("logs",), "enabled": BOOL}},
        frozenset({"bucket"}),
    ),
    "aws_lb_listener": Shape(
        (f'load_balancer_arn = "{BALANCER}"',),
        {"port": (80, 443), "protocol": ("HTTP", "TCP")},
        {"default_action": {"type": ("forward",), "target_group_arn": (GROUP,)}},
        frozenset({"default_action", "type", "target_group_arn", "port"}),
    ),
    "aws_cloudtrail": Shape(
        ('s3_bucket_name = "trail"',),
        {
            "name": ("trail-a", "trail-b"),
            "is_multi_region_trail": BOOL,
            "enable_log_file_validation": MAYBE_BOOL,
            "enable_logging": BOOL,
            "kms_key_id": (KEY, None),
        },
        {"event_selector": {"read_write_type": ("All", "WriteOnly"), "include_management_events": BOOL}},
        frozenset({"name"}),
    ),
    "aws_dynamodb_table": Shape(
        ('billing_mode = "PAY_PER_REQUEST"', 'hash_key = "id"', 'attribute {\n  name = "id"\n  type = "S"\n}'),
        {"name": ("table-a", "table-b"), "deletion_protection_enabled": MAYBE_BOOL},
        {"point_in_time_recovery": {"enabled": BOOL}},
        frozenset({"name", "enabled"}),
    ),
    "aws_ecr_repository": Shape(
        (),
        {"name": ("repo/a", "repo/b"), "image_tag_mutability": ("MUTABLE", "IMMUTABLE")},
        {"image_scanning_configuration": {"scan_on_push": BOOL}},
        frozenset({"name", "scan_on_push"}),
    ),
    "aws_sqs_queue": Shape((), {"sqs_managed_sse_enabled": BOOL}),
    "aws_sns_topic": Shape((), {"kms_master_key_id": ("alias/aws/sns", None)}),
    "aws_kms_key": Shape((), {"description": ("a", "b"), "enable_key_rotation": BOOL}),
    "aws_opensearch_domain": Shape(
        (),
        {"domain_name": ("search-a", "search-b")},
        {"encrypt_at_rest": {"enabled": BOOL}, "node_to_node_encryption": {"enabled": BOOL}},
        frozenset({"domain_name", "enabled"}),
    ),
    "aws_lambda_function": Shape(
        (f'function_name = "f"\nrole = "{ROLE}"\nhandler = "h"\ns3_bucket = "code"\ns3_key = "k"',),
        {"runtime": ("python3.12", "nodejs18.x", "nodejs22.x")},
        required=frozenset({"runtime"}),
    ),
    "aws_lambda_permission": Shape(
        ('function_name = "f"\naction = "lambda:InvokeFunction"',),
        {"principal": ("*", "s3.amazonaws.com", ACCOUNT), "source_account": (ACCOUNT, None)},
        required=frozenset({"principal"}),
    ),
    "aws_iam_account_password_policy": Shape(
        (),
        {
            "require_uppercase_characters": BOOL,
            "require_lowercase_characters": BOOL,
            "require_symbols": BOOL,
            "require_numbers": BOOL,
            "minimum_password_length": (6, 8, 14),
        },
    ),
    "aws_eks_cluster": Shape(
        (f'role_arn = "{ROLE}"',),
        {"name": ("eks-a", "eks-b"), "version": ("1.29", "1.33")},
        {"vpc_config": {"subnet_ids": (("subnet-1", "subnet-2"),), "endpoint_public_access": BOOL, "endpoint_private_access": (True,)}},
        frozenset({"name", "vpc_config", "subnet_ids"}),
    ),
}
