"""Hostile input ends soon, without an exception and without a false certainty."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsbp_lsp.files import DiskFiles
from fsbp_lsp.model import InstanceKey
from fsbp_lsp.terraform import evaluate, load_module
from fsbp_lsp.terraform.evaluate import MAX_SPENT
from fsbp_lsp.values import Map, Seq

from .memory import module, shown

R = 'resource "a_b" "c" {{\n  x = {}\n}}\n'


def doubling(first: str, step: str, used: str) -> str:
    lines = "".join("  l{} = {}\n".format(n, step.replace("L", f"local.l{n - 1}")) for n in range(1, 60))
    return f"locals {{\n  l0 = {first}\n{lines}}}\n" + R.format(used)


HOSTILE = {
    "parentheses": R.format("(" * 500 + "1" + ")" * 500),
    "lists": R.format("[" * 500 + "]" * 500),
    "not": R.format("!" * 5000 + "true"),
    "sum": R.format("+".join(["1"] * 3000)),
    "a long chain of locals": "locals {\n  l0 = 1\n"
    + "".join(f"  l{n} = local.l{n - 1}\n" for n in range(1, 2000))
    + "}\n"
    + R.format("local.l1999"),
    "doubling text": doubling('"xx"', '"${L}${L}"', "local.l59"),
    "doubling lists": doubling("[1]", "[L, L]", "jsonencode(flatten([local.l59, toset(local.l59), try(local.l59, 1)]))"),
    "doubling concat": doubling("[1]", "concat(L, L)", "distinct(local.l59)"),
    "possibilities": "".join(f'variable "v{n}" {{}}\n' for n in range(40))
    + R.format("concat(" + ", ".join(f"var.v{n} ? [{n}] : []" for n in range(40)) + ")"),
    "nested loops": R.format("[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]]"),
    "a cycle of locals": "locals {\n"
    + "".join(f"  l{n} = [local.l{(n + 1) % 50}, local.l{n * 7 % 50}]\n" for n in range(50))
    + "}\n"
    + R.format("local.l0"),
    "count of itself": 'resource "a_b" "c" {\n  count = length(a_b.c)\n}\n'
    'resource "a_b" "d" {\n  for_each = a_b.e\n}\nresource "a_b" "e" {\n  for_each = a_b.d\n}\n',
    "nested dynamics": 'resource "a_b" "c" {\n'
    + "".join(f'dynamic "b{n}" {{\nfor_each = range(50)\ncontent {{\n' for n in range(12))
    + "x = 1\n"
    + "}\n}\n" * 12
    + "}\n",
    "a deep type": f'variable "x" {{\n  type = {"list(" * 75}string{")" * 75}\n  default = {"[" * 75}{"]" * 75}\n}}\n' + R.format("var.x"),
    "deep JSON": R.format("<<E\n" + "[" * 5000 + "]" * 5000 + "\nE\n"),
    "growing replace": R.format('replace("{}", "a", "{}")'.format("a" * 2000, "b" * 2000)),
    "a loop of comparisons": "locals {\n  big = [for a in range(1000) : [for b in range(20) : b]]\n}\n"
    + R.format("[for a in range(1000) : [for b in range(40) : local.big == [for c in local.big : c] ? 1 : 2]]"),
    "a loop of conversions": 'locals {\n  big = { for a in range(1000) : a => [a, "x"] }\n}\n'
    + R.format("[for a in range(1000) : [for b in range(40) : jsonencode(tomap(true ? local.big : {}))]]"),
    "a loop of searches": "locals {\n  big = range(1000)\n}\n"
    + R.format("[for a in local.big : [for b in local.big : contains(local.big, [b]) || index(local.big, 999) == sum(local.big)]]"),
    "a doubling type": doubling("[1]", "[L, L]", "var.d")
    + f'variable "d" {{\n  type = {"list(" * 25}number{")" * 25}\n  default = {"[" * 25}{"]" * 25}\n}}\n',
    "a doubling conditional": doubling("{ a = 1 }", "true ? { a = L, b = L } : {}", "jsonencode(local.l59)"),
    "deep directives": R.format("<<E\n" + "%{ if true }" * 500 + "x" + "%{ endif }" * 500 + "\nE\n"),
    "wide directives": R.format('"' + "%{ for a in range(1000) }%{ for b in range(1000) }x%{ endfor }%{ endfor }" * 20 + '"'),
    "repetitions": R.format('[for a in range(1000) : try(regex("(a*)*b|a*a*a*a*c", "' + "a" * 1500 + '"), a)]'),
    "repetitions in a row": R.format('[for a in range(1000) : try(regex("a*a*a*a*c", "' + "a" * 1500 + '"), a)]'),
    "options in a row": R.format('[for a in range(1000) : try(regex("' + "a?" * 50 + "a" * 50 + '", "' + "a" * 50 + '"), a)]'),
    "affordable repetitions": R.format('[for a in range(1000) : try(regex("a*a*c", "' + "a" * 120 + '"), a)]'),
    "a chain of references": "".join(f'resource "a_b" "r{n}" {{\n  x = a_b.r{n + 1}.x\n}}\n' for n in range(600)),
    "a chain of counts": "".join(f'resource "a_b" "r{n}" {{\n  count = length(a_b.r{n + 1})\n}}\n' for n in range(600)),
    "a chain of for_each": "".join(f'resource "a_b" "r{n}" {{\n  for_each = a_b.r{n + 1}\n  x = each.value.x\n}}\n' for n in range(600)),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile(text: str) -> None:
    started = time.process_time()
    read(module(text))
    assert time.process_time() - started < 5


REPEATED = """\
resource "aws_security_group" "g{}" {{
  count = 60

  dynamic "ingress" {{
    for_each = range(60)
    content {{
      from_port = ingress.value
      to_port   = join("", [for a in range(300) : a])
    }}
  }}
}}
"""


def test_a_few_lines_for_millions() -> None:
    loaded = module("".join(REPEATED.format(n) for n in range(200)) + 'resource "a_b" "last" {\n  x = a_b.other\n  y = ["z"]\n}\n')
    read(loaded)
    meter = loaded.deployment.meter
    assert MAX_SPENT < meter.spent < 2 * MAX_SPENT
    first, last = loaded.deployment.get("aws_security_group.g0[0]"), loaded.deployment.get("a_b.last")
    assert first is not None
    assert last is not None
    blocks = first.config.child("ingress").only
    assert isinstance(blocks, Seq)
    assert len(blocks.items) == 60
    assert not blocks.open
    # What is written out stays known: a reference that is lost could make something look unprotected.
    assert shown(last.config.child("y")) == ["z"]
    blocks = loaded.resources[-2].config.child("ingress").only
    assert isinstance(blocks, Seq)
    assert blocks.open
    assert not blocks.items


def test_where_nothing_more_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "MAX_SPENT", -1)
    loaded = module("".join(f'resource "a_b" "c{n}" {{\n  count = {n}\n  x = "${{{n}}}-x"\n}}\n' for n in range(3)))
    assert [(one.block, type(one.key)) for one in loaded.resources] == [("a_b.c1", int), ("a_b.c2", InstanceKey)]
    assert [shown(one.config.child("x")) for one in loaded.resources] == ["1-x", "2-x"]


def test_calls_multiply(tmp_path: Path) -> None:
    """Calls of calls: what is beyond the bounds is not even counted, and the reason is said."""
    for name, text in {
        "main.tf": "".join(f'module "m{n}" {{\n  source = "./one"\n  count  = 60\n}}\n' for n in range(60)),
        "one/main.tf": "".join(f'module "m{n}" {{\n  source = "./two"\n  count  = 60\n}}\n' for n in range(60)),
        "one/two/main.tf": 'resource "a_b" "c" {\n}\n',
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    deployment = load_module(DiskFiles(), str(tmp_path)).deployment
    assert len(deployment.instances()) == 256
    assert deployment.meter.spent < 5_000
    last = deployment.root.index.calls[-1]
    assert deployment.unread(deployment.root, last) == "a deployment is followed through 256 module instances"
    assert str(tmp_path / "one" / "two") in deployment.called


def test_many_blocks_in_many_calls(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "main.tf").write_text('module "m" {\n  source = "./one"\n  count  = 60\n}\n')
    (tmp_path / "one" / "main.tf").write_text("".join(f'resource "a_b" "c{n}" {{\n}}\n' for n in range(1000)))
    deployment = load_module(DiskFiles(), str(tmp_path)).deployment
    assert len(deployment.instances()) == 51
    assert deployment.unread(deployment.root, deployment.root.index.calls[0]) == "a deployment is followed through 50000 blocks"


def read(loaded) -> None:
    for resource in loaded.resources:
        body = resource.config.only
        if isinstance(body, Map):
            for value in body.entries.values():
                assert value.shown
                loaded.dialect.decode_json(value)


WORDS = [
    "resource",
    '"a_b"',
    '"c"',
    "{",
    "}",
    "\n",
    "=",
    "x",
    "[",
    "]",
    "(",
    ")",
    '"${',
    '"',
    "var.v",
    "local.l",
    "a_b.c",
    ".x",
    "[*]",
    "?",
    ":",
    "for",
    "in",
    "count",
    "for_each",
    "dynamic",
    "content",
    "<<E\n",
    "E\n",
    "jsonencode(",
    "try(",
    "1",
    "null",
    "locals",
    "variable",
    "default",
    "#",
    "each.key",
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=60))
def test_any_text(words: list[str]) -> None:
    read(module('resource "a_b" "k" {\n  x = a_b.c\n}\n' + " ".join(words), terraform__tfvars=" ".join(words[:10])))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "{",
                "}",
                "[",
                "]",
                '"resource"',
                '"a_b"',
                '"c"',
                ":",
                ",",
                '"${var.x}"',
                "1",
                '"dynamic"',
                '"locals"',
                '"count"',
                "null",
                '"content"',
                '"for_each"',
            ]
        ),
        max_size=40,
    )
)
def test_any_json(words: list[str]) -> None:
    read(module("", x__tf__json=" ".join(words)))


def test_a_corpus_of_real_modules() -> None:
    root = os.environ.get("FSBP_CORPUS", "")
    if not root:
        pytest.skip("FSBP_CORPUS names no folder of Terraform files")
    for folder, _folders, names in os.walk(root):
        if any(name.endswith((".tf", ".tofu", ".tf.json")) for name in names):
            read(load_module(DiskFiles(), folder))
