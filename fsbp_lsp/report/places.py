"""Offsets to lines and columns for people and machine formats; paths to URIs."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.text import Loc, SourceFile

_BOM = b"\xef\xbb\xbf"


def position(file: SourceFile, offset: int) -> tuple[int, int]:
    """(1-based line, 1-based column in characters); a byte order mark is not a character of its line."""
    line, column = file.lines.position(offset, "utf-32")
    if line == 0 and column and file.data.startswith(_BOM):
        column -= 1
    return line + 1, column + 1


def where(at: Loc) -> str:
    """`path:line:column` of a start, as editors and people read it."""
    line, column = position(at.file, at.start)
    return f"{at.path}:{line}:{column}"


def slashed(path: str) -> str:
    """A path with forward slashes, as machine formats want it on every system."""
    return path.replace(os.sep, "/") if os.sep != "/" else path


def uri(path: str) -> str:
    """A relative path as a relative URI reference, an absolute one as a file URI; bytes that are no text are kept."""
    from urllib.parse import quote

    text = quote(os.fsencode(slashed(path)), safe="/~")
    if os.path.isabs(path):
        return f"file://{'' if text.startswith('/') else '/'}{text}"
    # A first segment with a colon would read as a scheme; quote() has escaped it.
    return text
