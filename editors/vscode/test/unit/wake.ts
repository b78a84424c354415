import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wakes } from '../../src/wake';

const never = (): string => assert.fail('the text was read');

test('names and languages say enough', () => {
  for (const name of ['main.tf', '/a/b/main.tofu', 'x.tf.json', 'prod.tfvars', 'prod.tfvars.json', 'stack.template', 'C:\\ws\\fsbp.toml', '/ws/.fsbp.toml']) {
    assert.ok(wakes('plaintext', name, never), name);
  }
  assert.ok(wakes('opentofu', 'anything', never));
  assert.ok(wakes('cloudformation', 'untitled:1', never));
});

test('YAML and JSON by what is in them', () => {
  assert.ok(wakes('yaml', 'stack.yaml', () => 'Resources:\n  B:\n    Type: AWS::S3::Bucket\n'));
  assert.ok(wakes('json', 'stack.json', () => '{"AWSTemplateFormatVersion": "2010-09-09"}'));
  assert.ok(!wakes('yaml', 'pod.yaml', () => 'apiVersion: v1\n'));
  assert.ok(!wakes('json', 'package.json', () => '{"name": "aws-sdk"}'));
  assert.ok(!wakes('json', 'notfsbp.toml.json', () => ''));
});
