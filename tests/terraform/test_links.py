"""Companions: found as by asking every candidate, and an editor's session sees them come, go and move."""

from __future__ import annotations

import random

import pytest

from fsbp_lsp.config import Settings
from fsbp_lsp.engine.check import Session
from fsbp_lsp.engine.discover import ModuleKey
from fsbp_lsp.model import Module, parse_path
from fsbp_lsp.terraform import links
from fsbp_lsp.values import MAYBE, NO, YES
from tests.terraform.memory import MemoryFiles, module

OWNERS = """
resource "aws_s3_bucket" "a" { bucket = "alpha" }
resource "aws_s3_bucket" "b" {}
resource "aws_s3_bucket" "many" {
  for_each = toset(["x", "y"])
  bucket   = "many-${each.key}"
}
data "aws_s3_bucket" "foreign" { bucket = "foreign" }
resource "aws_s3_bucket_versioning" "a" { bucket = aws_s3_bucket.a.id }
variable "unknown" {}
variable "known" { default = "alpha" }
"""

TARGETS = (
    "aws_s3_bucket.a.id",
    "aws_s3_bucket.a.bucket",
    "aws_s3_bucket.b.id",
    "aws_s3_bucket.nowhere.id",
    'aws_s3_bucket.many["x"].id',
    "aws_s3_bucket.many[each.key].id",
    "data.aws_s3_bucket.foreign.id",
    "aws_s3_bucket_versioning.a.id",
    '"alpha"',
    '"other"',
    '"${aws_s3_bucket.a.id}"',
    '"x-${aws_s3_bucket.b.id}"',
    "var.unknown",
    "var.known",
    "var.unknown ? aws_s3_bucket.a.id : aws_s3_bucket.b.id",
    "var.unknown ? aws_s3_bucket.a.id : data.aws_s3_bucket.foreign.id",
    "null",
    "local.nowhere",
    "module.x.bucket",
)


def companion(name: str, target: str, more: str = "") -> str:
    return f'resource "aws_s3_bucket_public_access_block" "{name}" {{\n  {more}\n  bucket = {target}\n}}\n'


@pytest.mark.parametrize(
    ("name", "link", "answer"),
    [
        ("local.name", "local.name", YES),
        ("local.name", '"${random_pet.p.id}-logs"', YES),
        ("local.name", '"${random_pet.p.id}-data"', NO),
        ("local.name", '"x-${random_pet.p.id}-logs"', MAYBE),
        ("local.name", '"${random_pet.q.id}-logs"', MAYBE),
        ("random_pet.p.id", "local.name", MAYBE),
        ("var.unknown", "local.name", MAYBE),
        ('"plain"', "local.name", NO),
        (None, "local.name", NO),
    ],
)
def test_a_composed_name_is_compared_with_the_name_of_the_owner(name, link, answer):
    text = 'resource "random_pet" "p" {}\nresource "random_pet" "q" {}\nvariable "unknown" {}\n'
    text += 'locals {\n  name = "${random_pet.p.id}-logs"\n}\n'
    text += f'resource "aws_s3_bucket" "b" {{\n  {f"bucket = {name}" if name else ""}\n}}\n' + companion("c", link)
    loaded = module(text)
    owner = next(one for one in loaded.resources if one.type == "aws_s3_bucket")
    found = loaded.linked(owner, "aws_s3_bucket_public_access_block", parse_path("bucket"), parse_path("bucket"))
    assert (len(found.found), found.maybe_more) == ((1, False) if answer is YES else (0, answer is MAYBE))


def test_links_are_found_as_by_asking_every_candidate():
    dice = random.Random(7)
    mores = ("", "", "count = 1", "count = var.unknown", 'for_each = toset(["x", "y"])')
    for _ in range(60):
        chosen = [companion(f"c{number}", dice.choice(TARGETS), dice.choice(mores)) for number in range(dice.randint(0, 5))]
        loaded = module(OWNERS + "".join(chosen))
        for owner in loaded.resources:
            for name in ((), parse_path("bucket")):
                given = (owner, "aws_s3_bucket_public_access_block", parse_path("bucket"), name)
                indexed, asked = loaded.linked(*given), Module.linked(loaded, *given)
                assert (indexed.found, indexed.maybe_more) == (asked.found, asked.maybe_more), "".join(chosen)


def test_a_session_answers_as_a_fresh_one_after_every_edit():
    dice = random.Random(11)
    files = MemoryFiles({"m/a.tf": OWNERS, "m/b.tf": ""})
    settings = Settings()
    key = ModuleKey("terraform", "m")
    session = Session(files, lambda _path: settings, keep=True)
    present: dict[str, str] = {}
    for _ in range(80):
        name = f"c{dice.randint(0, 3)}"
        if name in present and dice.random() < 0.4:
            del present[name]
        else:
            present[name] = companion(name, dice.choice(TARGETS), dice.choice(("", "block_public_acls = true", "count = var.unknown")))
        files.files["m/b.tf"] = "".join(present.values())
        files.files["m/a.tf"] = OWNERS.replace("alpha", dice.choice(("alpha", "beta")))
        assert _said(session, key) == _said(Session(files, lambda _path: settings), key), files.files["m/b.tf"]


def _said(session: Session, key: ModuleKey) -> list[tuple[str, str, int, str]]:
    report = session.check_module(key)
    assert report is not None
    return sorted((finding.control, finding.at.path, finding.at.start, finding.message) for finding in report.findings) + sorted(
        (item.control, item.resource.address, 0, item.reason) for item in report.unknown
    )


def test_links_beyond_the_bound_are_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MAX_LOOSE", 2)
    text = OWNERS + "".join(
        f'resource "aws_s3_bucket_policy" "p{number}" {{\n  bucket = {target}\n}}\n'
        for number, target in enumerate(('"other"', "aws_s3_bucket.b.id", '"alpha"', '"alpha"', "aws_s3_bucket.a.id"))
    )
    loaded = module(text)

    def linked(address: str) -> tuple[list[str], bool]:
        owner = loaded.get(address)
        assert owner is not None
        items = loaded.linked(owner, "aws_s3_bucket_policy", parse_path("bucket"), parse_path("bucket"))
        return [one.name for one in items.found], items.maybe_more

    assert linked("aws_s3_bucket.a") == (["p2", "p4"], True)
    assert linked("aws_s3_bucket.b") == (["p1"], True)
