"""The last words of a run, for people: what was found, what can be done, and why the exit status is what it is."""

from __future__ import annotations

from fsbp_lsp.report.clean import clean
from fsbp_lsp.report.outcome import ENGINE_FAULT, ids_of
from fsbp_lsp.report.places import where

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from fsbp_lsp.model import Finding
    from fsbp_lsp.report.outcome import Outcome


def count(number: int, thing: str) -> str:
    """`1 finding`, `2 findings`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _verb(number: int, verb: str) -> str:
    return f"{number} {verb}{'s' if number == 1 else ''}"


def _fixes(outcome: Outcome) -> str:
    safe, review, _manual, elsewhere = outcome.fix_counts()
    if outcome.unsafe_fixes:
        safe, review = safe + review, 0
    parts = [f"{safe} fixable"] if safe else []
    if review:
        parts.append(f"{review}{' more' if safe else ''} {'' if safe else 'fixable '}with --unsafe-fixes")
    if elsewhere:
        whose = "its directory is" if elsewhere == 1 else "their directories are"
        parts.append(f"{elsewhere}{' more' if parts else ''} {'' if parts else 'fixable '}when {whose} named, too")
    return ", ".join(parts)


def _found(outcome: Outcome) -> str:
    if not outcome.entries:
        if not outcome.modules:
            return "Nothing to check: no Terraform module and no CloudFormation template here."
        if outcome.fixed:
            return "No findings left."
        if not outcome.passed:
            return "No findings."
        return f"No findings: {count(outcome.passed, 'check')} passed on {count(outcome.resources, 'resource')}."
    block = len(outcome.blocking)
    warn = len(outcome.entries) - block
    levels = ", ".join(_verb(number, verb) for number, verb in ((block, "block"), (warn, "warn")) if number)
    fixes = _fixes(outcome)
    return f"Found {count(len(outcome.entries), 'finding')} ({levels}{f'; {fixes}' if fixes else ''})."


def _apart(outcome: Outcome, unknown_shown: bool) -> Iterator[str]:
    """What did not become a finding; silence must not look like compliance."""
    if outcome.suppressed:
        yield f"{len(outcome.suppressed)} ignored by comments"
    if outcome.verify:
        yield f"{len(outcome.verify)} left to checks after deployment"
    if outcome.unknown:
        hint = "" if unknown_shown else " (--show-unknown says why)"
        yield f"{len(outcome.unknown)} not decided by source{hint}"
    if outcome.assumed:
        hint = "" if unknown_shown else " (--show-unknown lists them)"
        yield f"{len(outcome.assumed)} passed by assumption{hint}"


def _exit(outcome: Outcome, *, would: bool = False) -> str:
    code = outcome.exit_code
    if outcome.faulty:
        return f"Exit {code}: a control could not run ({ENGINE_FAULT})."
    reasons: list[str] = []
    if outcome.changed:
        reasons.append(f"{count(len(outcome.changed), 'file')} {'would change' if would else 'changed'}")
    blocking = outcome.blocking
    if blocking:
        ids = ids_of(blocking)
        reasons.append(f"{ids} block{'s' if len({entry.id for entry in blocking}) == 1 else ''}")
    if code == 0:
        return "Exit 0: --exit-zero." if reasons else "Exit 0: nothing blocks."
    return f"Exit {code}: {', '.join(reasons)}."


def _named(paths: list[str], most: int = 5) -> str:
    shown = ", ".join(paths[:most])
    return f"{shown} and {len(paths) - most} more" if len(paths) > most else shown


def fix_lines(outcome: Outcome, *, would: bool = False, refused_only: bool = False) -> Iterator[str]:
    """Lines for `--show-fixes`: what was fixed, and what could not be and why."""
    for finding in outcome.fixed if not refused_only else ():
        yield f"{'would fix' if would else 'fixed'}: {_line(finding)}"
    for finding, reason in outcome.refused:
        yield f"not fixed: {_line(finding)}: {clean(reason)}"


def _line(finding: Finding) -> str:
    return f"{clean(where(finding.at))}: {finding.control} {clean(finding.address)}: {clean(finding.message)}"


def closing(
    outcome: Outcome,
    *,
    verbose: bool = False,
    would: bool = False,
    judged: bool = True,
    unknown_shown: bool = False,
    fixes_shown: bool = False,
) -> list[str]:
    """The lines for standard error; the last one says the exit status and why.

    would: nothing was written (`--diff`). judged: the files were checked (again), so findings can be spoken of.
    unknown_shown, fixes_shown: what is not decided, or not fixed, has been listed with its reasons.
    """
    lines: list[str] = []
    if outcome.fixed:
        verb = "Would fix" if would else "Fixed"
        lines.append(f"{verb} {count(len(outcome.fixed), 'finding')} in {count(len(outcome.changed), 'file')}.")
    elif outcome.fixing and not outcome.refused:
        lines.append("Nothing to fix.")
    if outcome.refused:
        number = len(outcome.refused)
        hint = "" if fixes_shown else " (--show-fixes says why)"
        lines.append(f"{number} fix{'' if number == 1 else 'es'} could not be applied{hint}.")
    if not judged:
        return [*lines, _exit(outcome, would=would)]
    apart = list(_apart(outcome, unknown_shown))
    if apart:
        lines.append(f"{'; '.join(apart)}.")
    if verbose:
        lines.append(
            f"{count(outcome.modules, 'module')}, {count(outcome.resources, 'resource')}: {count(outcome.passed, 'check')} passed, "
            f"{outcome.not_applicable} not applicable."
        )
    lines.append(f"{_found(outcome)} {_exit(outcome, would=would)}")
    return lines


def hook_closing(outcome: Outcome) -> list[str]:
    """Lines under a hook's findings: what was fixed and what could not be, the verdict, and what to do about it."""
    ids = [entry.id for entry in (outcome.blocking or outcome.entries) if entry.title]
    lines = [f"{_found(outcome)} {_exit(outcome)}"]
    if outcome.fixed:
        lines.insert(0, f"Fixed {count(len(outcome.fixed), 'finding')} in {_named(outcome.changed)}; look at it and stage it.")
    lines[:0] = fix_lines(outcome, refused_only=True)
    if ids:
        safe, review, _manual, _elsewhere = outcome.fix_counts()
        option = " --unsafe-fixes" if review and not safe else ""
        fix = f"fix: fsbp fix{option} · " if safe or review else ""
        lines.append(f"Explain: fsbp explain {ids[0]} · {fix}ignore: # fsbp:ignore {ids[0]} -- reason")
    return lines
