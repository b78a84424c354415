"""Path patterns in the spirit of gitignore: `*`, `?`, `[…]`, `**`, anchoring and trailing slashes; no negation."""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class BadPattern(ValueError):
    """A path pattern that means nothing; `str()` says why."""


def _class(pattern: str, at: int) -> tuple[str, int]:
    """Regex of the `[…]` that opens at `at`, and the offset after it; a `[` that never closes is literal."""
    end = at + 1
    if pattern[end : end + 1] in ("!", "^"):
        end += 1
    if pattern[end : end + 1] == "]":
        end += 1
    end = pattern.find("]", end)
    if end < 0:
        return r"\[", at + 1
    inner = pattern[at + 1 : end]
    negated = inner[0] in "!^"
    body = re.sub(r"([\\\[\]^&~|])", r"\\\1", inner[1:] if negated else inner)
    # A class never matches the separator, whatever its ranges cover.
    regex = f"(?!/)[{'^' if negated else ''}{body}]"
    try:
        re.compile(regex)
    except re.error as error:
        raise BadPattern(f"bad character class [{inner}]") from error
    return regex, end + 1


def _segment(segment: str) -> str:
    """Regex of one path component. Every `*` but the last commits to its first match: no backtracking."""
    chunks = [""]
    at = 0
    while at < len(segment):
        char = segment[at]
        if char == "*":
            if chunks[-1] or len(chunks) == 1:
                chunks.append("")
            at += 1
        elif char == "?":
            chunks[-1] += "[^/]"
            at += 1
        elif char == "[":
            regex, at = _class(segment, at)
            chunks[-1] += regex
        else:
            if char == "\\" and at + 1 < len(segment):
                at += 1
            chunks[-1] += re.escape(segment[at])
            at += 1
    if len(chunks) == 1:
        return chunks[0]
    middle = "".join(f"(?>[^/]*?{chunk})" for chunk in chunks[1:-1])
    # A component is never empty, so a lone star wants one character.
    star = "[^/]+" if chunks == ["", ""] else "[^/]*"
    return f"{chunks[0]}{middle}{star}{chunks[-1]}"


def translate(pattern: str) -> str:
    """Regular expression for paths relative to the pattern's base, with `/` between components.

    A pattern that matches a directory matches everything below it. Without a slash (but at its end)
    it matches at any depth. Raises BadPattern.
    """
    body = pattern.replace("\\ ", "\0").rstrip().replace("\0", "\\ ")
    if body.startswith("!"):
        raise BadPattern("negated patterns are not supported")
    if body.startswith("./"):
        body = body[1:]
    only_directories = body.endswith("/")
    body = body.rstrip("/")
    anchored = "/" in body
    parts = [part for part in body.split("/") if part and part != "."]
    if not parts:
        raise BadPattern("the pattern is empty")
    if ".." in parts:
        raise BadPattern("`..` cannot lead out of the directory of the configuration file")
    regex = "" if anchored else "(?:.*/)?"
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if part == "**":
            if last:
                regex += ".+"
            elif not regex.endswith("(?:.*/)?"):
                regex += "(?:.*/)?"
        else:
            regex += _segment(part) + ("" if last else "/")
    return regex + ("/." if only_directories else r"(?:/|\Z)")


class Patterns:
    """Path patterns with the directory they count from."""

    __slots__ = ("_regex", "base", "texts")

    def __init__(self, base: str, texts: Iterable[str]) -> None:
        """`base` is an absolute directory. Raises BadPattern, whose message does not repeat the pattern."""
        self.base = base
        self.texts = tuple(texts)
        self._regex = re.compile("|".join(f"(?:{translate(text)})" for text in self.texts), re.DOTALL) if self.texts else None

    def match(self, path: str) -> bool:
        """Whether the file at `path` (absolute, or relative to the working directory) is meant."""
        if self._regex is None:
            return False
        try:
            relative = os.path.relpath(path, self.base)
        except ValueError:
            return False  # another drive
        if os.sep != "/":
            relative = relative.replace(os.sep, "/")
        if relative == "." or relative == ".." or relative.startswith("../"):
            return False
        return self._regex.match(relative) is not None

    def __bool__(self) -> bool:
        return self._regex is not None
