"""Floor 7: what an editor asks, answered in byte offsets and plain data. Knows nothing of a protocol.

Everything here takes the report of the engine on the text as it is now; the server converts the
answers, tests read them as they are.
"""

from fsbp_lsp.ide.actions import Action, actions, file_action, matches_kind
from fsbp_lsp.ide.complete import Item, complete
from fsbp_lsp.ide.edits import minimal
from fsbp_lsp.ide.hover import Hover, explain, hover
from fsbp_lsp.ide.marks import Mark, Severities, diagnostics, visible

__all__ = [
    "Action",
    "Hover",
    "Item",
    "Mark",
    "Severities",
    "actions",
    "complete",
    "diagnostics",
    "explain",
    "file_action",
    "hover",
    "matches_kind",
    "minimal",
    "visible",
]
