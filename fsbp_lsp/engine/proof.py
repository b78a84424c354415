"""The second opinion before a file is written: parsers that share nothing with our readers.

python-hcl2 for HCL, json for JSON, PyYAML's pure-Python composer for YAML (the reader uses libyaml).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def still_reads(path: str, before: bytes, after: bytes) -> bool:
    """Whether an independent parser reads `after`. before: decides the notation where the name of the file does not."""
    return _can_read(_reader(path, before), after)


_known: dict[tuple[Callable[[bytes], None], bytes], bool] = {}
_KEPT = 64


def _can_read(reads: Callable[[bytes], None], data: bytes) -> bool:
    """Remembered for a while: the result of one round is the original of the next."""
    known = _known.get((reads, data))
    if known is None:
        try:
            reads(data)
            known = True
        except Exception:  # any failure of the other parser means that it cannot read it
            known = False
        if len(_known) >= _KEPT:
            _known.clear()
        _known[reads, data] = known
    return known


def _reader(path: str, data: bytes) -> Callable[[bytes], None]:
    if path.endswith(".json"):
        return _json
    if path.endswith((".tf", ".tofu", ".tfvars")):
        return _hcl
    # A brace may begin a YAML flow mapping as well.
    return _json if data.lstrip().startswith((b"{", b"\xef\xbb\xbf")) and _can_read(_json, data) else _yaml


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
