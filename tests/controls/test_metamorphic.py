"""Verdicts do not depend on how the same deployment is written down: through variables, calls, conditions …"""

from __future__ import annotations

from collections import Counter

import pytest

from fsbp_lsp.terraform import evaluate, links
from tests.controls.rewrites import REWRITES, NoRewrite
from tests.controls.run import reports
from tests.controls.spec import Section, Spec, all_specs

SECTIONS = [
    (spec, section)
    for spec in all_specs()
    for section in spec.sections
    if section.dialect == "terraform" and all(name.endswith((".tf", ".tfvars")) for name in section.files)
]


def _verdicts(contents: dict[str, bytes], config: str, control: str) -> tuple[Counter[str], Counter[str]]:
    """The resources the control fails for, and those it is undecided for; by their addresses in their own directory."""
    failing: Counter[str] = Counter()
    undecided: Counter[str] = Counter()
    for report in reports(contents, config):
        failing.update(f.resource.identity for f in report.findings if f.control == control and f.resource is not None)
        undecided.update(item.resource.identity for item in report.unknown if item.control == control)
    return failing, undecided


@pytest.mark.parametrize(("spec", "section"), SECTIONS, ids=[section.name for _spec, section in SECTIONS])
def test_rewrites(spec: Spec, section: Section) -> None:
    base = _verdicts({name: text.encode() for name, text in section.files.items()}, section.config, spec.control)
    for name, rewrite in REWRITES.items():
        try:
            files = rewrite(section.files)
        except NoRewrite:
            continue
        made = _verdicts({path: text.encode() for path, text in files.items()}, section.config, spec.control)
        assert made == base, f"{name}:\n" + "\n".join(f"--- {path}\n{text}" for path, text in files.items())


@pytest.mark.parametrize(("spec", "section"), SECTIONS, ids=[section.name for _spec, section in SECTIONS])
def test_giving_up_never_alarms(spec: Spec, section: Section, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a deployment reaches a bound, what is found is found without the bound as well."""

    def failing() -> set[tuple[str, str]]:
        made = reports({name: text.encode() for name, text in section.files.items()}, section.config)
        return {(one.control, one.resource.block) for report in made for one in report.findings if one.resource is not None}

    whole = failing()
    monkeypatch.setattr(evaluate, "FEW_STEPS", 8)
    for bound in (-1, 0, 1, 2, 4, 8, 16, 32, 64):
        monkeypatch.setattr(evaluate, "MAX_SPENT", bound)
        assert failing() <= whole, bound
    monkeypatch.undo()
    monkeypatch.setattr(links, "MAX_LOOSE", 0)
    assert failing() <= whole


def test_every_rewrite_applies_somewhere() -> None:
    def applies(rewrite: str) -> int:
        count = 0
        for _spec, section in SECTIONS:
            try:
                REWRITES[rewrite](section.files)
            except NoRewrite:
                continue
            count += 1
        return count

    assert all(applies(name) > 100 for name in REWRITES)
