"""Conditions of expressions, as provenance tells them."""

from __future__ import annotations

from fsbp_lsp.syntax import hcl_tree as hcl
from fsbp_lsp.text import Loc
from fsbp_lsp.values import Origin, Value, Via

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.text import Piece

_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def decided_by(condition: Value, piece: Piece, expr: hcl.Expr, held: bool) -> tuple[Origin, ...]:
    """A decided condition is part of the story only when something else decided it; said so that it is true."""
    if not condition.origins:
        return ()
    where = Loc(piece, expr.start, expr.end)
    return (Origin(Via.BRANCH, where, brief(where.text if held else _negated(expr, piece))), *condition.origins)


def _negated(expr: hcl.Expr, piece: Piece) -> str:
    """A condition that does not hold, as what does: `a != null` of `a == null`, `!var.on` of `var.on`."""
    if isinstance(expr, hcl.Binary) and expr.operator in _OPPOSITE:
        sides = (Loc(piece, side.start, side.end).text for side in (expr.left, expr.right))
        return f" {_OPPOSITE[expr.operator]} ".join(sides)
    if isinstance(expr, hcl.Unary) and expr.operator == "!":
        return Loc(piece, expr.operand.start, expr.operand.end).text
    text = Loc(piece, expr.start, expr.end).text
    return f"!({text})" if isinstance(expr, (hcl.Binary, hcl.Conditional)) else f"!{text}"


def brief(text: str) -> str:
    """A condition as it is quoted in messages: on one line, cut at 60 characters with a mark that it was."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59].rstrip()}…"
