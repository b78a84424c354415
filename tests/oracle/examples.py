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
}
"""By file, text that only provider 6 understands and what says nearest to it for provider 5."""
PLANNED: tuple[str, ...] = ()
UNPLANNED: dict[str, str] = {}
