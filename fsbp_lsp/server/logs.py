"""Logging: stderr and a file; what the user should see also goes to the client's output panel."""

from __future__ import annotations

import logging
import os
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_TYPES = ((logging.ERROR, 1), (logging.WARNING, 2), (logging.INFO, 3))
LEVELS = ("debug", "info", "warning", "error")


def log_path(pattern: str) -> str:
    """`{pid}` and `{timestamp}` filled in; other braces are left alone."""
    return pattern.replace("{pid}", str(os.getpid())).replace("{timestamp}", time.strftime("%Y%m%d-%H%M%S"))


def configure(level: str, file: str = "") -> None:
    """Send everything to stderr, or to a file as well. Raises OSError when the file cannot be opened."""
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if file:
        handlers.append(logging.FileHandler(log_path(file), encoding="utf-8", delay=False))
    logging.basicConfig(
        level=getattr(logging, level.upper()),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        handlers=handlers,
        force=True,
    )
    # pygls reports every message at INFO, bodies included: source text of users has no place in a log by default.
    logging.getLogger("pygls").setLevel(logging.DEBUG if level == "debug" else logging.ERROR)


class ClientLog(logging.Handler):
    """Sends records to the client as `window/logMessage`. `send` must be safe to call from any thread."""

    def __init__(self, send: Callable[[int, str], None]) -> None:
        super().__init__(logging.INFO)
        self._send = send

    def emit(self, record: logging.LogRecord) -> None:
        try:
            kind = next((number for level, number in _TYPES if record.levelno >= level), 4)
            text = record.getMessage()
            if record.exc_info and record.exc_info[1] is not None:
                text += f" ({type(record.exc_info[1]).__name__}: {record.exc_info[1]})"
            self._send(kind, text)
        except Exception:
            self.handleError(record)
