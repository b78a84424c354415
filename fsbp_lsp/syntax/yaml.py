"""The YAML reader: PyYAML's event stream turned into `tree` nodes with byte offsets.

The stream is consumed in a loop, so no nesting can exhaust a stack, and libyaml does the scanning
where it is compiled in. Broken text is repaired for reading only: the lines the parser complains of
are blanked (same length, so every offset holds) and the rest is read again.
"""

from __future__ import annotations

import re

from fsbp_lsp.syntax.tree import Document, Error
from fsbp_lsp.syntax.yaml_build import BOM, MAX_ALIASED, MAX_DEPTH, read_once
from fsbp_lsp.syntax.yaml_scalar import scalar_value
from fsbp_lsp.text import LineIndex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.syntax.yaml_build import Attempt, Failure
    from fsbp_lsp.text import Piece

__all__ = ["MAX_ALIASED", "MAX_DEPTH", "read_yaml", "scalar_value"]

_ROUNDS = 4
_LOOK_BACK = 5_000
_RETRY_BYTES = 6_000_000
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_yaml(piece: Piece) -> Document:
    """The first document of a YAML text. Never raises; what is wrong is in `errors`.

    root is None for an empty text and for one that cannot be read even after blanking a few lines.
    """
    data = piece.data
    body = data[3:] if data.startswith(BOM) else data
    shift = len(data) - len(body)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        at = shift + error.start
        return Document(None, [], [Error(at, at + 1, "not valid UTF-8")], False)
    forbidden = _FORBIDDEN.search(text)
    if forbidden is not None:
        at = shift + len(text[: forbidden.start()].encode("utf-8"))
        code = ord(forbidden.group())
        return Document(None, [], [Error(at, at + 1, f"the character U+{code:04X} is not allowed in YAML")], False)
    attempt = read_once(data, body, shift)
    if attempt.failure is None:
        return Document(attempt.root, attempt.comments(), attempt.errors, False)
    return _recover(data, body, shift, attempt)


def _recover(data: bytes, body: bytes, shift: int, attempt: Attempt) -> Document:
    """Blank the lines the parser complains of, at most `_ROUNDS` times, and read the rest."""
    lines = LineIndex(data)
    errors: list[Error] = []
    tries = max(3, min(16, _RETRY_BYTES // (len(data) + 1)))
    masked = data
    for _ in range(_ROUNDS):
        failure = attempt.failure
        if failure is None or failure.fatal:
            break
        errors.append(_shown_error(lines, failure))
        best: tuple[Attempt, bytes] | None = None
        for candidate in _candidates(masked, lines, failure):
            if tries <= 0:
                break
            tries -= 1
            again = read_once(candidate, candidate[shift:], shift, data)
            if again.failure is None:
                best = again, candidate
                break
            if best is None or best[0].failure is None or again.failure.at > best[0].failure.at:
                best = again, candidate
        if best is None:
            break
        attempt, masked = best
    if attempt.failure is not None:
        if attempt.failure.fatal or not errors:
            errors.append(_shown_error(lines, attempt.failure))
        return Document(None, [], errors, False)
    errors.extend(attempt.errors)
    errors.sort(key=lambda error: error.start)
    return Document(attempt.root, attempt.comments(), errors, False)


def _shown_error(lines: LineIndex, failure: Failure) -> Error:
    end = lines.line_span(lines.line(failure.shown))[1]
    return Error(failure.shown, max(end, failure.shown), failure.message)


def _candidates(data: bytes, lines: LineIndex, failure: Failure) -> list[bytes]:
    """Texts with one suspect line blanked, together with everything indented below it.

    The block below goes too: left alone it would become part of whatever stands above.
    Small losses are tried before large ones.
    """
    suspects: list[int] = []
    for place in failure.places:
        line = lines.line(place)
        while line > 0 and not data[slice(*lines.line_span(line))].strip():
            line -= 1
        suspects.append(line)
    above = suspects[-1] - 1
    while above >= 0 and data[slice(*lines.line_span(above))].lstrip()[:1] in (b"", b"#"):
        above -= 1
    if above >= 0:
        suspects.append(above)
    ranked: list[tuple[bool, int, bytes]] = []
    for rank, line in enumerate(dict.fromkeys(suspects)):
        last = _block_below(data, lines, line)
        out = bytearray(data)
        for index in range(line, last + 1):
            start, end = lines.line_span(index)
            out[start:end] = b" " * (end - start)
        if line == 0 and data.startswith(BOM):
            out[:3] = BOM
        if out != data:
            ranked.append((last - line > 20, rank, bytes(out)))
    ranked.sort(key=lambda entry: entry[:2])
    return [text for _, _, text in ranked]


def _block_below(data: bytes, lines: LineIndex, line: int) -> int:
    """The last line of the block that a line opens; the line itself when it opens none.

    A line at an indentation that nothing above it has is itself out of place, and owns nothing.
    """
    start, end = lines.line_span(line)
    own = data[start:end]
    width = len(own) - len(own.lstrip())
    item = own.lstrip()[:1] == b"-"
    last = line
    if b"\t" in own[:width] or width not in _levels(data, lines, line):
        return last
    for index in range(line + 1, len(lines.starts)):
        start, end = lines.line_span(index)
        text = data[start:end]
        inner = text.strip()
        if not inner or inner[:1] == b"#":
            continue
        here = len(text) - len(text.lstrip())
        if here > width or (here == width and not item and inner[:1] == b"-" and own.rstrip().endswith(b":")):
            last = index
        else:
            break
    return last


def _levels(data: bytes, lines: LineIndex, line: int) -> set[int]:
    """The indentations that are open above a line."""
    found: set[int] = set()
    lowest = 1 << 30
    stop = max(0, line - _LOOK_BACK)
    while line > stop and lowest > 0:
        line -= 1
        start, end = lines.line_span(line)
        text = data[start:end]
        inner = text.lstrip()
        width = len(text) - len(inner)
        if not inner or inner[:1] == b"#" or width >= lowest:
            continue
        found.add(width)
        if inner[:2] == b"- ":
            found.add(width + len(inner) - len(inner[1:].lstrip()))
        lowest = width
    return found or {0}
