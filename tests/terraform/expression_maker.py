"""Expressions made by chance, the same ones for the same seed: functions, types, operators and templates in one another."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS = ['"a"', '"b"', '"B"', '""', '"10"', '"2"', '"true"', '"false"', '"1.5"', '"a,b"', '"é"', '" x "', '"a-b_c"', '"null"', '"é\\n"']
NUMBERS = ["0", "1", "2", "3", "10", "-1", "-3", "1.5", "0.1", "0.25", "-2.5", "100", "1e3", "7"]
BOOLS = ["true", "false"]
LISTS = [
    "[]",
    '["a", "b"]',
    "[1, 2]",
    '["b", 1]',
    "[true]",
    '["a", null]',
    'toset(["b", "a"])',
    "tolist([1])",
    "[[1], [2, 3]]",
    "[{ a = 1 }]",
]
MAPS = ["{}", "{ a = 1 }", '{ a = "x", b = 2 }', "{ a = true, b = null }", 'tomap({ a = "x" })', "tomap({})", "{ a = [1] }"]
KEYS = ["a", "b", "c", "k1"]


class Maker:
    """One stream of expressions. `names`: what is bound around the expression being made, by kind."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._names: dict[str, list[str]] = {}
        self._kinds: dict[str, Callable[[int], str]] = {
            "string": self.string,
            "number": self.number,
            "bool": self.bool,
            "list": self.list,
            "map": self.map,
        }

    def expression(self) -> str:
        return self.any(self._random.choice((2, 3, 3, 4)))

    def any(self, depth: int) -> str:
        return self._kinds[self._random.choice(tuple(self._kinds))](depth)

    def element(self, depth: int) -> str:
        """An element of a collection: mostly of one kind, sometimes null."""
        if self._random.random() < 0.06:
            return "null"
        return self.any(depth) if self._random.random() < 0.25 else self._scalar(depth)

    def _scalar(self, depth: int) -> str:
        return self._kinds[self._random.choice(("string", "number", "bool"))](depth)

    def _pick(self, depth: int, plain: list[str], kind: str, makers: list[Callable[[int], str]]) -> str:
        roll = self._random.random()
        bound = self._names.get(kind, [])
        if bound and roll < 0.4:
            return self._random.choice(bound)
        if roll > 0.97:
            # Of another kind: conversions and refusals.
            return self.any(max(0, depth - 1))
        if depth <= 0 or roll < 0.15:
            return self._random.choice(plain)
        return self._random.choice(makers)(depth - 1)

    def _conditional(self, kind: str) -> Callable[[int], str]:
        def make(depth: int) -> str:
            one, other = self._kinds[kind](depth), self._kinds[kind](depth)
            if self._random.random() < 0.15:
                other = self._random.choice(("null", self.any(depth)))
            return f"({self.bool(depth)} ? {one} : {other})"

        return make

    def _tried(self, kind: str) -> Callable[[int], str]:
        return lambda depth: f"try({self.any(depth)}, {self._kinds[kind](depth)})"

    def _of_list(self, depth: int) -> str:
        shape = self._random.choice(("{0}[{1}]", "element({0}, {1})", "one({0})", "{0}[0]"))
        return shape.format(self.list(depth), self._random.choice(("0", "1", "2", '"0"')))

    def _of_map(self, depth: int) -> str:
        key = self._random.choice(KEYS)
        shape = self._random.choice(('{0}["{1}"]', "{0}.{1}", 'lookup({0}, "{1}", {2})', 'lookup({0}, "{1}")'))
        return shape.format(self.map(depth), key, self.element(depth))

    def string(self, depth: int) -> str:
        s, n = self.string, self.number
        return self._pick(
            depth,
            WORDS,
            "string",
            [
                lambda d: f"{self._random.choice(('upper', 'lower', 'title', 'trimspace', 'chomp', 'strrev', 'md5', 'sha1'))}({s(d)})",
                lambda d: f'"<${{{self._scalar(d)}}}>"',
                lambda d: f'"${{{self._scalar(d)}}}-${{{self._scalar(d)}}}"',
                lambda d: f'"%{{ if {self.bool(d)} ~}} {self._word()} %{{ else }}{self._word()}%{{ endif }}"',
                lambda d: f'"%{{ for v in {self.list(d)} ~}} ${{v}},%{{ endfor }}"',
                lambda d: f"join({self._random.choice(WORDS)}, {self.list(d)})",
                lambda d: f"substr({s(d)}, {n(0)}, {n(0)})",
                lambda d: f"replace({s(d)}, {self._random.choice(WORDS)}, {s(0)})",
                lambda d: f"{self._random.choice(('trim', 'trimprefix', 'trimsuffix'))}({s(d)}, {s(0)})",
                lambda d: f'format("%s/%v", {self._scalar(d)}, {self.element(d)})',
                lambda d: f'format("%03d|%-4s", {n(d)}, {s(d)})',
                lambda d: f"jsonencode({self.element(d)})",
                lambda d: f"tostring({self._scalar(d)})",
                lambda d: f"base64encode({s(d)})",
                lambda d: f"coalesce({s(d)}, {self.element(d)}, {s(d)})",
                lambda d: f'cidrsubnet("10.0.0.0/{self._random.choice((8, 16, 24))}", {self._number(9)}, {self._number(40)})',
                lambda d: f'regex("[a-z]+", {s(d)})',
                lambda d: f"urlencode({s(d)})",
                lambda d: f"yamlencode({self._random.choice((self.list, self.map))(d)})",
                self._conditional("string"),
                self._tried("string"),
                self._of_list,
                self._of_map,
            ],
        )

    def _number(self, most: int) -> int:
        return self._random.randint(0, most)

    def _word(self) -> str:
        return self._random.choice(("a", "b c", "", "1"))

    def number(self, depth: int) -> str:
        n = self.number
        return self._pick(
            depth,
            NUMBERS,
            "number",
            [
                lambda d: f"({n(d)} {self._random.choice('+-*/%')} {n(d)})",
                lambda d: f"{self._random.choice(('abs', 'ceil', 'floor', 'signum'))}({n(d)})",
                lambda d: f"{self._random.choice(('max', 'min'))}({n(d)}, {self._scalar(d)})",
                lambda d: f"length({self._random.choice((self.list, self.map, self.string))(d)})",
                lambda d: f"tonumber({self._scalar(d)})",
                lambda d: f"sum({self.list(d)})",
                lambda d: f"index({self.list(d)}, {self.element(d)})",
                lambda d: f"-({n(d)})",
                lambda d: f"pow({self._random.randint(-3, 9)}, {self._random.randint(0, 5)})",
                lambda d: f"parseint({self.string(d)}, {self._random.choice(('10', '16', '2'))})",
                self._conditional("number"),
                self._tried("number"),
                self._of_list,
                self._of_map,
            ],
        )

    def _same_kind(self, depth: int) -> str:
        make = self._random.choice((self.list, self.map, self._scalar))
        return f"({make(depth)} == {make(depth)})"

    def bool(self, depth: int) -> str:
        b = self.bool
        return self._pick(
            depth,
            BOOLS,
            "bool",
            [
                lambda d: f"({self.number(d)} {self._random.choice(('<', '<=', '>', '>='))} {self.number(d)})",
                lambda d: f"({self.element(d)} {self._random.choice(('==', '!='))} {self.element(d)})",
                self._same_kind,
                lambda d: f"({b(d)} {self._random.choice(('&&', '||'))} {b(d)})",
                lambda d: f"!{b(d)}",
                lambda d: f"contains({self.list(d)}, {self.element(d)})",
                lambda d: f"can({self.any(d)})",
                lambda d: f"{self._random.choice(('alltrue', 'anytrue'))}([{b(d)}, {b(d)}])",
                lambda d: f"{self._random.choice(('startswith', 'endswith', 'strcontains'))}({self.string(d)}, {self.string(0)})",
                lambda d: f"tobool({self._scalar(d)})",
                self._conditional("bool"),
                self._of_map,
            ],
        )

    def _for_list(self, depth: int) -> str:
        source = self._random.choice((self.list, self.map))(depth)
        names = {kind: list(found) for kind, found in self._names.items()}
        for kind in ("string", "number"):
            self._names.setdefault(kind, []).append("v")
        body = self._random.choice((self.element, self._scalar, self.any))(max(0, depth - 1))
        condition = f" if {self.bool(0)}" if self._random.random() < 0.3 else ""
        self._names = names
        return f"[for k, v in {source} : {body}{condition}]"

    def list(self, depth: int) -> str:
        li = self.list
        return self._pick(
            depth,
            LISTS,
            "list",
            [
                lambda d: f"[{', '.join(self.element(d) for _ in range(self._random.randint(0, 3)))}]",
                lambda d: f"[{self._scalar(d)}, {self._scalar(d)}]",
                lambda d: f"{self._random.choice(('tolist', 'toset', 'distinct', 'reverse', 'flatten', 'compact', 'sort'))}({li(d)})",
                lambda d: f"concat({li(d)}, {li(d)})",
                lambda d: f"{self._random.choice(('setunion', 'setintersection', 'setsubtract', 'setproduct'))}({li(d)}, {li(d)})",
                lambda d: f"{self._random.choice(('keys', 'values'))}({self.map(d)})",
                lambda d: f"slice({li(d)}, 0, {self._random.choice('012')})",
                lambda d: f"chunklist({li(d)}, {self._random.choice('123')})",
                lambda d: f"split({self._random.choice(WORDS)}, {self.string(d)})",
                lambda d: f"range({self.number(0)})",
                lambda d: f'formatlist("%s-%s", {li(d)}, {self._scalar(d)})',
                lambda d: f"coalescelist({li(d)}, {li(d)})",
                lambda d: f"{self._random.choice((li, self.map, self._scalar))(d)}[*]",
                lambda d: f"{li(d)}[*].a",
                lambda d: f'regexall("[a-z0-9]", {self.string(d)})',
                lambda d: f"jsondecode(jsonencode({li(d)}))",
                self._for_list,
                self._conditional("list"),
                self._tried("list"),
            ],
        )

    def _for_map(self, depth: int) -> str:
        source = self._random.choice((self.list, self.map))(depth)
        key = self._random.choice(("k", "v", '"x${k}"', "upper(k)"))
        group = "..." if self._random.random() < 0.3 else ""
        value = self._random.choice(("v", "k", "[v]", "tostring(k)", "{ n = v }"))
        return f"{{ for k, v in {source} : {key} => {value}{group} }}"

    def map(self, depth: int) -> str:
        m = self.map
        return self._pick(
            depth,
            [
                "{}",
                "{ a = 1 }",
                '{ a = "x", b = 2 }',
                "{ a = true, b = null }",
                'tomap({ a = "x" })',
                "tomap({})",
                "{ a = [1] }",
                '{ b = { c = "d" } }',
            ],
            "map",
            [
                lambda d: "{ " + ", ".join(f"{key} = {self.element(d)}" for key in KEYS[: self._random.randint(0, 3)]) + " }",
                lambda d: f"tomap({m(d)})",
                lambda d: f"merge({m(d)}, {m(d)})",
                lambda d: f"zipmap({self.list(d)}, {self.list(d)})",
                lambda d: f"jsondecode(jsonencode({m(d)}))",
                lambda d: f"transpose({m(d)})",
                lambda d: f"yamldecode(yamlencode({m(d)}))",
                self._for_map,
                self._conditional("map"),
                self._tried("map"),
                self._of_map,
            ],
        )


def expressions(seed: int, number: int, longest: int = 400) -> list[str]:
    """That many different expressions, none much longer than a line."""
    maker = Maker(seed)
    found: dict[str, None] = {}
    while len(found) < number:
        made = maker.expression()
        if 4 < len(made) <= longest:
            found[made] = None
    return list(found)
