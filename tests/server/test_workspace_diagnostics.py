"""Files nobody has open: whose findings are shown, pushed or pulled, and when they go again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.server.clients import NEOVIM, VSCODE
from tests.server.test_session import DATABASE, REGISTRY, TEMPLATE, answer_settings, codes, start, write
from tests.server.test_storm import settled
from tests.server.wire import Json, Wire

PULLING: Json = {**NEOVIM, "workspace": {**NEOVIM["workspace"], "executeCommand": {}}, "window": {"workDoneProgress": True}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {
        "a/main.tf": DATABASE,
        "a/registry.tf": REGISTRY,
        "b/deep/main.tf": REGISTRY,
        "b/template.yaml": TEMPLATE,
        "b/ordinary.yaml": "kind: Deployment\n",
        ".terraform/modules/x/main.tf": DATABASE,
        "excluded/main.tf": DATABASE,
        "fsbp.toml": 'exclude = ["excluded"]\n',
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def wire(wire: Wire, folder: Path) -> Wire:
    wire.folder = folder
    return wire


def pushed(wire: Wire) -> dict[str, list[str]]:
    """What the client shows after all that has come: path below the folder → ids."""
    settled(wire)
    shown: dict[str, list[str]] = {}
    for message in wire.kept:
        if message.get("method") == "textDocument/publishDiagnostics":
            name = message["params"]["uri"].removeprefix(wire.folder.as_uri() + "/")
            shown[name] = codes(message["params"])
    return {name: found for name, found in shown.items() if found}


def test_the_module_of_an_open_file_is_shown_and_goes_with_it(wire: Wire) -> None:
    start(wire, VSCODE, wire.folder)
    uri = (wire.folder / "a/main.tf").as_uri()
    wire.open(uri, DATABASE, "terraform")
    shown = pushed(wire)
    assert set(shown) == {"a/main.tf", "a/registry.tf"}
    assert "ECR.1" in shown["a/registry.tf"]
    # Text that is typed into the closed file's neighbour decides there as well, and opening the file shows it once.
    other = (wire.folder / "a/registry.tf").as_uri()
    wire.open(other, REGISTRY.replace("false", "true"), "terraform")
    assert "ECR.1" not in pushed(wire).get("a/registry.tf", [])
    wire.notify("textDocument/didClose", {"textDocument": {"uri": other}})
    assert "ECR.1" in pushed(wire)["a/registry.tf"]
    wire.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert pushed(wire) == {}


@pytest.mark.parametrize(
    ("scope", "files"),
    [
        ("openFiles", {"a/main.tf"}),
        ("workspace", {"a/main.tf", "a/registry.tf", "b/deep/main.tf", "b/template.yaml"}),
    ],
)
def test_scopes(wire: Wire, scope: str, files: set[str]) -> None:
    start(wire, VSCODE, wire.folder, {"scope": scope})
    uri = (wire.folder / "a/main.tf").as_uri()
    wire.open(uri, DATABASE, "terraform")
    assert set(pushed(wire)) == files
    (wire.folder / "b/template.yaml").unlink()
    wire.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": (wire.folder / "b/template.yaml").as_uri(), "type": 3}]})
    new = write(wire, "b/new.tf", REGISTRY)
    wire.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": new, "type": 1}]})
    expected = files - {"b/template.yaml"} | ({"b/new.tf"} if scope == "workspace" else set())
    assert set(pushed(wire)) == expected
    wire.notify("workspace/didRenameFiles", {"files": [{"oldUri": (wire.folder / "b").as_uri(), "newUri": "file:///elsewhere"}]})
    assert not any(name.startswith("b/") and name != "b/new.tf" for name in pushed(wire))
    wire.notify("workspace/didChangeConfiguration", {"settings": None})
    answer_settings(wire, {"scope": "openFiles"})
    assert set(pushed(wire)) == {"a/main.tf"}


def pull(wire: Wire, previous: dict[str, str], **more: Any) -> int:
    ids = [{"uri": uri, "value": value} for uri, value in previous.items()]
    return wire.begin("workspace/diagnostic", {"identifier": "fsbp", "previousResultIds": ids, **more})


def streamed(wire: Wire, token: str) -> list[Json]:
    return [
        item
        for message in wire.kept
        if message.get("method") == "$/progress" and message["params"]["token"] == token
        for item in message["params"]["value"]["items"]
    ]


def test_a_pull_streams_everything_and_the_next_waits_for_news(wire: Wire) -> None:
    start(wire, PULLING, wire.folder, {"scope": "workspace"})
    uri = (wire.folder / "a/main.tf").as_uri()
    wire.open(uri, DATABASE, "terraform", 7)
    wire.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    answer = wire.answer(pull(wire, {}, partialResultToken="t"))
    assert answer["result"] == {"items": []}
    reports = {item["uri"].removeprefix(wire.folder.as_uri() + "/"): item for item in streamed(wire, "t")}
    assert set(reports) == {"a/main.tf", "a/registry.tf", "b/deep/main.tf", "b/template.yaml"}
    assert {name: item["version"] for name, item in reports.items()} == {**dict.fromkeys(reports), "a/main.tf": 7}
    assert all(item["kind"] == "full" and item["items"] for item in reports.values())

    known = {item["uri"]: item["resultId"] for item in reports.values()}
    waiting = pull(wire, known)
    settled(wire)
    time.sleep(0.2)
    assert wire.request("workspace/executeCommand", {"command": "fsbp.status"})["quiescent"]
    assert not any(message.get("id") == waiting and "method" not in message for message in wire.kept), "answered without news"
    template = write(wire, "b/template.yaml", "kind: Deployment\n")
    wire.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": template, "type": 2}]})
    [item] = wire.answer(waiting)["result"]["items"]
    assert (item["uri"], item["version"], item["items"]) == (template, None, [])

    known.pop(template)
    waiting = pull(wire, known)
    wire.notify("workspace/didChangeConfiguration", {"settings": None})
    answer_settings(wire, {"scope": "module"})
    error = wire.answer(waiting)["error"]
    assert (error["code"], error["data"]) == (-32802, {"retriggerRequest": True})

    waiting = pull(wire, known)
    gone = {item["uri"]: item["items"] for item in wire.answer(waiting)["result"]["items"]}
    assert gone == {(wire.folder / "b/deep/main.tf").as_uri(): []}
    waiting = pull(wire, {uri: known[uri], (wire.folder / "a/registry.tf").as_uri(): known[(wire.folder / "a/registry.tf").as_uri()]})
    wire.notify("$/cancelRequest", {"id": waiting})
    assert wire.answer(waiting)["error"]["code"] == -32800


def test_a_pulling_client_that_never_asks_about_the_workspace_is_pushed_closed_files_until_it_does(wire: Wire) -> None:
    start(wire, PULLING, wire.folder)
    uri = (wire.folder / "a/main.tf").as_uri()
    wire.open(uri, DATABASE, "terraform")
    wire.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    assert set(pushed(wire)) == {"a/registry.tf"}
    wire.answer(pull(wire, {}))
    assert pushed(wire) == {}


def test_a_change_concerns_modules_that_read_from_there(wire: Wire) -> None:
    start(wire, VSCODE, wire.folder)
    write(wire, "user/fsbp.toml", 'var-files = ["../shared/common.tfvars"]\n')
    write(wire, "shared/common.tfvars", "public = true\n")
    text = 'variable "public" {}\nresource "aws_db_instance" "x" {\n  publicly_accessible = var.public\n}\n'
    uri, values = write(wire, "user/main.tf", text), write(wire, "shared/common.tfvars", "public = true\n")
    wire.open(uri, text, "terraform")
    wire.open(values, "public = true\n", "terraform-vars")
    assert "RDS.2" in pushed(wire)["user/main.tf"]
    wire.change(values, 2, {"text": "public = false\n"})
    assert "RDS.2" not in pushed(wire)["user/main.tf"]


CALLER = 'module "m" {\n  source = "./storage"\n  enc    = ENC\n}\n'
CALLED = 'variable "enc" {}\nresource "aws_db_instance" "x" {\n  storage_encrypted = var.enc\n}\n'


@pytest.mark.parametrize("scope", ["module", "workspace"])
def test_what_calls_a_module_decides_about_it_typed_or_changed_on_disk(wire: Wire, scope: str) -> None:
    (wire.folder / ".git").mkdir()
    start(wire, VSCODE, wire.folder, {"scope": scope})
    settled(wire)
    caller = write(wire, "root/main.tf", CALLER.replace("ENC", "false"))
    (wire.folder / "root/storage").mkdir()
    called = write(wire, "root/storage/main.tf", CALLED)
    name = "root/storage/main.tf"
    if scope == "module":
        wire.open(called, CALLED, "terraform")
    else:
        wire.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": called, "type": 1}]})
    assert "RDS.3" in pushed(wire)[name]
    write(wire, "root/main.tf", CALLER.replace("ENC", "true"))
    wire.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": caller, "type": 2}]})
    assert "RDS.3" not in pushed(wire).get(name, [])
    wire.open(caller, CALLER.replace("ENC", "true"), "terraform")
    settled(wire)
    wire.change(caller, 2, {"text": CALLER.replace("ENC", "false")})
    assert "RDS.3" in pushed(wire)[name]


def test_a_call_that_is_new_decides_when_it_is_saved_and_when_it_comes_from_elsewhere(wire: Wire) -> None:
    (wire.folder / ".git").mkdir()
    start(wire, VSCODE, wire.folder)
    settled(wire)
    (wire.folder / "root/storage").mkdir(parents=True)
    called = write(wire, "root/storage/main.tf", CALLED)
    name = "root/storage/main.tf"
    wire.open(called, CALLED, "terraform")
    assert "RDS.3" not in pushed(wire).get(name, [])
    caller = write(wire, "root/main.tf", "\n")
    wire.open(caller, "\n", "terraform")
    settled(wire)
    wire.change(caller, 2, {"text": CALLER.replace("ENC", "false")})
    write(wire, "root/main.tf", CALLER.replace("ENC", "false"))
    wire.notify("textDocument/didSave", {"textDocument": {"uri": caller}})
    assert "RDS.3" in pushed(wire)[name]
    wire.notify("textDocument/didClose", {"textDocument": {"uri": caller}})
    (wire.folder / "root/main.tf").unlink()
    wire.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": caller, "type": 3}]})
    assert "RDS.3" not in pushed(wire).get(name, [])
    write(wire, "root/main.tf", CALLER.replace("ENC", "false"))
    wire.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": caller, "type": 1}]})
    assert "RDS.3" in pushed(wire)[name]


PARENT = """AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Nested:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: ./child.yaml
  Db:
    Type: AWS::RDS::DBInstance
    Properties:
      PubliclyAccessible: !GetAtt Nested.Outputs.Public
"""
CHILD = """AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Topic:
    Type: AWS::SNS::Topic
Outputs:
  Public:
    Value: "true"
"""


def test_a_nested_template_decides_about_its_parent_while_it_is_typed(wire: Wire) -> None:
    (wire.folder / ".git").mkdir()
    start(wire, VSCODE, wire.folder)
    settled(wire)
    child, parent = write(wire, "stacks/child.yaml", CHILD), write(wire, "stacks/parent.yaml", PARENT)
    wire.open(parent, PARENT)
    assert "RDS.2" in pushed(wire)["stacks/parent.yaml"]
    wire.open(child, CHILD)
    settled(wire)
    wire.change(child, 2, {"text": CHILD.replace('"true"', '"false"')})
    assert "RDS.2" not in pushed(wire)["stacks/parent.yaml"]
