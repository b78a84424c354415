"""The text of open documents, as bytes. Replaces pygls' own text model.

pygls splits lines with `str.splitlines` (which knows form feed, U+2028 and more), takes old versions
and misplaces an insertion behind an unterminated last line. Here a change is a byte splice at places
found by `text.LineIndex`, versions must grow, and a change that cannot be meant drops the buffer until
the client sends a full text again: no diagnostics are better than diagnostics for another text.
"""

from __future__ import annotations

import logging
import re

from fsbp_lsp.server.uris import path_of, stand_in
from fsbp_lsp.text import LineIndex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

log = logging.getLogger(__name__)

_LONE_SURROGATES = re.compile("[\ud800-\udfff]")

Point = tuple[int, int]
"""0-based line and column, in the encoding agreed with the client."""

Change = tuple[tuple[Point, Point] | None, str]
"""A range to replace, or None for the whole text; and the new text."""


class Inconsistent(ValueError):
    """A change names a place the text does not have: server and client no longer agree."""


class Document:
    """One open document.

    uri: exactly as the client wrote it. path: what the analyser calls it. data: its bytes now.
    lost: the text is not known any more; `data` is meaningless until the next full text.
    """

    __slots__ = ("_lines", "data", "language", "lost", "path", "uri", "version")

    def __init__(self, uri: str, path: str, language: str, version: int, data: bytes) -> None:
        self.uri = uri
        self.path = path
        self.language = language
        self.version = version
        self.data = data
        self.lost = False
        self._lines: LineIndex | None = None

    @property
    def lines(self) -> LineIndex:
        if self._lines is None or self._lines.data is not self.data:
            self._lines = LineIndex(self.data)
        return self._lines

    def offset(self, point: Point, encoding: str) -> int:
        """Byte offset of a position; clamped to the line and to the text."""
        return self.lines.offset(point[0], point[1], encoding)


def to_bytes(text: str) -> bytes:
    """UTF-8 of a text from the client. A lone surrogate becomes U+FFFD, which is as wide in every encoding."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return _LONE_SURROGATES.sub("\ufffd", text).encode("utf-8")


def apply_change(lines: LineIndex, change: Change, encoding: str) -> bytes:
    """The bytes after one change. Raises Inconsistent for a range that starts after its end or far outside the text.

    A column past the end of its line means the end of the line (LSP 3.17). One line past the last is the
    end of the text: clients that count a final line break as a line write it so.
    """
    span, text = change
    if span is None:
        return to_bytes(text)
    first, last = span
    if last < first or min(*first, *last) < 0:
        raise Inconsistent(f"range {first} to {last} is not a range")
    if last[0] > len(lines.starts):
        raise Inconsistent(f"line {last[0]} of a text with {len(lines.starts)} lines")
    start = lines.offset(first[0], first[1], encoding)
    end = lines.offset(last[0], last[1], encoding)
    return lines.data[:start] + to_bytes(text) + lines.data[max(start, end) :]


class Documents:
    """All open documents. `overlay` maps path to bytes and is read by the analysis thread.

    Only the thread of the event loop may call the methods that change something.
    """

    def __init__(self, encoding: str = "utf-16") -> None:
        self.encoding = encoding
        self.overlay: dict[str, bytes] = {}
        self._by_path: dict[str, Document] = {}
        self._paths: dict[str, str] = {}
        self.opened = 0
        """Grows whenever a document is opened or closed."""

    def __len__(self) -> int:
        return len(self._by_path)

    def all(self) -> list[Document]:
        return list(self._by_path.values())

    def get(self, uri: str) -> Document | None:
        """The open document of a URI, however it is spelled."""
        path = self._paths.get(uri) or path_of(uri)
        return None if path is None else self._by_path.get(path)

    def at(self, path: str) -> Document | None:
        return self._by_path.get(path)

    def open(self, uri: str, language: str, version: int, text: str) -> Document:
        """Opened (or opened again, which restarts its versions)."""
        path = path_of(uri) or stand_in(uri, language)
        document = Document(uri, path, language, version, to_bytes(text))
        self.opened += 1
        self._by_path[path] = document
        self._paths[uri] = path
        self.overlay[path] = document.data
        return document

    def change(self, uri: str, version: int, changes: Iterable[Change]) -> Document | None:
        """Changes in the order sent. None when nothing changed: not open, or the version did not grow."""
        document = self.get(uri)
        if document is None:
            log.warning("change of %s, which is not open: ignored", uri)
            return None
        if version <= document.version:
            log.warning("%s: version %s does not follow %s: change ignored", uri, version, document.version)
            return None
        document.version = version
        for change in changes:
            if change[0] is None:
                document.lost = False
            elif document.lost:
                continue
            try:
                document.data = apply_change(document.lines, change, self.encoding)
            except Inconsistent as error:
                log.error("%s version %s: %s; not checked until the whole text is sent", uri, version, error)
                document.lost = True
        if document.lost:
            self.overlay.pop(document.path, None)
        else:
            self.overlay[document.path] = document.data
        return document

    def close(self, uri: str) -> Document | None:
        """Closed; the disk speaks for it again."""
        document = self.get(uri)
        self._paths.pop(uri, None)
        if document is not None:
            self.opened += 1
            self._by_path.pop(document.path, None)
            self._paths.pop(document.uri, None)
            self.overlay.pop(document.path, None)
        return document
