"""Templates as text, and short ways to ask about them."""

from __future__ import annotations

import textwrap

from fsbp_lsp.cloudformation.load import template_of
from fsbp_lsp.cloudformation.template import Template
from fsbp_lsp.model.path import parse_path
from fsbp_lsp.model.resource import read_path
from fsbp_lsp.values import Map, Seq, Value


def template(text: str, path: str = "t.yaml") -> Template:
    found = template_of(path, textwrap.dedent(text).lstrip("\n").encode())
    assert found is not None, "not taken for a template"
    return found


def value(text: str, at: str = "V", resource: str = "R") -> Value:
    """The property `at` of a resource in a whole template."""
    found = template(text).get(resource)
    assert found is not None
    return read_path(found.config, parse_path(at))


def property_(written: str, rest: str = "") -> Value:
    """The value of one property `V` written as `written`, beside other sections in `rest`."""
    body = textwrap.indent(textwrap.dedent(written).strip("\n"), "      ")
    text = textwrap.dedent(rest).strip("\n") + "\nResources:\n  R:\n    Type: AWS::X::Y\n    Properties:\n" + body + "\n"
    text += "  Other:\n    Type: AWS::S3::Bucket\n  Custom:\n    Type: Custom::Thing\n"
    return value(text)


def plain(found: Value) -> object:
    """A value as bare data: a list of possibilities when there are several."""
    options = [_plain(option) for option in found.options]
    return options[0] if len(options) == 1 else ("or", *options)


def _plain(datum: object) -> object:
    if isinstance(datum, Map):
        inner: dict[object, object] = {name: plain(entry) for name, entry in datum.entries.items()}
        return {**inner, ...: ...} if datum.open else inner
    if isinstance(datum, Seq):
        items = [plain(item) for item in datum.items]
        return [*items, ...] if datum.open else items
    return datum


def count(found: Value) -> int:
    """Values below, to prove that walking ends."""
    total = 1
    for option in found.options:
        if isinstance(option, Map):
            total += sum(count(entry) for entry in option.entries.values())
        elif isinstance(option, Seq):
            total += sum(count(item) for item in option.items)
    return total
