"""Real Terraform over the specs: every source and every fixed source is valid and formatted.

Needs `terraform` and the folder of provider plugins in FSBP_TF_PLUGINS. Each source becomes a local
module of one root, so that one `init` and one `validate` serve them all.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fsbp_lsp.dev.inventory import NEWER
from tests.controls.spec import Section, all_specs

PLUGINS = os.environ.get("FSBP_TF_PLUGINS", "")
TERRAFORM = shutil.which("terraform")

pytestmark = pytest.mark.skipif(
    not PLUGINS or TERRAFORM is None, reason="needs terraform on the path and its provider plugins in FSBP_TF_PLUGINS"
)

PLACEHOLDER = re.compile(r"\b[A-Z]+(?:-[A-Z]+)+\b")
"""What a manual fix leaves for people to fill in: the provider may well say that it is no ARN."""
VARIABLE = re.compile(r'^variable "(\w+)" \{(.*?)^\}', re.MULTILINE | re.DOTALL)
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "TF_CLI_CONFIG_FILE"} | {"CHECKPOINT_DISABLE": "1"}
PROVIDER = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n'


def _run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    assert TERRAFORM is not None
    return subprocess.run([TERRAFORM, *arguments], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=600, check=False)


def _sources(section: Section) -> list[tuple[str, dict[str, str]]]:
    """(what it is, files) of a section: as written, and after each fix."""
    made = [("source", section.files)]
    made += [(f"fixed {fixed.title}".strip(), {**section.files, **fixed.files}) for fixed in section.fixed]
    return made


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The root folder, and what each module folder in it holds."""
    root = tmp_path_factory.mktemp("terraform")
    names: dict[str, str] = {}
    calls = [PROVIDER, 'provider "aws" {\n  region = "eu-west-1"\n}\n', 'variable "any" {\n  default = null\n}\n']
    for spec in all_specs():
        for section in spec.sections:
            if section.dialect != "terraform":
                continue
            for what, files in _sources(section):
                name = f"m{len(names)}"
                names[name] = f"{section.name} ({what}), line {section.line}"
                folder = root / "modules" / name
                folder.mkdir(parents=True)
                inputs: list[str] = []
                for path, text in files.items():
                    (folder / path).write_text(text, encoding="utf-8")
                    inputs += [match[1] for match in VARIABLE.finditer(text) if "default" not in match[2]]
                lines = [f'module "{name}" {{', f'  source = "./modules/{name}"', *(f"  {each} = var.any" for each in inputs), "}", ""]
                calls.append("\n".join(lines))
    (root / "main.tf").write_text("\n".join(calls), encoding="utf-8")
    return root, names


def test_every_source_is_valid(written: tuple[Path, dict[str, str]]) -> None:
    root, names = written
    init = _run(["init", f"-plugin-dir={PLUGINS}", "-backend=false", "-input=false", "-no-color"], root)
    assert init.returncode == 0, init.stderr
    answer = json.loads(_run(["validate", "-json"], root).stdout)
    errors = [
        f"{names.get(Path(diagnostic['range']['filename']).parts[-2:][0], 'root') if 'range' in diagnostic else '?'}: "
        f"{diagnostic['summary']}: {diagnostic['detail']} {diagnostic.get('snippet', {}).get('code', '')}"
        for diagnostic in answer["diagnostics"]
        if diagnostic["severity"] == "error"
        and not PLACEHOLDER.search(diagnostic.get("snippet", {}).get("code", ""))
        # The provider at hand may be older than what the controls know.
        and not (diagnostic["summary"] == "Invalid resource type" and any(f'"{name}"' in diagnostic["detail"] for name in NEWER))
    ]
    assert not errors, "\n".join(errors)


def test_every_source_is_formatted(written: tuple[Path, dict[str, str]]) -> None:
    """What the specs show, and above all what the fixes make of it, is as `terraform fmt` would leave it."""
    root, names = written
    answer = _run(["fmt", "-check", "-diff", "-recursive", "-no-color", "modules"], root)
    parts = re.split(r"(?m)^(?=modules/m\d+/[^\n]*\n---)", answer.stdout)
    unformatted = [f"{names[part.split('/')[1]]}\n{part}" for part in parts if part.startswith("modules/")]
    assert not unformatted, "\n".join(unformatted)
