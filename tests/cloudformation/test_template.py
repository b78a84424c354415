from __future__ import annotations

import pytest

from fsbp_lsp.cloudformation.dialect import noun
from fsbp_lsp.cloudformation.load import load_template, template_of
from fsbp_lsp.cloudformation.template import Template
from fsbp_lsp.files import DiskFiles
from fsbp_lsp.model.path import parse_path
from fsbp_lsp.values import ABSENT, MAYBE, NO, UNKNOWN, YES, Map, Ref
from tests.cloudformation.sources import plain, template

BUCKET = parse_path("Bucket")


def test_a_resource_in_full():
    found = template(
        """
        Resources:
          # the logs
          Logs:  # here
            Type: AWS::S3::Bucket
            DeletionPolicy: Retain
            Metadata: {team: x}
            Properties:
              BucketName: logs
          Bare:
            Type: AWS::S3::Bucket
        """
    )
    logs, bare = found.resources
    assert (logs.address, logs.type, logs.name) == ("Logs", "AWS::S3::Bucket", "Logs")
    assert logs.header.text == "Logs"
    assert logs.header.line == 3
    assert logs.extent.text.startswith("Logs:  # here")
    assert logs.extent.text.endswith("BucketName: logs")
    assert logs.config.child("BucketName").is_("logs") is YES
    assert logs.attribute("DeletionPolicy").is_("Retain") is YES
    assert plain(logs.attribute("Metadata")) == {"team": "x"}
    assert logs.attribute("UpdateReplacePolicy").only is ABSENT
    assert isinstance(bare.config.only, Map)
    assert bare.config.only.node is None
    assert bare.config.child("BucketName").present() is NO
    assert found.get("Nope") is None
    assert [one.name for one in found.of("AWS::S3::Bucket", "AWS::X::Y")] == ["Logs", "Bare"]
    name = logs.config.only.keys["BucketName"]
    assert name.text == "BucketName"


@pytest.mark.parametrize("written", ["!If [A, {}, {}]", "{'Fn::Transform': x}", "!Foo {A: 1}", "[a]", "x"])
def test_properties_that_are_no_mapping_hide_everything(written):
    found = template(f"Resources:\n  R:\n    Type: AWS::X::Y\n    Properties: {written}\n")
    assert found.resources[0].config.child("A").is_(1) is MAYBE


@pytest.mark.parametrize(
    ("more", "certain"),
    [
        ("", True),
        ("Transform: AWS::LanguageExtensions\n", True),
        ("Transform: MyMacro\n", False),
        ("Transform: [AWS::Serverless-2016-10-31, MyMacro]\n", False),
        ("Transform: {Name: AWS::Include, Parameters: {Location: s3://x}}\n", False),
        ("Fn::Transform: {Name: AWS::Include}\n", False),
    ],
)
def test_macros(more, certain):
    found = template(more + "Resources:\n  R:\n    Type: AWS::S3::Bucket\n    Properties: {A: 1}\n")
    (resource,) = found.resources
    assert found.complete is certain
    assert resource.config.child("A").is_(1) is YES
    assert resource.config.child("B").present() is (NO if certain else MAYBE)
    assert found.linked(resource, "AWS::S3::BucketPolicy", BUCKET).maybe_more is not certain


@pytest.mark.parametrize(
    "hidden",
    [
        "  Fn::ForEach::X: [N, [a], {'P${N}': {Type: AWS::S3::BucketPolicy}}]\n",
        "  Fn::Transform: {Name: AWS::Include}\n",
        "  M: {Type: !Rain::Module x}\n",
        "  Typing:\n",
        "  Half: {Type: AWS}\n",
    ],
)
def test_resources_that_cannot_be_seen_may_be_companions(hidden):
    found = template("Resources:\n  R:\n    Type: AWS::S3::Bucket\n" + hidden)
    resource = found.get("R")
    assert resource is not None
    assert found.complete
    assert found.linked(resource, "AWS::S3::BucketPolicy", BUCKET).maybe_more
    assert resource.config.child("A").present() is NO


def test_links():
    found = template(
        """
        Resources:
          A: {Type: AWS::S3::Bucket}
          B: {Type: AWS::S3::Bucket}
          P: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref A}}
          Q: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Sub '${B}'}}
        """
    )
    for owner, policy in (("A", "P"), ("B", "Q")):
        resource = found.get(owner)
        assert resource is not None
        linked = found.linked(resource, "AWS::S3::BucketPolicy", BUCKET)
        assert [one.name for one in linked.found] == [policy]
        assert not linked.maybe_more


def test_what_is_handed_to_a_nested_stack_escapes():
    found = template(
        """
        Resources:
          A: {Type: AWS::S3::Bucket}
          B: {Type: AWS::S3::Bucket}
          C: {Type: AWS::S3::Bucket}
          S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: x, Parameters: {N: !Ref A, M: [!Sub 'x${B.Arn}']}}}
        """
    )
    assert [found.escapes(name) for name in "ABC"] == [True, True, False]


def test_globals_are_merged_into_serverless_resources():
    found = template(
        """
        Transform: AWS::Serverless-2016-10-31
        Globals:
          Function:
            Runtime: python3.8
            Timeout: 5
            Environment: {Variables: {A: 1, B: 2}}
            Layers: [l1]
        Resources:
          F:
            Type: AWS::Serverless::Function
            Properties:
              Timeout: 9
              Environment: {Variables: {B: 3}}
              Layers: [l2]
          G:
            Type: AWS::Serverless::Function
            IgnoreGlobals: "*"
          H:
            Type: AWS::Serverless::Function
            IgnoreGlobals: [Layers, Environment]
          Other:
            Type: AWS::Lambda::Function
          Uses:
            Type: AWS::X::Y
            Properties: {Role: !GetAtt FRole.Arn}
        """
    )
    names = ("Runtime", "Timeout", "Environment", "Layers")
    shown = {
        one.block: {name: plain(one.config.child(name)) for name in names if one.config.child(name).written} for one in found.resources
    }
    assert shown["F"] == {"Timeout": 9, "Environment": {"Variables": {"A": 1, "B": 3}}, "Layers": ["l1", "l2"], "Runtime": "python3.8"}
    assert shown["G"] == {}
    assert shown["H"] == {"Runtime": "python3.8", "Timeout": 5}
    assert shown["Other"] == {}
    uses = found.get("Uses")
    assert uses is not None
    assert plain(uses.config) == {"Role": Ref("FRole", "Arn")}
    runtime = found.resources[0].config.child("Runtime")
    assert runtime.at is not None
    assert (runtime.at.line, runtime.at.text) == (4, "python3.8")
    assert runtime.origins[0].note == "Globals.Function.Runtime"


@pytest.mark.parametrize("section", ["!Foo {Function: {}}", "{Function: !Foo {}}", "{Function: {'Fn::Transform': x}}"])
def test_globals_that_cannot_be_read(section):
    found = template(f"Transform: AWS::Serverless-2016-10-31\nGlobals: {section}\nResources:\n  F:\n    Type: AWS::Serverless::Function\n")
    assert found.resources[0].config.child("Runtime").present() is MAYBE


def test_only_the_first_syntax_error_is_a_problem():
    one = "    Type: AWS::X::Y\n    Properties:\n      A: @\n      B: 1\n"
    found = template(f"Resources:\n  R:\n{one}  S:\n{one}")
    assert len(found.document.errors) == 2
    assert len(found.problems) == 1
    assert not found.complete


def test_the_same_bytes_are_the_same_template(tmp_path):
    path = tmp_path / "t.yaml"
    path.write_text("Resources:\n  R:\n    Type: AWS::X::Y\n")
    cache: dict[str, tuple[bytes, Template | None]] = {}
    first = load_template(DiskFiles(), str(path), cache)
    assert first is not None
    assert load_template(DiskFiles(), str(path), cache) is first
    assert first.token(("template",)) == first.piece.serial
    path.write_text("Resources:\n  R:\n    Type: AWS::X::Z\n")
    again = load_template(DiskFiles(), str(path), cache)
    assert again is not None
    assert again is not first
    assert again.token(("template",)) != first.token(("template",))


def test_json_and_yaml_mean_the_same():
    yaml = template(
        """
        Parameters: {P: {Type: String, Default: x}}
        Conditions: {C: !Equals [!Ref P, x]}
        Resources:
          R: {Type: AWS::X::Y, Properties: {A: !If [C, !Ref P, 2], B: !GetAtt R.Arn, D: !Sub 'a${P}'}}
        """
    )
    json = template_of(
        "t.json",
        b"""{"Parameters": {"P": {"Type": "String", "Default": "x"}},
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}},
        "Resources": {"R": {"Type": "AWS::X::Y", "Properties": {"A": {"Fn::If": ["C", {"Ref": "P"}, 2]},
        "B": {"Fn::GetAtt": ["R", "Arn"]}, "D": {"Fn::Sub": "a${P}"}}}}}""",
    )
    assert json is not None
    assert json.document.json
    assert plain(yaml.resources[0].config) == plain(json.resources[0].config)
    assert json.resources[0].header.text == '"R"'


def test_a_resource_attribute_in_a_macro_is_not_surely_absent():
    found = template("Transform: MyMacro\nResources:\n  R:\n    Type: AWS::X::Y\n")
    assert found.resources[0].attribute("DeletionPolicy").only is UNKNOWN


@pytest.mark.parametrize(
    ("type", "word"),
    [
        ("AWS::S3::Bucket", "bucket"),
        ("AWS::RDS::DBInstance", "DB instance"),
        ("AWS::EC2::VPC", "VPC"),
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", "load balancer"),
        ("AWS::IAM::ManagedPolicy", "managed policy"),
        ("Custom::Thing", "thing"),
        ("Org::Service::Thing::MODULE", "thing"),
    ],
)
def test_nouns(type, word):
    assert noun(type) == word
