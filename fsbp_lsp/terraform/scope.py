"""What an expression can see besides the module: the piece it stands in and the names bound around it."""

from __future__ import annotations

from fsbp_lsp.values import UNKNOWN, Map, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.text import Piece
    from fsbp_lsp.values import Datum

MISSING = Value((UNKNOWN,))


class Scope:
    """names: `each`, `count`, iterators of dynamic blocks, names of for expressions and `*` of a splat.

    key: the instance key of the resource being evaluated; an `InstanceKey` when it is not decided.
    for_each_is_set: `each.value` is the key as well.
    """

    __slots__ = ("for_each_is_set", "key", "names", "piece")

    def __init__(self, piece: Piece, names: dict[str, Value] | None = None, key: Datum = None, for_each_is_set: bool = False) -> None:
        self.piece = piece
        self.names = names or {}
        self.key = key
        self.for_each_is_set = for_each_is_set

    def bind(self, **names: Value) -> Scope:
        return self.with_names(names)

    def with_names(self, names: dict[str, Value]) -> Scope:
        """The same scope with more names; inner names hide outer ones."""
        return Scope(self.piece, {**self.names, **names}, self.key, self.for_each_is_set)


def pair(key: Value, value: Value) -> Value:
    """`each` or an iterator: an object with `key` and `value`."""
    return Value((Map({"key": key, "value": value}),))
