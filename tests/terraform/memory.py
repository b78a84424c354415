"""Modules made of text, for tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from fsbp_lsp.files import Files
from fsbp_lsp.terraform import load_module
from fsbp_lsp.terraform.module import TerraformModule
from fsbp_lsp.text import Loc, Piece, SourceFile
from fsbp_lsp.values import Map, Seq, Value, known


class MemoryFiles(Files):
    """Files that live in a dict of path to text."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files

    def read(self, path: str) -> bytes:
        if path not in self.files:
            raise FileNotFoundError(path)
        return self.files[path].encode("utf-8", "surrogateescape")

    def siblings(self, directory: str) -> list[str]:
        return sorted(os.path.basename(path) for path in self.files if os.path.dirname(path) == directory)

    def walk(self, root: str, excluded: Callable[[str], bool] = lambda _path: False) -> Iterable[str]:
        return [path for path in self.files if not excluded(path)]


def module(text: str = "", **others: str) -> TerraformModule:
    """A module of `main.tf` and other files; in their names `__` stands for a dot."""
    files = {"main.tf": text} | {name.replace("__", "."): content for name, content in others.items()}
    return load_module(MemoryFiles({f"m/{name}": content for name, content in files.items()}), "m")


def config(loaded: TerraformModule, address: str) -> Value:
    resource = loaded.get(address)
    assert resource is not None, address
    return resource.config


def value_of(expression: str, text: str = "") -> Value:
    """The value of an expression in a module that also holds `text`."""
    loaded = module(f"{text}\nlocals {{\n  value_ = {expression}\n}}\n")
    return loaded.local("value_", Loc(Piece(SourceFile("x", b""), 0, b""), 0, 0))


def shown(value: Value) -> object:
    """Plain data of a value for comparison; unknown parts as '?', possibilities as a set-like tuple."""
    if len(value.options) > 1:
        return tuple(_shown(option) for option in value.options)
    return _shown(value.options[0])


def _shown(option: object) -> object:
    datum = known(option)
    if isinstance(datum, Seq):
        return [shown(item) for item in datum.items] + (["…"] if datum.open else [])
    if isinstance(datum, Map):
        made = {key: shown(item) for key, item in datum.entries.items()}
        return made | ({"…": True} if datum.open else {})
    return datum if datum is None or isinstance(datum, (str, int, float)) else "?"
