"""Paths as text. What depends on where Terraform runs is open."""

from __future__ import annotations

import posixpath

from fsbp_lsp.terraform.data import PathText
from fsbp_lsp.terraform.functions import decided
from fsbp_lsp.values import UNKNOWN, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.terraform.functions import Table
    from fsbp_lsp.values import Datum


def _clean(path: str) -> str:
    cleaned = posixpath.normpath(path)
    return cleaned[1:] if cleaned.startswith("//") else cleaned


def _absolute(args: list[Value]) -> Datum | Value:
    path = known(args[0].raw)
    if isinstance(path, PathText):
        return args[0]  # it names what it named before
    return _clean(path) if isinstance(path, str) and path.startswith("/") and "\\" not in path else UNKNOWN


def _base(path: str) -> Datum:
    if "\\" in path:
        return UNKNOWN
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


def _dir(path: str) -> Datum:
    if "\\" in path:
        return UNKNOWN
    head, slash, _tail = path.rpartition("/")
    return _clean(head + slash)


def _expand(path: str) -> Datum:
    return UNKNOWN if path.startswith("~") else path


TABLE: Table = {
    "abspath": ("s", _absolute),
    "basename": ("s", decided(_base)),
    "dirname": ("s", decided(_dir)),
    "pathexpand": ("s", decided(_expand)),
}
