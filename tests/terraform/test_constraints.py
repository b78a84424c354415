"""Input variables: values converted to their type constraints as Terraform converts them."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from fsbp_lsp.terraform.data import plain
from fsbp_lsp.values import UNKNOWN

from .console import evaluate, need_terraform
from .memory import module, value_of
from .test_files import local

if TYPE_CHECKING:
    from pathlib import Path

ACCEPTED = [
    ("string", "1"),
    ("string", "true"),
    ("string", "null"),
    ("number", '"1.50"'),
    ("bool", '"true"'),
    ("any", '[1, "a"]'),
    ("any", "{ a = [1] }"),
    ("any", "null"),
    ("list(string)", '[1, true, "a"]'),
    ("list(string)", "[null]"),
    ("list(string)", "[]"),
    ("list(number)", '["1", 2]'),
    ("list(bool)", '["true", false]'),
    ("list(any)", '[1, "a"]'),
    ("list(any)", "[[1], [2, 3]]"),
    ("list(any)", '[{ a = 1 }, { a = "x" }]'),
    ("list(any)", '[{ a = 1 }, { b = "x" }]'),
    ("list(any)", "[]"),
    ("list(any)", "[1, 1.5, null]"),
    ("set(string)", '["b", "a", "b", 1]'),
    ("set(number)", '["10", 9, 9.0]'),
    ("set(any)", '["b", 1]'),
    ("map(string)", '{ a = 1, b = true, c = "x", d = null }'),
    ("map(number)", '{ a = "1" }'),
    ("map(any)", '{ a = 1, b = "x" }'),
    ("map(any)", "{}"),
    ("map(list(string))", "{ a = [1], b = [] }"),
    ("map(map(number))", '{ a = { x = "1" }, b = {} }'),
    ("tuple([string, number])", '[1, "2"]'),
    ("tuple([])", "[]"),
    ("tuple([any, bool])", '[{ a = 1 }, "true"]'),
    ("object({})", "{ a = 1 }"),
    ("object({ a = string })", "{ a = 1, b = 2 }"),
    ("object({ a = string, b = list(number) })", '{ a = true, b = ["1"] }'),
    ("object({ a = optional(string) })", "{}"),
    ("object({ a = optional(string, 5) })", "{}"),
    ("object({ a = optional(string, 5) })", "{ a = null }"),
    ("object({ a = optional(string, 5) })", '{ a = "x" }'),
    ("object({ a = optional(list(string), [1]) })", "{}"),
    ("object({ a = optional(object({ b = optional(number, 1) }), {}) })", "{}"),
    ("object({ a = optional(object({ b = optional(number, 1) })) })", "{}"),
    ("object({ a = optional(object({ b = optional(number, 1) })) })", "{ a = {} }"),
    ("object({ a = optional(object({ b = optional(number, 1), c = string }), { c = 7 }) })", "{}"),
    ("object({ a = optional(map(object({ on = optional(bool, true) })), { k = {} }) })", "{}"),
    ("list(object({ n = string, p = optional(number, 80) }))", '[{ n = "a" }, { n = "b", p = "81" }, { n = "c", p = null, x = 1 }]'),
    ("map(object({ on = optional(bool, false), tags = optional(map(string), {}) }))", '{ a = {}, b = { on = "true", tags = { x = 1 } } }'),
    ("set(object({ n = string }))", '[{ n = "a" }]'),
    ("object({ a = any })", '{ a = [1, "x"] }'),
    ("object({ a = optional(any) })", "{}"),
    ("object({ a = optional(any, { k = 1 }) })", "{}"),
    ("map(tuple([string, bool]))", '{ a = [1, "false"] }'),
    ("list(map(string))", "[{ a = 1 }, {}]"),
    ("list(tuple([number]))", '[["1"], [2]]'),
    ("list(set(string))", '[["b", "a", "b"], []]'),
    ('list(object({ a = optional(list(object({ b = optional(string, "d") })), [{}]) }))', "[{}, { a = [{ b = 1 }, {}] }]"),
]
"""Type, default."""

REFUSED = [
    ("number", '"x"'),
    ("bool", "1"),
    ("list(string)", '"a"'),
    ("list(string)", "[[]]"),
    ("list(string)", "{}"),
    ("map(string)", "[]"),
    ("map(any)", "{ a = 1, b = [] }"),
    ("list(any)", "[1, []]"),
    ("tuple([string])", "[]"),
    ("tuple([string])", '["a", "b"]'),
    ("object({ a = string })", "{}"),
    ("object({ a = string })", "[]"),
    ("object({ a = number })", '{ a = "x" }'),
    ("set(number)", '["a"]'),
]

USES = [
    "true ? var.n : 5",
    "true ? 5 : var.n",
    "true ? var.l : []",
    "true ? [1] : var.l",
    "true ? {} : var.m",
    "true ? { a = 1 } : var.m",
    "coalesce(var.n, 5)",
    "coalesce(var.s, 5)",
    "merge(var.m, { b = 2 })",
    "merge(var.m, var.nm)",
    'lookup(var.m, "z", 5)',
    'lookup(var.o, "z", 5)',
    "concat(var.l, [1])",
    "concat(var.l, var.l)",
    "contains(var.l, 1)",
    'contains(var.l, "1")',
    'var.l == ["1"]',
    'var.l == tolist(["1"])',
    'var.m == { a = "1" }',
    "var.o.q == null",
    "var.o == { p = 1, q = null }",
    "tolist([var.n, 1])",
    "tolist([var.s, 1])",
    "[for x in var.e : x.name]",
    "var.e[*].name",
    "var.e[*].other",
    "var.n[*]",
    "var.o[*].p",
    "length(var.e)",
    "one(var.e[*].name)",
    "flatten([var.l, [2]])",
    "keys(var.m)",
    "values(var.m)",
    "zipmap(var.l, var.l)",
    'distinct(concat(var.l, ["1"]))',
    "jsonencode(var.st)",
    "setunion(var.st, [3])",
    "var.st[*]",
    "tostring(var.n)",
    "try(var.o.nothing, 1)",
    "can(var.o.nothing)",
    "var.any.x[0]",
    "true ? var.any.x : [true]",
    'var.any == { x = [1, "a"] }',
]
VARIABLES = """
variable "n" {
  type    = number
  default = null
}
variable "s" {
  type    = string
  default = null
}
variable "l" {
  type    = list(string)
  default = [1]
}
variable "m" {
  type    = map(string)
  default = { a = 1 }
}
variable "nm" {
  type    = map(string)
  default = null
}
variable "o" {
  type    = object({ p = number, q = optional(string) })
  default = { p = "1" }
}
variable "e" {
  type    = list(object({ name = string }))
  default = []
}
variable "st" {
  type    = set(string)
  default = ["b", "a"]
}
variable "any" {
  default = { x = [1, "a"] }
}
"""


def variables(rows: list[tuple[str, str]]) -> str:
    return "".join(f'variable "v{number}" {{\n  type    = {type}\n  default = {value}\n}}\n' for number, (type, value) in enumerate(rows))


def written(data: object) -> str:
    """JSON, which tells 1 from true and from "1"."""
    return json.dumps(data, sort_keys=True)


def answers(text: str, expressions: list[str], folder: Path) -> list[object]:
    need_terraform()
    (folder / "main.tf").write_text(text, encoding="utf-8")
    tried = ", ".join(f'try(jsonencode({one}), "FAULT")' for one in expressions)
    printed = evaluate(f"base64encode(jsonencode([{tried}]))", folder)
    assert printed is not None
    found = json.loads(base64.b64decode(printed))
    assert isinstance(found, list)
    return found


def test_accepted(tmp_path: Path) -> None:
    text = variables(ACCEPTED)
    real = answers(text, [f"var.v{number}" for number in range(len(ACCEPTED))], tmp_path)
    for number, (row, answer) in enumerate(zip(ACCEPTED, real, strict=True)):
        assert isinstance(answer, str)
        assert json.dumps(plain(value_of(f"var.v{number}", text).raw), sort_keys=True) == json.dumps(json.loads(answer), sort_keys=True), (
            row
        )


@pytest.mark.parametrize("row", REFUSED, ids=" ".join)
def test_refused(row: tuple[str, str], tmp_path: Path) -> None:
    need_terraform()
    text = variables([row])
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    assert evaluate("jsonencode(var.v0)", tmp_path) is None
    assert value_of("var.v0", text).raw is UNKNOWN


def test_used(tmp_path: Path) -> None:
    """What the type of a variable does to the expressions it stands in."""
    for expression, answer in zip(USES, answers(VARIABLES, USES, tmp_path), strict=True):
        value = value_of(expression, VARIABLES)
        if answer == "FAULT":
            assert "not valid" in value.origins[-1].note, expression
        else:
            assert isinstance(answer, str)
            assert written(plain(value.raw)) == written(json.loads(answer)), expression


NULLABLE = """
variable "kept" {
  type    = string
  default = "d"
}
variable "filled" {
  type     = string
  default  = "d"
  nullable = false
}
variable "shaped" {
  type     = object({ a = optional(string, "x") })
  default  = {}
  nullable = false
}
"""


def test_null_in_a_value_file(tmp_path: Path) -> None:
    given = "kept = null\nfilled = null\nshaped = null\n"
    (tmp_path / "terraform.tfvars").write_text(given, encoding="utf-8")
    real = answers(NULLABLE, ["var.kept", "var.filled", "var.shaped"], tmp_path)
    loaded = module(f"{NULLABLE}locals {{\n  r = jsonencode([var.kept, var.filled, var.shaped])\n}}\n", terraform__tfvars=given)
    ours = local(loaded, "r").only
    assert isinstance(ours, str)
    assert json.loads(ours) == [json.loads(str(one)) for one in real]
