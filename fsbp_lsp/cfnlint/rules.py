"""Our controls as rules of cfn-lint: `cfn-lint --append-rules fsbp_lsp.cfnlint.rules template.yaml`.

cfn-lint numbers its rules, and E9000 to W9999 belong to others than itself. Two of them stand for all controls:
E9800 for what blocks, W9800 for what warns, by the configuration file closest to the template. The id of the
control opens each message. The engine reads the same file again in its own way: cfn-lint's tree has no comments,
and comments are how a finding is ignored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cfnlint.match import Match
from cfnlint.rules import CloudFormationLintRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fsbp_lsp.engine.check import ModuleReport

URL = "https://docs.aws.amazon.com/securityhub/latest/userguide/fsbp-standard.html"


class _Reports:
    """The report on the file looked at last: both rules ask about the same one."""

    def __init__(self) -> None:
        self._path = ""
        self._report: ModuleReport | None = None
        self._configuration: Any = None

    def of(self, path: str) -> ModuleReport | None:
        """None when the file is no template by its content, or configuration leaves it alone."""
        if path != self._path:
            self._path, self._report = path, self._check(path)
        return self._report

    def _check(self, path: str) -> ModuleReport | None:
        from fsbp_lsp.config import Configuration
        from fsbp_lsp.controls.registry import parameters
        from fsbp_lsp.engine.check import Scope, check
        from fsbp_lsp.files import DiskFiles

        if self._configuration is None:
            self._configuration = Configuration(parameters=parameters)
        # Named by cfn-lint and not by a person: what is excluded stays excluded.
        scope = Scope((path,), hook=True)
        return next(iter(check(DiskFiles(), scope, self._configuration.settings_for)), None)


_reports = _Reports()


class _Rule(CloudFormationLintRule):  # type: ignore[misc]  # cfn-lint carries no types
    level = ""

    def matchall(self, filename: str | None, cfn: Any) -> Iterator[Match]:
        """One match for each finding of this level. Nothing for a template that comes through a pipe: it is in no file."""
        report = _reports.of(filename) if filename and filename != "-" else None
        if report is None:
            return
        from fsbp_lsp import catalog

        for finding in report.findings:
            entry = catalog.control(finding.control)
            # What a directive or a broken line is about, and what cfn-lint says in its own words, is left to the others.
            if entry is None or report.settings.level(finding.control, entry.severity, finding.verdict) != self.level:
                continue
            lines = finding.at.file.lines
            first, last = lines.position(finding.at.start, "utf-32"), lines.position(finding.at.end, "utf-32")
            yield Match.create(
                message=f"{finding.control} {finding.address}: {finding.message} ({entry.severity}, {entry.url})",
                filename=filename,
                rule=self,
                linenumber=first[0] + 1,
                columnnumber=first[1] + 1,
                linenumberend=last[0] + 1,
                columnnumberend=last[1] + 1,
            )


class Block(_Rule):
    """Findings that block."""

    id = "E9800"
    shortdesc = "A Security Hub FSBP control that blocks would fail"
    description = "The deployed resource would fail a control of the AWS Foundational Security Best Practices standard that blocks here"
    source_url = URL
    tags = ("security", "fsbp")
    level = "block"


class Warn(_Rule):
    """Findings that warn."""

    id = "W9800"
    shortdesc = "A Security Hub FSBP control would fail"
    description = "The deployed resource would fail a control of the AWS Foundational Security Best Practices standard"
    source_url = URL
    tags = ("security", "fsbp")
    level = "warn"
