"""The JSON report: versioned, with bytes and lines, described by docs/schema/report.schema.json."""

from __future__ import annotations

from fsbp_lsp import __version__
from fsbp_lsp.report.clean import encodable as _text
from fsbp_lsp.report.places import position, slashed
from fsbp_lsp.report.words import given_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from fsbp_lsp.engine.check import Undecided
    from fsbp_lsp.model import Finding, Fix, IgnoreComment
    from fsbp_lsp.report.outcome import Entry, Outcome
    from fsbp_lsp.text import Loc, SourceFile

SCHEMA = 1
"""Raised when a consumer of the former version could misread the new one; new fields do not raise it."""


def render(outcome: Outcome, *, show_unknown: bool = False, show_suppressed: bool = False) -> str:
    """The whole report as JSON text."""
    import json

    return json.dumps(document(outcome, show_unknown=show_unknown, show_suppressed=show_suppressed), indent=2, ensure_ascii=True) + "\n"


def document(outcome: Outcome, *, show_unknown: bool = False, show_suppressed: bool = False) -> dict[str, Any]:
    """The report as plain data. `unknown` and `suppressed` are there only when asked for."""
    made: dict[str, Any] = {
        "schema": SCHEMA,
        "tool": {"name": "fsbp-lsp", "version": __version__},
        "findings": [_entry(entry) for entry in (*outcome.entries, *outcome.verify)],
    }
    if show_suppressed:
        made["suppressed"] = [_suppressed(finding, comment) for finding, comment in outcome.suppressed]
    if show_unknown:
        made["unknown"] = [_undecided(item) for item in outcome.unknown]
        made["assumed"] = [_undecided(item) for item in outcome.assumed]
    if outcome.fixing:
        made["fixed"] = [{"control": f.control, "address": _text(f.address), "fingerprint": f.fingerprint} for f in outcome.fixed]
        made["changed"] = [_text(slashed(path)) for path in outcome.changed]
    made["summary"] = outcome.summary()
    return made


def _undecided(item: Undecided) -> dict[str, Any]:
    return {
        "control": item.control,
        "address": _text(item.resource.address),
        "reason": _text(item.reason),
        **_place(item.resource.header),
    }


def _point(file: SourceFile, offset: int) -> dict[str, int]:
    line, column = position(file, offset)
    return {"byte": offset, "line": line, "column": column}


def _place(at: Loc) -> dict[str, Any]:
    return {"path": _text(slashed(at.path)), "start": _point(at.file, at.start), "end": _point(at.file, at.end)}


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        **_finding(entry.finding),
        "title": entry.title or None,
        "severity": entry.severity or None,
        "level": entry.level,
        "url": entry.url or None,
        "fixes": [_fix(fix) for fix in entry.finding.fixes],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    resource = finding.resource
    return {
        "control": finding.control,
        "verdict": finding.verdict.value,
        "message": _text(finding.message),
        **_place(finding.at),
        "address": _text(resource.address) if resource is not None else None,
        "type": resource.type if resource is not None else None,
        "name": (_text(given_name(resource)) or None) if resource is not None else None,
        "construct": (_text(resource.construct) or None) if resource is not None else None,
        "dialect": resource.dialect.name if resource is not None else None,
        "module": _text(slashed(resource.module.path)) if resource is not None else None,
        "instances": [_text(address) for address in finding.instances],
        "value": _text(finding.value) or None,
        "provenance": [
            {
                "via": origin.via.name.lower(),
                "note": _text(origin.note),
                "at": _place(origin.at) if origin.at is not None else None,
            }
            for origin in finding.origins
        ],
        "related": [{"message": _text(text), **_place(place)} for place, text in finding.related],
        "fingerprint": finding.fingerprint,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "title": _text(fix.title),
        "safety": fix.safety.word,
        "note": _text(fix.note) or None,
        "refused": _text(fix.refused) or None,
        "edits": [{**_place(edit.at), "text": _text(edit.text)} for edit in fix.edits],
    }


def _suppressed(finding: Finding, comment: IgnoreComment) -> dict[str, Any]:
    return {
        **_finding(finding),
        "ignore": {
            "reason": _text(comment.reason) or None,
            "until": _text(comment.until) or None,
            **_place(comment.at),
        },
    }
