"""The protocol itself over real pipes: life cycle, errors, purity of stdout, the process."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
import time
from pathlib import Path

import pytest

from tests.server.clients import VSCODE
from tests.server.wire import COMMAND, Json, Wire

ROOT = Path(__file__).parents[2]
TEMPLATE = """AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Db:
    Type: AWS::RDS::DBInstance
    Properties:
      PubliclyAccessible: true
"""


def test_life_cycle_and_exit_codes() -> None:
    with Wire() as wire:
        assert wire.request("textDocument/hover", {})["code"] == -32002
        wire.notify("textDocument/didOpen", {"textDocument": {"uri": "file:///a.tf", "languageId": "terraform", "version": 1, "text": ""}})
        result = wire.initialize()
        assert result["serverInfo"]["name"] == "fsbp-lsp"
        assert wire.request("initialize", {"processId": None, "rootUri": None, "capabilities": {}})["code"] == -32600
        assert wire.request("shutdown", None) is None
        assert wire.request("textDocument/hover", {})["code"] == -32600
        wire.notify("exit", None)
        assert wire.process.wait(10) == 0
        assert wire.impure == []


def test_exit_without_shutdown_is_an_error() -> None:
    with Wire() as wire:
        wire.initialize()
        wire.notify("exit", None)
        assert wire.process.wait(10) == 1


def test_the_end_of_input_ends_the_server() -> None:
    with Wire() as wire:
        wire.initialize()
        assert wire.process.stdin is not None
        wire.process.stdin.close()
        assert wire.process.wait(10) == 1


def test_nonsense_is_answered_and_survived() -> None:
    with Wire() as wire:
        wire.initialize(VSCODE)
        wire.raw(b"{ this is not json")
        wire.raw(b"[]")
        assert wire.request("textDocument/hover", {"textDocument": 7})["code"] == -32602
        assert wire.request("no/such/method", {"x": 1})["code"] == -32601
        wire.send({"id": 99, "method": "no/params"})
        assert wire.answer(99)["error"]["code"] == -32601
        wire.notify("$/whatever", {})
        wire.notify("no/such/notification", {})
        wire.notify("textDocument/didChange", {"textDocument": {"uri": "file:///not-open.tf", "version": 2}, "contentChanges": []})
        assert wire.request("workspace/executeCommand", {"command": "no.such"})["code"] == -32602
        shown = [message for message in wire.kept if message.get("method") == "window/showMessage"]
        assert shown == []
        assert wire.leave() == 0
        assert wire.impure == []


def test_what_is_not_advertised_does_not_exist() -> None:
    with Wire() as wire:
        capabilities = wire.initialize({})["capabilities"]
        assert set(capabilities) == {"positionEncoding", "textDocumentSync"}
        for method in (
            "textDocument/diagnostic",
            "textDocument/hover",
            "textDocument/codeAction",
            "codeAction/resolve",
            "textDocument/completion",
            "textDocument/formatting",
            "textDocument/documentSymbol",
            "workspace/executeCommand",
            "workspace/diagnostic",
        ):
            assert wire.request(method, {"textDocument": {"uri": "file:///a.tf"}})["code"] == -32601, method


def test_nothing_but_messages_on_stdout(tmp_path: Path) -> None:
    """Printing from Python, from a child process and to the bare file descriptor ends up on stderr."""
    noisy = (
        "import sys, os, subprocess\n"
        "from fsbp_lsp.server import transports\n"
        "serve = transports.serve_stdio\n"
        "def loud(*given):\n"
        "    print('python says hello')\n"
        "    subprocess.run([sys.executable, '-c', 'print(\"child says hello\")'])\n"
        "    os.write(1, b'descriptor says hello\\n')\n"
        "    return serve(*given)\n"
        "transports.serve_stdio = loud\n"
        "from fsbp_lsp.server import main\n"
        "sys.exit(main([]))\n"
    )
    with Wire(command=[sys.executable, "-c", noisy]) as wire:
        wire.initialize()
        uri = (tmp_path / "t.yaml").as_uri()
        wire.open(uri, TEMPLATE)
        assert wire.diagnostics(uri)["diagnostics"]
        assert wire.leave() == 0
        assert wire.impure == []
        assert wire.stderr.count(b"says hello") == 3


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_the_server_dies_with_the_process_the_client_names() -> None:
    editor = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    with Wire() as wire:
        wire.request("initialize", {"processId": editor.pid, "rootUri": None, "capabilities": {}})
        editor.send_signal(signal.SIGKILL)
        editor.wait()
        assert wire.process.wait(10) == 1


def test_a_parent_that_is_not_visible_is_not_watched() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with Wire() as wire:
        wire.request("initialize", {"processId": gone.pid, "rootUri": None, "capabilities": {}})
        wire.notify("initialized", {})
        time.sleep(1.2)
        assert wire.leave() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_check_parent_process() -> None:
    """The direct parent is killed; stdin stays open, so only the watchdog can notice."""
    middle = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen({[*COMMAND, '--check-parent-process']!r}, stdin=sys.stdin, stdout=subprocess.DEVNULL)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    reader, writer = os.pipe()
    parent = subprocess.Popen([sys.executable, "-c", middle], stdin=reader, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    server = int(parent.stdout.readline())
    time.sleep(1.0)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    try:
        end = time.monotonic() + 10
        while _running(server) and time.monotonic() < end:
            time.sleep(0.1)
        assert not _running(server)
    finally:
        os.close(reader)
        os.close(writer)


def _running(process: int) -> bool:
    """A zombie nobody has waited for yet does not run."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_version_and_wrong_options() -> None:
    done = subprocess.run([*COMMAND, "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()[0]) == (0, "fsbp-lsp")
    for wrong in (["--tcp", "x"], ["--tcp", "1", "--ws", "2"], ["--nonsense"], ["--log-file", "/no/such/folder/x.log"]):
        done = subprocess.run([*COMMAND, *wrong], capture_output=True, text=True, check=False)
        assert done.returncode == 2, wrong
        assert "Traceback" not in done.stderr


def test_log_file_names_the_process(tmp_path: Path) -> None:
    with Wire("--log-file", str(tmp_path / "log-{pid}.txt"), "--log-level", "info") as wire:
        wire.initialize()
        pid = wire.process.pid
        wire.leave()
    assert (tmp_path / f"log-{pid}.txt").is_file()


def test_tcp_on_loopback() -> None:
    server = subprocess.Popen([*COMMAND, "--tcp", "0"], stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    try:
        address = server.stderr.readline()
        assert "127.0.0.1:" in address
        with (
            socket.create_connection(("127.0.0.1", int(address.rsplit(":", 1)[1])), timeout=10) as connection,
            connection.makefile("rwb") as pipe,
        ):

            def send(message: dict[str, object]) -> None:
                body = json.dumps({"jsonrpc": "2.0", **message}).encode()
                pipe.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
                pipe.flush()

            send({"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}})
            size = int(pipe.readline().split(b":")[1])
            while pipe.readline() != b"\r\n":
                pass
            assert json.loads(pipe.read(size))["result"]["serverInfo"]["name"] == "fsbp-lsp"
            send({"id": 2, "method": "shutdown"})
            send({"method": "exit"})
            assert server.wait(10) == 0
    finally:
        server.kill()
        server.wait()
        server.stderr.close()


def test_websocket_on_loopback() -> None:
    sync = pytest.importorskip("websockets.sync.client", reason="the package websockets is not installed")
    server = subprocess.Popen([*COMMAND, "--ws", "0"], stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    try:
        address = server.stderr.readline().split()[-1]
        with sync.connect(address) as connection:
            connection.send(
                json.dumps(
                    {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}}
                )
            )
            assert json.loads(connection.recv(10))["result"]["serverInfo"]["name"] == "fsbp-lsp"
            connection.send(json.dumps({"jsonrpc": "2.0", "id": 2, "method": "shutdown"}))
            connection.recv(10)
            connection.send(json.dumps({"jsonrpc": "2.0", "method": "exit"}))
            assert server.wait(10) == 0
    finally:
        server.kill()
        server.wait()
        server.stderr.close()


def test_a_storm_of_edits_does_not_make_the_server_deaf(tmp_path: Path) -> None:
    uri = (tmp_path / "t.yaml").as_uri()
    start = {"line": 0, "character": 0}
    with Wire() as wire:
        wire.initialize({"textDocument": {"hover": {}}}, initializationOptions={"debounce": 50})
        wire.open(uri, TEMPLATE)
        assert wire.diagnostics(uri)["diagnostics"]
        for version in range(2, 402):
            wire.change(uri, version, {"range": {"start": start, "end": start}, "text": "#" if version % 2 else "\n"})
        assert wire.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 205, "character": 29}})
        pushes = 0
        lines: set[int] = set()
        while not lines >= {202, 205}:
            pushes += 1
            assert pushes < 40, "nearly every edit was answered by itself"
            lines = {item["range"]["start"]["line"] for item in wire.diagnostics(uri)["diagnostics"]}
        wire.change(uri, 402, {"text": ""})
        assert wire.diagnostics(uri)["diagnostics"] == []
        assert wire.leave() == 0


def test_a_lost_text_shows_nothing_until_it_is_known_again(tmp_path: Path) -> None:
    uri = (tmp_path / "t.yaml").as_uri()
    far = {"line": 900, "character": 0}
    with Wire() as wire:
        wire.initialize({}, initializationOptions={"debounce": 0})
        wire.open(uri, TEMPLATE)
        assert wire.diagnostics(uri)["diagnostics"]
        wire.change(uri, 2, {"range": {"start": far, "end": far}, "text": "x"})
        assert wire.diagnostics(uri)["diagnostics"] == []
        wire.change(uri, 1, {"text": "old"})
        wire.change(uri, 3, {"text": TEMPLATE})
        assert wire.diagnostics(uri)["diagnostics"]
        assert wire.leave() == 0


def bundle(folder: Path) -> list[str]:
    """The server laid out as editors/vscode/scripts/bundle.py does it, and the command the extension starts it with.

    What is compiled lies apart; the interpreter is one that has nothing of it installed.
    """
    tag = f"cp{sys.version_info[0]}{sys.version_info[1]}"
    common, compiled = folder / "libs", folder / f"libs-{tag}"
    for made in (common, compiled):
        made.mkdir(parents=True)
    (common / "fsbp_lsp").symlink_to(ROOT / "fsbp_lsp", target_is_directory=True)
    for part in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for entry in Path(part).iterdir():
            if "fsbp_lsp" not in entry.name and not entry.name.endswith(".pth"):
                own = compiled if entry.is_dir() and any(entry.rglob("*.so")) else common
                (own / entry.name).symlink_to(entry)
    launcher = folder / "fsbp_lsp_server.py"
    shutil.copy(ROOT / "editors/vscode/scripts/fsbp_lsp_server.py", launcher)
    return [os.path.realpath(sys.executable), "-I", str(launcher)]


def test_self_test_starts_the_very_program(tmp_path: Path) -> None:
    """The bundled copy is found by its launcher alone: no other way of starting it would get anywhere."""
    program = bundle(tmp_path / "bundled")
    alone = subprocess.run([program[0], "-I", "-c", "import fsbp_lsp"], capture_output=True, check=False, timeout=60)
    if alone.returncode == 0:
        pytest.skip(f"{program[0]} has fsbp-lsp installed: a virtual environment of its own is needed (tests/run)")
    done = subprocess.run([*program, "--self-test"], capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "RDS.3" in done.stdout
    assert done.stdout.endswith("OK\n")


def test_self_test_tells_when_the_server_does_not_start(tmp_path: Path) -> None:
    launcher = tmp_path / "launcher.py"
    launcher.write_text(
        "import sys\nif '--stdio' in sys.argv: sys.exit(3)\nfrom fsbp_lsp.server import main\nsys.exit(main())\n", encoding="utf-8"
    )
    done = subprocess.run([sys.executable, str(launcher), "--self-test"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("FAILED: ")


def test_self_test() -> None:
    done = subprocess.run([*COMMAND, "--self-test"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "RDS.3" in done.stdout
    assert done.stdout.rstrip().endswith("OK")


def test_messages_come_whole_however_they_are_cut() -> None:
    """Bodies and headers split over several writes, several messages in one, other header fields, no body at all."""
    from fsbp_lsp.server.transports import Messages

    reader, writer = os.pipe()
    stream = (
        b"Content-Length: 2\r\n\r\n{}"
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length:  3\r\n\r\n[1]"
        b"Nonsense: 7\r\n\r\n"
        b"Content-Length: 0\r\n\r\n"
        b"Content-Length: 70000\r\n\r\n" + b"x" * 70000 + b"Content-Length: 9\r\n\r\ncut"
    )
    messages = Messages(reader)

    def write() -> None:
        for at in range(0, len(stream), 4093):
            os.write(writer, stream[at : at + 4093])
        os.close(writer)

    sender = threading.Thread(target=write)
    sender.start()
    try:
        got: list[bytes] = []
        while bodies := messages.pull():
            got += bodies
        assert got == [b"{}", b"[1]", b"x" * 70000]
    finally:
        sender.join()
        os.close(reader)


def test_params_without_a_document_are_refused(tmp_path: Path) -> None:
    uri = (tmp_path / "t.yaml").as_uri()
    with Wire() as wire:
        wire.initialize({"textDocument": {"diagnostic": {}}})
        nonsense: tuple[Json | None, ...] = ({}, {"textDocument": 7}, {"textDocument": {}}, None)
        for wrong in nonsense:
            assert wire.request("textDocument/diagnostic", wrong)["code"] == -32602
        wire.open(uri, TEMPLATE)
        for change in ({}, {"text": 7}, {"text": "x", "range": {"start": 1}}):
            wire.change(uri, 2, change)
        wire.notify("textDocument/didChange", {"contentChanges": []})
        assert wire.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})["items"]
        assert wire.leave() == 0
