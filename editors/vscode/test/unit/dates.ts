import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dateProblem } from '../../src/dates';

test('dates', () => {
  for (const fine of ['', '  ', '2026-11-26', '2028-02-29', ' 2099-12-31 ']) {
    assert.equal(dateProblem(fine, '2026-11-26'), '', fine);
  }
  for (const wrong of ['2027-02-29', '2027-13-01', '31.1.2027', 'tomorrow', '2027-1-1', '20270-01-01']) {
    assert.match(dateProblem(wrong, '2026-11-26'), /such as/, wrong);
  }
  assert.match(dateProblem('2026-11-25', '2026-11-26'), /passed/);
});
