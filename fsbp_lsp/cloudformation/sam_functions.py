"""What `AWS::Serverless::Function` becomes: the function, its role, alias and URL, what its events need."""

from __future__ import annotations

from fsbp_lsp.cloudformation.sam_events import Target, events_of
from fsbp_lsp.cloudformation.sam_parts import Draft, Spelling, called, fixed, given, literal, mapping, reference
from fsbp_lsp.cloudformation.sam_policies import Role, assume_role, may_pass_tags, propagated, statement, tags_of
from fsbp_lsp.cloudformation.sam_requests import catches_all
from fsbp_lsp.cloudformation.sam_triggers import add_event
from fsbp_lsp.values import ABSENT, Map, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.cloudformation.sam_events import Event
    from fsbp_lsp.cloudformation.sam_parts import Plan, Source

_SAME = frozenset(
    {
        "Architectures", "CodeSigningConfigArn", "Description", "DurableConfig", "Environment", "EphemeralStorage", "FileSystemConfigs",
        "FunctionName", "FunctionScalingConfig", "Handler", "ImageConfig", "KmsKeyArn", "Layers", "LoggingConfig", "MemorySize",
        "PackageType", "PublishToLatestPublished", "RecursiveLoop", "ReservedConcurrentExecutions", "Role", "Runtime",
        "RuntimeManagementConfig", "SnapStart", "TenancyConfig", "Timeout", "VpcConfig",
    }
)  # fmt: skip
_SPELLING = Spelling(
    _SAME,
    {
        ("TracingConfig", "Mode"): ("Tracing",),
        ("DeadLetterConfig", "TargetArn"): ("DeadLetterQueue", "TargetArn"),
    },
)
_URL_SPELLING = Spelling(frozenset(), {(name,): ("FunctionUrlConfig", name) for name in ("AuthType", "Cors", "InvokeMode")})
_DESTINATIONS = {
    "SQS": ("AWS::SQS::Queue", "Queue", "SQSPolicy", "sqs:SendMessage"),
    "SNS": ("AWS::SNS::Topic", "Topic", "SNSPolicy", "sns:publish"),
    "EventBridge": ("", "", "EventBridgePolicy", "events:PutEvents"),
    "Lambda": ("", "", "LambdaPolicy", "lambda:InvokeFunction"),
}
"""Kind of destination: (type and suffix of the resource made when no ARN is given, name and action of the role's policy)."""


def function(plan: Plan, source: Source) -> None:
    """Add all that one function becomes."""
    # A role of its own needs no other, which is still worked out: events add to it, whether it is used or not.
    role = _role(source)
    target = _function(plan, source, role)
    _url(plan, source, target)
    _destinations(plan, source, target)
    role.take(source.get("Policies"))
    events = events_of(plan, source)
    source.caught = catches_all(events)
    for event in sorted(events, key=_turn):
        add_event(plan, event, target)
    if source.get("Events").options != (ABSENT,) and mapping(source.get("Events")) is None:
        role.policies_open = role.managed_open = True
    _deployment(plan, source)
    written = source.body.entries.get("Role")
    if written is None or written.only is None:
        plan.add(source, role.draft(certain=not source.body.open))
    elif called(written.node) == "If" or any(option is ABSENT for option in written.options):
        plan.add(source, role.draft(certain=False))


def _turn(event: Event) -> str:
    """The transform takes events by path, others by name: it matters where two give one name to what they make."""
    path = literal(event.get("Path"))
    return path if isinstance(path, str) else event.name


def _role(source: Source) -> Role:
    trust = source.get("AssumeRolePolicyDocument")
    role = Role(source, trust if source.written("AssumeRolePolicyDocument") else fixed(assume_role("lambda.amazonaws.com"), source.at))
    durable = source.written("DurableConfig")
    role.manage("service-role/AWSLambdaBasicDurableExecutionRolePolicy" if durable else "service-role/AWSLambdaBasicExecutionRole")
    if source.written("Tracing"):
        mode = literal(source.get("Tracing"))
        if mode is None:
            role.managed_open = True
        elif mode != "Disabled":
            role.manage("AWSXrayWriteOnlyAccess")
    if source.written("VpcConfig"):
        role.manage("service-role/AWSLambdaVPCAccessExecutionRole")
    letters = mapping(source.get("DeadLetterQueue"))
    if letters is not None:
        action = {"SQS": "sqs:SendMessage", "SNS": "sns:Publish"}.get(str(literal(letters.get("Type"))))
        document = {**statement(action or "", letters.get("TargetArn")), "Version": "2012-10-17"}
        if action is None:
            role.policies_open = True
        else:
            role.allow("DeadLetterQueuePolicy", document)
    elif source.written("DeadLetterQueue"):
        role.policies_open = True
    return role


def _function(plan: Plan, source: Source, role: Role) -> Target:
    at = source.at
    made = source.passed(_SAME)
    made["Tags"] = tags_of(source)
    if not source.written("Role"):
        made["Role"] = reference(role.id, at, "Arn") if not source.body.open else Value.unknown(at)
    made["Code"] = _code(source)
    mode = source.get("Tracing")
    if source.written("Tracing") and literal(mode) != "Disabled":
        value = fixed({"Mode": mode}, mode.at or at)
        made["TracingConfig"] = value if literal(mode) is not None else Value.unknown(mode.at, "Tracing may be Disabled when deployed")
    letters = mapping(source.get("DeadLetterQueue"))
    if letters is not None:
        made["DeadLetterConfig"] = fixed({"TargetArn": letters.get("TargetArn")}, source.get("DeadLetterQueue").at or at)
    elif source.written("DeadLetterQueue"):
        made["DeadLetterConfig"] = Value.unknown(source.get("DeadLetterQueue").at, "DeadLetterQueue is not written out")
    if source.written("AutoPublishCodeSha256"):
        made["Description"] = Value.unknown(at, "the hash of the code is added to the description")
    if source.written("CapacityProviderConfig"):
        made["CapacityProviderConfig"] = Value.unknown(at, "put together by the transform")
    made = propagated(source, made)
    plan.add(source, Draft("AWS::Lambda::Function", source.id, at, made, open=source.body.open, spelling=_SPELLING))
    name, arn = reference(source.id, at), reference(source.id, at, "Arn")
    if not source.written("AutoPublishAlias"):
        if source.doubtful("AutoPublishAlias"):
            name = arn = Value.unknown(at, "an alias may be published")
            plan.unseen.update(("AWS::Lambda::Alias", "AWS::Lambda::Version"))
        return Target(name, arn, role)
    alias = literal(source.get("AutoPublishAlias"))
    version: dict[str, Value] = {"FunctionName": name}
    if source.written("VersionDescription"):
        version["Description"] = source.get("VersionDescription")
    if source.written("CapacityProviderConfig") and source.written("FunctionScalingConfig"):
        version["FunctionScalingConfig"] = source.get("FunctionScalingConfig")
    # Its real name ends in a hash of the code.
    plan.add(source, Draft("AWS::Lambda::Version", f"{source.id}Version", at, version, open=source.body.open))
    if not isinstance(alias, str):
        plan.unseen.add("AWS::Lambda::Alias")
        unknown = Value.unknown(at, "the name of the alias is decided when deployed")
        return Target(unknown, unknown, role)
    id = f"{source.id}Alias{alias.replace('-', 'D').replace('_', 'U')}"
    body = {"Name": source.get("AutoPublishAlias"), "FunctionName": name, "FunctionVersion": Value.unknown(at, "a published version")}
    if source.written("ProvisionedConcurrencyConfig"):
        body["ProvisionedConcurrencyConfig"] = source.get("ProvisionedConcurrencyConfig")
    plan.add(source, Draft("AWS::Lambda::Alias", id, at, body, open=source.body.open))
    return Target(reference(id, at), reference(id, at), role)


def _code(source: Source) -> Value:
    if source.written("InlineCode"):
        value = source.get("InlineCode")
        return Value((Map({"ZipFile": value}, True),), value.at or source.at)
    if source.written("ImageUri"):
        value = source.get("ImageUri")
        return Value((Map({"ImageUri": value}, True),), value.at or source.at)
    return Value((Map({}, True),), source.get("CodeUri").at or source.at)


def _url(plan: Plan, source: Source, target: Target) -> None:
    value = source.get("FunctionUrlConfig")
    if value.options == (ABSENT,):
        return
    config = mapping(value)
    at = source.body.keys.get("FunctionUrlConfig") or value.at or source.at
    if config is None:
        plan.unseen.update(("AWS::Lambda::Url", "AWS::Lambda::Permission"))
        return
    made: dict[str, Value] = {name: config.entries[name] for name in ("AuthType", "Cors", "InvokeMode") if name in config.entries}
    made["TargetFunctionArn"] = target.name
    plan.add(source, Draft("AWS::Lambda::Url", f"{source.id}Url", at, given(made), open=config.open, spelling=_URL_SPELLING))
    kind = config.get("AuthType")
    if literal(kind) == "NONE":
        everybody = {"FunctionName": target.name, "Principal": fixed("*", kind.at or at)}
        url = {"Action": fixed("lambda:InvokeFunctionUrl", at), "FunctionUrlAuthType": kind, **everybody}
        invoke = {"Action": fixed("lambda:InvokeFunction", at), "InvokedViaFunctionUrl": fixed(True, at), **everybody}
        plan.add(source, Draft("AWS::Lambda::Permission", f"{source.id}UrlPublicPermissions", at, url))
        plan.add(source, Draft("AWS::Lambda::Permission", f"{source.id}URLInvokeAllowPublicAccess", at, invoke))
    elif config.open and "AuthType" not in config.entries:
        plan.unseen.add("AWS::Lambda::Permission")


def _destinations(plan: Plan, source: Source, target: Target) -> None:
    """`EventInvokeConfig`: where the outcome of asynchronous calls goes."""
    value = source.get("EventInvokeConfig")
    if value.options == (ABSENT,):
        return
    config = mapping(value)
    at = source.body.keys.get("EventInvokeConfig") or value.at or source.at
    id = f"{source.id}EventInvokeConfig"
    alias = source.get("AutoPublishAlias")
    qualifier = alias if source.written("AutoPublishAlias") else fixed("$LATEST", at)
    made = {"FunctionName": reference(source.id, at), "Qualifier": qualifier}
    if config is None:
        plan.unseen.update(("AWS::SQS::Queue", "AWS::SNS::Topic"))
        target.role.policies_open = True
        plan.add(source, Draft("AWS::Lambda::EventInvokeConfig", id, at, made, open=True))
        return
    for name in ("MaximumEventAgeInSeconds", "MaximumRetryAttempts"):
        if name in config.entries:
            made[name] = config.entries[name]
    destinations = config.get("DestinationConfig")
    listed = mapping(destinations)
    if listed is not None:
        made["DestinationConfig"] = Value((Map({}, True),), destinations.at or at)
        for event in ("OnSuccess", "OnFailure"):
            if event in listed.entries:
                _destination(plan, source, target, f"{id}{event}", listed.entries[event])
    elif destinations.options != (ABSENT,):
        made["DestinationConfig"] = Value.unknown(destinations.at)
        plan.unseen.update(("AWS::SQS::Queue", "AWS::SNS::Topic"))
        target.role.policies_open = True
    else:
        made["DestinationConfig"] = fixed({}, at)
    plan.add(source, Draft("AWS::Lambda::EventInvokeConfig", id, at, given(made), open=config.open))


def _destination(plan: Plan, source: Source, target: Target, id: str, value: Value) -> None:
    body = mapping(value)
    kind = _DESTINATIONS.get(str(literal(body.get("Type")))) if body is not None else None
    if body is None or kind is None or body.open:
        plan.unseen.update(("AWS::SQS::Queue", "AWS::SNS::Topic"))
        target.role.policies_open = True
        return
    type, suffix, policy, action = kind
    at = value.at or source.at
    where = body.get("Destination")
    if where.options == (ABSENT,) and "Destination" not in body.entries and type:
        where = reference(f"{id}{suffix}", at, "Arn") if type == "AWS::SQS::Queue" else reference(f"{id}{suffix}", at)
        plan.add(source, Draft(type, f"{id}{suffix}", at, propagated(source, {})))
    elif called(where.node) == "If" or any(option is ABSENT for option in where.options):
        if type:
            plan.add(source, Draft(type, f"{id}{suffix}", at, propagated(source, {}), certain=False))
        where = Value.unknown(at)
    target.role.allow(f"{id}{policy}", statement(action, where))


def _deployment(plan: Plan, source: Source) -> None:
    """`DeploymentPreference`: a CodeDeploy application for the template, a group for the function, perhaps a role."""
    value = source.get("DeploymentPreference")
    if value.options == (ABSENT,):
        return
    config = mapping(value)
    at = source.body.keys.get("DeploymentPreference") or value.at or source.at
    if config is None:
        plan.unseen.add("AWS::IAM::Role")
        return
    enabled = config.get("Enabled")
    if literal(enabled) in (False, "false", "False"):
        return
    certain = (
        (enabled.options == (ABSENT,) or literal(enabled) is not None) and "PassthroughCondition" not in config.entries and not config.open
    )
    if "ServerlessDeploymentApplication" not in plan.ids:
        # Shared by all functions of the template, which may all pass their tags on.
        made = propagated(_tagging(plan, source), {"ComputePlatform": fixed("Lambda", at)})
        plan.add(source, Draft("AWS::CodeDeploy::Application", "ServerlessDeploymentApplication", at, made, certain=certain, alone=True))
    group = Draft("AWS::CodeDeploy::DeploymentGroup", f"{source.id}DeploymentGroup", at, {}, open=True, certain=certain, alone=True)
    plan.add(source, group)
    if "Role" not in config.entries and "CodeDeployServiceRole" not in plan.ids:
        made = {"AssumeRolePolicyDocument": fixed(assume_role("codedeploy.amazonaws.com"), at)}
        made["ManagedPolicyArns"] = Value.unknown(at, "chosen by the transform for the partition")
        made = propagated(_tagging(plan, source), made)
        plan.add(source, Draft("AWS::IAM::Role", "CodeDeployServiceRole", at, made, certain=certain, alone=True))


def _tagging(plan: Plan, source: Source) -> Source:
    return next((other for other in plan.sources.values() if may_pass_tags(other)), source)
