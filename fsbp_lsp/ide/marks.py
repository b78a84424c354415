"""Findings as an editor shows them: one line marked, a severity, where the value came from."""

from __future__ import annotations

import fnmatch

from fsbp_lsp import catalog
from fsbp_lsp.model import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fsbp_lsp.engine.check import ModuleReport
    from fsbp_lsp.model import Finding
    from fsbp_lsp.text import Loc

ERROR, WARNING, INFORMATION, HINT = "error", "warning", "information", "hint"
LADDER = (ERROR, WARNING, INFORMATION, HINT)

_BY_SEVERITY = {"CRITICAL": ERROR, "HIGH": WARNING, "MEDIUM": WARNING, "LOW": INFORMATION}

_ABOUT_SOURCE = {
    "syntax": ERROR,
    "unreadable": WARNING,
    "internal-error": WARNING,
    "unknown-control": WARNING,
    "missing-reason": WARNING,
    "expired-ignore": WARNING,
    "unused-ignore": HINT,
}
"""Findings about the source itself have no row in the catalogue."""


class Severities:
    """Which severity a finding is shown with, and the user's changes to that.

    overrides: a control id, a glob over ids, or one of CRITICAL, HIGH, MEDIUM, LOW → error, warning,
    information or hint. An exact id wins over a glob, a glob over a severity.
    """

    __slots__ = ("_exact", "_globs", "_ranks")

    def __init__(self, overrides: Mapping[str, str] | None = None) -> None:
        self._exact: dict[str, str] = {}
        self._globs: list[tuple[str, str]] = []
        self._ranks: dict[str, str] = {}
        for name, shown in (overrides or {}).items():
            if shown not in LADDER:
                continue
            if name.upper() in _BY_SEVERITY:
                self._ranks[name.upper()] = shown
            elif any(mark in name for mark in "*?["):
                self._globs.append((name, shown))
            else:
                self._exact[name] = shown

    def of(self, finding: Finding, undeclared: str = "warn") -> str:
        """undeclared: the setting of that name; with `fail`, relying on AWS's default is no milder than failing."""
        chosen = self._exact.get(finding.control)
        if chosen is None:
            chosen = next((shown for glob, shown in self._globs if fnmatch.fnmatchcase(finding.control, glob)), None)
        if chosen is not None:
            return chosen
        if finding.control in _ABOUT_SOURCE:
            return _ABOUT_SOURCE[finding.control]
        entry = catalog.control(finding.control)
        rank = entry.severity if entry is not None else "MEDIUM"
        shown = self._ranks.get(rank) or _BY_SEVERITY.get(rank, WARNING)
        if finding.verdict is Verdict.UNDECLARED and undeclared != "fail":
            shown = LADDER[min(LADDER.index(shown) + 1, LADDER.index(HINT))]
        return shown


class Mark:
    """One diagnostic. start/end: bytes in the file. related: other places with what they contribute.

    unnecessary: the text marked has no effect. There is no such word for a control that AWS has retired: the protocol's
    `Deprecated` is about the text marked, and editors strike that through.
    """

    __slots__ = ("control", "end", "finding", "href", "message", "related", "severity", "start", "unnecessary")

    def __init__(self, finding: Finding, severity: str) -> None:
        self.finding = finding
        self.control = finding.control
        self.severity = severity
        self.start = finding.at.start
        self.end = finding.at.end
        self.message = finding.message
        entry = catalog.control(finding.control)
        self.href = entry.url if entry is not None else ""
        self.unnecessary = finding.control == "unused-ignore"
        self.related = provenance(finding)

    @property
    def fingerprint(self) -> str:
        return self.finding.fingerprint


def provenance(finding: Finding) -> list[tuple[Loc, str]]:
    """Where the value came from and what else belongs to the fact, nearest first; the finding's own place left out."""
    places: list[tuple[Loc, str]] = []
    for origin in finding.origins:
        if origin.at is not None:
            place = origin.at.first_line()
            note = f"{origin.via.value}: {origin.note}" if origin.note else origin.via.value
            places.append((place, note))
    places.extend((place.first_line(), note) for place, note in finding.related)
    own = finding.at
    seen: set[tuple[str, int, int, str]] = set()
    kept: list[tuple[Loc, str]] = []
    for place, note in places:
        key = (place.path, place.start, place.end, note)
        if key in seen or (place.path == own.path and place.start == own.start and place.end == own.end):
            continue
        seen.add(key)
        kept.append((place, note))
    return kept


def visible(report: ModuleReport, finding: Finding) -> bool:
    """Whether configuration leaves a finding to the editor at all (level `off` and excluded files do not show)."""
    return not report.settings.excluded(finding.at.path) and _level(report, finding) != "off"


def _level(report: ModuleReport, finding: Finding) -> str:
    if finding.control in _ABOUT_SOURCE:
        return report.settings.level(finding.control, "", finding.verdict)
    entry = catalog.control(finding.control)
    return report.settings.level(finding.control, entry.severity if entry is not None else "MEDIUM", finding.verdict)


def diagnostics(report: ModuleReport, path: str, severities: Severities | None = None) -> list[Mark]:
    """What to show in one file, in order of place."""
    shown = severities or Severities()
    return [Mark(finding, shown.of(finding, report.settings.undeclared)) for finding in visible_by_path(report, (path,))[path]]


def visible_by_path(report: ModuleReport, paths: Iterable[str]) -> dict[str, list[Finding]]:
    """The visible findings of each of `paths`. Findings in other files of the module cost nothing but a look-up."""
    found: dict[str, list[Finding]] = {path: [] for path in paths}
    wanted = {path: found[path] for path in found if not report.settings.excluded(path)}
    for finding in report.findings:
        kept = wanted.get(finding.at.path)
        if kept is not None and _level(report, finding) != "off":
            kept.append(finding)
    return found
