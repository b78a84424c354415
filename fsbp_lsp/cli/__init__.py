"""Floor 9: the command line and what the hooks call. One module per subcommand, imported when it runs."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["hook_main", "main"]


def main(argv: Sequence[str] | None = None) -> int:
    """`fsbp`. Returns the exit status: 0 nothing blocks, 1 something blocks or files changed, 2 cannot run."""
    import sys

    from fsbp_lsp.cli.app import run

    return run(sys.argv[1:] if argv is None else argv)


def hook_main(argv: Sequence[str], fix: bool = False) -> int:
    """What the pre-commit hooks run: options, then the files of the commit. Returns the exit status as `main` does."""
    from fsbp_lsp.cli.app import guarded
    from fsbp_lsp.cli.hook import run_hook

    return guarded(lambda: run_hook(argv, fix))
