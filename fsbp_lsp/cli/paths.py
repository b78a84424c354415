"""The paths of a command line: do they exist, and what would be read below them?"""

from __future__ import annotations

import os

from fsbp_lsp.cli.app import Stop
from fsbp_lsp.cli.options import near
from fsbp_lsp.files import spelled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fsbp_lsp.config import Configuration
    from fsbp_lsp.engine.check import Scope
    from fsbp_lsp.files import Files


def existing(paths: Sequence[str]) -> tuple[str, ...]:
    """The paths as the run spells them, `.` when there are none. Raises Stop for one that does not exist."""
    from fsbp_lsp.report.clean import clean

    for path in paths:
        if not path:
            raise Stop("a path is empty; leave it out for the current directory")
        if not os.path.lexists(path):
            directory, name = os.path.split(path)
            try:
                hint = near(name, os.listdir(directory or "."))
            except OSError:
                hint = ""
            raise Stop(f"no such file or directory: {clean(path)}{clean(hint)}")
    return tuple(map(spelled, paths)) or (".",)


def listed(files: Files, scope: Scope, configuration: Configuration) -> Iterator[str]:
    """The files a check would read, sorted."""
    from fsbp_lsp.engine.discover import discover, is_terraform

    found: set[str] = set()
    for key in discover(
        files,
        scope.paths,
        lambda path: configuration.settings_for(path).excluded(path),
        lambda _path, _why: None,
        force_exclude=scope.hook,
    ):
        if key.kind != "terraform":
            found.add(key.path)
        else:
            found.update(os.path.join(key.path, name) for name in files.siblings(key.path) if is_terraform(name))
    yield from sorted(found)
