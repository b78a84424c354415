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
    names: the directory, and what calls through symbolic links call it.
    roots: the root modules it was found in. related: the directories of all those deployments but this one: a
    change here may change what is said there. below: those among them that it deploys itself.
    """

    __slots__ = ("below", "names", "own", "related", "roots", "units")

    def __init__(self, own: TerraformModule) -> None:
        self.own = own
        self.names: list[str] = [own.path]
        self.units: list[tuple[str, TerraformModule]] = []
        self.roots: list[str] = []
        self.related: dict[str, None] = {}
        self.below: dict[str, None] = {}

    def add(self, root: str, deployment: Deployment, path: str) -> None:
        """Take in one deployment the directory is part of."""
        self.roots.append(root)
        for one in deployment.instances():
            if one.foreign:
                continue
            if one.path == path:
                self.units.append((root, one))
                continue
            self.related[one.path] = None
            if any(call.parent.path == path for call in one.calls_above()):
                self.below[one.path] = None


class Deployments:
    """Loads deployments and remembers parsed files.

    hold: deployments stay until `changed` is called. keep: what stays true when files change is remembered too.
    pause: see `Session`.
    """

    def __init__(
        self,
        files: Files,
        settings_for: Callable[[str], Settings],
        folders: tuple[str, ...],
        hold: bool,
        keep: bool,
        pause: Callable[[], None] | None = None,
    ) -> None:
        self._pause = pause
        self._files = files
        self._settings_for = settings_for
        self._hold = hold
        self._keep = keep
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
        for name in ("", "\0values ", "\0kept ", "\0directory ", "\0root "):
            self._cache.pop(f"{name}{path}", None)

    def root(self, path: str) -> Deployment:
        """The deployment with this directory as its root module."""
        made = self._held.get(path)
        if made is None:
            from fsbp_lsp.terraform import load_module

            settings = self._settings_for(os.path.join(path, "main.tf"))
            module = load_module(self._files, path, self._cache, settings.spelled_for(path, settings.var_files), self._keep, self._pause)
            module.outputs_escape = settings.outputs_escape
            made = module.deployment
            if self._hold:
                self._held[path] = made
        return made

    def place(self, path: str) -> Place:
        """See `Place`."""
        own = self.root(path)
        made = Place(own.root)
        # What is called through a link is judged under the name that the call has for it, and belongs to what is around here.
        for name in (path, *self.callers.aliases(path)):
            for root in self.callers.roots(name)[:MAX_ROOTS]:
                deployment = self.root(root)
                deployment.instances()
                if name in deployment.called:
                    made.names.append(name)
                    made.add(root, deployment, path)
        if not made.roots:
            made.add(path, own, path)
        return made
