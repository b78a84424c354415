"""Files that live in a dict: what specs and property tests feed the engine."""

from fsbp_lsp.dev.replay import MemoryFiles

__all__ = ["MemoryFiles"]
