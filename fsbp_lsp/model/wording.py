"""Texts put together from the same words: whether they are the same, whatever the words stand for."""

from __future__ import annotations

from fsbp_lsp.values import MAYBE, NO, YES, Tri

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Words = list[tuple[bool, str]]
    """(whether it is the name of something, the name or the literal text) in order, without empty texts."""


def same_text(one: Words, other: Words) -> Tri:
    """Whether two texts of one module are equal in every deployment, or in none."""
    if one == other:
        return YES
    if _names(one) == _names(other) and _literal(one) != _literal(other):
        # With the same names, in whatever order, one text is longer than the other.
        return NO
    return NO if _part(one, other, str.startswith) or _part(one[::-1], other[::-1], str.endswith) else MAYBE


def _part(one: Words, other: Words, goes_on: Callable[[str, str], bool]) -> bool:
    """Seen from one end, the texts come to a place where their letters differ, or where only one of them ends."""
    same = next((number for number, (mine, its) in enumerate(zip(one, other, strict=False)) if mine != its), min(len(one), len(other)))
    mine, its = one[same:], other[same:]
    if not mine or not its:
        return _literal(mine) != _literal(its)
    (named, text), (its_named, its_text) = mine[0], its[0]
    return not named and not its_named and not goes_on(text, its_text) and not goes_on(its_text, text)


def _names(words: Words) -> list[str]:
    return sorted(text for named, text in words if named)


def _literal(words: Words) -> int:
    return sum(len(text) for named, text in words if not named)
