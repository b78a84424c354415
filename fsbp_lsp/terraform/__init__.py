"""Floor 3: Terraform and OpenTofu source: reading a directory, evaluating it, and writing back.

`load_module` reads a directory; `TerraformDialect` writes into it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fsbp_lsp.files import Files
    from fsbp_lsp.terraform.module import TerraformModule


def load_module(
    files: Files,
    directory: str,
    cache: dict[str, object] | None = None,
    var_files: Sequence[str] = (),
    keep: bool = False,
    pause: Callable[[], None] | None = None,
) -> TerraformModule:
    """The module in `directory` ('' is the current one). Never raises for what it finds there.

    cache: the caller's dict, kept between calls; it remembers parsed files by path so that an edit costs
    one piece. var_files: paths as `files` knows them, applied after the directory's own tfvars. keep: also remember
    in `cache` what stays true when the directory is read again. pause: called now and then while something long is found
    out, where others may use the same cache.
    """
    from fsbp_lsp.terraform.load import load_module as load

    return load(files, directory, cache, var_files, keep, pause)


def load_tfvars(files: Files, path: str, cache: dict[str, object] | None = None) -> TerraformModule:
    """A lone `.tfvars` or `.tfvars.json` file: a module without resources, for its ignores and syntax errors."""
    from fsbp_lsp.terraform.load import load_tfvars as load

    return load(files, path, cache)


__all__ = ["load_module", "load_tfvars"]
