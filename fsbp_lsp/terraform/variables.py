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


def variable_value(index: Index, name: str, evaluator: Evaluator, argument: Value | None = None, called: bool = False) -> Value:
    """The value of `var.name` with its origins: variable default, tfvars, module argument, or opaque.

    called: the module is called by another one, with `argument` for this variable where that is not None; value
    files then do not count. The argument's first origin says where it is written.
    """
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

    def written(chosen: tuple[Piece, Attribute], via: Via) -> Value:
        # Neither defaults nor tfvars may refer to anything.
        piece, found = chosen
        value = evaluator.safe(found.expr, Scope(piece))
        origin = Origin(via, Loc(piece, found.expr_start, found.expr_end), f"var.{name}")
        return Value(value.options, value.at, (origin,), value.node)

    default = attribute("default")
    value: Value | None = argument
    for layer in () if called else reversed(index.tfvars):
        if name in layer.values:
            value = written(layer.values[name], Via.TFVARS)
            break
        if layer.broken:
            return _opaque(f"variable {name} may be set in a file that could not be read")
    maybe_null = value is not None and any(known(option) is None for option in value.options)
    if value is not None and maybe_null and default is not None and _not_nullable(attribute("nullable"), evaluator):
        # null is what the default is for.
        given = tuple(option for option in value.options if known(option) is not None)
        filled = written(default, Via.VARIABLE)
        value = Value((*given, *filled.options), value.at, value.origins, value.node) if given else filled
    if value is None:
        if default is None:
            return _opaque(f"variable {name} is not set by the call" if called else f"variable {name} has no default")
        value = written(default, Via.VARIABLE)
    constraint = attribute("type")
    if constraint is not None:
        holder, type_attribute = constraint

        def default_of(expr: Expr) -> Value:
            return evaluator.safe(expr, Scope(holder))

        try:
            converted = convert(value, type_attribute.expr, default_of)
        except (Fault, TooMuch):
            converted = Value((UNKNOWN,), value.at)
        value = Value(converted.options, converted.at, value.origins, converted.node)
    return value


def _not_nullable(attribute: tuple[Piece, Attribute] | None, evaluator: Evaluator) -> bool:
    return attribute is not None and known(evaluator.safe(attribute[1].expr, Scope(attribute[0])).raw) is False


def _opaque(note: str) -> Value:
    return Value((UNKNOWN,), None, (Origin(Via.OPAQUE, None, note),))
