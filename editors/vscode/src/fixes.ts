// Fix all, check all: the server does the work, this shows how far it is and what came of it.

import * as vscode from 'vscode';
import { ExecuteCommandRequest, WorkDoneProgress, type WorkDoneProgressBegin, type WorkDoneProgressEnd, type WorkDoneProgressReport } from 'vscode-languageclient/node';
import type { Session } from './session';

const FIX_ALL = 'source.fixAll.fsbp';

/** Applies every safe fix to the active file. */
export async function fixFile(): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (document === undefined) {
    return;
  }
  const everything = new vscode.Range(0, 0, document.lineCount, 0);
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    document.uri,
    everything,
    FIX_ALL,
    1, // resolved: the edit is what is wanted
  );
  const edit = actions.find((action) => action.kind?.value === FIX_ALL)?.edit;
  if (edit === undefined) {
    void vscode.window.showInformationMessage('There is nothing in this file that fsbp can fix safely.');
    return;
  }
  await vscode.workspace.applyEdit(edit);
}

/** Runs a command of the server that takes its time: progress is shown, and Cancel reaches the server. */
export async function runLong(session: Session, command: string, title: string): Promise<unknown> {
  await session.start();
  const client = session.client;
  if (client === undefined || !session.offers(command)) {
    void vscode.window.showWarningMessage(
      client === undefined ? 'The fsbp server is not running.' : 'This version of fsbp-lsp cannot do that; a newer one can.',
    );
    return undefined;
  }
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
    const workDoneToken = `${command}:${Date.now()}`;
    let done = 0;
    const listening = client.onProgress(WorkDoneProgress.type, workDoneToken, (value: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd) => {
      if (value.kind === 'end') {
        return;
      }
      const now = value.percentage ?? done;
      progress.report({ ...(value.message === undefined ? {} : { message: value.message }), increment: now - done });
      done = now;
    });
    try {
      return (await client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [], workDoneToken }, token)) as unknown;
    } catch (error) {
      if (!token.isCancellationRequested) {
        void vscode.window.showErrorMessage(`fsbp: ${error instanceof Error ? error.message : String(error)}`);
      }
      return undefined;
    } finally {
      listening.dispose();
    }
  });
}
