"""EKS.2 over time: what a version is called before, on and after the day its standard support ends."""

from __future__ import annotations

import datetime as dt

import pytest

from fsbp_lsp.aws import kubernetes
from fsbp_lsp.config import Settings
from fsbp_lsp.engine import check
from fsbp_lsp.engine.check import ModuleReport, Session
from fsbp_lsp.engine.discover import ModuleKey
from tests.controls.memory import MemoryFiles

KEY = ModuleKey("terraform", "")


def files(version: str) -> MemoryFiles:
    return MemoryFiles({"main.tf": f'resource "aws_eks_cluster" "main" {{\n  version = "{version}"\n}}\n'.encode()})


def verdict(report: ModuleReport | None) -> str:
    assert report is not None
    if any(finding.control == "EKS.2" for finding in report.findings):
        return "fail"
    reasons = [undecided.reason for undecided in report.unknown if undecided.control == "EKS.2"]
    return reasons[0] if reasons else "pass"


@pytest.mark.parametrize(
    ("version", "today", "expected"),
    [
        # AWS's own parameter decides what fails, whatever the day.
        ("1.33", "2026-07-01", "fail"),
        ("1.33", "2030-01-01", "fail"),
        ("1.34", "2026-12-01", "pass"),
        ("1.34", "2026-12-02", "standard support of 1.34 ended on 2026-12-02, and AWS moves the control afterwards"),
        ("1.35", "2026-12-02", "pass"),
        # Newer than the table: in support as long as the newest in it is.
        ("1.99", "2027-11-30", "pass"),
        ("1.99", "2027-12-01", "standard support of 1.99 may have ended, which this release does not know"),
    ],
)
def test_a_day_makes_a_version_doubtful_and_never_a_finding(version: str, today: str, expected: str) -> None:
    assert verdict(Session(files(version), lambda _path: Settings(), today).check_module(KEY)) == expected


def test_a_session_that_remembers_notices_the_turn_of_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    days = iter(["2026-12-01", "2026-12-01", "2026-12-02"])
    monkeypatch.setattr(check, "_today", lambda: next(days))
    settings = Settings()
    session = Session(files("1.34"), lambda _path: settings, keep=True)
    assert [verdict(session.check_module(KEY)) == "pass" for _ in range(3)] == [True, True, False]


def test_the_table_is_whole() -> None:
    """No gap between versions, days that exist and grow, and an oldest supported version that was in support when it was read."""
    versions = sorted(kubernetes.STANDARD_SUPPORT_ENDS)
    assert versions == list(range(versions[0], kubernetes.NEWEST + 1))
    days = [dt.date.fromisoformat(kubernetes.STANDARD_SUPPORT_ENDS[version]) for version in versions]
    assert days == sorted(days)
    assert not kubernetes.support_ended(kubernetes.OLDEST_SUPPORTED, "")
    assert kubernetes.support_ended(kubernetes.OLDEST_SUPPORTED - 1, "")
