"""The engine as the server uses it. Everything here runs in the analysis threads, but for `group_of`.

A group is what is checked together: the directory of a Terraform file, or the path of any other file.
The event loop only ever needs that name; whether a file is a template is decided here, on its content.
All Terraform shares one engine session, because modules call each other; each template has its own. Of the jobs of a
session (`lane_of`) one is at work at a time: that is all the locking there is. A check gives way to others of its session
between two resources and wherever a file is read: what is put together meanwhile belongs to this check alone, and what
they share is read or replaced as a whole.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from fsbp_lsp.files import DiskFiles, Files, Layer, OverlayFiles
from fsbp_lsp.server import convert
from fsbp_lsp.server.nesting import Nested

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from fsbp_lsp.engine.check import ModuleReport, Session
    from fsbp_lsp.engine.discover import ModuleKey
    from fsbp_lsp.ide import Severities
    from fsbp_lsp.ide.undecided import Note
    from fsbp_lsp.model import Finding
    from fsbp_lsp.server.client import Client
    from fsbp_lsp.server.documents import Document, Documents
    from fsbp_lsp.server.settings import SettingsSource

_TERRAFORM = (".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json")


def group_of(path: str) -> str:
    """What a file is checked together with."""
    return "dir:" + os.path.dirname(path) if path.endswith(_TERRAFORM) else "file:" + path


def lane_of(group: str) -> str:
    """What jobs of a group share: the engine session. All of Terraform's is one."""
    return "terraform" if group.startswith("dir:") else group


def directory_of(group: str) -> str:
    """Where the files of a group are."""
    kind, _, path = group.partition(":")
    return path if kind == "dir" else os.path.dirname(path)


class CachedDisk(Files):
    """The disk, giving back the same bytes object while a file's size, time and number stay the same.

    held_in: the directories of which files are held; all others are read each time.
    """

    def __init__(self, pause: Callable[[], None] = lambda: None) -> None:
        """pause: called before each look at the disk, which is where others may go first."""
        self._pause = pause
        self.held_in: set[str] = set()
        self._disk = DiskFiles()
        self._held: dict[str, tuple[tuple[int, int, int], bytes]] = {}

    def read(self, path: str) -> bytes:
        self._pause()
        if os.path.dirname(path) not in self.held_in:
            return self._disk.read(path)
        try:
            status = os.stat(path)
        except OSError:
            self._held.pop(path, None)
            return self._disk.read(path)
        key = (status.st_mtime_ns, status.st_size, status.st_ino)
        held = self._held.get(path)
        if held is not None and held[0] == key:
            return held[1]
        data = self._disk.read(path)
        self._held[path] = (key, data)
        return data

    def siblings(self, directory: str) -> list[str]:
        return self._disk.siblings(directory)

    def walk(self, root: str, excluded: Callable[[str], bool] = lambda _path: False) -> Iterable[str]:
        for path in self._disk.walk(root, excluded):
            self._pause()
            yield path

    def project(self, directory: str) -> str | None:
        return self._disk.project(directory)

    def __len__(self) -> int:
        return len(self._held)

    def hold(self, directories: set[str]) -> None:
        """Hold files of these directories and of no others."""
        self.held_in = directories
        for path in [path for path in list(self._held) if os.path.dirname(path) not in directories]:
            self._held.pop(path, None)


class Traced(Layer):
    """Notes which files are read: a template rests on those of its nested stacks."""

    def __init__(self, base: Files) -> None:
        super().__init__(base)
        self.paths: set[str] = set()

    def read(self, path: str) -> bytes:
        self.paths.add(path)
        return self._base.read(path)

    def glance(self, path: str) -> bytes:
        return self._base.glance(path)


def reads_of(report: ModuleReport | None) -> set[str]:
    """Other groups a report rests on: what calls the module, what it calls, where variable files are; parents of a template."""
    if report is None:
        return set()
    related = {("dir:" if key.kind == "terraform" else "file:") + key.path for key in report.related}
    return related | {"dir:" + os.path.dirname(path) for path in report.settings.var_files}


class Checked:
    """One group, checked: the report (None when nothing in it is ours) and the answers for open documents by path.

    reads: other groups whose files decide here as well. nested: templates that this one deploys.
    """

    __slots__ = ("answers", "group", "nested", "reads", "report", "seconds", "troubles")

    def __init__(self, group: str, report: ModuleReport | None) -> None:
        self.group = group
        self.report = report
        self.answers: dict[str, convert.Answer] = {}
        self.reads = reads_of(report)
        self.nested = frozenset() if report is None or report.settings.excluded(report.key.path) else report.nested
        self.troubles: list[str] = []
        self.seconds = 0.0


class Analysis:
    """Owns the session. `documents` is only read: its overlay, and which documents are open."""

    def __init__(self, documents: Documents, settings: SettingsSource, client: Client, pause: Callable[[], None] = lambda: None) -> None:
        """pause: lets others of the session go first; called where they may."""
        self.documents = documents
        self.settings = settings
        self.client = client
        self._pause = pause
        self.disk = CachedDisk(pause)
        self.files = OverlayFiles(self.disk, documents.overlay)
        self.timings: dict[str, float] = {}
        self.nested = Nested()
        self._sessions: dict[str, Session] = {}
        self._reads: dict[str, set[str]] = {}
        self._converters: dict[str, tuple[tuple[Any, ...], convert.Converter]] = {}
        self._traces: dict[str, Traced] = {}
        self._stirred = {"dir": 0, "file": 0}
        self._looked: dict[str, int] = {}

    def _session(self, group: str) -> Session:
        """The engine of a group. Imported when first needed, after `initialize` has been answered."""
        session = self._sessions.get(lane_of(group))
        if session is None:
            from fsbp_lsp.engine.check import Session

            # Without a folder nothing is looked through: the directory an editor was started in may be anything.
            folders = tuple(self.settings.folders)
            files: Files = self.files
            if not group.startswith("dir:"):
                files = self._traces[group] = Traced(self.files)
            session = self._sessions[lane_of(group)] = Session(files, self.settings.for_path, keep=True, folders=folders, pause=self._pause)
        stirred = self._stirred[group.partition(":")[0]]
        if self._looked.setdefault(lane_of(group), stirred) != stirred:
            self._looked[lane_of(group)] = stirred
            session.look_for_callers()
        return session

    def stirred(self, groups: Iterable[str]) -> None:
        """Files of these groups came, went or changed: who calls or imports what is found out again before the next check."""
        for kind in {group.partition(":")[0] for group in groups}:
            self._stirred[kind] += 1

    def imports(self, group: str) -> bool:
        """Whether what other templates import may decide about this group."""
        session = self._sessions.get(lane_of(group))
        return group.startswith("file:") and session is not None and session.importers is not None

    def folders_changed(self) -> None:
        """Sessions are made for the workspace folders."""
        self._sessions = {}
        self._looked = {}

    def warm(self) -> None:
        """Import what the first check will need."""
        import fsbp_lsp.engine.fix
        import fsbp_lsp.ide
        import fsbp_lsp.terraform  # noqa: F401

    def module_of(self, path: str) -> ModuleKey | None:
        """The module of a file; None when it is not ours or cannot be read."""
        from fsbp_lsp.engine.discover import module_of
        from fsbp_lsp.files import ReadError

        try:
            return module_of(self.files, path)
        except (OSError, ReadError):
            return None

    def dependents(self, group: str) -> list[str]:
        """Open groups that this one decides about as well."""
        return [other for other, read in list(self._reads.items()) if other != group and group in read]

    def check(self, group: str, alive: Callable[[], bool]) -> Checked | None:
        """The group as it is now, with the diagnostics of its open documents converted; None when no longer wanted.

        Conversion happens here and not later: locations move with their piece when the next text is read.
        """
        from fsbp_lsp.ide.marks import visible_by_path

        begun = time.perf_counter()
        kind, _, path = group.partition(":")
        open_now = [document for document in self.documents.all() if group_of(document.path) == group]
        report: ModuleReport | None = None
        wanted = [document for document in open_now if not document.lost and self.settings.options_for(document.path).enable]
        # Asked about a document and not the directory: what lies below .terraform is nobody's module.
        key = self.module_of(wanted[0].path) if wanted else None
        if key is not None:
            self._hold(group, self._reads.get(group, set()))
            report = self._check(group, key, alive)
            if not alive():
                return None
        checked = Checked(group, report)
        checked.reads |= self._traced(group)
        self._hold(group, checked.reads)
        shown = {document.path: document for document in wanted}
        if report is not None:
            severities = self.settings.severities(path if kind == "file" else os.path.join(path, "main.tf"))
            notes = self._notes(report, shown)
            for at, findings in visible_by_path(report, shown).items():
                document = shown[at]
                converter = self._converter(document.path, document.uri, report, severities)
                checked.answers[at] = converter.answer(at, document.version, findings, notes.get(at, ()))
            checked.troubles = [finding.message for finding in report.findings if finding.control == "internal-error"]
        for document in open_now:
            if document.path not in checked.answers:
                checked.answers[document.path] = convert.Answer(document.path, document.uri, document.version)
        checked.seconds = self.timings[group] = time.perf_counter() - begun
        return checked

    def _check(self, group: str, key: ModuleKey, alive: Callable[[], bool]) -> ModuleReport | None:
        session = self._session(group)
        if key.kind == "cloudformation":
            session.nested_in(key, self.nested.above(key.path))
        return session.check_module(key, alive)

    def _notes(self, report: ModuleReport, paths: Iterable[str]) -> dict[str, list[Note]]:
        """What is not decided in those of the open documents whose reader wants to know."""
        wanted = [path for path in paths if self.settings.options_for(path).show_unknown]
        if not wanted:
            return {}
        from fsbp_lsp.ide.undecided import notes_by_path

        return notes_by_path(report, wanted)

    def others(self, checked: Checked) -> dict[str, convert.Answer]:
        """The diagnostics of the files of a group that nobody has open, by path; files without any are left out."""
        if checked.report is None:
            return {}
        return self._closed(checked.group, checked.report)

    def survey(self, group: str, alive: Callable[[], bool]) -> tuple[dict[str, convert.Answer], set[str]] | None:
        """The same for a group nobody looks at, and the groups it rests on. None when interrupted.

        It is checked and forgotten again.
        """
        from fsbp_lsp.engine.discover import ModuleKey

        kind, _, path = group.partition(":")
        key = ModuleKey("terraform", path) if kind == "dir" else self.module_of(path)
        if key is None or not self.settings.options_for(os.path.join(path, "main.tf") if kind == "dir" else path).enable:
            return {}, set()
        report = self._check(group, key, alive)
        answers = {} if report is None or not alive() else self._closed(group, report)
        traced = self._traced(group)
        if group not in self._reads:  # opened meanwhile, it is kept
            self._drop(group)
        return (answers, reads_of(report) | traced) if alive() else None

    def _traced(self, group: str) -> set[str]:
        trace = self._traces.get(group)
        return {group_of(path) for path in trace.paths} - {group} if trace is not None else set()

    def _closed(self, group: str, report: ModuleReport) -> dict[str, convert.Answer]:
        from fsbp_lsp.ide.marks import visible_by_path

        kind, _, path = group.partition(":")
        severities = self.settings.severities(path if kind == "file" else os.path.join(path, "main.tf"))
        # A finding in a file of another group is told when that group is checked.
        paths = dict.fromkeys(finding.at.path for finding in report.findings if group_of(finding.at.path) == group)
        closed = [at for at in paths if self.documents.at(at) is None]
        made = {
            at: self._convert(convert.default_uri(at), report, severities).answer(at, None, findings)
            for at, findings in visible_by_path(report, closed).items()
        }
        return {at: answer for at, answer in made.items() if answer.text != "[]"}

    def workspace(self, folders: Iterable[str]) -> Iterator[str | None]:
        """The groups below these folders, each once; None wherever a walk may pause."""
        from fsbp_lsp.engine.discover import TEMPLATE_ENDINGS

        seen: set[str] = set()
        for folder in folders:
            for path in DiskFiles().walk(folder, lambda path: self.settings.for_path(path).excluded(path)):
                group = group_of(path)
                if group in seen or not path.endswith((*_TERRAFORM, *TEMPLATE_ENDINGS)):
                    continue
                seen.add(group)
                if group.startswith("file:"):
                    yield None
                    if self.module_of(path) is None:
                        continue
                yield group

    def _converter(self, path: str, uri: str, report: ModuleReport, severities: Severities) -> convert.Converter:
        """The document's own, as long as nothing changed that it was made for."""
        # Which documents are open: their URIs, as the client spells them, stand in related information.
        made_for: tuple[Any, ...] = (uri, report.settings, severities, self.client, self.documents.opened)
        held = self._converters.get(path)
        if held is not None and held[0] == made_for:
            return held[1]
        made = self._convert(uri, report, severities)
        self._converters[path] = (made_for, made)
        return made

    def _convert(self, uri: str, report: ModuleReport, severities: Severities) -> convert.Converter:
        from fsbp_lsp.ide import Mark

        undeclared = report.settings.undeclared

        def mark(finding: Finding) -> Mark:
            return Mark(finding, severities.of(finding, undeclared))

        return convert.Converter(uri, self.client, self.uri_at, mark)

    def forget(self, group: str) -> None:
        """Nobody has a document of this group open."""
        self.timings.pop(group, None)
        self._reads.pop(group, None)
        for document in [document for document in list(self._converters) if group_of(document) == group]:
            self._converters.pop(document, None)
        self._drop(group)
        self._hold_all()

    def _drop(self, group: str) -> None:
        """What is remembered about a group nobody looks at."""
        if group.startswith("dir:"):
            from fsbp_lsp.engine.discover import ModuleKey

            if not any(group in read for read in list(self._reads.values())):
                self._session(group).forget(ModuleKey("terraform", directory_of(group)))
        else:
            self._sessions.pop(group, None)
            self._looked.pop(group, None)
            self._traces.pop(group, None)

    def _hold(self, group: str, reads: set[str]) -> None:
        self._reads[group] = reads
        self._hold_all()

    def _hold_all(self) -> None:
        """Files beside open ones, and those that decide about them, are read at every keystroke; others are not held."""
        reads = dict(self._reads)
        wanted = {directory_of(group) for group in set(reads).union(*reads.values())}
        if wanted != self.disk.held_in:
            self.disk.hold(wanted)

    def uri_at(self, path: str) -> str:
        """The client's own spelling for an open document, else one of ours."""
        document = self.documents.at(path)
        return document.uri if document is not None else convert.default_uri(path)

    def fix_all(self, document: Document) -> tuple[bytes, bytes] | None:
        """(before, after) of applying every safe fix that stays within this document; the command line's own function."""
        from fsbp_lsp.engine.check import Scope
        from fsbp_lsp.engine.fix import plan_fixes
        from fsbp_lsp.model import Safety

        result = plan_fixes(self.files, Scope((document.path,)), self.settings.for_path, Safety.SAFE, {os.path.normpath(document.path)})
        return result.contents.get(document.path)
