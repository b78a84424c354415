"""`fsbp-hook-fix`: apply the safe fixes to the given files."""

from __future__ import annotations

import sys


def main() -> int:
    """Exit status: 0 nothing to do, 1 files were changed or something still blocks, 2 cannot run."""
    from fsbp_lsp.cli import hook_main

    return hook_main(sys.argv[1:], fix=True)


if __name__ == "__main__":
    sys.exit(main())
