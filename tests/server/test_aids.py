"""Inlay hints and code lenses over the wire: off unless wanted, and never older than what they are about."""

from __future__ import annotations

from tests.server.clients import VSCODE
from tests.server.test_commands import run
from tests.server.test_session import REGISTRY, applied, start, write
from tests.server.test_storm import settled
from tests.server.wire import Json, Wire

AIDED: Json = {
    **VSCODE,
    "workspace": {**VSCODE["workspace"], "inlayHint": {"refreshSupport": True}, "codeLens": {"refreshSupport": True}},
    "textDocument": {**VSCODE["textDocument"], "inlayHint": {}, "codeLens": {}},
}
MAIN = """variable "open" {}
variable "enc" {
  default = false
}
locals {
  keep = 7
}
resource "aws_db_instance" "a" { # é
  storage_encrypted       = var.enc
  backup_retention_period = local.keep
  publicly_accessible     = var.open
  multi_az                = true
}
"""


def hints(wire: Wire, uri: str, first: int = 0, last: int = 99) -> dict[tuple[int, int], str]:
    at = {"start": {"line": first, "character": 0}, "end": {"line": last, "character": 0}}
    found = wire.request("textDocument/inlayHint", {"textDocument": {"uri": uri}, "range": at}) or []
    return {(hint["position"]["line"], hint["position"]["character"]): hint["label"] for hint in found}


def test_both_are_off_unless_wanted_and_need_a_client_that_knows_them(wire: Wire) -> None:
    start(wire, AIDED, wire.folder)
    assert {"inlayHintProvider", "codeLensProvider"} <= set(wire.capabilities)
    uri = write(wire, "main.tf", MAIN)
    wire.open(uri, MAIN, "terraform")
    assert hints(wire, uri) == {}
    assert wire.request("textDocument/codeLens", {"textDocument": {"uri": uri}}) is None


def test_hints_tell_where_values_come_to_and_what_is_not_known(wire: Wire) -> None:
    start(wire, AIDED, wire.folder, {"inlayHints": True})
    settled(wire)
    uri = write(wire, "main.tf", MAIN)
    wire.open(uri, MAIN, "terraform")
    assert hints(wire, uri) == {(8, 35): "⟨false⟩", (9, 38): "⟨7⟩", (10, 36): "⟨unknown: not checked⟩"}
    assert hints(wire, uri, 9, 10) == {(9, 38): "⟨7⟩"}
    write(wire, "terraform.tfvars", "open = true\nenc = true\n")
    wire.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": (wire.folder / "terraform.tfvars").as_uri(), "type": 1}]})
    wire.wait("workspace/inlayHint/refresh")
    assert hints(wire, uri) == {(8, 35): "⟨true⟩", (9, 38): "⟨7⟩", (10, 36): "⟨true⟩"}


def test_a_lens_counts_and_fixes(wire: Wire) -> None:
    start(wire, AIDED, wire.folder, {"codeLenses": True})
    settled(wire)
    text = "# 😀\n" + REGISTRY.replace('"IMMUTABLE"', '"MUTABLE"')
    uri = write(wire, "main.tf", text)
    wire.open(uri, text, "terraform")
    [lens] = wire.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
    assert lens["range"]["start"] == {"line": 1, "character": 0}
    shown, _, fixable = lens["command"]["title"].partition(" findings · fix ")
    assert (int(shown), int(fixable)) == (3, 1)
    assert lens["command"]["command"] == "fsbp.fixResource"
    result, edit = run(wire, "fsbp.fixResource", *lens["command"]["arguments"])
    assert result == {"applied": True}
    assert edit is not None
    after = applied(text, edit["documentChanges"][0]["edits"], "utf-16")
    assert "scan_on_push = true" in after
    wire.change(uri, 2, {"text": after})
    [lens] = wire.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
    assert lens["command"] == {"title": "2 findings", "command": "", "arguments": lens["command"]["arguments"]}
    assert run(wire, "fsbp.fixResource", {"uri": uri})[0]["code"] == -32602
