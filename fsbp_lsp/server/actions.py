"""Code actions and their resolution, always on the text as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fsbp_lsp.server import convert
from fsbp_lsp.server.features import Feature, Handler, Json
from fsbp_lsp.server.protocol import CONTENT_MODIFIED, INVALID_PARAMS, Reply
from fsbp_lsp.server.schedule import REQUEST

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lsprotocol import types as lsp

    from fsbp_lsp.ide import Action
    from fsbp_lsp.server.analysis import Checked
    from fsbp_lsp.server.client import Client
    from fsbp_lsp.server.documents import Document


class CodeActions(Feature):
    def wanted(self, client: Client) -> bool:
        return client.code_actions

    def capabilities(self, client: Client) -> Json:
        provider: Json = {"codeActionKinds": ["quickfix", "source.fixAll.fsbp"]}
        if client.resolve:
            provider["resolveProvider"] = True
        return {"codeActionProvider": provider}

    def handlers(self) -> dict[str, Handler]:
        made: dict[str, Handler] = {"textDocument/codeAction": self.offer}
        if self.server.client.resolve:
            made["codeAction/resolve"] = self.resolve
        return made

    async def offer(self, params: lsp.CodeActionParams) -> list[Json] | None:
        document = self.server.documents.get(params.text_document.uri)
        if document is None or document.lost:
            return None
        version = document.version
        checked = await self.server.checked(document)
        if checked is None or checked.report is None:
            return None
        if document.version != version:
            raise Reply(CONTENT_MODIFIED, "the document changed meanwhile")
        encoding = self.server.client.encoding
        start = document.offset(convert.point(params.range.start), encoding)
        end = document.offset(convert.point(params.range.end), encoding)
        only = [str(getattr(kind, "value", kind)) for kind in params.context.only or ()]
        sent = _sent(params.context.diagnostics, document, self.server.protocol.unstructure)
        return await self.server.worker.run(lambda: self._offer(document, version, checked, start, end, only, sent), REQUEST, checked.group)

    def _offer(
        self, document: Document, version: int, checked: Checked, start: int, end: int, only: list[str], sent: dict[str, Json]
    ) -> list[Json]:
        from fsbp_lsp import ide
        from fsbp_lsp.ide.actions import FIX_ALL

        report = checked.report
        if report is None or document.version != version:
            raise Reply(CONTENT_MODIFIED, "the document changed meanwhile")
        self.server.require_current(checked)
        notes = self.server.settings.options_for(document.path).show_unknown
        offered = ide.actions(report, document.path, start, end, only, sent, notes)
        made = [self._convert(action, document, version, checked, sent) for action in offered]
        if ide.matches_kind(FIX_ALL, only) and (only or offered):
            everything = ide.file_action(report, document.path)
            if everything is not None:
                made.append(self._convert(everything, document, version, checked, sent))
        return [action for action in made if action is not None]

    def _convert(self, action: Action, document: Document, version: int, checked: Checked, sent: dict[str, Json]) -> Json | None:
        client = self.server.client
        made: Json = {"title": action.title, "kind": action.kind}
        if action.finding is not None:
            about = sent.get(action.finding.fingerprint)
            if about is None:
                answer = checked.answers.get(document.path)
                items = answer.items if answer is not None else []
                about = next((item for item in items if item.get("data", {}).get("fingerprint") == action.finding.fingerprint), None)
            if about is not None:
                made["diagnostics"] = [about]
        elif action.explain in sent:
            made["diagnostics"] = [sent[action.explain]]
        if action.disabled:
            if not client.disabled:
                return None
            made["disabled"] = {"reason": action.disabled}
            return made
        if action.explain:
            made["command"] = {"title": action.title, "command": "fsbp.explain", "arguments": [action.explain]}
            return made if client.commands else None
        if client.asks and action.name.startswith(("ignore:", "ignore-file:")) and action.finding is not None:
            finding = action.finding
            whole = action.name.startswith("ignore-file:")
            asked = {"uri": document.uri, "fingerprint": finding.fingerprint, "control": finding.control, "file": whole}
            made["command"] = {"title": action.title, "command": "fsbp.askIgnore", "arguments": [asked]}
            return made
        if action.preferred and client.preferred:
            made["isPreferred"] = True
        if client.resolve:
            made["data"] = {
                "uri": document.uri,
                "version": version,
                "fingerprint": action.finding.fingerprint if action.finding is not None else "",
                "name": action.name,
            }
            return made
        edit = self._edit(action, document, version)
        if edit is None:
            return None
        made["edit"] = edit
        return made

    async def resolve(self, params: lsp.CodeAction) -> Json:
        if params.command is not None:
            whole: Json = self.server.protocol.unstructure(params)
            return whole  # clients resolve whatever has no edit; a command was sent whole
        data = convert.plain(params.data)
        if not isinstance(data, dict) or not {"uri", "version", "fingerprint", "name"} <= data.keys():
            raise Reply(INVALID_PARAMS, "not an action of this server")
        document = self.server.documents.get(str(data["uri"]))
        if document is None or document.version != data["version"]:
            raise Reply(CONTENT_MODIFIED, "the document changed since this was offered")
        checked = await self.server.checked(document)
        if checked is None or checked.report is None or document.version != data["version"]:
            raise Reply(CONTENT_MODIFIED, "the document changed since this was offered")
        action: Json = self.server.protocol.unstructure(params)
        # Fixing everything has an engine session of its own, and takes as long as several checks.
        key = "\0fix" if data["name"] == "fix-all" else checked.group
        action["edit"] = await self.server.worker.run(lambda: self._resolve(document, checked, data), REQUEST, key)
        return action

    def _resolve(self, document: Document, checked: Checked, data: Json) -> Json:
        from fsbp_lsp.ide.actions import FIX_ALL, Action, again

        assert checked.report is not None
        self.server.require_current(checked)
        action: Action | None
        if data["name"] == "fix-all":
            action = Action(FIX_ALL, "fix-all", "", None)
        else:
            action = again(checked.report, document.path, str(data["fingerprint"]), str(data["name"]))
        edit = self._edit(action, document, data["version"]) if action is not None else None
        if edit is None:
            raise Reply(CONTENT_MODIFIED, "the finding is gone")
        return edit

    def _edit(self, action: Action, document: Document, version: int) -> Json | None:
        """The WorkspaceEdit of an action, in the analysis thread; None when there is nothing to change."""
        if action.name == "fix-all":
            return self._fix_all(document, version)
        return self.server.edits.of(action.edits(), document.path, snippet=action.placeholders)

    def _fix_all(self, document: Document, version: int) -> Json | None:
        from fsbp_lsp.ide import minimal

        planned = self.server.analysis.fix_all(document)
        if planned is None:
            return None
        before, after = planned
        change = minimal(before, after)
        if document.version != version or before != document.data:
            raise Reply(CONTENT_MODIFIED, "the document changed meanwhile")
        if change is None:
            return None
        start, end, text = change
        encoding = self.server.client.encoding
        edit = {"range": convert.span(document.lines, start, end, encoding), "newText": text.decode("utf-8")}
        files: dict[str, tuple[str, int | None, list[Json]]] = {document.path: (document.uri, version, [edit])}
        return convert.workspace_edit(files, self.server.client.document_changes)


def _sent(diagnostics: Sequence[Any], document: Document, unstructure: Callable[[Any], Any]) -> dict[str, Json]:
    """The diagnostics as the client sent them, for ours in this document: findings by fingerprint, what is not decided by control."""
    found: dict[str, Json] = {}
    for item in diagnostics:
        data = convert.plain(item.data)
        if item.source == "fsbp" and isinstance(data, dict) and data.get("uri") == document.uri:
            name = item.code if data.get("undecided") else data.get("fingerprint")
            if isinstance(name, str):
                found[name] = unstructure(item)
    return found
