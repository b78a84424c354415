"""Runs real Terraform offline, in one initialised folder, with a provider that never calls AWS."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

PLUGINS = os.environ.get("FSBP_TF_PLUGINS", "")
TERRAFORM = shutil.which("terraform")
MISSING = "needs terraform on the path and its provider plugins in FSBP_TF_PLUGINS"
AVAILABLE = bool(PLUGINS) and TERRAFORM is not None

MOCK = """
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "mock"
  secret_key                  = "mock"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
"""
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "TF_CLI_CONFIG_FILE" and not key.startswith("TF_VAR_")} | {
    "CHECKPOINT_DISABLE": "1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class PlanError(Exception):
    """Terraform refused; `str()` holds its error messages."""


class Workspace:
    """A folder with the provider in place. Configurations come and go in it."""

    def __init__(self, folder: Path, endpoint: str = "") -> None:
        """endpoint: where the provider finds AWS, '' for nowhere."""
        self.folder = folder
        self._endpoint = {"AWS_ENDPOINT_URL": endpoint, "AWS_MAX_ATTEMPTS": "1"} if endpoint else {}
        self.data = folder / ".terraform-data"
        (folder / "provider.tf").write_text(MOCK, encoding="utf-8")
        run = self._run(["init", f"-plugin-dir={PLUGINS}", "-backend=false", "-input=false", "-no-color"], folder)
        if run.returncode != 0:
            raise PlanError(run.stderr)
        self._lock = (folder / ".terraform.lock.hcl").read_text(encoding="utf-8")

    def _run(self, arguments: list[str], folder: Path, timeout: int = 300) -> subprocess.CompletedProcess[str]:
        assert TERRAFORM is not None
        environment = ENVIRONMENT | self._endpoint | {"TF_DATA_DIR": str(self.data)}
        return subprocess.run(
            [TERRAFORM, *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def _prepare(self, folder: Path, modules: bool) -> None:
        (folder / ".terraform.lock.hcl").write_text(self._lock, encoding="utf-8")
        shutil.rmtree(self.data / "modules", ignore_errors=True)
        if modules:
            got = self._run(["get", "-no-color"], folder)
            if got.returncode != 0:
                raise PlanError(got.stderr)

    def validate(self, folder: Path) -> list[dict[str, Any]]:
        """The errors of a configuration that calls local modules. Raises PlanError when it cannot be read at all."""
        self._prepare(folder, True)
        run = self._run(["validate", "-json"], folder)
        try:
            return [one for one in json.loads(run.stdout)["diagnostics"] if one["severity"] == "error"]
        except ValueError:
            raise PlanError(run.stderr) from None

    def plan(self, folder: Path, modules: bool = False) -> bytes:
        """The plan of a configuration as JSON text. modules: it calls local modules. Raises PlanError."""
        self._prepare(folder, modules)
        try:
            run = self._run(["plan", "-out=p.bin", "-input=false", "-refresh=false", "-no-color", "-lock=false"], folder)
        except subprocess.TimeoutExpired:
            raise PlanError("terraform plan took too long") from None
        if run.returncode != 0:
            raise PlanError(run.stderr)
        shown = self._run(["show", "-json", "p.bin"], folder)
        (folder / "p.bin").unlink()
        if shown.returncode != 0:
            raise PlanError(shown.stderr)
        json.loads(shown.stdout)
        return shown.stdout.encode()
