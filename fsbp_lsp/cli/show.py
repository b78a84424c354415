"""`fsbp check --show-settings`: which file the settings come from, and why each control is on, off or blocking."""

from __future__ import annotations

from fsbp_lsp import catalog
from fsbp_lsp.config.keys import KEYS, META_LEVELS
from fsbp_lsp.controls import registry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from fsbp_lsp.cli.check import Task
    from fsbp_lsp.config import Settings


def show_settings(work: Task) -> int:
    """Print the settings in force for the first path; returns the exit status."""
    from fsbp_lsp.cli.check import _probe

    path = work.scope.paths[0]
    settings = work.configuration.settings_for(_probe(path))
    print(f"Settings for {path}: {settings.shown_source}")
    print()
    for key in KEYS:
        if key.name not in ("extend", "controls"):
            print(f"{key.name} = {_shown(settings, key.name, key.default)}")
    print()
    checked = registry.load_all()
    rows = []
    others = False
    for id in checked:
        entry = catalog.control(id)
        severity = entry.severity if entry is not None else ""
        on = settings.selected(id)
        level = settings.level(id, severity) if on else "off"
        why = settings.why_level(id, severity) if on else settings.why_selected(id)
        if why == "not selected":
            others = True
        else:
            rows.append((id, severity, level, why))
    rows.extend((id, "-", settings.level(id, ""), settings.why_level(id, "")) for id in META_LEVELS)
    print("\n".join(columns(("CONTROL", "SEVERITY", "LEVEL", "WHY"), rows)))
    if others:
        print("The other controls are not selected.")
    return 0


def _shown(settings: Settings, name: str, default: str) -> str:
    attribute = name.replace("-", "_")
    value: Any = getattr(settings, f"{attribute}_ids" if name in ("fixable", "unfixable") else attribute)
    if name == "exclude":
        value = tuple(text for patterns in value for text in patterns.texts)
    elif name == "per-path-ignores":
        value = {patterns.texts[0]: list(ids) for patterns, ids in value}
    if value is None:
        return default
    return spoken(value)


def spoken(value: Any) -> str:
    """A setting as TOML would write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(spoken(item) for item in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)} = {spoken(item)}" for key, item in value.items()) + "}"
    if isinstance(value, str):
        import json

        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _key(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() and key.isascii() else spoken(key)


def columns(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Lines of a table with left-aligned columns; the last one is as long as it is."""
    table = [head, *rows]
    widths = [max(len(row[number]) for row in table) for number in range(len(head) - 1)]
    return ["  ".join([*(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in table]
