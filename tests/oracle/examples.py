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
}
"""By file, text that only provider 6 understands (or no Terraform), and what says nearest to it for provider 5."""
PLANNED: tuple[str, ...] = ()
UNPLANNED: dict[str, str] = {}
