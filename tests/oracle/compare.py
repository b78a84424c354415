"""Two opinions on one configuration: what our evaluator makes of the source, and what Terraform planned.

The plan goes through the same controls as the source, so every difference is one of values, links or instances.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from fsbp_lsp.controls import registry
from fsbp_lsp.files import DiskFiles
from fsbp_lsp.model import Module, Resource, Verdict
from fsbp_lsp.terraform import load_module
from fsbp_lsp.terraform.plan import load_plan
from fsbp_lsp.values import YES

CONTEXT = registry.Context({}, {})
_KEY = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')


@dataclass
class Difference:
    """A pair on which both are sure and do not agree."""

    address: str
    control: str
    source: str
    plan: str
    note: str = ""

    def __str__(self) -> str:
        return f"{self.address} {self.control}: source says {self.source}, plan says {self.plan} {self.note}".rstrip()


@dataclass
class Comparison:
    """decided: pairs the plan decides. undecided: those of them that source does not. beyond: source decides what the plan does not."""

    resources: int = 0
    decided: int = 0
    agreed: int = 0
    undecided: list[Difference] = field(default_factory=list)
    beyond: list[Difference] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    def add(self, other: Comparison) -> None:
        self.resources += other.resources
        self.decided += other.decided
        self.agreed += other.agreed
        self.undecided += other.undecided
        self.beyond += other.beyond
        self.differences += other.differences

    @property
    def unknown_share(self) -> float:
        return len(self.undecided) / self.decided if self.decided else 0.0

    def summary(self) -> str:
        return (
            f"{self.resources} resources, {self.decided} pairs decided by the plan: {self.agreed} agree, "
            f"{len(self.undecided)} unknown from source ({self.unknown_share:.1%}), {len(self.differences)} differ; "
            f"source decides {len(self.beyond)} more"
        )

    def reasons(self) -> Counter[str]:
        """Why source does not decide, most frequent first."""
        return Counter(f"{one.control}: {one.note}" for one in self.undecided)


def verdicts(resource: Resource) -> dict[str, tuple[str, str]]:
    """(verdict, reason or message) by control id."""
    made: dict[str, tuple[str, str]] = {}
    for control in registry.controls_for(resource.type):
        answer = control.check(control.subject(resource), CONTEXT)
        if answer is registry.PASS:
            made[control.id] = "pass", ""
        elif answer is registry.NOT_APPLICABLE:
            made[control.id] = "not applicable", ""
        elif isinstance(answer, registry.Unknown):
            made[control.id] = "unknown", answer.reason
        elif isinstance(answer, registry.Assumed):
            made[control.id] = "pass", answer.name
        elif isinstance(answer, list):
            undeclared = all(finding.verdict is Verdict.UNDECLARED for finding in answer)
            made[control.id] = "undeclared" if undeclared else "fail", "; ".join(finding.message for finding in answer)
    return made


def _bare(address: str) -> str:
    return _KEY.sub("", address)


def source_resources(root: Module) -> list[Resource]:
    """All resources that source deploys, those of called modules included."""
    deployment = root.deployment  # type: ignore[attr-defined]  # a root module of Terraform has one
    return [resource for module in deployment.instances() for resource in module.resources]


def compare(folder: Path, plan: bytes) -> Comparison:
    """Judge a configuration both ways, resource by resource."""
    root = load_module(DiskFiles(), str(folder))
    # Source tells a plan what its locals refer to and where a block may be dynamic, but no value. That what it decides
    # without source is the same, `plan_alone_agrees` asks.
    planned = load_plan(DiskFiles(), str(folder / "plan.json"), plan, str(folder))
    assert planned is not None
    exact: dict[str, Resource] = {}
    loose: dict[str, list[Resource]] = {}
    for resource in source_resources(root):
        exact[resource.address] = resource
        loose.setdefault(_bare(resource.address), []).append(resource)
    made = Comparison()
    seen: set[str] = set()
    for resource in planned.resources:
        if not registry.controls_for(resource.type):
            continue
        made.resources += 1
        twin = exact.get(resource.address)
        if twin is None:
            vague = [one for one in loose.get(_bare(resource.address), ()) if one.exists is not YES]
            twin = vague[0] if len(vague) == 1 else None
            if not vague:
                made.differences.append(Difference(resource.address, "-", "does not exist", "exists"))
        else:
            seen.add(resource.address)
        _pairs(made, resource, twin)
    for address, resource in exact.items():
        if resource.exists is YES and address not in seen and planned.get(address) is None and not _partial(resource):
            made.differences.append(Difference(address, "-", "exists", "does not exist"))
    return made


def _partial(resource: Resource) -> bool:
    return not registry.controls_for(resource.type) or (resource.key is not None and _KEY.search(resource.address) is None)


def _pairs(made: Comparison, resource: Resource, twin: Resource | None) -> None:
    theirs = verdicts(twin) if twin is not None else {}
    for control, (planned, why) in verdicts(resource).items():
        said, because = theirs.get(control, ("unknown", "the instance is not known from source"))
        if planned == "unknown":
            if said != "unknown":
                made.beyond.append(Difference(resource.address, control, said, planned, f"({because}; plan: {why})"))
            continue
        made.decided += 1
        if said == "unknown":
            made.undecided.append(Difference(resource.address, control, said, planned, because))
        elif said == planned:
            made.agreed += 1
        else:
            made.differences.append(Difference(resource.address, control, said, planned, f"(source: {because}; plan: {why})"))


def plan_alone_agrees(folder: Path, plan: bytes) -> None:
    """A plan read without the source beside it says the same or less: source gives places, not verdicts."""
    beside = load_plan(DiskFiles(), "plan.json", plan, str(folder))
    alone = load_plan(DiskFiles(), "plan.json", plan, str(folder / "no-such-directory"))
    assert beside is not None
    assert alone is not None
    for one, other in zip(beside.resources, alone.resources, strict=True):
        with_source, without = verdicts(one), verdicts(other)
        for control, (said, why) in without.items():
            assert said in ("unknown", with_source[control][0]), (one.address, control, said, why, with_source[control])
