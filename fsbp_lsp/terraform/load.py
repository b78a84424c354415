"""Reading a module directory: which files count, in which order, and what could not be read."""

from __future__ import annotations

import os

from fsbp_lsp.files import ReadError
from fsbp_lsp.model.resource import Problem
from fsbp_lsp.syntax.hcl import HclFile, read_hcl
from fsbp_lsp.terraform.ignores import ignore_comments
from fsbp_lsp.terraform.index import Index, Layer
from fsbp_lsp.terraform.module import TerraformModule
from fsbp_lsp.text import Loc, Piece, SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsbp_lsp.files import Files
    from fsbp_lsp.model import IgnoreComment
    from fsbp_lsp.syntax.hcl_tree import Body, Comment

_SUFFIXES = (".tofu.json", ".tf.json", ".tofu", ".tf")
MAX_PROBLEMS = 50
"""Problems reported per file."""


class ReadFile:
    """One file as this package needs it, whatever its notation."""

    __slots__ = ("comments", "errors", "file", "hcl", "items")

    def __init__(
        self,
        file: SourceFile,
        items: list[tuple[Piece, Body]],
        comments: list[tuple[Piece, Comment]],
        errors: list[tuple[Piece, int, int, str]],
        hcl: HclFile | None = None,
    ) -> None:
        self.file = file
        self.items = items
        self.comments = comments
        self.errors = errors
        self.hcl = hcl


def read_file(path: str, data: bytes, previous: object, values: bool = False) -> ReadFile:
    """Parse a file; `previous` is what this function returned for the path before (its pieces are moved here)."""
    before = previous if isinstance(previous, ReadFile) else None
    if before is not None and before.file.data == data:
        return before
    file = SourceFile(path, data)
    if path.endswith(".json"):
        return _read_json(file, values)
    made = read_hcl(file, before.hcl if before is not None else None)
    return ReadFile(file, made.items, made.comments, made.errors, made)


def _read_json(file: SourceFile, values: bool) -> ReadFile:
    from fsbp_lsp.syntax.json import read_json
    from fsbp_lsp.terraform.tfjson import file_body, values_body

    piece = Piece(file, 0, file.data)
    document = read_json(piece)
    piece.tree = document
    errors = [(piece, error.start, error.end, error.message) for error in document.errors]
    return ReadFile(file, [(piece, (values_body if values else file_body)(document))], [], errors)


class _Loader:
    def __init__(self, files: Files, cache: dict[str, object] | None) -> None:
        self.files = files
        self.cache = cache if cache is not None else {}
        self.sources: list[SourceFile] = []
        self.problems: list[Problem] = []
        self.ignores: list[IgnoreComment] = []
        self.seen: set[str] = set()

    def read(self, path: str, values: bool = False) -> ReadFile | None:
        """The parsed file; None (and a problem) when it cannot be read."""
        self.seen.add(path)
        try:
            data = self.files.read(path)
        except FileNotFoundError:
            self.problems.append(Problem(path, "no such file"))
        except ReadError as error:
            self.problems.append(Problem(path, str(error)))
        else:
            made = read_file(path, data, self.cache.get(path), values)
            self.cache[path] = made
            self.sources.append(made.file)
            for piece, start, end, message in made.errors[:MAX_PROBLEMS]:
                self.problems.append(Problem(path, message, Loc(piece, start, end)))
            self.ignores.extend(ignore_comments(made.file, made.comments))
            return made
        self.cache.pop(path, None)
        return None

    def layer(self, path: str) -> Layer:
        made = self.read(path, True)
        if made is None:
            return Layer({}, True)
        values = {name: (piece, attribute) for piece, body in made.items for name, attribute in body.attributes.items()}
        return Layer(values, bool(made.errors) or any(body.broken for _piece, body in made.items))


def load_module(files: Files, directory: str, cache: dict[str, object] | None = None, var_files: Sequence[str] = ()) -> TerraformModule:
    """See `fsbp_lsp.terraform.load_module`."""
    loader = _Loader(files, cache)
    names = files.siblings(directory)
    index = Index()
    for override in (False, True):
        for name in configuration_files(names):
            if is_override(name) is override:
                made = loader.read(os.path.join(directory, name))
                for piece, body in made.items if made is not None else ():
                    index.add(piece, body, override)
    for path in [*(os.path.join(directory, name) for name in value_files(names)), *var_files]:
        layer = loader.layer(path)
        index.tfvars.append(layer)
        index.serials.extend(piece.serial for piece, _attribute in layer.values.values())
    for path in [path for path in loader.cache if path not in loader.seen and path != NEAR]:
        del loader.cache[path]
    module = TerraformModule(directory, index, tuple(loader.sources), tuple(loader.problems), tuple(loader.ignores))
    near = loader.cache.setdefault(NEAR, module.near)
    if isinstance(near, dict):
        module.near = near
    return module


NEAR = "\0near"
"""Where the cache keeps what is no file: a name no file can have."""


def load_tfvars(files: Files, path: str, cache: dict[str, object] | None = None) -> TerraformModule:
    """See `fsbp_lsp.terraform.load_tfvars`."""
    loader = _Loader(files, cache)
    loader.layer(path)
    return TerraformModule(path, Index(), tuple(loader.sources), tuple(loader.problems), tuple(loader.ignores))


def configuration_files(names: Sequence[str]) -> list[str]:
    """The configuration files among the names of a directory; OpenTofu's own spelling shadows the other."""
    present = set(names)
    found: list[str] = []
    for name in names:
        suffix = next((suffix for suffix in _SUFFIXES if name.endswith(suffix)), None)
        if suffix is None or name.startswith((".", "#")) or name.endswith("~"):
            continue
        if suffix.startswith(".tf") and name.removesuffix(suffix) + suffix.replace(".tf", ".tofu") in present:
            continue
        found.append(name)
    return found


def is_override(name: str) -> bool:
    stem = next(name.removesuffix(suffix) for suffix in _SUFFIXES if name.endswith(suffix))
    return stem == "override" or stem.endswith("_override")


def value_files(names: Sequence[str]) -> list[str]:
    """Value files Terraform loads by itself, in the order in which later ones win."""
    first = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
    return first + sorted(name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json")))
