"""Floor 10: what developers run: `python -m fsbp_lsp.dev catalog|index|schemas|audit|docs|bench`. Imported by nothing."""
