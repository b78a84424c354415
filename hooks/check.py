"""`fsbp-hook-check`: judge the modules that the given files belong to."""

from __future__ import annotations

import sys


def main() -> int:
    """Exit status for the files named on the command line: 0 nothing blocks, 1 something blocks, 2 cannot run."""
    from fsbp_lsp.cli import hook_main

    return hook_main(sys.argv[1:], fix=False)


if __name__ == "__main__":
    sys.exit(main())
