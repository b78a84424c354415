"""`fsbp server`: the language server, imported here and nowhere else on the command line."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def serve(argv: Sequence[str]) -> int:
    """Run the language server until its client ends it; returns its exit status."""
    from fsbp_lsp.server import main

    return main(list(argv))
