"""Between keystrokes: what is remembered must be what would be computed, and only open files may cost anything."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING

import pytest

from fsbp_lsp.server import convert, memory
from fsbp_lsp.server.analysis import Analysis, CachedDisk, group_of
from fsbp_lsp.server.app import Server
from fsbp_lsp.server.client import Client
from fsbp_lsp.server.documents import Documents
from fsbp_lsp.server.settings import SettingsSource

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = """resource "aws_db_instance" "d{0}" {{ # 😀
  identifier        = "ü" /* é */
  storage_encrypted = var.enc
  publicly_accessible = true
}}
"""


def client(encoding: str) -> Client:
    made = Client()
    made.encoding = encoding
    made.related = made.code_description = made.diagnostic_data = True
    return made


def module(folder: Path, files: int, blocks: int) -> str:
    for number in range(1, files):
        (folder / f"f{number}.tf").write_text("\n".join(BLOCK.format(f"{number}_{n}") for n in range(blocks)), encoding="utf-8")
    (folder / "v.tf").write_text('variable "enc" {\n  default = false\n}\n', encoding="utf-8")
    return "\n".join(BLOCK.format(f"0_{n}") for n in range(blocks))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_remembered_diagnostics_equal_fresh_ones(tmp_path: Path, encoding: str) -> None:
    text = module(tmp_path, 2, 4)
    path = str(tmp_path / "main.tf")
    documents, seen = Documents(encoding), client(encoding)
    analysis = Analysis(documents, SettingsSource(), seen)
    document = documents.open((tmp_path / "main.tf").as_uri(), "terraform", 0, text)
    chance = random.Random(encoding)
    for version in range(1, 40):
        checked = analysis.check(group_of(path), lambda: True)
        assert checked is not None
        assert checked.report is not None
        remembered = checked.answers[path]
        analysis._converters.clear()
        fresh = analysis._converter(path, document.uri, checked.report, analysis.settings.severities(path))
        again = fresh.answer(path, document.version, [finding for finding in checked.report.findings if finding.at.path == path])
        assert again.items == remembered.items
        assert again.digest == remembered.digest
        line = chance.randrange(len(document.lines.starts))
        column = chance.randrange(12)
        new = chance.choice(["\n", "\n\n# ü\n", " ", "# 😀", "x", "", "}\n", '"'])
        documents.change(document.uri, version, [(((line, column), (line, column + chance.randrange(3))), new)])


def test_a_keystroke_converts_only_what_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = module(tmp_path, 10, 10)
    path = str(tmp_path / "main.tf")
    documents = Documents("utf-16")
    analysis = Analysis(documents, SettingsSource(), client("utf-16"))
    documents.open((tmp_path / "main.tf").as_uri(), "terraform", 0, text)
    first = convert.Converter._first
    converted: list[str] = []

    def counted(self: convert.Converter, finding: object, lines: object) -> object:
        converted.append(repr(finding))
        return first(self, finding, lines)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(convert.Converter, "_first", counted)
    checked = analysis.check(group_of(path), lambda: True)
    assert checked is not None
    shown = len(checked.answers[path].items)
    assert len(converted) == shown
    assert list(checked.answers) == [path]
    converted.clear()
    documents.change((tmp_path / "main.tf").as_uri(), 1, [(((1, 24), (1, 24)), "x")])
    checked = analysis.check(group_of(path), lambda: True)
    assert checked is not None
    assert len(checked.answers[path].items) == shown
    assert len(converted) <= shown // 5


def test_versions_do_not_change_the_digest(tmp_path: Path) -> None:
    path = str(tmp_path / "main.tf")
    documents = Documents("utf-16")
    analysis = Analysis(documents, SettingsSource(), client("utf-16"))
    documents.open((tmp_path / "main.tf").as_uri(), "terraform", 0, BLOCK.format(1))
    digests = set()
    for version in (1, 2):
        checked = analysis.check(group_of(path), lambda: True)
        assert checked is not None
        digests.add(checked.answers[path].digest)
        assert {item["data"]["version"] for item in checked.answers[path].items} == {version - 1}
        documents.change((tmp_path / "main.tf").as_uri(), version, [(((1, 0), (1, 0)), "")])
    assert len(digests) == 1


def test_the_disk_is_read_once_until_it_changes(tmp_path: Path) -> None:
    disk, file = CachedDisk(), tmp_path / "a.tf"
    file.write_bytes(b"one")
    disk.read(str(file))
    assert len(disk) == 0, "only what is beside open files is held"
    disk.hold({str(tmp_path)})
    held = disk.read(str(file))
    assert disk.read(str(file)) is held
    file.write_bytes(b"three")
    assert disk.read(str(file)) == b"three"
    disk.hold(set())
    assert len(disk) == 0
    file.unlink()
    with pytest.raises(FileNotFoundError):
        disk.read(str(file))


def test_tidying_keeps_answers_the_same(tmp_path: Path) -> None:
    import gc

    path = str(tmp_path / "main.tf")
    documents = Documents("utf-16")
    analysis = Analysis(documents, SettingsSource(), client("utf-16"))
    documents.open((tmp_path / "main.tf").as_uri(), "terraform", 0, BLOCK.format(1))
    try:
        before = analysis.check(group_of(path), lambda: True)
        memory.tidy()
        after = analysis.check(group_of(path), lambda: True)
        assert before is not None
        assert after is not None
        assert before.answers[path].items == after.answers[path].items
    finally:
        gc.unfreeze()


@pytest.mark.asyncio
async def test_nothing_is_checked_beside_the_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two threads that import the same packages from different ends wait for each other, and one of them fails."""
    server = Server()
    server.loop = asyncio.get_running_loop()
    order: list[str] = []

    def warm() -> None:
        time.sleep(0.05)
        order.append("imported")

    monkeypatch.setattr(server.analysis, "warm", warm)
    monkeypatch.setattr(server.analysis, "check", lambda _group, _alive: order.append("checked"))
    server.touch("dir:/nowhere", delay=0)
    await server._begin()
    await server.schedule.fresh("dir:/nowhere")
    assert order == ["imported", "checked"]
