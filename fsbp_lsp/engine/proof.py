"""The second opinion before a file is written: parsers that share nothing with our readers.

python-hcl2 for HCL, json for JSON, PyYAML's pure-Python composer for YAML (the reader uses libyaml).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def still_reads(path: str, before: bytes, after: bytes) -> bool:
    """False when an independent parser could read `before` and cannot read `after`."""
    reads = _reader(path, before)
    if not _can_read(reads, before):
        # Whatever the other parser dislikes about the original is not ours to judge.
        return _decodes(after)
    return _can_read(reads, after)


_known: dict[bytes, bool] = {}
_KEPT = 64


def _can_read(reads: Callable[[bytes], None], data: bytes) -> bool:
    """Remembered for a while: the result of one round is the original of the next."""
    known = _known.get(data)
    if known is None:
        try:
            reads(data)
            known = True
        except Exception:  # any failure of the other parser means that it cannot read it
            known = False
        if len(_known) >= _KEPT:
            _known.clear()
        _known[data] = known
    return known


def _decodes(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _reader(path: str, data: bytes) -> Callable[[bytes], None]:
    if path.endswith(".json"):
        return _json
    if path.endswith((".tf", ".tofu", ".tfvars")):
        return _hcl
    if data.lstrip().startswith((b"{", b"\xef\xbb\xbf{")):
        return _json
    return _yaml


def _json(data: bytes) -> None:
    import json

    json.loads(data.decode("utf-8-sig"))


def _hcl(data: bytes) -> None:
    import hcl2

    # python-hcl2 reads neither a byte order mark nor carriage returns.
    hcl2.parses_to_tree(data.decode("utf-8-sig").replace("\r\n", "\n"))


def _yaml(data: bytes) -> None:
    import yaml

    for _event in yaml.parse(data.decode("utf-8-sig"), Loader=yaml.SafeLoader):
        pass
