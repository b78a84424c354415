// A real VS Code: its server (the build inside code-server), and its workbench in a headless browser.

import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** Where .ci/editors-vscode put things. */
const HOME = process.env.FSBP_VSCODE_HOME ?? path.resolve(import.meta.dirname, '../../../build/vscode');
const CODE = path.join(HOME, 'node_modules/code-server/lib/vscode');
if (!fs.existsSync(path.join(HOME, '.installed'))) {
  console.error(`there is no VS Code in ${HOME}: run .ci/editors-vscode`);
  process.exit(77);
}
const { chromium } = createRequire(path.join(HOME, 'package.json'))('playwright-core');

const SETTINGS = {
  'chat.disableAIFeatures': true,
  'editor.minimap.enabled': false,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'files.autoSave': 'off',
  'git.enabled': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Asks again until the answer is true-ish; throws with `what` after a while. */
export async function until(what, ask, patience = 30_000) {
  const end = Date.now() + patience;
  for (;;) {
    const answer = await ask();
    if (answer) {
      return answer;
    }
    if (Date.now() > end) {
      throw new Error(`waited ${patience / 1000} s for ${what}`);
    }
    await pause(40);
  }
}

async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** One VS Code with its own empty home. `vsix`: what to install. `settings`: on top of SETTINGS. `env`: for the extension host.
 * `stubs`: manifests of extensions that only have to be there. */
export class VSCode {
  static async start({ vsix = [], stubs = [], settings = {}, env = {} } = {}) {
    const code = new VSCode();
    code.root = fs.mkdtempSync(path.join(os.tmpdir(), 'fsbp-vscode-'));
    code.workspaces = path.join(code.root, 'workspaces');
    fs.mkdirSync(code.workspaces);
    for (const kind of ['Machine', 'User']) {
      const folder = path.join(code.root, 'server/data', kind);
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(path.join(folder, 'settings.json'), JSON.stringify({ ...SETTINGS, ...settings }));
    }
    code.port = await freePort();
    const main = [path.join(CODE, 'out/server-main.js'), '--accept-server-license-terms'];
    main.push('--server-data-dir', path.join(code.root, 'server'), '--telemetry-level', 'off');
    // No gallery: nothing is looked up anywhere.
    const environment = { ...process.env, HOME: code.root, EXTENSIONS_GALLERY: '{}', ...env };
    for (const file of vsix) {
      const done = spawnSync(process.execPath, [...main, '--install-extension', file], { env: environment, encoding: 'utf8' });
      if (done.status !== 0) {
        throw new Error(`installing ${file}: ${done.stdout}${done.stderr}`);
      }
    }
    for (const manifest of stubs) {
      const folder = path.join(code.root, 'server/extensions', `${manifest.publisher}.${manifest.name}-${manifest.version}`);
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
      const list = path.join(code.root, 'server/extensions/extensions.json');
      const entry = { identifier: { id: `${manifest.publisher}.${manifest.name}` }, version: manifest.version };
      const location = { $mid: 1, path: folder, scheme: 'file' };
      const listed = fs.existsSync(list) ? JSON.parse(fs.readFileSync(list, 'utf8')) : [];
      fs.writeFileSync(list, JSON.stringify([...listed, { ...entry, location, relativeLocation: path.basename(folder) }]));
    }
    code.log = fs.openSync(path.join(code.root, 'server.log'), 'w');
    const listen = ['--without-connection-token', '--host', '127.0.0.1', '--port', String(code.port), '--enable-smoke-test-driver'];
    code.server = spawn(process.execPath, [...main, ...listen], { env: environment, stdio: ['ignore', code.log, code.log] });
    await until('the VS Code server', async () => {
      try {
        return (await fetch(`http://127.0.0.1:${code.port}/version`)).ok;
      } catch {
        return false;
      }
    });
    code.browser = await chromium.launchPersistentContext(path.join(code.root, 'browser'), {
      executablePath: process.env.FSBP_CHROMIUM ?? '/usr/bin/chromium',
      headless: true,
      viewport: { width: 1100, height: 700 },
      permissions: ['clipboard-read', 'clipboard-write'],
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
    });
    const local = (url) => ['127.0.0.1', 'localhost'].includes(url.hostname) || ['data:', 'blob:'].includes(url.protocol);
    await code.browser.route((url) => !local(url), (route) => route.abort());
    return code;
  }

  async stop() {
    await this.browser?.close();
    if (this.server !== undefined && this.server.exitCode === null) {
      const gone = new Promise((resolve) => this.server.once('exit', resolve));
      this.server.kill();
      await gone;
    }
    // Extension hosts leave a moment later.
    await until('the folder to be free', () => {
      try {
        fs.rmSync(this.root, { recursive: true, force: true });
        return true;
      } catch {
        return false;
      }
    });
  }

  /** A folder with these files: name → text. */
  workspace(name, files) {
    const folder = path.join(this.workspaces, name);
    for (const [file, text] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      fs.writeFileSync(path.join(folder, file), text);
    }
    return folder;
  }

  uri(file) {
    return `vscode-remote://127.0.0.1:${this.port}${file}`;
  }

  /** `what`: { folder } or { workspace }, the path of a .code-workspace file. */
  async page(what, payload) {
    const page = await this.browser.newPage();
    const query = new URLSearchParams({ ...what, payload: JSON.stringify(payload) });
    return { page, url: `http://127.0.0.1:${this.port}/?${query}` };
  }

  /** The workbench of a folder with one file open. */
  async open(folder, file) {
    const { page, url } = await this.page({ folder }, file === undefined ? [] : [['openFile', this.uri(path.join(folder, file))]]);
    await page.goto(url);
    await page.waitForSelector('.monaco-workbench', { timeout: 60_000 });
    if (file !== undefined) {
      await page.waitForSelector('.monaco-editor .view-lines', { timeout: 60_000 });
    }
    return new Workbench(page, folder);
  }

  /** Runs a suite inside the extension host against an unpacked extension. Resolves to how many failed; prints what came of each test. */
  async hostTests(what, extension, suite) {
    if (!fs.existsSync(suite)) {
      throw new Error(`${suite} is not built`);
    }
    const payload = [
      ['extensionDevelopmentPath', this.uri(extension)],
      ['extensionTestsPath', this.uri(suite)],
    ];
    const { page, url } = await this.page(what, payload);
    let done;
    let last = '';
    const ended = new Promise((resolve) => (done = resolve));
    await page.exposeFunction('codeAutomationLog', (type, args) => {
      const said = args.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join(' ');
      last = type === 'error' ? said : last;
      // The rest is VS Code talking to itself.
      if (/^(ok|FAILED) /.test(said)) {
        console.log(said);
      } else if (said.startsWith('DONE ')) {
        done(Number(said.slice(5)));
      }
    });
    await page.exposeFunction('codeAutomationExit', (code) => done(`VS Code ended the tests with ${code}: ${last}`));
    await page.goto(url);
    const timer = setTimeout(() => done('timeout'), 150_000);
    return ended.finally(() => clearTimeout(timer));
  }
}

/** One window, driven as a person would: keys, menus, what is to be seen. */
export class Workbench {
  constructor(page, folder) {
    this.page = page;
    this.folder = folder;
  }

  async close() {
    await this.page.close();
  }

  /** The visible lines of the active editor. */
  async text() {
    return this.page.evaluate(() => {
      const lines = [...document.querySelectorAll('.editor-group-container.active .monaco-editor .view-line')];
      lines.sort((one, other) => parseFloat(one.style.top) - parseFloat(other.style.top));
      return lines.map((line) => line.textContent.replaceAll('\u00a0', ' ')).join('\n');
    });
  }

  async waitForText(wanted, there = true) {
    await until(`${there ? '' : 'no '}“${wanted}” in the editor`, async () => (await this.text()).includes(wanted) === there);
  }

  /** How many squiggles of each severity the active editor shows. */
  async squiggles() {
    return this.page.evaluate(() => {
      const count = (kind) => document.querySelectorAll(`.editor-group-container.active .monaco-editor .squiggly-${kind}`).length;
      return { error: count('error'), warning: count('warning'), info: count('info') };
    });
  }

  /** Waits until the Problems panel has exactly these control ids, in any order. */
  async waitForProblems(ids) {
    const wanted = [...ids].sort().join(' ');
    let seen = '';
    try {
      await until('', async () => {
        seen = (await this.problems()).map(({ id }) => id).sort().join(' ');
        return seen === wanted;
      });
    } catch {
      throw new Error(`Problems has “${seen}”, not “${wanted}”`);
    }
  }

  /** Rows of the Problems panel: message, source, control id, address of its link. */
  async problems() {
    return this.page.evaluate(() =>
      [...document.querySelectorAll('.markers-panel .monaco-list-row')]
        .filter((row) => row.querySelector('.marker-icon') !== null)
        .map((row) => ({
          text: row.innerText.replaceAll('\n', ' '),
          id: row.querySelector('.marker-code, .details-container .monaco-link')?.innerText.replace(/[()]/g, '').trim() ?? '',
          href: row.querySelector('a.monaco-link')?.getAttribute('href') ?? '',
        })),
    );
  }

  async showProblems() {
    await this.command('Problems: Focus on Problems View');
    await this.page.waitForSelector('.markers-panel', { timeout: 20_000 });
  }

  async focusEditor() {
    await this.command('View: Focus Active Editor Group');
  }

  /** A command by its full title, through the command palette. */
  async command(title) {
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-widget input.input');
    await input.waitFor({ state: 'visible' });
    await input.fill(`>${title}`);
    await this.focusRow(title);
    await this.page.keyboard.press('Enter');
    // The command may ask something at once, in the same box.
    await until(`“${title}” to be taken`, async () => !(await input.isVisible()) || !(await input.inputValue()).startsWith('>'));
  }

  /** Moves to the entry with exactly this label: what was used last is on top, whatever is typed. */
  async focusRow(label) {
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: label }).first().waitFor({ timeout: 20_000 });
    await until(`“${label}” in the list`, async () => {
      const focused = await this.page.evaluate(() => document.querySelector('.quick-input-list .monaco-list-row.focused .label-name')?.textContent);
      if (focused !== label) {
        await this.page.keyboard.press('ArrowDown');
      }
      return focused === label;
    });
  }

  /** Chooses from the list that is open, or about to be. */
  async pick(label) {
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: label });
    await row.waitFor({ timeout: 20_000 });
    await row.click();
  }

  /** Fills the input box that is open, or about to be, and leaves it open. */
  async question(title, text) {
    await until(`the question “${title}”`, async () => {
      const box = this.page.locator('.quick-input-widget');
      return (await box.isVisible()) && (await box.innerText()).includes(title);
    });
    await this.page.locator('.quick-input-widget input.input').fill(text);
  }

  /** Answers it. */
  async answer(title, text) {
    await this.question(title, text);
    await this.page.keyboard.press('Enter');
  }

  async open(file) {
    await this.page.keyboard.press('Control+p');
    const input = this.page.locator('.quick-input-widget input.input');
    await input.waitFor({ state: 'visible' });
    await input.fill(file);
    await this.focusRow(file);
    await this.page.keyboard.press('Enter');
    await this.page.locator('.tab.active', { hasText: file }).waitFor({ timeout: 20_000 });
  }

  async goTo(line, column = 1) {
    await this.focusEditor();
    await this.page.keyboard.press('Control+g');
    const input = this.page.locator('.quick-input-widget input.input');
    await input.waitFor({ state: 'visible' });
    await input.fill(`:${line}:${column}`);
    await this.page.keyboard.press('Enter');
    await input.waitFor({ state: 'hidden' });
  }

  async type(text, delay = 0) {
    await this.page.keyboard.type(text, { delay });
  }

  async press(keys) {
    await this.page.keyboard.press(keys);
  }

  /** Opens the light bulb's menu at the cursor; resolves to its entries. */
  async bulb(wanted) {
    await until(`“${wanted}” in the light bulb's menu`, async () => {
      await this.page.keyboard.press('Control+.');
      try {
        await this.page.locator('.action-widget .monaco-list-row', { hasText: wanted }).first().waitFor({ timeout: 3000 });
        return true;
      } catch {
        await this.page.keyboard.press('Escape');
        return false;
      }
    });
    return this.page.locator('.action-widget .monaco-list-row').allInnerTexts();
  }

  /** Chooses an entry of the light bulb's menu with the keyboard. */
  async quickFix(wanted) {
    await this.bulb(wanted);
    const focused = this.page.locator('.action-widget .monaco-list-row.focused');
    for (let steps = 0; !(await focused.innerText()).includes(wanted); steps += 1) {
      if (steps > 30) {
        throw new Error(`“${wanted}” cannot be reached in the menu`);
      }
      await this.page.keyboard.press('ArrowDown');
    }
    await this.page.keyboard.press('Enter');
  }

  /** Saves; waits until the file on disk has the text. */
  async save(file, wanted) {
    await this.page.keyboard.press('Control+s');
    await until(`“${wanted}” in ${file} on disk`, () => this.onDisk(file).includes(wanted), 10_000);
  }

  onDisk(file) {
    return fs.readFileSync(path.join(this.folder, file), 'utf8');
  }

  async shot(file) {
    await this.page.screenshot({ path: file });
  }
}
