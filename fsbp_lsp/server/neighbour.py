"""cfn-lint beside us: its findings on saved templates, computed in a process of its own.

Shown until the text changes: a finding must never stand on text it was not computed for. One process at a
time, ended when its text is gone or when it takes too long; ours never waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import importlib.util
import json
import logging
import os
import sys
from typing import TYPE_CHECKING, Any

from fsbp_lsp.server import convert
from fsbp_lsp.server.analysis import group_of
from fsbp_lsp.server.uris import is_stand_in

if TYPE_CHECKING:
    from fsbp_lsp.server.app import Server
    from fsbp_lsp.server.documents import Document

log = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds after which a process is ended."""
MAX_OUTPUT = 8 * 1024 * 1024
_SEVERITY = {"error": 1, "warning": 2, "informational": 3}
COMMAND = [sys.executable, "-P", "-m", "fsbp_lsp.cfnlint.child"]
"""-P: a folder of the user must not stand in for a module of cfn-lint."""


class Extra:
    """Diagnostics of somebody else for one version of a document. text: a JSON array; digest: of it."""

    __slots__ = ("digest", "text", "version")

    def __init__(self, version: int, text: str) -> None:
        self.version = version
        self.text = text
        self.digest = hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def _holds(path: str, data: bytes) -> bool:
    """Whether this is what stands in the file."""
    try:
        with open(path, "rb") as file:
            return file.read(len(data) + 1) == data
    except OSError:
        return False


class CfnLint:
    """extras: what is shown, by path."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.extras: dict[str, Extra] = {}
        self.started = 0
        """Processes started so far."""
        self._wanted: dict[str, None] = {}
        self._running = ""
        self._process: asyncio.subprocess.Process | None = None
        self._ended = False
        self._installed: bool | None = None

    @property
    def installed(self) -> bool:
        if self._installed is None:
            self._installed = importlib.util.find_spec("cfnlint") is not None
        return self._installed

    def saved(self, document: Document) -> None:
        """A document was saved: look at it when it is a template and that is wanted."""
        if not self._wants(document):
            return
        if self._running == document.path:
            self._stop()
        self._wanted.pop(document.path, None)
        self._wanted[document.path] = None
        if not self._running:
            self._running = document.path
            self._server.spawn(self._work())

    def _wants(self, document: Document) -> bool:
        options = self._server.settings.options_for(document.path)
        asked = options.enable and options.cfn_lint == "onSave"
        file = not is_stand_in(document.path) and group_of(document.path).startswith("file:")
        return asked and file and not document.lost and self.installed

    def changed(self, path: str) -> None:
        """The text is another one now, or the document is closed."""
        self.extras.pop(path, None)
        self._wanted.pop(path, None)
        if self._running == path:
            self._stop()

    def switched(self) -> None:
        """Settings changed: what is not wanted any more goes."""
        for path in [path for path in self.extras if self._server.settings.options_for(path).cfn_lint != "onSave"]:
            del self.extras[path]

    def shut_down(self) -> None:
        self._wanted.clear()
        self._stop()

    def _stop(self) -> None:
        self._ended = True  # also while the process is not yet started
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    def _over(self) -> bool:
        """Whether what runs was stopped; asked again after every wait."""
        return self._ended

    async def _work(self) -> None:
        """Everything wanted, one after the other, the newest first."""
        try:
            while self._wanted:
                path, _ = self._wanted.popitem()
                self._running, self._ended = path, False
                document = self._server.documents.at(path)
                checked = await self._server.checked(document) if document is not None else None
                # A template by its content: that is ours to say, and was said already. Settings may have come meanwhile.
                if document is not None and checked is not None and checked.report is not None and self._wants(document):
                    await self._look(document)
        finally:
            self._running = ""

    async def _look(self, document: Document) -> None:
        version, data = document.version, document.data
        if not await asyncio.to_thread(_holds, document.path, data):
            return  # not saved after all: what is on disk is another text
        found = await self._run(document.path)
        if found is None or document.version != version or self._server.documents.at(document.path) is not document:
            return
        encoding = self._server.client.encoding
        items = [item for raw in found if (item := self._item(raw, document, encoding)) is not None]
        if items:
            self.extras[document.path] = Extra(version, json.dumps(items))
        elif self.extras.pop(document.path, None) is None:
            return
        checked = self._server.schedule.current(group_of(document.path))
        if checked is not None:
            self._server.publisher.deliver(checked)

    async def _run(self, path: str) -> list[Any] | None:
        """What cfn-lint says; None when it was ended, failed or said too much."""
        if self._over():
            return None
        self.started += 1
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                *COMMAND,
                path,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                cwd=self._server.settings.folder_of(path) or os.path.dirname(path),
                limit=MAX_OUTPUT,
            )
        except OSError as error:
            log.warning("cfn-lint cannot be started: %s", error)
            return None
        if self._over():
            self._stop()
        try:
            output, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        except TimeoutError:
            log.warning("cfn-lint took longer than %.0f s on %s: ended", PATIENCE, path)
            return None
        finally:
            self._stop()
            await process.wait()
            self._process = None
        if process.returncode != 0:
            log.info("cfn-lint said nothing about %s: status %s", path, process.returncode)
            return None
        try:
            found = json.loads(output) if len(output) <= MAX_OUTPUT else None
        except ValueError:
            found = None
        return found if isinstance(found, list) else None

    def _item(self, raw: Any, document: Document, encoding: str) -> dict[str, Any] | None:
        """A Diagnostic. Lines and columns come 1-based and in characters."""
        try:
            start = document.lines.offset(max(0, raw["line"] - 1), max(0, raw["column"] - 1), "utf-32")
            end = document.lines.offset(max(0, raw["end_line"] - 1), max(0, raw["end_column"] - 1), "utf-32")
            item: dict[str, Any] = {
                "range": convert.span(document.lines, start, max(start, end), encoding),
                "severity": _SEVERITY.get(raw["level"], 2),
                "code": str(raw["id"]),
                "source": "cfn-lint",
                "message": str(raw["message"]),
            }
        except (KeyError, TypeError):
            return None
        if raw.get("url") and self._server.client.code_description:
            item["codeDescription"] = {"href": str(raw["url"])}
        return item
