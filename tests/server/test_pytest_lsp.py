"""A second, independent client library against the real server."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator  # pytest-lsp evaluates the annotations of fixtures
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types as lsp
from lsprotocol.converters import get_converter
from pytest_lsp import ClientServerConfig, LanguageClient

from tests.server.clients import VSCODE

SOURCE = """resource "aws_ecr_repository" "images" {
  image_tag_mutability = "IMMUTABLE"
  image_scanning_configuration {
    scan_on_push = false
  }
}
"""


@pytest_lsp.fixture(scope="module", config=ClientServerConfig(server_command=[sys.executable, "-m", "fsbp_lsp.server"]))
async def client(lsp_client: LanguageClient) -> AsyncIterator[None]:
    @lsp_client.feature("client/registerCapability")
    def register(_params: lsp.RegistrationParams) -> None:
        """Accepted."""

    capabilities = get_converter().structure(VSCODE, lsp.ClientCapabilities)
    await lsp_client.initialize_session(lsp.InitializeParams(capabilities=capabilities, initialization_options={"debounce": 10}))
    yield
    await lsp_client.shutdown_session()


@pytest.mark.asyncio(loop_scope="module")
async def test_diagnose_fix_and_diagnose_again(client: LanguageClient, tmp_path: Path) -> None:
    uri = (tmp_path / "main.tf").as_uri()
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "terraform", 1, SOURCE)))
    await client.wait_for_notification(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    [wanted] = [item for item in client.diagnostics[uri] if item.code == "ECR.1"]
    assert wanted.range == lsp.Range(lsp.Position(3, 19), lsp.Position(3, 24))
    actions = await client.text_document_code_action_async(
        lsp.CodeActionParams(lsp.TextDocumentIdentifier(uri), wanted.range, lsp.CodeActionContext([wanted]))
    )
    assert actions is not None
    best = actions[0]
    assert isinstance(best, lsp.CodeAction)
    assert best.is_preferred
    resolved = await client.code_action_resolve_async(best)
    assert resolved.edit is not None
    assert resolved.edit.document_changes is not None
    [change] = resolved.edit.document_changes
    assert isinstance(change, lsp.TextDocumentEdit)
    assert change.text_document.version == 1
    [edit] = change.edits
    assert isinstance(edit, lsp.TextEdit)
    client.text_document_did_change(
        lsp.DidChangeTextDocumentParams(
            lsp.VersionedTextDocumentIdentifier(2, uri), [lsp.TextDocumentContentChangePartial(edit.range, edit.new_text)]
        )
    )
    await client.wait_for_notification(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    assert "ECR.1" not in [item.code for item in client.diagnostics[uri]]


@pytest.mark.asyncio(loop_scope="module")
async def test_hover_completion_and_commands_have_the_right_types(client: LanguageClient, tmp_path: Path) -> None:
    uri = (tmp_path / "hover.tf").as_uri()
    text = SOURCE.replace("false", "false # fsbp:ignore ")
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "terraform", 1, text)))
    document = lsp.TextDocumentIdentifier(uri)
    hover = await client.text_document_hover_async(lsp.HoverParams(document, lsp.Position(3, 20)))
    assert hover is not None
    assert isinstance(hover.contents, lsp.MarkupContent)
    completion = await client.text_document_completion_async(lsp.CompletionParams(document, lsp.Position(3, 39)))
    assert isinstance(completion, lsp.CompletionList)
    assert completion.items[0].label == "ECR.1"
    info = await client.workspace_execute_command_async(lsp.ExecuteCommandParams("fsbp.server.debugInfo"))
    assert "hover.tf" in str(info)
