"""Edits on their way to the client: versions, annotations, snippets, as far as it understands them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsbp_lsp.server import convert
from fsbp_lsp.server.protocol import CONTENT_MODIFIED, Reply
from fsbp_lsp.text import LineIndex, edits_by_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsbp_lsp.server.app import Server
    from fsbp_lsp.server.convert import Json
    from fsbp_lsp.text import Edit

ANNOTATION = "fsbp"


class Edits:
    def __init__(self, server: Server) -> None:
        self._server = server

    def of(self, edits: Sequence[Edit], home: str = "", snippet: bool = False) -> Json | None:
        """A WorkspaceEdit of the engine's edits; None when there are none. In the analysis thread of their group.

        home: the file somebody is looking at; edits to others ask for confirmation first. snippet: placeholders
        become tab stops. Raises Reply when a document is not what the edits were made for.
        """
        server = self._server
        files: dict[str, tuple[str, int | None, list[Json]]] = {}
        annotations: dict[str, Json] = {}
        for path, (source, group) in edits_by_file(edits).items():
            open_now = server.documents.at(path)
            if open_now is not None and open_now.data != source.data:
                raise Reply(CONTENT_MODIFIED, "a document the fix touches changed meanwhile")
            made = convert.text_edits(group, server.client.encoding)
            if snippet and server.client.snippet_edits and open_now is not None:
                made = [convert.snippet(edit) for edit in made]
            elif home and path != home and server.client.annotations:
                # Not for the file in view: one click on a light bulb should not open a panel with check boxes.
                annotations[ANNOTATION] = _annotation("Change another file", "The fix of this finding is in another file")
                made = [{**edit, "annotationId": ANNOTATION} for edit in made]
            files[path] = (server.analysis.uri_at(path), open_now.version if open_now is not None else None, made)
        return convert.workspace_edit(files, server.client.document_changes, annotations) if files else None

    def replacing(self, contents: dict[str, tuple[bytes, bytes]], label: str) -> Json | None:
        """A WorkspaceEdit that turns files into others, hunk by hunk, to be looked over before it is applied."""
        from fsbp_lsp.ide.edits import hunks

        server = self._server
        files: dict[str, tuple[str, int | None, list[Json]]] = {}
        annotated = server.client.annotations and server.client.document_changes
        for path, (before, after) in sorted(contents.items()):
            open_now = server.documents.at(path)
            if open_now is not None and open_now.data != before:
                raise Reply(CONTENT_MODIFIED, "a document changed meanwhile")
            lines = LineIndex(before)
            made: list[Json] = [
                {"range": convert.span(lines, start, end, server.client.encoding), "newText": text.decode("utf-8")}
                for start, end, text in hunks(before, after)
            ]
            if annotated:
                made = [{**edit, "annotationId": ANNOTATION} for edit in made]
            if made:
                files[path] = (server.analysis.uri_at(path), open_now.version if open_now is not None else None, made)
        annotations = {ANNOTATION: _annotation(label, "Safe fixes: complete, in place, nothing deployed is replaced")} if annotated else {}
        return convert.workspace_edit(files, server.client.document_changes, annotations) if files else None


def _annotation(label: str, description: str) -> Json:
    return {"label": label, "description": description, "needsConfirmation": True}
