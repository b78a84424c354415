"""What source does not decide, as hints: off unless wanted, in the words of the command line, and never a finding."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from fsbp_lsp.cli import main
from tests.server.clients import EMACS, NEOVIM, VSCODE
from tests.server.test_commands import run
from tests.server.test_session import answer_settings, offered, start, write
from tests.server.test_storm import settled
from tests.server.test_workspace_diagnostics import PULLING, pull
from tests.server.wire import Json, Wire

MAIN = """variable "encrypted" {}

# 😀
resource "aws_db_instance" "é" {
  count                   = 2
  storage_encrypted       = var.encrypted
  publicly_accessible     = true
  backup_retention_period = 35
}
"""
TEMPLATE = """Parameters:
  Encrypted: {Type: String}
Resources:
  Orders:
    Type: AWS::RDS::DBInstance
    Properties:
      StorageEncrypted: !Ref Encrypted
"""
WANTED: Json = {"showUnknown": True}


def apart(items: list[Json]) -> tuple[list[Json], list[Json]]:
    """(findings, what is not decided)"""
    undecided = [item for item in items if item.get("data", {}).get("undecided")]
    return [item for item in items if item not in undecided], undecided


def told_by_the_command_line(path: Path) -> set[tuple[int, str, str]]:
    """(line, control, message) of `--show-unknown`."""
    said = io.StringIO()
    with redirect_stdout(said):
        main(["check", "--isolated", "--show-unknown", "--output-format", "concise", str(path)])
    lines = re.findall(r":(\d+):\d+: (\S+) \S+: ((?:not decided|passes, assuming).*)$", said.getvalue(), re.MULTILINE)
    return {(int(line), control, message) for line, control, message in lines}


def test_off_unless_wanted_switched_while_open_and_findings_stay_the_same(wire: Wire) -> None:
    start(wire, VSCODE, wire.folder)
    uri = write(wire, "main.tf", MAIN)
    wire.open(uri, MAIN, "terraform")
    before = wire.diagnostics(uri)["diagnostics"]
    assert "RDS.2" in [item["code"] for item in before]
    assert apart(before)[1] == []
    wire.notify("workspace/didChangeConfiguration", {"settings": None})
    answer_settings(wire, WANTED)
    findings, undecided = apart(wire.diagnostics(uri)["diagnostics"])
    assert findings == before
    assert "RDS.3" in [item["code"] for item in undecided]
    wire.notify("workspace/didChangeConfiguration", {"settings": None})
    answer_settings(wire)
    assert wire.diagnostics(uri)["diagnostics"] == before


@pytest.mark.parametrize(("name", "text"), [("main.tf", MAIN), ("template.yaml", TEMPLATE)])
def test_they_are_what_the_command_line_lists(wire: Wire, name: str, text: str) -> None:
    start(wire, VSCODE, wire.folder, WANTED)
    uri = write(wire, name, text)
    wire.open(uri, text)
    _, undecided = apart(wire.diagnostics(uri)["diagnostics"])
    got = [(item["range"]["start"]["line"] + 1, item["code"], item["message"]) for item in undecided]
    assert len(set(got)) == len(got), "instances of a block are said once"
    assert set(got) == told_by_the_command_line(wire.folder / name)
    [one] = [item for item in undecided if item["code"] == "RDS.3"]
    header = next(number for number, line in enumerate(text.split("\n")) if "aws_db_instance" in line or line == "  Orders:")
    assert one == {
        "range": one["range"],
        "severity": 4,
        "code": "RDS.3",
        "codeDescription": {"href": one["codeDescription"]["href"]},
        "source": "fsbp",
        "message": one["message"],
        "data": {"uri": uri, "undecided": True, "version": 1},
    }
    assert one["range"]["start"]["line"] == one["range"]["end"]["line"] == header
    assert one["codeDescription"]["href"].endswith("#rds-3")
    assert one["message"].startswith("not decided: ")


def test_they_follow_the_text_and_hold_still_when_nothing_changes(wire: Wire) -> None:
    start(wire, NEOVIM, wire.folder, WANTED)
    uri = write(wire, "main.tf", MAIN)
    wire.open(uri, MAIN, "terraform")
    full = wire.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    [one] = [item for item in apart(full["items"])[1] if item["code"] == "RDS.3"]
    again = wire.request("textDocument/diagnostic", {"textDocument": {"uri": uri}, "previousResultId": full["resultId"]})
    assert again["kind"] == "unchanged"
    wire.change(uri, 2, {"text": "\n" + MAIN})
    moved = wire.request("textDocument/diagnostic", {"textDocument": {"uri": uri}, "previousResultId": full["resultId"]})
    [down] = [item for item in apart(moved["items"])[1] if item["code"] == "RDS.3"]
    assert down["range"]["start"]["line"] == one["range"]["start"]["line"] + 1
    wire.change(uri, 3, {"text": MAIN.replace("var.encrypted", "true")})
    decided = wire.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    assert "RDS.3" not in [item["code"] for item in decided["items"]]


def test_nothing_counts_them_and_files_nobody_has_open_have_none(wire: Wire) -> None:
    start(wire, PULLING, wire.folder, {**WANTED, "scope": "workspace"})
    uri = write(wire, "open/main.tf", MAIN)
    write(wire, "closed/main.tf", MAIN)
    # Nothing is found here: the file is not counted for what is not known.
    quiet = write(wire, "quiet/main.tf", MAIN.replace("= true", "= false"))
    wire.open(uri, MAIN, "terraform")
    wire.open(quiet, MAIN.replace("= true", "= false"), "terraform")
    items = wire.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})["items"]
    findings, undecided = apart(items)
    assert undecided
    assert apart(wire.request("textDocument/diagnostic", {"textDocument": {"uri": quiet}})["items"])[0] == []
    settled(wire)
    result, _ = run(wire, "fsbp.checkWorkspace")
    reports = {item["uri"]: item["items"] for item in wire.answer(pull(wire, {}))["result"]["items"]}
    closed = reports[(wire.folder / "closed/main.tf").as_uri()]
    assert apart(closed)[1] == []
    assert reports[uri] == items
    assert (result["files"], result["findings"]) == (2, len(findings) + len(closed))


def test_they_can_be_explained_and_have_nothing_else_in_the_menu(wire: Wire) -> None:
    start(wire, VSCODE, wire.folder, WANTED)
    # Nothing here is certainly wrong.
    text = 'variable "a" {}\nresource "aws_ecr_repository" "x" {\n  image_tag_mutability = var.a\n}\n'
    text += 'resource "aws_ecr_registry_scanning_configuration" "x" {\n  scan_type = "ENHANCED"\n}\n'
    uri = write(wire, "main.tf", text)
    wire.open(uri, text, "terraform")
    findings, undecided = apart(wire.diagnostics(uri)["diagnostics"])
    [one] = [item for item in undecided if item["code"] == "ECR.2"]
    on_header = [item for item in findings if item["range"]["start"]["line"] == 1]
    menu = offered(wire, uri, one["range"], [one])
    [explain] = [action for action in menu if action["title"] == "Explain ECR.2"]
    assert explain["command"]["arguments"] == ["ECR.2"]
    assert explain["diagnostics"] == [one]
    about_others = {item["code"] for item in on_header}
    for action in menu:
        assert action is explain or not any(diagnostic["code"] == "ECR.2" for diagnostic in action.get("diagnostics", [])), action
        assert "ECR.2" not in action["title"] or action is explain
    assert "ECR.2" not in about_others
    # Without the option there is nothing to explain either.
    wire.notify("workspace/didChangeConfiguration", {"settings": None})
    answer_settings(wire)
    settled(wire)
    assert "Explain ECR.2" not in [action["title"] for action in offered(wire, uri, one["range"])]


def test_a_client_that_takes_no_data_gets_them_too(wire: Wire) -> None:
    start(wire, EMACS, wire.folder, WANTED)
    uri = write(wire, "main.tf", MAIN)
    wire.open(uri, MAIN, "terraform")
    [one] = [
        item for item in wire.diagnostics(uri)["diagnostics"] if item["message"].startswith("not decided: ") and item["code"] == "RDS.3"
    ]
    assert one.keys() == {"range", "severity", "code", "source", "message"}
