"""What to read when resting on a finding, on a control id, or on a directive."""

from __future__ import annotations

import re

from fsbp_lsp import catalog
from fsbp_lsp.ide.actions import fixes_of, touched
from fsbp_lsp.ide.marks import provenance

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from fsbp_lsp.engine.check import ModuleReport
    from fsbp_lsp.model import Finding
    from fsbp_lsp.text import LineIndex

_ID = re.compile(rb"[A-Za-z][A-Za-z0-9]*\.[0-9]+(?![\w.])")
_DIRECTIVE = re.compile(rb"fsbp:ignore(-file)?")

_INSTANCES = 5
"""Instances of a resource whose values a hover tells."""

_READ = 6
"""Properties listed in a hover; the documentation has them all."""

_DIRECTIVE_HELP = """**fsbp:ignore** *ID*[, *ID* …] [until=*YYYY-MM-DD*] -- *reason*

Holds back findings on this line, on the line below a comment of its own, or on the whole resource when it stands at its header. \
`fsbp:ignore-file` at the top holds for the file. Globs such as `S3.*` are allowed; an ignore without effect is itself reported."""


class Hover:
    """start/end: what the text is about, in bytes. markdown: for clients that can; `plain` for those that cannot."""

    __slots__ = ("end", "markdown", "start")

    def __init__(self, start: int, end: int, markdown: str) -> None:
        self.start = start
        self.end = end
        self.markdown = markdown

    @property
    def plain(self) -> str:
        return plain(self.markdown)


_MARKUP = re.compile(r"\\(?P<char>[\\*_#\[\]<>`])|\[(?P<text>(?:\\.|[^\]\\])*)\]\((?P<link>[^)]*)\)|\*+|`")


def plain(markdown: str) -> str:
    """The same text for a client that shows it as it is. Undoes `escape`."""

    def read(found: re.Match[str]) -> str:
        if found["char"]:
            return found["char"]
        return f"{plain(found['text'])}: {found['link']}" if found["link"] is not None else ""

    return _MARKUP.sub(read, markdown)


def escape(text: str) -> str:
    """Source text inside Markdown: a resource name must not become a link or a heading."""
    return re.sub(r"([\\*_#\[\]<>`])", r"\\\1", text.replace("\n", " ").replace("\r", " "))


def hover(report: ModuleReport | None, path: str, lines: LineIndex, offset: int) -> Hover | None:
    """What stands at `offset`: a control id in a directive, a directive, findings, provenance."""
    start, end = lines.line_span(lines.line(offset))
    line = lines.data[start:end]
    at = offset - start
    directive = _DIRECTIVE.search(line)
    if directive is not None and at >= directive.start():
        for word in _ID.finditer(line):
            if word.start() <= at <= word.end():
                text = explain(word.group().decode("ascii"))
                if text is not None:
                    return Hover(start + word.start(), start + word.end(), text)
        if at <= directive.end():
            return Hover(start + directive.start(), start + directive.end(), _DIRECTIVE_HELP)
    if report is None:
        return None
    found = [finding for finding in touched(report, path, offset, offset) if finding.at.start <= offset <= finding.at.end]
    if found:
        parts = [about(finding) for finding in found[:5]]
        if len(found) > 5:
            parts.append(f"*and {len(found) - 5} more findings here*")
        first = found[0].at
        return Hover(first.start, first.end, "\n\n---\n\n".join(parts))
    return _source_of(report, path, offset) or _value_at(report, path, offset)


def _value_at(report: ModuleReport, path: str, offset: int) -> Hover | None:
    """What the value under the cursor is, when that is not what stands there."""
    from fsbp_lsp.engine.trace import value_at

    told: dict[str, None] = {}
    span: tuple[int, int] | None = None
    for resource, value in value_at(report, path, offset)[:_INSTANCES]:
        if not value.origins or value.at is None:
            continue
        span = span or (value.at.start, value.at.end)
        lines = [f"**{escape(value.shown)}**"]
        if len(report.units) > 1 or resource.key is not None:
            lines[0] += f" in {escape(resource.address)}"
        for origin in value.origins:
            note = f"{origin.via.value}: {origin.note}" if origin.note else origin.via.value
            at = origin.at
            where = f"{at.path.replace(chr(92), '/').rsplit('/', 1)[-1]}:{at.line}: " if at is not None else ""
            lines.append(f"- {escape(where + note)}")
        told["\n".join(lines)] = None
    return Hover(*span, "\n\n".join(told)) if span is not None else None


def _source_of(report: ModuleReport, path: str, offset: int) -> Hover | None:
    """The value under the cursor decides findings elsewhere: say which."""
    told: list[str] = []
    span: tuple[int, int] | None = None
    for finding in report.findings:
        for place, note in provenance(finding):
            if place.path == path and place.start <= offset <= place.end:
                span = span or (place.start, place.end)
                where = f"{finding.at.path.replace(chr(92), '/').rsplit('/', 1)[-1]}:{finding.at.line}"
                told.append(
                    f"- **{finding.control}** {escape(finding.address)} ({escape(where)}): {escape(finding.message)} — {escape(note)}"
                )
    if span is None:
        return None
    return Hover(*span, "Decides these findings:\n\n" + "\n".join(dict.fromkeys(told[:10])))


def about(finding: Finding) -> str:
    """Markdown about one finding: title, fact, cause, ways out, link."""
    entry = catalog.control(finding.control)
    lines: list[str] = []
    if entry is not None:
        lines.append(f"**{entry.id}** {escape(entry.title)} · {entry.severity}")
    else:
        lines.append(f"**{finding.control}**")
    lines.append("")
    lines.append(escape(finding.message))
    if finding.resource is not None:
        names = finding.instances or (finding.address,)
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        made = f" ({escape(finding.resource.made_of)})" if finding.resource.made_of else ""
        lines.append("")
        lines.append(f"Resource: {escape(names[0])}{more}{made}")
    for place, note in provenance(finding):
        name = place.path.replace("\\", "/").rsplit("/", 1)[-1]
        lines.append(f"- {escape(name)}:{place.line}: {escape(note)}")
    for fix in fixes_of(finding):
        effect = f", {escape(fix.note)}" if fix.note and fix.note not in fix.title else ""
        if fix.refused:
            lines.append(f"- No fix *{escape(fix.title)}* here: {escape(fix.refused)}")
        else:
            lines.append(f"- Fix: {escape(fix.title)} ({fix.safety.word}{effect})")
    if entry is not None and entry.url:
        lines.append("")
        lines.append(f"[AWS documentation of {entry.id}]({entry.url})")
    return "\n".join(lines)


def explain(control: str) -> str | None:
    """Markdown about a control; None when the catalogue does not know it."""
    entry = catalog.control(control)
    if entry is None:
        return None
    lines = [f"**{entry.id}** {escape(entry.title)}", "", f"Severity {entry.severity}"]
    if entry.status == "retired":
        lines[-1] += ", retired by AWS"
    told = catalog.explanation(entry.id)
    if told is not None and told["summary"]:
        # Prose of our own specifications, already Markdown.
        lines.extend(("", told["summary"]))
    lines.extend(_judged(entry.id))
    if told is not None:
        lines.extend(_read(told["bindings"]))
    if entry.url:
        lines.extend(("", f"[AWS documentation of {entry.id}]({entry.url})"))
    return "\n".join(lines)


def _read(bindings: list[dict[str, Any]]) -> list[str]:
    """The properties a control reads, as far as a hover is read."""
    names: dict[str, None] = {}
    for table in bindings:
        for row in table["properties"]:
            both = [f"`{row[dialect]}`" for dialect in ("terraform", "cloudformation") if row[dialect]]
            names[" / ".join(both)] = None
    if not names:
        return []
    shown = list(names)[:_READ]
    more = [f"- *and {len(names) - _READ} more*"] if len(names) > _READ else []
    return ["", "Reads", "", *(f"- {name}" for name in shown), *more]


def _judged(id: str) -> list[str]:
    """What the tool decides about a control, and on which resource types."""
    from fsbp_lsp.controls import registry

    how, why = registry.coverage(id)
    control = registry.declared(id)
    lines = [""]
    if how == "full":
        lines.append("Decided from source.")
    elif how == "partial":
        lines.append(f"Decided from source in part: {escape(why)}.")
    elif how == "not yet":
        lines.append("Not checked by this release.")
    else:
        lines.append(f"Not decided from source: {escape(why)}.")
    if control is not None:
        lines.append("Asked about " + ", ".join(f"`{name}`" for name in control.types()) + ".")
        if control.no_fix:
            lines.append(f"No automatic fix: {escape(control.no_fix)}.")
    return lines
