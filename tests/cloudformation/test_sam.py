"""Serverless resources as what they become: where findings sit, what they are called, how they are fixed, what stays open."""

from __future__ import annotations

import json
import textwrap

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fsbp_lsp.cloudformation.load import template_of
from fsbp_lsp.cloudformation.template import Template, TemplateResource
from fsbp_lsp.controls import registry
from fsbp_lsp.model import Finding
from fsbp_lsp.model.path import parse_path
from fsbp_lsp.model.resource import Refusal, read_path
from fsbp_lsp.report.words import title_of
from fsbp_lsp.text import apply_edits
from fsbp_lsp.values import MAYBE, NO, YES
from tests.cloudformation.sources import plain, template
from tests.controls.run import findings

HEAD = "Transform: AWS::Serverless-2016-10-31\n"


def sam(text: str) -> Template:
    return template(HEAD + textwrap.dedent(text).lstrip("\n"))


def made(found: Template, id: str) -> TemplateResource:
    one = found.get(id)
    assert one is not None, [resource.block for resource in found.resources]
    return one


def said(text: str, control: str, name: str = "template.yaml") -> list[Finding]:
    return [finding for finding in findings({name: text.encode()}, "") if finding.control == control]


FUNCTION = """
    Resources:
      F:
        Type: AWS::Serverless::Function
        Properties:
          Runtime: python3.13
          Handler: a.b
    """


def test_what_a_function_becomes_is_in_its_place():
    found = sam(FUNCTION.rstrip(" ") + "      After: {Type: AWS::SQS::Queue}\n")
    assert [(one.type, one.block, one.name) for one in found.resources] == [
        ("AWS::Lambda::Function", "F", "F"),
        ("AWS::IAM::Role", "FRole", "F"),
        ("AWS::SQS::Queue", "After", "After"),
    ]
    assert [title_of(one) for one in found.resources] == [
        "AWS::Lambda::Function made of AWS::Serverless::Function",
        "AWS::IAM::Role made of AWS::Serverless::Function F",
        "",
    ]
    assert {one.header.text for one in found.resources} == {"F", "After"}


@pytest.mark.parametrize(
    "transform", ["AWS::Serverless-2016-10-31", "[AWS::Serverless-2016-10-31]", "[AWS::LanguageExtensions, AWS::Serverless-2016-10-31]"]
)
def test_the_transform_alone_or_in_a_list(transform):
    found = template(f"Transform: {transform}\n" + textwrap.dedent(FUNCTION))
    assert [one.type for one in found.resources] == ["AWS::Lambda::Function", "AWS::IAM::Role"]


def test_without_the_transform_nothing_is_made():
    assert [one.type for one in template(FUNCTION).resources] == ["AWS::Serverless::Function"]


def test_a_finding_of_a_role_sits_at_the_policy():
    policies = "      Policies:\n        Statement: [{Effect: Allow, Action: '*', Resource: '*'}]\n"
    (finding,) = said(HEAD + textwrap.dedent(FUNCTION) + policies, "IAM.1")
    assert (finding.address, finding.at.line, finding.at.text) == ("FRole", 10, "'*'")


def test_an_ignore_in_the_metadata_of_the_source_covers_what_it_becomes():
    text = """{"Transform": "AWS::Serverless-2016-10-31", "Resources": {"F": {"Type": "AWS::Serverless::Function",
    "Metadata": {"fsbp": {"ignore": [{"id": "IAM.1", "reason": "r"}]}},
    "Properties": {"Runtime": "python3.13", "Handler": "a.b",
    "Policies": {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}}}}}"""
    assert not said(text, "IAM.1", "template.json")
    assert not said(text, "unused-ignore", "template.json")
    assert said(text.replace('"IAM.1"', '"IAM.2"'), "IAM.1", "template.json")


def test_an_ignore_at_the_header_covers_the_role():
    policies = "      Policies:\n        Statement: [{Effect: Allow, Action: '*', Resource: '*'}]\n"
    text = HEAD + textwrap.dedent(FUNCTION).replace("  F:\n", "  F:  # fsbp:ignore IAM.1 -- sandbox\n") + policies
    assert not said(text, "IAM.1")
    assert not said(text, "unused-ignore")


def test_what_the_source_cannot_say_is_refused():
    found = sam("Resources: {T: {Type: AWS::Serverless::SimpleTable}}\n")
    one = made(found, "T")
    refused = one.dialect.put(one, ("DeletionProtectionEnabled",), True)
    assert isinstance(refused, Refusal)
    assert refused.reason == "AWS::Serverless::SimpleTable has no property for DeletionProtectionEnabled"
    role = made(sam(FUNCTION), "FRole")
    refused = role.dialect.put(role, parse_path("Policies"), [])
    assert isinstance(refused, Refusal)
    assert refused.reason == "what becomes FRole has no property for Policies"


@pytest.mark.parametrize(
    ("id", "path", "want", "line"),
    [
        ("F", "TracingConfig.Mode", "Active", "Tracing: Active"),
        ("F", "KmsKeyArn", "x", "KmsKeyArn: x"),
        ("FUrl", "AuthType", "AWS_IAM", "AuthType: AWS_IAM"),
        ("AvStage", "TracingEnabled", True, "TracingEnabled: true"),
        ("S", "TracingConfiguration.Enabled", True, "Enabled: true"),
        ("T", "SSESpecification.SSEEnabled", True, "SSEEnabled: true"),
    ],
)
def test_a_property_is_written_as_the_source_says_it(id, path, want, line):
    text = textwrap.dedent(
        """
        Resources:
          F:
            Type: AWS::Serverless::Function
            Properties:
              Runtime: python3.13
              Handler: a.b
              FunctionUrlConfig:
                AuthType: NONE
          A:
            Type: AWS::Serverless::Api
            Properties:
              StageName: v
          S:
            Type: AWS::Serverless::StateMachine
            Properties:
              DefinitionUri: s.json
          T:
            Type: AWS::Serverless::SimpleTable
        """
    )
    found = sam(text)
    one = made(found, id)
    edits = one.dialect.put(one, parse_path(path), want)
    assert not isinstance(edits, Refusal), edits.reason
    after = apply_edits(found.piece.data, edits)
    assert line in after.decode()
    again = template_of("t.yaml", after)
    assert again is not None
    assert read_path(made(again, id).config, parse_path(path)).is_(want) is YES


def test_a_bucket_is_notified_by_what_events_add():
    found = sam(
        """
        Resources:
          B: {Type: AWS::S3::Bucket}
          Plain: {Type: AWS::S3::Bucket}
          F:
            Type: AWS::Serverless::Function
            Properties:
              Runtime: python3.13
              Handler: a.b
              Events:
                Up: {Type: S3, Properties: {Bucket: !Ref B, Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*']}}
        """
    )
    lambdas = made(found, "B").config.child("NotificationConfiguration").child("LambdaConfigurations")
    assert [item.child("Event").only for item in lambdas.items().found] == ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
    assert lambdas.items().found[0].at is not None
    assert lambdas.items().found[0].at.line == 11
    assert made(found, "Plain").config.child("NotificationConfiguration").written is False


def test_a_conditional_event_may_not_notify():
    found = sam(
        """
        Parameters: {Stage: {Type: String}}
        Conditions: {Prod: !Equals [!Ref Stage, prod]}
        Resources:
          B: {Type: AWS::S3::Bucket}
          F:
            Type: AWS::Serverless::Function
            Condition: Prod
            Properties:
              Runtime: python3.13
              Handler: a.b
              Events:
                Up: {Type: S3, Properties: {Bucket: !Ref B, Events: 's3:ObjectCreated:*'}}
        """
    )
    assert made(found, "B").config.child("NotificationConfiguration").child("LambdaConfigurations").items().maybe_more
    assert made(found, "FUpPermission").exists is MAYBE
    assert made(found, "FUpPermission").condition == "Prod"


def test_a_half_typed_template_claims_nothing_missing():
    text = HEAD + "Resources:\n  T:\n    Type: AWS::Serverless::SimpleTable\n  X: [\n"
    assert not said(text, "DynamoDB.2")
    assert said(text.replace("  X: [\n", ""), "DynamoDB.2")


@pytest.mark.parametrize(
    ("properties", "certain"),
    [
        ("{}", YES),
        ("{Role: x}", None),
        ("{Role: !Ref R}", None),
        ("{Role: !If [C, x, !Ref AWS::NoValue]}", MAYBE),
        ("{'Fn::Transform': {Name: M}}", MAYBE),
    ],
)
def test_when_a_role_is_made(properties, certain):
    found = sam(
        f"""
        Parameters: {{R: {{Type: String}}, P: {{Type: String}}}}
        Conditions: {{C: !Equals [!Ref P, x]}}
        Resources:
          F: {{Type: AWS::Serverless::Function, Properties: {properties}}}
        """
    )
    role = found.get("FRole")
    assert (None if role is None else role.exists) is certain


def test_an_unknown_serverless_type_stays_what_it_is():
    found = sam("Resources: {W: {Type: AWS::Serverless::Something, Properties: {A: b}}}\n")
    assert [one.type for one in found.resources] == ["AWS::Serverless::Something"]
    assert found.plan is not None
    assert "AWS::Lambda::Permission" in found.plan.unseen


def test_a_policy_of_a_queue_that_an_event_makes_is_narrowed_to_the_topic():
    found = sam(
        """
        Resources:
          N: {Type: AWS::SNS::Topic}
          F:
            Type: AWS::Serverless::Function
            Properties:
              Events:
                Q: {Type: SNS, Properties: {Topic: !Ref N, SqsSubscription: true}}
        """
    )
    document = made(found, "FQQueuePolicy").config.child("PolicyDocument")
    statement = plain(document.child("Statement"))
    assert isinstance(statement, list)
    assert statement[0]["Principal"] == "*"
    policy = next(control for control in registry.controls_for("AWS::SQS::QueuePolicy") if control.id == "SQS.3")
    answer = policy.check(policy.subject(made(found, "FQQueuePolicy")), registry.Context({}, {}))
    assert not isinstance(answer, list)


_NAMES = st.sampled_from(
    [
        "Runtime",
        "Role",
        "Policies",
        "Events",
        "Statement",
        "Type",
        "Properties",
        "Bucket",
        "RestApiId",
        "ApiId",
        "Path",
        "Method",
        "AuthType",
        "FunctionUrlConfig",
        "AutoPublishAlias",
        "DeploymentPreference",
        "EventInvokeConfig",
        "DestinationConfig",
        "OnFailure",
        "Destination",
        "StageName",
        "DeadLetterConfig",
        "DeadLetterQueue",
        "SqsSubscription",
        "Tags",
        "Tracing",
        "Ref",
        "Fn::If",
        "Fn::Transform",
        "PrimaryKey",
        "S3ReadPolicy",
        "BucketName",
        "Auth",
        "Topic",
        "Queue",
        "Schedule",
        "PropagateTags",
        "QueueLogicalId",
    ]
)
_LEAVES = (
    st.none() | st.booleans() | st.integers(-1, 9) | st.sampled_from(["NONE", "Api", "S3", "SNS", "HttpApi", "B", "F", "", "live", "Prod"])
)
_TREES = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4), max_leaves=12)
_KINDS = st.sampled_from(
    [f"AWS::Serverless::{name}" for name in ("Function", "Api", "HttpApi", "SimpleTable", "LayerVersion", "StateMachine", "Application")]
    + ["AWS::Serverless::Connector", "AWS::Serverless::GraphQLApi", "AWS::S3::Bucket", "AWS::Cognito::UserPool"]
)
_EVENT = st.fixed_dictionaries(
    {"Type": st.sampled_from(["S3", "SNS", "Api", "HttpApi", "Schedule", "ScheduleV2", "Cognito", "SQS", "MSK", "Alien"])},
    optional={"Properties": _TREES},
)
_PROPERTIES = (
    _TREES | st.dictionaries(_NAMES, _TREES, max_size=5) | st.fixed_dictionaries({"Events": st.dictionaries(_NAMES, _EVENT, max_size=3)})
)
_RESOURCES = st.dictionaries(
    st.sampled_from(["F", "B", "G", "FRole", "ServerlessRestApi"]),
    st.fixed_dictionaries({"Type": _KINDS}, optional={"Properties": _PROPERTIES, "Condition": _LEAVES, "Connectors": _TREES}),
    max_size=4,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_RESOURCES, st.none() | st.dictionaries(st.sampled_from(["Function", "Api", "HttpApi", "SimpleTable"]), _PROPERTIES, max_size=3))
def test_anything_at_all_is_translated_or_left_open(resources, shared):
    tree = {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources, **({} if shared is None else {"Globals": shared})}
    found = template_of("t.json", json.dumps(tree).encode())
    assert found is not None
    ids = [one.block for one in found.resources]
    assert len(ids) == len(set(ids))
    for one in found.resources:
        for control in registry.controls_for(one.type):
            answer = control.check(control.subject(one), registry.Context({}, {}))
            for finding in answer if isinstance(answer, list) else ():
                assert finding.at.file is found.piece.file
                assert all(fix.edits or fix.refused for fix in finding.fixes)


def test_nothing_is_certain_about_a_link_that_a_connector_may_make():
    text = """
        Resources:
          F: {Type: AWS::Serverless::Function}
          N: {Type: AWS::SNS::Topic}
          C: {Type: AWS::Serverless::Connector, Properties: {Source: {Id: N}, Destination: {Id: !Ref F}, Permissions: [Write]}}
        """
    found = sam(text)
    assert found.linked(made(found, "N"), "AWS::SNS::TopicPolicy", ("Topics",)).maybe_more
    without = sam("\n".join(line for line in text.splitlines() if "Connector" not in line))
    assert not without.linked(made(without, "N"), "AWS::SNS::TopicPolicy", ("Topics",)).maybe_more
    assert made(without, "F").config.child("Role").present() is YES
    assert made(without, "F").config.child("Nothing").present() is NO
