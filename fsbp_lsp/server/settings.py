"""Settings per folder: what the editor says, joined with the configuration file closest to a document.

The options half is written by the event loop, the file half runs in the analysis thread; they meet in
`_stale` and in dictionaries that are replaced, never changed.
"""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING, Any

from fsbp_lsp.server.options import SECTION, Options, read_options
from fsbp_lsp.server.uris import is_stand_in, path_of, uri_of

if TYPE_CHECKING:
    from fsbp_lsp.config import ConfigError, Configuration, Settings
    from fsbp_lsp.ide import Severities
    from fsbp_lsp.server.app import Server
    from fsbp_lsp.server.client import Client

log = logging.getLogger(__name__)


class ConfigurationProblem:
    """A configuration file that cannot be used. line: 1-based, 0 when there is none. width: of that line."""

    __slots__ = ("line", "message", "path", "width")

    def __init__(self, path: str, line: int, message: str, width: int) -> None:
        self.path = path
        self.line = line
        self.message = message
        self.width = width


class SettingsSource:
    def __init__(self) -> None:
        self.default = Options()
        self._initial = Options()
        self._folders: dict[str, str] = {}
        self._by_folder: dict[str, Options] = {}
        self._complaints: list[str] = []
        # The analysis thread's half.
        self._reading = threading.Lock()
        self._stale = False
        self._configurations: dict[tuple[Any, ...], tuple[Configuration, Configuration | None]] = {}
        self._settings: dict[tuple[str, str], Settings] = {}
        self._good: dict[tuple[str, str], Settings] = {}
        self._problems: dict[str, ConfigurationProblem] = {}
        self._severities: dict[tuple[Any, ...], Severities] = {}

    # -- the event loop's half -------------------------------------------------------------------

    def begin(self, params: Any, client: Client) -> None:
        """Folders and options of `initialize`."""
        folders = [folder.uri for folder in params.workspace_folders or ()]
        if not folders:
            if params.root_uri:
                folders = [params.root_uri]
            elif params.root_path:
                folders = [uri_of(os.path.abspath(params.root_path))]
        for uri in folders:
            self.add_folder(uri)
        self._initial = self.default = read_options(params.initialization_options, self._complaints)

    def add_folder(self, uri: str) -> None:
        path = path_of(uri)
        if path is not None:
            self._folders = {**self._folders, path: uri}

    def folder_uris(self) -> tuple[str, ...]:
        """The workspace folders, as the client spells them."""
        return tuple(self._folders.values())

    def remove_folder(self, uri: str) -> None:
        path = path_of(uri)
        self._folders = {known: spelled for known, spelled in self._folders.items() if known != path}
        self._by_folder = {known: options for known, options in self._by_folder.items() if known != path}

    async def pull(self, server: Server) -> None:
        """Ask the client for section `fsbp`, once for each folder and once for everything else."""
        import asyncio

        folders = dict(self._folders)
        items: list[dict[str, Any]] = [{"scopeUri": uri, "section": SECTION} for uri in folders.values()]
        items.append({"section": SECTION})
        answer = await asyncio.wrap_future(server.protocol.send_request_plain("workspace/configuration", {"items": items}))
        if not isinstance(answer, (list, tuple)) or len(answer) != len(items):
            log.warning("workspace/configuration: expected %s answers", len(items))
            return
        self.default = read_options(answer[-1], self._complaints, self._initial)
        self._by_folder = {path: read_options(one, self._complaints, self._initial) for path, one in zip(folders, answer, strict=False)}

    def push(self, payload: Any) -> None:
        """Settings that came with `workspace/didChangeConfiguration`."""
        self.default = read_options(payload, self._complaints, self._initial)
        self._by_folder = {}

    def take_complaints(self) -> list[str]:
        taken, self._complaints = list(dict.fromkeys(self._complaints)), []
        return taken

    def invalidate(self) -> None:
        """Configuration files are read again when next needed."""
        self._stale = True

    def folder_of(self, path: str) -> str:
        """The innermost workspace folder of a path, '' when it is in none."""
        inside = [folder for folder in self._folders if path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)]
        return max(inside, key=len, default="")

    @property
    def folders(self) -> list[str]:
        """Paths of the workspace folders."""
        return list(self._folders)

    def options_for(self, path: str) -> Options:
        return self._by_folder.get(self.folder_of(path), self.default)

    def problems(self) -> list[ConfigurationProblem]:
        return list(self._problems.values())

    def described(self) -> list[tuple[str, str]]:
        """(folder, where its settings come from), for debugInfo."""
        return [(folder, self.source_of(os.path.join(folder, "main.tf"))) for folder in self._folders]

    # -- the analysis thread's half --------------------------------------------------------------

    def for_path(self, path: str) -> Settings:
        """Settings of a file. Never raises: a broken file is a problem to show, and what held before goes on."""
        with self._reading:
            return self._for_path(path)

    def _for_path(self, path: str) -> Settings:
        if self._stale:
            self._stale = False
            self._configurations.clear()
            self._settings.clear()
            self._severities.clear()
            self._problems = {}
        folder = self.folder_of(path)
        place = (folder, os.path.dirname(path))
        known = self._settings.get(place)
        if known is not None:
            return known
        from fsbp_lsp.config import ConfigError, Settings

        try:
            settings = self._good[place] = self._read(path, folder, self.options_for(path))
        except ConfigError as error:
            self._problem(error)
            settings = self._good.get(place) or Settings()
        self._settings[place] = settings
        return settings

    def _read(self, path: str, folder: str, options: Options) -> Settings:
        key = (folder, *options.key(), is_stand_in(path))
        held = self._configurations.get(key)
        if held is None:
            held = self._configurations[key] = self._configure(folder, options, is_stand_in(path))
        first, fallback = held
        settings = first.settings_for(path)
        # filesystemFirst: the editor's keys only count where there is no file.
        return settings if fallback is None or settings.source else fallback.settings_for(path)

    def _configure(self, folder: str, options: Options, alone: bool) -> tuple[Configuration, Configuration | None]:
        from fsbp_lsp.config import Configuration
        from fsbp_lsp.config.read import Layer
        from fsbp_lsp.controls.registry import parameters

        base = folder or os.getcwd()
        file = os.path.join(base, os.path.expanduser(options.configuration)) if options.configuration else ""
        layers = [Layer("editor settings", dict(options.settings), base)] if options.settings else []
        if options.preference == "editorOnly" or alone:
            return Configuration(isolated=True, overrides=layers, parameters=parameters), None
        if options.preference == "filesystemFirst":
            return (
                Configuration(file=file, parameters=parameters),
                Configuration(isolated=True, overrides=layers, parameters=parameters) if layers else None,
            )
        return Configuration(file=file, overrides=layers, parameters=parameters), None

    def _problem(self, error: ConfigError) -> None:
        path = os.path.abspath(error.source)
        if not os.path.isfile(path):
            log.warning("%s", error)
            return
        width = 0
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                for number, line in enumerate(file, 1):
                    if number == max(1, error.line):
                        width = len(line.rstrip("\r\n"))
                        break
        except OSError:
            log.debug("%s cannot be read again", path)
        if path not in self._problems:
            log.error("%s", error)
        self._problems = {**self._problems, path: ConfigurationProblem(path, error.line, error.reason, width)}

    def severities(self, path: str) -> Severities:
        """How the user wants findings of this file shown."""
        from fsbp_lsp.ide import Severities

        options = self.options_for(path)
        key = tuple(sorted(options.severity.items()))
        made = self._severities.get(key)
        if made is None:
            made = self._severities[key] = Severities(options.severity)
        return made

    def source_of(self, path: str) -> str:
        """The configuration file a path is judged by, for people."""
        source = self.for_path(path).source
        return source or "built-in defaults"
