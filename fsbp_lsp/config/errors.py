"""What is wrong with a configuration, said in one line that names the place."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class ConfigError(Exception):
    """Configuration that cannot be used. `str()` is a complete message for the user.

    source: the file, or `--select` and the like. line: 1-based, 0 when there is none. reason: without the place.
    """

    def __init__(self, source: str, reason: str, line: int = 0) -> None:
        super().__init__(f"{source}:{line}: {reason}" if line else f"{source}: {reason}")
        self.source = source
        self.line = line
        self.reason = reason


def nearest(word: str, words: Iterable[str]) -> str:
    """The known word most like `word`; '' when none is near."""
    import difflib

    by_lower = {known.lower(): known for known in words}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else ""


def suggestion(word: str, words: Iterable[str]) -> str:
    """`; did you mean X?`, or the choices when they are few; '' when nothing helps."""
    choices = list(words)
    near = nearest(word, choices)
    if near:
        return f"; did you mean `{near}`?"
    if 0 < len(choices) <= 6:
        return f"; expected {', '.join(f'`{choice}`' for choice in choices[:-1])} or `{choices[-1]}`" if len(choices) > 1 else ""
    return ""
