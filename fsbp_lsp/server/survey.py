"""The second phase: what nobody has open, checked while nobody waits.

One group at a time, the newest first. Work stops where it can as soon as somebody waits for something else,
and begins again when it is quiet. What is found is told file by file; texts are those on disk.
"""

from __future__ import annotations

import asyncio
import logging
import os
from typing import TYPE_CHECKING, Any

from fsbp_lsp.server.schedule import IDLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fsbp_lsp.server.app import Server
    from fsbp_lsp.server.convert import Answer

log = logging.getLogger(__name__)

REST = 0.3
"""Seconds of quiet before idle work begins."""
STEPS = 200
"""Steps of a walk through folders at a time, so that it can be interrupted."""


class Survey:
    """answers: what is known about closed files that have findings, by path.

    changed: set whenever `answers` changes or the work ends; those who wait for it clear it.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self.answers: dict[str, Answer] = {}
        self.changed = asyncio.Event()
        self.epoch = 0
        """Grows when everything known became doubtful: settings or folders changed."""
        self.done = 0
        """Groups looked at since the last walk began."""
        self._groups: dict[str, set[str]] = {}
        self._reads: dict[str, set[str]] = {}
        self._asked = False
        self._pending: dict[str, None] = {}
        self._walk: Iterator[str | None] | None = None
        self._running: asyncio.Future[Any] | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def idle(self) -> bool:
        """Nothing to do, and nothing that could not be begun yet."""
        return self._running is None and self._walk is None and not self._pending

    @property
    def waiting(self) -> int:
        return len(self._pending)

    def begin(self, asked: bool = False) -> None:
        """Walk through the folders whose scope is the workspace; all of them when somebody asked for that."""
        self._asked = self._asked or asked
        folders = [folder for folder in self._server.settings.folders if self._asked or self._scope(folder) == "workspace"]
        self.done = 0
        for folder in folders:
            self._server.nesting.cover(os.path.join(folder, "template"))
        self._walk = self._server.analysis.workspace(folders) if folders else None
        self.pump()

    def stop(self) -> None:
        """What has not begun is not wanted any more."""
        self._walk = None
        self._pending.clear()
        self._settled()

    def again(self) -> None:
        """Settings changed: everything known is doubtful."""
        self.epoch += 1
        self._pending.clear()
        open_now = self._server.groups()
        for group in [group for group in self._groups if group not in open_now]:
            self._forget(group)
        for group in [group for group in self._groups if self._of(group) == "openFiles"]:
            self._forget(group)
        self.changed.set()
        self.begin()

    def want(self, group: str) -> None:
        """Something the closed files of `group` depend on changed (or they were never looked at)."""
        open_now = group in self._server.groups()
        if self._of(group) == "openFiles" or not (open_now or group in self._groups or self._of(group) == "workspace"):
            return
        self._pending.pop(group, None)
        self._pending[group] = None  # the newest comes last, and first
        self.pump()

    def changed_in(self, group: str) -> None:
        """Files of `group` changed: closed groups that read from there are looked at again."""
        for other in [other for other, read in self._reads.items() if other != group and group in read]:
            self.want(other)

    def closed(self, group: str) -> None:
        """The last document of `group` was closed."""
        if self._of(group) == "workspace" or self._asked:
            self._groups.setdefault(group, set())
            self.want(group)
        else:
            self._pending.pop(group, None)
            self._forget(group)

    def opened(self, path: str) -> None:
        """A document opened: from now on its own checks speak for it."""
        self._tell(path, None)

    def gone(self, inside: Callable[[str], bool]) -> None:
        """Files were deleted or renamed."""
        for path in [path for path in self.answers if inside(path)]:
            self._tell(path, None)

    def knows(self, group: str) -> bool:
        return group in self._groups

    def pump(self) -> None:
        """Begin, when it has been quiet for a moment. Called whenever that may have changed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self.idle:
            self._server.status.idle(False)
        if self._running is None and not self.idle and self._server.loop is not None:
            self._timer = self._server.loop.call_later(REST if not self._asked else 0, self._begin)

    def _begin(self) -> None:
        self._timer = None
        if self._running is not None or self.idle or self._server.loop is None:
            return
        if self._server.worker.pressing or not self._server.schedule.quiescent:
            # Somebody waits for something else; not everything tells when it has ended.
            self._timer = self._server.loop.call_later(REST, self._begin)
        elif self._pending:
            group, _ = self._pending.popitem()
            self._look(group)
        else:
            self._step()

    def _look(self, group: str) -> None:
        server, worker = self._server, self._server.worker
        checked = server.schedule.current(group)
        if checked is None and group in server.groups():
            self._finished()
            return  # wanted again with the next result
        epoch = self.epoch

        def alive() -> bool:
            return not worker.pressing and self.epoch == epoch

        def work() -> tuple[dict[str, Answer], set[str]] | None:
            # What an open group reads is noted with its own checks.
            return (server.analysis.others(checked), set()) if checked is not None else server.analysis.survey(group, alive)

        def finish(done: asyncio.Future[tuple[dict[str, Answer], set[str]] | None]) -> None:
            self._running = None
            if done.cancelled() or self.epoch != epoch:
                self._finished()
                return
            if done.exception() is not None:
                log.error("looking at %s failed", group, exc_info=done.exception())
            elif (found := done.result()) is None:
                self._pending.setdefault(group)  # interrupted: later
            elif checked is None or server.schedule.current(group) is checked:
                self.done += 1
                answers, self._reads[group] = found
                self._take(group, answers)
            self._finished()

        running = worker.run(work, IDLE, group)
        self._running = running
        running.add_done_callback(finish)

    def _step(self) -> None:
        """The next groups of the walk."""
        walk, worker = self._walk, self._server.worker
        assert walk is not None

        def work() -> list[str] | None:
            found: list[str] = []
            for _ in range(STEPS):
                if worker.pressing:
                    return found
                try:
                    group = next(walk)
                except StopIteration:
                    return None if not found else [*found, ""]
                if group is not None:
                    found.append(group)
            return found

        def finish(done: asyncio.Future[list[str] | None]) -> None:
            self._running = None
            if self._walk is walk:
                failed = done.cancelled() or done.exception() is not None
                if failed and not done.cancelled():
                    log.error("a folder cannot be walked", exc_info=done.exception())
                found = None if failed else done.result()
                if found is None or "" in found:
                    self._walk = None
                for group in reversed([group for group in found or () if group]):
                    self._groups.setdefault(group, set())
                    # Behind what changed since.
                    self._pending = {group: None, **self._pending} if group not in self._pending else self._pending
            self._finished()

        running = worker.run(work, IDLE, "\0walk")
        self._running = running
        running.add_done_callback(finish)

    def _finished(self) -> None:
        if self.idle:
            self._settled()
        elif self._running is None:
            self._begin()

    def _settled(self) -> None:
        self._asked = False if self.idle else self._asked
        self.changed.set()
        self._server.settle()

    def _take(self, group: str, found: dict[str, Answer]) -> None:
        before = self._groups.get(group, set())
        self._groups[group] = set(found)
        for path in before - found.keys():
            self._tell(path, None)
        for path, answer in found.items():
            if self._server.documents.at(path) is None:
                self._tell(path, answer)
        self.changed.set()

    def _forget(self, group: str) -> None:
        self._reads.pop(group, None)
        for path in self._groups.pop(group, ()):
            self._tell(path, None)

    def _tell(self, path: str, answer: Answer | None) -> None:
        before = self.answers.pop(path, None)
        if answer is not None:
            self.answers[path] = answer
        if before is not None or answer is not None:
            self._server.publisher.closed_file(path, answer)
            self.changed.set()

    def _of(self, group: str) -> str:
        kind, _, path = group.partition(":")
        return self._scope(path + "/main.tf" if kind == "dir" else path)

    def _scope(self, path: str) -> str:
        return self._server.settings.options_for(path).scope
