"""From a command line to an exit status: dispatch, streams, and errors in words."""

from __future__ import annotations

import errno
import os
import sys

from fsbp_lsp.cli.options import UsageError, near, parse, usage
from fsbp_lsp.config import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CANNOT_RUN = 2
INTERRUPTED = 130
BROKEN_PIPE = 141
_FULL = ("ENOSPC", "EIO", "EFBIG", "EDQUOT")
"""What the system says when output cannot be taken."""


class Stop(Exception):
    """The run cannot go on; `str()` is for the user. Ends with status 2."""


def say(text: str) -> None:
    """One line on standard error, where everything but findings goes; names of files in it cannot steer the terminal."""
    if not text.isprintable():
        from fsbp_lsp.report.clean import clean

        text = clean(text)
    try:
        print(text, file=sys.stderr)
    except OSError:
        return  # Nobody is there to be told; the exit status has to do.


def run(argv: Sequence[str]) -> int:
    """What `fsbp` does with these arguments; returns the exit status."""
    return guarded(lambda: _dispatch(list(argv)))


def guarded(body: Callable[[], int]) -> int:
    """Run `body`, turning every foreseeable failure into one line and a status."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            # Closed by whoever started us; what is written there goes nowhere, which is what was asked for. It stays open
            # for the life of the process, as the stream it stands for would.
            setattr(sys, name, open(os.devnull, "w" if number else "r", encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            # A terminal that cannot show a character gets an escape instead of a traceback.
            reconfigure(errors="backslashreplace")
    try:
        status = body()
        sys.stdout.flush()
    except (UsageError, ConfigError, Stop) as error:
        sys.stdout.flush()
        say(f"fsbp: {error}")
        return CANNOT_RUN
    except BrokenPipeError:
        # The reader went away; keep the interpreter from complaining when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except KeyboardInterrupt:
        say("fsbp: interrupted")
        return INTERRUPTED
    except Exception as error:
        if os.environ.get("FSBP_TRACEBACK"):
            raise
        if isinstance(error, OSError) and errno.errorcode.get(error.errno or 0) in _FULL:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            say(f"fsbp: cannot write to standard output: {error.strerror}")
            return CANNOT_RUN
        sys.stdout.flush()
        say(f"fsbp: internal error, nothing was decided: {type(error).__name__}: {error}")
        say("fsbp: please report it with the output of the same command under FSBP_TRACEBACK=1")
        return CANNOT_RUN
    return status


def _dispatch(argv: list[str]) -> int:
    from fsbp_lsp.cli.commands import BY_NAME

    if not argv or argv[0] in ("-h", "--help") or argv == ["help"]:
        sys.stdout.write(overview())
        return 0
    if argv[0] in ("-V", "--version"):
        argv = ["version", *argv[1:]]
    if argv[0] == "help" and len(argv) > 1:
        argv = [argv[1], "--help"]
    name = argv[0]
    command = BY_NAME.get(name)
    if command is None:
        hint = near(name, BY_NAME)
        if not hint and (os.path.exists(name) or name.startswith("-")):
            hint = f"; did you mean `fsbp check {name}`?"
        raise UsageError(f"there is no command `{name}`{hint}")
    if name == "server":
        from fsbp_lsp.cli.server import serve

        return serve(argv[1:])
    parsed = parse(command, argv[1:])
    if parsed.flag("help"):
        sys.stdout.write(usage(command))
        return 0
    if name == "check":
        from fsbp_lsp.cli.check import check

        return check(parsed)
    if name == "fix":
        from fsbp_lsp.cli.fix import fix

        return fix(parsed)
    if name == "explain":
        from fsbp_lsp.cli.explain import explain

        return explain(parsed)
    if name == "value":
        from fsbp_lsp.cli.value import value

        return value(parsed)
    if name == "controls":
        from fsbp_lsp.cli.controls import controls

        return controls(parsed)
    if name == "config":
        from fsbp_lsp.cli.config import config

        return config(parsed)
    if name == "version":
        from fsbp_lsp.cli.version import version

        return version(parsed)
    from fsbp_lsp.cli.completions import completions

    return completions(parsed)


def overview() -> str:
    """What `fsbp` alone prints."""
    from fsbp_lsp.cli.commands import COMMANDS

    lines = [
        "fsbp checks Terraform and CloudFormation source against AWS Foundational Security Best Practices.",
        "",
        "Usage: fsbp COMMAND [OPTIONS]",
        "",
        "Commands:",
        *(f"  {command.name:<13}{command.summary}" for command in COMMANDS),
        "",
        "`fsbp COMMAND --help` lists the options of a command.",
    ]
    return "\n".join(lines) + "\n"
