"""`python -m fsbp_lsp.dev COMMAND …`: each command is the module of that name."""

from __future__ import annotations

import importlib
import sys

COMMANDS = {
    "catalog": "regenerate catalog/_data.py from _catalog.toml; --from CSV rewrites the TOML first",
    "index": "regenerate controls/_index.py",
    "schemas": "cut the provider schemas down to the resource types in use (tests/schemas)",
    "audit": "check every binding against those schemas",
    "docs": "regenerate docs/controls from specs, catalogue and bindings; --check only compares",
    "bench": "measure speed and print ratios",
}


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in COMMANDS:
        width = max(map(len, COMMANDS))
        print("usage: python -m fsbp_lsp.dev COMMAND …", *(f"  {name:{width}}  {what}" for name, what in COMMANDS.items()), sep="\n")
        return 2
    module = importlib.import_module(f"fsbp_lsp.dev.{arguments[0]}")
    status: int = module.main(arguments[1:])
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
