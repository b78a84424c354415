"""What configuration evaluates to, and what it must not be sure of."""

from __future__ import annotations

import pytest

from fsbp_lsp.model import InstanceKey
from fsbp_lsp.values import MAYBE, NO, UNKNOWN, YES, Map, Ref, Seq, Text, Via, known

from .memory import config, module, shown, value_of


def attribute(text: str, name: str = "x", address: str = "a_b.c"):
    return config(module(text), address).child(name)


def x(expression: str, text: str = ""):
    return attribute(f'resource "a_b" "c" {{\n  x = {expression}\n}}\n{text}')


def test_variable_default_and_its_origin() -> None:
    value = x("var.enc", 'variable "enc" {\n  type = bool\n  default = "true"\n}\n')
    assert value.only is True
    assert [(hop.via, hop.note) for hop in value.origins] == [(Via.VARIABLE, "var.enc")]
    assert value.origins[0].at is not None
    assert value.origins[0].at.text == '"true"'
    assert value.at is not None
    assert value.at.text == "var.enc"


def test_variable_without_default_is_opaque() -> None:
    value = x("var.enc", 'variable "enc" {}\n')
    assert value.raw is UNKNOWN
    assert value.origins[0].via is Via.OPAQUE
    assert value.origins[0].note == "variable enc has no default"


def test_parts_of_a_variable_point_at_the_part() -> None:
    value = x("var.o.enc", 'variable "o" {\n  default = {\n    enc = false\n  }\n}\n')
    assert value.only is False
    assert value.origins[0].at is not None
    assert value.origins[0].at.text == "false"


def test_tfvars_precedence() -> None:
    text = 'variable "v" {\n  default = 1\n}\nresource "a_b" "c" {\n  x = var.v\n}\n'
    for files, want in (
        ({"terraform__tfvars": "v = 2\n"}, 2),
        ({"terraform__tfvars": "v = 2\n", "terraform__tfvars__json": '{"v": 3}'}, 3),
        ({"terraform__tfvars": "v = 2\n", "b__auto__tfvars": "v = 4\n", "a__auto__tfvars": "v = 5\n"}, 4),
        ({"other__tfvars": "v = 9\n"}, 1),
    ):
        value = config(module(text, **files), "a_b.c").child("x")
        assert value.only == want, files
        assert value.origins[0].via is (Via.VARIABLE if want == 1 else Via.TFVARS)


def test_a_broken_tfvars_file_decides_nothing() -> None:
    text = 'variable "v" {\n  default = 1\n}\nresource "a_b" "c" {\n  x = var.v\n}\n'
    loaded = module(text, terraform__tfvars="w = \nv = [\n")
    assert config(loaded, "a_b.c").child("x").raw is UNKNOWN
    assert not loaded.complete


def test_types_and_optional_attributes() -> None:
    constraint = "object({\n a = optional(bool, true)\n b = optional(string)\n n = number\n})"
    text = f'variable "o" {{\n  type = {constraint}\n  default = {{ n = "5", extra = 1 }}\n}}\n'
    assert shown(value_of("var.o", text)) == {"a": True, "b": None, "n": 5}
    assert value_of("var.l", 'variable "l" {\n  type = list(string)\n  default = [1, true]\n}\n').only.items[0].only == "1"
    assert value_of("var.l", 'variable "l" {\n  type = list(string)\n  default = "x"\n}\n').raw is UNKNOWN


def test_a_slice_of_an_unknown_list_has_its_length() -> None:
    given = 'variable "l" {\n  type = list(string)\n}\nvariable "n" {}\n'
    assert value_of("length(slice(var.l, 1, 3))", given).only == 2
    assert shown(value_of("[for i, one in slice(data.a_b.c.names, 1, 3) : i]")) == [0, 1]
    assert shown(value_of('[for i, one in slice(var.l, 0, 2) : cidrsubnet("10.0.0.0/16", 8, i)]', given)) == [
        "10.0.0.0/24",
        "10.0.1.0/24",
    ]
    # Known only once it is there: an unknown end, and what `try` and `can` would see.
    for unsure in ("slice(var.l, 0, var.n)", "try(length(slice(var.l, 0, 2)), 9)", "can(length(slice(var.l, 0, 2)))", "slice(var.l, 2, 2)"):
        assert value_of(unsure, given).raw is UNKNOWN, unsure
    for refused in ("slice(var.l, 2, 1)", "slice()", "slice(var.l)"):
        assert value_of(refused, given).raw is UNKNOWN, refused
    assert value_of("slice(var.l, 0, 1) == slice(var.l, 0, 2)", given).raw is UNKNOWN


def test_locals_and_cycles() -> None:
    value = x("local.a", "locals {\n  a = local.b\n  b = false\n}\n")
    assert value.only is False
    assert [hop.note for hop in value.origins] == ["local.a", "local.b"]
    assert x("local.a", "locals {\n  a = local.b\n  b = local.a\n}\n").raw is UNKNOWN
    assert x("local.none").raw is UNKNOWN


def test_references() -> None:
    text = 'resource "aws_s3_bucket" "b" {\n  bucket = "logs"\n}\nresource "aws_s3_bucket" "n" {}\n'
    ref = x("aws_s3_bucket.b.id", text).raw
    assert isinstance(ref, Ref)
    assert (ref.address, ref.attribute, ref.key, ref.known) == ("aws_s3_bucket.b", "id", None, "logs")
    assert x("aws_s3_bucket.b.arn", text).raw.known is UNKNOWN
    assert x("aws_s3_bucket.n.id", text).raw.known is UNKNOWN
    assert x("aws_s3_bucket.gone.id", text).raw.known is UNKNOWN
    arn = x('"${aws_s3_bucket.n.arn}/*"', text).raw
    assert isinstance(arn, Text)
    assert arn.tail == "/*"
    assert isinstance(arn.parts[0], Ref)
    assert x('"x-${aws_s3_bucket.b.id}"', text).only == "x-logs"


def test_a_reference_to_an_argument_is_what_the_argument_refers_to() -> None:
    text = 'resource "aws_s3_bucket" "b" {}\nresource "aws_s3_bucket_versioning" "v" {\n  bucket = aws_s3_bucket.b.id\n}\n'
    ref = x("aws_s3_bucket_versioning.v.bucket", text).raw
    assert isinstance(ref, Ref)
    assert ref.address == "aws_s3_bucket.b"


def test_null_configured_is_not_known_through_a_reference() -> None:
    assert x("a_d.e.y == null", 'resource "a_d" "e" {\n  y = null\n}\n').raw is UNKNOWN


@pytest.mark.parametrize(
    "expression", ["path.cwd", "terraform.workspace", "module.m.out", "data.t.n.attr", 'file("x")', "timestamp()", "self.x"]
)
def test_opaque(expression: str) -> None:
    assert x(expression).only is UNKNOWN


def test_undecided_conditions() -> None:
    unknown = 'variable "c" {}\n'
    value = x("var.c ? true : false", unknown)
    assert set(value.options) == {True, False}
    assert value.origins[0].via is Via.BRANCH
    assert value.origins[0].note == "var.c"
    assert x("var.c ? true : true", unknown).only is True
    assert x("var.c && false", unknown).only is False
    assert x("var.c && true", unknown).raw is UNKNOWN
    assert x("var.c || true", unknown).only is True
    assert set(x('"a-${var.c ? 1 : 2}"', unknown).options) == {"a-1", "a-2"}
    assert x("try(var.c, 1)", unknown).raw is UNKNOWN


def test_collections_with_one_unknown_part_stay_open() -> None:
    unknown = 'variable "u" {}\n'
    joined = x('concat(["a"], var.u)', unknown).only
    assert isinstance(joined, Seq)
    assert joined.open
    assert len(joined.items) == 1
    merged = x("merge({a = 1}, var.u, {b = 2})", unknown).only
    assert isinstance(merged, Map)
    assert merged.open
    assert merged.entries["a"].raw is UNKNOWN
    assert merged.entries["b"].only == 2
    assert x("merge({a = 1}, var.u).c", unknown).raw is UNKNOWN
    assert x('concat(["a"], var.u)[0]', unknown).raw is UNKNOWN
    assert x("length(concat([1], var.u))", unknown).raw is UNKNOWN


def test_nested_and_dynamic_blocks() -> None:
    text = """
resource "a_b" "c" {
  rule { port = 1 }
  dynamic "rule" {
    for_each = { b = 3, a = 2 }
    content {
      port = rule.value
      name = rule.key
      dynamic "inner" {
        for_each = toset(["z"])
        iterator = it
        content { v = "${it.value}-${rule.key}" }
      }
    }
  }
  dynamic "open" {
    for_each = var.u
    content {}
  }
  dynamic "maybe" {
    for_each = var.u == "x" ? [1] : []
    content { on = true }
  }
}
variable "u" {}
"""
    loaded = config(module(text), "a_b.c")
    assert shown(loaded.child("rule")) == [
        {"port": 1},
        {"port": 2, "name": "a", "inner": [{"v": "z-a"}]},
        {"port": 3, "name": "b", "inner": [{"v": "z-b"}]},
    ]
    assert loaded.child("open").only.open
    assert loaded.child("maybe").child("on").is_(True) is MAYBE
    assert {len(option.items) for option in loaded.child("maybe").options} == {0, 1}


def test_broken_bodies_are_open() -> None:
    loaded = config(module('resource "a_b" "c" {\n  x = 1\n  y =\n}\n'), "a_b.c")
    assert loaded.child("x").only == 1
    assert loaded.child("z").raw is UNKNOWN
    assert config(module('resource "a_b" "c" {\n}\n'), "a_b.c").child("z").written is False


# count and for_each


def test_instances() -> None:
    loaded = module('resource "a_b" "c" {\n  count = 2\n  x = count.index\n}\n')
    assert [(r.address, r.config.child("x").only) for r in loaded.resources] == [("a_b.c[0]", 0), ("a_b.c[1]", 1)]
    loaded = module('resource "a_b" "c" {\n  for_each = { k = 5 }\n  x = "${each.key}${each.value}"\n}\n')
    assert [(r.address, r.config.child("x").only) for r in loaded.resources] == [('a_b.c["k"]', "k5")]
    assert module('resource "a_b" "c" {\n  count = 0\n}\n').resources == ()
    assert module('resource "a_b" "c" {\n  for_each = toset([])\n}\n').resources == ()


def test_undecided_instances() -> None:
    loaded = module('variable "u" {}\nresource "a_b" "c" {\n  count = var.u ? 1 : 0\n  x = count.index\n}\n')
    (only,) = loaded.resources
    assert (only.key, only.exists, only.config.child("x").only) == (0, MAYBE, 0)
    loaded = module('variable "u" {}\nresource "a_b" "c" {\n  for_each = var.u\n  x = each.key\n  y = 1\n}\n')
    (only,) = loaded.resources
    assert isinstance(only.key, InstanceKey)
    assert (only.address, only.exists) == ("a_b.c", MAYBE)
    assert only.config.child("x").raw is UNKNOWN
    assert only.config.child("y").only == 1
    (only,) = module('resource "a_b" "c" {\n  count = 1000\n}\n').resources
    assert only.exists is MAYBE


@pytest.mark.parametrize(("enabled", "exists"), [("true", YES), ("false", None), ("var.off", None), ("var.u", MAYBE)])
def test_enabled_decides_whether_the_one_instance_exists(enabled: str, exists) -> None:
    block = "lifecycle {\n    prevent_destroy = true\n    enabled         = " + enabled + "\n  }"
    loaded = module(
        'variable "u" {}\nvariable "off" {\n  default = false\n}\nresource "a_b" "c" {\n  ' + block + "\n}\n"
        'resource "a_b" "d" {\n  x = a_b.c != null\n  y = try(a_b.c.id, null)\n}\n'
    )
    assert [one.exists for one in loaded.resources if one.address == "a_b.c"] == ([] if exists is None else [exists])
    there = config(loaded, "a_b.d")
    assert there.child("x").is_(True) is (NO if exists is None else exists)
    assert there.child("y").present() is (NO if exists is None else exists)


@pytest.mark.parametrize(
    ("element", "kept"),
    [
        ("aws_s3_bucket.b.arn", True),
        ("data.aws_iam_policy_document.d.json", True),
        ("aws_s3_bucket.b.website_endpoint", False),
        ("data.aws_ssm_parameter.p.value", False),
        ("random_id.r.id", False),
        ("var.u", False),
    ],
)
def test_compact_knows_what_is_never_empty(element: str, kept: bool) -> None:
    declared = """
variable "u" {}
resource "aws_s3_bucket" "b" {}
resource "random_id" "r" {}
data "aws_iam_policy_document" "d" {}
data "aws_ssm_parameter" "p" {}
"""
    found = x(f'compact([{element}, "", "a"])', declared).only
    assert isinstance(found, Seq)
    assert (len(found.items), found.open) == ((2, False) if kept else (1, True))


@pytest.mark.parametrize(
    "blocks",
    [
        '  r {\n    x = 1\n  }\n  dynamic "r" {\n    for_each = var.u ? [2] : []\n    content {\n      x = r.value\n    }\n  }\n',
        '  dynamic "r" {\n    for_each = concat([1], var.u ? [2] : [])\n    content {\n      x = r.value\n    }\n  }\n',
        "  r = concat([{ x = 1 }], var.u ? [{ x = 2 }] : [])\n",
    ],
)
def test_what_comes_before_a_choice_is_there(blocks: str) -> None:
    items = attribute('variable "u" {}\nresource "a_b" "c" {\n' + blocks + "}\n", "r").items()
    assert [one.child("x").only for one in items.found] == [1]
    assert items.maybe_more


PAIRS = [
    ("", "bucket = aws_s3_bucket.o.id", YES),
    ("count = 1", "count = 1\nbucket = aws_s3_bucket.o[0].id", YES),
    ("count = var.u ? 1 : 0", "count = var.u ? 1 : 0\nbucket = aws_s3_bucket.o[0].id", YES),
    ("count = var.u ? 1 : 0", "count = var.u   ? 1 : 0\nbucket = aws_s3_bucket.o[count.index].id", YES),
    ("count = var.u ? 1 : 0", "count = var.w ? 1 : 0\nbucket = aws_s3_bucket.o[0].id", MAYBE),
    ("", "count = var.u ? 1 : 0\nbucket = aws_s3_bucket.o.id", MAYBE),
    ("count = var.u", "count = var.u\nbucket = aws_s3_bucket.o[count.index].id", YES),
    ("count = var.u", "count = length(aws_s3_bucket.o)\nbucket = aws_s3_bucket.o[count.index].id", YES),
    ("count = var.u", "count = var.w\nbucket = aws_s3_bucket.o[count.index].id", MAYBE),
    ("count = var.u", "bucket = aws_s3_bucket.o[0].id", MAYBE),
    ("for_each = var.u", "for_each = var.u\nbucket = aws_s3_bucket.o[each.key].id", YES),
    ("for_each = toset(var.u)", "for_each = toset(var.u)\nbucket = aws_s3_bucket.o[each.value].id", YES),
    ("for_each = var.u", "for_each = var.u\nbucket = aws_s3_bucket.o[each.value].id", MAYBE),
    ("for_each = var.u", "for_each = aws_s3_bucket.o\nbucket = each.value.id", YES),
    ("for_each = var.u", 'bucket = aws_s3_bucket.o["a"].id', MAYBE),
    ("for_each = { a = 1 }", 'bucket = aws_s3_bucket.o["a"].id', YES),
    ("for_each = { a = 1 }", 'bucket = aws_s3_bucket.o["b"].id', MAYBE),
    ("for_each = { a = 1 }", "for_each = { a = 2 }\nbucket = aws_s3_bucket.o[each.key].id", YES),
    ("for_each = { a = 1 }", "for_each = aws_s3_bucket.o\nbucket = each.value.id", YES),
    ("lifecycle {\nenabled = var.u\n}", "bucket = aws_s3_bucket.o.id\nlifecycle {\nenabled = var.u\n}", YES),
    ("lifecycle {\nenabled = var.u\n}", "bucket = aws_s3_bucket.o.id\nlifecycle {\nenabled = var.w\n}", MAYBE),
    ("", "bucket = aws_s3_bucket.o.id\nlifecycle {\nenabled = var.u\n}", MAYBE),
    ("", "bucket = aws_s3_bucket.o.id\nlifecycle {\nenabled = true\n}", YES),
    ("bucket = var.u", "bucket = var.u", YES),
    ("bucket = var.u", "bucket = var.w", MAYBE),
    ("bucket = var.u", "bucket = uuid()", MAYBE),
    ("bucket = uuid()", "bucket = uuid()", MAYBE),
    ('bucket = "${var.u}-a"', 'bucket = "${var.u}-a"', YES),
    ('bucket = "${var.u}-a"', 'bucket = "${var.u}-a-logs"', NO),
    ('bucket = "${var.u}-a"', 'bucket = "${var.w}-a-logs"', NO),
    ('bucket = "${var.u}-a"', 'bucket = "${var.w}-logs-a"', MAYBE),
    ("", 'bucket = "${var.u}-a"', NO),
    ("for_each = var.u\nbucket = each.value", "for_each = var.u\nbucket = each.value", YES),
    ("for_each = var.u\nbucket = each.value", "for_each = var.w\nbucket = each.value", MAYBE),
    ("for_each = var.u\nbucket = each.value", "for_each = var.u\nbucket = each.key", MAYBE),
    ('count = var.u\nbucket = "b-${count.index}"', 'count = var.u\nbucket = "b-${count.index}"', YES),
    ('count = var.u\nbucket = "b-${count.index}"', 'count = var.u\nbucket = "b1-${count.index}"', MAYBE),
    ("", "bucket = aws_s3_bucket.other.id", NO),
    ("", "bucket = var.u", MAYBE),
    ('bucket = "n"', 'bucket = "n"', YES),
    ('bucket = "n"', 'bucket = "m"', NO),
    ('bucket = "n"', "bucket = local.name", YES),
    ("", "bucket = aws_s3_bucket_policy.first.id", YES),
    ("", "bucket = aws_s3_bucket_acl.first.id", MAYBE),
    ("", "bucket = aws_s3_bucket_policy.first.bucket", YES),
    ("", "bucket = one(aws_s3_bucket.o[*].id)", YES),
    ("count = 1", 'bucket = try(aws_s3_bucket.o[0].id, "")', YES),
]


@pytest.mark.parametrize(("owner", "companion", "linked"), PAIRS)
def test_links(owner: str, companion: str, linked) -> None:
    loaded = module(
        f"""
variable "u" {{}}
variable "w" {{}}
locals {{
  name = "n"
}}
resource "aws_s3_bucket" "other" {{}}
resource "aws_s3_bucket" "o" {{
{owner}
}}
resource "aws_s3_bucket_policy" "first" {{
  bucket = aws_s3_bucket.o.id
}}
resource "aws_s3_bucket_versioning" "v" {{
{companion}
}}
"""
    )
    first = loaded.of("aws_s3_bucket")[1]
    items = loaded.linked(first, "aws_s3_bucket_versioning", ("bucket",), ("bucket",))
    answer = YES if items.found else MAYBE if items.maybe_more else NO
    assert answer is linked


def test_escapes() -> None:
    loaded = module(
        'resource "a_b" "c" {}\nresource "a_b" "d" {}\n'
        'module "m" {\n  source = "./m"\n  list = [for x in [1] : a_b.c.id]\n  depends_on = [a_b.d]\n}\n'
    )
    assert loaded.escapes("a_b.c")
    assert not loaded.escapes("a_b.d")


def test_overrides() -> None:
    base = 'resource "a_b" "c" {\n  x = 1\n  y = 1\n  r { n = 1 }\n}\nvariable "v" {\n  default = 1\n}\n'
    change = 'resource "a_b" "c" {\n  x = var.v\n  r { n = 2 }\n  r { n = 3 }\n}\nvariable "v" {\n  default = 2\n}\n'
    loaded = module(base, z_override__tf=change)
    assert shown(config(loaded, "a_b.c")) == {"x": 2, "y": 1, "r": [{"n": 2}, {"n": 3}]}
    assert len(loaded.resources) == 1


def test_null_stays_null() -> None:
    value = x("null")
    assert known(value.raw) is None
    assert value.at is not None
