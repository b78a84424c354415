"""stdio, TCP and WebSocket. The network ones listen on the loopback address only and serve one client."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sys
import threading
from typing import TYPE_CHECKING, BinaryIO

from pygls.io_ import StdoutWriter, run_async, run_websocket

if TYPE_CHECKING:
    from fsbp_lsp.server.app import Server

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
_LENGTH = re.compile(rb"(?:^|\n)content-length:[ \t]*(\d{1,12})[ \t]*\r\n", re.IGNORECASE)


def protect_stdout() -> BinaryIO:
    """The stream for the protocol; from now on `print`, child processes and C code write to stderr instead.

    One stray line on stdout ends a session.
    """
    sys.stdout.flush()
    protocol = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), 1)
    sys.stdout = sys.stderr
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(protocol.fileno(), os.O_BINARY)
        msvcrt.setmode(sys.stdin.fileno(), os.O_BINARY)
    return protocol


class Messages:
    """The bodies of messages from a file descriptor. `pull` is called by one thread only.

    Not the buffered stream: its lock, held by a thread that waits for input, makes the interpreter abort at its end.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._buffer = bytearray()
        self._missing = 0

    def pull(self) -> list[bytes]:
        """All the bodies that have come, at least one; none at the end of input. Blocks.

        A header block without a length is passed over.
        """
        while True:
            bodies: list[bytes] = []
            at = 0
            while (found := self._next(at)) is not None:
                body, at = found
                if body:
                    bodies.append(body)
            del self._buffer[:at]
            if bodies:
                return bodies
            try:
                more = os.read(self._descriptor, max(65536, self._missing))
            except OSError:
                return []
            if not more:
                return []
            self._buffer += more

    def _next(self, at: int) -> tuple[bytes, int] | None:
        """The body whose header begins at `at` and the offset behind it; None when it is not all there."""
        self._missing = 0
        end = self._buffer.find(b"\r\n\r\n", at)
        if end < 0:
            return None
        begin = end + 4
        head = bytes(self._buffer[at:begin])
        length = _LENGTH.search(head)
        if length is None:
            log.error("a header without Content-Length: %r", head[:200])
            return b"", begin
        stop = begin + int(length[1])
        if stop > len(self._buffer):
            self._missing = stop - len(self._buffer)
            return None
        return bytes(self._buffer[begin:stop]), stop


def serve_stdio(server: Server, stdin: BinaryIO, stdout: BinaryIO) -> int:
    """Until `exit` or the end of input. The exit code: 0 after `shutdown`, 1 when the client just went away."""
    server.protocol.set_writer(StdoutWriter(stdout))
    messages = Messages(stdin.fileno())

    async def session() -> None:
        loop = asyncio.get_running_loop()
        inbox: asyncio.Queue[list[bytes]] = asyncio.Queue()

        def read() -> None:
            # A thread of its own: it waits for input. All that has come crosses over to the loop at once, so that
            # newer text is known before work on older text begins.
            try:
                while bodies := messages.pull():
                    loop.call_soon_threadsafe(inbox.put_nowait, bodies)
                loop.call_soon_threadsafe(inbox.put_nowait, [])
            except RuntimeError:
                return  # the loop is closed: the server is going down

        threading.Thread(target=read, name="fsbp-stdin", daemon=True).start()
        while bodies := await inbox.get():
            for body in bodies:
                if server.protocol.receive(body):
                    # A request looks at the text it was sent for before the next message changes that.
                    await asyncio.sleep(0)

    return _code(server, session)


def serve_tcp(server: Server, port: int) -> int:
    """One client on 127.0.0.1:port; port 0 takes a free one. The address is told on stderr."""
    done = asyncio.Event()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if server.protocol.writer is not None:
            writer.close()
            return
        server.protocol.set_writer(writer)
        try:
            await run_async(
                stop_event=threading.Event(),
                reader=reader,
                protocol=server.protocol,
                logger=log,
                error_handler=server.report_server_error,
            )
        except (ConnectionError, asyncio.IncompleteReadError):
            log.warning("the client went away")
        finally:
            done.set()

    async def session() -> None:
        listening = await asyncio.start_server(connected, HOST, port)
        _tell("tcp", listening.sockets[0].getsockname()[1])
        async with listening:
            await done.wait()

    return _code(server, session)


def serve_ws(server: Server, port: int) -> int:
    """One client over a WebSocket on 127.0.0.1:port. Needs the package websockets; code 2 without it."""
    try:
        from websockets.asyncio.server import ServerConnection, serve
    except ImportError:
        sys.stderr.write("fsbp-lsp: --ws needs the package websockets: pip install 'fsbp-lsp[ws]'\n")
        return 2
    done = asyncio.Event()

    async def connected(socket: ServerConnection) -> None:
        if server.protocol.writer is not None:
            await socket.close()
            return
        try:
            await run_websocket(
                websocket=socket,
                stop_event=threading.Event(),
                protocol=server.protocol,
                logger=log,
                error_handler=server.report_server_error,
            )
        finally:
            done.set()

    async def session() -> None:
        # A page in a browser must not reach the server: no Origin header is the only one accepted.
        async with serve(connected, HOST, port, max_size=64 * 1024 * 1024, origins=[None]) as listening:
            _tell("ws", next(iter(listening.sockets)).getsockname()[1])
            await done.wait()

    return _code(server, session)


def _tell(scheme: str, port: int) -> None:
    sys.stderr.write(f"fsbp-lsp: listening on {scheme}://{HOST}:{port}\n")
    sys.stderr.flush()


def _code(server: Server, session: object) -> int:
    try:
        asyncio.run(session())  # type: ignore[operator]  # always one of the coroutine functions above
    except SystemExit:
        pass
    except BrokenPipeError:
        log.error("the client went away")
    except KeyboardInterrupt:
        return 130
    code = server.protocol.exit_code
    return code if code is not None else 1
