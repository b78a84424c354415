"""Completion inside `fsbp:` comments: the directives, and control ids with the current line's findings first."""

from __future__ import annotations

import re

from fsbp_lsp import catalog

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.engine.check import ModuleReport
    from fsbp_lsp.text import LineIndex

_IDS = re.compile(rb"(?:#|//|/\*)[^\r\n]*?fsbp:ignore(?:-file)?[ \t]((?:[^\s,]+[ \t]*,?[ \t]*)*)$")
_WORD = re.compile(rb"[\w.*\-]*$")
_DIRECTIVE = re.compile(rb"(?:#|//|/\*)[ \t]*(fsbp:[a-z\-]*)$")


class Item:
    """One proposal. start/end: the bytes it replaces by `text`. first: it concerns a finding on this line."""

    __slots__ = ("detail", "end", "first", "label", "start", "text")

    def __init__(self, label: str, detail: str, start: int, end: int, first: bool = False, text: str = "") -> None:
        self.text = text or label
        self.label = label
        self.detail = detail
        self.start = start
        self.end = end
        self.first = first


def wanted(lines: LineIndex, offset: int) -> bool:
    """Whether completion at `offset` is ours at all: a cheap look at the line, for every space a user types."""
    start, _ = lines.line_span(lines.line(offset))
    return b"fsbp:" in lines.data[start:offset]


def complete(report: ModuleReport | None, path: str, lines: LineIndex, offset: int) -> list[Item]:
    """Proposals at `offset`; empty everywhere but in an `fsbp:` comment. Already written ids are left out."""
    line = lines.line(offset)
    start, end = lines.line_span(line)
    before = lines.data[start:offset]
    directive = _DIRECTIVE.search(before)
    if directive is not None and not before.endswith((b"fsbp:ignore-file", b"fsbp:ignore")):
        at = start + directive.start(1)
        return [
            Item("fsbp:ignore", "ignore controls here", at, offset),
            Item("fsbp:ignore-file", "ignore controls in this file", at, offset),
        ]
    found = _IDS.search(before)
    if found is None or b"--" in found.group(1):
        return []
    written = found.group(1)
    word = _WORD.search(before)
    begin = start + (word.start() if word is not None else len(before))
    stop = offset
    while stop < end and re.match(rb"[\w.]", lines.data[stop : stop + 1]):
        stop += 1
    typed = written[: len(written) - (offset - begin)].rstrip()
    present = {part.decode("utf-8", "replace") for part in re.split(rb"[\s,]+", typed) if part}
    here = _here(report, path, line, lines, present)
    items = [Item(id, title, begin, stop, True) for id, title in here]
    known = {id for id, _title in here}
    items.extend(
        Item(entry.id, entry.title, begin, stop) for entry in catalog.all_controls() if entry.id not in known and entry.id not in present
    )
    return items


def _here(report: ModuleReport | None, path: str, line: int, lines: LineIndex, present: set[str]) -> list[tuple[str, str]]:
    """Ids of the findings this comment would hold back: those on its line, on the next, and of the resource headed there."""
    if report is None:
        return []
    text = lines.line_text(line).lstrip()
    own_line = text.startswith(("#", "//", "/*"))
    targets = {line, line + 1} if own_line else {line}
    ids: dict[str, str] = {}
    for finding in report.findings:
        if finding.at.path != path or finding.resource is None:
            continue
        if finding.at.line - 1 in targets or (finding.resource.header.path == path and finding.resource.header.line - 1 in targets):
            entry = catalog.control(finding.control)
            if entry is not None and entry.id not in present:
                ids[entry.id] = entry.title
    return list(ids.items())
