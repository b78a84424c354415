"""cfn-lint as a second opinion on which conditions go together and what functions come to.

Where we say that conditions exclude each other, its solver must find no scenario, and the other way round;
where we know a value, it must be among those it resolves. Undecided is always allowed, and counted.

Known differences, decided by the CloudFormation user guide:
- cfn-lint takes two comparisons that share a parameter for exclusive even when the parameter is compared with
  another parameter: `Equals(A, B)` and `Equals(A, 'x')` can both hold. Such templates are left to the brute force.
- It takes every comparison with something computed (`!Equals [!Select [0, !Ref L], x]`) for free: it finds
  scenarios that no deployment has. There we may say NO.
- It does not know `Fn::Contains` and the other functions of rules and ignores the assertion.
- It compares `true` written without quotes as Python's `True`, so that it never equals `'true'`; CloudFormation
  takes it for the text `true` (a template that says `AllowedValues: [true, false]` and `!Equals [!Ref P, 'true']`
  works). It is handed the template with such scalars as text.
- It takes `!Join [',', !Ref List]` for each element by itself; the user guide joins them. Not asked.
- It knows no AllowedPattern, MinLength, MaxLength, MinValue or MaxValue, and no relation of AWS::Region to
  AWS::Partition. Conditions over parameters with such limits are not compared.
"""

from __future__ import annotations

import itertools
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from fsbp_lsp.cloudformation.load import template_of
from fsbp_lsp.cloudformation.template import Template
from fsbp_lsp.values import MAYBE, UNKNOWN, YES, Map, Ref, Seq, Text, Tri, Value, as_text, known
from tests.cloudformation.generated import Generated

pytestmark = pytest.mark.skipif(find_spec("cfnlint") is None, reason="needs cfn-lint")

CORPUS = os.environ.get("FSBP_CORPUS", "")
MOST_NAMES = 6
"""Conditions of one corpus template that are combined: its solver takes a second for many."""
SEEDS = range(120)


def judged(text: str, path: str = "t.json") -> Any:
    """The template as cfn-lint knows it; None when it cannot read it."""
    from cfnlint.decode import cfn_json, cfn_yaml
    from cfnlint.template import Template as Judge

    try:
        decoded = (cfn_json if text.lstrip().startswith("{") else cfn_yaml).loads(text)
        return Judge(path, spelled(decoded), ["us-east-1"])
    except Exception:  # whatever it trips over, it has no opinion then
        return None


def spelled(node: Any) -> Any:
    """The template with true and false as the text CloudFormation makes of them."""
    if isinstance(node, dict):
        for key in node:
            node[key] = spelled(node[key])
    elif isinstance(node, list):
        node[:] = [spelled(item) for item in node]
    elif isinstance(node, bool):
        return "true" if node else "false"
    return node


def satisfiable(judge: Any, names: tuple[str, ...]) -> set[tuple[bool, ...]]:
    """The combinations of these conditions that cfn-lint thinks a deployment can have."""
    found = judge.conditions.build_scenarios({name: {True, False} for name in names})
    return {tuple(scenario[name] for name in names) for scenario in found}


def compare(template: Template, judge: Any, names: list[str]) -> tuple[int, int, list[str]]:
    """(combinations decided by us, left open, disagreements)."""
    decided, left = 0, 0
    wrong: list[str] = []
    for pair in itertools.combinations(names, min(2, len(names))):
        theirs = satisfiable(judge, pair)
        if not theirs:
            continue  # a condition it cannot read
        for truths in itertools.product((True, False), repeat=len(pair)):
            ours = template.evaluator.scenarios().possible(dict(zip(pair, truths, strict=True)))
            if ours is MAYBE:
                left += 1
                continue
            decided += 1
            if ours is not Tri.of(truths in theirs):
                wrong.append(f"{dict(zip(pair, truths, strict=True))}: we say {ours.name}")
    return decided, left, wrong


@pytest.mark.parametrize("seed", SEEDS)
def test_generated_conditions(seed: int) -> None:
    made = Generated(seed, linked=False)
    if not any(made.deployments()):
        return
    template, judge = template_of("t.json", made.text.encode()), judged(made.text)
    assert template is not None
    assert judge is not None
    _decided, left, wrong = compare(template, judge, list(made.conditions))
    assert not wrong, f"{wrong}\n{made.text}"
    assert not left


EXCLUSIVE = """
Parameters: {A: {Type: String}, B: {Type: String}}
Conditions:
  Same: !Equals [!Ref A, !Ref B]
  IsX: !Equals [!Ref A, x]
Resources: {R: {Type: "AWS::X::Y"}}
"""


def test_equal_parameters_may_also_equal_a_word() -> None:
    """The first known difference: A and B are both `x`."""
    template = template_of("t.yaml", EXCLUSIVE.encode())
    assert template is not None
    assert template.evaluator.scenarios().possible({"Same": True, "IsX": True}) is YES
    assert (True, True) not in satisfiable(judged(EXCLUSIVE), ("Same", "IsX"))


def corpus() -> list[Path]:
    """Templates that have conditions."""
    found = [path for ending in ("yaml", "yml", "json", "template") for path in Path(CORPUS).rglob(f"*.{ending}")] if CORPUS else []
    return sorted(path for path in found if path.is_file() and b"Conditions" in path.read_bytes())


SHARES = 8


@pytest.mark.skipif(not CORPUS, reason="FSBP_CORPUS is not set")
@pytest.mark.parametrize("share", range(SHARES))
def test_corpus_conditions(share: int) -> None:
    decided, left = 0, 0
    wrong: list[str] = []
    for path in corpus()[share::SHARES]:
        template = template_of(str(path), path.read_bytes())
        judge = judged(path.read_text(errors="replace"), str(path)) if template is not None and template.complete else None
        if template is None or judge is None:
            continue
        limited = {name for name, parameter in template.evaluator.parameters.items() if parameter.limits}
        names = [name for name in template.evaluator.conditions.names if name in judge.conditions._conditions]
        names = [name for name in names if plainly(judge, name) and limited.isdisjoint(template.evaluator.conditions.parameters(name))]
        one, other, differences = compare(template, judge, names[:MOST_NAMES])
        decided, left = decided + one, left + other
        wrong.extend(f"{path}: {difference}" for difference in differences)
    assert not wrong, "\n".join(wrong)
    assert decided > 50
    assert left <= decided / 10, f"{left} left open, {decided} decided"


def plainly(judge: Any, name: str) -> bool:
    """The condition compares parameters with words only, which is what cfn-lint's solver is exact about."""
    return all(
        equal.is_static is not None
        or (
            len(equal.parameters) == 1 and (isinstance(equal.left, str) or isinstance(equal.right, str)) and equal.parameters[0].satisfiable
        )
        for equal in judge.conditions.get(name).equals
    )


def resolved(judge: Any, written: Any) -> list[Any]:
    """Every value cfn-lint's own resolver finds for a function call."""
    from cfnlint.jsonschema import CfnTemplateValidator

    validator = CfnTemplateValidator({}, context=judge.context, cfn=judge)
    found = validator.resolve_value(written)
    return [value for value, _validator, error in itertools.islice(found, 200) if error is None]


def calls(node: Any, value: Value) -> list[tuple[Any, Value]]:
    """(function call as JSON, our value) of every call below, the outermost only."""
    if isinstance(node, dict):
        if len(node) == 1:
            name = next(iter(node))
            if name == "Fn::Join" and not isinstance(node[name][1], list):
                return []
            if name in ("Ref", "Fn::Sub", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::FindInMap"):
                return [(node, value)]
            if name.startswith("Fn::"):
                return []
        return [pair for key, item in node.items() for pair in calls(item, value.child(str(key)))]
    datum = value.only
    if isinstance(node, list) and isinstance(datum, Seq) and not datum.open and len(datum.items) == len(node):
        return [pair for item, one in zip(node, datum.items, strict=True) for pair in calls(item, one)]
    return []


def plain(datum: Any) -> Any:
    """A known datum as text or a list of text; None when it is not all known."""
    datum = known(datum)
    if datum is UNKNOWN or isinstance(datum, (Ref, Text, Map)):
        return None
    if isinstance(datum, Seq):
        items = [plain(item.only) for item in datum.items]
        return None if datum.open or None in items else items
    return as_text(datum)


def text(found: Any) -> Any:
    """As text, for comparison; what `7.0` without quotes becomes is documented nowhere."""
    if isinstance(found, list):
        return [text(item) for item in found]
    written = as_text(found)
    return written.removesuffix(".0") if written is not None else None


@pytest.mark.skipif(not CORPUS, reason="FSBP_CORPUS is not set")
@pytest.mark.parametrize("share", range(SHARES))
def test_corpus_functions(share: int) -> None:
    agreed, wrong = 0, []
    for path in corpus()[share::SHARES]:
        template = template_of(str(path), path.read_bytes())
        judge = judged(path.read_text(errors="replace"), str(path)) if template is not None and template.complete else None
        if template is None or judge is None:
            continue
        for resource in template.resources:
            body = judge.template.get("Resources", {}).get(resource.name, {}).get("Properties", {})
            for written, value in calls(body, resource.config)[:40]:
                ours = [text(plain(option)) for option in value.options]
                if None in ours:
                    continue
                theirs = [text(found) for found in resolved(judge, written)]
                if not theirs or None in theirs:
                    continue
                if any(one in theirs for one in ours):
                    agreed += 1
                else:
                    wrong.append(f"{path}: {resource.name}: {written}: {ours}, not among {theirs[:4]}")
    assert not wrong, "\n".join(wrong)
    assert agreed > 20
