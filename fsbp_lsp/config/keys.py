"""Every setting and assumption, declared once as data: reader, schema, `fsbp config` and docs are made from this."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LEVELS = ("block", "warn", "verify", "off")
UNDECLARED = ("fail", "warn", "ignore")
SEVERITIES = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
"""From mild to grave."""
GATE_SETS = ("starter", "guide", "fsbp", "none")
META_LEVELS = {
    "syntax": "block",
    "missing-reason": "block",
    "internal-error": "block",
    "unreadable": "warn",
    "unused-ignore": "warn",
    "expired-ignore": "warn",
    "unknown-control": "warn",
}
"""Findings about the source itself, with the level each has unless configured."""


class Key:
    """One top-level setting.

    shape: `ids` (control ids and globs), `selectors` (also severities and gate sets), `patterns`, `paths`,
    `flag`, `choice`, `path`, or `table`. default: as TOML would write it. help: one or more sentences.
    """

    __slots__ = ("choices", "default", "example", "help", "name", "shape")

    def __init__(self, name: str, shape: str, default: str, help: str, example: str, choices: tuple[str, ...] = ()) -> None:
        self.name = name
        self.shape = shape
        self.default = default
        self.help = help
        self.example = example
        self.choices = choices


KEYS = (
    Key(
        "extend",
        "path",
        "none",
        "Another configuration file to start from; what stands here wins over what it says.",
        'extend = "../fsbp.toml"',
    ),
    Key(
        "select",
        "selectors",
        "everything",
        "The controls to check: ids, globs (`S3.*`), a severity (it and everything above) or a gate set (`starter`, `guide`, `fsbp`).",
        'select = ["guide", "EC2.*"]',
    ),
    Key("ignore", "ids", "[]", "Controls not to check, as ids or globs. Wins over `select`.", 'ignore = ["S3.9", "CloudFront.*"]'),
    Key("extend-select", "selectors", "[]", "Controls to check besides `select`; adds up along `extend`.", 'extend-select = ["RDS.*"]'),
    Key("extend-ignore", "ids", "[]", "Controls not to check besides `ignore`; adds up along `extend`.", 'extend-ignore = ["ELB.6"]'),
    Key(
        "fail-on",
        "selectors",
        "the `guide` set plus every CRITICAL and HIGH control",
        "What blocks, in place of the default: ids, globs, a severity (it and everything above: `HIGH` means HIGH and CRITICAL), "
        "a gate set, or `none`. All else warns. Problems of the source itself (`syntax`, `missing-reason`) go on blocking "
        "unless it is `none`.",
        'fail-on = ["CloudTrail.1", "S3.4", "IAM.1"]',
    ),
    Key(
        "undeclared",
        "choice",
        '"warn"',
        "What to do where the source is silent and AWS's own default for new resources complies: `warn` reports it one step milder "
        "(what would block warns), `fail` reports it like any failure, `ignore` says nothing.",
        'undeclared = "fail"',
        UNDECLARED,
    ),
    Key(
        "exclude",
        "patterns",
        "[]",
        "Files and directories left alone, as gitignore-like patterns relative to this file: `*`, `?`, `[…]`, `**`; "
        "a pattern with a slash before its end is anchored here. A file named on the command line is checked all the same, "
        "except in hooks and with `--force-exclude`.",
        'exclude = ["examples/", "**/generated/*.tf"]',
    ),
    Key(
        "per-path-ignores",
        "table",
        "{}",
        "Controls not to check for files that match a pattern.",
        '[per-path-ignores]\n"test/**" = ["S3.*", "EC2.8"]',
    ),
    Key("unsafe-fixes", "flag", "false", "Let `--fix` also apply fixes that ask for a review.", "unsafe-fixes = true"),
    Key("fixable", "ids", "everything", "Controls whose fixes may be applied in bulk.", 'fixable = ["S3.*"]'),
    Key("unfixable", "ids", "[]", "Controls whose fixes are offered in editors but never applied in bulk.", 'unfixable = ["KMS.*"]'),
    Key(
        "var-files",
        "paths",
        "[]",
        "Terraform variable files read besides the automatic ones (`terraform.tfvars`, `*.auto.tfvars`), in order; "
        "relative to this file, later ones win.",
        'var-files = ["env/prod.tfvars"]',
    ),
    Key(
        "parameter-files",
        "paths",
        "[]",
        "Files with the values a CloudFormation deployment gives to parameters, in order; relative to this file, later ones win: "
        "the CLI's JSON list, a CodePipeline template configuration, or the `parameter_overrides` of `samconfig.toml` "
        "(`samconfig.toml#prod`: of its environment `prod`). "
        "What they give decides conditions, and is used by every template with a parameter of that name.",
        'parameter-files = ["deploy/prod.json"]',
    ),
    Key(
        "require-reason",
        "flag",
        "false",
        "An ignore comment without `-- reason` is a finding of its own (`missing-reason`).",
        "require-reason = true",
    ),
    Key(
        "outputs-escape",
        "flag",
        "false",
        "Resources named in the outputs of a module or template may get their companions (a public access block, say) elsewhere: "
        "do not report them as missing.",
        "outputs-escape = true",
    ),
    Key("show-unknown", "flag", "false", "List what source alone cannot decide, and why.", "show-unknown = true"),
    Key(
        "assume",
        "table",
        "{}",
        "What holds in the account but is not in this source. Each assumption is shown where it decides.",
        "[assume]\nimdsv2-default = true",
    ),
    Key(
        "controls",
        "table",
        "{}",
        "Level and parameters of one control: `level` is `block`, `warn`, `verify` (left to a check after deployment) or `off`. "
        "Findings about the source itself (`syntax`, `unused-ignore`, …) take a level too.",
        '[controls."S3.9"]\nlevel = "off"',
    ),
)

BY_NAME = {key.name: key for key in KEYS}


class Assumption:
    """One thing that may be declared about the account."""

    __slots__ = ("help", "name")

    def __init__(self, name: str, help: str) -> None:
        self.name = name
        self.help = help


ASSUMPTIONS = (
    Assumption("ebs-encryption-by-default", "EBS encryption by default is on in every account and region deployed to (EC2.3)."),
    Assumption("imdsv2-default", "The account's instance metadata defaults require IMDSv2 (EC2.8)."),
    Assumption("account-public-access-block", "Account-level S3 Block Public Access is on with all four settings (S3.1)."),
    Assumption("organization-trail", "An organization trail covering all regions is managed elsewhere (CloudTrail.1)."),
    Assumption("ecr-registry-scanning", "The scanning configuration of the ECR registry covers every repository (ECR.1)."),
)
"""All of them are true or false; false is the same as leaving them out, and lets a file take back what it extends."""


def default_of(name: str) -> Any:
    """Value of a flag or choice nobody set."""
    key = BY_NAME[name]
    return key.default == "true" if key.shape == "flag" else key.default.strip('"')
