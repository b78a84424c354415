"""What we call impossible no deployment does, what we call possible one does, and values are those of the deployment."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from fsbp_lsp.cloudformation.load import template_of
from fsbp_lsp.cloudformation.template import Template
from fsbp_lsp.values import ABSENT, MAYBE, NO, UNKNOWN, YES, Map, Ref, Seq, Text, Value, as_text, known
from tests.cloudformation.generated import NO_VALUE, Deployment, Generated

SEEDS = range(60)


def read(made: Generated) -> Template:
    template = template_of("t.json", made.text.encode())
    assert template is not None
    return template


@pytest.mark.parametrize("seed", SEEDS)
def test_possible_is_what_some_deployment_does(seed: int) -> None:
    made = Generated(seed)
    template = read(made)
    scenarios = template.evaluator.scenarios()
    seen = [deployment.conditions for deployment in made.deployments()]
    names = list(made.conditions)
    for count in (1, 2, 3):
        for chosen in itertools.combinations(names, min(count, len(names))):
            for truths in itertools.product((True, False), repeat=len(chosen)):
                wanted = dict(zip(chosen, truths, strict=True))
                possible = any(all(conditions[name] is truth for name, truth in wanted.items()) for conditions in seen)
                if not seen:
                    continue  # no deployment keeps the rules: nothing is ever created
                answer = scenarios.possible(wanted)
                assert answer is not (NO if possible else YES), (wanted, made.text)
                # Three parameters compared with each other are beyond what a single fresh value shows.
                assert answer is not MAYBE or made.linked, (wanted, made.text)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_parameter_and_nothing_else_is_decided(seed: int) -> None:
    """Without comparisons between parameters nothing stays open."""
    made = Generated(seed, linked=False)
    template = read(made)
    for name, truth in itertools.product(made.conditions, (True, False)):
        assert template.evaluator.scenarios().possible({name: truth}) is not MAYBE, made.text


def agrees(ours: Value, theirs: Any) -> bool:
    """Whether one of our possibilities may be the value of a deployment."""
    return any(_agrees(known(option), theirs) for option in ours.options)


def _agrees(datum: Any, theirs: Any) -> bool:
    if datum is UNKNOWN or isinstance(datum, (Ref, Text)):
        return True
    if datum is ABSENT or theirs is NO_VALUE:
        return datum is ABSENT and theirs is NO_VALUE
    if isinstance(datum, Map):
        if not isinstance(theirs, dict):
            return False
        names = {*datum.entries, *theirs}
        return all(agrees(datum.get(name), theirs.get(name, NO_VALUE)) for name in names)
    if isinstance(datum, Seq):
        if not isinstance(theirs, list):
            return False
        # An element that may be missing is not shown: what is shown comes in the same order.
        return datum.open or (len(datum.items) == len(theirs) and all(map(agrees, datum.items, theirs)))
    return as_text(datum) == as_text(theirs)


def exactly(ours: Value, theirs: Any) -> bool:
    """The same, with nothing left open but what a free parameter decides."""
    return len(ours.options) == 1 and agrees(ours, theirs)


def _default_taken(made: Generated, deployment: Deployment) -> bool:
    """A value read outside of conditions is that of the default: only such deployments can be compared."""
    return all(deployment.values[name] == body["Default"] for name, body in made.parameters.items() if "Default" in body)


@pytest.mark.parametrize("seed", SEEDS)
def test_values_are_those_of_the_deployment(seed: int) -> None:
    made = Generated(seed)
    template = read(made)
    for deployment in made.deployments():
        if not _default_taken(made, deployment):
            continue
        for name, body in made.resources.items():
            exists = deployment.conditions[body["Condition"]] if "Condition" in body else True
            resource = template.get(name)
            if not exists:
                continue
            assert resource is not None, (name, made.text)
            assert agrees(resource.config, deployment.value(body["Properties"])), (name, deployment.values, made.text)


@pytest.mark.parametrize("seed", SEEDS)
def test_in_a_scenario_no_condition_is_left_open(seed: int) -> None:
    made = Generated(seed)
    template = read(made)
    done: set[tuple[tuple[str, bool], ...]] = set()
    for deployment in made.deployments():
        mark = tuple(sorted(deployment.conditions.items()))
        if mark in done:
            continue
        done.add(mark)
        for name, body in made.resources.items():
            resource = template.get(name)
            exists = deployment.conditions[body["Condition"]] if "Condition" in body else True
            if resource is None:
                assert not exists
                continue
            twin, sure = template.under(resource, deployment.conditions)
            assert (twin is None) is not exists, (name, deployment.conditions, made.text)
            if twin is None:
                continue
            assert sure or made.linked
            assert not _undecided(twin.config), (name, deployment.conditions, made.text)


def _undecided(value: Value) -> bool:
    """Some value below still has the branches of a condition for its possibilities."""
    from fsbp_lsp.cloudformation.intrinsics import Undecided

    if isinstance(value, Undecided):
        return True
    for option in value.options:
        below = option.entries.values() if isinstance(option, Map) else option.items if isinstance(option, Seq) else ()
        if any(_undecided(entry) for entry in below):
            return True
    return False


def _whole(value: Value) -> object:
    """All there is to a value, what it depends on and where it came from included."""
    from fsbp_lsp.cloudformation.intrinsics import Undecided

    noted = tuple(value.conditions) if isinstance(value, Undecided) else ()
    hops = tuple((hop.via, hop.note, hop.at.key() if hop.at is not None else None) for hop in value.origins)
    options: list[object] = []
    for option in value.options:
        if isinstance(option, Map):
            options.append((option.open, tuple((name, _whole(entry)) for name, entry in option.entries.items())))
        elif isinstance(option, Seq):
            options.append((option.open, tuple(map(_whole, option.items))))
        else:
            options.append(repr(option))
    return noted, hops, value.at.key() if value.at is not None else None, tuple(options)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_remembered_of_other_scenarios_is_what_would_be_read(seed: int) -> None:
    made = Generated(seed)
    warm = read(made)
    names = list(made.conditions)
    scenarios = [
        dict(zip(chosen, truths, strict=True))
        for count in (1, 2)
        for chosen in itertools.permutations(names, min(count, len(names)))
        for truths in itertools.product((True, False), repeat=len(chosen))
    ]
    for scenario in [*scenarios[::3], *scenarios[1::5]]:
        for resource in warm.resources:
            twin, sure = warm.under(resource, scenario)
            fresh = read(made)
            same = fresh.get(resource.block)
            assert same is not None
            other, as_sure = fresh.under(same, scenario)
            assert (twin is None, sure) == (other is None, as_sure), (scenario, made.text)
            if twin is not None and other is not None:
                assert _whole(twin.config) == _whole(other.config), (resource.block, scenario, made.text)
