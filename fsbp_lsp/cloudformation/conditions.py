"""Conditions in three values.

A condition that depends on a parameter can be flipped by whoever deploys the template, so defaults
decide nothing here: only literals, mappings, lists of allowed values and Rules do, and what other
conditions are known to be. What defaults *would* decide is asked separately, to know whether a parameter
can still have its default inside a branch.
"""

from __future__ import annotations

from fsbp_lsp.cloudformation.shape import items_of, scalars_below, untagged
from fsbp_lsp.syntax.tree import Mapping, Node, Scalar
from fsbp_lsp.text import Loc
from fsbp_lsp.values import ABSENT, MAYBE, NO, UNKNOWN, YES, Datum, Seq, Text, Tri, Value, as_number, as_text, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fsbp_lsp.cloudformation.scenarios import Scenarios
    from fsbp_lsp.text import Piece

MAX_DEPTH = 40
MAX_STEPS = 100_000
"""Condition nodes looked at per template; beyond them every condition is undecided."""
_PLACEHOLDER = "${"


class Conditions:
    """The `Conditions` section. `read(node, defaults)` evaluates an operand, with or without parameter defaults."""

    __slots__ = ("_cache", "_names", "_nodes", "_piece", "_read", "_settled", "room", "scenarios")

    def __init__(self, piece: Piece, section: dict[str, tuple[Node, Node]], read: Callable[[Node, bool], Value]) -> None:
        self._piece = piece
        self._read = read
        self._nodes = section
        self._cache: dict[tuple[object, ...], Tri] = {}
        self._settled: dict[tuple[object, ...], Tri] = {}
        self._names: dict[str, frozenset[str]] = {}
        self.room = MAX_STEPS
        self.scenarios: Callable[[], Scenarios] | None = None
        """Makes what knows which combinations of conditions are possible; None where nothing is to be known."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._nodes)

    @property
    def nodes(self) -> list[Node]:
        """What the conditions are made of."""
        return [value for _key, value in self._nodes.values()]

    def __len__(self) -> int:
        return len(self._nodes)

    def place(self, name: str) -> Loc | None:
        """Where a condition is declared."""
        pair = self._nodes.get(name)
        return None if pair is None else Loc(self._piece, pair[0].start, pair[0].end)

    def holds(self, name: str, assumed: dict[str, bool], defaults: bool = False) -> Tri:
        """Whether a condition holds for sure, given that the conditions in `assumed` are known to."""
        if self.scenarios is None or name not in self._nodes:
            return self._named(name, assumed, defaults, 0)
        scenarios = self.scenarios()
        near = scenarios.connected(name, assumed)
        answer = self._named(name, near, defaults, 0)
        if answer is not MAYBE or defaults:
            return answer
        mark = (name, *near.items()) if len(near) < 2 else (name, *sorted(near.items()))
        settled = self._settled.get(mark)
        if settled is None:
            if scenarios.possible({**near, name: True}) is NO:
                settled = NO
            elif scenarios.possible({**near, name: False}) is NO:
                settled = YES
            else:
                settled = MAYBE
            self._settled[mark] = settled
        return settled

    def named(self, name: str) -> Tri:
        """Whether a condition holds under the values parameters have now."""
        return self._named(name, {}, False, 0)

    def node(self, node: Node) -> Tri:
        """The same for an expression, of a rule say."""
        return self._node(node, {}, False, 0)

    def remembering(self, known: dict[tuple[object, ...], Tri], ask: Callable[[], Tri]) -> Tri:
        """The answer of `ask` where parameters have other values for now; `known` is what is remembered about those."""
        before, self._cache = self._cache, known
        try:
            return ask()
        finally:
            self._cache = before

    def parameters(self, name: str) -> frozenset[str]:
        """Names a condition may depend on, through other conditions too (conditions and functions among them)."""
        found = self._names.get(name)
        if found is None:
            found = self._names[name] = self._below([], name)
        return found

    def names_in(self, nodes: Iterable[Node]) -> frozenset[str]:
        """The same for expressions."""
        return self._below(nodes, "")

    def _below(self, nodes: Iterable[Node], name: str) -> frozenset[str]:
        seen: set[str] = set()
        names: set[str] = set()
        pending: list[Node] = list(nodes)
        if name in self._nodes:
            seen.add(name)
            pending.append(self._nodes[name][1])
        while pending:
            for function, scalar in scalars_below(pending.pop()):
                text = scalar.text
                if function == "Condition":
                    if text in self._nodes and text not in seen:
                        seen.add(text)
                        pending.append(self._nodes[text][1])
                elif function == "Sub" and _PLACEHOLDER in text:
                    names.update(part.split("}")[0].strip() for part in text.split(_PLACEHOLDER)[1:])
                elif function == "Ref":
                    names.add(text)
        return frozenset(names)

    def _named(self, name: str, assumed: dict[str, bool], defaults: bool, depth: int) -> Tri:
        if name in assumed:
            return Tri.of(assumed[name])
        pair = self._nodes.get(name)
        if pair is None or depth > MAX_DEPTH:
            return MAYBE
        mark = (name, defaults, *sorted(assumed.items())) if assumed else (name, defaults)
        answer = self._cache.get(mark)
        if answer is None:
            self._cache[mark] = MAYBE  # the answer of a condition that depends on itself
            answer = self._cache[mark] = self._node(pair[1], assumed, defaults, depth + 1)
        return answer

    def _node(self, node: Node, assumed: dict[str, bool], defaults: bool, depth: int) -> Tri:
        self.room -= 1
        if depth > MAX_DEPTH or self.room < 0:
            return MAYBE
        if not untagged(node):
            return self._call(node.tag[1:], _without_tag(node), node, assumed, defaults, depth)
        if isinstance(node, Mapping) and len(node.pairs) == 1 and isinstance(node.pairs[0][0], Scalar):
            key, value = node.pairs[0]
            name = key.text if isinstance(key, Scalar) else ""
            return self._call(name.removeprefix("Fn::"), items_of(value), value, assumed, defaults, depth)
        return MAYBE

    def _call(self, name: str, items: list[Node], arg: Node, assumed: dict[str, bool], defaults: bool, depth: int) -> Tri:
        if name == "Condition":
            return self._named(arg.text, assumed, defaults, depth) if isinstance(arg, Scalar) else MAYBE
        if name == "Equals":
            mark = (arg, defaults)  # what is assumed of conditions does not reach into operands
            answer = self._cache.get(mark)
            if answer is None:
                answer = equal(self._read(items[0], defaults), self._read(items[1], defaults)) if len(items) == 2 else MAYBE
                self._cache[mark] = answer
            return answer
        if name == "Not":
            return ~self._node(items[0], assumed, defaults, depth + 1) if len(items) == 1 else MAYBE
        if name in ("Contains", "EachMemberIn", "EachMemberEquals"):
            return self._members(name, items, defaults)
        if name not in ("And", "Or") or not items:
            return MAYBE
        answer = YES if name == "And" else NO
        for item in items:
            one = self._node(item, assumed, defaults, depth + 1)
            answer = answer & one if name == "And" else answer | one
        return answer

    def _members(self, name: str, items: list[Node], defaults: bool) -> Tri:
        """The functions of rules that compare lists (CloudFormation user guide, "Rule-specific intrinsic functions")."""
        if len(items) != 2:
            return MAYBE
        ours, theirs = (self._list(item, defaults) for item in items)
        if ours is None or theirs is None:
            return MAYBE
        if name == "Contains":
            return _some(ours, theirs[0]) if len(theirs) == 1 else MAYBE
        answer = YES
        for one in ours:
            answer = answer & _some(theirs, one)
        return answer

    def _list(self, node: Node, defaults: bool) -> list[Value] | None:
        """The elements of a list, written or read; one value counts as a list of one. None when they are not all known."""
        value = self._read(node, defaults)
        if len(value.options) == 1 and isinstance(value.only, Seq):
            return None if value.only.open else list(value.only.items)
        return None if value.only is UNKNOWN and len(value.options) == 1 else [value]


def _some(values: list[Value], wanted: Value) -> Tri:
    answer = NO
    for value in values:
        answer = answer | equal(value, wanted)
    return answer


def _without_tag(node: Node) -> list[Node]:
    items = getattr(node, "items", None)
    return list(items) if items is not None else [node]


def equal(one: Value, other: Value) -> Tri:
    """Fn::Equals: texts compared as written, upper and lower case kept apart."""
    answers = {_equal(a, b) for a in one.options for b in other.options}
    return answers.pop() if len(answers) == 1 else MAYBE


def _equal(one: Datum, other: Datum) -> Tri:
    one, other = known(one), known(other)
    if one is UNKNOWN or other is UNKNOWN or one is ABSENT or other is ABSENT:
        return MAYBE
    if isinstance(one, Text) or isinstance(other, Text):
        if isinstance(one, Text) and isinstance(other, Text):
            return MAYBE
        text, plain = (one, as_text(other)) if isinstance(one, Text) else (other, as_text(one))
        return NO if plain is not None and not _may_equal(text, plain) else MAYBE
    left, right = as_text(one), as_text(other)
    if left is None or right is None:
        return MAYBE
    if isinstance(one, float) and isinstance(other, float):
        return Tri.of(one == other)
    if isinstance(one, float) or isinstance(other, float):
        # How `7.0` without quotes is spelled as text is documented nowhere; that it is no other number is certain.
        numbers = as_number(one), as_number(other)
        return NO if all(isinstance(number, str) or number != numbers[0] for number in numbers[1:]) else MAYBE
    return Tri.of(left == right)


def _may_equal(text: Text, plain: str) -> bool:
    return plain.startswith(text.head) and plain.endswith(text.tail) and len(plain) >= len(text.head) + len(text.tail)


__all__ = ["Conditions", "equal"]
