"""What the other serverless resources become: tables, layers, state machines, applications, APIs."""

from __future__ import annotations

from fsbp_lsp.cloudformation.sam_events import MADE, Event, events_of
from fsbp_lsp.cloudformation.sam_parts import Draft, Source, Spelling, fixed, given, literal, mapping, reference
from fsbp_lsp.cloudformation.sam_policies import Role, assume_role, may_pass_tags, propagated, statement, tags_of
from fsbp_lsp.cloudformation.sam_requests import IMPLICIT_API, IMPLICIT_HTTP_API, api_of, stage_id
from fsbp_lsp.cloudformation.sam_rules import add_rule, add_schedule
from fsbp_lsp.values import ABSENT, Map, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.cloudformation.sam_parts import Plan

_TABLE = frozenset({"PointInTimeRecoverySpecification", "ProvisionedThroughput", "SSESpecification", "TableName"})
_ATTRIBUTES = {"String": "S", "Number": "N", "Binary": "B"}
_LAYER = frozenset({"CompatibleArchitectures", "CompatibleRuntimes", "Description", "LayerName", "LicenseInfo"})
_APPLICATION = frozenset({"NotificationARNs", "Parameters", "TimeoutInMinutes"})
_MACHINE = {
    "Name": "StateMachineName",
    "Type": "StateMachineType",
    "Logging": "LoggingConfiguration",
    "Tracing": "TracingConfiguration",
}
_STAGE = {
    "StageName": "StageName",
    "AccessLogSetting": "AccessLogSetting",
    "CacheClusterEnabled": "CacheClusterEnabled",
    "CacheClusterSize": "CacheClusterSize",
    "CanarySetting": "CanarySetting",
    "MethodSettings": "MethodSettings",
    "TracingEnabled": "TracingEnabled",
    "Variables": "Variables",
}
_REST = frozenset({"ApiKeySourceType", "Description", "EndpointAccessMode", "FailOnWarnings", "MinimumCompressionSize", "Mode", "Name",
                   "SecurityPolicy"})  # fmt: skip
_HTTP_STAGE = {
    "StageName": "StageName",
    "StageVariables": "StageVariables",
    "AccessLogSettings": "AccessLogSettings",
    "DefaultRouteSettings": "DefaultRouteSettings",
    "RouteSettings": "RouteSettings",
    "Tags": "Tags",
}
_API_PARTS = frozenset(
    {
        "AWS::ApiGateway::ApiKey",
        "AWS::ApiGateway::BasePathMapping",
        "AWS::ApiGateway::DomainName",
        "AWS::ApiGateway::UsagePlan",
        "AWS::ApiGatewayV2::DomainName",
        "AWS::Lambda::Permission",
        "AWS::Route53::RecordSetGroup",
    }
)


def _respelled(names: dict[str, str], same: frozenset[str] = frozenset()) -> Spelling:
    return Spelling(same, {(there,): (here,) for here, there in names.items()})


def _renamed(source: Source, names: dict[str, str]) -> dict[str, Value]:
    return {there: source.get(here) for here, there in names.items() if source.written(here)}


def _list_of_tags(source: Source) -> dict[str, Value]:
    """SAM keeps tags as a mapping, most resources want a list."""
    if not source.written("Tags"):
        return {}
    value = source.get("Tags")
    written = mapping(value)
    if written is None or written.open:
        return {"Tags": Value.unknown(value.at, "tags that are not written out")}
    at = value.at or source.at
    return {"Tags": fixed([{"Key": name, "Value": entry} for name, entry in written.entries.items()], at)}


def table(plan: Plan, source: Source) -> None:
    """`AWS::Serverless::SimpleTable` is a table with one key, on demand unless it says otherwise."""
    at = source.at
    made = {**source.passed(_TABLE), **_list_of_tags(source)}
    key = source.get("PrimaryKey")
    written = mapping(key)
    if key.options == (ABSENT,):
        name, kind = fixed("id", at), fixed("S", at)
    elif written is not None:
        name, said = written.get("Name"), literal(written.get("Type"))
        known = _ATTRIBUTES.get(said) if isinstance(said, str) else None
        kind = fixed(known, at) if known else Value.unknown(key.at)
    else:
        name = kind = Value.unknown(key.at)
    made["AttributeDefinitions"] = fixed([{"AttributeName": name, "AttributeType": kind}], at)
    made["KeySchema"] = fixed([{"AttributeName": name, "KeyType": "HASH"}], at)
    if not source.written("ProvisionedThroughput"):
        made["BillingMode"] = fixed("PAY_PER_REQUEST", at) if not source.body.open else Value.unknown(at)
    plan.add(source, Draft("AWS::DynamoDB::Table", source.id, at, made, open=source.body.open, spelling=Spelling(_TABLE)))


def layer(plan: Plan, source: Source) -> None:
    """`AWS::Serverless::LayerVersion`; the real name ends in a hash."""
    made = source.passed(_LAYER)
    made.setdefault("LayerName", fixed(source.id, source.at) if not source.body.open else Value.unknown(source.at))
    made["Content"] = Value((Map({}, True),), source.get("ContentUri").at or source.at)
    plan.add(source, Draft("AWS::Lambda::LayerVersion", source.id, source.at, made, open=source.body.open, spelling=Spelling(_LAYER)))


def application(plan: Plan, source: Source) -> None:
    """`AWS::Serverless::Application` is a nested stack."""
    made = source.passed(_APPLICATION)
    where = source.get("Location")
    made["TemplateURL"] = where if isinstance(literal(where), str) else Value.unknown(where.at, "an application of the repository")
    made["Tags"] = Value.unknown(source.at, "put together by the transform")
    plan.add(
        source, Draft("AWS::CloudFormation::Stack", source.id, source.at, made, open=source.body.open, spelling=Spelling(_APPLICATION))
    )


# State machines


def state_machine(plan: Plan, source: Source) -> None:
    at = source.at
    made = _renamed(source, _MACHINE)
    made["Tags"] = tags_of(source)
    for name in ("DefinitionString", "DefinitionS3Location", "DefinitionSubstitutions"):
        if name != "DefinitionSubstitutions" or source.written("Definition") or source.written(name) or source.body.open:
            made[name] = Value.unknown(at, "put together by the transform")
    role = Role(source, fixed(assume_role("states.amazonaws.com"), at))
    own = source.get("Role")
    if source.written("Role"):
        made["RoleArn"] = own
    else:
        made["RoleArn"] = reference(role.id, at, "Arn") if not source.body.open else Value.unknown(at)
        role.take(source.get("Policies"))
        tracing = mapping(source.get("Tracing"))
        if tracing is not None and literal(tracing.get("Enabled")) is True:
            role.manage("AWSXrayWriteOnlyAccess")
        elif source.written("Tracing") and (tracing is None or literal(tracing.get("Enabled")) is None):
            role.managed_open = True
    made = propagated(source, made)
    plan.add(source, Draft("AWS::StepFunctions::StateMachine", source.id, at, made, open=source.body.open, spelling=_respelled(_MACHINE)))
    if not source.written("Role"):
        plan.add(source, role.draft(certain=not source.body.open))
    if source.written("AutoPublishAlias"):
        plan.unseen.update(("AWS::StepFunctions::StateMachineAlias", "AWS::StepFunctions::StateMachineVersion"))
    aliased = source.written("UseAliasAsEventTarget") or source.doubtful("UseAliasAsEventTarget")
    target = Value.unknown(at) if aliased else reference(source.id, at)
    for event in events_of(plan, source):
        _machine_event(plan, source, event, target)


def _machine_event(plan: Plan, source: Source, event: Event, target: Value) -> None:
    id = f"{event.id}Role"
    start = (f"{id}StartExecutionPolicy", statement("states:StartExecution", target))
    if event.type == "ScheduleV2":
        add_schedule(plan, event, target, (f"{event.id}StartExecutionPolicy", start[1]))
        return
    if event.type not in ("Schedule", "CloudWatchEvent", "EventBridgeRule", "Api"):
        plan.unseen.update(MADE)
        return
    own = event.get("RoleArn") if event.type == "Schedule" and event.has("RoleArn") else None
    if own is None:
        service = "apigateway.amazonaws.com" if event.type == "Api" else "events.amazonaws.com"
        made = {"AssumeRolePolicyDocument": fixed(assume_role(service), event.at)}
        made["Policies"] = fixed([{"PolicyName": start[0], "PolicyDocument": start[1]}], event.at)
        if source.written("PermissionsBoundary"):
            made["PermissionsBoundary"] = source.get("PermissionsBoundary")
        certain = event.type != "Schedule" or not event.body.open
        plan.add(source, Draft("AWS::IAM::Role", id, event.at, propagated(source, made), open=source.body.open, certain=certain))
    if event.type != "Api":
        add_rule(plan, event, target, reference(id, event.at, "Arn") if own is None else own)


# APIs


def rest_api(plan: Plan, source: Source) -> None:
    """`AWS::Serverless::Api`: a REST API with one stage. What its definition holds is not followed."""
    at = source.at
    made: dict[str, Value] = source.passed(_REST)
    plan.add(source, Draft("AWS::ApiGateway::RestApi", source.id, at, made, open=True, spelling=Spelling(_REST)))
    _stage(plan, source, source.get("StageName"))
    _api_parts(plan, source)


def _stage(plan: Plan, source: Source, name: Value) -> None:
    stage = literal(name)
    made = {**_renamed(source, _STAGE), **_list_of_tags(source)}
    made["StageName"] = name
    made["RestApiId"] = reference(source.id, source.at)
    made["DeploymentId"] = Value.unknown(source.at, "made anew for every change of the definition")
    id = f"{source.id}{stage_id(stage)}Stage" if isinstance(stage, str) and stage.isalnum() else f"{source.id}Stage"
    if isinstance(stage, str) and not stage.isalnum():
        id += stage_id(stage)
    plan.add(source, Draft("AWS::ApiGateway::Stage", id, source.at, made, open=source.body.open, spelling=_respelled(_STAGE)))


def _api_parts(plan: Plan, source: Source) -> None:
    """Authorizers, domains and usage plans make more resources."""
    if any(source.written(name) or source.doubtful(name) for name in ("Auth", "Domain", "UsagePlan")):
        plan.unseen.update(_API_PARTS)


def http_api(plan: Plan, source: Source) -> None:
    """`AWS::Serverless::HttpApi`: an HTTP API, with a stage when anything is said about one."""
    made: dict[str, Value] = source.passed(frozenset({"FailOnWarnings"}))
    plan.add(source, Draft("AWS::ApiGatewayV2::Api", source.id, source.at, made, open=True))
    _http_stage(plan, source)
    _api_parts(plan, source)


def _http_stage(plan: Plan, source: Source) -> None:
    at = source.at
    made = _renamed(source, _HTTP_STAGE)
    made["ApiId"] = reference(source.id, at)
    made["AutoDeploy"] = fixed(True, at)
    # Tags of the API are put on the stage, with one of the transform's own.
    made["Tags"] = Value.unknown(at, "put together by the transform")
    if plan.route_settings:
        made["RouteSettings"] = Value.unknown(at, "events add their own")
    name = source.get("StageName")
    stage = literal(name) if source.written("StageName") else "$default"
    if not source.written("StageName"):
        made["StageName"] = fixed("$default", at) if not source.body.open else Value.unknown(at)
    if stage == "$default":
        id = f"{source.id}ApiGatewayDefaultStage"
    elif isinstance(stage, str) and stage.isalnum():
        id = f"{source.id}{stage}Stage"
    else:
        id = f"{source.id}Stage{stage_id(stage) if isinstance(stage, str) else ''}"
    plan.add(source, Draft("AWS::ApiGatewayV2::Stage", id, at, given(made), open=source.body.open, spelling=_respelled(_HTTP_STAGE)))


def implicit_apis(plan: Plan, shared: Callable[[str], Map]) -> None:
    """The API that events without one of their own belong to; it exists when one of them does.

    shared: what `Globals` says for a type.
    """
    for type, id in (("Api", IMPLICIT_API), ("HttpApi", IMPLICIT_HTTP_API)):
        if id in plan.sources:
            continue
        events: list[Event] = []
        for found in plan.events.values():
            events.extend(event for event in found if event.type == type and api_of(plan, event)[0] == id)
        if events:
            _implicit(plan, type, id, events, shared(f"AWS::Serverless::{type}"))


def _implicit(plan: Plan, type: str, id: str, events: list[Event], body: Map) -> None:
    first = next((event for event in events if not event.source.conditional), events[0])
    certain = not first.source.conditional
    source = Source(first.source.resource, id, body, first.at)
    if type == "Api":
        made: dict[str, Value] = source.passed(_REST)
        plan.add(first.source, Draft("AWS::ApiGateway::RestApi", id, first.at, made, open=True, certain=certain, alone=True))
        stage = {**_renamed(source, _STAGE), **_list_of_tags(source)}
        stage["StageName"] = fixed("Prod", first.at)
        stage["RestApiId"] = reference(id, first.at)
        stage["DeploymentId"] = Value.unknown(first.at, "made anew for every change of the definition")
        if any(may_pass_tags(event.source) for event in events):
            stage["Tags"] = Value.unknown(first.at, "tags of the functions may be passed on")
        plan.add(
            first.source,
            Draft("AWS::ApiGateway::Stage", f"{id}ProdStage", first.at, stage, open=source.body.open, certain=certain, alone=True),
        )
    else:
        plan.add(first.source, Draft("AWS::ApiGatewayV2::Api", id, first.at, {}, open=True, certain=certain, alone=True))
        _implicit_http_stage(plan, first, source, certain)
    _api_parts(plan, source)


def _implicit_http_stage(plan: Plan, first: Event, source: Source, certain: bool) -> None:
    made = _renamed(source, _HTTP_STAGE)
    made["ApiId"] = reference(source.id, first.at)
    made["AutoDeploy"] = fixed(True, first.at)
    made["Tags"] = Value.unknown(first.at, "put together by the transform")
    if plan.route_settings:
        made["RouteSettings"] = Value.unknown(first.at, "events add their own")
    made["StageName"] = fixed("$default", first.at)
    id = f"{source.id}ApiGatewayDefaultStage"
    plan.add(
        first.source,
        Draft("AWS::ApiGatewayV2::Stage", id, first.at, given(made), open=source.body.open, certain=certain, alone=True),
    )


def graphql_api(plan: Plan, source: Source) -> None:
    """`AWS::Serverless::GraphQLApi`: only the API itself; what it logs to and resolves with is not followed."""
    made: dict[str, Value] = {}
    if source.written("XrayEnabled"):
        made["XrayEnabled"] = source.get("XrayEnabled")
    auth = mapping(source.get("Auth"))
    if auth is not None and "Type" in auth.entries:
        made["AuthenticationType"] = auth.entries["Type"]
    spelling = Spelling(frozenset({"XrayEnabled"}), {("AuthenticationType",): ("Auth", "Type")})
    plan.add(source, Draft("AWS::AppSync::GraphQLApi", source.id, source.at, made, open=True, spelling=spelling))
    plan.unseen.update(
        ("AWS::AppSync::ApiCache", "AWS::AppSync::ApiKey", "AWS::AppSync::DataSource", "AWS::IAM::Role", "AWS::IAM::ManagedPolicy")
    )
