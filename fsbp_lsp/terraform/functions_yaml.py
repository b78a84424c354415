"""YAML as Terraform reads and writes it. Readers of YAML differ over plain scalars: the doubtful ones are open."""

from __future__ import annotations

import re

from fsbp_lsp.terraform.conversion import ordered
from fsbp_lsp.terraform.data import Fault, TooMuch
from fsbp_lsp.terraform.digits import number_text
from fsbp_lsp.terraform.functions import decided
from fsbp_lsp.terraform.functions_encoding import quote
from fsbp_lsp.terraform.scalars import to_number
from fsbp_lsp.values import UNKNOWN, Map, Seq, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.syntax.tree import Node, Scalar
    from fsbp_lsp.terraform.functions import Table
    from fsbp_lsp.values import Datum

MAX_DEPTH = 40
MAX_WRITTEN = 60
"""Characters of a string; longer ones are folded."""
_WORDS: dict[str, object] = {"true": True, "True": True, "false": False, "False": False, "null": None, "~": None, "": None}
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,14})?\Z", re.ASCII)
_PLAIN = re.compile(r"[A-Za-z_/*][A-Za-z0-9_./:@+*-]*( [A-Za-z0-9_./:@+*-]+)*\Z", re.ASCII)
_DOUBTFUL = re.compile(r"(?i:y|n|yes|no|on|off|true|false|null|nan|inf)\Z")


def _decode(text: str) -> Datum:
    from fsbp_lsp.syntax.yaml import read_yaml
    from fsbp_lsp.text import Piece, SourceFile

    # The end of a document that is a lone scalar, as `yamlencode` writes it.
    text = text.removesuffix("\n...\n") if text.endswith("\n...\n") else text
    if re.search(r"^(---|\.\.\.|%)", text, re.MULTILINE) or "\t" in text or "\r" in text or "\ufeff" in text:
        return UNKNOWN
    if not text.strip():
        raise Fault("no document")
    data = text.encode("utf-8", "surrogatepass")
    document = read_yaml(Piece(SourceFile("", data), 0, data))
    if document.errors or document.root is None:
        return UNKNOWN
    return _read(document.root, data, 0)


def _read(node: Node, data: bytes, depth: int) -> Datum:
    from fsbp_lsp.syntax.tree import Mapping, Scalar, Sequence

    if depth > MAX_DEPTH or node.tag or node.anchor or node.alias:
        raise TooMuch
    if isinstance(node, Scalar):
        return _scalar(node, data)
    if isinstance(node, Sequence):
        return Seq(tuple(Value((_read(item, data, depth + 1),)) for item in node.items))
    if not isinstance(node, Mapping):
        raise TooMuch
    entries: dict[str, Value] = {}
    for key, value in node.pairs:
        name = _scalar(key, data) if isinstance(key, Scalar) and not key.tag and not key.alias and not key.anchor else UNKNOWN
        if not isinstance(name, str):
            raise TooMuch
        entries[name] = Value((_read(value, data, depth + 1),))
    return Map({name: entries[name] for name in sorted(entries)})


def _scalar(node: Scalar, data: bytes) -> Datum:
    written = data[node.value_start : node.value_end]
    if node.style == "|":
        return node.text
    if node.style == ">" or b"\n" in written:
        return UNKNOWN
    if node.style:
        return node.text
    if node.text in _WORDS:
        return _WORDS[node.text]
    if _NUMBER.match(node.text):
        return to_number(node.text)
    return node.text if _PLAIN.match(node.text) and not _DOUBTFUL.match(node.text) else UNKNOWN


def _encode(args: list[Value]) -> Datum:
    datum = known(args[0].raw)
    lines = _lines(args[0], 0)
    # A plain scalar ends its document expressly.
    end = "" if isinstance(datum, (Seq, Map, str)) else "\n..."
    return "\n".join(lines) + end + "\n"


def _lines(value: Value, depth: int) -> list[str]:
    """The lines of a value. Raises TooMuch for what is not decided."""
    datum = known(value.raw)
    if depth > MAX_DEPTH:
        raise TooMuch
    if isinstance(datum, Map) and datum.entries and not datum.open:
        found: list[str] = []
        for key in sorted(datum.entries, key=lambda name: name.encode("utf-8", "surrogatepass")):
            inner = _lines(datum.entries[key], depth + 1)
            below = known(datum.entries[key].raw)
            if isinstance(below, (Seq, Map)) and inner[0] not in ("[]", "{}"):
                found.append(f"{_word(key)}:")
                found.extend(("" if isinstance(below, Seq) else "  ") + line for line in inner)
            else:
                found.append(f"{_word(key)}: {inner[0]}")
        return found
    if isinstance(datum, Seq) and datum.items and not datum.open and ordered(datum):
        found = []
        for item in datum.items:
            first, *rest = _lines(item, depth + 1)
            found.append(f"- {first}")
            found.extend(f"  {line}" for line in rest)
        return found
    if isinstance(datum, Seq) and not datum.items and not datum.open:
        return ["[]"]
    if isinstance(datum, Map) and not datum.open:
        return ["{}"]
    if datum is None:
        return ["null"]
    if isinstance(datum, bool):
        return ["true" if datum else "false"]
    if isinstance(datum, (int, float)):
        text = number_text(datum)
        if text is None:
            raise TooMuch
        return [text]
    if isinstance(datum, str):
        return [_word(datum)]
    raise TooMuch


def _word(text: str) -> str:
    if len(text) > MAX_WRITTEN or not all(" " <= char <= "~" for char in text) or any(char in "<>&" for char in text):
        raise TooMuch
    return quote(text)


TABLE: Table = {
    "yamldecode": ("s", decided(_decode)),
    "yamlencode": ("d?", _encode),
}
