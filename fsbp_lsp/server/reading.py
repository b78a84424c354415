"""Hover and completion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsbp_lsp.server import convert
from fsbp_lsp.server.analysis import group_of
from fsbp_lsp.server.features import Feature, Handler, Json
from fsbp_lsp.server.schedule import REQUEST

if TYPE_CHECKING:
    from lsprotocol import types as lsp

    from fsbp_lsp.ide import Item
    from fsbp_lsp.server.client import Client
    from fsbp_lsp.text import LineIndex


class Hover(Feature):
    def wanted(self, client: Client) -> bool:
        return client.hover

    def capabilities(self, client: Client) -> Json:
        return {"hoverProvider": True}

    def handlers(self) -> dict[str, Handler]:
        return {"textDocument/hover": self.hover}

    async def hover(self, params: lsp.HoverParams) -> Json | None:
        server = self.server
        document = server.documents.get(params.text_document.uri)
        if document is None or document.lost:
            return None
        lines, encoding = document.lines, server.client.encoding
        offset = document.offset(convert.point(params.position), encoding)
        checked = await server.checked(document)
        if document.lines is not lines:
            return None  # the text is another one by now
        report = checked.report if checked is not None else None

        def look() -> Json | None:
            from fsbp_lsp import ide
            from fsbp_lsp.ide import configure

            if configure.is_configuration(document.path):
                found = configure.hover(document.path, lines, offset)
            else:
                found = ide.hover(report, document.path, lines, offset)
            if found is None:
                return None
            if server.client.markdown:
                contents = {"kind": "markdown", "value": found.markdown}
            else:
                contents = {"kind": "plaintext", "value": found.plain}
            return {"contents": contents, "range": convert.span(lines, found.start, found.end, encoding)}

        return await server.worker.run(look, REQUEST, group_of(document.path))


class Completion(Feature):
    def wanted(self, client: Client) -> bool:
        return client.completion

    def capabilities(self, client: Client) -> Json:
        return {"completionProvider": {"triggerCharacters": [" ", ",", ":", '"'], "resolveProvider": False}}

    def handlers(self) -> dict[str, Handler]:
        return {"textDocument/completion": self.complete}

    async def complete(self, params: lsp.CompletionParams) -> Json | None:
        server = self.server
        document = server.documents.get(params.text_document.uri)
        if document is None or document.lost:
            return None
        lines, encoding = document.lines, server.client.encoding
        offset = document.offset(convert.point(params.position), encoding)
        from fsbp_lsp.ide import configure
        from fsbp_lsp.ide.complete import complete, wanted

        if configure.is_configuration(document.path):
            items = await server.worker.run(lambda: configure.complete(document.path, lines, offset), REQUEST, group_of(document.path))
            return self._list(items, lines, encoding)
        if not wanted(lines, offset):
            return None  # nearly every space typed ends here
        checked = await server.checked(document)
        report = checked.report if checked is not None else None
        items = await server.worker.run(lambda: complete(report, document.path, lines, offset), REQUEST, group_of(document.path))
        return self._list(items, lines, encoding)

    def _list(self, items: list[Item], lines: LineIndex, encoding: str) -> Json | None:
        if not items:
            return None
        return {
            "isIncomplete": False,
            "items": [
                {
                    "label": item.label,
                    "kind": 14 if item.label.startswith("fsbp:") else 20,
                    "detail": item.detail,
                    "sortText": f"{0 if item.first else 1}{number:04d}",
                    "filterText": item.label,
                    "preselect": item.first and number == 0,
                    "textEdit": {"range": convert.span(lines, item.start, item.end, encoding), "newText": item.text},
                }
                for number, item in enumerate(items)
            ],
        }
