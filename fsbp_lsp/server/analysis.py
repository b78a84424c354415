"""The engine as the server uses it. Everything here runs in the analysis thread, but for `group_of`.

A group is what is checked together: the directory of a Terraform file, or the path of any other file.
The event loop only ever needs that name; whether a file is a template is decided here, on its content.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from fsbp_lsp.files import DiskFiles, Files, OverlayFiles
from fsbp_lsp.server import convert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fsbp_lsp.engine.check import ModuleReport, Session
    from fsbp_lsp.ide import Severities
    from fsbp_lsp.model import Finding
    from fsbp_lsp.server.client import Client
    from fsbp_lsp.server.documents import Document, Documents
    from fsbp_lsp.server.settings import SettingsSource

_TERRAFORM = (".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json")


def group_of(path: str) -> str:
    """What a file is checked together with."""
    return "dir:" + os.path.dirname(path) if path.endswith(_TERRAFORM) else "file:" + path


class CachedDisk(Files):
    """The disk, giving back the same bytes object while a file's size, time and number stay the same."""

    def __init__(self) -> None:
        self._disk = DiskFiles()
        self._held: dict[str, tuple[tuple[int, int, int], bytes]] = {}

    def read(self, path: str) -> bytes:
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
        return self._disk.walk(root, excluded)

    def project(self, directory: str) -> str | None:
        return self._disk.project(directory)

    def __len__(self) -> int:
        return len(self._held)

    def drop(self, directory: str) -> None:
        for path in [path for path in self._held if os.path.dirname(path) == directory or path == directory]:
            del self._held[path]


class Checked:
    """One group, checked: the report (None when nothing in it is ours) and the answers for open documents by path."""

    __slots__ = ("answers", "group", "report", "seconds", "troubles")

    def __init__(self, group: str, report: ModuleReport | None) -> None:
        self.group = group
        self.report = report
        self.answers: dict[str, convert.Answer] = {}
        self.troubles: list[str] = []
        self.seconds = 0.0


class Analysis:
    """Owns the session. `documents` is only read: its overlay, and which documents are open."""

    def __init__(self, documents: Documents, settings: SettingsSource, client: Client) -> None:
        self.documents = documents
        self.settings = settings
        self.client = client
        self.disk = CachedDisk()
        self.files = OverlayFiles(self.disk, documents.overlay)
        self.timings: dict[str, float] = {}
        self._session: Session | None = None
        self._converters: dict[str, tuple[tuple[Any, ...], convert.Converter]] = {}

    @property
    def session(self) -> Session:
        """Made when first needed: the engine is imported after `initialize` has been answered."""
        if self._session is None:
            from fsbp_lsp.engine.check import Session

            self._session = Session(self.files, self.settings.for_path, keep=True)
        return self._session

    def warm(self) -> None:
        """Import what the first check will need."""
        import fsbp_lsp.engine.fix
        import fsbp_lsp.ide
        import fsbp_lsp.terraform  # noqa: F401

        _ = self.session

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
        key = self.session.module_of(wanted[0].path) if wanted else None
        if key is not None:
            report = self.session.check_module(key, alive)
            if not alive():
                return None
        checked = Checked(group, report)
        shown = {document.path: document for document in wanted}
        if report is not None:
            severities = self.settings.severities(path if kind == "file" else os.path.join(path, "main.tf"))
            for at, findings in visible_by_path(report, shown).items():
                document = shown[at]
                converter = self._converter(document, report, severities)
                checked.answers[at] = converter.answer(at, document.version, findings)
            checked.troubles = [finding.message for finding in report.findings if finding.control == "internal-error"]
        for document in open_now:
            if document.path not in checked.answers:
                checked.answers[document.path] = convert.Answer(document.path, document.uri, document.version)
        checked.seconds = self.timings[group] = time.perf_counter() - begun
        return checked

    def _converter(self, document: Document, report: ModuleReport, severities: Severities) -> convert.Converter:
        """The document's own, as long as nothing changed that it was made for."""
        from fsbp_lsp.ide import Mark

        # Which documents are open: their URIs, as the client spells them, stand in related information.
        made_for: tuple[Any, ...] = (document.uri, report.settings, severities, self.client, self.documents.opened)
        held = self._converters.get(document.path)
        if held is not None and held[0] == made_for:
            return held[1]
        undeclared = report.settings.undeclared

        def mark(finding: Finding) -> Mark:
            return Mark(finding, severities.of(finding, undeclared))

        made = convert.Converter(document.uri, self.client, self.uri_at, mark)
        self._converters[document.path] = (made_for, made)
        return made

    def forget(self, group: str) -> None:
        """Nobody has a document of this group open."""
        self.timings.pop(group, None)
        kind, _, path = group.partition(":")
        self.disk.drop(path)
        for document in [document for document in self._converters if group_of(document) == group]:
            del self._converters[document]
        if self._session is not None:
            from fsbp_lsp.engine.discover import ModuleKey

            self._session.forget(ModuleKey("terraform" if kind == "dir" else "cloudformation", path))

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
