"""Templates said in another way: verdicts stay. In the corpus they may become unknown, but never flip.

Every specification section in YAML, and with FSBP_CORPUS set a sample of its templates, is read as JSON in long
forms, with a literal behind a parameter of one allowed value, behind a condition that always holds, put together by
Sub and Join, and with every resource or every property written by a loop.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from fsbp_lsp.cloudformation.load import template_of
from fsbp_lsp.engine.check import ModuleReport
from fsbp_lsp.model import Verdict
from tests.controls.run import reports
from tests.controls.spec import Section, Spec
from tests.controls.test_specs import SECTIONS
from tests.controls.twins import _Text, json_template

CORPUS = os.environ.get("FSBP_CORPUS", "")
TEMPLATES = [(spec, section) for spec, section in SECTIONS if list(section.files) == ["template.yaml"]]
FUNCTIONS = ("Ref", "Condition")

Said = dict[tuple[str, str], str]


def verdicts(report: ModuleReport) -> Said:
    """(control, address) -> `fails`, `undeclared` or `unknown`; what is not in it passes or does not apply."""
    made: Said = {(item.control, item.resource.address): "unknown" for item in report.unknown}
    for finding in report.findings:
        if finding.resource is not None:
            made[finding.control, finding.address] = "undeclared" if finding.verdict is Verdict.UNDECLARED else "fails"
    return made


def said(text: str, name: str, config: str = "") -> Said:
    (report,) = reports({name: text.encode()}, config)
    assert report.module is not None
    assert report.module.complete, text
    assert not [f.message for f in report.findings if f.control in ("syntax", "internal-error")]
    return verdicts(report)


def literals(node: Any, change: Callable[[str], Any], key: str = "") -> Any:
    """The properties with every text and number in the place of a value changed; what functions are given stays."""
    if isinstance(node, dict):
        if len(node) == 1 and any(name in FUNCTIONS or name.startswith("Fn::") for name in node):
            return node
        return {name: literals(value, change, name) for name, value in node.items()}
    if isinstance(node, list):
        return [literals(item, change, key) for item in node]
    return change(node) if isinstance(node, str) and "${" not in node and "{{" not in node else node


def rewritten(text: str, change: Callable[[str, dict[str, Any]], Any]) -> str:
    """A template as JSON with the literals below Properties changed. `change(text, template)` may add sections."""
    template = json.loads(json_template(text))
    for resource in list(template.get("Resources", {}).values()):
        if isinstance(resource, dict) and isinstance(resource.get("Properties"), dict):
            resource["Properties"] = literals(resource["Properties"], lambda value: change(value, template))
    return json.dumps(template, indent=1)


def behind_parameter(value: str, template: dict[str, Any]) -> Any:
    parameters = template.setdefault("Parameters", {})
    name = f"Literal{len(parameters)}"
    parameters[name] = {"Type": "String", "AllowedValues": [value]}
    return {"Ref": name}


def behind_condition(value: str, template: dict[str, Any]) -> Any:
    template.setdefault("Conditions", {})["AlwaysTrue"] = {"Fn::Not": [{"Fn::Equals": ["a", "b"]}]}
    return {"Fn::If": ["AlwaysTrue", value, value]}


def behind_open_condition(value: str, template: dict[str, Any]) -> Any:
    template.setdefault("Parameters", {})["Whatever"] = {"Type": "String"}
    template.setdefault("Conditions", {})["Either"] = {"Fn::Equals": [{"Ref": "Whatever"}, "b"]}
    return {"Fn::If": ["Either", value, value]}


def joined(value: str, template: dict[str, Any]) -> Any:
    half = len(value) // 2
    return {"Fn::Join": ["", [value[:half], value[half:]]]}


def substituted(value: str, template: dict[str, Any]) -> Any:
    half = len(value) // 2
    return {"Fn::Sub": ["${Head}" + value[half:], {"Head": value[:half]}]}


def mapped(value: str, template: dict[str, Any]) -> Any:
    rows = template.setdefault("Mappings", {}).setdefault("Literals", {})
    name = f"Row{len(rows)}"
    rows[name] = {"Value": value}
    return {"Fn::FindInMap": ["Literals", name, "Value"]}


WAYS = (behind_parameter, behind_condition, behind_open_condition, joined, substituted, mapped)


def looped(text: str, properties: bool = False) -> str:
    """Every resource (or every property of every resource, at all levels) written by a loop that goes round once."""
    template = json.loads(json_template(text))
    named = template.get("Transform", [])
    template["Transform"] = ["AWS::LanguageExtensions", *(named if isinstance(named, list) else [named])]
    resources = template.get("Resources", {})
    if properties:
        for resource in resources.values():
            if isinstance(resource, dict) and isinstance(resource.get("Properties"), dict):
                resource["Properties"] = _looped(resource["Properties"])
    else:
        template["Resources"] = _loops(resources)
    return json.dumps(template, indent=1)


def _looped(node: Any, depth: int = 0) -> Any:
    if isinstance(node, list):
        return [_looped(item, depth) for item in node]
    if not isinstance(node, dict) or (len(node) == 1 and any(name in FUNCTIONS or name.startswith("Fn::") for name in node)):
        return node
    return _loops({name: _looped(value, depth + 1) for name, value in node.items()}, depth)


def _loops(mapping: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    """depth: names the identifier, which loops in loops must not share."""
    made: dict[str, Any] = {}
    for number, (name, value) in enumerate(mapping.items()):
        if name.startswith("Fn::"):
            made[name] = value
        else:
            made[f"Fn::ForEach::L{number}"] = [f"Looped{depth}", [name], {f"${{Looped{depth}}}": value}]
    return made


def flips(before: Said, after: Said) -> dict[tuple[str, str], tuple[str, str]]:
    """What one says fails and the other says does not, or the other way round."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for pair in {*before, *after}:
        one, other = before.get(pair, "passes"), after.get(pair, "passes")
        if one != other and "unknown" not in (one, other):
            found[pair] = one, other
    return found


def plain(section: Section) -> bool:
    """Ignores are comments, which JSON has none of; what the SAM transform makes depends on how its source is written."""
    return not any("fsbp:" in text or "AWS::Serverless" in text for text in section.files.values())


@pytest.mark.parametrize(("spec", "section"), TEMPLATES, ids=[section.name for _spec, section in TEMPLATES])
def test_sections(spec: Spec, section: Section) -> None:
    if not plain(section):
        return
    text = section.files["template.yaml"]
    before = said(text, "template.yaml", section.config)
    assert said(json_template(text), "template.json", section.config) == before
    for way in WAYS:
        after = said(rewritten(text, way), "template.json", section.config)
        assert after == before, way.__name__
    for properties in (False, True):
        assert said(looped(text, properties), "template.json", section.config) == before


@pytest.mark.parametrize(("spec", "section"), TEMPLATES, ids=[section.name for _spec, section in TEMPLATES])
def test_and_back(spec: Spec, section: Section) -> None:
    """JSON in long forms as YAML in long forms."""
    if not plain(section):
        return
    text = json_template(section.files["template.yaml"])
    back = yaml.safe_dump(json.loads(text), sort_keys=False)
    assert said(back, "template.yaml", section.config) == said(text, "template.json", section.config)


def corpus() -> list[Path]:
    found = sorted(path for ending in ("yaml", "yml") for path in Path(CORPUS).rglob(f"*.{ending}")) if CORPUS else []
    return [path for path in found if path.is_file() and path.stat().st_size < 60_000 and b"AWSTemplateFormatVersion" in path.read_bytes()]


SHARES = 6
EVERY = 4


@pytest.mark.skipif(not CORPUS, reason="FSBP_CORPUS is not set")
@pytest.mark.parametrize("share", range(SHARES))
def test_corpus(share: int) -> None:
    wrong: list[str] = []
    asked = 0
    for path in corpus()[::EVERY][share::SHARES]:
        text = path.read_text(errors="replace")
        template = template_of(str(path), text.encode())
        if template is None or not template.complete or "fsbp:" in text or "AWS::Serverless" in text:
            continue
        try:
            yaml.load(text, Loader=_Text)
        except yaml.YAMLError:
            continue
        before = said(text, "t.yaml")
        asked += len(before)
        twin = json_template(text)
        for name, after in [("json", said(twin, "t.json")), *((way.__name__, said(rewritten(text, way), "t.json")) for way in WAYS)]:
            wrong.extend(f"{path}: {name}: {pair}: {change}" for pair, change in flips(before, after).items())
        for properties in (False, True):
            after = said(looped(text, properties), "t.json")
            wrong.extend(f"{path}: loops: {pair}: {change}" for pair, change in flips(before, after).items())
        back = said(yaml.safe_dump(json.loads(twin), sort_keys=False), "t.yaml")
        wrong.extend(f"{path}: back: {pair}: {change}" for pair, change in flips(before, back).items())
    assert not wrong, "\n".join(wrong)
    assert asked > 10
