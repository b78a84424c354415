"""Texts put together from the same words: whether they are the same, whatever the words stand for."""

from __future__ import annotations

from fsbp_lsp.values import MAYBE, NO, YES, Tri

TYPE_CHECKING = False
if TYPE_CHECKING:
    Words = list[tuple[bool, str]]
    """(whether it is the name of something, the name or the literal text) in order, without empty texts."""


def same_text(one: Words, other: Words) -> Tri:
    """Whether two texts of one module are equal in every deployment, or in none.

    With the same names in both, in whatever order, two texts whose literal parts differ in length are never equal.
    """
    if one == other:
        return YES
    if _names(one) == _names(other) and _literal(one) != _literal(other):
        return NO
    return MAYBE


def _names(words: Words) -> list[str]:
    return sorted(text for named, text in words if named)


def _literal(words: Words) -> int:
    return sum(len(text) for named, text in words if not named)
