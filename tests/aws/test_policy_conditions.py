"""Which conditions tie a public principal to somebody. Sources: docstring of `fsbp_lsp.aws.policy_conditions`."""

from __future__ import annotations

import pytest

from fsbp_lsp.aws.policy_conditions import NARROWING, NOT_NARROWING, Condition, narrowed
from fsbp_lsp.values import MAYBE, NO, UNKNOWN, YES, Items, Ref, Text, Tri, Value

ROLE = "arn:aws:iam::111122223333:role/backup"
ACCOUNT = Ref("data.aws_caller_identity.current", "account_id")
TOPIC = Ref("aws_sns_topic.t", "arn")


def condition(operator: str, key: str, *values: object) -> Condition:
    return Condition(operator, key, Items(tuple(Value.of(value) for value in values)))


CASES: list[tuple[str, str, tuple[object, ...], Tri]] = [
    # Fixed values, in every operator that compares for equality.
    ("StringEquals", "aws:SourceAccount", ("111122223333",), YES),
    ("stringequals", "AWS:SourceOwner", (111122223333,), YES),
    ("StringEqualsIgnoreCase", "aws:PrincipalOrgID", ("o-a1b2c3d4e5",), YES),
    ("ArnEquals", "aws:SourceArn", ("arn:aws:sns:eu-west-1:111122223333:t",), YES),
    ("ArnLike", "aws:PrincipalArn", (ROLE,), YES),
    ("StringLike", "aws:SourceVpce", ("vpce-1a2b3c4d",), YES),
    ("StringEquals", "aws:SourceVpc", ("vpc-111bbb22",), YES),
    ("StringEquals", "aws:PrincipalAccount", ("111122223333", "444455556666"), YES),
    ("StringEquals", "aws:userid", ("AIDAEXAMPLEID",), YES),
    ("StringEquals", "kms:CallerAccount", ("111122223333",), YES),
    ("ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", ("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/",), YES),
    ("StringEquals", "s3:DataAccessPointAccount", ("111122223333",), YES),
    # References and partly known text: names of things hold no wildcard.
    ("ArnEquals", "aws:SourceArn", (TOPIC,), YES),
    ("StringEquals", "aws:SourceAccount", (ACCOUNT,), YES),
    ("ArnLike", "aws:SourceArn", (Text(("arn:aws:sns:eu-west-1:", ACCOUNT, ":t")),), YES),
    ("ArnLike", "aws:SourceArn", (Text(("arn:aws:sns:*:", ACCOUNT, ":t")),), MAYBE),
    ("StringEquals", "aws:SourceAccount", (UNKNOWN,), MAYBE),
    ("StringEquals", "aws:SourceAccount", (Ref("data.aws_ssm_parameter.p", "value"),), MAYBE),
    ("ArnLike", "aws:SourceArn", (Text(("arn:aws:sns:eu-west-1:", UNKNOWN, ":t")),), MAYBE),
    # Patterns that fix nothing narrow nothing ...
    ("StringLike", "aws:SourceVpc", ("vpc-*",), NO),
    ("StringLike", "aws:PrincipalOrgID", ("*",), NO),
    ("StringLike", "aws:PrincipalOrgID", ("o-*",), NO),
    ("ArnLike", "aws:SourceArn", ("arn:aws:s3:::*",), NO),
    ("ArnLike", "aws:SourceArn", ("arn:aws:sns:*:*:*",), NO),
    ("ArnLike", "aws:SourceArn", ("arn:aws:sns:*",), NO),
    ("StringLike", "aws:PrincipalArn", ("arn:aws:iam::*:role/*",), NO),
    ("ArnEquals", "aws:PrincipalArn", ("arn:*",), NO),
    ("StringLike", "aws:userid", ("AROA*",), NO),
    ("StringLike", "aws:SourceAccount", ("*",), NO),
    # ... also when they stand beside fixed ones: any of the values will do.
    ("ArnLike", "aws:PrincipalArn", (ROLE, "arn:aws:iam::*:*"), NO),
    # Patterns that fix a part: what AWS's rules make of them is not documented one by one.
    ("ArnLike", "aws:SourceArn", ("arn:aws:s3:::logs-*",), MAYBE),
    ("ArnLike", "aws:SourceArn", ("arn:aws:sns:*:111122223333:*",), MAYBE),
    ("StringLike", "aws:PrincipalArn", ("arn:aws:iam::*:role/backup",), MAYBE),
    ("StringLike", "aws:userid", ("AROAEXAMPLEID:*",), MAYBE),
    ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", ("o-a1b2c3d4e5/*",), MAYBE),
    ("StringEquals", "aws:SourceVpc", ("vpc-*",), MAYBE),
    ("StringEquals", "aws:PrincipalAccount", ("${aws:ResourceAccount}",), MAYBE),
    # Access points of one account, whatever their names.
    ("StringLike", "s3:DataAccessPointArn", ("arn:aws:s3:eu-west-1:111122223333:accesspoint/*",), YES),
    ("StringLike", "s3:DataAccessPointArn", ("arn:aws:s3:eu-west-1:*:accesspoint/*",), MAYBE),
    # A request without the key passes.
    ("StringEqualsIfExists", "aws:SourceVpce", ("vpce-1a2b3c4d",), NO),
    ("ForAllValues:StringLike", "aws:PrincipalOrgPaths", ("o-a1b2c3d4e5/*",), NO),
    ("ForAllValues:StringEquals", "aws:SourceAccount", ("111122223333",), NO),
    ("StringEqualsIfExists", "aws:PrincipalArn", (ROLE,), MAYBE),
    # Everybody but those named.
    ("StringNotEquals", "aws:PrincipalAccount", ("111122223333",), NO),
    ("ArnNotLike", "aws:PrincipalArn", (ROLE,), NO),
    ("NotIpAddress", "aws:SourceIp", ("203.0.113.0/24",), NO),
    ("StringNotLike", "aws:PrincipalArn", ("*",), MAYBE),
    ("NotIpAddress", "aws:SourceIp", ("0.0.0.0/0",), MAYBE),
    ("StringNotEquals", "aws:PrincipalAccount", (UNKNOWN,), MAYBE),
    # Whether the key is there is no fixed value.
    ("Null", "aws:PrincipalOrgID", ("true",), NO),
    ("Null", "aws:SourceVpce", (False,), MAYBE),
    # Addresses.
    ("IpAddress", "aws:SourceIp", ("203.0.113.0/24", "2001:db8::/32"), YES),
    ("IpAddress", "aws:SourceIp", ("203.0.113.7",), YES),
    ("IpAddress", "aws:SourceIp", ("10.0.0.0/8",), YES),
    ("IpAddress", "aws:SourceIp", ("0.0.0.0/0",), NO),
    ("IpAddress", "aws:SourceIp", ("0.0.0.0/1", "128.0.0.0/1"), NO),
    ("IpAddress", "aws:SourceIp", ("::/0",), NO),
    ("IpAddress", "aws:SourceIp", ("2000::/3",), NO),
    ("IpAddress", "aws:SourceIp", ("fc00::/7",), MAYBE),
    ("IpAddress", "aws:SourceIp", ("203.0.113.0/24", "0.0.0.0/0"), NO),
    ("IpAddress", "aws:SourceIp", (UNKNOWN,), MAYBE),
    ("IpAddress", "aws:SourceIp", ("somewhere",), MAYBE),
    ("IpAddress", "aws:VpcSourceIp", ("10.0.0.0/16",), MAYBE),
    # About the request or the resource, not about who asks.
    ("Bool", "aws:SecureTransport", ("true",), NO),
    ("StringEquals", "s3:x-amz-acl", ("bucket-owner-full-control",), NO),
    ("StringLike", "aws:Referer", ("https://example.com/*",), NO),
    ("StringEquals", "aws:ResourceAccount", ("111122223333",), NO),
    # Keys and operators not documented for this.
    ("StringEquals", "aws:PrincipalTag/team", ("blue",), MAYBE),
    ("StringEquals", "kms:ViaService", ("ec2.eu-west-1.amazonaws.com",), MAYBE),
    ("NumericEquals", "aws:SourceAccount", ("111122223333",), MAYBE),
    ("StringEquals", "aws:SourceAccount", (), MAYBE),
]


@pytest.mark.parametrize(("operator", "key", "values", "answer"), CASES)
def test_narrows(operator: str, key: str, values: tuple[object, ...], answer: Tri) -> None:
    assert condition(operator, key, *values).narrows() is answer


def test_values_not_seen() -> None:
    assert Condition("StringEquals", "aws:SourceAccount", Items((Value.of("111122223333"),), True)).narrows() is MAYBE
    assert Condition("StringLike", "aws:SourceAccount", Items((Value.of("*"),), True)).narrows() is NO
    either = Value(("111122223333", "*"))
    assert Condition("StringLike", "aws:SourceAccount", Items((either,))).narrows() is MAYBE


def test_one_narrowing_condition_is_enough() -> None:
    tls = condition("Bool", "aws:SecureTransport", "true")
    owner = condition("StringEquals", "aws:SourceAccount", "111122223333")
    assert narrowed([], False) is NO
    assert narrowed([], True) is MAYBE
    assert narrowed([tls], False) is NO
    assert narrowed([tls, owner], True) is YES


def test_demanding_the_key_beside_for_all_values() -> None:
    paths = condition("ForAllValues:StringLike", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/*")
    assert narrowed([paths], False) is NO
    assert narrowed([paths, condition("Null", "aws:PrincipalOrgPaths", "false")], False) is MAYBE


def test_every_key_is_of_one_kind() -> None:
    assert not NARROWING & NOT_NARROWING
    assert all(key == key.lower() for key in NARROWING | NOT_NARROWING)
