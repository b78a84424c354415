"""`fsbp value`: how a value came to be."""

from __future__ import annotations

from fsbp_lsp.cli.app import Stop
from fsbp_lsp.cli.configuration import configuration
from fsbp_lsp.cli.options import UsageError
from fsbp_lsp.cli.paths import existing
from fsbp_lsp.files import DiskFiles
from fsbp_lsp.report.clean import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from fsbp_lsp.cli.options import Parsed
    from fsbp_lsp.engine.trace import Trace
    from fsbp_lsp.text import Loc
    from fsbp_lsp.values import Datum

_DEPTH = 12
_ROWS = 100
"""What is printed of a large value: nesting, and elements of one collection."""

_EXAMPLE = "`fsbp value aws_s3_bucket.logs.bucket`"


def value(parsed: Parsed) -> int:
    """Run `fsbp value`; returns the exit status."""
    if not parsed.operands:
        raise UsageError(f"`fsbp value` needs what to look up, as in {_EXAMPLE}")
    wanted = parsed.operands[0]
    found = list(_found(parsed, wanted, existing(parsed.operands[1:])))
    if not found:
        raise Stop(f"there is no `{clean(wanted)}` here")
    if parsed.value("output-format") == "json":
        import json

        print(json.dumps([_facts(trace) for trace in found], indent=2))
        return 0
    print("\n\n".join("\n".join(_lines(trace, several=len({one.where for one in found}) > 1)) for trace in found))
    return 0


def _found(parsed: Parsed, wanted: str, paths: tuple[str, ...]) -> Iterator[Trace]:
    from fsbp_lsp.engine.check import Session
    from fsbp_lsp.engine.discover import discover
    from fsbp_lsp.engine.trace import traces

    disk = DiskFiles()
    chosen = configuration(parsed, disk)
    session = Session(disk, chosen.settings_for, steady=True)
    seen: set[tuple[str, str]] = set()

    def excluded(path: str) -> bool:
        return chosen.settings_for(path).excluded(path)

    for key in discover(disk, paths, excluded, lambda _path, _why: None):
        for trace in traces(session, key, wanted):
            # A called directory and the one that calls it both know what stands between them.
            if (trace.where, trace.name) not in seen and trace.value.written:
                seen.add((trace.where, trace.name))
                yield trace


def _lines(trace: Trace, several: bool) -> Iterator[str]:
    from fsbp_lsp.report.words import hop, source_line

    where = f"  # in {clean(trace.where or '.')}" if several else ""
    for number, option in enumerate(trace.value.options):
        first, *rest = _written(option, 0)
        yield f"{clean(trace.name)} = {first}{where}" if not number else f"  or {first}"
        yield from rest
    at = trace.value.at
    if at is not None:
        yield f"  written at {_place(at)}: {source_line(at)}"
    for origin in trace.value.origins:
        place = f" at {_place(origin.at)}: {source_line(origin.at)}" if origin.at is not None else ""
        yield f"  {hop(origin)}{place}"


def _written(option: Datum, depth: int) -> list[str]:
    """A datum as HCL writes it, line by line; what is not known from source in words."""
    from fsbp_lsp.values import Map, Seq, Value, known

    datum = known(option)
    if depth < _DEPTH and isinstance(datum, (Map, Seq)):
        opened, closed = "{}" if isinstance(datum, Map) else "[]"
        rows: list[tuple[str, Value]] = (
            [(f"{clean(key)} = ", item) for key, item in datum.entries.items()]
            if isinstance(datum, Map)
            else [("", item) for item in datum.items]
        )
        lines: list[str] = []
        for name, item in rows[:_ROWS]:
            first, *rest = _written(item.raw, depth + 1) if len(item.options) == 1 else [clean(item.shown)]
            lines.extend((f"  {name}{first}", *(f"  {line}" for line in rest)))
        if datum.open or len(rows) > _ROWS:
            lines.append("  # and more" if len(rows) > _ROWS else "  # and perhaps more: not known from source")
        return [opened, *lines, closed] if lines else [opened + closed]
    shown = clean(Value((option,)).shown)
    return [shown or "(not known from source)"]


def _place(at: Loc) -> str:
    line, column = at.file.lines.position(at.start, "utf-32")
    return f"{clean(at.path)}:{line + 1}:{column + 1}"


def _facts(trace: Trace) -> dict[str, Any]:
    from fsbp_lsp.report.words import hop
    from fsbp_lsp.values import UNKNOWN

    def place(at: Loc | None) -> dict[str, Any] | None:
        if at is None:
            return None
        line, column = at.file.lines.position(at.start, "utf-32")
        return {"path": clean(at.path), "line": line + 1, "column": column + 1}

    return {
        "name": clean(trace.name),
        "module": clean(trace.where),
        "known": trace.value.raw is not UNKNOWN,
        "value": clean(trace.value.shown),
        "at": place(trace.value.at),
        "provenance": [{"via": origin.via.name.lower(), "text": hop(origin), "at": place(origin.at)} for origin in trace.value.origins],
    }
