"""Our evaluation against the real thing: every decided value equals that of `terraform console`."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from fsbp_lsp.terraform.data import TooMuch, plain
from fsbp_lsp.values import UNKNOWN

from .memory import value_of

EXPRESSIONS = (Path(__file__).parent / "expressions.txt").read_text(encoding="utf-8").splitlines()
CASES = [line for line in EXPRESSIONS if line and not line.startswith("#")]
terraform = shutil.which("terraform")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    if terraform is None:
        pytest.skip("no terraform program on this machine")
    folder = tmp_path_factory.mktemp("console")
    # The console prints only its last result when it reads from a pipe, so all cases are one expression.
    whole = "base64encode(jsonencode([" + ", ".join(f'try(jsonencode({case}), "FAULT")' for case in CASES) + "]))"
    environment = {key: value for key, value in os.environ.items() if key != "TF_CLI_CONFIG_FILE"} | {"CHECKPOINT_DISABLE": "1"}
    run = subprocess.run(
        [terraform, "console"],
        cwd=folder,
        env=environment,
        input=whole + "\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    found = base64.b64decode(run.stdout.strip().strip('"'))
    return dict(zip(CASES, json.loads(found), strict=True))


@pytest.mark.parametrize("case", CASES)
def test_equals_or_unknown(case: str, answers: dict[str, object]) -> None:
    real = answers[case]
    value = value_of(case)
    if any("not valid" in origin.note for origin in value.origins):
        assert real == "FAULT", (case, real, value.origins)
        return
    if len(value.options) != 1 or value.only is UNKNOWN:
        return
    try:
        ours = plain(value.raw)
    except TooMuch:
        return
    assert real != "FAULT", (case, ours)
    assert isinstance(real, str)
    assert _typed(ours) == _typed(json.loads(real)), case


def _typed(data: object) -> object:
    """Python's True == 1, Terraform's true is not."""
    if isinstance(data, bool):
        return ("bool", data)
    if isinstance(data, list):
        return [_typed(item) for item in data]
    if isinstance(data, dict):
        return {key: _typed(item) for key, item in data.items()}
    return data


def test_most_are_decided() -> None:
    """The comparison means something only while we decide nearly all of these."""
    undecided = [case for case in CASES if value_of(case).raw is UNKNOWN and "not valid" not in str(value_of(case).origins)]
    assert len(undecided) < len(CASES) // 4, undecided


def test_variable_conversions(tmp_path: Path) -> None:
    """Type constraints, optional attributes and conditionals between variables, in a module of their own."""
    if terraform is None:
        pytest.skip("no terraform program on this machine")
    source = Path(__file__).parent / "conversions" / "main.tf"
    shutil.copy(source, tmp_path)
    environment = {key: value for key, value in os.environ.items() if key != "TF_CLI_CONFIG_FILE"} | {"CHECKPOINT_DISABLE": "1"}
    run = subprocess.run(
        [terraform, "console"],
        cwd=tmp_path,
        env=environment,
        input="base64encode(local.r)\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    real = json.loads(base64.b64decode(run.stdout.strip().strip('"')))
    ours = value_of("local.r", source.read_text(encoding="utf-8")).only
    assert isinstance(ours, str)
    assert _typed(json.loads(ours)) == _typed(real)
