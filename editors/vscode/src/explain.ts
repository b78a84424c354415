// The page of a control, inside the editor: the server's Markdown in a read-only document, shown by VS Code's own preview.

import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Middleware, ShowDocumentParams, ShowDocumentResult } from 'vscode-languageclient/node';
import { ExecuteCommandRequest } from 'vscode-languageclient/node';
import type { Session } from './session';

const SCHEME = 'fsbp-control';

interface Explanation {
  readonly id: string;
  readonly markdown: string;
  readonly url: string;
}

export class Pages implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  private asked = 0;

  /** The server's command `fsbp.explain` opens a browser where the client lets it; the page is shown here instead. */
  readonly middleware: Pick<Middleware, 'executeCommand' | 'window'> = {
    executeCommand: async (command, args, next) => {
      if (command !== 'fsbp.explain') {
        return next(command, args) as unknown;
      }
      return this.keptInside(async () => {
        const explanation = (await next(command, args)) as Explanation | undefined;
        await this.show(explanation);
        return explanation;
      });
    },
    window: {
      showDocument: async (params: ShowDocumentParams, next): Promise<ShowDocumentResult> => {
        const asked = this.asked > 0 && params.external === true;
        return asked ? { success: true } : ((await next(params, new vscode.CancellationTokenSource().token)) as ShowDocumentResult);
      },
    },
  };

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.path) ?? '';
  }

  /** The command: asks which control when none is named. Those of the current file come first. */
  async explain(session: Session, id: unknown): Promise<void> {
    const control = typeof id === 'string' && id !== '' ? id : await this.choose();
    if (control === undefined) {
      return;
    }
    await session.start();
    const client = session.client;
    if (client === undefined) {
      void vscode.window.showWarningMessage('The fsbp server is not running.');
      return;
    }
    try {
      const params = { command: 'fsbp.explain', arguments: [control] };
      await this.keptInside(async () => this.show((await client.sendRequest(ExecuteCommandRequest.type, params)) as Explanation));
    } catch {
      void vscode.window.showWarningMessage(`There is no control “${control}”.`);
    }
  }

  private async keptInside<T>(work: () => Promise<T>): Promise<T> {
    this.asked += 1;
    try {
      return await work();
    } finally {
      this.asked -= 1;
    }
  }

  private async show(explanation: Explanation | undefined): Promise<void> {
    if (explanation?.id === undefined) {
      return;
    }
    const uri = vscode.Uri.from({ scheme: SCHEME, path: path.posix.join('/', `${explanation.id}.md`) });
    const link = explanation.markdown.includes(explanation.url) ? '' : `\n\n[AWS documentation of ${explanation.id}](${explanation.url})\n`;
    this.texts.set(uri.path, explanation.markdown + link);
    this.changed.fire(uri);
    try {
      await vscode.commands.executeCommand('markdown.showPreviewToSide', uri);
    } catch {
      // The built-in Markdown extension can be switched off; its source is readable too.
      await vscode.window.showTextDocument(uri, { preview: true, viewColumn: vscode.ViewColumn.Beside });
    }
  }

  private async choose(): Promise<string | undefined> {
    const here = vscode.window.activeTextEditor?.document.uri;
    const ids = new Map<string, string>();
    const diagnostics = here === undefined ? [] : vscode.languages.getDiagnostics(here);
    for (const diagnostic of diagnostics) {
      if (diagnostic.source === 'fsbp' && typeof diagnostic.code === 'object') {
        ids.set(String(diagnostic.code.value), diagnostic.message.split('\n')[0] ?? '');
      }
    }
    const items = [...ids].map(([label, description]) => ({ label, description }));
    const picker = vscode.window.createQuickPick();
    picker.placeholder = 'Control to explain, such as S3.8';
    picker.items = items;
    picker.onDidChangeValue((value) => {
      const typed = value.trim();
      picker.items = typed === '' || ids.has(typed) ? items : [...items, { label: typed, description: 'explain this control', alwaysShow: true }];
    });
    return new Promise((resolve) => {
      picker.onDidAccept(() => {
        resolve(picker.activeItems[0]?.label ?? (picker.value.trim() || undefined));
        picker.hide();
      });
      picker.onDidHide(() => {
        resolve(undefined);
        picker.dispose();
      });
      picker.show();
    });
  }
}
