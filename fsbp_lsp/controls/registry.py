"""Declared controls, found by resource type through a generated index so that a run imports only what it needs."""

from __future__ import annotations

import importlib

from fsbp_lsp import catalog

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from fsbp_lsp.model import Finding, Kind, Subject


class Unknown:
    """The control cannot be decided for this resource; `reason` says why."""

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason = reason


class Assumed:
    """The resource passes because configuration declares an assumption (`[assume]`), not because of its source."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class _Answer:
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


PASS = _Answer("PASS")
NOT_APPLICABLE = _Answer("NOT_APPLICABLE")

if TYPE_CHECKING:
    Answer = _Answer | Unknown | Assumed | list[Finding]


class Parameter:
    """A typed knob of one control, set in `[controls."ID"]`.

    type: bool, int, str or list; item: what a list holds, str or int. choices: the allowed values, () when free.
    """

    __slots__ = ("choices", "default", "help", "item", "name", "type")

    def __init__(self, name: str, type: type, default: Any, help: str, choices: tuple[Any, ...] = (), item: type = str) -> None:
        self.item = item
        self.name = name
        self.type = type
        self.default = default
        self.help = help
        self.choices = choices


class Context:
    """What a control may know besides source: declared assumptions, its own parameters, and the day.

    today: YYYY-MM-DD, the day `until=` of a comment is compared with; '' for a control that is to answer as of its tables.
    """

    __slots__ = ("_assume", "_parameters", "today")

    def __init__(self, assume: dict[str, Any], parameters: dict[str, dict[str, Any]], today: str = "") -> None:
        self._assume = assume
        self._parameters = parameters
        self.today = today

    def assumes(self, name: str) -> Any:
        """The declared assumption, None when nothing was declared."""
        return self._assume.get(name)

    def parameter(self, control: Control, name: str) -> Any:
        """The configured value of a control's parameter, else its default."""
        configured = self._parameters.get(control.id, {})
        if name in configured:
            return configured[name]
        return next(parameter.default for parameter in control.parameters if parameter.name == name)


class Control:
    """One declared control.

    kinds: what it is asked about. check: (subject, context) -> PASS, NOT_APPLICABLE, Unknown, Assumed or findings.
    partial: what source cannot decide, '' when it decides everything. no_fix: why no fix is offered, '' when one is.
    slug: the human name, reads well after "allow". levels: lowers the level for some findings (IAM.1 inline).
    """

    __slots__ = ("assumptions", "check", "id", "kinds", "no_fix", "parameters", "partial", "slug")

    def __init__(
        self,
        id: str,
        kinds: tuple[type[Kind], ...],
        check: Callable[[Any, Context], Answer],
        *,
        slug: str,
        partial: str = "",
        no_fix: str = "",
        parameters: tuple[Parameter, ...] = (),
        assumptions: tuple[str, ...] = (),
    ) -> None:
        self.id = id
        self.kinds = kinds
        self.check = check
        self.slug = slug
        self.partial = partial
        self.no_fix = no_fix
        self.parameters = parameters
        self.assumptions = assumptions

    @property
    def title(self) -> str:
        entry = catalog.control(self.id)
        return entry.title if entry is not None else self.id

    def types(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for kind in self.kinds for name in kind.types()))

    def subject(self, resource: Any) -> Subject:
        for kind in self.kinds:
            if resource.type in kind.types():
                return kind(resource)
        raise KeyError(resource.type)


_declared: dict[str, Control] = {}
_by_type: dict[str, list[Control]] = {}


def declare(control: Control) -> Control:
    """Register a control. Raises ValueError for an id used twice or not in the catalogue (a mistake in code)."""
    if control.id in _declared:
        raise ValueError(f"{control.id} is declared twice")
    if catalog.control(control.id) is None:
        raise ValueError(f"{control.id} is not in the catalogue")
    _declared[control.id] = control
    for name in control.types():
        _by_type.setdefault(name, []).append(control)
    return control


def controls_for(type: str) -> list[Control]:
    """Controls asked about a resource type, in natural order of ids; imports only the service modules concerned."""
    from fsbp_lsp.controls._index import MODULES_BY_TYPE

    for module in MODULES_BY_TYPE.get(type, ()):
        importlib.import_module(f"fsbp_lsp.controls.{module}")
    return _by_type.get(type, [])


def load_all() -> dict[str, Control]:
    """Every declared control by id; imports every service module."""
    from fsbp_lsp.controls._index import MODULES

    for module in MODULES:
        importlib.import_module(f"fsbp_lsp.controls.{module}")
    return dict(sorted(_declared.items(), key=lambda item: catalog.natural_key(item[0])))


def declared(id: str) -> Control | None:
    """The declared control of this id (any case) or slug, None when there is none."""
    from fsbp_lsp.controls._index import BY_ID

    entry = catalog.control(id)
    name = entry.id if entry is not None else id
    if name in BY_ID:
        importlib.import_module(f"fsbp_lsp.controls.{BY_ID[name]}")
        return _declared.get(name)
    if entry is None:
        return next((control for control in load_all().values() if control.slug == id), None)
    return None


def coverage(id: str) -> tuple[str, str]:
    """(`full` | `partial` | `none` | `not yet`, reason) of a catalogue id: what this release decides from source."""
    control = declared(id)
    if control is not None:
        return ("partial", control.partial) if control.partial else ("full", "")
    entry = catalog.control(id)
    if entry is None:
        return "none", "not in the catalogue"
    if entry.decidable == "no":
        return "none", entry.reason or "needs the running account"
    return "not yet", "not checked by this release"


def parameters() -> dict[str, tuple[Parameter, ...]]:
    """Parameters by control id, for validating configuration."""
    return {id: control.parameters for id, control in load_all().items() if control.parameters}


def validate() -> Iterable[str]:
    """Complaints about the declarations; empty when all is well."""
    slugs: dict[str, str] = {}
    for id, control in load_all().items():
        if control.slug in slugs:
            yield f"{id} and {slugs[control.slug]} share the slug {control.slug}"
        slugs[control.slug] = id
        if not control.types():
            yield f"{id} is asked about no resource type"
