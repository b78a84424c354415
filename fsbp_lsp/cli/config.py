"""`fsbp config`: what can stand in fsbp.toml."""

from __future__ import annotations

import textwrap

from fsbp_lsp.cli.app import Stop
from fsbp_lsp.cli.options import near
from fsbp_lsp.config.keys import ASSUMPTIONS, BY_NAME, KEYS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.cli.options import Parsed
    from fsbp_lsp.config.keys import Key


def config(parsed: Parsed) -> int:
    """Run `fsbp config`; returns the exit status."""
    if parsed.flag("schema"):
        print(schema_text(), end="")
        return 0
    if parsed.operands:
        name = parsed.operands[0]
        key = BY_NAME.get(name)
        if key is None:
            raise Stop(f"there is no setting `{name}`{near(name, BY_NAME)}")
        print("\n".join(_described(key)))
        return 0
    print("Settings of fsbp.toml, .fsbp.toml or [tool.fsbp] in pyproject.toml; `fsbp config KEY` says more.\n")
    for key in KEYS:
        print(f"  {key.name:<18}{key.help.partition(';')[0].partition(':')[0].partition('. ')[0].rstrip('.')}")
    return 0


def _described(key: Key) -> list[str]:
    lines = [f"{key.name} (default: {key.default})", "", *textwrap.wrap(key.help, 90)]
    if key.name == "assume":
        lines += ["", *(f"  {item.name:<30}{item.help}" for item in ASSUMPTIONS)]
    return [*lines, "", *(f"    {line}" for line in key.example.splitlines())]


def schema_text() -> str:
    """The JSON schema of fsbp.toml as it is committed under docs/schema."""
    import json

    from fsbp_lsp.config.schema import schema
    from fsbp_lsp.controls import registry

    return json.dumps(schema(registry.parameters()), indent=2, ensure_ascii=False) + "\n"
