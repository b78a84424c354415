"""The command `fsbp-lsp`. Imports pygls only when it is going to serve."""

from __future__ import annotations

import gc
import os
import sys

from fsbp_lsp import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


def _parser() -> argparse.ArgumentParser:
    import argparse

    parser = argparse.ArgumentParser(
        prog="fsbp-lsp",
        description="Language server: checks Terraform and CloudFormation against AWS Foundational Security Best Practices.",
        epilog="Editors start it without arguments and talk to it on standard input and output.",
    )
    parser.add_argument("--version", action="version", version=f"fsbp-lsp {__version__}")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--stdio", action="store_true", help="talk on standard input and output (default)")
    way.add_argument("--tcp", metavar="PORT", type=_port, help="listen on 127.0.0.1:PORT for one client; 0 takes a free port")
    way.add_argument("--ws", metavar="PORT", type=_port, help="the same over a WebSocket")
    way.add_argument("--self-test", action="store_true", help="check a built-in file, print what an editor would see, and leave")
    parser.add_argument("--log-file", metavar="FILE", default="", help="write the log to FILE too; {pid} and {timestamp} are filled in")
    parser.add_argument("--log-level", choices=("debug", "info", "warning", "error"), default="warning", help="default: %(default)s")
    parser.add_argument("--check-parent-process", action="store_true", help="leave when the process that started this one is gone")
    parser.add_argument("--clientProcessId", dest="client", metavar="PID", type=int, default=0, help="leave when this process is gone")
    return parser


def _port(text: str) -> int:
    import argparse

    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port")
    return int(text)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the server. Returns the exit code: 0 after an orderly end, 1 without, 2 when it cannot start."""
    parent = os.getppid()  # before the imports: it may die while they last
    given = _parser().parse_args(argv)
    from fsbp_lsp.server import logs

    try:
        logs.configure(given.log_level, given.log_file)
    except OSError as error:
        sys.stderr.write(f"fsbp-lsp: --log-file: {error}\n")
        return 2
    if given.self_test:
        from fsbp_lsp.server.selftest import self_test, this_program

        # Called from other Python code there is no command of ours to start again.
        return self_test(this_program() if argv is None else [sys.executable, "-m", "fsbp_lsp.server"])
    from fsbp_lsp.server import transports

    stdio = given.tcp is None and given.ws is None
    stdin = sys.stdin.buffer
    stdout = transports.protect_stdout() if stdio else None

    from fsbp_lsp.server import memory
    from fsbp_lsp.server.app import Server

    # A collection in the middle of a keystroke costs more than the check itself: `memory` collects in the gaps.
    gc.freeze()
    gc.set_threshold(memory.BACKSTOP, 50, 100)
    # A message waits this long at most while the analysis computes; Python's own 5 ms add up over a request.
    sys.setswitchinterval(0.001)
    server = Server()
    _watch(given, parent)
    if stdout is not None:
        return transports.serve_stdio(server, stdin, stdout)
    if given.tcp is not None:
        return transports.serve_tcp(server, given.tcp)
    return transports.serve_ws(server, given.ws)


def _watch(given: argparse.Namespace, parent: int) -> None:
    import logging

    from fsbp_lsp.server.watchdog import watch, watch_parent

    def leave() -> None:
        logging.shutdown()
        os._exit(1)

    if given.check_parent_process:
        watch_parent(parent, leave)
    if given.client:
        watch(given.client, leave)
