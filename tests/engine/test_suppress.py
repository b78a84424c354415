"""Ignore comments: what they hold back, and when they are findings themselves."""

from __future__ import annotations

import pytest

from tests.controls.run import findings, reports

TABLE = """\
Resources:
  Orders:{header}
    Type: AWS::DynamoDB::Table
    Properties:
      PointInTimeRecoverySpecification: {{PointInTimeRecoveryEnabled: true}}
      {above}
      DeletionProtectionEnabled: false{line}
"""


def _table(header: str = "", above: str = "# orders", line: str = "") -> dict[str, bytes]:
    return {"t.yaml": TABLE.format(header=header, above=above, line=line).encode()}


def _ids(contents: dict[str, bytes], config: str = "") -> list[str]:
    return [finding.control for finding in findings(contents, config)]


def test_without_comment() -> None:
    assert _ids(_table()) == ["DynamoDB.6"]


@pytest.mark.parametrize(
    "place",
    [
        {"line": "  # fsbp:ignore DynamoDB.6 -- import job drops it"},
        {"above": "# fsbp:ignore DynamoDB.6 -- import job drops it"},
        {"header": "  # fsbp:ignore DynamoDB.6 -- import job drops it"},
        {"line": "  # fsbp:ignore DynamoDB.* -- import job drops it"},
        {"line": "  # fsbp:ignore dynamodb.6 until=2026-11-23 -- until tonight"},
    ],
)
def test_suppressed(place: dict[str, str]) -> None:
    (report,) = reports(_table(**place))
    assert report.findings == []
    ((held, comment),) = report.suppressed
    assert held.control == "DynamoDB.6"
    assert comment.reason


def test_file_wide() -> None:
    contents = {"t.yaml": b"# fsbp:ignore-file DynamoDB.6 -- scratch stack\n" + _table()["t.yaml"]}
    assert _ids(contents) == []


def test_expired_does_not_suppress() -> None:
    found = findings(_table(line=" # fsbp:ignore DynamoDB.6 until=2026-11-22 -- last week"))
    assert [f.control for f in found] == ["DynamoDB.6", "expired-ignore"]
    assert "2026-11-22" in found[1].message


def test_a_date_that_is_none() -> None:
    found = findings(_table(line=" # fsbp:ignore DynamoDB.6 until=2026-02-30"))
    assert [f.control for f in found] == ["DynamoDB.6", "expired-ignore"]
    assert "not a date" in found[1].message


def test_unused() -> None:
    found = findings(_table(line=" # fsbp:ignore DynamoDB.6, DynamoDB.2 -- both"))
    assert [(f.control, f.at.text) for f in found] == [("unused-ignore", "DynamoDB.2")]


def test_unused_is_not_claimed_for_controls_that_did_not_run() -> None:
    assert _ids(_table(line=" # fsbp:ignore DynamoDB.6, DynamoDB.7 -- both")) == []
    assert _ids(_table(line=" # fsbp:ignore DynamoDB.6, DynamoDB.2 -- both"), 'ignore = ["DynamoDB.2"]') == []


def test_unknown_id_with_a_suggestion() -> None:
    found = findings(_table(line=" # fsbp:ignore DynamoBD.6"))
    assert [f.control for f in found] == ["DynamoDB.6", "unknown-control"]
    assert "did you mean DynamoDB.6?" in found[1].message


@pytest.mark.parametrize("written", ["[DynamoDB.6]", ":DynamoDB.6", "(DynamoDB.6)"])
def test_other_tools_punctuation_is_said_and_mended(written: str) -> None:
    contents = _table(line=f" # fsbp:ignore{written} -- import job")
    found = findings(contents)
    assert [f.control for f in found] == ["DynamoDB.6", "unknown-control"]
    [fix] = found[1].fixes
    [edit] = fix.edits
    [(name, data)] = contents.items()
    mended = data[: edit.at.start] + edit.text.encode() + data[edit.at.end :]
    assert b"fsbp:ignore DynamoDB.6 -- import job" in mended
    assert _ids({name: mended}) == []


def test_a_glob_that_matches_no_control() -> None:
    assert _ids(_table(line=" # fsbp:ignore DynamoBD.*")) == ["DynamoDB.6", "unknown-control"]


def test_reasons_can_be_demanded() -> None:
    contents = _table(line=" # fsbp:ignore DynamoDB.6")
    assert _ids(contents) == []
    assert _ids(contents, "require-reason = true") == ["missing-reason"]


@pytest.mark.parametrize(
    ("written", "message", "mended"),
    [
        ("", "no control is named, so nothing is ignored", None),
        ("-- import job", "no control is named, so nothing is ignored", None),
        ("DynamoDB.6 - import job", "no control is called `- import job`; a reason goes behind `--`", "DynamoDB.6 -- import job"),
        ("DynamoDB.6 \u2014 import job", "no control is called `\u2014 import job`; a reason goes behind `--`", "DynamoDB.6 -- import job"),
        ("DynamoDB.6 import job", "no control is called `import job`; a reason goes behind `--`", "DynamoDB.6 -- import job"),
        ("DynamoDB.6 :", "no control is called `:`; a reason goes behind `--`", None),
        ("DynamoDB.6, syntax -- why", "syntax cannot be ignored here; [controls.syntax] in the configuration sets its level", None),
        ("DynamoDB.6 until= -- why", "until=(nothing) is not a date (YYYY-MM-DD), so nothing is ignored", None),
        ("DynamoDB.6 until = 2026-02-30", "until=2026-02-30 is not a date (YYYY-MM-DD), so nothing is ignored", None),
    ],
)
def test_what_is_written_wrong_is_said_once(written: str, message: str, mended: str | None) -> None:
    contents = _table(line=f" # fsbp:ignore {written}".rstrip())
    [found] = [one for one in findings(contents) if one.control != "DynamoDB.6"]
    assert found.message == message
    if mended is None:
        assert not found.fixes
        return
    [edit] = found.fixes[0].edits
    [(name, data)] = contents.items()
    repaired = data[: edit.at.start] + edit.text.encode() + data[edit.at.end :]
    assert f"# fsbp:ignore {mended}\n".encode() in repaired
    assert _ids({name: repaired}) == []


def test_an_end_that_is_no_date_in_metadata() -> None:
    text = """{"Resources": {"Orders": {"Type": "AWS::DynamoDB::Table",
      "Metadata": {"fsbp": {"ignore": [{"id": "DynamoDB.6", "until": ""}, {"until": "2027-01-01"}]}},
      "Properties": {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true}}}}}"""
    assert _ids({"t.json": text.encode()}) == ["DynamoDB.6", "expired-ignore", "unknown-control"]


def test_below_a_block_comment_is_below_its_last_line() -> None:
    source = '/*\n * fsbp:ignore SQS.1 -- why\n * more\n */\nresource "aws_sqs_queue" "q" {\n  sqs_managed_sse_enabled = false\n}\n'
    assert _ids({"main.tf": source.encode()}) == []
    assert _ids({"main.tf": source.replace("*/\n", "*/\n\n").encode()}) == ["unused-ignore", "SQS.1"]


def test_metadata_in_json() -> None:
    text = """{"Resources": {"Orders": {"Type": "AWS::DynamoDB::Table",
      "Metadata": {"fsbp": {"ignore": [{"id": "DynamoDB.6", "reason": "import job"}]}},
      "Properties": {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true}}}}}"""
    assert _ids({"t.json": text.encode()}) == []
    assert _ids({"t.json": text.replace("DynamoDB.6", "S3.8").encode()}) == ["DynamoDB.6", "unused-ignore"]


def test_a_comment_in_another_resource_does_nothing() -> None:
    other = "  Other: # fsbp:ignore DynamoDB.6 -- not that one\n    Type: AWS::SNS::Topic\n"
    contents = {"t.yaml": _table()["t.yaml"] + other.encode()}
    assert _ids(contents) == ["DynamoDB.6", "unused-ignore"]


IDLE = "fsbp:ignore SQS.1 -- moved"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"  # {IDLE}\n", ""),
        (f"  // {IDLE}\n", ""),
        (f"  /* {IDLE} */\n", ""),
        (f"\t## {IDLE} \t\n", ""),
        ("  a = 1 # IDLE\n", "  a = 1\n"),
        ("  a = 1 // IDLE\n", "  a = 1\n"),
        ("  a = 1 /* IDLE */\n", "  a = 1\n"),
        ("  /* IDLE */ a = 1\n", "  a = 1\n"),
        ("  a = /* IDLE */ 1\n", "  a = 1\n"),
        ("  a = 1 # why # IDLE\n", "  a = 1 # why\n"),
        ("  a = 1 # IDLE # other:ignore x\n", "  a = 1 # other:ignore x\n"),
        ("  # IDLE # other:ignore x\n", "  # other:ignore x\n"),
        ("  /*\n   * words\n   * IDLE\n   */\n", "  /*\n   * words\n   */\n"),
        ("  /*\n  IDLE\n  */\n", "  /*\n  */\n"),
        ("  /* IDLE\n  words */\n", None),
        ("  /* words\n  IDLE */\n", None),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_idle_comment_goes_and_nothing_else(before: str, after: str | None, end: str) -> None:
    def source(middle: str) -> bytes:
        text = 'resource "a_b" "c" {\n  z = 0\n' + middle.replace("IDLE", IDLE) + "  b = 2\n}\n"
        return text.replace("\n", end).encode()

    [finding] = [one for one in findings({"main.tf": source(before)}) if one.control == "unused-ignore"]
    if after is None:
        assert not finding.fixes
        return
    [edit] = finding.fixes[0].edits
    data = source(before)
    assert data[: edit.at.start] + edit.text.encode() + data[edit.at.end :] == source(after)


def test_an_idle_comment_in_a_template() -> None:
    data = "\ufeff# fsbp:ignore SQS.1\nResources: # fsbp:ignore SQS.1 -- b\n  A: {Type: AWS::SNS::Topic}\n".encode()
    edits = [one.fixes[0].edits[0] for one in findings({"t.yaml": data}) if one.control == "unused-ignore"]
    for edit in reversed(edits):
        data = data[: edit.at.start] + edit.text.encode() + data[edit.at.end :]
    assert data.decode() == "\ufeffResources:\n  A: {Type: AWS::SNS::Topic}\n"
