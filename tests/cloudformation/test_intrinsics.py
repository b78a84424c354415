from __future__ import annotations

import pytest

from fsbp_lsp.values import ABSENT, MAYBE, NO, UNKNOWN, YES, Ref, Text, Via
from tests.cloudformation.sources import plain, property_, template, value

MAPS = """
Mappings:
  Env:
    dev: {Size: small, Many: [a, b], Encrypted: false}
    prod: {Size: large, Many: [c], Encrypted: true}
  Names:
    short: {p: prod}
  Same:
    us-east-1: {On: false}
    eu-west-1: {On: false}
"""
ENV = """
Parameters:
  Env: {Type: String, Default: dev}
  Free: {Type: String}
  Flag: {Type: String, Default: "false"}
  List: {Type: CommaDelimitedList, Default: "a, b"}
"""


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("V: true", True),
        ("V: 'true'", "true"),
        ("V: 7", 7),
        ("V:", None),
        ("V: {A: 1, B: [x, y]}", {"A": 1, "B": ["x", "y"]}),
        ("V: !Ref AWS::NoValue", ABSENT),
        ("V: {Ref: 'AWS::NoValue'}", ABSENT),
        ("V: [a, !Ref AWS::NoValue, b]", ["a", "b"]),
        ("V: !Ref AWS::Region", Ref("AWS::Region", "Ref")),
        ("V: !Ref Other", Ref("Other", "Ref")),
        ("V: !GetAtt Other.Arn", Ref("Other", "Arn")),
        ("V: !GetAtt [Other, Arn]", Ref("Other", "Arn")),
        ("V: {'Fn::GetAtt': [Other, Arn]}", Ref("Other", "Arn")),
        ("V: {'Fn::GetAtt': Other.Arn}", Ref("Other", "Arn")),
        ("V: !GetAtt Custom.BucketName", UNKNOWN),
        ("V: !Ref Nowhere", UNKNOWN),
        ("V: !Sub plain", "plain"),
        ("V: !Sub '${Other}'", Ref("Other", "Ref")),
        ("V: !Sub ['${A}-${B}', {A: x, B: !Ref Env}]", "x-dev"),
        ("V: !Sub '${!Lit}-${Env}'", "${Lit}-dev"),
        ("V: {'Fn::Sub': '${ Env }'}", "dev"),
        ("V: !Join ['-', [a, !Ref Env, 7]]", "a-dev-7"),
        ("V: !Join ['', [!GetAtt Other.Arn]]", Ref("Other", "Arn")),
        ("V: !Join [',', !Ref List]", "a,b"),
        ("V: !Select [1, [a, b]]", "b"),
        ("V: !Select ['0', !Ref List]", "a"),
        ("V: !Select [9, [a, b]]", UNKNOWN),
        ("V: !Select [!Ref Free, [a, b]]", ("or", "a", "b")),
        ("V: !Select [0, !GetAZs '']", UNKNOWN),
        ("V: !Split [':', 'a:b']", ["a", "b"]),
        ("V: !Select [1, !Split [':', 'a:b']]", "b"),
        ("V: !Ref List", ["a", "b"]),
        ("V: !FindInMap [Env, prod, Size]", "large"),
        ("V: !FindInMap [Env, !Ref Env, Size]", "small"),
        ("V: !FindInMap [Env, !Ref Free, Size]", ("or", "small", "large")),
        ("V: !FindInMap [Same, !Ref AWS::Region, 'On']", False),
        ("V: !FindInMap [Env, nope, Size]", UNKNOWN),
        ("V: !FindInMap [Env, nope, Size, {DefaultValue: x}]", "x"),
        ("V: !FindInMap [Env, dev, Many]", ["a", "b"]),
        ("V: !FindInMap [Nope, dev, Many]", UNKNOWN),
        ("V: !Base64 hello", "aGVsbG8="),
        ("V: {'Fn::Base64': {'Fn::Sub': 'x${Env}'}}", "eGRldg=="),
        ("V: !Base64 {Ref: 'AWS::Region'}", UNKNOWN),
        ("V: !Cidr [10.0.0.0/16, 2]", ["10.0.0.0/24", "10.0.1.0/24"]),
        ("V: {'Fn::Cidr': ['10.0.0.0/24', '3', '5']}", ["10.0.0.0/27", "10.0.0.32/27", "10.0.0.64/27"]),
        ("V: !Select [1, !Cidr ['2001:db8::/56', 2, 64]]", "2001:db8:0:1::/64"),
        ("V: !Cidr [!GetAtt Other.CidrBlock, 4]", UNKNOWN),
        ("V: !Cidr [10.0.0.0/30, 4, 8]", UNKNOWN),
        ("V: !Cidr [nonsense, 4, 8]", UNKNOWN),
        ("V: !Cidr [10.0.0.0/8, 999999, 1]", UNKNOWN),
        ("V: !FindInMap [!Ref Free, a, b]", UNKNOWN),
        ("V: !FindInMap [Env, !Select [1, [dev, prod]], !Sub 'S${Nothing}ize', {DefaultValue: x}]", ("or", "large", ["c"], True, "x")),
        ("V: !FindInMap [Same, !Ref AWS::Region, 'On', {DefaultValue: true}]", ("or", False, True)),
        ("V: !FindInMap [Env, !FindInMap [Names, short, p], Size]", "large"),
        ("V: !FindInMap [Env, prod, Nope, {DefaultValue: !Ref Env}]", "dev"),
        ("V: !GetAZs {Ref: 'AWS::Region'}", UNKNOWN),
        ("V: {'Fn::ToJsonString': {A: 1}}", UNKNOWN),
        ("V: {'Fn::Length': !Split [',', 'a,b,c']}", 3),
        ("V: {'Fn::GetStackOutput': x}", UNKNOWN),
        ("V: !ImportValue x", UNKNOWN),
        ("V: !Transform {Name: x}", UNKNOWN),
        ("V: {'Fn::Transform': {Name: x}}", UNKNOWN),
        ("V: {'Fn::Transform': {Name: x}, A: 1}", {"A": 1, ...: ...}),
        ("V: {'Fn::ForEach::X': [a, b, c], A: 1}", {"A": 1, ...: ...}),
        ("V: [{'Fn::Transform': {Name: x}}]", [UNKNOWN, ...]),
        ("V: {'Fn::Length': [a, b]}", 2),
        ("V: !Rain::Embed x", UNKNOWN),
        ("V: !!str 7", "7"),
        ("V: '{{resolve:ssm:/x:1}}'", UNKNOWN),
        ("V: !Sub '{{resolve:secretsmanager:${Other}:SecretString:x}}'", UNKNOWN),
        ("V: ${self:custom.flag}", UNKNOWN),
        ("V: '{{ flag }}'", UNKNOWN),
        ("V: arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/${aws:username}/*"),
        ("V: !Ref [a]", UNKNOWN),
        ("V: !Sub [a, b]", UNKNOWN),
        ("V: !Join x", UNKNOWN),
        ("V: {'Fn::If': x}", UNKNOWN),
        ("V: {A: 1, A: 2}", {"A": UNKNOWN}),
    ],
)
def test_values(written, expected):
    assert plain(property_(written, ENV + MAPS)) == expected


def test_text_keeps_what_is_known():
    found = property_("V: !Sub 'arn:${AWS::Partition}:s3:::${Other}/*'", ENV)
    text = found.raw
    assert isinstance(text, Text)
    assert text.parts == ("arn:", Ref("AWS::Partition", "Ref"), ":s3:::", Ref("Other", "Ref"), "/*")
    assert found.starts_with("arn:") is YES
    assert found.starts_with("s3") is NO


def test_a_default_says_where_it_is_written():
    found = property_("V: !Ref Flag", ENV)
    assert found.is_(False) is YES
    assert found.at is not None
    assert found.at.text == "!Ref Flag"
    (hop,) = found.origins
    assert (hop.via, hop.note) == (Via.PARAMETER, "Flag")
    assert hop.at is not None
    assert hop.at.text == '"false"'


def test_a_cell_says_where_it_is_written():
    found = property_("V: !FindInMap [Env, !Ref Env, Encrypted]", ENV + MAPS)
    assert [(hop.via, hop.note) for hop in found.origins] == [(Via.REFERENCE, "Env.dev.Encrypted"), (Via.PARAMETER, "Env")]


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ("{Type: String}", UNKNOWN),
        ("{Type: String, AllowedValues: [a, b]}", ("or", "a", "b")),
        ("{Type: String, AllowedValues: [a, b], Default: b}", "b"),
        ("{Type: Number, Default: 7}", 7),
        ("{Type: String, Default: ''}", ""),
        ("{Type: AWS::EC2::VPC::Id, Default: vpc-1}", "vpc-1"),
        ("{Type: 'AWS::SSM::Parameter::Value<String>', Default: /a/b}", UNKNOWN),
        ("{Type: 'List<Number>', Default: '1,2'}", ["1", "2"]),
        ("{Type: CommaDelimitedList, Default: ''}", [...]),
        ("{Type: String, NoEcho: true, Default: secret}", Ref("P", "Ref")),
        ("{Type: String, NoEcho: true}", Ref("P", "Ref")),
        ("{Type: String, NoEcho: true, Default: ''}", UNKNOWN),
        ("{Type: String, Default: [a]}", UNKNOWN),
        ("{Type: String, Default: '{{resolve:ssm:/x}}'}", UNKNOWN),
        ("[a]", UNKNOWN),
        ("", UNKNOWN),
        ("{Type: String, 'Fn::Transform': x}", UNKNOWN),
    ],
)
def test_parameters(parameter, expected):
    assert plain(property_("V: !Ref P", f"Parameters:\n  P: {parameter}\n")) == expected


def test_a_secret_is_present_and_never_shown():
    found = property_("V: !Ref P", "Parameters:\n  P: {Type: String, NoEcho: true, Default: hunter2}\n")
    assert found.present() is YES
    assert "hunter2" not in found.shown
    assert [(hop.note, hop.at) for hop in found.origins] == [("parameter P is NoEcho", None)]
    assert "hunter2" not in property_("V: !Sub 'x${P}'", "Parameters:\n  P: {Type: String, NoEcho: true, Default: hunter2}\n").shown


@pytest.mark.parametrize(
    ("written", "store"),
    [
        ("'{{resolve:secretsmanager:db:SecretString:password}}'", "secretsmanager"),
        ("'{{resolve:ssm-secure:/db/password:1}}'", "ssm-secure"),
        ("'{{resolve:ssm:/db/name:1}}'", "ssm"),
        ("!Sub '{{resolve:secretsmanager:${Other}:SecretString:password::}}'", "secretsmanager"),
        ("{'Fn::Sub': ['{{resolve:secretsmanager:${S}}}', {S: !Ref Other}]}", "secretsmanager"),
        ("!Join ['', ['{{resolve:secretsmanager:', !Ref Other, ':SecretString:password::}}']]", "secretsmanager"),
        ("!Ref Stored", "secretsmanager"),
        ("'{{resolve:secretsmanager:a}}{{resolve:secretsmanager:b}}'", ""),
        ("'x{{resolve:secretsmanager:a}}'", ""),
        ("'{{ password }}'", ""),
        ("hunter2", ""),
        ("!Ref Other", ""),
    ],
)
def test_a_dynamic_reference_says_where_the_value_is_kept(written, store):
    found = property_(f"V: {written}", "Parameters:\n  Stored: {Type: String, Default: '{{resolve:secretsmanager:x}}'}\n")
    assert found.store == store
    if store:
        assert found.raw is UNKNOWN
        assert found.present() is MAYBE


def test_anchors_and_merge_keys():
    found = value(
        """
        Shared: &shared {A: 1, B: 2}
        Resources:
          R:
            Type: AWS::X::Y
            Properties:
              V: {<<: *shared, B: 3}
              W: *shared
              X: {<<: [{C: 1}, *shared]}
        """,
        "V",
    )
    assert plain(found) == {"A": 1, "B": 3}


def test_a_merge_of_something_unknown_leaves_the_mapping_open():
    assert plain(property_("V: {<<: !Foo {B: 1}, A: 1}")) == {"A": 1, ...: ...}


def test_a_broken_template_has_no_certain_absence():
    found = template(
        """
        Resources:
          R:
            Type: AWS::X::Y
            Properties:
              A: false
              Typing
              B: 1
        """
    )
    assert not found.complete
    assert found.problems
    resource = found.get("R")
    assert resource is not None
    assert resource.config.child("A").is_(False) is YES
    assert resource.config.child("Nope").is_(False) is MAYBE
