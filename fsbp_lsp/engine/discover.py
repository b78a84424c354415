"""Which modules and templates do these paths belong to?"""

from __future__ import annotations

import os

from fsbp_lsp.cloudformation.detect import sniff
from fsbp_lsp.files import SKIPPED_DIRECTORIES, DiskFiles, ReadError, spelled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from fsbp_lsp.files import Files

TERRAFORM_ENDINGS = (".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json")
TEMPLATE_ENDINGS = (".yaml", ".yml", ".json", ".template", ".cfn", ".cform")
MAX_PLAN_BYTES = 64 * 1024 * 1024
"""A plan says everything several times: 5,000 resources come to about 20 MB."""


class ModuleKey:
    """Names one module: a Terraform directory ('' is the current one), or the path of a template or of a plan.

    kind: `terraform`, `cloudformation` or `plan`.
    """

    __slots__ = ("kind", "path")

    def __init__(self, kind: str, path: str) -> None:
        self.kind = kind
        self.path = path

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ModuleKey) and (self.kind, self.path) == (other.kind, other.path)

    def __hash__(self) -> int:
        return hash((self.kind, self.path))

    def __repr__(self) -> str:
        return f"ModuleKey({self.kind}, {self.path!r})"


def is_terraform(path: str) -> bool:
    return path.endswith(TERRAFORM_ENDINGS)


def belongs(path: str, modules: Container[str]) -> bool:
    """Whether a file is part of one of these modules, given as the paths of their keys."""
    path = os.path.normpath(path)
    return path in modules or os.path.dirname(path) in modules


def skipped(path: str) -> bool:
    """Inside a directory whose content is downloaded or generated: never reported, never edited."""
    return any(part in SKIPPED_DIRECTORIES for part in path.replace(os.sep, "/").split("/")[:-1])


def module_of(files: Files, path: str) -> ModuleKey | None:
    """The module a file belongs to; None when its content is neither Terraform nor a template.

    Raises FileNotFoundError and ReadError as `files.read` does, for candidates only.
    """
    if skipped(path):
        return None
    if is_terraform(path):
        return ModuleKey("terraform", os.path.dirname(path))
    if sniff(path, files.read(path)):
        return ModuleKey("cloudformation", path)
    return None


def sniff_plan(data: bytes) -> bool:
    """Whether it is worth reading as a Terraform plan in JSON. False is certain; True means that the words of one occur."""
    if data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
        return False
    return b'"format_version"' in data and (b'"resource_changes"' in data or b'"planned_values"' in data)


def plan_of(files: Files, path: str) -> ModuleKey | None:
    """A file that holds a Terraform plan in JSON; None for all others, and for what cannot be read."""
    try:
        data = files.read_large(path, MAX_PLAN_BYTES)
    except (OSError, ReadError):
        return None
    return ModuleKey("plan", path) if sniff_plan(data) else None


def discover(
    files: Files,
    paths: Iterable[str],
    excluded: Callable[[str], bool],
    trouble: Callable[[str, str], None],
    *,
    force_exclude: bool = False,
) -> Iterable[ModuleKey]:
    """Modules of the named files and of everything below the named directories, each once, in order.

    A plan is one only where it is named: found in a directory, or handed over by a hook, it is any JSON file.
    `trouble(path, reason)` is told of files and directories that are named or found but cannot be read. A file named
    directly is checked even when `excluded`, unless `force_exclude`.
    """
    seen: set[ModuleKey] = set()
    for named in paths:
        name = os.path.normpath(named)
        if os.path.isdir(name):
            found: Iterable[str] = (
                path
                for path in DiskFiles().walk(name, excluded, trouble)
                if path.endswith(TERRAFORM_ENDINGS) or path.endswith(TEMPLATE_ENDINGS)
            )
            if name.startswith(os.pardir):
                # What lies around the current directory leads into it as well.
                found = map(spelled, found)
        elif force_exclude and excluded(name):
            continue
        else:
            plan = None if force_exclude or is_terraform(name) else plan_of(files, name)
            if plan is not None:
                if plan not in seen:
                    seen.add(plan)
                    yield plan
                continue
            found = (name,)
        for path in found:
            key: ModuleKey | None
            if is_terraform(path) and not skipped(path):
                if path == name and os.path.exists(path) and not os.path.isfile(path):
                    # It is no part of its module, and whoever named it should know.
                    trouble(path, "not a regular file")
                key = ModuleKey("terraform", os.path.dirname(path))
            else:
                try:
                    key = module_of(files, path)
                except FileNotFoundError:
                    trouble(path, "no such file")
                    continue
                except ReadError as error:
                    trouble(path, str(error))
                    continue
            if key is not None and key not in seen:
                seen.add(key)
                yield key
