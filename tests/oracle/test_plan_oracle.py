"""Verdicts from source against verdicts from real plans: they agree, or source says unknown. Never a different one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.oracle.compare import Comparison, compare, plan_alone_agrees
from tests.oracle.corpus import Lab, examples
from tests.oracle.examples import CORPUS, PLANNED, UNPLANNED
from tests.oracle.fake_aws import FakeAws
from tests.oracle.generate import Generator
from tests.oracle.terraform import AVAILABLE, MISSING, MOCK, Workspace

pytestmark = pytest.mark.skipif(not AVAILABLE, reason=MISSING)

ROOTS = (101, 102, 103)
CALLED = (201, 202)
SHARE = 0.10
"""How much of what the plan decides source may leave unknown."""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("initialised"))


def _report(total: Comparison, most_unknown: float) -> None:
    print(total.summary())
    for reason, number in total.reasons().most_common(20):
        print(f"{number:>5}  {reason}")
    assert not total.differences, "\n".join(map(str, total.differences))
    assert total.decided > 0
    assert total.unknown_share <= most_unknown, f"{total.summary()}\n{total.reasons().most_common(20)}"


@pytest.mark.parametrize("seed", [*ROOTS, *CALLED])
def test_generated(seed: int, workspace: Workspace, tmp_path: Path) -> None:
    generator = Generator(seed)
    for name, text in (generator.called() if seed in CALLED else generator.module()).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "provider.tf").write_text(MOCK, encoding="utf-8")
    plan = workspace.plan(tmp_path, modules=True)
    made = compare(tmp_path, plan)
    assert made.resources > 50
    _report(made, 0.02)
    plan_alone_agrees(tmp_path, plan)


class Bench:
    """What the examples share: the copies, a workspace whose provider finds a false AWS, and the sum of all comparisons."""

    def __init__(self, lab: Lab, workspace: Workspace) -> None:
        self.lab = lab
        self.workspace = workspace
        self.total = Comparison()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    if not CORPUS:
        pytest.skip("needs the corpus of public modules in FSBP_CORPUS")
    with FakeAws() as endpoint:
        yield Bench(Lab(tmp_path_factory.mktemp("lab")), Workspace(tmp_path_factory.mktemp("initialised"), endpoint))


@pytest.mark.parametrize("example", PLANNED)
def test_example_of_a_public_module(example: str, bench: Bench) -> None:
    plan = bench.lab.plan(bench.workspace, example)
    folder = bench.lab.folder(example)
    made = compare(folder, plan)
    bench.total.add(made)
    plan_alone_agrees(folder, plan)
    # Some have nothing that a control decides, and what is unknown is counted over all of them.
    assert not made.differences, "\n".join(map(str, made.differences))


def test_no_example_is_left_untried() -> None:
    if not CORPUS:
        pytest.skip("needs the corpus of public modules in FSBP_CORPUS")
    assert sorted([*PLANNED, *UNPLANNED]) == examples()


def test_little_is_unknown_in_the_examples(bench: Bench) -> None:
    """Over all examples that ran before this test."""
    if not bench.total.resources:
        pytest.skip("no example was planned in this run")
    _report(bench.total, SHARE)
