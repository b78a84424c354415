"""cfn-lint beside us in the editor, and our controls inside cfn-lint: with the real program."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.server.clients import NEOVIM, VSCODE
from tests.server.test_session import answer_settings, codes, of, start, write
from tests.server.test_storm import settled
from tests.server.wire import Json, Wire

pytest.importorskip("cfnlint", reason="cfn-lint is not installed")

TEMPLATE = """AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Db: # 😀
    Type: AWS::RDS::DBInstance
    Properties:
      PubliclyAccessible: true # fsbp:ignore S3.8
      Nonsense: 1
  Quiet:
    Type: AWS::RDS::DBInstance # fsbp:ignore RDS.*
    Properties:
      PubliclyAccessible: true
"""


def save(wire: Wire, uri: str) -> None:
    wire.notify("textDocument/didSave", {"textDocument": {"uri": uri}})


def diagnostics_with(wire: Wire, uri: str, source: str) -> Json:
    """The first push in which somebody of that name speaks."""
    while True:
        params = wire.diagnostics(uri)
        if any(item["source"] == source for item in params["diagnostics"]):
            return params


def test_its_findings_join_ours_on_save_and_go_with_the_next_change(wire: Wire) -> None:
    start(wire, VSCODE, wire.folder)
    uri = write(wire, "t.yaml", TEMPLATE)
    wire.open(uri, TEMPLATE)
    ours = wire.diagnostics(uri)["diagnostics"]
    assert {item["source"] for item in ours} == {"fsbp"}
    save(wire, uri)
    params = diagnostics_with(wire, uri, "cfn-lint")
    assert params["version"] == 1
    theirs = of(params["diagnostics"], "E3002")
    assert theirs["range"] == {"start": {"line": 6, "character": 6}, "end": {"line": 6, "character": 14}}
    assert (theirs["severity"], theirs["source"]) == (1, "cfn-lint")
    assert theirs["codeDescription"]["href"].startswith("https://github.com/aws-cloudformation/cfn-lint/")
    assert [item for item in params["diagnostics"] if item["source"] == "fsbp"] == ours
    top = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
    wire.change(uri, 2, {"range": top, "text": "\n"})
    assert "E3002" not in codes(wire.diagnostics(uri))
    # What is shown would be about the file on disk, which is not what the editor shows.
    started = cfn_lint_processes(wire)
    save(wire, uri)
    other = write(wire, "other.yaml", TEMPLATE)
    wire.open(other, TEMPLATE)
    save(wire, other)
    diagnostics_with(wire, other, "cfn-lint")
    assert cfn_lint_processes(wire) == started + 1
    (wire.folder / "t.yaml").write_text("\n" + TEMPLATE, encoding="utf-8")
    save(wire, uri)
    assert of(diagnostics_with(wire, uri, "cfn-lint")["diagnostics"], "E3002")["range"]["start"]["line"] == 7


def cfn_lint_processes(wire: Wire) -> int:
    info: str = wire.request("workspace/executeCommand", {"command": "fsbp.server.debugInfo"})
    return int(info.partition("cfn-lint processes ")[2].split()[0])


def test_a_pulling_client_is_asked_to_look_again(wire: Wire) -> None:
    start(wire, NEOVIM, wire.folder)
    uri = write(wire, "t.yaml", TEMPLATE)
    wire.open(uri, TEMPLATE)
    first = wire.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    save(wire, uri)
    wire.wait("workspace/diagnostic/refresh")
    again = wire.request("textDocument/diagnostic", {"textDocument": {"uri": uri}, "previousResultId": first["resultId"]})
    assert again["kind"] == "full"
    assert "E3002" in [item["code"] for item in again["items"]]


def test_it_is_off_when_somebody_says_so_and_never_asked_about_other_files(wire: Wire) -> None:
    start(wire, VSCODE, wire.folder, {"cfnLint": "off"})
    settled(wire)
    texts = {"t.yaml": TEMPLATE, "ordinary.yaml": "kind: Deployment\n", "main.tf": "locals {}\n"}
    for name, text in texts.items():
        uri = write(wire, name, text)
        wire.open(uri, text, "yaml" if name.endswith("yaml") else "terraform")
        save(wire, uri)
    assert cfn_lint_processes(wire) == 0
    wire.notify("workspace/didChangeConfiguration", {"settings": None})
    answer_settings(wire)
    settled(wire)
    for name in ("ordinary.yaml", "main.tf"):
        save(wire, (wire.folder / name).as_uri())
    save(wire, (wire.folder / "t.yaml").as_uri())
    diagnostics_with(wire, (wire.folder / "t.yaml").as_uri(), "cfn-lint")
    assert cfn_lint_processes(wire) == 1


def test_a_slow_one_is_ended_with_its_text_and_delays_nothing(tmp_path: Path) -> None:
    noisy = (
        "import sys\n"
        "from fsbp_lsp.server import neighbour\n"
        "neighbour.COMMAND = [sys.executable, '-c', 'import time; time.sleep(600)']\n"
        "from fsbp_lsp.server import main\n"
        "sys.exit(main([]))\n"
    )
    with Wire(command=[sys.executable, "-c", noisy]) as slow:
        slow.folder = tmp_path
        start(slow, VSCODE, tmp_path)
        uri = write(slow, "t.yaml", TEMPLATE)
        slow.open(uri, TEMPLATE)
        slow.diagnostics(uri)
        save(slow, uri)
        children = children_of(slow.process.pid)
        end = time.monotonic() + 20
        while not children and time.monotonic() < end:
            time.sleep(0.02)
            children = children_of(slow.process.pid)
        assert len(children) == 1
        slow.change(uri, 2, {"text": TEMPLATE.replace("true", "false")})
        assert "RDS.2" not in codes(slow.diagnostics(uri))
        end = time.monotonic() + 20
        while children_of(slow.process.pid):
            assert time.monotonic() < end, "the process outlived its text"
            time.sleep(0.02)
        assert slow.leave() == 0


def children_of(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task")
    if not tasks.is_dir():
        pytest.skip("no /proc here")
    found: list[int] = []
    for task in tasks.iterdir():
        try:
            found += map(int, (task / "children").read_text(encoding="ascii").split())
        except OSError:
            continue
    return found


def test_rules_a_repository_brings_are_not_run(wire: Wire) -> None:
    start(wire, VSCODE, wire.folder)
    write(wire, "rules/evil.py", f"open({str(wire.folder / 'ran')!r}, 'w').close()\n")
    write(wire, "json.py", f"open({str(wire.folder / 'ran')!r}, 'w').close()\n")
    write(wire, ".cfnlintrc", "append_rules: [rules]\nignore_checks: [E3002]\n")
    text = TEMPLATE.replace("      Nonsense: 1\n", "      Nonsense: 1\n      DBInstanceClass: [7]\n")
    uri = write(wire, "t.yaml", text)
    wire.open(uri, text)
    save(wire, uri)
    found = diagnostics_with(wire, uri, "cfn-lint")["diagnostics"]
    assert "E3002" not in codes({"diagnostics": found}), "the rest of .cfnlintrc counts"
    assert not (wire.folder / "ran").exists()


def cfn_lint(*arguments: str, cwd: Path) -> list[Json]:
    command = [sys.executable, "-c", "import sys; from cfnlint.runner import main; sys.exit(main())"]
    done = subprocess.run(
        [*command, "--append-rules", "fsbp_lsp.cfnlint.rules", "--format", "json", *arguments], cwd=cwd, capture_output=True, check=False
    )
    assert done.stdout, done.stderr.decode()
    found: list[Json] = json.loads(done.stdout)
    return found


def test_our_controls_inside_cfn_lint_say_what_the_command_line_says(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "fsbp.toml").write_text('ignore = ["RDS.11"]\n', encoding="utf-8")
    matches: list[dict[str, Any]] = [match for match in cfn_lint("--", "t.yaml", cwd=tmp_path) if match["Rule"]["Id"].endswith("9800")]
    shown = sorted(
        (
            match["Message"].split()[0],
            match["Location"]["Start"]["LineNumber"],
            match["Location"]["Start"]["ColumnNumber"],
            match["Rule"]["Id"],
        )
        for match in matches
    )
    done = subprocess.run(
        [sys.executable, "-m", "fsbp_lsp.cli", "check", "--output-format", "json", "t.yaml"], cwd=tmp_path, capture_output=True, check=False
    )
    ours = sorted(
        (finding["control"], finding["start"]["line"], finding["start"]["column"], "E9800" if finding["level"] == "block" else "W9800")
        for finding in json.loads(done.stdout)["findings"]
        if "." in finding["control"]
    )
    assert shown == ours
    assert {rule for *_, rule in shown} == {"E9800", "W9800"}
    assert not any(control == "RDS.11" for control, *_ in shown)


def test_cfn_lints_own_switches_hold_for_our_rules(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(TEMPLATE, encoding="utf-8")
    ids = {match["Rule"]["Id"] for match in cfn_lint("--ignore-checks", "W9800", "--", "t.yaml", cwd=tmp_path)}
    assert ids == {"E3002", "E9800"}
