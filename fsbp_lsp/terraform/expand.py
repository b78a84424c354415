"""`count`, `for_each` and `enabled`: which instances a block has, as far as that is decided."""

from __future__ import annotations

from fsbp_lsp.model import InstanceKey
from fsbp_lsp.syntax import hcl_tree as hcl
from fsbp_lsp.terraform.address import join
from fsbp_lsp.terraform.bodies import MAX_INSTANCES, pairs_of
from fsbp_lsp.terraform.data import Fault, Instance, Set
from fsbp_lsp.terraform.references import flatten, nearer
from fsbp_lsp.terraform.scalars import to_number
from fsbp_lsp.terraform.scope import Scope, pair
from fsbp_lsp.values import MAYBE, NO, UNKNOWN, YES, Map, Seq, Tri, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.terraform.evaluate import Evaluator
    from fsbp_lsp.terraform.index import Declared
    from fsbp_lsp.text import Piece
    from fsbp_lsp.values import Datum


UNDECIDED = Value((UNKNOWN,))


class Expansion:
    """The instances of one block.

    mode: '' (single), 'count' or 'for_each'. instances: (key, exists, names bound in the body); with an
    InstanceKey when keys are not decided. text: the normalised expression, '' when single. shapes: what the
    block is as a value, one per possibility. for_each_is_set: `each.value` is the key.
    """

    __slots__ = ("for_each_is_set", "instances", "mode", "shapes", "text")

    def __init__(
        self,
        mode: str,
        instances: list[tuple[Datum, Tri, dict[str, Value]]],
        text: str,
        shapes: tuple[Datum, ...],
        for_each_is_set: bool = False,
    ) -> None:
        self.mode = mode
        self.instances = instances
        self.text = text
        self.shapes = shapes
        self.for_each_is_set = for_each_is_set

    def exists(self, key: Datum) -> Tri:
        """Whether the instance with this key exists."""
        for mine, exists, _names in self.instances:
            if type(mine) is type(key) and mine == key:
                return exists
        return MAYBE if any(isinstance(mine, InstanceKey) for mine, _exists, _names in self.instances) else NO


def expand(declared: Declared, evaluator: Evaluator, expansion_of: Callable[[str], Expansion | None], prefix: str = "") -> Expansion:
    """The instances of a block; `expansion_of` answers for blocks it is chained to, by their local address.

    prefix: of the module instance the block belongs to; the same words mean something else in another one.
    """
    address = join(prefix, declared.address)
    for mode in ("count", "for_each"):
        found = declared.attribute(mode)
        if found is None:
            continue
        piece, attribute = found
        text = f"{mode} = {b' '.join(piece.data[attribute.expr_start : attribute.expr_end].split()).decode('utf-8', 'replace')}"
        if prefix:
            text = f"{prefix}: {text}"
        value = evaluator.safe(attribute.expr, Scope(piece))
        if mode == "count":
            return _count(address, value, _chained_count(attribute.expr, text, expansion_of))
        return _for_each(address, value, attribute.expr, *_chained(attribute.expr, text, expansion_of, prefix))
    switch = switch_of(declared)
    if switch is not None:
        piece, expr = switch
        words = b" ".join(piece.data[expr.start : expr.end].split()).decode("utf-8", "replace")
        return _switched(address, evaluator.safe(expr, Scope(piece)), f"{prefix}: enabled = {words}" if prefix else f"enabled = {words}")
    return single(address)


def repeats(declared: Declared) -> bool:
    """Whether a block has `count` or `for_each` at all."""
    return declared.attribute("count") is not None or declared.attribute("for_each") is not None


def switch_of(declared: Declared) -> tuple[Piece, hcl.Expr] | None:
    """`enabled` of the block `lifecycle`, with which OpenTofu 1.11 makes one instance or none."""
    for piece, body in reversed(declared.layers):
        for block in body.blocks:
            if block.type == "lifecycle" and "enabled" in block.body.attributes:
                return piece, block.body.attributes["enabled"].expr
        # The JSON notation tells blocks from objects by nothing.
        written = body.attributes.get("lifecycle")
        if written is not None and isinstance(written.expr, hcl.Object):
            for key, value in written.expr.items:
                if isinstance(key, hcl.Literal) and key.value == "enabled":
                    return piece, value
    return None


def _switched(address: str, value: Value, text: str) -> Expansion:
    if value.is_(True) is YES:
        return single(address)
    if value.is_(False) is YES:
        return Expansion("", [], text, (None,))
    return Expansion("", [(None, MAYBE, {})], text, (Instance(address), None))


_singles: dict[str, Expansion] = {}


def single(address: str) -> Expansion:
    """The one instance of a block that does not repeat; it depends on nothing but the address, so it is made once."""
    made = _singles.get(address)
    if made is None:
        if len(_singles) > 100_000:
            _singles.clear()
        made = _singles[address] = Expansion("", [(None, YES, {})], "", (Instance(address),))
    return made


def _address(expr: hcl.Expr) -> str | None:
    """The address when the expression is nothing but a whole resource."""
    root, steps = flatten(expr)
    if not isinstance(root, hcl.Variable) or not all(isinstance(step, str) for step in steps):
        return None
    names = [root.name, *(step for step in steps if isinstance(step, str))]
    if len(names) == (3 if names[0] == "data" else 2) and names[0] not in ("var", "local", "each"):
        return ".".join(names)
    return None


def _chained(expr: hcl.Expr, text: str, expansion_of: Callable[[str], Expansion | None], prefix: str) -> tuple[str, Value]:
    """What a block repeats by, and `each.value` where keys are not decided: `for_each = aws_x.y` repeats by what y repeats by."""
    address = _address(expr)
    owner = expansion_of(address) if address is not None else None
    if address is None or owner is None or owner.mode != "for_each":
        return text, UNDECIDED
    return owner.text, Value((Instance(join(prefix, address), InstanceKey(owner.text)),))


def _chained_count(expr: hcl.Expr, text: str, expansion_of: Callable[[str], Expansion | None]) -> str:
    """`count = length(aws_x.y)` repeats by what y repeats by."""
    if not isinstance(expr, hcl.Call) or expr.name != "length" or len(expr.args) != 1:
        return text
    address = _address(expr.args[0])
    owner = expansion_of(address) if address is not None else None
    return owner.text if owner is not None and owner.mode == "count" else text


def _undecided(mode: str, text: str, each_value: Value = UNDECIDED, is_set: bool = False) -> Expansion:
    names = {"count": Value((Map({"index": UNDECIDED}),))} if mode == "count" else {"each": pair(UNDECIDED, each_value)}
    shape: Datum = Seq((), True) if mode == "count" else Map({}, True)
    return Expansion(mode, [(InstanceKey(text), MAYBE, names)], text, (shape,), is_set)


def _count(address: str, value: Value, text: str) -> Expansion:
    numbers: list[int] = []
    for option in value.options:
        try:
            number = to_number(option)
        except Fault:
            number = UNKNOWN
        if not isinstance(number, int) or not 0 <= number <= MAX_INSTANCES:
            return _undecided("count", text)
        numbers.append(number)
    least, most = min(numbers), max(numbers)
    instances = [(index, YES if index < least else MAYBE, {"count": Value((Map({"index": Value((index,))}),))}) for index in range(most)]
    shapes = tuple(Seq(tuple(Value((Instance(address, index),)) for index in range(number))) for number in dict.fromkeys(numbers))
    return Expansion("count", [(key, exists, names) for key, exists, names in instances], text, shapes)


def _for_each(address: str, value: Value, expr: hcl.Expr, text: str, each_value: Value) -> Expansion:
    is_set = isinstance(expr, hcl.Call) and expr.name == "toset"
    rows: list[tuple[dict[str, tuple[Value, Value]], bool]] = []
    for option in value.options:
        datum = known(option)
        if not isinstance(datum, (Map, Set)):
            return _undecided("for_each", text, each_value, is_set)
        items, is_open = pairs_of(datum)
        row: dict[str, tuple[Value, Value]] = {}
        for key, each in items:
            name = known(key.raw)
            if isinstance(name, str):
                row[name] = (key, nearer(value, each))
            else:
                is_open = True
        rows.append((row, is_open))
    names = sorted({name for row, _open in rows for name in row}, key=lambda key: key.encode("utf-8", "surrogatepass"))
    if len(names) > MAX_INSTANCES or len(rows) > 8:
        return _undecided("for_each", text, each_value, is_set)
    instances: list[tuple[Datum, Tri, dict[str, Value]]] = []
    for name in names:
        pairs = [row[name] for row, _open in rows if name in row]
        each = pair(Value((name,), pairs[0][0].at), Value.union([one[1] for one in pairs]))
        exists = YES if len(pairs) == len(rows) else MAYBE
        instances.append((name, exists, {"each": each}))
    if any(is_open for _row, is_open in rows):
        instances.extend(_undecided("for_each", text, each_value).instances)
    shapes = tuple(Map({name: Value((Instance(address, name),)) for name in row}, is_open) for row, is_open in rows)
    return Expansion("for_each", instances, text, shapes, is_set)
