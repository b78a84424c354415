"""Functions on strings. Parts that are not known stay parts of a Text where the function only joins."""

from __future__ import annotations

import re

from fsbp_lsp.terraform.data import Fault, List, Set, bounded_size, bounded_text
from fsbp_lsp.terraform.data import decided as all_decided
from fsbp_lsp.terraform.functions import decided, text_of, whole
from fsbp_lsp.terraform.graphemes import graphemes
from fsbp_lsp.terraform.scalars import to_text
from fsbp_lsp.values import UNKNOWN, Seq, Text, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.terraform.functions import Run, Table
    from fsbp_lsp.values import Datum

_SPACE = " \t\n\v\f\r\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"


def text_list(texts: list[str]) -> List:
    return List(tuple(Value((text,)) for text in texts), of="string")


def _ascii(change: Callable[[str], str]) -> Run:
    """A function of letters: beyond ASCII versions of Unicode differ, and the answer is open."""
    return decided(lambda text: change(text) if text.isascii() else UNKNOWN)


def _title(text: str) -> str:
    # A letter after anything but a letter, digit or underscore is raised.
    return re.sub(r"(^|[^A-Za-z0-9_])([a-z])", lambda found: found[1] + found[2].upper(), text)


def _join(args: list[Value]) -> Datum:
    separator = text_of(args[0])
    if len(args) < 2:
        raise Fault("at least one list is required")
    parts: list[Datum] = []
    undecided = separator is None
    for arg in args[1:]:
        seq = known(arg.raw)
        if not isinstance(seq, Seq):
            undecided = True
            continue
        if isinstance(seq, Set) and not all_decided(seq):
            undecided = True
        for item in seq.items:
            made = to_text(item.raw)
            if made is None:
                raise Fault("null element")
            if parts and separator is not None:
                parts.append(separator)
            parts.append(made)
        undecided = undecided or seq.open
    return Text((UNKNOWN,)) if undecided else bounded_size(Text.join(parts))


def _split(separator: str, text: str) -> Datum:
    return text_list(text.split(separator) if separator else list(text))


def _replace(text: str, old: str, new: str) -> Datum:
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        from fsbp_lsp.terraform.functions_regex import replace

        return replace(text, old[1:-1], new)
    return bounded_text(text.replace(old, new)) if len(new) * (len(text) + 1) < 4_000_000 else UNKNOWN


def _substr(args: list[Value]) -> Datum:
    text, offset, length = text_of(args[0]), whole(args[1]), whole(args[2])
    chars = graphemes(text) if text is not None else None
    if chars is None or offset is None or length is None:
        return UNKNOWN
    if offset < 0 and length == 0:
        return UNKNOWN  # not the empty string in every version
    if offset < 0:
        offset = max(0, offset + len(chars))
    return "".join(chars[offset:] if length < 0 else chars[offset : offset + length])


def _starts_with(args: list[Value]) -> Datum:
    made, head = known(args[0].raw), text_of(args[1])
    if head is None:
        return UNKNOWN
    if isinstance(made, str):
        return made.startswith(head)
    if isinstance(made, Text):
        if len(made.head) >= len(head):
            return made.head.startswith(head)
        if not head.startswith(made.head):
            return False
    return UNKNOWN


def _ends_with(args: list[Value]) -> Datum:
    made, tail = known(args[0].raw), text_of(args[1])
    if tail is None:
        return UNKNOWN
    if isinstance(made, str):
        return made.endswith(tail)
    if isinstance(made, Text):
        if len(made.tail) >= len(tail):
            return made.tail.endswith(tail)
        if not tail.endswith(made.tail):
            return False
    return UNKNOWN


def _str_contains(args: list[Value]) -> Datum:
    made, part = known(args[0].raw), text_of(args[1])
    if part is None:
        return UNKNOWN
    if isinstance(made, str):
        return part in made
    if isinstance(made, Text) and any(isinstance(one, str) and part in one for one in made.parts):
        return True
    return UNKNOWN


def _indent(args: list[Value]) -> Datum:
    spaces, text = whole(args[0]), text_of(args[1])
    if spaces is not None and spaces < 0:
        raise Fault("a negative indentation")
    if spaces is None or text is None or spaces > 200:
        return UNKNOWN
    return bounded_text(text.replace("\n", "\n" + " " * spaces))


def _reverse(text: str) -> Datum:
    chars = graphemes(text)
    return UNKNOWN if chars is None else "".join(reversed(chars))


TABLE: Table = {
    "chomp": ("s", decided(lambda text: text.rstrip("\r\n"))),
    "endswith": ("ss", _ends_with),
    "indent": ("ns", _indent),
    "join": ("s*l", _join),
    "lower": ("s", _ascii(str.lower)),
    "replace": ("sss", decided(_replace)),
    "split": ("ss", decided(_split)),
    "startswith": ("ss", _starts_with),
    "strcontains": ("ss", _str_contains),
    "strrev": ("s", decided(_reverse)),
    "substr": ("snn", _substr),
    "title": ("s", _ascii(_title)),
    "trim": ("ss", decided(lambda text, chars: text.strip(chars) if chars else text)),
    "trimprefix": ("ss", decided(str.removeprefix)),
    "trimspace": ("s", decided(lambda text: text.strip(_SPACE))),
    "trimsuffix": ("ss", decided(str.removesuffix)),
    "upper": ("s", _ascii(str.upper)),
}
