"""Directories that others call are judged as they are deployed."""

from __future__ import annotations

import os
import random

import pytest

from fsbp_lsp.config import Settings
from fsbp_lsp.engine.check import Scope, Session, check
from fsbp_lsp.engine.discover import ModuleKey
from fsbp_lsp.engine.fix import plan_fixes
from fsbp_lsp.files import DiskFiles
from fsbp_lsp.model import Safety
from fsbp_lsp.terraform.module import TerraformModule
from tests.controls.memory import MemoryFiles
from tests.controls.run import TODAY, settings_from_text
from tests.engine.test_session import agrees, edited

TABLE = """\
variable "protected" {
  type    = bool
  default = false
}

resource "aws_dynamodb_table" "this" {
  name                        = "t"
  deletion_protection_enabled = var.protected
}
"""


def call(name, source, *arguments):
    lines = "".join(f"  {argument}\n" for argument in arguments)
    return f'module "{name}" {{\n  source = "{source}"\n{lines}}}\n'


def report(files, path, config='select = ["DynamoDB.6"]\n', keep=False):
    settings = settings_from_text(config)
    held = MemoryFiles({name: text.encode() for name, text in files.items()})
    made = Session(held, lambda _path: settings, TODAY, keep=keep).check_module(ModuleKey("terraform", path))
    assert made is not None
    return made


def said(made):
    return [(finding.control, finding.address, finding.at.path, finding.message) for finding in made.findings]


def test_a_directory_nobody_calls_is_judged_by_its_defaults():
    assert said(report({"m/main.tf": TABLE}, "m")) == [
        (
            "DynamoDB.6",
            "aws_dynamodb_table.this",
            "m/main.tf",
            "deletion_protection_enabled is false (default of var.protected)",
        )
    ]


def test_a_called_directory_is_judged_by_the_arguments_of_its_calls():
    good = {"main.tf": call("a", "./m", "protected = true"), "m/main.tf": TABLE}
    assert said(report(good, "m")) == []
    assert said(report(good, "")) == []
    bad = {"main.tf": call("a", "./m", "protected = false"), "m/main.tf": TABLE.replace("= false", "= true")}
    assert said(report(bad, "m")) == [
        (
            "DynamoDB.6",
            "module.a.aws_dynamodb_table.this",
            "m/main.tf",
            "deletion_protection_enabled is false (through protected of module.a)",
        )
    ]


def test_a_finding_in_a_called_module_names_the_calls_and_can_be_fixed_at_the_argument():
    files = {
        "envs/prod/main.tf": call("db", "../../stack", "safe = false"),
        "stack/main.tf": 'variable "safe" {}\n' + call("table", "../m", "protected = var.safe"),
        "m/main.tf": TABLE,
    }
    (finding,) = report(files, "m").findings
    assert finding.address == "module.db.module.table.aws_dynamodb_table.this"
    assert [(place.path, note) for place, note in finding.related] == [
        ("stack/main.tf", "deployed by module.db.module.table"),
        ("envs/prod/main.tf", "which module.db deploys"),
    ]
    titles = [(fix.title, fix.safety, fix.edits[0].at.path, fix.edits[0].text) for fix in finding.fixes]
    assert titles == [
        ("Change safe of module.db to true", Safety.REVIEW, "envs/prod/main.tf", "true"),
        ("Set deletion_protection_enabled to true here", Safety.REVIEW, "m/main.tf", "true"),
    ]


@pytest.mark.parametrize(
    ("expression", "offered"),
    [
        ("var.other != null ? null : var.protected", True),
        ("var.other != null ? coalesce(var.protected, true) : var.protected", True),
        # The condition would change with the argument.
        ("var.protected == false ? var.protected : null", False),
        # Something is made of the argument.
        ("var.other != null ? null : var.protected && true", False),
        # Nobody knows which.
        ("var.unset ? var.protected : false", False),
    ],
)
def test_an_argument_that_a_decided_condition_chose_can_be_fixed_at_the_call(expression, offered):
    module = TABLE.replace("= var.protected", f"= {expression}")
    module += 'variable "other" {\n  default = null\n}\nvariable "unset" {\n  type = bool\n}\n'
    (finding,) = report({"main.tf": call("a", "./m", "protected = false"), "m/main.tf": module}, "m").findings
    titles = [fix.title for fix in finding.fixes if not fix.refused]
    assert ("Change protected of module.a to true" in titles) is offered


def test_an_element_of_a_collection_is_said_to_be_set_at_its_own_line():
    module = (
        'variable "tables" {\n  default = {}\n}\nvariable "create" {\n  default = true\n}\n'
        'resource "aws_dynamodb_table" "this" {\n  for_each = var.create ? var.tables : {}\n'
        "  name     = each.key\n  deletion_protection_enabled = each.value.protected\n}\n"
    )
    tables = "tables = {\n    x = { protected = true }\n    y = { protected = false }\n  }"
    (finding,) = report({"main.tf": call("a", "./m", tables), "m/main.tf": module}, "m").findings
    assert finding.decided_at is not None
    assert (finding.decided_at.path, finding.decided_at.line) == ("main.tf", 5)


def test_a_long_condition_is_cut_with_a_mark():
    module = (
        TABLE.replace("= var.protected", f"= var.{'o' * 70} != null ? null : var.protected")
        + f'variable "{"o" * 70}" {{\n  default = null\n}}\n'
    )
    (finding,) = report({"main.tf": call("a", "./m", "protected = false"), "m/main.tf": module}, "m").findings
    assert finding.message.endswith(f"through protected of module.a, through var.{'o' * 55}…)")


def test_the_same_fact_in_several_instances_is_said_once():
    files = {"main.tf": call("a", "./m") + call("b", "./m") + call("c", "./m", "protected = true"), "m/main.tf": TABLE}
    (finding,) = report(files, "m").findings
    assert finding.instances == ("module.a.aws_dynamodb_table.this", "module.b.aws_dynamodb_table.this")
    assert len(finding.related) == 2


def test_a_fix_that_not_all_instances_need_is_reviewed():
    module = 'variable "n" {}\nresource "aws_dynamodb_table" "this" {\n  name = var.n\n}\n'
    both = {"main.tf": call("a", "./m", 'n = "x"') + call("b", "./m", 'n = "y"'), "m/main.tf": module}
    (finding,) = report(both, "m").findings
    assert finding.fixes[0].safety is Safety.SAFE
    settled = module.replace("name = var.n", 'name = var.n\n  deletion_protection_enabled = var.n == "x" ? true : null')
    (finding,) = report({**both, "m/main.tf": settled}, "m").findings
    assert finding.instances == ("module.b.aws_dynamodb_table.this",)
    assert {fix.safety for fix in finding.fixes} <= {Safety.REVIEW, Safety.MANUAL}


def notes(finding):
    return [(fix.title, fix.note) for fix in finding.fixes]


def test_calls_that_fail_by_arguments_of_their_own_all_need_the_fix_in_the_module():
    files = {"main.tf": call("a", "./m", "protected = false") + call("b", "./m", "protected = false"), "m/main.tf": TABLE}
    one, two = report(files, "m").findings
    assert [one.address, two.address] == ["module.a.aws_dynamodb_table.this", "module.b.aws_dynamodb_table.this"]
    assert [note for finding in (one, two) for _title, note in notes(finding)] == ["", "", "", ""]


def test_a_fix_at_the_argument_of_one_call_is_not_held_back_by_the_others():
    calls = call("a", "./m", "protected = false") + call("b", "./m", "protected = true")
    (finding,) = report({"main.tf": calls, "m/main.tf": TABLE}, "m").findings
    assert notes(finding) == [
        ("Change protected of module.a to true", ""),
        ("Set deletion_protection_enabled to true here", "1 of its 2 instances does not need it"),
    ]


def test_root_modules_that_hand_over_literals_of_their_own_are_said_apart():
    bad = call("a", "../m", "protected = false")
    files = {"dev/main.tf": bad, "prod/main.tf": bad, "m/main.tf": TABLE}
    one, two = report(files, "m").findings
    assert one.message == two.message
    assert [fix.edits[0].at.path for finding in (one, two) for fix in finding.fixes] == [
        "dev/main.tf",
        "m/main.tf",
        "prod/main.tf",
        "m/main.tf",
    ]
    assert [finding.related[0][0].path for finding in (one, two)] == ["dev/main.tf", "prod/main.tf"]


def test_calls_of_several_instances_are_named_level_by_level():
    root = call("s", "../stack")
    files = {
        "dev/main.tf": root,
        "prod/main.tf": root,
        "stack/main.tf": call("t", "../m", 'for_each = toset(["x", "y"])'),
        "m/main.tf": TABLE,
    }
    (finding,) = report(files, "m").findings
    assert [(place.path, note) for place, note in finding.related] == [
        ("stack/main.tf", 'deployed by module.s.module.t["x"]'),
        ("stack/main.tf", 'deployed by module.s.module.t["y"]'),
        ("dev/main.tf", "which module.s deploys"),
        ("prod/main.tf", "which module.s deploys"),
    ]


def test_a_fix_in_the_module_counts_all_instances_that_do_not_need_it():
    calls = "locals {\n  p = false\n}\n" + call("a", "./m", "protected = local.p") + call("b", "./m", "protected = local.p")
    module = TABLE.replace('"t"', "var.n").replace("= var.protected", '= var.n == "y" ? true : var.protected') + 'variable "n" {}\n'
    calls = calls.replace("local.p\n", 'local.p\n  n = "x"\n', 1).replace("local.p\n}", 'local.p\n  n = "y"\n}')
    (finding,) = report({"main.tf": calls, "other/main.tf": call("c", "../m", 'n = "y"'), "m/main.tf": module}, "m").findings
    assert finding.fixes[-1].edits[0].at.path == "m/main.tf"
    assert finding.fixes[-1].note == "2 of its 3 instances do not need it"


def test_a_module_that_is_called_but_never_deployed_has_no_findings():
    files = {"main.tf": call("a", "./m", "count = 0"), "m/main.tf": TABLE}
    made = report(files, "m")
    assert said(made) == []
    assert made.resources == 0
    broken = report({**files, "m/main.tf": TABLE + "resource {"}, "m")
    assert [finding.control for finding in broken.findings] == ["syntax"]


def test_a_module_that_takes_nothing_is_deployed_by_its_calls_too():
    table = TABLE.replace("var.protected", "false").split("\n\n")[1]
    assert report({"main.tf": call("t", "./m", "count = 0"), "m/main.tf": table}, "m").findings == []
    (finding,) = report({"main.tf": call("t", "./m"), "m/main.tf": table}, "m").findings
    assert finding.address == "module.t.aws_dynamodb_table.this"


def test_a_companion_outside_satisfies_the_bucket_inside():
    bucket = 'resource "aws_s3_bucket" "this" {}\noutput "id" {\n  value = aws_s3_bucket.this.id\n}\n'
    block = (
        'resource "aws_s3_bucket_public_access_block" "b" {\n  bucket = module.b.id\n  block_public_acls = true\n'
        "  block_public_policy = true\n  ignore_public_acls = true\n  restrict_public_buckets = BOTH\n}\n"
    )
    config = 'select = ["S3.8"]\n'
    good = {"main.tf": call("b", "./m") + block.replace("BOTH", "true"), "m/main.tf": bucket}
    assert said(report(good, "m", config)) == []
    bad = {"main.tf": call("b", "./m") + block.replace("BOTH", "false"), "m/main.tf": bucket}
    (finding,) = report(bad, "m", config).findings
    assert (finding.address, finding.at.path) == ("module.b.aws_s3_bucket.this", "main.tf")


def test_comments_at_the_call_hold_back_what_it_deploys():
    text = "# fsbp:ignore DynamoDB.6 -- scratch data\n" + call("a", "./m") + call("b", "./m")
    files = {"main.tf": text, "m/main.tf": TABLE}
    made = report(files, "m")
    assert [finding.address for finding in made.findings] == ["module.b.aws_dynamodb_table.this"]
    assert [(finding.address, comment.reason) for finding, comment in made.suppressed] == [
        ("module.a.aws_dynamodb_table.this", "scratch data")
    ]
    # Whether it holds anything back is not known where it is written, so it is not called unused there.
    assert said(report(files, "")) == []


def test_comments_in_the_module_are_used_when_any_instance_needs_them():
    module = TABLE.replace("= var.protected", "= var.protected # fsbp:ignore DynamoDB.6")
    files = {"main.tf": call("a", "./m", "protected = true") + call("b", "./m"), "m/main.tf": module}
    assert said(report(files, "m")) == []
    files["main.tf"] = call("a", "./m", "protected = true")
    assert [finding.control for finding in report(files, "m").findings] == ["unused-ignore"]


def test_value_files_of_the_root_reach_the_module():
    files = {
        "main.tf": 'variable "p" {\n  default = true\n}\n' + call("a", "./m", "protected = var.p"),
        "terraform.tfvars": "p = false\n",
        "m/main.tf": TABLE,
    }
    (finding,) = report(files, "m").findings
    assert finding.message == "deletion_protection_enabled is false (var.p in tfvars)"


def test_fingerprints_do_not_depend_on_who_calls():
    one = report({"main.tf": call("a", "./m"), "m/main.tf": TABLE}, "m").findings[0]
    other = report({"x/main.tf": call("q", "../m"), "m/main.tf": TABLE}, "m").findings[0]
    alone = report({"m/main.tf": TABLE}, "m").findings[0]
    assert one.fingerprint == other.fingerprint == alone.fingerprint


def test_a_call_cycle_is_judged_once_and_ends():
    files = {"a/main.tf": TABLE + call("b", "../b"), "b/main.tf": TABLE + call("a", "../a")}
    assert len(report(files, "a").findings) == 1


@pytest.mark.parametrize("keep", [False, True])
def test_edits_anywhere_in_the_deployment_are_seen(keep):
    settings = settings_from_text('select = ["DynamoDB.6"]\n')
    files = MemoryFiles(
        {"main.tf": call("a", "./m", "protected = local.p").encode(), "p.tf": b"locals {\n  p = true\n}\n", "m/main.tf": TABLE.encode()}
    )
    session = Session(files, lambda _path: settings, TODAY, keep=keep)
    key = ModuleKey("terraform", "m")

    def count():
        made = session.check_module(key)
        assert made is not None
        return len(made.findings)

    assert count() == 0
    files.contents["p.tf"] = b"locals {\n  p = false\n}\n"
    assert count() == 1
    files.contents["m/main.tf"] = TABLE.replace("= var.protected", "= true").encode()
    assert count() == 0
    files.contents["m/main.tf"] = TABLE.encode()
    assert count() == 1
    files.contents["main.tf"] = call("a", "./m", "protected = true").encode()
    assert count() == 0
    files.contents["main.tf"] = b"# nobody calls it any more\n"
    session.look_for_callers()
    assert count() == 1


def lay(tmp_path, files):
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def everything(*paths, **options):
    made = list(check(DiskFiles(), Scope(paths, **options), lambda _path: settings_from_text('select = ["DynamoDB.6"]\n'), today=TODAY))
    return [(os.path.normpath(finding.at.path), finding.address) for one in made for finding in one.findings]


def test_a_run_says_every_fact_once_whatever_it_is_asked_for(tree):
    lay(tree, {"app/main.tf": call("a", "../m"), "other/main.tf": call("b", "../m", "protected = true"), "m/main.tf": TABLE})
    fact = ("m/main.tf", "module.a.aws_dynamodb_table.this")
    assert everything(".") == [fact]
    assert everything("m") == [fact]
    assert everything("m/main.tf") == [fact]
    # A directory is asked about with what it deploys, and only that.
    assert everything("app") == [fact]
    assert everything("other") == []
    assert everything("app", report="files") == []
    # A file stands for a change: what its directory is deployed with is judged with it.
    assert everything("app/main.tf") == [fact]
    assert everything("app/main.tf", report="files") == []


def test_a_changed_file_brings_up_what_it_has_a_part_in_and_nothing_else(tree):
    versions = 'variable "bucket" {}\nresource "aws_s3_bucket_versioning" "v" {\n  bucket = var.bucket\n}\n'
    bucket = 'resource "aws_s3_bucket" "this" {\n  bucket = "b"\n}\noutput "id" {\n  value = aws_s3_bucket.this.id\n}\n'
    table = TABLE + 'variable "tags" {\n  default = {}\n}\n'
    lay(
        tree,
        {
            "app/main.tf": call("db", "../db")
            + call("other", "../other")
            + call("store", "../store")
            + call("versions", "../versions", "bucket = module.store.id")
            + call("tagged", "../tagged", "protected = module.db.on")
            + 'resource "aws_dynamodb_table" "own" {\n  name = "own"\n}\n'
            + 'resource "aws_dynamodb_table" "reads" {\n  name = "r"\n  deletion_protection_enabled = module.db.on\n}\n',
            "db/main.tf": table + 'output "on" {\n  value = false\n}\n',
            "other/main.tf": table,
            "tagged/main.tf": table,
            "store/main.tf": bucket,
            "versions/main.tf": versions,
        },
    )

    def said(*paths):
        settings = settings_from_text('select = ["DynamoDB.6", "S3.9"]\n')
        made = check(DiskFiles(), Scope(paths), lambda _path: settings, today=TODAY)
        return sorted(finding.address for one in made for finding in one.findings)

    db = ["aws_dynamodb_table.reads", "module.db.aws_dynamodb_table.this", "module.tagged.aws_dynamodb_table.this"]
    assert said("db/main.tf") == db
    # The bucket is handed to the module: what belongs to it may have gone there.
    assert said("versions/main.tf") == ["module.store.aws_s3_bucket.this"]
    assert said("other/main.tf") == ["module.other.aws_dynamodb_table.this"]
    assert len(said("app/main.tf")) == 6


def test_callers_outside_the_repository_do_not_count(tree):
    lay(tree, {"repo/.git/HEAD": "", "repo/m/main.tf": TABLE, "main.tf": call("a", "./repo/m", "protected = true")})
    assert everything("repo/m") == [("repo/m/main.tf", "aws_dynamodb_table.this")]


def test_callers_are_found_below_a_directory_named_from_elsewhere(tree, monkeypatch):
    lay(tree, {"work/m/main.tf": TABLE, "work/main.tf": call("a", "./m", "protected = true"), "else/x": ""})
    monkeypatch.chdir(tree / "else")
    assert everything(str(tree / "work")) == everything("../work") == []


def test_modules_outside_the_repository_are_not_read(tree):
    lay(tree, {"repo/.git/HEAD": "", "m/main.tf": TABLE, "repo/main.tf": call("a", "../m")})
    assert everything("repo") == []
    session = Session(DiskFiles(), lambda _path: Settings(), TODAY)
    made = session.check_module(ModuleKey("terraform", "repo"))
    assert made is not None
    assert isinstance(made.module, TerraformModule)
    deployment = made.module.deployment
    assert deployment.unread(deployment.root, deployment.root.index.calls[0]) == "../m lies outside the repository"


def test_a_fix_in_a_module_must_not_break_who_deploys_it(tree):
    lay(
        tree,
        {
            "m/main.tf": (
                'variable "name" {}\n'
                "\n"
                'resource "aws_s3_bucket" "this" {\n'
                "  bucket = var.name\n"
                "}\n"
                "\n"
                'output "id" {\n'
                "  value = aws_s3_bucket.this.id\n"
                "}\n"
            ),
            "app/main.tf": call("a", "../m", 'name = "a"'),
        },
    )
    settings = settings_from_text('select = ["S3.8"]\n')
    made = plan_fixes(DiskFiles(), Scope((".",)), lambda _path: settings, Safety.REVIEW, today=TODAY)
    assert list(made.contents) == ["m/main.tf"]
    assert b"aws_s3_bucket_public_access_block" in made.contents["m/main.tf"][1]


STACK = 'variable "safe" {}\n' + call("t", "./t", "protected = var.safe") + call("u", "./u", "protected = var.safe")
DEPLOYED = {
    "dev/main.tf": call("s", "../stack", "safe = false"),
    "prod/main.tf": call("s", "../stack", "safe = false"),
    "stack/main.tf": STACK,
    "stack/t/main.tf": TABLE,
    "stack/u/main.tf": TABLE,
}


def fixes(tree, *named):
    lay(tree, DEPLOYED)
    settings = settings_from_text('select = ["DynamoDB.6"]\n')
    return plan_fixes(DiskFiles(), Scope(named), lambda _path: settings, Safety.REVIEW, today=TODAY)


def test_arguments_of_several_roots_are_all_put_right(tree):
    made = fixes(tree, ".")
    assert sorted(made.contents) == ["dev/main.tf", "prod/main.tf"]
    assert made.refused == []
    # One argument decides over two modules: both findings are gone because of it.
    assert sorted(finding.at.path for finding in made.fixed) == ["stack/t/main.tf"] * 2 + ["stack/u/main.tf"] * 2


def test_only_modules_that_were_named_are_changed(tree):
    made = fixes(tree, "dev")
    assert list(made.contents) == ["dev/main.tf"]
    assert {finding.at.path for finding in made.fixed} == {"stack/t/main.tf", "stack/u/main.tf"}
    assert fixes(tree, "stack/t").contents == {}


@pytest.mark.parametrize("seed", range(6))
def test_memory_changes_no_answer_across_calls(seed):
    """Random edits in every directory of a deployment: a session that remembers says what a fresh one says."""
    chance = random.Random(seed)
    settings = settings_from_text("")
    start = {
        "main.tf": 'variable "on" {\n  default = true\n}\n'
        + call("a", "./m", "for_each = local.tables", "protected = each.value")
        + call("b", "./m", "protected = var.on", "count = var.on ? 1 : 0")
        + 'resource "aws_s3_bucket" "own" {\n  bucket = "own-${module.a["x"].name}"\n}\n'
        + call("c", "./v", "bucket = aws_s3_bucket.own.id"),
        "locals.tf": "locals {\n  tables = { x = true, y = false }\n}\n",
        "terraform.tfvars": "on = true\n",
        "m/main.tf": TABLE + 'output "name" {\n  value = aws_dynamodb_table.this.name\n}\n',
        "v/main.tf": 'variable "bucket" {}\nresource "aws_s3_bucket_versioning" "v" {\n  bucket = var.bucket\n}\n'
        + call("deep", "../m", "protected = false"),
    }
    now = dict(start)
    files = MemoryFiles({name: text.encode() for name, text in now.items()})
    kept = Session(files, lambda _path: settings, TODAY, keep=True)
    keys = [ModuleKey("terraform", path) for path in ("", "m", "v")]
    healthy = 0
    for step in range(40):
        name = chance.choice(sorted(now))
        now[name] = start[name] if chance.random() < 0.6 else edited(now[name], chance)
        files.contents[name] = now[name].encode()
        kept.look_for_callers()
        healthy += sum(agrees(kept, key, settings, f"step {step}, {key}: {name}\n{now[name]}") for key in keys)
    assert healthy > 5


def test_fingerprints_do_not_depend_on_where_it_is_asked_from(tree, monkeypatch):
    lay(tree, {".git/HEAD": "", "m/main.tf": TABLE, "m/broken.tf": "resource {\n"})

    def prints(*paths):
        found = check(DiskFiles(), Scope(paths), lambda _path: settings_from_text('select = ["DynamoDB.6"]\n'), today=TODAY)
        return sorted(finding.fingerprint for one in found for finding in one.findings)

    from_root = prints(".")
    assert len(from_root) == 2
    assert prints(str(tree)) == from_root
    monkeypatch.chdir(tree / "m")
    assert prints(".") == from_root
    assert prints("main.tf") == from_root


@pytest.mark.parametrize("text", ['module "t" { source = "./m" }\n', 'module "t" {source="./m"}\n'])
def test_a_call_on_one_line_is_a_call(text):
    (finding,) = report({"main.tf": text, "m/main.tf": TABLE}, "m").findings
    assert [one.address for one in finding.resource.callers] == ["module.t"]


@pytest.fixture
def linked(tmp_path, monkeypatch):
    """A module that is called through a symbolic link to it."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "main.tf").write_text(TABLE)
    (tmp_path / "app" / "modules").mkdir(parents=True)
    (tmp_path / "app" / "modules" / "q").symlink_to("../../shared", target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("protected", ["true", "false"])
@pytest.mark.parametrize("asked", [(".",), ("shared/main.tf",), ("app", "shared")])
def test_what_is_called_through_a_link_is_judged_as_the_call_deploys_it(linked, protected, asked):
    (linked / "app" / "main.tf").write_text(call("t", "./modules/q", f"protected = {protected}"))
    settings = settings_from_text('select = ["DynamoDB.6"]\n')
    found = [f for one in check(DiskFiles(), Scope(asked), lambda _path: settings) for f in one.findings]
    expected = [] if protected == "true" else [("DynamoDB.6", "module.t.aws_dynamodb_table.this", "app/modules/q/main.tf")]
    assert [(f.control, f.address, f.at.path) for f in found] == expected


def test_a_link_that_nobody_calls_changes_nothing(linked):
    (linked / "app" / "main.tf").write_text("")
    settings = settings_from_text('select = ["DynamoDB.6"]\n')
    found = [f for one in check(DiskFiles(), Scope((".",)), lambda _path: settings) for f in one.findings]
    assert [f.at.path for f in found] == ["shared/main.tf"]
