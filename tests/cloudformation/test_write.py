"""The writer of templates: what a path creates, replaces and refuses, in YAML and in JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fsbp_lsp.cloudformation import write
from fsbp_lsp.model.path import parse_path
from fsbp_lsp.model.resource import Placeholder, Reference, Refusal
from fsbp_lsp.syntax.json import read_json
from fsbp_lsp.syntax.tree import Document, Mapping
from fsbp_lsp.syntax.yaml import read_yaml
from fsbp_lsp.text import Edit, Piece, SourceFile, apply_edits

YAML = """\
# A template
Resources:
  Logs:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: logs # name
      Tags:
        - Key: a
          Value: b   # b
      Choice: !If [Prod, {A: 1}, !Ref AWS::NoValue]
      Long:
        Fn::If: [Prod, {A: 1}, {A: 2}]
      Nothing: !Ref AWS::NoValue
      Maybe:
        - !If [Prod, {Key: x, Value: y}, !Ref AWS::NoValue]
        - Key: z
          Value: 1
      Computed:
        - Key: !Sub "${A}"
          Value: 1
      Rules:
        - Status: "off"

  Bare:
    Type: AWS::SNS::Topic
"""


def load(text: str) -> tuple[Piece, Document, Any]:
    data = text.encode()
    piece = Piece(SourceFile("t", data), 0, data)
    document = (read_json if text.lstrip().startswith("{") else read_yaml)(piece)
    assert isinstance(document.root, Mapping)
    return piece, document, document.root.get("Resources")


def done(text: str, made: tuple[Edit, ...] | Refusal) -> str:
    assert not isinstance(made, Refusal), made.reason
    out = apply_edits(text.encode(), made).decode()
    assert not load(out)[1].errors, out
    return out


def change(text: str, action: str, path: str, *want: Any, resource: str = "Logs") -> str:
    piece, document, resources = load(text)
    return done(text, getattr(write, action)(piece, document, resources.get(resource), parse_path(path), *want))


def refusal(text: str, action: str, path: str, *want: Any, resource: str = "Logs") -> str:
    piece, document, resources = load(text)
    made = getattr(write, action)(piece, document, resources.get(resource), parse_path(path), *want)
    assert isinstance(made, Refusal), made
    return made.reason


class Target:
    """As much of a resource as a reference needs."""

    block = "Logs"


def reference(cfn: str = "", suffix: str = "") -> Reference:
    return Reference(Target(), "id", cfn, suffix)  # type: ignore[arg-type]  # only the block is looked at


def test_put_replaces_one_value():
    assert change(YAML, "put", "BucketName", "other") == YAML.replace("logs # name", "other # name")
    assert change(YAML, "put", "Tags[Key=a].Value", "true") == YAML.replace("Value: b   #", 'Value: "true"   #')
    assert change(YAML, "put", "Choice", True) == YAML.replace("!If [Prod, {A: 1}, !Ref AWS::NoValue]\n      Long", "true\n      Long")
    assert change(YAML, "put", "Rules.Status", "on") == YAML.replace('"off"', '"on"')


def test_put_creates_what_is_missing():
    tail = '        - Status: "off"\n'
    assert change(YAML, "put", "A.B.C", 1) == YAML.replace(tail, tail + "      A:\n        B:\n          C: 1\n")
    assert change(YAML, "put", "Tags[Key=n].Value", "on") == YAML.replace(
        "b   # b\n", 'b   # b\n        - Key: "n"\n          Value: "on"\n'
    )
    assert change(YAML, "put", "List[Key=x].Value", 1) == YAML.replace(tail, tail + "      List:\n        - Key: x\n          Value: 1\n")
    assert change(YAML, "put", "Nothing.Deep", 1) == YAML.replace("Nothing: !Ref AWS::NoValue", "Nothing:\n        Deep: 1")
    bare = "    Type: AWS::SNS::Topic\n"
    assert change(YAML, "put", "K", reference(), resource="Bare") == YAML.replace(bare, bare + "    Properties:\n      K: !Ref Logs\n")


def test_put_twice_changes_nothing_more():
    for path, want in (("A.B", {"C": [1, {"D": "*"}]}), ("Tags[Key=n].Value", "no"), ("BucketName", True)):
        once = change(YAML, "put", path, want)
        if isinstance(want, dict):
            once = change(once, "put", path, want)
        assert change(once, "put", path, want) == once


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("Choice.A", "decided by !If"),
        ("Long.A", "decided by Fn::If"),
        ("Maybe[Key=q].Value", "a list with conditional elements"),
        ("Computed[Key=q].Value", "an element that may have Key q already"),
        ("BucketName.A", "not a mapping that could hold A"),
        ("BucketName[Key=x].A", "what is written there is not a list"),
    ],
)
def test_put_refuses_what_it_cannot_know(path, reason):
    assert refusal(YAML, "put", path, 1) == reason


def test_nothing_is_written_into_a_broken_template():
    assert refusal(YAML + "  x: y: z\n", "put", "BucketName", "q") == "the template has syntax errors"
    assert refusal('{"Resources": {"Logs": {"Type": "x",}}}', "put", "BucketName", "q") == "the template has syntax errors"


def test_references_and_placeholders_in_both_notations():
    want = [reference(), reference("Arn"), reference("Arn", "/*"), Placeholder("KEY"), {"Bucket": reference()}]
    assert write.plain(want, True) == [
        {"Ref": "Logs"},
        {"Fn::GetAtt": ["Logs", "Arn"]},
        {"Fn::Sub": "${Logs.Arn}/*"},
        "KEY",
        {"Bucket": {"Ref": "Logs"}},
    ]
    text = change(YAML, "put", "New", want, resource="Bare")
    written = ["!Ref Logs", "!GetAtt Logs.Arn", "!Sub ${Logs.Arn}/*", "KEY", "Bucket: !Ref Logs"]
    assert text.endswith("      New:\n" + "".join(f"        - {line}\n" for line in written))


def test_append_and_remove():
    added = change(YAML, "append", "Tags", {"Key": "k", "Value": "v"})
    assert added == YAML.replace("b   # b\n", "b   # b\n        - Key: k\n          Value: v\n")
    assert change(added, "remove", "Tags[Key=k]") == YAML
    assert change(YAML, "append", "Nothing", 1) == YAML.replace("Nothing: !Ref AWS::NoValue", "Nothing:\n        - 1")
    assert change(YAML, "remove", "BucketName") == YAML.replace("      BucketName: logs # name\n", "")
    assert change(YAML, "remove", "Tags[Key=a]") == YAML.replace("Tags:\n        - Key: a\n          Value: b   # b", "Tags: []   # b")
    assert refusal(YAML, "remove", "Not.There") == "nothing is written there"
    assert refusal(YAML, "append", "BucketName", 1) == "what is written there is not a list"
    assert (
        refusal(YAML.replace("      Tags:", "      BucketName: twice\n      Tags:"), "remove", "BucketName") == "the key is written twice"
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_new_resource_stands_behind_its_owner(newline):
    text = YAML.replace("\n", newline)
    piece, document, _ = load(text)
    body = [("Bucket", reference()), ("Policy.Version", "2012-10-17"), ("Policy.Statement", [{"Effect": "Deny", "Action": "s3:*"}])]
    out = done(text, write.insert_resource(piece, document, "Logs", "AWS::S3::BucketPolicy", "Bare", body))
    written = """\

  Bare2:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Logs
      Policy:
        Version: "2012-10-17"
        Statement:
          - Effect: Deny
            Action: s3:*
"""
    assert out == text.replace(f'"off"{newline}', f'"off"{newline}' + written.replace("\n", newline))


JSON = json.dumps(
    {
        "Resources": {
            "Logs": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "logs", "Tags": [{"Key": "a", "Value": "b"}], "E": {}}},
            "Bare": {"Type": "AWS::SNS::Topic"},
        }
    },
    indent=2,
)


@pytest.mark.parametrize("indent", [None, 1, 2, 4, "\t"])
@pytest.mark.parametrize(
    ("action", "path", "want", "expected"),
    [
        ("put", "BucketName", True, {"BucketName": True, "Tags": [{"Key": "a", "Value": "b"}], "E": {}}),
        ("put", "E.F.G", [1, {"x": "y"}], {"BucketName": "logs", "Tags": [{"Key": "a", "Value": "b"}], "E": {"F": {"G": [1, {"x": "y"}]}}}),
        (
            "put",
            "Tags[Key=c].Value",
            "d",
            {"BucketName": "logs", "Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}], "E": {}},
        ),
        ("append", "New", {"a": 1}, {"BucketName": "logs", "Tags": [{"Key": "a", "Value": "b"}], "E": {}, "New": [{"a": 1}]}),
    ],
)
def test_json_reads_back_as_wanted(action, path, want, expected, indent):
    text = json.dumps(json.loads(JSON), indent=indent)
    out = change(text, action, path, want)
    assert json.loads(out)["Resources"]["Logs"]["Properties"] == expected
    assert out == json.dumps(json.loads(out), indent=indent) or "[1, {" in json.dumps(want)
    assert json.loads(change(out, "remove", path.split("[")[0].split(".")[0]))["Resources"]["Bare"] == {"Type": "AWS::SNS::Topic"}


def test_json_without_properties_and_a_new_resource():
    out = change(JSON, "put", "K", 1, resource="Bare")
    assert out == JSON.replace('"AWS::SNS::Topic"', '"AWS::SNS::Topic",\n      "Properties": {\n        "K": 1\n      }')
    piece, document, _ = load(JSON)
    out = done(JSON, write.insert_resource(piece, document, "Bare", "T", "A-b", [("R", reference("Arn"))]))
    assert json.loads(out)["Resources"]["Ab"] == {"Type": "T", "Properties": {"R": {"Fn::GetAtt": ["Logs", "Arn"]}}}
    assert (
        out
        == json.dumps(json.loads(out), indent=2).replace('[\n            "Logs",\n            "Arn"\n          ]', '["Logs", "Arn"]')[
            : len(out)
        ]
    )


def ignore(text: str, mark: str, ids: list[str], until: str = "") -> str:
    piece, document, resources = load(text)
    made = write.insert_ignore(piece, document, resources.get("Logs"), text.index(mark), ids, "an  agreed\nreason", until)
    return done(text, made)


def test_an_ignore_is_a_comment_above_in_yaml():
    out = ignore(YAML, "BucketName", ["S3.8", "S3.1"], "2027-01-31")
    line = "      # fsbp:ignore S3.8, S3.1 until=2027-01-31 -- an agreed reason\n"
    assert out == YAML.replace("      BucketName", line + "      BucketName")
    other = "      # fsbp:ignore S3.9 -- an agreed reason\n"
    assert ignore(out, "BucketName", ["S3.9"]) == out.replace("      BucketName", other + "      BucketName")


def test_an_ignore_is_metadata_in_json():
    out = ignore(JSON, "BucketName", ["S3.8"], "2027-01-31")
    once = {"id": "S3.8", "reason": "an agreed reason", "until": "2027-01-31"}
    assert json.loads(out)["Resources"]["Logs"]["Metadata"] == {"fsbp": {"ignore": [once]}}
    twice = ignore(out, "BucketName", ["S3.1", "S3.2"])
    assert json.loads(twice)["Resources"]["Logs"]["Metadata"] == {
        "fsbp": {"ignore": [once, {"ids": ["S3.1", "S3.2"], "reason": "an agreed reason"}]}
    }


@pytest.mark.parametrize(
    ("text", "want", "expected"),
    [
        ("P: {D: 'false'}\nResources: {}\n", True, "P: {D: 'true'}\nResources: {}\n"),
        ("P:\n  D: false\nResources: {}\n", True, "P:\n  D: true\nResources: {}\n"),
        ('P:\n  D: "7" # why\nResources: {}\n', 30, 'P:\n  D: "30" # why\nResources: {}\n'),
        ('{"P": {"D": "false"}, "Resources": {}}', True, '{"P": {"D": "true"}, "Resources": {}}'),
    ],
)
def test_replace_keeps_the_notation(text, want, expected):
    piece, document, _ = load(text)
    assert isinstance(document.root, Mapping)
    owner = document.root.get("P")
    assert isinstance(owner, Mapping)
    node = owner.get("D")
    assert node is not None
    assert done(text, write.replace(piece, document, node, want)) == expected
    assert done(text, write.replace(piece, document, (node.start, node.end), want)) == expected
    assert isinstance(write.replace(piece, document, (0, 1), want), Refusal)
