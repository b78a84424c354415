"""What a run imports: the clock is not asserted, what makes it slow is."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig

import pytest

import fsbp_lsp

ROOT = os.path.dirname(fsbp_lsp.__path__[0])

PROGRAM = """
import sys
sys.path[:0] = sys.argv.pop(1).split("|")
report = sys.argv.pop(1)
{call}
open(report, "w").write(" ".join(sorted(sys.modules)))
sys.exit(status)
"""

CHECK = "from fsbp_lsp.cli import main; status = main(['check', *sys.argv[1:]])"
HOOK = "from fsbp_lsp.cli import hook_main; status = hook_main(sys.argv[1:])"

NEVER = {
    *("pygls", "lsprotocol", "cattrs", "attr", "asyncio", "concurrent", "cfnlint", "hcl2", "lark"),
    *("dataclasses", "inspect", "logging", "pathlib", "typing", "importlib.metadata", "importlib.resources"),
    *("argparse", "difflib", "email", "http", "socket", "ssl", "tomllib", "unittest", "urllib.request", "zipfile"),
    *("fsbp_lsp.server", "fsbp_lsp.ide", "fsbp_lsp.dev", "fsbp_lsp.engine.fix", "fsbp_lsp.report.sarif"),
}
"""Not for a plain run over healthy files."""

TERRAFORM_ONLY = {"tree_sitter", "tree_sitter_hcl", "fsbp_lsp.terraform", "fsbp_lsp.syntax.hcl"}
TEMPLATE_ONLY = {"yaml", "fsbp_lsp.cloudformation.template", "fsbp_lsp.syntax.yaml"}

BUCKET = 'resource "aws_s3_bucket" "b" {\n  acl = "public-read"\n}\n'
TEMPLATE = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      AccessControl: PublicRead\n"
ORDINARY = "jobs:\n  build:\n    runs-on: ubuntu-latest\n"


def imported(tmp_path, call, files):
    """(exit status, modules imported) of a run over these files, in an interpreter that reads no .pth files."""
    folder = tmp_path / "source"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    report = tmp_path / "modules"
    paths = "|".join(dict.fromkeys((ROOT, sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))))
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PROGRAM.format(call=call), paths, str(report), *files],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, set(report.read_text(encoding="utf-8").split())


def below(modules, names):
    return sorted(module for module in modules if any(module == name or module.startswith(f"{name}.") for name in names))


@pytest.mark.parametrize("call", [CHECK, HOOK], ids=["command", "hook"])
def test_terraform_loads_no_template_reader(tmp_path, call):
    status, modules = imported(tmp_path, call, {"main.tf": BUCKET})
    assert status == 1
    # tree_sitter itself imports typing.
    assert below(modules, (NEVER - {"typing"}) | TEMPLATE_ONLY) == []
    assert "tree_sitter_hcl" in modules


@pytest.mark.parametrize("call", [CHECK, HOOK], ids=["command", "hook"])
def test_templates_load_no_terraform_reader(tmp_path, call):
    status, modules = imported(tmp_path, call, {"template.yaml": TEMPLATE})
    assert status == 1
    assert below(modules, NEVER | TERRAFORM_ONLY) == []
    assert "yaml" in modules


def test_ordinary_yaml_loads_no_reader_at_all(tmp_path):
    status, modules = imported(tmp_path, HOOK, {"ci.yml": ORDINARY, "package.json": "{}"})
    assert status == 0
    assert below(modules, NEVER | TERRAFORM_ONLY | TEMPLATE_ONLY) == []


def test_only_the_services_in_the_files_are_loaded(tmp_path):
    _, modules = imported(tmp_path, CHECK, {"main.tf": BUCKET})
    services = {module for module in modules if module.startswith("fsbp_lsp.controls.")}
    assert "fsbp_lsp.controls.s3" in services
    assert not services & {"fsbp_lsp.controls.rds", "fsbp_lsp.controls.ec2", "fsbp_lsp.controls.compute"}
