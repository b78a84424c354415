"""The dialect hands the writers the right place; what they write is proven in test_write."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from fsbp_lsp.cloudformation.load import template_of
from fsbp_lsp.cloudformation.template import Template, TemplateResource
from fsbp_lsp.model.path import parse_path
from fsbp_lsp.model.resource import Reference, Refusal, read_path
from fsbp_lsp.text import apply_edits
from fsbp_lsp.values import YES
from tests.cloudformation.sources import template

TEXT = """
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Layers: [a]
    VpcConfig: {SubnetIds: [s]}
Parameters:
  Flag: {Type: String, Default: "false"}
  Env: {Type: String}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Resources:
  R:
    Type: AWS::S3::Bucket
    Condition: IsProd
    Properties:
      A: !Ref Flag
      B: !If [IsProd, x, y]
      C: {D: !If [IsOther, {E: 1}, {E: 2}]}
      L:
        - {K: a, V: 1}
        - !If [IsOther, {K: b}, !Ref AWS::NoValue]
      M:
        - {K: a, V: 1}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Layers: [b]
"""


def resource(found: Template, name: str = "R") -> TemplateResource:
    one = found.get(name)
    assert one is not None
    return one


def written(found: Template, edits: Any) -> Template:
    assert not isinstance(edits, Refusal), edits.reason
    again = template_of(found.path, apply_edits(found.piece.data, edits))
    assert again is not None
    assert not again.problems
    return again


@pytest.mark.parametrize(
    ("name", "path", "want"),
    [
        ("R", "A", True),
        ("R", "B", "z"),
        ("R", "New.Deep", 7),
        ("R", "M[K=a].V", 2),
        ("R", "M[K=b].V", 2),
        ("F", "VpcConfig.SecurityGroupIds", "x"),
        ("F", "TracingConfig.Mode", "Active"),
    ],
)
def test_put_then_get(name, path, want):
    found = template(TEXT)
    one = resource(found, name)
    steps = parse_path(path)
    again = written(found, one.dialect.put(one, steps, want))
    assert read_path(resource(again, name).config, steps).is_(want) is YES


@pytest.mark.parametrize(
    ("name", "path"),
    [("R", ("C", "D", "E")), ("R", ("L", 0, "V")), ("R", ("L", 1, "V")), ("F", ("Layers", 0)), ("F", ("Layers", 1)), ("R", ("M", 7))],
)
def test_places_that_are_not_written(name, path):
    found = template(TEXT)
    one = resource(found, name)
    assert isinstance(one.dialect.put(one, path, 1), Refusal)
    assert isinstance(one.dialect.remove(one, path), Refusal)


def test_an_element_is_reached_by_number():
    found = template(TEXT)
    one = resource(found)
    again = written(found, one.dialect.put(one, ("M", 0, "V"), 5))
    assert read_path(resource(again).config, ("M", 0, "V")).is_(5) is YES


def test_replace_a_default():
    found = template(TEXT)
    one = resource(found)
    value = one.config.child("A")
    at = value.origins[0].at
    assert at is not None
    again = written(found, one.dialect.replace(at, True))
    assert resource(again).config.child("A").is_(True) is YES
    assert resource(again).config.child("A").origins


@pytest.mark.parametrize(
    ("declared", "want", "made"),
    [
        ('AllowedValues: ["False", "True"]\n    Default: "False"', True, "True"),
        ("AllowedValues: [false, true]\n    Default: false", True, True),
        ("AllowedValues: [small, large]\n    Default: small", "large", "large"),
        ("AllowedValues: [small, large]\n    Default: small", "huge", None),
        ("AllowedPattern: '[a-z]+'\n    Default: small", "large", "large"),
        ("AllowedPattern: '[a-z]+'\n    Default: small", "4xlarge", None),
        ("MaxLength: 5\n    Default: small", "larger", None),
    ],
)
def test_a_default_stays_within_what_the_parameter_allows(declared, want, made):
    found = template(
        f"Parameters:\n  P:\n    Type: String\n    {declared}\nResources:\n  R:\n    Type: A::B::C\n    Properties: {{A: !Ref P}}\n"
    )
    one = resource(found)
    at = one.config.child("A").origins[0].at
    assert at is not None
    edits = one.dialect.replace(at, want)
    if made is None:
        assert isinstance(edits, Refusal)
    else:
        assert resource(written(found, edits)).config.child("A").only == made


def test_a_companion_takes_its_owners_condition():
    found = template(TEXT)
    one = resource(found)
    edits = one.dialect.insert_resource(one, "AWS::S3::BucketPolicy", "RPolicy", [("Bucket", Reference(one))])
    again = written(found, edits)
    linked = again.linked(resource(again), "AWS::S3::BucketPolicy", ("Bucket",))
    assert [each.name for each in linked.found] == ["RPolicy"]


@pytest.mark.parametrize("json", [False, True])
def test_an_ignore_is_read_back(json):
    if json:
        text = '{\n  "Resources": {\n    "R": {\n      "Type": "AWS::S3::Bucket"\n    }\n  }\n}\n'
        found = template(text, "t.json")
    else:
        found = template(TEXT)
    one = resource(found)
    again = written(found, one.dialect.insert_ignore(one, one.header, ["S3.8", "S3.5"], "public", "2027-01-31"))
    (ignore,) = again.ignores
    assert (ignore.ids, ignore.reason, ignore.until) == (("S3.8", "S3.5"), "public", "2027-01-31")
    assert ignore.resource == ("R" if json else "")


def test_append_and_remove():
    found = template(TEXT)
    one = resource(found)
    again = written(found, one.dialect.append(one, ("M",), {"K": "c"}))
    assert len(resource(again).config.child("M").items().found) == 2
    again = written(found, one.dialect.remove(one, ("B",)))
    assert resource(again).config.child("B").written is False


def test_broken_text_is_left_alone():
    found = template_of("t.yaml", (textwrap.dedent(TEXT) + "  Typing\n").encode())
    assert found is not None
    one = resource(found)
    assert isinstance(one.dialect.put(one, ("A",), True), Refusal)
