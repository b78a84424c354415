// Ignoring a finding asks for a reason and a date before anything is written. The server writes it, where and how the notation wants it.

import * as vscode from 'vscode';
import { ExecuteCommandRequest } from 'vscode-languageclient/node';
import { dateProblem } from './dates';
import type { Session } from './session';

/** The server's name for “ask why, then call me”; its “Ignore … (reason…)” runs it. */
export const ASK_IGNORE = 'fsbp.askIgnore';

interface About {
  readonly uri: string;
  readonly fingerprint: string;
  readonly control: string;
  readonly file: boolean;
}

/** Asks, and has the server write the ignore into the text as it is then. `about`: what the code action says. */
export async function askIgnore(session: Session, about: unknown): Promise<void> {
  const client = session.client;
  const { uri, fingerprint, control, file } = about as About;
  const answer = client === undefined ? undefined : await question(control);
  if (client === undefined || answer === undefined) {
    return;
  }
  try {
    await client.sendRequest(ExecuteCommandRequest.type, { command: 'fsbp.ignore', arguments: [{ uri, fingerprint, file, ...answer }] });
  } catch (error) {
    void vscode.window.showWarningMessage(`fsbp: nothing was ignored: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

async function question(control: string): Promise<{ reason: string; until: string } | undefined> {
  const title = `Ignore ${control}`;
  const reason = await vscode.window.showInputBox({
    title: `${title} (1/2)`,
    prompt: 'Why is this acceptable? Others will read it.',
    placeHolder: 'public website, reviewed in ABC-1',
    ignoreFocusOut: true,
    validateInput: (typed) => (typed.trim() === '' ? 'Give a reason' : undefined),
  });
  if (reason === undefined) {
    return undefined;
  }
  const today = new Date().toISOString().slice(0, 10);
  const until = await vscode.window.showInputBox({
    title: `${title} (2/2)`,
    prompt: 'Until when? YYYY-MM-DD; leave empty for no end.',
    placeHolder: `${Number(today.slice(0, 4)) + 1}${today.slice(4, 7)}-01`,
    ignoreFocusOut: true,
    validateInput: (typed) => dateProblem(typed, today) || undefined,
  });
  return until === undefined ? undefined : { reason: reason.trim(), until: until.trim() };
}

/** From the command palette: what can be ignored at the cursor. */
export async function ignoreAtCursor(session: Session): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    return;
  }
  const offered = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    editor.document.uri,
    editor.selection,
    vscode.CodeActionKind.QuickFix.value,
  );
  const ignores = offered.filter((action) => action.command?.command === ASK_IGNORE);
  if (ignores.length === 0) {
    void vscode.window.showInformationMessage('There is no fsbp finding at the cursor that could be ignored.');
    return;
  }
  const items = ignores.map((action) => ({ label: action.title, action }));
  const picked = items.length === 1 ? items[0] : await vscode.window.showQuickPick(items);
  if (picked !== undefined) {
    await askIgnore(session, picked.action.command?.arguments?.[0]);
  }
}
