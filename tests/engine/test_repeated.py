"""A few lines may stand for millions of resources: one of each block is judged, and no more than a bound of the others."""

from __future__ import annotations

import pytest

from fsbp_lsp.engine import check
from tests.controls.run import reports

MODULE = {
    "main.tf": b"""
module "many" {
  source = "./many"
  count  = 20
  name   = "logs-${count.index}"
}
""",
    "many/main.tf": b"""
variable "name" {}

resource "aws_ebs_volume" "other" {
  availability_zone = "eu-west-1a"
  size              = 1
}

resource "aws_sqs_queue" "first" {
  name                    = "${var.name}-first"
  sqs_managed_sse_enabled = false
}

resource "random_id" "unjudged" {
  byte_length = 8
}

resource "aws_sqs_queue" "second" {
  count                   = 20
  name                    = "${var.name}-${count.index}"
  sqs_managed_sse_enabled = false
}
""",
}


def test_repetition_is_judged_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "MAX_REPEATED", 30)
    report = next(one for one in reports(MODULE, 'select = ["SQS.1"]') if one.key.path == "many")
    assert {finding.resource.block.rpartition(".")[2] for finding in report.findings if finding.resource is not None} == {"first", "second"}
    assert 30 <= report.resources < 60
    assert [(item.control, item.reason) for item in report.unknown] == [("SQS.1", "more than 30 repeated resources")]


def test_below_the_bound_all_are_judged() -> None:
    report = next(one for one in reports(MODULE, 'select = ["SQS.1"]') if one.key.path == "many")
    assert report.resources == 20 * (1 + 1 + 1 + 20)
    assert not report.unknown
