"""`aws_iam_policy_document` as we read and merge it against what the real provider renders of it.

Needs `terraform` and the folder of provider plugins in FSBP_TF_PLUGINS. The data source calls no API, so a plan
with mock credentials renders all of `documents.tf` offline.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fsbp_lsp.aws.policy_document import DATA_SOURCE, PolicyDocument
from fsbp_lsp.aws.policy_statement import Statement
from fsbp_lsp.values import YES, Items, Ref, Value, as_text
from tests.terraform.memory import module

PLUGINS = os.environ.get("FSBP_TF_PLUGINS", "")
TERRAFORM = shutil.which("terraform")
SOURCE = (Path(__file__).parent / "documents.tf").read_text(encoding="utf-8")
NAMES = re.findall(r'^data "aws_iam_policy_document" "(\w+)"', SOURCE, re.MULTILINE)
KEYS: dict[str, list[str | int | None]] = {"counted": [0, 1], "each": ["a", "b"], "source_for_each": ["x", "y"]}
CASES = [(name, key) for name in NAMES for key in KEYS.get(name, [None])]

ROOT = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "mock"
  secret_key                  = "mock"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
"""


def address(name: str, key: str | int | None) -> str:
    return f"data.{DATA_SOURCE}.{name}" + ("" if key is None else f"[{json.dumps(key)}]")


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The JSON of every data source, as the provider writes it."""
    if TERRAFORM is None or not PLUGINS:
        pytest.skip("needs terraform on the path and its provider plugins in FSBP_TF_PLUGINS")
    folder = tmp_path_factory.mktemp("documents")
    outputs = "".join(f'\noutput "{name}_{index}" {{\n  value = {address(name, key)}.json\n}}\n' for index, (name, key) in enumerate(CASES))
    (folder / "root.tf").write_text(ROOT + outputs, encoding="utf-8")
    (folder / "documents.tf").write_text(SOURCE, encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if key != "TF_CLI_CONFIG_FILE"} | {"CHECKPOINT_DISABLE": "1"}

    def run(*arguments: str) -> str:
        command = [str(TERRAFORM), *arguments]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    run("init", f"-plugin-dir={PLUGINS}", "-backend=false", "-input=false")
    run("plan", "-input=false", "-refresh=false", "-out=p.bin")
    planned = json.loads(run("show", "-json", "p.bin"))["planned_values"]["outputs"]
    return {address(name, key): json.loads(planned[f"{name}_{index}"]["value"]) for index, (name, key) in enumerate(CASES)}


# The provider's document and ours in one form: lists as sets where order says nothing, one value as a list.


def texts(value: Any) -> frozenset[str]:
    found = value if isinstance(value, list) else [] if value is None else [value]
    return frozenset(str(one).lower() if isinstance(one, bool) else str(one) for one in found)


def theirs(document: dict[str, Any]) -> list[Any]:
    return [_theirs(statement) for statement in document.get("Statement", [])]


def _theirs(statement: dict[str, Any]) -> dict[str, Any]:
    excepted = "NotPrincipal" in statement
    principal = statement.get("NotPrincipal" if excepted else "Principal", {})
    if principal == "*":
        principal = {"*": "*"}
    return {
        "sid": statement.get("Sid", ""),
        "effect": statement.get("Effect"),
        "actions": texts(statement.get("Action")),
        "not_actions": texts(statement.get("NotAction")),
        "resources": texts(statement.get("Resource")),
        "not_resources": texts(statement.get("NotResource")),
        "excepted": excepted,
        "principals": frozenset((kind, one) for kind, names in principal.items() for one in texts(names)),
        # Keys are compared without regard to case, so two spellings of one key are two conditions on it.
        "conditions": frozenset(
            (operator.lower(), key.lower(), one)
            for operator, tests in statement.get("Condition", {}).items()
            for key, values in tests.items()
            for one in texts(values)
        ),
    }


def known(items: Items) -> frozenset[str]:
    assert not items.maybe_more
    return frozenset(str(as_text(item.only)) for item in items.found)


def ours(statement: Statement) -> dict[str, Any]:
    assert statement.exists is YES
    assert not statement.principals_open
    assert not statement.conditions_open
    return {
        "sid": as_text(statement.sid.only) or "",
        "effect": as_text(statement.effect.only),
        "actions": known(statement.actions),
        "not_actions": known(statement.not_actions),
        "resources": known(statement.resources),
        "not_resources": known(statement.not_resources),
        "excepted": statement.not_principals is YES,
        "principals": frozenset((kind, str(as_text(value.only))) for kind, value in statement.principals),
        "conditions": frozenset((_operator(test), test.key, one) for test in statement.conditions for one in known(test.values)),
    }


def _operator(test: Any) -> str:
    return f"{test.quantifier}{':' if test.quantifier else ''}{test.operator}{'ifexists' if test.if_exists else ''}"


@pytest.fixture(scope="module")
def documents() -> dict[str, PolicyDocument]:
    """Every data source as a policy refers to it."""
    loaded = module(SOURCE + 'resource "aws_iam_policy" "p" {\n  policy = ""\n}\n')
    host = loaded.get("aws_iam_policy.p")
    assert host is not None

    def read(name: str, key: str | int | None) -> PolicyDocument:
        return PolicyDocument(Value.of(Ref(f"data.{DATA_SOURCE}.{name}", "json", key)), host, ("policy",))

    return {address(name, key): read(name, key) for name, key in CASES}


def test_there_are_enough() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize(("name", "key"), CASES)
def test_equals_what_the_provider_renders(
    name: str, key: str | int | None, rendered: dict[str, Any], documents: dict[str, PolicyDocument]
) -> None:
    document, real = documents[address(name, key)], rendered[address(name, key)]
    assert not document.open
    assert [ours(statement) for statement in document.statements] == theirs(real)
    assert {statement.variables for statement in document.statements} <= {real["Version"] == "2012-10-17"}


@pytest.mark.parametrize(("name", "key"), CASES)
def test_the_rendered_text_reads_the_same(
    name: str, key: str | int | None, rendered: dict[str, Any], documents: dict[str, PolicyDocument]
) -> None:
    """What the data source says and the JSON it becomes are one policy: every statement is as public as its twin."""
    document = documents[address(name, key)]
    text = PolicyDocument(Value.of(json.dumps(rendered[address(name, key)])), document.host, ("policy",))
    assert [document.public(one) for one in document.statements] == [text.public(one) for one in text.statements]
    assert [one.all_actions() & one.all_resources() for one in document.statements] == [
        one.all_actions() & one.all_resources() for one in text.statements
    ]
