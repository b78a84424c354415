"""What is known about the examples of the corpus: which of them plan offline, and what some of them need for it."""

from __future__ import annotations

import os

CORPUS = os.environ.get("FSBP_CORPUS", "")
PREFIX = "terraform-aws-modules__"
"""Before the name of every repository in the corpus that has examples."""

_ATLANTIS = """github_token            = "token"
github_owner            = "owner"
atlantis_github_user    = "user"
atlantis_repo_allowlist = ["github.com/owner/*"]
repositories            = ["infrastructure"]
"""
VARIABLES = {
    "terraform-aws-atlantis/examples/github-complete": f'{_ATLANTIS}domain = "terraform-aws-modules.modules.tf"\n',
    "terraform-aws-atlantis/examples/github-separate": _ATLANTIS,
}
"""The terraform.tfvars of examples with variables that have no default."""

CHANGED: dict[str, tuple[tuple[str, str], ...]] = {
    "terraform-aws-alb/examples/complete-alb/main.tf": (("regex_values     = [", "values           = ["),),
    "terraform-aws-ecr/examples/complete/main.tf": (("IMMUTABLE_WITH_EXCLUSION", "IMMUTABLE"),),
    "terraform-aws-ecr/examples/repository-template/main.tf": (("MUTABLE_WITH_EXCLUSION", "MUTABLE"),),
    "terraform-aws-emr/modules/serverless/main.tf": (
        # Terraform cannot count by what it knows after apply.
        ("try(var.network_configuration.subnet_ids, null) != null", "var.network_configuration != null"),
    ),
    "terraform-aws-emr/modules/studio/main.tf": (
        # Branches of different types, which Terraform refuses.
        ("local.workspace_security_group_egress_rules != null &&", "{ for k, v in local.workspace_security_group_egress_rules : k => v if"),
        ("local.create_security_groups ? local.workspace_security_group_egress_rules : {}", "local.create_security_groups }"),
    ),
    # Outputs of a version of the called module before the one at hand.
    "terraform-aws-lambda/examples/alias/main.tf": (("module.sqs_events.sqs_queue_arn", "module.sqs_events.queue_arn"),),
    "terraform-aws-s3-bucket/examples/notification/main.tf": (
        ("module.sns_topic1.sns_topic_arn", "module.sns_topic1.topic_arn"),
        ("module.sns_topic2.sns_topic_arn", "module.sns_topic2.topic_arn"),
    ),
    "terraform-aws-vpc/examples/ipam/main.tf": (("aws_vpc_ipam_preview_next_cidr.this.cidr", '"172.16.0.0/20"'),),
    # Subnets of a kind without route tables of their own have those of private subnets, of which there must be one.
    "terraform-aws-vpc/examples/issues/main.tf": (("private_subnets     = []", 'private_subnets     = ["10.0.140.0/24"]'),),
    "terraform-aws-vpc/examples/outpost/main.tf": (
        ('  assume_role {\n    role_arn = "arn:aws:iam::562806027032:role/outpost-shared-anton"\n  }\n', ""),
        # Three subnets, of which two have a network, and no provider takes an Outpost's subnet without a pool of addresses.
        (
            '"10.0.51.0/24"]',
            '"10.0.51.0/24", "10.0.52.0/24"]\n  map_customer_owned_ip_on_launch = true\n  customer_owned_ipv4_pool = "pool"',
        ),
    ),
}
"""By file, text that only provider 6 understands (or no Terraform), and what says nearest to it for provider 5."""

_PLANNED = {
    "alb": "complete-alb complete-nlb mutual-auth-alb",
    "atlantis": "github-complete github-separate",
    "autoscaling": "complete",
    "cloudfront": "complete mtls",
    "dynamodb-table": "autoscaling basic global-tables s3-import",
    "ec2-instance": "complete session-manager",
    "ecr": "complete repository-template",
    "ecs": "complete container-definition ec2-autoscaling express-service fargate",
    "efs": "complete",
    "elasticache": (
        "memcached-cluster redis-cluster redis-cluster-mode redis-global-replication-group redis-replication-group "
        "redis-replication-group-with-cluster-replica serverless-cache valkey-replication-group"
    ),
    "emr": "private-cluster public-cluster serverless-cluster studio virtual-cluster",
    "iam": ("iam-account iam-group iam-oidc-provider iam-policy iam-read-only-policy iam-role iam-role-for-service-accounts iam-user"),
    "kms": "complete",
    "lambda": (
        "alias async build-package code-signing complete container-image deploy event-source-mapping multiple-regions "
        "runtimes simple simple-cicd triggers with-efs with-vpc with-vpc-s3-endpoint"
    ),
    "msk-kafka-cluster": "basic complete connect serverless",
    "rds": (
        "blue-green-deployment complete-mssql complete-mysql complete-oracle complete-postgres "
        "cross-region-replica-postgres enhanced-monitoring groups replica-mysql replica-postgres "
        "role-association-postgres s3-import-mysql"
    ),
    "s3-bucket": (
        "account-public-access complete directory-bucket notification object s3-analytics s3-inventory s3-replication table-bucket"
    ),
    "sns": "complete",
    "sqs": "complete",
    "vpc": (
        "block-public-access complete flow-log ipam ipv6-dualstack ipv6-only issues manage-default-vpc network-acls "
        "outpost secondary-cidr-blocks separate-route-tables simple"
    ),
}
PLANNED = tuple(f"terraform-aws-{module}/examples/{name}" for module, names in _PLANNED.items() for name in names.split())
"""Examples that plan with provider 5.100."""
UNPLANNED = {
    "terraform-aws-ecs/examples/managed-instances": "managed instances exist in provider 6 only, and the cluster has no other capacity",
    "terraform-aws-s3-bucket/examples/vectors": "vector buckets exist in provider 6 only, and the policies name nothing else",
}
"""Examples that do not, and why."""
