"""`fsbp explain`: all there is to know about one control."""

from __future__ import annotations

from fsbp_lsp import catalog
from fsbp_lsp.cli.app import Stop
from fsbp_lsp.cli.configuration import configuration
from fsbp_lsp.cli.options import UsageError
from fsbp_lsp.config.keys import ASSUMPTIONS, META_LEVELS
from fsbp_lsp.controls import registry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from fsbp_lsp.cli.options import Parsed
    from fsbp_lsp.config import Settings

_WIDTH = 100
"""Characters per line of prose."""

_COVERAGE = {
    "full": "decided from source",
    "partial": "decided from source in part",
    "none": "not decidable from source",
    "not yet": "not checked by this release",
}

_META = {
    "syntax": "The file cannot be read in full. What it declares is still checked; that something is missing is not claimed.",
    "unreadable": "The file cannot be read at all: too large, no permission, or not a regular file.",
    "internal-error": "A control failed to run on a resource. This is a mistake in fsbp; the run ends with status 2.",
    "unused-ignore": "An ignore comment names a control that finds nothing there.",
    "expired-ignore": "The `until=` date of an ignore comment has passed, or is no date. The comment has no effect.",
    "unknown-control": "An ignore comment names a control that does not exist.",
    "missing-reason": "`require-reason` is set and an ignore comment gives no `-- reason`.",
}


def explain(parsed: Parsed) -> int:
    """Run `fsbp explain`; returns the exit status."""
    if not parsed.operands:
        raise UsageError("`fsbp explain` needs the id or slug of a control, as in `fsbp explain S3.8`")
    wanted = parsed.operands[0]
    settings = configuration(parsed).settings_for("main.tf")
    if wanted in META_LEVELS:
        print(f"{wanted}: {_META[wanted]}")
        print(f'\nLevel: {settings.level(wanted, "")}. Change it with [controls.{wanted}] level = "block|warn|off".')
        return 0
    declared = registry.declared(wanted)
    entry = catalog.control(declared.id if declared is not None else wanted)
    if entry is None:
        slugs = [control.slug for control in registry.load_all().values()]
        near = catalog.closest(wanted, [*slugs, *META_LEVELS])
        raise Stop(f"there is no control `{wanted}`" + (f"; did you mean `{near[0]}`?" if near else ""))
    facts = _facts(entry, declared, settings)
    if parsed.value("output-format") == "json":
        import json

        print(json.dumps(facts, indent=2))
        return 0
    print("\n".join(_text(facts)))
    return 0


def _facts(entry: catalog.Control, declared: registry.Control | None, settings: Settings) -> dict[str, Any]:
    state, reason = registry.coverage(entry.id)
    told = catalog.explanation(entry.id) or {}
    facts: dict[str, Any] = {
        "id": entry.id,
        "title": entry.title,
        "severity": entry.severity,
        "status": entry.status,
        "url": entry.url,
        "config_rule": entry.config_rule or None,
        "coverage": state,
        "coverage_reason": reason or None,
        "gate_sets": [name for name, ids in catalog.GATE_SETS.items() if entry.id in ids],
        "summary": told.get("summary") or None,
        "bindings": told.get("bindings", []),
        "fixes": told.get("fixes", []),
        "page": told.get("page"),
        "slug": declared.slug if declared is not None else None,
        "terraform": [name for name in declared.types() if "::" not in name] if declared is not None else [],
        "cloudformation": [name for name in declared.types() if "::" in name] if declared is not None else [],
        "no_fix": (declared.no_fix or None) if declared is not None else None,
        "assumptions": list(declared.assumptions) if declared is not None else [],
        "parameters": [
            {"name": item.name, "type": item.type.__name__, "default": item.default, "help": item.help}
            for item in (declared.parameters if declared is not None else ())
        ],
        "selected": settings.selected(entry.id),
        "level": settings.level(entry.id, entry.severity),
        "level_because": settings.why_level(entry.id, entry.severity),
    }
    return facts


def _text(facts: dict[str, Any]) -> Iterator[str]:
    from fsbp_lsp.cli.show import spoken

    id = facts["id"]
    yield f"{id}: {facts['title']}"
    yield ""
    if facts["summary"]:
        import textwrap

        yield from textwrap.wrap(facts["summary"].replace("`", ""), _WIDTH, break_on_hyphens=False)
        yield ""
    status = {"fsbp": "in the FSBP standard", "retired": "retired by AWS", "security-hub-only": "in other Security Hub standards"}
    yield f"Severity        {facts['severity']}, {status.get(facts['status'], facts['status'])}"
    sets = [name for name in facts["gate_sets"] if name != "fsbp"]
    if sets:
        yield f"Gate sets       {', '.join(sets)}"
    reason = f": {facts['coverage_reason']}" if facts["coverage_reason"] and facts["coverage"] != "not yet" else ""
    yield f"Coverage        {_COVERAGE[facts['coverage']]}{reason}"
    if facts["slug"]:
        yield f"Slug            {facts['slug']}"
        yield f"Terraform       {', '.join(facts['terraform']) or 'no resource'}"
        yield f"CloudFormation  {', '.join(facts['cloudformation']) or 'no resource'}"
        levels = ", ".join(dict.fromkeys(fix["safety"] for fix in facts["fixes"]))
        offered = f"offered ({levels})" if levels else "offered"
        yield f"Fix             {'none: ' + facts['no_fix'] if facts['no_fix'] else offered}"
    if facts["config_rule"]:
        yield f"Config rule     {facts['config_rule']}"
    yield f"AWS             {facts['url']}"
    yield f"Level           {facts['level']} ({facts['level_because']})" if facts["selected"] else "Level           off"
    for name in facts["assumptions"]:
        text = next((item.help for item in ASSUMPTIONS if item.name == name), "")
        yield f"Assumption      {name}: {text}"
    for item in facts["parameters"]:
        yield f"Parameter       {item['name']} = {spoken(item['default'])}: {item['help']}"
    yield from _reads(facts["bindings"])
    if facts["coverage"] in ("full", "partial"):
        yield ""
        yield f"Ignore here    # fsbp:ignore {id} until=2030-01-31 -- reason"
        yield "               (in a JSON template: Metadata.fsbp.ignore of the resource)"
        yield f'Change level   [controls."{id}"] level = "block|warn|verify|off" in fsbp.toml'


def _reads(bindings: list[dict[str, Any]]) -> Iterator[str]:
    """The properties the control reads, and what holds where they are not written."""
    rows: dict[str, None] = {}
    for table in bindings:
        for row in table["properties"]:
            where = " | ".join(row[dialect] for dialect in ("terraform", "cloudformation") if row[dialect])
            said = f"default {row['default']}" if row["default"] != "none" else ""
            rows[f"{where} ({said})" if said else where] = None
    for number, line in enumerate(rows):
        yield ("Reads           " if not number else " " * 16) + line
