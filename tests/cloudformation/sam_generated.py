"""SAM templates made at random from what people combine: sound ones mostly, the rest the translator rejects."""

from __future__ import annotations

import random
from typing import Any

PROD = "Prod"
REF = {"Ref": "Name"}


def _if(yes: Any, no: Any) -> dict[str, Any]:
    return {"Fn::If": [PROD, yes, no]}


NOTHING = {"Ref": "AWS::NoValue"}
DOCUMENT = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
NARROW = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["s3:Get*"], "Resource": {"Fn::GetAtt": ["Bucket", "Arn"]}}}

POLICIES: list[Any] = [
    "AdministratorAccess",
    "AWSLambdaBasicExecutionRole",
    "AWSXrayWriteOnlyAccess",
    "arn:aws:iam::aws:policy/ReadOnlyAccess",
    DOCUMENT,
    NARROW,
    {"S3CrudPolicy": {"BucketName": {"Ref": "Bucket"}}},
    {"S3ReadPolicy": {"BucketName": {"Fn::Sub": "${Name}-logs"}}},
    {"DynamoDBCrudPolicy": {"TableName": {"Ref": "Table"}}},
    {"SQSPollerPolicy": {"QueueName": {"Fn::GetAtt": ["Queue", "QueueName"]}}},
    {"AWSSecretsManagerRotationPolicy": {"FunctionName": REF}},
    {"CloudWatchPutMetricPolicy": {}},
    {"Ref": "Managed"},
    REF,
    _if("AmazonS3ReadOnlyAccess", NOTHING),
    _if(DOCUMENT, NOTHING),
    _if(DOCUMENT, NARROW),
    _if({"S3CrudPolicy": {"BucketName": {"Ref": "Bucket"}}}, NOTHING),
    NOTHING,
]

EVENTS: list[Any] = [
    {"Type": "S3", "Properties": {"Bucket": {"Ref": "Bucket"}, "Events": "s3:ObjectCreated:*"}},
    {"Type": "S3", "Properties": {"Bucket": {"Ref": "Other"}, "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]}},
    {"Type": "SNS", "Properties": {"Topic": {"Ref": "Topic"}}},
    {"Type": "SNS", "Properties": {"Topic": {"Ref": "Topic"}, "SqsSubscription": True}},
    {"Type": "SNS", "Properties": {"Topic": {"Ref": "Topic"}, "SqsSubscription": False}},
    {"Type": "SQS", "Properties": {"Queue": {"Fn::GetAtt": ["Queue", "Arn"]}}},
    {"Type": "SQS", "Properties": {"Queue": _if("arn:aws:sqs:x:1:a", "arn:aws:sqs:x:1:b"), "Enabled": _if(True, False)}},
    {"Type": "DynamoDB", "Properties": {"Stream": {"Fn::GetAtt": ["Table", "StreamArn"]}, "StartingPosition": "LATEST"}},
    {"Type": "Kinesis", "Properties": {"Stream": REF, "StartingPosition": "LATEST"}},
    {"Type": "Schedule", "Properties": {"Schedule": "rate(1 day)"}},
    {"Type": "Schedule", "Properties": {"Schedule": REF, "DeadLetterConfig": {"Type": "SQS", "QueueLogicalId": "Dead"}}},
    {"Type": "ScheduleV2", "Properties": {"ScheduleExpression": "rate(1 day)", "PermissionsBoundary": "arn:aws:iam::1:policy/p"}},
    {"Type": "EventBridgeRule", "Properties": {"Pattern": {"source": ["x"]}, "State": "ENABLED", "RuleName": "r"}},
    {"Type": "CloudWatchLogs", "Properties": {"LogGroupName": REF, "FilterPattern": "x"}},
    {"Type": "Api", "Properties": {"Path": "/PATH", "Method": "get"}},
    {"Type": "Api", "Properties": {"Path": "/PATH/{id+}/", "Method": "any", "RestApiId": {"Ref": "Rest"}}},
    {"Type": "HttpApi", "Properties": {"Path": "/PATH/{id}", "Method": "POST"}},
    {"Type": "HttpApi", "Properties": {"Path": "/PATH", "Method": "get", "ApiId": {"Ref": "Http"}}},
    {"Type": "IoTRule", "Properties": {"Sql": "select"}},
    {"Type": "AlexaSkill"},
]

FUNCTION: dict[str, list[Any]] = {
    "Runtime": ["python3.8", "python3.13", "nodejs22.x", REF, _if("python3.8", "python3.13"), _if("python3.8", "nodejs16.x")],
    "Handler": ["a.b"],
    "FunctionName": ["f-name", REF],
    "MemorySize": [128, {"Ref": "Name"}],
    "Tracing": ["Active", "PassThrough", "Disabled", REF, _if("Active", "PassThrough")],
    "Environment": [{"Variables": {"A": 1, "B": REF}}, {"Variables": _if({"A": "x"}, {"B": "y"})}],
    "VpcConfig": [{"SubnetIds": ["subnet-1"], "SecurityGroupIds": [REF]}],
    "Layers": [["arn:aws:lambda:x:1:layer:l:1"]],
    "Tags": [{"a": "b"}, {"c": REF}],
    "PropagateTags": [True, False],
    "Role": ["arn:aws:iam::123456789012:role/x", {"Fn::GetAtt": ["Mine", "Arn"]}, _if("arn:aws:iam::123456789012:role/x", NOTHING)],
    "PermissionsBoundary": ["arn:aws:iam::123456789012:policy/b"],
    "RolePath": ["/a/"],
    "DeadLetterQueue": [{"Type": "SQS", "TargetArn": {"Fn::GetAtt": ["Queue", "Arn"]}}],
    "AutoPublishAlias": ["live", "my-alias_1"],
    "DeploymentPreference": [
        {"Type": "AllAtOnce"},
        {"Enabled": False, "Type": "AllAtOnce"},
        {"Type": "Linear10PercentEvery1Minute", "Role": REF},
    ],
    "FunctionUrlConfig": [{"AuthType": "NONE"}, {"AuthType": "AWS_IAM"}, {"AuthType": REF}, {"AuthType": _if("NONE", "AWS_IAM")}],
    "EventInvokeConfig": [
        {"MaximumRetryAttempts": 2},
        {"DestinationConfig": {"OnFailure": {"Type": "SQS"}}},
        {
            "DestinationConfig": {
                "OnFailure": {"Type": "SNS"},
                "OnSuccess": {"Type": "SQS", "Destination": {"Fn::GetAtt": ["Queue", "Arn"]}},
            }
        },
        {"DestinationConfig": {"OnSuccess": {"Type": "SQS", "Destination": _if("arn:aws:sqs:x:1:a", NOTHING)}}},
    ],
    "ReservedConcurrentExecutions": [1],
    "KmsKeyArn": ["arn:aws:kms:x:1:key/k"],
    "EphemeralStorage": [{"Size": 512}],
    "Architectures": [["arm64"]],
    "LoggingConfig": [{"LogFormat": "JSON"}],
}
ALWAYS = ("Runtime", "Handler")

TABLE: dict[str, list[Any]] = {
    "PrimaryKey": [{"Name": "k", "Type": "Binary"}],
    "SSESpecification": [{"SSEEnabled": True}, {"SSEEnabled": _if(True, False)}],
    "PointInTimeRecoverySpecification": [
        {"PointInTimeRecoveryEnabled": True},
        {"PointInTimeRecoveryEnabled": False},
        {"PointInTimeRecoveryEnabled": _if(True, False)},
        _if({"PointInTimeRecoveryEnabled": True}, NOTHING),
    ],
    "ProvisionedThroughput": [{"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}],
    "TableName": [REF, "t"],
    "Tags": [{"a": "b"}],
}
REST: dict[str, list[Any]] = {
    "StageName": ["v1", "a-b", REF],
    "TracingEnabled": [True, False, _if(True, False)],
    "MethodSettings": [[{"ResourcePath": "/*", "HttpMethod": "*", "LoggingLevel": "INFO"}]],
    "Variables": [{"a": "b"}],
    "CacheClusterEnabled": [True],
    "Tags": [{"a": "b"}],
}
HTTP: dict[str, list[Any]] = {
    "StageName": ["v1", "a-b", REF, "$default"],
    "StageVariables": [{"a": "b"}],
    "FailOnWarnings": [True],
    "Tags": [{"a": "b"}],
}


def _pick(random: random.Random, pool: dict[str, list[Any]], chance: float, always: tuple[str, ...] = ()) -> dict[str, Any]:
    return {name: random.choice(values) for name, values in pool.items() if name in always or random.random() < chance}


def _named(random: random.Random, names: list[Any], most: int) -> list[Any]:
    return random.sample(names, random.randint(0, most))


def _function(random: random.Random, number: int, chance: float) -> dict[str, Any]:
    properties = _pick(random, FUNCTION, chance, ALWAYS)
    if "DeploymentPreference" in properties:
        properties.setdefault("AutoPublishAlias", "live")
    if random.random() < 0.7:
        some = _named(random, POLICIES, 5)
        properties["Policies"] = some[0] if len(some) == 1 and random.random() < 0.5 else some
    if random.random() < 0.7:
        events = {}
        for place, event in enumerate(_named(random, EVENTS, 6)):
            said = dict(event)
            if "Path" in said.get("Properties", {}):
                said["Properties"] = {**said["Properties"], "Path": said["Properties"]["Path"].replace("PATH", f"p{number}{place}")}
            events[f"E{place}"] = said
        properties["Events"] = events
    made: dict[str, Any] = {"Type": "AWS::Serverless::Function", "Properties": properties}
    if random.random() < 0.2:
        made["Condition"] = PROD
    if random.random() < 0.1:
        made["IgnoreGlobals"] = "*"
    return made


def generated(seed: int) -> dict[str, Any]:
    """One template; the same for the same seed."""
    chooser = random.Random(seed)
    chance = chooser.choice((0.1, 0.3, 0.5))
    resources: dict[str, Any] = {
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Other": {"Type": "AWS::S3::Bucket", "Properties": {"NotificationConfiguration": {"LambdaConfigurations": []}}},
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": NARROW}},
        "Mine": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}},
        "Table": {"Type": "AWS::Serverless::SimpleTable", "Properties": _pick(chooser, TABLE, chance)},
        "Rest": {"Type": "AWS::Serverless::Api", "Properties": _pick(chooser, REST, chance, ("StageName",))},
        "Http": {"Type": "AWS::Serverless::HttpApi", "Properties": _pick(chooser, HTTP, chance)},
    }
    for number in range(chooser.randint(1, 3)):
        resources[f"F{number}"] = _function(chooser, number, chance)
    if chooser.random() < 0.4:
        resources["Machine"] = {
            "Type": "AWS::Serverless::StateMachine",
            "Properties": {
                "Definition": {"StartAt": "a", "States": {"a": {"Type": "Pass", "End": True}}},
                "Policies": [one for one in _named(chooser, POLICIES, 3) if one != NOTHING],
                "Tracing": {"Enabled": chooser.choice([True, False])},
                "Events": {"Tick": {"Type": "Schedule", "Properties": {"Schedule": "rate(1 day)"}}},
            },
        }
    made: dict[str, Any] = {
        "Transform": chooser.choice(["AWS::Serverless-2016-10-31", ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"]]),
        "Parameters": {"Name": {"Type": "String"}, "Stage": {"Type": "String", "Default": "dev"}},
        "Conditions": {PROD: {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": resources,
    }
    if chooser.random() < 0.5:
        shared = {"Runtime", "Tracing", "Environment", "VpcConfig", "Layers", "Tags", "MemorySize", "PermissionsBoundary", "Handler"}
        section = {name: value for name, value in _pick(chooser, FUNCTION, chance).items() if name in shared}
        table = {name: value for name, value in _pick(chooser, TABLE, chance).items() if name == "SSESpecification"}
        made["Globals"] = {"Function": section, "SimpleTable": table}
    return made
