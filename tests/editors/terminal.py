"""A program in a terminal of its own, driven by keys: for editors that have no other way."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

_CONTROL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_].*?\x1b\\|[@-Z\\-_=>78])", re.DOTALL)

ENTER, ESCAPE, UP = "\r", "\x1b", "\x1b[A"


class Terminal:
    """`said` is all the program has written, its control sequences left out. Ends the program when the block is left."""

    def __init__(self, command: list[str], env: dict[str, str], folder: Path, columns: int = 160, rows: int = 40) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._process = subprocess.Popen(
            command, env={**env, "TERM": "xterm-256color"}, cwd=folder, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        os.close(slave)
        self._raw = b""
        self._mark = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        os.close(self._master)

    @property
    def said(self) -> str:
        return _CONTROL.sub("", self._raw.decode("utf-8", "replace"))

    def keys(self, *keys: str) -> None:
        """Types; `wait_for` looks at what is written from here on."""
        self._read(0.05)
        self._mark = len(self.said)
        for key in keys:
            os.write(self._master, key.encode())
            self._read(0.05)

    def wait_for(self, text: str, seconds: float = 60) -> None:
        """Until this is written. Raises AssertionError with the last that was."""
        self.until(lambda: text in self.said[self._mark :], f"“{text}”", seconds)

    def until(self, holds: Callable[[], bool], what: str, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, f"waited for {what}, the end of what was written is:\n{self.said[-3000:]}"
            self._read(0.05)

    def leave(self, *keys: str) -> int:
        """The exit code after these keys."""
        self.keys(*keys)
        self.until(lambda: self._process.poll() is not None, "the program to end")
        assert self._process.returncode is not None
        return self._process.returncode

    def _read(self, seconds: float) -> None:
        while select.select([self._master], [], [], seconds)[0]:
            try:
                data = os.read(self._master, 65_536)
            except OSError:
                # The other side is gone.
                return
            if not data:
                return
            self._raw += data
