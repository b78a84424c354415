"""Addresses across a deployment: `aws_s3_bucket.logs` at its root, `module.storage["eu"].aws_s3_bucket.logs` below.

The address of an instance of a module (`module.storage["eu"]`) is the prefix of everything declared in it; the
root's is ''. Neither types nor names hold a dot, so an address is taken apart from its end.
"""

from __future__ import annotations


def join(prefix: str, local: str) -> str:
    """The address of what a module calls `local`."""
    return f"{prefix}.{local}" if prefix else local


def split(address: str) -> tuple[str, str]:
    """(prefix, local address) of a resource, data source or module call; without an instance key behind it."""
    if not address.startswith("module."):
        return "", address
    head, _, name = address.rpartition(".")
    head, _, type = head.rpartition(".")
    above = head.removesuffix(".data")
    if above != head and not _lacks_name(above):
        return above, f"data.{type}.{name}"
    return head, f"{type}.{name}"


def _lacks_name(prefix: str) -> bool:
    """Whether the last thing is the word `module` and not the name of one: a module may be called `data`, or `module`."""
    words = 0
    while prefix == "module" or prefix.endswith(".module"):
        words += 1
        prefix = prefix.removesuffix("module").removesuffix(".")
    return words % 2 == 1


__all__ = ["join", "split"]
