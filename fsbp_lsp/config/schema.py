"""The JSON schema of fsbp.toml, made from the declared keys, the catalogue and the parameters of controls."""

from __future__ import annotations

from fsbp_lsp import catalog
from fsbp_lsp.config.keys import ASSUMPTIONS, KEYS, LEVELS, META_LEVELS, SEVERITIES
from fsbp_lsp.config.read import item_types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from fsbp_lsp.config.keys import Key
    from fsbp_lsp.config.read import Parameter

_JSON_TYPES = {bool: "boolean", int: "integer", str: "string"}


def schema(parameters: Mapping[str, Sequence[Parameter]]) -> dict[str, Any]:
    """A draft-07 schema (what TOML editors read) for the keys of fsbp.toml and [tool.fsbp]."""
    ids = [entry.id for entry in catalog.all_controls()]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "fsbp-lsp settings",
        "description": "fsbp.toml, .fsbp.toml, or the table [tool.fsbp] of pyproject.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": {key.name: _property(key, parameters) for key in KEYS},
        "definitions": {
            "id": {
                "anyOf": [
                    {"enum": ids},
                    {"enum": sorted(catalog.GATE_SETS)},
                    {"type": "string", "pattern": "[*?\\[]", "description": "A glob over control ids, such as `S3.*`."},
                ]
            },
            "selector": {"anyOf": [{"$ref": "#/definitions/id"}, {"enum": list(SEVERITIES)}]},
            "level": {"enum": list(LEVELS)},
            "control": {
                "type": "object",
                "properties": {"level": {"$ref": "#/definitions/level"}},
                "additionalProperties": False,
            },
        },
    }


def _one_or_many(item: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [item, {"type": "array", "items": item}]}


def _property(key: Key, parameters: Mapping[str, Sequence[Parameter]]) -> dict[str, Any]:
    shape: dict[str, Any]
    if key.shape == "flag":
        shape = {"type": "boolean", "default": key.default == "true"}
    elif key.shape == "choice":
        shape = {"enum": list(key.choices), "default": key.default.strip('"')}
    elif key.shape == "path":
        shape = {"type": "string"}
    elif key.shape in ("patterns", "paths"):
        shape = _one_or_many({"type": "string"})
    elif key.name == "fail-on":
        shape = _one_or_many({"anyOf": [{"$ref": "#/definitions/selector"}, {"const": "none"}]})
    elif key.shape in ("ids", "selectors"):
        shape = _one_or_many({"$ref": f"#/definitions/{'id' if key.shape == 'ids' else 'selector'}"})
    elif key.name == "per-path-ignores":
        shape = {"type": "object", "additionalProperties": _one_or_many({"$ref": "#/definitions/id"})}
    elif key.name == "assume":
        properties = {item.name: {"type": "boolean", "description": item.help} for item in ASSUMPTIONS}
        shape = {"type": "object", "properties": properties, "additionalProperties": False}
    else:
        shape = {"type": "object", "properties": _controls(parameters), "additionalProperties": False}
    return {"description": key.help.replace("`", ""), **shape}


def _controls(parameters: Mapping[str, Sequence[Parameter]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for id in (*(entry.id for entry in catalog.all_controls()), *META_LEVELS):
        declared = parameters.get(id, ())
        if not declared:
            found[id] = {"$ref": "#/definitions/control"}
            continue
        found[id] = {
            "type": "object",
            "properties": {"level": {"$ref": "#/definitions/level"}, **{item.name: _parameter(item) for item in declared}},
            "additionalProperties": False,
        }
    return found


def _parameter(parameter: Parameter) -> dict[str, Any]:
    shape: dict[str, Any]
    if parameter.type is list:
        kinds = [_JSON_TYPES[kind] for kind in item_types(parameter)]
        shape = {"type": "array", "items": {"type": kinds[0] if len(kinds) == 1 else kinds}}
        if parameter.choices:
            shape["items"] = {"enum": list(parameter.choices)}
    elif parameter.choices:
        shape = {"enum": list(parameter.choices)}
    else:
        shape = {"type": _JSON_TYPES[parameter.type]}
    return {"description": parameter.help, "default": parameter.default, **shape}
