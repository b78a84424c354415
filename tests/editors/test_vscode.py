"""The VS Code extension: its unit tests, a suite inside the extension host, and the real editor driven through its workbench.

`.ci/editors-vscode` installs what this needs, FSBP_VSCODE_HOME says where; what is missing is named when a test is skipped.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from fsbp_lsp import __version__
from fsbp_lsp.server.options import MAX_DEBOUNCE, PREFERENCES, SEVERITIES, TRIGGERS, Options

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "editors" / "vscode"
DRIVERS = ROOT / "tests" / "editors" / "vscode"
HOME = Path(os.environ.get("FSBP_VSCODE_HOME", ROOT / "build" / "vscode"))
MANIFEST = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
PROPERTIES: dict[str, dict[str, Any]] = MANIFEST["contributes"]["configuration"]["properties"]

GROUPS = ("quick fix", "ignore", "fix all", "typing", "reading", "starting", "around")
"""Parts of ui.mjs, each within the time one test may take."""


def node(script: str, *args: str | Path, seconds: int = 170) -> str:
    """Run a script of tests/editors/vscode; everything it said when it fails."""
    done = subprocess.run(
        ["node", str(DRIVERS / script), *map(str, args)],
        env={**os.environ, "FSBP_VSCODE_HOME": str(HOME)},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    if done.returncode != 0:
        pytest.fail(f"{script}:\n{done.stdout}\n{done.stderr}", pytrace=False)
    return done.stdout


@pytest.fixture(scope="session")
def tools() -> None:
    """Node and what builds the extension."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed (Node 20 or later; then .ci/editors-vscode)")
    if not (EXTENSION / "node_modules" / "esbuild").is_dir():
        pytest.skip("the extension's build tools are not installed (.ci/editors-vscode)")


@pytest.fixture(scope="session")
def code(tools: None) -> None:
    """The VS Code server and a browser."""
    if not (HOME / ".installed").exists():
        pytest.skip(f"there is no VS Code in {HOME} (.ci/editors-vscode)")
    if not Path(os.environ.get("FSBP_CHROMIUM", "/usr/bin/chromium")).exists():
        pytest.skip("chromium is not installed (.ci/editors-vscode, or FSBP_CHROMIUM=PATH)")


@pytest.fixture(scope="session")
def vsix(code: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension as users get it, made by the command its README gives."""
    file = tmp_path_factory.mktemp("vsix") / "fsbp.vsix"
    done = subprocess.run(
        ["npm", "run", "package", "--", "--out", str(file)],
        cwd=EXTENSION,
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    if done.returncode != 0 and re.search("ConnectionError|NewConnectionError|name resolution|Network is unreachable", done.stderr):
        pytest.skip("no package index can be reached: the server cannot be bundled")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return file


def build_tests() -> None:
    done = subprocess.run(["node", "scripts/build.mjs", "--tests"], cwd=EXTENSION, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def test_units(tools: None) -> None:
    done = subprocess.run(["npm", "test", "--silent"], cwd=EXTENSION, capture_output=True, text=True, timeout=170, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert re.search(r"^# fail 0$", done.stdout, re.MULTILINE)


def test_inside_the_extension_host(code: None) -> None:
    build_tests()
    said = node("host.mjs", "--server", Path(sys.executable).parent / "fsbp-lsp", seconds=175)
    assert said.endswith("failed: 0\n")
    assert said.count("ok ") >= 7


def test_the_bundled_server_tests_itself(vsix: Path, tmp_path: Path) -> None:
    """Started as the extension starts it, by an interpreter that has nothing of it installed."""
    with zipfile.ZipFile(vsix) as package:
        package.extractall(tmp_path, [name for name in package.namelist() if name.startswith("extension/bundled/")])
    launcher = tmp_path / "extension/bundled/fsbp_lsp_server.py"
    command = [os.path.realpath(sys.executable), "-I", str(launcher), "--self-test"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert done.stdout.endswith("OK\n")


@pytest.mark.parametrize("group", GROUPS)
def test_in_the_workbench(group: str, vsix: Path) -> None:
    seen = HOME / "failures"
    said = node("ui.mjs", "--vsix", vsix, "--fsbp", Path(sys.executable).parent / "fsbp", "--group", group, "--failures", seen)
    assert said.startswith(f"ok {group}: ")


def test_groups_are_all_there_is(tools: None, code: None) -> None:
    listed = node("ui.mjs", "--list").splitlines()
    assert {name.partition(": ")[0] for name in listed} == set(GROUPS)


def test_every_option_of_the_server_is_a_setting() -> None:
    """`status` is asked for by the extension itself."""
    spelled = {"preference": "configurationPreference"}
    defaults = Options()
    for name in sorted(set(Options.__slots__) - {"status"}):
        setting = spelled.get(name, re.sub(r"_(.)", lambda match: match[1].upper(), name))
        assert f"fsbp.{setting}" in PROPERTIES, name
        assert PROPERTIES[f"fsbp.{setting}"]["default"] == getattr(defaults, name), name


def test_settings_allow_what_the_server_allows() -> None:
    assert tuple(PROPERTIES["fsbp.trigger"]["enum"]) == TRIGGERS
    assert tuple(PROPERTIES["fsbp.configurationPreference"]["enum"]) == PREFERENCES
    assert tuple(PROPERTIES["fsbp.severity"]["additionalProperties"]["enum"]) == SEVERITIES
    assert PROPERTIES["fsbp.debounce"]["maximum"] == MAX_DEBOUNCE


def test_every_setting_is_in_the_readme() -> None:
    readme = (EXTENSION / "README.md").read_text(encoding="utf-8")
    assert [name for name in PROPERTIES if f"`{name}`" not in readme] == []


def test_versions_agree() -> None:
    assert MANIFEST["version"] == __version__
    assert f"## {__version__}\n" in (EXTENSION / "CHANGELOG.md").read_text(encoding="utf-8")
    lock = json.loads((EXTENSION / "package-lock.json").read_text(encoding="utf-8"))
    assert lock["version"] == __version__


@pytest.mark.parametrize("folder", [EXTENSION, DRIVERS], ids=["extension", "drivers"])
def test_lock_files_name_no_registry(folder: Path) -> None:
    packages = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []
