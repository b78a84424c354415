"""The same answers from wherever it is run: a path has one spelling, and a repository one extent."""

from __future__ import annotations

import errno
import json
import os
import pathlib
import subprocess
from typing import Any

import pytest

from fsbp_lsp.cli import hook_main, main

QUEUE = """\
variable "sse" {
  default = false
}

resource "aws_sqs_queue" "q" {
  sqs_managed_sse_enabled = var.sse
}
"""
CALL = 'module "q" {\n  source = "../modules/q"\n  sse    = %s\n}\n'


def git(*arguments: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    git("init", "-q", "-b", "main")
    for name, text in (("modules/q/main.tf", QUEUE), ("app/main.tf", CALL % "true")):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    git("add", ".")
    return tmp_path


def found(capsys: pytest.CaptureFixture[str], *argv: str, hook: bool = False) -> list[tuple[str, str]]:
    """(control, file) of what is found."""
    options = ["--select", "SQS.1,S3.8", "--output-format", "json", "-q"]
    assert (hook_main([*options, *argv], False) if hook else main(["check", *options, *argv])) in (0, 1)
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return [(finding["control"], finding["path"]) for finding in report["findings"]]


PLACES = [
    (".", ["modules/q", "modules/q/main.tf", "app/../modules/q", "."]),
    ("modules/q", [".", "main.tf", "../q", "../q/main.tf", "../../modules/q", "../.."]),
    ("modules", ["q", ".", "../modules", "../modules/q/main.tf"]),
    ("app", ["../modules/q", "../app/../modules"]),
]


@pytest.mark.parametrize(("place", "names"), PLACES, ids=[place for place, _names in PLACES])
@pytest.mark.parametrize("hook", [False, True])
def test_a_called_module_is_judged_as_deployed(
    repository: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, place: str, names: list[str], hook: bool
) -> None:
    for name in names:
        monkeypatch.chdir(repository / place)
        assert found(capsys, name, hook=hook) == [], name
    (repository / "app" / "main.tf").write_text(CALL % "false")
    for name in names:
        made = found(capsys, name, hook=hook)
        assert [control for control, _path in made] == ["SQS.1"], name
        assert (pathlib.Path.cwd() / made[0][1]).resolve().parent.name in ("q", "app")


def test_a_nested_template_has_one_name(
    repository: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = repository / "stacks"
    folder.mkdir()
    (folder / "parent.yaml").write_text(
        "Resources:\n  Child:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: ../stacks/child.yaml\n"
    )
    (folder / "child.yaml").write_text(
        "Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n    Properties:\n      SqsManagedSseEnabled: false\n"
    )
    monkeypatch.chdir(folder)
    assert found(capsys, ".") == [("SQS.1", "child.yaml")]
    assert found(capsys, "../stacks") == [("SQS.1", "child.yaml")]


def test_fixes_of_a_named_file_are_those_that_are_offered(repository: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a file is deployed with is judged when it is named, and put right in it where the fault is."""
    (repository / "modules" / "q" / "main.tf").write_text(
        'variable "bucket" {}\n\nresource "aws_s3_bucket_public_access_block" "b" {\n  bucket            = var.bucket\n}\n'
    )
    (repository / "app" / "main.tf").write_text(
        'resource "aws_s3_bucket" "b" {\n}\n\nmodule "q" {\n  source = "../modules/q"\n  bucket = aws_s3_bucket.b.id\n}\n'
    )
    assert found(capsys, "modules/q/main.tf") == [("S3.8", "modules/q/main.tf")]
    assert main(["fix", "--unsafe-fixes", "--select", "S3.8", "modules/q/main.tf"]) == 1
    assert found(capsys, "-q", "modules/q/main.tf") == []


def test_an_excluded_file_that_is_named_is_fixed_too(repository: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "fsbp.toml").write_text('exclude = ["app/"]\n')
    source = repository / "app" / "main.tf"
    source.write_text('resource "aws_sqs_queue" "q" {\n  sqs_managed_sse_enabled = false\n}\n')
    for argv in (["fix", "app"], ["fix", "--force-exclude", "app/main.tf"]):
        assert main(argv) == 0
    assert hook_main(["app/main.tf"], True) == 0
    assert main(["fix", "--diff", "app/main.tf"]) == 1
    assert main(["fix", "app/main.tf"]) == 1
    assert "true" in source.read_text()


def test_names_of_files_are_no_options(repository: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever may name files in a repository must not write the command line of those who check it out."""
    victim = repository / "victim.tf"
    victim.write_text("locals {}\n")
    text = 'resource "aws_sqs_queue" "q" {\n  sqs_managed_sse_enabled = false\n}\n'
    names = ["--output-file=victim.tf", "--select=S3.8.tf", "-q.tf", "--output-file=down/victim.json"]
    for number, name in enumerate(names):
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).write_text(text.replace('"q"', f'"q{number}"') if name.endswith(".tf") else "{}")
    git("add", ".")
    assert found(capsys, *names, hook=True) == [("SQS.1", name) for name in sorted(names[:3])]
    assert victim.read_text() == "locals {}\n"
    assert not (repository / "down" / "victim.json").exists()


def test_what_was_deleted_between_two_commits(
    repository: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "app" / "main.tf").write_text('resource "aws_s3_bucket" "b" {\n}\n')
    (repository / "app" / "block.tf").write_text(
        'resource "aws_s3_bucket_public_access_block" "b" {\n  bucket = aws_s3_bucket.b.id\n'
        + "".join(
            f"  {name} = true\n" for name in ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
        )
        + "}\n"
    )
    (repository / "other.yaml").write_text("a: 1\n")
    git("add", ".")
    git("commit", "-q", "-m", "sealed")
    git("rm", "-q", "app/block.tf")
    assert found(capsys, "other.yaml", hook=True) == [("S3.8", "app/main.tf")]
    git("commit", "-q", "-m", "opened")
    assert found(capsys, "other.yaml", hook=True) == []
    for old, new in (("HEAD~1", "HEAD"), ("--output=x", "HEAD"), ("nothing", "HEAD")):
        monkeypatch.setenv("PRE_COMMIT_FROM_REF", old)
        monkeypatch.setenv("PRE_COMMIT_TO_REF", new)
        assert found(capsys, "other.yaml", hook=True) == ([("S3.8", "app/main.tf")] if old == "HEAD~1" else [])
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "HEAD~1")
    monkeypatch.chdir(repository / "app")
    assert found(capsys, "../other.yaml", hook=True) == [("S3.8", "main.tf")]
    monkeypatch.chdir(repository / "modules")
    assert found(capsys, "../other.yaml", hook=True) == []


def test_a_link_that_leads_nowhere_is_a_part_that_is_missing(repository: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What it stands for may be the very companion."""
    (repository / "app" / "main.tf").write_text('resource "aws_s3_bucket" "b" {\n}\n')
    assert found(capsys, "app") == [("S3.8", "app/main.tf")]
    (repository / "app" / "block.tf").symlink_to("../vendor/block.tf")
    (repository / "app" / "notes.yaml").symlink_to("../vendor/notes.yaml")
    git("add", ".")
    for name in ("app", "app/main.tf", "app/block.tf"):
        assert found(capsys, name) == [("unreadable", "app/block.tf")]
        assert found(capsys, name, hook=True) == [("unreadable", "app/block.tf")]


def test_what_is_named_and_no_file_is_said(repository: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(repository / "app" / "pipe.tf")
    assert found(capsys, "app/pipe.tf") == [("unreadable", "app/pipe.tf")]
    assert found(capsys, "app") == []


def test_a_directory_that_cannot_be_listed_is_said(
    repository: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "app" / "locked").mkdir()
    scandir = os.scandir

    def refuse(path: str) -> Any:
        if path.endswith("locked"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert found(capsys, "app") == [("unreadable", "app/locked")]
    assert found(capsys, "app/locked") == [("unreadable", "app/locked")]
    assert found(capsys, ".") == [("unreadable", "app/locked")]
