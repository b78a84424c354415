"""Connectors become what aws-sam-translator makes of them, for every pair of types it knows, in every notation."""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("samtranslator", reason="aws-sam-translator is not installed")

from fsbp_lsp.cloudformation.sam_connections import COMBINATIONS, INVOKES, OF_DESTINATION, OF_SOURCE, SENDS
from tests.cloudformation.sam_oracle import Rejected, compare
from tests.cloudformation.sources import template
from tests.controls.run import reports

ROLE = {"Fn::GetAtt": ["R", "Arn"]}
FUNCTION = {
    "Type": "AWS::Lambda::Function",
    "Properties": {"Role": ROLE, "Code": {"ZipFile": "x"}, "Handler": "a.b", "Runtime": "python3.13"},
}
SERVERLESS = {"Type": "AWS::Serverless::Function", "Properties": {"InlineCode": "x", "Handler": "a.b", "Runtime": "python3.13"}}
ENDS: dict[str, list[dict[str, Any]]] = {
    "AWS::Lambda::Function": [FUNCTION, SERVERLESS, {**SERVERLESS, "Properties": {**SERVERLESS["Properties"], "Role": ROLE}}],  # type: ignore[dict-item]  # JSON
    "AWS::StepFunctions::StateMachine": [
        {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"RoleArn": ROLE, "DefinitionString": "{}"}},
        {"Type": "AWS::Serverless::StateMachine", "Properties": {"Definition": {"StartAt": "a"}, "Policies": []}},
    ],
    "AWS::AppSync::DataSource": [
        {"Type": "AWS::AppSync::DataSource", "Properties": {"ServiceRoleArn": ROLE, "ApiId": "a", "Name": "n", "Type": "NONE"}}
    ],
    "AWS::AppSync::GraphQLApi": [{"Type": "AWS::AppSync::GraphQLApi", "Properties": {"Name": "n", "AuthenticationType": "AWS_IAM"}}],
    "AWS::ApiGateway::RestApi": [
        {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "n"}},
        {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "s", "DefinitionBody": {"swagger": "2.0"}}},
    ],
    "AWS::ApiGatewayV2::Api": [
        {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "n"}},
        {"Type": "AWS::Serverless::HttpApi", "Properties": {"DefinitionBody": {"openapi": "3.0.1"}}},
    ],
    "AWS::DynamoDB::Table": [{"Type": "AWS::DynamoDB::Table"}, {"Type": "AWS::Serverless::SimpleTable"}],
    "AWS::S3::Bucket": [{"Type": "AWS::S3::Bucket"}],
    "AWS::SQS::Queue": [{"Type": "AWS::SQS::Queue"}],
    "AWS::SNS::Topic": [{"Type": "AWS::SNS::Topic"}],
    "AWS::Events::EventBus": [{"Type": "AWS::Events::EventBus", "Properties": {"Name": "n"}}],
    "AWS::Location::PlaceIndex": [{"Type": "AWS::Location::PlaceIndex", "Properties": {"DataSource": "Esri", "IndexName": "n"}}],
    "AWS::Events::Rule": [
        {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "ScheduleExpression": "rate(1 day)",
                "Targets": [
                    {"Id": "T", "Arn": {"Fn::GetAtt": ["D", "Arn"]}, "RoleArn": ROLE},
                    {"Id": "U", "Arn": {"Ref": "D"}, "RoleArn": ROLE},
                ],
            },
        }
    ],
}
PERMISSIONS = (["Read"], ["Write"], ["Read", "Write"], ["Write", "Read", "Read"])


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The translator warns about metrics nobody collects."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


def profiles() -> dict[str, dict[str, Any]]:
    from samtranslator.model.connector_profiles.profile import PROFILE

    found: dict[str, dict[str, Any]] = PROFILE["Permissions"]
    return found


def tree(source: dict[str, Any], destination: dict[str, Any], **more: Any) -> dict[str, Any]:
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}}
    resources = {"S": json.loads(json.dumps(source)), "D": json.loads(json.dumps(destination)), "R": role, **more}
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        "Conditions": {"Is": {"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}},
        "Resources": resources,
    }


def connector(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::Serverless::Connector", "Properties": properties}


def judged(made: dict[str, Any]) -> str:
    """'same', 'rejected' by the translator, or what is different."""
    try:
        found = compare(json.dumps(made), made)
    except Rejected:
        return "rejected"
    assert not found.differences, json.dumps(made, indent=1)
    assert not [said for said in found.open if "Policy" in said or "Permission" in said], json.dumps(made, indent=1)
    return "same"


def test_no_pair_is_missing() -> None:
    ours = {*OF_SOURCE, *OF_DESTINATION, *SENDS, *((source, "AWS::Lambda::Function") for source in INVOKES)}
    theirs = {(source, destination) for source, found in profiles().items() for destination in found}
    assert ours == theirs
    assert set(COMBINATIONS) == {pair for pair in theirs if "ValidAccessCategories" in profiles()[pair[0]][pair[1]]["Properties"]}
    assert {name for pair in theirs for name in pair} == set(ENDS)


@pytest.mark.parametrize("source", ENDS)
def test_every_pair(source: str) -> None:
    """By id and written inside the source, with every set of permissions: what the translator makes, or nothing certain."""
    same = 0
    for destination, others in ENDS.items():
        known = destination in profiles().get(source, {})
        notations = itertools.product(ENDS[source], others, PERMISSIONS)
        # Where there is nothing to connect, one notation shows that.
        for one, other, permissions in notations if known else itertools.islice(notations, 2):
            alone = connector(Source={"Id": "S"}, Destination={"Id": "D"}, Permissions=permissions)
            said = judged(tree(one, other, C=alone))
            inside = {"C": {"Properties": {"Destination": {"Id": "D"}, "Permissions": permissions}}}
            assert judged(tree({**one, "Connectors": inside}, other)) == said
            text = json.dumps(tree(one, other, C=alone))
            found = template(text, "t.json")
            assert found.plan is not None
            assert ("AWS::SQS::QueuePolicy" in found.plan.unseen) is (said == "rejected"), text
            same += said == "same"
    # What the translator rejects is left open; every pair it has is compared at least once.
    assert same >= len(profiles().get(source, {}))


@pytest.mark.parametrize("pair", sorted(OF_SOURCE))
def test_ends_that_are_written_out(pair: tuple[str, str]) -> None:
    """Ends in other stacks are named by type, ARN, name and role."""
    one = {"Type": pair[0], "Arn": "arn:aws:x:::a", "RoleName": "role", "ResourceId": "id", "Qualifier": "q"}
    other = {"Type": pair[1], "Arn": {"Ref": "P"}, "Name": "name", "QueueUrl": "https://example.com/q"}
    names = list(OF_SOURCE[pair])
    made = tree({"Type": "AWS::SNS::Topic"}, {"Type": "AWS::SNS::Topic"}, C=connector(Source=one, Destination=other, Permissions=names))
    made["Parameters"] = {"P": {"Type": "String"}}
    assert judged(made) == "same"


@pytest.mark.parametrize(
    "made",
    [
        connector(Source={"Id": "S"}, Destination=[{"Id": "D"}, {"Id": "R2"}], Permissions=["Write"]),
        connector(Source={"Id": "S"}, Destination=[{"Id": "D"}], Permissions=["Write"]),
        {**connector(Source={"Id": "S"}, Destination={"Id": "D"}, Permissions=["Write"]), "Condition": "Is"},
    ],
)
def test_several_destinations_and_conditions(made: dict[str, Any]) -> None:
    assert judged(tree(SERVERLESS, {"Type": "AWS::SQS::Queue"}, C=made, R2={"Type": "AWS::SNS::Topic"})) == "same"


def test_what_events_and_apis_become_can_be_connected() -> None:
    function = json.loads(json.dumps(SERVERLESS))
    function["Properties"]["Events"] = {"Get": {"Type": "Api", "Properties": {"Path": "/", "Method": "get"}}}
    made = connector(Source={"Id": "ServerlessRestApi", "Qualifier": "Prod/GET/*"}, Destination={"Id": "S"}, Permissions=["Write"])
    assert judged(tree(function, {"Type": "AWS::SNS::Topic"}, C=made)) == "same"


TOPIC = """
Transform: AWS::Serverless-2016-10-31
Parameters: {Stage: {Type: String}}
Conditions: {Is: !Equals [!Ref Stage, x]}
Resources:
  T: {Type: AWS::SNS::Topic}
  Q: {Type: AWS::SQS::Queue}
  F: {Type: AWS::Serverless::Function, Properties: {InlineCode: x, Handler: a.b, Runtime: python3.13}}
  C:
    Type: AWS::Serverless::Connector
    Properties: {Source: {Id: T}, Destination: {Id: Q}, Permissions: [Write]}
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Destination: {Id: Q}", "Destination: !If [Is, {Id: Q}, {Id: F}]"),
        ("Destination: {Id: Q}", "Destination: {Id: !Ref Stage}"),
        ("Destination: {Id: Q}", "Destination: {Id: Nothing}"),
        ("Destination: {Id: Q}", "Destination: [{Id: Q}, !If [Is, {Id: F}, !Ref AWS::NoValue]]"),
        ("[Write]", "!If [Is, [Write], [Read]]"),
        ("[Write]", "[!Ref Stage]"),
        ("{Source: {Id: T}, ", "{'Fn::Transform': {Name: x}, Source: {Id: T}, "),
    ],
)
def test_nothing_is_certain_about_what_cannot_be_followed(old: str, new: str) -> None:
    plain = template(TOPIC)
    queue = plain.get("Q")
    assert queue is not None
    linked = plain.linked(queue, "AWS::SQS::QueuePolicy", ("Queues", 0))
    assert ([one.block for one in linked.found], linked.maybe_more) == (["CQueuePolicy"], False)
    assert old in TOPIC
    found = template(TOPIC.replace(old, new))
    other = found.get("Q")
    assert other is not None
    assert found.linked(other, "AWS::SQS::QueuePolicy", ("Queues", 0)).maybe_more
    (report,) = reports({"t.yaml": TOPIC.replace(old, new).encode()})
    assert not [one for one in report.findings if one.control == "internal-error"]
