"""`python -P -m fsbp_lsp.cfnlint.child TEMPLATE`: cfn-lint's own findings as JSON, for the language server.

A process of its own, because importing cfn-lint takes longer than all our work on a template, and because a
process can be ended at any moment. A `.cfnlintrc` counts, but for rules it appends: they would be code of the
repository somebody merely looks at.
"""

from __future__ import annotations

import glob
import json
import os
import sys
from typing import Any


def main(path: str) -> int:
    """Print a list of {line, column, end_line, end_column (1-based characters), id, level, message, url}."""
    if hasattr(os, "nice"):
        os.nice(10)  # the editor comes first
    from cfnlint.config import ConfigMixIn
    from cfnlint.runner import Runner

    class Config(ConfigMixIn):  # type: ignore[misc]  # cfn-lint carries no types
        @property
        def append_rules(self) -> list[str]:
            return list(super().append_rules[:1])

    found: list[dict[str, Any]] = [
        {
            "line": match.linenumber,
            "column": match.columnnumber,
            "end_line": match.linenumberend,
            "end_column": match.columnnumberend,
            "id": match.rule.id,
            "level": match.rule.severity,
            "message": match.message,
            "url": match.rule.source_url,
        }
        for match in Runner(Config(["--", glob.escape(path)])).run()
    ]
    json.dump(found, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
