"""What source alone does not decide, for those who switch that on (`showUnknown`): the editor's `--show-unknown`."""

from __future__ import annotations

from fsbp_lsp import catalog

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from fsbp_lsp.engine.check import ModuleReport
    from fsbp_lsp.text import Loc


class Note:
    """Not a finding, and never counted as one. at: the header of the resource, one line. control: an id. href: of its page, or ''."""

    __slots__ = ("at", "control", "href", "message")

    def __init__(self, at: Loc, control: str, message: str) -> None:
        self.at = at
        self.control = control
        self.message = message
        entry = catalog.control(control)
        self.href = entry.url if entry is not None else ""


def notes_by_path(report: ModuleReport, paths: Iterable[str]) -> dict[str, list[Note]]:
    """The notes of each of `paths`, in order of place; what instances of a block have in common is said once."""
    wanted = {path for path in paths if not report.settings.excluded(path)}
    found: dict[tuple[str, int, str, str], Note] = {}
    for item in (*report.unknown, *report.assumed):
        at = item.resource.header
        if at.path in wanted:
            key = (at.path, at.start, item.control, item.message)
            if key not in found:
                found[key] = Note(at.first_line(), item.control, item.message)
    made: dict[str, list[Note]] = {}
    for key in sorted(found, key=lambda key: (key[0], key[1], catalog.natural_key(key[2]), key[3])):
        made.setdefault(key[0], []).append(found[key])
    return made


def noted_at(report: ModuleReport, path: str, start: int, end: int) -> list[Note]:
    """The notes of `path` that touch [start, end], ends included."""
    return [note for note in notes_by_path(report, (path,)).get(path, ()) if note.at.start <= end and note.at.end >= start]
