import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SELECTOR } from '../../src/selector';

test('files and unsaved documents only: nothing of a virtual file system is handed over', () => {
  assert.deepEqual([...new Set(SELECTOR.map(({ scheme }) => scheme))].sort(), ['file', 'untitled']);
});

test('every filter names a language or a pattern', () => {
  for (const filter of SELECTOR) {
    assert.ok((filter.language === undefined) !== (filter.pattern === undefined), JSON.stringify(filter));
  }
});
