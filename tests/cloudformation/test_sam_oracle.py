"""aws-sam-translator as an oracle: what it makes of a SAM template is judged as our own translation of it, or we say unknown."""

from __future__ import annotations

import pytest

pytest.importorskip("samtranslator", reason="aws-sam-translator is not installed")

from tests.cloudformation.sam_cases import CASES, HEAD
from tests.cloudformation.sam_oracle import compare


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    found = compare(HEAD + CASES[name])
    assert not found.differences
