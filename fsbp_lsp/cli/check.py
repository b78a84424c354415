"""`fsbp check`: judge files and directories, repair them when asked, and say what came of it."""

from __future__ import annotations

import os
import sys

from fsbp_lsp.cli.app import Stop, say
from fsbp_lsp.cli.configuration import configuration
from fsbp_lsp.cli.paths import existing
from fsbp_lsp.engine.check import Scope
from fsbp_lsp.engine.check import check as analyse
from fsbp_lsp.engine.discover import MAX_PLAN_BYTES, sniff_plan
from fsbp_lsp.files import DiskFiles, OverlayFiles, spelled
from fsbp_lsp.report.outcome import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.cli.options import Parsed
    from fsbp_lsp.config import Configuration
    from fsbp_lsp.files import Files

_MAX_STDIN = MAX_PLAN_BYTES + 1
_STDIN = "<stdin>"


class Task:
    """What one run works on.

    only: the files fixes may change, None for all. stdin: what standard input is called, '' when it is not asked about;
    text: what came from it.
    """

    __slots__ = ("configuration", "files", "only", "parsed", "scope", "stdin", "text", "unsafe")

    def __init__(self, parsed: Parsed, files: Files, scope: Scope, configuration: Configuration) -> None:
        self.parsed = parsed
        self.files = files
        self.scope = scope
        self.configuration = configuration
        self.only: set[str] | None = None
        self.stdin: str = ""
        self.text = b""
        self.unsafe = parsed.flag("unsafe-fixes") or configuration.settings_for(_probe(scope.paths[0])).unsafe_fixes


def _probe(path: str) -> str:
    """A path whose directory is the one that `path` means."""
    return os.path.join(path, "main.tf") if os.path.isdir(path) else path


def task(parsed: Parsed) -> Task:
    """The task that a command line of `check` or `fix` describes. Raises Stop and ConfigError."""
    disk = DiskFiles()
    chosen = configuration(parsed, disk)
    if parsed.operands == ["-"]:
        return _stdin_task(parsed, disk, chosen)
    if "-" in parsed.operands:
        raise Stop("`-` (standard input) cannot be mixed with other paths")
    if parsed.value("stdin-filename"):
        raise Stop("--stdin-filename goes with the path `-`")
    paths = existing(parsed.operands)
    scope = Scope(paths, parsed.value("scope", "module"), parsed.flag("force-exclude"), _plan_source(parsed))
    return Task(parsed, disk, scope, chosen)


def _stdin_task(parsed: Parsed, disk: Files, chosen: Configuration) -> Task:
    name = parsed.value("stdin-filename")
    data = sys.stdin.buffer.read(_MAX_STDIN)
    if not name and not sniff_plan(data):
        raise Stop("`-` needs --stdin-filename PATH: the name decides how the text is read and which module it belongs to")
    path = spelled(name) if name else _STDIN
    scope = Scope((path,), "files", parsed.flag("force-exclude"), _plan_source(parsed))
    made = Task(parsed, OverlayFiles(disk, {path: data}), scope, chosen)
    made.only = {path}
    made.stdin = path
    made.text = data
    return made


def _plan_source(parsed: Parsed) -> str | None:
    named = parsed.value("plan-source")
    if not named:
        return None
    if not os.path.isdir(named):
        raise Stop(f"--plan-source is no directory: {named}")
    path = spelled(named)
    return "" if path == "." else path


def check(parsed: Parsed) -> int:
    """Run `fsbp check`; returns the exit status."""
    if parsed.flag("fix") and parsed.flag("diff"):
        raise Stop("--fix and --diff exclude each other")
    if parsed.flag("fix-only") and not parsed.flag("fix"):
        raise Stop("--fix-only goes with --fix")
    work = task(parsed)
    if parsed.flag("show-settings"):
        from fsbp_lsp.cli.show import show_settings

        return show_settings(work)
    if parsed.flag("show-files"):
        from fsbp_lsp.cli.paths import listed
        from fsbp_lsp.report.clean import clean

        for path in listed(work.files, work.scope, work.configuration):
            print(clean(path))
        return 0
    return perform(work, fix=parsed.flag("fix"), diff=parsed.flag("diff"), rest=not parsed.flag("fix-only"))


def perform(work: Task, *, fix: bool, diff: bool, rest: bool) -> int:
    """Fix, check and report as asked. rest: also report what is left after fixing."""
    outcome = Outcome(exit_zero=work.parsed.flag("exit-zero"))
    outcome.unsafe_fixes = work.unsafe
    if fix or diff:
        from fsbp_lsp.cli.repair import repair

        repair(work, outcome, write=fix)
        if work.stdin:
            # The repaired text is the answer; findings would be mixed with it.
            outcome.close()
            _conclude(work, outcome, would=diff)
            return outcome.exit_code
    if not diff and rest:
        for report in analyse(work.files, work.scope, work.configuration.settings_for):
            if report.key.kind == "plan" and report.module is None:
                # A gate that was handed a plan must not pass for want of one.
                raise Stop(f"{report.key.path}: {'; '.join(finding.message for finding in report.findings)}")
            outcome.add(report)
    outcome.close()
    if not diff:
        _report(work, outcome)
    _conclude(work, outcome, would=diff, rest=rest)
    return outcome.exit_code


def _report(work: Task, outcome: Outcome) -> None:
    """Findings, to standard output or the file asked for."""
    target = work.parsed.value("output-file")
    if target in ("", "-"):
        write = sys.stdout.write
        for text in rendered(work, outcome, sys.stdout):
            write(text)
        sys.stdout.flush()
        return
    text = "".join(rendered(work, outcome, None))
    try:
        with open(target, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
            out.write(text)
    except OSError as error:
        raise Stop(f"cannot write {target}: {error.strerror or error}") from None


def rendered(work: Task, outcome: Outcome, stream: object) -> list[str]:
    """The findings in the format asked for, as pieces of text to be written one after the other."""
    parsed = work.parsed
    unknown = _wants_unknown(work)
    held = parsed.flag("show-suppressed")
    form = parsed.value("output-format", "full")
    if form == "json":
        from fsbp_lsp.report import document

        return [document.render(outcome, show_unknown=unknown, show_suppressed=held)]
    if form == "sarif":
        from fsbp_lsp.report import sarif

        return [sarif.render(outcome, show_suppressed=held)]
    if form == "github":
        from fsbp_lsp.report import github

        return [f"{line}\n" for line in github.commands(outcome)]
    from fsbp_lsp.report import terminal

    style = terminal.Style(terminal.want_color(parsed.value("color", "auto"), stream))
    if parsed.flag("statistics"):
        lines = list(terminal.statistics(outcome))
    else:
        lines = list((terminal.concise if form == "concise" else terminal.full)(outcome, style))
    if held:
        lines.extend(terminal.suppressed(outcome))
    if unknown:
        lines.extend(terminal.unknown(outcome))
    return [f"{line}\n" for line in lines]


def _conclude(work: Task, outcome: Outcome, *, would: bool = False, rest: bool = True) -> None:
    """What standard error gets: the fixes when asked for, and the summary."""
    from fsbp_lsp.report.closing import closing, fix_lines

    fixes_shown = work.parsed.flag("show-fixes")
    if fixes_shown:
        for line in fix_lines(outcome, would=would):
            say(line)
    if work.parsed.flag("quiet"):
        return
    judged = rest and not would and not (outcome.fixing and work.stdin)
    verbose = work.parsed.flag("verbose")
    if verbose and judged:
        from fsbp_lsp.engine.foreign import foreign
        from fsbp_lsp.report.clean import clean

        for path, why in foreign(work.files, work.scope.paths, lambda path: work.configuration.settings_for(path).excluded(path)):
            say(f"Left alone: {clean(path)}: {why}.")
    unknown_shown = _wants_unknown(work)
    for line in closing(outcome, verbose=verbose, would=would, judged=judged, unknown_shown=unknown_shown, fixes_shown=fixes_shown):
        say(line)


def _wants_unknown(work: Task) -> bool:
    return work.parsed.flag("show-unknown") or work.configuration.settings_for(_probe(work.scope.paths[0])).show_unknown
