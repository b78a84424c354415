import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Machine, type Wanted, discover, searchPath } from '../../src/discovery';

const SERVER = 'fsbp-lsp 0.3.1\n';
const BUNDLE = JSON.stringify({ platform: 'linux-x64', pythons: ['3.11', '3.12'], version: '0.3.1' });
const python = (version: string, implementation = 'CPython', wide = 'True'): string => `fsbp-probe ${implementation} ${version} ${wide}\n`;

/** A machine where running a file prints what `programs` says; a function sees the arguments. */
function machine(programs: Record<string, string | ((args: readonly string[]) => string)>, more: Partial<Machine> = {}, files: Record<string, string> = {}) {
  const ran: string[] = [];
  const made: Machine & { ran: string[] } = {
    ran,
    platform: 'linux',
    arch: 'x64',
    env: { PATH: '/usr/bin:/opt/bin' },
    home: '/home/me',
    runnable: async (file) => file in programs,
    read: async (file) => files[file],
    run: async (command, args) => {
      ran.push([command, ...args].join(' '));
      const program = programs[command];
      if (program === undefined) {
        return { code: undefined, output: 'ENOENT' };
      }
      const output = typeof program === 'string' ? program : program(args);
      return { code: output.startsWith('Traceback') ? 1 : 0, output };
    },
    ...more,
  };
  return made;
}

const wanted = (more: Partial<Wanted> = {}): Wanted => ({ path: '', interpreter: '', folders: ['/ws'], trusted: true, bundle: '/ext/bundled', ...more });
const bundle = { '/ext/bundled/bundle.json': BUNDLE };
const runsBundle = (version: string) => (args: readonly string[]) => (args.includes('--version') ? SERVER : python(version));

describe('order', () => {
  const everything = {
    '/mine/fsbp-lsp': SERVER,
    '/ws/.venv/bin/fsbp-lsp': SERVER,
    '/ws/venv/bin/fsbp-lsp': SERVER,
    '/opt/bin/fsbp-lsp': SERVER,
    '/usr/bin/python3': runsBundle('3.11'),
  };
  const steps: [string, Partial<Wanted>, string[], string, string][] = [
    ['the setting comes first', { path: '/mine/fsbp-lsp' }, [], 'setting', '/mine/fsbp-lsp'],
    ['then the virtual environment of the workspace', {}, [], 'workspace', '/ws/.venv/bin/fsbp-lsp'],
    ['then one called venv', {}, ['/ws/.venv/bin/fsbp-lsp'], 'workspace', '/ws/venv/bin/fsbp-lsp'],
    ['then PATH', {}, ['/ws/.venv/bin/fsbp-lsp', '/ws/venv/bin/fsbp-lsp'], 'PATH', '/opt/bin/fsbp-lsp'],
    ['then the bundled copy', {}, ['/ws/.venv/bin/fsbp-lsp', '/ws/venv/bin/fsbp-lsp', '/opt/bin/fsbp-lsp'], 'bundled', '/usr/bin/python3'],
  ];
  for (const [name, want, gone, source, command] of steps) {
    test(name, async () => {
      const programs = Object.fromEntries(Object.entries(everything).filter(([file]) => !gone.includes(file)));
      const { server } = await discover(wanted(want), machine(programs, {}, bundle));
      assert.equal(server?.source, source);
      assert.equal(server?.command, command);
      assert.equal(server?.version, '0.3.1');
    });
  }

  test('every folder of a multi-root workspace is looked at', async () => {
    const { server } = await discover(wanted({ folders: ['/ws', '/other'] }), machine({ '/other/.venv/bin/fsbp-lsp': SERVER }));
    assert.equal(server?.command, '/other/.venv/bin/fsbp-lsp');
  });

  test('a broken environment is passed over and named', async () => {
    const { server, misses } = await discover(wanted(), machine({ '/ws/.venv/bin/fsbp-lsp': 'Traceback\nImportError: no pygls', '/opt/bin/fsbp-lsp': SERVER }));
    assert.equal(server?.source, 'PATH');
    assert.deepEqual(misses, [{ place: '/ws/.venv/bin/fsbp-lsp', reason: 'does not answer --version: ImportError: no pygls' }]);
  });
});

describe('setting fsbp.path', () => {
  test('a program that is not there is not replaced by another', async () => {
    const { server, misses } = await discover(wanted({ path: '/gone/fsbp-lsp' }), machine({ '/opt/bin/fsbp-lsp': SERVER }));
    assert.equal(server, undefined);
    assert.deepEqual(misses, [{ place: 'setting fsbp.path (/gone/fsbp-lsp)', reason: 'there is no such program' }]);
  });

  test('another program is not taken for the server', async () => {
    const { server } = await discover(wanted({ path: '/bin/ls' }), machine({ '/bin/ls': 'ls (GNU coreutils) 9.1\n' }));
    assert.equal(server, undefined);
  });

  test('home, workspace folder and environment are filled in', async () => {
    for (const written of ['~/v/fsbp-lsp', '${workspaceFolder}/v/fsbp-lsp', '${env:TOOLS}/fsbp-lsp']) {
      const there = machine({ '/home/me/v/fsbp-lsp': SERVER, '/ws/v/fsbp-lsp': SERVER, '/tools/fsbp-lsp': SERVER }, { env: { PATH: '', TOOLS: '/tools' } });
      const { server } = await discover(wanted({ path: written }), there);
      assert.equal(server?.source, 'setting', written);
    }
  });

  test('a relative path is refused and not run', async () => {
    const there = machine({ 'bin/fsbp-lsp': SERVER });
    const { server, misses } = await discover(wanted({ path: 'bin/fsbp-lsp' }), there);
    assert.equal(server, undefined);
    assert.match(misses[0]?.reason ?? '', /absolute/);
    assert.deepEqual(there.ran, []);
  });
});

describe('a workspace that is not trusted', () => {
  test('its virtual environment is neither run nor looked at', async () => {
    const there = machine({ '/ws/.venv/bin/fsbp-lsp': SERVER });
    const { server, misses } = await discover(wanted({ trusted: false }), there);
    assert.equal(server, undefined);
    assert.deepEqual(there.ran, []);
    assert.ok(misses.some(({ reason }) => reason.includes('not trusted')));
  });

  test('folders of PATH inside it are left out', async () => {
    const there = machine({ '/ws/bin/fsbp-lsp': SERVER, '/ws/bin/python3': runsBundle('3.11') }, { env: { PATH: '/ws/bin' } }, bundle);
    assert.equal((await discover(wanted({ trusted: false }), there)).server, undefined);
    assert.deepEqual(there.ran, []);
    assert.equal((await discover(wanted({ trusted: true }), there)).server?.source, 'PATH');
  });

  test('a folder whose name merely starts alike is not inside it', () => {
    assert.ok(searchPath(wanted({ trusted: false }), machine({}, { env: { PATH: '/ws2/bin' } })).includes('/ws2/bin'));
  });
});

describe('PATH', () => {
  test('relative entries are dropped', () => {
    assert.deepEqual(searchPath(wanted(), machine({}, { env: { PATH: '.:bin:/usr/bin::' } })), ['/usr/bin', '/home/me/.local/bin']);
  });

  test('~/.local/bin and the folders of uv and pipx count although PATH lacks them', async () => {
    const env = { PATH: '/usr/bin', UV_TOOL_BIN_DIR: '/uv/bin', PIPX_BIN_DIR: '/pipx/bin' };
    for (const folder of ['/home/me/.local/bin', '/uv/bin', '/pipx/bin']) {
      const { server } = await discover(wanted(), machine({ [`${folder}/fsbp-lsp`]: SERVER }, { env }));
      assert.equal(server?.command, `${folder}/fsbp-lsp`);
    }
  });

  test('Windows: Path in any case, .exe, Scripts, drive letters', async () => {
    const windows: Partial<Machine> = { platform: 'win32', env: { Path: 'tools;\\bad;"C:\\Tools";C:\\Py' }, home: 'C:\\Users\\me' };
    assert.deepEqual(searchPath(wanted({ folders: [] }), machine({}, windows)), ['C:\\Tools', 'C:\\Py', 'C:\\Users\\me\\.local\\bin']);
    const onPath = await discover(wanted({ folders: [] }), machine({ 'C:\\Tools\\fsbp-lsp.exe': SERVER }, windows));
    assert.equal(onPath.server?.command, 'C:\\Tools\\fsbp-lsp.exe');
    const inFolder = await discover(wanted({ folders: ['C:\\ws'] }), machine({ 'C:\\ws\\.venv\\Scripts\\fsbp-lsp.exe': SERVER }, windows));
    assert.equal(inFolder.server?.source, 'workspace');
  });
});

describe('the bundled copy', () => {
  test('runs isolated: nothing of the opened folder can be imported', async () => {
    const { server } = await discover(wanted(), machine({ '/usr/bin/python3': runsBundle('3.12') }, {}, bundle));
    assert.deepEqual(server?.args, ['-I', '/ext/bundled/fsbp_lsp_server.py']);
  });

  const unfit: [string, string, RegExp][] = [
    ['a Python that is too old', python('3.9'), /is Python 3\.9; the bundled server runs on 3\.11, 3\.12/],
    ['PyPy', python('3.11', 'PyPy'), /64-bit CPython/],
    ['a 32-bit Python', python('3.11', 'CPython', 'False'), /64-bit CPython/],
    ['something that is no Python', 'hello\n', /does not run as Python/],
  ];
  for (const [name, output, reason] of unfit) {
    test(`${name} is passed over and named`, async () => {
      const { server, misses } = await discover(wanted(), machine({ '/usr/bin/python3': output }, {}, bundle));
      assert.equal(server, undefined);
      assert.ok(misses.some((miss) => miss.place === '/usr/bin/python3' && reason.test(miss.reason)), JSON.stringify(misses));
    });
  }

  test('python is tried after an unfit python3', async () => {
    const { server } = await discover(wanted(), machine({ '/usr/bin/python3': python('3.9'), '/opt/bin/python': runsBundle('3.11') }, {}, bundle));
    assert.equal(server?.command, '/opt/bin/python');
  });

  test('the setting fsbp.interpreter is the only one asked', async () => {
    const there = machine({ '/usr/bin/python3': runsBundle('3.11'), '/my/python': runsBundle('3.12') }, {}, bundle);
    assert.equal((await discover(wanted({ interpreter: '/my/python' }), there)).server?.command, '/my/python');
    assert.equal((await discover(wanted({ interpreter: '/no/python' }), there)).server, undefined);
  });

  test('Windows: the launcher as a last resort', async () => {
    const windows: Partial<Machine> = { platform: 'win32', env: { PATH: 'C:\\Windows' }, home: 'C:\\Users\\me' };
    const files = { 'C:\\ext\\bundle.json': BUNDLE.replace('linux', 'win32') };
    const { server } = await discover(wanted({ bundle: 'C:\\ext' }), machine({ 'C:\\Windows\\py.exe': runsBundle('3.11') }, windows, files));
    assert.deepEqual([server?.command, ...(server?.args ?? [])], ['C:\\Windows\\py.exe', '-3', '-I', 'C:\\ext\\fsbp_lsp_server.py']);
  });

  test("Apple's stand-in, which opens a dialogue, is not run", async () => {
    const there = machine({ '/usr/bin/python3': runsBundle('3.11') }, { platform: 'darwin' }, { '/ext/bundled/bundle.json': BUNDLE.replace('linux', 'darwin') });
    assert.equal((await discover(wanted(), there)).server, undefined);
    assert.deepEqual(there.ran, []);
  });

  const absent: [string, Record<string, string>, RegExp][] = [
    ['none in this package', {}, /packaged without a server/],
    ['another platform', { '/ext/bundled/bundle.json': BUNDLE.replace('linux-x64', 'darwin-arm64') }, /packaged for darwin-arm64, this is linux-x64/],
    ['a damaged description', { '/ext/bundled/bundle.json': '{' }, /packaged without a server/],
  ];
  for (const [name, files, reason] of absent) {
    test(`${name}: said`, async () => {
      const { server, misses } = await discover(wanted(), machine({ '/usr/bin/python3': runsBundle('3.11') }, {}, files));
      assert.equal(server, undefined);
      assert.match(misses.at(-1)?.reason ?? '', reason);
    });
  }

  test('no Python at all: said', async () => {
    const { misses } = await discover(wanted(), machine({}, {}, bundle));
    assert.match(misses.at(-1)?.reason ?? '', /no Python \(3\.11, 3\.12\) to run it/);
  });
});
