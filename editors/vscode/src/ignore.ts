// Ignoring a finding asks for a reason and a date before anything is written. The server writes it, where and how the notation wants it.

import * as vscode from 'vscode';
import { ExecuteCommandRequest, type LanguageClient, type Middleware } from 'vscode-languageclient/node';
import { dateProblem } from './dates';
import type { Session } from './session';

export const IGNORE = 'fsbp.ignoreFinding';

interface ServerAction extends vscode.CodeAction {
  data?: { uri: string; version: number; fingerprint: string; name: string };
}

/** Turns the server's “Ignore … (reason…)” into a command that asks; leaves everything else as it came. */
export const ignoreMiddleware: Pick<Middleware, 'provideCodeActions' | 'resolveCodeAction'> = {
  async provideCodeActions(document, range, context, token, next) {
    const offered = await next(document, range, context, token);
    return offered?.map((action) => {
      const data = (action as ServerAction).data;
      if (!(action instanceof vscode.CodeAction) || data === undefined || !/^ignore(-file)?:/.test(data.name) || action.disabled !== undefined) {
        return action;
      }
      const asking = new vscode.CodeAction(action.title, action.kind);
      if (action.diagnostics !== undefined) {
        asking.diagnostics = action.diagnostics;
      }
      asking.command = { title: action.title, command: IGNORE, arguments: [action] };
      return asking;
    });
  },
  resolveCodeAction(action, token, next) {
    // Without data there is nothing the server could add: a command, or what was made above.
    return (action as ServerAction).data === undefined ? action : next(action, token);
  },
};

export async function ignoreFinding(session: Session, given: unknown): Promise<void> {
  const action = given instanceof vscode.CodeAction ? (given as ServerAction) : await choose();
  const client = session.client;
  if (action?.data === undefined || client === undefined) {
    return;
  }
  await ask(client, action.data);
}

/** Asks, and has the server write the ignore into the text as it is then. */
async function ask(client: LanguageClient, { uri, fingerprint, name }: NonNullable<ServerAction['data']>): Promise<void> {
  const answer = await question(name.replace(/^ignore(-file)?:/, ''));
  if (answer === undefined) {
    return;
  }
  const about = { uri, fingerprint, file: name.startsWith('ignore-file:'), ...answer };
  try {
    await client.sendRequest(ExecuteCommandRequest.type, { command: 'fsbp.ignore', arguments: [about] });
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
async function choose(): Promise<ServerAction | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    return undefined;
  }
  const offered = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    editor.document.uri,
    editor.selection,
    vscode.CodeActionKind.QuickFix.value,
  );
  const ignores = offered.filter((action) => action.command?.command === IGNORE);
  if (ignores.length === 0) {
    void vscode.window.showInformationMessage('There is no fsbp finding at the cursor that could be ignored.');
    return undefined;
  }
  const items = ignores.map((action) => ({ label: action.title, action }));
  const picked = items.length === 1 ? items[0] : await vscode.window.showQuickPick(items);
  return picked?.action.command?.arguments?.[0] as ServerAction | undefined;
}
