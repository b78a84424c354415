"""Documents put together: what the oracle cannot render, what is not decided, and what would never end."""

from __future__ import annotations

import json

import pytest

from fsbp_lsp.aws.policy_document import PolicyDocument
from fsbp_lsp.terraform import load_module
from fsbp_lsp.values import MAYBE, NO, YES, as_text
from tests.terraform.memory import MemoryFiles, module

PUBLIC = """
statement {
  sid       = "S"
  actions   = ["sqs:*"]
  resources = ["*"]
  principals {
    type        = "*"
    identifiers = ["*"]
  }
}
"""
NAMELESS = PUBLIC.replace('sid       = "S"', "")


def read(text: str, policy: str = "data.aws_iam_policy_document.d.json") -> PolicyDocument:
    loaded = module(f'resource "aws_sqs_queue_policy" "q" {{\n  queue_url = "q"\n  policy = {policy}\n}}\n{text}')
    host = loaded.get("aws_sqs_queue_policy.q")
    assert host is not None
    return PolicyDocument(host.config.child("policy"), host, ("policy",))


def data(body: str, name: str = "d") -> str:
    return f'data "aws_iam_policy_document" "{name}" {{\n{body}\n}}\n'


def sids(document: PolicyDocument) -> list[str | None]:
    return [as_text(statement.sid.only) for statement in document.statements]


def one(sid: str, action: str) -> str:
    return json.dumps(json.dumps({"Statement": [{"Sid": sid, "Effect": "Allow", "Action": action, "Resource": "*"}]}))


def test_the_arguments_of_older_providers() -> None:
    """Provider 4: source_json, source_policy_documents, own, override_policy_documents, override_json."""
    document = read(
        data(
            f"source_json = {one('A', 'x:1')}\nsource_policy_documents = [{one('B', 'x:2')}]\n"
            f"override_policy_documents = [{one('A', 'x:3')}]\noverride_json = {one('A', 'x:4')}\n" + PUBLIC
        )
    )
    assert sids(document) == ["A", "B", "S"]
    assert [as_text(statement.actions.found[0].only) for statement in document.statements] == ["x:4", "x:2", "sqs:*"]


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("", YES),
        # Whatever comes before cannot replace what the data source says itself, but it may deny.
        ("source_policy_documents = [var.v]", MAYBE),
        ("override_policy_documents = [var.v]", MAYBE),
        ("override_policy_documents = var.v", MAYBE),
        ('override_policy_documents = [jsonencode({ Statement = [{ Sid = var.v, Effect = "Deny" }] })]', MAYBE),
        (f"override_policy_documents = [{one('S', 'x:y')}]", NO),
        (f"override_policy_documents = [{one('T', 'x:y')}]", YES),
        (f"override_policy_documents = [var.w ? {one('S', 'x:y')} : {one('T', 'x:y')}]", MAYBE),
    ],
)
def test_whether_a_public_statement_stays(body: str, answer: object) -> None:
    document = read('variable "v" {}\nvariable "w" {}\n' + data(f"{body}\n{PUBLIC}"))
    assert document.any(document.public) is answer


CHOICES = [
    # None of the documents is public, one is, all are.
    ("var.v ? data.aws_iam_policy_document.a.json : data.aws_iam_policy_document.b.json", NO),
    ("var.v ? data.aws_iam_policy_document.a.json : data.aws_iam_policy_document.p.json", MAYBE),
    ("var.v ? data.aws_iam_policy_document.p.json : data.aws_iam_policy_document.p.json", YES),
    ('jsonencode({ Statement = var.v ? [{ Effect = "Allow", Principal = "*", Action = "x:y", Resource = "*" }] : [] })', MAYBE),
    ('jsonencode({ Statement = var.v ? [{ Effect = "Deny", Principal = "*", Action = "x:y", Resource = "*" }] : [] })', NO),
]


@pytest.mark.parametrize(("policy", "answer"), CHOICES)
def test_documents_that_a_condition_chooses(policy: str, answer: object) -> None:
    owner = PUBLIC.replace('"*"\n    identifiers = ["*"]', '"AWS"\n    identifiers = ["111122223333"]')
    document = read('variable "v" {}\n' + data(owner, "a") + data(owner, "b") + data(PUBLIC, "p"), policy)
    assert not document.open
    assert document.any(document.public) is answer


def test_sources_that_a_condition_chooses() -> None:
    own = f"source_policy_documents = var.v ? [data.aws_iam_policy_document.p.json] : []\n{PUBLIC.replace('S', 'T')}"
    document = read('variable "v" {}\n' + data(own) + data(PUBLIC, "p"))
    assert [(as_text(statement.sid.only), statement.exists) for statement in document.statements] == [("S", MAYBE), ("T", YES)]


def test_a_statement_without_sid_is_never_replaced() -> None:
    document = read('variable "v" {}\n' + data(f"override_policy_documents = [var.v]\n{NAMELESS}"))
    assert [statement.exists for statement in document.statements] == [YES]
    named = read('variable "v" {}\n' + data(f"override_policy_documents = [var.v]\n{PUBLIC}"))
    assert [statement.exists for statement in named.statements] == [MAYBE]


def test_statements_stand_where_they_are_written() -> None:
    text = data("source_policy_documents = [data.aws_iam_policy_document.base.json]") + data(PUBLIC, "base")
    statement = read(text).statements[0]
    assert statement.at is not None
    assert statement.at.text.startswith("statement")


def test_circles_end() -> None:
    every = [f"d{number}" for number in range(8)]
    names = ", ".join(f"data.aws_iam_policy_document.{name}.json" for name in every)
    text = "".join(data(f"source_policy_documents = [{names}]\n{NAMELESS}", name) for name in every)
    document = read(text, "data.aws_iam_policy_document.d0.json")
    assert document.open
    assert document.any(document.public) is MAYBE


@pytest.mark.parametrize(
    "policy",
    [
        '{"Statement": [{"effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]}',
        '{"statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]}',
        '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "1"}, "Principal": "*", "Action": "sqs:*", "Resource": "*"}]}',
        '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::*:root"}, "Action": "sqs:*", "Resource": "*"}]}',
        '{"Statement": [{"Effect": "Allow", "NotPrincipal": {"AWS": "1"}, "Action": "sqs:*", "Resource": "*"}]}',
        '{"Statement": [{"Effect": "Allow", "Principal": "*", "NotAction": "sns:*", "Resource": "*"}]}',
        '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "NotResource": "x"}]}',
        '{"Statement": [{"Effect": "Allow", "Principal": {"Service": "*"}, "Action": "sqs:*", "Resource": "*"}]}',
    ],
)
def test_what_is_not_judged(policy: str) -> None:
    document = read("", json.dumps(policy))
    assert document.any(document.public) is MAYBE


@pytest.mark.parametrize(
    ("principal", "answer"),
    [
        ('"*"', YES),
        ('{"AWS": "*"}', YES),
        ('{"AWS": ["111122223333", "*"]}', YES),
        ('{"*": "*"}', YES),
        ('{"*": ["*"]}', YES),
        ('{"AWS": "111122223333"}', NO),
        ('{"AWS": ["arn:aws:iam::111122223333:root"]}', NO),
        ('{"Service": "sns.amazonaws.com"}', NO),
        ('{"Federated": "cognito-identity.amazonaws.com"}', NO),
        ('{"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}', NO),
        ("{}", NO),
    ],
)
def test_who_is_everybody(principal: str, answer: object) -> None:
    statement = f'{{"Effect": "Allow", "Principal": {principal}, "Action": "sqs:SendMessage", "Resource": "*"}}'
    for policy in (f'{{"Statement": {statement}}}', f'{{"Version": "2012-10-17", "Statement": [{statement}]}}'):
        document = read("", json.dumps(policy))
        assert document.any(document.public) is answer


def test_documents_across_module_calls() -> None:
    """A document of the caller reaches a policy in the called module, and one written there is found as well."""
    child = """
variable "base" {}

resource "aws_sqs_queue_policy" "q" {
  queue_url = "q"
  policy    = data.aws_iam_policy_document.d.json
}
"""
    child += data(f"source_policy_documents = [var.base]\n{PUBLIC}")
    root = data(PUBLIC.replace('"S"', '"Base"'), "base")
    root += 'module "queue" {\n  source = "./queue"\n  base   = data.aws_iam_policy_document.base.json\n}\n'
    loaded = load_module(MemoryFiles({"m/main.tf": root, "m/queue/main.tf": child}), "m")
    (host,) = loaded.of("aws_sqs_queue_policy")
    document = PolicyDocument(host.config.child("policy"), host, ("policy",))
    assert not document.open
    assert sids(document) == ["Base", "S"]
    assert document.any(document.public) is YES
