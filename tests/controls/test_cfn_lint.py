"""cfn-lint over the specs: templates are valid, and a fix brings no error its source did not have.

Needs cfn-lint (skipped without it); its rules are loaded once for all sections.
"""

from __future__ import annotations

import re
from importlib.util import find_spec

import pytest

from tests.controls.spec import Section, all_specs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(find_spec("cfnlint") is None, reason="needs cfn-lint")

PLACEHOLDER = re.compile(r"\b[A-Z]+(?:-[A-Z]+)+\b")
"""What a manual fix leaves for people to fill in: its format is not yet right."""

MINIMAL = {"E2531": "retired runtimes are what Lambda.2 is about", "E2533": "retired runtimes are what Lambda.2 is about"}

SECTIONS = [section for spec in all_specs() for section in spec.sections if section.dialect == "cloudformation"]


@pytest.fixture(scope="module")
def lint() -> Callable[[str], set[tuple[str, str]]]:
    """Errors of a template as (rule, message); importing cfn-lint takes seconds, so only when it is used."""
    from cfnlint import api

    config = api.ConfigMixIn(regions=["eu-west-1"])
    rules = api.Runner(config).rules

    def errors(text: str) -> set[tuple[str, str]]:
        template, problems = api.decode_str(text)
        matches = problems or api.run_template_by_data(template, config, rules)
        found = {(match.rule.id, match.message) for match in matches if match.rule.id.startswith("E")}
        return {(rule, message) for rule, message in found if rule not in MINIMAL and not PLACEHOLDER.search(message)}

    return errors


@pytest.mark.parametrize("section", SECTIONS, ids=[section.name for section in SECTIONS])
def test_fixes_bring_no_error(section: Section, lint: Callable[[str], set[tuple[str, str]]]) -> None:
    for name, text in section.files.items():
        before = lint(text)
        assert not before, "the source of the section is no valid template"
        for fixed in section.fixed:
            assert not lint(fixed.files.get(name, text))
