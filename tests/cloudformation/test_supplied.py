"""Parameter files named in configuration choose the scenario, and say where they did."""

from __future__ import annotations

import json

import pytest

from fsbp_lsp.cloudformation.supplied import file_of
from fsbp_lsp.config import Settings
from fsbp_lsp.dev.replay import MemoryFiles
from fsbp_lsp.engine.check import ModuleReport, Session
from fsbp_lsp.engine.discover import ModuleKey
from fsbp_lsp.model import Finding

TEMPLATE = """
Parameters:
  Stage: {Type: String, Default: prod}
  Encrypt: {Type: String, Default: 'true'}
  Password: {Type: String, NoEcho: true}
  Names: {Type: CommaDelimitedList, Default: a}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Orders:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: postgres
      MasterUserPassword: !Ref Password
      StorageEncrypted: !Ref Encrypt
      PubliclyAccessible: !If [IsProd, false, true]
  Extra:
    Type: AWS::RDS::DBInstance
    Condition: IsProd
    Properties:
      StorageEncrypted: false
"""


def report(given: dict[str, str], template: str = TEMPLATE) -> ModuleReport:
    files = MemoryFiles({"t.yaml": template.encode(), **{path.partition("#")[0]: text.encode() for path, text in given.items()}})
    settings = Settings()
    settings.select = ("RDS.2", "RDS.3")
    settings.parameter_files = tuple(given)
    made = Session(files, lambda _path: settings).check_module(ModuleKey("cloudformation", "t.yaml"))
    assert made is not None
    return made


def said(given: dict[str, str]) -> dict[tuple[str, str], str]:
    return {(f.control, f.address): f.message for f in report(given).findings}


DEV = {"Stage": "dev", "Encrypt": "false", "Password": "hunter2"}
PROD = {"Stage": "prod", "Encrypt": "true"}
CLI = json.dumps([{"ParameterKey": name, "ParameterValue": value} for name, value in DEV.items()], indent=1)
NOTATIONS = {
    "dev.json": CLI,
    "pipeline.json": json.dumps({"Parameters": DEV, "Tags": {"a": "b"}}),
    "words.json": json.dumps([f"{name}={value}" for name, value in DEV.items()]),
    "samconfig.toml": '[default.deploy.parameters]\nparameter_overrides = "Stage=dev Encrypt=\\"false\\" Password=hunter2"\n',
    "list.toml": '[default.global.parameters]\nparameter_overrides = ["Stage=dev", "Encrypt=false"]\n',
    "long.toml": "[default.deploy.parameters]\nparameter_overrides = "
    '"ParameterKey=Stage,ParameterValue=dev ParameterKey=Encrypt,ParameterValue=false"\n',
    "table.toml": "[default.deploy.parameters.parameter_overrides]\nStage = 'dev'\nEncrypt = false\n",
}


def test_without_a_file_both_cases_are_judged() -> None:
    assert said({}) == {
        ("RDS.2", "Orders"): "PubliclyAccessible is true when IsProd is false",
        ("RDS.3", "Extra"): "StorageEncrypted is false",
    }


@pytest.mark.parametrize("name", NOTATIONS)
def test_a_file_chooses(name: str) -> None:
    assert said({name: NOTATIONS[name]}) == {
        ("RDS.2", "Orders"): "PubliclyAccessible is true (through IsProd)",
        ("RDS.3", "Orders"): f'StorageEncrypted is "false" (value of parameter Encrypt in {name})',
    }


def test_later_files_win() -> None:
    later = json.dumps([{"ParameterKey": name, "ParameterValue": value} for name, value in PROD.items()])
    assert said({"dev.json": CLI, "prod.json": later}) == {("RDS.3", "Extra"): "StorageEncrypted is false"}


def finding(given: dict[str, str]) -> Finding:
    return next(f for f in report(given).findings if f.control == "RDS.3")


def test_the_value_says_its_line_and_is_fixed_there() -> None:
    found = finding({"dev.json": CLI})
    (hop,) = found.origins
    assert hop.at is not None
    assert (hop.at.path, hop.at.text) == ("dev.json", '"false"')
    titles = [fix.title.partition(" (")[0] for fix in found.fixes]
    assert titles == ["Change the value of parameter Encrypt to true", "Set StorageEncrypted to true here"]
    assert {edit.at.path for edit in found.fixes[0].edits} == {"dev.json"}


def test_a_value_in_toml_says_its_line() -> None:
    (hop,) = finding({"samconfig.toml": NOTATIONS["samconfig.toml"]}).origins
    assert hop.at is not None
    assert (hop.at.path, hop.at.file.lines.line(hop.at.start), hop.at.text) == ("samconfig.toml", 1, "Encrypt")


STAGES = """
version = 0.1
[prod.deploy.parameters]
parameter_overrides = "Stage=prod Encrypt=true"
[default.global.parameters]
parameter_overrides = "Stage=nobody"
[default.deploy.parameters]
parameter_overrides = ["Stage=prod"]
["dev-eu".global.parameters]
parameter_overrides = "Encrypt=unused"
["dev-eu".deploy.parameters]
parameter_overrides = "Stage=dev Encrypt=false"
[empty.deploy.parameters]
stack_name = "orders"
"""


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ("", [("RDS.3", "Extra")]),
        ("#default", [("RDS.3", "Extra")]),
        ("#prod", [("RDS.3", "Extra")]),
        ("#dev-eu", [("RDS.2", "Orders"), ("RDS.3", "Orders")]),
        # What the default environment gives is no fallback: sam reads one environment.
        ("#empty", [("RDS.2", "Orders"), ("RDS.3", "Extra")]),
    ],
)
def test_an_environment_of_samconfig(environment: str, expected: list[tuple[str, str]]) -> None:
    assert sorted(said({f"samconfig.toml{environment}": STAGES})) == expected


def test_a_value_says_the_line_of_its_environment() -> None:
    (hop,) = finding({"samconfig.toml#dev-eu": STAGES}).origins
    assert hop.at is not None
    line = hop.at.file.lines.line(hop.at.start)
    assert (hop.at.path, hop.at.text, STAGES.splitlines()[line]) == (
        "samconfig.toml",
        "Encrypt",
        'parameter_overrides = "Stage=dev Encrypt=false"',
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (STAGES, "no environment `pord`; did you mean `prod`?"),
        ("[stage.deploy.parameters]\n", "no environment `pord`; there is `stage`"),
        ("version = 0.1\n", "no environment `pord`: there is none at all"),
    ],
)
def test_an_environment_that_is_not_there_is_said_to_be(text: str, message: str) -> None:
    made = report({"samconfig.toml#pord": text})
    (problem,) = (f for f in made.findings if f.control in ("syntax", "unreadable"))
    assert (problem.at.path, problem.message) == ("samconfig.toml", message)
    # It may give any parameter any value.
    assert ("RDS.3", "Orders") not in said({"samconfig.toml#pord": text})


def test_secrets_are_not_told() -> None:
    made = report({"dev.json": CLI})
    assert made.module is not None
    told = [(f.message, f.value, [hop.note for hop in f.origins]) for f in made.findings] + [u.reason for u in made.unknown]
    assert "hunter2" not in repr(told)
    assert "hunter2" not in repr([resource.config for resource in made.module.resources])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("gone.json", None),
        ("broken.json", "{"),
        ("other.json", "7"),
        ("broken.toml", "= 1"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_to_be(name: str, text: str | None) -> None:
    files = MemoryFiles({"t.yaml": TEMPLATE.encode(), **({name: text.encode()} if text is not None else {})})
    settings = Settings()
    settings.select = ("RDS.2",)
    settings.parameter_files = (name,)
    made = Session(files, lambda _path: settings).check_module(ModuleKey("cloudformation", "t.yaml"))
    assert made is not None
    assert [f.at.path for f in made.findings if f.control in ("syntax", "unreadable")] == [name]


@pytest.mark.parametrize(
    "text", ["[]", '{"Parameters": {"Stage": []}}', "[[], 7, {}]", '[{"ParameterKey": "Stage", "UsePreviousValue": true}]']
)
def test_nothing_given_changes_nothing(text: str) -> None:
    assert said({"p.json": text}) == said({})


def test_a_parameter_read_from_the_store_stays_unknown() -> None:
    template = TEMPLATE.replace("Encrypt: {Type: String,", "Encrypt: {Type: 'AWS::SSM::Parameter::Value<String>',")
    found = [f.address for f in report({"dev.json": CLI}, template).findings if f.control == "RDS.3"]
    assert found == []


def test_what_a_broken_file_may_give_is_not_known() -> None:
    template = TEMPLATE.replace("Default: 'true'", "Default: 'false'")
    assert [f.address for f in report({}, template).findings if f.control == "RDS.3"] == ["Orders", "Extra"]
    assert [f.address for f in report({"p.json": "[{"}, template).findings if f.control == "RDS.3"] == ["Extra"]


def test_hostile_files_end() -> None:
    many = json.dumps([{"ParameterKey": f"P{number}", "ParameterValue": "x" * 50} for number in range(20_000)])
    assert ("RDS.3", "Extra") in said({"many.json": many, "deep.json": "[" * 100_000})


def test_only_toml_has_environments() -> None:
    assert file_of("a/samconfig.toml#prod") == ("a/samconfig.toml", "prod")
    assert file_of("a/samconfig.toml") == ("a/samconfig.toml", "")
    assert file_of("a#b.json") == ("a#b.json", "")
