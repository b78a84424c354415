"""Paths and wants to edits, through the dialect; how the text looks is the writer's own concern."""

from __future__ import annotations

import json

import pytest

from fsbp_lsp.model import EACH, JsonDocument, Placeholder, Reference, Refusal, Where
from fsbp_lsp.terraform import load_module
from fsbp_lsp.terraform.dialect import TERRAFORM
from fsbp_lsp.text import Edit, apply_edits
from fsbp_lsp.values import YES

from .memory import MemoryFiles, config, module, shown


def applied(text: str, edits: tuple[Edit, ...] | Refusal) -> str:
    assert not isinstance(edits, Refusal), edits.reason
    return apply_edits(text.encode(), edits).decode()


def put(text: str, path, want) -> str | Refusal:
    loaded = module(text)
    edits = TERRAFORM.put(loaded.resources[0], path, want)
    return edits if isinstance(edits, Refusal) else applied(text, edits)


R = 'resource "a_b" "c" {\n  x = false\n}\n'

PUTS = [
    (R, ("x",), True, {"x": True}),
    (R, ("y",), "s", {"x": False, "y": "s"}),
    (R, ("b", "y"), 1, {"x": False, "b": [{"y": 1}]}),
    (R, ("b", "d", "y"), 1, {"x": False, "b": [{"d": [{"y": 1}]}]}),
    (R, ("b", EACH, "y"), 1, {"x": False, "b": [{"y": 1}]}),
    (R, ("b", Where("name", "n"), "value"), "v", {"x": False, "b": [{"name": "n", "value": "v"}]}),
    (R, ("b",), {"y": 1, "d": {"z": [1]}}, {"x": False, "b": [{"y": 1, "d": [{"z": [1]}]}]}),
    (R, ("tags",), {"a": "b"}, {"x": False, "tags": {"a": "b"}}),
    (R, ("policy",), JsonDocument({"a": [1]}), {"x": False, "policy": '{"a":[1]}'}),
    ('resource "a_b" "c" {\n  b {\n    y = 0\n  }\n}\n', ("b", "y"), 1, {"b": [{"y": 1}]}),
    ('resource "a_b" "c" {\n  b {\n    y = 0\n  }\n}\n', ("b", 0, "z"), 1, {"b": [{"y": 0, "z": 1}]}),
    ('resource "a_b" "c" {\n  b {\n    y = 0\n  }\n}\n', ("b",), {"y": 1, "z": 2}, {"b": [{"y": 1, "z": 2}]}),
    (
        'resource "a_b" "c" {\n  b {\n    n = "p"\n  }\n  b {\n    n = "q"\n  }\n}\n',
        ("b", Where("n", "q"), "v"),
        1,
        {"b": [{"n": "p"}, {"n": "q", "v": 1}]},
    ),
    ('resource "a_b" "c" {\n  b {\n    n = "p"\n  }\n}\n', ("b", Where("n", "q"), "v"), 1, {"b": [{"n": "p"}, {"n": "q", "v": 1}]}),
    ('resource "a_b" "c" {\n  o = { y = 0 }\n}\n', ("o", "y"), 1, {"o": {"y": 1}}),
    ('resource "a_b" "c" {\n  o = { y = 0 }\n}\n', ("o", "z"), 1, {"o": {"y": 0, "z": 1}}),
    ('resource "a_b" "c" {\n  o = [{ y = 0 }, { y = 1 }]\n}\n', ("o", 1, "y"), 5, {"o": [{"y": 0}, {"y": 5}]}),
    ('resource "a_b" "c" {\n  p = jsonencode({ S = [{ A = "*" }] })\n}\n', ("p", "S", 0, "A"), "a", {"p": '{"S":[{"A":"a"}]}'}),
    ('variable "v" {\n  default = false\n}\nresource "a_b" "c" {\n  x = var.v\n}\n', ("x",), True, {"x": True}),
    ('resource "a_b" "c" {\n  for_each = { a = 1, b = 2 }\n  x = false\n}\n', ("x",), True, {"x": True}),
]


@pytest.mark.parametrize(("text", "path", "want", "result"), PUTS)
def test_put(text: str, path, want, result) -> None:
    after = put(text, path, want)
    assert isinstance(after, str)
    loaded = module(after)
    assert loaded.complete
    assert shown(loaded.resources[0].config) == result
    # What is there already is not written again.
    if not isinstance(want, JsonDocument):
        assert put(after, path, want) == after


REFUSALS = [
    ('resource "a_b" "c" {\n  dynamic "b" {\n    for_each = [1]\n    content {\n      y = 0\n    }\n  }\n}\n', ("b", "y"), "dynamic"),
    ('resource "a_b" "c" {\n  for_each = { a = 1, b = 2 }\n  x = each.value\n}\n', ("x",), "instances"),
    ('resource "a_b" "c" {\n  b {}\n  b {}\n}\n', ("b", "y"), "several"),
    ('resource "a_b" "c" {\n  o = local.o\n}\n', ("o", "y"), "local.o"),
    ('resource "a_b" "c" {\n  p = <<EOF\n{"a": 1}\nEOF\n}\n', ("p", "a"), "string"),
    ('resource "a_b" "c" {\n  x =\n}\n', ("y",), "syntax error"),
]


@pytest.mark.parametrize(("text", "path", "reason"), REFUSALS)
def test_refusals(text: str, path, reason: str) -> None:
    answer = put(text, path, 1)
    assert isinstance(answer, Refusal)
    assert reason in answer.reason


def test_references_are_written_for_the_instance() -> None:
    text = 'resource "k_k" "k" {}\nresource "a_b" "c" {\n}\n'
    loaded = module(text)
    edits = TERRAFORM.put(loaded.resources[1], ("key",), Reference(loaded.resources[0], "arn"))
    assert "key = k_k.k.arn" in applied(text, edits)
    text = 'resource "k_k" "k" {\n  count = 2\n}\nresource "a_b" "c" {\n  count = 2\n}\n'
    loaded = module(text)
    edits = TERRAFORM.put(loaded.of("a_b")[0], ("key",), Reference(loaded.of("k_k")[0], "arn", suffix="/*"))
    assert 'key   = "${k_k.k[count.index].arn}/*"' in applied(text, edits)


def test_replace() -> None:
    text = 'variable "v" {\n  default = false # why\n}\nresource "a_b" "c" {\n  x = var.v\n}\n'
    loaded = module(text)
    at = config(loaded, "a_b.c").child("x").origins[0].at
    assert at is not None
    after = applied(text, TERRAFORM.replace(at, True))
    assert after == text.replace("false", "true")
    text = 'locals {\n  l = var.v == 1\n}\nvariable "v" {\n  default = 1\n}\nresource "a_b" "c" {\n  x = local.l\n}\n'
    at = config(module(text), "a_b.c").child("x").origins[0].at
    assert at is not None
    assert isinstance(TERRAFORM.replace(at, True), Refusal)


def test_replace_in_tfvars() -> None:
    for name, content, want in (
        ("terraform.tfvars", "v = false\n", "v = true\n"),
        ("terraform.tfvars.json", '{"v": false}\n', '{"v": true}\n'),
    ):
        files = {"m/a.tf": 'variable "v" {}\nresource "a_b" "c" {\n  x = var.v\n}\n', f"m/{name}": content}
        at = config(load_module(MemoryFiles(files), "m"), "a_b.c").child("x").origins[0].at
        assert at is not None
        assert applied(content, TERRAFORM.replace(at, True)) == want


REMOVALS = [
    ('resource "a_b" "c" {\n  x = 1 # c\n  y = 2\n}\n', ("x",), {"y": 2}),
    ('resource "a_b" "c" {\n  b {}\n  y = 2\n}\n', ("b",), {"y": 2}),
    ('resource "a_b" "c" {\n  b {\n    n = 1\n  }\n  b {\n    n = 2\n  }\n}\n', ("b", 0), {"b": [{"n": 2}]}),
    ('resource "a_b" "c" {\n  o = [1, 2]\n}\n', ("o", 0), {"o": [2]}),
    ('resource "a_b" "c" {\n  o = { a = 1, b = 2 }\n}\n', ("o", "a"), {"o": {"b": 2}}),
    ('resource "a_b" "c" {\n  y = 2\n}\n', ("x",), {"y": 2}),
]


@pytest.mark.parametrize(("text", "path", "result"), REMOVALS)
def test_remove(text: str, path, result) -> None:
    after = applied(text, TERRAFORM.remove(module(text).resources[0], path))
    assert shown(module(after).resources[0].config) == result


APPENDS = [
    (R, ("b",), {"n": 1}, {"x": False, "b": [{"n": 1}]}),
    ('resource "a_b" "c" {\n  b {\n    n = 1\n  }\n}\n', ("b",), {"n": 2}, {"b": [{"n": 1}, {"n": 2}]}),
    ('resource "a_b" "c" {\n  o = [{ n = 1 }]\n}\n', ("o",), {"n": 2}, {"o": [{"n": 1}, {"n": 2}]}),
    ('resource "a_b" "c" {\n  p = jsonencode({ S = [{ A = 1 }] })\n}\n', ("p", "S"), {"A": 2}, {"p": '{"S":[{"A":1},{"A":2}]}'}),
]


@pytest.mark.parametrize(("text", "path", "want", "result"), APPENDS)
def test_append(text: str, path, want, result) -> None:
    after = applied(text, TERRAFORM.append(module(text).resources[0], path, want))
    assert shown(module(after).resources[0].config) == result


OWNERS = [
    "",
    "  count = 2\n",
    "  count = var.u ? 1 : 0\n",
    "  count = var.u\n",
    "  for_each = { a = 1 }\n",
    "  for_each = var.u\n",
    '  for_each = toset(["a"])\n',
]


@pytest.mark.parametrize("owner", OWNERS)
def test_a_new_companion_is_linked(owner: str) -> None:
    text = f'variable "u" {{}}\nresource "aws_s3_bucket" "b" {{\n{owner}}}\n'
    text += 'resource "aws_s3_bucket_versioning" "b" {\n  bucket = "other"\n}\n'
    loaded = module(text)
    bucket = loaded.of("aws_s3_bucket")[0]
    body = [
        ("bucket", Reference(bucket)),
        ("versioning_configuration.status", "Enabled"),
        ("versioning_configuration.mfa", Placeholder("X")),
    ]
    after = applied(text, TERRAFORM.insert_resource(bucket, "aws_s3_bucket_versioning", "b", body))
    again = module(after)
    assert again.complete
    for one in again.of("aws_s3_bucket"):
        (companion,) = again.linked(one, "aws_s3_bucket_versioning", ("bucket",)).found
        assert companion.name == "b_2"
        assert companion.config.child("versioning_configuration").child("status").is_("Enabled") is YES


@pytest.mark.parametrize(
    ("companion", "refused"),
    [
        ("  bucket = aws_s3_bucket.b[1].id\n", True),
        ("  bucket = var.u\n", True),
        ('  bucket = "n1"\n', True),
        ('  bucket = "n2"\n', False),
        ("  count  = 2\n  bucket = aws_s3_bucket.other[count.index].id\n", False),
    ],
)
def test_a_block_for_all_instances_is_refused_where_another_has_a_companion(companion: str, refused: bool) -> None:
    text = 'variable "u" {}\nresource "aws_s3_bucket" "b" {\n  count  = 2\n  bucket = "n${count.index}"\n}\n'
    text += 'resource "aws_s3_bucket" "other" {\n  count = 2\n}\n'
    loaded = module(text + f'resource "aws_s3_bucket_versioning" "b" {{\n{companion}}}\n')
    bucket = loaded.of("aws_s3_bucket")[0]
    made = TERRAFORM.insert_resource(bucket, "aws_s3_bucket_versioning", "b", [("bucket", Reference(bucket))])
    assert isinstance(made, Refusal) is refused


PLACES = [
    ("  provider = aws.west\n", "  provider = aws.west\n  vpc_id   = aws_vpc.v.id\n"),
    ('  region = "eu-west-1"\n', "  region = aws_vpc.v.region\n  vpc_id = aws_vpc.v.id\n"),
    (
        "  for_each = var.regions\n  region = each.value\n",
        "  for_each = aws_vpc.v\n  region   = each.value.region\n  vpc_id   = each.value.id\n",
    ),
    (
        "  for_each = var.regions\n  provider = aws.by[each.key]\n",
        "  for_each = aws_vpc.v\n  provider = aws.by[each.key]\n  vpc_id   = each.value.id\n",
    ),
]


@pytest.mark.parametrize(("owner", "written"), PLACES)
def test_a_new_companion_is_where_its_owner_is(owner: str, written: str) -> None:
    """The same account and Region: the default provider would look for the VPC somewhere else."""
    text = f'variable "regions" {{}}\nresource "aws_vpc" "v" {{\n{owner}}}\n'
    vpc = module(text).of("aws_vpc")[0]
    after = applied(text, TERRAFORM.insert_resource(vpc, "aws_flow_log", "v", [("vpc_id", Reference(vpc))]))
    assert after.endswith(f'resource "aws_flow_log" "v" {{\n{written}}}\n')


def test_no_companion_where_its_place_is_not_known() -> None:
    text = 'variable "p" {}\nresource "aws_vpc" "v" {\n  for_each = var.p\n  provider = aws.by[each.value]\n}\n'
    vpc = module(text).of("aws_vpc")[0]
    assert isinstance(TERRAFORM.insert_resource(vpc, "aws_flow_log", "v", [("vpc_id", Reference(vpc))]), Refusal)


def test_a_new_companion_in_json_is_where_its_owner_is() -> None:
    text = '{"resource": {"aws_vpc": {"v": {"provider": "aws.west", "region": "eu-west-1"}}}}'
    vpc = json_module(text).of("aws_vpc")[0]
    after = json_module(applied(text, TERRAFORM.insert_resource(vpc, "aws_flow_log", "v", [("vpc_id", Reference(vpc))])))
    flow_log = json.loads(after.files[0].data)["resource"]["aws_flow_log"]["v"]
    assert flow_log == {"provider": "aws.west", "region": "${aws_vpc.v.region}", "vpc_id": "${aws_vpc.v.id}"}


IDLE = [
    ("  count = 0\n  bucket = aws_s3_bucket.b.id\n", True),
    ("  count = var.on ? 1 : 0\n  bucket = aws_s3_bucket.b.id\n", True),
    ("  for_each = {}\n  bucket = local.bucket\n", True),
    ("  count = 0\n  bucket = aws_s3_bucket.other.id\n", False),
    ("  count = 1\n  bucket = aws_s3_bucket.other.id\n", False),
    ("  count = var.unknown\n  bucket = aws_s3_bucket.other.id\n", False),
]


@pytest.mark.parametrize(("body", "refused"), IDLE)
def test_no_second_companion_beside_one_that_is_switched_off(body: str, refused: bool) -> None:
    text = 'variable "on" {\n  default = false\n}\nvariable "unknown" {}\nresource "aws_s3_bucket" "b" {}\n'
    text += f'resource "aws_s3_bucket_policy" "p" {{\n{body}}}\n'
    bucket = module(text).of("aws_s3_bucket")[0]
    answer = TERRAFORM.insert_resource(bucket, "aws_s3_bucket_policy", "b", [("bucket", Reference(bucket))])
    if refused:
        assert isinstance(answer, Refusal)
        assert "aws_s3_bucket_policy.p" in answer.reason
    else:
        assert "aws_s3_bucket.b.id" in applied(text, answer)


def test_insert_ignore() -> None:
    text = 'resource "a_b" "c" {\n  x = false\n  y = 1 # fsbp:ignore S3.1 -- z\n}\n'
    loaded = module(text)
    resource = loaded.resources[0]
    at = resource.config.child("x").at
    assert at is not None
    after = applied(text, TERRAFORM.insert_ignore(resource, at, ["S3.8"], "public site", "2027-01-31"))
    assert after == text.replace("  x = false", "  # fsbp:ignore S3.8 until=2027-01-31 -- public site\n  x = false")
    again = module(after)
    at = again.resources[0].config.child("x").at
    assert at is not None
    after = applied(after, TERRAFORM.insert_ignore(again.resources[0], at, ["S3.8", "S3.9"], ""))
    assert "# fsbp:ignore S3.8, S3.9 until=2027-01-31 -- public site" in after
    at = resource.config.child("y").at
    assert at is not None
    assert "S3.1, S3.2 -- z" in applied(text, TERRAFORM.insert_ignore(resource, at, ["S3.2"], ""))


J = """\
{
  "resource": {
    "a_b": {
      "c": {
        "x": false,
        "b": {"y": 1},
        "l": [{"n": "p", "v": 1}]
      }
    }
  }
}
"""


def json_module(text: str):
    return load_module(MemoryFiles({"m/main.tf.json": text}), "m")


@pytest.mark.parametrize(
    ("path", "want", "name", "result"),
    [
        (("x",), True, "x", True),
        (("new",), "${x}", "new", "${x}"),
        (("b", "y"), 2, "b", {"y": 2}),
        (("b", "z"), 2, "b", {"y": 1, "z": 2}),
        (("d", "z"), 2, "d", {"z": 2}),
        (("l", Where("n", "p"), "v"), 2, "l", [{"n": "p", "v": 2}]),
        (("l", Where("n", "q"), "v"), 2, "l", [{"n": "p", "v": 1}, {"n": "q", "v": 2}]),
        (("policy",), JsonDocument({"a": [1]}), "policy", '{"a":[1]}'),
    ],
)
def test_put_in_json(path, want, name: str, result) -> None:
    after = applied(J, TERRAFORM.put(json_module(J).resources[0], path, want))
    loaded = json_module(after)
    assert loaded.complete
    assert shown(config(loaded, "a_b.c").child(name)) == result


def test_other_edits_in_json() -> None:
    resource = json_module(J).resources[0]
    after = applied(J, TERRAFORM.remove(resource, ("b", "y")))
    assert shown(config(json_module(after), "a_b.c").child("b")) == {}
    after = applied(J, TERRAFORM.append(resource, ("l",), {"n": "z"}))
    assert shown(config(json_module(after), "a_b.c").child("l")) == [{"n": "p", "v": 1}, {"n": "z"}]
    after = applied(J, TERRAFORM.insert_resource(resource, "a_pab", "c", [("id", Reference(resource)), ("rule.on", True)]))
    assert json_module(after).linked(json_module(after).resources[0], "a_pab", ("id",)).found
    assert isinstance(TERRAFORM.insert_ignore(resource, resource.header, ["S3.8"], ""), Refusal)
