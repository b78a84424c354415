"""What the findings of a plan get beyond those of source: nothing sensitive in them, and the fixes of the source path."""

from __future__ import annotations

from fsbp_lsp.engine.discover import ModuleKey
from fsbp_lsp.engine.suppress import META
from fsbp_lsp.terraform.plan import PlanModule, PlanResource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.engine.check import ModuleReport, Session
    from fsbp_lsp.model import Finding, Fix
    from fsbp_lsp.terraform.plan_secrets import Secrets


def finish(session: Session, report: ModuleReport) -> None:
    """Make the report of a plan fit to be shown."""
    module = report.module
    if not isinstance(module, PlanModule):
        return
    # An ignore comment without effect on the plan may have one on source, and is reported there.
    report.findings = [finding for finding in report.findings if finding.resource is not None or finding.control not in META[3:]]
    sources, secrets = _Sources(session), module.secrets
    for finding in [*report.findings, *(held for held, _comment in report.suppressed)]:
        finding.message = secrets.redact(finding.message)
        finding.value = secrets.redact(finding.value)
        for origin in finding.origins:
            origin.note = secrets.redact(origin.note)
        finding.related = tuple((at, secrets.redact(text)) for at, text in finding.related if not secrets.shown_at(at))
        finding.offer(_fixes(finding, secrets, sources))
    for item in (*report.unknown, *report.assumed):
        item.reason = secrets.redact(item.reason)


class _Sources:
    """The findings of the configuration beside a plan, one directory at a time and only when a fix is asked for."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._found: dict[str, list[Finding]] = {}

    def like(self, finding: Finding, directory: str) -> Finding | None:
        """What the source path says under the same id at the same line, else about the same block."""
        found = self._found.get(directory)
        if found is None:
            report = self._session.check_module(ModuleKey("terraform", directory))
            found = self._found[directory] = report.findings if report is not None else []
        here = (finding.control, finding.at.path, finding.at.line)
        same = next((one for one in found if (one.control, one.at.path, one.at.line) == here), None)
        if same is not None:
            return same
        block = finding.resource.local if isinstance(finding.resource, PlanResource) else ""
        about = [one for one in found if one.control == finding.control and one.resource is not None and one.resource.block == block]
        return about[0] if len(about) == 1 else None


def _fixes(finding: Finding, secrets: Secrets, sources: _Sources) -> Callable[[], list[Fix]]:
    own = finding.made_by

    def make() -> list[Fix]:
        resource = finding.resource
        if isinstance(resource, PlanResource) and resource.origin is not None:
            twin = sources.like(finding, resource.origin[0])
            if twin is not None:
                # An edit that would carry something sensitive is not offered.
                return [fix for fix in twin.fixes if not any(secrets.redact(edit.text) != edit.text for edit in fix.edits)]
        return own() if own is not None else []

    return make
