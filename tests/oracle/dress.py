"""One value in the many ways people write it: Terraform evaluates all of them to the same."""

from __future__ import annotations

import json
import random


def literal(value: object) -> str:
    """HCL of a value; a tuple is a list."""
    if isinstance(value, tuple):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    return json.dumps(value)


def block(header: str, *lines: str) -> str:
    """A block of HCL, its lines indented."""
    return "\n".join([f"{header} {{", *("  " + line.replace("\n", "\n  ") for line in lines if line), "}"])


class Dresser:
    """Makes expressions, and the variables and locals they need. variables, locals: HCL; tfvars: name to HCL of its value."""

    def __init__(self, source: random.Random) -> None:
        self.random = source
        self.variables: list[str] = []
        self.locals: list[str] = []
        self.tfvars: dict[str, str] = {}
        self._count = 0

    def name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}{self._count}"

    def variable(self, value: object, other: object) -> str:
        """A reference to a variable that holds `value`: by default, by tfvars, in an object, as an optional attribute."""
        name = self.name("v")
        kind = self.random.randrange(5)
        type = {bool: "bool", int: "number", str: "string"}.get(value.__class__, "any")
        typed = "" if type == "any" else f"type = {type}"
        if kind == 1:
            self.variables.append(block(f'variable "{name}"', f"default = {{ on = {literal(value)}, off = {literal(other)} }}"))
            return f"var.{name}.on"
        if kind == 2 and type != "any":
            optional = f"type = object({{ on = optional({type}, {literal(value)}) }})"
            self.variables.append(block(f'variable "{name}"', optional, "default = {}"))
            return f"var.{name}.on"
        if kind == 0:
            self.tfvars[name] = literal(value)
        self.variables.append(block(f'variable "{name}"', typed, f"default = {literal(other if kind == 0 else value)}"))
        return f"var.{name}"

    def local(self, expression: str) -> str:
        """A reference to a local that holds what the expression says."""
        name = self.name("l")
        self.locals.append(f"{name} = {expression}")
        return f"local.{name}"

    def dress(self, value: object, other: object, depth: int = 0) -> str:
        """An expression whose value is `value`. other: another value of the same kind."""
        form = self.random.randrange(6 if depth > 1 else 34)
        if form < 3:
            return literal(value)
        if form < 5:
            return self.variable(value, other)
        if form == 5:
            return self.local(literal(value))
        inner, wrong = self.dress(value, other, depth + 1), literal(other)
        if form == 6:
            return self.local(inner)
        if form == 7:
            return f"{self.variable(True, False)} ? {inner} : {wrong}"
        if form == 8:
            return f'{self.variable("prod", "dev")} == "prod" ? {inner} : {wrong}'
        if form == 14 and value is not None and value != "":
            return f"coalesce(null, {inner})"
        if form == 16 and isinstance(value, bool):
            return f"tobool({inner})" if self.random.random() < 0.5 else f"!({self.dress(not value, value, depth + 1)})"
        if form == 16 and isinstance(value, str):
            return f'"${{{inner}}}"'
        if form == 33 and isinstance(value, str):
            return f'"%{{ if true }}${{{inner}}}%{{ else }}x%{{ endif }}"'
        if form == 33 and isinstance(value, bool):
            return f"alltrue([{inner}, true])"
        forms = {
            9: f"try({inner}, {wrong})",
            10: f'lookup({{ a = {wrong}, b = {inner} }}, "b", {wrong})',
            11: f"merge({{ a = {wrong}, b = {wrong} }}, {{ b = {inner} }}).b",
            12: f"[{wrong}, {inner}][1]",
            13: f"[for one in [{inner}] : one][0]",
            15: f"jsondecode(jsonencode({{ a = {inner} }})).a",
            17: f'{{ for k, v in {{ x = {inner} }} : upper(k) => v }}["X"]',
            18: f"element([{inner}, {wrong}], 0)",
            19: inner if isinstance(value, tuple) else f"flatten([[], [{inner}]])[0]",
            20: f"one([{inner}])",
            21: f"try({{ a = 1 }}.missing, {inner})",
            22: f"([{{ a = {inner} }}][*].a)[0]",
            23: f'contains(["a", "b"], "b") ? {inner} : {wrong}',
            24: f'zipmap(["a"], [{inner}])["a"]',
            25: f"values({{ a = {inner} }})[0]",
            26: f"length([1, 2]) > 1 ? {inner} : {wrong}",
            27: f'can(tonumber("x")) ? {wrong} : {inner}',
            28: f"{self.variable(None, None)} == null ? {inner} : {wrong}",
            29: f'{{ for one in [{{ k = "a", v = {inner} }}] : one.k => one.v... }}["a"][0]',
            30: f"concat([{inner}], [{wrong}])[0]",
            31: f"slice([{wrong}, {inner}], 1, 2)[0]",
            32: f'lookup({{ a = {{ b = {inner} }} }}, "a").b',
        }
        return forms.get(form, inner)
