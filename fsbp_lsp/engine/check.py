"""The analysis: discover, load, select, evaluate, suppress, report.

`Session` remembers parsed pieces and findings between calls; the command line uses one for a run,
the server one for its life, so all faces give the same answers.
"""

from __future__ import annotations

import os

from fsbp_lsp import catalog
from fsbp_lsp.controls import registry
from fsbp_lsp.engine.deployments import Deployments
from fsbp_lsp.engine.discover import MAX_PLAN_BYTES, ModuleKey, discover, is_terraform, module_of, skipped
from fsbp_lsp.engine.scenarios import judge
from fsbp_lsp.engine.shared import reservation
from fsbp_lsp.engine.suppress import held_by_call, suppress
from fsbp_lsp.files import ReadError
from fsbp_lsp.model import Finding, Verdict
from fsbp_lsp.text import Loc, Piece, SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from fsbp_lsp.cloudformation.nested import Read
    from fsbp_lsp.cloudformation.template import Template
    from fsbp_lsp.config import Settings
    from fsbp_lsp.engine.importers import Importers
    from fsbp_lsp.files import Files
    from fsbp_lsp.model import IgnoreComment, Module, Problem, Resource

    Alive = Callable[[], bool]


class Scope:
    """What the caller asked about.

    paths: files and directories as named. report: "module" (whole touched modules) or "files" (only
    findings in the named files). hook: excluded files stay excluded even when named. plan_source: the directory
    of the configuration that plans were made from, None for the one each plan lies in.
    """

    __slots__ = ("hook", "paths", "plan_source", "report")

    def __init__(self, paths: tuple[str, ...], report: str = "module", hook: bool = False, plan_source: str | None = None) -> None:
        self.paths = paths
        self.plan_source = plan_source
        self.report = report
        self.hook = hook

    @property
    def folders(self) -> tuple[str, ...]:
        """Where the callers of what is in no repository are looked for: the current directory, and those named outside of it."""
        outside = (path for path in self.paths if os.path.isabs(path) or os.path.normpath(path).startswith(os.pardir))
        return ("", *(path for path in outside if os.path.isdir(path)))


class Undecided:
    """A control that source alone does not decide for a resource, and why; or, when `assumed`, by which assumption it passes."""

    __slots__ = ("assumed", "control", "reason", "resource")

    def __init__(self, control: str, resource: Resource, reason: str, assumed: bool = False) -> None:
        self.control = control
        self.resource = resource
        self.reason = reason
        self.assumed = assumed

    @property
    def message(self) -> str:
        """What `--show-unknown` and editors say of it."""
        return f"passes, assuming {self.reason}" if self.assumed else f"not decided: {self.reason}"


class ModuleReport:
    """Everything said about one directory or template. `module` is None when a named file could not be read at all.

    A directory that others call is judged as they deploy it: `module` is then one of its instances, or the
    directory by itself when none is deployed. resources: how many were judged, over all instances.
    asked: it was named, and is not only reported on because what was named deploys it.
    roots: the root modules it is deployed by. related: directories whose reports a change here may change.
    below: those that it deploys itself. nested: the templates that the nested stacks of a template deploy, at all depths.
    """

    __slots__ = (
        "asked",
        "assumed",
        "below",
        "findings",
        "key",
        "module",
        "nested",
        "not_applicable",
        "passed",
        "related",
        "resources",
        "roots",
        "settings",
        "suppressed",
        "units",
        "unknown",
    )

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
        self.resources = 0
        self.asked = True
        self.units: list[Module] = []
        """What was judged: the template, the root module, or the instances of a directory that is called."""
        self.roots: frozenset[str] = frozenset()
        self.related: list[ModuleKey] = []
        self.below: list[ModuleKey] = []
        self.nested: frozenset[str] = frozenset()


MAX_RELATED = 10
"""Calls shown with a finding."""

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

    def __init__(
        self,
        files: Files,
        settings_for: Callable[[str], Settings],
        today: str = "",
        keep: bool = False,
        steady: bool = False,
        folders: tuple[str, ...] = ("",),
        plan_source: str | None = None,
        pause: Callable[[], None] | None = None,
    ) -> None:
        """`settings_for(path)` gives the settings of a file's directory.

        keep: remember answers between calls and, while a module has syntax errors, keep what was certain
        before them (for editors). steady: files stay as they are until `changed` is called. folders: where the
        callers of a directory are looked for when it is in no repository ('' is the current directory).
        plan_source: see `Scope`. pause: called now and then during a check, where checks of other modules may begin
        or go on; `alive` is asked, and files are read, only where that holds as well.
        """
        self.files = files
        self.settings_for = settings_for
        self._today = today
        self._keep = keep
        self._plan_source = plan_source
        self._steady = steady
        self._deployments = Deployments(files, settings_for, folders, steady, keep, pause)
        self._memos: dict[ModuleKey, tuple[object, str, dict[tuple[str, str], _Memo]]] = {}
        self._tokens: dict[ModuleKey, dict[str, dict[tuple[str, ...], Any]]] = {}
        self._parents: dict[ModuleKey, frozenset[str]] = {}
        self._read: Read = {}
        self._folders = folders
        self.importers: Importers | None = None
        """What templates of the repository import of one another; None as long as no template exports anything."""

    def module_of(self, path: str) -> ModuleKey | None:
        """The module of a file, None when it is not ours or cannot be read."""
        try:
            return module_of(self.files, path)
        except (OSError, ReadError):
            return None

    def forget(self, key: ModuleKey) -> None:
        """Drop everything remembered about a module."""
        if key.kind == "terraform":
            self._deployments.forget(key.path)
        self._memos.pop(key, None)
        self._tokens.pop(key, None)

    def changed(self) -> None:
        """Files are no longer what they were (for a `steady` session)."""
        self._deployments.changed(parsed=not self._keep)

    def look_for_callers(self) -> None:
        """Calls and imports may have come or gone somewhere in the repository: look through it when next asked."""
        self._deployments.callers.forget()
        if self.importers is not None:
            self.importers.forget()

    def load(self, key: ModuleKey) -> Module | None:
        """The module behind a key, by itself; None when a template turns out not to be one."""
        if key.kind == "terraform":
            return self._deployments.root(key.path).root
        if key.kind == "plan":
            from fsbp_lsp.terraform.plan import load_plan

            root = os.path.dirname(key.path) if self._plan_source is None else self._plan_source
            return load_plan(self.files, key.path, self.files.read_large(key.path, MAX_PLAN_BYTES), "" if root == "." else root)
        return self._template(key.path)

    def check_module(
        self, key: ModuleKey, alive: Alive = _always, roots: frozenset[str] | None = None, about: frozenset[str] | None = None
    ) -> ModuleReport | None:
        """The report on one module; None when it is not ours after all or the caller lost interest.

        roots: judge it only as these root modules deploy it. about: say only what these directories have a part in.
        """
        settings = self.settings_for(os.path.join(key.path, "main.tf") if key.kind == "terraform" else key.path)
        report = ModuleReport(key, None, settings)
        if not self._keep and not self._steady:
            self.changed()
        try:
            units: list[tuple[str, Module]] = []
            if key.kind == "terraform":
                place = self._deployments.place(key.path)
                units.extend(unit for unit in place.units if roots is None or unit[0] in roots)
                report.module = units[0][1] if units else place.own
                report.roots = frozenset(place.roots)
                report.related = [ModuleKey("terraform", path) for path in place.related]
                report.below = [ModuleKey("terraform", path) for path in place.below]
            else:
                report.module = self.load(key)
                if report.module is None:
                    return None
                if roots is None:
                    # Its parameters are chosen at deployment, whatever the templates that nest it say.
                    units.append((key.path, report.module))
                    report.roots = frozenset((key.path,))
                if key.kind == "cloudformation" and report.module.calls:
                    report.nested = _below(report.module)
                above = self._parents.get(key, ()) if roots is None else roots
                for root in sorted(above):
                    units.extend((root, one) for child, one in self._nested(root) if child == key)
                report.related = [ModuleKey("cloudformation", path) for path in sorted(above)]
        except FileNotFoundError:
            return None
        except ReadError as error:
            report.findings.append(unreadable(key.path, str(error)))
            return report
        except Exception as error:  # a reader's mistake about one module must not end the run for the others
            why = f"the module could not be read: {type(error).__name__}: {error}"
            report.findings.append(_at_file("internal-error", key.path or ".", why))
            return report
        report.units = [unit for _root, unit in units]
        if not self._judge(report, report.module, units, alive, about):
            return None
        if key.kind == "plan":
            from fsbp_lsp.engine.plans import finish

            finish(self, report)
        return report

    def units(self, key: ModuleKey) -> list[tuple[str, Module]]:
        """(path of the root or template, module) as `check_module` judges a key; empty when it is not ours."""
        if not self._keep and not self._steady:
            self.changed()
        if key.kind == "terraform":
            return [*self._deployments.place(key.path).units]
        module = self.load(key)
        return [(key.path, module)] if module is not None else []

    def nest(self, templates: Iterable[ModuleKey]) -> dict[ModuleKey, frozenset[str]]:
        """The templates that nested stacks of these deploy, with the paths of the latter; judged as such from now on."""
        parents: dict[ModuleKey, frozenset[str]] = {}
        for key in templates:
            for child, _ in self._nested(key.path):
                parents[child] = parents.get(child, frozenset()) | {key.path}
        self._parents = parents
        return parents

    def nested_in(self, key: ModuleKey, templates: frozenset[str]) -> None:
        """A template is judged as nested stacks of these templates (paths) deploy it, too, where they do; from now on."""
        self._parents[key] = templates

    def _template(self, path: str) -> Template | None:
        from fsbp_lsp.cloudformation.load import load_template

        settings = self.settings_for(path)
        given = settings.spelled_for(path, settings.parameter_files)
        template = load_template(self.files, path, read=self._read, parameter_files=given)
        if template is not None:
            template.outputs_escape = settings.outputs_escape
            if template.stacks is not None or b"Export" in template.piece.data:
                template.importers = self._importers()
        return template

    def _importers(self) -> Importers:
        if self.importers is None:
            from fsbp_lsp.engine.importers import Importers

            self.importers = Importers(self.files, lambda path: self.settings_for(path).excluded(path), self._folders)
        elif self._keep:
            self.importers.refresh()
        return self.importers

    def _nested(self, root: str) -> list[tuple[ModuleKey, Module]]:
        """The templates of the nested stacks of a template, as it deploys them; empty when it cannot be read."""
        from fsbp_lsp.cloudformation.load import may_nest

        try:
            template = self._template(root) if may_nest(self.files.read(root)) else None
        except (OSError, ReadError):
            return []
        found = template.instances() if template is not None else []
        return [(ModuleKey("cloudformation", os.path.normpath(one.path)), one) for one in found]

    def _judge(
        self, report: ModuleReport, module: Module, units: list[tuple[str, Module]], alive: Alive, about: frozenset[str] | None
    ) -> bool:
        """Fill in the report; False when the caller lost interest.

        units: (path of the root, module) to judge: one, or the instances of a directory that is called.
        """
        concerned: set[str] | None = None if about is None else set()
        key, settings = report.key, report.settings
        today = self._today or _today()
        context = registry.Context(settings.assume, settings.parameters, today)
        known_settings, known_day, memos = self._memos.get(key, (None, "", {}))
        if known_settings is not settings or known_day != today:
            memos = {}
        known_tokens = self._tokens.get(key, {})
        changed: dict[str, set[tuple[str, ...]]] = {}
        fresh: dict[tuple[str, str], _Memo] = {}
        marks: dict[str, dict[tuple[str, ...], Any]] = {}
        found: list[Finding] = []
        for root, unit in units:
            if root not in changed:
                stale_marks = changed[root] = set()
                for noted, token in known_tokens.get(root, {}).items():
                    if not alive():
                        return False
                    if unit.token(noted) != token:
                        stale_marks.add(noted)
                # Half-typed code elsewhere does not take back what was certain before it: completeness lost changes nothing.
                stale_marks.discard(COMPLETE)
            complete = unit.complete
            kept_tokens = marks.setdefault(root, {})
            for resource in unit.resources:
                if not alive():
                    return False
                memo = memos.get((root, resource.address))
                stale = memo is None or not memo.tokens.keys().isdisjoint(changed[root])
                if memo is None or stale or (complete and memo.tokens.get(COMPLETE) is False):
                    memo = self._evaluate(unit, resource, settings, context, alive)
                    if memo is None:
                        return False
                else:
                    for finding in memo.findings:
                        finding.again(resource)
                fresh[root, resource.address] = memo
                if self._keep:
                    # What is remembered is true of this version, so one mark of each thing looked at is enough for all.
                    kept_tokens.update(memo.tokens)
                found.extend(memo.findings)
                if concerned is not None and about is not None:
                    if not unit.concerns(resource, memo.tokens, about):
                        continue
                    concerned.add(resource.address)
                report.unknown.extend(Undecided(id, resource, reason) for id, reason in memo.unknown)
                report.assumed.extend(Undecided(id, resource, name, True) for id, name in memo.assumed)
                report.passed += memo.passed
                report.not_applicable += memo.not_applicable
                report.resources += 1
        if self._keep:
            self._memos[key] = settings, today, fresh
            self._tokens[key] = marks
        if len(units) > 1 or any(finding.resource is not None and finding.resource.callers for finding in found):
            found = self._across_calls(report, found, units, today)
        else:
            found = _merge_instances(found)
        undecided = [(item.control, item.resource) for item in report.unknown]
        kept, held = suppress(module, found, undecided, settings, today)
        report.suppressed.extend(held)
        kept.extend(_problem(problem) for problem in module.problems)
        if concerned is not None:
            # Nothing about the source itself either: nobody asked about this directory.
            kept = [finding for finding in kept if finding.resource is not None and not concerned.isdisjoint(finding.instances)]
            report.suppressed = [pair for pair in report.suppressed if not concerned.isdisjoint(pair[0].instances)]
        report.findings = sorted(kept, key=_order)
        return True

    def _across_calls(self, report: ModuleReport, found: list[Finding], units: list[tuple[str, Module]], today: str) -> list[Finding]:
        """Findings of called modules, each fact once: comments at calls applied, instances brought together."""
        judged: dict[tuple[Any, ...], list[Resource]] = {}
        for _root, unit in units:
            for resource in unit.resources:
                if len(units) > 1 and report.key.kind == "cloudformation" and not resource.callers:
                    # By itself a template is deployed by nobody.
                    continue
                # Several resources may be made of what is written at one place.
                judged.setdefault(_place_of(resource), []).append(resource)
        kept: list[Finding] = []
        merged: dict[tuple[Any, ...], tuple[Finding, list[Finding]]] = {}
        failing: dict[tuple[Any, ...], list[Resource]] = {}
        for finding in found:
            comment = held_by_call(finding, today)
            if comment is not None:
                report.suppressed.append((finding, comment))
                continue
            owner = finding.resource
            if owner is None:
                kept.append(finding)
                continue
            finding.related = _calls_of(finding)
            # The same property of a template is one fact, whether a default or a parent decides it.
            message = finding.facet if report.key.kind == "cloudformation" else finding.message
            # What two calls of a module are handed by literals of their own are two facts.
            decided = finding.decided_at if report.key.kind == "terraform" else None
            name = (finding.control, finding.at.key(), message, _place_of(owner), decided.key() if decided is not None else None)
            # Whatever is said of them: arguments of different calls are different facts about one line.
            failing.setdefault((finding.control, finding.at.key(), _place_of(owner)), []).append(owner)
            if name in merged:
                merged[name][1].append(finding)
            else:
                merged[name] = finding, [finding]
                kept.append(finding)
        for first, alike in merged.values():
            first.instances = tuple(dict.fromkeys(one.address for one in alike))
            first.related = _together([one.related for one in alike])[:MAX_RELATED]
            owner = first.resource
            if owner is not None:
                here = _place_of(owner)
                first.reserve(reservation(judged.get(here, ()), failing[first.control, first.at.key(), here]))
        report.unknown = _once(report.unknown)
        report.assumed = _once(report.assumed)
        return kept

    def _evaluate(self, module: Module, resource: Resource, settings: Settings, context: registry.Context, alive: Alive) -> _Memo | None:
        memo = _Memo()
        noted = module.record()
        try:
            for control in registry.controls_for(resource.type):
                if not settings.selected(control.id, resource.header.path):
                    continue
                if not alive():
                    return None
                try:
                    answer = judge(resource, lambda asked, control=control: control.check(control.subject(asked), context))  # type: ignore[misc]  # bound now
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
    session = Session(files, settings_for, today, steady=True, folders=scope.folders, plan_source=scope.plan_source)
    troubles: list[tuple[str, str]] = []
    named = {os.path.normpath(path) for path in scope.paths}

    def excluded(path: str) -> bool:
        return settings_for(path).excluded(path)

    found = discover(files, scope.paths, excluded, lambda path, why: troubles.append((path, why)), force_exclude=scope.hook)
    done: set[ModuleKey] = set()
    deployed: dict[ModuleKey, tuple[frozenset[str], frozenset[str] | None]] = {}
    for key, roots, about in _first_found(found, deployed, done, session if scope.report != "files" else None):
        report = session.check_module(key, alive, roots, about)
        if not alive():
            return
        if report is None:
            continue
        report.asked = roots is None
        if roots is None and scope.report != "files":
            # A directory is asked about with what it deploys. A file stands for a change: whatever its directory is
            # deployed with may fail because of it.
            touched = any(is_terraform(path) and os.path.dirname(path) == key.path for path in named)
            for other in report.related if touched else report.below:
                if not excluded(os.path.join(other.path, "main.tf")):
                    before, asking = deployed.get(other, (frozenset(), frozenset()))
                    deployed[other] = before | report.roots, (asking or frozenset()) | {key.path}
        report.findings = [
            finding
            for finding in report.findings
            if (key.kind == "plan" or not skipped(finding.at.path)) and not excluded_finding(finding, named, excluded, scope.hook)
        ]
        if scope.report == "files" and key.kind != "plan":
            report.findings = [finding for finding in report.findings if _within(finding.at.path, named)]
        yield report
    for path, why in troubles:
        key = ModuleKey("terraform" if is_terraform(path) else "cloudformation", path)
        report = ModuleReport(key, None, settings_for(path))
        report.findings.append(unreadable(path, why))
        yield report


def _first_found(
    found: Iterable[ModuleKey],
    deployed: dict[ModuleKey, tuple[frozenset[str], frozenset[str] | None]],
    done: set[ModuleKey],
    session: Session | None,
) -> Iterator[tuple[ModuleKey, frozenset[str] | None, frozenset[str] | None]]:
    """The modules asked for, then what the reports on them add to `deployed`.

    With each: the root modules that count there, and the directories it is about; None for no limit.

    session: where nested stacks are looked for; which template nests which is known only when all have been seen,
    so they come last.
    """
    templates: dict[ModuleKey, None] = {}
    for key in found:
        if key.kind == "cloudformation":
            templates[key] = None
            continue
        done.add(key)
        yield key, None, None
    for key, (roots, about) in deployed.items():
        if key not in done:
            yield key, roots, about
    nested = session.nest(templates) if session is not None else {}
    for key in templates:
        yield key, None, None
    for key, parents in nested.items():
        if key not in templates:
            yield key, parents, None


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


def _below(template: Module) -> frozenset[str]:
    """Paths of the templates that nested stacks of this one deploy."""
    from fsbp_lsp.cloudformation.template import Template

    return frozenset(os.path.normpath(one.path) for one in template.instances()) if isinstance(template, Template) else frozenset()


def _internal_error(id: str, resource: Resource, error: Exception) -> Finding:
    message = f"{id} could not be checked on {resource.address}: {type(error).__name__}: {error}"
    return Finding("internal-error", None, resource.header, message)


def _calls_of(finding: Finding) -> tuple[tuple[Loc, str], ...]:
    """What the control said belongs to the finding, with the calls its resource is deployed through."""
    owner = finding.resource
    calls = owner.callers if owner is not None else ()
    said = f"deployed by {calls[0].address}" if calls else ""
    return (*finding.related, *((call.header, said if call is calls[0] else f"which {call.address} deploys") for call in calls))


def _together(related: list[tuple[tuple[Loc, str], ...]]) -> tuple[tuple[Loc, str], ...]:
    """The calls of several instances, each once: the nearest of all of them first, so that no outer call seems to deploy another's."""
    longest = max(len(places) for places in related)
    return tuple(dict.fromkeys(places[level] for level in range(longest) for places in related if level < len(places)))


def _once(undecided: list[Undecided]) -> list[Undecided]:
    """Instances of a module that are undecided for the same reason are said once."""
    return list({(item.control, _place_of(item.resource), item.reason): item for item in reversed(undecided)}.values())[::-1]


def _place_of(resource: Resource) -> tuple[Any, ...]:
    """What all instances of a block have in common. A plan without source beside it has the same place for everything."""
    return (*resource.header.key(), resource.local if resource.header.file.data else resource.block)


def _merge_instances(findings: list[Finding]) -> list[Finding]:
    """The same fact at the same place in several instances is one finding."""
    merged: dict[tuple[Any, ...], Finding] = {}
    for finding in findings:
        if finding.resource is None or not finding.resource.repeated:
            # Only blocks with count, for_each or Fn::ForEach have instances to merge.
            merged[id(finding),] = finding
            continue
        key = (finding.control, finding.at.key(), finding.message, finding.resource.header.key())
        first = merged.get(key)
        if first is None:
            finding.instances = (finding.address,)
            merged[key] = finding
        elif finding.address not in first.instances:
            first.instances = (*first.instances, finding.address)
    return list(merged.values())


def _order(finding: Finding) -> tuple[Any, ...]:
    return (finding.at.path, finding.at.start, catalog.natural_key(finding.control), finding.message)
