// Edits the server wants applied.

import * as vscode from 'vscode';
import type { ApplyWorkspaceEditParams, ApplyWorkspaceEditResult, LanguageClient, WorkspaceEdit } from 'vscode-languageclient/node';

/** Applies an edit of the server. `confirmed`: the user wants it without looking through the changes first. */
export async function applyEdit(client: LanguageClient, params: ApplyWorkspaceEditParams, confirmed: boolean): Promise<ApplyWorkspaceEditResult> {
  if (!isCurrent(params.edit, client)) {
    return { applied: false, failureReason: 'a document changed meanwhile' };
  }
  if (confirmed) {
    Object.values(params.edit.changeAnnotations ?? {}).forEach((annotation) => (annotation.needsConfirmation = false));
  }
  const edit = await client.protocol2CodeConverter.asWorkspaceEdit(params.edit);
  return { applied: await vscode.workspace.applyEdit(edit) };
}

/** Whether every open document is still the text the edit was made for. */
function isCurrent(edit: WorkspaceEdit, client: LanguageClient): boolean {
  return (edit.documentChanges ?? []).every((change) => {
    if (!('edits' in change) || change.textDocument.version === null) {
      return true;
    }
    const uri = client.protocol2CodeConverter.asUri(change.textDocument.uri).toString();
    const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri);
    return open === undefined || open.version === change.textDocument.version;
  });
}
