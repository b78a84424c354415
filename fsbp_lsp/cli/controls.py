"""`fsbp controls`: the catalogue, and what this release decides of it."""

from __future__ import annotations

from fsbp_lsp import catalog
from fsbp_lsp.cli.app import Stop
from fsbp_lsp.cli.show import columns
from fsbp_lsp.controls import registry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsbp_lsp.cli.options import Parsed


def controls(parsed: Parsed) -> int:
    """Run `fsbp controls`; returns the exit status."""
    if parsed.flag("check"):
        complaints = list(registry.validate())
        print("\n".join(complaints) if complaints else f"{len(registry.load_all())} controls are declared as they should be")
        return 1 if complaints else 0
    registry.load_all()
    chosen = _chosen(parsed.operands)
    rows = [(entry, *registry.coverage(entry.id)) for entry in chosen]
    if parsed.value("output-format") == "json":
        import json

        print(json.dumps([_facts(entry, state, reason) for entry, state, reason in rows], indent=2))
    elif parsed.flag("coverage"):
        print("\n".join(_coverage(rows)))
    else:
        lines = [(entry.id, entry.severity, state, _title(entry)) for entry, state, _reason in rows]
        print("\n".join(columns(("CONTROL", "SEVERITY", "COVERAGE", "TITLE"), lines)))
    return 0


def _chosen(patterns: Sequence[str]) -> list[catalog.Control]:
    entries = [entry for entry in catalog.all_controls() if entry.status == "fsbp" or entry.id in catalog.GUIDE]
    if not patterns:
        return entries
    found: dict[str, catalog.Control] = {}
    for pattern in patterns:
        matched = [
            entry
            for entry in catalog.all_controls()
            if catalog.matches(pattern, entry.id) or entry.id in catalog.GATE_SETS.get(pattern, ())
        ]
        if not matched:
            near = catalog.closest(pattern, catalog.GATE_SETS)
            raise Stop(f"there is no control `{pattern}`" + (f"; did you mean `{near[0]}`?" if near else ""))
        found.update((entry.id, entry) for entry in matched)
    return sorted(found.values(), key=lambda entry: catalog.natural_key(entry.id))


def _title(entry: catalog.Control) -> str:
    return entry.title if entry.status == "fsbp" else f"{entry.title} ({entry.status.replace('-', ' ')})"


def _facts(entry: catalog.Control, state: str, reason: str) -> dict[str, str | None]:
    return {
        "id": entry.id,
        "title": entry.title,
        "severity": entry.severity,
        "status": entry.status,
        "coverage": state,
        "coverage_reason": reason or None,
        "url": entry.url,
    }


def _coverage(rows: list[tuple[catalog.Control, str, str]]) -> list[str]:
    lines: list[str] = []
    total = len(rows)
    for state, text in (
        ("full", "decided from source"),
        ("partial", "decided in part"),
        ("not yet", "not checked by this release"),
        ("none", "not decidable from source"),
    ):
        number = sum(1 for _entry, found, _reason in rows if found == state)
        lines.append(f"{number:>4}  {state:<8}  {text}")
    lines.append(f"{total:>4}  in all, as of {catalog.AS_OF}")
    for state in ("partial", "none"):
        found = [(entry.id, reason) for entry, kind, reason in rows if kind == state]
        if found:
            lines += ["", *columns((state.upper(), "WHY"), found)]
    return lines
