"""Which combinations of conditions a deployment can bring about.

Values of parameters are tried until one deployment is found (YES), all are ruled out (NO), or too many are left
or something cannot be told (MAYBE). Rules take part: a deployment that breaks one does not happen.
"""

from __future__ import annotations

from fsbp_lsp.cloudformation.domains import PARTITION, PSEUDO, REGION, SUFFIX, candidates, partition_of, pseudo_candidates, uses_in
from fsbp_lsp.cloudformation.reach import Reach
from fsbp_lsp.cloudformation.shape import items_of, mapping_of, names_below, pairs_of, scalars_below
from fsbp_lsp.values import MAYBE, NO, YES, Datum, Tri, as_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fsbp_lsp.cloudformation.domains import Candidates, Uses
    from fsbp_lsp.cloudformation.intrinsics import Evaluator
    from fsbp_lsp.syntax.tree import Node

    Literals = tuple[tuple[str, bool], ...]

MAX_TRIES = 4096
"""Assignments tried for one question."""
MAX_LEVELS = 200
"""Levels of nodes looked through; more than are ever evaluated."""
MAX_WORK = 80_000
"""Assignments tried and condition nodes looked at for one template; beyond them nothing more is decided."""


class Rule:
    """One entry of `Rules`: when `condition` holds (None: always), every assertion must."""

    __slots__ = ("assertions", "condition", "names", "whole")

    def __init__(self, condition: Node | None, assertions: list[Node], whole: bool, names: frozenset[str]) -> None:
        self.condition = condition
        self.assertions = assertions
        self.whole = whole
        self.names = names


class Scenarios:
    """Answers about one template, shared by everything that reads it."""

    __slots__ = (
        "_alone",
        "_answers",
        "_candidates",
        "_clusters",
        "_evaluator",
        "_grouped",
        "_known",
        "_left",
        "_rows",
        "_rules",
        "_tries",
        "_uses",
        "_variables",
    )

    def __init__(self, evaluator: Evaluator, rules: Node | None) -> None:
        self._evaluator = evaluator
        self._left = MAX_WORK
        self._tries = 0
        self._alone: dict[str, str] = {}
        self._answers: dict[object, Tri] = {}
        self._clusters: dict[str | tuple[str], int] = {}
        """By condition; by parameter, in a tuple of one."""
        self._grouped: dict[object, list[tuple[Literals, list[str], list[Rule]]]] = {}
        self._known: dict[object, dict[tuple[object, ...], Tri]] = {}
        """What conditions are under an assignment, by the assignment."""
        self._rows: dict[str, tuple[Tri, int, int]] = {}
        """By condition that hangs on one parameter: see `_row`."""
        self._candidates: dict[str, Candidates] = {}
        self._variables = (*evaluator.parameters, *PSEUDO)
        self._rules = self._read_rules(rules)
        nodes = [*evaluator.conditions.nodes, *(node for rule in self._rules for node in (rule.condition, *rule.assertions) if node)]
        self._uses: dict[str, Uses] = uses_in(nodes, self._variables, evaluator.mappings)

    def _read_rules(self, section: Node | None) -> list[Rule]:
        mapping = mapping_of(section)
        found: list[Rule] = []
        for name, (_key, node) in pairs_of(mapping).found.items() if mapping is not None else ():
            inner = mapping_of(node)
            members = pairs_of(inner).found if inner is not None and not name.startswith("Fn::") else {}
            asserts: list[Node] = []
            whole = "Assertions" in members
            for item in items_of(members["Assertions"][1]) if whole else ():
                one = mapping_of(item)
                pair = pairs_of(one).found.get("Assert") if one is not None else None
                if pair is None:
                    whole = False
                else:
                    asserts.append(pair[1])
            condition = members["RuleCondition"][1] if "RuleCondition" in members else None
            names = self._evaluator.conditions.names_in([*asserts, *([condition] if condition is not None else [])])
            found.append(Rule(condition, asserts, whole, names))
        return found

    @property
    def ruled(self) -> bool:
        """Whether the template has rules."""
        return bool(self._rules)

    def possible(self, wanted: dict[str, bool], given: tuple[str, Datum] | None = None) -> Tri:
        """Whether some deployment makes every condition what is wanted, with one parameter given a value."""
        answer = YES
        if given is None and not self._rules:
            apart: dict[str, list[tuple[str, bool]]] = {}
            for condition, truth in wanted.items():
                apart.setdefault(self._only(condition), []).append((condition, truth))
            if "" not in apart:
                for name, literals in apart.items():
                    answer = answer & self._scan(literals, name)
                return answer
        for group, names, rules in self._groups(wanted, given):
            mine = given if given is not None and given[0] in names else None
            mark = (group, None if mine is None else (mine[0], as_text(mine[1])))
            known = self._answers.get(mark)
            if known is None:
                known = self._answers[mark] = self._search(group, rules, mine)
            answer = answer & known
            if answer is NO:
                break
        return answer

    def connected(self, name: str, assumed: dict[str, bool]) -> dict[str, bool]:
        """Those of the assumed conditions that may say something about another."""
        if not assumed:
            return assumed
        mine = self._cluster_of(name)
        return {held: truth for held, truth in assumed.items() if self._cluster_of(held) == mine}

    def reach(self, node: Node) -> Reach:
        """What can have a hand in an expression."""
        texts = frozenset(scalar.text for _function, scalar in scalars_below(node, limit=MAX_LEVELS))
        parameters = frozenset(names_below(node, MAX_LEVELS)) & self._evaluator.parameters.keys()
        conditions = texts.intersection(self._evaluator.conditions.names)
        clusters = {self._cluster_of(name) for name in conditions}
        clusters.update(self._clusters[name,] for name in parameters if (name,) in self._clusters)
        return Reach(parameters, conditions, texts, frozenset(clusters), self._cluster_of)

    def _cluster_of(self, name: str) -> int:
        """The number of the set of conditions that parameters and rules connect with each other."""
        if not self._clusters:
            sets: list[set[str]] = []
            for names in (*map(self._names_of, self._evaluator.conditions.names), *(set(rule.names) for rule in self._rules)):
                joined, kept = set(names), []
                for other in sets:
                    if joined.isdisjoint(other):
                        kept.append(other)
                    else:
                        joined |= other
                sets = [*kept, joined]
            numbers = {variable: number for number, names in enumerate(sets) for variable in names}
            self._clusters.update(((variable,), number) for variable, number in numbers.items())
            for number, condition in enumerate(self._evaluator.conditions.names):
                mine = self._names_of(condition)
                self._clusters[condition] = numbers[next(iter(mine))] if mine else -1 - number
        return self._clusters.get(name, -1000)

    def _names_of(self, condition: str) -> set[str]:
        names = set(self._evaluator.conditions.parameters(condition)) & self._uses.keys()
        return names | {REGION} if names & {PARTITION, SUFFIX} else names

    def values(self, name: str, assumed: dict[str, bool]) -> tuple[Datum, ...] | None:
        """All values a parameter may have where the assumed conditions hold; None when they cannot be listed."""
        asked = self.connected_to(name, assumed)
        if not asked:
            return None
        tried = self._candidates_of(name)
        if not tried.complete:
            return None
        fresh = {as_text(value) for value, _legal in tried.values} - set(self._uses[name].constants)
        closed = self._evaluator.parameters[name].allowed_values() is not None or self._uses[name].keyed
        found: list[Datum] = []
        for value, _legal in tried.values:
            if self.possible(asked, (name, value)) is not NO:
                if as_text(value) in fresh and not closed:
                    return None
                found.append(value)
        return tuple(found) or None

    def connected_to(self, variable: str, assumed: dict[str, bool]) -> dict[str, bool]:
        """The assumed conditions that depend on a parameter, directly or through others."""
        found: dict[str, bool] = {}
        for group, names, _rules in self._groups(assumed, None):
            if variable in names:
                found.update(group)
        return found

    def _groups(self, wanted: dict[str, bool], given: tuple[str, Datum] | None) -> list[tuple[Literals, list[str], list[Rule]]]:
        """The wanted conditions, apart where no parameter and no rule connects them."""
        mark = (tuple(wanted.items()), given[0] if given is not None else "")
        made = self._grouped.get(mark)
        if made is not None:
            return made
        groups: list[tuple[list[tuple[str, bool]], set[str]]] = []
        parts: list[tuple[list[tuple[str, bool]], set[str]]] = [([(name, truth)], self._names_of(name)) for name, truth in wanted.items()]
        parts.extend(([], set(rule.names) & self._uses.keys()) for rule in self._rules)
        if given is not None:
            parts.append(([], {given[0]}))
        for literals, names in parts:
            kept: list[tuple[list[tuple[str, bool]], set[str]]] = []
            for group in groups:
                if names.isdisjoint(group[1]):
                    kept.append(group)
                else:
                    literals, names = [*group[0], *literals], names | group[1]
            groups = [*kept, (literals, names)]
        made = []
        for literals, names in groups:
            if not literals and (given is None or given[0] not in names):
                continue  # rules about something else
            rules = [rule for rule in self._rules if not rule.names.isdisjoint(names)]
            made.append((tuple(sorted(literals)), [name for name in self._variables if name in names], rules))
        self._grouped[mark] = made
        return made

    def _candidates_of(self, name: str) -> Candidates:
        found = self._candidates.get(name)
        if found is None:
            uses = self._uses[name]
            if name in PSEUDO:
                found = pseudo_candidates(name, uses)
            else:
                shared: dict[str, None] = {}
                for other in uses.linked:
                    shared.update(dict.fromkeys(self._uses[other].constants))
                    linked = self._evaluator.parameters.get(other)
                    texts = [as_text(value) for value in (linked.allowed_values() or ())] if linked is not None else []
                    shared.update(dict.fromkeys(text for text in texts if text is not None))
                found = candidates(self._evaluator.parameters[name], uses, shared)
            self._candidates[name] = found
        return found

    def _search(self, literals: Literals, rules: list[Rule], given: tuple[str, Datum] | None) -> Tri:
        if given is None and not rules and len(apart := {self._only(condition) for condition, _truth in literals}) == 1 and "" not in apart:
            return self._scan(literals, apart.pop())
        fixed: dict[str, Datum] = {}
        if given is not None:
            fixed[given[0]] = given[1]
        self._tries = MAX_TRIES
        mark = () if given is None else ((given[0], as_text(given[1])),)
        return self._try(literals, rules, fixed, mark, YES)

    def _only(self, condition: str) -> str:
        """The parameter that a condition hangs on alone, '' when there are several or none."""
        only = self._alone.get(condition)
        if only is None:
            free = self._names_of(condition) - {PARTITION, SUFFIX}
            only = self._alone[condition] = free.pop() if len(free) == 1 else ""
        return only

    def _scan(self, literals: Iterable[tuple[str, bool]], name: str) -> Tri:
        """What `_try` comes to where everything hangs on one parameter, which is most of what is asked.

        Which of its values make a condition hold is worked out once per condition, and kept as bits.
        """
        tried = self._candidates_of(name)
        whole = (1 << len(tried.values)) - 1
        plain, sure, possible = YES, whole, whole
        for condition, truth in literals:
            row = self._rows.get(condition) or self._row(condition, name)
            if row is None:
                return MAYBE
            said, holds, may = row
            plain = plain & (said if truth else ~said)
            sure &= holds if truth else whole & ~may
            possible &= may if truth else whole & ~holds
        if plain is not MAYBE:
            return plain  # whatever the value is
        answer = NO if tried.complete and possible == sure else MAYBE
        for number, (_value, lawful) in enumerate(tried.values):
            if sure >> number & 1:
                answer = answer | lawful
        return answer

    def _row(self, condition: str, name: str) -> tuple[Tri, int, int] | None:
        """(what a condition is without a value, the values under which it surely holds, those under which it may).

        None when there is no more work to be spent on this template.
        """
        holds = may = 0
        plain = self._under((), {}, condition)
        for number, (value, _lawful) in enumerate(self._candidates_of(name).values):
            said = self._under(((name, number),), _with(name, value), condition)
            holds |= (said is YES) << number
            may |= (said is not NO) << number
        if self._left <= 0:
            return None
        self._rows[condition] = plain, holds, may
        return self._rows[condition]

    def _under(self, mark: tuple[object, ...], fixed: dict[str, Datum], condition: str) -> Tri:
        if self._left <= 0:
            return MAYBE
        return self._looked(fixed, self._known.setdefault(mark, {}), lambda: self._evaluator.conditions.named(condition))

    def _looked(self, fixed: dict[str, Datum], known: dict[tuple[object, ...], Tri], ask: Callable[[], Tri]) -> Tri:
        """The answer of `ask` under an assignment; the work counts for the template, not for what reads it."""
        conditions = self._evaluator.conditions
        room = conditions.room
        said = self._evaluator.under_values(fixed, known, ask)
        self._left -= 1 + room - conditions.room
        conditions.room = room
        return said

    def _try(self, literals: Literals, rules: list[Rule], fixed: dict[str, Datum], mark: tuple[object, ...], legal: Tri) -> Tri:
        """Whether a deployment with these values exists. mark: stands for the values; legal: whether they may be given."""
        self._tries -= 1
        if self._tries < 0 or self._left <= 0:
            return MAYBE
        known = self._known.setdefault(mark, {})
        doubts: list[Iterable[str]] = []
        said = self._looked(fixed, known, lambda: self._holds(literals, rules, known, doubts))
        if said is not MAYBE:
            return legal if said is YES else NO
        # What is in doubt says which parameter to try next; the others make no difference yet.
        name = next((name for names in doubts for name in self._variables if name in names and name not in fixed), None)
        if name is None:
            return MAYBE
        if name in (PARTITION, SUFFIX):
            name = REGION  # they follow from it
        tried = self._candidates_of(name)
        answer: Tri = NO if tried.complete else MAYBE
        for number, (value, lawful) in enumerate(tried.values):
            answer = answer | self._try(literals, rules, {**fixed, **_with(name, value)}, (*mark, (name, number)), legal & lawful)
            if answer is YES or (answer is MAYBE and legal is MAYBE):
                break  # it cannot get better
        return answer

    def _holds(self, literals: Literals, rules: list[Rule], known: dict[tuple[object, ...], Tri], doubts: list[Iterable[str]]) -> Tri:
        """Whether everything is as wanted and every rule kept; the names behind what is not decided go to `doubts`."""
        answer = YES
        for name, truth in literals:
            one = self._evaluator.conditions.named(name)
            one = one if truth else ~one
            if one is MAYBE:
                doubts.append(self._names_of(name))
            answer = answer & one
            if answer is NO:
                return NO
        for rule in rules:
            kept = known.get((rule,))
            if kept is None:
                kept = known[rule,] = self._kept(rule)
            if kept is MAYBE:
                doubts.append(rule.names)
            answer = answer & kept
            if answer is NO:
                return NO
        return answer

    def _kept(self, rule: Rule) -> Tri:
        """Whether a deployment keeps a rule."""
        conditions = self._evaluator.conditions
        kept = YES if rule.whole else MAYBE
        for node in rule.assertions:
            kept = kept & conditions.node(node)
        return kept if rule.condition is None else kept | ~conditions.node(rule.condition)


def _with(name: str, value: Datum) -> dict[str, Datum]:
    """A value of a parameter, and of those that follow from it."""
    if name != REGION:
        return {name: value}
    partition, suffix = partition_of(str(value))
    return {name: value, PARTITION: partition, SUFFIX: suffix}
