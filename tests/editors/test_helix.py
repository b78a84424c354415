"""A real Helix with the set-up of docs/editors.md: finding, quick fix, fix all, a template, a finding that goes as one types.

`.ci/editors-trixie` installs it; FSBP_EDITORS_HOME says where.
"""

from __future__ import annotations

import os
import re
import shutil
import sysconfig
from pathlib import Path

import pytest

from tests.editors.terminal import ENTER, ESCAPE, UP, Terminal
from tests.editors.test_nvim import HOME, TEMPLATE

ROOT = Path(__file__).parents[2]
SOURCE = """resource "aws_ecr_repository" "images" {
  image_tag_mutability = "IMMUTABLE"
  image_scanning_configuration {
    scan_on_push = false
  }
}

resource "aws_dynamodb_table" "orders" {
  name                        = "orders"
  deletion_protection_enabled = false
}
"""
LAST = "Fix all safe fsbp findings in this file"


def program() -> str | None:
    unpacked = HOME / "helix" / "run"
    return str(unpacked) if unpacked.exists() else shutil.which("hx")


class Helix(Terminal):
    def __init__(self, hx: str, folder: Path, name: str, text: str) -> None:
        page = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
        (configuration,) = re.findall(r"^## Helix\n.*?^```toml\n(.*?)^```\n", page, re.MULTILINE | re.DOTALL)
        home = folder / "home"
        (home / ".config" / "helix").mkdir(parents=True)
        (home / ".config" / "helix" / "languages.toml").write_text(configuration, encoding="utf-8")
        self.file = folder / "project" / name
        (folder / "project" / ".git").mkdir(parents=True)
        self.file.write_text(text, encoding="utf-8")
        variables = {key: value for key, value in os.environ.items() if not key.startswith("XDG_")}
        path = sysconfig.get_path("scripts") + os.pathsep + os.environ["PATH"]
        super().__init__([hx, str(self.file)], {**variables, "HOME": str(home), "PATH": path}, self.file.parent)

    def find(self, text: str) -> None:
        """Puts the selection on the first occurrence below."""
        self.keys("/", text, ENTER)

    def choose(self, *keys: str) -> None:
        """From the menu of code actions at the selection."""
        self.keys(" ", "a")
        self.wait_for(LAST)
        self.keys(*keys, ENTER)

    def saved(self, text: str) -> None:
        """Saves until the file has this: an action chosen from the menu is carried out some time later."""

        def there() -> bool:
            self.keys(ESCAPE, ":w", ENTER)
            return text in self.file.read_text(encoding="utf-8")

        self.until(there, f"“{text}” on disk")


@pytest.fixture
def hx() -> str:
    found = program()
    if found is None:
        pytest.skip(f"Helix is neither in {HOME}/helix nor on the path (.ci/editors-trixie)")
    return found


def test_finding_quick_fix_and_fix_all(hx: str, tmp_path: Path) -> None:
    with Helix(hx, tmp_path, "main.tf", SOURCE) as helix:
        helix.wait_for("no lifecycle policy expires images")
        helix.find("false")
        helix.wait_for("image_scanning_configuration.scan_on_push is false")
        helix.wait_for("(ECR.1)")
        # The preferred fix is the first entry.
        helix.choose()
        helix.saved("scan_on_push = true")
        assert helix.file.read_text(encoding="utf-8") == SOURCE.replace("push = false", "push = true")
        helix.find("enabled = false")
        # From the first entry up is the last.
        helix.choose(UP)
        helix.saved("deletion_protection_enabled = true")
        assert helix.file.read_text(encoding="utf-8") == SOURCE.replace("false", "true")
        assert helix.leave(":q", ENTER) == 0


def test_a_finding_goes_with_what_one_types(hx: str, tmp_path: Path) -> None:
    with Helix(hx, tmp_path, "main.tf", SOURCE) as helix:
        helix.wait_for("no lifecycle policy expires images")
        helix.find("false")
        helix.wait_for("image_scanning_configuration.scan_on_push is false")
        helix.keys("c", "true", ESCAPE)
        helix.keys("gg")
        helix.wait_for("no lifecycle policy expires images")
        helix.find("scan_on_push")
        # Nothing is wrong here any more.
        helix.keys(" ", "a")
        helix.wait_for("No code actions available")
        assert helix.leave(ESCAPE, ":q!", ENTER) == 0


def test_template(hx: str, tmp_path: Path) -> None:
    with Helix(hx, tmp_path, "template.yaml", TEMPLATE) as helix:
        helix.wait_for("●")
        helix.find("false")
        helix.wait_for("(ECR.1)")
        helix.choose()
        helix.saved("ScanOnPush: true")
        assert helix.leave(":q", ENTER) == 0
