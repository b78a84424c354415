"""How the server is: one line for a status bar, sent when it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

OK, WARNING, ERROR = "ok", "warning", "error"


class Status:
    """health: ok, warning (a control or a configuration file is broken, the rest works) or error."""

    def __init__(self, send: Callable[[dict[str, object]], None]) -> None:
        self._send = send
        self._troubles: dict[str, tuple[str, str]] = {}
        self._last: dict[str, object] = {}
        self.quiescent = True

    def trouble(self, source: str, message: str, health: str = WARNING) -> None:
        """Something is wrong; it stays so until `well(source)`."""
        self._troubles[source] = (health, message)
        self.tell()

    def well(self, source: str) -> None:
        if self._troubles.pop(source, None) is not None:
            self.tell()

    def idle(self, quiescent: bool) -> None:
        if quiescent != self.quiescent:
            self.quiescent = quiescent
            self.tell()

    def now(self) -> dict[str, object]:
        health = OK
        for level, _ in self._troubles.values():
            health = ERROR if ERROR in (level, health) else WARNING
        return {"health": health, "quiescent": self.quiescent, "message": "; ".join(text for _, text in self._troubles.values())}

    def tell(self) -> None:
        now = self.now()
        if now != self._last:
            self._last = now
            self._send(now)
