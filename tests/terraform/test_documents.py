"""JSON in every notation, with the places of its parts."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from fsbp_lsp.terraform.dialect import TERRAFORM
from fsbp_lsp.values import ABSENT, UNKNOWN, Map, Ref, Seq, Text, Value

from .memory import config, module, shown, value_of


def document(expression: str, text: str = "") -> Value:
    loaded = module(f'resource "aws_iam_policy" "p" {{\n  policy = {expression}\n}}\n{text}')
    return TERRAFORM.decode_json(config(loaded, "aws_iam_policy.p").child("policy"))


NOTATIONS = [
    ('jsonencode({ Version = "v", Statement = [{ Effect = "Allow", Action = "*" }] })', ""),
    ('<<EOF\n{\n  "Version": "v",\n  "Statement": [{"Effect": "Allow", "Action": "*"}]\n}\nEOF', ""),
    ('<<-EOF\n    {\n      "Version": "v",\n      "Statement": [{"Effect": "Allow", "Action": "*"}]\n    }\n    EOF', ""),
    ('"{\\"Version\\": \\"v\\", \\"Statement\\": [{\\"Effect\\": \\"Allow\\", \\"Action\\": \\"*\\"}]}"', ""),
    ("local.p", 'locals {\n  p = jsonencode({ Version = "v", Statement = [{ Effect = "Allow", Action = "*" }] })\n}\n'),
    ("var.p", 'variable "p" {\n  default = <<EOF\n{"Version": "v", "Statement": [{"Effect": "Allow", "Action": "*"}]}\nEOF\n}\n'),
    ('jsonencode({ Version = "v", Statement = local.s })', 'locals {\n  s = [{ Effect = "Allow", Action = "*" }]\n}\n'),
    ("replace(\"{'Version': 'v', 'Statement': [{'Effect': 'Allow', 'Action': '*'}]}\", \"'\", \"\\\"\")", ""),
    (
        "jsonencode(jsondecode(local.p))",
        'locals {\n  p = jsonencode({ Version = "v", Statement = [{ Effect = "Allow", Action = "*" }] })\n}\n',
    ),
]


@pytest.mark.parametrize(("expression", "text"), NOTATIONS)
def test_notations(expression: str, text: str) -> None:
    assert shown(document(expression, text)) == {"Version": "v", "Statement": [{"Effect": "Allow", "Action": "*"}]}


@pytest.mark.parametrize(("expression", "text"), NOTATIONS[:3] + NOTATIONS[4:7])
def test_places(expression: str, text: str) -> None:
    statement = document(expression, text).child("Statement")
    action = statement.items().found[0].child("Action")
    assert action.at is not None
    assert action.at.text == '"*"'
    body = statement.items().found[0].only
    assert isinstance(body, Map)
    assert body.keys["Effect"].text.strip('"') == "Effect"


def test_interpolations() -> None:
    made = document(
        '<<EOF\n{"Resource": ["${aws_s3_bucket.b.arn}/*", "x-${local.n}", "$${aws:username}"],\n'
        ' "N": ${local.n}, "D": ${jsonencode(local.d)}, "U": ${var.u}}\nEOF',
        'resource "aws_s3_bucket" "b" {}\nlocals {\n  n = 5\n  d = { a = ["*"] }\n}\nvariable "u" {}\n',
    )
    first, second, third = made.child("Resource").items().found
    assert isinstance(first.raw, Text)
    assert isinstance(first.raw.parts[0], Ref)
    assert first.raw.tail == "/*"
    assert first.at.text == '"${aws_s3_bucket.b.arn}/*"'
    assert second.only == "x-5"
    assert third.only == "${aws:username}"
    assert made.child("N").only == 5
    assert shown(made.child("D")) == {"a": ["*"]}
    assert made.child("U").raw is UNKNOWN


def test_a_list_spliced_into_text_is_open() -> None:
    made = document('<<EOF\n{"A": ["${join("\\",\\"", var.u)}"], "B": [${join(",", var.u)}]}\nEOF', 'variable "u" {}\n')
    for key in "AB":
        found = made.child(key).only
        assert isinstance(found, Seq)
        assert found.open
    known = document('<<EOF\n{"A": ["${join("\\",\\"", local.l)}"]}\nEOF', 'locals {\n  l = ["x", "y"]\n}\n')
    assert shown(known) == {"A": ["x", "y"]}


def test_what_is_no_document() -> None:
    for expression in ('"text"', '"{"', "var.u", '"{${var.u}}"', "5", 'jsonencode("x")'):
        assert not isinstance(document(expression, 'variable "u" {}\n').raw, (Map, Seq)), expression
    assert document("null").raw is None
    assert shown(document('<<EOF\n{"a": %{if true}1, "b": 2%{endif}}\nEOF')) == {"a": 1, "b": 2}
    half = document('<<EOF\n{"a": 1%{if var.u}, "b": 2%{endif}}\nEOF', 'variable "u" {}\n')
    assert shown(half) == ({"a": 1, "b": 2}, {"a": 1})
    assert TERRAFORM.decode_json(Value((ABSENT,))).raw is ABSENT
    ref = document("data.aws_iam_policy_document.d.json", 'data "aws_iam_policy_document" "d" {}\n').raw
    assert isinstance(ref, Ref)
    assert (ref.address, ref.attribute) == ("data.aws_iam_policy_document.d", "json")


def test_both_branches() -> None:
    made = document("var.u ? jsonencode({ a = 1 }) : jsonencode({ a = 2 })", 'variable "u" {}\n')
    assert {option.entries["a"].only for option in made.options} == {1, 2}


# Terraform keeps strings in this normal form.
words = st.text(max_size=8).map(lambda text: unicodedata.normalize("NFC", text))
trees = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=12,
)


def _escapable(text: str) -> bool:
    """Behind another `$` or `%` the escape of a `${` reads as that character and the beginning of a template."""
    return "$${" not in text and "%%{" not in text


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(words, trees, max_size=4))
def test_heredocs_read_back(tree: dict[str, object]) -> None:
    plain = json.dumps(tree, indent=1)
    assume(_escapable(plain))
    text = plain.replace("${", "$${").replace("%{", "%%{")
    assert shown(document(f"<<EOF\n{text}\nEOF")) == tree


_IN_HCL = {"\\b": "\\u0008", "\\f": "\\u000c"}
"""Escapes of JSON that HCL does not have."""


@settings(max_examples=80, deadline=None)
@given(trees)
@example("\b\f")
@example("\\b")
def test_jsonencode_is_json(tree: object) -> None:
    text = json.dumps(tree, ensure_ascii=False)
    assume(_escapable(text))
    literal = (
        re.sub(r"\\.", lambda found: _IN_HCL.get(found[0], found[0]), json.dumps(text, ensure_ascii=False))
        .replace("${", "$${")
        .replace("%{", "%%{")
        .replace("\x7f", "\\u007f")
    )
    made = value_of(f"jsonencode(jsondecode({literal}))").only
    assert isinstance(made, str)
    assert json.loads(made) == tree
