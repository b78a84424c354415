import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Surroundings, forServer } from '../../src/settings';

const alone: Surroundings = { trusted: true, cfnLintShown: false, cfnLintSaid: false };

test('what is ours stays here, all else goes over', () => {
  const section = { enable: true, path: '/x', interpreter: '', logLevel: 'debug', logFile: '', trace: { server: 'off' }, severity: { 'S3.*': 'hint' }, future: 1 };
  assert.deepEqual(forServer(section, alone), { enable: true, severity: { 'S3.*': 'hint' }, future: 1 });
});

test('the settings themselves are not changed', () => {
  const section = Object.freeze({ path: '/x', cfnLint: 'onSave' });
  forServer(section, { ...alone, trusted: false });
  assert.deepEqual(section, { path: '/x', cfnLint: 'onSave' });
});

test('cfn-lint runs once, and not in a workspace that is not trusted', () => {
  const section = { cfnLint: 'onSave' };
  assert.deepEqual(forServer(section, alone), { cfnLint: 'onSave' });
  assert.deepEqual(forServer(section, { ...alone, cfnLintShown: true }), { cfnLint: 'off' });
  assert.deepEqual(forServer(section, { ...alone, cfnLintShown: true, cfnLintSaid: true }), { cfnLint: 'onSave' });
  assert.deepEqual(forServer(section, { ...alone, trusted: false, cfnLintSaid: true }), { cfnLint: 'off' });
});

test('no section at all', () => {
  assert.equal(forServer(undefined, alone), undefined);
  assert.equal(forServer(null, alone), null);
});
