"""Work-done progress: shown only when something lasts, and its cancel button."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from fsbp_lsp.server import convert
from fsbp_lsp.server.features import Feature, Handler

if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.server.app import Server
    from fsbp_lsp.server.client import Client

LASTS = 0.5
"""Seconds after which a user wants to know that something goes on."""


class Progress:
    """One piece of work. `cancelled` is called when the user asks for it to stop.

    token: from the request that started it; without one, and only if the work lasts, a token is created.
    """

    def __init__(self, server: Server, title: str, token: Any = None, cancelled: Callable[[], None] | None = None) -> None:
        self._server = server
        self._title = title
        self._token = token
        self._cancelled = cancelled
        self._given = token is not None
        self._begun = False
        self._ended = False
        self._since = time.monotonic()
        if token is not None:
            server.progresses[str(token)] = self

    def report(self, message: str, percentage: int | None = None) -> None:
        """How far it is. The first report that comes late enough makes it visible."""
        if self._ended or not (self._given or self._server.client.progress):
            return
        if not self._begun:
            if time.monotonic() - self._since < LASTS:
                return
            if self._token is None:
                self._create()
                return
            self._begin()
        value: dict[str, Any] = {"kind": "report", "message": message}
        if percentage is not None:
            value["percentage"] = percentage
        self._send(value)

    def end(self, message: str = "") -> None:
        if self._begun and not self._ended:
            self._send({"kind": "end", "message": message} if message else {"kind": "end"})
        self._ended = True
        self._server.progresses.pop(str(self._token), None)

    def cancel(self) -> None:
        if self._cancelled is not None:
            self._cancelled()

    def _create(self) -> None:
        self._token = str(uuid.uuid4())
        self._server.progresses[self._token] = self
        future = self._server.protocol.send_request_plain("window/workDoneProgress/create", {"token": self._token})

        def created(done: Any) -> None:
            # The token may be used once the client has agreed to it.
            if not done.cancelled() and done.exception() is None and not self._ended:
                self._begin()

        future.add_done_callback(created)

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            self._send({"kind": "begin", "title": self._title, "cancellable": self._cancelled is not None})

    def _send(self, value: dict[str, Any]) -> None:
        if self._begun:
            self._server.notify("$/progress", {"token": self._token, "value": value})


class CancelProgress(Feature):
    def wanted(self, client: Client) -> bool:
        return client.progress

    def handlers(self) -> dict[str, Handler]:
        return {"window/workDoneProgress/cancel": self.cancel}

    def cancel(self, params: Any) -> None:
        progress = self.server.progresses.get(str(convert.plain(params.token)))
        if progress is not None:
            progress.cancel()
