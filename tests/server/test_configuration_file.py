"""fsbp.toml open in the editor: completion, hover, and what saving it does where nobody watches files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.clients import NEOVIM
from tests.server.test_session import DATABASE, codes, start, write
from tests.server.wire import Wire


@pytest.fixture
def wire(wire: Wire, tmp_path: Path) -> Wire:
    start(wire, NEOVIM, tmp_path)
    return wire


def test_reading_aids_in_the_file(wire: Wire) -> None:
    text = '# é\nignore = ["S3.9", ""]\n'
    uri = write(wire, "fsbp.toml", text)
    wire.open(uri, text, "toml")
    at = {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 19}}
    items = wire.request("textDocument/completion", at)["items"]
    [item] = [item for item in items if item["label"] == "S3.8"]
    assert item["textEdit"] == {"range": {"start": at["position"], "end": at["position"]}, "newText": "S3.8"}
    assert "public access" in item["detail"]
    key = wire.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 2}})
    assert key["contents"]["value"].startswith("**ignore**")
    assert key["range"] == {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 6}}
    pulled = wire.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    assert pulled["items"] == []


def test_saving_it_counts_for_a_client_that_watches_no_files(wire: Wire) -> None:
    uri = write(wire, "main.tf", DATABASE)
    wire.open(uri, DATABASE, "terraform")
    before = wire.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    assert "RDS.3" in codes({"diagnostics": before["items"]})
    config = write(wire, "fsbp.toml", 'ignore = ["RDS.3"]\n')
    wire.open(config, 'ignore = ["RDS.3"]\n', "toml")
    wire.notify("textDocument/didSave", {"textDocument": {"uri": config}})
    wire.wait("workspace/diagnostic/refresh")
    after = wire.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    assert "RDS.3" not in codes({"diagnostics": after["items"]})
    write(wire, "fsbp.toml", "ignore = 7\n")
    wire.notify("textDocument/didSave", {"textDocument": {"uri": config}})
    [problem] = wire.diagnostics(config)["diagnostics"]
    assert (problem["code"], problem["range"]["start"]["line"]) == ("configuration", 0)
