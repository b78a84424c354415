"""Random templates over conditions, and a naive evaluation of them under concrete parameter values.

The evaluation shares no code with the tool: it reads the JSON of a template as the user guide describes it.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from typing import Any

NO_VALUE = object()
"""`AWS::NoValue`: the property or element is not there."""
WORDS = ("a", "b", "c", "d")


class Generated:
    """One template: its JSON, and for each parameter the values that tell all deployments apart."""

    def __init__(self, seed: int, linked: bool = True) -> None:
        self.dice = random.Random(seed)
        self.linked = linked
        self.parameters: dict[str, dict[str, Any]] = {}
        self.values: dict[str, list[str]] = {}
        for number in range(self.dice.randint(1, 4)):
            self._parameter(f"P{number}")
        self.mappings = {"M": {word: {"K": self.dice.choice(WORDS), "L": self.dice.choice(WORDS)} for word in WORDS}}
        self.conditions: dict[str, Any] = {}
        for number in range(self.dice.randint(2, 6)):
            self.conditions[f"C{number}"] = self._condition(2)
        self.rules: dict[str, Any] = {}
        if self.dice.random() < 0.4:
            rule: dict[str, Any] = {"Assertions": [{"Assert": self._rule(2)}]}
            if self.dice.random() < 0.6:
                rule["RuleCondition"] = self._rule(1)
            self.rules["R0"] = rule
        self.resources: dict[str, Any] = {}
        for number in range(3):
            resource: dict[str, Any] = {"Type": "AWS::X::Y", "Properties": {name: self._value(3) for name in ("V", "W")}}
            if self.dice.random() < 0.5:
                resource["Condition"] = self._name()
            self.resources[f"R{number}"] = resource

    def _parameter(self, name: str) -> None:
        kind = self.dice.randrange(3)
        if kind == 0:
            self.parameters[name] = {"Type": "String"}
            self.values[name] = [*WORDS, f"free of {name}", "free"]
        else:
            allowed = self.dice.sample(WORDS, self.dice.randint(1, 3))
            self.parameters[name] = {"Type": "String", "AllowedValues": allowed}
            self.values[name] = allowed
        if self.dice.random() < 0.4:
            self.parameters[name]["Default"] = self.dice.choice(self.values[name][:1])

    def _name(self) -> str:
        return self.dice.choice(list(self.conditions))

    def _ref(self) -> dict[str, Any]:
        return {"Ref": self.dice.choice(list(self.parameters))}

    def _equals(self) -> dict[str, Any]:
        one: Any = self._ref()
        chance = self.dice.random()
        other: Any = self.dice.choice(WORDS)
        if self.linked and chance < 0.15:
            other = self._ref()
        elif self.linked and chance < 0.25:
            one = {"Fn::FindInMap": ["M", self.dice.choice(WORDS), "K"]}
        elif chance < 0.3:
            one = self.dice.choice(WORDS)
        return {"Fn::Equals": [one, other] if self.dice.random() < 0.5 else [other, one]}

    def _condition(self, depth: int) -> Any:
        chance = self.dice.random()
        if self.conditions and chance < 0.25:
            return {"Fn::Not": [{"Condition": self._name()}]} if chance < 0.1 else {"Condition": self._name()}
        if depth == 0 or chance < 0.5:
            return self._equals()
        if chance < 0.65:
            return {"Fn::Not": [self._condition(depth - 1)]}
        return {f"Fn::{'And' if chance < 0.8 else 'Or'}": [self._condition(depth - 1) for _ in range(2)]}

    def _rule(self, depth: int) -> Any:
        chance = self.dice.random()
        if self.linked and chance < 0.3:
            return {"Fn::Contains": [self.dice.sample(WORDS, 2), self._ref()]}
        if self.linked and chance < 0.45:
            return {"Fn::EachMemberIn": [[self._ref(), self._ref()], self.dice.sample(WORDS, 3)]}
        if depth == 0 or chance < 0.6:
            return {"Fn::Equals": [self._ref(), self.dice.choice(WORDS)]}
        if chance < 0.8:
            return {"Fn::Not": [self._rule(depth - 1)]}
        return {"Fn::Or": [self._rule(depth - 1), self._rule(depth - 1)]}

    def _value(self, depth: int) -> Any:
        chance = self.dice.random()
        if depth == 0 or chance < 0.15:
            return self.dice.choice([*WORDS, True, 7])
        if chance < 0.55:
            return {"Fn::If": [self._name(), self._value(depth - 1), self._value(depth - 1)]}
        if chance < 0.62:
            return {"Ref": "AWS::NoValue"}
        if chance < 0.7:
            return self._ref()
        if chance < 0.76:
            return {"Fn::Sub": f"x-${{{self._ref()['Ref']}}}-${{!y}}"}
        if chance < 0.82:
            return {"Fn::Join": ["-", [self.dice.choice(WORDS), self._ref(), {"Fn::If": [self._name(), "p", "q"]}]]}
        if chance < 0.86:
            return {"Fn::Select": [self.dice.randrange(2), {"Fn::Split": ["-", {"Fn::If": [self._name(), "l-m", "n-o"]}]}]}
        if chance < 0.9:
            return {"Fn::FindInMap": ["M", self.dice.choice(WORDS), self.dice.choice("KL")]}
        if chance < 0.95:
            return [self._value(depth - 1) for _ in range(self.dice.randint(1, 3))]
        return {"N": self._value(depth - 1), "O": self._value(depth - 1)}

    @property
    def template(self) -> dict[str, Any]:
        sections = {
            "Parameters": self.parameters,
            "Rules": self.rules,
            "Mappings": self.mappings,
            "Conditions": self.conditions,
            "Resources": self.resources,
        }
        return {name: section for name, section in sections.items() if section}

    @property
    def text(self) -> str:
        return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", **self.template}, indent=1)

    def deployments(self) -> Iterator[Deployment]:
        """Every combination of parameter values that keeps the rules."""
        for values in itertools.product(*self.values.values()):
            deployment = Deployment(self.template, dict(zip(self.values, values, strict=True)))
            if deployment.keeps_rules():
                yield deployment


class Deployment:
    """A template with concrete values."""

    def __init__(self, template: dict[str, Any], values: dict[str, str]) -> None:
        self.template = template
        self.values = values
        self.conditions = {name: self.truth(node) for name, node in template.get("Conditions", {}).items()}

    def keeps_rules(self) -> bool:
        for rule in self.template.get("Rules", {}).values():
            if "RuleCondition" in rule and not self.truth(rule["RuleCondition"]):
                continue
            if not all(self.truth(item["Assert"]) for item in rule["Assertions"]):
                return False
        return True

    def truth(self, node: Any) -> bool:
        ((name, arg),) = node.items()
        if name == "Condition":
            return self.truth(self.template["Conditions"][arg])
        if name == "Fn::Equals":
            return str(self.value(arg[0])) == str(self.value(arg[1]))
        if name == "Fn::Not":
            return not self.truth(arg[0])
        if name == "Fn::And":
            return all(self.truth(item) for item in arg)
        if name == "Fn::Or":
            return any(self.truth(item) for item in arg)
        if name == "Fn::Contains":
            return self.value(arg[1]) in self.value(arg[0])
        assert name == "Fn::EachMemberIn"
        return all(item in self.value(arg[1]) for item in self.value(arg[0]))

    def value(self, node: Any) -> Any:
        if isinstance(node, list):
            items = [self.value(item) for item in node]
            return [item for item in items if item is not NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((name, arg),) = node.items()
            if name == "Ref":
                return NO_VALUE if arg == "AWS::NoValue" else self.values[arg]
            if name.startswith("Fn::"):
                return getattr(self, name.removeprefix("Fn::").lower())(arg)
        found = {key: self.value(item) for key, item in node.items()}
        return {key: item for key, item in found.items() if item is not NO_VALUE}

    def if_(self, arg: Any) -> Any:
        return self.value(arg[1] if self.conditions[arg[0]] else arg[2])

    def sub(self, arg: str) -> str:
        for name, value in self.values.items():
            arg = arg.replace(f"${{{name}}}", value)
        return arg.replace("${!", "${")

    def join(self, arg: Any) -> str:
        return arg[0].join(self.value(item) for item in arg[1])  # type: ignore[no-any-return]  # JSON

    def select(self, arg: Any) -> Any:
        return self.value(arg[1])[arg[0]]

    def split(self, arg: Any) -> list[str]:
        return self.value(arg[1]).split(arg[0])  # type: ignore[no-any-return]  # JSON

    def findinmap(self, arg: Any) -> Any:
        table, top, second = arg
        return self.template["Mappings"][table][self.value(top)][second]


setattr(Deployment, "if", Deployment.if_)
