"""An expression as the words it is put together from, to tell whether two of one module give the same text."""

from __future__ import annotations

import re
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.model.wording import Words

_HOLE = re.compile(r"\$\{([^{}\"]*)\}")
_OTHER_EVERY_TIME = re.compile(r"\b(?:uuid|timestamp|bcrypt)\(")
_INSTANCE = re.compile(r"\b(?:each|count|self)\.")


@lru_cache(maxsize=4096)
def words(text: str, repeated: bool = False) -> Words | None:
    """The words of an expression; None when the same words need not mean the same, or for texts with escapes.

    repeated: `each` and `count` mean the same in what it is compared with.
    """
    text = text.strip()
    if not text or _OTHER_EVERY_TIME.search(text) is not None or (not repeated and _INSTANCE.search(text) is not None):
        return None
    if not text.startswith('"'):
        return [(True, " ".join(text.split()))]
    body = text[1:-1]
    rest = _HOLE.sub("", body)
    if "$${" in body or any(mark in rest for mark in ('"', "\\", "${", "%{")):
        return None
    made: Words = []
    done = 0
    for hole in _HOLE.finditer(body):
        if hole.start() > done:
            made.append((False, body[done : hole.start()]))
        made.append((True, " ".join(hole[1].split())))
        done = hole.end()
    if done < len(body):
        made.append((False, body[done:]))
    return made
