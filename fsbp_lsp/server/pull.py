"""`textDocument/diagnostic`, for clients that ask instead of being told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsbp_lsp.server import convert
from fsbp_lsp.server.features import Feature, Handler, Json
from fsbp_lsp.server.protocol import SERVER_CANCELLED, Ready, Reply

if TYPE_CHECKING:
    from fsbp_lsp.server.client import Client


class PullDiagnostics(Feature):
    def wanted(self, client: Client) -> bool:
        return client.pull

    def capabilities(self, client: Client) -> Json:
        return {"diagnosticProvider": {"identifier": "fsbp", "interFileDependencies": True}}

    def handlers(self) -> dict[str, Handler]:
        return {"textDocument/diagnostic": self.pull}

    def plain(self) -> tuple[str, ...]:
        return ("textDocument/diagnostic",)

    async def pull(self, params: Json) -> Json | Ready:
        server = self.server
        document = server.documents.get(convert.uri_in(params))
        if document is None or document.lost:
            return {"kind": "full", "items": []}
        version = document.version
        server.publisher.pulling(document.uri, 1)
        try:
            checked = await server.checked(document)
        finally:
            server.publisher.pulling(document.uri, -1)
        if document.version != version:
            raise Reply(SERVER_CANCELLED, "the document changed meanwhile", {"retriggerRequest": True})
        answer = checked.answers.get(document.path) if checked is not None else None
        if answer is not None:
            answer = server.publisher.joined(answer)
        if answer is None:
            return {"kind": "full", "items": []}
        server.publisher.pulled(document.uri, answer.digest)
        if params.get("previousResultId") == answer.digest:
            return {"kind": "unchanged", "resultId": answer.digest}
        return Ready(f'{{"kind":"full","resultId":"{answer.digest}","items":{answer.text}}}')
