"""Text synchronisation: open, change, save, close, all on our own text model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsbp_lsp.server.analysis import group_of
from fsbp_lsp.server.features import Feature, Handler, Json
from fsbp_lsp.server.schedule import CHECK

if TYPE_CHECKING:
    from lsprotocol import types as lsp

    from fsbp_lsp.server.client import Client
    from fsbp_lsp.server.documents import Change


class TextSync(Feature):
    def capabilities(self, client: Client) -> Json:
        return {"textDocumentSync": {"openClose": True, "change": 2, "save": {"includeText": False}}}

    def handlers(self) -> dict[str, Handler]:
        return {
            "textDocument/didOpen": self.opened,
            "textDocument/didChange": self.changed,
            "textDocument/didSave": self.saved,
            "textDocument/didClose": self.closed,
        }

    def plain(self) -> tuple[str, ...]:
        return ("textDocument/didChange",)

    def opened(self, params: lsp.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        document = self.server.documents.open(item.uri, item.language_id, item.version, item.text)
        self.server.survey.opened(document.path)
        # A pulling client asks by itself; the others in the group may have changed with this text, though.
        self.server.touch(group_of(document.path), delay=0, start=self._pushes(document.path))

    def changed(self, params: Json) -> None:
        identifier = params["textDocument"]
        changes = [_change(change) for change in params["contentChanges"]]
        document = self.server.documents.change(identifier["uri"], identifier["version"], changes)
        if document is None:
            return
        self.server.publisher.changed(document.uri)
        self.server.cfn_lint.changed(document.path)
        options = self.server.settings.options_for(document.path)
        self.server.touch(
            group_of(document.path),
            delay=options.debounce / 1000,
            start=options.trigger == "onType" and self._pushes(document.path),
        )

    def saved(self, params: lsp.DidSaveTextDocumentParams) -> None:
        from fsbp_lsp.ide.configure import is_configuration

        document = self.server.documents.get(params.text_document.uri)
        if document is not None and is_configuration(document.path):
            self.server.settings_changed()  # a client that watches no files still says what it saves
        elif document is not None:
            group = group_of(document.path)
            self.server.analysis.stirred((group,))
            self.server.touch(group, delay=0, start=self._pushes(document.path))
            for other in self.server.groups() - {group}:
                if group.startswith("file:") and self.server.analysis.imports(other):
                    self.server.touch(other, delay=0)
            self.server.cfn_lint.saved(document)

    def closed(self, params: lsp.DidCloseTextDocumentParams) -> None:
        document = self.server.documents.close(params.text_document.uri)
        if document is None:
            return
        self.server.publisher.clear(document.uri)
        self.server.cfn_lint.changed(document.path)
        group = group_of(document.path)
        if group in self.server.groups():
            self.server.touch(group, delay=0)  # the disk may hold another text than the buffer did
        else:
            self.server.schedule.forget(group)
            _ = self.server.worker.run(lambda: self.server.analysis.forget(group), CHECK, group)
            self.server.survey.closed(group)
            self.server.nesting.look((document.path,))

    def _pushes(self, path: str) -> bool:
        """Whether a check must be started from here: for a pulling client only when other open documents share the group."""
        if not self.server.client.pull:
            return True
        group = group_of(path)
        return any(document.path != path and group_of(document.path) == group for document in self.server.documents.all())


def _change(change: Json) -> Change:
    span = change.get("range")
    text = change["text"]
    if not isinstance(text, str):
        raise TypeError("the text of a change is a string")
    return (None if span is None else (_point(span["start"]), _point(span["end"]))), text


def _point(position: Json) -> tuple[int, int]:
    return int(position["line"]), int(position["character"])
