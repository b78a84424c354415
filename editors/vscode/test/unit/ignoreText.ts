import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dateProblem, wantsReason, withReason } from '../../src/ignoreText';

test('a comment gets date and reason', () => {
  const text = '  # fsbp:ignore S3.8 -- give a reason\n';
  assert.ok(wantsReason(text));
  assert.equal(withReason(text, 'public website', '2099-01-31'), '  # fsbp:ignore S3.8 until=2099-01-31 -- public website\n');
  assert.equal(withReason(text, 'public website', ''), '  # fsbp:ignore S3.8 -- public website\n');
});

test('the same for a whole file', () => {
  assert.equal(withReason('# fsbp:ignore-file S3.8 -- give a reason\r\n', 'test data', '2099-01-31'), '# fsbp:ignore-file S3.8 until=2099-01-31 -- test data\r\n');
});

test('a reason stays on its line whatever was pasted', () => {
  assert.equal(withReason('# fsbp:ignore S3.8 -- give a reason\n', ' one\n}\r\ntwo\t$& ', ''), '# fsbp:ignore S3.8 -- one } two $&\n');
});

test('Metadata gets members, quoted, in the spacing of the file', () => {
  const spaced = '"Metadata": {"fsbp": {"ignore": [{"id": "S3.8", "reason": "give a reason"}]}},';
  assert.ok(wantsReason(spaced));
  assert.equal(
    withReason(spaced, 'the "old" one \\o/', '2099-01-31'),
    '"Metadata": {"fsbp": {"ignore": [{"id": "S3.8", "reason": "the \\"old\\" one \\\\o/", "until": "2099-01-31"}]}},',
  );
  assert.deepEqual(JSON.parse(withReason('{"reason":"give a reason"}', 'x', '2099-01-31')), { reason: 'x', until: '2099-01-31' });
});

test('an id added to an ignore that is there needs no reason', () => {
  assert.ok(!wantsReason(', S3.9'));
  assert.equal(withReason(', S3.9', 'x', ''), ', S3.9');
});

test('dates', () => {
  for (const fine of ['', '  ', '2026-11-26', '2028-02-29', ' 2099-12-31 ']) {
    assert.equal(dateProblem(fine, '2026-11-26'), '', fine);
  }
  for (const wrong of ['2027-02-29', '2027-13-01', '31.1.2027', 'tomorrow', '2027-1-1', '20270-01-01']) {
    assert.match(dateProblem(wrong, '2026-11-26'), /such as/, wrong);
  }
  assert.match(dateProblem('2026-11-25', '2026-11-26'), /passed/);
});
