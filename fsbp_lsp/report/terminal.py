"""The two formats for people: `full` reads like a review comment, `concise` is one line per finding."""

from __future__ import annotations

import os

from fsbp_lsp.report.clean import clean, excerpt
from fsbp_lsp.report.places import position, where
from fsbp_lsp.report.words import hop, instances, source_line, title_of
from fsbp_lsp.values import Via

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from fsbp_lsp.model import Finding, IgnoreComment
    from fsbp_lsp.report.outcome import Entry, Outcome
    from fsbp_lsp.text import Loc

_RESET, _BOLD, _DIM, _RED, _YELLOW, _BLUE, _CYAN = "\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[33m", "\x1b[34m", "\x1b[36m"
_HOW = {"safe": "safe: --fix", "review": "needs a review: --unsafe-fixes", "manual": "by hand"}


class Style:
    """Paints text, or leaves it alone."""

    __slots__ = ("on",)

    def __init__(self, on: bool) -> None:
        self.on = on

    def __call__(self, text: str, *codes: str) -> str:
        return f"{''.join(codes)}{text}{_RESET}" if self.on and text else text

    def level(self, entry: Entry, text: str) -> str:
        return self(text, _BOLD, _RED if entry.level == "block" else _YELLOW)


def want_color(choice: str, stream: object) -> bool:
    """Whether to colour: `always`, `never`, or `auto` (a terminal, and neither NO_COLOR nor TERM=dumb)."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    isatty = getattr(stream, "isatty", None)
    return bool(isatty is not None and isatty())


def _subject(finding: Finding) -> str:
    return f"{clean(finding.address)}: " if finding.resource is not None else ""


def full(outcome: Outcome, style: Style) -> Iterator[str]:
    """Lines: each finding with its source, the way its value came, and the way out."""
    for entry in outcome.entries:
        yield from _full(entry, style)
        yield ""


def _full(entry: Entry, style: Style) -> Iterator[str]:
    finding = entry.finding
    at = finding.at
    line, _column = position(at.file, at.start)
    yield style.level(entry, f"{entry.word}[{entry.id}]") + style(f" {_subject(finding)}{clean(finding.message)}", _BOLD)
    gutter = len(str(line))
    title = title_of(finding.resource) if finding.resource is not None else ""
    yield f"{' ' * gutter}{style('-->', _BLUE)} {clean(where(at))}{f' ({title})' if title else ''}"
    if at.file.data:
        yield from _source(entry, at, line, gutter, style)
    mark = f"{' ' * gutter} {style('=', _BLUE)} "
    for text in _notes(entry, style):
        yield mark + text


def _source(entry: Entry, at: Loc, line: int, gutter: int, style: Style) -> Iterator[str]:
    first, last = at.file.lines.line_span(line - 1)
    shown = excerpt(at.file.data[first:last], at.start - first, at.end - first)
    bar = style("|", _BLUE)
    yield f"{' ' * gutter} {bar}"
    yield f"{style(str(line), _BLUE)} {bar} {shown.text.rstrip()}"
    yield f"{' ' * gutter} {bar} {' ' * shown.start}{style.level(entry, '^' * (shown.end - shown.start))}"


def _notes(entry: Entry, style: Style) -> Iterator[str]:
    finding = entry.finding
    for origin in finding.origins:
        if origin.at is not None and origin.at != finding.at:
            line = position(origin.at.file, origin.at.start)[0]
            yield f"{hop(origin)} at {clean(origin.at.path)}:{line}: {style(source_line(origin.at), _DIM)}"
        elif origin.at is None and origin.via is not Via.DEFAULT and hop(origin) not in finding.message:
            yield hop(origin)
    for place, text in finding.related:
        yield f"{clean(text)} at {clean(where(place))}"
    others = instances(finding)
    if others:
        yield others
    if entry.softened:
        yield "a warning only, because AWS's own default for new resources complies (setting `undeclared`)"
    yield from _help(entry, style)
    if entry.title:
        yield f"control: {entry.title} ({entry.severity})"
        yield f"docs: {style(entry.url, _DIM)}"


def _help(entry: Entry, style: Style) -> Iterator[str]:
    offered = [fix for fix in entry.finding.fixes if not fix.refused]
    for number, fix in enumerate(offered[:3]):
        word = "help" if number == 0 else "  or"
        yield f"{style(f'{word}:', _CYAN)} {clean(fix.title)} [{_HOW[fix.safety.word]}]"
    if not offered:
        for fix in entry.finding.fixes[:1]:
            yield f"{style('help:', _CYAN)} {clean(fix.title)}: no automatic fix, {clean(fix.refused)}"


def concise(outcome: Outcome, style: Style) -> Iterator[str]:
    """Lines `path:line:column: ID address: message`, marked when they do not block."""
    for entry in outcome.entries:
        finding = entry.finding
        more = len(finding.instances) - 1
        tail = f" (and {more} more instance{'s' if more > 1 else ''})" if more > 0 else ""
        soft = "" if entry.level == "block" else style(f" [{entry.word}]", _YELLOW)
        place = style(clean(where(finding.at)), _BOLD)
        yield f"{place}: {style.level(entry, entry.id)} {_subject(finding)}{clean(finding.message)}{_handed_over(finding)}{tail}{soft}"


def _handed_over(finding: Finding) -> str:
    """Where another module hands the wrong value over: the same address may be deployed by several root modules."""
    decided = finding.decided_at if finding.resource is not None and finding.resource.callers else None
    if decided is None or os.path.dirname(decided.path) == os.path.dirname(finding.at.path):
        return ""
    return f", set at {clean(decided.path)}:{position(decided.file, decided.start)[0]}"


def unknown(outcome: Outcome) -> Iterator[str]:
    """Lines for `--show-unknown`: what source alone does not decide, and why; and what an assumption decided."""
    for item in (*outcome.unknown, *outcome.assumed):
        yield f"{clean(where(item.resource.header))}: {item.control} {clean(item.resource.address)}: {clean(item.message)}"


def suppressed(outcome: Outcome) -> Iterator[str]:
    """Lines for `--show-suppressed`: what comments hold back."""
    for finding, comment in outcome.suppressed:
        yield f"{clean(where(finding.at))}: {finding.control} {_subject(finding)}{clean(finding.message)} [{_by(comment)}]"


def _by(comment: IgnoreComment) -> str:
    line = position(comment.at.file, comment.at.start)[0]
    until = f" until {clean(comment.until)}" if comment.until else ""
    return f"ignored{until} at {clean(comment.at.path)}:{line}: {clean(comment.reason) or 'no reason given'}"


def statistics(outcome: Outcome) -> Iterator[str]:
    """Lines for `--statistics`: how often each control was found, most frequent first."""
    from fsbp_lsp import catalog

    counts: dict[str, int] = {}
    sample: dict[str, Entry] = {}
    for entry in outcome.entries:
        counts[entry.id] = counts.get(entry.id, 0) + 1
        sample.setdefault(entry.id, entry)
    width = len(str(max(counts.values(), default=0)))
    wide = max((len(id) for id in counts), default=0)
    for id in sorted(counts, key=lambda id: (-counts[id], catalog.natural_key(id))):
        entry = sample[id]
        yield f"{counts[id]:>{width}}  {id:<{wide}}  {entry.severity or '-':<8}  {entry.title or entry.finding.message}"
