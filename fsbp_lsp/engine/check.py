"""The analysis: discover, load, select, evaluate, suppress, report.

`Session` remembers parsed pieces and findings between calls; the command line uses one for a run,
the server one for its life, so all faces give the same answers.
"""

from __future__ import annotations

import os

from fsbp_lsp import catalog
from fsbp_lsp.controls import registry
from fsbp_lsp.engine.discover import ModuleKey, discover, is_terraform, module_of, skipped
from fsbp_lsp.engine.suppress import suppress
from fsbp_lsp.files import ReadError
from fsbp_lsp.model import Finding, Verdict
from fsbp_lsp.text import Loc, Piece, SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from fsbp_lsp.config import Settings
    from fsbp_lsp.files import Files
    from fsbp_lsp.model import IgnoreComment, Module, Problem, Resource

    Alive = Callable[[], bool]


class Scope:
    """What the caller asked about.

    paths: files and directories as named. report: "module" (whole touched modules) or "files" (only
    findings in the named files). hook: excluded files stay excluded even when named.
    """

    __slots__ = ("hook", "paths", "report")

    def __init__(self, paths: tuple[str, ...], report: str = "module", hook: bool = False) -> None:
        self.paths = paths
        self.report = report
        self.hook = hook


class Undecided:
    """A control that could not be decided for a resource, and why."""

    __slots__ = ("control", "reason", "resource")

    def __init__(self, control: str, resource: Resource, reason: str) -> None:
        self.control = control
        self.resource = resource
        self.reason = reason


class ModuleReport:
    """Everything said about one module. `module` is None when a named file could not be read at all."""

    __slots__ = ("assumed", "findings", "key", "module", "not_applicable", "passed", "settings", "suppressed", "unknown")

    def __init__(self, key: ModuleKey, module: Module | None, settings: Settings) -> None:
        self.key = key
        self.module = module
        self.settings = settings
        self.findings: list[Finding] = []
        self.suppressed: list[tuple[Finding, IgnoreComment]] = []
        self.unknown: list[Undecided] = []
        self.assumed: list[Undecided] = []
        """What passed because of an assumption; `reason` is its name."""
        self.passed = 0
        self.not_applicable = 0


COMPLETE = ("complete",)
"""The note that an answer rests on the absence of something."""


class _Memo:
    """Answers of all controls about one resource, and what they depended on."""

    __slots__ = ("assumed", "findings", "not_applicable", "passed", "tokens", "unknown")

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.unknown: list[tuple[str, str]] = []
        self.assumed: list[tuple[str, str]] = []
        self.passed = 0
        self.not_applicable = 0
        self.tokens: dict[tuple[str, ...], Any] = {}


def _today() -> str:
    import time

    return time.strftime("%Y-%m-%d")


def _always() -> bool:
    return True


class Session:
    """An engine with memory. Not thread-safe: one thread calls it."""

    def __init__(self, files: Files, settings_for: Callable[[str], Settings], today: str = "", keep: bool = False) -> None:
        """`settings_for(path)` gives the settings of a file's directory.

        keep: remember answers between calls and, while a module has syntax errors, keep what was certain
        before them (for editors).
        """
        self.files = files
        self.settings_for = settings_for
        self._today = today
        self._keep = keep
        self._readers: dict[ModuleKey, dict[str, Any]] = {}
        self._memos: dict[ModuleKey, tuple[object, dict[str, _Memo]]] = {}
        self._tokens: dict[ModuleKey, dict[tuple[str, ...], Any]] = {}

    def module_of(self, path: str) -> ModuleKey | None:
        """The module of a file, None when it is not ours or cannot be read."""
        try:
            return module_of(self.files, path)
        except (OSError, ReadError):
            return None

    def forget(self, key: ModuleKey) -> None:
        """Drop everything remembered about a module."""
        self._readers.pop(key, None)
        self._memos.pop(key, None)
        self._tokens.pop(key, None)

    def load(self, key: ModuleKey, settings: Settings) -> Module | None:
        """The module behind a key, None when a template turns out not to be one."""
        if key.kind == "terraform":
            from fsbp_lsp.terraform import load_module

            cache = self._readers.setdefault(key, {}) if self._keep else None
            return load_module(self.files, key.path, cache, tuple(settings.var_files))
        from fsbp_lsp.cloudformation import load_template

        return load_template(self.files, key.path)

    def check_module(self, key: ModuleKey, alive: Alive = _always) -> ModuleReport | None:
        """The report on one module; None when it is not ours after all or the caller lost interest."""
        settings = self.settings_for(key.path if key.kind == "cloudformation" else os.path.join(key.path, "main.tf"))
        try:
            module = self.load(key, settings)
        except FileNotFoundError:
            return None
        except ReadError as error:
            report = ModuleReport(key, None, settings)
            report.findings.append(unreadable(key.path, str(error)))
            return report
        except Exception as error:  # a reader's mistake about one module must not end the run for the others
            report = ModuleReport(key, None, settings)
            why = f"the module could not be read: {type(error).__name__}: {error}"
            report.findings.append(_at_file("internal-error", key.path or ".", why))
            return report
        if module is None:
            return None
        module.outputs_escape = settings.outputs_escape
        return self._judge(key, module, settings, alive)

    def _judge(self, key: ModuleKey, module: Module, settings: Settings, alive: Alive) -> ModuleReport | None:
        report = ModuleReport(key, module, settings)
        context = registry.Context(settings.assume, settings.parameters)
        known_settings, memos = self._memos.get(key, (None, {}))
        if known_settings is not settings:
            memos = {}
        # Half-typed code elsewhere does not take back what was certain before it: completeness lost changes nothing.
        changed = {noted for noted, token in self._tokens.get(key, {}).items() if module.token(noted) != token} - {COMPLETE}
        complete = module.complete
        fresh: dict[str, _Memo] = {}
        found: list[Finding] = []
        for resource in module.resources:
            if not alive():
                return None
            memo = memos.get(resource.address)
            if memo is None or not memo.tokens.keys().isdisjoint(changed) or (complete and memo.tokens.get(COMPLETE) is False):
                memo = self._evaluate(module, resource, settings, context)
            else:
                for finding in memo.findings:
                    finding.resource = resource
            fresh[resource.address] = memo
            found.extend(memo.findings)
            report.unknown.extend(Undecided(id, resource, reason) for id, reason in memo.unknown)
            report.assumed.extend(Undecided(id, resource, name) for id, name in memo.assumed)
            report.passed += memo.passed
            report.not_applicable += memo.not_applicable
        if self._keep:
            self._memos[key] = (settings, fresh)
            # What is remembered is true of this version, so one mark of each thing looked at is enough for all.
            marks = self._tokens[key] = {}
            for memo in fresh.values():
                marks.update(memo.tokens)
        found = _merge_instances(found)
        undecided = [(item.control, item.resource) for item in report.unknown]
        kept, report.suppressed = suppress(module, found, undecided, settings, self._today or _today())
        kept.extend(_problem(problem) for problem in module.problems)
        report.findings = sorted(kept, key=_order)
        return report

    def _evaluate(self, module: Module, resource: Resource, settings: Settings, context: registry.Context) -> _Memo:
        memo = _Memo()
        noted = module.record()
        try:
            for control in registry.controls_for(resource.type):
                if not settings.selected(control.id, resource.header.path):
                    continue
                try:
                    answer = control.check(control.subject(resource), context)
                except Exception as error:  # one broken control must not take the others down
                    memo.findings.append(_internal_error(control.id, resource, error))
                    continue
                if answer is registry.PASS:
                    memo.passed += 1
                elif answer is registry.NOT_APPLICABLE:
                    memo.not_applicable += 1
                elif isinstance(answer, registry.Unknown):
                    memo.unknown.append((control.id, answer.reason))
                elif isinstance(answer, registry.Assumed):
                    memo.passed += 1
                    memo.assumed.append((control.id, answer.name))
                elif isinstance(answer, list):
                    memo.findings.extend(
                        finding for finding in answer if finding.verdict is not Verdict.UNDECLARED or settings.undeclared != "ignore"
                    )
        finally:
            module.stop(noted)
        memo.tokens = {key: module.token(key) for key in noted}
        return memo


def check(
    files: Files,
    scope: Scope,
    settings_for: Callable[[str], Settings],
    alive: Alive = _always,
    today: str = "",
) -> Iterator[ModuleReport]:
    """One report per module as soon as it is ready; stops quietly when no longer alive."""
    session = Session(files, settings_for, today)
    troubles: list[tuple[str, str]] = []
    named = {os.path.normpath(path) for path in scope.paths}

    def excluded(path: str) -> bool:
        return settings_for(path).excluded(path)

    for key in discover(files, scope.paths, excluded, lambda path, why: troubles.append((path, why)), force_exclude=scope.hook):
        report = session.check_module(key, alive)
        if not alive():
            return
        if report is None:
            continue
        report.findings = [
            finding
            for finding in report.findings
            if not skipped(finding.at.path) and not excluded_finding(finding, named, excluded, scope.hook)
        ]
        if scope.report == "files":
            report.findings = [finding for finding in report.findings if _within(finding.at.path, named)]
        yield report
    for path, why in troubles:
        key = ModuleKey("terraform" if is_terraform(path) else "cloudformation", path)
        report = ModuleReport(key, None, settings_for(path))
        report.findings.append(unreadable(path, why))
        yield report


def excluded_finding(finding: Finding, named: set[str], excluded: Callable[[str], bool], hook: bool) -> bool:
    """The finding lies in a file that configuration excludes and nobody named."""
    path = os.path.normpath(finding.at.path)
    return excluded(path) and (hook or path not in named)


def _within(path: str, named: set[str]) -> bool:
    path = os.path.normpath(path)
    return any(path == name or name == "." or path.startswith(name + os.sep) for name in named)


def unreadable(path: str, why: str) -> Finding:
    """The finding that says a file was not checked."""
    return _at_file("unreadable", path, why)


def _at_file(id: str, path: str, why: str) -> Finding:
    return Finding(id, None, Loc(Piece(SourceFile(path, b""), 0, b""), 0, 0), why)


def _problem(problem: Problem) -> Finding:
    if problem.at is None:
        return unreadable(problem.path, problem.message)
    return Finding("syntax", None, problem.at, problem.message)


def _internal_error(id: str, resource: Resource, error: Exception) -> Finding:
    message = f"{id} could not be checked on {resource.address}: {type(error).__name__}: {error}"
    return Finding("internal-error", None, resource.header, message)


def _merge_instances(findings: list[Finding]) -> list[Finding]:
    """The same fact at the same place in several instances is one finding."""
    merged: dict[tuple[Any, ...], Finding] = {}
    for finding in findings:
        if finding.resource is None or finding.resource.key is None:
            # Only blocks with count or for_each have instances to merge.
            merged[id(finding),] = finding
            continue
        key = (finding.control, finding.at.key(), finding.message, finding.resource.block)
        first = merged.get(key)
        if first is None:
            finding.instances = (finding.address,)
            merged[key] = finding
        elif finding.address not in first.instances:
            first.instances = (*first.instances, finding.address)
    return list(merged.values())


def _order(finding: Finding) -> tuple[Any, ...]:
    return (finding.at.path, finding.at.start, catalog.natural_key(finding.control), finding.message)
