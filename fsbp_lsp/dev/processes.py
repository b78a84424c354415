"""Measuring other processes: CPU of a command, and a minimal conversation with a language server."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from typing import Any
from urllib.parse import quote


def environment() -> dict[str, str]:
    """What a user has: byte code is cached, nothing of the developer's is in the way."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


class Cost:
    """CPU seconds (user + system, with everything the process waited for) and wall seconds of one run."""

    __slots__ = ("cpu", "status", "wall")

    def __init__(self, cpu: float, wall: float, status: int) -> None:
        self.cpu = cpu
        self.wall = wall
        self.status = status


def run(command: list[str], cwd: str | None = None, one_core: bool = False, limit: float = 0.0) -> Cost:
    """Run a command to its end. one_core: keep it and its children on one processor (where the system can).

    limit: seconds after which it is killed, with a negative status then; 0 for none.
    """
    before = time.perf_counter()
    core = _first_core() if one_core else None
    process = subprocess.Popen(
        [*(["taskset", "-c", str(core)] if core is not None else []), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
        cwd=cwd,
        start_new_session=limit > 0,
    )
    alarm = threading.Timer(limit, os.killpg, (process.pid, signal.SIGKILL)) if limit > 0 else None
    if alarm is not None:
        alarm.start()
    _, status, usage = os.wait4(process.pid, 0)
    if alarm is not None:
        alarm.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - before, process.returncode)


def _first_core() -> int | None:
    import shutil

    if shutil.which("taskset") is None or not hasattr(os, "sched_getaffinity"):
        return None
    return min(os.sched_getaffinity(0))


def interleaved(commands: dict[str, list[str]], rounds: int, rare: dict[str, int] | None = None) -> dict[str, Cost]:
    """Medians of several commands run in turn, so that a busy minute hurts all alike.

    The first round warms caches and does not count. rare: fewer rounds for slow commands.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            if number <= (rare or {}).get(name, rounds):
                cost = run(command)
                if cost.status not in (0, 1):
                    raise RuntimeError(f"{' '.join(command)} ended with status {cost.status}")
                if number:
                    costs[name].append(cost)
    return {
        name: Cost(statistics.median(c.cpu for c in several), statistics.median(c.wall for c in several), 0)
        for name, several in costs.items()
        if several
    }


def script(name: str) -> list[str]:
    """The installed command beside this interpreter; in a bare checkout what the command would do."""
    beside = os.path.join(os.path.dirname(sys.executable), name)
    if os.path.exists(beside):
        return [beside]
    module = {"fsbp": "fsbp_lsp.cli", "fsbp-lsp": "fsbp_lsp.server"}[name]
    return [sys.executable, "-c", f"import sys; from {module} import main; sys.exit(main())"]


class Editor:
    """A language client that knows just enough to measure a server on stdio."""

    def __init__(self, root: str, options: dict[str, Any] | None = None) -> None:
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            script("fsbp-lsp"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment()
        )
        self._id = 0
        self._version = 0
        self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": uri(root),
                "workspaceFolders": [{"uri": uri(root), "name": "bench"}],
                "initializationOptions": {"debounce": 0, **(options or {})},
                "capabilities": {
                    "general": {"positionEncodings": ["utf-16"]},
                    "textDocument": {"diagnostic": {}, "synchronization": {}},
                },
            },
        )
        self.initialized_wall = time.perf_counter() - self.started
        self.initialized_cpu = self.cpu()
        self.notify("initialized", {})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        length = 0
        while (line := self.process.stdout.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            raise RuntimeError("the server closed the connection")
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        return message

    def notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def request(self, method: str, params: Any) -> Any:
        """The result of a request; whatever the server says or asks meanwhile is passed over."""
        self._id += 1
        self._send({"id": self._id, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self._id and "method" not in message:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message.get("result")
            if "id" in message:
                self._send({"id": message["id"], "result": None})

    def open(self, path: str) -> Any:
        """Open a file; its diagnostics."""
        with open(path, encoding="utf-8", newline="") as file:
            text = file.read()
        self._version += 1
        language = "terraform" if path.endswith(".tf") else "yaml"
        item = {"uri": uri(path), "languageId": language, "version": self._version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return self.pull(path)

    def pull(self, path: str) -> Any:
        return self.request("textDocument/diagnostic", {"textDocument": {"uri": uri(path)}})

    def type(self, path: str, start: tuple[int, int], end: tuple[int, int], text: str) -> Any:
        """One change between two (line, character) positions, and the diagnostics of the text after it."""
        self._version += 1
        span = {name: {"line": at[0], "character": at[1]} for name, at in (("start", start), ("end", end))}
        self.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": uri(path), "version": self._version}, "contentChanges": [{"range": span, "text": text}]},
        )
        return self.pull(path)

    def cpu(self) -> float | None:
        """CPU seconds the server has used so far, to the nanosecond; None where the system does not tell."""
        folder = f"/proc/{self.process.pid}/task"
        if not os.path.isdir(folder):
            return None
        total = 0
        for thread in os.listdir(folder):
            with open(f"{folder}/{thread}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total / 1e9

    def memory(self) -> float | None:
        """Resident megabytes; None where the system does not tell."""
        try:
            with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
                return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:")) / 1024
        except OSError:
            return None

    def close(self) -> None:
        self.request("shutdown", None)
        self.notify("exit", None)
        self.process.wait(10)


def uri(path: str) -> str:
    return "file://" + quote(os.path.abspath(path))
