"""What can be done about findings: fixes with their alternatives, ignoring, explaining.

An action that writes is lazy: `edits()` is called when the client wants them, on the report of the
text as it is then. `name` finds the same action again in a newer report.
"""

from __future__ import annotations

from fsbp_lsp import catalog
from fsbp_lsp.ide.marks import visible
from fsbp_lsp.ide.undecided import noted_at
from fsbp_lsp.model import Fix, Refusal, Safety
from fsbp_lsp.text import Edit, Loc, Piece

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from fsbp_lsp.engine.check import ModuleReport
    from fsbp_lsp.model import Finding

QUICKFIX = "quickfix"
FIX_ALL = "source.fixAll.fsbp"
REASON = "give a reason"
"""Stands in an inserted ignore comment until a human replaces it."""

_COMMENTED = (".tf", ".tofu", ".tfvars", ".yaml", ".yml", ".template", ".cfn", ".cform")
MAX_FINDINGS = 50
"""Findings one request answers for: a selection of a whole file wants `fix all`, not hundreds of actions."""


class Action:
    """One entry of the menu.

    name: stable identity within a finding. finding: what it is about, None for the whole file and for what is not decided.
    preferred: what an "auto fix" key may apply without asking. disabled: why it cannot be applied, '' when it can.
    explain: a control id whose explanation to show; such an action edits nothing.
    placeholders: what it writes holds values only a human can supply.
    """

    __slots__ = ("_edits", "disabled", "explain", "finding", "kind", "name", "placeholders", "preferred", "title")

    def __init__(
        self,
        kind: str,
        name: str,
        title: str,
        finding: Finding | None,
        edits: Callable[[], Sequence[Edit]] | None = None,
        *,
        preferred: bool = False,
        disabled: str = "",
        explain: str = "",
        placeholders: bool = False,
    ) -> None:
        self.kind = kind
        self.name = name
        self.title = title
        self.finding = finding
        self._edits = edits
        self.preferred = preferred
        self.disabled = disabled
        self.explain = explain
        self.placeholders = placeholders

    @property
    def writes(self) -> bool:
        return self._edits is not None and not self.disabled

    def edits(self) -> tuple[Edit, ...]:
        return tuple(self._edits()) if self._edits is not None else ()

    def __repr__(self) -> str:
        return f"Action({self.kind}, {self.title!r})"


def matches_kind(kind: str, only: Sequence[str] | None) -> bool:
    """Whether the client wants this kind. None and an empty list mean all; a prefix means its subtree."""
    if not only:
        return True
    return any(want == "" or kind == want or kind.startswith(want + ".") for want in only)


def actions(
    report: ModuleReport,
    path: str,
    start: int,
    end: int,
    only: Sequence[str] | None = None,
    fingerprints: Iterable[str] = (),
    notes: bool = False,
) -> list[Action]:
    """Actions for the findings of `path` that touch [start, end], or that are named by `fingerprints`.

    Per finding: best fix, alternatives, refused fixes with their reason, ignoring, explaining.
    notes: what is not decided is shown as well, and can be explained.
    """
    found = touched(report, path, start, end, fingerprints)
    made: list[Action] = []
    if matches_kind(QUICKFIX, only):
        for finding in found:
            made.extend(_fixes(finding))
        for finding in found:
            made.extend(_ignores(finding))
        for control in dict.fromkeys(finding.control for finding in found):
            if catalog.control(control) is not None:
                first = next(finding for finding in found if finding.control == control)
                made.append(_explain(control, first))
        if notes:
            others = {note.control for note in noted_at(report, path, start, end)} - {finding.control for finding in found}
            made.extend(_explain(control, None) for control in sorted(others, key=catalog.natural_key)[:MAX_FINDINGS])
    return made


def _explain(control: str, finding: Finding | None) -> Action:
    return Action(QUICKFIX, f"explain:{control}", f"Explain {control}", finding, explain=control)


def file_action(report: ModuleReport, path: str) -> Action | None:
    """“Fix all”: offered when at least one finding of the file has a safe fix. The server asks the engine for the edit."""
    for finding in report.findings:
        if finding.at.path == path and visible(report, finding) and any(safe(fix) for fix in fixes_of(finding)):
            return Action(FIX_ALL, "fix-all", "Fix all safe fsbp findings in this file", None)
    return None


def fixes_of(finding: Finding) -> tuple[Fix, ...]:
    """The finding's fixes. One that cannot even be made is shown as refused: a broken control must not take the menu down."""
    try:
        return finding.fixes
    except Exception as error:
        return (Fix(f"Fix {finding.control}", (), Safety.MANUAL, refused=f"internal error: {type(error).__name__}: {error}"),)


def safe(fix: Fix) -> bool:
    return fix.safety is Safety.SAFE and not fix.refused


def touched(report: ModuleReport, path: str, start: int, end: int, fingerprints: Iterable[str] = ()) -> list[Finding]:
    """Findings of `path` that touch the range (ends included) and those named, in order of place.

    When there are none, those that stand on a line of the range: a cursor anywhere on the line is near enough.
    """
    named = set(fingerprints)
    here = [finding for finding in report.findings if finding.at.path == path and visible(report, finding)]
    found = [
        finding for finding in here if (finding.at.start <= end and finding.at.end >= start) or (named and finding.fingerprint in named)
    ]
    if not found and here:
        lines = here[0].at.file.lines
        first, last = lines.line(start), lines.line(end)
        found = [finding for finding in here if first <= lines.line(finding.at.start) <= last]
    return found[:MAX_FINDINGS]


def again(report: ModuleReport, path: str, fingerprint: str, name: str) -> Action | None:
    """The action with this identity in a newer report; None when its finding is gone."""
    for finding in report.findings:
        if finding.at.path == path and finding.fingerprint == fingerprint:
            for action in (*_fixes(finding), *_ignores(finding)):
                if action.name == name:
                    return action
    return None


def _fixes(finding: Finding) -> list[Action]:
    made: list[Action] = []
    fixes = fixes_of(finding)
    preferred = next((fix for fix in fixes if safe(fix)), None)
    for number, fix in enumerate(fixes):
        if not fix.edits and not fix.refused:
            continue
        title = fix.title if not fix.note or fix.note in fix.title else f"{fix.title} ({fix.note})"
        if finding.resource is not None:
            title = f"{finding.control}: {title}"
        made.append(
            Action(
                QUICKFIX,
                f"fix:{number}:{fix.title}",
                title,
                finding,
                _edits_of(fix),
                preferred=fix is preferred,
                disabled=fix.refused,
                placeholders=fix.safety is Safety.MANUAL,
            )
        )
    return made


def _edits_of(fix: Fix) -> Callable[[], Sequence[Edit]]:
    return lambda: fix.edits


def _ignores(finding: Finding) -> list[Action]:
    resource = finding.resource
    if resource is None:
        return []
    control = finding.control
    try:
        here = resource.dialect.insert_ignore(resource, finding.at, [control], REASON)
    except Exception as error:
        here = Refusal(f"internal error: {type(error).__name__}: {error}")
    made: list[Action] = []
    title = f"Ignore {control} here (reason…)"
    if isinstance(here, Refusal):
        made.append(Action(QUICKFIX, f"ignore:{control}", title, finding, disabled=here.reason))
    else:
        made.append(Action(QUICKFIX, f"ignore:{control}", title, finding, lambda: here))
    at = finding.at
    everywhere = file_ignore(at, control)
    if not isinstance(everywhere, Refusal):
        made.append(Action(QUICKFIX, f"ignore-file:{control}", f"Ignore {control} in this file (reason…)", finding, lambda: everywhere))
    return made


def file_ignore(at: Loc, control: str, reason: str = REASON, until: str = "") -> tuple[Edit, ...] | Refusal:
    """The comment at the top of the file of `at` that ignores a control in all of it."""
    if not at.path.endswith(_COMMENTED):
        return Refusal("this notation has no comments")
    data = at.file.data
    start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    newline = "\r\n" if data.find(b"\r\n") >= 0 and data.find(b"\n") == data.find(b"\r\n") + 1 else "\n"
    # A piece of its own: the top of the file belongs to none of the parsed ones.
    top = Loc(Piece(at.file, 0, data), start, start)
    text = f"# fsbp:ignore-file {control}" + (f" until={until}" if until else "") + (f" -- {reason}" if reason else "")
    return (Edit(top, text + newline),)
