"""A client without a library: raw messages over real pipes, so that the server's own bytes are what is tested."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

Json = dict[str, Any]

COMMAND = [sys.executable, "-m", "fsbp_lsp.server"]
PATIENCE = 30.0


class Wire:
    """One server process. Everything it writes to stdout must be a well-formed message."""

    def __init__(self, *arguments: str, command: list[str] | None = None) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        self.process = subprocess.Popen(
            command or [*COMMAND, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._to: IO[bytes] = self.process.stdin
        self._back: IO[bytes] = self.process.stdout
        self._errors: IO[bytes] = self.process.stderr
        self.stderr = b""
        self.impure: list[bytes] = []
        self.kept: list[Json] = []
        self._inbox: queue.Queue[Json | None] = queue.Queue()
        self._last = 0
        self._pending = b""
        self._together = False
        self.folder = Path()
        self.capabilities: Json = {}
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._drain, daemon=True).start()

    def _drain(self) -> None:
        with contextlib.suppress(ValueError):
            for line in self._errors:
                self.stderr += line

    def _listen(self) -> None:
        size = 0
        with contextlib.suppress(ValueError):
            while line := self._back.readline():
                if line.startswith(b"Content-Length: "):
                    size = int(line[16:])
                elif line == b"\r\n" and size:
                    self._inbox.put(json.loads(self._back.read(size)))
                    size = 0
                elif not line.startswith(b"Content-Type: "):
                    self.impure.append(line)
        self._inbox.put(None)

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self._to, self._back, self._errors):
            with contextlib.suppress(OSError):
                pipe.close()

    def raw(self, body: bytes) -> None:
        self._pending += b"Content-Length: %d\r\n\r\n" % len(body) + body
        if not self._together:
            self._write()

    def _write(self) -> None:
        data, self._pending = self._pending, b""
        self._to.write(data)
        self._to.flush()

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """What is sent inside reaches the server in one write: it cannot answer one message before it has the next."""
        self._together = True
        try:
            yield
        finally:
            self._together = False
        self._write()

    def send(self, message: Json) -> None:
        self.raw(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def notify(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    def begin(self, method: str, params: Any) -> int:
        self._last += 1
        self.send({"id": self._last, "method": method, "params": params})
        return self._last

    def next(self) -> Json:
        message = self._inbox.get(timeout=PATIENCE)
        if message is None:
            raise EOFError(self.stderr.decode(errors="replace"))
        return message

    def answer(self, id: int) -> Json:
        """The response with this id; everything else is kept for later."""
        for kept in self.kept:
            if kept.get("id") == id and "method" not in kept:
                self.kept.remove(kept)
                return kept
        while True:
            message = self.next()
            if message.get("id") == id and "method" not in message:
                return message
            self.kept.append(message)

    def request(self, method: str, params: Any) -> Any:
        """The result; the error object when there is one."""
        response = self.answer(self.begin(method, params))
        return response["error"] if "error" in response else response["result"]

    def wait(self, method: str) -> Any:
        """Params of the next (or of a kept) message of this method."""
        for kept in self.kept:
            if kept.get("method") == method:
                self.kept.remove(kept)
                return kept["params"]
        while True:
            message = self.next()
            if message.get("method") == method:
                return message.get("params")
            self.kept.append(message)

    def initialize(self, capabilities: Json | None = None, **more: Any) -> Json:
        params = {"processId": os.getpid(), "rootUri": None, "capabilities": capabilities or {}, **more}
        result: Json = self.request("initialize", params)
        self.notify("initialized", {})
        return result

    def open(self, uri: str, text: str, language: str = "yaml", version: int = 1) -> None:
        self.notify("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": language, "version": version, "text": text}})

    def change(self, uri: str, version: int, *changes: Json) -> None:
        self.notify("textDocument/didChange", {"textDocument": {"uri": uri, "version": version}, "contentChanges": list(changes)})

    def diagnostics(self, uri: str) -> Json:
        """The next push for this document."""
        while True:
            params: Json = self.wait("textDocument/publishDiagnostics")
            if params["uri"] == uri:
                return params

    def leave(self) -> int:
        self.request("shutdown", None)
        self.notify("exit", None)
        return self.process.wait(PATIENCE)
