"""The catalogue: every Security Hub control this tool knows by id, whether it checks it or not.

The facts live in `_catalog.toml`, which people edit and review; `_data.py` is generated from it because
a literal module loads thirty times faster than TOML.
"""

from __future__ import annotations

from fsbp_lsp.catalog._data import AS_OF, ROWS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")
"""Most severe first."""

_GUIDE_ROOT = "https://docs.aws.amazon.com/securityhub/latest/userguide/"
_SHOWN = 3


class Control:
    """One row of the catalogue: facts AWS publishes, and whether source can decide it.

    severity: one of SEVERITIES. status: `fsbp`, `security-hub-only` (in other standards) or `retired`.
    schedule: `change-triggered`, `periodic` or both. config_rule: the AWS Config rule behind it, '' when
    Security Hub names none. decidable: `yes`, `partial` or `no`, an estimate for the whole control;
    reason: why not, for `no`.
    """

    __slots__ = ("config_rule", "decidable", "id", "reason", "schedule", "severity", "status", "title")

    def __init__(
        self, id: str, title: str, severity: str, status: str, schedule: str, config_rule: str, decidable: str, reason: str
    ) -> None:
        self.id = id
        self.title = title
        self.severity = severity
        self.status = status
        self.schedule = schedule
        self.config_rule = config_rule
        self.decidable = decidable
        self.reason = reason

    @property
    def service(self) -> str:
        """The part of the id before the number, as Security Hub spells it: `S3`, `Opensearch`."""
        return self.id.partition(".")[0]

    @property
    def url(self) -> str:
        """The control in AWS's user guide. Retired ones have left their page; the change log still tells of them."""
        if self.status == "retired":
            return f"{_GUIDE_ROOT}controls-change-log.html"
        service, _, number = self.id.lower().partition(".")
        return f"{_GUIDE_ROOT}{service}-controls.html#{service}-{number}"

    def __repr__(self) -> str:
        return f"Control({self.id})"


_row_of = {row[0].lower(): row for row in ROWS}
_made: dict[str, Control] = {}


def control(id: str) -> Control | None:
    """The control of this id in any spelling of case (`autoscaling.5`), None when there is none."""
    key = id.lower()
    row = _row_of.get(key)
    if row is None:
        return None
    made = _made.get(key)
    if made is None:
        made = _made[key] = Control(*row)
    return made


def all_controls() -> tuple[Control, ...]:
    """Every control, in natural order of ids."""
    return tuple(entry for row in ROWS if (entry := control(row[0])) is not None)


def natural_key(id: str) -> tuple[str, int, str]:
    """Sorts S3.8 before S3.11, and an id without a number (`syntax`) by its name."""
    service, _, number = id.rpartition(".")
    if number.isdecimal():
        return service.lower(), int(number), ""
    return id.lower(), -1, ""


def matches(pattern: str, id: str) -> bool:
    """Whether an id, or a glob like `RDS.*`, means this control; case does not matter."""
    pattern, id = pattern.lower(), id.lower()
    if not is_glob(pattern):
        return pattern == id
    from fnmatch import fnmatchcase

    return fnmatchcase(id, pattern)


def is_glob(pattern: str) -> bool:
    """Whether a pattern may mean several ids."""
    return any(mark in pattern for mark in "*?[")


def closest(id: str, among: Iterable[str] = ()) -> list[str]:
    """Ids somebody may have meant by a wrong one, best first, at most three.

    among: further names that would have been right where the id stood (gate sets, `syntax`).
    """
    from difflib import get_close_matches

    names = {row[0].lower(): row[0] for row in ROWS}
    names.update((name.lower(), name) for name in among)
    wanted = id.strip().lower()
    # Written as AWS writes it in ARNs and old findings: `s3-8`, `S3_8`, `S38`.
    for repaired in (wanted.replace("-", ".").replace("_", "."), f"{wanted.rstrip('0123456789')}.{_number(wanted)}"):
        if repaired in names:
            return [names[repaired]]
    service, _, number = wanted.rpartition(".")
    if number.isdecimal():
        # Of two similar ids the one with the same number is likelier: a slip in the name, not in the number.
        services = sorted({row[0].lower().partition(".")[0] for row in ROWS})
        meant = [f"{near}.{number}" for near in get_close_matches(service, services, n=_SHOWN, cutoff=0.6)]
        found = [names[key] for key in meant if key in names]
        if found:
            return found
    return [names[key] for key in get_close_matches(wanted, names, n=_SHOWN, cutoff=0.7)]


def _number(text: str) -> str:
    return text[len(text.rstrip("0123456789")) :]


GUIDE = frozenset(
    {
        "CloudTrail.1",
        "CloudTrail.4",
        "CloudTrail.5",
        "IAM.1",
        "IAM.2",
        "IAM.6",
        "IAM.9",
        "S3.1",
        "S3.2",
        "S3.3",
        "S3.4",
        "S3.8",
    }
)
"""The rows of the published guide, under Security Hub's ids (docs/guide.md maps them)."""

STARTER = frozenset({"CloudTrail.1", "S3.2", "S3.3", "S3.4", "S3.8"})
"""For the first week: no public S3 access, declared S3 encryption, CloudTrail on."""

FSBP = frozenset(row[0] for row in ROWS if row[3] == "fsbp")
"""Every control of the standard."""

GATE_SETS = {"starter": STARTER, "guide": GUIDE, "fsbp": FSBP}
"""Names usable wherever ids are."""

__all__ = [
    "AS_OF",
    "FSBP",
    "GATE_SETS",
    "GUIDE",
    "SEVERITIES",
    "STARTER",
    "Control",
    "all_controls",
    "closest",
    "control",
    "is_glob",
    "matches",
    "natural_key",
]
