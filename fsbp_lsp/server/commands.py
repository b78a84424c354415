"""workspace/executeCommand: what people run when they want to know more."""

from __future__ import annotations

import hashlib
import platform
import sys
import time
from typing import TYPE_CHECKING, Any

from fsbp_lsp import __version__
from fsbp_lsp.server import convert
from fsbp_lsp.server.bulk import Bulk
from fsbp_lsp.server.features import Feature, Handler, Json
from fsbp_lsp.server.protocol import INVALID_PARAMS, Reply
from fsbp_lsp.server.schedule import REQUEST

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from lsprotocol import types as lsp

    from fsbp_lsp.server.app import Server
    from fsbp_lsp.server.client import Client


class Commands(Feature):
    def __init__(self, server: Server) -> None:
        super().__init__(server)
        bulk = Bulk(server)
        self.table: dict[str, Callable[[list[Any], Any], Awaitable[Any]]] = {
            "fsbp.checkWorkspace": bulk.check,
            "fsbp.explain": self.explain,
            "fsbp.fixAllInWorkspace": bulk.fix_all,
            "fsbp.fixResource": bulk.fix_resource,
            "fsbp.ignore": bulk.ignore,
            "fsbp.server.debugInfo": self.debug,
            "fsbp.status": self.status,
        }
        """Name → function of the arguments and the work-done token."""

    def wanted(self, client: Client) -> bool:
        return client.commands

    def capabilities(self, client: Client) -> Json:
        options: Json = {"commands": sorted(self.table)}
        if client.progress:
            options["workDoneProgress"] = True
        return {"executeCommandProvider": options}

    def handlers(self) -> dict[str, Handler]:
        return {"workspace/executeCommand": self.execute}

    async def execute(self, params: lsp.ExecuteCommandParams) -> Any:
        run = self.table.get(params.command)
        if run is None:
            raise Reply(INVALID_PARAMS, f"no command {params.command}")
        return await run([convert.plain(argument) for argument in params.arguments or ()], convert.plain(params.work_done_token))

    async def status(self, arguments: list[Any], _token: Any) -> Json:
        """How the server is; given the URI of an open document also `document`: whether it is checked, and as what or why not."""
        status: Json = dict(self.server.status.now())
        document = self.server.documents.get(arguments[0]) if arguments and isinstance(arguments[0], str) else None
        if document is not None:
            checked, why = await self.server.worker.run(lambda: self._why(document.path, document.lost), REQUEST, "\0status")
            status["document"] = {"checked": checked, "why": why}
        return status

    async def explain(self, arguments: list[Any], _token: Any) -> Json:
        """Shows the control's page where the client can, else its explanation; the result carries both."""
        from fsbp_lsp import catalog
        from fsbp_lsp.ide import explain
        from fsbp_lsp.ide.hover import plain

        entry = catalog.control(arguments[0]) if arguments and isinstance(arguments[0], str) else None
        if entry is None:
            raise Reply(INVALID_PARAMS, "fsbp.explain needs the id of a control")
        text = await self.server.worker.run(lambda: explain(entry.id) or entry.title, REQUEST, "\0explain")
        if self.server.client.show_document:
            self.server.protocol.send_request_plain("window/showDocument", {"uri": entry.url, "external": True})
        else:
            # Asked for by the user, so a message box is an answer and not a disturbance.
            self.server.notify("window/showMessage", {"type": 3, "message": plain(text)})
        return {"id": entry.id, "markdown": text, "url": entry.url}

    async def debug(self, _arguments: list[Any], _token: Any) -> str:
        return await self.server.worker.run(self.debug_info, REQUEST, "\0debug")

    def debug_info(self) -> str:
        """What a bug report needs: versions, settings, documents, caches, timings."""
        server = self.server
        lines = [
            f"fsbp-lsp {__version__}, Python {platform.python_version()} on {sys.platform}, up {time.monotonic() - server.started:.0f} s",
            f"position encoding {server.client.encoding}, diagnostics {'pulled' if server.client.pull else 'pushed'}",
            f"health {server.status.now()['health']}",
            f"checks begun {server.schedule.runs}, jobs waiting {server.worker.waiting}, files held {len(server.analysis.disk)}",
            f"modules to look at when idle {server.survey.waiting}, cfn-lint processes {server.cfn_lint.started} started"
            + ("" if server.cfn_lint.installed else " (not installed)"),
            "",
            "Folders:",
            *(f"  {folder}: {source}" for folder, source in server.settings.described()),
            "Configuration problems:",
            *(f"  {problem.path}:{problem.line}: {problem.message}" for problem in server.settings.problems()),
            "Open documents:",
        ]
        from fsbp_lsp.server.analysis import group_of

        for document in sorted(server.documents.all(), key=lambda document: document.uri):
            # The digest tells whether server and editor have the same text without showing it.
            digest = hashlib.sha256(document.data).hexdigest()[:16]
            lines.append(
                f"  {document.uri} version {document.version}, {len(document.data)} bytes, sha256 {digest}, "
                f"{self._why(document.path, document.lost)[1]}"
            )
            seconds = server.analysis.timings.get(group_of(document.path))
            if seconds is not None:
                lines.append(f"    last check {seconds * 1000:.1f} ms, settings from {server.settings.source_of(document.path)}")
        return "\n".join(lines)

    def _why(self, path: str, lost: bool) -> tuple[bool, str]:
        """Whether findings of a document are shown, and as what it is read or why they are not."""
        if lost:
            return False, "text lost, waiting for a full text"
        if not self.server.settings.options_for(path).enable:
            return False, "switched off"
        from fsbp_lsp.engine.foreign import why_foreign

        document = self.server.documents.at(path)
        why = why_foreign(path, document.data) if document is not None else ""
        if why:
            return False, f"not checked: {why}"
        key = self.server.analysis.module_of(path)
        if key is None:
            return False, "not checked: neither Terraform nor a CloudFormation template by its content"
        if self.server.settings.for_path(path).excluded(path):
            return False, "not shown: excluded by configuration"
        return True, "Terraform" if key.kind == "terraform" else "CloudFormation template"
