"""Leave when the editor is gone: an orphaned server would run for ever."""

from __future__ import annotations

import logging
import os
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)


def alive(process: int) -> bool:
    """Whether a process exists. A process we may not signal exists."""
    if sys.platform == "win32":
        return _alive_on_windows(process)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _alive_on_windows(process: int) -> bool:
    import ctypes

    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]  # exists on Windows only
    synchronize, timeout = 0x00100000, 0x00000102
    handle = kernel.OpenProcess(synchronize, False, process)
    if not handle:
        return bool(kernel.GetLastError() == 5)  # access denied: it exists
    try:
        return bool(kernel.WaitForSingleObject(handle, 0) == timeout)
    finally:
        kernel.CloseHandle(handle)


def watch(process: int, gone: Callable[[], None], every: float = 1.0) -> threading.Event | None:
    """Call `gone` (in a thread of its own) when `process` ends; set the event returned to stop watching.

    None when the process is not there to begin with: a client in another container names a process that
    means nothing here, and its end shows as the end of stdin.
    """
    if process <= 0 or not alive(process):
        log.warning("process %s, named by the client, is not visible here: not watched", process)
        return None
    stop = threading.Event()

    def loop() -> None:
        while not stop.wait(every):
            if not alive(process):
                log.error("process %s is gone", process)
                gone()
                return

    threading.Thread(target=loop, name="fsbp-watchdog", daemon=True).start()
    return stop


def watch_parent(parent: int, gone: Callable[[], None], every: float = 1.0) -> threading.Event:
    """Call `gone` when the process that started this one ends, which the system shows as a new parent.

    parent: `os.getppid()` as it was when this process began.
    """
    stop = threading.Event()

    def loop() -> None:
        while not stop.wait(every):
            if os.getppid() != parent or not alive(parent):
                gone()
                return

    threading.Thread(target=loop, name="fsbp-watchdog", daemon=True).start()
    return stop
