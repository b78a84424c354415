"""Companions in other templates of the workspace, by export and import: the editor follows them as they come and go."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.test_importers import LOGS, NETWORK
from tests.server.clients import VSCODE
from tests.server.test_nesting import by_the_command_line, changed, ids, shown
from tests.server.test_session import start, write
from tests.server.wire import Wire


@pytest.fixture
def network(wire: Wire, tmp_path: Path) -> str:
    (tmp_path / ".git").mkdir()
    uri = write(wire, "network.yaml", NETWORK)
    start(wire, VSCODE, wire.folder)
    wire.open(uri, NETWORK)
    assert ids(shown(wire, uri)) == ["EC2.6"]
    return uri


def test_files_that_others_write(wire: Wire, network: str) -> None:
    write(wire, "logs.yaml", LOGS)
    changed(wire, "logs.yaml", kind=1)
    assert shown(wire, network) == by_the_command_line(wire, "network.yaml") == []
    write(wire, "logs.yaml", LOGS.replace("-VPC", "-Bucket"))
    changed(wire, "logs.yaml")
    assert shown(wire, network) == by_the_command_line(wire, "network.yaml")
    assert ids(shown(wire, network)) == ["EC2.6"]


def test_a_template_that_is_typed_and_saved(wire: Wire, network: str) -> None:
    logs = write(wire, "logs.yaml", "Resources: {}\n")
    wire.open(logs, "Resources: {}\n")
    write(wire, "logs.yaml", LOGS)
    wire.change(logs, 2, {"text": LOGS})
    wire.notify("textDocument/didSave", {"textDocument": {"uri": logs}})
    assert shown(wire, network) == []
    # Once it is known, every keystroke in it counts.
    wire.change(logs, 3, {"text": LOGS.replace("-VPC", "-Bucket")})
    assert ids(shown(wire, network)) == ["EC2.6"]
    wire.change(logs, 4, {"text": LOGS})
    assert shown(wire, network) == []
