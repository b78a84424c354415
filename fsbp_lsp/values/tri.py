"""Three-valued logic (Kleene's strong logic of indeterminacy)."""

from __future__ import annotations

import enum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    T = TypeVar("T")


class Tri(enum.IntEnum):
    """NO, MAYBE or YES. Not usable as a bool: `if tri:` would silently decide what is undecided."""

    NO = 0
    MAYBE = 1
    YES = 2

    def __bool__(self) -> bool:
        raise TypeError("a Tri is not a bool: compare with YES, NO or MAYBE")

    def __and__(self, other: Tri) -> Tri:  # type: ignore[override]  # deliberately not int's
        return min(self, other)

    def __or__(self, other: Tri) -> Tri:  # type: ignore[override]  # deliberately not int's
        return max(self, other)

    def __invert__(self) -> Tri:
        return _INVERSE[self]

    @staticmethod
    def of(answer: bool) -> Tri:
        return Tri.YES if answer else Tri.NO


_INVERSE = (Tri.YES, Tri.MAYBE, Tri.NO)
NO, MAYBE, YES = Tri.NO, Tri.MAYBE, Tri.YES


def any_of(things: Iterable[T], holds: Callable[[T], Tri], maybe_more: bool = False) -> Tri:
    """YES when `holds` is YES for one thing; MAYBE when one is MAYBE or unseen things may exist."""
    result = MAYBE if maybe_more else NO
    for thing in things:
        result = result | holds(thing)
        if result is YES:
            break
    return result


def all_of(things: Iterable[T], holds: Callable[[T], Tri], maybe_more: bool = False) -> Tri:
    """The dual of `any_of`: NO when one thing fails, MAYBE when unseen things may exist."""
    result = MAYBE if maybe_more else YES
    for thing in things:
        result = result & holds(thing)
        if result is NO:
            break
    return result
