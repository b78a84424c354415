import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLOUDFORMATION_TAGS, looksLikeTemplate, missingTags } from '../../src/tags';

test('nothing is missing once everything was added', () => {
  assert.deepEqual(missingTags(CLOUDFORMATION_TAGS), []);
  assert.deepEqual(missingTags([]), CLOUDFORMATION_TAGS);
});

test('a tag without a kind is a scalar; case and blanks of a kind do not matter', () => {
  const missing = missingTags(['!Ref', '!Sub  Scalar', '!Sub SEQUENCE']);
  assert.ok(!missing.some((tag) => tag.startsWith('!Ref ') || tag.startsWith('!Sub ')));
  assert.ok(missing.includes('!GetAtt scalar'));
});

test('templates and what only looks alike', () => {
  assert.ok(looksLikeTemplate('AWSTemplateFormatVersion: "2010-09-09"\n'));
  assert.ok(looksLikeTemplate('Resources:\n  B:\n    Type: "AWS::S3::Bucket"\n'));
  assert.ok(!looksLikeTemplate('# AWSTemplateFormatVersion: "2010-09-09"\n'));
  assert.ok(!looksLikeTemplate('apiVersion: v1\nkind: Pod\n'));
  assert.ok(!looksLikeTemplate('text: "Type: AWS::S3::Bucket"\n'));
});
