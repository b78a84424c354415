"""Conditions in three values.

A condition that depends on a parameter can be flipped by whoever deploys the template, so defaults
decide nothing here: only literals, mappings, and lists of allowed values do. What defaults *would*
decide is asked separately, to know whether a parameter can still have its default inside a branch.
"""

from __future__ import annotations

from fsbp_lsp.cloudformation.shape import items_of, mapping_of, pairs_of, scalars_below, untagged
from fsbp_lsp.syntax.tree import Mapping, Node, Scalar
from fsbp_lsp.text import Loc
from fsbp_lsp.values import ABSENT, MAYBE, NO, UNKNOWN, YES, Datum, Text, Tri, Value, as_text, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.text import Piece

MAX_DEPTH = 40
MAX_STEPS = 100_000
"""Condition nodes looked at per template; beyond them every condition is undecided."""
_PLACEHOLDER = "${"


class Conditions:
    """The `Conditions` section. `read(node, defaults)` evaluates an operand, with or without parameter defaults."""

    __slots__ = ("_cache", "_names", "_nodes", "_piece", "_read", "_room")

    def __init__(self, piece: Piece, section: Node | None, read: Callable[[Node, bool], Value]) -> None:
        self._piece = piece
        self._read = read
        mapping = mapping_of(section)
        self._nodes = {} if mapping is None else pairs_of(mapping).found
        self._cache: dict[tuple[object, ...], Tri] = {}
        self._names: dict[str, frozenset[str]] = {}
        self._room = MAX_STEPS

    def place(self, name: str) -> Loc | None:
        """Where a condition is declared."""
        pair = self._nodes.get(name)
        return None if pair is None else Loc(self._piece, pair[0].start, pair[0].end)

    def holds(self, name: str, assumed: dict[str, bool], defaults: bool = False) -> Tri:
        """Whether a condition holds for sure, given that the conditions in `assumed` are known to."""
        return self._named(name, assumed, defaults, 0)

    def parameters(self, name: str) -> frozenset[str]:
        """Names a condition may depend on, through other conditions too (conditions and functions among them)."""
        found = self._names.get(name)
        if found is not None:
            return found
        seen: set[str] = set()
        names: set[str] = set()
        pending = [name]
        while pending:
            here = pending.pop()
            if here in seen or here not in self._nodes:
                continue
            seen.add(here)
            for function, scalar in scalars_below(self._nodes[here][1]):
                text = scalar.text
                if function == "Condition":
                    pending.append(text)
                elif function == "Sub" and _PLACEHOLDER in text:
                    names.update(part.split("}")[0].strip() for part in text.split(_PLACEHOLDER)[1:])
                elif function == "Ref":
                    names.add(text)
        self._names[name] = frozenset(names)
        return self._names[name]

    def _named(self, name: str, assumed: dict[str, bool], defaults: bool, depth: int) -> Tri:
        if name in assumed:
            return Tri.of(assumed[name])
        pair = self._nodes.get(name)
        if pair is None or depth > MAX_DEPTH:
            return MAYBE
        mark = (name, defaults, *sorted(assumed.items()))
        answer = self._cache.get(mark)
        if answer is None:
            self._cache[mark] = MAYBE  # the answer of a condition that depends on itself
            answer = self._cache[mark] = self._node(pair[1], assumed, defaults, depth + 1)
        return answer

    def _node(self, node: Node, assumed: dict[str, bool], defaults: bool, depth: int) -> Tri:
        self._room -= 1
        if depth > MAX_DEPTH or self._room < 0:
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
            return equal(self._read(items[0], defaults), self._read(items[1], defaults)) if len(items) == 2 else MAYBE
        if name == "Not":
            return ~self._node(items[0], assumed, defaults, depth + 1) if len(items) == 1 else MAYBE
        if name not in ("And", "Or") or not items:
            return MAYBE
        answer = YES if name == "And" else NO
        for item in items:
            one = self._node(item, assumed, defaults, depth + 1)
            answer = answer & one if name == "And" else answer | one
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
    if left is None or right is None or isinstance(one, float) or isinstance(other, float):
        return MAYBE
    return Tri.of(left == right)


def _may_equal(text: Text, plain: str) -> bool:
    return plain.startswith(text.head) and plain.endswith(text.tail) and len(plain) >= len(text.head) + len(text.tail)


__all__ = ["Conditions", "equal"]
