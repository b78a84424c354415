"""SARIF 2.1.0, for code scanning services."""

from __future__ import annotations

from fsbp_lsp import __version__, catalog
from fsbp_lsp.report.clean import encodable as _text
from fsbp_lsp.report.outcome import ENGINE_FAULT
from fsbp_lsp.report.places import position, uri
from fsbp_lsp.report.words import hop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from fsbp_lsp.model import Finding, Fix, IgnoreComment
    from fsbp_lsp.report.outcome import Entry, Outcome
    from fsbp_lsp.text import Loc

SCHEMA_URI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
HOME = "https://docs.aws.amazon.com/securityhub/latest/userguide/fsbp-standard.html"
_SCORES = {"CRITICAL": "9.5", "HIGH": "8.0", "MEDIUM": "5.5", "LOW": "2.0"}
"""GitHub reads a number: over 9.0 is critical, 7.0 high, 4.0 medium, below low."""
_SOURCE_RULES = {
    "syntax": "The file has a syntax error, so what it lacks is not certain",
    "unreadable": "The file could not be read",
    "internal-error": "A control failed to run",
    "unused-ignore": "An ignore comment has nothing to ignore",
    "expired-ignore": "An ignore comment has ended",
    "unknown-control": "An ignore comment names a control that does not exist",
    "missing-reason": "An ignore comment gives no reason",
}


def render(outcome: Outcome, *, show_suppressed: bool = False) -> str:
    """The whole log as JSON text."""
    import json

    return json.dumps(log(outcome, show_suppressed=show_suppressed), indent=2, ensure_ascii=True) + "\n"


def log(outcome: Outcome, *, show_suppressed: bool = False) -> dict[str, Any]:
    """The log as plain data."""
    entries = [*outcome.entries, *outcome.verify]
    held = outcome.suppressed if show_suppressed else []
    ids = sorted({entry.id for entry in entries} | {finding.control for finding, _comment in held}, key=catalog.natural_key)
    index = {id: number for number, id in enumerate(ids)}
    results = [_result(entry, index) for entry in entries]
    results.extend(_suppressed(finding, comment, index) for finding, comment in held)
    invocation: dict[str, Any] = {"executionSuccessful": not outcome.faulty, "exitCode": outcome.exit_code}
    notices = [
        {"level": "error" if entry.id == ENGINE_FAULT else "warning", "message": {"text": _text(entry.finding.message)}}
        for entry in outcome.entries
        if entry.id in (ENGINE_FAULT, "unreadable")
    ]
    if notices:
        invocation["toolExecutionNotifications"] = notices
    return {
        "$schema": SCHEMA_URI,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "fsbp-lsp",
                        "semanticVersion": __version__,
                        "informationUri": HOME,
                        "rules": [_rule(id) for id in ids],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [invocation],
                "results": results,
                "properties": {"summary": outcome.summary()},
            }
        ],
    }


def _rule(id: str) -> dict[str, Any]:
    control = catalog.control(id)
    if control is None:
        text = _SOURCE_RULES.get(id, id)
        return {"id": id, "shortDescription": {"text": text}, "properties": {"tags": ["source"]}}
    return {
        "id": id,
        "shortDescription": {"text": control.title},
        "fullDescription": {"text": f"AWS Security Hub control {id}: {control.title}."},
        "helpUri": control.url,
        "help": {
            "text": f"{control.title}. See {control.url}",
            "markdown": f"**{id}** {control.title}\n\n[AWS Security Hub user guide]({control.url})",
        },
        "defaultConfiguration": {"level": "error" if control.severity in ("CRITICAL", "HIGH") or id in catalog.GUIDE else "warning"},
        "properties": {
            "security-severity": _SCORES[control.severity],
            "problem.severity": "error" if control.severity in ("CRITICAL", "HIGH") else "warning",
            "precision": "very-high",
            "tags": ["security", "aws", "fsbp", control.service.lower()],
        },
    }


def _artifact(path: str) -> dict[str, Any]:
    named = uri(path)
    return {"uri": named} if named.startswith("file:") else {"uri": named, "uriBaseId": "%SRCROOT%"}


def _region(at: Loc) -> dict[str, int]:
    line, column = position(at.file, at.start)
    end_line, end_column = position(at.file, at.end)
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _physical(at: Loc) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": _artifact(at.path)}
    if at.file.data:
        place["region"] = _region(at)
    return place


def _base(finding: Finding, index: dict[str, int]) -> dict[str, Any]:
    resource = finding.resource
    location: dict[str, Any] = {"physicalLocation": _physical(finding.at)}
    subject = ""
    if resource is not None:
        subject = f"{_text(resource.address)}: "
        location["logicalLocations"] = [{"name": _text(resource.name), "fullyQualifiedName": _text(resource.address), "kind": "resource"}]
    result: dict[str, Any] = {
        "ruleId": finding.control,
        "ruleIndex": index[finding.control],
        "message": {"text": f"{subject}{_text(finding.message)}"},
        "locations": [location],
        "partialFingerprints": {"fsbpFingerprint/v1": finding.fingerprint},
    }
    related = [(origin.at, hop(origin)) for origin in finding.origins if origin.at is not None and origin.at != finding.at]
    related.extend(finding.related)
    if related:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": _physical(at), "message": {"text": _text(text)}} for number, (at, text) in enumerate(related)
        ]
    return result


def _result(entry: Entry, index: dict[str, int]) -> dict[str, Any]:
    finding = entry.finding
    result = {
        **_base(finding, index),
        "level": entry.word,
        "properties": {"verdict": finding.verdict.value, "level": entry.level, "instances": [_text(name) for name in finding.instances]},
    }
    fixes = [_fix(fix) for fix in finding.fixes if not fix.refused and fix.edits]
    if fixes:
        result["fixes"] = fixes
    return result


def _fix(fix: Fix) -> dict[str, Any]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        changes.setdefault(edit.at.path, []).append(
            {"deletedRegion": _region(edit.at), "insertedContent": {"text": _text(edit.text)}},
        )
    return {
        "description": {"text": f"{_text(fix.title)} ({fix.safety.word})"},
        "artifactChanges": [{"artifactLocation": _artifact(path), "replacements": replacements} for path, replacements in changes.items()],
    }


def _suppressed(finding: Finding, comment: IgnoreComment, index: dict[str, int]) -> dict[str, Any]:
    suppression: dict[str, Any] = {"kind": "inSource", "location": {"physicalLocation": _physical(comment.at)}}
    if comment.reason:
        suppression["justification"] = _text(comment.reason)
    return {**_base(finding, index), "level": "note", "suppressions": [suppression]}
