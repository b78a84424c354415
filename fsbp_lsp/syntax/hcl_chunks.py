"""Where to cut an HCL file into pieces that can be parsed alone.

A cut is a block header in column 0. The scan steps over quoted strings, comments and heredocs, but it is
only a guess: the reader joins chunks again when both sides of a bad cut show errors.
"""

from __future__ import annotations

import re

_NAME = rb"[A-Za-z_\x80-\xff][\w\x80-\xff-]*"
_HEADER = rb"(?:(?:[ \t]+(?:\"[^\"\r\n]*\"|" + _NAME + rb"))*[ \t]*\{)"
_TOP_LEVEL = rb"(?:resource|data|module|variable|output|provider|locals|terraform|check|moved|import|removed|ephemeral)"

_mark = re.compile(
    rb'"(?:[^"\\\n]|\\[^\n])*+"?'  # a string, or the rest of its line
    rb"|#[^\n]*"
    rb"|/(?:/[^\n]*|(?P<comment>\*))"
    rb"|<<-?(?P<heredoc>" + _NAME + rb")(?=\r?\n)"
    rb"|\n(?=(?P<header>" + _NAME + rb")" + _HEADER + rb"|" + _TOP_LEVEL + rb"[ \t]+\")"
)
_looks_like_code = re.compile(rb"\n" + _TOP_LEVEL + rb"[ \t]+\"").search

MAX_FAILED_SEARCHES = 64
"""Searches for the end of a heredoc that found nothing, before heredocs are no longer looked for: bounds the time."""


def find_cuts(data: bytes, start: int, stop: frozenset[int] = frozenset()) -> tuple[list[int], bool]:
    """Offsets from `start` on where a chunk begins (`start` itself is the first), and whether they are `open`.

    The scan ends early at the first cut that is in `stop`, which is then the last of the list: what
    follows a cut does not depend on what stands before it. Open: a comment or heredoc was not found to
    end, so text anywhere behind it may change the cuts.
    """
    cuts = [start]
    size = len(data)
    pos = start
    no_comment_end = False
    failed = 0
    while True:
        match = _mark.search(data, pos)
        if match is None:
            return cuts, failed > 0 or no_comment_end
        pos = match.end()
        first = data[match.start()]
        if first == 10:
            cuts.append(pos)
            if pos in stop:
                return cuts, failed > 0 or no_comment_end
        elif first == 47 and match["comment"] and not no_comment_end:
            end = data.find(b"*/", pos)
            if end < 0:
                no_comment_end = True
            else:
                pos = end + 2
        elif first == 60 and failed < MAX_FAILED_SEARCHES:
            end = _heredoc_end(data, pos, match["heredoc"])
            if end < 0:
                failed += 1
            else:
                pos = end
        if pos >= size:
            return cuts, failed > 0 or no_comment_end


def _heredoc_end(data: bytes, pos: int, name: bytes) -> int:
    """End of the line that holds only `name`; -1 when none does or code seems to be in between."""
    found = re.compile(rb"\n[ \t\r\f\v]*" + name + rb"[ \t\r\f\v]*(?=\n|\Z)").search(data, pos)
    # A heredoc that swallows a resource is more likely a half-typed one.
    return -1 if found is None or _looks_like_code(data, pos, found.start()) else found.end()
