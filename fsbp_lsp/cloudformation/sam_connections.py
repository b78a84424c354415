"""What a connector allows, as facts: by the types of what it connects, for reading and for writing.

Source: AWS SAM developer guide, "AWS SAM connector reference" (resource types and the policies created for them); tests
compare every pair with aws-sam-translator.
"""

from __future__ import annotations

Statement = tuple[str, str]
"""Actions; resources, in the notation of `sam_templates`. `${Source.Arn}`, `${Destination.Name}` … are those of the two ends."""
Access = dict[str, tuple[Statement, ...]]
"""By permission (`Read`, `Write`), in the order of the transform."""

FUNCTION, MACHINE, SOURCE = "AWS::Lambda::Function", "AWS::StepFunctions::StateMachine", "AWS::AppSync::DataSource"
BUCKET, TABLE, QUEUE, TOPIC = "AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::SNS::Topic"
RULE, BUS, PLACES = "AWS::Events::Rule", "AWS::Events::EventBus", "AWS::Location::PlaceIndex"
REST_API, HTTP_API, GRAPHQL_API = "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api", "AWS::AppSync::GraphQLApi"

_EXECUTIONS = "states:execution:${Destination.Name}:*"
_EXECUTION_RULE = "events:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
_OBJECTS: Access = {
    "Read": (
        (
            (
                "s3:GetObject s3:GetObjectAcl s3:GetObjectLegalHold s3:GetObjectRetention s3:GetObjectTorrent s3:GetObjectVersion "
                "s3:GetObjectVersionAcl s3:GetObjectVersionForReplication s3:GetObjectVersionTorrent s3:ListBucket "
                "s3:ListBucketMultipartUploads s3:ListBucketVersions s3:ListMultipartUploadParts"
            ),
            "${Destination.Arn} ${Destination.Arn}/*",
        ),
    ),
    "Write": (
        (
            (
                "s3:AbortMultipartUpload s3:DeleteObject s3:DeleteObjectVersion s3:PutObject s3:PutObjectLegalHold "
                "s3:PutObjectRetention s3:RestoreObject"
            ),
            "${Destination.Arn} ${Destination.Arn}/*",
        ),
    ),
}
_ITEMS: Access = {
    "Read": (
        (
            "dynamodb:GetItem dynamodb:Query dynamodb:Scan dynamodb:BatchGetItem dynamodb:ConditionCheckItem dynamodb:PartiQLSelect",
            "${Destination.Arn} ${Destination.Arn}/index/*",
        ),
    ),
    "Write": (
        (
            (
                "dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:BatchWriteItem dynamodb:PartiQLDelete "
                "dynamodb:PartiQLInsert dynamodb:PartiQLUpdate"
            ),
            "${Destination.Arn} ${Destination.Arn}/index/*",
        ),
    ),
}


def _write(actions: str, resources: str = "${Destination.Arn}") -> Access:
    return {"Write": ((actions, resources),)}


_INVOKE = "lambda:InvokeAsync lambda:InvokeFunction"

OF_SOURCE: dict[tuple[str, str], Access] = {
    (RULE, BUS): _write("events:PutEvents"),
    (RULE, MACHINE): _write("states:StartExecution"),
    (FUNCTION, FUNCTION): _write(_INVOKE),
    (FUNCTION, BUCKET): _OBJECTS,
    (FUNCTION, TABLE): _ITEMS,
    (FUNCTION, QUEUE): {
        "Read": (("sqs:ReceiveMessage sqs:GetQueueAttributes", "${Destination.Arn}"),),
        "Write": (("sqs:DeleteMessage sqs:SendMessage sqs:ChangeMessageVisibility sqs:PurgeQueue", "${Destination.Arn}"),),
    },
    (FUNCTION, TOPIC): _write("sns:Publish"),
    (FUNCTION, MACHINE): {
        "Write": (("states:StartExecution states:StartSyncExecution", "${Destination.Arn}"), ("states:StopExecution", _EXECUTIONS)),
        "Read": (
            ("states:DescribeStateMachine states:ListExecutions", "${Destination.Arn}"),
            ("states:DescribeExecution states:DescribeStateMachineForExecution states:GetExecutionHistory", _EXECUTIONS),
        ),
    },
    (FUNCTION, BUS): _write("events:PutEvents"),
    (FUNCTION, PLACES): {
        "Read": (
            (
                (
                    "geo:DescribePlaceIndex geo:GetPlace geo:SearchPlaceIndexForPosition geo:SearchPlaceIndexForSuggestions "
                    "geo:SearchPlaceIndexForText"
                ),
                "${Destination.Arn}",
            ),
        )
    },
    (MACHINE, FUNCTION): _write(_INVOKE),
    (MACHINE, TOPIC): _write("sns:Publish"),
    (MACHINE, QUEUE): _write("sqs:SendMessage"),
    (MACHINE, BUCKET): _OBJECTS,
    (MACHINE, TABLE): _ITEMS,
    (MACHINE, MACHINE): {
        "Read": (("states:DescribeExecution", _EXECUTIONS), ("events:DescribeRule", _EXECUTION_RULE)),
        "Write": (
            ("states:StartExecution", "${Destination.Arn}"),
            ("states:StopExecution", _EXECUTIONS),
            ("events:PutTargets events:PutRule", _EXECUTION_RULE),
        ),
    },
    (MACHINE, BUS): _write("events:PutEvents"),
    (SOURCE, TABLE): _ITEMS,
    (SOURCE, FUNCTION): _write(_INVOKE, "${Destination.Arn} ${Destination.Arn}:*"),
    (SOURCE, BUS): _write("events:PutEvents"),
}
"""A managed policy for the role of the source."""

OF_DESTINATION: dict[tuple[str, str], Access] = {
    (TABLE, FUNCTION): {
        "Read": (
            (
                "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams",
                "${Source.Arn}/stream/*",
            ),
        )
    },
    (QUEUE, FUNCTION): {
        "Write": (("sqs:DeleteMessage", "${Source.Arn}"),),
        "Read": (("sqs:ReceiveMessage sqs:GetQueueAttributes", "${Source.Arn}"),),
    },
}
"""A managed policy for the role of the destination, which fetches from the source."""

COMBINATIONS: dict[tuple[str, str], tuple[frozenset[str], ...]] = {
    (QUEUE, FUNCTION): (frozenset({"Read", "Write"}),),
    (MACHINE, MACHINE): (frozenset({"Read"}), frozenset({"Read", "Write"})),
}
"""Pairs that are not given every set of permissions."""

INVOKES: dict[str, tuple[str, str]] = {
    RULE: ("events.amazonaws.com", "${Source.Arn}"),
    TOPIC: ("sns.amazonaws.com", "${Source.Arn}"),
    BUCKET: ("s3.amazonaws.com", "${Source.Arn}"),
    REST_API: ("apigateway.amazonaws.com", "execute-api:${Source.ResourceId}/${Source.Qualifier}"),
    HTTP_API: ("apigateway.amazonaws.com", "execute-api:${Source.ResourceId}/${Source.Qualifier}"),
    GRAPHQL_API: ("appsync.amazonaws.com", "appsync:apis/${Source.ResourceId}"),
}
"""Who calls a function by a permission of it, by type of the source: (service, its ARN)."""

SENDS: dict[tuple[str, str], tuple[str, str]] = {
    (RULE, TOPIC): ("events.amazonaws.com", "sns:Publish"),
    (RULE, QUEUE): ("events.amazonaws.com", "sqs:SendMessage"),
    (TOPIC, QUEUE): ("sns.amazonaws.com", "sqs:SendMessage"),
}
"""Who sends by a policy of the queue or topic: (service, action)."""
