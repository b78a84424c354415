"""Floor 7: one outcome, many formats. Findings only; what else a run has to say is `closing`.

Modules: `outcome` (what a run came to), `terminal` (full, concise and lists), `document` (JSON), `sarif`,
`github`, `closing` (summary and exit status). They are imported one by one: a run needs one format.
"""

FORMATS = ("full", "concise", "json", "sarif", "github")
