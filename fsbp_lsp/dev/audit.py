"""`python -m fsbp_lsp.dev audit`: check every binding against the committed provider schemas.

For every attribute of every kind and facet: the path exists and can be set in both dialects, its default
has the type of the attribute, and where CloudFormation says a property is create-only the binding says
that changing it replaces the resource. For every companion: its type, the attribute it points with, and
the owner's attributes it points at.
"""

from __future__ import annotations

from fsbp_lsp.dev import inventory, schemas
from fsbp_lsp.model import Attr, Companion, Facet, Kind, Update
from fsbp_lsp.model.path import Where, show_path
from fsbp_lsp.values import ABSENT, UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from fsbp_lsp.model.path import Path

ANY = "any"
"""Node kind below which everything is allowed: free JSON, maps, documents kept as text."""

DOCUMENTS = {
    ("aws_ecs_task_definition", "container_definitions"),
}
"""Terraform strings that hold JSON which bindings look into; policies are read by their own normal form."""


class Node:
    """A place in a schema: `kind` is block, object, list, map, any, or a primitive; `settable`: Terraform source may write it."""

    __slots__ = ("data", "kind", "settable")

    def __init__(self, kind: str, data: Any = None, settable: bool = True) -> None:
        self.kind = kind
        self.data = data
        self.settable = settable


class Terraform:
    """One version of the provider."""

    dialect = "terraform"

    def __init__(self, name: str) -> None:
        self.name = name
        self.types = schemas.read(name)["resources"]

    def root(self, type: str) -> Node | None:
        return Node("block", self.types[type]) if type in self.types else None

    def child(self, node: Node, step: str) -> Node | None:
        """The attribute, block or member `step`. Repeated blocks and objects in lists are looked through."""
        while node.kind == "list":
            node = self.element(node)
        if node.kind == ANY:
            return node
        if node.kind == "block":
            found = node.data.get("attributes", {}).get(step)
            if found is not None:
                settable = bool(found.get("optional") or found.get("required"))
                inner = self._nested(found["nested"]) if "nested" in found else self._type(found["type"])
                return Node(inner.kind, inner.data, settable)
            block = node.data.get("blocks", {}).get(step)
            return None if block is None else Node("block", block)
        if node.kind == "object":
            return self._type(node.data[step]) if step in node.data else None
        if node.kind == "map":
            return self._type(node.data)
        return None

    def element(self, node: Node) -> Node:
        return self._type(node.data) if node.kind == "list" else node

    def _nested(self, nested: Any) -> Node:
        return Node("block", nested)

    def _type(self, type: Any) -> Node:
        if isinstance(type, str):
            return Node(ANY if type == "dynamic" else type)
        constructor, inner = type[0], type[1]
        if constructor == "object":
            return Node("object", inner)
        return Node("map" if constructor == "map" else "list", inner)

    def listed(self, type: str, key: str, path: Path) -> bool:
        """Nothing is: provider schemas do not tell which arguments force a new resource."""
        return False


class CloudFormation:
    """The registry schemas."""

    dialect = "cloudformation"
    name = schemas.CLOUDFORMATION

    def __init__(self) -> None:
        self.types = schemas.read(self.name)["resources"]

    def root(self, type: str) -> Node | None:
        return Node("object", (type, self.types[type]["props"])) if type in self.types else None

    def child(self, node: Node, step: str) -> Node | None:
        if node.kind == ANY:
            return node
        if node.kind == "object":
            type, properties = node.data
            if step not in properties:
                return None
            return self._node(type, properties[step])
        if node.kind == "map":
            return self._node(*node.data)
        return None

    def element(self, node: Node) -> Node:
        return self._node(*node.data) if node.kind == "list" else node

    def _node(self, type: str, written: Any) -> Node:
        if isinstance(written, str):
            if written.startswith("#"):
                return self._node(type, self.types[type]["defs"][written[1:]])
            return Node(ANY if written in ("any", "object") else {"boolean": "bool", "integer": "number"}.get(written, written))
        if "props" in written:
            return Node("object", (type, written["props"]))
        if written.get("type") == "array":
            return Node("list", (type, written["items"])) if "items" in written else Node(ANY)
        if written.get("type") == "map":
            return Node("map", (type, written.get("values", "any")))
        kind = written.get("type")
        # Several types at once, or none given: nothing can be said about what is below.
        return self._node(type, kind) if isinstance(kind, str) else Node(ANY)

    def listed(self, type: str, key: str, path: Path) -> bool:
        """Whether the property at `path`, or one that holds it, is in the type's list `key` (create_only, read_only)."""
        names = [step for step in path if isinstance(step, str)]
        listed = self.types[type].get(key, ())
        return any("/".join(names[:end]) in listed for end in range(1, len(names) + 1))


Schema = Terraform | CloudFormation


def walk(schema: Schema, type: str, path: Path) -> Node | str:
    """The node at `path` of a type, or what is wrong with the path."""
    node = schema.root(type)
    if node is None:
        return "no such type"
    for number, step in enumerate(path):
        shown = show_path(path[: number + 1])
        if isinstance(step, str):
            below = schema.child(node, step)
            if below is None:
                return f"{shown} does not exist"
            node = Node(ANY) if schema.dialect == "terraform" and (type, step) in DOCUMENTS else below
        else:
            element = schema.element(node)
            if element is node and node.kind not in ("block", ANY):
                return f"{show_path(path[:number])} is no list"
            node = element
            if isinstance(step, Where):
                key = schema.child(node, step.key)
                if key is None:
                    return f"{shown}: its elements have no {step.key}"
    return node


class Audit:
    """One run over all bindings."""

    def __init__(self) -> None:
        self.schemas: tuple[Schema, ...] = (*(Terraform(name) for name in schemas.TERRAFORM), CloudFormation())
        self.problems: list[str] = []

    def run(self) -> list[str]:
        for kind in inventory.kinds():
            for schema in self.schemas:
                types = kind.tf_types if schema.dialect == "terraform" else kind.cfn_types
                for type in types:
                    if schema.root(type) is None:
                        self.report(schema, kind.__name__, f"{type} does not exist")
                owners: list[tuple[str, Path]] = [(type, ()) for type in types if schema.root(type) is not None]
                self.subject(schema, kind, owners)
        return self.problems

    def report(self, schema: Schema, where: str, complaint: str) -> None:
        line = f"{schema.name}: {where}: {complaint}"
        if line not in self.problems:
            self.problems.append(line)

    def subject(self, schema: Schema, subject: type[Kind] | type[Facet], stands: list[tuple[str, Path]]) -> None:
        """Check the attributes of a kind or facet that stands at these places, then its parts."""
        if stands:
            for attr in subject.attributes():
                self.attribute(schema, subject, attr, stands)
        for part in inventory.parts(subject):
            self.facet(schema, part.facet, stands)

    def attribute(self, schema: Schema, subject: type[Kind] | type[Facet], attr: Attr, stands: list[tuple[str, Path]]) -> None:
        path = attr.path(schema.dialect)
        if path is None:
            return
        where = f"{subject.__name__}.{attr.name}"
        answers = [(type, (*base, *path), walk(schema, type, (*base, *path))) for type, base in stands]
        found = [(type, full, node) for type, full, node in answers if isinstance(node, Node)]
        if not found:
            # A facet may be kept in several places of which only one has the attribute.
            self.report(schema, where, "; ".join(f"{type}: {node}" for type, _, node in answers))
        for type, full, node in found:
            if not node.settable or schema.listed(type, "read_only", full):
                self.report(schema, where, f"{type}: {show_path(full)} is read-only")
            if not fits(attr.default(schema.dialect), node.kind, attr.text and schema.dialect == "cloudformation"):
                self.report(schema, where, f"{type}: default {attr.default(schema.dialect)!r} for {show_path(full)}, a {node.kind}")
            if schema.listed(type, "create_only", full) and attr.update is not Update.REPLACES:
                self.report(schema, where, f"{type}: {show_path(full)} is create-only, but update is {attr.update.name}")

    def facet(self, schema: Schema, facet: type[Facet], owners: list[tuple[str, Path]]) -> None:
        stands: list[tuple[str, Path]] = []
        for place in facet.places(schema.dialect):
            if isinstance(place, Companion):
                if not owners:
                    continue
                stands += self.companion(schema, facet, place, owners)
                continue
            nested = [(type, (*base, *place.path)) for type, base in owners]
            here = [self.element(schema, type, path) for type, path in nested if isinstance(walk(schema, type, path), Node)]
            if nested and not here:
                complaints = (walk(schema, type, path) for type, path in nested)
                self.report(schema, facet.__name__, "; ".join(f"{nested[0][0]}: {complaint}" for complaint in complaints))
            stands += here
        self.subject(schema, facet, stands)

    def element(self, schema: Schema, type: str, path: Path) -> tuple[str, Path]:
        """A facet stands on the elements of a list."""
        node = walk(schema, type, path)
        return (type, (*path, 0)) if isinstance(node, Node) and node.kind == "list" else (type, path)

    def companion(self, schema: Schema, facet: type[Facet], place: Companion, owners: list[tuple[str, Path]]) -> Iterator[tuple[str, Path]]:
        for path in (place.by, place.at):
            node = walk(schema, place.type, path)
            if not isinstance(node, Node):
                self.report(schema, facet.__name__, f"{place.type}: {node}")
                return
        names = [(place.owner_name, "owner_name")] if place.owner_name else []
        if schema.dialect == "terraform":
            names.append(((place.reference,), "reference"))
        for path, role in names:
            if not any(isinstance(walk(schema, type, path), Node) for type, _ in owners):
                self.report(schema, facet.__name__, f"{role} {show_path(path)} is no attribute of {owners[0][0]}")
        yield self.element(schema, place.type, place.at)


def fits(default: Any, kind: str, text: bool) -> bool:
    """Whether a default can be a value of an attribute of this kind."""
    if default is ABSENT or default is UNKNOWN or kind == ANY:
        return True
    if text:
        return kind == "string"
    if isinstance(default, bool):
        return kind == "bool"
    if isinstance(default, (int, float)):
        return kind == "number"
    if isinstance(default, str):
        return kind == "string"
    return kind in ("list", "map", "object", "block")


def main(arguments: list[str]) -> int:
    if arguments:
        print("usage: python -m fsbp_lsp.dev audit")
        return 2
    problems = Audit().run()
    print(*problems, sep="\n", end="\n" if problems else "")
    return 1 if problems else 0
