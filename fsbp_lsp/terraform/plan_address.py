"""Addresses and references as a plan spells them: `module.x["a"].aws_s3_bucket.b[0].id`."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    Key = str | int | None
    Step = tuple[str, Key]

_STEP = re.compile(r'\.?([^.\[\]"]+)((?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])*)')
_KEY = re.compile(r'\[(\d+|"(?:[^"\\]|\\.)*")\]')


def parse_address(text: str) -> list[Step]:
    """(name, instance key or None) for every step; of several indices in a row the first counts. [] when not understood."""
    steps: list[Step] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            return []
        key = _KEY.match(found[2]) if found[2] else None
        steps.append((found[1], None if key is None else _key(key[1])))
        at = found.end()
    return steps


def _key(text: str) -> Key:
    if text[0] != '"':
        return int(text) if len(text) < 12 else None
    inner = text[1:-1]
    if "\\" in inner:
        import json

        try:
            inner = str(json.loads(f'"{inner}"'))
        except ValueError:
            return None
    return inner.replace("$${", "${").replace("%%{", "%{")


def show_key(key: Key) -> str:
    """`["a"]`, `[0]`, or '' for a single instance, as Terraform prints it."""
    if key is None:
        return ""
    if isinstance(key, int):
        return f"[{key}]"
    escaped = key.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return f'["{escaped.replace("${", "$${").replace("%{", "%%{")}"]'


def longest(references: list[str]) -> list[str]:
    """The references themselves, without the shorter forms of each that a plan lists behind it."""
    return [text for text in references if not any(other.startswith((f"{text}.", f"{text}[")) for other in references)]
