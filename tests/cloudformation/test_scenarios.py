"""Verdicts per satisfiable combination of conditions: what is reported, what is not, and what the finding says."""

from __future__ import annotations

import textwrap

import pytest

from fsbp_lsp.cloudformation.load import load_template
from fsbp_lsp.dev.replay import MemoryFiles
from fsbp_lsp.model import Finding
from fsbp_lsp.model.path import parse_path
from fsbp_lsp.values import MAYBE, NO, YES, Ref
from tests.cloudformation.sources import template
from tests.controls.run import reports

HEAD = """
Parameters:
  Stage: {Type: String, AllowedValues: [dev, test, prod]}
  Open: {Type: String}
  Other: {Type: String}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Equals [!Ref Stage, dev]
  IsTest: !Equals [!Ref Stage, test]
  NotProd: !Not [!Condition IsProd]
  IsX: !Equals [!Ref Open, x]
  IsY: !Equals [!Ref Open, y]
  Never: !And [!Condition IsX, !Condition IsY]
  Same: !Equals [!Ref Open, !Ref Other]
"""


def findings(resources: str, control: str, head: str = HEAD) -> list[Finding]:
    text = textwrap.dedent(head) + "Resources:\n" + textwrap.indent(textwrap.dedent(resources).strip("\n"), "  ") + "\n"
    (report,) = reports({"t.yaml": text.encode()})
    assert not [f.message for f in report.findings if f.control in ("syntax", "internal-error")]
    return [f for f in report.findings if f.control == control]


def messages(resources: str, control: str = "RDS.2", head: str = HEAD) -> list[str]:
    return [finding.message for finding in findings(resources, control, head)]


def public(value: str, condition: str = "") -> str:
    head = f"  Condition: {condition}\n" if condition else ""
    return f"R:\n  Type: AWS::RDS::DBInstance\n{head}  Properties:\n    PubliclyAccessible: {value}\n"


@pytest.mark.parametrize(
    ("value", "condition", "expected"),
    [
        ("!If [IsProd, false, true]", "", ["PubliclyAccessible is true when IsProd is false"]),
        ("!If [IsProd, true, false]", "", ["PubliclyAccessible is true when IsProd is true"]),
        # The branch of a resource that exists only in the other case.
        ("!If [IsProd, true, false]", "IsDev", []),
        ("!If [IsProd, true, false]", "NotProd", []),
        ("!If [IsProd, true, false]", "IsProd", ["PubliclyAccessible is true (through IsProd)"]),
        # One condition, taken the same way both times.
        ("!If [IsProd, !If [IsProd, false, true], false]", "", []),
        ("!If [IsProd, !If [NotProd, true, false], false]", "", []),
        ("!If [IsX, !If [IsY, true, false], false]", "", []),
        ("!If [IsProd, false, !If [IsDev, false, !If [IsTest, false, true]]]", "", []),
        ("!If [IsProd, false, !If [IsDev, false, true]]", "", ["PubliclyAccessible is true when IsProd is false and IsDev is false"]),
        ("!If [Never, true, false]", "", []),
        ("true", "Never", []),
        # Two conditions are needed, or only one of them.
        ("!If [IsProd, !If [IsX, true, false], false]", "", ["PubliclyAccessible is true when IsProd is true and IsX is true"]),
        ("!If [IsProd, !If [IsX, true, 'true'], false]", "", ['PubliclyAccessible is true or "true" (through IsX) when IsProd is true']),
        ("!If [Same, !If [IsX, true, false], false]", "", ["PubliclyAccessible is true when Same is true and IsX is true"]),
        # Undeclared conditions decide nothing.
        ("!If [Nowhere, true, false]", "", []),
    ],
)
def test_branches(value: str, condition: str, expected: list[str]) -> None:
    assert messages(public(value, condition)) == expected


def test_the_finding_points_at_the_branch_and_names_the_place_of_the_condition() -> None:
    (found,) = findings(public("!If [IsProd, false, true]"), "RDS.2")
    assert found.at.text == "true"
    assert [(at.text, text) for at, text in found.related] == [("IsProd", "condition IsProd")]
    assert [fix.title for fix in found.fixes] == ["Set PubliclyAccessible to false where IsProd is false (can cut existing access)"]


BUCKET = """
Logs:
  Type: AWS::S3::Bucket
  Condition: {owner}
Policy:
  Type: AWS::S3::BucketPolicy
  Condition: {policy}
  Properties:
    Bucket: !Ref Logs
    PolicyDocument:
      Statement:
        - Effect: Deny
          Principal: '*'
          Action: 's3:*'
          Resource: [!GetAtt Logs.Arn, !Sub '${{Logs.Arn}}/*']
          Condition: {{Bool: {{'aws:SecureTransport': 'false'}}}}
"""


@pytest.mark.parametrize(
    ("owner", "policy", "expected"),
    [
        ("IsProd", "IsProd", []),
        ("IsProd", "NotProd", ["no bucket policy denies requests without TLS"]),
        ("IsDev", "NotProd", []),
        ("NotProd", "IsDev", ["no bucket policy denies requests without TLS when IsDev is false"]),
        ("IsX", "IsProd", ["no bucket policy denies requests without TLS when IsProd is false"]),
    ],
)
def test_companions_take_part_where_they_exist(owner: str, policy: str, expected: list[str]) -> None:
    assert messages(BUCKET.format(owner=owner, policy=policy), "S3.5") == expected


def test_a_companion_missing_in_one_case_only_is_not_added_for_all() -> None:
    (found,) = findings(BUCKET.format(owner="IsX", policy="IsProd"), "S3.5")
    assert all(fix.refused for fix in found.fixes)


RULES = """
Parameters:
  Stage: {Type: String}
  Public: {Type: String, AllowedValues: ['yes', 'no']}
Rules:
  KnownStage:
    Assertions:
      - Assert: !Contains [[dev, prod], !Ref Stage]
  NotInProduction:
    RuleCondition: !Equals [!Ref Stage, prod]
    Assertions:
      - Assert: !Equals [!Ref Public, 'no']
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsTest: !Equals [!Ref Stage, test]
  IsPublic: !Equals [!Ref Public, 'yes']
"""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("!If [IsTest, true, false]", []),
        ("!If [IsProd, !If [IsPublic, true, false], false]", []),
        ("!If [IsPublic, true, false]", ["PubliclyAccessible is true when IsPublic is true"]),
    ],
)
def test_rules_forbid_deployments(value: str, expected: list[str]) -> None:
    assert messages(public(value), head=RULES) == expected


LIMITS = """
Parameters:
  Pattern: {Type: String, AllowedPattern: '[a-z]{2,3}'}
  Free: {Type: String, AllowedPattern: '^$|arn:.*', Default: ''}
  Long: {Type: String, MinLength: 3}
  Number: {Type: Number, MinValue: 0, MaxValue: 9}
  Key: {Type: AWS::EC2::KeyPair::KeyName}
  List: {Type: CommaDelimitedList}
  Stored: {Type: 'AWS::SSM::Parameter::Value<String>'}
  Hostile: {Type: String, AllowedPattern: '(a+)+$'}
Conditions:
  Empty: !Equals [!Ref Pattern, '']
  TwoLetters: !Equals [!Ref Pattern, ab]
  Nothing: !Equals [!Ref Free, '']
  Short: !Equals [!Ref Long, ab]
  Three: !Equals [!Ref Long, abc]
  Ten: !Equals [!Ref Number, 10]
  Word: !Equals [!Ref Number, x]
  Seven: !Equals [!Ref Number, '7']
  NoKey: !Equals [!Ref Key, '']
  NoList: !Equals [!Join ['', !Ref List], '']
  IsStored: !Equals [!Ref Stored, x]
  Long1: !Equals [!Ref Hostile, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!]
  InChina: !Equals [!Ref AWS::Partition, aws-cn]
  InIreland: !Equals [!Ref AWS::Region, eu-west-1]
  Nowhere: !Equals [!Ref AWS::Partition, aws-mars]
"""


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"Empty": True}, NO),
        ({"Empty": False}, YES),
        ({"TwoLetters": True}, YES),
        ({"Nothing": True}, YES),
        ({"Nothing": False}, MAYBE),
        ({"Short": True}, NO),
        ({"Three": True}, YES),
        ({"Ten": True}, NO),
        ({"Word": True}, NO),
        ({"Seven": True}, YES),
        ({"Seven": False}, YES),
        ({"NoKey": True}, MAYBE),
        ({"NoKey": False}, YES),
        ({"NoList": True}, YES),
        ({"NoList": False}, YES),
        ({"IsStored": True}, YES),
        ({"IsStored": False}, YES),
        ({"Long1": True}, MAYBE),
        ({"InChina": True}, YES),
        ({"InIreland": True, "InChina": True}, NO),
        ({"InIreland": True, "InChina": False}, YES),
    ],
)
def test_limits_of_parameters(wanted: dict[str, bool], expected: object) -> None:
    found = template(LIMITS + "Resources: {R: {Type: 'AWS::X::Y'}}\n")
    assert found.evaluator.scenarios().possible(wanted) is expected


def test_more_than_can_be_tried_is_left_open() -> None:
    """Ten parameters that must all differ, with nine values to choose from: impossible, but long to find out."""
    names = [f"P{number}" for number in range(10)]
    pairs = [f"!Not [!Equals [!Ref {one}, !Ref {other}]]" for one in names for other in names if one < other]
    lines = ["Parameters:", *(f"  {name}: {{Type: String, AllowedValues: [a, b, c, d, e, f, g, h, i]}}" for name in names), "Conditions:"]
    lines += [f"  C{number}: !And [{', '.join(pairs)}]" for number in range(3)]
    body = "Properties: {PubliclyAccessible: !If [C0, true, false]}"
    lines += ["Resources:", *(f"  R{number}: {{Type: 'AWS::RDS::DBInstance', Condition: C{number % 3}, {body}}}" for number in range(50))]
    found = template("\n".join(lines))
    assert found.evaluator.scenarios().possible({"C0": True}) is MAYBE
    assert len(found.resources) == 50
    (report,) = reports({"t.yaml": "\n".join(lines).encode()})
    assert not [f for f in report.findings if f.control == "RDS.2" and " when " in f.message]


def test_conditions_that_name_each_other_end() -> None:
    head = "Conditions:\n  A: !Condition B\n  B: !Not [!Condition A]\n  C: !And [!Condition C, !Condition A]\n"
    assert messages(public("!If [A, !If [B, true, false], !If [C, true, false]]"), head=head) == []


def test_many_conditions_on_one_resource_end() -> None:
    head = "Parameters:\n" + "".join(f"  P{n}: {{Type: String}}\n" for n in range(40))
    head += "Conditions:\n" + "".join(f"  C{n}: !Equals [!Ref P{n}, x]\n" for n in range(40))
    items = "".join(f"    - !If [C{n}, {{Key: deletion_protection.enabled, Value: 'true'}}, !Ref AWS::NoValue]\n" for n in range(40))
    resource = "R:\n  Type: AWS::ElasticLoadBalancingV2::LoadBalancer\n  Properties:\n    LoadBalancerAttributes:\n" + items
    assert len(findings(resource, "ELB.6", head)) <= 1


LOOPS = """
Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList, Default: 'a,b'}
  Empty: {Type: CommaDelimitedList, Default: ''}
  Given: {Type: CommaDelimitedList}
  Word: {Type: String, Default: 'a,b'}
Mappings:
  Lists: {Names: {All: [x, y]}}
Resources:
  'Fn::ForEach::Databases':
    - Name
    - [orders, users]
    - '${Name}Database':
        Type: AWS::RDS::DBInstance
        Properties:
          DBInstanceIdentifier: !Ref Name
          DBName: !Sub 'db-${Name}'
          PubliclyAccessible: true
"""


def test_a_loop_is_unrolled_and_said_once() -> None:
    found = template(LOOPS)
    assert [resource.address for resource in found.resources] == ["ordersDatabase", "usersDatabase"]
    names = [resource.config.child("DBInstanceIdentifier").only for resource in found.resources]
    assert names == ["orders", "users"]
    assert [resource.config.child("DBName").only for resource in found.resources] == ["db-orders", "db-users"]
    (report,) = reports({"t.yaml": LOOPS.encode()})
    (finding,) = [f for f in report.findings if f.control == "RDS.2"]
    assert finding.instances == ("ordersDatabase", "usersDatabase")
    assert finding.at.text == "true"
    assert found.partial is False


@pytest.mark.parametrize(
    ("change", "addresses", "partial"),
    [
        (("[orders, users]", "!Ref Names"), ["aDatabase", "bDatabase"], True),
        (("[orders, users]", "{Ref: Names}"), ["aDatabase", "bDatabase"], True),
        (("[orders, users]", "!Ref Empty"), [], True),
        (("[orders, users]", "!Ref Given"), [], True),
        (("[orders, users]", "!Ref Word"), [], True),
        (("[orders, users]", "!FindInMap [Lists, Names, All]"), ["xDatabase", "yDatabase"], False),
        (("[orders, users]", "{'Fn::FindInMap': [Lists, Names, All, {DefaultValue: [z]}]}"), ["xDatabase", "yDatabase"], False),
        (("[orders, users]", "!FindInMap [Lists, Names, None]"), [], True),
        (("[orders, users]", "!FindInMap [Lists, !Ref AWS::Region, All]"), [], True),
        (("[orders, users]", "!Split [',', 'a,b']"), [], True),
        (("[orders, users]", "[]"), [], False),
        (("[orders, users]", "[orders, !Ref Names]"), [], True),
        (("AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"), [], True),
        (("'${Name}Database'", "'Database&{Name}'"), ["Databaseorders", "Databaseusers"], False),
        (
            (
                "'${Name}Database':\n        Type",
                "'Fn::ForEach::Inner': [S, [A, B], {'${Name}${S}': {Type: 'AWS::X::Y'}}]\n      Odd:\n        Type",
            ),
            None,
            None,
        ),
    ],
)
def test_loops(change: tuple[str, str], addresses: list[str] | None, partial: bool | None) -> None:
    found = template(LOOPS.replace(*change))
    if addresses is None:
        assert {"ordersA", "ordersB", "usersA", "usersB"} <= {resource.address for resource in found.resources}
        return
    assert [resource.address for resource in found.resources] == addresses
    assert found.partial is partial


def test_a_loop_over_a_parameter_that_is_given_writes_nothing_else() -> None:
    text = LOOPS.replace("[orders, users]", "!Ref Given")
    found = load_template(MemoryFiles({"t.yaml": text.encode(), "p.json": b'["Given=one,two"]'}), "t.yaml", parameter_files=["p.json"])
    assert found is not None
    assert [resource.address for resource in found.resources] == ["oneDatabase", "twoDatabase"]
    assert found.partial is False


def test_companions_in_a_loop_are_linked() -> None:
    found = template(
        """
        Transform: AWS::LanguageExtensions
        Resources:
          'Fn::ForEach::Buckets':
            - Name
            - [one, two]
            - 'Bucket${Name}': {Type: AWS::S3::Bucket}
              'Policy${Name}': {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref {'Fn::Sub': 'Bucket${Name}'}}}
              'Long${Name}': {Type: AWS::S3::BucketPolicy, Properties: {Bucket: {Ref: {'Fn::Sub': 'Bucket${Name}'}}}}
              'Att${Name}': {Type: AWS::X::Y, Properties: {V: !GetAtt [!Sub 'Bucket${Name}', Arn]}}
        """
    )
    bucket = found.get("Bucketone")
    assert bucket is not None
    linked = found.linked(bucket, "AWS::S3::BucketPolicy", parse_path("Bucket"))
    assert [resource.block for resource in linked] == ["Policyone", "Longone"]
    assert not linked.maybe_more
    attribute = found.get("Atttwo")
    assert attribute is not None
    assert attribute.config.child("V").raw == Ref("Buckettwo", "Arn")


@pytest.mark.parametrize("listed", ["[One]", "!Ref Names"])
def test_a_loop_that_is_all_of_a_mapping(listed: str) -> None:
    found = template(
        f"""
        Transform: AWS::LanguageExtensions
        Parameters: {{Names: {{Type: CommaDelimitedList, Default: One}}}}
        Resources:
          R:
            Type: AWS::X::Y
            Properties:
              'Fn::ForEach::Tags': [T, {listed}, {{'Tag${{T}}': !Ref T}}]
              Inner: {{'Fn::ForEach::Tags': [T, {listed}, {{'Tag${{T}}': !Ref T}}]}}
              Items: [{{'Fn::ForEach::Tags': [T, {listed}, {{'Tag${{T}}': !Ref T}}]}}]
              Merged: {{'Fn::ForEach::Tags': [T, {listed}, {{<<: !Ref T}}]}}
        """
    )
    resource = found.get("R")
    assert resource is not None
    missing = MAYBE if "Ref" in listed else NO
    for value in (resource.config, resource.config.child("Inner"), resource.config.child("Items").items().found[0]):
        assert value.child("TagOne").only == "One"
        assert value.child("TagTwo").present() is missing
    assert resource.config.child("Merged").child("TagTwo").present() is MAYBE


def test_a_loop_over_a_parameter_may_write_companions() -> None:
    text = LOOPS.replace("[orders, users]", "!Ref Names") + "  Logs:\n    Type: AWS::S3::Bucket\n"
    (report,) = reports({"t.yaml": text.encode()})
    assert "S3.5" not in {f.control for f in report.findings}
    assert "S3.5" in {item.control for item in report.unknown}


def test_loops_in_properties_and_conditions() -> None:
    found = template(
        """
        Transform: AWS::LanguageExtensions
        Parameters: {Stage: {Type: String}}
        Conditions:
          'Fn::ForEach::Stages': [S, [dev, prod], {'Is${S}': !Equals [!Ref Stage, !Ref S]}]
        Resources:
          R:
            Type: AWS::X::Y
            Properties:
              'Fn::ForEach::Tags': [T, [One, Two], {'Tag${T}': {Value: !Ref T}}]
              V: !If [Isdev, !If [Isprod, 1, 2], 3]
        """
    )
    resource = found.get("R")
    assert resource is not None
    assert [resource.config.child(f"Tag{name}").child("Value").only for name in ("One", "Two")] == ["One", "Two"]
    assert resource.config.child("V").options == (2, 3)


def test_reading_again_does_not_use_up_loops() -> None:
    many = ", ".join(f"N{number}" for number in range(200))
    found = template(
        f"""
        Transform: AWS::LanguageExtensions
        Parameters: {{Stage: {{Type: String}}}}
        Conditions:
          Fn::ForEach::Stages: [S, [a, b, c, d, e, f], {{'Is${{S}}': !Equals [!Ref Stage, !Ref S]}}]
        Resources:
          R:
            Type: AWS::X::Y
            Properties:
              Fn::ForEach::Tags: [T, [{many}], {{'${{T}}': {{Name: !Ref T, Value: !If [Isa, 1, !If [Isb, 2, !Ref Stage]]}}}}]
        """
    )
    resource = found.get("R")
    assert resource is not None
    for name, truth in [(name, truth) for name in found.evaluator.conditions.names for truth in (True, False)] * 6:
        twin, _sure = found.under(resource, {name: truth})
        assert twin is not None
        assert twin.config.child("N199").child("Name").only == "N199"
        assert twin.config.child("Other").present() is NO


def test_hostile_loops_end() -> None:
    inner = "{'${A}${B}${C}${D}': {Type: 'AWS::X::Y'}}"
    for name in "DCBA":
        inner = f"{{'Fn::ForEach::L{name}': [{name}, [{', '.join(f'{name}{n}' for n in range(60))}], {inner}]}}"
    found = template(f"Transform: AWS::LanguageExtensions\nResources: {inner}\n")
    assert found.partial
