"""Ingress rules in one normal form: sources, protocol and ports, whichever of the spellings they are written in.

Ports: Security Hub user guide, EC2.18 and EC2.19 (as of 2026-10).
"""

from __future__ import annotations

from fsbp_lsp.values import MAYBE, NO, YES, Items, Tri, Value, as_number, as_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.model import Subject

HIGH_RISK_PORTS = (
    20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601, 8080, 8088, 8888, 9200, 9300,
)  # fmt: skip
AUTHORIZED_TCP_PORTS = (80, 443)

TCP, UDP, ALL, OTHER = "tcp", "udp", "-1", "other"


class Rule:
    """One ingress rule. sources: CIDR values with the path of each; protocol: one of the constants, or None when unknown."""

    __slots__ = ("first", "last", "protocol", "sources", "subject")

    def __init__(self, subject: Subject, sources: Items, protocol: str | None, first: Value, last: Value) -> None:
        self.subject = subject
        self.sources = sources
        self.protocol = protocol
        self.first = first
        self.last = last

    def open_sources(self) -> list[Value]:
        """The sources that are certainly the whole internet: of one family or of both."""
        return [source for source in self.sources.found if _anywhere(source) is YES]

    def open_source(self) -> Value | None:
        """The first source that is certainly the whole internet, None when there is none."""
        return next(iter(self.open_sources()), None)

    def maybe_open(self) -> bool:
        return self.sources.maybe_more or any(_anywhere(source) is MAYBE for source in self.sources.found)

    def span(self) -> tuple[int, int] | None:
        """First and last port, None when not decided or not meant for this protocol."""
        if self.protocol == ALL:
            return 0, 65535
        first, last = as_number(self.first.only), as_number(self.last.only)
        if isinstance(first, int) and isinstance(last, int) and not isinstance(first, bool):
            # -1 means every port for the protocols that have none.
            return (0, 65535) if first == -1 and self.protocol in (TCP, UDP) else (first, last)
        return None


def _anywhere(source: Value) -> Tri:
    """Every address of a family, whatever stands before a prefix length of 0: EC2 canonicalizes CIDRs (its API reference, IpRange)."""
    return source.ends_with("/0") if source.written else NO


def protocol_of(value: Value) -> str | None:
    """Normal form of a protocol name or number (IANA: 6 is TCP, 17 is UDP); None when not decided."""
    text = as_text(value.only)
    if text is None:
        return None
    return {"-1": ALL, "all": ALL, "tcp": TCP, "6": TCP, "udp": UDP, "17": UDP}.get(text.lower(), OTHER)
