// Runs inside the extension host of a real VS Code, in a workspace of two folders `one` and `two`; tests/editors/vscode/host.mjs
// makes them. What can only be seen from inside: settings per folder, crashes, a server that cannot be found.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { isFinding } from '../../src/findings';
import type { Session } from '../../src/session';

async function until<T>(what: string, ask: () => T | Promise<T>, patience = 30_000): Promise<Exclude<T, false | undefined>> {
  const end = Date.now() + patience;
  for (;;) {
    const answer = await ask();
    if (answer) {
      return answer as Exclude<T, false | undefined>;
    }
    assert.ok(Date.now() < end, `waited ${patience / 1000} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

const folder = (index: number): vscode.Uri => (vscode.workspace.workspaceFolders as readonly vscode.WorkspaceFolder[])[index]!.uri;
const findings = (uri: vscode.Uri): vscode.Diagnostic[] => vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'fsbp');
const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('fsbp');

async function show(uri: vscode.Uri): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false });
}

async function phase(session: Session, name: Session['phase']['name'], patience?: number): Promise<void> {
  try {
    await until('', () => session.phase.name === name, patience);
  } catch {
    assert.fail(`the client is ${JSON.stringify(session.phase)}, not ${name}`);
  }
}

export async function run(): Promise<void> {
  const tests: [string, (session: Session) => Promise<void>][] = [
    ['findings carry the id, its link and where the value came from', carried],
    ['each folder has its own settings, with one server', perFolder],
    ['a setting that changes is in force at once', changed],
    ['what is not decided is shown when asked for, and is no finding', undecided],
    ['the server is started again after a crash', crash],
    ['five crashes are enough', fiveCrashes],
    ['a server that is not there is said, and found once it is', missing],
    ['fix all and ignore are offered to other extensions as well', offered],
  ];
  const extension = vscode.extensions.getExtension<{ session: Session }>('fsbp-lsp.fsbp-lsp');
  assert.ok(extension, 'the extension is there');
  // The window is opened without a folder: now and then VS Code (in a browser) forgets those of a .code-workspace file it never saw.
  const file = vscode.workspace.workspaceFile;
  assert.ok(file, 'a workspace is open');
  const folders = ['one', 'two'].map((name) => ({ uri: vscode.Uri.joinPath(file, '..', name) }));
  vscode.workspace.updateWorkspaceFolders(0, null, ...folders);
  await until('the folders of the workspace', () => vscode.workspace.workspaceFolders?.length === 2);
  const { session } = await extension.activate();
  let failed = 0;
  for (const [name, test] of tests) {
    try {
      await test(session);
      console.log(`ok ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  console.log(`DONE ${failed}`);
}

async function carried(): Promise<void> {
  const main = vscode.Uri.joinPath(folder(0), 'main.tf');
  await show(main);
  const found = await until('three findings', () => findings(main).length === 3 && findings(main));
  const scanning: vscode.Diagnostic | undefined = found.find(({ code }) => typeof code === 'object' && code.value === 'ECR.1');
  assert.ok(scanning);
  assert.match(String((scanning.code as { target: vscode.Uri }).target), /ecr-controls\.html#ecr-1$/);
  assert.equal(scanning.range.isSingleLine, true);
  assert.match(String(scanning.relatedInformation?.[0]?.location.uri), /variables\.tf$/);
}

async function perFolder(session: Session): Promise<void> {
  const [one, two] = [vscode.Uri.joinPath(folder(0), 'main.tf'), vscode.Uri.joinPath(folder(1), 'main.tf')];
  const { client } = session;
  await show(two);
  // two/.vscode/settings.json makes hints of everything; one says nothing. VS Code reads it some time after the folder came.
  const hints = () => findings(two).filter(({ severity }) => severity === vscode.DiagnosticSeverity.Hint);
  await until('findings in the second folder', () => findings(two).length > 0);
  await until('hints alone', () => hints().length > 0 && hints().length === findings(two).length);
  assert.ok(findings(one).every(({ severity }) => severity !== vscode.DiagnosticSeverity.Hint));
  assert.equal(session.client, client);
}

async function changed(): Promise<void> {
  const main = vscode.Uri.joinPath(folder(0), 'main.tf');
  await show(main);
  await settings().update('severity', { 'ECR.1': 'error' }, vscode.ConfigurationTarget.Global);
  await until('an error', () => findings(main).some(({ severity }) => severity === vscode.DiagnosticSeverity.Error));
  await settings().update('severity', undefined, vscode.ConfigurationTarget.Global);
  await until('no error', () => findings(main).every(({ severity }) => severity !== vscode.DiagnosticSeverity.Error));
}

async function undecided(): Promise<void> {
  const main = vscode.Uri.joinPath(folder(0), 'undecided/main.tf');
  await show(main);
  const told = (): vscode.Diagnostic[] => findings(main).filter(({ message }) => message.includes('not decided'));
  await until('a finding', () => findings(main).length > 0);
  const before = findings(main).length;
  assert.equal(told().length, 0);
  await settings().update('showUnknown', true, vscode.ConfigurationTarget.Global);
  await until('a hint', () => told().length === 1);
  assert.deepEqual(told().map((hint) => [hint.severity, isFinding(hint)]), [[vscode.DiagnosticSeverity.Hint, false]]);
  assert.equal(findings(main).filter(isFinding).length, before);
  await settings().update('showUnknown', undefined, vscode.ConfigurationTarget.Global);
  await until('no hint', () => told().length === 0);
}

async function crash(session: Session): Promise<void> {
  const main = vscode.Uri.joinPath(folder(0), 'main.tf');
  await show(main);
  await phase(session, 'running');
  const before = session.client;
  const pid = (before as unknown as { _serverProcess: { pid: number } })._serverProcess.pid;
  process.kill(pid, 'SIGKILL');
  await phase(session, 'waiting');
  assert.equal(findings(main).length, 0, 'nothing stale is left');
  await phase(session, 'running');
  assert.notEqual(session.client, before);
  await until('the findings again', () => findings(main).length === 3);
  assert.throws(() => process.kill(pid, 0), 'the old one is gone');
}

/** A program that says it is the server and then fails. */
function impostor(): string {
  const file = path.join(folder(0).fsPath, '..', 'impostor');
  writeFileSync(file, '#!/bin/sh\n[ "$1" = --version ] && echo "fsbp-lsp 9.9.9" && exit 0\nexit 3\n', { mode: 0o755 });
  return file;
}

async function fiveCrashes(session: Session): Promise<void> {
  const good = settings().get<string>('path');
  await settings().update('path', impostor(), vscode.ConfigurationTarget.Workspace);
  await phase(session, 'failed', 60_000);
  await settings().update('path', good, vscode.ConfigurationTarget.Workspace);
  await phase(session, 'running');
}

async function missing(session: Session): Promise<void> {
  const good = settings().get<string>('path');
  await settings().update('path', '/nowhere/fsbp-lsp', vscode.ConfigurationTarget.Workspace);
  await phase(session, 'missing');
  assert.ok(session.phase.name === 'missing');
  assert.match(JSON.stringify(session.phase.discovery.misses), /there is no such program/);
  await settings().update('path', good, vscode.ConfigurationTarget.Workspace);
  await phase(session, 'running');
  const main = vscode.Uri.joinPath(folder(0), 'main.tf');
  await show(main);
  await until('findings', () => findings(main).length === 3);
}

async function offered(): Promise<void> {
  const main = vscode.Uri.joinPath(folder(0), 'plain', 'main.tf');
  const { document } = await show(main);
  await until('findings', () => findings(main).length === 3);
  const everything = new vscode.Range(0, 0, document.lineCount, 0);
  const actions = (kind: string): Thenable<vscode.CodeAction[]> => vscode.commands.executeCommand('vscode.executeCodeActionProvider', main, everything, kind, 50);
  const all = await actions('source.fixAll');
  assert.deepEqual(all.map(({ kind }) => kind?.value), ['source.fixAll.fsbp']);
  const quick = await actions('quickfix');
  const ignores = quick.filter(({ title }) => title.startsWith('Ignore'));
  assert.ok(ignores.length > 0);
  assert.ok(ignores.every(({ command, edit }) => command?.command === 'fsbp.askIgnore' && edit === undefined));
  const preferred = quick.filter(({ isPreferred }) => isPreferred);
  assert.ok(preferred.every(({ title, edit }) => title.startsWith('ECR.1') && edit !== undefined));
}
