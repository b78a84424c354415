"""A remembered answer is as good as a fresh one: no dependency is missed, and reloading is cheap."""

from __future__ import annotations

import random

import pytest

from fsbp_lsp.model import Resource
from fsbp_lsp.terraform import load_module
from fsbp_lsp.terraform.module import TerraformModule
from fsbp_lsp.values import Map, Ref, Seq, Text, Value

from .memory import MemoryFiles

VALUES = ["true", "false", "null", '"x"', "1", "var.a", "var.b", "local.p", "local.q", 'var.a == "x" ? local.p : var.b']
REFS = [
    "t_a.one.v",
    "t_a.two.v",
    "t_b.one.v",
    "t_a.one.id",
    "t_b.one[0].v",
    "one(t_b.one[*].v)",
    "data.t_d.one.v",
    "try(t_a.two[0].v, 1)",
    "try(each.value, 0)",
    "try(count.index, 0)",
]
COUNTS = [
    "",
    "count = 1",
    "count = 2",
    "count = 0",
    'count = var.a == "x" ? 1 : 0',
    'for_each = toset(["k"])',
    "for_each = local.m",
    "count = length(t_a.one)",
    "for_each = t_a.two",
]


def block(pick: random.Random, kind: str, name: str) -> str:
    lines = [f'resource "{kind}" "{name}" {{', f"  {pick.choice(COUNTS)}"]
    lines += [f"  v = {pick.choice(VALUES + REFS)}", f"  w = {pick.choice(VALUES + REFS)}"]
    if pick.random() < 0.3:
        lines.append(
            f'  dynamic "d" {{\n'
            f"    for_each = {pick.choice(['[1]', '[]', 'local.l', 'var.a'])}\n"
            f"    content {{\n      x = {pick.choice(VALUES)}\n    }}\n  }}"
        )
    if pick.random() < 0.1:
        lines.append("  broken =")
    return "\n".join([*lines, "}\n"])


def files(pick: random.Random) -> dict[str, str]:
    made = {
        "m/a.tf": block(pick, "t_a", "one") + block(pick, "t_b", "one"),
        "m/b.tf": block(pick, "t_a", "two") + 'data "t_d" "one" {\n  v = ' + pick.choice(VALUES) + "\n}\n",
        "m/v.tf": f'variable "a" {{\n  default = {pick.choice(VALUES[:5])}\n}}\nvariable "b" {{\n}}\n',
        "m/l.tf": f"locals {{\n  p = {pick.choice(VALUES)}\n}}\n"
        f"locals {{\n  q = {pick.choice(VALUES + REFS)}\n"
        f"  l = [1]\n  m = {{ k = {pick.choice(VALUES)} }}\n}}\n",
        "m/c.tf": f'module "x" {{\n  source = "./x"\n  in = {pick.choice(["t_a.one.id", "t_b.one", "1"])}\n}}\n',
    }
    if pick.random() < 0.4:
        made["m/terraform.tfvars"] = f"b = {pick.choice(VALUES[:5])}\n"
    if pick.random() < 0.3:
        made["m/z_override.tf"] = f'resource "t_a" "one" {{\n  v = {pick.choice(VALUES)}\n}}\n'
    return made


def edited(pick: random.Random, before: dict[str, str]) -> dict[str, str]:
    """One or two files replaced, added or removed."""
    after = dict(before)
    other = files(pick)
    for path in pick.sample(sorted({*before, *other}), pick.choice([1, 1, 2])):
        if path in other and (path not in before or pick.random() < 0.9):
            after[path] = other[path]
        elif path in after and not path.endswith(("v.tf", "l.tf")):
            del after[path]
    return after


def dump(value: Value, depth: int = 0) -> object:
    """Everything an answer may be made of, places as text positions."""
    at = value.at.key() if value.at is not None else None
    hops = [(hop.via.name, hop.note, hop.at.key() if hop.at is not None else None) for hop in value.origins]
    return [_datum(option, depth) for option in value.options], at, hops


def _datum(option: object, depth: int) -> object:
    if isinstance(option, Ref):
        return "ref", option.address, option.attribute, repr(option.key), _datum(option.known, depth)
    if isinstance(option, Map):
        return {key: dump(item, depth + 1) for key, item in option.entries.items()}, option.open
    if isinstance(option, Seq):
        return [dump(item, depth + 1) for item in option.items], option.open
    if isinstance(option, Text):
        return [_datum(part, depth) for part in option.parts]
    return type(option).__name__, repr(option)


def answer(module: TerraformModule, resource: Resource) -> object:
    """What a control could say: the resource, a companion's links, a referenced source, whether it is handed over."""
    links = module.linked(resource, "t_b", ("v",))
    source = module.get("data.t_d.one")
    parts: list[object] = [dump(resource.config), resource.header.key()]
    parts.append(([one.address for one in links.found], links.maybe_more))
    parts.append(dump(source.config) if source is not None else None)
    parts.append(module.escapes(resource.block))
    return parts


@pytest.mark.parametrize("seed", range(60))
def test_no_dependency_is_missed(seed: int) -> None:
    pick = random.Random(seed)
    held = MemoryFiles(files(pick))
    cache: dict[str, object] = {}
    memo: dict[str, tuple[object, dict[tuple[str, ...], object]]] = {}
    for _round in range(8):
        module = load_module(held, "m", cache)
        fresh = load_module(held, "m")
        addresses = [resource.address for resource in module.resources]
        assert addresses == [resource.address for resource in fresh.resources]
        again: dict[str, tuple[object, dict[tuple[str, ...], object]]] = {}
        for resource, other in zip(module.resources, fresh.resources, strict=True):
            expected = answer(fresh, other)
            known = memo.get(resource.address)
            if known is not None and all(module.token(key) == token for key, token in known[1].items()):
                # Places of remembered answers follow their pieces, so only what moved within a file may differ here.
                assert known[0] == _placeless(expected), (seed, resource.address, sorted(known[1]))
                again[resource.address] = known
                continue
            noted = module.record()
            said = answer(module, resource)
            module.stop(noted)
            assert said == expected
            again[resource.address] = (_placeless(said), {key: module.token(key) for key in noted})
        memo = again
        held.files = edited(pick, held.files)


def _placeless(said: object) -> object:
    """The answer without byte positions: an edit above moves them, and the pieces carry that by themselves."""
    if isinstance(said, tuple) and len(said) == 3 and isinstance(said[0], str) and all(isinstance(part, int) for part in said[1:]):
        return said[0]
    if isinstance(said, (list, tuple)):
        return [_placeless(part) for part in said]
    if isinstance(said, dict):
        return {key: _placeless(part) for key, part in said.items()}
    return said


def test_most_answers_are_reused() -> None:
    """The tokens are not so coarse that an edit makes everything new."""
    held = MemoryFiles(
        {f"m/f{n}.tf": f'resource "t_a" "r{n}" {{\n  v = local.l{n % 3}\n}}\nlocals {{\n  l{n} = {n}\n}}\n' for n in range(20)}
    )
    cache: dict[str, object] = {}
    module = load_module(held, "m", cache)
    tokens = {}
    for resource in module.resources:
        noted = module.record()
        answer(module, resource)
        module.stop(noted)
        tokens[resource.address] = {key: module.token(key) for key in noted}
    held.files["m/f7.tf"] = held.files["m/f7.tf"].replace("local.l1", "local.l2")
    after = load_module(held, "m", cache)
    stale = [address for address, noted in tokens.items() if any(after.token(key) != token for key, token in noted.items())]
    assert stale == ["t_a.r7"]
    held.files["m/f1.tf"] = held.files["m/f1.tf"].replace("l1 = 1", "l1 = 9")
    after = load_module(held, "m", cache)
    stale = [address for address, noted in tokens.items() if any(after.token(key) != token for key, token in noted.items())]
    assert set(stale) == {f"t_a.r{n}" for n in range(20) if n % 3 == 1}


def test_reloading_parses_only_what_changed() -> None:
    body = "".join(f'  a{n} = "{n}"\n' for n in range(20))
    held = MemoryFiles({f"m/f{n}.tf": "".join(f'resource "t_a" "r{n}_{m}" {{\n{body}}}\n' for m in range(6)) for n in range(40)})
    cache: dict[str, object] = {}
    first = load_module(held, "m", cache)
    before = {piece.serial for one in first.index.declared.values() for piece in [one.piece]}
    held.files["m/f3.tf"] = held.files["m/f3.tf"].replace('a7 = "7"', 'a7 = "8"', 1)
    second = load_module(held, "m", cache)
    after = {piece.serial for one in second.index.declared.values() for piece in [one.piece]}
    assert len(after - before) == 1


EDITS = [
    # what is asked, the module, text to replace, by what
    ("config", 'resource "t_a" "r" {\n  for_each = local.m\n  v = each.value\n}\nlocals {\n  m = { k = 1 }\n}\n', "k = 1", "k = 2"),
    (
        "config",
        'resource "t_a" "r" {\n  v = t_b.x.v\n}\nresource "t_b" "x" {\n  v = var.a\n}\nvariable "a" {\n  default = 1\n}\n',
        "= 1",
        "= 2",
    ),
    (
        "config",
        'resource "t_a" "r" {\n  v = length(t_b.x)\n}\nresource "t_b" "x" {\n  count = var.a\n}\nvariable "a" {\n  default = 1\n}\n',
        "= 1",
        "= 2",
    ),
    ("config", 'resource "t_a" "r" {\n  v = t_b.x.v\n}\n#\n', "#", 'resource "t_b" "x" {\n  v = 1\n}'),
    ("config", 'resource "t_a" "r" {\n  v = local.l\n}\n#\n', "#", "locals {\n  l = 1\n}"),
    ("config", 'resource "t_a" "r" {\n  v = var.l\n}\n#\n', "#", 'variable "l" {\n  default = 1\n}'),
    (
        "config",
        'variable "c" {\n  default = true\n}\nresource "t_a" "r" {\n  v = var.c ? 1 : local.l\n}\nlocals {\n  l = 1\n}\n',
        "true",
        "false",
    ),
    ("linked", 'resource "t_a" "r" {}\n#\n', "#", 'resource "t_b" "x" {\n  v = t_a.r.id\n}'),
    ("linked", 'resource "t_a" "r" {}\nresource "t_b" "x" {\n  v = local.l\n}\nlocals {\n  l = 1\n}\n', "l = 1", "l = t_a.r.id"),
    (
        "linked",
        'resource "t_a" "r" {}\nresource "t_b" "x" {\n  count = local.l\n  v = t_a.r.id\n}\nlocals {\n  l = 1\n}\n',
        "l = 1",
        "l = 0",
    ),
    ("linked", 'resource "t_a" "r" {}\n#\n', "#", "x ="),
    ("escapes", 'resource "t_a" "r" {}\n#\n', "#", 'module "m" {\n  x = t_a.r\n}'),
    ("of", 'resource "t_a" "r" {}\n#\n', "#", 'resource "t_b" "x" {}'),
    ("header", 'resource "t_a" "r" {\n  v = 1\n}\n', "v = 1", "v = 2"),
    ("source", 'resource "t_a" "r" {}\n#\n', "#", 'data "t_d" "one" {}'),
]


@pytest.mark.parametrize(("asked", "text", "old", "new"), EDITS)
def test_each_dependency(asked: str, text: str, old: str, new: str) -> None:
    held = MemoryFiles({"m/a.tf": text})
    cache: dict[str, object] = {}
    module = load_module(held, "m", cache)
    resource = module.resources[0]
    noted = module.record()
    if asked == "config":
        dump(resource.config)
    elif asked == "linked":
        module.linked(resource, "t_b", ("v",))
    elif asked == "of":
        [dump(one.config) for one in module.of("t_b")]
    elif asked == "escapes":
        module.escapes(resource.block)
    elif asked == "header":
        resource.header.key()
    else:
        module.get("data.t_d.one")
    module.stop(noted)
    tokens = {key: module.token(key) for key in noted}
    again = load_module(MemoryFiles({"m/a.tf": text, "m/z.tf": "# nothing\n"}), "m", cache)
    assert all(again.token(key) == token for key, token in tokens.items())
    after = load_module(MemoryFiles({"m/a.tf": text.replace(old, new, 1)}), "m", cache)
    assert any(after.token(key) != token for key, token in tokens.items()), tokens
