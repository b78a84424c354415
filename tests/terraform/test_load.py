"""Which files make a module, what cannot be read, ignores, JSON notation."""

from __future__ import annotations

import pytest

from fsbp_lsp.files import ReadError
from fsbp_lsp.terraform import load_module, load_tfvars
from fsbp_lsp.terraform.load import configuration_files
from fsbp_lsp.values import MAYBE, UNKNOWN, YES, Tri, Via

from .memory import MemoryFiles, config, module, shown


def test_configuration_files() -> None:
    names = ["a.tf", "a.tofu", "b.tf.json", "b.tofu.json", "c.tf", "c.tf.json", "d.tofu", "e.tfvars", ".hidden.tf", "x.tf~"]
    assert configuration_files(names) == ["a.tofu", "b.tofu.json", "c.tf", "c.tf.json", "d.tofu"]


def test_an_empty_directory() -> None:
    loaded = load_module(MemoryFiles({}), "nowhere")
    assert loaded.resources == ()
    assert loaded.complete


class Locked(MemoryFiles):
    def read(self, path: str) -> bytes:
        if path.endswith("locked.tf"):
            raise ReadError("permission denied")
        return super().read(path)


def test_unreadable_files_are_problems() -> None:
    loaded = load_module(Locked({"m/a.tf": 'resource "a_b" "c" {}\n', "m/locked.tf": ""}), "m")
    assert [(problem.path, problem.message, problem.at) for problem in loaded.problems] == [("m/locked.tf", "permission denied", None)]
    assert not loaded.complete
    assert len(loaded.resources) == 1


def test_syntax_errors_are_problems_with_a_place() -> None:
    loaded = module('resource "a_b" "c" {\n  x = \n}\nresource "a_b" "d" {\n  x = 1\n}\n')
    assert not loaded.complete
    assert loaded.problems[0].at is not None
    assert loaded.problems[0].at.line == 2
    assert config(loaded, "a_b.d").child("x").only == 1


def test_configured_var_files_come_last() -> None:
    files = {"m/a.tf": 'variable "v" {}\nresource "a_b" "c" {\n  x = var.v\n}\n', "m/z.auto.tfvars": "v = 1\n", "p/prod.tfvars": "v = 2\n"}
    value = config(load_module(MemoryFiles(files), "m", None, ("p/prod.tfvars",)), "a_b.c").child("x")
    assert value.only == 2
    assert value.origins[0].via is Via.TFVARS
    assert value.origins[0].at is not None
    assert value.origins[0].at.path == "p/prod.tfvars"
    gone = load_module(MemoryFiles(files), "m", None, ("p/gone.tfvars",))
    assert config(gone, "a_b.c").child("x").raw is UNKNOWN
    assert not gone.complete


def test_ignores() -> None:
    text = """\
# fsbp:ignore-file RDS.* -- sandbox
resource "a_b" "c" {
  x = 1 # fsbp:ignore S3.8, S3.5 until=2027-01-31 -- public
  /* fsbp:ignore EC2.1 */
  y = "fsbp:ignore S3.1"
}
"""
    loaded = module(text)
    shown_ignores = [(one.ids, one.scope, one.line, one.own_line, one.until, one.reason) for one in loaded.ignores]
    assert shown_ignores == [
        (("RDS.*",), "file", 0, True, "", "sandbox"),
        (("S3.8", "S3.5"), "line", 2, False, "2027-01-31", "public"),
        (("EC2.1",), "line", 3, True, "", ""),
    ]
    assert [at.text for at in loaded.ignores[1].id_spans] == ["S3.8", "S3.5"]
    assert loaded.ignores[1].at.text == "fsbp:ignore S3.8, S3.5 until=2027-01-31 -- public"


def test_a_lone_tfvars_file() -> None:
    loaded = load_tfvars(MemoryFiles({"a.tfvars": "x = 1 # fsbp:ignore S3.8\ny = \n"}), "a.tfvars")
    assert loaded.resources == ()
    assert [one.ids for one in loaded.ignores] == [("S3.8",)]
    assert loaded.problems


JSON = """\
{
  "//": "a comment",
  "variable": {"enc": {"type": "bool", "default": false}, "t": {"default": "${literal}"}},
  "locals": {"name": "x-${var.enc}"},
  "resource": {
    "aws_db_instance": {
      "d": {
        "storage_encrypted": "${var.enc}",
        "name": "${local.name}",
        "text": "a\\n${var.enc}",
        "literal": "${var.t}",
        "rule": [{"port": 1}, {"port": 2}],
        "dynamic": {"setting": {"for_each": ["a"], "content": {"v": "${setting.value}"}}}
      },
      "e": [{"count": 2, "x": "${count.index}"}]
    }
  }
}
"""


def test_json_notation() -> None:
    loaded = load_module(MemoryFiles({"m/main.tf.json": JSON}), "m")
    assert not loaded.problems
    value = config(loaded, "aws_db_instance.d")
    assert shown(value) == {
        "storage_encrypted": False,
        "name": "x-false",
        "text": "a\nfalse",
        "literal": "${literal}",
        "rule": [{"port": 1}, {"port": 2}],
        "setting": [{"v": "a"}],
    }
    encrypted = value.child("storage_encrypted")
    assert encrypted.at is not None
    assert encrypted.at.text == '"${var.enc}"'
    assert encrypted.origins[0].at is not None
    assert encrypted.origins[0].at.text == "false"
    assert [one.address for one in loaded.resources] == ["aws_db_instance.d", "aws_db_instance.e[0]", "aws_db_instance.e[1]"]
    assert loaded.resources[0].header.text == '"d"'


def test_a_dynamic_block_deep_in_json_leaves_its_block_open() -> None:
    """Only a schema tells that `origin` is a block; what `dynamic` in it makes is not known, and so not absent."""
    text = '{"resource": {"x": {"y": {"origin": {"id": "a", "dynamic": {"custom": {"for_each": [1], "content": {"port": 1}}}}}}}}'
    loaded = load_module(MemoryFiles({"m/main.tf.json": text}), "m")
    origin = config(loaded, "x.y").child("origin")
    assert origin.child("id").only == "a"
    assert origin.child("custom").only is UNKNOWN


def test_broken_json_decides_no_absence() -> None:
    loaded = load_module(MemoryFiles({"m/main.tf.json": JSON.replace('"rule": [', '"rule": [[')}), "m")
    assert not loaded.complete
    for resource in loaded.resources:
        assert resource.config.child("nothing").raw is UNKNOWN


@pytest.mark.parametrize(
    ("enabled", "exists"),
    [("false", []), ("true", [YES]), ("var.off", []), ("var.given", [MAYBE]), ('"false"', [])],
)
def test_a_switch_makes_one_instance_or_none(enabled: str, exists: list[Tri]) -> None:
    """`lifecycle.enabled` of OpenTofu 1.11."""
    text = 'variable "off" {\n  default = false\n}\nvariable "given" {}\n'
    text += f'resource "a" "b" {{\n  lifecycle {{\n    enabled = {enabled}\n  }}\n}}\n'
    loaded = load_module(MemoryFiles({"m/main.tf": text}), "m")
    assert [one.exists for one in loaded.resources] == exists


def test_a_switch_in_json() -> None:
    text = '{"resource": {"a": {"b": {"lifecycle": {"enabled": false}}, "c": {"lifecycle": {"prevent_destroy": true}}}}}'
    loaded = load_module(MemoryFiles({"m/main.tf.json": text}), "m")
    assert [one.address for one in loaded.resources] == ["a.c"]


def test_what_is_switched_alike_exists_together() -> None:
    switch = "  lifecycle {\n    enabled = var.on\n  }\n"
    text = f'variable "on" {{}}\nresource "a" "b" {{\n{switch}}}\nresource "c" "d" {{\n  of = a.b.id\n{switch}}}\n'
    loaded = load_module(MemoryFiles({"m/main.tf": text}), "m")
    owner = loaded.of("a")[0]
    assert [one.address for one in loaded.linked(owner, "c", ("of",)).found] == ["c.d"]


def test_a_module_that_is_switched_off_is_not_deployed() -> None:
    files = {
        "m/main.tf": 'module "x" {\n  source = "./x"\n\n  lifecycle {\n    enabled = false\n  }\n}\n',
        "m/x/main.tf": 'resource "a" "b" {}\n',
    }
    loaded = load_module(MemoryFiles(files), "m")
    assert not loaded.of("a")
