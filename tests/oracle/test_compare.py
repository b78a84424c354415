"""The comparison sees a difference where there is one. Needs no Terraform: the plan is one that was kept."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.oracle.compare import Comparison, compare, plan_alone_agrees
from tests.oracle.dress import Dresser, block
from tests.oracle.generate import Generator

SHOP = Path(__file__).parents[1] / "terraform" / "plans" / "shop"
PLAN = (SHOP / "plan.json").read_bytes()


def changed(edit: Callable[[dict[str, Any]], None]) -> Comparison:
    plan = json.loads(PLAN)
    edit(plan)
    return compare(SHOP, json.dumps(plan).encode())


def _values(plan: dict[str, Any], address: str) -> dict[str, Any]:
    made = next(one for one in plan["resource_changes"] if one["address"] == address)["change"]["after"]
    assert isinstance(made, dict)
    return made


def test_source_and_plan_agree() -> None:
    made = compare(SHOP, PLAN)
    assert not made.differences
    assert made.agreed > 40
    plan_alone_agrees(SHOP, PLAN)


def test_another_value_is_a_difference() -> None:
    made = changed(lambda plan: _values(plan, "aws_db_instance.orders").update(publicly_accessible=False))
    assert [(one.address, one.control, one.source, one.plan) for one in made.differences] == [
        ("aws_db_instance.orders", "RDS.2", "fail", "pass")
    ]


def test_another_link_is_a_difference() -> None:
    def edit(plan: dict[str, Any]) -> None:
        resources = plan["configuration"]["root_module"]["resources"]
        policy = next(one for one in resources if one["address"] == "aws_s3_bucket_policy.live")
        policy["expressions"]["bucket"] = {"references": ["aws_s3_bucket.plain.id", "aws_s3_bucket.plain"]}

    assert {one.control for one in changed(edit).differences} >= {"S3.2"}


def test_an_instance_that_is_not_planned_is_a_difference() -> None:
    def edit(plan: dict[str, Any]) -> None:
        plan["resource_changes"] = [one for one in plan["resource_changes"] if one["address"] != "aws_lb.web"]
        kept = plan["planned_values"]["root_module"]
        kept["resources"] = [one for one in kept["resources"] if one["address"] != "aws_lb.web"]

    assert ("aws_lb.web", "-") in {(one.address, one.control) for one in changed(edit).differences}


def test_an_instance_that_source_lacks_is_a_difference() -> None:
    def edit(plan: dict[str, Any]) -> None:
        more = next(one for one in plan["resource_changes"] if one["address"] == "aws_lb.web") | {"address": "aws_lb.web[1]", "index": 1}
        plan["resource_changes"].append(more)

    assert ("aws_lb.web[1]", "does not exist") in {(one.address, one.source) for one in changed(edit).differences}


@pytest.mark.parametrize("seed", range(3))
def test_a_seed_gives_the_same_configuration(seed: int) -> None:
    assert Generator(seed).module() == Generator(seed).module()
    assert Generator(seed).module() != Generator(seed + 1).module()


def test_dressing_declares_what_it_uses() -> None:
    dresser = Dresser(random.Random(1))
    made = [
        dresser.dress(value, other)
        for value, other in ((True, False), ("a", "b"), (1, 2), (None, "x"), (("a",), ("b",)))
        for _ in range(50)
    ]
    text = "\n".join([*made, *dresser.locals])
    variables = {re.findall(r'variable "(\w+)"', one)[0] for one in dresser.variables}
    names = {one.partition(" =")[0] for one in dresser.locals}
    assert set(re.findall(r"\bvar\.(\w+)", text)) <= variables
    assert set(re.findall(r"\blocal\.(\w+)", text)) <= names
    assert block("a", "b = 1", block("c")) == "a {\n  b = 1\n  c {\n  }\n}"
