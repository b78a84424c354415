// Where the server is: setting → workspace virtual environment → PATH → the copy in this extension.
//
// Knows nothing of VS Code, so that every order of things can be tested. Whatever is found is an absolute path: a bare
// name would be looked up again by the operating system, on Windows in the opened folder first.

import * as path from 'node:path';

/** What discovery needs of the machine. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Whether there is a file that can be run. */
  runnable(file: string): Promise<boolean>;
  /** The text of a file; undefined when it cannot be read. */
  read(file: string): Promise<string | undefined>;
  /** Runs a program to its end, or gives up after some seconds. Never rejects; `code` is undefined when it could not be run. */
  run(command: string, args: readonly string[]): Promise<{ code: number | undefined; output: string }>;
}

/** What the user wants. `trusted`: whether the opened folders may name programs to run. */
export interface Wanted {
  readonly path: string;
  readonly interpreter: string;
  readonly folders: readonly string[];
  readonly trusted: boolean;
  /** Folder of the bundled copy, there or not. */
  readonly bundle: string;
}

export type Source = 'setting' | 'workspace' | 'PATH' | 'bundled';

export interface Server {
  readonly source: Source;
  readonly command: string;
  readonly args: readonly string[];
  readonly version: string;
}

/** Why one place did not do. */
export interface Miss {
  readonly place: string;
  readonly reason: string;
}

export interface Discovery {
  readonly server: Server | undefined;
  readonly misses: readonly Miss[];
}

/** `bundled/bundle.json`, written by scripts/bundle.py. */
interface Bundle {
  readonly platform: string;
  readonly pythons: readonly string[];
}

const VERSION = /^fsbp-lsp (\d+\.\d+\S*)\s*$/m;
const PROBE =
  'import platform, sys; print("fsbp-probe", platform.python_implementation(), "%d.%d" % sys.version_info[:2], sys.maxsize > 2**32)';
const PROBED = /^fsbp-probe (\S+) (\d+)\.(\d+) (True|False)\s*$/m;

export async function discover(wanted: Wanted, machine: Machine): Promise<Discovery> {
  const misses: Miss[] = [];
  if (wanted.path.trim() !== '') {
    // Named by the user: used or complained about, never silently replaced by another one.
    const file = expand(wanted.path.trim(), wanted, machine);
    const place = `setting fsbp.path (${file})`;
    if (!isAbsolute(file, machine)) {
      return { server: undefined, misses: [{ place, reason: 'is not an absolute path' }] };
    }
    return { server: await tried('setting', place, file, [], machine, misses), misses };
  }
  if (wanted.trusted) {
    for (const folder of wanted.folders) {
      for (const name of ['.venv', 'venv']) {
        const file = inEnvironment(join(machine, folder, name), machine);
        if (await machine.runnable(file)) {
          const server = await tried('workspace', file, file, [], machine, misses);
          if (server !== undefined) {
            return { server, misses };
          }
        }
      }
    }
  } else {
    misses.push({ place: 'virtual environment of the workspace', reason: 'not looked at: the workspace is not trusted' });
  }
  const onPath = await inPath('fsbp-lsp', wanted, machine);
  if (onPath === undefined) {
    misses.push({ place: 'PATH', reason: 'has no fsbp-lsp' });
  } else {
    const server = await tried('PATH', onPath, onPath, [], machine, misses);
    if (server !== undefined) {
      return { server, misses };
    }
  }
  return { server: await bundled(wanted, machine, misses), misses };
}

/** The folders programs are looked for in: absolute ones only, and none inside a workspace that is not trusted. */
export function searchPath(wanted: Wanted, machine: Machine): string[] {
  const { env, platform } = machine;
  const listed = env[Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'] ?? '';
  const folders = listed.split(platform === 'win32' ? ';' : ':').map((entry) => entry.replace(/^"(.*)"$/, '$1'));
  // Where `uv tool` and pipx put programs; an editor started from the desktop often does not have them in its PATH.
  for (const extra of [env['UV_TOOL_BIN_DIR'], env['PIPX_BIN_DIR'], env['XDG_BIN_HOME'], join(machine, machine.home, '.local', 'bin')]) {
    if (extra !== undefined && extra !== '') {
      folders.push(extra);
    }
  }
  const allowed = (folder: string): boolean =>
    isAbsolute(folder, machine) && (wanted.trusted || !wanted.folders.some((root) => isInside(folder, root, machine)));
  return [...new Set(folders.filter(allowed))];
}

async function inPath(name: string, wanted: Wanted, machine: Machine): Promise<string | undefined> {
  for (const folder of searchPath(wanted, machine)) {
    const file = join(machine, folder, machine.platform === 'win32' ? `${name}.exe` : name);
    // Apple's stand-in asks to install developer tools, and is older than 3.11 when they are there.
    if (!(machine.platform === 'darwin' && file === '/usr/bin/python3') && (await machine.runnable(file))) {
      return file;
    }
  }
  return undefined;
}

async function bundled(wanted: Wanted, machine: Machine, misses: Miss[]): Promise<Server | undefined> {
  const bundle = parseBundle(await machine.read(join(machine, wanted.bundle, 'bundle.json')));
  if (bundle === undefined) {
    misses.push({ place: 'this extension', reason: 'was packaged without a server' });
    return undefined;
  }
  const here = `${machine.platform}-${machine.arch}`;
  if (bundle.platform !== here) {
    misses.push({ place: 'this extension', reason: `was packaged for ${bundle.platform}, this is ${here}` });
    return undefined;
  }
  const script = join(machine, wanted.bundle, 'fsbp_lsp_server.py');
  let asked = 0;
  for (const [command, ...args] of await interpreters(wanted, machine)) {
    if (command === undefined) {
      continue;
    }
    asked += 1;
    const unusable = await judge(command, args, bundle, machine);
    if (unusable !== '') {
      misses.push({ place: [command, ...args].join(' '), reason: unusable });
      continue;
    }
    // -I: no PYTHON* variable, no user site, and above all not the opened folder as a place for modules.
    const server = await tried('bundled', `${command} (bundled server)`, command, [...args, '-I', script], machine, misses);
    if (server !== undefined) {
      return server;
    }
  }
  if (asked === 0) {
    misses.push({ place: 'this extension', reason: `holds a server, but there is no Python (${bundle.pythons.join(', ')}) to run it` });
  }
  return undefined;
}

async function interpreters(wanted: Wanted, machine: Machine): Promise<string[][]> {
  if (wanted.interpreter.trim() !== '') {
    return [[expand(wanted.interpreter.trim(), wanted, machine)]];
  }
  const found: string[][] = [];
  for (const [name, ...args] of machine.platform === 'win32' ? [['python'], ['py', '-3']] : [['python3'], ['python']]) {
    const file = await inPath(name as string, wanted, machine);
    if (file !== undefined) {
      found.push([file, ...args]);
    }
  }
  return found;
}

/** Why this interpreter cannot run the bundled server; '' when it can. */
async function judge(command: string, args: readonly string[], bundle: Bundle, machine: Machine): Promise<string> {
  if (!isAbsolute(command, machine)) {
    return 'is not an absolute path (setting fsbp.interpreter)';
  }
  const { code, output } = await machine.run(command, [...args, '-I', '-c', PROBE]);
  const found = PROBED.exec(output);
  if (code !== 0 || found === null) {
    return 'does not run as Python';
  }
  const [, implementation, major, minor, wide] = found;
  const version = `${major}.${minor}`;
  if (implementation !== 'CPython' || wide !== 'True') {
    return 'the bundled server needs a 64-bit CPython';
  }
  return bundle.pythons.includes(version) ? '' : `is Python ${version}; the bundled server runs on ${bundle.pythons.join(', ')}`;
}

/** Asks a program for its version: proof that it is the server and that it starts. */
async function tried(
  source: Source,
  place: string,
  command: string,
  args: readonly string[],
  machine: Machine,
  misses: Miss[],
): Promise<Server | undefined> {
  if (source === 'setting' && !(await machine.runnable(command))) {
    misses.push({ place, reason: 'there is no such program' });
    return undefined;
  }
  const { code, output } = await machine.run(command, [...args, '--version']);
  const version = VERSION.exec(output)?.[1];
  if (code !== 0 || version === undefined) {
    const said = output.trim().split('\n').pop() ?? '';
    misses.push({ place, reason: `does not answer --version${said === '' ? '' : `: ${said.slice(0, 200)}`}` });
    return undefined;
  }
  return { source, command, args, version };
}

function parseBundle(text: string | undefined): Bundle | undefined {
  try {
    const bundle = JSON.parse(text ?? '') as Bundle;
    return typeof bundle.platform === 'string' && Array.isArray(bundle.pythons) ? bundle : undefined;
  } catch {
    return undefined;
  }
}

function expand(written: string, wanted: Wanted, machine: Machine): string {
  const file = written
    .replace(/^~(?=$|[/\\])/, () => machine.home)
    .replace(/\$\{workspaceFolder\}/g, () => wanted.folders[0] ?? '${workspaceFolder}')
    .replace(/\$\{env:([^}]+)\}/g, (_, name: string) => machine.env[name] ?? '');
  return isAbsolute(file, machine) ? flavour(machine).normalize(file) : file;
}

function inEnvironment(environment: string, machine: Machine): string {
  return machine.platform === 'win32' ? join(machine, environment, 'Scripts', 'fsbp-lsp.exe') : join(machine, environment, 'bin', 'fsbp-lsp');
}

function flavour(machine: Machine): path.PlatformPath {
  return machine.platform === 'win32' ? path.win32 : path.posix;
}

function join(machine: Machine, ...parts: string[]): string {
  return flavour(machine).join(...parts);
}

function isAbsolute(file: string, machine: Machine): boolean {
  // On Windows `\tools` is absolute for Node and means another place on each drive.
  return machine.platform === 'win32' ? /^([A-Za-z]:[\\/]|\\\\)/.test(file) : path.posix.isAbsolute(file);
}

function isInside(file: string, root: string, machine: Machine): boolean {
  const relative = flavour(machine).relative(root, file);
  return relative === '' || (!relative.startsWith('..') && !flavour(machine).isAbsolute(relative));
}
