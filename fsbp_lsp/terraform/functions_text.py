"""Functions on strings. Parts that are not known stay parts of a Text where the function only joins."""

from __future__ import annotations

import re

from fsbp_lsp.terraform.data import Fault, Set, bounded_text, decided, kind, number_text, to_number, to_text
from fsbp_lsp.terraform.functions import need, text_of, whole
from fsbp_lsp.values import UNKNOWN, Seq, Text, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.terraform.functions import Function
    from fsbp_lsp.values import Datum

_SPACE = " \t\n\v\f\r\x85\xa0"


def _on_text(change: Callable[[str], Datum]) -> Function:
    """A function of one decided string. Beyond ASCII, Unicode versions differ: undecided."""

    def run(args: list[Value]) -> Datum:
        need(args, 1, 1)
        text = text_of(args[0])
        return UNKNOWN if text is None or not text.isascii() else change(text)

    return run


def _title(text: str) -> str:
    # Go's strings.Title: a letter after anything but a letter, digit or underscore is raised.
    return re.sub(r"(^|[^A-Za-z0-9_])([a-z])", lambda found: found[1] + found[2].upper(), text)


def _join(args: list[Value]) -> Datum:
    need(args, 1)
    separator = text_of(args[0])
    if separator is None:
        return UNKNOWN
    parts: list[Datum] = []
    for arg in args[1:]:
        seq = known(arg.raw)
        if seq is UNKNOWN:
            return Text((UNKNOWN,))
        if not isinstance(seq, Seq):
            raise Fault("a list is required")
        if isinstance(seq, Set) and not decided(seq):
            return Text((UNKNOWN,))
        for item in seq.items:
            made = to_text(item.raw)
            if made is None:
                raise Fault("null element")
            if parts:
                parts.append(separator)
            parts.append(made)
        if seq.open:
            return Text((UNKNOWN,))
    return _bounded(Text.join(parts))


def _bounded(datum: Datum) -> Datum:
    if isinstance(datum, str):
        bounded_text(datum)
    elif isinstance(datum, Text):
        for part in datum.parts:
            if isinstance(part, str):
                bounded_text(part)
    return datum


def _split(args: list[Value]) -> Datum:
    need(args, 2, 2)
    separator, text = text_of(args[0]), text_of(args[1])
    if separator is None or text is None:
        return UNKNOWN
    parts = text.split(separator) if separator else (list(text) if text.isascii() else None)
    return UNKNOWN if parts is None else Seq(tuple(Value((part,)) for part in parts))


def _replace(args: list[Value]) -> Datum:
    need(args, 3, 3)
    text, old, new = text_of(args[0]), text_of(args[1]), text_of(args[2])
    if old is None or text is None or new is None:
        return UNKNOWN
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        return UNKNOWN  # a regular expression, in Go's dialect
    if not old:
        return UNKNOWN
    return bounded_text(text.replace(old, new)) if len(new) * (len(text) + 1) < 4_000_000 else UNKNOWN


def _substr(args: list[Value]) -> Datum:
    need(args, 3, 3)
    text, offset, length = text_of(args[0]), whole(args[1]), whole(args[2])
    if text is None or offset is None or length is None or not text.isascii():
        return UNKNOWN
    if offset < 0:
        offset += len(text)
        if offset < 0:
            return UNKNOWN
    return text[offset:] if length < 0 else text[offset : offset + length]


def _starts_with(args: list[Value]) -> Datum:
    need(args, 2, 2)
    head = text_of(args[1])
    made = to_text(args[0].raw)
    if head is None or made is None:
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
    need(args, 2, 2)
    tail = text_of(args[1])
    made = to_text(args[0].raw)
    if tail is None or made is None:
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
    need(args, 2, 2)
    part = text_of(args[1])
    made = to_text(args[0].raw)
    if part is None or made is None:
        return UNKNOWN
    if isinstance(made, str):
        return part in made
    if isinstance(made, Text) and any(isinstance(one, str) and part in one for one in made.parts):
        return True
    return UNKNOWN


def _trim(args: list[Value]) -> Datum:
    need(args, 2, 2)
    text, chars = text_of(args[0]), text_of(args[1])
    return UNKNOWN if text is None or chars is None else text.strip(chars) if chars else text


def _trim_prefix(args: list[Value]) -> Datum:
    need(args, 2, 2)
    text, part = text_of(args[0]), text_of(args[1])
    return UNKNOWN if text is None or part is None else text.removeprefix(part)


def _trim_suffix(args: list[Value]) -> Datum:
    need(args, 2, 2)
    text, part = text_of(args[0]), text_of(args[1])
    return UNKNOWN if text is None or part is None else text.removesuffix(part)


def _chomp(text: str) -> str:
    return re.sub(r"(?:\r\n?|\n)*\Z", "", text)


def _indent(args: list[Value]) -> Datum:
    need(args, 2, 2)
    spaces, text = whole(args[0]), text_of(args[1])
    if spaces is None or text is None or not 0 <= spaces <= 200:
        return UNKNOWN
    return bounded_text(text.replace("\n", "\n" + " " * spaces))


def _reverse_text(text: str) -> str:
    return text[::-1]


_REGEX_SAFE = re.compile(r"[A-Za-z0-9 _:/,@=-]*\Z", re.ASCII)


def _regex(args: list[Value]) -> Datum:
    need(args, 2, 2)
    pattern, text = text_of(args[0]), text_of(args[1])
    # Only patterns that mean the same in Go and Python because they hold no operator but the anchors.
    if pattern is None or text is None:
        return UNKNOWN
    body = pattern.removeprefix("^").removesuffix("$")
    if not _REGEX_SAFE.match(body):
        return UNKNOWN
    starts, ends = pattern.startswith("^"), pattern.endswith("$")
    if starts and ends:
        matches = text == body
    elif starts:
        matches = text.startswith(body)
    elif ends:
        matches = text.endswith(body)
    else:
        matches = body in text
    if matches:
        return body
    raise Fault("no match")


_VERB = re.compile(r"%(?P<flags>[-+ #0]*)(?P<width>\d+)?(?:\.(?P<precision>\d+))?(?P<verb>.)", re.DOTALL)


def _format(args: list[Value]) -> Datum:
    need(args, 1)
    template = text_of(args[0])
    if template is None:
        return Text((UNKNOWN,))
    parts: list[Datum] = []
    at = used = 0
    rest = args[1:]
    while True:
        mark = template.find("%", at)
        if mark < 0:
            parts.append(template[at:])
            break
        parts.append(template[at:mark])
        found = _VERB.match(template, mark)
        if found is None:
            raise Fault("unfinished verb")
        at = found.end()
        if found["verb"] == "%":
            parts.append("%")
            continue
        if found["verb"] == "[":
            return UNKNOWN
        if used >= len(rest):
            raise Fault("not enough arguments")
        piece = _verb(found["verb"], found["flags"], found["width"], found["precision"], rest[used].raw)
        if piece is UNKNOWN and known(rest[used].raw) is not UNKNOWN:
            piece = Text((UNKNOWN,))
        parts.append(piece)
        used += 1
    if used < len(rest):
        raise Fault("too many arguments")
    return _bounded(Text.join([part for part in parts if not (isinstance(part, str) and not part)]))


def _verb(verb: str, flags: str, width: str | None, precision: str | None, raw: Datum) -> Datum:
    """One formatted argument: str, a part for Text, or UNKNOWN for forms not computed here."""
    if len(width or "") > 3 or precision is not None or "#" in flags or " " in flags:
        return UNKNOWN
    size = int(width or 0)
    datum = known(raw)
    if verb in ("s", "v"):
        if datum is None:
            return UNKNOWN  # Terraform itself leaves it open
        if isinstance(datum, Seq) or kind(datum) == "map":
            return UNKNOWN
        made = to_text(raw)
        if not isinstance(made, str):
            return made if not size else UNKNOWN
        if size and (not made.isascii() or "0" in flags):
            return UNKNOWN
        return made.ljust(size) if "-" in flags else made.rjust(size)
    if verb == "d":
        number = to_number(raw)
        if number is None:
            raise Fault("null argument")
        if not isinstance(number, int) or "+" in flags or ("-" in flags and "0" in flags):
            return UNKNOWN
        text = number_text(number)
        if text is None:
            return UNKNOWN
        if "0" in flags:
            return text.zfill(size)
        return text.ljust(size) if "-" in flags else text.rjust(size)
    return UNKNOWN


def _formatlist(args: list[Value]) -> Datum:
    need(args, 1)
    lengths = set()
    for arg in args[1:]:
        datum = known(arg.raw)
        if datum is UNKNOWN:
            return UNKNOWN
        if isinstance(datum, Seq):
            if datum.open:
                return UNKNOWN
            lengths.add(len(datum.items))
    if len(lengths) > 1:
        raise Fault("lists of different lengths")
    if not lengths:
        return UNKNOWN
    made: list[Value] = []
    for number in range(lengths.pop()):
        row = [args[0]]
        for arg in args[1:]:
            datum = known(arg.raw)
            row.append(datum.items[number] if isinstance(datum, Seq) else arg)
        made.append(Value((_format(row),), row[-1].at))
    return Seq(tuple(made))


TABLE: dict[str, Function] = {
    "lower": _on_text(str.lower),
    "upper": _on_text(str.upper),
    "title": _on_text(_title),
    "trimspace": _on_text(lambda text: text.strip(_SPACE)),
    "chomp": _on_text(_chomp),
    "strrev": _on_text(_reverse_text),
    "trim": _trim,
    "trimprefix": _trim_prefix,
    "trimsuffix": _trim_suffix,
    "indent": _indent,
    "join": _join,
    "split": _split,
    "replace": _replace,
    "substr": _substr,
    "startswith": _starts_with,
    "endswith": _ends_with,
    "strcontains": _str_contains,
    "regex": _regex,
    "format": _format,
    "formatlist": _formatlist,
}
