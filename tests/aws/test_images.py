"""What an instance's image requires, where a plan knows the id and the data source that found it."""

from __future__ import annotations

import json

import pytest

from fsbp_lsp.controls import registry
from fsbp_lsp.model import Verdict
from fsbp_lsp.terraform.plan import load_plan
from tests.controls.memory import MemoryFiles

PROVIDER = "registry.terraform.io/hashicorp/aws"
JAMMY = "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-20260101"
NOBLE = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260101"


def plan(name: str, imds_support: str | None, ami: str = "ami-1") -> bytes:
    """One instance from the image `ami`, and a data source that found `ami-1`."""
    instance = {"address": "aws_instance.a", "mode": "managed", "type": "aws_instance", "name": "a", "provider_name": PROVIDER}
    image = {"address": "data.aws_ami.i", "mode": "data", "type": "aws_ami", "name": "i", "provider_name": PROVIDER}
    values = {"ami": ami}
    found = {"id": "ami-1", "name": name, "imds_support": imds_support}
    return json.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.11.0",
            "planned_values": {"root_module": {"resources": [{**instance, "values": values}]}},
            "resource_changes": [
                {
                    **instance,
                    "change": {"actions": ["create"], "before": None, "after": values, "after_unknown": {"metadata_options": True}},
                }
            ],
            "prior_state": {"format_version": "1.0", "values": {"root_module": {"resources": [{**image, "values": found}]}}},
            "configuration": {
                "root_module": {
                    "resources": [
                        {**instance, "expressions": {"ami": {"references": ["data.aws_ami.i.id", "data.aws_ami.i"]}}},
                        {**image, "expressions": {}},
                    ]
                }
            },
        }
    ).encode()


def answer_to(data: bytes) -> object:
    """What EC2.8 says of the instance of a plan."""
    module = load_plan(MemoryFiles({"plan.json": data}), "plan.json", data, "")
    assert module is not None
    (instance,) = module.of("aws_instance")
    control = registry.declared("EC2.8")
    assert control is not None
    return control.check(control.subject(instance), registry.Context({}, {}))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (plan(NOBLE, None), "Ubuntu 24.04 and later images require IMDSv2 themselves"),
        (plan("debian-13", "v2.0"), "the image requires IMDSv2 itself"),
        (plan(JAMMY, None), ""),
        (plan("debian-13", "v2.0", "ami-2"), ""),
    ],
)
def test_the_data_source_is_found_by_the_id(data: bytes, reason: str) -> None:
    answer = answer_to(data)
    if reason:
        assert isinstance(answer, registry.Unknown)
        assert answer.reason == reason
    else:
        assert isinstance(answer, list)
        assert answer


@pytest.mark.parametrize(
    ("name", "imds_support", "verdict"),
    [
        (JAMMY, None, Verdict.FAIL),
        ("debian-13", "", Verdict.FAIL),
        ("debian-13", None, Verdict.UNDECLARED),
    ],
)
def test_only_an_image_that_is_known_to_allow_it_fails(name: str, imds_support: str | None, verdict: Verdict) -> None:
    answer = answer_to(plan(name, imds_support))
    assert isinstance(answer, list)
    assert [finding.verdict for finding in answer] == [verdict]
