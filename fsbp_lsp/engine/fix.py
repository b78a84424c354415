"""Fix rounds: apply what may be applied, read the result again, go on until nothing changes.

A fix that adds a syntax problem, brings a new finding, or does not remove its own is taken back and
reported as refused. Nothing is written here.
"""

from __future__ import annotations

import os

from fsbp_lsp.engine.check import Scope, Session
from fsbp_lsp.engine.discover import belongs, discover, skipped
from fsbp_lsp.engine.drafts import Drafts, leads_out
from fsbp_lsp.engine.proof import still_reads
from fsbp_lsp.text import EditConflict, apply_edits, edits_by_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fsbp_lsp.config import Settings
    from fsbp_lsp.engine.check import ModuleReport
    from fsbp_lsp.engine.discover import ModuleKey
    from fsbp_lsp.files import Files
    from fsbp_lsp.model import Finding, Fix, Safety

MAX_ROUNDS = 10


class FixResult:
    """contents: path -> (bytes before, bytes after), changed files only.

    fixed: findings whose fix was applied and that are gone. refused: (finding, reason). rounds: how many it took.
    first: all findings as they were met first, by name.
    plans: the plans among what was named; they are not edited.
    """

    __slots__ = ("contents", "first", "fixed", "plans", "refused", "rounds")

    def __init__(self) -> None:
        self.contents: dict[str, tuple[bytes, bytes]] = {}
        self.first: dict[tuple[str, str], Finding] = {}
        self.fixed: list[Finding] = []
        self.plans: list[str] = []
        self.refused: list[tuple[Finding, str]] = []
        self.rounds = 0


class _Pick:
    __slots__ = ("finding", "fix")

    def __init__(self, finding: Finding, fix: Fix) -> None:
        self.finding = finding
        self.fix = fix


def plan_fixes(
    files: Files,
    scope: Scope,
    settings_for: Callable[[str], Settings],
    level: Safety,
    only_paths: set[str] | None = None,
    today: str = "",
) -> FixResult:
    """What applying every fix of at least `level` would make of the files.

    Only modules and templates that `scope` names change. only_paths: of their files, these only.
    """
    result = FixResult()
    drafts = Drafts(files)
    session = Session(drafts, settings_for, today, steady=True, folders=scope.folders)

    def excluded(path: str) -> bool:
        return settings_for(path).excluded(path)

    keys = list(discover(files, scope.paths, excluded, lambda _path, _why: None, force_exclude=scope.hook))
    session.nest(key for key in keys if key.kind == "cloudformation")
    asked = {key.path for key in keys}

    named = {os.path.normpath(path) for path in scope.paths}

    def allowed(path: str) -> bool:
        path = os.path.normpath(path)
        wanted = (only_paths is None or path in only_paths) and belongs(path, asked) and not skipped(path)
        return wanted and (not excluded(path) or (path in named and not scope.hook))

    around: dict[ModuleKey, None] = {}
    for key in keys:
        if key.kind == "plan":
            result.plans.append(key.path)
            continue
        report = _fix_module(session, key, drafts, level, allowed, result)
        around.update(dict.fromkeys(scope.around(report) if report is not None else ()))
    for key in around:
        # What fails in a module that was not asked about may be put right in what was: at its call, in a companion.
        if key.path not in asked and not excluded(os.path.join(key.path, "main.tf")):
            _fix_module(session, key, drafts, level, allowed, result)
    # Said of the files as they were: a later round has other lines.
    result.fixed = [result.first.get(_name(finding), finding) for finding in result.fixed]
    result.refused = [(result.first.get(_name(finding), finding), why) for finding, why in result.refused]
    result.contents.update((path, (before, after)) for path, before, after in drafts.changes())
    return result


def _fix_module(
    session: Session,
    key: ModuleKey,
    drafts: Drafts,
    level: Safety,
    allowed: Callable[[str], bool],
    result: FixResult,
) -> ModuleReport | None:
    """Fix what can be; the last report, None when the module is not ours. allowed: the files that may change."""
    banned: set[tuple[str, str]] = set()
    before = session.check_module(key)
    for finding in before.findings if before is not None else ():
        result.first.setdefault(_name(finding), finding)
    for round in range(MAX_ROUNDS):
        if before is None or before.module is None or not before.module.complete:
            return before
        picks = _pick(before, level, allowed, banned)
        if not picks:
            return before
        result.rounds = max(result.rounds, round + 1)
        before = _apply(session, key, drafts, before, picks, level, allowed, banned, result)
    return before


def _apply(
    session: Session,
    key: ModuleKey,
    drafts: Drafts,
    before: ModuleReport,
    picks: list[_Pick],
    level: Safety,
    allowed: Callable[[str], bool],
    banned: set[tuple[str, str]],
    result: FixResult,
) -> ModuleReport | None:
    """Apply fixes together or, where they disagree, half by half down to the one that is refused; the report afterwards."""
    after = _try(session, key, drafts, before, picks)
    if not isinstance(after, str):
        result.fixed.extend(after[1])
        return after[0]
    if len(picks) == 1:
        banned.add(_name(picks[0].finding))
        result.refused.append((picks[0].finding, after))
        return before
    now: ModuleReport | None = before
    for half in (picks[: len(picks) // 2], picks[len(picks) // 2 :]):
        if now is None or now.module is None:
            break
        names = {_name(pick.finding) for pick in half}
        same = half if now is before else [pick for pick in _pick(now, level, allowed, banned) if _name(pick.finding) in names]
        if same:
            now = _apply(session, key, drafts, now, same, level, allowed, banned, result)
    return now


def _name(finding: Finding) -> tuple[str, str]:
    return finding.control, finding.fingerprint


def _pick(
    report: ModuleReport,
    level: Safety,
    allowed: Callable[[str], bool],
    banned: set[tuple[str, str]],
) -> list[_Pick]:
    """Fixes to apply together: allowed, complete, and not touching one another."""
    picks: list[_Pick] = []
    taken: dict[str, list[tuple[int, int]]] = {}
    for finding in report.findings:
        if not report.settings.fixable(finding.control) or _name(finding) in banned:
            continue
        fix = next((fix for fix in finding.fixes if not fix.refused and fix.edits and fix.safety >= level), None)
        if fix is None or fix.safety < level:
            continue
        if not all(allowed(edit.at.path) for edit in fix.edits):
            continue
        spans: dict[str, list[tuple[int, int]]] = {}
        for edit in fix.edits:
            spans.setdefault(edit.at.path, []).append((edit.at.start, edit.at.end))
        if any(_overlaps(taken.get(path, []), mine) for path, mine in spans.items()):
            continue
        for path, mine in spans.items():
            taken.setdefault(path, []).extend(mine)
        picks.append(_Pick(finding, fix))
    return picks


def _overlaps(taken: list[tuple[int, int]], mine: list[tuple[int, int]]) -> bool:
    # Touching counts as overlapping: two insertions at one place have no agreed order.
    return any(start <= other_end and other_start <= end for start, end in mine for other_start, other_end in taken)


def _try(
    session: Session,
    key: ModuleKey,
    drafts: Drafts,
    before: ModuleReport,
    picks: list[_Pick],
) -> tuple[ModuleReport, list[Finding]] | str:
    """The report after the edits with the findings that are gone, or why they must not be made (then nothing changed)."""
    held = drafts.hold()
    around = _reports(session, before.related)
    edits = [edit for pick in picks for edit in pick.fix.edits]
    try:
        for path, (source, group) in edits_by_file(edits).items():
            if leads_out(session.files, path):
                raise EditConflict(f"{path} is a link that leads out of the repository")
            data = apply_edits(source.data, group)
            if not still_reads(path, source.data, data):
                raise EditConflict("an independent parser cannot read the result")
            drafts.put(path, source.data, data)
    except EditConflict as error:
        drafts.back(held)
        return str(error)
    session.changed()
    after = session.check_module(key)
    reason = _objection(before, after, [pick.finding for pick in picks])
    beside: list[tuple[ModuleReport | None, ModuleReport | None]] = []
    if not reason:
        # The same text may be deployed by others, and what it is deployed with may need it.
        beside = list(zip(around, _reports(session, before.related), strict=True))
        reason = next((why for one, other in beside if (why := _worse(one, other))), "")
    if after is None or reason:
        drafts.back(held)
        session.changed()
        return reason or "the result is no module any more"
    gone = _gone(before, after)
    for one, other in beside:
        if one is not None and other is not None:
            # An argument of a call may decide more than the module it is handed to first.
            gone.extend(_gone(one, other))
    return after, gone


def _reports(session: Session, keys: list[ModuleKey]) -> list[ModuleReport | None]:
    return [session.check_module(key) for key in keys]


def _worse(before: ModuleReport | None, after: ModuleReport | None) -> str:
    """What a module deployed together with the changed one would fail afterwards; '' when nothing."""
    if before is None or after is None:
        return ""
    old = _counts(before.findings)
    held = _counts(finding for finding, _comment in before.suppressed)
    for name, count in _counts(after.findings).items():
        if count > old.get(name, 0) + held.get(name, 0):
            return f"{name[0]} would fail in {after.key.path or 'the current directory'} afterwards"
    return ""


def _counts(findings: Iterable[Finding]) -> dict[tuple[str, str], int]:
    """How often each control fails for each resource. Not by fingerprint: removing a rule renumbers those after it."""
    counts: dict[tuple[str, str], int] = {}
    for finding in findings:
        name = (finding.control, finding.address)
        counts[name] = counts.get(name, 0) + 1
    return counts


def _objection(before: ModuleReport, after: ModuleReport | None, fixed: list[Finding]) -> str:
    if after is None or after.module is None:
        return "the result is no module any more"
    if not after.module.complete:
        return "the result has a syntax error"
    old, now = _counts(before.findings), _counts(after.findings)
    for name, count in _counts(fixed).items():
        if now.get(name, 0) > old[name] - count:
            return f"{name[0]} still fails afterwards"
    held = _counts(finding for finding, _comment in before.suppressed)
    for name, count in now.items():
        if count > old.get(name, 0) + held.get(name, 0):
            return f"{name[0]} would fail afterwards"
    return ""


def _gone(before: ModuleReport, after: ModuleReport) -> list[Finding]:
    """What the applied fixes removed: their own findings, and those that went with them."""
    left = _counts(after.findings)
    gone: list[Finding] = []
    for finding in before.findings:
        name = (finding.control, finding.address)
        if left.get(name, 0) > 0:
            left[name] -= 1
        else:
            gone.append(finding)
    return gone


def fixable_counts(findings: Iterable[Finding]) -> tuple[int, int, int]:
    """(safe, review, manual): how many findings have a best fix of each level."""
    counts = [0, 0, 0]
    for finding in findings:
        usable = [fix for fix in finding.fixes if not fix.refused and fix.edits]
        if usable:
            best = max(fix.safety for fix in usable)
            counts[2 - int(best)] += 1
    return counts[0], counts[1], counts[2]
