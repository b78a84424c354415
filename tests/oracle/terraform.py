"""Runs real Terraform offline, in one initialised folder, with a provider that never calls AWS."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
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


Diagnostic = dict[str, Any]
"""An error as Terraform prints it in JSON: `summary`, `detail`, and `range` where it is about a place."""


class PlanError(Exception):
    """Terraform refused; `str()` holds its error messages, `diagnostics` the same one by one where it got as far as planning."""

    def __init__(self, message: str, diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(message)
        self.diagnostics = diagnostics


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

    def prepare(self, folder: Path, modules: bool) -> None:
        """Make a folder ready to be planned. Raises PlanError when a module is not there."""
        (folder / ".terraform.lock.hcl").write_text(self._lock, encoding="utf-8")
        shutil.rmtree(self.data / "modules", ignore_errors=True)
        if modules:
            got = self._run(["get", "-no-color"], folder)
            if got.returncode != 0:
                raise PlanError(got.stderr)

    def plan(self, folder: Path, modules: bool = False) -> bytes:
        """The plan of a configuration as JSON text. modules: it calls local modules. Raises PlanError."""
        self.prepare(folder, modules)
        return self.plan_again(folder)

    def plan_again(self, folder: Path) -> bytes:
        """The plan of the configuration prepared last, the modules it calls being the same still. Raises PlanError."""
        try:
            run = self._run(["plan", "-json", "-out=p.bin", "-input=false", "-refresh=false", "-lock=false"], folder)
        except subprocess.TimeoutExpired:
            raise PlanError("terraform plan took too long") from None
        if run.returncode != 0:
            said = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
            errors = [one["diagnostic"] for one in said if one.get("type") == "diagnostic" and one["@level"] == "error"]
            raise PlanError("\n".join(map(_told, errors)) or run.stderr, errors)
        shown = self._run(["show", "-json", "p.bin"], folder)
        (folder / "p.bin").unlink()
        if shown.returncode != 0:
            raise PlanError(shown.stderr)
        json.loads(shown.stdout)
        return shown.stdout.encode()


def _told(error: Diagnostic) -> str:
    place = error.get("range")
    return f"{error['summary']}: {error['detail']}" + (f" ({place['filename']}:{place['start']['line']})" if place else "")
