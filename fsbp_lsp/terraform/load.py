"""Reading a module directory: which files count, in which order, and what could not be read."""

from __future__ import annotations

import os

from fsbp_lsp.files import ReadError
from fsbp_lsp.model.resource import Problem
from fsbp_lsp.syntax.hcl import HclFile, read_hcl
from fsbp_lsp.terraform.calls import Sources
from fsbp_lsp.terraform.deployment import Deployment, Kept
from fsbp_lsp.terraform.ignores import ignore_comments
from fsbp_lsp.terraform.index import Index, Layer
from fsbp_lsp.text import Loc, Piece, SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fsbp_lsp.files import Files
    from fsbp_lsp.model import IgnoreComment
    from fsbp_lsp.syntax.hcl_tree import Body, Comment
    from fsbp_lsp.terraform.module import TerraformModule

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


class Directory:
    """One module directory as it was read, shared by every instance of the module."""

    __slots__ = ("files", "ignores", "index", "path", "problems")

    def __init__(
        self, path: str, index: Index, files: tuple[SourceFile, ...], problems: tuple[Problem, ...], ignores: tuple[IgnoreComment, ...]
    ) -> None:
        self.path = path
        self.index = index
        self.files = files
        self.problems = problems
        self.ignores = ignores


class _Reading:
    """What one directory is made of, file by file."""

    def __init__(self, files: Files, held: dict[str, ReadFile], values: dict[str, ReadFile]) -> None:
        """`held` and `values`: configuration and value files as they were read before, by path; updated here."""
        self.files = files
        self._held = held
        self._values = values
        self.made: list[ReadFile] = []
        self.sources: list[SourceFile] = []
        self.problems: list[Problem] = []
        self.ignores: list[IgnoreComment] = []
        self.seen: set[str] = set()

    def read(self, path: str, values: bool = False) -> ReadFile | None:
        """The parsed file; None (and a problem) when it cannot be read."""
        self.seen.add(path)
        held = self._values if values else self._held
        try:
            data = self.files.read(path)
        except FileNotFoundError:
            self.problems.append(Problem(path, "no such file"))
        except ReadError as error:
            self.problems.append(Problem(path, str(error)))
        else:
            made = held[path] = read_file(path, data, held.get(path), values)
            self.made.append(made)
            self.sources.append(made.file)
            for piece, start, end, message in made.errors[:MAX_PROBLEMS]:
                self.problems.append(Problem(path, message, Loc(piece, start, end)))
            self.ignores.extend(ignore_comments(made.file, made.comments))
            return made
        held.pop(path, None)
        return None

    def layer(self, path: str) -> Layer:
        made = self.read(path, True)
        if made is None:
            return Layer({}, True)
        values = {name: (piece, attribute) for piece, body in made.items for name, attribute in body.attributes.items()}
        return Layer(values, bool(made.errors) or any(body.broken for _piece, body in made.items))

    def directory(self, path: str, index: Index) -> Directory:
        for held in (self._held, self._values):
            for gone in [name for name in held if name not in self.seen]:
                del held[gone]
        return Directory(path, index, tuple(self.sources), tuple(self.problems), tuple(self.ignores))


class Reader:
    """Reads directories, each once. `cache` is the caller's and outlives the reader: see `load_module`."""

    def __init__(self, files: Files, cache: dict[str, object] | None = None) -> None:
        self.files = files
        self._cache = cache if cache is not None else {}
        self._directories: dict[str, Directory] = {}

    def _held(self, name: str) -> dict[str, ReadFile]:
        found = self._cache.setdefault(name, {})
        assert isinstance(found, dict)
        return found

    def reading(self, path: str, root: bool) -> _Reading:
        """The reading of one directory, with what an earlier one left in the cache."""
        return _Reading(self.files, self._held(path), self._held(f"\0values {path}") if root else {})

    def directory(self, path: str) -> Directory:
        """A directory that is called: without value files, which belong to a root module."""
        made = self._directories.get(path)
        if made is None:
            made = self._directories[path] = self._called(path)
        return made

    def _called(self, path: str) -> Directory:
        reading = self.reading(path, False)
        files = _configuration(reading, path, self.files.siblings(path))
        return self._built(f"\0directory {path}", path, reading, lambda: _index(files))

    def root(self, path: str, var_files: Sequence[str]) -> Directory:
        """The directory of a root module, with the value files Terraform loads for it and those named."""
        names = self.files.siblings(path)
        reading = self.reading(path, True)
        files = _configuration(reading, path, names)
        layers = [reading.layer(file) for file in [*(os.path.join(path, name) for name in value_files(names)), *var_files]]

        def build() -> Index:
            index = _index(files)
            for layer in layers:
                index.tfvars.append(layer)
                index.serials.extend(piece.serial for piece, _attribute in layer.values.values())
            return index

        return self._built(f"\0root {path}", path, reading, build)

    def _built(self, name: str, path: str, reading: _Reading, build: Callable[[], Index]) -> Directory:
        """What was built of the same pieces before, else built now."""
        last = self._cache.get(name)
        if isinstance(last, tuple) and last[0] == reading.made and isinstance(last[1], Directory) and not reading.problems:
            return last[1]
        made = reading.directory(path, build())
        self._cache[name] = reading.made, made
        return made

    def kept(self, path: str) -> Kept:
        """What earlier deployments of this root found out."""
        found = self._cache.setdefault(f"\0kept {path}", Kept())
        assert isinstance(found, Kept)
        return found


def _configuration(reading: _Reading, path: str, names: Sequence[str]) -> list[tuple[ReadFile, bool]]:
    """The configuration files of a directory as they apply, with whether they override."""
    files: list[tuple[ReadFile, bool]] = []
    for override in (False, True):
        for name in configuration_files(names):
            if is_override(name) is override:
                made = reading.read(os.path.join(path, name))
                if made is not None:
                    files.append((made, override))
    return files


def _index(files: list[tuple[ReadFile, bool]]) -> Index:
    index = Index()
    for made, override in files:
        for piece, body in made.items:
            index.add(piece, body, override)
    return index


def load_module(
    files: Files,
    directory: str,
    cache: dict[str, object] | None = None,
    var_files: Sequence[str] = (),
    keep: bool = False,
    pause: Callable[[], None] | None = None,
) -> TerraformModule:
    """See `fsbp_lsp.terraform.load_module`."""
    reader = Reader(files, cache)
    kept = reader.kept(directory) if keep else None
    return Deployment(reader.root(directory, var_files), Sources(reader, directory), kept, pause).root


def load_tfvars(files: Files, path: str, cache: dict[str, object] | None = None) -> TerraformModule:
    """See `fsbp_lsp.terraform.load_tfvars`."""
    reader = Reader(files, cache)
    reading = reader.reading(path, True)
    reading.layer(path)
    return Deployment(reading.directory(path, Index()), Sources(reader, path)).root


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
