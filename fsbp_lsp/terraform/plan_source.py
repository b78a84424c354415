"""Where the things of a plan are written: the configuration beside it, read for places and for nothing else.

A value of a plan comes from the plan. Source says at which line it is written, whether a block that a plan
does not show may be a `dynamic` one, and what a local value refers to, which no plan tells.
"""

from __future__ import annotations

import os

from fsbp_lsp.files import SKIPPED_DIRECTORIES, ReadError, spelled
from fsbp_lsp.syntax import hcl_tree as hcl
from fsbp_lsp.terraform.load import Reader
from fsbp_lsp.terraform.names import children
from fsbp_lsp.terraform.references import flatten
from fsbp_lsp.text import Loc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.files import Files
    from fsbp_lsp.terraform.index import Declared
    from fsbp_lsp.terraform.load import Directory
    from fsbp_lsp.text import Piece

MAX_DIRECTORIES = 500
_PASSING = frozenset(
    {"try", "coalesce", "lookup", "one", "element", "tostring", "sensitive", "nonsensitive", "toset", "tolist", "concat", "compact"}
)
"""Functions whose result is one of their arguments, or an element of one."""


class Home:
    """One directory of a module. editable: its files are ours to report on (not downloaded)."""

    __slots__ = ("directory", "editable", "path")

    def __init__(self, path: str, directory: Directory) -> None:
        self.path = path
        self.directory = directory
        self.editable = not any(part in SKIPPED_DIRECTORIES for part in path.replace(os.sep, "/").split("/"))

    def declared(self, block: str) -> Declared | None:
        """The block of this address (`aws_s3_bucket.b`, `data.…`) within the module."""
        return self.directory.index.declared.get(block)

    def call(self, name: str) -> Loc | None:
        """The header of `module "name"`."""
        found = self.directory.index.declared.get(f"module.{name}")
        return None if found is None else Loc(found.piece, found.block.start, found.block.header_end)

    def local_references(self, name: str) -> list[str] | None:
        """What `local.name` refers to, in a plan's spelling; None when it is not declared here."""
        places = self.directory.index.locals.get(name)
        return None if not places else references_in(places[-1][1].expr)


class Spot:
    """A body as written, its overrides on top: where its attributes and blocks stand."""

    __slots__ = ("_layers",)

    def __init__(self, layers: list[tuple[Piece, hcl.Body]]) -> None:
        self._layers = layers

    def attribute(self, name: str) -> tuple[Loc, hcl.Expr] | None:
        """The place and the expression of an attribute."""
        for piece, body in reversed(self._layers):
            found = body.attributes.get(name)
            if found is not None:
                return Loc(piece, found.expr_start, found.expr_end), found.expr
        return None

    def names(self) -> set[str]:
        """The names of all attributes that are written."""
        return {name for _piece, body in self._layers for name in body.attributes}

    def key(self, name: str) -> Loc | None:
        for piece, body in reversed(self._layers):
            found = body.attributes.get(name)
            if found is not None:
                return Loc(piece, found.start, found.name_end)
        return None

    def blocks(self, name: str) -> list[tuple[Loc, Spot]]:
        """(header, body) of the blocks written out under a name; of the last layer that has any."""
        for piece, body in reversed(self._layers):
            found = [block for block in body.blocks if block.type == name]
            if found:
                return [(Loc(piece, block.start, block.header_end), Spot([(piece, block.body)])) for block in found]
        return []

    def constants(self) -> dict[str, object]:
        """The attributes in a plan's spelling: literals as constants, all else as expressions that say nothing."""
        made: dict[str, object] = {}
        for _piece, body in self._layers:
            for name, attribute in body.attributes.items():
                expr = attribute.expr
                if isinstance(expr, hcl.Literal) and expr.value is not None:
                    made[name] = {"constant_value": expr.value}
                elif isinstance(expr, hcl.Tuple) and all(isinstance(item, hcl.Literal) for item in expr.items):
                    made[name] = {"constant_value": [item.value for item in expr.items if isinstance(item, hcl.Literal)]}
                else:
                    made[name] = {}
        return made

    def dynamic(self, name: str) -> list[tuple[Loc, Spot]]:
        """(header, body) of the `content` of every `dynamic` block for a name."""
        made: list[tuple[Loc, Spot]] = []
        for piece, body in self._layers:
            for block in body.blocks:
                if block.type == "dynamic" and block.labels and block.labels[0] == name:
                    inner = next((part for part in block.body.blocks if part.type == "content"), block)
                    made.append((Loc(piece, inner.start, inner.header_end), Spot([(piece, inner.body)])))
        return made


class SourceTree:
    """The configuration a plan was made from. root: the directory of the root module, '' for the current one."""

    def __init__(self, files: Files, root: str) -> None:
        self._reader = Reader(files)
        self._root = root
        self._read: dict[str, Home | None] = {}
        self._installed: dict[str, str] | None = None

    @property
    def homes(self) -> list[Home]:
        """Those that were read so far, in the order of their paths."""
        return [found for _path, found in sorted(self._read.items()) if found is not None]

    def home(self, names: tuple[str, ...], source: str = "", parent: Home | None = None) -> Home | None:
        """The directory of the module reached by these call names; None when its source is not on disk.

        source: what the call says, parent: where the call is written.
        """
        if not names:
            return self._load(self._root)
        if parent is not None and source.startswith(("./", "../")):
            return self._load(spelled(os.path.join(parent.path, source)))
        found = self._manifest().get(".".join(names))
        return self._load(os.path.normpath(os.path.join(self._root, found))) if found is not None else None

    def _load(self, path: str) -> Home | None:
        path = "" if path == "." else path
        if path not in self._read:
            made = self._reader.directory(path) if len(self._read) < MAX_DIRECTORIES else None
            self._read[path] = Home(path, made) if made is not None and made.files else None
        return self._read[path]

    def _manifest(self) -> dict[str, str]:
        """Where `terraform init` put modules: call names joined by dots to directories below the root."""
        if self._installed is None:
            self._installed = {}
            import json

            try:
                made = json.loads(self._reader.files.read(os.path.join(self._root, ".terraform", "modules", "modules.json")))
            except (OSError, ReadError, ValueError, RecursionError):
                return self._installed
            for entry in made.get("Modules") or () if isinstance(made, dict) else ():
                if isinstance(entry, dict) and isinstance(entry.get("Key"), str) and isinstance(entry.get("Dir"), str):
                    place = os.path.normpath(entry["Dir"])
                    # A manifest is input: it must not lead out of where modules are installed, or of the repository's own.
                    if not os.path.isabs(place):
                        self._installed[entry["Key"]] = place
        return self._installed


def passes_through(expr: hcl.Expr, depth: int = 0) -> bool:
    """The value of the expression is that of something it refers to, and not made of it."""
    if depth > 20:
        return False
    if isinstance(expr, (hcl.Variable, hcl.GetAttr, hcl.Index, hcl.Splat)):
        return True
    if isinstance(expr, hcl.Conditional):
        return all(passes_through(part, depth + 1) or isinstance(part, hcl.Literal) for part in (expr.yes, expr.no))
    if isinstance(expr, hcl.Call):
        return expr.name in _PASSING and all(isinstance(part, hcl.Literal) or passes_through(part, depth + 1) for part in expr.args)
    if isinstance(expr, hcl.Template):
        return len(expr.parts) == 1 and isinstance(expr.parts[0], hcl.Expr) and passes_through(expr.parts[0], depth + 1)
    if isinstance(expr, hcl.Tuple):
        return len(expr.items) == 1 and passes_through(expr.items[0], depth + 1)
    return False


def references_in(expr: hcl.Expr, most: int = 2_000) -> list[str]:
    """The references of an expression as `terraform show` spells them: cut before the first index that is no literal."""
    from fsbp_lsp.terraform.plan_address import show_key

    found: list[str] = []
    pending = [expr]
    while pending and len(found) < most:
        node = pending.pop()
        if not isinstance(node, (hcl.GetAttr, hcl.Index, hcl.Variable)):
            pending.extend(children(node))
            continue
        root, steps = flatten(node)
        pending.extend(step for step in steps if not isinstance(step, str))
        if not isinstance(root, hcl.Variable):
            pending.append(root)
            continue
        text = root.name
        for step in steps:
            if isinstance(step, str):
                text += f".{step}"
            elif isinstance(step, hcl.Literal) and isinstance(step.value, (str, int)) and not isinstance(step.value, bool):
                text += show_key(step.value)
            else:
                break
        if "." in text:
            found.append(text)
    return found
