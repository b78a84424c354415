"""Edits as byte ranges. They are applied from the back so that no range moves before its turn."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from fsbp_lsp.text.source import Loc, SourceFile


class EditConflict(ValueError):
    """Two edits of one set overlap, so there is no single meaning of applying both."""


class Refusal:
    """Why an edit cannot be written here; shown to the user ("inside a dynamic block")."""

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __repr__(self) -> str:
        return f"Refusal({self.reason!r})"


class Edit:
    """Replace the bytes at `at` by `text`; an empty span inserts. `at` names the file version it was computed for."""

    __slots__ = ("at", "text")

    def __init__(self, at: Loc, text: str) -> None:
        self.at = at
        self.text = text

    def key(self) -> tuple[str, int, int, str]:
        return self.at.path, self.at.start, self.at.end, self.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Edit) and self.key() == other.key()

    def __hash__(self) -> int:
        return hash(self.key())

    def __repr__(self) -> str:
        return f"Edit({self.at!r}, {self.text!r})"


def edits_by_file(edits: Iterable[Edit]) -> dict[str, tuple[SourceFile, list[Edit]]]:
    """Edits grouped by path; each group carries the file version the edits were made for."""
    groups: dict[str, tuple[SourceFile, list[Edit]]] = {}
    for edit in edits:
        groups.setdefault(edit.at.path, (edit.at.file, []))[1].append(edit)
    return groups


def apply_edits(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Bytes after all `edits` (of one file). Equal edits count once; insertions at one place keep their order.

    Raises EditConflict when two different edits overlap or one reaches past the end of `data`.
    """
    unique = list(dict.fromkeys(edits))
    order = sorted(range(len(unique)), key=lambda i: (unique[i].at.start, unique[i].at.end, i))
    out: list[bytes] = []
    done = 0
    for index in order:
        edit = unique[index]
        start, end = edit.at.start, edit.at.end
        if start < done or end > len(data):
            raise EditConflict(f"{edit!r} overlaps an earlier edit or leaves the file")
        out.append(data[done:start])
        out.append(edit.text.encode("utf-8"))
        done = end
    out.append(data[done:])
    return b"".join(out)
