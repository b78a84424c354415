from __future__ import annotations

import pytest

from fsbp_lsp.model.path import parse_path
from fsbp_lsp.values import ABSENT, MAYBE, NO, UNKNOWN, YES, Ref, Via
from tests.cloudformation.sources import plain, property_, template

BASE = """
Parameters:
  Env: {Type: String, Default: dev}
  Size: {Type: String, AllowedValues: [s, m]}
  Key: {Type: String, Default: ''}
Mappings:
  M: {a: {On: 'true'}}
Conditions:
  Yes: !Equals [a, a]
  No: !Equals [a, b]
  Mapped: !Equals [!FindInMap [M, a, 'On'], 'true']
  IsProd: !Equals [!Ref Env, prod]
  IsDev: {'Fn::Equals': [{Ref: Env}, dev]}
  Impossible: !Equals [!Ref Size, xl]
  NotProd: !Not [!Condition IsProd]
  LongNotProd: {'Fn::Not': [{Condition: IsProd}]}
  Both: !And [!Condition Yes, !Condition IsProd]
  Never: !And [!Condition No, !Condition IsProd]
  Always: !Or [!Condition Yes, !Condition IsProd]
  Partition: !Equals [!Sub 'x-${AWS::Region}', y]
  HasKey: !Not [!Equals [!Ref Key, '']]
  Self: !Not [!Condition Self]
  Odd: 7
  Case: !Equals [A, a]
  Bool: !Equals [true, 'true']
"""


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("Yes", 1),
        ("No", 2),
        ("Mapped", 1),
        ("IsProd", ("or", 1, 2)),
        ("IsDev", ("or", 1, 2)),
        ("Impossible", 2),
        ("NotProd", ("or", 1, 2)),
        ("Both", ("or", 1, 2)),
        ("Never", 2),
        ("Always", 1),
        ("Partition", 2),
        ("Self", ("or", 1, 2)),
        ("Odd", ("or", 1, 2)),
        ("Missing", ("or", 1, 2)),
        ("Case", 2),
        ("Bool", 1),
    ],
)
def test_if(condition, expected):
    assert plain(property_(f"V: !If [{condition}, 1, 2]", BASE)) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("V: !If [IsProd, !Ref AWS::NoValue, x]", ("or", ABSENT, "x")),
        ("V: !If [IsProd, same, same]", "same"),
        ("V: !If [IsProd, !If [IsProd, 1, 2], !If [IsProd, 3, 4]]", ("or", 1, 4)),
        ("V: !If [IsProd, !If [NotProd, 1, 2], 3]", ("or", 2, 3)),
        ("V: !If [IsProd, !If [LongNotProd, 1, 2], 3]", ("or", 2, 3)),
        # A key is given wherever HasKey holds, so the empty default is not what the branch uses.
        ("V: !If [HasKey, !Ref Key, x]", ("or", UNKNOWN, "x")),
        ("V: !If [HasKey, x, !Ref Key]", ("or", "x", "")),
        ("V: !If [IsProd, !Ref Env, x]", ("or", "prod", "x")),
        ("V: !If [IsDev, !Ref Env, x]", ("or", "dev", "x")),
        ("V: [a, !If [IsProd, b, !Ref AWS::NoValue]]", ["a", ...]),
        ("V: !Sub ['x-${A}', {A: !If [IsProd, p, d]}]", ("or", "x-p", "x-d")),
        ("V: {A: !If [IsProd, 1, 2]}", {"A": ("or", 1, 2)}),
    ],
)
def test_branches(written, expected):
    assert plain(property_(written, BASE)) == expected


def test_a_branch_names_its_condition():
    found = property_("V: !If [IsProd, true, false]", BASE)
    assert found.is_(True) is MAYBE
    (hop,) = found.origins
    assert (hop.via, hop.note) == (Via.BRANCH, "IsProd")
    assert hop.at is not None
    assert hop.at.text == "IsProd"


COMPANIONS = (
    BASE
    + """
Resources:
  Plain: {Type: AWS::S3::Bucket}
  Never1: {Type: AWS::S3::Bucket, Condition: No}
  Prod: {Type: AWS::S3::Bucket, Condition: IsProd, Properties: {BucketName: !Ref Env, X: !If [IsProd, 1, 2]}}
  Keyed: {Type: AWS::S3::Bucket, Condition: HasKey, Properties: {K: !Ref Key}}
  PlainPolicy: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref Plain}}
  ProdPolicy: {Type: AWS::S3::BucketPolicy, Condition: IsProd, Properties: {Bucket: !Ref Prod}}
  Maybe: {Type: AWS::X::Y, Condition: IsProd, Properties: {Bucket: !Ref Plain}}
  Implied: {Type: AWS::X::Z, Condition: Always, Properties: {Bucket: !Ref Prod}}
  Opposite: {Type: AWS::X::Z, Condition: NotProd, Properties: {Bucket: !Ref Prod}}
"""
)


def test_existence():
    found = template(COMPANIONS)
    assert found.get("Never1") is None
    plain_bucket, prod = found.get("Plain"), found.get("Prod")
    assert plain_bucket is not None
    assert prod is not None
    assert plain_bucket.exists is YES
    assert prod.exists is MAYBE


def test_inside_a_resource_its_condition_holds():
    found = template(COMPANIONS)
    prod, keyed = found.get("Prod"), found.get("Keyed")
    assert prod is not None
    assert keyed is not None
    assert plain(prod.config) == {"BucketName": "prod", "X": 1}
    assert plain(keyed.config) == {"K": UNKNOWN}


@pytest.mark.parametrize(
    ("owner", "type", "names", "more"),
    [
        ("Plain", "AWS::S3::BucketPolicy", ["PlainPolicy"], False),
        ("Prod", "AWS::S3::BucketPolicy", ["ProdPolicy"], False),
        ("Plain", "AWS::X::Y", [], True),
        ("Prod", "AWS::X::Z", ["Implied"], False),
    ],
)
def test_companions(owner, type, names, more):
    found = template(COMPANIONS)
    resource = found.get(owner)
    assert resource is not None
    linked = found.linked(resource, type, parse_path("Bucket"))
    assert [one.address for one in linked.found] == names
    assert linked.maybe_more is more


def test_equality_is_by_text():
    found = property_("V: !Ref Other", BASE)
    assert found.raw == Ref("Other", "Ref")
    assert found.present() is YES
    assert property_("V: !If [No, 1, !Ref AWS::NoValue]", BASE).present() is NO
