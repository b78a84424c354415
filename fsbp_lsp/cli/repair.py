"""Applying fixes: to the files, to a patch, or to standard output for standard input."""

from __future__ import annotations

import os
import sys

from fsbp_lsp.cli.app import Stop, say
from fsbp_lsp.engine.drafts import write_atomically
from fsbp_lsp.engine.fix import plan_fixes
from fsbp_lsp.model import Safety

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from fsbp_lsp.cli.check import Task
    from fsbp_lsp.report.outcome import Outcome


def repair(work: Task, outcome: Outcome, *, write: bool) -> None:
    """Plan the fixes and write them, or print the patch they come to."""
    level = Safety.REVIEW if work.unsafe else Safety.SAFE
    plan = plan_fixes(work.files, work.scope, work.configuration.settings_for, level, work.only)
    if plan.plans:
        where = work.scope.plan_source or os.path.dirname(plan.plans[0]) or "."
        raise Stop(
            f"{plan.plans[0]} is a plan, and plans are not edited: fix the configuration it was made from (`fsbp check --fix {where}`)"
        )
    outcome.fixing = True
    outcome.fixed = list(plan.fixed)
    outcome.refused = list(plan.refused)
    if work.stdin:
        changed = plan.contents.get(work.stdin)
        if write:
            sys.stdout.buffer.write(changed[1] if changed is not None else work.text)
            sys.stdout.buffer.flush()
        elif changed is not None:
            _print_patch(work.stdin, *changed)
        outcome.changed = [work.stdin] if changed is not None else []
        return
    failures: list[str] = []
    for path in sorted(plan.contents):
        before, after = plan.contents[path]
        if not write:
            _print_patch(path, before, after)
            outcome.changed.append(path)
            continue
        try:
            write_atomically(path, after, before)
            outcome.changed.append(path)
        except OSError as error:
            failures.append(f"cannot write {path}: {error.strerror or error}")
    if failures:
        for failure in failures[:-1]:
            say(f"fsbp: {failure}")
        done = f" (changed all the same: {', '.join(outcome.changed)})" if outcome.changed else ""
        raise Stop(failures[-1] + done)


def _print_patch(path: str, before: bytes, after: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.writelines(patch(path, before, after))
    sys.stdout.buffer.flush()


def _lines(data: bytes) -> list[bytes]:
    """Lines with their endings; only a newline ends one, as in git."""
    lines = data.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


_ESCAPES = {0x07: b"a", 0x08: b"b", 0x09: b"t", 0x0A: b"n", 0x0B: b"v", 0x0C: b"f", 0x0D: b"r", 0x22: b'"', 0x5C: b"\\"}


def _header(name: bytes) -> bytes:
    """A name as git writes it in the header of a patch: what could end the line, or the name, is quoted."""
    if any(byte < 0x20 or byte in b'"\\\x7f' for byte in name):
        escaped = (
            b"\\" + _ESCAPES[byte] if byte in _ESCAPES else b"\\%03o" % byte if byte < 0x20 or byte == 0x7F else bytes((byte,))
            for byte in name
        )
        return b'"' + b"".join(escaped) + b'"'
    return name + b"\t" if b" " in name else name


def patch(path: str, before: bytes, after: bytes) -> Iterator[bytes]:
    """A unified diff in bytes, as `git apply` and `patch -p1` take it."""
    import difflib

    name = os.fsencode(path.replace(os.sep, "/") if os.sep != "/" else path)
    old, new = (name, name) if os.path.isabs(path) else (b"a/" + name, b"b/" + name)
    for line in difflib.diff_bytes(difflib.unified_diff, _lines(before), _lines(after), _header(old), _header(new)):
        yield line
        if not line.endswith(b"\n"):
            yield b"\n\\ No newline at end of file\n"
