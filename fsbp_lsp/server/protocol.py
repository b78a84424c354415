"""The wire: a pygls protocol that dispatches through our own table and keeps the rules pygls leaves open.

What is different from pygls 2.1.1, and why:
- only what was advertised has a handler; everything else is MethodNotFound, document notifications never
  reach pygls' own text model;
- requests before `initialize` and after `shutdown` get the errors the specification names; a request whose
  parameters make no sense is answered instead of dropped;
- `exit` without `shutdown` ends with code 1 (pygls swallows the SystemExit that carries it);
- results are plain JSON and skip cattrs; errors are logged, never shown as message boxes.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import sys
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from pygls.exceptions import JsonRpcException, JsonRpcMethodNotFound
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.json_rpc import JsonRPCNotification, JsonRPCRequestMessage

log = logging.getLogger(__name__)

Json = dict[str, Any]
Handler = Callable[[Any], Any]

PARSE_ERROR, INVALID_REQUEST, INVALID_PARAMS, INTERNAL_ERROR = -32700, -32600, -32602, -32603
NOT_INITIALIZED, REQUEST_FAILED, SERVER_CANCELLED = -32002, -32803, -32802
CONTENT_MODIFIED, REQUEST_CANCELLED = -32801, -32800


class Ready:
    """A result that is JSON text already: diagnostics are put together as text, not as objects."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Reply(Exception):
    """Answer a request with this error; expected, so logged quietly. code: an LSP error code."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class Protocol(LanguageServerProtocol):
    """`handlers` maps methods to functions or coroutine functions of one argument (the params)."""

    def __init__(self, server: Any, converter: Any) -> None:
        super().__init__(server, converter)
        self.handlers: dict[str, Handler] = {}
        self.plain: set[str] = set()
        """Methods whose handlers take their params as JSON: what comes with every keystroke is not built as objects first."""
        self.initialized = False
        self.exit_code: int | None = None
        self._writing: set[asyncio.Future[None]] = set()

    @property
    def is_shut_down(self) -> bool:
        return self._shutdown

    # -- incoming ------------------------------------------------------------------------------

    def structure_message(self, data: dict[str, Any]) -> Any:
        if "jsonrpc" in data and "method" in data and "params" not in data:
            data["params"] = None
        method = data.get("method")
        if "jsonrpc" in data and method is not None and not self._listens(method):
            # Refused whatever its parameters are; they need not even make sense.
            if "id" in data:
                return JsonRPCRequestMessage(data["id"], method, data["jsonrpc"], None)
            return JsonRPCNotification(method, data["jsonrpc"], None)
        if method in self.plain and "jsonrpc" in data:
            if "id" in data:
                return JsonRPCRequestMessage(data["id"], method, data["jsonrpc"], data["params"])
            return JsonRPCNotification(method, data["jsonrpc"], data["params"])
        try:
            return super().structure_message(data)
        except JsonRpcException:
            if "id" in data and "method" in data:
                self.send_error(data["id"], INVALID_PARAMS, f"the parameters of {data['method']} make no sense")
            raise

    def receive(self, body: bytes) -> bool:
        """A message as it came; whether it was a request, which only begins here. Raises nothing but SystemExit."""
        try:
            data = json.loads(body)
            if not isinstance(data, dict):
                raise ValueError("a message is an object")
            self.handle_message(self.structure_message(data))
        except Exception as error:
            log.error("a message cannot be handled", exc_info=error)
            self._server.report_server_error(error, JsonRpcException)
            return False
        return "id" in data and "method" in data

    def _listens(self, method: str) -> bool:
        if method == "$/cancelRequest" or not self.initialized:
            return method in ("initialize", "exit", "$/cancelRequest")
        return method in self.handlers and not (self._shutdown and method != "exit")

    def handle_message(self, message: Any) -> None:
        method = getattr(message, "method", None)
        id = getattr(message, "id", None)
        if method is not None and id is not None:
            if self._shutdown:
                self.send_error(id, INVALID_REQUEST, "the server is shutting down")
                return
            if not self.initialized and method != "initialize":
                self.send_error(id, NOT_INITIALIZED, "the server is not initialized")
                return
            if self.initialized and method == "initialize":
                self.send_error(id, INVALID_REQUEST, "the server is initialized already")
                return
        elif method is not None and not self.initialized and method != "exit":
            log.warning("%s before initialize: ignored", method)
            return
        super().handle_message(message)

    def _get_handler(self, feature_name: str) -> Handler:
        handler = self.handlers.get(feature_name)
        if handler is None:
            raise JsonRpcMethodNotFound.of(feature_name)
        return handler

    def _handle_notification(self, method_name: str, params: Any) -> None:
        if method_name.startswith("$/") and method_name not in self.handlers and method_name != "$/cancelRequest":
            return
        super()._handle_notification(method_name, params)

    def begin_shutdown(self) -> None:
        """Everything still running is cancelled; only `exit` is listened to from now on."""
        current = self.msg_id
        for id, future in list(self._request_futures.items()):
            if id != current and not future.done():
                future.cancel()
        self._shutdown = True

    def exit(self) -> None:
        """Leave the process: code 0 after `shutdown`, 1 without. Raises SystemExit."""
        self.exit_code = code = 0 if self._shutdown else 1
        if self.writer is not None:
            closing = self.writer.close()
            if inspect.isawaitable(closing):
                asyncio.ensure_future(closing).add_done_callback(lambda _: sys.exit(code))
                return
        sys.exit(code)

    def unstructure(self, thing: Any) -> Any:
        """An lsprotocol object as the JSON it came from."""
        return self._converter.unstructure(thing)

    # -- outgoing ------------------------------------------------------------------------------

    def _send_data(self, data: Any) -> None:
        # What `shutdown` cancelled may end behind `exit`: nobody listens any more.
        if self.exit_code is None:
            super()._send_data(data)

    def send_error(self, id: Any, code: int, message: str, data: Any = None) -> None:
        error: Json = {"code": code, "message": message}
        if data is not None:
            error["data"] = data
        self._send_data({"jsonrpc": "2.0", "id": id, "error": error})

    def send_notification(self, method: str, params: Any) -> None:
        """A notification of plain JSON."""
        self._send_data({"jsonrpc": "2.0", "method": method, "params": params})

    def send_text(self, body: str) -> None:
        """A message that is JSON text already, in ASCII."""
        if self.writer is None or self.exit_code is not None:
            return
        data = body.encode("ascii")
        if self._include_headers:
            data = b"Content-Length: %d\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n" % len(data) + data
        try:
            written = self.writer.write(data)
        except OSError as error:
            log.warning("the client does not listen any more: %s", error)  # the end of its output comes next
            return
        if inspect.isawaitable(written):
            task = asyncio.ensure_future(written)
            self._writing.add(task)  # a task nobody holds may be collected
            task.add_done_callback(self._writing.discard)

    def send_request_plain(self, method: str, params: Any) -> Future[Any]:
        """A request with params of plain JSON; the future gets the result as pygls reads it."""
        id = str(uuid.uuid4())
        future: Future[Any] = Future()
        self._request_futures[id] = future
        self._result_types[id] = self.get_result_type(method)
        self._send_data({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
        return future

    def _send_handler_result(self, future: Future[Any], *, msg_id: Any) -> None:
        self._request_futures.pop(msg_id, None)
        if future.cancelled():
            self.send_error(msg_id, REQUEST_CANCELLED, "cancelled")
            return
        error = future.exception()
        if error is None and isinstance(result := future.result(), Ready):
            self.send_text(f'{{"jsonrpc":"2.0","id":{json.dumps(msg_id)},"result":{result.text}}}')
        elif error is None:
            self._send_data({"jsonrpc": "2.0", "id": msg_id, "result": future.result()})
        elif isinstance(error, Reply):
            log.debug("request %s: %s", msg_id, error.message)
            self.send_error(msg_id, error.code, error.message, error.data)
        elif isinstance(error, JsonRpcException):
            self.send_error(msg_id, error.code or INTERNAL_ERROR, str(error.message))
        else:
            log.error("request %s failed", msg_id, exc_info=error)
            self.send_error(msg_id, INTERNAL_ERROR, f"{type(error).__name__}: {error}")
            self._server._report_server_error(error if isinstance(error, Exception) else RuntimeError(str(error)), JsonRpcException)
