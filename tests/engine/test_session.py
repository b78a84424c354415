"""A session that remembers gives the answers of one that does not, after any edits."""

from __future__ import annotations

import random

import pytest

from fsbp_lsp.config import Settings
from fsbp_lsp.engine.check import ModuleReport, Session
from fsbp_lsp.engine.discover import ModuleKey
from tests.controls.memory import MemoryFiles
from tests.controls.run import TODAY, settings_from_text

MAIN = """\
resource "aws_s3_bucket" "logs" {
  bucket = local.name
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.id
  block_public_acls       = true
  block_public_policy     = var.block
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = data.aws_iam_policy_document.logs.json
}

resource "aws_dynamodb_table" "many" {
  for_each                    = local.tables
  name                        = each.key
  deletion_protection_enabled = each.value

  point_in_time_recovery {
    enabled = var.recover
  }
}

module "child" {
  source = "./child"
  bucket = aws_s3_bucket.other.id
}

resource "aws_s3_bucket" "other" {
  bucket = "other" # fsbp:ignore S3.* -- scratch
}
"""

MORE = """\
variable "block" {
  default = false
}

variable "recover" {
  type    = bool
  default = true
}

locals {
  name   = "app-${var.env}"
  tables = { a = true, b = false }
}

variable "env" {}

data "aws_iam_policy_document" "logs" {
  statement {
    effect    = "Allow"
    actions   = ["s3:GetObject"]
    resources = ["*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
"""

TFVARS = 'recover = true\nenv     = "prod"\n'
WORDS = ("true", "false", "null", '"prod"', "var.block", "local.name", "local.tables", "{}", "[]", "}", "{", '"', "", "count = 0", "#")


def answers(report: ModuleReport | None) -> list[tuple[object, ...]]:
    assert report is not None
    said: list[tuple[object, ...]] = [
        (f.control, f.address, f.at.key(), f.message, tuple(o.at.key() for o in f.origins if o.at)) for f in report.findings
    ]
    said += [("?", u.control, u.resource.address, u.reason) for u in report.unknown]
    said += [("held", f.control, f.address) for f, _comment in report.suppressed]
    return sorted(said, key=repr)


def edited(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    kind = chance.randrange(6)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(at, lines[chance.randrange(len(lines))])
    elif kind == 2:
        lines.insert(at, "")
    elif kind == 3 and "=" in lines[at]:
        lines[at] = lines[at].split("=")[0] + "= " + chance.choice(WORDS)
    elif kind == 4:
        cut = chance.randrange(len(lines[at]) + 1)
        lines[at] = lines[at][:cut] + chance.choice(WORDS) + lines[at][cut:]
    else:
        lines[at] = lines[at].replace("logs", "other") if "logs" in lines[at] else lines[at].replace("other", "logs")
    return "\n".join(lines)


def agrees(kept: Session, key: ModuleKey, settings: Settings, doing: str) -> bool:
    """Whether the module could be read in full, and so the session that remembers was held against a fresh one."""
    with_memory = kept.check_module(key)
    fresh = Session(kept.files, lambda _path: settings, TODAY).check_module(key)
    assert fresh is not None
    assert fresh.module is not None
    if fresh.module.complete:
        assert answers(with_memory) == answers(fresh), doing
    return fresh.module.complete


@pytest.mark.parametrize("seed", range(12))
def test_memory_changes_no_answer(seed: int) -> None:
    chance = random.Random(seed)
    settings = settings_from_text("")
    start = {"main.tf": MAIN, "more.tf": MORE, "terraform.tfvars": TFVARS}
    now = dict(start)
    files = MemoryFiles({name: text.encode() for name, text in now.items()})
    key = ModuleKey("terraform", "")
    kept = Session(files, lambda _path: settings, TODAY, keep=True)
    kept.check_module(key)
    healthy = 0
    for step in range(40):
        name = chance.choice(sorted(now))
        # Healing now and then keeps the walk among modules that parse.
        now[name] = start[name] if chance.random() < 0.3 else edited(now[name], chance)
        files.contents[name] = now[name].encode()
        healthy += agrees(kept, key, settings, f"step {step}: {name}\n{now[name]}")
    assert healthy > 5


def test_half_typed_code_elsewhere_takes_nothing_back() -> None:
    settings = settings_from_text("")
    files = MemoryFiles({"main.tf": MAIN.encode(), "more.tf": MORE.encode()})
    key = ModuleKey("terraform", "")
    session = Session(files, lambda _path: settings, TODAY, keep=True)
    # The empty line belongs to the block above it; whoever types a new block has made that line before.
    files.contents["more.tf"] = MORE.encode() + b"\n"
    before = session.check_module(key)
    assert before is not None
    files.contents["more.tf"] = MORE.encode() + b'\nresource "aws_sns_topic" "x" {\n  name ='
    during = session.check_module(key)
    assert during is not None
    known = {(f.control, f.address) for f in before.findings}
    assert known <= {(f.control, f.address) for f in during.findings}
    assert "syntax" in {f.control for f in during.findings}
    fresh = Session(files, lambda _path: settings, TODAY).check_module(key)
    assert fresh is not None
    assert "S3.9" not in {f.control for f in fresh.findings}, "without a before, an absence in broken source is not claimed"


def test_findings_move_with_their_lines() -> None:
    settings = settings_from_text("")
    files = MemoryFiles({"main.tf": MAIN.encode(), "more.tf": MORE.encode()})
    key = ModuleKey("terraform", "")
    session = Session(files, lambda _path: settings, TODAY, keep=True)
    before = session.check_module(key)
    assert before is not None
    lines = {(f.control, f.address): f.at.line for f in before.findings if f.at.path == "main.tf"}
    files.contents["main.tf"] = b"# one\n# two\n\n" + MAIN.encode()
    after = session.check_module(key)
    assert after is not None
    assert {(f.control, f.address): f.at.line - 3 for f in after.findings if f.at.path == "main.tf"} == lines


def test_what_repeats_a_block_is_taken_from_its_present_text() -> None:
    """A literal depends on nothing but the block it stands in."""
    settings = settings_from_text("")
    files = MemoryFiles({})
    key = ModuleKey("terraform", "")
    kept = Session(files, lambda _path: settings, TODAY, keep=True)
    for repeat, instances in (
        ("count = 1", ("[0]",)),
        ("count = 0", ()),
        ("count = 2", ("[0]", "[1]")),
        ('for_each = toset(["a"])', ('["a"]',)),
        ("for_each = {}", ()),
    ):
        files.contents["main.tf"] = f'resource "aws_ecr_repository" "r" {{\n  {repeat}\n}}\n'.encode()
        report = kept.check_module(key)
        assert report is not None
        said = [finding.instances for finding in report.findings if finding.control == "ECR.1"]
        assert said == ([tuple(f"aws_ecr_repository.r{one}" for one in instances)] if instances else []), repeat
