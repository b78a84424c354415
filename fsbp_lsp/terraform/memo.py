"""Answers remembered together with what they depended on, and the notes of those who asked."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeVar

    Key = tuple[str, ...]
    Answer = TypeVar("Answer")


class Memo:
    """One per module version. An answer taken from memory notes everything its first computation noted."""

    __slots__ = ("_done", "_frames", "_recorders", "_running")

    def __init__(self) -> None:
        self._done: dict[tuple[Any, ...], tuple[Any, frozenset[Key]]] = {}
        self._frames: list[set[Key]] = []
        self._recorders: list[set[Key]] = []
        self._running: set[tuple[Any, ...]] = set()

    def record(self) -> set[Key]:
        noted: set[Key] = set()
        self._recorders.append(noted)
        return noted

    def stop(self, noted: set[Key]) -> None:
        self._recorders = [one for one in self._recorders if one is not noted]

    def note(self, key: Key) -> None:
        for recorder in self._recorders:
            recorder.add(key)
        if self._frames:
            self._frames[-1].add(key)

    def note_all(self, keys: Iterable[Key]) -> None:
        for recorder in self._recorders:
            recorder.update(keys)
        if self._frames:
            self._frames[-1].update(keys)

    def apart(self, compute: Callable[[], Answer]) -> tuple[Answer, frozenset[Key]]:
        """An answer and what it depended on, noted for nobody else."""
        recorders, frames = self._recorders, self._frames
        frame: set[Key] = set()
        self._recorders, self._frames = [], [frame]
        try:
            answer = compute()
        finally:
            self._recorders, self._frames = recorders, frames
        return answer, frozenset(frame)

    def watch(self, compute: Callable[[], Answer]) -> tuple[Answer, frozenset[Key]]:
        """An answer and what it depended on, noted for those who asked as well."""
        frame: set[Key] = set()
        self._frames.append(frame)
        try:
            answer = compute()
        finally:
            self._frames.pop()
            if self._frames:
                self._frames[-1] |= frame
        return answer, frozenset(frame)

    def __contains__(self, name: tuple[Any, ...]) -> bool:
        return name in self._done

    def remember(self, name: tuple[Any, ...], compute: Callable[[], Any], in_cycle: Any) -> Any:
        """The answer called `name`, computed once; `in_cycle` while its own computation is still running."""
        done = self._done.get(name)
        if done is not None:
            self.note_all(done[1])
            return done[0]
        if name in self._running:
            # What the cycle passes through is not known here yet: anything may change the answer.
            self.note(("all",))
            return in_cycle
        self._running.add(name)
        frame: set[Key] = set()
        self._frames.append(frame)
        try:
            answer = compute()
        finally:
            self._frames.pop()
            self._running.discard(name)
            if self._frames:
                self._frames[-1] |= frame
        self._done[name] = (answer, frozenset(frame))
        return answer
