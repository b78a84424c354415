"""What fixes make of files: kept in memory while it is being proven, then written in one step."""

from __future__ import annotations

import os

from fsbp_lsp.files import Layer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from fsbp_lsp.files import Files

    Held = dict[str, tuple[str, bytes, bytes]]


class Drafts(Layer):
    """Changed texts over the files of a run. A link and what it leads to are one file: both show the change."""

    def __init__(self, base: Files) -> None:
        super().__init__(base)
        self._held: Held = {}

    def put(self, path: str, before: bytes, after: bytes) -> None:
        """The text of a file is now `after`, made of `before`."""
        target = os.path.realpath(path)
        spelled, original, _ = self._held.get(target, (path, before, b""))
        self._held[target] = spelled, original, after

    def hold(self) -> Held:
        """The present state, for `back`."""
        return dict(self._held)

    def back(self, held: Held) -> None:
        """Take back what was put since `hold`."""
        self._held = held

    def changes(self) -> Iterator[tuple[str, bytes, bytes]]:
        """(path as first spelled, bytes before, bytes after) of every file that differs.

        The bytes before are those the fixes were made for, whatever has been written to the file since.
        """
        return (held for held in self._held.values() if held[1] != held[2])

    def read(self, path: str) -> bytes:
        held = self._held.get(os.path.realpath(path)) if self._held else None
        return self._base.read(path) if held is None else held[2]

    def read_large(self, path: str, most: int) -> bytes:
        held = self._held.get(os.path.realpath(path)) if self._held else None
        return self._base.read_large(path, most) if held is None else held[2]


def leads_out(files: Files, path: str) -> bool:
    """Whether a file is a link to something outside of the repository it is found in, where nobody asked for a change."""
    root = files.project(os.path.dirname(path))
    return root is not None and not os.path.realpath(path).startswith(os.path.join(os.path.realpath(root), ""))


def write_atomically(path: str, data: bytes, expected: bytes) -> None:
    """Replace a file by `data` in one step, keeping its mode and, where that is allowed, its owner.

    A symbolic link stays and its target is replaced; further hard links keep the text they had. A file that has become
    `data` by other hands is done. Raises OSError when it cannot be written, and when the file is no longer `expected`.
    """
    target = os.path.realpath(path)
    with open(target, "rb") as current:
        found = current.read()
        status = os.fstat(current.fileno())
    if found == data:
        return
    if found != expected:
        raise OSError("it changed while it was being checked; run again")
    # Not by process id: containers use the same few over and over, and a killed run leaves its file behind.
    temporary = os.path.join(os.path.dirname(target), f".fsbp-{os.urandom(6).hex()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        _give_to(temporary, status)
        os.chmod(temporary, status.st_mode & 0o7777)
        os.replace(temporary, target)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


def _give_to(path: str, status: os.stat_result) -> None:
    """Owner and group as in `status`, or the group alone: only the superuser may give files away."""
    mine = os.stat(path)
    if (mine.st_uid, mine.st_gid) == (status.st_uid, status.st_gid):
        return
    for owner in (status.st_uid, -1):
        try:
            os.chown(path, owner, status.st_gid)
        except OSError:
            continue
        return
