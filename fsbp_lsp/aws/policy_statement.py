"""Statements of policy documents: whom they name, what they grant, and what denials leave of it.

Sources: IAM user guide, "IAM JSON policy elements" (Principal, NotPrincipal, NotAction, NotResource) and "Policy
evaluation logic" (an explicit deny wins).
"""

from __future__ import annotations

from fsbp_lsp.aws import policy_match as match
from fsbp_lsp.aws.policy_conditions import Condition, narrowed
from fsbp_lsp.aws.policy_match import Pattern, is_name
from fsbp_lsp.values import MAYBE, NO, UNKNOWN, YES, Items, Map, Ref, Seq, Text, Tri, Value, any_of, as_text, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsbp_lsp.text import Loc
    from fsbp_lsp.values import Datum

EVERY_ACTION = match.action("*")

MAX_PAIRS = 200
"""Actions times resources times denials of one document that are held against one another."""


def listed(value: Value) -> Items:
    """A string or a list of strings as elements; nothing when not written."""
    datum = value.only
    if isinstance(datum, (Seq, Map)):
        return value.items()
    if not value.written or datum is None:
        return Items(())
    if datum is UNKNOWN and not isinstance(value.raw, (Ref, Text)):
        one = len(value.options) > 1 and not any(isinstance(known(option), (Seq, Map)) for option in value.options)
        return Items((value,)) if one else value.items()
    return Items((value,))


class Statement:
    """One statement. Lists are open when some of their elements are not known.

    number: place in the document. exists: whether it is part of the document in force (a later one may
    replace it). sid: its Sid, ABSENT without one. variables: `${…}` in resources is a policy variable.
    """

    __slots__ = (
        "actions",
        "at",
        "conditions",
        "conditions_open",
        "effect",
        "exists",
        "not_actions",
        "not_principals",
        "not_resources",
        "number",
        "principals",
        "principals_open",
        "resources",
        "sid",
        "value",
        "variables",
    )

    def __init__(self, number: int, value: Value, at: Loc | None) -> None:
        self.number = number
        self.value = value
        self.at = at
        self.exists = YES
        self.sid = Value.of(None)
        self.variables = True
        self.effect = Value.of("Allow")
        self.actions = Items(())
        self.not_actions = Items(())
        self.resources = Items(())
        self.not_resources = Items(())
        self.principals: list[tuple[str, Value]] = []
        self.principals_open = False
        self.not_principals = NO
        self.conditions: list[Condition] = []
        self.conditions_open = False

    def allows(self) -> Tri:
        return self.exists & self.effect.is_("Allow")

    def denies(self) -> Tri:
        return self.exists & self.effect.is_("Deny")

    def all_actions(self) -> Tri:
        """`*`, however it is spelled, among the actions; what NotAction leaves is never all."""
        return self.actions.any(lambda one: match.asked(one, match.action, lambda it: match.covers(it, EVERY_ACTION)))

    def all_resources(self) -> Tri:
        return self.resources.any(lambda one: match.asked(one, self._resource, lambda it: match.covers(it, match.EVERYTHING)))

    def _resource(self, datum: Datum) -> Pattern:
        return match.pattern(datum, variables=self.variables)

    # Who

    def any_principal(self) -> Tri:
        """Names everybody: `*`, AWS `*`, or `*` of every type, alone or in a list.

        A wildcard as part of a name is refused by IAM, and Allow with NotPrincipal is not supported (IAM user
        guide, "NotPrincipal"): both are left open.
        """
        if self.not_principals is not NO:
            return MAYBE
        return any_of(self.principals, _everybody, self.principals_open)

    def keeps_out(self, granted: Statement) -> Tri:
        """As a denial: YES when it meets everybody (but for principals it names), NO when most can get round it.

        granted: what it is held against. A condition of that may demand the very thing that would avoid the denial.
        """
        if self.not_principals is not NO:
            others = any_of(self.principals, lambda pair: ~_somebody(pair), self.principals_open)
            who = YES if self.not_principals is YES and others is NO else MAYBE
        else:
            who = any_of(self.principals, _everybody, self.principals_open)
        if not self.conditions and not self.conditions_open:
            return self.denies() & who
        if any(test.avoidable() is YES and not test.clashes(granted.conditions) for test in self.conditions):
            return NO
        return self.denies() & who & MAYBE

    def narrowed(self) -> Tri:
        """Some condition ties the principal to somebody."""
        return narrowed(self.conditions, self.conditions_open)

    def public(self) -> Tri:
        """Allows everybody what it is about, without a condition that narrows it."""
        return self.allows() & self.any_principal() & ~self.narrowed()

    # What

    def covers_action(self, wanted: str) -> Tri:
        """An action (`s3:GetObject`), or all a pattern stands for, is among those of the statement."""
        name = match.action(wanted)

        def covers(one: Value) -> Tri:
            text = one.only
            if isinstance(text, str) and "*" not in text and "?" not in text:
                return Tri.of(text.lower() == name.plain)
            return match.asked(one, match.action, lambda it: match.covers(it, name))

        if self.not_actions.found or self.not_actions.maybe_more:
            touched = self.not_actions.any(lambda one: match.asked(one, match.action, lambda it: match.overlaps(it, name)))
            return ~touched if touched is NO else ~self.not_actions.any(covers) & MAYBE
        return self.actions.any(covers)

    def left_by(self, denials: Sequence[Statement], wanted: Sequence[str], budget: list[int]) -> Tri:
        """Some of what the statement grants everybody remains when `denials` are obeyed.

        wanted: only these actions count. A denial that meets everybody and covers a grant takes it away; one that
        is conditional or meets a part of it leaves the answer open; one that many can get round is passed over.
        budget: how many pairs may still be compared; what would take more is not decided.
        """
        if self.not_resources.found or self.not_resources.maybe_more:
            # What is left may have nothing to do with the thing the policy belongs to.
            left = ~self.not_resources.any(lambda one: match.asked(one, self._resource, lambda it: match.covers(it, match.EVERYTHING)))
            return left & MAYBE & self._left([EVERY_ACTION], denials, budget)
        if wanted:
            return any_of(wanted, lambda name: self.covers_action(name) & self._left([match.action(name)], denials, budget))
        if self.not_actions.found or self.not_actions.maybe_more:
            return self.covers_action("*") & MAYBE & self._left([EVERY_ACTION], denials, budget)
        actions = [match.action(option) for one in self.actions.found for option in one.options]
        return self._left(actions, denials, budget) if actions else MAYBE

    def _left(self, actions: list[Pattern], denials: Sequence[Statement], budget: list[int]) -> Tri:
        weighed = [(one, weight) for one, weight in ((one, one.keeps_out(self)) for one in denials) if weight is not NO]
        if not weighed:
            return YES
        resources = [self._resource(option) for one in self.resources.found for option in one.options] or [match.EVERYTHING]
        budget[0] -= len(actions) * len(resources) * len(weighed)
        if budget[0] < 0:
            return MAYBE
        # What an element holds that is not seen may be left, whatever happens to the rest.
        result = MAYBE if self.resources.maybe_more or self.actions.maybe_more else NO
        for act in actions:
            for resource in resources:
                state = YES
                for denial, weight in weighed:
                    meets, full = denial.meets(act, resource)
                    if meets is not NO:
                        state = state & (NO if full & weight is YES else MAYBE)
                result = result | state
        return result

    def meets(self, act: Pattern, resource: Pattern) -> tuple[Tri, Tri]:
        """(may apply to the action on the resource, applies to all of it) of this statement."""
        meets_act, full_act = _scope(self.actions, self.not_actions, match.action, act)
        meets_it, full_it = _scope(self.resources, self.not_resources, self._resource, resource)
        return meets_act & meets_it, full_act & full_it

    def shown_actions(self) -> str:
        if self.not_actions.found:
            return f"everything but {', '.join(one.shown for one in self.not_actions.found[:3])}"
        return ", ".join(one.shown for one in self.actions.found[:3])


def _scope(named: Items, excepted: Items, read: object, target: Pattern) -> tuple[Tri, Tri]:
    """(overlaps, covers) of an element and its Not-twin with a pattern. Without either, everything is meant."""

    def overlap(one: Value) -> Tri:
        return match.asked(one, read, lambda it: match.overlaps(it, target))  # type: ignore[arg-type]  # a reader of patterns

    def cover(one: Value) -> Tri:
        return match.asked(one, read, lambda it: match.covers(it, target))  # type: ignore[arg-type]  # a reader of patterns

    if excepted.found or excepted.maybe_more:
        return ~excepted.any(cover), ~excepted.any(overlap)
    if not named.found and not named.maybe_more:
        # A policy of a queue or topic need not name it.
        return YES, YES
    return named.any(overlap), named.any(cover)


def _everybody(pair: tuple[str, Value]) -> Tri:
    type, value = pair
    if type not in ("*", "AWS"):
        # `{"Service": "*"}` or `{"Federated": "*"}`: not everybody, and not fixed either.
        return NO if _named(value) else value.is_("*") & MAYBE
    if _named(value):
        return NO
    star = value.is_("*")
    # IAM refuses a wildcard as part of a name.
    return MAYBE if star is NO and value.contains("*") is YES else star


def _somebody(pair: tuple[str, Value]) -> Tri:
    """One decided principal without a wildcard."""
    value = pair[1]
    return YES if _named(value) or (as_text(value.only) is not None and value.contains("*") is NO) else MAYBE


def _named(value: Value) -> bool:
    """A reference to the ARN or id of one thing: never a wildcard."""
    return isinstance(value.raw, Ref) and as_text(value.raw) is None and is_name(value.raw)
