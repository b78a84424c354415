"""Inlay hints and code lenses, for those who switch them on (`inlayHints`, `codeLenses`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsbp_lsp.server import convert
from fsbp_lsp.server.features import Feature, Handler, Json
from fsbp_lsp.server.schedule import REQUEST

if TYPE_CHECKING:
    from lsprotocol import types as lsp

    from fsbp_lsp.server.analysis import Checked
    from fsbp_lsp.server.client import Client
    from fsbp_lsp.server.documents import Document


class InlayHints(Feature):
    def wanted(self, client: Client) -> bool:
        return client.inlay_hints

    def capabilities(self, client: Client) -> Json:
        return {"inlayHintProvider": {"resolveProvider": False}}

    def handlers(self) -> dict[str, Handler]:
        return {"textDocument/inlayHint": self.hints}

    async def hints(self, params: lsp.InlayHintParams) -> list[Json] | None:
        server = self.server
        document = server.documents.get(params.text_document.uri)
        if document is None or document.lost or not server.settings.options_for(document.path).inlay_hints:
            return None
        encoding = server.client.encoding
        start = document.offset(convert.point(params.range.start), encoding)
        end = document.offset(convert.point(params.range.end), encoding)
        version = document.version
        checked = await server.checked(document)
        if checked is None or document.version != version:
            return None  # asked again with the next text
        return await server.worker.run(lambda: self._hints(document, checked, start, end), REQUEST, checked.group)

    def _hints(self, document: Document, checked: Checked, start: int, end: int) -> list[Json] | None:
        from fsbp_lsp.ide.hints import hints

        if checked.report is None:
            return None
        self.server.require_current(checked)
        return [
            {
                "position": convert.span(document.lines, hint.at, hint.at, self.server.client.encoding)["start"],
                "label": f"⟨{hint.label}⟩",
                "tooltip": hint.tooltip,
                "paddingLeft": True,
            }
            for hint in hints(checked.report, document.path, start, end)
        ]


class CodeLenses(Feature):
    def wanted(self, client: Client) -> bool:
        return client.code_lens and client.commands

    def capabilities(self, client: Client) -> Json:
        return {"codeLensProvider": {"resolveProvider": False}}

    def handlers(self) -> dict[str, Handler]:
        return {"textDocument/codeLens": self.lenses}

    async def lenses(self, params: lsp.CodeLensParams) -> list[Json] | None:
        server = self.server
        document = server.documents.get(params.text_document.uri)
        if document is None or document.lost or not server.settings.options_for(document.path).code_lenses:
            return None
        version = document.version
        checked = await server.checked(document)
        if checked is None or document.version != version:
            return None
        return await server.worker.run(lambda: self._lenses(document, checked), REQUEST, checked.group)

    def _lenses(self, document: Document, checked: Checked) -> list[Json] | None:
        from fsbp_lsp.ide.hints import lenses

        if checked.report is None:
            return None
        self.server.require_current(checked)
        return [
            {
                "range": convert.span(document.lines, lens.at.start, lens.at.end, self.server.client.encoding),
                "command": {
                    "title": lens.title,
                    # Without a fix there is nothing to run; an empty command is only shown.
                    "command": "fsbp.fixResource" if lens.fixable else "",
                    "arguments": [{"uri": document.uri, "address": lens.address}],
                },
            }
            for lens in lenses(checked.report, document.path)
        ]
