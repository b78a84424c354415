// The suite inside the extension host, against the unpacked extension and a server named by a setting.
//   node host.mjs --server PROGRAM

import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { VSCode } from './harness.mjs';
import { TERRAFORM } from './sources.mjs';

const { values: given } = parseArgs({ options: { server: { type: 'string' } } });
const extension = path.resolve(import.meta.dirname, '../../../editors/vscode');

/** What came of the suite, and whether it ran at all: now and then this VS Code ends its extension host before it begins. */
async function attempt() {
  const code = await VSCode.start({ settings: { 'fsbp.path': path.resolve(given.server) } });
  try {
    const module = { 'main.tf': TERRAFORM.replace('= false', '= var.scan'), 'variables.tf': 'variable "scan" {\n  default = false\n}\n' };
    const one = code.workspace('one', { ...module, 'plain/main.tf': TERRAFORM });
    const two = code.workspace('two', { ...module, '.vscode/settings.json': JSON.stringify({ 'fsbp.severity': { '*': 'hint' } }) });
    const file = path.join(code.workspaces, 'both.code-workspace');
    fs.writeFileSync(file, JSON.stringify({ folders: [{ path: one }, { path: two }] }));
    const failed = await code.hostTests({ workspace: file }, extension, path.join(extension, 'out/test/host.js'));
    return { failed, began: code.suiteBegan };
  } finally {
    await code.stop();
  }
}

let { failed, began } = await attempt();
for (let again = 0; !began && again < 2; again += 1) {
  console.log(`the suite did not begin (${failed}): once more`);
  ({ failed, began } = await attempt());
}
console.log(`failed: ${failed}`);
process.exitCode = failed === 0 ? 0 : 1;
