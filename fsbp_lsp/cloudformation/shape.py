"""Reading keys out of a template's tree: plain text, merged pairs, sections."""

from __future__ import annotations

from fsbp_lsp.syntax.tree import Mapping, Node, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MERGE_DEPTH = 8
"""Levels of merge keys inside merged mappings. Their number is bounded by the reader, as that of all aliases."""


class Pairs:
    """The pairs of a mapping by key, merge keys followed.

    found: (key node, value node); the last of two equal keys. open: there may be more keys than these.
    twice: keys written more than once in the mapping itself.
    """

    __slots__ = ("found", "open", "twice")

    def __init__(self) -> None:
        self.found: dict[str, tuple[Node, Node]] = {}
        self.open = False
        self.twice: set[str] = set()


def untagged(node: Node | None) -> bool:
    """No tag that changes the meaning: none, or one of YAML's own (`!!str`)."""
    return node is not None and (not node.tag or node.tag == "!" or node.tag.startswith("!!"))


def text_of(node: Node | None) -> str | None:
    """The text of a plain scalar; None for everything else, a tagged scalar included."""
    return node.text if isinstance(node, Scalar) and untagged(node) else None


def mapping_of(node: Node | None) -> Mapping | None:
    return node if isinstance(node, Mapping) and untagged(node) else None


def items_of(node: Node | None) -> list[Node]:
    """The items of an untagged list; a lone node counts as a list of one."""
    if node is None:
        return []
    return list(node.items) if isinstance(node, Sequence) and untagged(node) else [node]


def pairs_of(mapping: Mapping, depth: int = 0) -> Pairs:
    """The pairs of a mapping, merge keys followed; tags on the mapping are the caller's business."""
    out = Pairs()
    found = out.found
    merged: dict[str, tuple[Node, Node]] = {}
    for pair in mapping.pairs:
        key = pair[0]
        if not isinstance(key, Scalar) or (key.tag and not untagged(key)):
            out.open = True
            continue
        name = key.text
        if name == "<<" and not key.style:
            if not _merge(pair[1], merged, depth):
                out.open = True
            continue
        if name in found:
            out.twice.add(name)
        found[name] = pair
    for name, pair in merged.items():
        if name not in found:
            found[name] = pair
    return out


def _merge(value: Node, into: dict[str, tuple[Node, Node]], depth: int) -> bool:
    """Add the pairs a merge key brings in; earlier ones win. False when not all of them are known."""
    sources = value.items if isinstance(value, Sequence) and untagged(value) else [value]
    whole = True
    for source in sources:
        if not isinstance(source, Mapping) or not untagged(source) or depth >= MERGE_DEPTH:
            whole = False
            continue
        inner = pairs_of(source, depth + 1)
        whole = whole and not inner.open
        for name, pair in inner.found.items():
            into.setdefault(name, pair)
    return whole


def descend(node: Node | None, *names: str) -> Node | None:
    """The node under a chain of plain keys; None when there is none."""
    for name in names:
        mapping = mapping_of(node)
        if mapping is None:
            return None
        pair = pairs_of(mapping).found.get(name)
        node = None if pair is None else pair[1]
    return node


def scalars_below(node: Node, depth: int = 0, limit: int = 60) -> Iterator[tuple[str, Scalar]]:
    """(name of the function it is the argument of or '', scalar) for every scalar below, tags and long forms alike."""
    pending: list[tuple[str, Node, int]] = [("", node, depth)]
    while pending:
        name, here, level = pending.pop()
        if here.tag and not untagged(here):
            name = here.tag[1:]
        if isinstance(here, Scalar):
            yield name, here
        elif level >= limit:
            continue
        elif isinstance(here, Mapping):
            for key, value in here.pairs:
                inner = key.text.removeprefix("Fn::") if isinstance(key, Scalar) and len(here.pairs) == 1 else ""
                pending.append((inner, value, level + 1))
        elif isinstance(here, Sequence):
            pending.extend((name if name in ("Sub", "GetAtt") else "", item, level + 1) for item in here.items)


def names_below(node: Node, limit: int = 60) -> Iterator[str]:
    """The names that Ref, Fn::GetAtt and Fn::Sub speak of anywhere below (attributes of GetAtt among them)."""
    for function, scalar in scalars_below(node, limit=limit):
        if function == "Sub":
            yield from (part.split("}")[0].split(".")[0].strip() for part in scalar.text.split("${")[1:])
        elif function in ("Ref", "GetAtt"):
            yield scalar.text.split(".")[0]
