"""`fsbp version`."""

from __future__ import annotations

from fsbp_lsp import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.cli.options import Parsed


def version(parsed: Parsed) -> int:
    """Print the version, or with `--output-format json` also what a bug report needs."""
    if parsed.value("output-format") != "json":
        print(f"fsbp {__version__}")
        return 0
    import json
    import platform
    import sys

    from fsbp_lsp import catalog

    facts = {
        "version": __version__,
        "catalogue": catalog.AS_OF,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "executable": sys.executable,
    }
    print(json.dumps(facts, indent=2))
    return 0
