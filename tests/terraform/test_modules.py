"""Local `module` calls: instances, arguments, outputs, links across a call, bounds."""

from __future__ import annotations

import json

import pytest

from fsbp_lsp.model import Reference, Refusal, parse_path
from fsbp_lsp.terraform import load_module
from fsbp_lsp.terraform.dialect import TERRAFORM
from fsbp_lsp.values import MAYBE, YES, Ref, Via
from tests.terraform.memory import MemoryFiles

BUCKET = """
variable "name" {}
variable "acls" {
  default = false
}
resource "aws_s3_bucket" "this" {
  bucket = var.name
}
resource "aws_s3_bucket_public_access_block" "this" {
  bucket            = aws_s3_bucket.this.id
  block_public_acls = var.acls
}
output "id" {
  value = aws_s3_bucket.this.id
}
"""


def deploy(files, root="m"):
    return load_module(MemoryFiles(files), root).deployment


def one(deployment, address, attribute):
    return deployment.get(address).config.child(attribute)


def test_arguments_reach_the_module_and_say_where_they_are_written():
    made = deploy({"m/main.tf": 'module "logs" {\n  source = "./b"\n  name   = "app-logs"\n  acls = true\n}\n', "m/b/main.tf": BUCKET})
    assert [module.prefix for module in made.instances()] == ["", "module.logs"]
    name = one(made, "module.logs.aws_s3_bucket.this", "bucket")
    assert name.only == "app-logs"
    assert [(hop.via, hop.note, hop.at.text, hop.at.path) for hop in name.origins] == [
        (Via.ARGUMENT, "name of module.logs", '"app-logs"', "m/main.tf")
    ]
    resource = made.get("module.logs.aws_s3_bucket.this")
    assert (resource.address, resource.local, resource.identity) == (
        "module.logs.aws_s3_bucket.this",
        "aws_s3_bucket.this",
        "aws_s3_bucket.this",
    )
    assert [call.header.text.split(" {")[0] for call in resource.callers] == ['module "logs"']


def test_a_variable_without_argument_has_its_default_and_value_files_do_not_count():
    files = {
        "m/main.tf": 'module "logs" {\n  source = "./b"\n  name = "x"\n}\n',
        "m/b/main.tf": BUCKET,
        "m/b/terraform.tfvars": "acls = true\n",
    }
    value = one(deploy(files), "module.logs.aws_s3_bucket_public_access_block.this", "block_public_acls")
    assert value.only is False
    assert value.origins[0].via is Via.VARIABLE


@pytest.mark.parametrize(
    ("argument", "variable", "expected"),
    [
        ("null", "default = 7", None),
        ("null", "default = 7\n nullable = false", 7),
        ('"7"', "type = number", 7),
        ("[1, 2]", "type = set(string)", ["1", "2"]),
        ("{ a = 1 }", "type = object({ a = string, b = optional(bool, true) })", {"a": "1", "b": True}),
    ],
)
def test_arguments_are_converted_as_the_variable_declares(argument, variable, expected):
    from fsbp_lsp.terraform.data import plain

    child = f'variable "x" {{\n {variable}\n}}\nresource "a_b" "c" {{\n  x = var.x\n}}\n'
    made = deploy({"m/main.tf": f'module "c" {{\n  source = "./c"\n  x = {argument}\n}}\n', "m/c/main.tf": child})
    assert plain(one(made, "module.c.a_b.c", "x").raw) == expected


def test_a_companion_outside_belongs_to_a_bucket_inside_through_an_output():
    root = """
module "logs" {
  source = "./b"
  name   = "x"
}
resource "aws_s3_bucket_versioning" "logs" {
  bucket = module.logs.id
}
"""
    made = deploy({"m/main.tf": root, "m/b/main.tf": BUCKET})
    bucket = made.get("module.logs.aws_s3_bucket.this")
    found = bucket.module.linked(bucket, "aws_s3_bucket_versioning", parse_path("bucket"))
    assert [companion.address for companion in found.found] == ["aws_s3_bucket_versioning.logs"]
    assert not found.maybe_more
    inside = bucket.module.linked(bucket, "aws_s3_bucket_public_access_block", parse_path("bucket"))
    assert [companion.address for companion in inside.found] == ["module.logs.aws_s3_bucket_public_access_block.this"]


def test_a_companion_inside_belongs_to_a_bucket_outside_through_an_argument():
    child = 'variable "bucket" {}\nresource "aws_s3_bucket_versioning" "this" {\n  bucket = var.bucket\n}\n'
    root = (
        'resource "aws_s3_bucket" "a" {}\n'
        'resource "aws_s3_bucket" "b" {}\n'
        'module "v" {\n'
        '  source = "./v"\n'
        "  bucket = aws_s3_bucket.a.id\n"
        "}\n"
    )
    made = deploy({"m/main.tf": root, "m/v/main.tf": child})

    def companions(address):
        bucket = made.get(address)
        found = bucket.module.linked(bucket, "aws_s3_bucket_versioning", parse_path("bucket"))
        return [one.address for one in found.found], found.maybe_more

    assert companions("aws_s3_bucket.a") == (["module.v.aws_s3_bucket_versioning.this"], False)
    assert companions("aws_s3_bucket.b") == ([], False)
    assert not made.escapes("aws_s3_bucket.a")


def test_the_same_block_in_two_instances_is_two_resources():
    root = 'module "a" {\n  source = "./b"\n  name = "a"\n}\nmodule "b" {\n  source = "./b"\n  name = "b"\n  acls = true\n}\n'
    made = deploy({"m/main.tf": root, "m/b/main.tf": BUCKET})
    bucket = made.get("module.a.aws_s3_bucket.this")
    found = bucket.module.linked(bucket, "aws_s3_bucket_public_access_block", parse_path("bucket"))
    assert [companion.address for companion in found.found] == ["module.a.aws_s3_bucket_public_access_block.this"]
    assert one(made, "module.a.aws_s3_bucket_public_access_block.this", "block_public_acls").only is False
    assert one(made, "module.b.aws_s3_bucket_public_access_block.this", "block_public_acls").only is True


def test_repeated_calls_have_keys_and_each_reaches_the_arguments():
    root = """
module "b" {
  source   = "./b"
  for_each = { logs = true, data = false }
  name     = "app-${each.key}"
  acls     = each.value
}
resource "aws_s3_bucket_versioning" "v" {
  for_each = module.b
  bucket   = each.value.id
}
resource "aws_s3_bucket_logging" "one" {
  bucket = module.b["logs"].id
}
resource "x_y" "all" {
  ids = [for k, m in module.b : m.id]
}
"""
    made = deploy({"m/main.tf": root, "m/b/main.tf": BUCKET})
    assert [module.prefix for module in made.instances()] == ["", 'module.b["data"]', 'module.b["logs"]']
    assert one(made, 'module.b["logs"].aws_s3_bucket.this', "bucket").only == "app-logs"
    assert one(made, 'module.b["data"].aws_s3_bucket_public_access_block.this', "block_public_acls").only is False
    bucket = made.get('module.b["logs"].aws_s3_bucket.this')
    versions = bucket.module.linked(bucket, "aws_s3_bucket_versioning", parse_path("bucket"))
    assert [companion.address for companion in versions.found] == ['aws_s3_bucket_versioning.v["logs"]']
    logging = bucket.module.linked(bucket, "aws_s3_bucket_logging", parse_path("bucket"))
    assert [companion.address for companion in logging.found] == ["aws_s3_bucket_logging.one"]
    ids = one(made, "x_y.all", "ids").only
    assert [item.raw for item in ids.items] == [
        Ref('module.b["data"].aws_s3_bucket.this', "id"),
        Ref('module.b["logs"].aws_s3_bucket.this', "id"),
    ]


def test_a_call_that_may_not_be_made_makes_its_resources_uncertain():
    root = (
        'variable "u" {}\n'
        'module "b" {\n'
        "  count = var.u ? 1 : 0\n"
        '  source = "./b"\n'
        '  name = "x"\n'
        "}\n"
        'module "off" {\n'
        "  count = 0\n"
        '  source = "./b"\n'
        '  name = "y"\n'
        "}\n"
    )
    made = deploy({"m/main.tf": root, "m/b/main.tf": BUCKET})
    assert [resource.exists for resource in made.of(("aws_s3_bucket",))] == [MAYBE]
    bucket = made.of(("aws_s3_bucket",))[0]
    # Within the same instance the companion is there whenever the bucket is.
    found = bucket.module.linked(bucket, "aws_s3_bucket_public_access_block", parse_path("bucket"))
    assert len(found.found) == 1
    assert not found.maybe_more


def test_a_companion_in_a_call_that_may_not_be_made_is_no_certain_companion():
    child = 'variable "bucket" {}\nresource "aws_s3_bucket_versioning" "this" {\n  bucket = var.bucket\n}\n'
    root = (
        'variable "u" {}\n'
        'resource "aws_s3_bucket" "a" {}\n'
        'module "v" {\n'
        "  count = var.u ? 1 : 0\n"
        '  source = "./v"\n'
        "  bucket = aws_s3_bucket.a.id\n"
        "}\n"
    )
    made = deploy({"m/main.tf": root, "m/v/main.tf": child})
    bucket = made.get("aws_s3_bucket.a")
    found = bucket.module.linked(bucket, "aws_s3_bucket_versioning", parse_path("bucket"))
    assert not found.found
    assert found.maybe_more


def test_calls_repeated_by_the_same_words_exist_together():
    child = 'variable "bucket" {}\nresource "aws_s3_bucket_versioning" "this" {\n  bucket = var.bucket\n}\n'
    root = """
variable "u" {}
resource "aws_s3_bucket" "a" {
  for_each = var.u
}
module "v" {
  for_each = var.u
  source   = "./v"
  bucket   = aws_s3_bucket.a[each.key].id
}
"""
    made = deploy({"m/main.tf": root, "m/v/main.tf": child})
    bucket = made.of(("aws_s3_bucket",))[0]
    found = bucket.module.linked(bucket, "aws_s3_bucket_versioning", parse_path("bucket"))
    assert [companion.address for companion in found.found] == ["module.v.aws_s3_bucket_versioning.this"]
    assert not found.maybe_more


def test_nested_calls():
    middle = 'variable "n" {}\nmodule "inner" {\n  source = "../b"\n  name = "${var.n}-x"\n}\noutput "id" {\n  value = module.inner.id\n}\n'
    root = 'module "outer" {\n  source = "./mid"\n  n = "a"\n}\nresource "x_y" "z" {\n  id = module.outer.id\n}\n'
    made = deploy({"m/main.tf": root, "m/mid/main.tf": middle, "m/b/main.tf": BUCKET})
    assert one(made, "module.outer.module.inner.aws_s3_bucket.this", "bucket").only == "a-x"
    value = one(made, "x_y.z", "id")
    assert value.raw == Ref("module.outer.module.inner.aws_s3_bucket.this", "id")
    assert value.only == "a-x"
    assert [hop.note for hop in value.origins if hop.via is Via.OUTPUT] == ["module.outer.id", "module.inner.id"]
    assert [call.header.text.split(" {")[0] for call in made.get("module.outer.module.inner.aws_s3_bucket.this").callers] == [
        'module "inner"',
        'module "outer"',
    ]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("./gone", "there is no configuration in ./gone"),
        ("terraform-aws-modules/s3-bucket/aws", "terraform-aws-modules/s3-bucket/aws is not in this repository"),
        ("git::https://example.com/x.git", "git::https://example.com/x.git is not in this repository"),
        (".", ". calls itself"),
    ],
)
def test_what_is_not_read_is_unknown_and_says_why(source, reason):
    root = (
        f'resource "aws_s3_bucket" "a" {{}}\n'
        f'module "x" {{\n'
        f'  source = "{source}"\n'
        f"  bucket = aws_s3_bucket.a.id\n"
        f"}}\n"
        f'resource "x_y" "z" {{\n'
        f"  id = module.x.id\n"
        f"}}\n"
    )
    made = deploy({"m/main.tf": root})
    value = one(made, "x_y.z", "id")
    assert value.only is not None
    assert value.is_("anything") is MAYBE
    assert value.origins[-1].note == f"output of module.x: {reason}"
    assert made.escapes("aws_s3_bucket.a")


def test_what_reaches_an_unread_module_on_any_way_escapes():
    child = """
variable "bucket" {}
locals {
  handed = var.bucket
}
resource "aws_s3_bucket" "own" {}
module "unread" {
  source = "registry/x/y"
  a      = local.handed
  b      = aws_s3_bucket.own.id
}
output "own" {
  value = aws_s3_bucket.own.id
}
"""
    root = """
resource "aws_s3_bucket" "a" {}
resource "aws_s3_bucket" "b" {}
module "c" {
  source = "./c"
  bucket = aws_s3_bucket.a.id
}
"""
    made = deploy({"m/main.tf": root, "m/c/main.tf": child})
    assert made.escapes("aws_s3_bucket.a")
    assert not made.escapes("aws_s3_bucket.b")
    assert made.escapes("module.c.aws_s3_bucket.own")


def test_a_module_that_calls_its_caller_ends():
    files = {
        "m/a/main.tf": 'module "b" {\n  source = "../b"\n  x = 1\n}\nresource "x_y" "z" {\n  v = module.b.out\n}\n',
        "m/b/main.tf": 'variable "x" {}\nmodule "a" {\n  source = "../a"\n}\noutput "out" {\n  value = var.x\n}\n',
    }
    made = deploy(files, "m/a")
    assert [module.prefix for module in made.instances()] == ["", "module.b"]
    assert one(made, "x_y.z", "v").only == 1


def test_values_that_go_round_are_unknown():
    files = {
        "m/main.tf": (
            'module "a" {\n'
            '  source = "./p"\n'
            "  x = module.b.out\n"
            "}\n"
            'module "b" {\n'
            '  source = "./p"\n'
            "  x = module.a.out\n"
            "}\n"
            'resource "x_y" "z" {\n'
            "  v = module.a.out\n"
            "}\n"
        ),
        "m/p/main.tf": 'variable "x" {}\noutput "out" {\n  value = var.x\n}\n',
    }
    assert one(deploy(files), "x_y.z", "v").is_(1) is MAYBE


def test_the_number_of_instances_is_bounded():
    root = 'module "a" {\n  count = 60\n  source = "./a"\n}\n'
    middle = 'module "b" {\n  count = 60\n  source = "../b"\n}\n'
    made = deploy({"m/main.tf": root, "m/a/main.tf": middle, "m/b/main.tf": 'resource "x_y" "z" {}\n'})
    assert len(made.instances()) <= 256
    assert any(made.unread(module, call) for module in made.instances() for call in module.index.calls)


def test_a_syntax_error_anywhere_makes_the_whole_deployment_incomplete():
    made = deploy({"m/main.tf": 'module "b" {\n  source = "./b"\n  name = "x"\n}\n', "m/b/main.tf": BUCKET + "\nresource {"})
    assert not made.root.complete


def installed(name, source, directory):
    return json.dumps({"Modules": [{"Key": "", "Source": "", "Dir": "."}, {"Key": name, "Source": source, "Dir": directory}]})


def test_downloaded_modules_are_read_where_terraform_put_them():
    files = {
        "m/main.tf": (
            'module "logs" {\n'
            '  source = "acme/bucket/aws"\n'
            '  version = "1.2.3"\n'
            '  name = "x"\n'
            "}\n"
            'resource "x_y" "z" {\n'
            "  id = module.logs.id\n"
            "}\n"
        ),
        "m/.terraform/modules/modules.json": installed("logs", "registry.terraform.io/acme/bucket/aws", ".terraform/modules/logs"),
        "m/.terraform/modules/logs/main.tf": BUCKET,
    }
    made = deploy(files)
    assert one(made, "x_y.z", "id").raw == Ref("module.logs.aws_s3_bucket.this", "id")
    assert [module.foreign for module in made.instances()] == [False, True]


@pytest.mark.parametrize(
    "manifest",
    [
        installed("logs", "registry.terraform.io/acme/other/aws", ".terraform/modules/logs"),
        installed("logs", "registry.terraform.io/acme/bucket/aws", "elsewhere"),
        installed("logs", "registry.terraform.io/acme/bucket/aws", "../../etc"),
        installed("logs", "registry.terraform.io/acme/bucket/aws", "/etc"),
        "[" * 10_000,
        '{"Modules": 7}',
        "no json",
    ],
)
def test_a_manifest_that_does_not_fit_is_not_believed(manifest):
    files = {
        "m/main.tf": 'module "logs" {\n  source = "acme/bucket/aws"\n  name = "x"\n}\nresource "x_y" "z" {\n  id = module.logs.id\n}\n',
        "m/.terraform/modules/modules.json": manifest,
        "m/.terraform/modules/logs/main.tf": BUCKET,
        "m/elsewhere/main.tf": BUCKET,
    }
    made = deploy(files)
    assert len(made.instances()) == 1
    assert one(made, "x_y.z", "id").is_("x") is MAYBE


def test_override_files_change_calls():
    files = {
        "m/main.tf": 'module "b" {\n  source = "./b"\n  name = "x"\n}\n',
        "m/override.tf": 'module "b" {\n  name = "y"\n}\n',
        "m/b/main.tf": BUCKET,
    }
    assert one(deploy(files), "module.b.aws_s3_bucket.this", "bucket").only == "y"


def test_a_reference_to_another_bucket_is_no_link():
    root = (
        'module "a" {\n'
        '  source = "./b"\n'
        '  name = "a"\n'
        "}\n"
        'resource "aws_s3_bucket" "own" {}\n'
        'resource "aws_s3_bucket_versioning" "v" {\n'
        "  bucket = aws_s3_bucket.own.id\n"
        "}\n"
    )
    made = deploy({"m/main.tf": root, "m/b/main.tf": BUCKET})
    bucket = made.get("module.a.aws_s3_bucket.this")
    found = bucket.module.linked(bucket, "aws_s3_bucket_versioning", parse_path("bucket"))
    assert (found.found, found.maybe_more) == ((), False)
    assert bucket.exists is YES


@pytest.mark.parametrize(("owner", "expected"), [("", True), ('  expected_bucket_owner = "111122223333"\n', False)])
def test_the_id_of_a_companion_is_its_bucket(owner, expected):
    root = (
        'resource "aws_s3_bucket" "a" {}\nresource "aws_s3_bucket_versioning" "a" {\n  bucket = aws_s3_bucket.a.id\n'
        + owner
        + '}\nresource "aws_s3_bucket_logging" "a" {\n  bucket = try(aws_s3_bucket_versioning.a.id, "")\n}\n'
    )
    made = deploy({"m/main.tf": root})
    bucket = made.get("aws_s3_bucket.a")
    found = bucket.module.linked(bucket, "aws_s3_bucket_logging", parse_path("bucket"))
    assert (len(found.found) == 1, found.maybe_more) == (expected, not expected)


@pytest.mark.parametrize(("argument", "refused"), [("", True), ("  acls = true\n", False)])
def test_a_companion_switched_off_in_a_called_module_refuses_a_second_one(argument, refused):
    calls = f'module "logs" {{\n  source = "./b"\n  name = "x"\n{argument}}}\n'
    files = {
        "m/main.tf": calls + 'module "data" {\n  source = "./b"\n  name = "y"\n}\n',
        "m/b/main.tf": BUCKET.replace('block" "this" {', 'block" "this" {\n  count = var.acls ? 1 : 0'),
    }
    bucket = deploy(files).get("module.logs.aws_s3_bucket.this")
    answer = TERRAFORM.insert_resource(bucket, "aws_s3_bucket_public_access_block", "b", [("bucket", Reference(bucket))])
    assert isinstance(answer, Refusal) is refused


def test_a_companion_of_the_other_call_refuses_one_for_both():
    files = {
        "m/main.tf": 'module "logs" {\n  source = "./b"\n  name = "x"\n}\nmodule "data" {\n  source = "./b"\n  name = "y"\n}\n'
        'resource "aws_s3_bucket_public_access_block" "data" {\n  bucket = module.data.id\n}\n',
        "m/b/main.tf": 'variable "name" {}\nresource "aws_s3_bucket" "this" {\n  bucket = var.name\n}\n'
        'output "id" {\n  value = aws_s3_bucket.this.id\n}\n',
    }
    bucket = deploy(files).get("module.logs.aws_s3_bucket.this")
    answer = TERRAFORM.insert_resource(bucket, "aws_s3_bucket_public_access_block", "b", [("bucket", Reference(bucket))])
    assert isinstance(answer, Refusal)
    assert "another instance" in answer.reason
    other = TERRAFORM.insert_resource(bucket, "aws_s3_bucket_logging", "b", [("bucket", Reference(bucket))])
    assert not isinstance(other, Refusal)
