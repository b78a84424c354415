"""Bodies of blocks to Maps: attributes, nested blocks, and `dynamic` blocks expanded where decided."""

from __future__ import annotations

from fsbp_lsp.terraform.data import Set
from fsbp_lsp.terraform.references import nearer
from fsbp_lsp.terraform.scope import pair
from fsbp_lsp.terraform.sets import known_keys
from fsbp_lsp.text import Loc
from fsbp_lsp.values import UNKNOWN, Map, Origin, Seq, Value, Via, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.syntax.hcl_tree import Block, Body
    from fsbp_lsp.terraform.evaluate import Evaluator
    from fsbp_lsp.terraform.scope import Scope
    from fsbp_lsp.values import Datum

MAX_INSTANCES = 64
MAX_DEPTH = 20
MAX_BLOCKS = 2_000
"""Blocks of one body, dynamic ones expanded: nested dynamics multiply."""

META_ARGUMENTS = frozenset({"count", "for_each", "depends_on", "provider"})
META_BLOCKS = frozenset({"lifecycle", "provisioner", "connection"})


class Bodies:
    """Evaluates the bodies of one resource."""

    __slots__ = ("_evaluator", "_left")

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._left = MAX_BLOCKS

    def resource(self, body: Body, scope: Scope) -> Map:
        """The Map of a resource's own body, without meta-arguments."""
        return self._body(body, scope, 0, top=True)

    def _body(self, body: Body, scope: Scope, depth: int, top: bool = False) -> Map:
        entries: dict[str, Value] = {}
        keys: dict[str, Loc] = {}
        for name, attribute in body.attributes.items():
            if top and (name in META_ARGUMENTS or name in META_BLOCKS):
                continue
            entries[name] = self._evaluator.safe(attribute.expr, scope)
            keys[name] = Loc(scope.piece, attribute.start, attribute.name_end)
        self._left -= len(body.blocks)
        if depth > MAX_DEPTH or self._left < 0:
            return Map(entries, True, body, keys)
        by_type: dict[str, list[Block]] = {}
        for block in body.blocks:
            if top and block.type in META_BLOCKS:
                continue
            name = block.labels[0] if block.type == "dynamic" and block.labels else block.type
            by_type.setdefault(name, []).append(block)
        for name, blocks in by_type.items():
            value = self._blocks(name, blocks, scope, depth, body.broken)
            if name in entries:
                # The same name as an attribute and as a block is refused by Terraform.
                value = Value.unknown(value.at)
            entries[name] = value
            keys[name] = _header(blocks[0], scope)
        return Map(entries, body.broken, body, keys)

    def _blocks(self, name: str, blocks: list[Block], scope: Scope, depth: int, broken: bool) -> Value:
        at = _header(blocks[0], scope)
        rows: list[tuple[list[Value], bool]] = [([], False)]
        hops: tuple[Origin, ...] = ()
        for block in blocks:
            if block.type == "dynamic":
                choices, origins = self._dynamic(name, block, scope, depth)
                hops = hops or origins
            else:
                made = self._body(block.body, scope, depth + 1)
                choices = [([Value((made,), _header(block, scope), (), block)], False)]
            if len(rows) * len(choices) > 8:
                choices = [([], True)]
            rows = [(items + more, is_open or more_open) for items, is_open in rows for more, more_open in choices]
        options = tuple(Seq(tuple(items), is_open or broken) for items, is_open in rows)
        return Value(options, at, hops, blocks[0] if len(blocks) == 1 else None)

    def _dynamic(self, name: str, block: Block, scope: Scope, depth: int) -> tuple[list[tuple[list[Value], bool]], tuple[Origin, ...]]:
        """The blocks for every possibility of `for_each`, each with whether there may be more."""
        content = next((inner for inner in block.body.blocks if inner.type == "content"), None)
        over = block.body.attributes.get("for_each")
        if content is None or over is None:
            return [([], True)], ()
        iterator = block.body.attributes.get("iterator")
        binding = name
        if iterator is not None:
            from fsbp_lsp.syntax.hcl_tree import Literal, Variable

            expr = iterator.expr
            if isinstance(expr, Variable):
                binding = expr.name
            elif isinstance(expr, Literal) and isinstance(expr.value, str):
                binding = expr.value
            else:
                return [([], True)], ()
        source = self._evaluator.safe(over.expr, scope)
        where = Loc(scope.piece, over.expr_start, over.expr_end)
        choices: list[tuple[list[Value], bool]] = []
        # An element that several possibilities share makes one block: it is there whatever chooses between them.
        blocks: dict[tuple[str, int], Value] = {}
        for option in source.options[:8]:
            items, is_open = pairs_of(known(option))
            if len(items) > MAX_INSTANCES:
                items, is_open = [], True
            self._left -= len(items)
            if self._left < 0 or not self._evaluator.meter.afford(len(items)):
                items, is_open = [], True
            made: list[Value] = []
            for key, value in items:
                shared = repr(key.raw), id(value)
                if shared not in blocks:
                    inner = scope.with_names({binding: pair(key, nearer(source, value))})
                    body = self._body(content.body, inner, depth + 1)
                    blocks[shared] = Value((body,), _header(content, scope), (), content)
                made.append(blocks[shared])
            choices.append((made, is_open))
        if len(source.options) > 8:
            choices = [([], True)]
        hop = (Origin(Via.BRANCH, where, "for_each"), *source.origins) if len(choices) > 1 else source.origins
        return choices, hop


def pairs_of(datum: Datum) -> tuple[list[tuple[Value, Value]], bool]:
    """(key, value) pairs a `for_each` iterates over, and whether there may be more."""
    if isinstance(datum, Map):
        order = sorted(datum.entries, key=lambda key: key.encode("utf-8", "surrogatepass"))
        return [(Value((key,), datum.keys.get(key)), datum.entries[key]) for key in order], datum.open
    if isinstance(datum, Set):
        return [(item, item) for item in datum.items], datum.open or (len(datum.items) > 1 and not known_keys(datum))
    if isinstance(datum, Seq):
        if datum.open:
            return [(Value((UNKNOWN,)), item) for item in datum.items], True
        return [(Value((number,)), item) for number, item in enumerate(datum.items)], False
    return [], True


def _header(block: Block, scope: Scope) -> Loc:
    return Loc(scope.piece, block.start, block.header_end)


__all__ = ["MAX_INSTANCES", "Bodies", "pairs_of"]
