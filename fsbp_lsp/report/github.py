"""Workflow commands of GitHub Actions: findings become annotations of the changed lines."""

from __future__ import annotations

from fsbp_lsp.report.clean import clean
from fsbp_lsp.report.places import position, slashed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from fsbp_lsp.report.outcome import Entry, Outcome


def _data(text: str) -> str:
    """Text of a message: the three characters the runner decodes."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Text of a property, where colon and comma are separators too."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def commands(outcome: Outcome) -> Iterator[str]:
    """One `::error …` or `::warning …` line per finding."""
    for entry in outcome.entries:
        yield _command(entry)


def _command(entry: Entry) -> str:
    finding = entry.finding
    at = finding.at
    line, column = position(at.file, at.start)
    end_line, end_column = position(at.file, at.end)
    properties = {"file": clean(slashed(at.path)), "line": str(line), "col": str(column)}
    if end_line == line and end_column > column:
        # The runner ignores columns of a range over several lines.
        properties["endLine"] = str(end_line)
        properties["endColumn"] = str(end_column)
    address = clean(finding.address)
    properties["title"] = f"{entry.id} {address}" if address else entry.id
    lines = [clean(finding.message)]
    if entry.title:
        lines.append(f"{entry.title} ({entry.severity})")
    fix = entry.fix
    if fix is not None:
        lines.append(f"Fix: {clean(fix.title)} ({fix.safety.word})")
    if entry.url:
        lines.append(entry.url)
    shown = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{entry.word} {shown}::{_data(chr(10).join(lines))}"
