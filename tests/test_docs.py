"""The documentation is what the code says: generated pages are current, and what hand-written pages show is real."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsbp_lsp.dev import docs

ROOT = Path(docs.ROOT)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "controls").glob("*.md"))]


@pytest.fixture(scope="module")
def files():
    return docs.render()


def test_generated_files_are_current(files):
    assert not docs.differences(files), "run: python -m fsbp_lsp.dev docs"
