"""What of a scenario can make a difference to an expression: what is read in one scenario stands in others that agree on it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Reach:
    """What can have a hand in an expression: parameters it speaks of, and conditions.

    only: the condition that decides alone, '' when there are several, none, or parameters as well.
    """

    __slots__ = ("_clusters", "_number_of", "_texts", "only", "parameters")

    def __init__(
        self,
        parameters: frozenset[str],
        conditions: frozenset[str],
        texts: frozenset[str],
        clusters: frozenset[int],
        number_of: Callable[[str], int],
    ) -> None:
        """texts: all that is written there. clusters: of the conditions that say something about these. number_of: by condition."""
        self.parameters = parameters
        self.only = next(iter(conditions)) if len(conditions) == 1 and not parameters else ""
        self._texts = texts
        self._clusters = clusters
        self._number_of = number_of

    def alone(self, assumed: dict[str, bool]) -> str:
        """`only`, unless another condition that is assumed, though nobody declares it, is named there too; '' then."""
        return "" if any(name in self._texts for name in assumed if name != self.only) else self.only

    def touches(self, condition: str) -> bool:
        """Whether knowing a condition may change what the expression comes to."""
        return condition in self._texts or self._number_of(condition) in self._clusters
