"""`workspace/diagnostic`: everything known about files, streamed, and then held until there is news.

A client asks again as soon as it has its answer. Answering "unchanged" at once would keep both sides busy for
ever, so a question without news waits; news come in batches as partial results where the client takes them.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from fsbp_lsp.server import convert
from fsbp_lsp.server.analysis import group_of
from fsbp_lsp.server.features import Feature, Handler, Json
from fsbp_lsp.server.progress import Progress
from fsbp_lsp.server.protocol import SERVER_CANCELLED, Ready, Reply

if TYPE_CHECKING:
    from lsprotocol import types as lsp

    from fsbp_lsp.server.client import Client

BATCH = 0.05
"""Seconds between two partial results."""
NOTHING = "none"
"""The result id of a file without findings, as `convert.Answer` has it."""


class PullWorkspace(Feature):
    def wanted(self, client: Client) -> bool:
        return client.pull

    def capabilities(self, client: Client) -> Json:
        return {"diagnosticProvider": {"workspaceDiagnostics": True}}

    def handlers(self) -> dict[str, Handler]:
        return {"workspace/diagnostic": self.pull}

    async def pull(self, params: lsp.WorkspaceDiagnosticParams) -> Ready:
        server, survey = self.server, self.server.survey
        if not server.publisher.workspace_pulled:
            server.publisher.hand_over()
        known = {previous.uri: previous.value for previous in params.previous_result_ids}
        token = convert.plain(params.partial_result_token)
        progress = Progress(server, "Checking the workspace", convert.plain(params.work_done_token))
        epoch, told = survey.epoch, False
        try:
            while True:
                survey.changed.clear()
                news = self._news(known)
                if news and token is not None:
                    told = True
                    self._stream(token, news)
                elif news and survey.idle:
                    return _answer(news)
                if told and survey.idle:
                    return _answer({})
                if not survey.idle:
                    progress.report(f"{survey.done} modules, {survey.waiting} to go")
                if token is not None:
                    known.update({uri: digest for uri, (digest, _text) in news.items()})
                    await asyncio.sleep(BATCH if not survey.idle else 0)
                await survey.changed.wait()
                if survey.epoch != epoch:
                    raise Reply(SERVER_CANCELLED, "settings or folders changed", {"retriggerRequest": True})
        finally:
            progress.end()

    def _news(self, known: dict[str, str]) -> dict[str, tuple[str, str]]:
        """URI → (result id, report) of the files about which the client knows something else."""
        server = self.server
        now: dict[str, tuple[str, int | None, str]] = {}
        for path, answer in server.survey.answers.items():
            now[convert.default_uri(path)] = (answer.digest, None, answer.text)
        for document in server.documents.all():
            checked = server.schedule.current(group_of(document.path))
            open_answer = checked.answers.get(document.path) if checked is not None else None
            if open_answer is not None and open_answer.version == document.version:
                joined = server.publisher.joined(open_answer)
                now[document.uri] = (joined.digest, document.version, joined.text)
        open_uris = {document.uri for document in server.documents.all()}
        for uri, digest in known.items():
            if digest != NOTHING and uri not in now and uri not in open_uris:
                now[uri] = (NOTHING, None, "[]")
        return {
            uri: (digest, _report(uri, version, digest, items))
            for uri, (digest, version, items) in now.items()
            if known.get(uri, NOTHING) != digest
        }

    def _stream(self, token: object, news: dict[str, tuple[str, str]]) -> None:
        items = ",".join(report for _digest, report in news.values())
        self.server.protocol.send_text(
            f'{{"jsonrpc":"2.0","method":"$/progress","params":{{"token":{json.dumps(token)},"value":{{"items":[{items}]}}}}}}'
        )


def _report(uri: str, version: int | None, digest: str, items: str) -> str:
    """One full report. version: null for a file that is not open."""
    return f'{{"kind":"full","uri":{json.dumps(uri)},"version":{json.dumps(version)},"resultId":"{digest}","items":{items}}}'


def _answer(news: dict[str, tuple[str, str]]) -> Ready:
    return Ready(f'{{"items":[{",".join(report for _digest, report in news.values())}]}}')
