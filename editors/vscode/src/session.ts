// One server for the whole window: found, started, watched, started again.

import * as vscode from 'vscode';
import { ApplyWorkspaceEditRequest, CloseAction, ErrorAction, LanguageClient, type LanguageClientOptions, type Middleware, State, TransportKind } from 'vscode-languageclient/node';
import { Backoff } from './backoff';
import { type Discovery, type Server, discover } from './discovery';
import { applyEdit } from './edits';
import { thisMachine } from './machine';
import { SELECTOR } from './selector';
import { SHOW_CFN_LINT, forServer } from './settings';

/** Milliseconds for a server to answer `initialize`; one that hangs must not keep a restart waiting. */
const START_PATIENCE = 60_000;

/** What the server says of itself (`fsbp/status`). */
export interface Health {
  readonly health: 'ok' | 'warning' | 'error';
  readonly quiescent: boolean;
  readonly message: string;
}

export type Phase =
  | { readonly name: 'idle' }
  | { readonly name: 'starting' }
  | { readonly name: 'running'; readonly server: Server; readonly health: Health }
  | { readonly name: 'waiting'; readonly milliseconds: number }
  | { readonly name: 'missing'; readonly discovery: Discovery }
  | { readonly name: 'failed'; readonly message: string };

/** The library opens a message box for each failure; the log and one message of our own are enough. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

export class Session implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Phase>();
  readonly onDidChange = this.changed.event;
  phase: Phase = { name: 'idle' };
  client: LanguageClient | undefined;
  /** The user has said that bulk edits need no looking through. */
  confirmed = false;

  private readonly backoff = new Backoff();
  private queue: Promise<void> = Promise.resolve();
  private again: NodeJS.Timeout | undefined;
  private disposed = false;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly output: vscode.LogOutputChannel,
    private readonly middleware: Middleware,
  ) {}

  /** Starts the server unless it runs or is about to; resolves when what was begun is over. */
  async start(): Promise<void> {
    // Asked again in its turn: several documents may open at once.
    await (this.phase.name === 'idle' ? this.inTurn(async () => (this.phase.name === 'idle' ? this.launch() : undefined)) : this.settled());
  }

  /** Resolves when no start or stop is under way. */
  settled(): Promise<void> {
    return this.queue;
  }

  /** A fresh start the user asked for: looks for the server again and forgets earlier crashes. */
  async restart(): Promise<void> {
    this.backoff.reset();
    await this.inTurn(async () => {
      await this.halt();
      await this.launch();
    });
  }

  async stop(): Promise<void> {
    await this.inTurn(async () => {
      await this.halt();
      this.enter({ name: 'idle' });
    });
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.again);
    this.changed.dispose();
  }

  /** Whether the running server has this command. */
  offers(command: string): boolean {
    return this.client?.initializeResult?.capabilities.executeCommandProvider?.commands.includes(command) ?? false;
  }

  async find(): Promise<Discovery> {
    const settings = vscode.workspace.getConfiguration('fsbp');
    const wanted = {
      path: settings.get('path', ''),
      interpreter: settings.get('interpreter', ''),
      folders: (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath),
      trusted: vscode.workspace.isTrusted,
      bundle: this.context.asAbsolutePath('bundled'),
    };
    return discover(wanted, thisMachine());
  }

  /** One thing at a time: starts and stops that overlap leave servers behind. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.queue.then(() => (this.disposed ? undefined : work()));
    this.queue = done.catch((error: unknown) => this.output.error(String(error)));
    return this.queue;
  }

  private enter(phase: Phase): void {
    this.phase = phase;
    if (!this.disposed) {
      this.changed.fire(phase);
    }
  }

  private async launch(): Promise<void> {
    clearTimeout(this.again);
    this.enter({ name: 'starting' });
    const discovery = await this.find();
    for (const { place, reason } of discovery.misses) {
      this.output.info(`${place}: ${reason}`);
    }
    const { server } = discovery;
    if (server === undefined) {
      this.enter({ name: 'missing', discovery });
      return;
    }
    this.output.info(`fsbp-lsp ${server.version} (${server.source}): ${[server.command, ...server.args].join(' ')}`);
    const client = this.make(server);
    this.client = client;
    try {
      await within(START_PATIENCE, client.start());
    } catch (error) {
      this.crashed(client, error instanceof Error ? error.message : String(error));
      return;
    }
    if (this.client === client) {
      const health: Health = this.phase.name === 'running' ? this.phase.health : { health: 'ok', quiescent: true, message: '' };
      this.enter({ name: 'running', server, health });
    }
  }

  private async halt(): Promise<void> {
    clearTimeout(this.again);
    const client = this.client;
    this.client = undefined;
    if (client !== undefined) {
      try {
        await client.dispose();
      } catch (error) {
        // It did not run any more, or did not leave in time; the library ends its process then.
        this.output.info(`stopping: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  /** The connection ended without being asked to. */
  private crashed(client: LanguageClient, reason: string): void {
    if (this.client !== client || this.disposed) {
      return;
    }
    this.client = undefined;
    const wait = this.backoff.crashed(Date.now());
    this.output.error(`the server stopped: ${reason}`);
    if (wait === undefined) {
      this.enter({ name: 'failed', message: 'fsbp-lsp crashed five times within three minutes and is not started again.' });
      return;
    }
    this.enter({ name: 'waiting', milliseconds: wait });
    this.again = setTimeout(() => void this.inTurn(() => this.launch()), wait);
  }

  private make(server: Server): LanguageClient {
    const settings = vscode.workspace.getConfiguration('fsbp');
    const file = settings.get('logFile', '');
    const args = [...server.args, '--log-level', settings.get('logLevel', 'warning'), ...(file === '' ? [] : ['--log-file', file])];
    const options: LanguageClientOptions = {
      documentSelector: SELECTOR.map((filter) => ({ ...filter })) as NonNullable<LanguageClientOptions['documentSelector']>,
      outputChannel: this.output,
      diagnosticCollectionName: 'fsbp',
      initializationOptions: serverSettings(settings),
      middleware: {
        ...this.middleware,
        workspace: {
          configuration: async (params, token, next) => {
            const answers = await next(params, token);
            return Array.isArray(answers) ? answers.map(serverSettings) : answers;
          },
        },
      },
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          this.crashed(client, 'the connection was closed');
          // A fresh client is made for the next start: the program may have been replaced meanwhile.
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
      initializationFailedHandler: () => false,
    };
    const executable = { command: server.command, args, transport: TransportKind.stdio, options: { cwd: this.context.extensionPath } };
    const client = new QuietClient('fsbp', 'FSBP', executable, options);
    client.registerFeature({
      fillClientCapabilities: (capabilities) => {
        capabilities.experimental = { ...(capabilities.experimental as object | undefined), fsbpStatus: true, fsbpAskIgnore: true };
      },
      initialize: () => undefined,
      getState: () => ({ kind: 'static' }),
      clear: () => undefined,
    });
    client.onRequest(ApplyWorkspaceEditRequest.type, (params) => applyEdit(client, params, this.confirmed));
    client.onNotification('fsbp/status', (health: Health) => {
      if (this.client === client && client.state !== State.Stopped) {
        this.enter({ name: 'running', server, health });
      }
    });
    return client;
  }
}

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds / 1000} s`)), milliseconds);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function serverSettings(section: unknown): unknown {
  const said = vscode.workspace.getConfiguration('fsbp').inspect('cfnLint');
  return forServer(section, {
    trusted: vscode.workspace.isTrusted,
    cfnLintShown: SHOW_CFN_LINT.some((id) => vscode.extensions.getExtension(id) !== undefined),
    cfnLintSaid: [said?.globalValue, said?.workspaceValue, said?.workspaceFolderValue].some((value) => value !== undefined),
  });
}
