"""cfn-lint as a second opinion on what `Fn::ForEach` writes: the whole of Resources, Conditions and Outputs is compared.

Lists taken from a parameter are asked of parameters with a default, where both sides go through the default. Of
what cannot be followed (lists only a deployment decides) cfn-lint makes something up; that is not asked.

Known difference: cfn-lint leaves `${N}` in plain text that no Fn::Sub holds (`DependsOn: Bucket${N}`); the user guide
("Fn::ForEach", Identifier) says that all instances in keys and values are replaced. Not asked here.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from fsbp_lsp.cloudformation.domains import call_of
from fsbp_lsp.cloudformation.load import template_of
from fsbp_lsp.cloudformation.shape import pairs_of
from fsbp_lsp.cloudformation.template import Template
from fsbp_lsp.syntax.tree import Mapping, Node, Scalar, Sequence
from tests.cloudformation.test_cfn_lint_oracle import judged

pytestmark = pytest.mark.skipif(find_spec("cfnlint") is None, reason="needs cfn-lint")

CORPUS = os.environ.get("FSBP_CORPUS", "")

HEAD = """
Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList, Default: 'One,Two'}
  Stage: {Type: String}
Mappings:
  Lists: {Names: {All: [Red, Green]}, Ports: {Red: '1', Green: '2'}}
Conditions:
  'Fn::ForEach::Stages': [S, [dev, prod], {'Is${S}': !Equals [!Ref Stage, !Ref S], 'Not${S}': !Not [!Equals [!Ref S, !Ref Stage]]}]
Resources:
  Plain: {Type: AWS::S3::Bucket}
"""
RESOURCES = {
    "list": "{'Bucket${N}': {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref N}}}",
    "several": "{'B${N}': {Type: AWS::S3::Bucket}, 'P${N}': {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref N}}}",
    "functions": "{'B${N}': {Type: AWS::S3::Bucket}, 'P${N}': {Type: AWS::S3::BucketPolicy, Properties: "
    "{Bucket: !Ref {'Fn::Sub': 'B${N}'}, Arn: !GetAtt [!Sub 'B${N}', Arn], Long: {'Fn::GetAtt': [{'Fn::Sub': 'B${N}'}, Arn]}}}}",
    "texts": "{'B${N}': {Type: AWS::S3::Bucket, Properties: {A: !Sub 'x-${N}', B: !Sub '${AWS::Region}-${N}', D: [!Ref N, n]}}}",
    "condition": "{'B${N}': {Type: AWS::S3::Bucket, Condition: Isdev, Properties: {A: !If [Isprod, !Ref N, !Ref 'AWS::NoValue']}}}",
    "nested": "{'Fn::ForEach::Inner': [M, [a, b], {'B${N}${M}': {Type: AWS::S3::Bucket, Properties: {A: !Sub '${N}-${M}', B: !Ref M}}}]}",
    "properties": "{'B${N}': {Type: AWS::S3::Bucket, Properties: {'Fn::ForEach::Inner': [M, [X, Y], {'${M}${N}': !Ref M}], Other: 1}}}",
    "deep": "{'B${N}': {Type: AWS::S3::Bucket, Properties: {Tags: [{'Fn::ForEach::Inner': [M, [X, Y], {'${M}': !Ref N}]}]}}}",
}
LISTS = {"written": "[One, Two]", "one": "[Only]", "parameter": "!Ref Names", "mapping": "!FindInMap [Lists, Names, All]"}


def written(node: Node) -> Any:
    """A node in the long form, every scalar as text."""
    call = call_of(node)
    if call is not None and not isinstance(node, Mapping):
        name = call[0] if call[0] in ("Ref", "Condition") else f"Fn::{call[0]}"
        if isinstance(node, Scalar):
            return {name: node.text.split(".", 1) if name == "Fn::GetAtt" else node.text}
        return {name: [written(item) for item in call[2]]}
    if isinstance(node, Mapping):
        if node.tag:
            return {"Ref" if node.tag == "!Ref" else f"Fn::{node.tag[1:]}": written(Mapping(node.start, node.end, node.pairs, node.flow))}
        return {name: written(value) for name, (_key, value) in pairs_of(node).found.items()}
    if isinstance(node, Sequence):
        return [written(item) for item in node.items]
    assert isinstance(node, Scalar)
    return node.text


def expanded(template: Template, node: Node) -> Any:
    """The same with loops unrolled at every level."""
    if isinstance(node, Mapping) and not node.tag:
        pairs = template.evaluator.loops.members(node)
        assert not pairs.twice
        return {name: expanded(template, value) for name, (_key, value) in pairs.found.items()}
    if isinstance(node, Sequence) and not node.tag:
        return [expanded(template, item) for item in node.items]
    return written(node)


def theirs(node: Any) -> Any:
    """cfn-lint's template, every scalar as text."""
    if isinstance(node, dict):
        return {str(key): theirs(value) for key, value in node.items()}
    if isinstance(node, list):
        return [theirs(item) for item in node]
    return str(node)


def sorted_operands(node: Any) -> Any:
    """The operands of Fn::Equals in one order: cfn-lint puts them in its own."""
    if isinstance(node, dict):
        return {
            key: sorted(map(sorted_operands, value), key=str) if key == "Fn::Equals" else sorted_operands(value)
            for key, value in node.items()
        }
    return [sorted_operands(item) for item in node] if isinstance(node, list) else node


def compare(text: str, path: str) -> int:
    """Sections compared."""
    template, judge = template_of(path, text.encode()), judged(text, path)
    assert template is not None
    assert judge is not None
    assert not judge.transform()
    root = template.document.root
    assert isinstance(root, Mapping)
    compared = 0
    for section in ("Conditions", "Resources", "Outputs"):
        node = root.get(section)
        if node is not None:
            assert sorted_operands(expanded(template, node)) == sorted_operands(theirs(judge.template[section])), section
            compared += 1
    names = set(theirs(judge.template["Resources"]))
    assert {resource.block for resource in template.resources} == names
    assert set(template.outputs.found) == set(judge.template.get("Outputs", {}))
    return compared


@pytest.mark.parametrize("listed", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("body", RESOURCES.values(), ids=RESOURCES)
def test_what_a_loop_writes(body: str, listed: str) -> None:
    outputs = "{'Out${N}': {Value: !Sub 'B-${N}'}, 'Fn::ForEach::In': [M, [Arn, Id], {'${M}${N}': {Value: !GetAtt [Plain, !Ref M]}}]}"
    text = f"{HEAD}  'Fn::ForEach::Loop': [N, {listed}, {body}]\nOutputs:\n  'Fn::ForEach::Outs': [N, {listed}, {outputs}]\n"
    assert compare(text, "t.yaml") == 3


def corpus() -> list[Path]:
    found = [path for ending in ("yaml", "yml", "json", "template") for path in Path(CORPUS).rglob(f"*.{ending}")] if CORPUS else []
    return sorted(path for path in found if path.is_file() and b"Fn::ForEach" in path.read_bytes())


@pytest.mark.skipif(not CORPUS, reason="FSBP_CORPUS is not set")
def test_loops_of_the_corpus() -> None:
    assert sum(compare(path.read_text(), str(path)) for path in corpus()) >= 6
