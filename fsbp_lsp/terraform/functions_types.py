"""Conversions, and functions that mark a value without changing it."""

from __future__ import annotations

from fsbp_lsp.terraform.conversion import null_of, to_collection, to_type
from fsbp_lsp.terraform.kinds import DYNAMIC
from fsbp_lsp.values import UNKNOWN, Value, Via

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.terraform.functions import Run, Table
    from fsbp_lsp.values import Datum


def _scalar(name: str) -> Run:
    def convert(args: list[Value]) -> Value:
        if args[0].raw is None:
            to_type(args[0], name)
            return null_of(name, args[0])
        return to_type(args[0], name)

    return convert


def _collection(name: str) -> Run:
    def convert(args: list[Value]) -> Datum | Value:
        if args[0].raw is None:
            to_type(args[0], (name, DYNAMIC))
            return null_of((name, DYNAMIC), args[0])
        return to_collection(args[0].raw, name)

    return convert


def _same(args: list[Value]) -> Value:
    return args[0]


def _not_ephemeral(args: list[Value]) -> Datum | Value:
    # Variables may be declared ephemeral, and then this is null.
    through = {origin.via for origin in args[0].origins}
    return UNKNOWN if through & {Via.VARIABLE, Via.TFVARS, Via.ARGUMENT, Via.OPAQUE} else args[0]


def _is_sensitive(_args: list[Value]) -> Datum:
    return UNKNOWN


TABLE: Table = {
    "ephemeralasnull": ("d?", _not_ephemeral),
    "issensitive": ("d?", _is_sensitive),
    "nonsensitive": ("d?", _same),
    "sensitive": ("d?", _same),
    "tobool": ("d?", _scalar("bool")),
    "tolist": ("d?", _collection("list")),
    "tomap": ("d?", _collection("map")),
    "tonumber": ("d?", _scalar("number")),
    "toset": ("d?", _collection("set")),
    "tostring": ("d?", _scalar("string")),
}
