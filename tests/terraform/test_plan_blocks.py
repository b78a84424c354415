"""Blocks of a plan, told apart though a set comes in an order of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fsbp_lsp.files import DiskFiles
from fsbp_lsp.terraform.plan import load_plan
from fsbp_lsp.terraform.plan_address import longest, parse_address, show_key
from fsbp_lsp.terraform.plan_values import PERHAPS, SILENT, WRITTEN, matches
from fsbp_lsp.values import ABSENT, UNKNOWN, Value

Row = dict[str, Any]


def constant(**values: object) -> Row:
    return {name: {"constant_value": value} for name, value in values.items()}


def block(after: list[Row], unknown: list[Row], said: object, name: str = "ebs_block_device") -> list[Value]:
    """The blocks of an instance, as controls read them."""
    resource = {"address": "aws_instance.i", "mode": "managed", "type": "aws_instance", "name": "i"}
    change = {"actions": ["create"], "after": {name: after}, "after_unknown": {name: unknown}}
    expressions = {} if said is None else {name: said}
    plan = {
        "format_version": "1.2",
        "resource_changes": [{**resource, "change": change}],
        "configuration": {"root_module": {"resources": [{**resource, "expressions": expressions}]}},
    }
    made = load_plan(DiskFiles(), "p.json", json.dumps(plan).encode(), "no-such-directory")
    assert made is not None
    return list(made.resources[0].config.child(name).items().found)


def test_a_set_in_another_order() -> None:
    after: list[Row] = [{"device_name": "sdg"}, {"device_name": "sdf", "encrypted": True}]
    said = [constant(device_name="sdf", encrypted=True), constant(device_name="sdg")]
    first, second = block(after, [{"encrypted": True}, {}], said)
    assert first.child("encrypted").options == (ABSENT,)
    assert second.child("encrypted").only is True


def test_blocks_that_cannot_be_told_apart_claim_no_absence() -> None:
    said = [{"device_name": {"references": ["var.a"]}, "encrypted": {"references": ["var.e"]}}, {"device_name": {"references": ["var.b"]}}]
    for one in block([{"device_name": "sdf"}, {"device_name": "sdg"}], [{"encrypted": True}, {"encrypted": True}], said):
        assert one.child("encrypted").only is UNKNOWN


def test_blocks_that_cannot_be_told_apart_agree_on_what_none_writes() -> None:
    said = [{"device_name": {"references": ["var.a"]}}, {"device_name": {"references": ["var.b"]}}]
    for one in block([{"device_name": "sdf"}, {"device_name": "sdg"}], [{"encrypted": True}, {"encrypted": True}], said):
        assert one.child("encrypted").options == (ABSENT,)


def test_blocks_a_plan_does_not_show_in_its_configuration_may_be_dynamic() -> None:
    (one,) = block([{"device_name": "sdf"}], [{"encrypted": True}], None)
    assert one.child("encrypted").only is UNKNOWN
    assert one.child("device_name").only == "sdf"


@pytest.mark.parametrize(
    ("said", "after", "numbers"),
    [
        ([constant(a=1)], [{"a": 1}], [0]),
        ([constant(a=1), constant(a=2)], [{"a": 2}, {"a": 1}], [1, 0]),
        ([constant(a="80"), constant(a="true")], [{"a": True}, {"a": 80}], [1, 0]),
        ([constant(a=["x", "y"]), constant(a=["z"])], [{"a": ["z"]}, {"a": ["y", "x"]}], [1, 0]),
        ([constant(a=1), constant(a=1)], [{"a": 1}, {"a": 1}], [None, None]),
        ([constant(a=1)], [{"a": 1}, {"a": 2}], [None, None]),
        (SILENT, [{"a": 1}], [None]),
        (PERHAPS, [{"a": 1}], [None]),
        (WRITTEN, [{"a": 1}], [None]),
    ],
)
def test_matches(said: object, after: list[Row], numbers: list[int | None]) -> None:
    assert [number for _config, number in matches(said, after)] == numbers


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("aws_s3_bucket.b", [("aws_s3_bucket", None), ("b", None)]),
        ('module.x["a.b"].aws_s3_bucket.b[0].id', [("module", None), ("x", "a.b"), ("aws_s3_bucket", None), ("b", 0), ("id", None)]),
        ('t.n["say \\"hi\\" $${x}"]', [("t", None), ("n", 'say "hi" ${x}')]),
        ("a.b[0][1].c", [("a", None), ("b", 0), ("c", None)]),
        ("a.b[", []),
        ('a["x', []),
        ("", []),
    ],
)
def test_addresses(text: str, steps: list[tuple[str, object]]) -> None:
    assert parse_address(text) == steps


@pytest.mark.parametrize("key", [None, 0, 12, "a", "a b", 'say "hi"', "${x} %{y}", "back\\slash", "new\nline"])
def test_keys_are_read_as_they_are_shown(key: str | int | None) -> None:
    assert parse_address(f"a.b{show_key(key)}.c") == [("a", None), ("b", key), ("c", None)]


def test_shorter_forms_of_a_reference_say_nothing_more() -> None:
    assert longest(["aws_vpc.v[0].id", "aws_vpc.v[0]", "aws_vpc.v", "each.key", "aws_vpc.v2"]) == [
        "aws_vpc.v[0].id",
        "each.key",
        "aws_vpc.v2",
    ]
