"""`python -m fsbp_lsp.dev schemas FOLDER`: cut the providers' schemas down to the resource types in use.

FOLDER holds the full ones (`terraform-aws-VERSION.schema.json.gz` in two versions, `cloudformation.schema.json.gz`);
the committed result in tests/schemas has the same form:

Terraform: {meta, resources: {type: block}, data_sources: {type: block}}, where a block is {attributes: {name:
{type: cty type, optional|required|computed}}, blocks: {name: {nesting, min, max, attributes, blocks}}}.
CloudFormation: {meta, resources: {type: {props, defs, required, read_only, create_only}}}, where a property is
a type name, `#Def`, or {type, props, items, values, enum, anyOf, …}.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import json
import os
from typing import Any

from fsbp_lsp.dev import inventory

FOLDER = os.path.join(inventory.ROOT, "tests", "schemas")
TERRAFORM = ("terraform-aws-5.100.0", "terraform-aws-6.25.0")
CLOUDFORMATION = "cloudformation"

_TERRAFORM_KEYS = {"attributes", "blocks", "type", "optional", "required", "computed", "nesting", "min", "max", "nested"}
_CLOUDFORMATION_KEYS = ("props", "defs", "required", "read_only", "create_only")


def cut_terraform(full: dict[str, Any], types: list[str]) -> dict[str, Any]:
    """The schema with only these types, and only what a reader of source can need."""
    return {
        "meta": {key: full["meta"][key] for key in ("provider", "provider_version", "source")},
        "resources": {name: _block(full["resources"][name]) for name in types if name in full["resources"]},
        "data_sources": {name: _block(full["data_sources"][name]) for name in types if name in full["data_sources"]},
    }


def _block(block: dict[str, Any]) -> dict[str, Any]:
    cut = {key: value for key, value in block.items() if key in _TERRAFORM_KEYS}
    if "attributes" in cut:
        cut["attributes"] = {
            name: {key: value for key, value in attribute.items() if key in _TERRAFORM_KEYS}
            for name, attribute in cut["attributes"].items()
        }
    if "blocks" in cut:
        cut["blocks"] = {name: _block(inner) for name, inner in cut["blocks"].items() if name != "timeouts"}
    return cut


def cut_cloudformation(full: dict[str, Any], types: list[str]) -> dict[str, Any]:
    """The schema with only these types."""
    return {
        "meta": {key: full["meta"][key] for key in ("source", "cfn_lint")},
        "resources": {
            name: {key: resource[key] for key in _CLOUDFORMATION_KEYS if key in resource}
            for name in types
            if (resource := full["resources"].get(name)) is not None
        },
    }


@functools.cache
def read(name: str) -> dict[str, Any]:
    """A committed schema. Raises FileNotFoundError where there is no checkout."""
    with open(os.path.join(FOLDER, f"{name}.json"), encoding="utf-8") as file:
        schema: dict[str, Any] = json.load(file)
    return schema


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m fsbp_lsp.dev schemas", description=__doc__)
    parser.add_argument("folder", metavar="FOLDER", help="where the full schemas are")
    source = parser.parse_args(arguments).folder
    types = inventory.types()
    os.makedirs(FOLDER, exist_ok=True)
    missing = set(types)
    for name in (*TERRAFORM, CLOUDFORMATION):
        with gzip.open(os.path.join(source, f"{name}.schema.json.gz"), "rt", encoding="utf-8") as packed:
            full = json.load(packed)
        cut = cut_cloudformation(full, types) if name == CLOUDFORMATION else cut_terraform(full, types)
        missing -= {*cut["resources"], *cut.get("data_sources", ())}
        with open(os.path.join(FOLDER, f"{name}.json"), "w", encoding="utf-8", newline="\n") as out:
            # One type per line: a diff names the types that changed.
            out.write(_by_line(cut))
    for type in sorted(missing):
        print(f"{type}: in no schema")
    return 1 if missing else 0


def _by_line(cut: dict[str, Any]) -> str:
    def compact(value: Any) -> str:
        return json.dumps(value, sort_keys=True, separators=(",", ":"))

    sections = []
    for section in sorted(cut):
        if section == "meta":
            sections.append(f'"meta":{compact(cut["meta"])}')
        else:
            rows = ",\n".join(f'"{name}":{compact(cut[section][name])}' for name in sorted(cut[section]))
            sections.append(f'"{section}":{{\n{rows}\n}}')
    return "{" + ",\n".join(sections) + "}\n"
