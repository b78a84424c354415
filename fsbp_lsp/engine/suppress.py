"""Ignore comments: which findings they hold back, and which of them are themselves worth a finding."""

from __future__ import annotations

import os
import re

from fsbp_lsp import catalog
from fsbp_lsp.controls import registry
from fsbp_lsp.model import Finding, Fix, Safety, Verdict
from fsbp_lsp.text import Edit, Loc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fsbp_lsp.config import Settings
    from fsbp_lsp.model import IgnoreComment, Module, Resource

_LIKE_AN_ID = re.compile(r"[0-9*?]|\.\w")
"""Words with a digit, a dot inside or a wildcard."""
META = ("syntax", "unreadable", "internal-error", "unused-ignore", "expired-ignore", "unknown-control", "missing-reason")
"""Findings about the source itself; they cannot be suppressed by comments."""


def is_date(text: str) -> bool:
    """Whether a text is a date as `until=` takes it: YYYY-MM-DD."""
    if len(text) != 10 or text[4] != "-" or text[7] != "-":
        return False
    year, month, day = text[:4], text[5:7], text[8:]
    if not (year.isdigit() and month.isdigit() and day.isdigit()):
        return False
    days = (31, 29 if _is_leap(int(year)) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return 1 <= int(month) <= 12 and int(year) >= 1 and 1 <= int(day) <= days[int(month) - 1]


def _is_leap(year: int) -> bool:
    # The calendar module would cost a run with one dated ignore four milliseconds.
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


class _Directive:
    __slots__ = ("comment", "dead", "number", "target", "used")

    def __init__(self, comment: IgnoreComment, target: int, dead: bool, number: int) -> None:
        self.comment = comment
        self.target = target
        self.dead = dead
        self.number = number
        self.used: set[str] = set()


class Calls:
    """The comments at the headers of module calls, found once for all that the calls deploy."""

    def __init__(self, today: str) -> None:
        self._today = today
        self._known: dict[int, tuple[Sequence[IgnoreComment], _Directives]] = {}

    def holds(self, finding: Finding) -> IgnoreComment | None:
        """The comment that holds back what a call deploys."""
        if finding.resource is None or finding.control in META:
            return None
        for call in finding.resource.callers:
            if not call.ignores:
                continue
            for directive in self._directives(call.ignores).at_line(call.header):
                if not directive.dead and any(catalog.matches(id, finding.control) for id in directive.comment.ids):
                    return directive.comment
        return None

    def _directives(self, ignores: Sequence[IgnoreComment]) -> _Directives:
        known = self._known.get(id(ignores))
        if known is None:
            # Kept beside what was made of them: an id means something while they live.
            known = self._known[id(ignores)] = ignores, _Directives(ignores, self._today)
        return known[1]


def suppress(
    module: Module,
    findings: Sequence[Finding],
    undecided: Iterable[tuple[str, Resource]],
    settings: Settings,
    today: str,
) -> tuple[list[Finding], list[tuple[Finding, IgnoreComment]]]:
    """(findings that stay, suppressed ones with their comment). `today` is an ISO date.

    What stays includes findings about the comments: expired, unused, unknown ids.
    """
    if not module.ignores:
        return list(findings), []
    directives = _Directives(module.ignores, today)
    kept: list[Finding] = []
    held: list[tuple[Finding, IgnoreComment]] = []
    for finding in findings:
        by = _match(finding, directives)
        if by is None:
            kept.append(finding)
        else:
            held.append((finding, by.comment))
    kept.extend(_about_comments(module, directives.all, {id for id, _resource in undecided}, settings, today))
    return kept, held


class _Directives:
    """The comments of a module, to be found by what they stand at."""

    def __init__(self, ignores: Sequence[IgnoreComment], today: str) -> None:
        self.all: list[_Directive] = []
        self._files: dict[int, list[_Directive]] = {}
        self._lines: dict[tuple[int, int], list[_Directive]] = {}
        self._named: dict[tuple[int, str], list[_Directive]] = {}
        own_lines = {(c.at.path, c.line) for c in ignores if c.own_line and not c.resource}
        for comment in ignores:
            target = comment.line
            if comment.own_line:
                target += 1
                # Several comments may stand above one line.
                while (comment.at.path, target) in own_lines:
                    target += 1
            dead = bool(comment.until) and (not is_date(comment.until) or comment.until < today)
            directive = _Directive(comment, target, dead, len(self.all))
            self.all.append(directive)
            file = id(comment.at.file)
            if comment.scope == "file":
                self._files.setdefault(file, []).append(directive)
            elif comment.resource:
                self._named.setdefault((file, comment.resource), []).append(directive)
            else:
                for line in {comment.line, target}:
                    self._lines.setdefault((file, line), []).append(directive)

    def at_line(self, at: Loc) -> list[_Directive]:
        """Those about the line of a place."""
        return self._lines.get((id(at.file), at.line - 1), [])

    def covering(self, finding: Finding) -> list[_Directive]:
        """Those about a finding's file, its line, its resource or the header of that, in their order."""
        found = [*self._files.get(id(finding.at.file), ()), *self.at_line(finding.at)]
        resource = finding.resource
        if resource is not None:
            found += self._named.get((id(finding.at.file), resource.named), ())
            found += self.at_line(resource.header)
        return sorted(found, key=lambda directive: directive.number)


def _match(finding: Finding, directives: _Directives) -> _Directive | None:
    if finding.control in META:
        return None
    for directive in directives.covering(finding):
        if directive.dead:
            continue
        for pattern in directive.comment.ids:
            if catalog.matches(pattern, finding.control):
                directive.used.add(pattern)
                return directive
    return None


def _about_comments(module: Module, directives: list[_Directive], undecided: set[str], settings: Settings, today: str) -> Iterable[Finding]:
    # What a call deploys is judged with the directory it is written in; whether a comment at the call holds
    # anything back is not known here.
    calls = {(header.path, header.line - 1) for header in module.calls}
    judged: dict[str, bool] = {}
    for directive in directives:
        comment = directive.comment
        if comment.until and not is_date(comment.until):
            yield _meta("expired-ignore", comment.at, f"until={comment.until} is not a date (YYYY-MM-DD), so nothing is ignored")
        elif directive.dead:
            ids = ", ".join(comment.ids)
            yield _meta("expired-ignore", comment.at, f"the ignore of {ids} ended on {comment.until}")
        if not comment.ids:
            yield _meta("unknown-control", comment.at, "no control is named, so nothing is ignored")
        if settings.require_reason and not comment.reason:
            yield _meta("missing-reason", comment.at, "an ignore needs a reason: add `-- why`")
        unused: list[int] = []
        prose = _prose(comment)
        if prose < len(comment.ids):
            yield _no_dashes(comment, prose)
        for number, pattern in enumerate(comment.ids[:prose]):
            at = comment.id_spans[number] if number < len(comment.id_spans) else comment.at
            if pattern.lower() in META:
                message = f"{pattern} cannot be ignored here; [controls.{pattern.lower()}] in the configuration sets its level"
                yield _meta("unknown-control", at, message)
            elif not _names_something(pattern):
                yield _unknown_id(pattern, at)
            elif calls & {(comment.at.path, directive.target), (comment.at.path, comment.line)}:
                continue
            elif not directive.dead and pattern not in directive.used:
                if pattern not in judged:
                    judged[pattern] = _judged(module, pattern, undecided, settings)
                if judged[pattern]:
                    unused.append(number)
        for number in unused:
            at = comment.id_spans[number] if number < len(comment.id_spans) else comment.at
            whole = len(unused) == len(comment.ids)
            yield _meta(
                "unused-ignore",
                at,
                f"{comment.ids[number]} finds nothing here to ignore",
                fixes=_drop(comment) if whole and number == unused[0] and not comment.resource else [],
            )


def _prose(comment: IgnoreComment) -> int:
    """How many of the words are meant as ids: a reason without its dashes may follow them."""
    count = len(comment.ids)
    if comment.reason or comment.resource:
        return count
    while count > 1 and not _LIKE_AN_ID.search(comment.ids[count - 1]) and not _names_something(comment.ids[count - 1]):
        count -= 1
    return count if count < len(comment.ids) and _names_something(comment.ids[count - 1]) else len(comment.ids)


def _no_dashes(comment: IgnoreComment, prose: int) -> Finding:
    first, last = comment.id_spans[prose], comment.id_spans[-1]
    at = Loc(first.piece, first.rel[0], last.rel[1])
    text = at.text
    bare = text.lstrip("-\u2013\u2014:# ")
    fixes = [Fix("Mark the reason with `--`", (Edit(at, f"-- {bare}"),), Safety.MANUAL)] if bare else []
    return _meta("unknown-control", at, f"no control is called `{text}`; a reason goes behind `--`", fixes=fixes)


def _names_something(pattern: str) -> bool:
    if catalog.control(pattern) is not None:
        return True
    return catalog.is_glob(pattern) and any(catalog.matches(pattern, entry.id) for entry in catalog.all_controls())


def _judged(module: Module, pattern: str, undecided: set[str], settings: Settings) -> bool:
    """The controls named were all run and decided, so an ignore without effect is certainly idle."""
    if not module.complete:
        return False
    ids = [entry.id for entry in catalog.all_controls() if catalog.matches(pattern, entry.id)]
    covered = [id for id in ids if registry.coverage(id)[0] in ("full", "partial")]
    if not covered or any(id in undecided for id in ids):
        return False
    return all(settings.selected(id) for id in covered) and all(not any(mark in pattern for mark in "*?[") or id in covered for id in ids)


def _unknown_id(pattern: str, at: Loc) -> Finding:
    near = catalog.closest(pattern)
    hint = f"; did you mean {near[0]}?" if near else ""
    # `fsbp:ignore[S3.8]`: what takes its place has to stand apart.
    gap = "" if at.file.data[: at.start][-1:] in (b" ", b"\t", b",", b'"', b"'", b"") else " "
    fixes = [Fix(f"Change to {near[0]}", (Edit(at, f"{gap}{near[0]}"),), Safety.MANUAL)] if near else []
    return _meta("unknown-control", at, f"there is no control {pattern}{hint}", fixes=fixes)


_OPENING = re.compile(rb"(?:(?P<line>#+|//+)|/\*+)[ \t]*\Z")
_CLOSING = re.compile(rb"[ \t]*\*+/")
_BOM = b"\xef\xbb\xbf"


def _drop(comment: IgnoreComment) -> list[Fix]:
    """The fix that takes a comment away and leaves what else stands on its lines; none where half a comment would be left."""
    piece = comment.at.piece
    data = piece.data
    start, end = comment.at.rel
    line = data.rfind(b"\n", 0, start) + 1
    line += len(_BOM) if data.startswith(_BOM, line) else 0
    newline = data.find(b"\n", end)
    stop = len(data) if newline < 0 else newline - (data[newline - 1 : newline] == b"\r")
    opening = _OPENING.search(data, line, start)
    if opening is not None:
        closing = None if opening["line"] else _CLOSING.match(data, end, stop)
        if not opening["line"] and closing is None:
            return []
        start, end = opening.start(), closing.end() if closing is not None else end
    left, right = data[line:start], data[end:stop]
    if opening is None:
        if left.strip(b" \t*") or right.strip():
            return []
        left = b""
    if right.strip():
        end += len(right) - len(right.lstrip())
    elif left.strip():
        start, end = line + len(left.rstrip()), stop
    else:
        start, end = line, len(data) if newline < 0 else newline + 1
    return [Fix("Remove the unused ignore", (Edit(Loc(piece, start, end), ""),), Safety.REVIEW)]


def _meta(id: str, at: Loc, message: str, fixes: list[Fix] | None = None) -> Finding:
    made = fixes or []
    return Finding(id, None, at, message, verdict=Verdict.FAIL, fixes=lambda: made)


def path_of(finding: Finding) -> str:
    return os.path.normpath(finding.at.path)
