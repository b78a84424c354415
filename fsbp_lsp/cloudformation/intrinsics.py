"""From tree nodes to values: what a property is known to be, where it is written and where it came from.

Nothing is guessed: what only a deployment decides is UNKNOWN, what a condition decides is a union of
both sides. Inside a branch the condition is taken as true (or false), and a parameter whose default
would choose the other branch has no default there.
"""

from __future__ import annotations

from fsbp_lsp.cloudformation.conditions import Conditions
from fsbp_lsp.cloudformation.parameters import read_parameters
from fsbp_lsp.cloudformation.shape import descend, mapping_of, pairs_of, untagged
from fsbp_lsp.cloudformation.strings import literal
from fsbp_lsp.syntax.tree import Mapping, Node, Scalar, Sequence
from fsbp_lsp.text import Loc
from fsbp_lsp.values import ABSENT, UNKNOWN, Datum, Map, Origin, Ref, Seq, Tri, Value, Via, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fsbp_lsp.syntax.tree import Document
    from fsbp_lsp.text import Piece

MAX_DEPTH = 64
"""Levels of nodes and function calls; five Python frames each at most."""
MAX_OPERANDS = 2
"""Conditions whose operands hold conditions; CloudFormation allows none."""
MAX_OPTIONS = 256
"""More possibilities than this are no better than none."""
TEXT_ROOM = 4_000_000
"""Characters that Sub and Join may produce per template."""

_FOREIGN = frozenset({"VpcId", "SubnetId", "TargetKeyId", "SecurityGroupIds", "Outputs", "Value"})
"""Attributes that name another resource, or hold whatever their owner was given."""
_OWN = frozenset({("AWS::EC2::VPC", "VpcId"), ("AWS::EC2::Subnet", "SubnetId")})
"""The same names, where they are the resource's own id."""
_PSEUDO = frozenset({f"AWS::{name}" for name in ("AccountId", "Partition", "Region", "StackId", "StackName", "URLSuffix")})
_CUSTOM = ("AWS::CloudFormation::CustomResource", "AWS::CloudFormation::Stack", "AWS::Serverless::Application")


class Call:
    """One function call. node: the whole of it. arg: its argument; tagged: `!Fn` stands on the argument itself."""

    __slots__ = ("arg", "at", "depth", "node", "tagged")

    def __init__(self, node: Node, arg: Node, tagged: bool, at: Loc, depth: int) -> None:
        self.node = node
        self.arg = arg
        self.tagged = tagged
        self.at = at
        self.depth = depth

    @property
    def args(self) -> list[Node] | None:
        """The items of a literal argument list; None when it is something else."""
        arg = self.arg
        return arg.items if isinstance(arg, Sequence) and (self.tagged or untagged(arg)) else None

    @property
    def text(self) -> str | None:
        """The argument when it is one plain scalar."""
        arg = self.arg
        return arg.text if isinstance(arg, Scalar) and (self.tagged or untagged(arg)) else None

    def unknown(self, note: str) -> Value:
        return Value.unknown(self.at, note, self.node)

    def one(self, datum: Datum, origins: tuple[Origin, ...] = ()) -> Value:
        return Value((datum,), self.at, origins, self.node)


class Evaluator:
    """Evaluates nodes of one template. Not thread safe: the branch being read is part of its state.

    types: resource type by logical id. generated: resources that are not written may exist (transforms,
    ForEach), so a name nobody declares is one of theirs. open: every mapping may hold more than is seen.
    outputs: what an output (second) of a nested stack (first) is, None where that is not known.
    """

    __slots__ = (
        "_assumed",
        "_cells",
        "_doubted",
        "_in_cell",
        "_operands",
        "_parameters_read",
        "_strict",
        "conditions",
        "functions",
        "generated",
        "mappings",
        "open",
        "outputs",
        "parameters",
        "piece",
        "room",
        "types",
    )

    def __init__(self, piece: Piece, document: Document, types: dict[str, str], generated: bool, open: bool) -> None:
        from fsbp_lsp.cloudformation.functions import FUNCTIONS

        root = document.root
        self.piece = piece
        self.types = types
        self.generated = generated
        self.open = open or bool(document.errors)
        self.parameters = read_parameters(descend(root, "Parameters"), bool(document.errors))
        self.mappings = descend(root, "Mappings")
        self.conditions = Conditions(piece, descend(root, "Conditions"), self._operand)
        self.functions: dict[str, Callable[[Evaluator, Call], Value]] = FUNCTIONS
        self.room = TEXT_ROOM
        self.outputs: Callable[[str, str], Value | None] | None = None
        self._cells: dict[tuple[str, str, str], Value] = {}
        self._parameters_read: dict[tuple[str, bool], Value] = {}
        self._assumed: dict[str, bool] = {}
        self._doubted: frozenset[str] = frozenset()
        self._strict = False
        self._in_cell = False
        self._operands = 0

    # Nodes

    def loc(self, node: Node) -> Loc:
        """The node without its anchor: what a person would underline."""
        if isinstance(node, Scalar) and node.anchor and not node.tag and not node.alias:
            return Loc(self.piece, node.value_start, node.value_end)
        return Loc(self.piece, node.start, node.end)

    def evaluate(self, node: Node, depth: int = 0) -> Value:
        """The value of any node. Never raises; what nests too deep is UNKNOWN."""
        if depth > MAX_DEPTH:
            return Value.unknown(self.loc(node), "nested too deep", node)
        if not node.tag or untagged(node):
            return self.untagged(node, depth)
        function = self.functions.get(node.tag[1:])
        if function is None:
            return Value.unknown(self.loc(node), f"{node.tag} is not known", node)
        return function(self, Call(node, node, True, self.loc(node), depth))

    def untagged(self, node: Node, depth: int) -> Value:
        """The value of a node as if it carried no tag."""
        if isinstance(node, Scalar):
            at = self.loc(node)
            text = node.text
            if isinstance(node.value, str) and ("${" in text or "{{" in text or "{%" in text):
                datum = literal(text)
                if datum is UNKNOWN:
                    return Value.unknown(at, "filled in later", node)
                return Value((datum,), at, (), node)
            return Value((node.value,), at, (), node)
        if isinstance(node, Mapping):
            pairs = node.pairs
            if len(pairs) == 1:
                key = pairs[0][0]
                if isinstance(key, Scalar) and (key.text == "Ref" or key.text.startswith("Fn::")):
                    return self._long(node, key.text, pairs[0][1], depth)
            return Value((self.mapping(node, depth),), self.loc(node), (), node)
        if isinstance(node, Sequence):
            return Value((self._sequence(node, depth),), self.loc(node), (), node)
        return Value.unknown(self.loc(node), "could not be read", node)

    def _long(self, node: Mapping, name: str, arg: Node, depth: int) -> Value:
        at = self.loc(node)
        function = self.functions.get(name.removeprefix("Fn::"))
        if function is None or (name != "Ref" and not name.startswith("Fn::")):
            return Value.unknown(at, f"{name} is decided when deployed", node)
        return function(self, Call(node, arg, False, at, depth))

    def mapping(self, node: Mapping, depth: int, skip: Iterable[str] = ()) -> Map:
        """The Map of a mapping's pairs (tags ignored)."""
        pairs = pairs_of(node)
        entries: dict[str, Value] = {}
        keys: dict[str, Loc] = {}
        unseen = self.open or pairs.open
        piece = self.piece
        for name, (key, value) in pairs.found.items():
            if name.startswith("Fn::"):
                unseen = True
                continue
            if name in skip:
                continue
            keys[name] = Loc(piece, key.start, key.end)
            if name in pairs.twice:
                entries[name] = Value.unknown(self.loc(value), f"{name} is written twice", value)
            else:
                entries[name] = self.evaluate(value, depth + 1)
        return Map(entries, unseen, node, keys)

    def _sequence(self, node: Sequence, depth: int) -> Seq:
        found: list[Value] = []
        unseen = self.open
        for item in node.items:
            value = self.evaluate(item, depth + 1)
            if any(option is ABSENT for option in value.options):
                # AWS::NoValue takes the element away; when only a condition may do so, it is not surely there.
                unseen = unseen or len(value.options) > 1
                continue
            if len(value.options) == 1 and value.options[0] is UNKNOWN and _includes(item):
                unseen = True
            found.append(value)
        return Seq(tuple(found), unseen, node)

    # Names

    def named(self, name: str, call: Call) -> Value:
        """What `Ref name` or `${name}` stands for."""
        if name == "AWS::NoValue":
            return call.one(ABSENT)
        if name.startswith("AWS::"):
            # Decided by the deployment, but never empty: a reference to something outside the template.
            return call.one(Ref(name, "Ref")) if name in _PSEUDO else call.unknown(name)
        if name in self.parameters:
            value = self.parameter(name)
            return Value(value.options, call.at, value.origins, call.node)
        return self.attribute(name, "Ref", call)

    def parameter(self, name: str) -> Value:
        supplied = self._strict or name in self._doubted
        value = self._parameters_read.get((name, supplied))
        if value is None:
            value = self._parameters_read[name, supplied] = self.parameters[name].value(self.piece, supplied)
        return value

    def attribute(self, name: str, attribute: str, call: Call) -> Value:
        """What `Ref` or `GetAtt` of a resource stands for."""
        kind = self.types.get(name)
        if kind is None:
            if self.generated and not self.open:
                return call.one(Ref(name, attribute))
            return call.unknown(f"{name} is not declared in this template")
        if self.outputs is not None and attribute.startswith("Outputs."):
            value = self.outputs(name, attribute.removeprefix("Outputs."))
            if value is not None:
                return Value(value.options, call.at, value.origins, call.node)
        foreign = attribute.split(".", maxsplit=1)[0] in _FOREIGN and (kind, attribute) not in _OWN
        if kind in _CUSTOM or not kind.startswith("AWS::") or foreign:
            return call.unknown(f"{name}.{attribute} is decided when deployed")
        return call.one(Ref(name, attribute))

    def cell(self, table: str, top: str, second: str, call: Call) -> Value | None:
        """A cell of a mapping; None when there is none. A cell that asks for a cell is not followed."""
        mark = (table, top, second)
        found = self._cells.get(mark)
        if found is None:
            node = descend(self.mappings, table, top, second)
            if node is None or self._in_cell:
                return None
            self._in_cell = True
            try:
                value = self.evaluate(node, call.depth + 1)
            finally:
                self._in_cell = False
            at = self.loc(node)
            found = self._cells[mark] = Value(value.options, at, (Origin(Via.REFERENCE, at, ".".join(mark)),), node)
        return found

    # Conditions

    def exists(self, condition: str) -> Tri:
        """Whether a resource with this `Condition` is created."""
        return self.conditions.holds(condition, self._assumed)

    def implied(self, condition: str, given: str) -> Tri:
        """Whether `condition` holds wherever `given` does."""
        return self.conditions.holds(condition, {given: True})

    def assuming(self, condition: str, truth: bool, read: Callable[[], Value]) -> Value:
        """The answer of `read` where a condition is known to hold (or not to)."""
        assumed, doubted = self._assumed, self._doubted
        if self.conditions.holds(condition, assumed, defaults=True) is not Tri.of(truth):
            # With every parameter at its default we would not be here: at least one has another value.
            self._doubted = doubted | self.conditions.parameters(condition)
        self._assumed = {**assumed, condition: truth}
        try:
            return read()
        finally:
            self._assumed, self._doubted = assumed, doubted

    def branch(self, condition: str, call: Call, yes: Node, no: Node) -> Value:
        """Fn::If."""
        place = self.conditions.place(condition)
        origin = Origin(Via.BRANCH, place or call.at, condition)
        truth = self.conditions.holds(condition, self._assumed)
        sides = [
            self.assuming(condition, side, lambda side=side: self.evaluate(yes if side else no, call.depth + 1))  # type: ignore[misc]  # bound now
            for side in (True, False)
            if truth is not Tri.of(not side)
        ]
        if len(sides) == 1:
            return Value(sides[0].options, call.at, (origin, *sides[0].origins), call.node)
        return union(sides, call, (origin,))

    def _operand(self, node: Node, defaults: bool) -> Value:
        """An operand of a condition; assumptions of the place that asks do not reach into it."""
        if self._operands >= MAX_OPERANDS:
            return Value.unknown()
        before = self._strict, self._assumed, self._doubted
        self._strict, self._assumed, self._doubted = not defaults, {}, frozenset()
        self._operands += 1
        try:
            return self.evaluate(node, MAX_DEPTH // 2)
        finally:
            self._operands -= 1
            self._strict, self._assumed, self._doubted = before


def union(values: list[Value], call: Call, origins: tuple[Origin, ...]) -> Value:
    """All possibilities of several values; equal ones once."""
    options: list[Datum] = []
    seen: set[object] = set()
    for value in values:
        for option in value.options:
            if isinstance(option, (str, int, float, bool)) or option is None:
                mark: object = (type(option), option)
            elif isinstance(option, Ref):
                mark = (Ref, option.address, option.attribute, id(known(option)))
            else:
                mark = id(option)
            if mark not in seen:
                seen.add(mark)
                options.append(option)
    if not options or len(options) > MAX_OPTIONS:
        return call.unknown("too many possibilities")
    return Value(tuple(options), call.at, origins, call.node)


def _includes(node: Node) -> bool:
    """A transform standing as a list element may put several in its place."""
    if node.tag == "!Transform":
        return True
    mapping = mapping_of(node)
    return mapping is not None and any(isinstance(key, Scalar) and key.text == "Fn::Transform" for key, _ in mapping.pairs)
