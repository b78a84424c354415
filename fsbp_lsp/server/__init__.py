"""Floor 8: the language server; the only package that knows the protocol. `main` is the command `fsbp-lsp`."""

from __future__ import annotations

from fsbp_lsp.server.command import main

__all__ = ["main"]
