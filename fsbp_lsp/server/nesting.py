"""Which templates of the workspace nest which: looked for when it is quiet, kept up as templates are checked.

A template is judged by itself and as nested stacks of others deploy it, as on the command line when all of them are
named. The first result never waits for this: it is judged again once somebody who deploys it is known.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

from fsbp_lsp.files import DiskFiles, OverlayFiles, ReadError
from fsbp_lsp.server.schedule import IDLE

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable, Iterator

    from fsbp_lsp.server.app import Server

log = logging.getLogger(__name__)

STEPS = 100
"""Files looked at in one go."""
MAX_FILES = 20_000
"""Templates and what may be one that are looked through below a folder; what only later ones nest counts as nobody's."""


class Nested:
    """Template → those that its nested stacks deploy, at all depths. Read by analysis threads; replaced, never changed."""

    def __init__(self) -> None:
        self._below: dict[str, frozenset[str]] = {}

    def above(self, path: str) -> frozenset[str]:
        """The templates that deploy this one, themselves or through others."""
        below, pending = self._below, [path]
        found: set[str] = set()
        while pending:
            at = pending.pop()
            more = {one for one, nested in below.items() if at in nested} - found - {path}
            found |= more
            pending.extend(more)
        return frozenset(found)

    def learn(self, path: str, nested: frozenset[str]) -> frozenset[str]:
        """What a template deploys now. The answer: the templates for which that is news."""
        before = self._below.get(path, frozenset())
        if nested != before:
            self._below = {**self._below, path: nested}
        return nested ^ before

    def forget(self) -> None:
        self._below = {}


class Nesting:
    """The search. Runs as idle work, a few files at a time, and stops as soon as somebody waits for something else."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._covered: dict[str, None] = {}
        self._folders: list[str] = []
        self._paths: dict[str, None] = {}
        self._walk: Iterator[str] | None = None
        self._running: asyncio.Future[Any] | None = None

    @property
    def idle(self) -> bool:
        return self._running is None and self._walk is None and not self._folders and not self._paths

    def cover(self, path: str) -> None:
        """A template is of interest: what may deploy it is looked for in its repository, once."""
        folder = self._server.settings.folder_of(path)
        if not folder:
            return  # nobody said where to look
        project = self._server.analysis.files.project(os.path.dirname(path))
        # No nested stack leads out of its repository.
        top = project if project is not None and _inside(project, folder) else folder
        if not any(_inside(top, known) for known in self._covered):
            self._covered[top] = None
            self._folders.append(top)
            self.pump()

    def look(self, paths: Iterable[str]) -> None:
        """Files changed on disk, or an editor's text no longer counts."""
        from fsbp_lsp.engine.discover import TEMPLATE_ENDINGS

        for path in paths:
            if path.endswith(TEMPLATE_ENDINGS) and any(_inside(path, folder) for folder in self._covered):
                self._paths[path] = None
        self.pump()

    def learn(self, path: str, nested: frozenset[str]) -> None:
        """A template was read: those that it newly deploys, or no longer, are judged again."""
        server = self._server
        for news in server.analysis.nested.learn(path, nested):
            group = "file:" + news
            if group in server.groups():
                server.schedule.touch(group, delay=0)
            elif server.survey.knows(group):
                server.survey.want(group)

    def again(self) -> None:
        """Folders or settings changed: what is excluded may be another matter now."""
        self._server.analysis.nested.forget()
        self._paths.clear()
        self._walk = None
        self._folders = [top for top in self._covered if self._server.settings.folder_of(os.path.join(top, "template"))]
        self._covered = dict.fromkeys(self._folders)
        self.pump()

    def pump(self) -> None:
        """Go on, when nothing else is going on. Called whenever that may have changed."""
        server = self._server
        if self.idle:
            return
        server.status.idle(False)
        if self._running is not None or server.loop is None or not server.schedule.quiescent:
            return
        if self._walk is None and not self._paths and self._folders:
            self._walk = self._files(self._folders.pop())
        walk, paths = self._walk, list(self._paths)[:STEPS]
        for path in paths:
            del self._paths[path]  # one that changes meanwhile is looked at again
        running = server.worker.run(lambda: self._step(paths, walk), IDLE, "\0nesting")
        self._running = running
        running.add_done_callback(lambda done: self._finish(paths, walk, done))

    def _finish(self, paths: list[str], walk: Iterator[str] | None, done: asyncio.Future[tuple[dict[str, frozenset[str]], bool]]) -> None:
        self._running = None
        if done.cancelled() or self._walk is not walk:
            pass  # begun again meanwhile
        elif (error := done.exception()) is not None:
            log.error("looking for nested stacks failed", exc_info=error)
            self._walk = None
        else:
            found, ended = done.result()
            if ended:
                self._walk = None
            self._paths.update(dict.fromkeys(path for path in paths if path not in found))
            for path, nested in found.items():
                self.learn(path, nested)
        self._server.settle()

    # -- the analysis thread's half --------------------------------------------------------------

    def _step(self, paths: list[str], walk: Iterator[str] | None) -> tuple[dict[str, frozenset[str]], bool]:
        """(what each of the next files deploys, whether the walk has ended)."""
        found: dict[str, frozenset[str]] = {}
        for path in paths:
            if self._server.worker.pressing:
                return found, False
            found[path] = self._look(path)
        if walk is None:
            return found, True
        for _ in range(STEPS - len(paths)):
            if self._server.worker.pressing:
                return found, False
            path = next(walk, "")
            if not path:
                return found, True
            nested = self._look(path)
            if nested:
                found[path] = nested
        return found, False

    def _files(self, folder: str) -> Iterator[str]:
        from fsbp_lsp.engine.discover import TEMPLATE_ENDINGS

        settings = self._server.settings
        left = MAX_FILES
        for path in DiskFiles().walk(folder, lambda path: settings.for_path(path).excluded(path)):
            if path.endswith(TEMPLATE_ENDINGS):
                left -= 1
                if left < 0:
                    return
                yield path

    def _look(self, path: str) -> frozenset[str]:
        """The templates that nested stacks of this file deploy. Nothing of what is read is kept."""
        from fsbp_lsp.cloudformation.load import may_nest
        from fsbp_lsp.engine.check import Session
        from fsbp_lsp.engine.discover import ModuleKey

        server = self._server
        files = OverlayFiles(DiskFiles(), server.documents.overlay)
        if server.settings.for_path(path).excluded(path):
            return frozenset()
        try:
            if not may_nest(files.read(path)):
                return frozenset()
        except (OSError, ReadError):
            return frozenset()
        session = Session(files, server.settings.for_path)
        return frozenset(key.path for key in session.nest((ModuleKey("cloudformation", path),)))


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
