"""The lens language: one declaration reads and writes an AWS property in both dialects.

`Attr` is a lens to one value, `Part` to a facet that one dialect nests and the other keeps in a
companion resource, `Kind` one AWS thing under both names. On the class they build questions
(`DBInstance.engine.in_(…)`), on an instance they read values.
"""

from __future__ import annotations

from fsbp_lsp.model.path import EACH, Where, parse_path, show_path
from fsbp_lsp.model.resource import Refusal, read_path
from fsbp_lsp.model.update import Update
from fsbp_lsp.values import ABSENT, MAYBE, NO, UNKNOWN, YES, Items, Map, Origin, Seq, Tri, Value, Via, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from typing import Any, ClassVar

    from fsbp_lsp.model.path import Path
    from fsbp_lsp.model.resource import Module, Resource
    from fsbp_lsp.text import Edit, Loc

_UNSET: Any = object()


class Subject:
    """Something a control can ask about: a resource, or a part of one.

    resource: where `base` starts and where edits go. owner: the resource the finding belongs to.
    base: path of this part inside `resource`. value: the evaluated part.
    """

    def __init__(self, resource: Resource, base: Path = (), value: Value | None = None, owner: Resource | None = None) -> None:
        self.resource = resource
        self.base = base
        self.value = resource.config if value is None else value
        self.owner = resource if owner is None else owner
        """Where the finding belongs."""

    @property
    def module(self) -> Module:
        return self.resource.module

    @property
    def terraform(self) -> bool:
        return self.resource.dialect.name == "terraform"

    @property
    def header(self) -> Loc:
        """The line that opens this part: its block or key, else the header of the resource."""
        return self.header_of(())

    def header_of(self, path: Path) -> Loc:
        """Where the thing that should hold `path` opens: the deepest written block on the way, else the resource."""
        value, at = self.resource.config, self.resource.header
        for step in (*self.base, *path):
            if isinstance(step, str):
                datum = _lone(value)
                if not isinstance(datum, Map) or step not in datum.entries:
                    break
                below = datum.entries[step]
                if not isinstance(_lone(below), (Map, Seq)):
                    break
                if below.at is not None and below.at.file is not self.resource.header.file:
                    break
                at = datum.keys.get(step, at)
                value = below
            elif isinstance(step, int):
                items = value.items().found
                if step >= len(items):
                    break
                value = items[step]
                at = value.at or at
            else:
                break
        return at

    def element(self, path: Path) -> Items:
        """Subjects for the elements of the list, repeated blocks or lone object at `path`."""
        value = read_path(self.value, path)
        if not self.module.complete and not value.written:
            return Items((), True)
        datum = value.only
        if isinstance(datum, Map):
            return Items((Subject(self.resource, (*self.base, *path), value, self.owner),))
        items = value.items()
        return Items(
            tuple(Subject(self.resource, (*self.base, *path, number), item, self.owner) for number, item in enumerate(items.found)),
            items.maybe_more,
        )

    def put(self, path: Path, want: Any) -> tuple[Edit, ...] | Refusal:
        return self.resource.dialect.put(self.resource, (*self.base, *path), want)


def _lone(value: Value) -> Any:
    datum = value.only
    if isinstance(datum, Seq) and len(datum.items) == 1:
        return datum.items[0].only
    return datum


class Question:
    """A three-valued question about a subject; combine with `&`, `|` and `~`."""

    __slots__ = ("ask", "parts", "text")

    def __init__(self, ask: Callable[[Any], Tri], text: str, parts: tuple[Question, ...] = ()) -> None:
        self.ask = ask
        self.text = text
        self.parts = parts

    def __call__(self, subject: Any) -> Tri:
        return self.ask(subject)

    def __and__(self, other: Question) -> Question:
        return Question(lambda s: self.ask(s) & other.ask(s), f"{self.text} and {other.text}", (self, other))

    def __or__(self, other: Question) -> Question:
        return Question(lambda s: self.ask(s) | other.ask(s), f"{self.text} or {other.text}", (self, other))

    def doubt(self, subject: Any) -> str:
        """The text of the first part that is not decided; '' when all is."""
        if self.parts:
            return next((said for said in (part.doubt(subject) for part in self.parts) if said), "")
        return self.text if self.ask(subject) is MAYBE else ""

    def __invert__(self) -> Question:
        return Question(lambda s: ~self.ask(s), f"not ({self.text})")


class Attr:
    """A lens to one attribute. A path of None means this dialect cannot set it.

    default: what an absent attribute means (tf_default/cfn_default where they differ); `UNKNOWN` when
    source alone cannot say, `ABSENT` when there is no value without one.
    update: what changing it does to a deployed resource (cfn-audited against createOnlyProperties).
    text: CloudFormation keeps the value as a string ("true") in this place.
    """

    def __init__(
        self,
        tf: str | None,
        cfn: str | None,
        *,
        default: Any = ABSENT,
        tf_default: Any = _UNSET,
        cfn_default: Any = _UNSET,
        update: Update = Update.IN_PLACE,
        text: bool = False,
    ) -> None:
        self.tf = None if tf is None else parse_path(tf)
        self.cfn = None if cfn is None else parse_path(cfn)
        self.tf_default = default if tf_default is _UNSET else tf_default
        self.cfn_default = default if cfn_default is _UNSET else cfn_default
        self.update = update
        self.text = text
        self.name = ""
        self.owner: type[Subject] | None = None

    def __set_name__(self, owner: type[Subject], name: str) -> None:
        self.name = name
        self.owner = owner

    if TYPE_CHECKING:

        def __get__(self, subject: Subject | None, kind: type[Subject]) -> Any: ...
    else:

        def __get__(self, subject, kind):
            return self if subject is None else self.read(subject)

    def path(self, dialect: str) -> Path | None:
        return self.tf if dialect == "terraform" else self.cfn

    def default(self, dialect: str) -> Any:
        return self.tf_default if dialect == "terraform" else self.cfn_default

    def read(self, subject: Subject) -> Value:
        """The effective value: what is written, else the default; unknown when absence is not certain."""
        dialect = subject.resource.dialect.name
        path = self.path(dialect)
        if path is None:
            return Value.unknown(note=f"cannot be set in {dialect}")
        value = read_path(subject.value, path)
        options = value.options
        if not any(option is ABSENT or option is None or known(option) is None for option in options):
            return value
        if not value.written and not subject.module.complete:
            return Value.unknown(note="the module has syntax errors")
        fallback = self.default(dialect)
        resolved = tuple(fallback if option is ABSENT or known(option) is None else option for option in options)
        note = "provider default" if dialect == "terraform" else "CloudFormation default"
        if fallback is UNKNOWN:
            why = Origin(Via.OPAQUE, None, f"{self.shown(dialect)} is not set, and what then holds is not in the source")
            return Value(resolved, value.at, (*value.origins, why), value.node)
        return Value(resolved, value.at, (*value.origins, Origin(Via.DEFAULT, None, note)), value.node)

    def shown(self, dialect: str) -> str:
        """The attribute as the dialect spells it, for messages."""
        path = self.path(dialect) or ()
        for step in path:
            if isinstance(step, Where):
                return step.value
        return show_path(tuple(step for step in path if isinstance(step, str)))

    # Questions

    def is_(self, want: Any) -> Question:
        return Question(lambda s: self.read(s).is_(want), f"{self.name} is {want}")

    def in_(self, wanted: Container[Any]) -> Question:
        return Question(lambda s: self.read(s).in_(wanted), f"{self.name} is listed")

    def at_least(self, least: int) -> Question:
        return Question(lambda s: self.read(s).at_least(least), f"{self.name} is at least {least}")

    def present(self) -> Question:
        return Question(lambda s: self.read(s).present(), f"{self.name} is set")

    def starts_with(self, head: str) -> Question:
        return Question(lambda s: self.read(s).starts_with(head), f"{self.name} starts with {head}")

    def __repr__(self) -> str:
        kind = self.owner.__name__ if self.owner is not None else "?"
        return f"Attr({kind}.{self.name})"


class Companion:
    """Place of a facet: a resource of its own that points at its owner through `by`.

    owner_name: path of the owner's literal name, for links written as text. reference: the owner's
    attribute a new companion refers to. at: path inside the companion where the facet starts.
    whole: what stands at `at` is one value (a policy), not a list of facets.
    """

    __slots__ = ("at", "by", "owner_name", "reference", "type", "whole")

    def __init__(self, type: str, by: str, *, owner_name: str = "", reference: str = "id", at: str = "", whole: bool = False) -> None:
        self.whole = whole
        self.type = type
        self.by = parse_path(by)
        self.owner_name = parse_path(owner_name)
        self.reference = reference
        self.at = parse_path(at)


class Nested:
    """Place of a facet: a block or property of the owner itself. legacy: read, but not written by fixes.

    whole: what stands there is one value (a policy), not a list of facets.
    """

    __slots__ = ("legacy", "path", "whole")

    def __init__(self, path: str, *, legacy: bool = False, whole: bool = False) -> None:
        self.whole = whole
        self.path = parse_path(path)
        self.legacy = legacy


def _places(given: Any) -> tuple[Companion | Nested, ...]:
    if given is None:
        return ()
    return tuple(given) if isinstance(given, (tuple, list)) else (given,)


class Facet(Subject):
    """A part of a kind. Subclasses give the places per dialect and the attributes relative to them."""

    tf_places: ClassVar[tuple[Companion | Nested, ...]] = ()
    cfn_places: ClassVar[tuple[Companion | Nested, ...]] = ()

    def __init_subclass__(cls, tf: Any = None, cfn: Any = None, **rest: Any) -> None:
        super().__init_subclass__(**rest)
        cls.tf_places = _places(tf)
        cls.cfn_places = _places(cfn)
        _facets.append(cls)

    @classmethod
    def places(cls, dialect: str) -> tuple[Companion | Nested, ...]:
        return cls.tf_places if dialect == "terraform" else cls.cfn_places

    @classmethod
    def attributes(cls) -> Iterator[Attr]:
        for name in dir(cls):
            found = getattr(cls, name)
            if isinstance(found, Attr):
                yield found


class Part:
    """A lens to the facets of one class that belong to a subject, wherever the dialect keeps them."""

    def __init__(self, facet: type[Facet]) -> None:
        self.facet = facet
        self.name = ""

    def __set_name__(self, owner: type[Subject], name: str) -> None:
        self.name = name

    if TYPE_CHECKING:

        def __get__(self, subject: Subject | None, kind: type[Subject]) -> Any: ...
    else:

        def __get__(self, subject, kind):
            return self if subject is None else self.read(subject)

    def read(self, subject: Subject) -> Items:
        """All facets found; `maybe_more` when some may exist where we cannot see them."""
        resource, module = subject.resource, subject.module
        places = self.facet.places(resource.dialect.name)
        found: list[Facet] = []
        maybe = False
        for place in places:
            if isinstance(place, Companion):
                linked = module.linked(resource, place.type, place.by, place.owner_name)
                maybe = maybe or linked.maybe_more
                for host in linked.found:
                    if place.whole:
                        whole = read_path(host.config, place.at)
                        if whole.written:
                            found.append(self.facet(host, place.at, whole, resource))
                        continue
                    if place.at:
                        maybe = maybe or read_path(host.config, place.at).items().maybe_more
                    found.extend(self.facet(host, base, value, resource) for base, value in _spots(host.config, place.at))
            else:
                value = read_path(subject.value, place.path)
                if not value.written or value.only is None:
                    continue
                if place.whole:
                    found.append(self.facet(resource, (*subject.base, *place.path), value, resource))
                    continue
                items = value.items()
                maybe = maybe or items.maybe_more
                for base, item in _spots(subject.value, place.path):
                    found.append(self.facet(resource, (*subject.base, *base), item, resource))
        if any(isinstance(place, Companion) for place in places) and module.escapes(resource.block):
            maybe = True
        if not found and not module.complete:
            maybe = True
        return Items(tuple(found), maybe)


def _spots(root: Value, path: Path) -> list[tuple[Path, Value]]:
    """(path, value) of each element at `path`; a lone block is addressed without a number."""
    if not path:
        return [((), root)]
    value = read_path(root, path)
    items = value.items().found
    if len(items) == 1 and (items[0] is value or isinstance(value.only, Seq)):
        return [(path, value)] if items[0] is value else [((*path, 0), items[0])]
    return [((*path, number), item) for number, item in enumerate(items)]


class Kind(Subject):
    """One AWS thing under the names of both dialects."""

    tf_types: ClassVar[tuple[str, ...]] = ()
    cfn_types: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, tf: Any = (), cfn: Any = (), **rest: Any) -> None:
        super().__init_subclass__(**rest)
        cls.tf_types = (tf,) if isinstance(tf, str) else tuple(tf or ())
        cls.cfn_types = (cfn,) if isinstance(cfn, str) else tuple(cfn or ())
        _kinds.append(cls)

    @classmethod
    def types(cls) -> tuple[str, ...]:
        return cls.tf_types + cls.cfn_types

    @classmethod
    def attributes(cls) -> Iterator[Attr]:
        for name in dir(cls):
            found = getattr(cls, name)
            if isinstance(found, Attr):
                yield found

    @classmethod
    def parts(cls) -> Iterator[Part]:
        for name in dir(cls):
            found = getattr(cls, name)
            if isinstance(found, Part):
                yield found


_kinds: list[type[Kind]] = []
_facets: list[type[Facet]] = []


def registered_kinds() -> tuple[type[Kind], ...]:
    """Every kind declared so far (import the `aws` modules first)."""
    return tuple(_kinds)


def registered_facets() -> tuple[type[Facet], ...]:
    """Every facet declared so far (import the `aws` modules first)."""
    return tuple(_facets)


__all__ = [
    "EACH",
    "MAYBE",
    "NO",
    "YES",
    "Attr",
    "Companion",
    "Facet",
    "Kind",
    "Nested",
    "Part",
    "Question",
    "Subject",
    "registered_facets",
    "registered_kinds",
]
