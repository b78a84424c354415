"""Events by request: which API they belong to, and the permission that lets it call the function."""

from __future__ import annotations

import re

from fsbp_lsp.cloudformation.sam_events import permission
from fsbp_lsp.cloudformation.sam_parts import Draft, fixed, literal, named_resource, reference
from fsbp_lsp.cloudformation.sam_parts import arn as own_arn
from fsbp_lsp.values import UNKNOWN, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from fsbp_lsp.cloudformation.sam_events import Event, Target
    from fsbp_lsp.cloudformation.sam_parts import Plan

_PARAMETER = re.compile(r"\{[a-zA-Z0-9._-]+\+?\}")
_HTTP_PARAMETER = re.compile(r"\{(?:[a-zA-Z0-9._-]+|proxy\+)\}")
IMPLICIT_API = "ServerlessRestApi"
IMPLICIT_HTTP_API = "ServerlessHttpApi"
"""Logical ids of the APIs that events without one of their own belong to."""


def api_of(plan: Plan, event: Event) -> tuple[str, Value]:
    """(logical id of the API in this template or '', the value that names it) of an Api or HttpApi event."""
    http = event.type == "HttpApi"
    name, implicit = ("ApiId", IMPLICIT_HTTP_API) if http else ("RestApiId", IMPLICIT_API)
    if name not in event.body.entries:
        return ("", Value.unknown(event.at)) if event.body.open else (implicit, reference(implicit, event.at))
    value = event.get(name)
    return named_resource(value) or (value.raw if isinstance(value.raw, str) and value.raw in plan.types else ""), value


def _path_of(event: Event) -> tuple[Any, Any]:
    """(method, path) as they stand in the ARN of a permission; UNKNOWN where they are not written out."""
    method, path = literal(event.get("Method")), literal(event.get("Path"))
    verb: Any = UNKNOWN
    if isinstance(method, str):
        verb = "*" if method.lower() in ("any", "x-amazon-apigateway-any-method") else method.upper()
    route: Any = UNKNOWN
    if isinstance(path, str):
        if len(path) > 1 and path.endswith("/"):
            path = path[:-1]
        # A parameter of the path may be any text.
        route = (_HTTP_PARAMETER if event.type == "HttpApi" else _PARAMETER).sub("*", path)
    return verb, route


def rest_request(plan: Plan, event: Event, target: Target) -> None:
    """An `Api` event: every stage of the REST API may call the function for this method and path."""
    id, value = api_of(plan, event)
    suffix = "Prod" if id == IMPLICIT_API and id not in plan.sources else _stage_suffix(plan, id)
    verb, route = _path_of(event)
    arn = own_arn("execute-api", [value, "/*/", verb, route], event.at)
    permission(plan, event, target, "apigateway.amazonaws.com", suffix, SourceArn=arn)


def _stage_suffix(plan: Plan, api: str) -> str:
    if not api:
        return "AllStages"
    source = plan.sources.get(api)
    stage = literal(source.get("StageName")) if source is not None else None
    return stage_id(stage) if isinstance(stage, str) else "Stage"


def stage_id(stage: str) -> str:
    """The part of a logical id that names a stage; what is not letters and digits is hashed as SAM does it."""
    if stage.isalnum() or not stage:
        return stage
    import hashlib

    return hashlib.sha1(stage.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()[:10]


def http_request(plan: Plan, event: Event, target: Target) -> None:
    """An `HttpApi` event."""
    _, value = api_of(plan, event)
    plan.route_settings = plan.route_settings or event.has("RouteSettings")
    certain = True
    path = literal(event.get("Path"))
    if not event.has("Path") and not event.has("Method") and not event.body.open:
        parts: list[Any] = [value, "/*/*"]
    elif path == "$default":
        parts = [value, "/*/", _path_of(event)[0]]
    else:
        verb, route = _path_of(event)
        parts = [value, "/*/", verb, route]
        # A catch-all of the same function on the same API makes the others unnecessary.
        certain = not event.source.caught and _managed(plan, value)
    source = own_arn("execute-api", parts, event.at)
    made = {
        "Action": fixed("lambda:InvokeFunction", event.at),
        "FunctionName": target.name,
        "Principal": fixed("apigateway.amazonaws.com", event.at),
        "SourceArn": source,
    }
    plan.add(event.source, Draft("AWS::Lambda::Permission", f"{event.id}Permission", event.at, made, certain=certain))


def catches_all(events: list[Event]) -> bool:
    """One of them takes every request of its HTTP API."""
    return any(event.type == "HttpApi" and (literal(event.get("Path")) == "$default" or not event.has("Path")) for event in events)


def _managed(plan: Plan, api: Value) -> bool:
    """The API has no definition of its own, in which a catch-all may stand."""
    source = plan.sources.get(named_resource(api))
    return source is None or not (source.written("DefinitionBody") or source.doubtful("DefinitionBody"))
