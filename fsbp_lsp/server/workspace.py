"""Folders, configuration, watched files, renames: everything that changes results without a text change."""

from __future__ import annotations

import logging
import os
import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from fsbp_lsp.server import convert
from fsbp_lsp.server.analysis import group_of
from fsbp_lsp.server.features import Feature, Handler, Json
from fsbp_lsp.server.uris import path_of

if TYPE_CHECKING:
    from lsprotocol import types as lsp

    from fsbp_lsp.server.client import Client

log = logging.getLogger(__name__)

WATCHED = (
    "**/{fsbp.toml,.fsbp.toml,pyproject.toml}",
    "**/*.{tf,tofu,tfvars}",
    "**/*.{tf,tofu,tfvars}.json",
    "**/*.{yaml,yml,json,template,cfn,cform}",
)


def register(feature: Feature, method: str, options: Json) -> str:
    """Dynamic registration; a client that refuses is only logged. The answer is the id to unregister it by."""
    id = str(uuid.uuid4())

    def answered(future: Any) -> None:
        if not future.cancelled() and future.exception() is not None:
            log.warning("the client refused to register %s: %s", method, future.exception())

    future = feature.server.protocol.send_request_plain(
        "client/registerCapability",
        {"registrations": [{"id": id, "method": method, "registerOptions": options}]},
    )
    future.add_done_callback(answered)
    return id


class Configuration(Feature):
    def handlers(self) -> dict[str, Handler]:
        return {"workspace/didChangeConfiguration": self.changed}

    def initialized(self) -> None:
        if self.server.client.register_configuration:
            register(self, "workspace/didChangeConfiguration", {"section": "fsbp"})

    def changed(self, params: lsp.DidChangeConfigurationParams) -> None:
        payload = convert.plain(params.settings)
        if self.server.client.configuration:
            # Such clients send null, or a payload without scopes: ask for the truth.
            self.server.spawn(self.server.reload_configuration())
            return
        if payload:
            self.server.settings.push(payload)
        self.server.settings_changed()


class Folders(Feature):
    def wanted(self, client: Client) -> bool:
        return client.folders

    def capabilities(self, client: Client) -> Json:
        return {"workspace": {"workspaceFolders": {"supported": True, "changeNotifications": True}}}

    def handlers(self) -> dict[str, Handler]:
        return {"workspace/didChangeWorkspaceFolders": self.changed}

    def changed(self, params: lsp.DidChangeWorkspaceFoldersParams) -> None:
        for folder in params.event.removed:
            self.server.settings.remove_folder(folder.uri)
        for folder in params.event.added:
            self.server.settings.add_folder(folder.uri)
        self.server.analysis.folders_changed()
        for feature in self.server.features:
            if isinstance(feature, WatchedFiles):
                feature.watch()
        self.server.spawn(self.server.reload_configuration())


class WatchedFiles(Feature):
    """What changes on disk. A client that can is asked to watch the workspace folders and nothing else."""

    _METHOD: ClassVar[str] = "workspace/didChangeWatchedFiles"
    _registered = ""
    _watched: tuple[str, ...] | None = None

    def handlers(self) -> dict[str, Handler]:
        return {self._METHOD: self.changed}

    def initialized(self) -> None:
        self.watch()

    def watch(self) -> None:
        """Register for the folders as they are now, in place of what was registered before."""
        client = self.server.client
        folders = self.server.settings.folder_uris() if client.relative_patterns else ()
        if not client.register_watchers or folders == self._watched:
            return
        if self._registered:
            self.server.protocol.send_request_plain(
                "client/unregisterCapability", {"unregisterations": [{"id": self._registered, "method": self._METHOD}]}
            )
        patterns: list[Any] = [{"baseUri": uri, "pattern": pattern} for uri in folders for pattern in WATCHED]
        # Without a folder there is nothing a pattern could be relative to.
        self._registered = register(self, self._METHOD, {"watchers": [{"globPattern": pattern} for pattern in patterns or WATCHED]})
        self._watched = folders

    def changed(self, params: lsp.DidChangeWatchedFilesParams) -> None:
        paths = []
        for change in params.changes:
            path = path_of(change.uri)
            if path is None:
                continue
            if int(change.type) == 3 and self.server.documents.at(path) is None:
                self.server.publisher.clear(change.uri)
                self.server.survey.gone(path.__eq__)
            paths.append(path)
        files_changed(self, paths)


def files_changed(feature: Feature, paths: list[str]) -> None:
    """Files changed on disk: read configuration again, and check what they are part of."""
    server = feature.server
    from fsbp_lsp.cloudformation.supplied import file_of
    from fsbp_lsp.ide.configure import is_configuration

    if any(is_configuration(path) for path in paths):
        server.settings_changed()
        return
    # Open documents speak for themselves; what they are on disk matters when they are closed.
    closed = {group_of(path): path for path in paths if server.documents.at(path) is None}
    for group, path in closed.items():
        if server.survey.knows(group) or server.settings.options_for(path).scope == "workspace":
            server.survey.want(group)
        server.survey.changed_in(group)
    server.nesting.look(closed.values())
    modules = any(group.startswith("dir:") for group in closed)
    # A parameter file may belong to any template.
    given = any(path == file_of(entry)[0] for path in paths for entry in server.settings.for_path(path).parameter_files)
    # Who calls or imports what may be another matter now, and a variable file may belong to any module.
    server.analysis.stirred(closed)
    resting = {other for group in closed for other in server.analysis.dependents(group)}
    for group in server.groups():
        if group in closed or group in resting or (modules and group.startswith("dir:")) or given or server.analysis.imports(group):
            server.touch(group, delay=0)


class FileOperations(Feature):
    _FILTERS: ClassVar[Json] = {"filters": [{"scheme": "file", "pattern": {"glob": "**/*"}}]}

    def wanted(self, client: Client) -> bool:
        return client.renames or client.deletes

    def capabilities(self, client: Client) -> Json:
        operations: Json = {}
        if client.renames:
            operations["didRename"] = self._FILTERS
        if client.deletes:
            operations["didDelete"] = self._FILTERS
        return {"workspace": {"fileOperations": operations}}

    def handlers(self) -> dict[str, Handler]:
        made: dict[str, Handler] = {}
        if self.server.client.renames:
            made["workspace/didRenameFiles"] = self.renamed
        if self.server.client.deletes:
            made["workspace/didDeleteFiles"] = self.deleted
        return made

    def renamed(self, params: lsp.RenameFilesParams) -> None:
        self._gone([file.old_uri for file in params.files], [file.new_uri for file in params.files])

    def deleted(self, params: lsp.DeleteFilesParams) -> None:
        self._gone([file.uri for file in params.files], [])

    def _gone(self, old: list[str], new: list[str]) -> None:
        """What stood in those files (or below those folders) goes at once."""
        paths = [path for uri in old if (path := path_of(uri)) is not None]
        for told in self.server.publisher.uris():
            at = path_of(told)
            if at is not None and any(at == path or at.startswith(path + os.sep) for path in paths):
                self.server.publisher.clear(told)
        self.server.survey.gone(lambda at: any(at == path or at.startswith(path + os.sep) for path in paths))
        files_changed(self, [*paths, *(path for uri in new if (path := path_of(uri)) is not None)])
