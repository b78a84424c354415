"""Floor 1: what is known about a value, how surely, and where it came from."""

from fsbp_lsp.values.tri import MAYBE, NO, YES, Tri, all_of, any_of
from fsbp_lsp.values.value import (
    ABSENT,
    UNKNOWN,
    Datum,
    Items,
    Map,
    Origin,
    Ref,
    Seq,
    Text,
    Value,
    Via,
    as_bool,
    as_number,
    as_text,
    known,
)

__all__ = [
    "ABSENT",
    "MAYBE",
    "NO",
    "UNKNOWN",
    "YES",
    "Datum",
    "Items",
    "Map",
    "Origin",
    "Ref",
    "Seq",
    "Text",
    "Tri",
    "Value",
    "Via",
    "all_of",
    "any_of",
    "as_bool",
    "as_number",
    "as_text",
    "known",
]
