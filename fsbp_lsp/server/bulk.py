"""Commands that look at, or change, more than one place: ignoring, fixing and checking the workspace."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

from fsbp_lsp.server import convert
from fsbp_lsp.server.analysis import group_of
from fsbp_lsp.server.progress import Progress
from fsbp_lsp.server.protocol import CONTENT_MODIFIED, INVALID_PARAMS, REQUEST_CANCELLED, REQUEST_FAILED, Reply
from fsbp_lsp.server.schedule import REQUEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.server.analysis import Checked
    from fsbp_lsp.server.app import Server
    from fsbp_lsp.server.convert import Json
    from fsbp_lsp.server.documents import Document

PATIENCE = 0.1
"""Seconds between two looks at how far a check of the workspace is."""


class Bulk:
    def __init__(self, server: Server) -> None:
        self.server = server

    # -- ignoring ------------------------------------------------------------------------------

    async def ignore(self, arguments: list[Any], _token: Any) -> Json:
        """Ignore a finding, with the reason (and the date) somebody gave.

        arguments[0]: uri; fingerprint, or control and position, of the finding; reason; until (YYYY-MM-DD) or
        nothing; file: true for the whole file. The edit is applied where the client lets servers do that.
        """
        asked = arguments[0] if arguments and isinstance(arguments[0], dict) else {}
        uri, reason, until = asked.get("uri"), asked.get("reason", ""), asked.get("until") or ""
        document = self.server.documents.get(uri) if isinstance(uri, str) else None
        if document is None or document.lost or not isinstance(reason, str) or not isinstance(until, str):
            raise Reply(INVALID_PARAMS, "fsbp.ignore needs {uri of an open document, fingerprint or control and position, reason}")
        from fsbp_lsp.engine.suppress import is_date

        if until and not is_date(until):
            raise Reply(INVALID_PARAMS, f"until: {until} is not a date (YYYY-MM-DD)")
        version = document.version
        checked = await self.server.checked(document)
        if checked is None or checked.report is None or document.version != version:
            raise Reply(CONTENT_MODIFIED, "the document changed meanwhile")
        edit = await self.server.worker.run(
            lambda: self._ignore(document, checked, asked, " ".join(reason.split()), until), REQUEST, checked.group
        )
        return await self._apply("Ignore a finding", edit)

    def _ignore(self, document: Document, checked: Checked, asked: Json, reason: str, until: str) -> Json | None:
        from fsbp_lsp.ide.actions import file_ignore, touched
        from fsbp_lsp.model import Refusal

        assert checked.report is not None
        self.server.require_current(checked)
        fingerprint, position = asked.get("fingerprint"), asked.get("position")
        try:
            offset = document.offset((int(position["line"]), int(position["character"])), self.server.client.encoding) if position else -1
        except (KeyError, TypeError, ValueError):
            raise Reply(INVALID_PARAMS, "position: expected line and character") from None
        if fingerprint:
            found = [f for f in checked.report.findings if f.at.path == document.path and f.fingerprint == fingerprint]
        else:
            found = touched(checked.report, document.path, offset, offset) if offset >= 0 else []
            found = [finding for finding in found if asked.get("control") in (None, finding.control)]
        if not found:
            raise Reply(CONTENT_MODIFIED, "the finding is gone")
        finding = found[0]
        if finding.resource is None:
            raise Reply(REQUEST_FAILED, f"{finding.control} cannot be ignored: it is about the source itself")
        if asked.get("file"):
            edits: Any = file_ignore(finding.at, finding.control, reason, until)
        else:
            edits = finding.resource.dialect.insert_ignore(finding.resource, finding.at, [finding.control], reason, until)
        if isinstance(edits, Refusal):
            raise Reply(REQUEST_FAILED, edits.reason)
        return self.server.edits.of(edits)

    async def fix_resource(self, arguments: list[Any], _token: Any) -> Json:
        """The safe fixes of one resource. arguments[0]: uri of an open document, address of a resource headed in it."""
        asked = arguments[0] if arguments and isinstance(arguments[0], dict) else {}
        uri, address = asked.get("uri"), asked.get("address")
        document = self.server.documents.get(uri) if isinstance(uri, str) else None
        if document is None or document.lost or not isinstance(address, str):
            raise Reply(INVALID_PARAMS, "fsbp.fixResource needs {uri of an open document, address}")
        checked = await self.server.checked(document)
        if checked is None or checked.report is None:
            raise Reply(CONTENT_MODIFIED, "the document changed meanwhile")
        report = checked.report

        def made() -> Json | None:
            from fsbp_lsp.ide.hints import safe_edits

            self.server.require_current(checked)
            return self.server.edits.of(safe_edits(report, document.path, address), document.path)

        edit = await self.server.worker.run(made, REQUEST, checked.group)
        return await self._apply(f"Fix {address}", edit)

    # -- fixing --------------------------------------------------------------------------------

    async def fix_all(self, _arguments: list[Any], token: Any) -> Json:
        """Every safe fix in the workspace folders (and in open documents outside of them), as one edit to look over."""
        stopped: list[bool] = []
        progress = Progress(self.server, "Fixing the workspace", token, lambda: stopped.append(True))
        loop = asyncio.get_running_loop()

        def tell(message: str) -> bool:
            loop.call_soon_threadsafe(progress.report, message)
            return not stopped

        folders = self.server.settings.folders
        open_paths = [document.path for document in self.server.documents.all() if not document.lost]
        try:
            contents, count = await self.server.worker.run(lambda: self._plan(folders, open_paths, tell), REQUEST, "\0fix")
        finally:
            progress.end()
        if stopped:
            raise Reply(REQUEST_CANCELLED, "cancelled")
        edit = self.server.edits.replacing(contents, "Fix all safe fsbp findings")
        return {"files": len(contents), "findings": count, **await self._apply("Fix all safe fsbp findings", edit)}

    def _plan(self, folders: list[str], open_paths: list[str], tell: Callable[[str], bool]) -> tuple[dict[str, tuple[bytes, bytes]], int]:
        from fsbp_lsp.engine.check import Scope
        from fsbp_lsp.engine.fix import plan_fixes
        from fsbp_lsp.files import OverlayFiles
        from fsbp_lsp.model import Safety

        analysis = self.server.analysis
        groups = [group for group in analysis.workspace(folders) if group is not None]
        groups += [group for group in dict.fromkeys(map(group_of, open_paths)) if group not in groups]
        made: dict[str, bytes] = {}
        contents: dict[str, tuple[bytes, bytes]] = {}
        files = OverlayFiles(analysis.files, made)
        count = 0
        for number, group in enumerate(groups):
            if not tell(f"{number} of {len(groups)} modules"):
                break
            kind, _, path = group.partition(":")
            names = [name for name in files.siblings(path) if name.endswith((".tf", ".tofu", ".json"))] if kind == "dir" else [""]
            if not names:
                continue
            # One file names its module; a directory would mean everything below it as well.
            named = next((os.path.join(path, name) for name in names if group_of(os.path.join(path, name)) == group), "")
            result = plan_fixes(files, Scope((named if kind == "dir" else path,)), analysis.settings.for_path, Safety.SAFE)
            count += len(result.fixed)
            for at, (before, after) in result.contents.items():
                contents[at] = (contents[at][0] if at in contents else before, after)
                made[at] = after
        return contents, count

    # -- checking ------------------------------------------------------------------------------

    async def check(self, _arguments: list[Any], token: Any) -> Json:
        """Check everything in the workspace folders, whatever `scope` says; findings arrive like all others."""
        survey = self.server.survey
        stopped: list[bool] = []

        def stop() -> None:
            stopped.append(True)
            survey.stop()

        progress = Progress(self.server, "Checking the workspace", token, stop)
        survey.begin(asked=True)
        try:
            # Templates are looked at again once it is known what deploys them.
            while not (survey.idle and self.server.nesting.idle and self.server.schedule.quiescent):
                progress.report(f"{survey.done} modules checked, {survey.waiting} to go")
                await asyncio.sleep(PATIENCE)
        except asyncio.CancelledError:
            survey.stop()
            raise
        finally:
            progress.end()
        answers = list(survey.answers.values())
        for document in self.server.documents.all():
            checked = self.server.schedule.current(group_of(document.path))
            if checked is not None and document.path in checked.answers:
                answers.append(checked.answers[document.path])
        found = [answer.findings for answer in answers if answer.findings]
        return {"modules": survey.done, "files": len(found), "findings": sum(found), "cancelled": bool(stopped)}

    async def _apply(self, label: str, edit: Json | None) -> Json:
        """Have the client apply an edit; for one that cannot, the edit is the answer."""
        if edit is None:
            return {"applied": False}
        if not self.server.client.apply_edit:
            return {"applied": False, "edit": edit}
        answer = await asyncio.wrap_future(self.server.protocol.send_request_plain("workspace/applyEdit", {"label": label, "edit": edit}))
        answer = convert.plain(answer)
        applied = answer.get("applied") if isinstance(answer, dict) else getattr(answer, "applied", False)
        return {"applied": bool(applied)}
