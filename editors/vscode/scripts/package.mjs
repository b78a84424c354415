// One command to an installable VSIX:  npm run package [-- --target linux-x64] [-- --no-bundle] [-- --out FILE]
//
// The VSIX carries the server for the platform it is packaged for. --no-bundle makes one for all platforms that carries none.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({
  options: {
    target: { type: 'string', default: `${process.platform}-${process.arch}` },
    out: { type: 'string' },
    'no-bundle': { type: 'boolean', default: false },
    'bundle-only': { type: 'boolean', default: false },
  },
});

const run = (command, ...args) => execFileSync(command, args, { cwd: root, stdio: 'inherit' });
const python = process.env.PYTHON ?? (process.platform === 'win32' ? 'python' : 'python3');

if (values['no-bundle']) {
  rmSync(path.join(root, 'bundled'), { recursive: true, force: true });
} else {
  run(python, 'scripts/bundle.py', '--target', values.target);
}
if (!values['bundle-only']) {
  run(process.execPath, 'scripts/build.mjs', '--production');
  const target = values['no-bundle'] ? [] : ['--target', values.target];
  const out = values.out ?? (values['no-bundle'] ? 'fsbp-lsp.vsix' : `fsbp-lsp-${values.target}.vsix`);
  // --no-dependencies: esbuild has already put everything into one file.
  run(process.execPath, 'node_modules/@vscode/vsce/vsce', 'package', '--no-dependencies', ...target, '--out', path.resolve(root, out));
}
