"""Values of input variables: tfvars files over the default, converted to the declared type."""

from __future__ import annotations

from fsbp_lsp.terraform.data import Fault, TooMuch
from fsbp_lsp.terraform.scope import Scope
from fsbp_lsp.terraform.types import convert
from fsbp_lsp.text import Loc
from fsbp_lsp.values import UNKNOWN, Origin, Value, Via, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.syntax.hcl_tree import Attribute, Expr
    from fsbp_lsp.terraform.evaluate import Evaluator
    from fsbp_lsp.terraform.index import Index
    from fsbp_lsp.text import Piece


def variable_value(index: Index, name: str, evaluator: Evaluator) -> Value:
    """The value of `var.name` in a root module, with its one origin: variable default, tfvars, or opaque."""
    blocks = index.variables.get(name)
    if not blocks:
        return _opaque(f"variable {name} is not declared")
    if any(block.body.broken for _piece, block in blocks):
        return _opaque(f"variable {name} is being edited")

    def attribute(wanted: str) -> tuple[Piece, Attribute] | None:
        for piece, block in reversed(blocks):
            found = block.body.attributes.get(wanted)
            if found is not None:
                return piece, found
        return None

    default = attribute("default")
    chosen: tuple[Piece, Attribute] | None = default
    via = Via.VARIABLE
    for layer in reversed(index.tfvars):
        if name in layer.values:
            chosen, via = layer.values[name], Via.TFVARS
            break
        if layer.broken:
            return _opaque(f"variable {name} may be set in a file that could not be read")
    if chosen is None:
        return _opaque(f"variable {name} has no default")
    piece, written = chosen
    origin = Origin(via, Loc(piece, written.expr_start, written.expr_end), f"var.{name}")
    # Neither defaults nor tfvars may refer to anything.
    value = evaluator.safe(written.expr, Scope(piece))
    if via is Via.TFVARS and known(value.raw) is None and default is not None and _not_nullable(attribute("nullable"), evaluator):
        piece, written = default
        origin = Origin(Via.VARIABLE, Loc(piece, written.expr_start, written.expr_end), f"var.{name}")
        value = evaluator.safe(written.expr, Scope(piece))
    constraint = attribute("type")
    if constraint is not None:
        holder, type_attribute = constraint

        def default_of(expr: Expr) -> Value:
            return evaluator.safe(expr, Scope(holder))

        try:
            value = convert(value, type_attribute.expr, default_of)
        except (Fault, TooMuch):
            value = Value((UNKNOWN,), value.at)
    return Value(value.options, value.at, (origin,), value.node)


def _not_nullable(attribute: tuple[Piece, Attribute] | None, evaluator: Evaluator) -> bool:
    return attribute is not None and known(evaluator.safe(attribute[1].expr, Scope(attribute[0])).raw) is False


def _opaque(note: str) -> Value:
    return Value((UNKNOWN,), None, (Origin(Via.OPAQUE, None, note),))
