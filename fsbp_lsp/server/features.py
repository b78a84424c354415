"""What a feature is, and which there are. The reply to `initialize` is computed from this list."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fsbp_lsp.server.app import Server
    from fsbp_lsp.server.client import Client

Json = dict[str, Any]
Handler = Callable[[Any], Any]


class Feature:
    """One ability of the server. Only wanted features advertise, and only they have handlers."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def wanted(self, client: Client) -> bool:
        """Whether this client can use it."""
        return True

    def capabilities(self, client: Client) -> Json:
        """What it adds to the server capabilities."""
        return {}

    def handlers(self) -> dict[str, Handler]:
        """Method → handler of its params. Requests are coroutine functions, so that they can be cancelled."""
        return {}

    def plain(self) -> tuple[str, ...]:
        """Those of `handlers` that take JSON as it came. They raise KeyError or TypeError for what makes no sense."""
        return ()

    def initialized(self) -> None:
        """The client is ready for requests from us (dynamic registration)."""


def _all() -> tuple[type[Feature], ...]:
    from fsbp_lsp.server.actions import CodeActions
    from fsbp_lsp.server.aids import CodeLenses, InlayHints
    from fsbp_lsp.server.commands import Commands
    from fsbp_lsp.server.progress import CancelProgress
    from fsbp_lsp.server.pull import PullDiagnostics
    from fsbp_lsp.server.pull_workspace import PullWorkspace
    from fsbp_lsp.server.reading import Completion, Hover
    from fsbp_lsp.server.sync import TextSync
    from fsbp_lsp.server.workspace import Configuration, FileOperations, Folders, WatchedFiles

    return (
        TextSync,
        PullDiagnostics,
        PullWorkspace,
        CodeActions,
        Hover,
        Completion,
        InlayHints,
        CodeLenses,
        Commands,
        CancelProgress,
        Configuration,
        Folders,
        WatchedFiles,
        FileOperations,
    )


class _Features:
    def __iter__(self) -> Any:
        return iter(_all())


FEATURES = _Features()
