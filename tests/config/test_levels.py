"""How hard an undeclared setting bites."""

from __future__ import annotations

import pytest

from fsbp_lsp.model import Verdict
from tests.controls.run import settings_from_text


@pytest.mark.parametrize(
    ("config", "level"),
    [
        ("", "warn"),
        ('fail-on = ["guide"]', "warn"),
        ('fail-on = ["S3.*"]', "warn"),
        ('fail-on = ["MEDIUM"]', "warn"),
        ('fail-on = ["CloudTrail.1", "S3.4"]', "block"),
        ('[controls."S3.4"]\nlevel = "block"', "block"),
        ('undeclared = "fail"', "block"),
        ('fail-on = ["none"]', "warn"),
    ],
)
def test_undeclared(config: str, level: str) -> None:
    assert settings_from_text(config).level("S3.4", "MEDIUM", Verdict.UNDECLARED) == level
