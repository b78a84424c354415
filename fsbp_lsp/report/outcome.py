"""What a run came to: findings with their levels, what was not decided, what was fixed, and the exit status."""

from __future__ import annotations

from fsbp_lsp import catalog
from fsbp_lsp.engine.discover import belongs
from fsbp_lsp.engine.levels import level_of, severity_of
from fsbp_lsp.model import Safety, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from fsbp_lsp.config import Settings
    from fsbp_lsp.engine.check import ModuleReport, Undecided
    from fsbp_lsp.model import Finding, Fix, IgnoreComment

ENGINE_FAULT = "internal-error"


class Entry:
    """A finding as it is reported.

    level: `block`, `warn` or `verify`. severity: '' for findings about the source. softened: it would block
    if it were not undeclared.
    """

    __slots__ = ("finding", "level", "severity", "softened", "title", "url")

    def __init__(self, finding: Finding, settings: Settings) -> None:
        control = catalog.control(finding.control)
        self.finding = finding
        self.level = level_of(finding, settings)
        self.severity = severity_of(finding)
        self.softened = (
            finding.verdict is Verdict.UNDECLARED and self.level == "warn" and settings.level(finding.control, self.severity) == "block"
        )
        self.title = control.title if control is not None else ""
        self.url = control.url if control is not None else ""

    @property
    def id(self) -> str:
        return self.finding.control

    @property
    def word(self) -> str:
        """How the level is called in output: `error`, `warning` or `note`."""
        return {"block": "error", "warn": "warning"}.get(self.level, "note")

    @property
    def fix(self) -> Fix | None:
        """The best fix that can be written."""
        return self.finding.best_fix


class Outcome:
    """Collected from module reports; read by every output format.

    changed: files written by `--fix` (or that `--diff` would write). fixed: the findings that went with it.
    refused: (finding, reason) of fixes taken back. fixing: `--fix` or `--diff` was asked for.
    exit_zero: findings do not count against the status. everywhere: fixes are counted wherever they are made, since nobody
    chose the files by name (hooks).
    """

    def __init__(self, *, exit_zero: bool = False, everywhere: bool = False) -> None:
        self.entries: list[Entry] = []
        self.verify: list[Entry] = []
        self.suppressed: list[tuple[Finding, IgnoreComment]] = []
        self.unknown: list[Undecided] = []
        self.assumed: list[Undecided] = []
        """What passed only because configuration assumes something; `reason` is the assumption."""
        self.passed = 0
        self.not_applicable = 0
        self.modules = 0
        self.resources = 0
        self.unsafe_fixes = False
        self.fixing = False
        self.changed: list[str] = []
        self.fixed: list[Finding] = []
        self.refused: list[tuple[Finding, str]] = []
        self.exit_zero = exit_zero
        self.everywhere = everywhere
        self._counts: tuple[int, int, int, int] | None = None
        self._asked: set[str] = set()
        self._fixable: dict[int, bool] = {}
        """Entries that may be fixed in bulk, and whether that is done in the modules asked about: a plan has none."""

    def add(self, report: ModuleReport) -> None:
        """Take in one module. Call `close` when all are in."""
        settings = report.settings
        if report.asked:
            self._asked.add(report.key.path)
        for finding in report.findings:
            entry = Entry(finding, settings)
            if entry.level == "verify":
                self.verify.append(entry)
            elif entry.level != "off":
                self.entries.append(entry)
                if settings.fixable(finding.control):
                    self._fixable[id(entry)] = report.key.kind != "plan"
        self.suppressed.extend(report.suppressed)
        self.unknown.extend(report.unknown)
        self.assumed.extend(report.assumed)
        self.passed += report.passed
        self.not_applicable += report.not_applicable
        if report.module is not None:
            self.modules += 1
            self.resources += report.resources

    def close(self) -> None:
        """Bring everything into the one order that does not depend on how files were named or found."""
        self.entries.sort(key=lambda entry: _order(entry.finding))
        self.verify.sort(key=lambda entry: _order(entry.finding))
        self.suppressed.sort(key=lambda pair: _order(pair[0]))
        for items in (self.unknown, self.assumed):
            items.sort(key=lambda item: (*item.resource.header.key(), catalog.natural_key(item.control), item.resource.address))
        self.fixed.sort(key=_order)
        self.refused.sort(key=lambda pair: _order(pair[0]))
        self.changed.sort()

    @property
    def blocking(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.level == "block"]

    @property
    def faulty(self) -> bool:
        """A control failed to run: nobody can vouch for the result."""
        return any(entry.id == ENGINE_FAULT for entry in self.entries)

    @property
    def exit_code(self) -> int:
        """0 nothing blocks, 1 something blocks or files changed, 2 a control could not run."""
        if self.faulty:
            return 2
        if self.exit_zero:
            return 0
        return 1 if self.changed or self.blocking else 0

    def fix_counts(self) -> tuple[int, int, int, int]:
        """How many findings have a fix: applied by --fix, more with --unsafe-fixes, for a human, and out of reach.

        Out of reach is what would change a module that was not named.
        """
        if self._counts is None:
            counts = [0, 0, 0, 0]
            for entry in self.entries:
                usable = [fix for fix in entry.finding.fixes if not fix.refused and fix.edits]
                if not usable:
                    continue
                best = max(usable, key=lambda fix: fix.safety)
                if best.safety is Safety.MANUAL or id(entry) not in self._fixable:
                    counts[2] += 1
                elif (
                    self._fixable[id(entry)] and not self.everywhere and not all(belongs(edit.at.path, self._asked) for edit in best.edits)
                ):
                    counts[3] += 1
                else:
                    counts[0 if best.safety is Safety.SAFE else 1] += 1
            self._counts = (counts[0], counts[1], counts[2], counts[3])
        return self._counts

    def _reaches(self, entry: Entry, fix: Fix) -> bool:
        """A fix run over the same paths would make this edit."""
        return self.everywhere or not self._fixable[id(entry)] or all(belongs(edit.at.path, self._asked) for edit in fix.edits)

    def summary(self) -> dict[str, Any]:
        """The counts, as the machine formats carry them."""
        safe, review, manual, elsewhere = self.fix_counts()
        block = len(self.blocking)
        return {
            "findings": len(self.entries),
            "block": block,
            "warn": len(self.entries) - block,
            "verify": len(self.verify),
            "fixable": safe,
            "fixable_with_review": review,
            "fixable_by_hand": manual,
            "fixable_elsewhere": elsewhere,
            "suppressed": len(self.suppressed),
            "unknown": len(self.unknown),
            "assumed": len(self.assumed),
            "passed": self.passed,
            "not_applicable": self.not_applicable,
            "modules": self.modules,
            "resources": self.resources,
            "fixed": len(self.fixed),
            "files_changed": len(self.changed),
            "exit": self.exit_code,
        }


def _order(finding: Finding) -> tuple[Any, ...]:
    at = finding.at
    return (at.path, at.start, catalog.natural_key(finding.control), finding.message, finding.address)


def ids_of(entries: Iterable[Entry], most: int = 5) -> str:
    """The distinct control ids in natural order: `S3.4, S3.8 and 3 more`."""
    ids = sorted({entry.id for entry in entries}, key=catalog.natural_key)
    shown = ", ".join(ids[:most])
    return f"{shown} and {len(ids) - most} more" if len(ids) > most else shown
