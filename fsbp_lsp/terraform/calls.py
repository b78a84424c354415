"""Where the source of a `module` call lies: a directory of the repository, or a copy that `terraform init` left.

Nothing is fetched. A registry or git module is read only when `.terraform/modules/modules.json` names a
directory for it, below the root module's own directory.
"""

from __future__ import annotations

import os

from fsbp_lsp.files import ReadError, spelled
from fsbp_lsp.syntax.hcl_tree import Literal
from fsbp_lsp.terraform.contents import Contents

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.terraform.index import Declared
    from fsbp_lsp.terraform.load import Directory, Reader
    from fsbp_lsp.terraform.module import TerraformModule

    Found = tuple[Directory, bool] | str

MANIFEST = os.path.join(".terraform", "modules", "modules.json")


class Sources:
    """Finds and reads the directories that calls name. One per deployment."""

    def __init__(self, reader: Reader, root: str) -> None:
        """root: directory of the root module."""
        self._reader = reader
        self._root = root
        self._installed: dict[str, tuple[str, str]] | None = None

    def contents(self) -> Contents:
        """The files that expressions of the deployment may read."""
        return Contents(self._reader.files, self._root)

    def of(self, parent: TerraformModule, declared: Declared) -> Found:
        """(directory, whether it is downloaded code), or why it is not read, in words for people."""
        found = declared.attribute("source")
        if found is None:
            return "it has no source"
        expr = found[1].expr
        if not isinstance(expr, Literal) or not isinstance(expr.value, str):
            return "its source is not a literal"
        if expr.value.startswith(("./", "../")) or expr.value in (".", ".."):
            return self._local(parent, expr.value)
        return self._downloaded(parent, declared, expr.value)

    def _local(self, parent: TerraformModule, source: str) -> Found:
        path = spelled(os.path.join(parent.path, source))
        path = "" if path == "." else path
        project = self._reader.files.project(self._root)
        if project is not None and not _below(path or ".", project):
            return f"{source} lies outside the repository"
        module: TerraformModule | None = parent
        while module is not None:
            if module.path == path:
                return f"{source} calls itself"
            module = module.called.parent if module.called is not None else None
        directory = self._reader.directory(path)
        return (directory, False) if directory.files or directory.problems else f"there is no configuration in {source}"

    def _downloaded(self, parent: TerraformModule, declared: Declared, source: str) -> Found:
        above = [call.declared.name for call in reversed(parent.calls_above())]
        name = ".".join([*above, declared.name])
        installed = self._manifest().get(name)
        if installed is None or not _same_source(installed[0], source):
            return f"{source} is not in this repository"
        path = os.path.normpath(os.path.join(self._root, installed[1]))
        if os.path.isabs(installed[1]) or not _below(path, os.path.join(self._root, ".terraform")):
            return f"{source} is installed outside {os.path.join('.terraform', 'modules')}"
        directory = self._reader.directory(path)
        return (directory, True) if directory.files else f"the copy of {source} below .terraform is gone"

    def _manifest(self) -> dict[str, tuple[str, str]]:
        """(source, directory) by the names of the calls, joined by dots."""
        if self._installed is None:
            self._installed = {}
            try:
                data = self._reader.files.read(os.path.join(self._root, MANIFEST))
            except (OSError, ReadError):
                return self._installed
            import json  # only a root module that calls downloaded ones pays for it

            try:
                rows = json.loads(data)["Modules"]
                for row in rows:
                    key, source, directory = row["Key"], row["Source"], row["Dir"]
                    if isinstance(key, str) and isinstance(source, str) and isinstance(directory, str):
                        self._installed[key] = source, directory
            except (ValueError, KeyError, TypeError, RecursionError):
                self._installed = {}
        return self._installed


def _same_source(installed: str, written: str) -> bool:
    """Terraform writes a registry address into its list in full, and everything else as it stands in the call."""
    return installed == written or installed.endswith(f"/{written}") or installed.removeprefix("git::") == written.removeprefix("git::")


def _below(path: str, directory: str) -> bool:
    """Links followed, so that one in a repository cannot lead out of it."""
    real, base = os.path.realpath(path), os.path.realpath(directory)
    return real == base or real.startswith(base + os.sep)


__all__ = ["Sources"]
