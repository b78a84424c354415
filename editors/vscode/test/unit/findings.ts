import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFinding } from '../../src/findings';

test('what is not decided, and what others say, is no finding', () => {
  assert.ok(isFinding({ source: 'fsbp', data: { uri: 'file:///main.tf', fingerprint: 'f', version: 1 } }));
  assert.ok(isFinding({ source: 'fsbp' }));
  assert.ok(!isFinding({ source: 'fsbp', data: { uri: 'file:///main.tf', undecided: true, version: 1 } }));
  assert.ok(!isFinding({ source: 'cfn-lint', data: null }));
});
