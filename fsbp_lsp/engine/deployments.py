"""Which deployments a Terraform directory takes part in: its own, or those of the root modules that call it."""

from __future__ import annotations

import os

from fsbp_lsp.engine.callers import Callers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.config import Settings
    from fsbp_lsp.files import Files
    from fsbp_lsp.terraform.deployment import Deployment
    from fsbp_lsp.terraform.module import TerraformModule

MAX_ROOTS = 32
"""Root modules a called one is judged in; what only further ones would show is not said."""


class Place:
    """What a directory is to be judged as.

    own: the directory as its own root module, for its files, problems and ignores.
    units: (path of the root, instance) to judge; empty when it is called, but never deployed.
    related: the directories of all those deployments but this one: a change here may change what is said there.
    """

    __slots__ = ("own", "related", "units")

    def __init__(self, own: TerraformModule, units: list[tuple[str, TerraformModule]], related: list[str]) -> None:
        self.own = own
        self.units = units
        self.related = related


class Deployments:
    """Loads deployments and remembers parsed files; with `hold` also the deployments, until `changed` is called."""

    def __init__(self, files: Files, settings_for: Callable[[str], Settings], folders: tuple[str, ...], hold: bool) -> None:
        self._files = files
        self._settings_for = settings_for
        self._hold = hold
        self._cache: dict[str, object] = {}
        self._held: dict[str, Deployment] = {}
        self.callers = Callers(files, self._excluded, folders)

    def _excluded(self, path: str) -> bool:
        return self._settings_for(path).excluded(path)

    def changed(self, parsed: bool) -> None:
        """Files are no longer what they were: deployments are loaded again, and with `parsed` every file."""
        self._held.clear()
        if parsed:
            self._cache.clear()

    def forget(self, path: str) -> None:
        """Drop what is remembered about the files of a directory."""
        for name in ("", "\0values ", "\0near ", "\0directory "):
            self._cache.pop(f"{name}{path}", None)

    def root(self, path: str) -> Deployment:
        """The deployment with this directory as its root module."""
        made = self._held.get(path)
        if made is None:
            from fsbp_lsp.terraform import load_module

            settings = self._settings_for(os.path.join(path, "main.tf"))
            module = load_module(self._files, path, self._cache, tuple(settings.var_files))
            module.outputs_escape = settings.outputs_escape
            made = module.deployment
            if self._hold:
                self._held[path] = made
        return made

    def place(self, path: str) -> Place:
        """See `Place`."""
        own = self.root(path)
        index = own.root.index
        callable = bool(index.variables or index.outputs or index.calls)
        units: list[tuple[str, TerraformModule]] = []
        related: dict[str, None] = {}
        called = False
        for root in self.callers.roots(path)[:MAX_ROOTS] if callable else ():
            deployment = self.root(root)
            instances = deployment.instances()
            if path not in deployment.called:
                continue
            called = True
            units.extend((root, one) for one in instances if one.path == path and not one.foreign)
            related.update((one.path, None) for one in instances if not one.foreign)
        if not called:
            units = [(path, own.root)]
            related.update((one.path, None) for one in own.instances() if not one.foreign)
        related.pop(path, None)
        return Place(own.root, units, list(related))
