"""The server: its parts, wired. Features register themselves for what this client can use."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcMethodNotFound
from pygls.lsp.server import LanguageServer

from fsbp_lsp import __version__
from fsbp_lsp.server import memory
from fsbp_lsp.server.analysis import Analysis, Checked, group_of, lane_of
from fsbp_lsp.server.client import Client
from fsbp_lsp.server.documents import Document, Documents
from fsbp_lsp.server.edits import Edits
from fsbp_lsp.server.features import FEATURES, Feature
from fsbp_lsp.server.logs import ClientLog
from fsbp_lsp.server.neighbour import CfnLint
from fsbp_lsp.server.nesting import Nesting
from fsbp_lsp.server.protocol import CONTENT_MODIFIED, Json, Protocol, Reply
from fsbp_lsp.server.publish import Publisher
from fsbp_lsp.server.schedule import IDLE, Schedule, Worker
from fsbp_lsp.server.settings import SettingsSource
from fsbp_lsp.server.status import Status
from fsbp_lsp.server.survey import Survey
from fsbp_lsp.server.watchdog import watch

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from lsprotocol import types as lsp

    from fsbp_lsp.server.progress import Progress

log = logging.getLogger(__name__)

NAME = "fsbp-lsp"
DEPENDENTS_AFTER = 0.3
"""Seconds after a check before what depends on it is checked again."""
CONFIGURATION_PATIENCE = 2.0
"""Seconds to wait for a client's answer to `workspace/configuration` before checking with what is known."""
COLLECT_AFTER, TIDY_AFTER = 0.03, 3.0
"""Seconds of quiet before young garbage is collected, and before all of it is."""


class Server(LanguageServer):
    """State of one session. Lives in the event loop; only `analysis` runs in the worker thread."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__(NAME, __version__, protocol_cls=Protocol)
        self.started = time.monotonic()
        self.client = Client()
        self.documents = Documents()
        self.worker = Worker(lane_of)
        self.settings = SettingsSource()
        self.analysis = Analysis(self.documents, self.settings, self.client, self.worker.breathe)
        self.publisher = Publisher(self)
        self.status = Status(self._send_status)
        self.schedule: Schedule[Checked] = Schedule(self.worker, self._check, self._deliver, self._failed)
        self.edits = Edits(self)
        self.cfn_lint = CfnLint(self)
        self.survey = Survey(self)
        self.nesting = Nesting(self)
        self.progresses: dict[str, Progress] = {}
        self.features: list[Feature] = []
        self.loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread = 0
        self._held: set[str] | None = set()
        self._edited: set[str] = set()
        self._configured = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._watch: threading.Event | None = None
        self._tidying: asyncio.TimerHandle | None = None
        self.protocol.handlers = {
            "initialize": self._initialize,
            "initialized": self._initialized,
            "shutdown": self._shut_down,
            "exit": lambda _: self.protocol.exit(),
            "$/setTrace": lambda params: setattr(self.protocol, "trace", params.value),
        }

    # -- life cycle ----------------------------------------------------------------------------

    def _initialize(self, params: lsp.InitializeParams) -> Json:
        self.loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        self.process_id = params.process_id
        self.protocol.client_capabilities = params.capabilities
        self.client = Client(params.capabilities)
        self.documents.encoding = self.client.encoding
        self.analysis.client = self.client
        self.settings.begin(params, self.client)
        self.schedule.quiet = self.settings.default.debounce / 1000
        if params.process_id is not None:
            self._watch = watch(params.process_id, self._orphaned)
        capabilities: Json = {"positionEncoding": self.client.encoding}
        for make in FEATURES:
            feature = make(self)
            if feature.wanted(self.client):
                self.features.append(feature)
                merge(capabilities, feature.capabilities(self.client))
                self.protocol.handlers.update(feature.handlers())
                self.protocol.plain.update(feature.plain())
        self.protocol.initialized = True
        logging.getLogger("fsbp_lsp").addHandler(ClientLog(self._log_message))
        return {"capabilities": capabilities, "serverInfo": {"name": NAME, "version": __version__}}

    def _initialized(self, _params: Any) -> None:
        for feature in self.features:
            feature.initialized()
        self.spawn(self._begin())

    async def _begin(self) -> None:
        warm = self.worker.run(self.analysis.warm, IDLE, "\0warm")
        await self.reload_configuration(first=True)
        # Not beside the first check: Python gives up on imports of two threads that wait for each other.
        try:
            await warm
        except Exception as error:
            log.exception("the analyser cannot be loaded")
            self.status.trouble("engine", f"the analyser cannot be loaded: {error}", "error")
        held, self._held = self._held or set(), None
        self._configured.set()
        for group in held:
            self.touch(group, delay=0)
        self.survey.begin()
        self.settle()
        self.status.tell()

    async def reload_configuration(self, first: bool = False) -> None:
        """Ask the client for its settings again (if it answers such questions), then check everything open with them."""
        self.status.idle(False)
        if self.client.configuration:
            try:
                await asyncio.wait_for(self.settings.pull(self), CONFIGURATION_PATIENCE)
            except TimeoutError:
                log.warning("the client did not answer workspace/configuration")
            except Exception as error:
                log.warning("workspace/configuration: %s", error)
        self.settings_changed(check=not first)

    def settings_changed(self, check: bool = True) -> None:
        """Options or configuration files changed: what was computed with the old ones is stale."""
        self.schedule.quiet = self.settings.default.debounce / 1000
        self.settings.invalidate()
        for complaint in self.settings.take_complaints():
            log.warning("settings: %s", complaint)
        if check:
            self.publisher.refresh_due = True
            for group in self.groups():
                self.touch(group, delay=0)
            self.nesting.again()
            self.survey.again()
            self.cfn_lint.switched()
            self.settle()

    def _shut_down(self, _params: Any) -> None:
        self.protocol.begin_shutdown()
        self.cfn_lint.shut_down()
        if self._watch is not None:
            self._watch.set()

    def _orphaned(self) -> None:
        # In the watchdog's thread; the loop may be waiting for input that never comes.
        logging.shutdown()
        os._exit(1)

    # -- checking ------------------------------------------------------------------------------

    def groups(self) -> set[str]:
        return {group_of(document.path) for document in self.documents.all()}

    def settle(self) -> None:
        """After every change of the schedule: tell whether work is left, go on with what can wait, tidy up once it is quiet."""
        quiet = self.schedule.quiescent
        if quiet:
            for later in (self.nesting, self.survey):
                if not later.idle:
                    quiet = False
                    later.pump()
        self.status.idle(quiet)
        if self._tidying is not None:
            self._tidying.cancel()
            self._tidying = None
        if quiet and self.loop is not None:
            self._tidying = self.loop.call_later(COLLECT_AFTER, self._collect)

    def _collect(self) -> None:
        if memory.worth_collecting():
            _ = self.worker.run(memory.collect_young, IDLE, "\0memory")
        if self.loop is not None:
            self._tidying = self.loop.call_later(TIDY_AFTER, self._tidy)

    def _tidy(self) -> None:
        self._tidying = None
        _ = self.worker.run(memory.tidy, IDLE, "\0memory")

    def touch(self, group: str, *, delay: float | None = None, start: bool = True) -> None:
        """Something `group` depends on changed. Held back until the first configuration is known."""
        if self._held is not None:
            self._held.add(group)
            self.status.idle(False)
            return
        self._edited.add(group)
        self.schedule.touch(group, delay=delay, start=start)
        self.settle()

    async def checked(self, document: Document) -> Checked | None:
        """The state of the document's group for the text as it is now; None when it cannot be had."""
        await self._configured.wait()
        return await self.schedule.fresh(group_of(document.path))

    def require_current(self, checked: Checked) -> None:
        """Raises Reply when something in the group changed since: places in its report may have moved."""
        if self.schedule.current(checked.group) is not checked:
            raise Reply(CONTENT_MODIFIED, "the module changed meanwhile")

    def _check(self, group: str, alive: Callable[[], bool]) -> Checked | None:
        return self.analysis.check(group, alive)

    def _deliver(self, group: str, checked: Checked) -> None:
        self.status.well("check:" + group)
        if checked.troubles:
            self.status.trouble("control:" + group, checked.troubles[0])
        else:
            self.status.well("control:" + group)
        self.publisher.deliver(checked)
        self.publisher.configuration_problems(self.settings.problems())
        if checked.report is not None and checked.report.key.kind == "cloudformation":
            self.nesting.learn(checked.report.key.path, checked.nested)
            self.nesting.cover(checked.report.key.path)
        self.survey.want(group)
        if group in self._edited:
            # What this one decides about as well sees the new text a little later.
            self._edited.discard(group)
            for other in (checked.reads & self.groups()).union(self.analysis.dependents(group)):
                self.schedule.touch(other, delay=DEPENDENTS_AFTER)
            self.survey.changed_in(group)
        self.settle()

    def _failed(self, group: str, error: Exception) -> None:
        log.error("checking %s failed", group, exc_info=error)
        self.status.trouble("check:" + group, f"checking {group.partition(':')[2]} failed: {type(error).__name__}: {error}", "error")
        self.settle()

    # -- talking -------------------------------------------------------------------------------

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)  # a task nobody holds may be collected
        task.add_done_callback(self._spawned)

    def _spawned(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("internal error", exc_info=task.exception())

    def notify(self, method: str, params: Any) -> None:
        if not self.protocol.is_shut_down:
            self.protocol.send_notification(method, params)

    def _send_status(self, status: dict[str, object]) -> None:
        if self.client.status or self.settings.default.status:
            self.notify("fsbp/status", status)

    def _log_message(self, kind: int, text: str) -> None:
        if self.loop is None or self.loop.is_closed() or not self.protocol.initialized:
            return
        params = {"type": kind, "message": text}
        if threading.get_ident() == self._loop_thread:
            self.notify("window/logMessage", params)
        else:
            self.loop.call_soon_threadsafe(self.notify, "window/logMessage", params)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Instead of pygls, which would open a message box; a log line and the status are enough."""
        level = logging.INFO if isinstance(error, JsonRpcMethodNotFound) else logging.ERROR
        log.log(level, "%s: %s", type(error).__name__, error)


def merge(into: Json, more: Json) -> None:
    """Deep merge of capability objects of several features."""
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = value
