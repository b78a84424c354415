// Entry point: wires the parts and registers the commands. Starts nothing until there is a file to check.

import * as vscode from 'vscode';
import { ExecuteCommandRequest } from 'vscode-languageclient/node';
import { CustomTags } from './customTags';
import { openExample } from './example';
import { Pages } from './explain';
import { checkWorkspace, fixFile, fixWorkspace } from './fixes';
import { ASK_IGNORE, askIgnore, ignoreAtCursor } from './ignore';
import { tellMissing } from './missing';
import { SELECTOR } from './selector';
import { Session } from './session';
import { StatusItem } from './status';
import { wakes } from './wake';

/** Settings the server process is started with; the others reach it while it runs. */
const AT_START = ['fsbp.path', 'fsbp.interpreter', 'fsbp.logLevel', 'fsbp.logFile'];

let session: Session | undefined;

export function activate(context: vscode.ExtensionContext): { session: Session } {
  const output = vscode.window.createOutputChannel('FSBP', { log: true });
  const pages = new Pages();
  const running = new Session(context, output, pages.middleware);
  session = running;
  const tags = new CustomTags(context.globalState);
  const command = (name: string, run: (...args: unknown[]) => unknown): vscode.Disposable => vscode.commands.registerCommand(name, run);

  const consider = (document: vscode.TextDocument): void => {
    if (vscode.languages.match([...SELECTOR], document) > 0) {
      if (running.phase.name === 'idle' && wakes(document.languageId, document.uri.path, () => document.getText())) {
        void running.start();
      }
      void tags.consider(document);
    }
  };

  context.subscriptions.push(
    output,
    pages,
    running,
    new StatusItem(running),
    running.onDidChange((phase) => {
      if (phase.name === 'missing') {
        void tellMissing(phase.discovery);
      } else if (phase.name === 'failed') {
        void tellFailed(phase.message);
      }
    }),
    command('fsbp.restart', () => running.restart()),
    command('fsbp.showOutput', () => output.show()),
    command('fsbp.showMissing', () => (running.phase.name === 'missing' ? tellMissing(running.phase.discovery) : output.show())),
    command('fsbp.showDebugInformation', () => showDebugInformation(running)),
    command('fsbp.explainControl', (id) => pages.explain(running, id)),
    command('fsbp.fixFile', fixFile),
    command('fsbp.fixWorkspace', () => fixWorkspace(running)),
    command('fsbp.checkAll', () => checkWorkspace(running)),
    command('fsbp.ignoreFinding', () => ignoreAtCursor(running)),
    command(ASK_IGNORE, (about) => askIgnore(running, about)),
    command('fsbp.addCustomTags', () => tags.addNow()),
    command('fsbp.openExample', openExample),
    vscode.workspace.onDidOpenTextDocument(consider),
    // A template that is only being written. Nothing to look for once the server runs.
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (running.phase.name === 'idle' && contentChanges.length > 0) {
        consider(document);
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      // The virtual environment of the workspace may be used now.
      if (running.phase.name !== 'idle') {
        void running.restart();
      }
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (running.phase.name !== 'idle' && AT_START.some((name) => event.affectsConfiguration(name))) {
        void running.restart();
      }
    }),
  );
  vscode.workspace.textDocuments.forEach(consider);
  return { session: running };
}

export async function deactivate(): Promise<void> {
  await session?.stop();
}

async function tellFailed(message: string): Promise<void> {
  const [restart, output] = ['Restart', 'Show Output'];
  const answer = await vscode.window.showErrorMessage(`fsbp: ${message}`, restart, output);
  if (answer !== undefined) {
    await vscode.commands.executeCommand(answer === restart ? 'fsbp.restart' : 'fsbp.showOutput');
  }
}

/** Everything a bug report needs, in an unsaved document: how the server was found, and what it says of itself. */
async function showDebugInformation(running: Session): Promise<void> {
  const patience = new Promise((resolve) => setTimeout(resolve, 10_000));
  await Promise.race([running.settled(), patience]); // a server that is just starting can soon tell more
  const { server, misses } = await running.find();
  const lines = [
    `VS Code ${vscode.version}, extension ${vscode.extensions.getExtension('fsbp-lsp.fsbp-lsp')?.packageJSON.version as string}, ${process.platform}-${process.arch}`,
    `workspace ${vscode.workspace.isTrusted ? 'trusted' : 'not trusted'}, client ${running.phase.name}`,
    server === undefined ? 'no server found' : `server ${server.version} (${server.source}): ${[server.command, ...server.args].join(' ')}`,
    ...misses.map(({ place, reason }) => `  ${place}: ${reason}`),
    '',
  ];
  try {
    const answer = await running.client?.sendRequest(ExecuteCommandRequest.type, { command: 'fsbp.server.debugInfo', arguments: [] });
    lines.push(typeof answer === 'string' ? answer : 'The server is not running.');
  } catch (error) {
    lines.push(`The server does not answer: ${String(error)}`);
  }
  const document = await vscode.workspace.openTextDocument({ language: 'plaintext', content: `${lines.join('\n')}\n` });
  await vscode.window.showTextDocument(document);
}
