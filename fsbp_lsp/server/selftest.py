"""`--self-test`: does it run here at all? Opens a built-in file in a server of its own and prints what a client would see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from typing import IO, Any

from fsbp_lsp import __version__

SAMPLE = """resource "aws_db_instance" "main" {
  storage_encrypted   = false
  publicly_accessible = true
}
"""


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _send(pipe: IO[bytes], message: dict[str, Any]) -> None:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    pipe.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> dict[str, Any] | None:
    size = 0
    while line := pipe.readline():
        if line.lower().startswith(b"content-length:"):
            size = int(line.split(b":")[1])
        elif not line.strip() and size:
            message: dict[str, Any] = json.loads(pipe.read(size))
            return message
    return None


def this_program() -> list[str]:
    """The command that started this process without the arguments of the program: interpreter, its options, script or module.

    A launcher may have its own way of finding this package (the one in the VS Code extension has), so `-m` would test
    another program than the user's, or none.
    """
    given = len(sys.argv) - 1
    return [sys.executable, *sys.orig_argv[1 : len(sys.orig_argv) - given]]


def self_test(program: list[str], patience: float = 30.0) -> int:
    """0 when diagnostics came back over a real stdio session with `program`; 1 with what went wrong otherwise."""
    from fsbp_lsp.server.uris import uri_of

    _say(f"fsbp-lsp {__version__}, Python {sys.version.split()[0]}, {sys.executable}")
    with tempfile.TemporaryDirectory(prefix="fsbp-self-test-") as folder:
        path = os.path.join(os.path.realpath(folder), "main.tf")
        child = subprocess.Popen(
            [*program, "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        timer = threading.Timer(patience, child.kill)
        timer.start()
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            return _talk(child.stdin, child.stdout, uri_of(path))
        except (OSError, ValueError) as error:
            _say(f"FAILED: {error}")
            return 1
        finally:
            timer.cancel()
            child.kill()
            child.wait()


def _talk(to: IO[bytes], back: IO[bytes], uri: str) -> int:
    capabilities = {"textDocument": {"publishDiagnostics": {"relatedInformation": True}}}
    _send(to, {"id": 1, "method": "initialize", "params": {"processId": os.getpid(), "rootUri": None, "capabilities": capabilities}})
    document = {"uri": uri, "languageId": "terraform", "version": 1, "text": SAMPLE}
    while (message := _receive(back)) is not None:
        if message.get("id") == 1:
            if "error" in message:
                _say(f"FAILED: initialize: {message['error']}")
                return 1
            _say(f"initialized: {message['result']['serverInfo']['name']} {message['result']['serverInfo']['version']}")
            _send(to, {"method": "initialized", "params": {}})
            _send(to, {"method": "textDocument/didOpen", "params": {"textDocument": document}})
        elif message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri:
            found = message["params"]["diagnostics"]
            for item in found:
                _say(f"  main.tf:{item['range']['start']['line'] + 1}: {item['code']} {item['message']}")
            _send(to, {"id": 2, "method": "shutdown"})
            _send(to, {"method": "exit"})
            _say("OK" if found else "FAILED: no finding in the built-in file")
            return 0 if found else 1
        elif message.get("method") == "window/logMessage":
            _say(f"  log: {message['params']['message']}")
    _say("FAILED: the server ended before it answered")
    return 1
