"""A verdict per scenario: what a control says about a resource where conditions hold, or do not.

Asked only where the plain answer is not settled and undecided conditions were looked at on the way. The
smallest scenarios come first, so a finding names the conditions it needs and no others.
"""

from __future__ import annotations

import re

from fsbp_lsp.controls.registry import NOT_APPLICABLE, PASS, Assumed, Unknown
from fsbp_lsp.model import Finding, Fix, Safety, Verdict
from fsbp_lsp.values import Via

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.controls.registry import Answer
    from fsbp_lsp.model import Resource

    Ask = Callable[[Resource], Answer]

_NUMBER = re.compile("[0-9]+")

MAX_ASKED = 24
"""Scenarios asked about one control and resource."""
MAX_CONDITIONS = 8
"""Conditions taken one by one; with more, the rest stays undecided."""
MAX_DEPTH = 4
"""Conditions a finding may depend on together."""


def judge(resource: Resource, ask: Ask) -> Answer:
    """The answer about a resource in every scenario; findings say in which ones they hold."""
    module = resource.module
    if not module.watch():
        return ask(resource)
    try:
        answer = ask(resource)
    finally:
        names = module.watched()
    if not names or _settled(answer):
        return answer
    return _Search(resource, ask).run(answer, names)


def _settled(answer: Answer) -> bool:
    return answer is PASS or answer is NOT_APPLICABLE or isinstance(answer, Assumed)


class _Search:
    __slots__ = ("always", "ask", "asked", "findings", "impossible", "resource", "settled")

    def __init__(self, resource: Resource, ask: Ask) -> None:
        self.resource = resource
        self.ask = ask
        self.asked = 0
        self.always: list[Finding] = []
        self.findings: dict[tuple[object, ...], tuple[Finding, list[dict[str, bool]]]] = {}
        """By what is said: a finding, and the scenarios it was found in."""
        self.impossible: list[dict[str, bool]] = []
        self.settled: list[Answer] = []

    def run(self, answer: Answer, names: tuple[str, ...]) -> Answer:
        if isinstance(answer, list):
            self.always = answer
        decided = self._explore({}, names, isinstance(answer, list))
        found = [self._said(finding, scenarios) for finding, scenarios in self.findings.values()]
        if self.always or found:
            return [*self.always, *found]
        if not decided:
            return answer
        if any(one is PASS for one in self.settled):
            return PASS
        return next((one for one in self.settled if isinstance(one, Assumed)), NOT_APPLICABLE)

    def _explore(self, scenario: dict[str, bool], names: tuple[str, ...], fails: bool) -> bool:
        """Ask about every condition by itself, then go deeper where that leaves something open.

        Whether all of the scenario is settled. fails: there are findings in all of it already.
        """
        best: tuple[int, list[tuple[dict[str, bool], tuple[str, ...]]]] | None = None
        for name in [name for name in names if name not in scenario][:MAX_CONDITIONS]:
            left: list[tuple[dict[str, bool], tuple[str, ...]]] = []
            for truth in (True, False):
                here = {**scenario, name: truth}
                more = self._asked(here)
                if more is None:
                    continue
                left.append((here, more))
            if not left:
                return True
            if best is None or len(left) < best[0]:
                best = (len(left), left)
        if best is None or fails or len(scenario) + 1 >= MAX_DEPTH:
            return False
        # Every side is explored, also when one of them stays open: findings are worth having.
        sides = [self._explore(here, more, False) for here, more in best[1]]
        return all(sides)

    def _asked(self, scenario: dict[str, bool]) -> tuple[str, ...] | None:
        """The conditions that leave the answer open in a scenario, () when something else does; None when it is settled."""
        if self.asked >= MAX_ASKED:
            return ()
        self.asked += 1
        twin, sure = self.resource.module.under(self.resource, scenario)
        if twin is None:
            self.impossible.append(scenario)
            return None
        if not twin.module.watch():
            return ()
        try:
            answer = self.ask(twin)
        finally:
            names = twin.module.watched()
        if _settled(answer):
            self.settled.append(answer)
            return None
        if isinstance(answer, Unknown):
            return names
        if not isinstance(answer, list) or not sure:
            return ()
        for finding in answer:
            if not any(_same(finding, wider) for wider in self.always):
                self.findings.setdefault(_mark(finding), (finding, []))[1].append(scenario)
        return ()

    def _said(self, finding: Finding, scenarios: list[dict[str, bool]]) -> Finding:
        """The finding with the fewest conditions it needs: where it holds either way, that condition is none of them."""
        found = [*scenarios, *self.impossible]
        best = scenarios[0]
        for scenario in found:
            for name, truth in scenario.items():
                if {**scenario, name: not truth} in found and (scenario in scenarios or {**scenario, name: not truth} in scenarios):
                    rest = {held: value for held, value in scenario.items() if held != name}
                    if len(rest) < len(best):
                        best = rest
                    if rest not in found:
                        found.append(rest)  # grows while it is walked: what is left may fold again
                        scenarios.append(rest)
        return _under(finding, best) if best else finding


def _mark(finding: Finding) -> tuple[object, ...]:
    """What a finding says, and of what: an element of a list may have another number where others come or go."""
    return finding.at.key(), _NUMBER.sub("", finding.facet), finding.message


def _same(finding: Finding, wider: Finding) -> bool:
    """What a finding of one scenario says is part of one that holds in all of them: each branch is as wrong as the other."""
    if _mark(finding) == _mark(wider):
        return True
    if finding.facet != wider.facet:
        return False
    inside = wider.at.file is finding.at.file and wider.at.start <= finding.at.start and finding.at.end <= wider.at.end
    return inside or any(hop.via is Via.BRANCH for hop in wider.origins)


def _under(finding: Finding, scenario: dict[str, bool]) -> Finding:
    """The finding, said to hold in a scenario. Its fix overrules what somebody decided for that case."""
    words = " and ".join(f"{name} is {'true' if truth else 'false'}" for name, truth in scenario.items())

    # What AWS does by itself, said of an undeclared setting, is no part of the scenario.
    said, mark, rest = finding.message.partition("; ") if finding.verdict is Verdict.UNDECLARED else (finding.message, "", "")

    def fixes() -> list[Fix]:
        made: list[Fix] = []
        for fix in finding.fixes:
            note = f" ({fix.note})" if fix.note and fix.title.endswith(f" ({fix.note})") else ""
            title = f"{fix.title.removesuffix(note)} where {words}{note}"
            made.append(Fix(title, fix.edits, min(fix.safety, Safety.REVIEW), fix.note, fix.refused))
        return made

    module = finding.resource.module if finding.resource is not None else None
    return Finding(
        finding.control,
        finding.resource,
        finding.at,
        f"{said} when {words}{mark}{rest}",
        verdict=finding.verdict,
        value=finding.value,
        facet=f"{finding.facet} when {words}",
        origins=finding.origins,
        related=(*finding.related, *(module.condition_places(scenario) if module is not None else ())),
        fixes=fixes,
        warn_only=finding.warn_only,
    )
