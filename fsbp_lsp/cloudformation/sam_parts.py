"""What the translation of SAM is made of: the written resource, the drafts of what it becomes, values with places."""

from __future__ import annotations

from fsbp_lsp.cloudformation.shape import untagged
from fsbp_lsp.cloudformation.strings import joined
from fsbp_lsp.syntax.tree import Mapping, Node, Scalar, Sequence
from fsbp_lsp.values import ABSENT, Map, Ref, Seq, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from fsbp_lsp.cloudformation.sam_events import Event
    from fsbp_lsp.cloudformation.template import TemplateResource
    from fsbp_lsp.model.path import Path
    from fsbp_lsp.text import Loc

PSEUDO_ARN = ("AWS::Region", "AWS::AccountId")


class Spelling:
    """How the SAM source says the properties of what is made of it.

    same: names of properties that are passed through. moved: longer paths that have another one.
    """

    __slots__ = ("moved", "same")

    def __init__(self, same: frozenset[str] = frozenset(), moved: dict[Path, Path] | None = None) -> None:
        self.same = same
        self.moved = moved or {}

    def source(self, path: Path) -> Path | None:
        """The path in the SAM resource that decides `path` of the made one; None when there is none."""
        for length in range(len(path), 0, -1):
            found = self.moved.get(path[:length])
            if found is not None:
                return (*found, *path[length:])
        return path if path and path[0] in self.same else None


NOWHERE = Spelling()


class Draft:
    """One resource the transform makes.

    certain: it exists wherever its source does. alone: it does not share the condition of its source.
    spelling: how the source says its properties. at: the line that asks for it.
    """

    __slots__ = ("alone", "at", "certain", "id", "open", "properties", "spelling", "type")

    def __init__(
        self,
        type: str,
        id: str,
        at: Loc,
        properties: dict[str, Value],
        *,
        open: bool = False,
        certain: bool = True,
        alone: bool = False,
        spelling: Spelling = NOWHERE,
    ) -> None:
        self.type = type
        self.id = id
        self.at = at
        self.properties = properties
        self.open = open
        self.certain = certain
        self.alone = alone
        self.spelling = spelling


class Source:
    """A serverless resource as it is written, `Globals` merged in.

    caught: it has an event that takes every request of an HTTP API.
    """

    __slots__ = ("at", "body", "caught", "id", "resource")

    def __init__(self, resource: TemplateResource, id: str, body: Map, at: Loc) -> None:
        self.resource = resource
        self.id = id
        self.body = body
        self.at = at
        self.caught = False

    @property
    def conditional(self) -> bool:
        return bool(self.resource.condition)

    def written(self, name: str) -> bool:
        """The property is there, whatever it is."""
        return name in self.body.entries and self.body.entries[name].only is not None

    def doubtful(self, name: str) -> bool:
        """The property may be there without being seen."""
        return name not in self.body.entries and self.body.open

    def get(self, name: str) -> Value:
        return self.body.get(name)

    def passed(self, names: frozenset[str]) -> dict[str, Value]:
        """The written ones of `names`, as they are."""
        return {name: value for name, value in self.body.entries.items() if name in names}


class Notification:
    """What an S3 event of a function adds to its bucket."""

    __slots__ = ("certain", "items")

    def __init__(self, items: tuple[Value, ...], certain: bool) -> None:
        self.items = items
        self.certain = certain


class Plan:
    """All that the transform makes of one template.

    drafts: (what it comes from, what it becomes); ids: where in there a logical id stands. unseen: types of which it may
    make more than these. notifications: by logical id of a bucket. touched: by logical id, names of properties it adds to
    in a written resource; by type, when it does not say which. events: by logical id of a source, filled by `events_of`.
    route_settings: an event adds settings of its own to its HTTP API.
    """

    __slots__ = ("drafts", "events", "ids", "notifications", "route_settings", "sources", "touched", "types", "unseen")

    def __init__(self, sources: dict[str, Source], types: dict[str, str]) -> None:
        self.sources = sources
        self.types = types
        self.drafts: list[tuple[Source, Draft]] = []
        self.ids: dict[str, int] = {}
        self.unseen: set[str] = set()
        self.notifications: dict[str, list[Notification]] = {}
        self.touched: dict[str, set[str]] = {}
        self.events: dict[str, list[Event]] = {}
        self.route_settings = False

    def additions(self, resource: TemplateResource) -> tuple[list[Notification], set[str]]:
        """(notifications, names of other properties) that are added to a written resource."""
        touched = self.touched.get(resource.block, set()) | self.touched.get(resource.type, set())
        return self.notifications.get(resource.block, []), touched

    def add(self, source: Source, draft: Draft) -> None:
        """Take a draft. What is written keeps its name; of two drafts with one name the later stands, as in the transform."""
        if draft.id in self.types and draft.id != source.id:
            return
        place = self.ids.setdefault(draft.id, len(self.drafts))
        if place == len(self.drafts):
            self.drafts.append((source, draft))
        else:
            self.drafts[place] = source, draft


# Reading


def called(node: object) -> str:
    """The function a value is made by: `If`, `Ref`, `GetAtt` …; '' for one that is written out."""
    if not isinstance(node, Node):
        return ""
    if node.tag and not untagged(node):
        return node.tag[1:]
    if isinstance(node, Mapping) and len(node.pairs) == 1 and isinstance(node.pairs[0][0], Scalar):
        name = node.pairs[0][0].text
        if name.startswith("Fn::") or name in ("Ref", "Condition"):
            return name.removeprefix("Fn::")
    return ""


def literal(value: Value) -> Any:
    """The scalar that is written out there; None for anything else, a function among them."""
    if len(value.options) != 1 or called(value.node):
        return None
    datum = value.options[0]
    return datum if isinstance(datum, (str, bool, int, float)) else None


def mapping(value: Value) -> Map | None:
    """The mapping that is written out there."""
    datum = value.options[0] if len(value.options) == 1 else None
    return datum if isinstance(datum, Map) and not called(value.node) else None


def listed(value: Value) -> Seq | None:
    """The list that is written out there."""
    datum = value.options[0] if len(value.options) == 1 else None
    return datum if isinstance(datum, Seq) and not called(value.node) else None


def named_resource(value: Value) -> str:
    """The logical id that a plain `Ref` names; ''."""
    datum = value.options[0] if len(value.options) == 1 else None
    return datum.address if isinstance(datum, Ref) and datum.attribute == "Ref" and called(value.node) in ("Ref", "") else ""


def items_in(node: object) -> int:
    """How many elements a list is written with."""
    return len(node.items) if isinstance(node, Sequence) else -1


# Making


def fixed(datum: Any, at: Loc) -> Value:
    """Plain data (with Values, Refs and Texts anywhere in it) as a value that stands at `at`."""
    if isinstance(datum, Value):
        return datum
    if isinstance(datum, dict):
        return Value((Map({name: fixed(entry, at) for name, entry in datum.items()}),), at)
    if isinstance(datum, (list, tuple)):
        return Value((Seq(tuple(fixed(entry, at) for entry in datum)),), at)
    return Value((datum,), at)


def reference(id: str, at: Loc, attribute: str = "Ref") -> Value:
    return Value((Ref(id, attribute),), at)


def arn(service: str, parts: list[Any], at: Loc) -> Value:
    """`arn:partition:service:region:account:…` of the stack's own account, followed by text, Refs and Values."""
    pieces: list[Any] = ["arn:", Ref("AWS::Partition", "Ref"), f":{service}"]
    for name in PSEUDO_ARN:
        pieces.extend((":", Ref(name, "Ref")))
    pieces.append(":")
    pieces.extend(part.raw if isinstance(part, Value) else part for part in parts)
    return Value((joined(pieces),), at)


def given(properties: dict[str, Value]) -> dict[str, Value]:
    """Without what is not written."""
    return {name: value for name, value in properties.items() if value.options != (ABSENT,)}
