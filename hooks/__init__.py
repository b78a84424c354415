"""Entry points of the pre-commit hooks; installed as `fsbp_lsp_hooks`."""
