"""The examples of public modules, made to plan offline.

What is changed in the copy, the same for both opinions: version constraints and backends go, registry sources
become the copies of those modules that the corpus holds, `region` arguments of provider 6 go (the provider at
hand is 5.x), the provider gets mock credentials, and what other providers make (`random_pet`, `tls_private_key`) becomes
the built-in `terraform_data`, whose id is as unknown before apply. Modules that the corpus lacks are replaced by ones
that take everything and give back what is known after apply. Arguments and blocks of later providers go. Files that an example
reads and the corpus does not hold are made up. Variables without a default and what else only one example needs is
listed in `examples`. Calls of AWS by data sources end at `FakeAws`.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from fsbp_lsp.syntax.hcl import read_hcl
from fsbp_lsp.text import SourceFile
from tests.oracle.examples import CHANGED, CORPUS, PREFIX, VARIABLES
from tests.oracle.terraform import Diagnostic, PlanError, Workspace

_MOCK = """
  access_key                  = "mock"
  secret_key                  = "mock"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
"""
_REGISTRY = re.compile(
    r'(\n[ \t]*source[ \t]*=[ \t]*)"terraform-aws-modules/([a-z0-9-]+)/aws(?://([^"]+))?"((?:\n[ \t]*)version[ \t]*=[ \t]*"[^"]*")?'
)
_TERRAFORM = re.compile(r"^terraform \{\n(?:[ \t].*\n|\n)*?\}\n", re.MULTILINE)
_REGION = re.compile(r"^[ \t]+region[ \t]*=[ \t]*var\.region[ \t]*(?:#.*)?\n", re.MULTILINE)
_FOREIGN = (
    r"random_(?:pet|id|string|password|integer)|null_resource|local_file|external|http|time_(?:sleep|static)"
    r"|tls_(?:private_key|self_signed_cert|cert_request|locally_signed_cert|certificate)"
    r"|docker_(?:registry_)?image|github_repository_webhook|gitlab_project_hook|kubernetes_\w+_v1"
)
_STAND_IN = re.compile(rf'^(resource|data) "({_FOREIGN})" "(\w+)" \{{\n(?:[ \t].*\n|\n)*?\}}\n', re.MULTILINE)
_STAND_IN_USE = re.compile(
    rf"\b(data\.(?=external|http|tls)|(?=random|null|local_file|time|tls|docker|github|gitlab|kubernetes))"
    rf"({_FOREIGN})\.(\w+)((?:\[[^]]*\])?)((?:\.\w+|\[[^]]*\])*)"
)
_FOREIGN_PROVIDER = re.compile(r'^provider "(?!aws")\w+" \{(?:\n(?:[ \t].*\n|\n)*?)?\}\n', re.MULTILINE)
_GONE = frozenset(
    {
        "Unsupported argument",
        "Unsupported block type",
        "Invalid resource type",
        "Invalid data source",
        "Value for unconfigurable attribute",
        "Invalid Configuration for Read-Only Attribute",
    }
)
"""Errors after which what is named goes."""
_SILENCED = frozenset({"Unsupported attribute", "Reference to undeclared resource"})
"""Errors after which the value of what is named becomes null."""
_SILENCE = {"count": b"0", "for_each": b"{}", "depends_on": b"[]"}
_MISSING_FILE = re.compile(r'no file exists at\s+"([^"]+)"|open ([^ :]+): no such file')
_MADE_UP = "made up\n" * 200
"""Long enough for whatever has a least length."""
_CALL = re.compile(r'^module "(\w+)" \{\n((?:[ \t].*\n|\n)*?)\}\n', re.MULTILINE)
_ROUNDS = 16


def examples() -> list[str]:
    """`repository/examples/name` of every example in the corpus."""
    root = Path(CORPUS)
    found = [path.parent for path in root.glob(f"{PREFIX}*/examples/*/main.tf")]
    return sorted(str(path.relative_to(root)).removeprefix(PREFIX) for path in found)


class Lab:
    """A copy of the corpus' modules, side by side, as they plan offline."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        # The copies make up one repository: modules call each other across them.
        (folder / ".git").mkdir()
        for repository in sorted(Path(CORPUS).glob(f"{PREFIX}*")):
            shutil.copytree(repository, folder / repository.name, ignore=shutil.ignore_patterns(".git"))
        for name, changes in CHANGED.items():
            path = folder / f"{PREFIX}{name}"
            text = path.read_text(encoding="utf-8")
            for old, new in changes:
                assert old in text, f"{name} has no {old!r}"
                text = text.replace(old, new)
            path.write_text(text, encoding="utf-8")
        for path in folder.rglob("*.tf"):
            path.write_text(self._planable(path, path.read_text(encoding="utf-8")), encoding="utf-8")
        for name, values in VARIABLES.items():
            (self.folder(name) / "terraform.tfvars").write_text(values, encoding="utf-8")
        self._stub()

    def folder(self, example: str) -> Path:
        return self.root / f"{PREFIX}{example}"

    def _planable(self, path: Path, text: str) -> str:
        def local(match: re.Match[str]) -> str:
            wanted = self.root / f"{PREFIX}terraform-aws-{match[2]}" / (match[3] or "")
            relative = os.path.relpath(wanted, path.parent)
            return f'{match[1]}"{relative if relative.startswith(".") else f"./{relative}"}"'

        def stand_in(match: re.Match[str]) -> str:
            count = re.search(r"^[ \t]+count[ \t]*=.*\n", match[0], re.MULTILINE)
            return f'resource "terraform_data" "{match[2]}_{match[3]}" {{\n{count[0] if count else ""}}}\n'

        def use(match: re.Match[str]) -> str:
            name = f"terraform_data.{match[2]}_{match[3]}{match[4]}"
            return f"[{name}.id]" if "[*]" in match[5] else f"{name}.id" if match[5] else name

        text = _REGISTRY.sub(local, text)
        text = _TERRAFORM.sub(
            lambda match: re.sub(r"\n[ \t]*version[ \t]*=.*", "", match[0]) if "configuration_aliases" in match[0] else "", text
        )
        text = _REGION.sub("", text)
        text = re.sub(r"^[ \t]+skip_\w+[ \t]*=[ \t]*true[^\n]*\n", "", text, flags=re.MULTILINE)
        text = re.sub(r"\b(data\.aws_region\.\w+(?:\[0\])?)\.region\b", r"\1.name", text)
        text = _FOREIGN_PROVIDER.sub("", text)
        text = _STAND_IN.sub(stand_in, text)
        if _STAND_IN_USE.search(text):
            text = _STAND_IN_USE.sub(use, text)
        return re.sub(r'^provider "aws" \{\n', f'provider "aws" {{{_MOCK}', text, flags=re.MULTILINE)

    def plan(self, workspace: Workspace, example: str) -> bytes:
        """The plan of an example, what the provider at hand refuses to be told taken out first. Raises PlanError."""
        folder = self.folder(example)
        workspace.prepare(folder, modules=True)
        for _round in range(_ROUNDS):
            try:
                return workspace.plan_again(folder)
            except PlanError as error:
                if not repaired(folder, error.diagnostics):
                    raise
        return workspace.plan_again(folder)

    def _stub(self) -> None:
        """Modules that the corpus does not hold take every argument and give back what is known only after apply."""
        inputs: dict[Path, set[str]] = {}
        outputs: dict[Path, set[str]] = {}
        for path in self.root.rglob("*.tf"):
            text = path.read_text(encoding="utf-8")
            for name, body in _CALL.findall(text):
                source = re.search(r'^[ \t]*source[ \t]*=[ \t]*"(\.[^"]*)"', body, re.MULTILINE)
                target = Path(os.path.normpath(path.parent / source[1])) if source is not None else None
                if target is None or any(target.glob("*.tf")):
                    continue
                inputs.setdefault(target, set()).update(re.findall(r"^  (\w+)[ \t]*=", body, re.MULTILINE))
                for other in path.parent.glob("*.tf"):
                    used = re.findall(rf"\bmodule\.{name}(?:\[[^]]*\])?\.(\w+)", other.read_text(encoding="utf-8"))
                    outputs.setdefault(target, set()).update(used)
        for target, names in inputs.items():
            target.mkdir(parents=True, exist_ok=True)
            taken = sorted(names - {"source", "version", "providers", "count", "for_each", "depends_on"})
            text = 'resource "terraform_data" "stub" {}\n' + "".join(f'variable "{name}" {{\n  default = null\n}}\n' for name in taken)
            given = sorted(outputs.get(target, ()))
            text += "".join(f'output "{name}" {{\n  value = jsondecode(terraform_data.stub.id)\n}}\n' for name in given)
            (target / "main.tf").write_text(text, encoding="utf-8")


def repaired(folder: Path, errors: Iterable[Diagnostic]) -> bool:
    """Take out what these errors are about, make up the files they miss. False when there was nothing to do."""
    wrong: dict[Path, dict[int, bool]] = {}
    made = False
    for error in errors:
        place = error.get("range")
        missing = _MISSING_FILE.search(error["detail"])
        if missing is not None:
            path = folder / (missing[1] or missing[2])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("{}" if path.suffix == ".json" else _MADE_UP, encoding="utf-8")
            made = True
        elif place is not None and error["summary"] in _GONE | _SILENCED:
            path = Path(os.path.normpath(folder / place["filename"]))
            wrong.setdefault(path, {})[place["start"]["byte"]] = error["summary"] in _GONE
    for path, offsets in wrong.items():
        path.write_bytes(without(path.read_bytes(), offsets))
    return made or bool(wrong)


def without(data: bytes, offsets: dict[int, bool]) -> bytes:
    """The file without the arguments and blocks that hold these offsets, or with arguments that say nothing."""
    spans: dict[tuple[int, int], bytes] = {}
    for piece, body in read_hcl(SourceFile("x.tf", data)).items:
        for at, go in ((offset - piece.base, go) for offset, go in offsets.items()):
            here = body
            while True:
                block = next((one for one in here.blocks if one.start <= at < one.end), None)
                if block is not None and at >= block.header_end:
                    here = block.body
                    continue
                attribute = next((one for one in here.attributes.values() if one.start <= at < one.end), None)
                if block is not None:
                    spans[piece.base + block.start, piece.base + block.end] = b""
                elif attribute is not None and go:
                    spans[piece.base + attribute.start, piece.base + attribute.end] = b""
                elif attribute is not None:
                    nothing = _SILENCE.get(attribute.name, b"null")
                    spans[piece.base + attribute.expr_start, piece.base + attribute.expr_end] = nothing
                break
    for start, end in sorted(spans, reverse=True):
        data = data[:start] + spans[start, end] + data[end:]
    return data
