"""Diagnostics on their way to the client: pushed or pulled, never both for one document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fsbp_lsp.server import convert

if TYPE_CHECKING:
    from fsbp_lsp.server.analysis import Checked
    from fsbp_lsp.server.app import Server
    from fsbp_lsp.server.convert import Answer
    from fsbp_lsp.server.settings import ConfigurationProblem

Json = dict[str, Any]


class Publisher:
    """Remembers what the client was last told, so that nothing is sent twice and nothing stays behind."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._told: dict[str, str] = {}
        self._problems: dict[str, list[Json]] = {}
        self._pulling: dict[str, int] = {}
        self._closed: dict[str, str] = {}
        self._seen: dict[str, tuple[int | None, str]] = {}
        self.workspace_pulled = False
        """The client asks for whole workspaces: files that are not open are not pushed to it."""
        self.refresh_due = False

    def deliver(self, checked: Checked) -> None:
        """A fresh result: push what changed, or ask a pulling client to look again when it could not know."""
        client = self._server.client
        stale = elsewhere = False
        for own in checked.answers.values():
            document = self._server.documents.at(own.path)
            if document is None or document.version != own.version:
                continue
            answer = self.joined(own)
            seen, self._seen[answer.uri] = self._seen.get(answer.uri), (answer.version, answer.digest)
            elsewhere = elsewhere or (seen is not None and seen[0] == answer.version and seen[1] != answer.digest)
            told = self._told.get(answer.uri)
            if client.pull:
                if told is not None and told != answer.digest and not self._pulling.get(answer.uri):
                    del self._told[answer.uri]  # asked to look again once, not once per result
                    stale = True
            elif told != answer.digest:
                self._told[answer.uri] = answer.digest
                self._publish(answer.uri, answer.text, answer.version)
        if elsewhere or self.refresh_due:
            self._refresh_aids()
        if client.pull and (stale or self.refresh_due):
            self.refresh()
        self.refresh_due = False

    def joined(self, answer: Answer) -> Answer:
        """With what cfn-lint says about the same version."""
        extra = self._server.cfn_lint.extras.get(answer.path)
        if extra is None or extra.version != answer.version:
            return answer
        text = f"[{answer.text[1:-1]},{extra.text[1:-1]}]" if answer.text != "[]" else extra.text
        return convert.Answer(answer.path, answer.uri, answer.version, text, f"{answer.digest}-{extra.digest}")

    def pulling(self, uri: str, more: int) -> None:
        """+1 when a pull of this document begins, -1 when it has been answered."""
        left = self._pulling.get(uri, 0) + more
        if left > 0:
            self._pulling[uri] = left
        else:
            self._pulling.pop(uri, None)

    def pulled(self, uri: str, digest: str) -> None:
        """A pulling client got this answer."""
        self._told[uri] = digest

    def changed(self, uri: str) -> None:
        """The client edits the document: one that pulls will ask again by itself."""
        if self._server.client.pull:
            self._told.pop(uri, None)

    def refresh(self) -> None:
        if self._server.client.refresh:
            self._server.protocol.send_request_plain("workspace/diagnostic/refresh", None)

    def _refresh_aids(self) -> None:
        """Something else than its own text decided differently about a document: hints and lenses may be old."""
        client, options = self._server.client, self._server.settings.default
        if client.refresh_hints and options.inlay_hints:
            self._server.protocol.send_request_plain("workspace/inlayHint/refresh", None)
        if client.refresh_lenses and options.code_lenses:
            self._server.protocol.send_request_plain("workspace/codeLens/refresh", None)

    def clear(self, uri: str) -> None:
        """The document is closed, deleted or renamed: its diagnostics go at once."""
        self._seen.pop(uri, None)
        told = self._told.pop(uri, None)
        if told not in (None, "none") and not self._server.client.pull:
            self._publish(uri, "[]", None)

    def closed_file(self, path: str, answer: Answer | None) -> None:
        """What is known about a file that is not open; None: nothing any more."""
        if self.workspace_pulled:
            return
        uri = convert.default_uri(path)
        if answer is not None:
            if self._closed.get(uri) != answer.digest:
                self._closed[uri] = answer.digest
                self._publish(uri, answer.text, None)
        elif self._closed.pop(uri, None) is not None:
            open_now = self._server.documents.at(path)
            if open_now is None or open_now.uri != uri or self._server.client.pull:
                self._publish(uri, "[]", None)

    def hand_over(self) -> None:
        """From now on the client pulls files that are not open as well: what was pushed about them goes."""
        self.workspace_pulled = True
        for uri in self._closed:
            self._publish(uri, "[]", None)
        self._closed.clear()

    def uris(self) -> list[str]:
        return list(self._told)

    def configuration_problems(self, problems: list[ConfigurationProblem]) -> None:
        """Problems of configuration files stand in those files. Always pushed: nobody pulls for fsbp.toml."""
        now: dict[str, list[Json]] = {}
        for problem in problems:
            uri = self._server.analysis.uri_at(problem.path)
            line = max(0, problem.line - 1)
            now.setdefault(uri, []).append(
                {
                    "range": {"start": {"line": line, "character": 0}, "end": {"line": line, "character": problem.width}},
                    "severity": 1,
                    "source": "fsbp",
                    "code": "configuration",
                    "message": problem.message,
                }
            )
        for uri in [uri for uri in self._problems if uri not in now]:
            del self._problems[uri]
            self._publish(uri, "[]", None)
        for uri, items in now.items():
            if self._problems.get(uri) != items:
                if uri not in self._problems:
                    # The file is rarely open, so its diagnostic alone would be missed; said once, not at every save.
                    text = f"fsbp: {items[0]['message']} ({uri.rsplit('/', 1)[-1]}); the last good settings stay in force"
                    self._server.notify("window/showMessage", {"type": 2, "message": text})
                self._problems[uri] = items
                self._publish(uri, json.dumps(items), None)

    def _publish(self, uri: str, items: str, version: int | None) -> None:
        """items: a JSON array."""
        told = f',"version":{version}' if version is not None and self._server.client.versions else ""
        params = f'{{"uri":{json.dumps(uri)},"diagnostics":{items}{told}}}'
        if not self._server.protocol.is_shut_down:
            self._server.protocol.send_text(f'{{"jsonrpc":"2.0","method":"textDocument/publishDiagnostics","params":{params}}}')
