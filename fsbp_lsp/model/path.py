"""The path language shared by both dialects.

`a.b` nested block or property; `a[*].b` every element; `a[Key=x].b` the element whose `Key` is `x`,
which a writer can create. An int step addresses one element of a list (0-based); it is never parsed,
only made while walking elements.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    Step = "str | int | Where | _Each"
    Path = tuple[str | int | "Where" | "_Each", ...]
else:
    Path = tuple


class Where:
    """The element of a list of objects whose `key` equals `value` (as text)."""

    __slots__ = ("key", "value")

    def __init__(self, key: str, value: str) -> None:
        self.key = key
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Where) and (self.key, self.value) == (other.key, other.value)

    def __hash__(self) -> int:
        return hash((self.key, self.value))

    def __repr__(self) -> str:
        return f"[{self.key}={self.value}]"


class _Each:
    __slots__ = ()

    def __repr__(self) -> str:
        return "[*]"


EACH = _Each()

_cache: dict[str, Path] = {}


def parse_path(text: str) -> Path:
    """Steps of a path. Raises ValueError for a malformed one (a mistake in a declaration)."""
    done = _cache.get(text)
    if done is not None:
        return done
    steps: list[str | int | Where | _Each] = []
    rest = text
    while rest:
        if rest[0] == "[":
            close = rest.find("]")
            inner = rest[1:close]
            if close < 0 or not inner:
                raise ValueError(f"unclosed or empty [ in path {text!r}")
            if inner == "*":
                steps.append(EACH)
            elif "=" in inner:
                key, _, value = inner.partition("=")
                steps.append(Where(key, value))
            else:
                raise ValueError(f"expected [*] or [Key=value] in path {text!r}")
            rest = rest[close + 1 :].removeprefix(".")
            continue
        end = len(rest)
        for mark in ".[":
            at = rest.find(mark)
            if 0 <= at < end:
                end = at
        if end == 0:
            raise ValueError(f"empty step in path {text!r}")
        steps.append(rest[:end])
        rest = rest[end:].removeprefix(".")
    _cache[text] = tuple(steps)
    return _cache[text]


def show_path(path: Path) -> str:
    """The path as written in declarations; element numbers are shown as [n]."""
    out = ""
    for step in path:
        if isinstance(step, str):
            out += f".{step}" if out else step
        elif isinstance(step, int):
            out += f"[{step}]"
        else:
            out += repr(step)
    return out
