"""Where bytes come from: the disk, open editor buffers over the disk, or the git index."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod

from fsbp_lsp.files.project import project_root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

MAX_BYTES = 2 * 1024 * 1024
"""Larger files are reported and skipped: CloudFormation's own limit is 1 MB, Terraform files are far smaller."""

SKIPPED_DIRECTORIES = frozenset({".git", ".terraform", ".terragrunt-cache", "node_modules", ".venv", "__pycache__", ".hg", ".svn"})


class ReadError(Exception):
    """A file cannot be analysed; `str()` is the reason for the user, without the path."""


class Unreadable(ReadError):
    """The operating system refused the file."""


class Files(ABC):
    """All the input the analyser may ask for. Paths are as the caller spelled them."""

    @abstractmethod
    def read(self, path: str) -> bytes:
        """Content of a file. Raises FileNotFoundError, or ReadError for one too large, special or unreadable."""

    def glance(self, path: str) -> bytes:
        """`read` by who looks for something: what it rests on in the end is read again."""
        return self.read(path)

    def read_large(self, path: str, most: int) -> bytes:
        """`read` for a file that may be larger than others: up to `most` bytes."""
        return self.read(path)

    @abstractmethod
    def siblings(self, directory: str) -> list[str]:
        """Sorted names of the files in `directory` ('' is the current directory); empty when there is none.

        Links that lead nowhere are among them: what they stand for is missing.
        """

    def exists(self, path: str) -> bool:
        try:
            self.read(path)
        except (OSError, ReadError):
            return False
        return True

    def walk(self, root: str, excluded: Callable[[str], bool] = lambda _path: False) -> Iterable[str]:
        """Paths of all regular files below `root`, each directory's own first; what is `excluded` is passed over."""
        return ()

    def project(self, directory: str) -> str | None:
        """The absolute path of the repository a directory belongs to; None when it belongs to none."""
        return None


class DiskFiles(Files):
    """Files as they are on disk."""

    def project(self, directory: str) -> str | None:
        return project_root(directory)

    def read(self, path: str) -> bytes:
        return self.read_large(path, MAX_BYTES)

    def read_large(self, path: str, most: int) -> bytes:
        try:
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        except FileNotFoundError:
            if os.path.islink(path):
                raise Unreadable("a link to what is not there") from None
            raise
        except OSError as error:
            raise Unreadable(error.strerror or str(error)) from error
        try:
            status = os.fstat(descriptor)
            if status.st_mode & 0o170000 != 0o100000:
                raise Unreadable("not a regular file")
            if status.st_size > most:
                raise ReadError(f"{status.st_size} bytes, more than the limit of {most}")
            chunks: list[bytes] = []
            left = most + 1
            while left > 0 and (chunk := os.read(descriptor, left)):
                chunks.append(chunk)
                left -= len(chunk)
            data = b"".join(chunks)
            if len(data) > most:
                raise ReadError(f"more than the limit of {most} bytes")
            return data
        except OSError as error:
            raise Unreadable(error.strerror or str(error)) from error
        finally:
            os.close(descriptor)

    def siblings(self, directory: str) -> list[str]:
        try:
            with os.scandir(directory or ".") as entries:
                return sorted(entry.name for entry in entries if _is_file(entry) or _is_dangling(entry))
        except OSError:
            return []

    def walk(
        self,
        root: str,
        excluded: Callable[[str], bool] = lambda _path: False,
        trouble: Callable[[str, str], None] = lambda _path, _why: None,
    ) -> Iterable[str]:
        """Paths of all regular files below `root` in sorted order; directories are not followed through links.

        trouble: told of directories that cannot be listed, and why.
        """
        pending = [root]
        while pending:
            directory = pending.pop()
            try:
                with os.scandir(directory) as scan:
                    entries = sorted(scan, key=lambda entry: entry.name)
            except OSError as error:
                trouble(directory.removeprefix("./"), error.strerror or str(error))
                continue
            below: list[str] = []
            for entry in entries:
                path = entry.path.removeprefix("./")
                if excluded(path):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in SKIPPED_DIRECTORIES:
                        below.append(entry.path)
                elif _is_file(entry):
                    yield path
            pending.extend(reversed(below))


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False


def _is_dangling(entry: os.DirEntry[str]) -> bool:
    return entry.is_symlink() and not os.path.exists(entry.path)


class Layer(Files):
    """Files as another port has them; what is on top changes a part of that."""

    def __init__(self, base: Files) -> None:
        self._base = base

    def read(self, path: str) -> bytes:
        return self._base.read(path)

    def read_large(self, path: str, most: int) -> bytes:
        return self._base.read_large(path, most)

    def siblings(self, directory: str) -> list[str]:
        return self._base.siblings(directory)

    def walk(self, root: str, excluded: Callable[[str], bool] = lambda _path: False) -> Iterable[str]:
        return self._base.walk(root, excluded)

    def project(self, directory: str) -> str | None:
        return self._base.project(directory)


class OverlayFiles(Layer):
    """Open buffers over another port: what the editor shows wins over what is on disk."""

    def __init__(self, base: Files, buffers: Mapping[str, bytes]) -> None:
        """`buffers` is read live: the owner may add and remove paths at any time."""
        super().__init__(base)
        self._buffers = buffers

    def read(self, path: str) -> bytes:
        return self.read_large(path, MAX_BYTES)

    def read_large(self, path: str, most: int) -> bytes:
        held = self._buffers.get(path)
        if held is None:
            return self._base.read_large(path, most) if most != MAX_BYTES else self._base.read(path)
        if len(held) > most:
            raise ReadError(f"{len(held)} bytes, more than the limit of {most}")
        return held

    def walk(self, root: str, excluded: Callable[[str], bool] = lambda _path: False) -> Iterable[str]:
        """As the base walks; buffers of files that are not saved yet come last."""
        seen: set[str] = set()
        for path in self._base.walk(root, excluded):
            seen.add(path)
            yield path
        below = os.path.normpath(root)
        for path in list(self._buffers):
            if path not in seen and (below == "." or path.startswith(below + os.sep)) and not excluded(path):
                yield path

    def siblings(self, directory: str) -> list[str]:
        names = set(self._base.siblings(directory))
        names.update(os.path.basename(path) for path in list(self._buffers) if os.path.dirname(path) == directory)
        return sorted(names)


class IndexFiles(Files):
    """The disk, limited to files in the git index: an untracked companion will not be in the commit.

    pre-commit has already put unstaged changes of tracked files aside, so the work tree content of a
    tracked file is its staged content. Outside a work tree this is plain disk.
    """

    def __init__(self, root: str = ".") -> None:
        self._disk = DiskFiles()
        self._root = root
        self._tracked: dict[str, set[str]] | None = None
        self._asked = False

    def _load(self) -> dict[str, set[str]] | None:
        if not self._asked:
            self._asked = True
            # From the top: a hook may run in a part of the repository that calls modules of another.
            top = project_root(self._root) or self._root
            listed = _git(top, "ls-files", "-z")
            if listed is not None:
                by_directory: dict[str, set[str]] = {}
                for path in listed:
                    directory, name = os.path.split(path)
                    by_directory.setdefault(directory, set()).add(name)
                self._tracked = {}
                for directory, names in by_directory.items():
                    # Several spellings may lead to one directory.
                    self._tracked.setdefault(os.path.realpath(os.path.join(top, directory)), set()).update(names)
        return self._tracked

    def deleted(self) -> list[str]:
        """Files below the current directory that the change removes (or moves away); none outside a work tree.

        The change is the commit being made, or what lies between the commits that the hook program was asked about.
        """
        ask = ("diff", "--name-only", "--relative", "--no-renames", "--no-ext-diff", "--diff-filter=D", "-z")
        old, new = os.environ.get("PRE_COMMIT_FROM_REF", ""), os.environ.get("PRE_COMMIT_TO_REF", "")
        if not old or not new or old.startswith("-"):
            found = _git(self._root, *ask, "--cached")
        else:
            # Without a common ancestor at hand (a shallow clone) the two are compared as they are, as hook programs do.
            found = _git(self._root, *ask, f"{old}...{new}", "--")
            found = found if found is not None else _git(self._root, *ask, f"{old}..{new}", "--")
        return [os.path.normpath(os.path.join(self._root, path)) for path in found or ()]

    def read(self, path: str) -> bytes:
        return self._disk.read(path)

    def project(self, directory: str) -> str | None:
        return self._disk.project(directory)

    def walk(self, root: str, excluded: Callable[[str], bool] = lambda _path: False) -> Iterable[str]:
        tracked = self._load()
        for path in self._disk.walk(root, excluded):
            if tracked is None or os.path.basename(path) in tracked.get(os.path.realpath(os.path.dirname(path) or "."), ()):
                yield path

    def siblings(self, directory: str) -> list[str]:
        names = self._disk.siblings(directory)
        # What `terraform init` left is never in the index, and it is what the commit will be planned with.
        if ".terraform" in directory.replace(os.sep, "/").split("/"):
            return names
        tracked = self._load()
        if tracked is None:
            return names
        here = tracked.get(os.path.realpath(directory or "."), set())
        return [name for name in names if name in here]


def _git(directory: str, *arguments: str) -> list[str] | None:
    """Paths that git lists in a directory, separated by NUL; None where it cannot."""
    import subprocess  # 10 ms to import, and only hooks look at the index

    try:
        # It reads the index and runs no repository code.
        run = subprocess.run(["git", "-c", "core.fsmonitor=false", *arguments], cwd=directory, capture_output=True, check=False, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return None
    return [os.fsdecode(raw) for raw in run.stdout.split(b"\0") if raw] if run.returncode == 0 else None
