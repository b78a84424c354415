"""What a client may ask to be done: the commands, and the shape of the edits they bring."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.server.clients import EMACS, VSCODE
from tests.server.test_session import DATABASE, REGISTRY, TEMPLATE, applied, codes, of, offered, start, write
from tests.server.test_storm import settled
from tests.server.test_workspace_diagnostics import pushed
from tests.server.wire import Json, Wire

MODERN: Json = {
    **VSCODE,
    "workspace": {
        **VSCODE["workspace"],
        "workspaceEdit": {"documentChanges": True, "snippetEditSupport": True, "changeAnnotationSupport": {"groupsOnLabel": True}},
    },
}


def run(wire: Wire, command: str, *arguments: Any, apply: bool = True, **more: Any) -> tuple[Any, Json | None]:
    """(result, the edit the server wanted applied). apply: what the client answers to that."""
    id = wire.begin("workspace/executeCommand", {"command": command, "arguments": list(arguments), **more})
    edit = None
    while True:
        message = wire.next()
        if message.get("method") == "workspace/applyEdit":
            edit = message["params"]["edit"]
            wire.send({"id": message["id"], "result": {"applied": apply}})
        elif message.get("id") == id and "method" not in message:
            return message.get("result", message.get("error")), edit
        else:
            wire.kept.append(message)
            if message.get("method") == "window/workDoneProgress/create":
                wire.send({"id": message["id"], "result": None})


def test_every_command_is_advertised_and_no_other_is_known(wire: Wire) -> None:
    start(wire, VSCODE, wire.folder)
    assert wire.capabilities["executeCommandProvider"]["commands"] == [
        "fsbp.checkWorkspace",
        "fsbp.explain",
        "fsbp.fixAllInWorkspace",
        "fsbp.fixResource",
        "fsbp.ignore",
        "fsbp.server.debugInfo",
        "fsbp.status",
    ]
    assert run(wire, "fsbp.nonsense")[0]["code"] == -32602


def test_ignoring_with_a_reason_and_a_date(wire: Wire) -> None:
    start(wire, VSCODE, wire.folder)
    uri = write(wire, "main.tf", DATABASE)
    wire.open(uri, DATABASE, "terraform", 3)
    found = of(wire.diagnostics(uri)["diagnostics"], "RDS.3")
    about = {"uri": uri, "fingerprint": found["data"]["fingerprint"], "reason": " reviewed\nin ABC-1 ", "until": "2999-01-31"}
    result, edit = run(wire, "fsbp.ignore", about)
    assert result == {"applied": True}
    assert edit is not None
    [change] = edit["documentChanges"]
    assert change["textDocument"] == {"uri": uri, "version": 3}
    text = applied(DATABASE, change["edits"], "utf-16")
    assert "  # fsbp:ignore RDS.3 until=2999-01-31 -- reviewed in ABC-1\n  storage_encrypted" in text
    wire.change(uri, 4, {"text": text})
    assert "RDS.3" not in codes(wire.diagnostics(uri))

    by_place = {"uri": uri, "control": "RDS.2", "position": {"line": 8, "character": 26}, "reason": "x", "file": True}
    result, edit = run(wire, "fsbp.ignore", by_place, apply=False)
    assert result == {"applied": False}
    assert edit is not None
    assert edit["documentChanges"][0]["edits"][0]["newText"] == "# fsbp:ignore-file RDS.2 -- x\n"

    for wrong, code in (
        ({}, -32602),
        ({**about, "uri": "file:///not-open.tf"}, -32602),
        ({**about, "until": "tomorrow"}, -32602),
        ({**about, "until": 7}, -32602),
        ({**about, "fingerprint": "gone"}, -32801),
        ({**by_place, "position": {"line": "x"}}, -32602),
        ({**by_place, "position": {"line": 0, "character": 0}, "control": "S3.8"}, -32801),
    ):
        assert run(wire, "fsbp.ignore", wrong)[0]["code"] == code, wrong


def test_fixing_the_workspace_is_the_command_lines_own_and_asks_first(wire: Wire) -> None:
    start(wire, MODERN, wire.folder)
    texts = {"a/main.tf": REGISTRY, "a/deep/main.tf": REGISTRY.replace('"x"', '"y"'), "t.yaml": TEMPLATE, "b/clean.tf": "locals {}\n"}
    for name, text in texts.items():
        write(wire, name, text)
    uri = (wire.folder / "a/main.tf").as_uri()
    typed = "# typed, not saved\n" + texts["a/main.tf"]
    wire.open(uri, typed, "terraform", 5)
    result, edit = run(wire, "fsbp.fixAllInWorkspace")
    assert result == {"files": 3, "findings": 3, "applied": True}
    assert edit is not None
    [annotation] = edit["changeAnnotations"].values()
    assert annotation["needsConfirmation"] is True
    after: dict[str, str] = {}
    for change in edit["documentChanges"]:
        name = change["textDocument"]["uri"].removeprefix(wire.folder.as_uri() + "/")
        assert change["textDocument"]["version"] == (5 if name == "a/main.tf" else None)
        assert {item["annotationId"] for item in change["edits"]} == set(edit["changeAnnotations"])
        after[name] = applied(typed if name == "a/main.tf" else texts[name], change["edits"], "utf-16")
    (wire.folder / "a/main.tf").write_text(typed, encoding="utf-8")
    copy = wire.folder.parent / (wire.folder.name + "-copy")
    shutil.copytree(wire.folder, copy)
    subprocess.run([sys.executable, "-m", "fsbp_lsp.cli", "check", "--fix", "-q", str(copy)], check=False, capture_output=True)
    assert after == {name: (copy / name).read_text(encoding="utf-8") for name in after}
    assert set(after) == {"a/main.tf", "a/deep/main.tf", "t.yaml"}


def test_a_client_that_cannot_be_told_to_edit_gets_the_edit(wire: Wire) -> None:
    start(wire, {**EMACS, "workspace": {**EMACS["workspace"], "applyEdit": False}}, wire.folder)
    uri = write(wire, "t.yaml", TEMPLATE)
    result, edit = run(wire, "fsbp.fixAllInWorkspace")
    assert edit is None
    assert (result["files"], result["applied"]) == (1, False)
    assert "ScanOnPush: true" in applied(TEMPLATE, result["edit"]["changes"][uri], "utf-16")


def test_checking_the_workspace_once_shows_what_the_scope_leaves_out(wire: Wire) -> None:
    start(wire, VSCODE, wire.folder)
    for name in ("a/main.tf", "b/main.tf"):
        write(wire, name, REGISTRY)
    write(wire, "t.yaml", TEMPLATE)
    settled(wire)
    assert pushed(wire) == {}
    result, _ = run(wire, "fsbp.checkWorkspace")
    assert (result["modules"], result["files"], result["cancelled"]) == (3, 3, False)
    shown = pushed(wire)
    assert set(shown) == {"a/main.tf", "b/main.tf", "t.yaml"}
    assert result["findings"] == sum(len(found) for found in shown.values())


def patient(lasts: float) -> list[str]:
    """The server with another idea of what lasts: that is a matter of the machine otherwise."""
    lines = (
        "import sys",
        "from fsbp_lsp.server import progress",
        f"progress.LASTS = {lasts}",
        "from fsbp_lsp.server import main",
        "sys.exit(main([]))",
    )
    return [sys.executable, "-c", "\n".join(lines)]


def test_what_does_not_last_shows_no_progress(tmp_path: Path) -> None:
    with Wire(command=patient(3600.0)) as wire:
        wire.folder = tmp_path
        start(wire, VSCODE, tmp_path)
        write(wire, "main.tf", REGISTRY)
        settled(wire)
        run(wire, "fsbp.checkWorkspace", workDoneToken="w")
        assert not [message for message in wire.kept if message.get("method") in ("$/progress", "window/workDoneProgress/create")]
        assert wire.leave() == 0


@pytest.mark.parametrize("token", ["w", None])
def test_progress_begins_and_ends_and_its_cancel_button_works(tmp_path: Path, token: str | None) -> None:
    with Wire(command=patient(0.0)) as wire:
        wire.folder = tmp_path
        start(wire, VSCODE, tmp_path)
        for number in range(400):
            write(wire, f"m{number}/main.tf", f'resource "aws_db_instance" "d{number}" {{\n}}\n' * 20)
        settled(wire)
        more = {"workDoneToken": token} if token else {}
        id = wire.begin("workspace/executeCommand", {"command": "fsbp.checkWorkspace", **more})
        kinds: list[str] = []
        while True:
            message = wire.next()
            if message.get("method") == "window/workDoneProgress/create":
                assert token is None
                token = message["params"]["token"]
                wire.send({"id": message["id"], "result": None})
            elif message.get("method") == "$/progress":
                assert message["params"]["token"] == token
                kinds.append(message["params"]["value"]["kind"])
                if kinds == ["begin"]:
                    assert message["params"]["value"]["cancellable"] is True
                    wire.notify("window/workDoneProgress/cancel", {"token": token})
            elif message.get("id") == id and "method" not in message:
                break
        assert message["result"]["cancelled"] is True
        assert message["result"]["modules"] < 400
        assert (kinds[0], kinds[-1], kinds.count("begin"), kinds.count("end")) == ("begin", "end", 1, 1)
        settled(wire)
        assert wire.leave() == 0


def test_placeholders_become_tab_stops_where_the_client_has_them(wire: Wire) -> None:
    start(wire, MODERN, wire.folder)
    text = 'resource "aws_cloudtrail" "t" {\n  name           = "t"\n  s3_bucket_name = "b"\n}\n'
    uri = write(wire, "main.tf", text)
    wire.open(uri, text, "terraform")
    at = of(wire.diagnostics(uri)["diagnostics"], "CloudTrail.2")["range"]
    actions = [action for action in offered(wire, uri, at) if action["title"].startswith("CloudTrail.2")]
    edits = [edit for action in actions for edit in wire.request("codeAction/resolve", action)["edit"]["documentChanges"][0]["edits"]]
    snippets = [edit["snippet"]["value"] for edit in edits if "snippet" in edit]
    assert snippets
    assert all("newText" not in edit for edit in edits if "snippet" in edit)
    assert any("${1:KMS-KEY-ARN}" in value for value in snippets), snippets


def test_only_other_files_need_a_confirmation(wire: Wire) -> None:
    start(wire, MODERN, wire.folder)
    main = 'resource "aws_db_instance" "x" {\n  storage_encrypted = var.enc\n}\n'
    variables = 'variable "enc" {\n  default = false\n}\n'
    uri, other = write(wire, "main.tf", main), write(wire, "variables.tf", variables)
    wire.open(uri, main, "terraform")
    at = of(wire.diagnostics(uri)["diagnostics"], "RDS.3")["range"]
    resolved = [wire.request("codeAction/resolve", action) for action in offered(wire, uri, at) if action["title"].startswith("RDS.3")]
    by_file = {action["edit"]["documentChanges"][0]["textDocument"]["uri"]: action["edit"] for action in resolved}
    assert set(by_file) == {uri, other}
    assert "changeAnnotations" not in by_file[uri]
    assert by_file[other]["documentChanges"][0]["edits"][0]["annotationId"] in by_file[other]["changeAnnotations"]
