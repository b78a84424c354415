"""What the pre-commit hooks run: the files of a commit in, one line per finding out, silence when all is well."""

from __future__ import annotations

import os
import sys

from fsbp_lsp.cli.app import say
from fsbp_lsp.cli.check import Task, rendered
from fsbp_lsp.cli.commands import CHECK
from fsbp_lsp.cli.configuration import configuration
from fsbp_lsp.cli.options import parse, usage
from fsbp_lsp.engine.check import Scope
from fsbp_lsp.engine.check import check as analyse
from fsbp_lsp.engine.discover import TEMPLATE_ENDINGS, TERRAFORM_ENDINGS, is_terraform
from fsbp_lsp.files import IndexFiles, spelled
from fsbp_lsp.report.outcome import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


HANDED_OVER = (*TERRAFORM_ENDINGS, *TEMPLATE_ENDINGS, ".toml")
"""How names end that the manifest lets through."""


def run_hook(argv: Sequence[str], fix: bool) -> int:
    """Judge the modules of the given files (see `IndexFiles` for what counts); with `fix`, repair those files first.

    Takes the options of `fsbp check`; excluded files stay excluded though the hook names them.
    """
    # A hook program hands over names of files without marking them as such; none of them is an option.
    names = [word for word in argv if word.startswith("-") and word.endswith(HANDED_OVER) and os.path.lexists(word)]
    parsed = parse(CHECK, [word for word in argv if word not in names])
    parsed.operands.extend(names)
    if parsed.flag("help"):
        sys.stdout.write(usage(CHECK))
        return 0
    files = IndexFiles()
    # A file may go between staging and running; what is not there needs no judgement. What the commit deletes is
    # not passed to hooks, yet the modules it leaves are touched: a companion may be gone.
    named = [spelled(path) for path in parsed.operands if os.path.lexists(path)]
    paths = tuple(dict.fromkeys((*named, *(path for path in files.deleted() if is_terraform(path)))))
    if not paths:
        return 0
    scope = Scope(paths, parsed.value("scope", "module"), hook=True)
    work = Task(parsed, files, scope, configuration(parsed, files))
    outcome = Outcome(exit_zero=parsed.flag("exit-zero"), everywhere=True)
    outcome.unsafe_fixes = work.unsafe
    if fix or parsed.flag("fix"):
        from fsbp_lsp.cli.repair import repair

        work.only = set(paths)
        repair(work, outcome, write=True)
    for report in analyse(files, scope, work.configuration.settings_for):
        outcome.add(report)
    outcome.close()
    _print(work, outcome)
    return outcome.exit_code


def _print(work: Task, outcome: Outcome) -> None:
    parsed = work.parsed
    if not parsed.value("output-format"):
        parsed.take(next(option for option in CHECK.options if option.key == "output-format"), "--output-format", "concise")
    if not parsed.value("color") and os.environ.get("PRE_COMMIT_COLOR") == "always":
        parsed.take(next(option for option in CHECK.options if option.key == "color"), "--color", "always")
    sys.stdout.write("".join(rendered(work, outcome, sys.stdout)))
    sys.stdout.flush()
    if (outcome.entries or outcome.changed) and not parsed.flag("quiet"):
        from fsbp_lsp.report.closing import hook_closing

        for line in hook_closing(outcome):
            say(line)
