"""The specifications of this folder; `fsbp_lsp.dev.specs` reads them, for the documentation as well."""

from __future__ import annotations

from pathlib import Path

from fsbp_lsp.dev import specs
from fsbp_lsp.dev.specs import DEFAULT_NAMES, FENCE, MARK, Fixed, Mark, Section, Spec, read_spec

__all__ = ["DEFAULT_NAMES", "FENCE", "MARK", "Fixed", "Mark", "Section", "Spec", "all_specs", "read_spec"]


def all_specs() -> list[Spec]:
    return specs.all_specs(Path(__file__).parent)
