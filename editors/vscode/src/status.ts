// The status item behind `{}` in the status bar: health, findings in the file, why a file is not checked.

import * as vscode from 'vscode';
import { ExecuteCommandRequest } from 'vscode-languageclient/node';
import { isFinding } from './findings';
import { SELECTOR } from './selector';
import type { Phase, Session } from './session';

/** Answer of the server's command `fsbp.status` for a document. Older servers leave `document` out. */
interface Status {
  readonly document?: { readonly checked: boolean; readonly why: string };
}

export class StatusItem implements vscode.Disposable {
  private readonly item = vscode.languages.createLanguageStatusItem('fsbp.status', [...SELECTOR]);
  private readonly subscriptions: vscode.Disposable[];
  private round = 0;

  constructor(private readonly session: Session) {
    this.item.name = 'FSBP';
    const update = (): void => void this.update();
    this.subscriptions = [
      session.onDidChange(update),
      vscode.window.onDidChangeActiveTextEditor(update),
      vscode.languages.onDidChangeDiagnostics(({ uris }) => {
        const here = vscode.window.activeTextEditor?.document.uri.toString();
        if (uris.some((uri) => uri.toString() === here)) {
          update();
        }
      }),
      vscode.workspace.onDidSaveTextDocument(update),
    ];
    update();
  }

  dispose(): void {
    this.item.dispose();
    this.subscriptions.forEach((one) => one.dispose());
  }

  private async update(): Promise<void> {
    const round = ++this.round;
    const { phase } = this.session;
    const document = vscode.window.activeTextEditor?.document;
    this.item.busy = phase.name === 'starting' || phase.name === 'waiting' || (phase.name === 'running' && !phase.health.quiescent);
    const shown = describe(phase);
    if (phase.name === 'running' && document !== undefined && vscode.languages.match([...SELECTOR], document) > 0) {
      const told = await this.about(document.uri);
      if (round !== this.round) {
        return; // something newer is being shown
      }
      if (told !== undefined && !told.checked) {
        shown.text = `FSBP: ${told.why.startsWith('not ') ? '' : 'not checked: '}${told.why}`;
      } else {
        shown.text = `FSBP: ${count(vscode.languages.getDiagnostics(document.uri).filter(isFinding).length)}`;
      }
    }
    this.item.text = shown.text;
    this.item.detail = shown.detail;
    this.item.severity = shown.severity;
    this.item.command = shown.command;
  }

  private async about(uri: vscode.Uri): Promise<Status['document']> {
    try {
      const spelled = this.session.client?.code2ProtocolConverter.asUri(uri) ?? uri.toString();
      const status = (await this.session.client?.sendRequest(ExecuteCommandRequest.type, {
        command: 'fsbp.status',
        arguments: [spelled],
      })) as Status | undefined;
      return status?.document;
    } catch {
      return undefined;
    }
  }
}

interface Shown {
  text: string;
  detail: string;
  severity: vscode.LanguageStatusSeverity;
  command: vscode.Command;
}

function describe(phase: Phase): Shown {
  const { Information, Warning, Error } = vscode.LanguageStatusSeverity;
  const log = { title: 'Show Output', command: 'fsbp.showOutput' };
  const restart = { title: 'Restart', command: 'fsbp.restart' };
  switch (phase.name) {
    case 'idle':
      return { text: 'FSBP: idle', detail: 'starts with the first Terraform file or CloudFormation template', severity: Information, command: restart };
    case 'starting':
      return { text: 'FSBP: starting', detail: '', severity: Information, command: log };
    case 'waiting':
      return { text: 'FSBP: crashed', detail: `starts again in ${phase.milliseconds / 1000} s`, severity: Warning, command: log };
    case 'missing':
      return { text: 'FSBP: no server', detail: 'fsbp-lsp was not found', severity: Error, command: { title: 'What to Do', command: 'fsbp.showMissing' } };
    case 'failed':
      return { text: 'FSBP: stopped', detail: phase.message, severity: Error, command: restart };
    case 'running': {
      const { health, message } = phase.health;
      const severity = health === 'error' ? Error : health === 'warning' ? Warning : Information;
      return { text: 'FSBP: ready', detail: message || `fsbp-lsp ${phase.server.version} (${phase.server.source})`, severity, command: log };
    }
  }
}

function count(findings: number): string {
  return findings === 0 ? 'no findings' : findings === 1 ? '1 finding' : `${findings} findings`;
}
