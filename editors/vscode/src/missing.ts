// No server: what was looked at, and what can be done about it.

import * as vscode from 'vscode';
import type { Discovery } from './discovery';

const INSTALL = 'https://github.com/your-org/fsbp-lsp/blob/main/docs/editors.md#installing-the-server';

/** Says so once per start, with ways out. */
export async function tellMissing(discovery: Discovery): Promise<void> {
  const bySetting = discovery.misses.find(({ place }) => place.startsWith('setting fsbp.path'));
  const message =
    bySetting !== undefined
      ? `fsbp: ${bySetting.place}: ${bySetting.reason}.`
      : 'fsbp: the language server fsbp-lsp was not found. It needs Python 3.11 or later; install it with `uv tool install` or `pipx install`, or into the .venv of the workspace.';
  const [how, settings, details, retry] = ['How to Install', 'Open Settings', 'Details', 'Try Again'];
  const answer = await vscode.window.showErrorMessage(message, ...(bySetting === undefined ? [how] : []), settings, details, retry);
  if (answer === how) {
    await vscode.env.openExternal(vscode.Uri.parse(INSTALL));
  } else if (answer === settings) {
    await vscode.commands.executeCommand('workbench.action.openSettings', 'fsbp.path');
  } else if (answer === details) {
    await vscode.commands.executeCommand('fsbp.showOutput');
  } else if (answer === retry) {
    await vscode.commands.executeCommand('fsbp.restart');
  }
}
