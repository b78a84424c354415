"""The table of what a control reads, derived from the lenses its check used on its specification."""

from __future__ import annotations

from fsbp_lsp.dev import audit, schemas
from fsbp_lsp.dev.replay import Uses, members
from fsbp_lsp.model import Attr, Companion, Facet, Kind, Part, show_path
from fsbp_lsp.values import ABSENT, UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from fsbp_lsp.controls.registry import Control
    from fsbp_lsp.model import Path, Subject

DIALECTS = ("terraform", "cloudformation")

NOWHERE = "—"
"""What a table says where a dialect cannot write the property."""


class Row:
    """One property. terraform, cloudformation: where it is written, '' when it cannot be; default, effect: words."""

    __slots__ = ("cloudformation", "default", "effect", "terraform")

    def __init__(self, terraform: str, cloudformation: str, default: str, effect: str) -> None:
        self.terraform = terraform
        self.cloudformation = cloudformation
        self.default = default
        self.effect = effect


class Table:
    """The properties read on one kind. types: its resource types in both dialects."""

    __slots__ = ("rows", "types")

    def __init__(self, types: tuple[str, ...], rows: list[Row]) -> None:
        self.types = types
        self.rows = rows


class Spot:
    """A place where a facet stands. type: the companion it is kept in, '' for the resource itself. legacy: read, not written."""

    __slots__ = ("legacy", "path", "type")

    def __init__(self, type: str = "", path: Path = (), legacy: bool = False) -> None:
        self.type = type
        self.path = path
        self.legacy = legacy


class Derivation:
    """The tables of all controls; holds the schemas that tell which of several places has an attribute."""

    def __init__(self) -> None:
        self._schemas = [audit.Terraform(name) for name in schemas.TERRAFORM]

    def tables(self, control: Control, uses: Uses) -> list[Table]:
        """One table per kind the control is asked about, in the order of its declaration."""
        seen = dict.fromkeys(owner for owner, _lens in (*uses.attrs, *uses.parts) if issubclass(owner, Kind))
        found: list[Table] = []
        for kind in control.kinds:
            # A check may look at its resource under another name that knows more parts of it.
            other = [owner for owner in seen if owner not in control.kinds and set(owner.types()) & set(kind.types())]
            rows: list[Row] = []
            for owner in (kind, *other):
                rows += self._rows(kind, owner, uses, {dialect: [Spot()] for dialect in DIALECTS}, ())
            rows += _unbound(kind, uses, rows)
            found.append(Table(kind.types(), rows))
        return found

    def _rows(
        self, kind: type[Kind], owner: type[Subject], uses: Uses, spots: dict[str, list[Spot]], seen: tuple[type[Subject], ...]
    ) -> Iterator[Row]:
        """Rows of a kind, or of a facet that stands at `spots` (per dialect)."""
        for member in members(owner):
            if isinstance(member, Attr):
                if (owner, member) in uses.attrs:
                    yield self._row(member, kind, spots)
            elif (owner, member) in uses.parts and member.facet not in seen:
                yield from self._facet(kind, member, uses, spots, (*seen, owner))

    def _facet(
        self, kind: type[Kind], part: Part, uses: Uses, spots: dict[str, list[Spot]], seen: tuple[type[Subject], ...]
    ) -> Iterator[Row]:
        inner = {dialect: list(_places(part.facet, dialect, spots[dialect])) if _has(kind, dialect) else [] for dialect in DIALECTS}
        below = list(self._rows(kind, part.facet, uses, inner, seen))
        if below:
            yield from below
            return
        terraform, cloudformation = (_shown(inner[dialect]) for dialect in DIALECTS)
        yield Row(terraform, cloudformation, "none", "")

    def _row(self, attr: Attr, kind: type[Kind], spots: dict[str, list[Spot]]) -> Row:
        where: dict[str, str] = {}
        for dialect in DIALECTS:
            path = attr.path(dialect)
            found: list[Spot] = []
            if path is not None and _has(kind, dialect):
                found = [Spot(spot.type, (*spot.path, *path), spot.legacy) for spot in spots[dialect]]
            if dialect == "terraform" and len(found) > 1:
                found = [spot for spot in found if self._exists(spot.type or kind.tf_types[0], spot.path)]
            where[dialect] = _shown(found)
        return Row(where["terraform"], where["cloudformation"], _default(attr, where), attr.update.value or "in place")

    def _exists(self, type: str, path: Path) -> bool:
        return any(isinstance(audit.walk(schema, type, path), audit.Node) for schema in self._schemas)


def _has(kind: type[Kind], dialect: str) -> bool:
    return bool(kind.tf_types if dialect == "terraform" else kind.cfn_types)


def _places(facet: type[Facet], dialect: str, spots: list[Spot]) -> Iterator[Spot]:
    for place in facet.places(dialect):
        if isinstance(place, Companion):
            yield Spot(place.type, place.at)
        else:
            for spot in spots:
                yield Spot(spot.type, (*spot.path, *place.path), place.legacy)


def _unbound(kind: type[Kind], uses: Uses, rows: list[Row]) -> list[Row]:
    """One row with what the check read without a lens, by name, unless a row has it already."""
    names: dict[str, list[str]] = {}
    for dialect in DIALECTS:
        bound = " ".join(row.terraform if dialect == "terraform" else row.cloudformation for row in rows)
        names[dialect] = [name for owner, where, name in uses.names if owner is kind and where == dialect and f"`{name}" not in bound]
    if not any(names.values()):
        return []
    terraform, cloudformation = (", ".join(f"`{name}`" for name in sorted(names[dialect])) for dialect in DIALECTS)
    return [Row(terraform, cloudformation, "none", "")]


def _shown(spots: list[Spot]) -> str:
    several = len(spots) > 1
    words: list[str] = []
    for spot in spots:
        if spot.type:
            word = f"`{spot.type}`: `{show_path(spot.path)}`" if spot.path else f"`{spot.type}`"
        else:
            word = f"`{show_path(spot.path)}`" + (" in the resource" if several else "")
        words.append(f"{word} (read, not written)" if spot.legacy else word)
    return " or ".join(words)


def _default(attr: Attr, where: dict[str, str]) -> str:
    said = {dialect: _plain(attr.default(dialect)) for dialect in DIALECTS if where[dialect]}
    if len(set(said.values())) <= 1:
        return next(iter(said.values()), "none")
    return f"{said['terraform']} / {said['cloudformation']}"


def _plain(default: Any) -> str:
    if default is ABSENT:
        return "none"
    if default is UNKNOWN:
        return "not in source"
    if isinstance(default, bool):
        return "`true`" if default else "`false`"
    return f"`{default}`"
