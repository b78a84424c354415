"""Public statements against IAM's logic, written a second time here for single requests of a stranger.

An explicit deny wins, then an allow, else nothing is allowed (IAM user guide, "Policy evaluation logic"). When the
analyser says that everybody may do something, some request of a stranger is allowed; when it says that nobody
may, none is. Between the two it says that it does not know.
"""

from __future__ import annotations

import ipaddress
import itertools
import json
import re
from typing import Any, cast

from hypothesis import example, given, settings
from hypothesis import strategies as st

from fsbp_lsp.aws.policy_document import PolicyDocument
from fsbp_lsp.model import Resource
from fsbp_lsp.terraform.dialect import TERRAFORM
from fsbp_lsp.values import MAYBE, NO, YES, Value

OWNER, STRANGER = "111122223333", "999988887777"

ACTIONS = ("s:ga", "s:gb", "s:p", "t:ga")
RESOURCES = ("arn:x/a", "arn:x/ab", "arn:y/a")
REQUESTS = [
    {"action": action, "resource": resource, "aws:securetransport": secure, "aws:sourceip": "198.51.100.9", **keys}
    for action, resource, secure in itertools.product(ACTIONS, RESOURCES, ("true", "false"))
    for keys in ({}, {"aws:sourceaccount": STRANGER, "aws:sourcevpce": "vpce-stranger", "aws:principalorgid": "o-other"})
]
"""What a stranger may send: from anywhere, by a service of the stranger's, with or without TLS."""


# The reference


def glob(pattern: str, text: str, *, fold: bool = False) -> bool:
    wild = "".join(".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.fullmatch(wild, text, re.DOTALL | (re.IGNORECASE if fold else 0)) is not None


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def names_stranger(principal: Any) -> bool:
    if principal == "*":
        return True
    return any(one in ("*", STRANGER) for kind, names in principal.items() if kind in ("AWS", "*") for one in as_list(names))


def holds(operator: str, key: str, values: list[Any], request: dict[str, str]) -> bool:
    quantifier, _, base = operator.rpartition(":")
    found = request.get(key.lower())
    texts = [str(value).lower() if isinstance(value, bool) else str(value) for value in values]
    if base == "Null":
        return (found is None) == (texts[0] == "true")
    if found is None:
        return quantifier == "ForAllValues" or base.endswith("IfExists") or "Not" in base
    compare = {
        "StringEquals": lambda value: value == found,
        "StringLike": lambda value: glob(value, found),
        "Bool": lambda value: value == found,
        "IpAddress": lambda value: ipaddress.ip_address(found) in ipaddress.ip_network(value),
    }
    positive = base.removesuffix("IfExists").replace("Not", "")
    answer = any(compare[positive](text) for text in texts)
    return not answer if "Not" in base else answer


def applies(statement: dict[str, Any], request: dict[str, str]) -> bool:
    if "Principal" in statement and not names_stranger(statement["Principal"]):
        return False
    if "NotPrincipal" in statement and names_stranger(statement["NotPrincipal"]):
        return False
    for element, twin, key, fold in (("Action", "NotAction", "action", True), ("Resource", "NotResource", "resource", False)):
        if element in statement and not any(glob(one, request[key], fold=fold) for one in as_list(statement[element])):
            return False
        if twin in statement and any(glob(one, request[key], fold=fold) for one in as_list(statement[twin])):
            return False
    tests = statement.get("Condition", {})
    return all(holds(operator, key, as_list(values), request) for operator in tests for key, values in tests[operator].items())


def allowed(statements: list[dict[str, Any]], request: dict[str, str]) -> bool:
    effects = {statement["Effect"] for statement in statements if applies(statement, request)}
    return effects == {"Allow"}


# Documents

PRINCIPALS = st.sampled_from(
    [
        "*",
        {"AWS": "*"},
        {"AWS": ["*"]},
        {"*": "*"},
        {"AWS": OWNER},
        {"AWS": [f"arn:aws:iam::{OWNER}:root", "*"]},
        {"AWS": [OWNER, f"arn:aws:iam::{OWNER}:role/r"]},
        {"Service": "sns.amazonaws.com"},
        {"Federated": "accounts.example.com"},
        {"Service": "sns.amazonaws.com", "AWS": "*"},
    ]
)
ACTION_LISTS = st.lists(st.sampled_from(["*", "*:*", "s:*", "S:G*", "s:ga", "s:?a", "s:p", "t:*"]), min_size=1, max_size=2)
RESOURCE_LISTS = st.lists(st.sampled_from(["*", "arn:*", "arn:x/*", "arn:x/a", "arn:x/a*", "arn:?/a"]), min_size=1, max_size=2)
CONDITIONS = st.sampled_from(
    [
        None,
        None,
        None,
        {"StringEquals": {"aws:SourceAccount": OWNER}},
        {"StringEquals": {"AWS:SourceAccount": [OWNER, "*"]}},
        {"StringLike": {"aws:SourceAccount": ["*"]}},
        {"StringLike": {"aws:SourceVpce": "vpce-1a2b*"}},
        {"StringEqualsIfExists": {"aws:SourceAccount": OWNER}},
        {"StringNotEquals": {"aws:SourceAccount": OWNER}},
        {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": ["o-mine"]}},
        {"ForAnyValue:StringEquals": {"aws:PrincipalOrgID": ["o-mine"]}},
        {"Null": {"aws:SourceVpce": "true"}},
        {"Null": {"aws:PrincipalOrgID": "false"}},
        {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-mine"}, "Null": {"aws:PrincipalOrgID": "false"}},
        {"Bool": {"aws:SecureTransport": "true"}},
        {"Bool": {"aws:SecureTransport": False}},
        {"Bool": {"aws:SecureTransport": "false"}, "StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}},
        {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}},
        {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0"]}},
        {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}},
        {"NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
    ]
)


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"]))}
    made["NotPrincipal" if draw(st.integers(0, 7)) == 0 else "Principal"] = draw(PRINCIPALS)
    for name, lists in (("Action", ACTION_LISTS), ("Resource", RESOURCE_LISTS)):
        found = draw(lists)
        made[("Not" if draw(st.integers(0, 5)) == 0 else "") + name] = found[0] if len(found) == 1 else found
    condition = draw(CONDITIONS)
    if condition is not None:
        made["Condition"] = condition
    return made


class Host:
    """Where the document stands: no other resources are needed to read it."""

    dialect = TERRAFORM


def read(policy: dict[str, Any]) -> PolicyDocument:
    return PolicyDocument(Value.of(json.dumps(policy)), cast(Resource, Host()), ("policy",))


@settings(max_examples=1000, deadline=None)
@example(
    [
        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": False}}},
        {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": False}}},
    ],
    "2012-10-17",
)
@given(st.lists(statements(), min_size=1, max_size=4), st.sampled_from(["2012-10-17", "2008-10-17"]))
def test_public_means_that_a_stranger_is_let_in(policy: list[dict[str, Any]], version: str) -> None:
    document = read({"Version": version, "Statement": policy})
    said = document.any(document.public)
    let_in = [request for request in REQUESTS if allowed(policy, request)]
    if said is YES:
        assert let_in
    elif said is NO:
        assert not let_in, let_in[0]


@settings(max_examples=500, deadline=None)
@given(st.lists(statements(), min_size=1, max_size=3), st.sets(st.sampled_from(ACTIONS), min_size=1, max_size=2))
def test_public_for_the_actions_asked_about(policy: list[dict[str, Any]], wanted: set[str]) -> None:
    document = read({"Version": "2012-10-17", "Statement": policy})
    said = document.any(lambda statement: document.public(statement, sorted(wanted)))
    let_in = [request for request in REQUESTS if request["action"] in wanted and allowed(policy, request)]
    if said is YES:
        assert let_in
    elif said is NO:
        assert not let_in, let_in[0]


def decided(policy: list[dict[str, Any]]) -> bool:
    document = read({"Version": "2012-10-17", "Statement": policy})
    return document.any(document.public) is not MAYBE


def test_the_plain_cases_are_decided() -> None:
    """The property above would hold of an analyser that never knows anything."""
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s:ga", "Resource": "arn:x/*"}
    narrow = {**allow, "Condition": {"StringEquals": {"aws:SourceAccount": OWNER}}}
    tls = {**allow, "Effect": "Deny", "Action": "s:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    everything = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "*", "Resource": "*"}
    others = {"Effect": "Deny", "NotPrincipal": {"AWS": OWNER}, "Action": "S:*", "Resource": "*"}
    somebody = {**everything, "Principal": {"AWS": OWNER}}
    elsewhere = {**everything, "Resource": "arn:y/*"}
    policies: list[list[dict[str, Any]]] = [[allow], [narrow], [{**allow, "Condition": {"Bool": {"aws:SecureTransport": True}}}, tls]]
    policies += [[allow, denial] for denial in (tls, everything, others, somebody, elsewhere)]
    for policy in policies:
        assert decided(policy), policy
    assert not decided([allow, {**everything, "Resource": "arn:x/a"}])
    assert not decided([allow, {**everything, "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}}])


def test_hostile_documents_end() -> None:
    """Statements by the hundred, each with patterns that take long to compare."""
    wild = [f"s:{'*a?b' * 12}{number}" for number in range(12)]
    allow = {"Effect": "Allow", "Principal": "*", "Action": wild, "Resource": [f"arn:{one}" for one in wild]}
    deny = {**allow, "Effect": "Deny", "Action": [one.replace("b", "ab") for one in wild]}
    document = read({"Version": "2012-10-17", "Statement": [allow] * 250 + [deny] * 250})
    assert document.any(document.public) is MAYBE
    single = [{**one, "Action": wild[0], "Resource": f"arn:{wild[1]}"} for one in [allow] * 250 + [deny] * 250]
    document = read({"Version": "2012-10-17", "Statement": single})
    assert document.any(document.public) in (NO, MAYBE)
