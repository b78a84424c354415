"""AWS CloudTrail controls. Pass conditions: Security Hub user guide, "CloudTrail controls" (2026-10)."""

from __future__ import annotations

from fsbp_lsp.aws.cloudtrail import Trail
from fsbp_lsp.controls.registry import PASS, Assumed, Unknown
from fsbp_lsp.controls.shapes import control, effect, fix_of, place, put_together, require, require_present, why_unknown, wrong
from fsbp_lsp.model import Finding, Fix
from fsbp_lsp.values import MAYBE, NO, YES, Items, Tri

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.controls.registry import Answer, Context


@control(
    "CloudTrail.1",
    Trail,
    slug="single-region-trail",
    partial="judged on the trails of one module or template: one good trail, here or in another stack, is enough for the account",
    assumptions=("organization-trail",),
)
def multi_region_trail(trail: Trail, context: Context) -> Answer:
    if context.assumes("organization-trail") is True:
        return Assumed("organization-trail")
    others = [other for other in trail.module.of(*Trail.types()) if other.address != trail.resource.address]
    good = _good(trail)
    if good is YES or any(other.exists is YES and _good(Trail(other)) is YES for other in others):
        # One good trail satisfies the account-level control for all.
        return PASS
    if any(_good(Trail(other)) is not NO for other in others):
        return Unknown("another trail may satisfy it")
    for attr, want in ((Trail.multi_region, True), (Trail.logging, True)):
        value = attr.read(trail)
        if value.is_(want) is NO:
            together = attr is Trail.multi_region and trail.global_events.is_(True) is NO
            return [wrong("CloudTrail.1", trail, attr, value, want, fixes=(lambda: _all_regions(trail)) if together else None)]
    if good is MAYBE:
        doubtful = next((value for value in (trail.multi_region, trail.logging) if value.is_(True) is MAYBE), None)
        return Unknown("the event selectors are not judged" if doubtful is None else why_unknown(doubtful))
    selectors = trail.selectors.found
    at = place(selectors[0], (), selectors[0].value) if selectors else trail.header
    return [
        Finding(
            "CloudTrail.1",
            trail.owner,
            at,
            "the event selectors leave out read or write management events",
            facet="selectors",
        )
    ]


def _all_regions(trail: Trail) -> list[Fix]:
    """CloudTrail refuses a trail of all Regions without the events of global services (API reference, UpdateTrail)."""
    wanted = {Trail.multi_region: True, Trail.global_events: True}
    names = " and ".join(attr.shown(trail.resource.dialect.name) for attr in wanted)
    safety, note = effect(Trail.multi_region.update)
    return [fix_of(f"Set {names} to true", put_together(trail, wanted), safety, note)]


def _good(trail: Trail) -> Tri:
    answer: Tri = trail.multi_region.is_(True) & trail.logging.is_(True)
    selectors = trail.selectors
    if trail.advanced_selectors.found or trail.advanced_selectors.maybe_more:
        # Advanced selectors can include management events in several ways: not judged.
        return answer & MAYBE
    if selectors.found or selectors.maybe_more:
        answer = answer & _management(selectors)
    return answer


def _management(selectors: Items) -> Tri:
    """One selector records read and write management events of every service; two halves of it are not judged."""
    whole = selectors.any(lambda s: s.management.is_(True) & s.read_write.is_("All") & ~s.excluded.present())
    if whole is not NO:
        return whole
    reads = selectors.any(lambda s: s.management.is_(True) & ~s.read_write.is_("WriteOnly"))
    writes = selectors.any(lambda s: s.management.is_(True) & ~s.read_write.is_("ReadOnly"))
    return NO if (reads & writes) is NO else MAYBE


unencrypted_trail = require_present("CloudTrail.2", Trail.key, slug="unencrypted-trail", placeholder="KMS-KEY-ARN")
unvalidated_trail = require("CloudTrail.4", Trail.validation, slug="unvalidated-trail-logs", is_=True)
unwatched_trail = require_present(
    "CloudTrail.5",
    Trail.log_group,
    slug="unwatched-trail",
    placeholder="CLOUDWATCH-LOG-GROUP-ARN",
    also=("log_role", "CLOUDWATCH-LOGS-ROLE-ARN"),
)
