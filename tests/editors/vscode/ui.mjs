// The list of things a person does, in the real VS Code with the packed extension.
//   node ui.mjs --vsix FILE --fsbp PROGRAM [--group GROUP | --only NAME] [--shots FOLDER] [--failures FOLDER]
//   node ui.mjs --list
// --server: a server to use in place of the bundled one.
// --shots writes the pictures of the documentation, --failures what was to be seen when a scenario failed.
// One line per scenario: “ok GROUP: NAME” or “FAILED GROUP: NAME: why”. --fsbp: the command line whose fixes ours must equal.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { VSCode, until } from './harness.mjs';
import { COMPANION, JSON_TEMPLATE, TERRAFORM, YAML } from './sources.mjs';

const { values: given } = parseArgs({
  options: {
    vsix: { type: 'string' },
    fsbp: { type: 'string' },
    server: { type: 'string' },
    group: { type: 'string' },
    only: { type: 'string' },
    shots: { type: 'string' },
    failures: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
});

function equal(got, wanted, what) {
  if (got !== wanted) {
    throw new Error(`${what}: got ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`);
  }
}

function truth(holds, what) {
  if (!holds) {
    throw new Error(what);
  }
}

/** What `fsbp check --fix` makes of a file. */
function fixedByCommandLine(code, file, text) {
  const folder = code.workspace(`cli-${file}`, { [file]: text });
  const done = spawnSync(given.fsbp, ['check', '--fix', folder], { encoding: 'utf8' });
  truth(done.status === 0 || done.status === 1, `fsbp check --fix: ${done.stdout}${done.stderr}`);
  return fs.readFileSync(path.join(folder, file), 'utf8');
}

async function shot(bench, name) {
  if (given.shots !== undefined) {
    fs.mkdirSync(given.shots, { recursive: true });
    await bench.page.waitForTimeout(600); // animations end, tooltips go
    await bench.shot(path.join(given.shots, `${name}.png`));
  }
}

/** Squiggle, Problems row with id and link, light bulb, save, equal to the command line: the same in each dialect. */
async function quickFix(code, file, text, line, column) {
  const bench = await code.open(code.workspace(`fix-${file}`, { [file]: text }), file);
  await until('three squiggles', async () => (await bench.squiggles()).warning === 3);
  await bench.showProblems();
  await bench.waitForProblems(['ECR.1', 'ECR.2', 'ECR.3']);
  const rows = await bench.problems();
  const row = rows.find(({ id }) => id === 'ECR.1');
  truth(/fsbp/.test(row.text), `the row names its source: ${row.text}`);
  truth(/ecr-controls\.html#ecr-1$/.test(row.href), `the row links to the control: ${row.href}`);
  await bench.goTo(line, column);
  const menu = await bench.bulb('ECR.1: Set');
  truth(menu[1].startsWith('ECR.1: Set'), `the fix comes first: ${menu.join(' | ')}`);
  for (const entry of ['Ignore ECR.1 here', 'Explain ECR.1']) {
    truth(menu.some((one) => one.includes(entry)), `“${entry}” in ${menu.join(' | ')}`);
  }
  if (file === 'main.tf') {
    await shot(bench, 'vscode-fix');
  }
  await bench.press('Escape');
  await bench.quickFix('ECR.1: Set');
  await bench.waitForProblems(['ECR.2', 'ECR.3']);
  await until('two squiggles', async () => (await bench.squiggles()).warning === 2);
  const wanted = fixedByCommandLine(code, file, text);
  truth(wanted !== text, 'the command line fixes something');
  await bench.save(file, 'true');
  equal(bench.onDisk(file), wanted, 'the file on disk and `fsbp check --fix`');
  await bench.close();
}

async function ignore(code, file, text, line, column, wanted) {
  const bench = await code.open(code.workspace(`ignore-${file}`, { [file]: text }), file);
  await bench.showProblems();
  await bench.waitForProblems(['ECR.1', 'ECR.2', 'ECR.3']);
  await bench.goTo(line, column);
  await bench.quickFix('Ignore ECR.2 here');
  if (file === 'main.tf') {
    await bench.question('Why is this acceptable', 'the release job moves "stable"');
    await shot(bench, 'vscode-ignore');
  }
  await bench.answer('Why is this acceptable', 'the release job moves "stable"');
  await bench.answer('Until when', '2099-01-31');
  await bench.waitForProblems(['ECR.1', 'ECR.3']);
  await bench.save(file, '2099-01-31');
  truth(bench.onDisk(file).includes(wanted), `${wanted} in ${bench.onDisk(file)}`);
  const done = spawnSync(given.fsbp, ['check', '--output-format', 'json', path.join(bench.folder, file)], { encoding: 'utf8' });
  truth(!done.stdout.includes('"ECR.2"') || !/"id": ?"ECR\.2"/.test(done.stdout), 'the command line honours the ignore');
  await bench.close();
}

async function fixAll(code, file, text) {
  const bench = await code.open(code.workspace(`all-${file}`, { [file]: text }), file);
  await bench.showProblems();
  await until('problems', async () => (await bench.problems()).length > 0);
  await bench.focusEditor();
  await bench.command('FSBP: Fix All Safe Findings in File');
  await until('the fixes', async () => !(await bench.problems()).some(({ id }) => id === 'ECR.1'));
  await bench.page.keyboard.press('Control+s');
  const wanted = fixedByCommandLine(code, file, text);
  await until('the file on disk to equal the command line', () => bench.onDisk(file) === wanted, 10_000);
  await bench.close();
}

const MODULES = { 'main.tf': TERRAFORM, 'other/main.tf': TERRAFORM, 'template.yaml': YAML };

async function fixWorkspace(code, name, way, confirm) {
  const bench = await code.open(code.workspace(name, MODULES), 'main.tf');
  await bench.showProblems();
  await bench.waitForProblems(['ECR.1', 'ECR.2', 'ECR.3']);
  await bench.command('FSBP: Fix All Safe Findings in Workspace…');
  await bench.pick(way);
  await confirm(bench);
  await bench.page.locator('.notification-toast', { hasText: 'fixed 3 findings in 3 files' }).waitFor({ timeout: 30_000 });
  for (const [file, text] of Object.entries(MODULES)) {
    const wanted = fixedByCommandLine(code, path.basename(file), text);
    // Files nobody had open become tabs a moment later; only tabs are saved.
    await until(`${file} on disk to equal the command line`, async () => {
      const equals = bench.onDisk(file) === wanted;
      if (!equals) {
        await bench.command('Save All');
      }
      return equals;
    });
  }
  await bench.close();
}

const TWO = `${TERRAFORM}\n${TERRAFORM.replace('"images" {', '"more" {').replace('"images"\n', '"more"\n')}`;

const SCENARIOS = {
  'quick fix: Terraform': (code) => quickFix(code, 'main.tf', TERRAFORM, 6, 22),
  'quick fix: CloudFormation YAML': (code) => quickFix(code, 'template.yaml', YAML, 9, 23),
  'quick fix: CloudFormation JSON': (code) => quickFix(code, 'template.json', JSON_TEMPLATE, 9, 27),

  'ignore: Terraform': (code) =>
    ignore(code, 'main.tf', TERRAFORM, 3, 28, '# fsbp:ignore ECR.2 until=2099-01-31 -- the release job moves "stable"\n'),
  'ignore: CloudFormation YAML': (code) =>
    ignore(code, 'template.yaml', YAML, 7, 30, '# fsbp:ignore ECR.2 until=2099-01-31 -- the release job moves "stable"\n'),
  'ignore: CloudFormation JSON': (code) =>
    ignore(code, 'template.json', JSON_TEMPLATE, 7, 34, '"reason": "the release job moves \\"stable\\""'),

  'fix all: Terraform': (code) => fixAll(code, 'main.tf', TWO),
  'fix all: CloudFormation YAML': (code) => fixAll(code, 'template.yaml', YAML),

  'fix all: workspace, looked through first': (code) =>
    fixWorkspace(code, 'looked', 'Look through the changes first', async (bench) => {
      const preview = bench.page.locator('.bulk-edit-panel');
      await preview.waitFor({ timeout: 30_000 });
      await until('three files in the preview', async () => {
        const text = await preview.innerText();
        return text.includes('template.yaml') && text.split('main.tf').length > 2;
      });
      await shot(bench, 'vscode-fix-workspace');
      for (const [file, text] of Object.entries(MODULES)) {
        equal(bench.onDisk(file), text, `${file} before the changes are confirmed`);
      }
      // Ticking a file ticks its changes, a moment later.
      const unticked = preview.locator('.monaco-list-row[aria-level="1"] input.edit-checkbox:not(:checked)');
      for (let left = await unticked.count(); left > 0; left -= 1) {
        await unticked.first().click();
        await until('the tick', async () => (await unticked.count()) === left - 1);
      }
      await until('every tick', async () => (await preview.locator('input.edit-checkbox:not(:checked)').count()) === 0);
      await bench.page.locator('.bulk-edit-panel .monaco-button', { hasText: 'Apply' }).click();
    }),
  'fix all: workspace, at once': (code) => fixWorkspace(code, 'at-once', 'Apply all safe fixes', async () => undefined),

  async 'typing: broken syntax'(code) {
    const bench = await code.open(code.workspace('broken', { 'main.tf': TWO }), 'main.tf');
    const both = ['ECR.1', 'ECR.1', 'ECR.2', 'ECR.2', 'ECR.3', 'ECR.3'];
    await bench.showProblems();
    await bench.waitForProblems(both);
    await bench.goTo(10, 1);
    const typed = 'resource "aws_ecr_repository" "x {';
    await bench.type(typed);
    // Of the repository that cannot be read nothing is said; of the one above, whose text did not change, what was certain stays.
    await bench.waitForProblems(['ECR.1', 'ECR.2', 'ECR.3', 'syntax']);
    await until('an error squiggle', async () => (await bench.squiggles()).error >= 1);
    for (let left = typed.length; left > 0; left -= 1) {
      await bench.press('Backspace');
    }
    await until('the text to be as before', async () => (await bench.text()).includes('\nresource "aws_ecr_repository" "more" {'));
    await bench.waitForProblems(both);
    await bench.close();
  },

  async 'typing: companion in another file'(code) {
    const files = { 'main.tf': TERRAFORM, 'lifecycle.tf': '', 'policy.json': '{}' };
    const bench = await code.open(code.workspace('companion', files), 'main.tf');
    await bench.showProblems();
    await bench.waitForProblems(['ECR.1', 'ECR.2', 'ECR.3']);
    await bench.open('lifecycle.tf');
    await bench.focusEditor();
    // As a person types it: the editor closes brackets and quotes by itself.
    const [head, ...body] = COMPANION.trimEnd().split('\n').slice(0, -1);
    await bench.type(head);
    for (const line of body) {
      await bench.press('Enter');
      await bench.type(line.trim());
    }
    await until('ECR.3 to be gone from Problems', async () => {
      const ids = (await bench.problems()).map(({ id }) => id);
      return !ids.includes('ECR.3') && ids.includes('ECR.2');
    });
    equal(bench.onDisk('lifecycle.tf'), '', 'the companion is not saved yet');
    await bench.close();
  },

  async 'reading: explain'(code) {
    const bench = await code.open(code.workspace('explain', { 'main.tf': TERRAFORM }), 'main.tf');
    await bench.showProblems();
    await bench.waitForProblems(['ECR.1', 'ECR.2', 'ECR.3']);
    await bench.goTo(6, 22);
    await bench.quickFix('Explain ECR.1');
    await bench.page.locator('.tab', { hasText: 'ECR.1' }).waitFor({ timeout: 20_000 });
    const page = await until('the page of the control', async () => {
      for (const frame of bench.page.frames()) {
        const heading = await frame.evaluate(() => document.body?.innerText ?? '').catch(() => '');
        if (/image scanning configured/.test(heading) && frame !== bench.page.mainFrame()) {
          return heading;
        }
      }
      return undefined;
    });
    truth(/ecr-controls\.html#ecr-1|AWS documentation/.test(page), `the page links to AWS: ${page}`);
    await bench.command('View: Toggle Panel Visibility');
    await bench.command('View: Toggle Primary Side Bar Visibility');
    await shot(bench, 'vscode-explain');
    equal(bench.page.context().pages().length, 2, 'no browser window is opened');
    await bench.close();
  },

  async 'reading: status and why a file is not checked'(code) {
    const bench = await code.open(code.workspace('status', { 'main.tf': TERRAFORM, 'notes.yaml': 'a: 1\n' }), 'notes.yaml');
    const shown = async (wanted) => {
      await until(`“${wanted}” in the status item`, async () => {
        const label = await bench.page.locator('#status\\.languageStatus').getAttribute('aria-label');
        return label?.includes(wanted) === true;
      });
    };
    await shown('idle');
    await bench.open('main.tf');
    await shown('3 findings');
    await bench.open('notes.yaml');
    await shown('neither Terraform nor a CloudFormation template');
    await bench.close();
  },

  async 'around: check workspace'(code) {
    const modules = Object.fromEntries(Array.from({ length: 12 }, (_, number) => [`m${number}/main.tf`, TERRAFORM]));
    const bench = await code.open(code.workspace('check', { ...modules, 'README.md': 'nothing\n' }), 'README.md');
    await bench.showProblems();
    equal((await bench.problems()).length, 0, 'findings before anything is asked');
    await bench.command('FSBP: Check Workspace');
    await bench.page.locator('.notification-toast', { hasText: '36 findings in 12 files' }).waitFor({ timeout: 60_000 });
    await until('rows of files nobody has open', async () => (await bench.problems()).length > 5); // the list renders what fits
    await bench.close();
  },

  async 'starting: a server that cannot be found, or keeps crashing'(code) {
    const impostor = path.join(code.root, 'impostor');
    fs.writeFileSync(impostor, '#!/bin/sh\n[ "$1" = --version ] && echo "fsbp-lsp 9.9.9" && exit 0\necho broken >&2\nexit 3\n', { mode: 0o755 });
    const cases = [
      ['/nowhere/fsbp-lsp', 'there is no such program', '(/nowhere/fsbp-lsp): there is no such program'],
      [impostor, 'crashed five times within three minutes', 'client failed'],
    ];
    for (const [program, message, told] of cases) {
      const files = { 'main.tf': TERRAFORM, '.vscode/settings.json': JSON.stringify({ 'fsbp.path': program }) };
      const bench = await code.open(code.workspace(path.basename(path.dirname(program)), files), 'main.tf');
      const toasts = bench.page.locator('.notifications-toasts .notification-toast');
      await toasts.filter({ hasText: message }).waitFor({ timeout: 60_000 });
      equal(await toasts.count(), 1, 'messages on the screen');
      await bench.command('FSBP: Show Debug Information');
      await bench.waitForText(told);
      await bench.close();
    }
  },

  async 'starting: restart and debug information'(code) {
    const bench = await code.open(code.workspace('restart', { 'main.tf': TERRAFORM }), 'main.tf');
    await bench.showProblems();
    await bench.waitForProblems(['ECR.1', 'ECR.2', 'ECR.3']);
    await bench.command('FSBP: Restart Server');
    await bench.waitForProblems(['ECR.1', 'ECR.2', 'ECR.3']);
    await bench.command('FSBP: Show Debug Information');
    await bench.command('View: Toggle Panel Visibility'); // only lines in sight can be read
    await bench.waitForText('(bundled)');
    await bench.waitForText('main.tf version');
    await bench.close();
  },

  async 'around: CloudFormation tags are offered once'(code) {
    const folder = code.workspace('tags', { 'template.yaml': YAML });
    const bench = await code.open(folder, 'template.yaml');
    const offer = (page) => page.locator('.notifications-toasts .notification-toast', { hasText: 'yaml.customTags' });
    await offer(bench.page).waitFor({ timeout: 30_000 });
    await bench.page.locator('.notification-toast .monaco-button', { hasText: 'Add to Workspace Settings' }).click();
    await until('the setting', () => fs.existsSync(path.join(folder, '.vscode/settings.json')));
    const added = await until('the tags', () => JSON.parse(bench.onDisk('.vscode/settings.json') || '{}')['yaml.customTags']);
    truth(added.includes('!Ref scalar') && added.includes('!GetAtt sequence'), `tags: ${added}`);
    await bench.close();
    // Another workspace lacks them too, but once is enough.
    const other = await code.open(code.workspace('tags-again', { 'template.yaml': YAML }), 'template.yaml');
    await other.showProblems();
    await other.waitForProblems(['ECR.1', 'ECR.2', 'ECR.3']);
    equal(await offer(other.page).count(), 0, 'offers in the second workspace');
    await other.close();
  },

  async 'starting: a workspace that is not trusted runs nothing'() {
    const trust = 'security.workspace.trust';
    const settings = { [`${trust}.enabled`]: true, [`${trust}.startupPrompt`]: 'never', [`${trust}.banner`]: 'never' };
    const careful = await VSCode.start({ vsix: [path.resolve(given.vsix)], settings });
    try {
      const folder = careful.workspace('hostile', { 'main.tf': TERRAFORM });
      const ran = path.join(folder, 'ran');
      for (const program of ['.venv/bin/fsbp-lsp', 'mine/fsbp-lsp']) {
        fs.mkdirSync(path.dirname(path.join(folder, program)), { recursive: true });
        fs.writeFileSync(path.join(folder, program), `#!/bin/sh\necho "$0" >> '${ran}'\n`, { mode: 0o755 });
      }
      // Python would import these before its own, if it were started in the folder.
      for (const name of ['fsbp_lsp.py', 'platform.py', 'sitecustomize.py']) {
        fs.writeFileSync(path.join(folder, name), `open(${JSON.stringify(ran)}, "a").write(__file__)\n`);
      }
      fs.mkdirSync(path.join(folder, '.vscode'));
      const wants = { 'fsbp.path': path.join(folder, 'mine/fsbp-lsp'), 'fsbp.logFile': path.join(folder, 'log') };
      fs.writeFileSync(path.join(folder, '.vscode/settings.json'), JSON.stringify(wants));
      const bench = await careful.open(folder, 'main.tf');
      await bench.page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor({ timeout: 30_000 });
      await bench.showProblems();
      await bench.waitForProblems(['ECR.1', 'ECR.2', 'ECR.3']);
      truth(!fs.existsSync(ran), `something of the workspace ran: ${fs.existsSync(ran) && fs.readFileSync(ran, 'utf8')}`);
      truth(!fs.existsSync(path.join(folder, 'log')), 'a file named by the workspace was written');
    } finally {
      await careful.stop();
    }
  },

  async 'around: example of the walkthrough'(code) {
    const bench = await code.open(code.workspace('empty', { 'README.md': 'nothing\n' }), 'README.md');
    await bench.command('FSBP: Open an Example with Findings');
    await bench.showProblems();
    await bench.waitForProblems(['ECR.1', 'ECR.2', 'ECR.3']);
    await bench.close();
  },
};

const YAML_EXTENSION = {
  publisher: 'redhat',
  name: 'vscode-yaml',
  version: '1.0.0',
  engines: { vscode: '*' },
  contributes: { configuration: { properties: { 'yaml.customTags': { type: 'array', default: [] } } } },
};

const names = Object.keys(SCENARIOS).filter(
  (name) => (given.group === undefined || name.startsWith(`${given.group}: `)) && (given.only === undefined || name.includes(given.only)),
);
if (given.list || names.length === 0) {
  console.log(names.join('\n'));
  process.exit(given.list ? 0 : 1);
}

const settings = given.server === undefined ? {} : { 'fsbp.path': path.resolve(given.server) };
const code = await VSCode.start({ vsix: [path.resolve(given.vsix)], stubs: [YAML_EXTENSION], settings });
let failures = 0;
try {
  for (const name of names) {
    const began = Date.now();
    try {
      await SCENARIOS[name](code);
      console.log(`ok ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failures += 1;
      console.log(`FAILED ${name}: ${error.message.split('\n').slice(0, 6).join(' / ')}`);
      for (const page of code.browser.pages().slice(1)) {
        if (given.failures !== undefined) {
          fs.mkdirSync(given.failures, { recursive: true });
          await page.screenshot({ path: path.join(given.failures, `${name.replaceAll(/\W+/g, '-')}.png`) }).catch(() => undefined);
        }
        await page.close();
      }
    }
  }
} finally {
  await code.stop();
}
process.exitCode = failures === 0 ? 0 : 1;
