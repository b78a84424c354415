"""Findings made by hand, so that the formats are tested without any control."""

from __future__ import annotations

from typing import Any

from fsbp_lsp.config import Settings
from fsbp_lsp.engine.discover import ModuleKey
from fsbp_lsp.model import CallSite, Finding, Fix, Safety, Verdict
from fsbp_lsp.report.outcome import Outcome
from fsbp_lsp.text import Edit, Loc, Piece, SourceFile
from fsbp_lsp.values import Map, Origin, Value, Via


class Dialect:
    name = "terraform"

    def noun(self, resource: Resource) -> str:
        return resource.type


class Module:
    path = "modules/storage"

    def identity_path(self, resource: Resource) -> str:
        return self.path


class Resource:
    def __init__(self, header: Loc, name: str = "logs", given: str | None = None, key: str | None = None) -> None:
        self.callers: tuple[CallSite, ...] = ()
        self.dialect = Dialect()
        self.module = Module()
        self.type = "aws_s3_bucket"
        self.name = name
        self.address = f"aws_s3_bucket.{name}" + (f'["{key}"]' if key else "")
        self.header = header
        self.construct = ""
        self.config = Value.of(Map({"bucket": Value.of(given)} if given else {}))

        self.identity = self.address
        self.made_of = ""

    @property
    def identity_path(self) -> str:
        return self.module.path


class Report:
    def __init__(self, findings: list[Finding], settings: Settings | None = None) -> None:
        self.key = ModuleKey("terraform", "modules/storage")
        self.asked = True
        self.settings = settings or Settings()
        self.findings = findings
        self.suppressed: list[Any] = []
        self.unknown: list[Any] = []
        self.assumed: list[Any] = []
        self.passed = 0
        self.not_applicable = 0
        self.resources = 0
        self.module = Module()


def loc(path: str, text: str | bytes, mark: str | bytes) -> Loc:
    """The place of `mark` in a file that holds `text`."""
    data = text.encode() if isinstance(text, str) else text
    wanted = mark.encode() if isinstance(mark, str) else mark
    at = data.index(wanted)
    return Loc(Piece(SourceFile(path, data), 0, data), at, at + len(wanted))


def finding(
    text: str | bytes = 'resource "aws_s3_bucket" "logs" {\n  acl = "public"\n}\n',
    mark: str | bytes = '"public"',
    *,
    control: str = "S3.8",
    path: str = "modules/storage/s3.tf",
    message: str = "acl is public",
    given: str | None = "app-prod-logs",
    verdict: Verdict = Verdict.FAIL,
    safety: Safety | None = Safety.SAFE,
) -> Finding:
    at = loc(path, text, mark)
    fixes = [Fix("Set acl to private", (Edit(at, '"private"'),), safety)] if safety is not None else []
    origin = Origin(Via.VARIABLE, loc("variables.tf", 'variable "acl" {\n  default = "public"\n}\n', '"public"'), "var.acl")
    return Finding(
        control,
        Resource(at, given=given),  # type: ignore[arg-type]  # a stand-in with what formats read
        at,
        message,
        verdict=verdict,
        value='"public"',
        facet="acl",
        origins=(origin,),
        related=((loc("outputs.tf", 'output "x" {\n}\n', "output"), "shown to the world"),),
        fixes=lambda: fixes,
    )


def about_source(control: str = "syntax", message: str = "syntax error near `{`") -> Finding:
    return Finding(control, None, loc("broken.tf", "resource {\n", "{"), message)


def outcome(*findings: Finding, settings: Settings | None = None, exit_zero: bool = False) -> Outcome:
    made = Outcome(exit_zero=exit_zero)
    made.add(Report(list(findings), settings))  # type: ignore[arg-type]  # a stand-in
    made.close()
    return made
