"""Files that live in a dict: what specs and property tests feed the engine."""

from __future__ import annotations

import os

from fsbp_lsp.files import Files


class MemoryFiles(Files):
    def __init__(self, contents: dict[str, bytes]) -> None:
        self.contents = contents

    def read(self, path: str) -> bytes:
        try:
            return self.contents[path]
        except KeyError:
            raise FileNotFoundError(path) from None

    def siblings(self, directory: str) -> list[str]:
        return sorted(os.path.basename(path) for path in self.contents if os.path.dirname(path) == directory)
