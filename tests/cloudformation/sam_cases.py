"""SAM templates by hand: every kind of serverless resource, every kind of event, the ways to say a policy."""

from __future__ import annotations

HEAD = "Transform: AWS::Serverless-2016-10-31\n"

CASES = {
    "a lone function": """
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.8, Handler: a.b, CodeUri: src}
""",
    "globals": """
Globals:
  Function:
    Runtime: python3.8
    Timeout: 5
    Tracing: Active
    Environment: {Variables: {A: 1, B: two}}
    Layers: [!Ref L]
    VpcConfig: {SecurityGroupIds: [sg-1], SubnetIds: [subnet-1]}
    Tags: {team: x}
  SimpleTable:
    SSESpecification: {SSEEnabled: true}
  Api:
    TracingEnabled: true
    MethodSettings: [{ResourcePath: /*, HttpMethod: '*', LoggingLevel: INFO}]
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Runtime: python3.13
      Environment: {Variables: {B: three}}
      Tags: {own: y}
      Events:
        Get: {Type: Api, Properties: {Path: /a, Method: get}}
  G:
    Type: AWS::Serverless::Function
    IgnoreGlobals: '*'
    Properties: {Handler: a.b, Runtime: nodejs22.x}
  H:
    Type: AWS::Serverless::Function
    IgnoreGlobals: [Tracing, VpcConfig]
    Properties: {Handler: a.b}
  L:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layer, CompatibleRuntimes: [python3.8]}
  T:
    Type: AWS::Serverless::SimpleTable
""",
    "policies": """
Parameters:
  Bucket: {Type: String}
Resources:
  B: {Type: AWS::S3::Bucket}
  T: {Type: AWS::Serverless::SimpleTable, Properties: {PrimaryKey: {Name: k, Type: Number}, TableName: t}}
  One:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: a.b, Policies: AmazonS3FullAccess}
  Arn:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: a.b, Policies: 'arn:aws:iam::aws:policy/AdministratorAccess'}
  Document:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      Policies:
        Statement: [{Effect: Allow, Action: '*', Resource: '*'}]
  Many:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      Policies:
        - AWSLambdaBasicExecutionRole
        - AmazonS3ReadOnlyAccess
        - AmazonS3ReadOnlyAccess
        - !Sub 'arn:${AWS::Partition}:iam::aws:policy/ReadOnlyAccess'
        - S3ReadPolicy: {BucketName: !Ref B}
        - DynamoDBCrudPolicy: {TableName: !Ref T}
        - S3WritePolicy: {BucketName: !Ref Bucket}
        - Statement:
            - {Effect: Allow, Action: 's3:*', Resource: '*'}
            - {Effect: Allow, Action: ['*'], Resource: ['*']}
        - VPCAccessPolicy: {}
        - KMSDecryptPolicy: {KeyId: '*'}
        - EFSWriteAccessPolicy: {FileSystem: fs-1, AccessPoint: fsap-1}
  Given:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: a.b, Role: 'arn:aws:iam::123456789012:role/x', Policies: [AdministratorAccess]}
  Boundary:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      RolePath: /a/
      PermissionsBoundary: arn:aws:iam::123456789012:policy/b
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Action: sts:AssumeRole, Principal: {Service: [lambda.amazonaws.com, edgelambda.amazonaws.com]}}]
""",
    "conditions": """
Parameters: {Stage: {Type: String, Default: dev}}
Conditions: {Prod: !Equals [!Ref Stage, prod]}
Resources:
  B: {Type: AWS::S3::Bucket}
  F:
    Type: AWS::Serverless::Function
    Condition: Prod
    Properties:
      Runtime: !If [Prod, python3.13, python3.8]
      Handler: a.b
      Policies:
        - !If [Prod, AmazonS3ReadOnlyAccess, !Ref AWS::NoValue]
        - !If [Prod, AmazonS3ReadOnlyAccess, AdministratorAccess]
        - Statement: [{Effect: Allow, Action: '*', Resource: '*'}]
      Events:
        Up: {Type: S3, Properties: {Bucket: !Ref B, Events: 's3:ObjectCreated:*'}}
        Get: {Type: Api, Properties: {Path: /, Method: any}}
  G:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.8, Handler: a.b, Role: !If [Prod, 'arn:aws:iam::123456789012:role/x', !Ref AWS::NoValue]}
  H:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.8
      Handler: a.b
      FunctionUrlConfig: {AuthType: !If [Prod, AWS_IAM, NONE]}
  T:
    Type: AWS::Serverless::SimpleTable
    Condition: Prod
    Properties: {SSESpecification: {SSEEnabled: !If [Prod, true, false]}}
""",
    "urls": """
Resources:
  Open:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: a.b, FunctionUrlConfig: {AuthType: NONE, Cors: {AllowOrigins: ['*']}}}
  Closed:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: a.b, FunctionUrlConfig: {AuthType: AWS_IAM, InvokeMode: RESPONSE_STREAM}}
  Aliased:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: a.b, AutoPublishAlias: live-1_x, FunctionUrlConfig: {AuthType: NONE}}
""",
    "deployment": """
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      AutoPublishAlias: live
      VersionDescription: v
      ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 1}
      DeploymentPreference: {Type: Canary10Percent5Minutes}
      Events:
        Get: {Type: Api, Properties: {Path: /, Method: get}}
        Tick: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
  G:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: a.b, AutoPublishAlias: live, DeploymentPreference: {Enabled: false, Type: AllAtOnce}}
""",
    "dead letters and destinations": """
Resources:
  Q: {Type: AWS::SQS::Queue}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Q.Arn}
      EventInvokeConfig:
        MaximumRetryAttempts: 1
        DestinationConfig:
          OnSuccess: {Type: SQS}
          OnFailure: {Type: SNS}
  G:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      AutoPublishAlias: x
      DeadLetterQueue: {Type: SNS, TargetArn: 'arn:aws:sns:eu-central-1:123456789012:t'}
      EventInvokeConfig:
        MaximumEventAgeInSeconds: 60
        DestinationConfig:
          OnSuccess: {Type: Lambda, Destination: !GetAtt F.Arn}
          OnFailure: {Type: EventBridge, Destination: 'arn:aws:events:eu-central-1:123456789012:event-bus/b'}
""",
    "every event": """
Resources:
  B:
    Type: AWS::S3::Bucket
    Properties: {NotificationConfiguration: {LambdaConfigurations: [{Event: 's3:ObjectRemoved:*', Function: x}]}}
  N: {Type: AWS::SNS::Topic}
  Q: {Type: AWS::SQS::Queue}
  P: {Type: AWS::Cognito::UserPool}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      Events:
        Bucket: {Type: S3, Properties: {Bucket: !Ref B, Events: ['s3:ObjectCreated:*', 's3:ObjectRestore:*'], Filter: {S3Key: {Rules: []}}}}
        Topic: {Type: SNS, Properties: {Topic: !Ref N, FilterPolicy: {a: [b]}}}
        Queued: {Type: SNS, Properties: {Topic: !Ref N, SqsSubscription: true}}
        Mine: {Type: SNS, Properties: {Topic: !Ref N, SqsSubscription: {QueueArn: !GetAtt Q.Arn, QueueUrl: !Ref Q, BatchSize: 5}}}
        Queue: {Type: SQS, Properties: {Queue: !GetAtt Q.Arn, BatchSize: 10}}
        Stream: {Type: Kinesis, Properties: {Stream: 'arn:aws:kinesis:x:1:stream/s', StartingPosition: LATEST}}
        Table: {Type: DynamoDB, Properties: {Stream: 'arn:aws:dynamodb:x:1:table/t/stream/1', StartingPosition: LATEST}}
        Tick: {Type: Schedule, Properties: {Schedule: rate(1 day), Enabled: false, Name: n}}
        Dead: {Type: Schedule, Properties: {Schedule: rate(1 day), State: ENABLED, DeadLetterConfig: {Type: SQS}}}
        Late: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), DeadLetterConfig: {Type: SQS}}}
        Own: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), RoleArn: 'arn:aws:iam::1:role/r'}}
        Cloud: {Type: CloudWatchEvent, Properties: {Pattern: {source: [a]}, Input: '{}'}}
        Bridge: {Type: EventBridgeRule, Properties: {Pattern: {source: [a]}, EventBusName: b, DeadLetterConfig: {Arn: !GetAtt Q.Arn}}}
        Logs: {Type: CloudWatchLogs, Properties: {LogGroupName: g, FilterPattern: f}}
        Thing: {Type: IoTRule, Properties: {Sql: s}}
        Skill: {Type: AlexaSkill, Properties: {SkillId: amzn1.ask.skill.1}}
        AnySkill: {Type: AlexaSkill}
        Pool: {Type: Cognito, Properties: {UserPool: !Ref P, Trigger: PreSignUp}}
        Get: {Type: Api, Properties: {Path: '/a/{id}/', Method: get}}
        Post: {Type: HttpApi, Properties: {Path: '/a/{id}', Method: post}}
""",
    "kafka and brokers": """
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      Events:
        Managed: {Type: MSK, Properties: {Stream: 'arn:aws:kafka:x:1:cluster/c/1', StartingPosition: LATEST, Topics: [t]}}
        Broker:
          Type: MQ
          Properties:
            Broker: 'arn:aws:mq:x:1:broker:b:1'
            Queues: [q]
            SourceAccessConfigurations: [{Type: BASIC_AUTH, URI: 'arn:aws:secretsmanager:x:1:secret:s'}]
        Document:
          Type: DocumentDB
          Properties:
            Cluster: 'arn:aws:rds:x:1:cluster:c'
            DatabaseName: d
            StartingPosition: LATEST
            SourceAccessConfigurations: [{Type: BASIC_AUTH, URI: 'arn:aws:secretsmanager:x:1:secret:s'}]
  G:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      Events:
        Own:
          Type: SelfManagedKafka
          Properties:
            KafkaBootstrapServers: [a.b.c]
            Topics: [t]
            SourceAccessConfigurations: [{Type: SASL_SCRAM_512_AUTH, URI: 'arn:aws:secretsmanager:x:1:secret:s'}]
        Failing:
          Type: DynamoDB
          Properties:
            Stream: 'arn:aws:dynamodb:x:1:table/t/stream/1'
            StartingPosition: LATEST
            DestinationConfig: {OnFailure: {Type: SQS, Destination: 'arn:aws:sqs:x:1:q'}}
""",
    "APIs": """
Parameters: {Stage: {Type: String, Default: dev}}
Resources:
  A:
    Type: AWS::Serverless::Api
    Properties: {StageName: v1, TracingEnabled: true, CacheClusterEnabled: true, Variables: {a: b}, Tags: {t: u}, Name: n}
  B:
    Type: AWS::Serverless::Api
    Properties:
      StageName: !Ref Stage
      AccessLogSetting: {DestinationArn: 'arn:aws:logs:x:1:log-group:g', Format: f}
      MethodSettings: [{ResourcePath: /*, HttpMethod: '*', CachingEnabled: true, CacheDataEncrypted: false}]
  C:
    Type: AWS::Serverless::Api
    Properties: {StageName: my-stage, EndpointConfiguration: REGIONAL}
  H:
    Type: AWS::Serverless::HttpApi
    Properties: {StageName: v1, AccessLogSettings: {DestinationArn: 'arn:aws:logs:x:1:log-group:g', Format: f}}
  I:
    Type: AWS::Serverless::HttpApi
    Properties: {FailOnWarnings: true}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      Events:
        A1: {Type: Api, Properties: {RestApiId: !Ref A, Path: /x, Method: GET}}
        B1: {Type: Api, Properties: {RestApiId: !Ref B, Path: /, Method: any}}
        C1: {Type: Api, Properties: {RestApiId: !Ref C, Path: '/{proxy+}', Method: any}}
        H1: {Type: HttpApi, Properties: {ApiId: !Ref H, Path: /x, Method: GET}}
        I1: {Type: HttpApi, Properties: {ApiId: !Ref I}}
        I2: {Type: HttpApi, Properties: {ApiId: !Ref I, Path: '/{other+}', Method: GET}}
  G:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      Events:
        Default: {Type: HttpApi}
        Other: {Type: HttpApi, Properties: {Path: /x, Method: get, RouteSettings: {ThrottlingRateLimit: 1}}}
""",
    "authorizers": """
Resources:
  A:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      Auth: {DefaultAuthorizer: L, Authorizers: {L: {FunctionArn: !GetAtt F.Arn}}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      Events:
        A1: {Type: Api, Properties: {RestApiId: !Ref A, Path: /x, Method: GET}}
""",
    "state machines": """
Resources:
  S:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: s.asl.json
      DefinitionSubstitutions: {F: !GetAtt F.Arn}
      Name: n
      Type: EXPRESS
      Logging: {Level: ALL, IncludeExecutionData: true}
      Tracing: {Enabled: true}
      Policies:
        - LambdaInvokePolicy: {FunctionName: !Ref F}
        - AmazonS3ReadOnlyAccess
      Events:
        Tick: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
        Own: {Type: Schedule, Properties: {Schedule: rate(1 day), RoleArn: 'arn:aws:iam::1:role/r'}}
        Rule: {Type: EventBridgeRule, Properties: {Pattern: {source: [a]}, DeadLetterConfig: {Type: SQS}}}
        Late: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day)}}
        Get: {Type: Api, Properties: {Path: /s, Method: get}}
  R:
    Type: AWS::Serverless::StateMachine
    Properties: {Definition: {StartAt: a, States: {a: {Type: Pass, End: true}}}, Role: 'arn:aws:iam::123456789012:role/x'}
  F:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: a.b}
""",
    "tables": """
Resources:
  A: {Type: AWS::Serverless::SimpleTable}
  B:
    Type: AWS::Serverless::SimpleTable
    Properties:
      PrimaryKey: {Name: k, Type: String}
      ProvisionedThroughput: {ReadCapacityUnits: 1, WriteCapacityUnits: 1}
      Tags: {a: b}
      SSESpecification: {SSEEnabled: true}
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
  C:
    Type: AWS::Serverless::SimpleTable
    Properties: {PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: false}}
""",
    "applications": """
Resources:
  A:
    Type: AWS::Serverless::Application
    Properties: {Location: ./child.yaml, Parameters: {P: q}, TimeoutInMinutes: 5}
  B:
    Type: AWS::Serverless::SimpleTable
""",
    "connectors": """
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: a.b}
    Connectors:
      Table: {Properties: {Destination: {Id: T}, Permissions: [Read, Write]}}
  T: {Type: AWS::Serverless::SimpleTable}
  N: {Type: AWS::SNS::Topic}
  C:
    Type: AWS::Serverless::Connector
    Properties: {Source: {Id: F}, Destination: {Id: N}, Permissions: [Write]}
""",
    "GraphQL": """
Resources:
  A:
    Type: AWS::Serverless::GraphQLApi
    Properties:
      SchemaInline: 'type Query { a: String }'
      XrayEnabled: true
      Auth: {Type: AWS_IAM}
""",
    "tags passed on": """
Resources:
  N: {Type: AWS::SNS::Topic}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      Tags: {a: b}
      PropagateTags: true
      EventInvokeConfig: {DestinationConfig: {OnFailure: {Type: SQS}}}
      Events:
        Queued: {Type: SNS, Properties: {Topic: !Ref N, SqsSubscription: true}}
        Get: {Type: Api, Properties: {Path: /, Method: get}}
""",
    "names that several share": """
Resources:
  N: {Type: AWS::SNS::Topic}
  M: {Type: AWS::SNS::Topic}
  Q: {Type: AWS::SQS::Queue}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      Events:
        B: {Type: SNS, Properties: {Topic: !Ref N, SqsSubscription: {QueueArn: !GetAtt Q.Arn, QueueUrl: !Ref Q, QueuePolicyLogicalId: P}}}
        A: {Type: SNS, Properties: {Topic: !Ref M, SqsSubscription: {QueueArn: !GetAtt Q.Arn, QueueUrl: !Ref Q, QueuePolicyLogicalId: P}}}
        Tick: {Type: Schedule, Properties: {Schedule: rate(1 day), DeadLetterConfig: {Type: SQS, QueueLogicalId: Dead}}}
        Tock: {Type: Schedule, Properties: {Schedule: rate(2 days), DeadLetterConfig: {Type: SQS, QueueLogicalId: Dead}}}
""",
    "images": """
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {PackageType: Image, Architectures: [arm64]}
    Metadata: {Dockerfile: Dockerfile, DockerContext: ., DockerTag: t}
""",
}
