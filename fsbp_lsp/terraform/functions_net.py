"""Arithmetic on IP prefixes."""

from __future__ import annotations

import re

from fsbp_lsp.terraform.data import Fault
from fsbp_lsp.terraform.functions import text_of, whole
from fsbp_lsp.terraform.functions_text import text_list
from fsbp_lsp.values import UNKNOWN, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.terraform.functions import Table
    from fsbp_lsp.values import Datum

_V4 = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})/(\d{1,3})\Z", re.ASCII)
_V6 = re.compile(r"([0-9A-Fa-f:]+)/(\d{1,3})\Z", re.ASCII)
_MAPPED = 0xFFFF << 32
MAX_SUBNETS = 1000


class _Prefix:
    """start: the first address as a number; bits: the length of the prefix; size: that of an address."""

    __slots__ = ("bits", "size", "start")

    def __init__(self, address: int, bits: int, size: int) -> None:
        self.start = address >> (size - bits) << (size - bits)
        self.bits = bits
        self.size = size

    def shown(self, address: int) -> Datum:
        if self.size == 32:
            return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))
        if address & ~0xFFFFFFFF == _MAPPED:
            return UNKNOWN  # shown as an IPv4 address in some places
        import ipaddress

        return str(ipaddress.IPv6Address(address))

    def subnet(self, address: int, bits: int) -> Datum:
        shown = self.shown(address)
        return f"{shown}/{bits}" if isinstance(shown, str) else UNKNOWN


def _prefix(value: Value) -> _Prefix | None:
    """The prefix; None when it is not decided. Raises Fault for what certainly is none."""
    text = text_of(value)
    if text is None:
        return None
    found = _V4.match(text)
    if found is not None:
        octets, bits = [int(one) for one in found.groups()[:4]], int(found[5])
        if max(octets) > 255 or bits > 32:
            raise Fault("not a prefix")
        address = 0
        for octet in octets:
            address = address << 8 | octet
        return _Prefix(address, bits, 32)
    if "/" not in text:
        raise Fault("not a prefix")
    found = _V6.match(text)
    if found is None:
        return None
    import ipaddress

    try:
        address = int(ipaddress.IPv6Address(found[1]))
    except ValueError as error:
        raise Fault("not a prefix") from error
    if int(found[2]) > 128:
        raise Fault("not a prefix")
    return None if address & ~0xFFFFFFFF == _MAPPED else _Prefix(address, int(found[2]), 128)


def _host(args: list[Value]) -> Datum:
    number, prefix = whole(args[1]), _prefix(args[0])
    if number is None or prefix is None:
        return UNKNOWN
    room = 1 << (prefix.size - prefix.bits)
    if not -room <= number < room:
        if prefix.size == 32 and abs(number) < 2**62:
            raise Fault("no such host in the prefix")
        return UNKNOWN  # not checked for large numbers
    return prefix.shown(prefix.start + number + (room if number < 0 else 0))


def _netmask(args: list[Value]) -> Datum:
    prefix = _prefix(args[0])
    if prefix is None:
        return UNKNOWN
    if prefix.size != 32:
        raise Fault("IPv6 has no netmask")
    return prefix.shown((1 << 32) - (1 << (32 - prefix.bits)))


def _subnet(args: list[Value]) -> Datum:
    more, number, prefix = whole(args[1]), whole(args[2]), _prefix(args[0])
    if more is None or number is None or prefix is None or more < 0 or number < 0:
        return UNKNOWN  # negative numbers give what is no subnet of the prefix
    bits = prefix.bits + more
    if bits > prefix.size:
        raise Fault("more bits than an address has")
    if number >= 1 << more:
        if more < 62:
            raise Fault("no such subnet")
        return UNKNOWN
    return prefix.subnet(prefix.start + (number << (prefix.size - bits)), bits)


def _subnets(args: list[Value]) -> Datum:
    sizes = [whole(arg) for arg in args[1:]]
    prefix = _prefix(args[0])
    for size in sizes:
        if size is not None and not 1 <= size <= 32:
            raise Fault("one to 32 bits are required")
    if prefix is None or None in sizes or len(sizes) > MAX_SUBNETS:
        return UNKNOWN
    found: list[str] = []
    end = prefix.start + (1 << (prefix.size - prefix.bits))
    at = prefix.start
    for size in sizes:
        bits = prefix.bits + (size or 0)
        if bits > prefix.size:
            raise Fault("more bits than an address has")
        room = 1 << (prefix.size - bits)
        # Each begins where its own size allows, behind the one before.
        at = -(-at // room) * room
        if at + room > end:
            raise Fault("the prefix is used up")
        shown = prefix.subnet(at, bits)
        if not isinstance(shown, str):
            return UNKNOWN
        found.append(shown)
        at += room
    return text_list(found)


TABLE: Table = {
    "cidrhost": ("sn", _host),
    "cidrnetmask": ("s", _netmask),
    "cidrsubnet": ("snn", _subnet),
    "cidrsubnets": ("s*n", _subnets),
}
