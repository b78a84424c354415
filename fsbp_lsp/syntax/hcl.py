"""The HCL reader: tree-sitter finds the structure, chunk by chunk; `hcl_expr` reads the values."""

from __future__ import annotations

import bisect

from fsbp_lsp.syntax.hcl_chunks import find_cuts
from fsbp_lsp.syntax.hcl_expr import ExprParser, NotUnderstood
from fsbp_lsp.syntax.hcl_structure import Deadline, Reading, is_sound, without_exponents
from fsbp_lsp.syntax.hcl_template import bare_template
from fsbp_lsp.syntax.hcl_tree import Body, Comment, Expr, Opaque
from fsbp_lsp.text import Piece, SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.syntax.hcl_structure import Error

__all__ = ["HclFile", "parse_expression", "parse_template", "read_hcl"]

MAX_REPAIR_BYTES = 65536
"""Chunks larger than this are not read a second time with the broken line blanked."""


class _Chunk:
    """One piece with what was read from it; spans are relative to the piece."""

    __slots__ = ("body", "comments", "errors", "piece")

    def __init__(self, piece: Piece, body: Body, comments: list[Comment], errors: list[Error]) -> None:
        self.piece = piece
        self.body = body
        self.comments = comments
        self.errors = errors


class HclFile:
    """One version of one file, read.

    items: one (piece, body) per chunk in source order; a body holds the top-level attributes and blocks
    of its piece. errors: (piece, start, end, message), start and end relative to the piece. A file that is
    not UTF-8 has no items and one error.
    """

    __slots__ = ("_chunks", "_cuts", "_joined", "_open", "comments", "errors", "file", "items")

    def __init__(self, file: SourceFile, parts: list[_Chunk]) -> None:
        self.file = file
        self.items: list[tuple[Piece, Body]] = [(part.piece, part.body) for part in parts]
        self.comments: list[tuple[Piece, Comment]] = [(part.piece, comment) for part in parts for comment in part.comments]
        self.errors: list[tuple[Piece, int, int, str]] = [(part.piece, *error) for part in parts for error in part.errors]
        self._chunks: list[_Chunk] = []
        self._cuts: list[int] = []
        self._joined: dict[bytes, _Chunk | None] = {}
        self._open = True

    @property
    def complete(self) -> bool:
        """No error anywhere: what is not listed is not there."""
        return not self.errors


def read_hcl(file: SourceFile, previous: HclFile | None = None) -> HclFile:
    """Read a file. Never raises; pieces of `previous` whose text did not change are moved here and kept.

    `previous` must not be used any more afterwards: its pieces now belong to the new version.
    """
    data = file.data
    if not data.isascii():
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            empty = HclFile(file, [])
            empty.errors.append((Piece(file, 0, data), error.start, error.end, "not valid UTF-8"))
            return empty
    deadline = Deadline()
    cuts, is_open, chunks = _cut(file, previous, deadline)
    joined: dict[bytes, _Chunk | None] = {}
    parts = _join(file, cuts, chunks, previous._joined if previous is not None else {}, joined, deadline)
    result = HclFile(file, parts)
    result._chunks = chunks
    result._cuts = cuts
    result._joined = joined
    result._open = is_open
    return result


def _cut(file: SourceFile, previous: HclFile | None, deadline: Deadline) -> tuple[list[int], bool, list[_Chunk]]:
    """Cuts of the file, whether they are open, and the chunk that begins at each."""
    data = file.data
    start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    head: list[_Chunk] = []
    tail: list[_Chunk] = []
    pool: list[_Chunk] = previous._chunks if previous is not None else []
    cuts: list[int] = []
    is_open = True
    if previous is not None and not previous._open and previous._cuts and previous._cuts[0] == start:
        old, old_cuts = previous.file.data, previous._cuts
        same = _common_prefix(old, data)
        if same >= start:
            limit = min(len(old), len(data)) - same
            behind = _common_suffix(old, data, limit)
            # The header of the chunk that holds the change may be what changed: begin one chunk earlier.
            first = max(bisect.bisect_right(old_cuts, same) - 2, 0)
            moved = len(data) - len(old)
            kept = bisect.bisect_left(old_cuts, max(len(old) - behind, old_cuts[first] + 1))
            middle, is_open = find_cuts(data, old_cuts[first], frozenset(cut + moved for cut in old_cuts[kept:]))
            if not is_open:
                last = middle[-1] - moved
                at = bisect.bisect_left(old_cuts, last, kept)
                if at < len(old_cuts) and old_cuts[at] == last and len(middle) > 1:
                    middle.pop()
                else:
                    at = len(old_cuts)
                head, tail, pool = previous._chunks[:first], previous._chunks[at:], previous._chunks[first:at]
                cuts = old_cuts[:first] + middle + [cut + moved for cut in old_cuts[at:]]
    if not cuts:
        cuts, is_open = find_cuts(data, start)
    by_text: dict[bytes, list[_Chunk]] = {}
    for chunk in reversed(pool):
        by_text.setdefault(chunk.piece.data, []).append(chunk)
    ends = [*cuts[1:], len(data)]
    chunks = head
    for index in range(len(head), len(cuts) - len(tail)):
        text = data[cuts[index] : ends[index]]
        known = by_text.get(text)
        chunks.append(known.pop() if known else _read_chunk(Piece(file, cuts[index], text), deadline))
    chunks = chunks + tail
    for chunk, base in zip(chunks, cuts, strict=True):
        chunk.piece.file = file
        chunk.piece.base = base
    return cuts, is_open, chunks


def _common_prefix(old: bytes, new: bytes) -> int:
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_suffix(old: bytes, new: bytes, limit: int) -> int:
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if old[len(old) - middle : len(old) - low] == new[len(new) - middle : len(new) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def _join(
    file: SourceFile,
    cuts: list[int],
    chunks: list[_Chunk],
    before: dict[bytes, _Chunk | None],
    after: dict[bytes, _Chunk | None],
    deadline: Deadline,
) -> list[_Chunk]:
    """Undo wrong cuts. A cut inside a heredoc, comment or block leaves an error on both sides of it.

    `before` and `after` remember joined texts (None: still broken) from one version to the next.
    """
    broken = [index for index, chunk in enumerate(chunks) if chunk.errors]
    if len(broken) < 2:
        return chunks
    data = file.data
    ends = [*cuts[1:], len(data)]
    parts: list[_Chunk] = []
    budget = 2 * len(data) + 65536
    done = 0
    for position, first in enumerate(broken):
        if first < done:
            continue
        for last in dict.fromkeys((*broken[position + 1 : position + 4], broken[-1])):
            size = ends[last] - cuts[first]
            if last <= first or size > budget:
                continue
            text = data[cuts[first] : ends[last]]
            if text in before:
                whole = before[text]
            elif text in after:
                whole = after[text]
            else:
                budget -= size
                whole = _read_chunk(Piece(file, cuts[first], text), deadline) if is_sound(text, deadline) else None
                if whole is not None and whole.errors:
                    whole = None
            after[text] = whole
            if whole is not None:
                whole.piece.file = file
                whole.piece.base = cuts[first]
                parts += chunks[done:first]
                parts.append(whole)
                done = last + 1
                break
    return parts + chunks[done:]


# One chunk


def _read_chunk(piece: Piece, deadline: Deadline) -> _Chunk:
    text = piece.data
    read = Reading(text, text, deadline)
    if read.errors:
        plain = without_exponents(text)
        if plain != text:
            again = Reading(text, plain, deadline)
            read = read if again.errors else again
    errors = read.errors
    if errors and len(text) <= MAX_REPAIR_BYTES:
        read = _repaired(text, read, deadline)
    piece.tree = read.body
    return _Chunk(piece, read.body, read.comments, errors)


def _repaired(text: bytes, first: Reading, deadline: Deadline) -> Reading:
    """The best reading with one broken line blanked out; positions hold because the length stays."""
    best, best_size = first, first.size
    for start, end in _suspects(text, first):
        line = text[start:end]
        read = Reading(text, text[:start] + b" " * (end - start) + text[end:], deadline, (start, end))
        if not read.errors:
            return read
        neutral = all(line.count(opening) == line.count(closing) for opening, closing in ((b"{", b"}"), (b"[", b"]"), (b"(", b")")))
        if neutral and read.size > best_size:
            best, best_size = read, read.size
    return best


def _suspects(text: bytes, first: Reading) -> list[tuple[int, int]]:
    """Spans of the lines most likely broken, best guess first."""
    from fsbp_lsp.syntax.hcl_errors import find_unbalanced  # most files need no words for errors

    found: dict[tuple[int, int], None] = {}
    starts = [start for start, _, _ in find_unbalanced(text)[:3]]
    for at in (*starts, *first.error_starts[:4]):
        start = text.rfind(b"\n", 0, at) + 1
        for _ in range(2):
            end = text.find(b"\n", start)
            end = len(text) if end < 0 else end
            if text[start:end].strip():
                found[start, end] = None
            if start == 0:
                break
            start = text.rfind(b"\n", 0, start - 1) + 1
    return list(found)[: 8 if len(text) < 8192 else 3]


# Standalone texts


def parse_expression(text: str) -> Expr:
    """A lone expression, as in an interpolation; offsets are bytes of the UTF-8 text. Opaque when it is none."""
    return _standalone(text, template=False)


def parse_template(text: str) -> Expr:
    """A string of Terraform's JSON notation; offsets are bytes of the UTF-8 text. Opaque when it is malformed."""
    return _standalone(text, template=True)


def _standalone(text: str, template: bool) -> Expr:
    data = text.encode("utf-8", "replace")
    parser = ExprParser(data, 0, lines=True)
    try:
        if template:
            parser.lines = False
            return bare_template(parser)
        node = parser.expression()
        if parser.skip() >= 0:
            return Opaque(0, len(data), "not one expression")
    except NotUnderstood as error:
        return Opaque(0, len(data), str(error))
    return node
