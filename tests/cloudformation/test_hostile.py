"""Nothing raises, nothing runs away, whatever a template holds."""

from __future__ import annotations

import json
import os
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fsbp_lsp.cloudformation.load import template_of
from fsbp_lsp.cloudformation.template import Template
from fsbp_lsp.values import UNKNOWN
from tests.cloudformation.sources import count

HEAD = "AWSTemplateFormatVersion: 2010-09-09\n"


def read(text: str, path: str = "t.yaml") -> Template | None:
    """Load and evaluate everything; fails when that takes long."""
    began = time.process_time()
    found = template_of(path, text.encode())
    if found is not None:
        for resource in found.resources:
            count(resource.config)
            for name in ("Metadata", "DeletionPolicy"):
                count(resource.attribute(name))
            found.linked(resource, "AWS::S3::BucketPolicy", ("Bucket",))
            found.escapes(resource.block)
    assert time.process_time() - began < 5
    return found


def resource(properties: str) -> str:
    return f"Resources:\n  R:\n    Type: AWS::X::Y\n    Properties:\n      V: {properties}\n"


def nested(open: str, close: str, depth: int, core: str = "x") -> str:
    return open * depth + core + close * depth


BOMBS = {
    "aliases": HEAD
    + "A0: &a0 [x, x]\n"
    + "".join(f"A{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    + resource("*a11"),
    "merges": HEAD
    + "A0: &a0 {x: 1}\n"
    + "".join(f"A{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 12))
    + resource("{<<: *a11}"),
    "joins of aliases": HEAD
    + "A0: &a0 xxxxxxxxxx\n"
    + "".join(f"A{n}: &a{n} !Join ['', [{', '.join([f'*a{n - 1}'] * 5)}]]\n" for n in range(1, 12))
    + resource("*a11"),
    "an anchor in itself": HEAD + "A: &a [*a]\n" + resource("&b {c: *b}"),
    "deep lists": HEAD + resource(nested("[", "]", 150)),
    "very deep lists": HEAD + resource(nested("[", "]", 20_000)),
    "deep functions": HEAD + resource(nested("!Join ['', [", "]]", 60)),
    "deep conditions": HEAD + "Conditions: {C: !Equals [!Ref P, x]}\n" + resource(nested("!If [C, 1, ", "]", 150)),
    "conditions in a row": HEAD
    + "Conditions:\n  C0: !Equals [!Ref P, x]\n"
    + "".join(f"  C{n}: !And [!Condition C{n - 1}, !Condition C{n - 1}]\n" for n in range(1, 2000))
    + resource("!If [C1999, 1, 2]"),
    "conditions in a ring": HEAD
    + "Conditions:\n"
    + "".join(f"  C{n}: !Or [!Condition C{(n + 1) % 50}, !Condition C{(n + 2) % 50}]\n" for n in range(50))
    + resource("!If [C0, 1, 2]"),
    "conditions that ask conditions": HEAD
    + "Conditions:\n"
    + "".join(f"  C{n}: !Equals [!If [C{n + 1}, a, b], a]\n" for n in range(500))
    + resource("!If [C0, 1, 2]"),
    "deep not": HEAD + "Conditions:\n  C: " + nested("!Not [", "]", 150, "!Equals [a, b]") + "\n" + resource("!If [C, 1, 2]"),
    "nested branches under many conditions": HEAD
    + "Conditions:\n"
    + "".join(f"  C{n}: !Equals [!Ref P{n}, x]\n" for n in range(40))
    + resource("".join(f"!If [C{n}, {n}, " for n in range(40)) + "x" + "]" * 40),
    "cells that ask cells": HEAD
    + "Mappings:\n  M:\n    a:\n      b: !Join ['', [!FindInMap [M, a, b], !FindInMap [M, a, b]]]\n"
    + resource("!FindInMap [M, a, b]"),
    "a huge default often": HEAD
    + f"Parameters: {{P: {{Type: String, Default: {'x' * 10_000}}}}}\n"
    + "Resources:\n"
    + "".join(f"  R{n}: {{Type: AWS::X::Y, Properties: {{V: !Sub '{'${P}' * 100}'}}}}\n" for n in range(300)),
    "many choices": HEAD
    + "Parameters:\n"
    + "".join(f"  P{n}: {{Type: String, AllowedValues: [{', '.join(map(str, range(200)))}]}}\n" for n in range(20))
    + resource("!Sub '" + "".join(f"${{P{n}}}" for n in range(20)) + "'"),
    "a wide mapping": HEAD
    + "Mappings:\n  M:\n"
    + "".join(f"    k{n}: {{v: {n}}}\n" for n in range(3000))
    + "Resources:\n"
    + "".join(f"  R{n}: {{Type: AWS::X::Y, Properties: {{V: !FindInMap [M, !Ref P, v]}}}}\n" for n in range(100)),
    "a resource that refers to itself": HEAD
    + "Resources:\n  R: {Type: AWS::X::Y, Condition: R, Properties: {V: !Ref R, W: !GetAtt R.R}}\n",
    "many braces": HEAD + resource("'" + "${" * 20_000 + "'"),
    "many dynamic references": HEAD + resource("!Sub '" + "{{resolve:" * 5_000 + "'"),
    "many unclosed marks": HEAD + resource("'" + "{{" * 20_000 + "'"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs(name):
    found = read(BOMBS[name])
    assert found is None or found.problems or found.resources


def test_what_nests_too_deep_is_unknown():
    found = read(BOMBS["deep lists"])
    assert found is not None
    value = found.resources[0].config.child("V")
    for _ in range(100):
        items = value.items().found
        if not items:
            break
        value = items[0]
    assert value.only is UNKNOWN


_NAMES = [
    "Ref",
    "Fn::Sub",
    "Fn::GetAtt",
    "Fn::If",
    "Fn::Join",
    "Fn::Select",
    "Fn::Split",
    "Fn::FindInMap",
    "Fn::Transform",
    "Fn::ForEach::X",
]
_NAMES += ["Fn::Equals", "Fn::And", "Fn::Not", "Condition", "Fn::Length", "Fn::ToJsonString", "Fn::Nope", "<<", "", "Type", "Properties"]
_TEXTS = [
    "A",
    "B",
    "A.B",
    "${A}",
    "${A.B}",
    "${!A}",
    "${",
    "{{resolve:ssm:x}}",
    "AWS::NoValue",
    "AWS::Region",
    "AWS::S3::Bucket",
    ",",
    "",
    "true",
]
_SECTIONS = ["Parameters", "Mappings", "Conditions", "Resources", "Globals", "Transform", "Metadata", "Outputs", "A", "B"]
_LEAVES = st.none() | st.booleans() | st.integers(-2, 5) | st.sampled_from(_TEXTS) | st.floats(allow_nan=False, allow_infinity=False)
_TREES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(_NAMES), inner, max_size=1)
        | st.dictionaries(st.sampled_from(["A", "B", "Default", "AllowedValues", *_NAMES]), inner, max_size=3)
    ),
    max_leaves=12,
)
_RESOURCES = st.dictionaries(
    st.sampled_from(["A", "B", "Fn::ForEach::X"]),
    st.fixed_dictionaries(
        {"Type": st.sampled_from(["AWS::S3::Bucket", "AWS::Serverless::Function"])}, optional={"Properties": _TREES, "Condition": _TREES}
    )
    | _TREES,
)
_TEMPLATES = st.fixed_dictionaries(
    {"AWSTemplateFormatVersion": st.just("2010-09-09"), "Resources": _RESOURCES},
    optional={
        name: st.dictionaries(st.sampled_from(["A", "B"]), _TREES) | _TREES for name in _SECTIONS if name not in ("Resources", "Transform")
    }
    | {"Transform": st.just("AWS::Serverless-2016-10-31") | _TREES},
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_TEMPLATES)
def test_any_json_shape(tree):
    text = json.dumps(tree)
    assert read(text, "t.json") is not None
    assert read(text, "t.yaml") is not None


@settings(max_examples=150, deadline=None)
@given(st.text("ab:-[]{}!&*<>|'\"\n #,%@\t${}.", max_size=60), st.integers(0, 200))
def test_any_damage(noise, at):
    text = HEAD + "Resources:\n  A: &x\n    Type: AWS::S3::Bucket\n    Properties:\n      V: !Sub '${A}'\n      W: [1, {a: b}]\n  B: *x\n"
    read(text[:at] + noise + text[at:])


@pytest.mark.skipif("FSBP_CORPUS" not in os.environ, reason="FSBP_CORPUS is not set")
def test_corpus():
    seen = 0
    for folder, _, names in os.walk(os.environ["FSBP_CORPUS"]):
        for name in names:
            if name.endswith((".yml", ".yaml", ".json", ".template", ".cfn")):
                with open(os.path.join(folder, name), "rb") as handle:
                    data = handle.read()
                found = template_of(name, data)
                if found is not None:
                    seen += 1
                    for one in found.resources:
                        count(one.config)
    assert seen
