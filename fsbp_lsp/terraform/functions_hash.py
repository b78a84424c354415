"""Digests, and UUIDs that are digests."""

from __future__ import annotations

import re

from fsbp_lsp.terraform.data import Fault
from fsbp_lsp.terraform.functions import decided
from fsbp_lsp.values import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.terraform.functions import Table
    from fsbp_lsp.values import Datum


def digest(name: str, data: bytes, encoded: bool = False) -> str:
    """The digest in hexadecimal, or in base64."""
    import hashlib

    made = hashlib.new(name, data, usedforsecurity=False)
    if not encoded:
        return made.hexdigest()
    import base64

    return base64.b64encode(made.digest()).decode("ascii")


def _hash(name: str, encoded: bool = False) -> Callable[[str], Datum]:
    return lambda text: digest(name, text.encode("utf-8", "surrogatepass"), encoded)


_NAMESPACES = {
    # RFC 4122, appendix C
    "dns": "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    "url": "6ba7b811-9dad-11d1-80b4-00c04fd430c8",
    "oid": "6ba7b812-9dad-11d1-80b4-00c04fd430c8",
    "x500": "6ba7b814-9dad-11d1-80b4-00c04fd430c8",
}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


def _uuid_v5(namespace: str, name: str) -> Datum:
    space = _NAMESPACES.get(namespace, namespace.lower())
    if not _UUID.match(space):
        if not any(char in "0123456789abcdef" for char in space) or len(space) < 32:
            raise Fault("not a namespace")
        return UNKNOWN
    import hashlib

    made = bytearray(hashlib.sha1(bytes.fromhex(space.replace("-", "")) + name.encode(), usedforsecurity=False).digest()[:16])
    made[6] = made[6] & 0x0F | 0x50
    made[8] = made[8] & 0x3F | 0x80
    digits = made.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


TABLE: Table = {
    "base64sha256": ("s", decided(_hash("sha256", encoded=True))),
    "base64sha512": ("s", decided(_hash("sha512", encoded=True))),
    "md5": ("s", decided(_hash("md5"))),
    "sha1": ("s", decided(_hash("sha1"))),
    "sha256": ("s", decided(_hash("sha256"))),
    "sha512": ("s", decided(_hash("sha512"))),
    "uuidv5": ("ss", decided(_uuid_v5)),
}
