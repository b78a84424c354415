"""aws-sam-translator as an oracle: what it makes of a SAM template is judged as our own translation of it, or we say unknown.

Compared are the verdict of every control on every resource, and beyond that every property of what is made: equal, or
left open by us. How much is left open is bounded, so that "unknown" cannot become the answer to everything.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator

import pytest

pytest.importorskip("samtranslator", reason="aws-sam-translator is not installed")

from fsbp_lsp.cloudformation.load import template_of
from fsbp_lsp.cloudformation.sam_policies import from_template
from fsbp_lsp.cloudformation.sam_templates import TEMPLATES
from fsbp_lsp.text import Loc, Piece, SourceFile
from fsbp_lsp.values import Map, Value
from tests.cloudformation.sam_cases import CASES, HEAD
from tests.cloudformation.sam_generated import generated
from tests.cloudformation.sam_oracle import Comparison, Rejected, compare, same_data, translated, tree_of

SEEDS = range(120)
"""2,700 were compared while the translation was written; what differed then is a case or does not any more."""
CORPUS = os.environ.get("FSBP_CORPUS", "")


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The translator warns about metrics nobody collects."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


def _bounded(found: list[Comparison], verdicts: float, properties: float) -> None:
    """At most these shares are left open; printed for `pytest -s`."""
    same, unknown = sum(one.same for one in found), sum(one.unknown for one in found)
    decided, left = sum(one.properties[0] for one in found), sum(one.properties[1] for one in found)
    print(f"{len(found)} templates, {same + unknown} verdicts, {unknown / (same + unknown):.1%} of them unknown;", end=" ")
    print(f"{decided + left} properties, {left / (decided + left):.1%} of them open")
    assert unknown <= verdicts * (same + unknown)
    assert left <= properties * (decided + left)


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    assert not compare(HEAD + CASES[name]).differences


def test_cases_are_mostly_decided() -> None:
    _bounded([compare(HEAD + text) for text in CASES.values()], 0.04, 0.2)


def test_generated() -> None:
    found = []
    for seed in SEEDS:
        tree = generated(seed)
        made = compare(json.dumps(tree), tree)
        assert not made.differences, f"seed {seed}"
        found.append(made)
    _bounded(found, 0.02, 0.25)


@pytest.mark.parametrize("name", TEMPLATES)
def test_policy_template(name: str) -> None:
    """Every policy template allows what the translator says, with what it was given in its place."""
    from samtranslator.policy_template_processor.processor import PolicyTemplatesProcessor

    known = PolicyTemplatesProcessor(PolicyTemplatesProcessor.get_default_policy_templates_json())
    given = {parameter: f"given-{parameter}" for parameter in known.get(name).parameters}
    tree = {"Resources": {"R": {"Type": "AWS::X::Y", "Properties": {"Document": known.convert(name, given)}}}}
    wanted = template_of("t.json", json.dumps(tree).encode())
    assert wanted is not None
    at = Loc(Piece(SourceFile("t", b""), 0, b""), 0, 0)
    arguments = Value((Map({parameter: Value((text,), at) for parameter, text in given.items()}),), at)
    made = from_template(name, arguments, at)
    assert made is not None
    assert not same_data(made, wanted.resources[0].config.child("Document"))


def test_no_policy_template_is_missing() -> None:
    from samtranslator.policy_template_processor.processor import PolicyTemplatesProcessor

    assert set(PolicyTemplatesProcessor.get_default_policy_templates_json()["Templates"]) == set(TEMPLATES)


def test_the_oracle_notices() -> None:
    """A template whose translation says something else is a difference: the comparison is not blind."""
    text = HEAD + CASES["tables"]
    other = tree_of(text.replace("PointInTimeRecoveryEnabled: false", "PointInTimeRecoveryEnabled: true"))
    found = compare(text, other)
    assert any(said.startswith("DynamoDB.2") for said in found.differences)
    with pytest.raises(Rejected):
        translated(tree_of(HEAD + "Resources: {F: {Type: AWS::Serverless::Function, Properties: {Handler: 3}}}"))


def _rendered(text: str, path: str) -> str:
    """A template of templates as `sam init` would write it out."""
    runtime = re.search(r"python3\.\d+|nodejs\d+\.x|dotnet\d+|java\d+|ruby3\.\d", path)
    text = re.sub(r"\{%[^%]*%\}", "", text)
    text = re.sub(r"\{\{ *arch *\}\}", "x86_64", text)
    text = re.sub(r"\{\{[^}]*memory[^}]*\}\}", "128", text)
    text = re.sub(r"\{\{[^}]*runtime[^}]*\}\}", runtime.group() if runtime else "python3.12", text)
    return re.sub(r"\{\{[^}]*\}\}", "name", text)


@pytest.mark.skipif(not CORPUS, reason="FSBP_CORPUS is not set")
def test_corpus() -> None:
    found: dict[str, Comparison] = {}
    rejected: list[str] = []
    for folder, _, names in os.walk(CORPUS):
        for name in names:
            path = os.path.join(folder, name)
            if not name.endswith((".yaml", ".yml", ".template")) or os.path.islink(path):
                continue
            with open(path, encoding="utf-8", errors="replace") as file:
                text = file.read()
            if "AWS::Serverless-2016" not in text:
                continue
            text = _rendered(text, path)
            if text in found:
                continue
            try:
                found[text] = compare(text)
            except Rejected as error:
                rejected.append(f"{path}: {error}")
                continue
            assert not found[text].differences, path
    # Applications of the public repository, YAML nobody can read.
    assert len(rejected) <= 5, rejected
    _bounded(list(found.values()), 0.03, 0.15)
