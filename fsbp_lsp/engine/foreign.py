"""Source of tools that make Terraform or CloudFormation later: recognised, and left alone with a reason."""

from __future__ import annotations

import os

from fsbp_lsp.files import DiskFiles, ReadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from fsbp_lsp.files import Files

_SERVERLESS = ("serverless.yml", "serverless.yaml", "serverless.json")
_TERRAGRUNT = ("terragrunt.hcl", "terragrunt.stack.hcl", "root.hcl", "terragrunt.hcl.json")
_WHY_SERVERLESS = (
    "a Serverless Framework service, which is no template yet: after `serverless package`, "
    "check .serverless/cloudformation-template-update-stack.json"
)
_WHY_TERRAGRUNT = "Terragrunt configuration, which only says how modules are called: the modules are checked where they are"


def why_foreign(path: str, data: bytes) -> str:
    """Why a file is left alone although it will end up as infrastructure; '' when it is not known to be one of those."""
    name = os.path.basename(path)
    if name in _SERVERLESS and b"service" in data:
        return _WHY_SERVERLESS
    if name in _TERRAGRUNT and (name != "root.hcl" or b"remote_state" in data or b"generate" in data):
        return _WHY_TERRAGRUNT
    return ""


def foreign(files: Files, paths: Iterable[str], excluded: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """(path, reason) of every such file among the named ones and below the named directories."""
    for named in paths:
        name = os.path.normpath(named)
        for path in DiskFiles().walk(name, excluded) if os.path.isdir(name) else (name,):
            if os.path.basename(path) not in (*_SERVERLESS, *_TERRAGRUNT):
                continue
            try:
                why = why_foreign(path, files.read(path))
            except (OSError, ReadError):
                continue
            if why:
                yield path, why
