"""Files and templates that expressions name: what is read, what is not, and what an answer depends on."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from typing import TYPE_CHECKING

import pytest

from fsbp_lsp.files import DiskFiles
from fsbp_lsp.terraform import load_module
from fsbp_lsp.terraform.data import plain
from fsbp_lsp.text import Loc, Piece, SourceFile
from fsbp_lsp.values import UNKNOWN, Map, Seq, Text, Value

from .console import evaluate, need_terraform
from .memory import MemoryFiles, config, module, shown, value_of

if TYPE_CHECKING:
    from pathlib import Path

    from fsbp_lsp.files import Files
    from fsbp_lsp.terraform.module import TerraformModule

NOWHERE = Loc(Piece(SourceFile("x", b""), 0, b""), 0, 0)


def local(loaded: TerraformModule, name: str = "x") -> Value:
    return loaded.local(name, NOWHERE)


def in_memory(expression: str, **files: str) -> Value:
    """The value of an expression beside files; in their names `__` stands for a dot and `_in_` for a slash."""
    texts = {f"m/{name.replace('__', '.').replace('_in_', '/')}": text for name, text in files.items()}
    return local(load_module(MemoryFiles(texts | {"m/main.tf": f"locals {{\n x = {expression}\n}}\n"}), "m"))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('file("${path.module}/a.txt")', "héllo\n"),
        ('file("a.txt")', "héllo\n"),
        ('file("./a.txt")', "héllo\n"),
        ('file("${path.root}/a.txt")', "héllo\n"),
        ('file("${abspath(path.module)}/a.txt")', "héllo\n"),
        ('trimspace(file("a.txt"))', "héllo"),
        ('jsondecode(file("d/b.json")).on', True),
        ('fileexists("${path.module}/a.txt")', True),
        ('filebase64("a.txt")', base64.b64encode("héllo\n".encode()).decode()),
        ('filemd5("a.txt")', hashlib.md5("héllo\n".encode(), usedforsecurity=False).hexdigest()),
        ('fileset(path.module, "d/*.json")', ["d/b.json", "d/c.json"]),
        ('fileset("d", "?.json")', ["b.json", "c.json"]),
        ('[for f in fileset("d", "*.json") : jsondecode(file("d/${f}")).on]', [True, False]),
        ('templatefile("t.tpl", { name = "x", ports = [1, 2], on = true })', "x:1,2,!\n"),
        ('templatefile("t.tpl", { name = "x", ports = [], on = false })', "x:?\n"),
        ('try(templatefile("t.tpl", { name = "x" }), "no")', "no"),
    ],
)
def test_read(expression: str, expected: object) -> None:
    value = in_memory(
        expression,
        a__txt="héllo\n",
        d_in_b__json='{"on": true}',
        d_in_c__json='{"on": false}',
        t__tpl="${name}:%{ for p in ports }${p},%{ endfor }%{ if on }!%{ else }?%{ endif }\n",
    )
    assert shown(value) == expected


@pytest.mark.parametrize(
    "expression",
    [
        'file("none.txt")',
        'try(file("none.txt"), "x")',
        'fileexists("none.txt")',
        'file("/etc/hostname")',
        'file("~/x")',
        'file("../../../../../../../../etc/hostname")',
        'file("${path.cwd}/a.txt")',
        "file(var.name)",
        'fileset(".", "**")',
        'fileset(".", "*.nothing")',
        'fileset(".", "{a,b}.txt")',
        'templatefile("none.tpl", {})',
        'templatefile("broken.tpl", {})',
        'templatefile("again.tpl", {})',
        "path.module",
        '"${path.module}" == "."',
        '"${path.module}/x" == "./x"',
        "upper(path.module)",
        "length(path.module) > 0",
    ],
)
def test_not_decided(expression: str) -> None:
    value = in_memory(expression, a__txt="a", broken__tpl="%{ if", again__tpl='${templatefile("again.tpl", {})}')
    assert all(option is UNKNOWN or isinstance(option, Text) for option in value.options), value


def test_a_template_sees_its_variables_only() -> None:
    assert "not valid" in in_memory('templatefile("t.tpl", {})', t__tpl="${local.secret}").origins[-1].note
    assert "not valid" in in_memory('templatefile("t.tpl", {})', t__tpl="${path.module}").origins[-1].note
    assert in_memory('templatefile("t.tpl", { local = { secret = "s" } })', t__tpl="${local.secret}").only == "s"
    assert in_memory('templatefile("t.tpl", { xs = ["a"] })', t__tpl="${[for x in xs : upper(x)][0]}").only == "A"


def test_a_document_in_a_template_points_into_no_other_file() -> None:
    text = '{"Statement": [{"Effect": "${effect}"}]}'
    loaded = load_module(
        MemoryFiles(
            {
                "m/main.tf": 'resource "aws_x" "y" {\n  policy = templatefile("p.json", { effect = "Allow" })\n}\n',
                "m/p.json": text,
            }
        ),
        "m",
    )
    policy = loaded.dialect.decode_json(config(loaded, "aws_x.y").child("policy"))
    assert shown(policy) == {"Statement": [{"Effect": "Allow"}]}
    places = [policy.at]
    pending = [policy]
    while pending:
        datum = pending.pop().raw
        inner = list(datum.items) if isinstance(datum, Seq) else list(datum.entries.values()) if isinstance(datum, Map) else []
        places.extend(one.at for one in inner)
        pending.extend(inner)
    assert {place.piece.file.path for place in places if place is not None} == {"m/main.tf"}


def test_a_called_module_reads_its_own_directory() -> None:
    files = MemoryFiles(
        {
            "root/main.tf": 'module "a" {\n  source = "./mod"\n}\nlocals {\n  x = module.a.text\n}\n',
            "root/mod/main.tf": 'output "text" {\n  value = "${file("${path.module}/f")}-${file("${path.root}/f")}"\n}\n',
            "root/mod/f": "inner",
            "root/f": "outer",
        }
    )
    assert local(load_module(files, "root")).only == "inner-outer"


def test_a_changed_file_changes_the_token() -> None:
    texts = {"m/main.tf": 'locals {\n  x = jsondecode(file("${path.module}/a.json")).on\n}\n', "m/a.json": '{"on": true}'}
    cache: dict[str, object] = {}

    def answer() -> tuple[object, dict[tuple[str, ...], object]]:
        loaded = load_module(MemoryFiles(texts), "m", cache)
        noted = loaded.record()
        value = local(loaded)
        loaded.stop(noted)
        return value.only, {key: loaded.token(key) for key in noted}

    first, tokens = answer()
    assert first is True
    again, same = answer()
    assert (again, same) == (True, tokens)
    texts["m/a.json"] = '{"on": false}'
    changed, other = answer()
    assert changed is False
    assert {key for key in tokens if tokens[key] != other[key]} == {("file", "m/a.json")}
    del texts["m/a.json"]
    gone, none = answer()
    assert gone is UNKNOWN
    assert none["file", "m/a.json"] is None


def test_a_new_file_changes_the_token_of_its_directory() -> None:
    texts = {"m/main.tf": 'locals {\n  x = fileset("p", "*.json")\n}\n', "m/p/a.json": "{}"}

    def tokens() -> tuple[object, dict[tuple[str, ...], object]]:
        loaded = load_module(MemoryFiles(texts), "m")
        noted = loaded.record()
        value = local(loaded)
        loaded.stop(noted)
        return shown(value), {key: loaded.token(key) for key in noted}

    first, before = tokens()
    texts["m/p/b.json"] = "{}"
    second, after = tokens()
    assert (first, second) == (["a.json"], ["a.json", "b.json"])
    assert before != after


def on_disk(folder: Path, expression: str, files: Files | None = None) -> Value:
    (folder / "main.tf").write_text(f"locals {{\n  x = {expression}\n}}\n", encoding="utf-8")
    return local(load_module(files or DiskFiles(), str(folder)))


def test_nothing_outside_the_repository(tmp_path: Path) -> None:
    inside = tmp_path / "repository" / "module"
    inside.mkdir(parents=True)
    (tmp_path / "repository" / ".git").mkdir()
    (tmp_path / "repository" / "shared.txt").write_text("shared", encoding="utf-8")
    (tmp_path / "outside.txt").write_text("outside", encoding="utf-8")
    os.symlink(tmp_path / "outside.txt", inside / "link.txt")
    os.symlink(tmp_path, inside / "away")
    os.symlink(tmp_path / "repository" / "shared.txt", inside / "fine.txt")
    os.mkfifo(inside / "pipe")
    (inside / "large.txt").write_bytes(b"x" * 3_000_000)
    assert on_disk(inside, 'file("${path.module}/../shared.txt")').only == "shared"
    assert on_disk(inside, 'file("fine.txt")').only == "shared"
    for path in ("../../outside.txt", "link.txt", "away/outside.txt", "pipe", "large.txt", "."):
        assert on_disk(inside, f'file("{path}")').only is UNKNOWN, path
    assert on_disk(inside, 'fileset("away", "*.txt")').only is UNKNOWN


def test_without_a_repository_the_module_is_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DiskFiles, "project", lambda _self, _directory: None)
    inside = tmp_path / "module"
    inside.mkdir()
    (tmp_path / "outside.txt").write_text("outside", encoding="utf-8")
    (inside / "a.txt").write_text("a", encoding="utf-8")
    assert on_disk(inside, 'file("a.txt")').only == "a"
    assert on_disk(inside, 'file("../outside.txt")').only is UNKNOWN


TEMPLATES = {
    "plain.tpl": "a\n",
    "empty.tpl": "",
    "value.tpl": "${n}",
    "both.tpl": "${n} ${s}\n",
    "loop.tpl": "%{ for x in l ~}\n- ${x}\n%{ endfor ~}\nend\n",
    "loose.tpl": "%{ for x in l }\n- ${x}\n%{ endfor }\nend\n",
    "pairs.tpl": "%{ for k, v in m ~}\n${k}=${v}\n%{ endfor ~}",
    "if.tpl": "%{ if n > 1 }many%{ else }one%{ endif }",
    "strip.tpl": "a  ${~ s ~}  b\n  %{~ if true ~}  c  %{~ endif ~}\n\n d",
    "escape.tpl": '$${x} %%{x} \\n "quoted" $x 100%\n',
    "nested.tpl": '%{ for x in l }%{ if x == "a" }A%{ else }%{ for y in l }${y}%{ endfor }%{ endif }%{ endfor }',
    "json.tpl": "${jsonencode({ s = s, l = l })}",
    "null.tpl": "a${z}",
    "unknown.tpl": "${nothing}",
    "crlf.tpl": "a\r\n%{ if true ~}\r\nb\r\n%{ endif ~}\r\nc",
    "calls.tpl": '${upper(s)}-${join(",", l)}',
    "unicode.tpl": "é€${s}\n",
}
VARIABLES = '{ n = 2, s = "x", l = ["a", "b"], m = { k = "v", j = 1 }, z = null }'


def test_templates_and_files_as_terraform_reads_them(tmp_path: Path) -> None:
    need_terraform()
    for name, text in TEMPLATES.items():
        (tmp_path / name).write_bytes(text.encode())
    cases = [f'templatefile("{name}", {VARIABLES})' for name in TEMPLATES]
    cases += [f'{function}("{name}")' for function in ("file", "filebase64", "filemd5", "filesha1") for name in TEMPLATES]
    cases += [f'{function}("plain.tpl")' for function in ("filesha256", "filesha512", "filebase64sha256", "filebase64sha512", "fileexists")]
    cases += [
        'fileset(".", "*.tpl")',
        'fileset(path.module, "n*.tpl")',
        'fileset(".", "?f.tpl")',
        'file("./plain.tpl")',
        'file("${path.module}/plain.tpl")',
    ]
    whole = "base64encode(jsonencode([" + ", ".join(f'try(jsonencode({case}), "FAULT")' for case in cases) + "]))"
    printed = evaluate(whole, tmp_path)
    assert printed is not None
    wrong: list[str] = []
    undecided: list[str] = []
    for case, real in zip(cases, json.loads(base64.b64decode(printed)), strict=True):
        value = on_disk(tmp_path, case)
        if value.raw is UNKNOWN:
            refused = any("not valid" in origin.note for origin in value.origins)
            undecided.extend([] if refused else [case])
            wrong.extend([f"{case}: refused, but {real}"] if refused and real != "FAULT" else [])
        elif real == "FAULT" or plain(value.raw) != json.loads(real):
            wrong.append(f"{case}: {value.raw!r} but {real}")
    assert not wrong, "\n".join(wrong)
    assert not undecided


def test_templatestring() -> None:
    text = 'locals {\n  t = "$${a}-%%{ if b }y%%{ else }n%%{ endif }"\n}\n'
    assert value_of('templatestring(local.t, { a = "x", b = true })', text).only == "x-y"
    assert value_of("templatestring(local.t, { a = 1, b = false })", text).only == "1-n"
    assert "not valid" in value_of("templatestring(local.t, {})", text).origins[-1].note


def test_an_answer_that_reads_nothing_depends_on_no_file() -> None:
    loaded = module('locals {\n  x = upper("a")\n}\n')
    noted = loaded.record()
    assert local(loaded).only == "A"
    loaded.stop(noted)
    assert not {key for key in noted if key[0] in ("file", "files")}
