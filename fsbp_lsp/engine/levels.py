"""How hard a finding bites."""

from __future__ import annotations

from fsbp_lsp import catalog

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.config import Settings
    from fsbp_lsp.model import Finding


def severity_of(finding: Finding) -> str:
    """Security Hub's severity of the control (`HIGH`), '' for findings about the source itself."""
    entry = catalog.control(finding.control)
    return entry.severity if entry is not None else ""


def level_of(finding: Finding, settings: Settings) -> str:
    """`block`, `warn`, `verify` or `off`; a finding AWS itself would not report never blocks."""
    level = settings.level(finding.control, severity_of(finding), finding.verdict)
    return "warn" if finding.warn_only and level == "block" else level
