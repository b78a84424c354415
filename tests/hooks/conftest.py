from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.hooks.repository import Repository, environment, program

PROGRAMS = ("prek", "pre-commit")


@pytest.fixture(scope="session")
def hook_home(tmp_path_factory):
    return tmp_path_factory.mktemp("hook-home")


def made(names: tuple[str, ...], tmp_path: Path, hook_home: Path) -> Repository:
    runner = next((found for name in names if (found := program(name)) is not None), None)
    if runner is None:
        pytest.skip(f"{' or '.join(names)} is not installed")
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    return Repository(tmp_path / "repository", runner, environment(hook_home))


@pytest.fixture(params=PROGRAMS)
def repository(request, tmp_path, hook_home):
    """A scratch repository, once for each of the two programs."""
    return made((request.param,), tmp_path, hook_home)


@pytest.fixture
def either(tmp_path, hook_home):
    """A scratch repository under one of the programs, where what is tested is our side."""
    return made(PROGRAMS, tmp_path, hook_home)
