"""Edited files against the real `terraform fmt`: what it left alone before, it leaves alone after."""

from __future__ import annotations

import glob
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from fsbp_lsp.text import Refusal
from tests.terraform.write_cases import SOURCES, Operation, applied

CORPUS = os.environ.get("FSBP_CORPUS", "")
terraform = shutil.which("terraform")
pytestmark = pytest.mark.skipif(terraform is None, reason="no terraform program on this machine")


def unformatted(folder: Path) -> set[str]:
    """Names of the files that fmt would change or cannot read."""
    environment = {key: value for key, value in os.environ.items() if key != "TF_CLI_CONFIG_FILE"} | {"CHECKPOINT_DISABLE": "1"}
    command = [str(terraform), "fmt", "-check", "-list=true", "-no-color", "."]
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode in (0, 2, 3), run.stderr
    return {os.path.basename(line) for line in run.stdout.split()} | {
        path.name for path in folder.iterdir() if f"on {path.name} line" in run.stderr or f"./{path.name}" in run.stderr
    }


def edited(folder: Path, sources: list[tuple[str, bytes]], count: int, seed: int) -> dict[str, str]:
    """Write the results of random operations to the folder: name → what was done."""
    pick = random.Random(seed)
    done: dict[str, str] = {}
    for label, text in sources:
        for _ in range(count):
            operation = Operation(pick.randrange(1 << 30))
            outcome = operation(text)
            result = applied(text, outcome)
            if result is None or isinstance(outcome, Refusal) or result == text:
                continue
            name = f"{len(done)}.tf"
            (folder / name).write_bytes(result)
            done[name] = f"{operation.name} (seed {operation.seed}) on {label}"
    return done


def test_the_samples_are_formatted(tmp_path: Path) -> None:
    for number, text in enumerate(SOURCES):
        (tmp_path / f"{number}.tf").write_text(text, encoding="utf-8", newline="")
    # fmt writes \n, drops the byte order mark: those two are never stable, and are compared without.
    assert unformatted(tmp_path) <= {"2.tf", "3.tf"}


def test_samples_stay_formatted(tmp_path: Path) -> None:
    sources = [(str(number), text.encode()) for number, text in enumerate(SOURCES) if "\r" not in text and "\ufeff" not in text]
    done = edited(tmp_path, sources, 60, 1)
    assert len(done) > 100
    assert sorted(done[name] for name in unformatted(tmp_path)) == []


@pytest.mark.skipif(not CORPUS, reason="FSBP_CORPUS names no folder of Terraform files")
def test_the_corpus_stays_formatted(tmp_path: Path) -> None:
    paths = sorted(glob.glob(os.path.join(CORPUS, "**", "*.tf"), recursive=True))
    random.Random(7).shuffle(paths)
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    texts: dict[str, tuple[str, bytes]] = {}
    for number, path in enumerate(paths[:200]):
        data = Path(path).read_bytes()
        texts[f"{number}.tf"] = (os.path.relpath(path, CORPUS), data)
        (before / f"{number}.tf").write_bytes(data)
    skipped = unformatted(before)
    done = edited(after, [entry for name, entry in texts.items() if name not in skipped], 6, 3)
    assert len(done) > 200
    assert sorted(done[name] for name in unformatted(after)) == []
