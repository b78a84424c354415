"""A server of its own for each test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.wire import Wire


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    """Not yet initialised. It must leave as asked, with nothing but messages on its output and no traceback."""
    with Wire() as wire:
        wire.folder = tmp_path
        yield wire
        assert wire.leave() == 0
        assert wire.impure == []
        assert b"Traceback" not in wire.stderr, wire.stderr.decode()
