"""What can be read between the lines, for those who switch it on: effective values, and counts at a header."""

from __future__ import annotations

from fsbp_lsp.ide.actions import fixes_of, safe
from fsbp_lsp.ide.marks import visible
from fsbp_lsp.values import UNKNOWN, Map, Ref, Seq, Via, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from fsbp_lsp.engine.check import ModuleReport
    from fsbp_lsp.model import Resource
    from fsbp_lsp.text import Edit, Loc
    from fsbp_lsp.values import Value

MAX_HINTS = 500
"""Hints of one request: an editor asks for what is on screen."""
MAX_LABEL = 40
MAX_VALUES = 5_000
"""Values looked at in one resource."""
NOT_CHECKED = "unknown: not checked"

_BROUGHT = frozenset((Via.VARIABLE, Via.TFVARS, Via.LOCAL, Via.PARAMETER, Via.ARGUMENT, Via.BRANCH, Via.OPAQUE))


class Hint:
    """at: byte offset behind the value. label: what it comes to. tooltip: the way it came, line by line."""

    __slots__ = ("at", "label", "tooltip")

    def __init__(self, at: int, label: str, tooltip: str) -> None:
        self.at = at
        self.label = label
        self.tooltip = tooltip


class Lens:
    """at: the header of a resource. findings: shown ones; fixable: those of them with a safe fix. address: of the resource."""

    __slots__ = ("address", "at", "findings", "fixable")

    def __init__(self, at: Loc, address: str) -> None:
        self.at = at
        self.address = address
        self.findings = 0
        self.fixable = 0

    @property
    def title(self) -> str:
        counted = f"{self.findings} finding{'' if self.findings == 1 else 's'}"
        return f"{counted} · fix {self.fixable}" if self.fixable else counted


def hints(report: ModuleReport, path: str, start: int, end: int) -> list[Hint]:
    """Effective values of arguments between two offsets of a file that come from somewhere else, in order of place.

    What source does not decide is told only where a control wanted to know it.
    """
    undecided: dict[str, list[str]] = {}
    for item in report.unknown:
        undecided.setdefault(item.resource.address, []).append(item.control)
    found: dict[int, dict[str, str]] = {}
    for module in report.units:
        for resource in module.resources:
            extent = resource.extent
            if extent.path != path or extent.end < start or extent.start > end:
                continue
            for value in _arguments(resource, path):
                assert value.at is not None
                if start <= value.at.end <= end and len(found) < MAX_HINTS:
                    label = _label(value, bool(undecided.get(resource.address)))
                    if label:
                        found.setdefault(value.at.end, {})[label] = _way(value, undecided.get(resource.address, []))
    # Instances and deployments may differ: all that it may come to, once each.
    return [Hint(at, " | ".join(list(labels)[:3]), "\n".join(labels.values())) for at, labels in sorted(found.items())]


def _arguments(resource: Resource, path: str) -> Iterator[Value]:
    """The values written in the body of a resource that are no blocks and came from somewhere else."""
    pending = [resource.config]
    left = MAX_VALUES
    while pending and left > 0:
        left -= 1
        one = pending.pop()
        nested = False
        for option in one.options:
            datum = known(option)
            if isinstance(datum, Map):
                nested = True
                pending.extend(datum.entries.values())
            elif isinstance(datum, Seq):
                nested = True
                pending.extend(datum.items)
        if not nested and one.at is not None and one.at.path == path and any(origin.via in _BROUGHT for origin in one.origins):
            yield one


def _label(value: Value, wanted: bool) -> str:
    """'' when there is nothing to tell: a reference to another resource says what it is itself."""
    options = [known(option) for option in value.options]
    if any(option is UNKNOWN for option in options):
        return NOT_CHECKED if wanted else ""
    if any(isinstance(option, Ref) for option in options):
        return ""
    shown = value.shown
    return shown if len(shown) <= MAX_LABEL else shown[: MAX_LABEL - 1] + "…"


def _way(value: Value, undecided: list[str]) -> str:
    lines = []
    for origin in value.origins:
        note = f"{origin.via.value}: {origin.note}" if origin.note else origin.via.value
        where = f"{origin.at.path.replace(chr(92), '/').rsplit('/', 1)[-1]}:{origin.at.line}: " if origin.at is not None else ""
        lines.append(where + note)
    if undecided and any(known(option) is UNKNOWN for option in value.options):
        lines.append("not decided for this resource: " + ", ".join(dict.fromkeys(undecided)))
    return "\n".join(lines)


def lenses(report: ModuleReport, path: str) -> list[Lens]:
    """One for each resource headed in this file that has findings."""
    found: dict[tuple[int, str], Lens] = {}
    for finding in report.findings:
        resource = finding.resource
        if resource is None or resource.header.path != path or not visible(report, finding):
            continue
        lens = found.setdefault((resource.header.start, resource.block), Lens(resource.header.first_line(), resource.block))
        lens.findings += 1
        lens.fixable += any(safe(fix) for fix in fixes_of(finding))
    return [found[key] for key in sorted(found)]


def safe_edits(report: ModuleReport, path: str, address: str) -> list[Edit]:
    """The edits of the safe fixes of one resource; of two that meet, the first."""
    taken: list[Edit] = []
    for finding in report.findings:
        resource = finding.resource
        if resource is None or resource.block != address or resource.header.path != path or not visible(report, finding):
            continue
        fix = next((fix for fix in fixes_of(finding) if safe(fix)), None)
        if fix is not None and not any(_meet(new, old) for new in fix.edits for old in taken):
            taken.extend(fix.edits)
    return taken


def _meet(one: Edit, other: Edit) -> bool:
    if one.at.path != other.at.path or one == other:
        return False
    return one.at.start < other.at.end and other.at.start < one.at.end
