"""Expressions to values. Lazy, bounded, and never surer than Terraform would be.

An expression that Terraform certainly refuses raises Fault inside the evaluator, because `try` and `can`
must see it; the entry points turn it into UNKNOWN.
"""

from __future__ import annotations

import itertools

from fsbp_lsp.syntax import hcl_tree as hcl
from fsbp_lsp.terraform import documents, operators
from fsbp_lsp.terraform.conditions import brief, decided_by
from fsbp_lsp.terraform.conversion import alike, either, element_type_of, elements_of, null_node, refused, typed_steps
from fsbp_lsp.terraform.data import MAX_WORK, WORK, Fault, Instance, List, PathText, Set, TooMuch, bounded_size, settled
from fsbp_lsp.terraform.functions import FILE_FUNCTIONS, call, function
from fsbp_lsp.terraform.graphemes import composed
from fsbp_lsp.terraform.kinds import UNSURE, UNSURE_NULL, datum_type, kind_of
from fsbp_lsp.terraform.references import Traversal, flatten, nearer
from fsbp_lsp.terraform.scalars import to_bool, to_text
from fsbp_lsp.terraform.sets import known_keys
from fsbp_lsp.text import Loc
from fsbp_lsp.values import UNKNOWN, Map, Origin, Seq, Text, Value, Via, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.terraform.references import Resolver
    from fsbp_lsp.terraform.scope import Scope
    from fsbp_lsp.values import Datum

MAX_FRAMES = 560
"""Python frames in use by nested evaluations, roughly; Python's own limit is 1000."""
_VALUE_FRAMES = 4
_SAFE_FRAMES = 6
"""A reference to a local or a resource passes through the memo and the module on top."""
MAX_STEPS = 50_000
"""Steps of one outermost evaluation: nested for expressions multiply."""
MAX_SPENT = 250_000
"""Steps, repeated blocks and parts of data of a deployment's whole life; the largest public example takes 10,000.

Beyond it nothing is repeated any more, and an evaluation may take a FEW_STEPS: what refers to what stays known.
"""
FEW_STEPS = 200
MAX_OPTIONS = 16
MAX_COMBINATIONS = 64


class Meter:
    """What evaluation has used up, across all modules of a deployment: they ask one another.

    frames: in use. depth: evaluations under way inside one another. steps: of the outermost of them, most: how many it may
    take. spent: by all before it.
    """

    __slots__ = ("depth", "frames", "most", "spent", "steps")

    def __init__(self) -> None:
        self.frames = 0
        self.depth = 0
        self.steps = 0
        self.most = MAX_STEPS
        self.spent = 0

    def afford(self, copies: int) -> bool:
        """Pay for a block that stands for several; False when it has to stand undecided. One or none cost nothing."""
        if copies > 1:
            if self.spent > MAX_SPENT:
                return False
            self.spent += copies
        return True

    @property
    def exhausted(self) -> bool:
        """No deeper evaluation may begin."""
        return self.frames >= MAX_FRAMES


class Evaluator:
    """Evaluates expressions of one module; `resolver` answers for everything outside the expression."""

    def __init__(self, resolver: Resolver, meter: Meter) -> None:
        self.resolver = resolver
        self.meter = meter
        self.dropped = 0
        self._table: dict[type, Callable[[hcl.Expr, Scope], Value]] = {
            hcl.Literal: self._literal,
            hcl.Template: self._template,
            hcl.Tuple: self._tuple,
            hcl.Object: self._object,
            hcl.Variable: self._traversal,
            hcl.GetAttr: self._traversal,
            hcl.Index: self._traversal,
            hcl.Splat: self._splat,
            hcl.Call: self._call,
            hcl.Conditional: self._conditional,
            hcl.Unary: self._unary,
            hcl.Binary: self._binary,
            hcl.For: self._for,
            hcl.TemplateIf: self._conditional,
            hcl.TemplateFor: self._template_for,
        }

    def safe(self, expr: hcl.Expr, scope: Scope) -> Value:
        """The value of an expression; what Terraform refuses and what is beyond the bounds is UNKNOWN."""
        meter = self.meter
        if meter.depth == 0:
            rested = meter.spent <= MAX_SPENT
            meter.steps = 0
            meter.most = MAX_STEPS if rested else FEW_STEPS
            WORK.units = 0 if rested else MAX_WORK - FEW_STEPS
        # What goes wrong in here is no business of a `try` outside: Terraform stops at the inner place.
        dropped = self.dropped
        meter.frames += _SAFE_FRAMES
        meter.depth += 1
        try:
            return self.value(expr, scope)
        except Fault as fault:
            return Value.unknown(Loc(scope.piece, expr.start, expr.end), f"not valid: {fault}", expr)
        except (TooMuch, RecursionError):
            return Value.unknown(Loc(scope.piece, expr.start, expr.end), "too complex", expr)
        finally:
            meter.frames -= _SAFE_FRAMES
            meter.depth -= 1
            if meter.depth == 0 and meter.most == MAX_STEPS:
                meter.spent += meter.steps + WORK.units
            self.dropped = dropped

    def value(self, expr: hcl.Expr, scope: Scope) -> Value:
        """The value of an expression. Raises Fault and TooMuch."""
        run = self._table.get(type(expr))
        if run is None:
            reason = expr.reason if isinstance(expr, hcl.Opaque) else "not understood"
            return Value.unknown(Loc(scope.piece, expr.start, expr.end), reason, expr)
        meter = self.meter
        meter.steps += 1
        if meter.frames >= MAX_FRAMES or meter.steps > meter.most or WORK.units > MAX_WORK:
            raise TooMuch
        meter.frames += _VALUE_FRAMES
        try:
            return run(expr, scope)
        finally:
            meter.frames -= _VALUE_FRAMES

    # Constructors

    def _literal(self, expr: hcl.Expr, scope: Scope) -> Value:
        assert isinstance(expr, hcl.Literal)
        datum = expr.value
        if isinstance(datum, str):
            datum = documents.remember(composed(datum), scope.piece, expr, None)
        return Value((datum,), Loc(scope.piece, expr.start, expr.end), (), expr)

    def _template(self, expr: hcl.Expr, scope: Scope) -> Value:
        assert isinstance(expr, hcl.Template)
        at = Loc(scope.piece, expr.start, expr.end)
        first = expr.parts[0] if len(expr.parts) == 1 and not expr.heredoc else ""
        if isinstance(first, hcl.Expr) and not isinstance(first, (hcl.TemplateIf, hcl.TemplateFor)):
            inner = self.value(first, scope)
            return Value(inner.options, at, inner.origins, null_node(inner, expr))
        parts = [self.value(part, scope) if isinstance(part, hcl.Expr) else Value((part,)) for part in expr.parts]

        def join(data: list[Value]) -> Datum:
            made: list[Datum] = []
            for one in data:
                text = to_text(one.raw)
                if text is None:
                    raise Fault("null in a template")
                made.append(text)
            joined = bounded_size(Text.join(made))
            if isinstance(joined, str):
                joined = composed(joined)
            joined = PathText.joined(made, joined)
            return documents.remember(joined, scope.piece, expr, [one.raw for one in data])

        return self._combined(parts, join, at, expr)

    def _tuple(self, expr: hcl.Expr, scope: Scope) -> Value:
        assert isinstance(expr, hcl.Tuple)
        items = tuple(self.value(item, scope) for item in expr.items)
        return Value((Seq(items, False, expr),), Loc(scope.piece, expr.start, expr.end), (), expr)

    def _object(self, expr: hcl.Expr, scope: Scope) -> Value:
        assert isinstance(expr, hcl.Object)
        entries: dict[str, Value] = {}
        keys: dict[str, Loc] = {}
        is_open = False
        for key, item in expr.items:
            found = key.value if isinstance(key, hcl.Literal) else self.value(key, scope).raw
            name = to_text(found)
            value = self.value(item, scope)
            if name is None:
                raise Fault("null key")
            if not isinstance(name, str):
                is_open = True
                continue
            entries[name] = value
            keys[name] = Loc(scope.piece, key.start, key.end)
        return Value((Map(entries, is_open, expr, keys),), Loc(scope.piece, expr.start, expr.end), (), expr)

    # Several possibilities

    def _combined(self, args: list[Value], make: Callable[[list[Value]], Datum | Value], at: Loc, expr: hcl.Expr) -> Value:
        """`make` over every combination of possibilities; combinations that Terraform refuses are dropped."""
        origins = _origins(args)
        if all(len(arg.options) == 1 for arg in args):
            return _placed(make(args), at, origins, expr)
        total = 1
        for arg in args:
            total *= len(arg.options)
        if total > MAX_COMBINATIONS:
            return Value.unknown(at, "too many possibilities", expr)
        made: list[Value] = []
        fault: Fault | None = None
        for options in itertools.product(*(arg.options for arg in args)):
            singles = [Value((option,), arg.at, arg.origins, arg.node) for option, arg in zip(options, args, strict=True)]
            try:
                made.append(_placed(make(singles), at, origins, expr))
            except Fault as refused:
                fault = refused
        if not made:
            raise fault or Fault("no possibility")
        if fault is not None:
            self.dropped += 1
        return _bounded(Value.union(made, at), at, expr)

    # References

    def _traversal(self, expr: hcl.Expr, scope: Scope) -> Value:
        return Traversal(self, self.resolver, scope).value(flatten(expr), expr)

    def _splat(self, expr: hcl.Expr, scope: Scope) -> Value:
        assert isinstance(expr, hcl.Splat)
        at = Loc(scope.piece, expr.start, expr.end)
        target = self.value(expr.target, scope)

        def spread(data: list[Value]) -> Datum:
            value = data[0]
            raw = value.raw
            datum = known(raw)
            if datum is None:
                return _spread_null(value)
            if isinstance(datum, Seq):
                items = tuple(self._element(expr.each, item, scope) for item in datum.items)
                if not isinstance(datum, List):
                    return Seq(items, datum.open)
                if not items and not datum.open:
                    return List((), of=typed_steps(expr.each, element_type_of(datum)))
                is_open = datum.open or (isinstance(datum, Set) and len(items) > 1 and not known_keys(datum))
                return List(items, is_open, of=None if items else UNSURE)
            if datum is UNKNOWN and not isinstance(raw, Instance):
                return UNKNOWN
            return Seq((self._element(expr.each, value, scope),))

        return self._combined([target], spread, at, expr)

    def _element(self, each: hcl.Expr, item: Value, scope: Scope) -> Value:
        return self.value(each, scope.with_names({"*": item}))

    # Calls

    def _call(self, expr: hcl.Expr, scope: Scope) -> Value:
        assert isinstance(expr, hcl.Call)
        at = Loc(scope.piece, expr.start, expr.end)
        name = expr.name.removeprefix("core::")
        if name == "try" and not expr.expand:
            return self._try(expr, scope, at)
        if name == "can" and len(expr.args) == 1:
            return self._can(expr, scope, at)
        args = [self.value(arg, scope) for arg in expr.args]
        if name in FILE_FUNCTIONS and not expr.expand:
            return self._file(name, expr, args, at)
        run = function(name)
        if run is None:
            return Value.unknown(at, f"function {expr.name}", expr)
        if expr.expand:
            spread = known(args[-1].raw)
            if len(args[-1].options) == 1 and spread is not UNKNOWN and not isinstance(spread, Seq):
                raise Fault("only a list is spread over arguments")
            if not isinstance(spread, Seq) or spread.open or (isinstance(spread, Set) and not known_keys(spread)):
                # merge([…]...) with an undecided list: nothing about its arguments is known.
                return Value.unknown(at, "arguments not known", expr)
            args = [*args[:-1], *spread.items]
        chosen = run
        if name == "slice" and args and known(args[0].raw) is UNKNOWN:
            # Its length is sure only as far as the list turns out to be long enough.
            self.dropped += 1
        made = self._combined(args, lambda data: call(chosen, data), at, expr)
        return _looked_up(made, args) if name == "lookup" else made

    def _file(self, name: str, expr: hcl.Call, args: list[Value], at: Loc) -> Value:
        """A function on files: what it gives does not stand in any configuration."""
        from fsbp_lsp.terraform import functions_files

        made = self._combined(args, lambda data: functions_files.call(self, name, data, expr.args), at, expr)
        if made.raw is UNKNOWN:
            return Value.unknown(at, f"function {name}", expr)
        return Value(made.options, at, (Origin(Via.REFERENCE, at, f"{name}()"),), expr)

    def _try(self, expr: hcl.Call, scope: Scope, at: Loc) -> Value:
        made: list[Value] = []
        fault: Fault | None = None
        for arg in expr.args:
            dropped = self.dropped
            try:
                value = self.value(arg, scope)
            except Fault as refused:
                fault = refused
                continue
            made.append(value)
            if not all(settled(option) for option in value.options):
                # It may still turn out to be refused, and then a later argument is taken.
                return Value.unknown(at, "try", expr)
            if dropped == self.dropped:
                break
        if not made:
            raise fault or Fault("no argument")
        if len(made) == 1:
            return Value(made[0].options, at, made[0].origins, null_node(made[0], expr))
        return _bounded(Value.union(made, at), at, expr)

    def _can(self, expr: hcl.Call, scope: Scope, at: Loc) -> Value:
        dropped = self.dropped
        try:
            value = self.value(expr.args[0], scope)
        except Fault:
            return Value((False,), at, (), expr)
        if dropped != self.dropped or not all(settled(option) for option in value.options):
            return Value.unknown(at, "can", expr)
        return Value((True,), at, (), expr)

    # Operators

    def _conditional(self, expr: hcl.Expr, scope: Scope) -> Value:
        assert isinstance(expr, hcl.Conditional)
        at = Loc(scope.piece, expr.start, expr.end)
        condition = self.value(expr.condition, scope)
        answers = {to_bool(option) if to_bool(option) is not UNKNOWN else UNKNOWN for option in condition.options}
        if None in answers and len(answers) == 1:
            raise Fault("null condition")
        if answers in ({True}, {False}):
            chosen, other = (expr.yes, expr.no) if True in answers else (expr.no, expr.yes)
            value = self.value(chosen, scope)
            value = alike(value, self._quietly(other, scope))
            return Value(
                value.options,
                at,
                (*value.origins, *decided_by(condition, scope.piece, expr.condition, True in answers)),
                null_node(value, expr),
            )
        branches: list[Value] = []
        fault: Fault | None = None
        faulty = expr.no
        for branch in (expr.yes, expr.no):
            try:
                branches.append(self.value(branch, scope))
            except Fault as stopped:
                fault, faulty = stopped, branch
        if not branches:
            raise fault or Fault("no branch")
        if fault is not None:
            self.dropped += 1
        if len(branches) == 2:
            one, two = branches
            branches = [_unified(one, two), _unified(two, one)]
        else:
            branches = [_unified(branches[0], self._quietly(faulty, scope))]
        where = Loc(scope.piece, expr.condition.start, expr.condition.end)
        made = Value.union(branches, at, Origin(Via.BRANCH, where, brief(where.text)))
        return _bounded(Value(made.options, at, made.origins, expr), at, expr)

    def _quietly(self, expr: hcl.Expr, scope: Scope) -> Value:
        """The value of a branch that is not taken, for its type only; where it is refused, null of that type."""
        dropped = self.dropped
        try:
            return self.value(expr, scope)
        except Fault:
            return self._refused(expr, scope)
        finally:
            self.dropped = dropped

    def _refused(self, expr: hcl.Expr, scope: Scope) -> Value:
        """What is refused in a part only still has the type of the rest."""
        if isinstance(expr, hcl.Tuple):
            return Value((Seq(tuple(self._quietly(item, scope) for item in expr.items)),))
        if isinstance(expr, hcl.Object) and all(isinstance(key, hcl.Literal) for key, _item in expr.items):
            return Value((Map({str(getattr(key, "value", "")): self._quietly(item, scope) for key, item in expr.items}),))
        if isinstance(expr, hcl.Template) and len(expr.parts) == 1 and not expr.heredoc and isinstance(expr.parts[0], hcl.Expr):
            return self._quietly(expr.parts[0], scope)
        if isinstance(expr, hcl.Conditional):
            sides = self._quietly(expr.yes, scope), self._quietly(expr.no, scope)
            return either(expr, *sides, self._asked(expr.condition, scope))
        if isinstance(expr, (hcl.Splat, hcl.For)) and not isinstance(expr, hcl.TemplateFor):
            return elements_of(expr, self._quietly(expr.target if isinstance(expr, hcl.Splat) else expr.source, scope))
        return refused(expr, lambda part: self._sound(part, scope))

    def _asked(self, condition: hcl.Expr, scope: Scope) -> Datum:
        """True, False or UNKNOWN; null for a condition that is refused itself."""
        try:
            return to_bool(self.value(condition, scope).raw)
        except Fault:
            return None

    def _sound(self, expr: hcl.Expr, scope: Scope) -> bool:
        try:
            self.value(expr, scope)
        except Fault:
            return False
        return True

    def _unary(self, expr: hcl.Expr, scope: Scope) -> Value:
        assert isinstance(expr, hcl.Unary)
        at = Loc(scope.piece, expr.start, expr.end)
        operand = self.value(expr.operand, scope)
        return self._combined([operand], lambda data: operators.unary(expr.operator, data[0].raw), at, expr)

    def _binary(self, expr: hcl.Expr, scope: Scope) -> Value:
        assert isinstance(expr, hcl.Binary)
        at = Loc(scope.piece, expr.start, expr.end)
        sides = [self.value(expr.left, scope), self.value(expr.right, scope)]
        return self._combined(sides, lambda data: operators.binary(expr.operator, data[0].raw, data[1].raw), at, expr)

    # for

    def _for(self, expr: hcl.Expr, scope: Scope) -> Value:
        assert isinstance(expr, hcl.For)
        at = Loc(scope.piece, expr.start, expr.end)
        source = self.value(expr.source, scope)
        return self._combined([source], lambda data: self._loop(expr, data[0], scope), at, expr)

    def _template_for(self, expr: hcl.Expr, scope: Scope) -> Value:
        assert isinstance(expr, hcl.TemplateFor)
        at = Loc(scope.piece, expr.start, expr.end)

        def joined(data: list[Value]) -> Datum:
            made = self._loop(expr, data[0], scope)
            if not isinstance(made, Seq) or made.open:
                return Text((UNKNOWN,))
            return bounded_size(Text.join([to_text(item.raw) for item in made.items]))

        return self._combined([self.value(expr.source, scope)], joined, at, expr)

    def _check_condition(self, expr: hcl.For, scope: Scope) -> None:
        """Raises Fault for a condition that is refused whatever the element is."""
        assert expr.condition is not None
        names = {name: Value((UNKNOWN,)) for name in (expr.key_name, expr.value_name) if name}
        if to_bool(self.value(expr.condition, scope.with_names(names)).raw) is None:
            raise Fault("null condition")

    def _loop(self, expr: hcl.For, source: Value, scope: Scope) -> Datum:
        datum = known(source.raw)
        if isinstance(datum, Map):
            order = sorted(datum.entries, key=lambda key: key.encode("utf-8", "surrogatepass"))
            pairs = [(Value((key,), datum.keys.get(key)), datum.entries[key]) for key in order]
        elif isinstance(datum, Set):
            pairs = [(item, item) for item in datum.items]
        elif isinstance(datum, Seq):
            numbers = (Value((UNKNOWN,)) if datum.open else Value((number,)) for number in range(len(datum.items)))
            pairs = list(zip(numbers, datum.items, strict=True))
        elif datum is UNKNOWN:
            return UNKNOWN
        else:
            raise Fault("nothing to iterate over")
        is_open = datum.open or (isinstance(datum, Set) and not known_keys(datum))
        if not pairs and expr.condition is not None:
            # Checked even where there is nothing to ask it about.
            self._check_condition(expr, scope)
        listed: list[Value] = []
        entries: dict[str, list[Value]] = {}
        for key, value in pairs:
            names = {expr.value_name: nearer(source, value)}
            if expr.key_name:
                names[expr.key_name] = key
            inner = scope.with_names(names)
            if expr.condition is not None:
                answer = to_bool(self.value(expr.condition, inner).raw)
                if answer is UNKNOWN:
                    is_open = True
                    continue
                if answer is None:
                    raise Fault("null condition")
                if not answer:
                    continue
            made = self.value(expr.value_expr, inner)
            if expr.key_expr is None:
                listed.append(made)
                continue
            name = to_text(self.value(expr.key_expr, inner).raw)
            if name is None:
                raise Fault("null key")
            if not isinstance(name, str):
                is_open = True
            elif name in entries and not expr.group:
                raise Fault("two items have the same key")
            else:
                entries.setdefault(name, []).append(made)
        if expr.key_expr is None:
            return bounded_size(Seq(tuple(listed), is_open, expr))
        # Objects come out in the order of their keys, whatever order they went in.
        order = sorted(entries, key=lambda key: key.encode("utf-8", "surrogatepass"))
        if expr.group:
            return bounded_size(Map({key: Value((Seq(tuple(entries[key]), is_open),)) for key in order}, is_open, expr))
        return bounded_size(Map({key: entries[key][0] for key in order}, is_open, expr))


def _looked_up(made: Value, args: list[Value]) -> Value:
    """An entry that `lookup` found came the way of its map, as one that is indexed does."""
    table, key = (known(arg.raw) if len(arg.options) == 1 else UNKNOWN for arg in args[:2])
    entry = table.entries.get(key) if isinstance(table, Map) and isinstance(key, str) else None
    if entry is None or entry.options != made.options or args[1].origins:
        return made
    return Value(made.options, made.at, nearer(args[0], entry).origins, made.node)


def _unified(one: Value, two: Value) -> Value:
    try:
        return alike(one, two)
    except Fault:
        return Value((UNKNOWN,), one.at)


def _spread_null(value: Value) -> Datum:
    """A splat of null is empty, but for a null that would be a list."""
    type = datum_type(None, value.node)
    if kind_of(type) in ("list", "set", "tuple"):
        raise Fault("null has no elements")
    return UNKNOWN if type == UNSURE_NULL else Seq(())


def _origins(args: list[Value]) -> tuple[Origin, ...]:
    """The origins of a result: those of its arguments, each place once."""
    carrying = [arg.origins for arg in args if arg.origins]
    if not carrying:
        return ()
    if len(carrying) == 1:
        return carrying[0]
    return tuple(dict.fromkeys(origin for origins in carrying for origin in origins))[:8]


def _placed(made: Datum | Value, at: Loc, origins: tuple[Origin, ...], expr: hcl.Expr) -> Value:
    if isinstance(made, Value):
        return Value(made.options, at, made.origins or origins, null_node(made, expr))
    if type(made) is str and not made.isascii():
        made = composed(made)
    return Value((bounded_size(made),), at, origins, expr)


def _bounded(value: Value, at: Loc, expr: hcl.Expr) -> Value:
    return value if len(value.options) <= MAX_OPTIONS else Value.unknown(at, "too many possibilities", expr)


__all__ = ["Evaluator"]
