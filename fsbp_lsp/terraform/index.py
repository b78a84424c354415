"""Where the things of a module are written: which piece declares which variable, local, resource."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.syntax.hcl_tree import Attribute, Block, Body
    from fsbp_lsp.text import Piece


class Declared:
    """A resource, data or module block with the override blocks that change it, in the order they apply."""

    __slots__ = ("address", "block", "mode", "name", "overrides", "piece", "type")

    def __init__(self, mode: str, block: Block, piece: Piece) -> None:
        """mode: 'resource', 'data' or 'module'."""
        self.mode = mode
        self.block = block
        self.piece = piece
        self.type = "module" if mode == "module" else block.labels[0]
        self.name = block.labels[-1]
        self.address = f"{'data.' if mode == 'data' else ''}{self.type}.{self.name}"
        self.overrides: list[tuple[Piece, Block]] = []

    @property
    def layers(self) -> list[tuple[Piece, Body]]:
        """The body and those of the overrides: what a later layer sets replaces what was there."""
        return [(self.piece, self.block.body), *((piece, block.body) for piece, block in self.overrides)]

    def attribute(self, name: str) -> tuple[Piece, Attribute] | None:
        """The attribute as the last layer sets it."""
        if not self.overrides:
            found = self.block.body.attributes.get(name)
            return None if found is None else (self.piece, found)
        for piece, body in reversed(self.layers):
            found = body.attributes.get(name)
            if found is not None:
                return piece, found
        return None


class Layer:
    """The variable values of one tfvars file. broken: it may set more than we could read."""

    __slots__ = ("broken", "values")

    def __init__(self, values: dict[str, tuple[Piece, Attribute]], broken: bool) -> None:
        self.values = values
        self.broken = broken


class Index:
    """Everything declared in a directory. `declared` and `types` hold module calls too (`module.name`, `module`).

    serials: of all pieces, in file order, so that equal serials mean an equal module.
    """

    __slots__ = ("calls", "declared", "locals", "outputs", "serials", "tfvars", "types", "variables")

    def __init__(self) -> None:
        self.variables: dict[str, list[tuple[Piece, Block]]] = {}
        self.locals: dict[str, list[tuple[Piece, Attribute]]] = {}
        self.declared: dict[str, Declared] = {}
        self.types: dict[str, list[Declared]] = {}
        self.calls: list[Declared] = []
        self.outputs: dict[str, list[tuple[Piece, Block]]] = {}
        self.tfvars: list[Layer] = []
        self.serials: list[int] = []

    def add(self, piece: Piece, body: Body, override: bool) -> None:
        """Take over the blocks of one piece. Override pieces must come after all others."""
        self.serials.append(piece.serial)
        for block in body.blocks:
            kind, labels = block.type, block.labels
            if kind in ("resource", "data") and len(labels) == 2:
                self._declare(Declared(kind, block, piece), override)
            elif kind == "variable" and len(labels) == 1:
                self.variables.setdefault(labels[0], []).append((piece, block))
            elif kind == "locals":
                for name, attribute in block.body.attributes.items():
                    self.locals.setdefault(name, []).append((piece, attribute))
            elif kind == "module" and len(labels) == 1:
                self._declare(Declared(kind, block, piece), override)
            elif kind == "output" and len(labels) == 1:
                self.outputs.setdefault(labels[0], []).append((piece, block))

    def _declare(self, declared: Declared, override: bool) -> None:
        first = self.declared.get(declared.address)
        if override and first is not None:
            first.overrides.append((declared.piece, declared.block))
        elif first is None:
            self.declared[declared.address] = declared
            self.types.setdefault(_type_of(declared), []).append(declared)
            if declared.mode == "module":
                self.calls.append(declared)


def _type_of(declared: Declared) -> str:
    return declared.address.rpartition(".")[0]
