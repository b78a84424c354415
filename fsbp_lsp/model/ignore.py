"""The grammar of an ignore comment, shared by both dialects.

    fsbp:ignore ID[, ID …] [until=YYYY-MM-DD] [-- reason]
    fsbp:ignore-file ID[, ID …] [until=YYYY-MM-DD] [-- reason]

The directive opens the comment (or one line of a block comment), or follows another comment mark
(`# other:tool # fsbp:ignore S3.8`): a sentence that merely mentions it suppresses nothing.
"""

from __future__ import annotations

import re

_DIRECTIVE = re.compile(r"(?:^|\#|//|/\*)[\#/*\s]*(fsbp:ignore(-file)?)(?=[\s,:=(\[]|$|\*/|--)", re.MULTILINE)
_WORD = re.compile(r"(?i:until)\s*=\s*(?P<until>(?!--)[^\s,]*)|[^\s,]+")
NO_DATE = "(nothing)"
"""Stands for what is missing behind `until=`: an end that was meant must not be none."""


class ParsedIgnore:
    """One directive as read from a comment.

    start/end: the directive, from `fsbp:` to the last character of its reason. id_spans: one (start, end)
    per id. Offsets are UTF-8 bytes of the comment text (surrogates stand for the bytes they escape).
    ids are kept as written, globs included; empty when none were given. scope: 'line' or 'file'.
    until: the text after `until=`, unchecked. reason: '' when none was given.
    """

    __slots__ = ("end", "id_spans", "ids", "reason", "scope", "start", "until")

    def __init__(
        self,
        ids: tuple[str, ...],
        id_spans: tuple[tuple[int, int], ...],
        start: int,
        end: int,
        reason: str,
        until: str,
        scope: str,
    ) -> None:
        self.ids = ids
        self.id_spans = id_spans
        self.start = start
        self.end = end
        self.reason = reason
        self.until = until
        self.scope = scope


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


def parse_ignore(text: str) -> ParsedIgnore | None:
    """The first directive in a comment (with or without its marks); None when it holds none. Never raises.

    Malformed parts are read as far as they go: an unknown word among the ids becomes an id of its own,
    so that whoever checks ids can complain about it.
    """
    if "fsbp:ignore" not in text:
        return None
    found = _DIRECTIVE.search(text)
    if found is None:
        return None
    start, at = found.start(1), found.end(1)
    end = len(text)
    for mark in ("\n", "\r", "*/"):
        cut = text.find(mark, at)
        if 0 <= cut < end:
            end = cut
    # Another tool's directive behind ours is not part of our reason.
    other = re.search(r"\s(?:#|//)\s", text[at:end])
    if other is not None:
        end = at + other.start()
    end = at + len(text[at:end].rstrip())

    ids: list[str] = []
    spans: list[tuple[int, int]] = []
    until = reason = ""
    for word in _WORD.finditer(text, at, end):
        written = word.group()
        if written.startswith("--"):
            reason = text[word.start() + 2 : end].strip()
            break
        if word["until"] is not None:
            until = word["until"] or NO_DATE
            continue
        ids.append(written)
        before = _bytes(text[: word.start()])
        spans.append((before, before + _bytes(written)))
    return ParsedIgnore(
        tuple(ids),
        tuple(spans),
        _bytes(text[:start]),
        _bytes(text[:end]),
        reason,
        until,
        "file" if found.group(2) else "line",
    )
