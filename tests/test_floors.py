"""The layers hold: a package imports only packages on lower floors, and the hot path keeps to cheap imports."""

from __future__ import annotations

import ast
import os
import tomllib
from collections.abc import Iterator

import pytest

import fsbp_lsp

ROOT = os.path.dirname(fsbp_lsp.__path__[0])

FLOORS = {
    "text": 0,
    "catalog": 1,
    "files": 1,
    "syntax": 1,
    "values": 1,
    "config": 2,
    "model": 2,
    "cloudformation": 3,
    "terraform": 3,
    "aws": 4,
    "controls": 5,
    "engine": 6,
    "ide": 7,
    "report": 7,
    "cfnlint": 8,
    "server": 8,
    "cli": 9,
    "dev": 10,
}

SLOW = {"asyncio", "concurrent", "dataclasses", "importlib.metadata", "importlib.resources", "inspect", "logging", "pathlib", "typing"}
"""Standard modules that cost more than all of a small check; `typing` belongs under `if TYPE_CHECKING`."""

ONLY_IN = {"pygls": {"server"}, "lsprotocol": {"server"}, "asyncio": {"server"}, "cfnlint": {"cfnlint", "dev"}, "tree_sitter": {"syntax"}}
ONLY_IN |= {"tree_sitter_hcl": {"syntax"}, "yaml": {"syntax", "engine"}, "hcl2": {"engine"}}
"""Packages that may know a third-party module (the engine has fixes read by a second parser before they are written)."""


def sources() -> list[tuple[str, str]]:
    """(package, path) of every module of fsbp_lsp; the package of a top-level module is ''."""
    found = []
    for folder, _, names in os.walk(fsbp_lsp.__path__[0]):
        package = os.path.relpath(folder, fsbp_lsp.__path__[0]).partition(os.sep)[0].replace(".", "")
        found += [(package, os.path.join(folder, name)) for name in sorted(names) if name.endswith(".py")]
    return sorted(found)


def imports(path: str) -> Iterator[tuple[str, int, bool, bool]]:
    """(module, line, run only by type checkers, inside a function) of every import."""
    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read(), path)

    def walk(node: ast.AST, typing_only: bool, local: bool) -> Iterator[tuple[str, int, bool, bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                for alias in child.names:
                    yield alias.name, child.lineno, typing_only, local
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"{path}:{child.lineno}: relative import"
                # `from fsbp_lsp import catalog` imports a package, `from fsbp_lsp.values import Tri` a name.
                names = [f"{child.module}.{alias.name}" for alias in child.names] if child.module == "fsbp_lsp" else [child.module or ""]
                for name in names:
                    yield name, child.lineno, typing_only, local
            elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                positive = ast.unparse(child.test) == "TYPE_CHECKING"
                for part, only in ((child.body, positive), (child.orelse, not positive)):
                    for statement in part:
                        yield from walk(ast.Module([statement], []), typing_only or only, local)
            else:
                yield from walk(child, typing_only, local or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)))

    yield from walk(tree, False, False)


def within(module: str, names: set[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in names)


@pytest.mark.parametrize(("package", "path"), sources(), ids=lambda value: os.path.relpath(value, ROOT) if os.sep in value else "")
def test_imports_go_down(package, path):
    wrong = []
    for module, line, typing_only, local in imports(path):
        head, _, rest = module.partition(".")
        if head == "fsbp_lsp":
            target = rest.partition(".")[0]
            if target in FLOORS and target != package and (not package or FLOORS[target] >= FLOORS[package]):
                wrong.append(f"{line}: {module}")
            if target == "server" and package != "server" and not local:
                wrong.append(f"{line}: {module} outside a function: everybody would pay for the server")
        elif head in ("tests", "hooks", "fsbp_lsp_hooks"):
            wrong.append(f"{line}: {module}")
        elif head in ONLY_IN and package not in ONLY_IN[head] and package != "dev" and not typing_only:
            wrong.append(f"{line}: {module} is known only to {', '.join(sorted(ONLY_IN[head]))}")
        elif package not in ("server", "cfnlint", "dev") and within(module, SLOW) and not typing_only:
            wrong.append(f"{line}: {module} is slow to import")
    assert not wrong, f"{os.path.relpath(path, ROOT)}:\n" + "\n".join(wrong)


def test_every_package_has_a_floor():
    folders = {name for name in os.listdir(fsbp_lsp.__path__[0]) if os.path.exists(os.path.join(fsbp_lsp.__path__[0], name, "__init__.py"))}
    assert folders == set(FLOORS)


def test_nothing_is_called_utils():
    names = {os.path.splitext(part)[0] for _, path in sources() for part in os.path.relpath(path, ROOT).split(os.sep)}
    assert not names & {"utils", "util", "common", "helpers", "helper", "core", "misc"}


def test_packages_listed_for_installation_are_those_that_exist():
    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
        setuptools = tomllib.load(file)["tool"]["setuptools"]
    found = {"fsbp_lsp_hooks"}
    for folder, folders, names in os.walk(fsbp_lsp.__path__[0]):
        folders[:] = [name for name in folders if name != "__pycache__"]
        if "__init__.py" in names:
            found.add(os.path.relpath(folder, ROOT).replace(os.sep, "."))
    assert set(setuptools["packages"]) == found
    assert setuptools["package-dir"] == {"fsbp_lsp_hooks": "hooks"}
