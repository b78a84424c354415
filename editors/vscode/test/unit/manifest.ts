import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const root = path.resolve(__dirname, '../..'); // from out/test
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const { contributes } = manifest;
const source = readdirSync(path.join(root, 'src'))
  .map((name) => readFileSync(path.join(root, 'src', name), 'utf8'))
  .join('\n');

test('every command that is offered is registered', () => {
  for (const { command } of contributes.commands) {
    assert.ok(source.includes(`command('${command}'`), command);
  }
});

test('every setting that is read is declared, with a description and a default', () => {
  for (const [, name] of source.matchAll(/settings\.get\('([\w.]+)'/g)) {
    assert.ok(`fsbp.${name}` in contributes.configuration.properties, name);
  }
  for (const [name, property] of Object.entries<Record<string, unknown>>(contributes.configuration.properties)) {
    assert.ok(typeof property['markdownDescription'] === 'string' && 'default' in property && 'type' in property, name);
  }
});

test('programs and files to write cannot be named by a workspace that is not trusted', () => {
  assert.deepEqual(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations, ['fsbp.path', 'fsbp.interpreter', 'fsbp.logFile']);
});

test('languages and grammars belong to other extensions', () => {
  assert.equal(contributes.languages, undefined);
  assert.equal(contributes.grammars, undefined);
});

test('the pages of the walkthrough are there, and its buttons do something', () => {
  const commands = new Set(contributes.commands.map(({ command }: { command: string }) => command));
  for (const { description, media } of contributes.walkthroughs[0].steps) {
    assert.ok(existsSync(path.join(root, media.markdown)), media.markdown);
    for (const [, command] of (description as string).matchAll(/\(command:(fsbp[\w.]+)/g)) {
      assert.ok(commands.has(command), command as string);
    }
  }
});
