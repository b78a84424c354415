"""`fsbp fix`: the same as `fsbp check --fix --fix-only`."""

from __future__ import annotations

from fsbp_lsp.cli.check import perform, task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.cli.options import Parsed


def fix(parsed: Parsed) -> int:
    """Run `fsbp fix`; returns the exit status."""
    diff = parsed.flag("diff")
    return perform(task(parsed), fix=not diff, diff=diff, rest=False)
