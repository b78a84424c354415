"""Sets of values: equal elements once, in Terraform's order where that is decided."""

from __future__ import annotations

from fsbp_lsp.terraform.data import Set, TooMuch, plain
from fsbp_lsp.values import Seq, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.values import Datum


def make_set(items: list[Value]) -> Set:
    """A set of values of one type: equal ones once, in Terraform's order where that is decided."""
    plain_items = [known(item.raw) for item in items]
    if all(one is None or isinstance(one, (str, int, float)) for one in plain_items):
        seen: dict[Datum, Value] = {}
        for one, item in zip(plain_items, items, strict=True):
            seen.setdefault(one, item)
        return Set(tuple(seen[one] for one in sorted(seen, key=_set_order)))
    kept: list[Value] = []
    marks: set[object] = set()
    for item in items:
        mark = _mark(item.raw)
        if mark is None or mark not in marks:
            kept.append(item)
            marks.add(mark)
    return Set(tuple(kept))


def _mark(datum: Datum) -> object:
    """Something hashable that is equal for equal decided data; None when the datum is not decided."""
    try:
        return _frozen(plain(datum))
    except TooMuch:
        return None


def _frozen(data: object) -> object:
    if isinstance(data, list):
        return ("list", *(_frozen(item) for item in data))
    if isinstance(data, dict):
        return ("map", *((key, _frozen(data[key])) for key in sorted(data)))
    return (type(data) is bool, data)


def _set_order(one: Datum) -> tuple[int, object]:
    # Strings by code points is the order of their UTF-8 bytes; false sorts before true, null last.
    if one is None:
        return (2, 0)
    return (0, one.encode("utf-8", "surrogatepass")) if isinstance(one, str) else (1, one)


def set_is_settled(datum: Seq) -> bool:
    """How many elements the set has is decided: unknown elements might be equal to others."""
    return len(datum.items) < 2 or (not datum.open and all(_mark(item.raw) is not None for item in datum.items))


def known_keys(datum: Set) -> bool:
    """Every element of the set is a decided scalar, so its order and number are decided."""
    return not datum.open and all(isinstance(known(item.raw), (str, int, float)) for item in datum.items)
