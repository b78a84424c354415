"""`Fn::ForEach` of the AWS::LanguageExtensions transform: what it writes, as the nodes one would have written.

The copies keep the places of the body they are made from, so a finding points there.
"""

from __future__ import annotations

from fsbp_lsp.cloudformation.shape import mapping_of, pairs_of, text_of, untagged
from fsbp_lsp.syntax.tree import Mapping, Node, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.cloudformation.shape import Pairs

    Found = dict[str, tuple[Node, Node]]

PREFIX = "Fn::ForEach::"
EXTENSIONS = "AWS::LanguageExtensions"
MAX_NODES = 60_000
"""Nodes copied per template."""
MAX_DEPTH = 60
MAX_LOOPS = 5
"""Loops in loops that CloudFormation allows."""


class Loops:
    """on: the template declares the transform; without it nothing is unrolled."""

    __slots__ = ("_room", "on")

    def __init__(self, on: bool) -> None:
        self.on = on
        self._room = MAX_NODES

    def pairs(self, mapping: Mapping | None) -> Found:
        """The pairs of a section by key, loops unrolled as far as they can be."""
        if mapping is None:
            return {}
        pairs = pairs_of(mapping)
        if self.on:
            self.unroll(pairs)
        return pairs.found

    def unroll(self, pairs: Pairs) -> None:
        """Put what loops write in their place; a loop that cannot be followed stays, under its own name."""
        if not any(name.startswith(PREFIX) for name in pairs.found):
            return
        found: Found = {}
        for name, pair in pairs.found.items():
            written = self._written(pair[1], 0) if name.startswith(PREFIX) else None
            if written is None:
                found[name] = pair
                continue
            for key, value in written:
                if key.text in found or key.text in pairs.found:
                    pairs.twice.add(key.text)
                found[key.text] = (key, value)
        pairs.found = found

    def _written(self, loop: Node, depth: int) -> list[tuple[Scalar, Node]] | None:
        """The pairs a loop writes; None when its list or its body is not decided by what is written here."""
        if not isinstance(loop, Sequence) or not untagged(loop) or len(loop.items) != 3 or depth >= MAX_LOOPS:
            return None
        name, listed, body = text_of(loop.items[0]), loop.items[1], mapping_of(loop.items[2])
        if not name or body is None or not isinstance(listed, Sequence) or not untagged(listed):
            return None
        texts = [text_of(item) for item in listed.items]
        out: list[tuple[Scalar, Node]] = []
        for text in texts:
            if text is None:
                return None
            for key, value in body.pairs:
                if not isinstance(key, Scalar) or not untagged(key):
                    return None
                made = self._copy(value, name, text, 0)
                made_key = self._copy(key, name, text, 0)
                if made is None or not isinstance(made_key, Scalar):
                    return None
                if key.text.startswith(PREFIX):
                    inner = self._written(made, depth + 1)
                    if inner is None:
                        return None
                    out.extend(inner)
                else:
                    out.append((made_key, made))
        return out

    def _copy(self, node: Node, name: str, text: str, depth: int) -> Node | None:
        """The node with `${name}`, `&{name}` and `Ref` to `name` replaced; None when it is too much."""
        self._room -= 1
        if self._room < 0 or depth > MAX_DEPTH:
            return None
        if isinstance(node, Scalar):
            if node.tag == "!Ref" and node.text == name:
                return _scalar(node, text, "")
            if f"{{{name}}}" not in node.text:
                return node
            return _scalar(node, _filled(node.text, name, text), node.tag)
        if isinstance(node, Sequence):
            items: list[Node] = []
            for item in node.items:
                made = self._copy(item, name, text, depth + 1)
                if made is None:
                    return None
                items.append(made)
            return Sequence(node.start, node.end, items, node.flow, node.tag, node.anchor, node.alias)
        if not isinstance(node, Mapping):
            return node
        if len(node.pairs) == 1:
            key, value = node.pairs[0]
            if isinstance(key, Scalar) and key.text == "Ref" and isinstance(value, Scalar) and value.text == name and untagged(node):
                return _scalar(value, text, "")
        pairs: list[tuple[Node, Node]] = []
        for key, value in node.pairs:
            made_key, made = self._copy(key, name, text, depth + 1), self._copy(value, name, text, depth + 1)
            if made_key is None or made is None:
                return None
            pairs.append((made_key, made))
        return Mapping(node.start, node.end, pairs, node.flow, node.tag, node.anchor, node.alias)


def _filled(written: str, name: str, text: str) -> str:
    """`&{x}` takes the value without what a logical id cannot hold (user guide, "Fn::ForEach")."""
    plain = "".join(char for char in text if char.isascii() and char.isalnum())
    return written.replace(f"${{{name}}}", text).replace(f"&{{{name}}}", plain)


def _scalar(like: Scalar, text: str, tag: str) -> Scalar:
    return Scalar(like.start, like.end, text, text, like.style or "'", like.value_start, like.value_end, tag, like.anchor, like.alias)
