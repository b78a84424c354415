"""Scratch repositories that run the real pre-commit or prek."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

import fsbp_lsp

ROOT = Path(fsbp_lsp.__path__[0]).parent

SEALED = """\
resource "aws_s3_bucket_public_access_block" "b" {
  bucket                  = aws_s3_bucket.b.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
"""

BUCKET = 'resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n'

PUBLIC = BUCKET.replace("\n}", '\n  acl    = "public-read"\n}')

TEMPLATE = "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n    Properties:\n      AccessControl: PublicRead\n"

ORDINARY = "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n"


def program(name: str) -> str | None:
    """The path of `pre-commit` or `prek`, None where it is missing."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name)


def manifest() -> list[dict[str, Any]]:
    """The hooks as `.pre-commit-hooks.yaml` defines them."""
    hooks: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    return hooks


def local(**changes: dict[str, Any]) -> dict[str, Any]:
    """A configuration that runs this checkout's hooks without installing them.

    changes: the hooks wanted, by id with `_` for `-`, and what to set on top of the manifest; fsbp-check as it is when none.
    """
    hooks = []
    for hook in manifest():
        wanted = (changes or {"fsbp_check": {}}).get(hook["id"].replace("-", "_"))
        if wanted is None:
            continue
        # Belongs to manifests; prek remarks on it elsewhere.
        del hook["minimum_pre_commit_version"]
        script = {"fsbp-hook-check": "check.py", "fsbp-hook-fix": "fix.py"}[hook["entry"]]
        entry = shlex.join([sys.executable, str(ROOT / "hooks" / script)])
        hooks.append({**hook, "entry": entry, "language": "system", **wanted})
    return {"repos": [{"repo": "local", "hooks": hooks}]}


class Repository:
    """One git repository, with nothing of the developer's git configuration."""

    def __init__(self, path: Path, runner: str, environment: dict[str, str]) -> None:
        self.path = path
        self.runner = runner
        self.environment = environment
        path.mkdir()
        self.git("init", "-q", "-b", "main")

    def configure(self, configuration: dict[str, Any]) -> None:
        """Write the hook configuration, and have commits run it."""
        self.write(".pre-commit-config.yaml", yaml.safe_dump(configuration))
        self.git("add", ".pre-commit-config.yaml")
        self.run("install")

    def write(self, name: str, text: str) -> None:
        at = self.path / name
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(text, encoding="utf-8", newline="")

    def read(self, name: str) -> str:
        return (self.path / name).read_text(encoding="utf-8")

    def stage(self, **files: str) -> None:
        """Write and stage files; `__` in a name stands for a dot, ` ` cannot occur, `___` for a slash."""
        for name, text in files.items():
            path = name.replace("___", "/").replace("__", ".")
            self.write(path, text)
            self.git("add", path)

    def settled(self, **files: str) -> None:
        """Files as they were in an earlier commit, made without hooks."""
        self.stage(**files)
        self.git("commit", "-q", "--no-verify", "-m", "earlier")

    def git(self, *arguments: str) -> str:
        done = self._execute("git", *arguments)
        assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stdout}"
        return done.stdout

    def commit(self) -> subprocess.CompletedProcess[str]:
        """A commit with hooks; what they print is in `stdout`."""
        return self._execute("git", "commit", "-m", "work")

    def merge(self, branch: str) -> subprocess.CompletedProcess[str]:
        """A merge with hooks."""
        return self._execute("git", "merge", "-m", "together", branch)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """pre-commit or prek itself."""
        return self._execute(self.runner, *arguments)

    def commits(self) -> int:
        done = self._execute("git", "rev-list", "--count", "HEAD")
        return int(done.stdout) if done.returncode == 0 else 0

    def _execute(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.path,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )


def environment(home: Path) -> dict[str, str]:
    """Variables for git and the hook programs; their caches live in `home`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT", "PREK"))}
    return kept | {
        "HOME": str(home),
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
        "PREK_HOME": str(home / "prek"),
        # What was downloaded before need not be again.
        "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip")),
        "UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(Path.home() / ".cache" / "uv")),
        "PYTHONPATH": str(ROOT),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Test",
        "GIT_AUTHOR_EMAIL": "test@example.com",
        "GIT_COMMITTER_NAME": "Test",
        "GIT_COMMITTER_EMAIL": "test@example.com",
        "NO_COLOR": "1",
    }
