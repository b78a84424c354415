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
