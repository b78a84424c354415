"""What a plan marks as sensitive, and how it is kept out of everything that is shown.

Values read by controls are `Hidden` and show themselves as such. A control may still put a part of one in words of
its own, and a line of source may hold one; both are looked over here.
"""

from __future__ import annotations

import re

from fsbp_lsp.terraform.plan_text import rows, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from fsbp_lsp.terraform.plan_entries import Entry
    from fsbp_lsp.terraform.plan_text import Table
    from fsbp_lsp.text import Loc

_TELLING = 8
"""Parts of a sensitive document shorter than this (`*`, `Allow`) tell nothing; where they are values, they are hidden as such."""
_VERSIONS = frozenset({"2012-10-17", "2008-10-17"})
_SHORT = 4
"""Sensitive texts shorter than this are taken out of messages as whole words only."""


class Secrets:
    """The sensitive texts and numbers of a plan, longest first: of planned values, variables and outputs."""

    def __init__(self, plan: Table, entries: Iterable[Entry]) -> None:
        found: set[str] = set()
        for entry in entries:
            _collect(entry.after, entry.hidden, found, 0)
        declared = table(table(table(plan.get("configuration")).get("root_module")).get("variables"))
        given = table(plan.get("variables"))
        for name, variable in declared.items():
            if table(variable).get("sensitive") is True:
                _collect(table(given.get(name)).get("value"), True, found, 0)
        for output in table(table(plan.get("planned_values")).get("outputs")).values():
            if table(output).get("sensitive") is True:
                _collect(table(output).get("value"), True, found, 0)
        self._found = sorted(found - {"", "true", "false", "null"}, key=lambda text: (-len(text), text))

    def shown_at(self, at: Loc) -> bool:
        """The first line of a place holds something sensitive, so that it must not be quoted."""
        if not self._found:
            return False
        lines = at.file.lines
        start, end = lines.line_span(lines.line(at.start))
        text = at.file.data[start:end].decode("utf-8", "replace")
        return self.redact(text) != text

    def redact(self, text: str) -> str:
        """The text without anything sensitive."""
        for secret in self._found:
            if secret not in text:
                continue
            if len(secret) >= _SHORT:
                text = text.replace(secret, "(sensitive)")
            else:
                text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "(sensitive)", text)
        return text


def _collect(data: object, hidden: object, found: set[str], depth: int) -> None:
    if depth > 50 or hidden in (None, False, [], {}):
        return
    if isinstance(data, dict):
        for name, value in data.items():
            _collect(value, True if hidden is True else table(hidden).get(name), found, depth + 1)
    elif isinstance(data, list):
        marks = rows(hidden)
        for number, value in enumerate(data):
            _collect(value, True if hidden is True else marks[number] if number < len(marks) else False, found, depth + 1)
    elif hidden is True and isinstance(data, (str, int, float)) and not isinstance(data, bool):
        text = str(data)
        found.add(text)
        if text.lstrip()[:1] in ("{", "["):
            # A document in a string: controls quote its parts.
            import json

            parts: set[str] = set()
            try:
                _collect(json.loads(text), True, parts, depth + 1)
            except (ValueError, RecursionError):
                return
            found |= {part for part in parts if len(part) >= _TELLING and part not in _VERSIONS}
