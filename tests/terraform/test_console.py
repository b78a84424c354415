"""Our evaluation against the real thing: every decided value equals that of `terraform console`."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fsbp_lsp.terraform.data import TooMuch, plain
from fsbp_lsp.terraform.evaluate import Evaluator
from fsbp_lsp.values import UNKNOWN

from .console import FAULT, OPEN, ask, evaluate, need_terraform
from .expression_maker import expressions
from .memory import value_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsbp_lsp.syntax.hcl_tree import Expr
    from fsbp_lsp.terraform.scope import Scope
    from fsbp_lsp.values import Value

TABLES = sorted((Path(__file__).parent / "expressions").glob("*.txt"))
SEEDS = (1, 2, 3)
PER_SEED = 500
DECIDED = 0.88
"""Share of the hand-written expressions that have to be decided."""


def cases(table: Path) -> list[str]:
    lines = table.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


class Answer:
    """Our answer: plain data, FAULT, or UNKNOWN; `complete`: nothing on the way to it was left open."""

    def __init__(self, expression: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.complete = True
        real = Evaluator.value

        def watched(evaluator: Evaluator, expr: Expr, scope: Scope) -> Value:
            made = real(evaluator, expr, scope)
            if any(option is UNKNOWN for option in made.options):
                self.complete = False
            return made

        with monkeypatch.context() as patch:
            patch.setattr(Evaluator, "value", watched)
            value = value_of(expression)
        self.data: object = UNKNOWN
        if any("not valid" in origin.note for origin in value.origins):
            self.data = FAULT
        elif len(value.options) == 1:
            try:
                self.data = plain(value.raw)
            except TooMuch:
                self.data = UNKNOWN


def differs(ours: Answer, real: object) -> bool:
    """Our answer claims something that is not so.

    Where Terraform stops and a part of the expression was left open here, that part may be what stops it: then the
    answer says what the value is if Terraform gets that far. A value Terraform leaves open itself is not compared.
    """
    if ours.data is UNKNOWN or real == OPEN:
        return False
    if real == FAULT:
        return ours.data != FAULT and ours.complete
    assert isinstance(real, str)
    return ours.data == FAULT or _typed(ours.data) != _typed(json.loads(real))


def _typed(data: object) -> object:
    """Python's True == 1, Terraform's true is not."""
    if isinstance(data, bool):
        return ("bool", data)
    if isinstance(data, list):
        return [_typed(item) for item in data]
    if isinstance(data, dict):
        return {key: _typed(item) for key, item in data.items()}
    return data


def wrong(some: Sequence[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], int]:
    """Those answered differently, and how many were decided."""
    need_terraform()
    found: list[str] = []
    decided = 0
    for expression, real in zip(some, ask(some, folder), strict=True):
        ours = Answer(expression, monkeypatch)
        decided += ours.data is not UNKNOWN
        if differs(ours, real):
            found.append(f"{expression}\n    ours {ours.data!r}\n    real {real}")
    return found, decided


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.stem)
def test_written_by_hand(table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some = cases(table)
    found, decided = wrong(some, tmp_path, monkeypatch)
    print(f"{table.stem}: {decided} of {len(some)} decided")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("seed", SEEDS)
def test_made_by_chance(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some = expressions(seed, PER_SEED)
    found, decided = wrong(some, tmp_path, monkeypatch)
    print(f"seed {seed}: {decided} of {len(some)} decided")
    assert not found, "\n".join(found)
    assert decided > 0.95 * len(some)


def test_most_are_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison means something only while we decide nearly all of these."""
    total = decided = 0
    for table in TABLES:
        answers = [Answer(case, monkeypatch).data for case in cases(table)]
        total += len(answers)
        decided += sum(answer is not UNKNOWN for answer in answers)
    print(f"{decided} of {total} expressions written by hand are decided: {decided / total:.1%}")
    assert total + len(SEEDS) * PER_SEED >= 2500
    assert decided >= DECIDED * total


def test_the_comparison_sees_differences(monkeypatch: pytest.MonkeyPatch) -> None:
    assert differs(Answer("1 + 1", monkeypatch), "3")
    assert differs(Answer("true", monkeypatch), "1")
    assert differs(Answer('"1"', monkeypatch), "1")
    assert differs(Answer('tonumber("x")', monkeypatch), "1")
    assert differs(Answer("[1]", monkeypatch), FAULT)
    assert not differs(Answer("timestamp()", monkeypatch), '"2024-01-01T00:00:00Z"')
    assert not differs(Answer("[timestamp(), 1][1]", monkeypatch), FAULT)


def test_variable_conversions(tmp_path: Path) -> None:
    """Type constraints, optional attributes and conditionals between variables, in a module of their own."""
    source = Path(__file__).parent / "conversions" / "main.tf"
    shutil.copy(source, tmp_path)
    printed = evaluate("base64encode(local.r)", tmp_path)
    assert printed is not None
    real = json.loads(base64.b64decode(printed))
    ours = value_of("local.r", source.read_text(encoding="utf-8")).only
    assert isinstance(ours, str)
    assert _typed(json.loads(ours)) == _typed(real)
