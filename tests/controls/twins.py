"""The same source in the other notation of its dialect, and with what is written made unknowable."""

from __future__ import annotations

import json
from typing import Any

import yaml

from fsbp_lsp.cloudformation.load import read_document
from fsbp_lsp.syntax import hcl_tree as hcl
from fsbp_lsp.syntax.hcl import read_hcl
from fsbp_lsp.syntax.tree import Mapping, Node, Scalar, Sequence
from fsbp_lsp.text import Piece, SourceFile


class _Text(yaml.SafeLoader):
    """Scalars stay text, as in JSON templates people write; only merge keys mean anything."""


_Text.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag == "tag:yaml.org,2002:merge"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _intrinsic(loader: _Text, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]  # the third kind of node
    if suffix in ("Ref", "Condition"):
        return {suffix: value}
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{suffix}": value}


_Text.add_multi_constructor("!", _intrinsic)


def json_template(text: str) -> str:
    """A YAML template as JSON, in the long form of intrinsic functions."""
    return json.dumps(yaml.load(text, Loader=_Text), indent=2)


class NoTwin(ValueError):
    """The source uses something the other notation has no plain form for."""


def _source(data: bytes, expr: hcl.Expr) -> str:
    return data[expr.start : expr.end].decode()


def _expression(data: bytes, expr: hcl.Expr) -> Any:
    if isinstance(expr, hcl.Literal):
        if isinstance(expr.value, str):
            return expr.value.replace("${", "$${").replace("%{", "%%{")
        return expr.value
    if isinstance(expr, hcl.Tuple):
        return [_expression(data, item) for item in expr.items]
    if isinstance(expr, hcl.Object) and all(isinstance(key, hcl.Literal) for key, _value in expr.items):
        return {str(key.value): _expression(data, value) for key, value in expr.items if isinstance(key, hcl.Literal)}
    text = data[expr.start : expr.end]
    if b"<<" in text or b"#" in text or b"//" in text:
        raise NoTwin("a heredoc or comment inside an expression")
    return "${" + _source(data, expr) + "}"


def _body(data: bytes, body: hcl.Body, declares: bool = False) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, attribute in body.attributes.items():
        # The type of a variable is a keyword, which JSON writes as a string.
        made[name] = _source(data, attribute.expr) if name == "type" and declares else _expression(data, attribute.expr)
    for block in body.blocks:
        here = made
        for label in (block.type, *block.labels)[:-1]:
            here = here.setdefault(label, {})
        last = block.labels[-1] if block.labels else block.type
        here.setdefault(last, []).append(_body(data, block.body))
    return made


def json_configuration(text: str) -> str:
    """An HCL configuration as Terraform JSON. Raises NoTwin."""
    file = SourceFile("main.tf", text.encode())
    merged: dict[str, Any] = {}
    for piece, body in read_hcl(file).items:
        for block in body.blocks:
            here = merged
            for label in (block.type, *block.labels)[:-1]:
                here = here.setdefault(label, {})
            content = _body(piece.data, block.body, block.type == "variable")
            if block.labels:
                here[block.labels[-1]] = content
            elif block.type == "locals":
                here.setdefault("locals", {}).update(content)
            else:
                here.setdefault(block.type, []).append(content)
    return json.dumps(merged, indent=2)


def _literals(expr: hcl.Expr) -> list[tuple[int, int]]:
    if isinstance(expr, hcl.Literal):
        return [(expr.start, expr.end)]
    if isinstance(expr, hcl.Tuple):
        return [span for item in expr.items for span in _literals(item)]
    if isinstance(expr, hcl.Object):
        return [span for _key, value in expr.items for span in _literals(value)]
    if isinstance(expr, hcl.Call) and expr.name in ("jsonencode", "concat"):
        return [span for item in expr.args for span in _literals(item)]
    if isinstance(expr, hcl.Conditional):
        return [*_literals(expr.yes), *_literals(expr.no)]
    if isinstance(expr, hcl.Template):
        return [(expr.start, expr.end)]
    return []


def unknown_configuration(text: str) -> str:
    """Every literal of a resource or data source replaced by a variable without a default."""
    data = text.encode()
    spans: list[tuple[int, int]] = []

    def visit(base: int, body: hcl.Body) -> None:
        for attribute in body.attributes.values():
            spans.extend((base + start, base + end) for start, end in _literals(attribute.expr))
        for block in body.blocks:
            visit(base, block.body)

    for piece, body in read_hcl(SourceFile("main.tf", data)).items:
        for block in body.blocks:
            if block.type in ("resource", "data"):
                visit(piece.base, block.body)
            elif block.type in ("variable", "locals"):
                for attribute in block.body.attributes.values():
                    if block.type == "locals" or attribute.name == "default":
                        spans.extend((piece.base + start, piece.base + end) for start, end in _literals(attribute.expr))
    out, done = b"", 0
    for start, end in sorted(spans):
        out += data[done:start] + b"var.nobody_knows"
        done = end
    return (out + data[done:]).decode() + '\nvariable "nobody_knows" {}\n'


def unknown_template(text: str) -> str:
    """Every plain value below a resource's Properties, or in Globals, replaced by a parameter without a default; JSON comes out."""
    piece = Piece(SourceFile("t.json", text.encode()), 0, text.encode())
    root = read_document(piece).root

    def plain(node: Node) -> Any:
        if isinstance(node, Scalar):
            return node.value
        if isinstance(node, Sequence):
            return [plain(item) for item in node.items]
        assert isinstance(node, Mapping)
        return {key.text: plain(value) for key, value in node.pairs if isinstance(key, Scalar)}

    def hidden(node: Node) -> Any:
        if isinstance(node, Scalar):
            return {"Ref": "NobodyKnows"}
        if isinstance(node, Sequence):
            return [hidden(item) for item in node.items]
        assert isinstance(node, Mapping)
        names = [key.text for key, _value in node.pairs if isinstance(key, Scalar)]
        if names == ["Fn::If"]:
            ((_key, choice),) = node.pairs
            assert isinstance(choice, Sequence)
            condition, *branches = choice.items
            return {"Fn::If": [plain(condition), *(hidden(branch) for branch in branches)]}
        text = node.pairs[0][1] if names == ["Fn::Sub"] else None
        if isinstance(text, Scalar) and text.text.lstrip().startswith("{"):
            # A whole document as text: what it says is as literal as a mapping.
            return {"Ref": "NobodyKnows"}
        if len(names) == 1 and (names[0] == "Ref" or names[0].startswith("Fn::")):
            return plain(node)
        return {key.text: hidden(value) for key, value in node.pairs if isinstance(key, Scalar)}

    assert isinstance(root, Mapping)
    made = plain(root)
    resources = root.get("Resources")
    assert isinstance(resources, Mapping)
    for key, value in resources.pairs:
        properties = value.get("Properties") if isinstance(value, Mapping) else None
        if isinstance(key, Scalar) and isinstance(properties, Mapping):
            made["Resources"][key.text]["Properties"] = hidden(properties)
    shared = root.get("Globals")
    for key, value in shared.pairs if isinstance(shared, Mapping) else ():
        if isinstance(key, Scalar):
            made["Globals"][key.text] = hidden(value)
    parameters = made.setdefault("Parameters", {})
    for parameter in parameters.values():
        parameter.pop("Default", None)
        parameter.pop("AllowedValues", None)
    parameters["NobodyKnows"] = {"Type": "String"}
    return json.dumps(made, indent=2)
