"""What other templates of a repository import may belong to the resources that a template exports."""

from __future__ import annotations

import pytest

from fsbp_lsp.cloudformation.imports import may_be_same
from fsbp_lsp.config import Settings
from fsbp_lsp.engine.check import Scope, Session, check
from fsbp_lsp.engine.discover import ModuleKey
from fsbp_lsp.engine.importers import MAX_READ
from fsbp_lsp.files import DiskFiles
from fsbp_lsp.values import UNKNOWN, Ref, Text
from tests.controls.memory import MemoryFiles
from tests.controls.run import TODAY, settings_from_text

NETWORK = """\
Resources:
  VPC:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
Outputs:
  Id:
    Value: !Ref VPC
    Export:
      Name: !Sub '${AWS::StackName}-VPC'
"""
LOGS = """\
Parameters:
  Network: {Type: String}
Resources:
  Log:
    Type: AWS::EC2::FlowLog
    Properties:
      ResourceId: !ImportValue {'Fn::Sub': '${Network}-VPC'}
      ResourceType: VPC
      TrafficType: ALL
"""
FAILS = ["EC2.6"]


def verdict(files, config="", path="network.yaml"):
    settings = settings_from_text(f'select = ["EC2.6"]\n{config}')
    held = MemoryFiles({name: text.encode() for name, text in files.items()})
    made = Session(held, lambda _path: settings, TODAY).check_module(ModuleKey("cloudformation", path))
    assert made is not None
    return [finding.control for finding in made.findings] or [item.reason for item in made.unknown]


UNDECIDED = ["a flow log may exist that source does not decide"]


def test_without_an_importer_what_is_missing_is_missing():
    assert verdict({"network.yaml": NETWORK}) == FAILS


@pytest.mark.parametrize(
    "imports",
    [
        "!ImportValue {'Fn::Sub': '${Network}-VPC'}",
        "{'Fn::ImportValue': !Sub '${Network}-VPC'}",
        "!ImportValue main-VPC",
        "!ImportValue {Ref: Network}",
        "{'Fn::ImportValue': {'Fn::Join': ['-', [!Ref Network, VPC]]}}",
        "!If [Ours, !Ref Other, !ImportValue main-VPC]",
    ],
)
def test_an_import_that_may_have_the_exported_name_makes_it_undecided(imports):
    logs = LOGS.replace("!ImportValue {'Fn::Sub': '${Network}-VPC'}", imports)
    assert logs != LOGS or imports in LOGS
    assert verdict({"network.yaml": NETWORK, "logs.yaml": logs}) == UNDECIDED


@pytest.mark.parametrize(
    "change",
    [
        ("'${Network}-VPC'", "'${Network}-Bucket'"),
        ("AWS::EC2::FlowLog", "AWS::EC2::Subnet"),
        ("!ImportValue {'Fn::Sub': '${Network}-VPC'}", "!Ref Network"),
        ("!ImportValue {'Fn::Sub': '${Network}-VPC'}", "!ImportValue main-vpc"),
    ],
)
def test_other_imports_change_nothing(change):
    before, after = change
    assert before in LOGS
    assert verdict({"network.yaml": NETWORK, "logs.yaml": LOGS.replace(before, after)}) == FAILS


def test_what_is_not_exported_is_imported_by_nobody():
    inside = NETWORK.replace("    Export:\n      Name: !Sub '${AWS::StackName}-VPC'\n", "")
    assert verdict({"network.yaml": inside, "logs.yaml": LOGS}) == FAILS
    other = NETWORK.replace("Value: !Ref VPC", "Value: Export")
    assert verdict({"network.yaml": other, "logs.yaml": LOGS}) == FAILS


def test_a_log_in_the_template_itself_still_counts():
    own = NETWORK.replace(
        "Outputs:", "  Log:\n    Type: AWS::EC2::FlowLog\n    Properties: {ResourceId: !Ref VPC, TrafficType: ALL}\nOutputs:"
    )
    assert verdict({"network.yaml": own, "logs.yaml": LOGS}) == []


def test_json_and_half_typed_templates_are_read_as_far_as_they_go():
    json = (
        '{"Resources": {"Log": {"Type": "AWS::EC2::FlowLog", "Properties": {"ResourceId":'
        ' {"Fn::ImportValue": {"Fn::Sub": "${N}-VPC"}}}}}, "Parameters": {"N": {"Type": "String"}}}'
    )
    assert verdict({"network.yaml": NETWORK, "logs.json": json}) == UNDECIDED
    assert verdict({"network.yaml": NETWORK, "logs.yaml": LOGS + "  Other:\n    Type: [\n"}) == UNDECIDED
    assert verdict({"network.yaml": NETWORK, "logs.yaml": "AWS::EC2::FlowLog ImportValue: [{\n"}) == FAILS


def test_an_excluded_template_deploys_nothing():
    assert verdict({"network.yaml": NETWORK, "logs.yaml": LOGS}, 'exclude = ["logs.yaml"]\n') == FAILS


def test_with_very_many_importers_any_name_counts():
    other = LOGS.replace("-VPC", "-Bucket")
    few = {f"logs{number}.yaml": other for number in range(MAX_READ)}
    assert verdict({"network.yaml": NETWORK, **few}) == FAILS
    assert verdict({"network.yaml": NETWORK, **few, "one-more.yaml": other}) == UNDECIDED


def test_outputs_escape_holds_for_templates_as_well():
    assert verdict({"network.yaml": NETWORK}, "outputs-escape = true\n") == UNDECIDED
    assert verdict({"network.yaml": NETWORK.replace("!Ref VPC", "x")}, "outputs-escape = true\n") == FAILS


def test_a_nested_stack_exports_too():
    parent = "Resources:\n  Net:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: network.yaml}\n"
    settings = settings_from_text('select = ["EC2.6"]\n')
    for logs, expected in ((LOGS, []), (LOGS.replace("-VPC", "-X"), FAILS)):
        files = MemoryFiles({"parent.yaml": parent.encode(), "network.yaml": NETWORK.encode(), "logs.yaml": logs.encode()})
        session = Session(files, lambda _path: settings, TODAY)
        child = ModuleKey("cloudformation", "network.yaml")
        session.nest([ModuleKey("cloudformation", "parent.yaml")])
        made = session.check_module(child, roots=frozenset(["parent.yaml"]))
        assert made is not None
        assert [finding.control for finding in made.findings] == expected


def test_an_editor_learns_of_imports_that_come_and_go():
    settings = settings_from_text('select = ["EC2.6"]\n')
    files = MemoryFiles({"network.yaml": NETWORK.encode()})
    session = Session(files, lambda _path: settings, TODAY, keep=True)

    def said():
        made = session.check_module(ModuleKey("cloudformation", "network.yaml"))
        assert made is not None
        return [finding.control for finding in made.findings]

    assert said() == FAILS
    files.contents["logs.yaml"] = LOGS.encode()
    session.look_for_callers()
    assert said() == []
    # What was found is looked at again without being told: its text is another one.
    files.contents["logs.yaml"] = LOGS.replace("-VPC", "-Bucket").encode()
    assert said() == FAILS
    files.contents["logs.yaml"] = LOGS.encode()
    session.look_for_callers()
    assert said() == []
    del files.contents["logs.yaml"]
    assert said() == FAILS


def test_only_the_repository_of_a_template_is_looked_through(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name / ".git").mkdir(parents=True)
    (tmp_path / "one" / "network.yaml").write_text(NETWORK)
    settings = Settings()
    settings.select = ("EC2.6",)
    path = str(tmp_path / "one" / "network.yaml")

    def said():
        return [f.control for report in check(DiskFiles(), Scope((path,)), lambda _path: settings) for f in report.findings]

    (tmp_path / "two" / "logs.yaml").write_text(LOGS)
    assert said() == FAILS
    (tmp_path / "one" / "deep").mkdir()
    (tmp_path / "one" / "deep" / "logs.yaml").write_text(LOGS)
    assert said() == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a-VPC", "a-VPC", True),
        ("a-VPC", "b-VPC", False),
        (Text((UNKNOWN, "-VPC")), "b-VPC", True),
        (Text((UNKNOWN, "-VPC")), Text((Ref("AWS::StackName", "Ref"), "-VPC")), True),
        (Text((UNKNOWN, "-VPC")), Text((UNKNOWN, "-main-VPC")), True),
        (Text((UNKNOWN, "-VPC")), Text((UNKNOWN, "-Id")), False),
        (Text(("prod-", UNKNOWN)), Text(("test-", UNKNOWN)), False),
        (Text(("prod-", UNKNOWN)), Text((UNKNOWN, "-VPC")), True),
        (UNKNOWN, "anything", True),
    ],
)
def test_partly_known_names(one, other, same):
    assert may_be_same(one, other) is same
    assert may_be_same(other, one) is same
