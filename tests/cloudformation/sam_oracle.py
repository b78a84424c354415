"""Translates SAM templates with aws-sam-translator, and compares what it makes with what our translation makes.

The translator is never asked for anything outside the template: names of managed policies come from its own list, the
region from the environment set here.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import yaml

from fsbp_lsp.cloudformation.load import template_of
from fsbp_lsp.cloudformation.template import Template
from fsbp_lsp.controls import registry
from fsbp_lsp.values import ABSENT, UNKNOWN, Map, Ref, Seq, Text, Value, known

_LOCAL = ("CodeUri", "ContentUri", "DefinitionUri")
_HASHED = ("AWS::Lambda::LayerVersion", "AWS::Lambda::Version")
"""What the translator gives a name that ends in a hash of the content."""


class Rejected(Exception):
    """The translator does not accept the template."""


def translated(tree: dict[str, Any]) -> Template:
    """The template that aws-sam-translator makes, read as plain CloudFormation."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    source = _packaged(json.loads(json.dumps(tree)))
    if any(one.get("Type") == "AWS::Serverless::Application" and _stored(one) for one in source["Resources"].values()):
        raise Rejected("an application of the Serverless Application Repository is asked for over the network")
    try:
        made = Translator({}, Parser()).translate(sam_template=source, parameter_values={})
    except InvalidDocumentException as error:
        raise Rejected(error.message) from error
    except (TypeError, AttributeError, KeyError, ValueError) as error:  # what a transform says to what it did not expect
        raise Rejected(repr(error)) from error
    found = template_of("translated.json", json.dumps(made).encode())
    assert found is not None
    return found


class _Loader(yaml.SafeLoader):
    """Plain data with the types YAML gives it; functions in their long form, dates as text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _function(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]  # the third kind of node
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _function)


def _stored(resource: dict[str, Any]) -> bool:
    return not isinstance(resource.get("Properties", {}).get("Location"), str)


def tree_of(text: str) -> dict[str, Any]:
    """A template in YAML as plain data. Raises Rejected when it is no YAML."""
    try:
        tree: dict[str, Any] = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise Rejected(str(error)) from error
    return tree


def _packaged(tree: dict[str, Any]) -> dict[str, Any]:
    """As `sam package` leaves it: local paths replaced by places in a bucket."""
    for section in (*tree.get("Resources", {}).values(), *tree.get("Globals", {}).values()):
        properties = section.get("Properties", section) if isinstance(section, dict) else None
        if not isinstance(properties, dict):
            continue
        for name in _LOCAL:
            if isinstance(properties.get(name), str) and not properties[name].startswith("s3://"):
                properties[name] = "s3://bucket/key"
        kind = section.get("Type")
        if kind == "AWS::Serverless::Function" and not {"CodeUri", "InlineCode", "ImageUri"} & set(properties):
            if properties.get("PackageType") == "Image":
                properties["ImageUri"] = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/a:b"
            else:
                properties["CodeUri"] = "s3://bucket/key"
    return tree


# Verdicts


def verdicts(template: Template) -> dict[tuple[str, str, str], str]:
    """By (type, logical id, control): pass, fail, unknown or not-applicable."""
    found = {}
    context = registry.Context({}, {})
    for resource in template.resources:
        for control in registry.controls_for(resource.type):
            answer = control.check(control.subject(resource), context)
            if answer is registry.PASS:
                said = "pass"
            elif answer is registry.NOT_APPLICABLE:
                said = "not-applicable"
            else:
                said = "fail" if isinstance(answer, list) else "unknown"
            found[resource.type, resource.block, control.id] = said
    return found


# Configuration


class Comparison:
    """What the comparison of one template found.

    same/unknown: how many verdicts agree, how many ours leaves open. differences: in words, each a mistake.
    properties: (decided alike, left open) among the properties of what is made.
    """

    def __init__(self) -> None:
        self.same = 0
        self.unknown = 0
        self.differences: list[str] = []
        self.open: list[str] = []
        self.properties = [0, 0]


def compare(text: str, tree: dict[str, Any] | None = None) -> Comparison:
    """Our reading of a SAM template against that of its translation. Raises Rejected."""
    ours = template_of("template.yaml", text.encode())
    assert ours is not None
    theirs = translated(tree_of(text) if tree is None else tree)
    made = Comparison()
    unseen = ours.plan.unseen if ours.plan is not None else set()
    names = dict(_pairs(ours, theirs))
    mine, other = verdicts(ours), verdicts(theirs)
    for (type, id, control), said in other.items():
        here = mine.get((type, names.get((type, id), id), control))
        if here == said:
            made.same += 1
        elif here == "unknown" or (here is None and type in unseen):
            made.unknown += 1
            made.open.append(f"{control} {id}: {said}, left open")
        else:
            made.differences.append(f"{control} {type} {id}: ours {here}, the translation {said}")
    known_ids = {(type, names.get((type, id), id)) for type, id, _ in other}
    for (type, id, control), said in mine.items():
        if (type, id) not in known_ids and said == "fail":
            made.differences.append(f"{control} {type} {id}: ours {said}, but the translation has no such resource")
    for resource in theirs.resources:
        found = next(
            (one for one in ours.resources if one.type == resource.type and one.block == names.get((resource.type, resource.block))), None
        )
        if found is None:
            if resource.type not in unseen and not resource.type.startswith(("AWS::ApiGateway", "AWS::AppSync")):
                made.differences.append(f"{resource.type} {resource.block} is not made")
        else:
            _configs(
                made,
                f"{resource.type} {resource.block}",
                found.config,
                resource.config,
                {mine: theirs for (_, theirs), mine in names.items()},
            )
    wanted = {names[key] for key in names}
    for found in ours.resources:
        if found.block not in wanted and found.exists.name == "YES" and not found.type.startswith("AWS::Serverless::"):
            made.differences.append(f"{found.type} {found.block} is made by us alone")
    return made


def _pairs(ours: Template, theirs: Template) -> Iterator[tuple[tuple[str, str], str]]:
    """((type, logical id) in the translation, ours) of what is the same."""
    for resource in theirs.resources:
        for one in ours.resources:
            if one.type != resource.type:
                continue
            exact = one.block == resource.block
            hashed = resource.type in _HASHED and re.fullmatch(re.escape(one.block) + "[0-9a-f]{10}", resource.block)
            if exact or hashed:
                yield (resource.type, resource.block), one.block


def same_data(ours: Value, theirs: Value) -> list[str]:
    """What is different between two values, in words."""
    return [said for kind, said in _compare("", ours, theirs, {}) if kind == "different"]


def _configs(made: Comparison, where: str, ours: Value, theirs: Value, names: dict[str, str]) -> None:
    for kind, said in _compare(where, ours, theirs, names):
        if kind == "different":
            made.differences.append(said)
        else:
            made.properties[kind == "open"] += 1


def _compare(where: str, ours: Value, theirs: Value, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    mine, other = _one(ours), _one(theirs)
    if mine is UNKNOWN:
        yield "open", where
    elif isinstance(mine, Map) and isinstance(other, Map):
        for name in other.entries.keys() | mine.entries.keys():
            at = f"{where}.{name}"
            if name not in mine.entries:
                yield ("open" if mine.open else "different"), f"{at} is {theirs.child(name)!r} in the translation, not set by us"
            elif name not in other.entries:
                value = mine.entries[name]
                open_ = _one(value) is UNKNOWN or value.options == (ABSENT,) or (isinstance(value.only, Seq) and value.only.open)
                if value.only is not None:
                    yield ("open" if open_ else "different"), f"{at} is {value!r} by us, not set in the translation"
            else:
                yield from _compare(at, mine.entries[name], other.entries[name], names)
    elif isinstance(mine, Seq) or isinstance(other, Seq):
        left = mine.items if isinstance(mine, Seq) else (ours,)
        right = other.items if isinstance(other, Seq) else (theirs,)
        if isinstance(mine, Seq) and mine.open:
            yield "open", where
        elif len(left) != len(right):
            yield "different", f"{where} has {len(left)} elements by us, {len(right)} in the translation: {ours!r} {theirs!r}"
        else:
            for number, (a, b) in enumerate(zip(left, right, strict=True)):
                yield from _compare(f"{where}[{number}]", a, b, names)
    elif isinstance(mine, Text) and UNKNOWN in mine.parts:
        pattern = "".join(re.escape(_shown(part, {})) if part is not UNKNOWN else ".*" for part in mine.parts)
        yield ("open" if re.fullmatch(pattern, _shown(other, {})) else "different"), f"{where}: {ours!r} {theirs!r}"
    else:
        yield (
            ("same" if _shown(mine, names) == _shown(other, {}) else "different"),
            f"{where} is {ours!r} by us, {theirs!r} in the translation",
        )


def _one(value: Value) -> Any:
    return value.options[0] if len(value.options) == 1 else UNKNOWN


def _shown(datum: Any, names: dict[str, str]) -> str:
    if isinstance(datum, Ref):
        if datum.address == "AWS::Partition":
            # The translator knows where it deploys to.
            return "aws"
        return f"<{names.get(datum.address, datum.address)}.{datum.attribute}>"
    if isinstance(datum, Text):
        return "".join(_shown(part, names) for part in datum.parts)
    datum = known(datum)
    return str(datum).lower() if isinstance(datum, bool) else str(datum)
