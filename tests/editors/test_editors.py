"""Real editors see the diagnostic and apply the quick fix. Each is skipped where it is not installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SOURCE = """resource "aws_ecr_repository" "images" {
  image_tag_mutability = "IMMUTABLE"
  image_scanning_configuration {
    scan_on_push = false
  }
}
"""


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": path, **more}


def source(tmp_path: Path) -> Path:
    file = tmp_path / "main.tf"
    file.write_text(SOURCE, encoding="utf-8")
    return file


def test_emacs_eglot(tmp_path: Path) -> None:
    emacs = shutil.which("emacs")
    if emacs is None:
        pytest.skip("emacs is not installed (apt-get install emacs-nox elpa-eglot)")
    file = source(tmp_path)
    done = subprocess.run(
        [emacs, "-Q", "--batch", "-l", str(HERE / "eglot.el")],
        env=environment(tmp_path, FSBP_SERVER=f"{sys.executable} -m fsbp_lsp.server", FSBP_FILE=str(file)),
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    if done.returncode == 77:
        pytest.skip("eglot is not installed (apt-get install elpa-eglot)")
    assert done.returncode == 0, done.stderr
    assert "PASS" in done.stderr
    assert "scan_on_push = true" in file.read_text(encoding="utf-8")


def test_vim_ale(tmp_path: Path) -> None:
    vim = shutil.which("vim")
    if vim is None:
        pytest.skip("vim is not installed (apt-get install vim vim-ale)")
    file, out = source(tmp_path), tmp_path / "said.txt"
    done = subprocess.run(
        [vim, "-Nu", "NONE", "-n", "-i", "NONE", "-es", "-S", str(HERE / "ale.vim")],
        env=environment(tmp_path, FSBP_PYTHON=sys.executable, FSBP_FILE=str(file), FSBP_OUT=str(out)),
        input="1\n4\n",
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    # At the end of its input vim leaves with code 0 whatever happened: only what it wrote counts.
    said = out.read_text(encoding="utf-8") if out.exists() else ""
    if "SKIP" in said:
        pytest.skip("ALE is not installed (apt-get install vim-ale)")
    assert said.splitlines()[-1:] == ["PASS"], f"{said}\n{done.stdout}\n{done.stderr}"


def test_the_page_has_the_fix_all_that_is_tested() -> None:
    """docs/editors.md and eglot.el define the same function."""
    page, driver = ((ROOT / name).read_text(encoding="utf-8") for name in ("docs/editors.md", "tests/editors/eglot.el"))
    (shown,) = re.findall(r"^\(defun fsbp-fix-all .*?t\)\)$", page, re.MULTILINE | re.DOTALL)
    assert shown in driver
