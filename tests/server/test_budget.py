"""What the server promises to cost, as counts: files held, checks begun, who waits for whom."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from fsbp_lsp.dev import generate
from tests.server.clients import VSCODE
from tests.server.test_session import DATABASE, codes, start
from tests.server.test_storm import command, resident, settled
from tests.server.wire import Wire

MAX_MEGABYTES = 150


def counted(wire: Wire, what: str) -> int:
    found = re.search(re.escape(what) + r" (\d+)", command(wire, "fsbp.server.debugInfo"))
    assert found is not None, what
    return int(found[1])


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[list[str]]]:
    folder = tmp_path_factory.mktemp("workspace")
    return folder, generate.workspace(str(folder), 1000, 40)


def read_beside(paths: list[str]) -> int:
    """Files of a module that are read from disk when its first one is open."""
    return sum(path.endswith(".tf") for path in paths) - 1


def opened(wire: Wire, path: str) -> str:
    uri = Path(path).as_uri()
    wire.open(uri, Path(path).read_text(encoding="utf-8"), "terraform")
    return uri


def test_what_is_not_open_is_not_read(workspace: tuple[Path, list[list[str]]]) -> None:
    folder, modules = workspace
    with Wire() as wire:
        wire.folder = folder
        start(wire, VSCODE, folder)
        settled(wire)
        assert counted(wire, "files held") == 0, "nothing is read before a file is opened"
        uri = opened(wire, modules[0][0])
        settled(wire)
        assert counted(wire, "checks begun") == 1
        assert counted(wire, "files held") == read_beside(modules[0])
        wire.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        end = time.monotonic() + 20
        while counted(wire, "files held") or counted(wire, "jobs waiting"):
            assert time.monotonic() < end, "what belongs to a closed file is still held"
            time.sleep(0.02)
        assert wire.leave() == 0


@pytest.mark.parametrize("scope", ["module", "workspace"])
def test_a_thousand_files_fit(workspace: tuple[Path, list[list[str]]], scope: str) -> None:
    folder, modules = workspace
    with Wire() as wire:
        wire.folder = folder
        start(wire, VSCODE, folder, {"scope": scope})
        wanted = modules if scope == "module" else modules[:1]
        for paths in wanted:
            opened(wire, paths[0])
        settled(wire)
        # A template that stands beside an open file was looked at as well; nothing else of what is looked at when idle is kept.
        beside = sum(not path.endswith(".tf") for paths in wanted for path in paths) if scope == "workspace" else 0
        assert counted(wire, "files held") == sum(map(read_beside, wanted)) + beside
        begun = counted(wire, "checks begun")
        assert begun == len(wanted)
        memory = resident(wire.process.pid)
        assert memory is None or memory < MAX_MEGABYTES, f"{memory:.0f} MB"
        shown: set[Any] = {message["params"]["uri"] for message in wire.kept if message.get("method") == "textDocument/publishDiagnostics"}
        assert len(shown) > 500
        settled(wire)
        assert counted(wire, "checks begun") == begun
        assert wire.leave() == 0


def test_one_slow_template_never_delays_another_file(tmp_path: Path) -> None:
    """Decided by order: while the large one is being checked, the small one is typed in and answered."""
    large, small = tmp_path / "large.yaml", tmp_path / "small.tf"
    with Wire() as wire:
        wire.folder = tmp_path
        start(wire, VSCODE, tmp_path)
        settled(wire)
        wire.open(large.as_uri(), generate.template(40_000))
        for version in range(1, 6):
            if version == 1:
                wire.open(small.as_uri(), DATABASE, "terraform", version)
            else:
                wire.change(small.as_uri(), version, {"text": DATABASE.replace("= false", f"= {'true' if version % 2 == 0 else 'false'}")})
            while True:
                params = wire.wait("textDocument/publishDiagnostics")
                assert params["uri"] != large.as_uri(), f"version {version} of the small file waited for the large one"
                if params["uri"] == small.as_uri():
                    break
            assert params["version"] == version
            assert ("RDS.3" in codes(params)) is (version % 2 == 1)
        assert wire.diagnostics(large.as_uri())["diagnostics"]
        assert wire.leave() == 0


def test_one_slow_module_never_delays_another_directory(tmp_path: Path) -> None:
    """The same for Terraform, whose directories share what was parsed: checks take turns."""
    (tmp_path / ".git").mkdir()
    huge, small = tmp_path / "huge", tmp_path / "small" / "main.tf"
    [first, *_] = generate.module(str(huge), 1, big=60_000)
    small.parent.mkdir()
    large = Path(first).as_uri()
    with Wire() as wire:
        wire.folder = tmp_path
        start(wire, VSCODE, tmp_path)
        settled(wire)
        wire.open(large, Path(first).read_text(encoding="utf-8"), "terraform")
        for version in range(1, 6):
            if version == 1:
                wire.open(small.as_uri(), DATABASE, "terraform", version)
            else:
                wire.change(small.as_uri(), version, {"text": DATABASE.replace("= false", f"= {'true' if version % 2 == 0 else 'false'}")})
            while True:
                params = wire.wait("textDocument/publishDiagnostics")
                assert params["uri"] != large, f"version {version} of the small file waited for the large one"
                if params["uri"] == small.as_uri():
                    break
            assert params["version"] == version
            assert ("RDS.3" in codes(params)) is (version % 2 == 1)
        assert wire.diagnostics(large)["diagnostics"]
        assert wire.leave() == 0
