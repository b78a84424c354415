"""Which resources reach code that is not read: through arguments of calls, locals, variables and outputs."""

from __future__ import annotations

from fsbp_lsp.terraform.address import join
from fsbp_lsp.terraform.names import names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.syntax.hcl_tree import Expr
    from fsbp_lsp.terraform.index import Declared
    from fsbp_lsp.terraform.module import TerraformModule

_NOT_HANDED_OVER = ("depends_on", "source", "version", "providers")
MAX_EXPRESSIONS = 20_000


def escaping(unread: list[tuple[TerraformModule, Declared]], outputs_of: TerraformModule | None) -> set[str]:
    """Addresses of the resources that the arguments of these calls may name, in the whole deployment.

    outputs_of: a module whose outputs count as arguments of somebody unknown. What is named is followed by its
    words alone, not by values: whatever an expression mentions on the way may be in it.
    """
    found: set[str] = set()
    pending: list[tuple[TerraformModule, Expr]] = []
    for module, call in unread:
        for _piece, body in call.layers:
            pending.extend((module, attribute.expr) for name, attribute in body.attributes.items() if name not in _NOT_HANDED_OVER)
    if outputs_of is not None:
        pending.extend((outputs_of, expr) for name in outputs_of.index.outputs for expr in _outputs(outputs_of, name))
    seen: set[tuple[str, int]] = set()
    while pending and len(seen) < MAX_EXPRESSIONS:
        module, expr = pending.pop()
        if (module.prefix, id(expr)) in seen:
            continue
        seen.add((module.prefix, id(expr)))
        for names in names_in(expr):
            if len(names) < 2:
                continue
            root, name = names[0], names[1]
            if root == "local":
                pending.extend((module, attribute.expr) for _piece, attribute in module.index.locals.get(name, ()))
            elif root == "var":
                pending.extend(_argument(module, name))
            elif root == "module":
                pending.extend(_results(module, name, names[2] if len(names) > 2 else ""))
            elif root == "data":
                found.add(join(module.prefix, ".".join(names[:3])))
            else:
                found.add(join(module.prefix, f"{root}.{name}"))
    return found


def _argument(module: TerraformModule, name: str) -> list[tuple[TerraformModule, Expr]]:
    called = module.called
    if called is None:
        return []
    found = called.declared.attribute(name)
    each = [called.declared.attribute(mode) for mode in ("for_each", "count")]
    return [(called.parent, one[1].expr) for one in (found, *each) if one is not None]


def _results(module: TerraformModule, name: str, output: str) -> list[tuple[TerraformModule, Expr]]:
    declared = module.index.declared.get(f"module.{name}")
    if declared is None:
        return []
    return [
        (below, expr)
        for below in module.below(declared)
        for wanted in ([output] if output in below.index.outputs else below.index.outputs)
        for expr in _outputs(below, wanted)
    ]


def _outputs(module: TerraformModule, name: str) -> list[Expr]:
    return [block.body.attributes["value"].expr for _piece, block in module.index.outputs.get(name, ()) if "value" in block.body.attributes]


__all__ = ["escaping"]
