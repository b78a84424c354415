// The suite inside the extension host, against the unpacked extension and a server named by a setting.
//   node host.mjs --server PROGRAM

import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { VSCode } from './harness.mjs';
import { TERRAFORM } from './sources.mjs';

const { values: given } = parseArgs({ options: { server: { type: 'string' } } });
const extension = path.resolve(import.meta.dirname, '../../../editors/vscode');

const code = await VSCode.start({ settings: { 'fsbp.path': path.resolve(given.server) } });
try {
  const module = { 'main.tf': TERRAFORM.replace('= false', '= var.scan'), 'variables.tf': 'variable "scan" {\n  default = false\n}\n' };
  const undecided = `${TERRAFORM.replace('= false', '= var.scan')}variable "scan" {\n  type = bool\n}\n`;
  code.workspace('one', { ...module, 'plain/main.tf': TERRAFORM, 'undecided/main.tf': undecided });
  code.workspace('two', { ...module, '.vscode/settings.json': JSON.stringify({ 'fsbp.severity': { '*': 'hint' } }) });
  const file = path.join(code.workspaces, 'both.code-workspace');
  // The suite adds its folders itself.
  fs.writeFileSync(file, JSON.stringify({ folders: [] }));
  const failed = await code.hostTests({ workspace: file }, extension, path.join(extension, 'out/test/host.js'));
  console.log(`failed: ${failed}`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await code.stop();
}
