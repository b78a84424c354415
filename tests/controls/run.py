"""Runs the engine over a spec section, as the command line would."""

from fsbp_lsp.dev.replay import TODAY, findings, keys_of, reports, settings_from_text

__all__ = ["TODAY", "findings", "keys_of", "reports", "settings_from_text"]
