"""Verdicts do not depend on notation, and nothing is claimed about what nobody can know."""

from __future__ import annotations

import pytest

from tests.controls.run import findings
from tests.controls.spec import Section, Spec
from tests.controls.test_specs import SECTIONS
from tests.controls.twins import NoTwin, json_configuration, json_template, unknown_configuration, unknown_template

TEMPLATES = [(spec, section) for spec, section in SECTIONS if list(section.files) == ["template.yaml"]]
MODULES = [(spec, section) for spec, section in SECTIONS if all(name.endswith(".tf") for name in section.files)]


def _names(cases: list[tuple[Spec, Section]]) -> list[str]:
    return [section.name for _spec, section in cases]


def _said(contents: dict[str, str], section: Section, control: str) -> set[str]:
    encoded = {name: text.encode() for name, text in contents.items()}
    found = findings(encoded, section.config)
    assert not [f.message for f in found if f.control in ("syntax", "internal-error")]
    return {f.address for f in found if f.control == control}


def _ignores(section: Section) -> bool:
    return any("fsbp:ignore" in text for text in section.files.values())


@pytest.mark.parametrize(("spec", "section"), TEMPLATES, ids=_names(TEMPLATES))
def test_json_template(spec: Spec, section: Section) -> None:
    if _ignores(section):
        return
    text = section.files["template.yaml"]
    assert _said({"template.json": json_template(text)}, section, spec.control) == _said(section.files, section, spec.control)


@pytest.mark.parametrize(("spec", "section"), MODULES, ids=_names(MODULES))
def test_json_configuration(spec: Spec, section: Section) -> None:
    if _ignores(section):
        return
    try:
        twins = {f"{name}.json": json_configuration(text) for name, text in section.files.items()}
    except NoTwin:
        return
    said, base = _said(twins, section, spec.control), _said(section.files, section, spec.control)
    # Which JSON objects are blocks only a schema tells: dynamic blocks and object types are not followed there.
    if any("dynamic" in text or "object(" in text for text in section.files.values()):
        assert said <= base
    else:
        assert said == base


def _is_literal(shown: str) -> bool:
    """A value somebody wrote, as against a fact of structure (`attached`, `[]`, a rule that is there at all)."""
    return shown.startswith(('"', "true", "false")) or shown[:1].isdigit()


@pytest.mark.parametrize(("spec", "section"), MODULES, ids=_names(MODULES))
def test_unknown_configuration(spec: Spec, section: Section) -> None:
    contents = {name: unknown_configuration(text).encode() for name, text in section.files.items()}
    if len(contents) > 1:
        return
    for finding in findings(contents, section.config):
        if finding.control == spec.control:
            assert not _is_literal(finding.value), f"claims to know {finding.value}: {finding.message}"


@pytest.mark.parametrize(("spec", "section"), TEMPLATES, ids=_names(TEMPLATES))
def test_unknown_template(spec: Spec, section: Section) -> None:
    contents = {"template.json": unknown_template(json_template(section.files["template.yaml"])).encode()}
    for finding in findings(contents, section.config):
        if finding.control == spec.control:
            assert not _is_literal(finding.value), f"claims to know {finding.value}: {finding.message}"
