"""Editor answers without a protocol: byte offsets and plain data, on the real engine."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbp_lsp import ide
from fsbp_lsp.config import Settings
from fsbp_lsp.engine.check import ModuleReport, Session
from fsbp_lsp.files import DiskFiles, OverlayFiles
from fsbp_lsp.ide import configure
from fsbp_lsp.ide.actions import again
from fsbp_lsp.ide.hover import escape, plain
from fsbp_lsp.model import Finding, Fix, Safety
from fsbp_lsp.text import LineIndex, apply_edits

MAIN = """variable "enc" {
  default = false
}

resource "aws_db_instance" "main" {
  storage_encrypted   = var.enc
  publicly_accessible = true
}

resource "aws_ecr_repository" "images" {
  image_tag_mutability = "IMMUTABLE"
  image_scanning_configuration {
    scan_on_push = false
  }
}
"""
PATH = "nowhere/main.tf"


def report_of(text: str = MAIN, settings: Settings | None = None, path: str = PATH) -> ModuleReport:
    chosen = settings or Settings()
    buffers: Mapping[str, bytes] = {path: text.encode()}
    session = Session(OverlayFiles(DiskFiles(), buffers), lambda _path: chosen)
    key = session.module_of(path)
    assert key is not None
    report = session.check_module(key)
    assert report is not None
    return report


def at(text: str, part: str) -> int:
    return text.encode().index(part.encode())


def test_marks() -> None:
    marks = {mark.control: mark for mark in ide.diagnostics(report_of(), PATH)}
    encrypted = marks["RDS.3"]
    assert MAIN.encode()[encrypted.start : encrypted.end] == b"var.enc"
    assert encrypted.severity == "warning"
    [(place, note)] = encrypted.related
    assert (place.text, place.line) == ("false", 2)
    assert "var.enc" in note
    assert marks["RDS.2"].severity == "error"
    assert encrypted.href.endswith("#rds-3")
    assert ide.diagnostics(report_of(), "other.tf") == []


def test_severities_can_be_chosen() -> None:
    chosen = ide.Severities({"RDS.3": "hint", "RDS.*": "information", "CRITICAL": "warning", "HIGH": "nonsense"})
    marks = {mark.control: mark.severity for mark in ide.diagnostics(report_of(), PATH, chosen)}
    assert marks["RDS.3"] == "hint"
    assert marks["RDS.2"] == "information"
    assert {mark.control: mark.severity for mark in ide.diagnostics(report_of(), PATH, ide.Severities({"critical": "warning"}))}[
        "RDS.2"
    ] == "warning"


def test_undeclared_is_one_step_milder_unless_configured_otherwise() -> None:
    text = 'resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n'
    loud = Settings()
    loud.undeclared = "fail"
    mild = {mark.control: mark for mark in ide.diagnostics(report_of(text), PATH)}
    grave = {mark.control: mark for mark in ide.diagnostics(report_of(text, loud), PATH)}
    assert (mild["S3.8"].severity, grave["S3.8"].severity) == ("information", "warning")


def test_level_off_and_excluded_files_do_not_show() -> None:
    from fsbp_lsp.config.globs import Patterns

    settings = Settings()
    settings.levels = {"RDS.3": "off"}
    assert "RDS.3" not in [mark.control for mark in ide.diagnostics(report_of(settings=settings), PATH)]
    import os

    settings = Settings()
    settings.exclude = (Patterns(os.getcwd(), ["nowhere"]),)
    assert ide.diagnostics(report_of(settings=settings), PATH) == []


def test_actions_are_ordered_and_the_best_safe_fix_is_preferred() -> None:
    report = report_of()
    where = at(MAIN, "scan_on_push = false") + len("scan_on_push = ")
    found = ide.actions(report, PATH, where, where)
    assert [action.title.partition(" (")[0] for action in found] == [
        "ECR.1: Set scan_on_push to true",
        "Ignore ECR.1 here",
        "Ignore ECR.1 in this file",
        "Explain ECR.1",
    ] or found[0].preferred
    assert [action.preferred for action in found].count(True) == 1
    assert b"scan_on_push = true" in apply_edits(MAIN.encode(), found[0].edits())
    assert found[-1].explain == "ECR.1"
    everything = ide.file_action(report, PATH)
    assert everything is not None
    assert everything.kind == "source.fixAll.fsbp"


def test_a_value_that_came_through_a_variable_is_never_preferred() -> None:
    where = at(MAIN, "var.enc\n")
    found = [action for action in ide.actions(report_of(), PATH, where, where) if action.name.startswith("fix:")]
    assert found
    assert not any(action.preferred for action in found)


def test_refused_and_manual_fixes() -> None:
    report = report_of()
    real = next(finding for finding in report.findings if finding.control == "ECR.1")
    edit = real.fixes[0].edits[0]
    made = [
        Fix("Set a", (), Safety.SAFE, refused="inside a dynamic block"),
        Fix("Name a key", (edit,), Safety.MANUAL),
        Fix("Replace it", (edit,), Safety.REVIEW, note="replaces the thing"),
    ]
    report.findings = [Finding("ECR.1", real.resource, real.at, "x", fixes=lambda: made)]
    found = [action for action in ide.actions(report, PATH, real.at.start, real.at.start) if action.name.startswith("fix:")]
    assert [(action.title, action.disabled, action.preferred, action.writes) for action in found] == [
        ("ECR.1: Set a", "inside a dynamic block", False, False),
        ("ECR.1: Name a key", "", False, True),
        ("ECR.1: Replace it (replaces the thing)", "", False, True),
    ]
    assert ide.file_action(report, PATH) is None


def test_a_broken_fix_is_shown_as_refused() -> None:
    report = report_of()
    real = next(finding for finding in report.findings if finding.control == "ECR.1")

    def broken() -> list[Fix]:
        raise RuntimeError("oops")

    report.findings = [Finding("ECR.1", real.resource, real.at, "x", fixes=broken)]
    first = ide.actions(report, PATH, real.at.start, real.at.start)[0]
    assert first.disabled == "internal error: RuntimeError: oops"
    shown = ide.hover(report, PATH, LineIndex(MAIN.encode()), real.at.start)
    assert shown is not None
    assert "oops" in shown.plain
    assert ide.file_action(report, PATH) is None


def test_the_line_is_near_enough_but_exact_hits_win() -> None:
    report = report_of()
    start = at(MAIN, "  publicly_accessible")
    assert {action.finding.control for action in ide.actions(report, PATH, start, start) if action.finding} == {"RDS.2"}
    assert ide.actions(report, PATH, 0, 0) == []


def test_an_action_is_found_again_in_a_newer_report() -> None:
    report = report_of()
    for action in ide.actions(report, PATH, 0, len(MAIN)):
        if action.finding is not None and action.writes:
            newer = again(report_of("\n" + MAIN), PATH, action.finding.fingerprint, action.name)
            assert newer is not None
            assert newer.title == action.title
    assert again(report, PATH, "0" * 16, "fix:0:x") is None


def test_every_ignore_holds_its_finding_back() -> None:
    report = report_of()
    for action in ide.actions(report, PATH, 0, len(MAIN)):
        if action.name.startswith("ignore") and action.writes and action.finding is not None:
            after = apply_edits(MAIN.encode(), action.edits()).decode()
            fingerprints = {finding.fingerprint for finding in report_of(after).findings}
            assert action.finding.fingerprint not in fingerprints, action.title


def test_file_ignore_keeps_mark_and_line_ending() -> None:
    text = "\ufeff" + MAIN.replace("\n", "\r\n")
    report = report_of(text)
    action = next(action for action in ide.actions(report, PATH, 0, len(text.encode())) if action.name == "ignore-file:RDS.3")
    after = apply_edits(text.encode(), action.edits())
    assert after.startswith(b"\xef\xbb\xbf# fsbp:ignore-file RDS.3 -- give a reason\r\nvariable")


@pytest.mark.parametrize(
    ("only", "kind", "wanted"),
    [
        (None, "quickfix", True),
        ([], "quickfix", True),
        ([""], "quickfix", True),
        (["source"], "source.fixAll.fsbp", True),
        (["source.fix"], "source.fixAll.fsbp", False),
        (["quickfix"], "source.fixAll.fsbp", False),
    ],
)
def test_kinds(only: list[str] | None, kind: str, wanted: bool) -> None:
    assert ide.matches_kind(kind, only) is wanted


def test_hover_on_finding_origin_and_nothing() -> None:
    report, lines = report_of(), LineIndex(MAIN.encode())
    found = ide.hover(report, PATH, lines, at(MAIN, "var.enc"))
    assert found is not None
    assert "**RDS.3**" in found.markdown
    assert "main.tf:2" in found.markdown
    assert "**" not in found.plain
    origin = ide.hover(report, PATH, lines, at(MAIN, "false\n}"))
    assert origin is not None
    assert "RDS.3" in origin.markdown
    assert ide.hover(report, PATH, lines, at(MAIN, "image_tag_mut")) is None
    assert ide.hover(None, PATH, lines, 0) is None


def test_hover_on_a_value_that_is_written_elsewhere() -> None:
    text = (
        'locals {\n  name = "x"\n}\nresource "aws_kms_key" "k" {\n  description = "a-${local.name}"\n  tags = { Owner = local.name }\n}\n'
    )
    report, lines = report_of(text), LineIndex(text.encode())
    found = ide.hover(report, PATH, lines, at(text, "a-$"))
    assert found is not None
    assert found.plain == '"a-x"\n- main.tf:2: local: local.name'
    assert text.encode()[found.start : found.end] == b'"a-${local.name}"'
    inner = ide.hover(report, PATH, lines, at(text, "local.name }"))
    assert inner is not None
    assert inner.plain.startswith('"x"\n')
    # What stands there says it all.
    assert ide.hover(report, PATH, lines, at(text, "description")) is None


def test_hover_on_ids_in_directives_and_configuration() -> None:
    text = b"# fsbp:ignore S3.8, X.99 -- S3.1\n"
    lines = LineIndex(text)
    found = ide.hover(None, "x.tf", lines, text.index(b"S3.8"))
    assert found is not None
    assert text[found.start : found.end] == b"S3.8"
    assert ide.hover(None, "x.tf", lines, text.index(b"X.99")) is None
    directive = ide.hover(None, "x.tf", lines, 4)
    assert directive is not None
    assert "until=" in directive.plain
    config = b'ignore = ["S3.8"]\n'
    assert configure.hover("fsbp.toml", LineIndex(config), 13) is not None
    assert ide.hover(None, "x.tf", LineIndex(config), 13) is None


@given(st.text(max_size=40))
def test_escaped_text_reads_as_it_was(text: str) -> None:
    assert plain(escape(text)) == text.replace("\n", " ").replace("\r", " ")


def labels(text: str) -> list[str]:
    data = text.encode()
    where = data.index(b"|")
    data = data.replace(b"|", b"")
    return [item.label for item in ide.complete(report_of(data.decode()), PATH, LineIndex(data), where)]


def test_completion() -> None:
    above = MAIN.replace("  publicly", "  # fsbp:ignore |\n  publicly")
    assert labels(above)[0] == "RDS.2"
    assert len(labels(above)) > 300
    beside = MAIN.replace("= true", "= true # fsbp:ignore RDS.2, RD|", 1)
    assert "RDS.2" not in labels(beside)
    header = MAIN.replace('"main" {', '"main" { # fsbp:ignore |')
    assert set(labels(header)[:3]) >= {"RDS.2", "RDS.3"}
    assert labels(MAIN.replace('"main" {', '"main" { # fsbp:|')) == ["fsbp:ignore", "fsbp:ignore-file"]
    assert labels(MAIN.replace('"main" {', '"main" { # fsbp:ignore S3.1 -- because |')) == []
    assert labels(MAIN.replace('"main" {', '"main" { # see |')) == []
    assert labels(MAIN.replace('"enc"', '"fsbp:ignore |"')) == []


def test_completion_replaces_the_word() -> None:
    data = b"# fsbp:ignore S3.8, RDS.1x\n"
    items = ide.complete(None, "x.tf", LineIndex(data), data.index(b".1x"))
    assert {data[item.start : item.end] for item in items} == {b"RDS.1x"}


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=10))
def test_minimal_edit(head: str, middle: str, tail: str) -> None:
    before, after = (head + tail).encode(), (head + middle + tail).encode()
    change = ide.minimal(before, after)
    if change is None:
        assert before == after
        return
    start, end, text = change
    assert before[:start] + text + before[end:] == after
    text.decode()
    before[:start].decode()
    assert not (before[start - 1 : start + 1] == b"\r\n" and start > 0)
    assert len(text) <= len(middle.encode()) + 8
