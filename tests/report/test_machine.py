"""JSON against our schema, SARIF against the one of OASIS, workflow commands against the runner's rules."""

import json
import pathlib

import jsonschema
import pytest

from fsbp_lsp.config import Configuration
from fsbp_lsp.config.load import layer_of
from fsbp_lsp.model import IgnoreComment, Safety, Verdict
from fsbp_lsp.report import document, github, sarif
from fsbp_lsp.report.outcome import Outcome
from tests.report.samples import Resource, about_source, finding, loc, outcome

ROOT = pathlib.Path(__file__).parents[2]
REPORT_SCHEMA = json.loads((ROOT / "docs/schema/report.schema.json").read_text())
SARIF_SCHEMA = json.loads((pathlib.Path(__file__).parent / "sarif/sarif-schema-2.1.0.json").read_text())


class Undecided:
    def __init__(self) -> None:
        self.control, self.reason = "S3.4", "variable x has no default"
        self.resource = Resource(loc("a.tf", 'resource "x"', "resource"))


def rich() -> Outcome:
    """An outcome with everything in it."""
    verify = Configuration(isolated=True, overrides=[layer_of('controls."S3.9".level=verify')]).settings_for("")
    made = outcome(
        finding(),
        finding(control="S3.9", safety=None),
        finding(control="S3.4", verdict=Verdict.UNDECLARED, safety=Safety.REVIEW),
        finding(b'\xef\xbb\xbfacl = "public" # \xff', path="sub dir/caf\u00e9 #1:x.tf", safety=Safety.MANUAL),
        finding(path="bytes\udcff.tf", message="odd \udcff name"),
        about_source(),
        about_source("internal-error", "S3.8 could not be checked"),
        settings=verify,
    )
    at = loc("a.tf", "# fsbp:ignore S3.8 -- why", "fsbp:ignore S3.8 -- why")
    made.suppressed = [(finding(), IgnoreComment(("S3.8",), at, (at,), 0, True, "why", "2030-01-01"))]
    made.unknown = [Undecided()]  # type: ignore[list-item]  # a stand-in
    made.fixing = True
    made.fixed = [finding(control="S3.2")]
    made.changed = ["a.tf"]
    return made


@pytest.mark.parametrize("extras", [True, False])
def test_json_fits_its_schema(extras):
    text = document.render(rich(), show_unknown=extras, show_suppressed=extras)
    report = json.loads(text)
    jsonschema.Draft202012Validator(REPORT_SCHEMA).validate(report)
    assert text.isascii()
    assert ("unknown" in report) is extras
    assert report["summary"]["exit"] == 2


def test_the_schema_of_the_report_is_a_schema_and_is_strict():
    jsonschema.Draft202012Validator.check_schema(REPORT_SCHEMA)
    report = json.loads(document.render(rich(), show_unknown=True, show_suppressed=True))
    for spoil in ("findings", "suppressed", "unknown"):
        broken = json.loads(json.dumps(report))
        broken[spoil][0]["surprise"] = 1
        assert not jsonschema.Draft202012Validator(REPORT_SCHEMA).is_valid(broken), spoil


def test_json_positions():
    entry = json.loads(document.render(outcome(finding("# caf\u00e9\nx = 'é' + \"public\"\n"))))["findings"][0]
    assert entry["start"] == {"byte": 19, "line": 2, "column": 11}
    assert entry["end"] == {"byte": 27, "line": 2, "column": 19}
    assert entry["fixes"][0]["edits"][0]["text"] == '"private"'
    assert entry["provenance"][0]["via"] == "variable"


def test_a_byte_order_mark_is_no_column():
    entry = json.loads(document.render(outcome(finding(b'\xef\xbb\xbfacl = "public"'))))["findings"][0]
    assert entry["start"] == {"byte": 9, "line": 1, "column": 7}


@pytest.mark.parametrize("extras", [True, False])
def test_sarif_is_valid(extras):
    log = json.loads(sarif.render(rich(), show_suppressed=extras))
    jsonschema.Draft7Validator(SARIF_SCHEMA, format_checker=jsonschema.FormatChecker()).validate(log)
    run = log["runs"][0]
    for result in run["results"]:
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert len(result["partialFingerprints"]["fsbpFingerprint/v1"]) == 16
    assert run["invocations"][0]["executionSuccessful"] is False
    assert any("suppressions" in result for result in run["results"]) is extras


def test_sarif_says_what_it_should():
    run = sarif.log(outcome(finding()))["runs"][0]
    rule = run["tool"]["driver"]["rules"][0]
    assert rule["helpUri"].endswith("s3-controls.html#s3-8")
    assert rule["properties"]["security-severity"] == "8.0"
    result = run["results"][0]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "modules/storage/s3.tf", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 2, "startColumn": 9, "endLine": 2, "endColumn": 17}
    assert result["level"] == "error"
    assert result["relatedLocations"][0]["message"]["text"] == "default of var.acl"
    change = result["fixes"][0]["artifactChanges"][0]
    assert change["replacements"] == [{"deletedRegion": place["region"], "insertedContent": {"text": '"private"'}}]


def test_sarif_quotes_paths():
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in sarif.log(rich())["runs"][0]["results"]]
    assert "sub%20dir/caf%C3%A9%20%231%3Ax.tf" in uris
    assert "bytes%FF.tf" in uris


def test_workflow_commands():
    line = next(iter(github.commands(outcome(finding(path="a,b:c%.tf", message="100%\nsure")))))
    assert line.startswith(
        "::error file=a%2Cb%3Ac%25.tf,line=2,col=9,endLine=2,endColumn=17,title=S3.8 aws_s3_bucket.logs::100%25\\x0asure%0A"
    )
    assert "%0AFix: Set acl to private (safe)%0A" in line
    assert "\n" not in line


def test_workflow_commands_say_warning():
    assert next(iter(github.commands(outcome(finding(control="S3.9"))))).startswith("::warning ")
