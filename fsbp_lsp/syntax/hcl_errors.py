"""Words for what is broken in a chunk of HCL, and where a person would look for it."""

from __future__ import annotations

import re

MAX_BYTES = 65536
"""Larger chunks get the plain message only."""

_token = re.compile(rb'"(?:[^"\\\n]|\\[^\n])*+"?|#[^\n]*|//[^\n]*|/\*|<<-?([A-Za-z_][\w-]*)(?=\r?\n)|[{}()\[\]]')
_word = re.compile(rb'\s*("[^"\n]{0,30}"?|[\w\x80-\xff.-]+|<<-?\w+|&&|\|\||[=!<>]=|\S)').match
_lone_word = re.compile(rb"[ \t]*([\w\x80-\xff-]+)[ \t]*\r?\n\s*").fullmatch
_no_value = re.compile(rb"=[ \t]*\r?(?:\n|$)").match
_PAIRS = {b"}": b"{", b"]": b"[", b")": b"("}
_CLOSERS = {opening: closing for closing, opening in _PAIRS.items()}


def describe(text: bytes, errors: list[tuple[int, int, str]], limit: int) -> list[tuple[int, int, str]]:
    """Errors with messages, one per line, in order. An empty message asks for one to be made from the text."""
    found: dict[int, tuple[int, int, str]] = {}
    hints = find_unbalanced(text) if len(text) <= MAX_BYTES else []
    for start, end, message in sorted(errors):
        # A span over lines says only that the parser lost its way somewhere inside.
        vague = message in ("missing }", "unclosed string") or (message == "" and b"\n" in text[start:end].strip())
        if vague and hints:
            start, end, message = hints[0]
        elif message == "":
            start, end, message = _near(text, start, end)
        line = text.rfind(b"\n", 0, start) + 1
        stop = text.find(b"\n", start)
        stop = len(text) if stop < 0 else stop
        found.setdefault(line, (start, max(start, min(end, stop)), message))
    return sorted(found.values())[:limit]


def _near(text: bytes, start: int, end: int) -> tuple[int, int, str]:
    if _no_value(text, start):
        return start, start + 1, "missing value after ="
    alone = _lone_word(text, text.rfind(b"\n", 0, max(text.rfind(b"\n", 0, start), 0)) + 1, start)
    if alone is not None:
        # The parser trips over the next line when a name stands alone on its own.
        return alone.start(1), alone.end(1), f"unexpected `{alone[1].decode('utf-8', 'replace')}`"
    match = _word(text, start, max(end, start + 1)) or _word(text, start)
    if match is None:
        return start, end, "syntax error"
    shown = match[1].decode("utf-8", "replace")
    kind = "unexpected" if end - match.start(1) <= len(match[1]) else "syntax error near"
    return match.start(1), max(match.end(1), min(end, match.end(1))), f"{kind} `{shown}`"


def find_unbalanced(text: bytes) -> list[tuple[int, int, str]]:
    """Unclosed strings, comments, heredocs and brackets, by a plain scan that knows no grammar."""
    hints: list[tuple[int, int, str]] = []
    opened: list[tuple[bytes, int]] = []
    unclosed = 0
    match = _token.search(text)
    while match is not None:
        start, pos = match.span()
        token = match[0]
        if token[:1] == b'"':
            if len(token) < 2 or token[-1:] != b'"':
                hints.append((start, pos, "unclosed string"))
        elif token == b"/*":
            pos = text.find(b"*/", pos) + 2
            if pos < 2:
                hints.append((start, start + 2, "unclosed comment"))
                break
        elif match[1]:
            end = re.compile(rb"^[ \t]*" + match[1] + rb"[ \t]*\r?$", re.MULTILINE).search(text, pos) if unclosed < 8 else None
            if end is None:
                unclosed += 1
                hints.append((start, pos, f"heredoc without its closing {match[1].decode()}"))
            else:
                pos = end.end()
        elif token in _CLOSERS:
            opened.append((token, start))
        elif token in _PAIRS:
            if opened and opened[-1][0] == _PAIRS[token]:
                opened.pop()
            elif any(bracket == _PAIRS[token] for bracket, _ in opened[-3:]):
                while opened[-1][0] != _PAIRS[token]:
                    bracket, at = opened.pop()
                    hints.append((at, at + 1, f"missing {_CLOSERS[bracket].decode()}"))
                opened.pop()
            else:
                hints.append((start, start + 1, f"unexpected `{token.decode()}`"))
        match = _token.search(text, pos)
    hints += [(at, at + 1, f"missing {_CLOSERS[bracket].decode()}") for bracket, at in opened[-1:]]
    return hints
