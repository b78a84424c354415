from __future__ import annotations

import pytest

from fsbp_lsp.cloudformation import sniff, template_of
from fsbp_lsp.cloudformation.detect import is_type

BUCKET = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n"

TEMPLATES = {
    "version only": "AWSTemplateFormatVersion: 2010-09-09\n",
    "resources": BUCKET,
    "custom": "Resources:\n  C:\n    Type: Custom::Thing\n",
    "third party": "Resources:\n  C:\n    Type: Org::Service::Thing::MODULE\n",
    "sam": "Transform: AWS::Serverless-2016-10-31\nGlobals: {}\n",
    "sam in a list": "Transform:\n  - AWS::Serverless-2016-10-31\n",
    "a module of another tool beside": BUCKET + "  M:\n    Type: !Rain::Module x\n",
    "json": '{"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}',
    "yaml in braces": "{Resources: {B: {Type: 'AWS::S3::Bucket'}}}",
    "broken further down": BUCKET + "    Properties:\n      A: [\n",
    "byte order mark": "\ufeff" + BUCKET,
    "crlf": BUCKET.replace("\n", "\r\n"),
}

OTHERS = {
    "nothing": "",
    "commented out": "# AWSTemplateFormatVersion: 2010-09-09\n# Resources:\n#   B: {Type: AWS::S3::Bucket}\nname: x\n",
    "null resources": "Resources:\n# AWS::S3::Bucket\n",
    "resources list": "Resources:\n  - Type: AWS::S3::Bucket\n",
    "type is a mapping": "Resources:\n  B:\n    Type: {a: 'AWS::S3::Bucket'}\n",
    "type is tagged": "Resources:\n  B:\n    Type: !Rain::Module AWS::S3::Bucket\n",
    "member is a scalar": "Resources:\n  B: AWS::S3::Bucket\n",
    "member is tagged": "Resources: !Foo\n  B:\n    Type: AWS::S3::Bucket\n",
    "serverless": "service: x\nprovider: aws\nresources:\n  Resources:\n    B:\n      Type: AWS::S3::Bucket\n",
    "kubernetes": "apiVersion: v1\nkind: ConfigMap\ndata:\n  t: |\n    Resources:\n      B:\n        Type: AWS::S3::Bucket\n",
    "compose": "services:\n  web:\n    image: nginx\n",
    "workflow": "on: push\njobs:\n  a:\n    steps:\n      - run: aws cloudformation deploy # AWS::S3::Bucket Resources\n",
    "cdk manifest": '{"version": "36", "artifacts": {"S": {"type": "aws:cloudformation:stack", "Resources": "AWS::S3::Bucket"}}}',
    "registry schema": '{"typeName": "AWS::S3::Bucket", "properties": {"Resources": {}}}',
    "a list": "- Resources:\n    B: {Type: 'AWS::S3::Bucket'}\n",
    "a jinja source": "{% for b in buckets %}\nResources: AWS::S3::Bucket\n{% endfor %}\n",
    "a template of a template": BUCKET + "{% if x %}\n    DeletionPolicy: Retain\n{% endif %}\n",
    "a word": "Resources AWS::S3::Bucket",
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_are_seen(name):
    data = TEMPLATES[name].encode()
    assert sniff("x", data)
    assert template_of("x", data) is not None


@pytest.mark.parametrize("name", OTHERS)
def test_other_files_are_left_alone(name):
    assert template_of("x.yaml", OTHERS[name].encode()) is None


def test_an_ordinary_file_is_not_parsed():
    assert not sniff("a.yaml", b"name: x\nsteps: []\n")
    assert not sniff("a.yaml", b"AWSTemplateFormatVersion: x\0")
    assert not sniff("main.tf.json", BUCKET.encode())


@pytest.mark.parametrize("text", ["AWS::S3::Bucket", "Custom::My-Thing_2@x", "A::B::C::MODULE"])
def test_type_names(text):
    assert is_type(text)


@pytest.mark.parametrize("text", [None, "", "AWS", "AWS::", "::S3", "AWS::S3::", "AWS::S3::${X}", "a b::c"])
def test_what_is_no_type_name(text):
    assert not is_type(text)


@pytest.mark.parametrize(
    "data",
    [
        "AWSTemplateFormatVersion: 2010-09-09\n# caf\u00e9\nResources: {}\n".encode("latin-1"),
        '{\n  "AWSTemplateFormatVersion": "2010-09-09", "Description": "caf\u00e9"}'.encode("latin-1"),
        b"AWSTemplateFormatVersion: 2010-09-09\nA: " + b"[" * 5000,
    ],
)
def test_a_template_that_cannot_be_read_is_a_problem(data):
    found = template_of("t.yaml", data)
    assert found is not None
    assert not found.resources
    assert not found.complete
    assert len(found.problems) == 1


@pytest.mark.parametrize(
    "data",
    [
        "kind: ConfigMap\ndata:\n  t: |\n    AWSTemplateFormatVersion: 2010-09-09 caf\u00e9\n".encode("latin-1"),
        "# AWSTemplateFormatVersion: caf\u00e9\n".encode("latin-1"),
    ],
)
def test_other_files_that_cannot_be_read_are_left_alone(data):
    assert template_of("t.yaml", data) is None
