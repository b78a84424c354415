"""Floor 0: bytes, lines, locations and edits. Knows no language and does no I/O.

Every offset in this project is a byte offset into a file, 0-based and half open, until
`LineIndex` turns it into a line and column for a human or an editor.
"""

from fsbp_lsp.text.edits import Edit, EditConflict, Refusal, apply_edits, edits_by_file
from fsbp_lsp.text.lines import LineIndex
from fsbp_lsp.text.source import Loc, Piece, SourceFile

__all__ = ["Edit", "EditConflict", "LineIndex", "Loc", "Piece", "Refusal", "SourceFile", "apply_edits", "edits_by_file"]
