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

/** What the server answers to `fsbp.checkWorkspace`. */
interface Checked {
  readonly files: number;
  readonly findings: number;
  readonly cancelled: boolean;
}

/** What the server answers to `fsbp.fixAllInWorkspace`; the edit itself comes as `workspace/applyEdit`, to be confirmed. */
interface Fixed {
  readonly files: number;
  readonly findings: number;
  readonly applied: boolean;
}

export async function checkWorkspace(session: Session): Promise<Checked | undefined> {
  const told = (await runLong(session, 'fsbp.checkWorkspace', 'FSBP: checking the workspace')) as Checked | undefined;
  if (told !== undefined && !told.cancelled) {
    const found = told.findings === 0 ? 'no findings in the workspace' : `${counted(told.findings, 'finding')} in ${counted(told.files, 'file')}`;
    const problems = 'Show Problems';
    void vscode.window.showInformationMessage(`fsbp: ${found}.`, ...(told.findings === 0 ? [] : [problems])).then((answer) => {
      if (answer === problems) {
        void vscode.commands.executeCommand('workbench.actions.view.problems');
      }
    });
  }
  return told;
}

export async function fixWorkspace(session: Session): Promise<Fixed | undefined> {
  const look = { label: 'Look through the changes first', detail: 'Opens a preview; what is ticked there is applied.' };
  const apply = { label: 'Apply all safe fixes', detail: 'Changes the files in the editor and leaves saving to you.' };
  const picked = await vscode.window.showQuickPick([look, apply], { title: 'Fix All Safe Findings in Workspace' });
  if (picked === undefined) {
    return undefined;
  }
  session.confirmed = picked === apply;
  const told = (await runLong(session, 'fsbp.fixAllInWorkspace', 'FSBP: fixing the workspace')) as Fixed | undefined;
  session.confirmed = false;
  if (told?.files === 0) {
    void vscode.window.showInformationMessage('There is nothing in the workspace that fsbp can fix safely.');
  } else if (told?.applied === true) {
    void vscode.window.showInformationMessage(`fsbp: fixed ${counted(told.findings, 'finding')} in ${counted(told.files, 'file')}; save them to keep it.`);
  }
  return told;
}

/** Runs a command of the server that takes its time: progress is shown, and Cancel reaches the server. */
async function runLong(session: Session, command: string, title: string): Promise<unknown> {
  await session.start();
  const client = session.client;
  if (client === undefined || !session.offers(command)) {
    void vscode.window.showWarningMessage(
      client === undefined ? 'The fsbp server is not running.' : 'This version of fsbp-lsp cannot do that; a newer one can.',
    );
    return undefined;
  }
  const cancelling = new vscode.CancellationTokenSource();
  const workDoneToken = `${command}:${Date.now()}`;
  const answer = client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [], workDoneToken }, cancelling.token);
  const location = vscode.ProgressLocation.Notification;
  void vscode.window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
    token.onCancellationRequested(() => cancelling.cancel());
    let done = 0;
    let listening: vscode.Disposable | undefined;
    // The work is over before the answer comes when there are changes to look through first.
    const over = new Promise<void>((resolve) => {
      listening = client.onProgress(WorkDoneProgress.type, workDoneToken, (value: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd) => {
        if (value.kind === 'end') {
          resolve();
          return;
        }
        const now = value.percentage ?? done;
        progress.report({ ...(value.message === undefined ? {} : { message: value.message }), increment: now - done });
        done = now;
      });
    });
    await Promise.race([over, answer.catch(() => undefined)]);
    listening?.dispose();
  });
  try {
    return (await answer) as unknown;
  } catch (error) {
    if (!cancelling.token.isCancellationRequested) {
      void vscode.window.showErrorMessage(`fsbp: ${error instanceof Error ? error.message : String(error)}`);
    }
    return undefined;
  } finally {
    cancelling.dispose();
  }
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
