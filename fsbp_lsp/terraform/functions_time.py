"""Timestamps of RFC 3339: those written in source, not those of now."""

from __future__ import annotations

import re

from fsbp_lsp.terraform.data import Fault
from fsbp_lsp.terraform.functions import decided
from fsbp_lsp.values import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from fsbp_lsp.terraform.functions import Table
    from fsbp_lsp.values import Datum

_STAMP = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))\Z", re.ASCII)
_BEGINNING = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)
_SECOND = 1_000_000_000
_UNITS = {"ns": 1, "us": 1000, "µs": 1000, "μs": 1000, "ms": 1_000_000, "s": _SECOND, "m": 60 * _SECOND, "h": 3600 * _SECOND}
_SPAN = re.compile(r"(\d+)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


class _Stamp:
    """local: date and time as written; nanos: the fraction of its second; offset: minutes east of UTC."""

    __slots__ = ("local", "nanos", "offset")

    def __init__(self, local: datetime, nanos: int, offset: int) -> None:
        self.local = local
        self.nanos = nanos
        self.offset = offset

    @property
    def instant(self) -> int:
        """Nanoseconds since the year 1."""
        local = self.local
        seconds = local.toordinal() * 86_400 + local.hour * 3600 + local.minute * 60 + local.second
        return (seconds - self.offset * 60) * _SECOND + self.nanos

    def zone(self, colon: bool) -> str:
        sign, minutes = "-" if self.offset < 0 else "+", abs(self.offset)
        return f"{sign}{minutes // 60:02}{':' if colon else ''}{minutes % 60:02}"


def _stamp(text: str) -> _Stamp | None:
    """The timestamp; None for forms that are not read here. Raises Fault for what certainly is none."""
    found = _STAMP.match(text)
    if found is None:
        if not _BEGINNING.match(text):
            raise Fault("not a timestamp")
        return None
    year, month, day, hour, minute, second = (int(found[part]) for part in range(1, 7))
    offset = int(found[9]) * 60 + int(found[10]) if found[8] else 0
    if year == 0 or offset > 14 * 60 or (found[10] and int(found[10]) > 59):
        return None
    from datetime import datetime

    try:
        local = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  # the offset is kept beside it
    except ValueError as error:
        raise Fault("no such time") from error
    return _Stamp(local, int((found[7] or "").ljust(9, "0")), -offset if found[8] == "-" else offset)


def _format_date(form: str, text: str) -> Datum:
    stamp = _stamp(text)
    out: list[str] = []
    at = 0
    while at < len(form):
        char = form[at]
        if char == "'":
            end = at + 1
            quoted: list[str] = []
            while True:
                close = form.find("'", end)
                if close < 0:
                    raise Fault("an open quote")
                quoted.append(form[end:close])
                end = close + 1
                if form[end : end + 1] != "'":
                    break
                quoted.append("'")
                end += 1
            out.append("".join(quoted))
            at = end
        elif char.isascii() and char.isalpha():
            end = at
            while end < len(form) and form[end] == char:
                end += 1
            run = form[at:end]
            if run not in _VERBS:
                raise Fault(f"no such part of a date: {run}")
            out.append(_part(run, stamp) if stamp is not None else "")
            at = end
        else:
            out.append(char)
            at += 1
    return UNKNOWN if stamp is None else "".join(out)


_VERBS = frozenset(
    [
        "YYYY",
        "YY",
        "MMMM",
        "MMM",
        "MM",
        "M",
        "DD",
        "D",
        "EEEE",
        "EEE",
        "hh",
        "h",
        "HH",
        "H",
        "AA",
        "aa",
        "mm",
        "m",
        "ss",
        "s",
        "ZZZZZ",
        "ZZZZ",
        "ZZZ",
        "Z",
    ]
)


def _part(run: str, stamp: _Stamp) -> str:
    local = stamp.local
    half = local.hour % 12 or 12
    if run[0] == "Z":
        if run == "ZZZ" or run == "Z":
            if stamp.offset == 0:
                return "UTC" if run == "ZZZ" else "Z"
            return stamp.zone(run == "Z")
        return stamp.zone(run == "ZZZZZ")
    number = {"Y": local.year, "M": local.month, "D": local.day, "h": local.hour, "H": half, "m": local.minute, "s": local.second}
    if run[0] == "E":
        return _DAYS[local.weekday()][: 3 if run == "EEE" else None]
    if run in ("MMM", "MMMM"):
        return _MONTHS[local.month - 1][: 3 if run == "MMM" else None]
    if run in ("AA", "aa"):
        return ("am" if local.hour < 12 else "pm") if run == "aa" else ("AM" if local.hour < 12 else "PM")
    if run == "YYYY":
        return f"{local.year:04}"
    if run == "YY":
        return f"{local.year % 100:02}"
    return f"{number[run[0]]:02}" if len(run) == 2 else str(number[run[0]])


def _duration(text: str) -> int:
    """Nanoseconds. Raises Fault."""
    body = text[1:] if text[:1] in ("-", "+") else text
    if body == "0":
        return 0
    total = at = 0
    while at < len(body):
        found = _SPAN.match(body, at)
        if found is None:
            raise Fault("not a duration")
        unit = _UNITS[found[3]]
        fraction = (found[2] or "")[:9]
        total += int(found[1]) * unit + (int(fraction) * unit // 10 ** len(fraction) if fraction else 0)
        at = found.end()
    if not body:
        raise Fault("not a duration")
    return -total if text[0] == "-" else total


def _time_add(text: str, duration: str) -> Datum:
    if re.search(r"(?<!\d)\.", duration):
        return UNKNOWN
    span = _duration(duration)
    stamp = _stamp(text)
    if stamp is None or abs(span) > 2**62:
        return UNKNOWN
    from datetime import timedelta

    seconds = (stamp.nanos + span) // _SECOND
    try:
        made = stamp.local + timedelta(seconds=seconds)
    except OverflowError:
        return UNKNOWN
    return made.isoformat(timespec="seconds") + ("Z" if stamp.offset == 0 else stamp.zone(True))


def _time_compare(one: str, other: str) -> Datum:
    stamps = _stamp(one), _stamp(other)
    if stamps[0] is None or stamps[1] is None:
        return UNKNOWN
    return (stamps[0].instant > stamps[1].instant) - (stamps[0].instant < stamps[1].instant)


TABLE: Table = {
    "formatdate": ("ss", decided(_format_date)),
    "timeadd": ("ss", decided(_time_add)),
    "timecmp": ("ss", decided(_time_compare)),
}
