"""Fix rounds and atomic writes."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from fsbp_lsp.engine import fix
from fsbp_lsp.engine.check import Scope
from fsbp_lsp.engine.drafts import write_atomically
from fsbp_lsp.engine.fix import FixResult, plan_fixes
from fsbp_lsp.engine.proof import still_reads
from fsbp_lsp.files import DiskFiles
from fsbp_lsp.model import Safety
from tests.controls.run import TODAY, findings, settings_from_text

TEMPLATE = b"""\
Resources:
  Orders: # the shop's orders
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
  Files:
    Type: AWS::EFS::FileSystem
    Properties: {Encrypted: false}
"""

MODULE = b"""\
resource "aws_dynamodb_table" "orders" {
  name     = "orders" # keep
  hash_key = "id"
}

resource "aws_cloudtrail" "main" {
  name                  = "main"
  s3_bucket_name        = "logs"
  is_multi_region_trail = true
}
"""


def _plan(root: Path, level: Safety, only: set[str] | None = None, config: str = "") -> FixResult:
    settings = settings_from_text(config)
    return plan_fixes(DiskFiles(), Scope((str(root),)), lambda _path: settings, level, only, TODAY)


@pytest.mark.parametrize(("name", "source"), [("t.yaml", TEMPLATE), ("main.tf", MODULE), ("crlf.tf", MODULE.replace(b"\n", b"\r\n"))])
@pytest.mark.parametrize("level", [Safety.SAFE, Safety.REVIEW])
def test_fixes_what_it_says_and_nothing_else(tmp_path: Path, name: str, source: bytes, level: Safety) -> None:
    path = tmp_path / name
    path.write_bytes(source)
    before = findings({name: source})
    result = _plan(tmp_path, level)
    assert result.fixed
    ((before_bytes, after_bytes),) = result.contents.values()
    assert before_bytes == source
    assert path.read_bytes() == source, "planning writes nothing"
    after = findings({name: after_bytes})
    gone = sorted((f.control, f.address) for f in result.fixed)
    left = sorted((f.control, f.address) for f in after)
    assert sorted([*gone, *left]) == sorted((f.control, f.address) for f in before)
    path.write_bytes(after_bytes)
    assert _plan(tmp_path, level).contents == {}
    if b"\r\n" in source:
        assert after_bytes.count(b"\n") == after_bytes.count(b"\r\n")


def test_safe_fixes_leave_reviewed_ones_alone(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_bytes(TEMPLATE)
    result = _plan(tmp_path, Safety.SAFE)
    assert {f.control for f in result.fixed} == {"DynamoDB.6"}


def test_only_named_files_change(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_bytes(TEMPLATE)
    assert _plan(tmp_path, Safety.SAFE, only=set()).contents == {}
    assert _plan(tmp_path, Safety.SAFE, only={str(tmp_path / "t.yaml")}).contents


def test_unfixable_by_configuration(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_bytes(TEMPLATE)
    assert _plan(tmp_path, Safety.SAFE, config='unfixable = ["DynamoDB.*"]').contents == {}


def test_suppressed_findings_are_not_fixed(tmp_path: Path) -> None:
    source = TEMPLATE.replace(b"# the shop's orders", b"# fsbp:ignore DynamoDB.6 -- scratch")
    (tmp_path / "t.yaml").write_bytes(source)
    assert _plan(tmp_path, Safety.SAFE).contents == {}


def test_a_broken_module_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_bytes(MODULE + b'resource "aws_')
    assert _plan(tmp_path, Safety.REVIEW).contents == {}


def test_write_keeps_mode_and_follows_links(tmp_path: Path) -> None:
    target = tmp_path / "real.tf"
    target.write_bytes(b"a")
    target.chmod(0o640)
    link = tmp_path / "link.tf"
    link.symlink_to(target)
    write_atomically(str(link), b"b", b"a")
    assert target.read_bytes() == b"b"
    assert link.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert sorted(os.listdir(tmp_path)) == ["link.tf", "real.tf"]


def test_write_keeps_the_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "main.tf"
    path.write_bytes(b"a")
    given: list[tuple[int, int]] = []
    real = os.stat

    def stat_of(name: str) -> os.stat_result:
        found = list(real(name))
        found[stat.ST_UID] += 1
        return os.stat_result(found)

    def refuse_the_owner(_name: str, owner: int, group: int) -> None:
        given.append((owner, group))
        if owner >= 0:
            raise PermissionError

    monkeypatch.setattr(os, "chown", refuse_the_owner)
    write_atomically(str(path), b"b", b"a")
    assert given == [], "nothing to give when the file is ours"
    monkeypatch.setattr(os, "stat", stat_of)
    write_atomically(str(path), b"c", b"b")
    monkeypatch.undo()
    assert given == [(path.stat().st_uid, path.stat().st_gid), (-1, path.stat().st_gid)]
    assert path.read_bytes() == b"c"


def test_a_failed_write_leaves_everything_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "main.tf"
    path.write_bytes(b"a")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(str(path), b"b", b"a")
    assert path.read_bytes() == b"a"
    assert os.listdir(tmp_path) == ["main.tf"]


def test_a_file_shared_through_a_link_is_fixed_once(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "one" / "main.tf").write_bytes(MODULE)
    (tmp_path / "two" / "main.tf").symlink_to("../one/main.tf")
    result = _plan(tmp_path, Safety.SAFE)
    assert [os.path.relpath(path, tmp_path) for path in result.contents] == ["one/main.tf"]
    assert not result.refused


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.tf"
    outside.write_bytes(MODULE)
    repository = tmp_path / "repository"
    (repository / ".git").mkdir(parents=True)
    (repository / "main.tf").symlink_to(outside)
    (repository / "own.tf").symlink_to("files/own.txt")
    (repository / "files").mkdir()
    (repository / "files" / "own.txt").write_bytes(MODULE.replace(b'"orders" {', b'"own" {').replace(b'"main" {', b'"own" {'))
    result = _plan(repository, Safety.SAFE)
    assert list(result.contents) == [str(repository / "own.tf")]
    assert {reason for _finding, reason in result.refused} == {f"{repository / 'main.tf'} is a link that leads out of the repository"}
    # The repository itself may be reached through one.
    (tmp_path / "link").symlink_to(repository)
    assert list(_plan(tmp_path / "link", Safety.SAFE).contents) == [str(tmp_path / "link" / "own.tf")]


def test_write_refuses_what_changed_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "main.tf"
    path.write_bytes(b"new")
    with pytest.raises(OSError, match="changed while"):
        write_atomically(str(path), b"fixed", b"old")
    assert path.read_bytes() == b"new"
    write_atomically(str(path), b"new", b"old")


def test_what_is_saved_during_a_check_is_no_text_that_was_checked(tmp_path: Path) -> None:
    path = tmp_path / "main.tf"
    path.write_bytes(MODULE)

    class Editor(DiskFiles):
        """Somebody saves the file right after it was read."""

        def read(self, name: str) -> bytes:
            data = super().read(name)
            path.write_bytes(MODULE + b"# saved meanwhile\n")
            return data

    settings = settings_from_text("")
    result = plan_fixes(Editor(), Scope((str(path),)), lambda _path: settings, Safety.SAFE, None, TODAY)
    ((before, after),) = result.contents.values()
    assert before == MODULE
    with pytest.raises(OSError, match="changed while"):
        write_atomically(str(path), after, before)


@pytest.mark.parametrize(
    ("path", "before", "after", "reads"),
    [
        ("t.yaml", "{Resources: {Jobs: {Type: 'AWS::SQS::Queue'}}}", "{Resources: {Jobs: {Type: 'AWS::SNS::Topic'}}}", True),
        ("t.yaml", "{Resources: {Jobs: {Type: 'AWS::SQS::Queue'}}}", "{Resources: {Jobs: {Type: 'AWS::SQS::Queue'}}", False),
        ("t.template", '{"Resources": {}}', '{"Resources": {"A": 1}}', True),
        ("t.template", '{"Resources": {}}', "{Resources: {}}", False),
        ("t.template", '\ufeff{"Resources": {}}', '\ufeff{"Resources": {}', False),
        ("t.json", '{"Resources": {}}', "Resources: {}", False),
        ("main.tf", "a = 1\n", "a = \n", False),
        ("main.tf", "a = [\n", "a = [\n\n", False),
    ],
)
def test_the_second_opinion(path: str, before: str, after: str, reads: bool) -> None:
    assert still_reads(path, before.encode(), after.encode()) is reads


def test_rounds_keep_comments_in_one_column_and_blanks_where_they_were(tmp_path: Path) -> None:
    """Each round writes below the last one, ever farther from the comments that its wider names move."""
    (tmp_path / "main.tf").write_text(
        'resource "aws_db_instance" "orders" { # shop\n'
        '  engine         = "postgres"         # since 2019\n'
        '  instance_class = "db.t4g.medium"    # small  \n'
        "}                                     # orders\n"
    )
    result = _plan(tmp_path, Safety.REVIEW, config='select = ["RDS.3", "RDS.8", "RDS.11"]')
    ((_before, after),) = result.contents.values()
    assert result.rounds == 3
    assert after.decode() == (
        'resource "aws_db_instance" "orders" {       # shop\n'
        '  engine                  = "postgres"      # since 2019\n'
        '  instance_class          = "db.t4g.medium" # small  \n'
        "  storage_encrypted       = true\n"
        "  deletion_protection     = true\n"
        "  backup_retention_period = 7\n"
        "} # orders\n"
    )


def test_what_was_fixed_is_told_by_the_lines_it_was_found_at(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(
        "Resources:\n" + "".join(f"  R{number}:\n    Type: AWS::ECR::Repository\n    Properties:\n" for number in range(3))
    )
    result = _plan(tmp_path, Safety.REVIEW, config='select = ["ECR.1", "ECR.2"]')
    assert result.rounds > 1
    assert sorted((f.address, f.control, f.at.line) for f in result.fixed) == [
        (f"R{number}", control, 2 + 3 * number) for number in range(3) for control in ("ECR.1", "ECR.2")
    ]


def test_one_refusal_among_many_costs_few_attempts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queues = "".join(
        f"  R{number}:\n    Type: AWS::SQS::Queue\n    Properties: {{SqsManagedSseEnabled: false}} # R{number}\n" for number in range(32)
    )
    (tmp_path / "t.yaml").write_text("Resources:\n" + queues)
    tried: list[bytes] = []

    def all_but_one(_path: str, _before: bytes, after: bytes) -> bool:
        tried.append(after)
        return b"true} # R7\n" not in after

    monkeypatch.setattr(fix, "still_reads", all_but_one)
    result = _plan(tmp_path, Safety.SAFE)
    assert len(result.fixed) == 31
    assert [(f.address, why) for f, why in result.refused] == [("R7", "an independent parser cannot read the result")]
    assert len(tried) <= 11, "twice the binary logarithm, and once for all"
    ((_before, after),) = result.contents.values()
    assert after.count(b"true") == 31
