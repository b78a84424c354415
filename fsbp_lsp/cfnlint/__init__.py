"""Floor 8: side by side with cfn-lint. The only package beside `dev` that imports it, and nothing imports this package.

`rules`: our controls as rules of cfn-lint (`cfn-lint --append-rules fsbp_lsp.cfnlint.rules`).
`child`: the process in which the language server has cfn-lint look at a saved template.
"""
