"""What an assumption decides is said, everywhere something is said about what was not decided."""

from __future__ import annotations

import json

from fsbp_lsp.report import closing, document, terminal
from fsbp_lsp.report.outcome import Outcome
from tests.controls.run import reports

VOLUME = b"""
resource "aws_ebs_volume" "data" {
  availability_zone = "eu-central-1a"
  size              = 8
}

resource "aws_volume_attachment" "data" {
  device_name = "/dev/sdf"
  instance_id = "i-0abcdef1234567890"
  volume_id   = aws_ebs_volume.data.id
}
""".lstrip()


def _outcome(config: str) -> Outcome:
    outcome = Outcome()
    for report in reports({"main.tf": VOLUME}, config):
        outcome.add(report)
    outcome.close()
    return outcome


def test_without_the_assumption_it_fails() -> None:
    assert [entry.id for entry in _outcome("").entries] == ["EC2.3"]


def test_with_it_the_assumption_is_named() -> None:
    outcome = _outcome("[assume]\nebs-encryption-by-default = true")
    assert outcome.entries == []
    assert list(terminal.unknown(outcome)) == ["main.tf:1:1: EC2.3 aws_ebs_volume.data: passes, assuming ebs-encryption-by-default"]
    made = json.loads(document.render(outcome, show_unknown=True))
    assert made["assumed"][0]["reason"] == "ebs-encryption-by-default"
    assert made["summary"]["assumed"] == 1
    assert "1 passed by assumption (--show-unknown lists them)." in closing.closing(outcome)
