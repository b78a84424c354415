// Bundles the extension into out/extension.js and copies what it shares with the repository.
//   --production   small, without source map      --tests   also the tests      --watch   again on every change
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const given = new Set(process.argv.slice(2));
const production = given.has('--production');

mkdirSync(path.join(root, 'schemas'), { recursive: true });
const schemas = path.resolve(root, '../../docs/schema');
for (const name of readdirSync(schemas)) {
  if (/^(template-metadata|fsbp\.toml)\.schema\.json$/.test(name)) {
    copyFileSync(path.join(schemas, name), path.join(root, 'schemas', name));
  }
}

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node18',
  external: ['vscode'],
  logLevel: 'warning',
};
const jobs = [{ ...common, entryPoints: ['src/extension.ts'], outfile: 'out/extension.js', minify: production, sourcemap: !production }];
if (given.has('--tests')) {
  jobs.push({ ...common, entryPoints: ['test/unit/all.ts'], outfile: 'out/test/unit.cjs' });
  jobs.push({ ...common, entryPoints: ['test/host/suite.ts'], outfile: 'out/test/host.js' });
}
if (given.has('--watch')) {
  await (await esbuild.context(jobs[0])).watch();
} else {
  await Promise.all(jobs.map((job) => esbuild.build(job)));
}
