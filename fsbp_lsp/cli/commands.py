"""The commands of `fsbp`, as data."""

from __future__ import annotations

from fsbp_lsp.cli.options import Command, Option

_FORMAT = Option("--output-format", value="FORMAT", choices=("text", "json"), help="how to print")

_CONFIGURATION = (
    Option(
        "--config", value="FILE|KEY=VALUE", many=True, complete="file", help="a configuration file to use for everything, or one setting"
    ),
    Option("--isolated", help="look for no configuration file"),
)

_JUDGING = (
    Option(
        "--select", value="CONTROLS", split=True, complete="ids", help="check these only: ids, globs, a severity and above, or a gate set"
    ),
    Option("--extend-select", value="CONTROLS", split=True, complete="ids", help="check these too"),
    Option("--ignore", value="CONTROLS", split=True, complete="ids", help="do not check these: ids or globs"),
    Option(
        "--fail-on",
        value="CONTROLS",
        split=True,
        complete="ids",
        help="what blocks: ids, globs, a severity and above, a gate set (starter, guide, fsbp), or none",
    ),
    *_CONFIGURATION,
    Option("--force-exclude", help="leave excluded files alone even when they are named"),
)

_PRINTING = (
    Option(
        "--output-format",
        value="FORMAT",
        choices=("full", "concise", "json", "sarif", "github"),
        help="how to print findings",
    ),
    Option("--output-file", value="FILE", complete="file", help="where to print findings instead of standard output"),
    Option("--color", value="WHEN", choices=("auto", "always", "never"), help="when to colour"),
    Option("-q", "--quiet", help="print findings only, no summary"),
    Option("-v", "--verbose", help="say more in the summary, and what was left alone and why"),
)

_FIXING = (
    Option("--unsafe-fixes", help="apply fixes that ask for a review, too"),
    Option("--diff", help="print what --fix would change as a patch; write nothing"),
    Option("--show-fixes", help="list what was fixed, and what could not be and why"),
)

CHECK = Command(
    "check",
    "Check Terraform and CloudFormation files and directories (default: the current one).",
    (
        Option("--fix", help="apply the safe fixes"),
        *_FIXING,
        Option("--fix-only", help="with --fix: do not report what is left"),
        *_JUDGING,
        Option(
            "--scope",
            value="SCOPE",
            choices=("module", "files"),
            help="report on the whole modules of the named files (default) or on these files only",
        ),
        *_PRINTING,
        Option("--exit-zero", help="exit 0 whatever was found"),
        Option("--statistics", help="print how often each control was found instead of findings"),
        Option("--show-unknown", help="list what source alone cannot decide, and why"),
        Option("--show-suppressed", help="list what ignore comments hold back"),
        Option("--show-settings", help="print the settings in force and why, then stop"),
        Option("--show-files", help="print the files that would be checked, then stop"),
        Option(
            "--plan-source",
            value="DIR",
            complete="file",
            help="the configuration a Terraform plan was made from, for the lines of its findings (default: where the plan lies)",
        ),
        Option("--stdin-filename", value="PATH", complete="file", help="check standard input (`-`) as if it were this file"),
    ),
    operand="PATH",
    help="A PATH may also be a Terraform plan: `terraform show -json plan.bin | fsbp check -`.\n"
    "Exit status: 0 nothing blocks, 1 something blocks or files changed, 2 cannot run.",
    complete="file",
)

FIX = Command(
    "fix",
    "Apply the safe fixes; the same as `fsbp check --fix --fix-only`.",
    (*_FIXING, *_JUDGING, *_PRINTING),
    operand="PATH",
    help="Exit status: 0 nothing to fix, 1 files changed, 2 cannot run.",
    complete="file",
)

EXPLAIN = Command(
    "explain",
    "Explain one control: what it asks, what source can decide, how to set and ignore it.",
    (_FORMAT, *_CONFIGURATION),
    operand="ID|SLUG",
    most=1,
    complete="ids",
)

VALUE = Command(
    "value",
    "Show what source says a value is, and every place it came through.",
    (_FORMAT, *_CONFIGURATION),
    operand="ADDRESS|PATH",
    help="ADDRESS is aws_s3_bucket.logs.bucket, LogsBucket.BucketName, var.name, local.tags or the like.\n"
    "Exit status: 0 found, 2 there is no such thing.",
)

CONTROLS = Command(
    "controls",
    "List the controls and what this release decides from source.",
    (
        _FORMAT,
        Option("--coverage", help="print totals, and why what is not covered is not"),
        Option("--check", help="check the declarations of the controls themselves"),
    ),
    operand="ID|GLOB",
    complete="ids",
)

CONFIG = Command(
    "config",
    "Explain the settings of fsbp.toml.",
    (Option("--schema", help="print the JSON schema of the file"),),
    operand="KEY",
    most=1,
)

SERVER = Command("server", "Run the language server; its own options follow, see `fsbp-lsp --help`.", operand="ARGUMENT")

VERSION = Command("version", "Print the version.", (_FORMAT,), most=0)

COMPLETIONS = Command("completions", "Print a completion script for a shell.", operand="bash|zsh|fish", most=1)

COMMANDS = (CHECK, FIX, EXPLAIN, VALUE, CONTROLS, CONFIG, SERVER, VERSION, COMPLETIONS)

BY_NAME = {command.name: command for command in COMMANDS}
