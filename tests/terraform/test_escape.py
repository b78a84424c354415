"""Resources handed out of a module may have companions we cannot see."""

from __future__ import annotations

import pytest

from tests.controls.run import findings

BUCKET = 'resource "aws_s3_bucket" "logs" {\n  bucket = "logs"\n}\n'
OUTPUT = 'output "bucket" {\n  value = aws_s3_bucket.logs.id\n}\n'
CALL = 'module "policy" {\n  source = "./policy"\n  bucket = aws_s3_bucket.logs.id\n}\n'


@pytest.mark.parametrize(
    ("more", "config", "found"),
    [
        ("", "", True),
        (OUTPUT, "", True),
        (OUTPUT, "outputs-escape = true", False),
        (CALL, "", False),
    ],
)
def test_companions_of_what_is_handed_out(more: str, config: str, found: bool) -> None:
    said = {finding.control for finding in findings({"main.tf": (BUCKET + more).encode()}, config)}
    assert ("S3.9" in said) is found
