"""The shape of HCL source, independent of the parser that found it.

All offsets are bytes relative to the piece the node was parsed in.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Expr:
    """An expression: `start`/`end` cover its text, parentheses included."""

    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end


class Literal(Expr):
    """null, true, false, a number, or a string without interpolation (`value` is unescaped)."""

    __slots__ = ("value",)

    def __init__(self, start: int, end: int, value: Any) -> None:
        super().__init__(start, end)
        self.value = value


class Template(Expr):
    """A quoted or heredoc template. `parts` are str (unescaped) or Expr; `heredoc` tells the notation.

    A template directive is a `TemplateIf` or a `TemplateFor` part.
    """

    __slots__ = ("heredoc", "parts")

    def __init__(self, start: int, end: int, parts: list[str | Expr], heredoc: bool) -> None:
        super().__init__(start, end)
        self.parts = parts
        self.heredoc = heredoc


class Tuple(Expr):
    __slots__ = ("items",)

    def __init__(self, start: int, end: int, items: list[Expr]) -> None:
        super().__init__(start, end)
        self.items = items


class Object(Expr):
    """`items`: (key, value). A bare identifier key is a Literal str; a parenthesised key is its expression."""

    __slots__ = ("items",)

    def __init__(self, start: int, end: int, items: list[tuple[Expr, Expr]]) -> None:
        super().__init__(start, end)
        self.items = items


class Variable(Expr):
    """A root name: `var`, `local`, `each`, `aws_s3_bucket`, a for-expression's own name."""

    __slots__ = ("name",)

    def __init__(self, start: int, end: int, name: str) -> None:
        super().__init__(start, end)
        self.name = name


class GetAttr(Expr):
    """`target.name`; legacy `target.0` is an Index with a number Literal."""

    __slots__ = ("name", "target")

    def __init__(self, start: int, end: int, target: Expr, name: str) -> None:
        super().__init__(start, end)
        self.target = target
        self.name = name


class Index(Expr):
    __slots__ = ("key", "target")

    def __init__(self, start: int, end: int, target: Expr, key: Expr) -> None:
        super().__init__(start, end)
        self.target = target
        self.key = key


class Splat(Expr):
    """`target[*].a.b` or `target.*.a.b`: `each` is the traversal applied to every element, rooted in Variable('*')."""

    __slots__ = ("each", "target")

    def __init__(self, start: int, end: int, target: Expr, each: Expr) -> None:
        super().__init__(start, end)
        self.target = target
        self.each = each


class Call(Expr):
    """A function call; `name` keeps `provider::…::f` in full; `expand`: the last argument ends in `...`."""

    __slots__ = ("args", "expand", "name")

    def __init__(self, start: int, end: int, name: str, args: list[Expr], expand: bool) -> None:
        super().__init__(start, end)
        self.name = name
        self.args = args
        self.expand = expand


class Conditional(Expr):
    __slots__ = ("condition", "no", "yes")

    def __init__(self, start: int, end: int, condition: Expr, yes: Expr, no: Expr) -> None:
        super().__init__(start, end)
        self.condition = condition
        self.yes = yes
        self.no = no


class Unary(Expr):
    __slots__ = ("operand", "operator")

    def __init__(self, start: int, end: int, operator: str, operand: Expr) -> None:
        super().__init__(start, end)
        self.operator = operator
        self.operand = operand


class Binary(Expr):
    __slots__ = ("left", "operator", "right")

    def __init__(self, start: int, end: int, operator: str, left: Expr, right: Expr) -> None:
        super().__init__(start, end)
        self.operator = operator
        self.left = left
        self.right = right


class For(Expr):
    """`[for k, v in source : value if condition]` or, when `key_expr` is given, `{for … : key => value…}`."""

    __slots__ = ("condition", "group", "key_expr", "key_name", "source", "value_expr", "value_name")

    def __init__(
        self,
        start: int,
        end: int,
        key_name: str,
        value_name: str,
        source: Expr,
        key_expr: Expr | None,
        value_expr: Expr,
        condition: Expr | None,
        group: bool,
    ) -> None:
        """`key_name` is '' when only one name is given."""
        super().__init__(start, end)
        self.key_name = key_name
        self.value_name = value_name
        self.source = source
        self.key_expr = key_expr
        self.value_expr = value_expr
        self.condition = condition
        self.group = group


class TemplateIf(Conditional):
    """`%{ if condition }yes%{ else }no%{ endif }`: both sides are templates (`no` is an empty one without `else`)."""

    __slots__ = ()


class TemplateFor(For):
    """`%{ for value in source }…%{ endfor }`: `value_expr` is the template that is repeated."""

    __slots__ = ()


class Opaque(Expr):
    """Anything not understood or broken; its value is never known."""

    __slots__ = ("reason",)

    def __init__(self, start: int, end: int, reason: str) -> None:
        super().__init__(start, end)
        self.reason = reason


class Attribute:
    """`name = expr`. `expr` is built from the parser's tree when first asked for."""

    __slots__ = ("_expr", "_make", "end", "expr_end", "expr_start", "name", "name_end", "start")

    def __init__(self, name: str, start: int, name_end: int, end: int, expr_start: int, expr_end: int, make: Any) -> None:
        self.name = name
        self.start = start
        self.name_end = name_end
        self.end = end
        self.expr_start = expr_start
        self.expr_end = expr_end
        self._make = make
        self._expr: Expr | None = None

    @property
    def expr(self) -> Expr:
        if self._expr is None:
            self._expr = self._make()
            self._make = None
        return self._expr


class Body:
    """Attributes and blocks between two braces. `start`..`end` exclude the braces.

    attributes: by name, the first of duplicates. blocks: in source order. broken: a syntax error lies
    inside, so what is not listed may still be there.
    """

    __slots__ = ("attributes", "blocks", "broken", "end", "start")

    def __init__(self, start: int, end: int, attributes: dict[str, Attribute], blocks: list[Block], broken: bool) -> None:
        self.start = start
        self.end = end
        self.attributes = attributes
        self.blocks = blocks
        self.broken = broken


class Block:
    """`type "label" … { body }`. `header_end` is just after the opening brace; `end` just after the closing one."""

    __slots__ = ("body", "end", "header_end", "labels", "start", "type")

    def __init__(self, type: str, labels: tuple[str, ...], start: int, header_end: int, end: int, body: Body) -> None:
        self.type = type
        self.labels = labels
        self.start = start
        self.header_end = header_end
        self.end = end
        self.body = body


class Comment:
    """A comment with its marks: `# …`, `// …` or `/* … */`."""

    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end
