"""What clients of different abilities see and can do, over real stdio."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.clients import EMACS, NEOVIM, VSCODE
from tests.server.wire import Json, Wire

DATABASE = """variable "public" {
  default = true
}

resource "aws_db_instance" "größe😀" { # 😀
  identifier          = "a"
  storage_encrypted   = false
  publicly_accessible = var.public
}
"""
REGISTRY = """resource "aws_ecr_repository" "größe😀" {
  name                 = "x"
  image_tag_mutability = "IMMUTABLE"
  image_scanning_configuration {
    scan_on_push = false
  }
}
"""
TEMPLATE = """AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Queue:
    Type: AWS::ECR::Repository
    Properties:
      ImageScanningConfiguration:
        ScanOnPush: false
"""


@pytest.fixture(scope="module")
def vscode(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    folder = tmp_path_factory.mktemp("vscode")
    with Wire() as wire:
        wire.folder = folder
        start(wire, VSCODE, folder)
        yield wire
        assert wire.leave() == 0
        assert wire.impure == []
        assert b"Traceback" not in wire.stderr, wire.stderr.decode()


@pytest.fixture(scope="module")
def neovim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    folder = tmp_path_factory.mktemp("neovim")
    with Wire() as wire:
        wire.folder = folder
        start(wire, NEOVIM, folder)
        yield wire
        assert wire.leave() == 0
        pushed = [message["params"] for message in wire.kept if message.get("method") == "textDocument/publishDiagnostics"]
        assert [push for push in pushed if not push["uri"].endswith(".toml")] == []


@pytest.fixture(scope="module")
def emacs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    folder = tmp_path_factory.mktemp("emacs")
    with Wire() as wire:
        wire.folder = folder
        start(wire, EMACS, folder)
        yield wire
        assert wire.leave() == 0


def start(wire: Wire, capabilities: Json, folder: Path, settings: Any = None) -> Json:
    """Initialized, with this answer to the server's question for settings."""
    result = wire.initialize(
        capabilities,
        rootUri=folder.as_uri(),
        workspaceFolders=[{"uri": folder.as_uri(), "name": "ws"}],
        initializationOptions={"debounce": 20},
    )
    answer_settings(wire, settings)
    wire.capabilities = result["capabilities"]
    return result


def answer_settings(wire: Wire, settings: Any = None) -> None:
    while True:
        message = wire.next()
        if message.get("method") == "workspace/configuration":
            wire.send({"id": message["id"], "result": [settings for _ in message["params"]["items"]]})
            return
        wire.kept.append(message)
        if message.get("method") == "client/registerCapability":
            wire.send({"id": message["id"], "result": None})


def write(wire: Wire, name: str, text: str) -> str:
    path: Path = wire.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path.as_uri()


def codes(params: Json) -> list[str]:
    return [item["code"] for item in params["diagnostics"]]


def of(items: list[Json], code: str) -> Json:
    return next(item for item in items if item["code"] == code)


def offered(wire: Wire, uri: str, at: Json, diagnostics: list[Json] | None = None, only: list[str] | None = None) -> list[Json]:
    context: Json = {"diagnostics": diagnostics or []}
    if only is not None:
        context["only"] = only
    result: list[Json] = wire.request("textDocument/codeAction", {"textDocument": {"uri": uri}, "range": at, "context": context})
    assert isinstance(result, list), result
    return result


def applied(text: str, edits: list[Json], encoding: str) -> str:
    """The text after TextEdits, by the rules of the specification."""
    from tests.server.test_documents import reference_index

    spans = [
        (
            reference_index(text, edit["range"]["start"]["line"], edit["range"]["start"]["character"], encoding),
            reference_index(text, edit["range"]["end"]["line"], edit["range"]["end"]["character"], encoding),
            edit["newText"],
        )
        for edit in edits
    ]
    for start, end, new in sorted(spans, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def test_push_client_sees_findings_with_everything_it_understands(vscode: Wire) -> None:
    uri = write(vscode, "a/main.tf", DATABASE).replace("main.tf", "main%2Etf")
    vscode.open(uri, DATABASE, "terraform", 7)
    params = vscode.diagnostics(uri)
    assert params["uri"] == uri
    assert params["version"] == 7
    encrypted = of(params["diagnostics"], "RDS.3")
    assert encrypted["range"] == {"start": {"line": 6, "character": 24}, "end": {"line": 6, "character": 29}}
    assert (encrypted["source"], encrypted["severity"]) == ("fsbp", 2)
    assert encrypted["codeDescription"]["href"].endswith("rds-controls.html#rds-3")
    assert set(encrypted["data"]) == {"uri", "version", "fingerprint"}
    public = of(params["diagnostics"], "RDS.2")
    assert public["severity"] == 1
    [origin] = public["relatedInformation"]
    assert origin["location"]["range"]["start"] == {"line": 1, "character": 12}
    assert "var.public" in origin["message"]
    header = of(params["diagnostics"], "RDS.11")
    assert header["range"]["start"]["line"] == header["range"]["end"]["line"] == 4


def test_only_what_has_no_effect_is_greyed_out_and_nothing_is_struck_through(vscode: Wire) -> None:
    """S3.4 is retired, the bucket it is about is not."""
    text = 'resource "aws_s3_bucket" "a" {}\n\n# fsbp:ignore SQS.1 -- not for this\nresource "aws_sns_topic" "b" {}\n'
    uri = write(vscode, "tags/main.tf", text)
    vscode.open(uri, text, "terraform")
    found = vscode.diagnostics(uri)["diagnostics"]
    assert "tags" not in of(found, "S3.4")
    assert of(found, "unused-ignore")["tags"] == [1]


def test_edit_brings_new_findings_and_close_takes_them_away(vscode: Wire) -> None:
    uri = write(vscode, "b/main.tf", DATABASE)
    vscode.open(uri, DATABASE, "terraform")
    assert "RDS.3" in codes(vscode.diagnostics(uri))
    at = {"start": {"line": 6, "character": 24}, "end": {"line": 6, "character": 29}}
    vscode.change(uri, 2, {"range": at, "text": "true"})
    params = vscode.diagnostics(uri)
    assert params["version"] == 2
    assert "RDS.3" not in codes(params)
    vscode.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert vscode.diagnostics(uri)["diagnostics"] == []


def test_a_companion_in_another_open_file_counts_while_typing(vscode: Wire) -> None:
    variables = 'variable "enc" {\n  default = false\n}\n'
    main = 'resource "aws_db_instance" "x" {\n  storage_encrypted = var.enc\n}\n'
    first, second = write(vscode, "c/main.tf", main), write(vscode, "c/variables.tf", variables)
    vscode.open(first, main, "terraform")
    assert "RDS.3" in codes(vscode.diagnostics(first))
    vscode.open(second, variables, "terraform")
    assert codes(vscode.diagnostics(second)) == []
    vscode.change(second, 2, {"text": variables.replace("false", "true")})
    assert "RDS.3" not in codes(vscode.diagnostics(first))


def test_quick_fix_resolves_to_versioned_edits(vscode: Wire) -> None:
    text = REGISTRY
    uri = write(vscode, "d/main.tf", text)
    vscode.open(uri, text, "terraform", 3)
    found = vscode.diagnostics(uri)["diagnostics"]
    wanted = of(found, "ECR.1")
    actions = offered(vscode, uri, wanted["range"], [wanted])
    fix = actions[0]
    assert fix["kind"] == "quickfix"
    assert fix["diagnostics"] == [wanted]
    assert fix["isPreferred"] is True
    assert sum(bool(action.get("isPreferred")) for action in actions) == 1
    assert "edit" not in fix
    resolved = vscode.request("codeAction/resolve", fix)
    [change] = resolved["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": uri, "version": 3}
    assert "scan_on_push = true" in applied(text, change["edits"], "utf-16")
    titles = [action["title"] for action in actions]
    assert any(title.startswith("Ignore ECR.1 here") for title in titles)
    # Some clients resolve all that has no edit: what was sent whole comes back as it is.
    explain = actions[titles.index("Explain ECR.1")]
    assert explain["command"]["arguments"] == ["ECR.1"]
    assert vscode.request("codeAction/resolve", explain) == explain
    assert titles[-1] == "Fix all safe fsbp findings in this file"

    vscode.change(uri, 4, {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}, "text": "\n"})
    assert vscode.request("codeAction/resolve", fix)["code"] == -32801


def test_a_client_that_asks_gets_a_command_to_ignore_with(tmp_path: Path) -> None:
    with Wire() as wire:
        wire.folder = tmp_path
        start(wire, {**VSCODE, "experimental": {"fsbpAskIgnore": True}}, tmp_path)
        uri = write(wire, "a/main.tf", REGISTRY)
        wire.open(uri, REGISTRY, "terraform")
        wanted = of(wire.diagnostics(uri)["diagnostics"], "ECR.1")
        ignores = [action for action in offered(wire, uri, wanted["range"], [wanted]) if action["title"].startswith("Ignore ECR.1 ")]
        about = {"uri": uri, "fingerprint": wanted["data"]["fingerprint"], "control": "ECR.1"}
        assert [action["command"]["command"] for action in ignores] == ["fsbp.askIgnore"] * 2
        assert [action["command"]["arguments"] for action in ignores] == [[{**about, "file": False}], [{**about, "file": True}]]
        assert not any("edit" in action or "data" in action for action in ignores)
        assert wire.leave() == 0


def test_review_fixes_say_so_and_are_never_preferred(vscode: Wire) -> None:
    uri = write(vscode, "e/main.tf", DATABASE)
    vscode.open(uri, DATABASE, "terraform")
    found = vscode.diagnostics(uri)["diagnostics"]
    actions = offered(vscode, uri, of(found, "RDS.3")["range"])
    assert actions[0]["title"].startswith("RDS.3: Set storage_encrypted to true (")
    assert not any(action.get("isPreferred") for action in actions)


def test_only_filters_by_prefix_and_empty_means_all(vscode: Wire) -> None:
    uri = write(vscode, "f/main.tf", REGISTRY)
    vscode.open(uri, REGISTRY, "terraform")
    at = of(vscode.diagnostics(uri)["diagnostics"], "ECR.1")["range"]
    asked: dict[str, list[str] | None] = {
        "none": None,
        "empty": [],
        "quickfix": ["quickfix"],
        "source": ["source"],
        "all": ["source.fixAll"],
        "exact": ["source.fixAll.fsbp"],
        "other": ["refactor"],
        "near": ["source.fixAll.fs"],
    }
    kinds = {name: {action["kind"] for action in offered(vscode, uri, at, only=only)} for name, only in asked.items()}
    assert kinds["none"] == kinds["empty"] == {"quickfix", "source.fixAll.fsbp"}
    assert kinds["quickfix"] == {"quickfix"}
    assert kinds["source"] == kinds["all"] == kinds["exact"] == {"source.fixAll.fsbp"}
    assert kinds["other"] == kinds["near"] == set()


def test_fix_all_is_the_command_lines_own(vscode: Wire) -> None:
    uri = write(vscode, "g/t.yaml", TEMPLATE)
    vscode.open(uri, TEMPLATE)
    vscode.diagnostics(uri)
    start = {"line": 0, "character": 0}
    [action] = offered(vscode, uri, {"start": start, "end": start}, only=["source.fixAll"])
    [change] = vscode.request("codeAction/resolve", action)["edit"]["documentChanges"]
    assert len(change["edits"]) == 1
    after = applied(TEMPLATE, change["edits"], "utf-16")

    from fsbp_lsp.config import Settings
    from fsbp_lsp.engine.check import Scope
    from fsbp_lsp.engine.fix import plan_fixes
    from fsbp_lsp.files import DiskFiles
    from fsbp_lsp.model import Safety

    path = str(vscode.folder / "g/t.yaml")
    planned = plan_fixes(DiskFiles(), Scope((path,)), lambda _path: Settings(), Safety.SAFE, {path})
    assert after.encode() == planned.contents[path][1]


def test_ignoring_here_suppresses_it(vscode: Wire) -> None:
    uri = write(vscode, "h/main.tf", DATABASE)
    vscode.open(uri, DATABASE, "terraform")
    wanted = of(vscode.diagnostics(uri)["diagnostics"], "RDS.3")
    ignores = [action for action in offered(vscode, uri, wanted["range"], [wanted]) if action["title"].startswith("Ignore RDS.3")]
    assert len(ignores) == 2
    text = DATABASE
    for action in ignores:
        [change] = vscode.request("codeAction/resolve", action)["edit"]["documentChanges"]
        text = applied(DATABASE, change["edits"], "utf-16")
        assert "fsbp:ignore" in text
        assert "-- give a reason" in text
    vscode.change(uri, 2, {"text": text})
    assert "RDS.3" not in codes(vscode.diagnostics(uri))


def test_hover_and_completion(vscode: Wire) -> None:
    text = DATABASE.replace("  storage_encrypted", "  # fsbp:ignore S3.8, \n  storage_encrypted")
    uri = write(vscode, "i/main.tf", text)
    vscode.open(uri, text, "terraform")
    found = vscode.diagnostics(uri)["diagnostics"]
    document = {"textDocument": {"uri": uri}}
    hover = vscode.request("textDocument/hover", {**document, "position": of(found, "RDS.3")["range"]["start"]})
    assert hover["contents"]["kind"] == "markdown"
    assert "**RDS.3**" in hover["contents"]["value"]
    assert hover["range"] == of(found, "RDS.3")["range"]
    hover = vscode.request("textDocument/hover", {**document, "position": {"line": 6, "character": 17}})
    assert "**S3.8**" in hover["contents"]["value"]
    hover = vscode.request("textDocument/hover", {**document, "position": {"line": 1, "character": 13}})
    assert "RDS.2" in hover["contents"]["value"]
    assert vscode.request("textDocument/hover", {**document, "position": {"line": 5, "character": 3}}) is None
    completion = vscode.request("textDocument/completion", {**document, "position": {"line": 6, "character": 22}})
    labels = [item["label"] for item in completion["items"]]
    assert labels[0] == "RDS.3"
    assert "S3.8" not in labels
    assert len(labels) > 300
    assert completion["items"][0]["textEdit"] == {
        "range": {"start": {"line": 6, "character": 22}, "end": {"line": 6, "character": 22}},
        "newText": "RDS.3",
    }
    assert vscode.request("textDocument/completion", {**document, "position": {"line": 7, "character": 22}}) is None


def test_commands(vscode: Wire) -> None:
    info = vscode.request("workspace/executeCommand", {"command": "fsbp.server.debugInfo"})
    assert "Open documents" in info
    status = vscode.request("workspace/executeCommand", {"command": "fsbp.status"})
    assert status["health"] == "ok"
    assert "document" not in status
    explained = vscode.request("workspace/executeCommand", {"command": "fsbp.explain", "arguments": ["s3.8"]})
    assert (explained["id"], explained["url"].endswith("#s3-8")) == ("S3.8", True)
    assert vscode.wait("window/showDocument")["external"] is True
    assert vscode.request("workspace/executeCommand", {"command": "fsbp.explain", "arguments": ["X.1"]})["code"] == -32602
    assert "fsbp.explain" in vscode.capabilities["executeCommandProvider"]["commands"]
    assert vscode.wait("fsbp/status")["health"] == "ok"


def test_status_says_why_a_document_is_not_checked(vscode: Wire) -> None:
    write(vscode, "w/fsbp.toml", 'exclude = ["left/"]\n')
    said = {}
    for name, text, language in (
        ("main.tf", DATABASE, "terraform"),
        ("notes.yaml", "a: 1\n", "yaml"),
        ("left/main.tf", DATABASE, "terraform"),
    ):
        uri = write(vscode, f"w/{name}", text)
        vscode.open(uri, text, language)
        status = vscode.request("workspace/executeCommand", {"command": "fsbp.status", "arguments": [uri]})
        said[name] = (status["document"]["checked"], status["document"]["why"])
    assert said == {
        "main.tf": (True, "Terraform"),
        "notes.yaml": (False, "not checked: neither Terraform nor a CloudFormation template by its content"),
        "left/main.tf": (False, "not shown: excluded by configuration"),
    }
    status = vscode.request("workspace/executeCommand", {"command": "fsbp.status", "arguments": ["file:///not/open.tf"]})
    assert "document" not in status


def test_a_broken_configuration_is_shown_in_its_file_and_the_last_good_one_stays(vscode: Wire) -> None:
    write(vscode, "j/fsbp.toml", 'ignore = ["RDS.3"]\n')
    uri = write(vscode, "j/main.tf", DATABASE)
    vscode.open(uri, DATABASE, "terraform")
    assert "RDS.3" not in codes(vscode.diagnostics(uri))
    config = write(vscode, "j/fsbp.toml", 'ignore = ["RDS.3"]\nnonsense = 1\n')
    vscode.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": config, "type": 2}]})
    [problem] = vscode.diagnostics(config)["diagnostics"]
    assert "fsbp.toml" in vscode.wait("window/showMessage")["message"]
    assert problem["range"]["start"]["line"] == 1
    assert "nonsense" in problem["message"]
    write(vscode, "j/fsbp.toml", 'ignore = ["RDS.2"]\n')
    vscode.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": config, "type": 2}]})
    told: dict[str, Json] = {}
    while not told.keys() >= {config, uri}:  # in either order
        params = vscode.wait("textDocument/publishDiagnostics")
        told[params["uri"]] = params
    assert told[config]["diagnostics"] == []
    assert {"RDS.3", "RDS.2"} & set(codes(told[uri])) == {"RDS.3"}


def test_files_beside_the_open_one_are_watched(vscode: Wire) -> None:
    main = 'variable "e" {\n  default = false\n}\nresource "aws_db_instance" "x" {\n  storage_encrypted = var.e\n}\n'
    uri = write(vscode, "k/main.tf", main)
    vscode.open(uri, main, "terraform")
    assert "RDS.3" in codes(vscode.diagnostics(uri))
    other = write(vscode, "k/terraform.tfvars", "e = true\n")
    vscode.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": other, "type": 1}]})
    assert "RDS.3" not in codes(vscode.diagnostics(uri))


def test_parameter_files_are_watched(vscode: Wire) -> None:
    write(vscode, "params/fsbp.toml", 'parameter-files = ["dev.json"]\n')
    given = write(vscode, "params/dev.json", '{"Parameters": {"Encrypt": "false"}}\n')
    text = "Parameters:\n  Encrypt: {Type: String}\nResources:\n  Db:\n    Type: AWS::RDS::DBInstance\n    Properties:\n"
    text += "      StorageEncrypted: !Ref Encrypt\n"
    uri = write(vscode, "params/t.yaml", text)
    vscode.open(uri, text, "yaml")
    assert "RDS.3" in codes(vscode.diagnostics(uri))
    write(vscode, "params/dev.json", '{"Parameters": {"Encrypt": "true"}}\n')
    vscode.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": given, "type": 2}]})
    assert "RDS.3" not in codes(vscode.diagnostics(uri))


def test_debug_info_says_why_source_of_another_tool_is_left_alone(vscode: Wire) -> None:
    text = "service: api\nresources:\n  Resources:\n    Jobs: {Type: 'AWS::SQS::Queue'}\n"
    vscode.open(write(vscode, "sls/serverless.yml", text), text, "yaml")
    info = vscode.request("workspace/executeCommand", {"command": "fsbp.server.debugInfo"})
    assert "not checked: a Serverless Framework service" in info


def test_renaming_clears_at_once(vscode: Wire) -> None:
    uri = write(vscode, "l/main.tf", DATABASE)
    vscode.open(uri, DATABASE, "terraform")
    assert codes(vscode.diagnostics(uri))
    vscode.notify("workspace/didRenameFiles", {"files": [{"oldUri": (vscode.folder / "l").as_uri(), "newUri": "file:///elsewhere"}]})
    assert vscode.diagnostics(uri)["diagnostics"] == []


def test_excluded_files_and_downloaded_modules_show_nothing(vscode: Wire) -> None:
    write(vscode, "n/fsbp.toml", 'exclude = ["main.tf"]\n')
    for name in ("n/main.tf", "n/.terraform/x.tf"):
        uri = write(vscode, name, DATABASE)
        vscode.open(uri, DATABASE, "terraform")
        assert vscode.diagnostics(uri)["diagnostics"] == []


def test_settings_of_the_editor(vscode: Wire) -> None:
    uri = write(vscode, "m/main.tf", DATABASE)
    vscode.open(uri, DATABASE, "terraform")
    assert "RDS.3" in codes(vscode.diagnostics(uri))
    vscode.notify("workspace/didChangeConfiguration", {"settings": None})
    answer_settings(vscode, {"settings": {"ignore": ["RDS.3"]}, "severity": {"RDS.2": "hint"}})
    params = vscode.diagnostics(uri)
    assert "RDS.3" not in codes(params)
    assert of(params["diagnostics"], "RDS.2")["severity"] == 4
    vscode.notify("workspace/didChangeConfiguration", {"settings": None})
    answer_settings(vscode, {"enable": False})
    assert vscode.diagnostics(uri)["diagnostics"] == []
    vscode.notify("workspace/didChangeConfiguration", {"settings": None})
    answer_settings(vscode)
    assert "RDS.3" in codes(vscode.diagnostics(uri))


def test_documents_without_a_file_and_ordinary_yaml(vscode: Wire) -> None:
    vscode.open("untitled:Untitled-1", DATABASE, "terraform")
    assert "RDS.3" in codes(vscode.diagnostics("untitled:Untitled-1"))
    vscode.open("untitled:Untitled-2", "kind: Deployment\n# AWS::S3::Bucket\n", "yaml")
    assert codes(vscode.diagnostics("untitled:Untitled-2")) == []
    vscode.change("untitled:Untitled-2", 2, {"text": TEMPLATE})
    assert "ECR.1" in codes(vscode.diagnostics("untitled:Untitled-2"))


def test_pull_client(neovim: Wire) -> None:
    assert neovim.capabilities["positionEncoding"] == "utf-8"
    assert neovim.capabilities["diagnosticProvider"]["interFileDependencies"] is True
    uri = write(neovim, "a/main.tf", DATABASE)
    neovim.open(uri, DATABASE, "terraform")
    full = neovim.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    assert full["kind"] == "full"
    header = of(full["items"], "RDS.11")["range"]
    assert header["start"] == {"line": 4, "character": 0}
    again = neovim.request("textDocument/diagnostic", {"textDocument": {"uri": uri}, "previousResultId": full["resultId"]})
    assert again == {"kind": "unchanged", "resultId": full["resultId"]}
    neovim.change(uri, 2, {"text": DATABASE.replace("storage_encrypted   = false", "storage_encrypted   = true")})
    changed = neovim.request("textDocument/diagnostic", {"textDocument": {"uri": uri}, "previousResultId": full["resultId"]})
    assert changed["kind"] == "full"
    assert "RDS.3" not in [item["code"] for item in changed["items"]]


def test_pull_client_is_asked_to_look_again_when_another_file_decides(neovim: Wire) -> None:
    variables = 'variable "enc" {\n  default = false\n}\n'
    main = 'resource "aws_db_instance" "x" {\n  storage_encrypted = var.enc\n}\n'
    first, second = write(neovim, "b/main.tf", main), write(neovim, "b/variables.tf", variables)
    neovim.open(first, main, "terraform")
    neovim.open(second, variables, "terraform")
    before = neovim.request("textDocument/diagnostic", {"textDocument": {"uri": first}})
    assert "RDS.3" in [item["code"] for item in before["items"]]
    neovim.change(second, 2, {"text": variables.replace("false", "true")})
    neovim.wait("workspace/diagnostic/refresh")
    after = neovim.request("textDocument/diagnostic", {"textDocument": {"uri": first}, "previousResultId": before["resultId"]})
    assert "RDS.3" not in [item["code"] for item in after["items"]]


def test_a_cancelled_request_is_answered(neovim: Wire) -> None:
    uri = write(neovim, "c/main.tf", DATABASE)
    text = "\n".join(DATABASE.replace("größe😀", f"x{number}").replace('"public"', f'"p{number}"') for number in range(400))
    neovim.open(uri, text, "terraform")
    id = neovim.begin("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    neovim.notify("$/cancelRequest", {"id": id})
    answer = neovim.answer(id)
    assert answer["error"]["code"] == -32800
    assert neovim.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})["kind"] == "full"


def test_a_pull_for_text_that_is_gone_is_cancelled_by_the_server(neovim: Wire) -> None:
    uri = write(neovim, "d/main.tf", DATABASE)
    text = "\n".join(DATABASE.replace("größe😀", f"x{number}").replace('"public"', f'"p{number}"') for number in range(60))
    neovim.open(uri, text, "terraform")
    with neovim.together():
        id = neovim.begin("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        neovim.change(uri, 2, {"text": ""})
    answer = neovim.answer(id)
    assert answer["error"]["code"] == -32802
    assert answer["error"]["data"] == {"retriggerRequest": True}


def test_client_without_resolve_gets_edits_at_once_and_plain_changes(emacs: Wire) -> None:
    uri = write(emacs, "a/main.tf", DATABASE)
    emacs.open(uri, DATABASE, "terraform")
    params = emacs.diagnostics(uri)
    assert "version" not in params
    encrypted = of(params["diagnostics"], "RDS.3")
    assert not {"data", "codeDescription", "relatedInformation"} & set(encrypted)
    actions = offered(emacs, uri, encrypted["range"], [encrypted])
    assert "storage_encrypted   = true" in applied(DATABASE, actions[0]["edit"]["changes"][uri], "utf-16")
    assert not any("disabled" in action for action in actions)
    hover = emacs.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": encrypted["range"]["start"]})
    assert hover["contents"]["kind"] == "plaintext"
    assert "**" not in hover["contents"]["value"]
    explained = emacs.request("workspace/executeCommand", {"command": "fsbp.explain", "arguments": ["RDS.3"]})
    assert explained["id"] == "RDS.3"
    assert "RDS.3" in emacs.wait("window/showMessage")["message"]


@pytest.mark.parametrize(("name", "encoding"), [("vscode", "utf-16"), ("neovim", "utf-8")])
def test_findings_and_ranges_equal_the_library(name: str, encoding: str, request: pytest.FixtureRequest) -> None:
    wire: Wire = request.getfixturevalue(name)
    uri = write(wire, "z/main.tf", DATABASE)
    wire.open(uri, DATABASE, "terraform")
    if name == "vscode":
        items = wire.diagnostics(uri)["diagnostics"]
    else:
        items = wire.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})["items"]

    from fsbp_lsp.config import Settings
    from fsbp_lsp.engine.check import Scope, check
    from fsbp_lsp.files import DiskFiles

    path = str(wire.folder / "z/main.tf")
    [report] = check(DiskFiles(), Scope((path,)), lambda _path: Settings())
    expected = [
        (finding.control, finding.message, finding.at.file.lines.position(finding.at.start, encoding), finding.fingerprint)
        for finding in report.findings
    ]
    got = [
        (item["code"], item["message"], (item["range"]["start"]["line"], item["range"]["start"]["character"]), item["data"]["fingerprint"])
        for item in items
    ]
    assert got == expected


@pytest.mark.parametrize("relative", [True, False])
def test_what_is_watched_follows_the_folders(tmp_path: Path, relative: bool) -> None:
    one, two = (tmp_path / "one").as_uri(), (tmp_path / "two").as_uri()
    abilities = {
        "workspace": {
            "workspaceFolders": True,
            "didChangeWatchedFiles": {"dynamicRegistration": True, "relativePatternSupport": relative},
        }
    }
    with Wire() as wire:
        wire.initialize(abilities, workspaceFolders=[{"uri": one, "name": "one"}])
        (first,) = wire.wait("client/registerCapability")["registrations"]
        wire.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [{"uri": two, "name": "two"}], "removed": []}})
        bases = {watcher["globPattern"]["baseUri"] for watcher in first["registerOptions"]["watchers"]} if relative else set()
        if relative:
            assert bases == {one}
            (gone,) = wire.wait("client/unregisterCapability")["unregisterations"]
            assert gone["id"] == first["id"]
            (second,) = wire.wait("client/registerCapability")["registrations"]
            assert {watcher["globPattern"]["baseUri"] for watcher in second["registerOptions"]["watchers"]} == {one, two}
        else:
            assert all(isinstance(watcher["globPattern"], str) for watcher in first["registerOptions"]["watchers"])
        assert wire.leave() == 0
        assert not [message for message in wire.kept if message.get("method") == "client/unregisterCapability"]
