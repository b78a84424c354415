"""`Fn::ForEach` of the AWS::LanguageExtensions transform: what it writes, as the nodes one would have written.

The copies keep the places of the body they are made from, so a finding points there.
"""

from __future__ import annotations

from fsbp_lsp.cloudformation.domains import call_of, ref_of
from fsbp_lsp.cloudformation.shape import Pairs, descend, mapping_of, pairs_of, text_of, untagged
from fsbp_lsp.syntax.tree import Mapping, Node, Scalar, Sequence
from fsbp_lsp.values import Seq, as_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.cloudformation.parameters import Parameter
    from fsbp_lsp.text import Piece

    Found = dict[str, tuple[Node, Node]]

PREFIX = "Fn::ForEach::"
EXTENSIONS = "AWS::LanguageExtensions"
MAX_NODES = 60_000
"""Nodes copied per template."""
MAX_DEPTH = 60
MAX_LOOPS = 5
"""Loops in loops that CloudFormation allows."""


class Loops:
    """on: the template declares the transform; without it nothing is unrolled.

    parameters, mappings: where a loop may take its list from.
    """

    __slots__ = ("_made", "_mappings", "_parameters", "_piece", "_room", "on")

    def __init__(self, on: bool, piece: Piece, parameters: dict[str, Parameter], mappings: Node | None) -> None:
        self.on = on
        self._piece = piece
        self._parameters = parameters
        self._mappings = mappings
        self._made: dict[Mapping, Pairs] = {}
        self._room = MAX_NODES

    def pairs(self, section: Node | None) -> Pairs:
        """The pairs of a section, loops unrolled as far as they can be. Open where it may hold others, too."""
        mapping = mapping_of(section)
        if mapping is None:
            pairs = Pairs()
            pairs.open = section is not None
            return pairs
        return self.members(mapping)

    def members(self, mapping: Mapping) -> Pairs:
        """The pairs of a mapping, what loops write in their place; a loop that cannot be followed stays, under its own name."""
        if not self.on:
            return pairs_of(mapping)
        # Read once: scenarios read a template again and again, and copies are counted.
        pairs = self._made.get(mapping)
        if pairs is None:
            pairs = pairs_of(mapping)
            if any(name.startswith(PREFIX) for name in pairs.found):
                self._unroll(pairs)
                self._made[mapping] = pairs
        return pairs

    def _unroll(self, pairs: Pairs) -> None:
        found: Found = {}
        for name, pair in pairs.found.items():
            body = self._body(pair[1], 0) if name.startswith(PREFIX) else None
            if body is None:
                found[name] = pair
                continue
            pairs.open = pairs.open or body.open
            for key, value in body.written:
                if key.text in found or key.text in pairs.found:
                    pairs.twice.add(key.text)
                found[key.text] = (key, value)
        pairs.found = found

    def _body(self, loop: Node, depth: int) -> _Body | None:
        """What a loop writes; None when its list or its body is not decided by what is written here."""
        if not isinstance(loop, Sequence) or not untagged(loop) or len(loop.items) != 3 or depth >= MAX_LOOPS:
            return None
        name, body = text_of(loop.items[0]), mapping_of(loop.items[2])
        listed = self._listed(loop.items[1])
        if not name or body is None or listed is None:
            return None
        pairs = pairs_of(body)
        if pairs.open or pairs.twice:
            return None
        texts, more = listed
        out = _Body(more)
        for text in texts:
            for key, value in pairs.found.values():
                made, made_key = self._copy(value, name, text, 0), self._copy(key, name, text, 0)
                if made is None or not isinstance(made_key, Scalar):
                    return None
                if made_key.text.startswith(PREFIX):
                    inner = self._body(made, depth + 1)
                    if inner is None:
                        return None
                    out.written.extend(inner.written)
                    out.open = out.open or inner.open
                else:
                    out.written.append((made_key, made))
        return out

    def _listed(self, node: Node) -> tuple[list[str], bool] | None:
        """(what a loop goes through, whether a deployment may choose something else); None when that is not known.

        A list, a `Ref` to a list parameter (user guide, "Fn::ForEach"), or a cell of a mapping.
        """
        if isinstance(node, Sequence) and untagged(node):
            texts = [text for item in node.items if (text := text_of(item)) is not None]
            return (texts, False) if len(texts) == len(node.items) else None
        name = ref_of(node)
        if name is not None:
            parameter = self._parameters.get(name)
            items = parameter.value(self._piece, False).only if parameter is not None else None
            if parameter is None or not isinstance(items, Seq):
                return None
            # An empty value is a list that may or may not have an element.
            texts = [] if items.open else [text for item in items.items if (text := as_text(item.only)) is not None]
            return texts, items.open or not parameter.settled
        call = call_of(node)
        if call is not None and call[0] == "FindInMap" and len(call[2]) in (3, 4):
            keys = [text for item in call[2][:3] if (text := text_of(item)) is not None]
            cell = descend(self._mappings, *keys) if len(keys) == 3 else None
            return self._listed(cell) if isinstance(cell, Sequence) else None
        return None

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
            filled = _filled(node.text, name, text)
            return _scalar(node, filled, "" if node.tag == "!Sub" and "${" not in filled else node.tag)
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
        plain = _plain(node, name, text)
        if plain is not None:
            return plain
        pairs: list[tuple[Node, Node]] = []
        for key, value in node.pairs:
            made_key, made = self._copy(key, name, text, depth + 1), self._copy(value, name, text, depth + 1)
            if made_key is None or made is None:
                return None
            pairs.append((made_key, made))
        return Mapping(node.start, node.end, pairs, node.flow, node.tag, node.anchor, node.alias)


class _Body:
    """written: the pairs a loop puts in its place. open: another list may be chosen, and then others."""

    __slots__ = ("open", "written")

    def __init__(self, open: bool) -> None:
        self.written: list[tuple[Scalar, Node]] = []
        self.open = open


def _plain(node: Mapping, name: str, text: str) -> Scalar | None:
    """The text that `Ref` to a loop's identifier, or `Fn::Sub` of nothing else, comes to; None for everything else.

    A tag on the mapping stays: `!Ref {Fn::Sub: Bucket${Name}}` refers to what is written so.
    """
    if len(node.pairs) != 1:
        return None
    key, value = node.pairs[0]
    function = text_of(key)
    if not isinstance(value, Scalar) or not untagged(value):
        return None
    if function == "Ref" and value.text == name:
        return _scalar(value, text, node.tag)
    if function == "Fn::Sub" and f"{{{name}}}" in value.text:
        filled = _filled(value.text, name, text)
        return None if "${" in filled else _scalar(value, filled, node.tag)
    return None


def _filled(written: str, name: str, text: str) -> str:
    """`&{x}` takes the value without what a logical id cannot hold (user guide, "Fn::ForEach")."""
    plain = "".join(char for char in text if char.isascii() and char.isalnum())
    return written.replace(f"${{{name}}}", text).replace(f"&{{{name}}}", plain)


def _scalar(like: Scalar, text: str, tag: str) -> Scalar:
    return Scalar(like.start, like.end, text, text, like.style or "'", like.value_start, like.value_end, tag, like.anchor, like.alias)
