"""Real Terraform as the judge of expressions: many of them per `terraform console`."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

terraform = shutil.which("terraform")
FAULT = "FAULT"
OPEN = "OPEN"
BATCH = 400


def need_terraform() -> None:
    if terraform is None:
        pytest.skip("no terraform program on this machine")


def evaluate(expression: str, folder: Path) -> str | None:
    """What the console prints for an expression, without the quotes of a string; None when it refuses it."""
    need_terraform()
    assert terraform is not None
    environment = {key: value for key, value in os.environ.items() if key != "TF_CLI_CONFIG_FILE"} | {"CHECKPOINT_DISABLE": "1"}
    run = subprocess.run(
        [terraform, "console"],
        cwd=folder,
        env=environment,
        input=expression + "\n",
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return run.stdout.strip().strip('"') if run.returncode == 0 else None


def ask(expressions: Sequence[str], folder: Path) -> list[object]:
    """The answer to each expression as JSON text; FAULT where Terraform stops, OPEN where it leaves the value open itself."""
    answers: list[object] = []
    for start in range(0, len(expressions), BATCH):
        answers.extend(_ask(list(expressions[start : start + BATCH]), folder))
    return answers


def _ask(expressions: list[str], folder: Path) -> list[object]:
    # The console prints only its last result when it reads from a pipe, so a batch is one expression.
    whole = "base64encode(jsonencode([" + ", ".join(f'try(jsonencode({one}), "{FAULT}")' for one in expressions) + "]))"
    printed = evaluate(whole, folder)
    if printed is not None and "known after apply" not in printed:
        found = json.loads(base64.b64decode(printed))
        assert isinstance(found, list)
        assert len(found) == len(expressions), "an expression holds more than itself"
        return found
    # One expression that is no expression, or whose value is open, takes all the others with it.
    if len(expressions) == 1:
        return [FAULT if printed is None else OPEN]
    middle = len(expressions) // 2
    return _ask(expressions[:middle], folder) + _ask(expressions[middle:], folder)
