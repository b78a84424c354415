"""Garbage is collected while nobody waits.

Every version of a module is a web of cycles (resources know their module, the module its resources), so what
a keystroke leaves behind is freed by the collector alone. Left to itself the collector starts in the middle of
a check, where walking the young objects costs more than the check.
"""

from __future__ import annotations

import gc

BACKSTOP = 150_000
"""Young objects at which Python collects by itself after all: typing that never pauses must not fill memory."""
YOUNG = 30_000
"""Young objects worth a collection in the gap between two keystrokes: about a dozen of them in a large module."""


def worth_collecting() -> bool:
    return gc.get_count()[0] > YOUNG


def collect_young() -> None:
    """What was made since the last collection and is not used any more."""
    gc.collect(0)


def tidy() -> None:
    """Everything, and what stays is taken out of later collections."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
