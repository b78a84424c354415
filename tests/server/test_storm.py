"""Two thousand edits, as fast as a pipe takes them: the text stays the client's, nothing stale stays, and it ends."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fsbp_lsp.dev import generate
from tests.server.wire import COMMAND, Json, Wire

EDITS = 2000
NEW = ("x", " ", "\n", '"', "}", "{\n", "# 😀", "é", "true", 'resource "aws_ebs_volume" "v" {\n}\n', "", "", "", "\n\n", "<<EOT\n", "\t")
CLIENTS: dict[str, Json] = {
    "utf-8": {"publishDiagnostics": {"versionSupport": True}},
    "utf-16": {"diagnostic": {}},
    "utf-32": {"publishDiagnostics": {"versionSupport": True}},
}


def units(text: str, encoding: str) -> int:
    return {"utf-8": len(text.encode()), "utf-16": len(text.encode("utf-16-le")) // 2, "utf-32": len(text)}[encoding]


class Buffer:
    """The editor's side of the text: lines of characters, edited by the rules of the specification."""

    def __init__(self, text: str, encoding: str) -> None:
        self.lines = text.split("\n")
        self.encoding = encoding

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def position(self, line: int, index: int) -> Json:
        return {"line": line, "character": units(self.lines[line][:index], self.encoding)}

    def replace(self, first: tuple[int, int], last: tuple[int, int], new: str) -> Json:
        change = {"range": {"start": self.position(*first), "end": self.position(*last)}, "text": new}
        joined = self.lines[first[0]][: first[1]] + new + self.lines[last[0]][last[1] :]
        self.lines[first[0] : last[0] + 1] = joined.split("\n")
        return change

    def random_edit(self, dice: random.Random) -> Json:
        line = dice.randrange(len(self.lines))
        index = dice.randint(0, len(self.lines[line]))
        end_line = min(len(self.lines) - 1, line + dice.choice((0, 0, 0, 0, 1)))
        end = (
            dice.randint(index, min(len(self.lines[line]), index + 6))
            if end_line == line
            else dice.randint(0, min(3, len(self.lines[end_line])))
        )
        return self.replace((line, index), (end_line, end), dice.choice(NEW))

    def become(self, text: str) -> Json:
        """One edit from what is there to another text, between the first and the last line that differ."""
        wanted = text.split("\n")
        first = next(
            (n for n, (one, other) in enumerate(zip(self.lines, wanted, strict=False)) if one != other),
            min(len(self.lines), len(wanted)) - 1,
        )
        last = len(self.lines) - 1
        change = self.replace((first, 0), (last, len(self.lines[last])), "\n".join(wanted[first:]))
        assert self.lines == wanted
        return change


def command(wire: Wire, name: str) -> str:
    result = wire.request("workspace/executeCommand", {"command": name})
    return result if isinstance(result, str) else json.dumps(result)


def settled(wire: Wire) -> None:
    end = time.monotonic() + 60
    while not json.loads(command(wire, "fsbp.status"))["quiescent"]:
        assert time.monotonic() < end, "never quiet"
        time.sleep(0.02)


def checks_begun(wire: Wire) -> int:
    found = re.search(r"checks begun (\d+)", command(wire, "fsbp.server.debugInfo"))
    assert found is not None
    return int(found[1])


def digest_told(wire: Wire, uri: str) -> str:
    found = re.search(re.escape(uri) + r" version \d+, \d+ bytes, sha256 (\w+)", command(wire, "fsbp.server.debugInfo"))
    assert found is not None
    return found[1]


def resident(process: int) -> float | None:
    """Megabytes; None where the system does not tell."""
    try:
        text = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:
        return None
    return int(text.partition("VmRSS:")[2].split()[0]) / 1024


def from_command_line(path: Path, encoding: str) -> list[tuple[str, str, int, int]]:
    """(id, message, line, column as the editor counts) of a fresh process on the file as it is on disk."""
    done = subprocess.run(
        [sys.executable, "-m", "fsbp_lsp.cli", "check", "--output-format", "json", str(path)], capture_output=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    lines = path.read_bytes().decode().split("\n")
    found = []
    for finding in json.loads(done.stdout)["findings"]:
        if os.path.basename(finding["path"]) == path.name:
            line, column = finding["start"]["line"] - 1, finding["start"]["column"] - 1
            found.append((finding["control"], finding["message"], line, units(lines[line][:column], encoding)))
    return found


@pytest.mark.parametrize("encoding", list(CLIENTS))
def test_a_storm_leaves_server_and_editor_with_the_same_text_and_findings(tmp_path: Path, encoding: str) -> None:
    source = generate.terraform(1000, head=True)
    path = tmp_path / "main.tf"
    path.write_text(source, encoding="utf-8", newline="\n")
    uri = path.as_uri()
    pulls = "diagnostic" in CLIENTS[encoding]
    dice = random.Random(encoding)
    buffer = Buffer(source, encoding)
    with Wire() as wire:
        wire.initialize(
            {
                "general": {"positionEncodings": [encoding]},
                "workspace": {"executeCommand": {}},
                "textDocument": CLIENTS[encoding],
            },
            initializationOptions={"debounce": 30},
        )
        wire.open(uri, source, "terraform", 0)
        settled(wire)
        version, asked, before = 0, 0, checks_begun(wire)
        calm = resident(wire.process.pid)
        while version < EDITS:
            with wire.together():
                for _ in range(dice.randint(1, 40)):
                    version += 1
                    wire.change(uri, version, *(buffer.random_edit(dice) for _ in range(dice.choice((1, 1, 1, 3)))))
                if pulls:
                    asked += 1
                    id = wire.begin("textDocument/diagnostic", {"textDocument": {"uri": uri}})
                    if dice.random() < 0.5:
                        wire.notify("$/cancelRequest", {"id": id})
            if dice.random() < 0.2:
                time.sleep(0.05)  # a breath, in which a check may begin
        assert digest_told(wire, uri) == hashlib.sha256(buffer.text.encode()).hexdigest()[:16]
        settled(wire)
        begun = checks_begun(wire) - before
        assert begun <= EDITS // 10, f"{begun} checks for {EDITS} edits in {asked} pulls"

        # A text that reads again: what is broken keeps findings the command line has no memory of.
        final = "# 😀\n" + source.replace("= true", "= false", 20)
        version += 1
        wire.change(uri, version, buffer.become(final))
        path.write_text(final, encoding="utf-8", newline="\n")
        assert digest_told(wire, uri) == hashlib.sha256(final.encode()).hexdigest()[:16]
        if pulls:
            items = wire.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})["items"]
        else:
            settled(wire)
            command(wire, "fsbp.status")
            pushed = [m["params"] for m in wire.kept if m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"] == uri]
            assert [push["version"] for push in pushed] == sorted(push["version"] for push in pushed)
            items = pushed[-1]["diagnostics"]
        shown = [(item["code"], item["message"], item["range"]["start"]["line"], item["range"]["start"]["character"]) for item in items]
        assert shown
        assert sorted(shown) == sorted(from_command_line(path, encoding))

        settled(wire)
        quiet = checks_begun(wire)
        time.sleep(0.3)
        assert checks_begun(wire) == quiet, "work goes on after the last edit"
        stormed = resident(wire.process.pid)
        if calm is not None and stormed is not None:
            assert stormed < 150, f"{stormed:.0f} MB"
            assert stormed < calm + 60, f"{calm:.0f} MB before, {stormed:.0f} MB after"
        assert wire.leave() == 0
        assert wire.impure == []
        assert b"Traceback" not in wire.stderr, wire.stderr.decode()


EDITOR = f"""
import json, os, subprocess, sys
uri = sys.argv[1]
server = subprocess.Popen({COMMAND!r}, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
def send(**message):
    body = json.dumps({{"jsonrpc": "2.0", **message}}).encode()
    server.stdin.write(b"Content-Length: %d\\r\\n\\r\\n" % len(body) + body)
    server.stdin.flush()
send(id=1, method="initialize", params={{"processId": os.getpid(), "rootUri": None, "capabilities": {{}}}})
send(method="initialized", params={{}})
text = 'resource "aws_db_instance" "x" {{\\n}}\\n' * 200
send(method="textDocument/didOpen", params={{"textDocument": {{"uri": uri, "languageId": "terraform", "version": 0, "text": text}}}})
print(server.pid, flush=True)
version = 0
while True:
    version += 1
    send(method="textDocument/didChange",
         params={{"textDocument": {{"uri": uri, "version": version}}, "contentChanges": [{{"text": text + "#" * (version % 7)}}]}})
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_an_editor_killed_in_the_middle_of_a_storm_leaves_no_server(tmp_path: Path) -> None:
    from tests.server.test_wire import _running

    editor = subprocess.Popen([sys.executable, "-c", EDITOR, (tmp_path / "main.tf").as_uri()], stdout=subprocess.PIPE, text=True)
    assert editor.stdout is not None
    with editor.stdout:
        server = int(editor.stdout.readline())
        time.sleep(0.5)
        assert _running(server)
        editor.send_signal(signal.SIGKILL)
        editor.wait()
    end = time.monotonic() + 15
    while _running(server):
        assert time.monotonic() < end, "the server outlived its editor"
        time.sleep(0.05)
