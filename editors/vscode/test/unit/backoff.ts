import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../../src/backoff';

test('waits longer after each crash and gives up at the fifth within three minutes', () => {
  const backoff = new Backoff();
  const waits = [0, 1000, 3000, 10_000, 20_000].map((now) => backoff.crashed(now));
  assert.deepEqual(waits, [500, 1000, 2000, 4000, undefined]);
});

test('crashes long ago do not count', () => {
  const backoff = new Backoff();
  for (let minute = 0; minute < 60; minute += 1) {
    assert.notEqual(backoff.crashed(minute * 60_000), undefined, `crash at minute ${minute}`);
  }
});

test('a restart by the user starts counting anew', () => {
  const backoff = new Backoff();
  [0, 1, 2, 3].forEach((now) => backoff.crashed(now));
  backoff.reset();
  assert.equal(backoff.crashed(4), 500);
});
