"""Kubernetes versions of Amazon EKS: until when they are in standard support, and the oldest one that EKS.2 lets pass.

Sources: EKS user guide, "Amazon EKS Kubernetes release calendar"; Security Hub user guide, EKS.2 and "Change log".

The end of standard support alone decides nothing: the control compares with a parameter that AWS moves afterwards
(0, 3, 1, 16, 11 and 14 days after the last six ends), and the moved value then takes days to reach every region.
"""

from __future__ import annotations

AS_OF = "2026-10"
"""When the sources were read."""

OLDEST_SUPPORTED = 34
"""Minor version in the control's parameter `oldestVersionSupported`: 1.34 since 2026-08-12."""

STANDARD_SUPPORT_ENDS = {
    29: "2025-03-23",
    30: "2025-07-23",
    31: "2025-11-26",
    32: "2026-03-23",
    33: "2026-07-29",
    34: "2026-12-02",
    35: "2027-03-27",
    36: "2027-08-02",
    37: "2027-12-01",
}
"""Minor version: the day (UTC) on which its standard support ends."""

NEWEST = max(STANDARD_SUPPORT_ENDS)


def support_ended(minor: int, today: str) -> str:
    """The day on which standard support of 1.`minor` ended; '' when it has not by `today`, or when that day is not known.

    today: YYYY-MM-DD; '' stands for the time the table was made. A version newer than the table ends no sooner than its newest.
    """
    end = STANDARD_SUPPORT_ENDS.get(min(minor, NEWEST), "")
    return end if end <= max(today, AS_OF) else ""
