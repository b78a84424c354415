"""The Neovim plugin in real Neovims: the oldest it is for, the last before `vim.lsp.enable`, and the newest to be had unbuilt.

`.ci/install` installs them, FSBP_EDITORS_HOME says where those go that no package manager has; what is missing is named when a
test is skipped.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sysconfig
import time
from pathlib import Path

import pytest

from tests.editors.test_editors import SOURCE

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "editors" / "nvim"
DRIVER = Path(__file__).parent / "nvim" / "driver.lua"
HOME = Path(os.environ.get("FSBP_EDITORS_HOME", ROOT / "build" / "editors"))

OPTIONS = ("-u", "NORC", "--cmd", f"set runtimepath^={PLUGIN}")
"""The plugin is there, and nothing of the user's."""

TEMPLATE = """Resources:
  Images:
    Type: AWS::ECR::Repository
    Properties:
      ImageTagMutability: IMMUTABLE
      ImageScanningConfiguration:
        ScanOnPush: false
"""


def installed() -> dict[str, str | None]:
    """Where each Neovim is."""
    own = {"0.10": HOME / "nvim-0.10" / "run", "newest": HOME / "nvim" / "bin" / "nvim"}
    return {"system": shutil.which("nvim"), **{name: str(program) if program.exists() else None for name, program in own.items()}}


OTHER = SOURCE.replace("false", "true")
"""Nothing to fix safely: it lacks a lifecycle policy."""


class Neovim:
    """One Neovim with the plugin on its runtime path and nothing of the user's; `logs` has one file per server it started."""

    def __init__(self, program: str, folder: Path) -> None:
        self.program = program
        self.logs = folder / "logs"
        self.workspace = folder / "workspace"
        for made in (self.logs, self.workspace / ".git", folder / "home"):
            made.mkdir(parents=True)
        (self.workspace / "other").mkdir()
        for name, text in {"main.tf": SOURCE, "other/main.tf": OTHER, "template.yaml": TEMPLATE, "notes.yaml": "a: 1\n"}.items():
            (self.workspace / name).write_text(text, encoding="utf-8")
        self.environment = {
            **os.environ,
            "HOME": str(folder / "home"),
            **{f"XDG_{kind}_HOME": str(folder / "home" / kind) for kind in ("CONFIG", "DATA", "STATE", "CACHE")},
            "PATH": sysconfig.get_path("scripts") + os.pathsep + os.environ["PATH"],
            "FSBP_DRIVER": str(DRIVER),
            "FSBP_WORKSPACE": str(self.workspace),
            "FSBP_LOGS": str(self.logs),
        }

    def start(self, scenario: str, start: str = "setup", *, options: tuple[str, ...] = OPTIONS) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.program, "--headless", "-i", "NONE", "-n", *options, "-c", f"luafile {DRIVER.with_name(scenario)}"],
            env={**self.environment, "FSBP_START": start},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, scenario: str, start: str = "setup", *, options: tuple[str, ...] = OPTIONS) -> None:
        with self.start(scenario, start, options=options) as process:
            try:
                said, _ = process.communicate(timeout=170)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        if process.returncode != 0 or "\nPASS" not in said:
            pytest.fail(f"{scenario} ({start}) with {self.program}:\n{said}", pytrace=False)

    def servers(self) -> list[int]:
        """Process ids of the servers it started."""
        return [int(log.stem) for log in self.logs.glob("*.log")]


def gone(pid: int) -> bool:
    """Whether a process ends, given some time."""
    for _ in range(600):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(params=["system", "0.10", "newest"])
def neovim(request: pytest.FixtureRequest, tmp_path: Path) -> Neovim:
    program = installed()[request.param]
    if program is None:
        how = "nvim is not installed (apt-get install neovim)" if request.param == "system" else f"Neovim {request.param} is not in {HOME}"
        pytest.skip(f"{how}; .ci/install installs it")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
    found = re.match(r"NVIM v(\d+)\.(\d+)", version)
    assert found, version
    if (int(found[1]), int(found[2])) < (0, 7):
        pytest.skip(f"{program} is older than the plugin is for: {found[0]}")
    return Neovim(program, tmp_path)


def is_native(neovim: Neovim) -> bool:
    """Whether this Neovim starts servers by itself."""
    asked = [neovim.program, "--headless", "-u", "NONE", "-c", "lua io.stdout:write(tostring(vim.lsp.enable ~= nil))", "-c", "qall!"]
    return subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout == "true"


@pytest.mark.parametrize("start", ["setup", "enable", "start"])
def test_findings_and_fixes(neovim: Neovim, start: str) -> None:
    """Diagnostics, quick fix, fix all, syntax errors; with `setup()`, with `lsp/fsbp.lua` alone, and the way of 0.8 to 0.10."""
    if start != "setup" and not is_native(neovim):
        pytest.skip("vim.lsp.enable came with Neovim 0.11: here setup() is the only way")
    neovim.run("fixes.lua", start)
    (server,) = neovim.servers()
    assert gone(server), "a server was left behind"


def test_explain_ignore_and_information(neovim: Neovim) -> None:
    neovim.run("reading.lua")
    servers = neovim.servers()
    assert len(servers) == 2, "one, and one after the restart"
    assert all(map(gone, servers))


def test_several_files(neovim: Neovim) -> None:
    neovim.run("workspace.lua")
    (server,) = neovim.servers()
    assert gone(server)
    assert (neovim.workspace / "main.tf").read_text(encoding="utf-8") == SOURCE, "nothing is written before the user does"


def test_health(neovim: Neovim) -> None:
    neovim.run("health.lua")


def test_a_killed_neovim_leaves_no_server(neovim: Neovim) -> None:
    with neovim.start("hold.lua") as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("ready"):
                break
        else:
            pytest.fail("the server did not start")
        process.send_signal(signal.SIGKILL)
    (server,) = neovim.servers()
    assert gone(server)


def page() -> str:
    text = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
    return text.partition("\n## Neovim\n")[2].partition("\n## ")[0]


def test_set_up_by_packages(neovim: Neovim) -> None:
    """The page's own commands: a link in a folder of packages, and a line in init.lua."""
    (line,) = re.findall(r'^echo "(.*)" >> ~/.config/nvim/init.lua$', page(), re.MULTILINE)
    (folder,) = re.findall(r"^ln -s ~/fsbp-lsp/editors/nvim ~/.local/share/(\S+)$", page(), re.MULTILINE)
    link = Path(neovim.environment["XDG_DATA_HOME"], folder)
    init = Path(neovim.environment["XDG_CONFIG_HOME"], "nvim", "init.lua")
    for made in (link, init):
        made.parent.mkdir(parents=True)
    link.symlink_to(PLUGIN)
    init.write_text(line + "\n", encoding="utf-8")
    neovim.run("page.lua", "packages", options=())


@pytest.mark.parametrize("manager", ["lazy", "packer", "enable"])
def test_set_up_by_the_blocks_of_the_page(neovim: Neovim, manager: str) -> None:
    """What is ours in them is run the way the manager would; the managers themselves are not there."""
    if manager == "enable" and not is_native(neovim):
        pytest.skip("vim.lsp.enable came with Neovim 0.11")
    blocks = re.findall(r"^```lua\n(.*?)^```$", page(), re.MULTILINE | re.DOTALL)
    mark = {"lazy": "plugin.dir", "packer": "use(", "enable": "vim.lsp.enable"}[manager]
    (block,) = (block for block in blocks if mark in block)
    neovim.environment |= {"FSBP_SPEC": block, "FSBP_CLONE": str(ROOT)}
    neovim.run("page.lua", manager, options=("-u", "NORC"))


def test_help_has_every_command_and_its_tags_are_well_formed() -> None:
    text = (PLUGIN / "doc" / "fsbp.txt").read_text(encoding="utf-8")
    commands = re.findall(r"command\('(\w+)'", (PLUGIN / "lua" / "fsbp" / "commands.lua").read_text(encoding="utf-8"))
    tags = re.findall(r"\*([^\s*|]+)\*", text)
    assert commands
    assert len(tags) == len(set(tags))
    assert {f":{command}" for command in commands} <= set(tags)
    assert set(re.findall(r"\|([^\s|]+)\|", text)) - set(tags) <= {":wall", ":vertical", ":tab"}
    defaults = (PLUGIN / "lua" / "fsbp" / "config.lua").read_text(encoding="utf-8").partition("M.defaults = {")[2].partition("\n}")[0]
    for option in re.findall(r"^  (\w+) = ", defaults, re.MULTILINE):
        assert f"fsbp-{option}" in tags
    for named in re.findall(r":help (fsbp[\w-]*)", "".join(path.read_text(encoding="utf-8") for path in PLUGIN.rglob("*.lua"))):
        assert named in tags
