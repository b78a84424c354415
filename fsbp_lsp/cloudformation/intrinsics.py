"""From tree nodes to values: what a property is known to be, where it is written and where it came from.

Nothing is guessed: what only a deployment decides is UNKNOWN, what a condition decides is a union of
both sides that remembers the condition. Inside a branch the condition is taken as true (or false), and a
parameter whose default would choose the other branch has no default there.
"""

from __future__ import annotations

from fsbp_lsp.cloudformation.conditions import Conditions
from fsbp_lsp.cloudformation.domains import call_of
from fsbp_lsp.cloudformation.loops import PREFIX
from fsbp_lsp.cloudformation.shape import descend, mapping_of, text_of, untagged
from fsbp_lsp.cloudformation.strings import from_store, literal
from fsbp_lsp.syntax.tree import Mapping, Node, Scalar, Sequence
from fsbp_lsp.text import Loc
from fsbp_lsp.values import ABSENT, MAYBE, UNKNOWN, YES, Datum, Map, Origin, Ref, Seq, Tri, Value, Via, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fsbp_lsp.cloudformation.loops import Loops
    from fsbp_lsp.cloudformation.parameters import Parameter
    from fsbp_lsp.cloudformation.reach import Reach
    from fsbp_lsp.cloudformation.scenarios import Scenarios
    from fsbp_lsp.syntax.tree import Document
    from fsbp_lsp.text import Piece

MAX_DEPTH = 64
"""Levels of nodes and function calls; five Python frames each at most."""
MAX_RECALLED = 4
"""Levels of properties remembered from one scenario to the next: down to the statements of a policy."""
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


class Undecided(Value):
    """A value that conditions have a hand in. Who looks at its possibilities is noted to depend on them."""

    __slots__ = ("_evaluator", "_held", "conditions")

    def __init__(self, value: Value, conditions: dict[str, None], evaluator: Evaluator) -> None:
        self.at = value.at
        self.origins = value.origins
        self.node = value.node
        self._held = value.options
        self._evaluator = evaluator
        self.conditions = conditions

    @property
    def options(self) -> tuple[Datum, ...]:  # type: ignore[override]  # reading is noted
        noted = self._evaluator.noted
        if noted is not None:
            noted.update(self.conditions)
        return self._held

    @property
    def unnoted(self) -> tuple[Datum, ...]:
        """The possibilities, without a trace of having looked."""
        return self._held


class Notes:
    """What is noted while somebody watches: one for a template and all views of it."""

    __slots__ = ("names",)

    def __init__(self) -> None:
        self.names: dict[str, None] | None = None


class Evaluator:
    """Evaluates nodes of one template. Not thread safe: the branch being read is part of its state.

    types: resource type by logical id. generated: resources that are not written may exist (transforms,
    ForEach), so a name nobody declares is one of theirs. open: every mapping may hold more than is seen.
    outputs: what an output (second) of a nested stack (first) is, None where that is not known.
    noted: the undecided conditions that what is read depends on, in order; None while nobody wants to know.
    scenario: conditions known to hold (or not) throughout.
    """

    __slots__ = (
        "_assumed",
        "_cells",
        "_doubted",
        "_fixed",
        "_in_cell",
        "_notes",
        "_operands",
        "_parameters_read",
        "_reach",
        "_read",
        "_scenarios",
        "_strict",
        "conditions",
        "functions",
        "generated",
        "loops",
        "mappings",
        "open",
        "outputs",
        "parameters",
        "piece",
        "room",
        "rules",
        "scenario",
        "types",
    )

    def __init__(
        self,
        piece: Piece,
        document: Document,
        parameters: dict[str, Parameter],
        types: dict[str, str],
        generated: bool,
        open: bool,
        loops: Loops,
    ) -> None:
        from fsbp_lsp.cloudformation.functions import FUNCTIONS

        root = document.root
        self.piece = piece
        self.types = types
        self.generated = generated
        self.open = open or bool(document.errors)
        self.loops = loops
        self.parameters = parameters
        self.mappings = descend(root, "Mappings")
        self.rules = descend(root, "Rules")
        self.conditions = Conditions(piece, loops.pairs(descend(root, "Conditions")).found, self._operand)
        if len(self.conditions):
            self.conditions.scenarios = self.scenarios
        self.functions: dict[str, Callable[[Evaluator, Call], Value]] = FUNCTIONS
        self.room = TEXT_ROOM
        self.outputs: Callable[[str, str], Value | None] | None = None
        self._notes = Notes()
        self.scenario: dict[str, bool] = {}
        self._scenarios: Scenarios | None = None
        self._cells: dict[tuple[str, str, str], Value] = {}
        self._reach: dict[Node, Reach] = {}
        self._read: dict[tuple[object, ...], Value] = {}
        self._fixed: dict[str, Datum] = {}
        self._in_cell = False
        self._operands = 0
        self._reset()

    @property
    def noted(self) -> dict[str, None] | None:
        return self._notes.names

    @noted.setter
    def noted(self, names: dict[str, None] | None) -> None:
        self._notes.names = names

    def _reset(self) -> None:
        self._parameters_read: dict[tuple[object, ...], Value] = {}
        self._assumed = self.scenario
        self._doubted: frozenset[str] = frozenset()
        self._strict = False

    def in_scenario(self, scenario: dict[str, bool]) -> Evaluator:
        """The same template read where these conditions are known."""
        made = object.__new__(Evaluator)
        for name in Evaluator.__slots__:
            setattr(made, name, getattr(self, name))
        made.room = self.room // 16
        made.scenario = scenario
        made._reset()
        for condition, truth in scenario.items():
            if self.conditions.holds(condition, {}, defaults=True) is not Tri.of(truth):
                made._doubted = made._doubted | self.conditions.parameters(condition)
        return made

    def scenarios(self) -> Scenarios:
        """What knows which combinations of conditions are possible; made on first use."""
        if self._scenarios is None:
            from fsbp_lsp.cloudformation.scenarios import Scenarios

            self._scenarios = Scenarios(self, self.rules)
        return self._scenarios

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
        return self._called(function, Call(node, node, True, self.loc(node), depth))

    def untagged(self, node: Node, depth: int) -> Value:
        """The value of a node as if it carried no tag."""
        if isinstance(node, Scalar):
            at = self.loc(node)
            text = node.text
            if isinstance(node.value, str) and ("${" in text or "{{" in text or "{%" in text):
                datum = literal(text)
                if datum is UNKNOWN:
                    return from_store(text, Value.unknown(at, "filled in later", node))
                return Value((datum,), at, (), node)
            return Value((node.value,), at, (), node)
        if isinstance(node, Mapping):
            pairs = node.pairs
            if len(pairs) == 1:
                key = pairs[0][0]
                call = isinstance(key, Scalar) and (key.text == "Ref" or key.text.startswith("Fn::"))
                if isinstance(key, Scalar) and call and not (self.loops.on and key.text.startswith(PREFIX)):
                    return self._long(node, key.text, pairs[0][1], depth)
            return Value((self.mapping(node, depth),), self.loc(node), (), node)
        if isinstance(node, Sequence):
            return self._sequence(node, depth)
        return Value.unknown(self.loc(node), "could not be read", node)

    def _long(self, node: Mapping, name: str, arg: Node, depth: int) -> Value:
        at = self.loc(node)
        function = self.functions.get(name.removeprefix("Fn::"))
        if function is None or (name != "Ref" and not name.startswith("Fn::")):
            return Value.unknown(at, f"{name} is decided when deployed", node)
        return self._called(function, Call(node, arg, False, at, depth))

    def _called(self, function: Callable[[Evaluator, Call], Value], call: Call) -> Value:
        """The answer of a function; it depends on whatever conditions its arguments depend on."""
        if not len(self.conditions):
            return function(self, call)
        before, self.noted = self.noted, {}
        try:
            value = function(self, call)
            return Undecided(value, self.noted, self) if self.noted else value
        finally:
            self.noted = before

    def mapping(self, node: Mapping, depth: int, skip: Iterable[str] = ()) -> Map:
        """The Map of a mapping's pairs (tags ignored)."""
        pairs = self.loops.members(node)
        entries: dict[str, Value] = {}
        keys: dict[str, Loc] = {}
        evaluate = self._recalled if self._recalls(depth) else self.evaluate
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
                entries[name] = evaluate(value, depth + 1)
        return Map(entries, unseen, node, keys)

    def _recalls(self, depth: int) -> bool:
        """Whether what is read at this level is worth remembering: other scenarios may ask for it again.

        What stands under the condition of its resource alone is asked for once.
        """
        return depth <= MAX_RECALLED and len(self.conditions) > 0 and not self._operands and (bool(self.scenario) or not self._assumed)

    def _recalled(self, node: Node, depth: int) -> Value:
        """The value of a node, read once for all scenarios that agree on what can have a hand in it."""
        if isinstance(node, Scalar) and not node.tag:
            return self.evaluate(node, depth)
        mark: tuple[object, ...] = (node,)
        if self._assumed:
            reach = self._reach.get(node)
            if reach is None:
                reach = self._reach[node] = self.scenarios().reach(node)
            alone = reach.only and reach.alone(self._assumed)
            if alone:
                return self._under_one(node, depth, alone)
            # What a parameter may be depends on conditions of its own cluster, what a condition is likewise.
            near = [pair for pair in self._assumed.items() if reach.touches(pair[0])]
            doubted = self._doubted & reach.parameters
            if near or doubted:
                mark = (node, doubted, *near)
        value = self._read.get(mark)
        if value is None:
            value = self._read[mark] = self.evaluate(node, depth)
        return value

    def _under_one(self, node: Node, depth: int, condition: str) -> Value:
        """The same for a node that one condition decides, however that came to be known."""
        mark = (node, self.conditions.holds(condition, self._assumed))
        value = self._read.get(mark)
        if value is None:
            value = self._read[mark] = self.evaluate(node, depth)
        return value

    def _sequence(self, node: Sequence, depth: int) -> Value:
        found: list[Value] = []
        unseen = self.open
        conditions: dict[str, None] = {}
        evaluate = self._recalled if self._recalls(depth) else self.evaluate
        for item in node.items:
            value = evaluate(item, depth + 1)
            options = value.unnoted if isinstance(value, Undecided) else value.options
            if any(option is ABSENT for option in options):
                # AWS::NoValue takes the element away; when only a condition may do so, it is not surely there.
                if len(options) > 1:
                    unseen = True
                    if isinstance(value, Undecided):
                        conditions.update(value.conditions)
                continue
            if len(options) == 1 and options[0] is UNKNOWN and _includes(item):
                unseen = True
            found.append(value)
        made = Value((Seq(tuple(found), unseen, node),), self.loc(node), (), node)
        return Undecided(made, conditions, self) if conditions else made

    # Names

    def named(self, name: str, call: Call) -> Value:
        """What `Ref name` or `${name}` stands for."""
        if name in self._fixed:
            return call.one(self._fixed[name])
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
        assumed = () if self._strict else tuple(self._assumed.items())
        value = self._parameters_read.get((name, supplied, assumed))
        if value is None:
            parameter = self.parameters[name]
            value = parameter.value(self.piece, supplied)
            if assumed and value.only is UNKNOWN and not parameter.stored:
                value = self._narrowed(name, value)
            self._parameters_read[name, supplied, assumed] = value
        return value

    def _narrowed(self, name: str, value: Value) -> Value:
        """What a parameter still can be where conditions are assumed: `prod` where `Env` was compared with it."""
        if self.conditions.scenarios is None:
            return value
        scenarios = self.conditions.scenarios()
        values = scenarios.values(name, self._assumed)
        if values is None:
            return value
        origins = (*(hop for hop in value.origins if hop.via is not Via.OPAQUE),)
        return Value(values, value.at, origins or (Origin(Via.BRANCH, None, next(iter(scenarios.connected_to(name, self._assumed)))),))

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
        return self.conditions.holds(condition, {**self.scenario, given: True})

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
        truth = self.conditions.holds(condition, self._assumed)
        sides = [
            self.assuming(condition, side, lambda side=side: self.evaluate(yes if side else no, call.depth + 1))  # type: ignore[misc]  # bound now
            for side in (True, False)
            if truth is not Tri.of(not side)
        ]
        if self.scenario and truth is not MAYBE and self.conditions.holds(condition, {}) is MAYBE:
            # The scenario chose: the value is the branch, and the finding names the conditions.
            return sides[0]
        place = self.conditions.place(condition)
        origin = Origin(Via.BRANCH, place or call.at, condition)
        if len(sides) == 1:
            return sides[0].moved(call.at, (origin, *sides[0].origins), call.node)
        if self.noted is not None:
            self.noted[condition] = None
        return union(sides, call, (origin,))

    def chosen(self, node: Node, known: dict[str, bool]) -> Node:
        """The branch taken of an `Fn::If` where these conditions are known; any other node as it is."""
        for _ in range(MAX_DEPTH):
            call = call_of(node)
            name = text_of(call[2][0]) if call is not None and call[0] == "If" and len(call[2]) == 3 else None
            truth = MAYBE if name is None else self.conditions.holds(name, known)
            if call is None or truth is MAYBE:
                break
            node = call[2][1] if truth is YES else call[2][2]
        return node

    def under_values(self, values: dict[str, Datum], known: dict[tuple[object, ...], Tri], ask: Callable[[], Tri]) -> Tri:
        """The answer of `ask` about conditions where parameters have these values. known: what is remembered about them."""
        before, self._fixed = self._fixed, values
        try:
            return self.conditions.remembering(known, ask)
        finally:
            self._fixed = before

    def _operand(self, node: Node, defaults: bool) -> Value:
        """An operand of a condition; assumptions of the place that asks do not reach into it."""
        if self._operands >= MAX_OPERANDS:
            return Value.unknown()
        before = self._strict, self._assumed, self._doubted, self.noted
        self._strict, self._assumed, self._doubted, self.noted = not defaults, {}, frozenset(), None
        self._operands += 1
        try:
            return self.evaluate(node, MAX_DEPTH // 2)
        finally:
            self._operands -= 1
            self._strict, self._assumed, self._doubted, self.noted = before


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
