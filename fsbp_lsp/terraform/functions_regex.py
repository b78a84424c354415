r"""Regular expressions where Python's engine and Go's RE2 provably agree; everything else is open.

Both find the leftmost match and prefer earlier alternatives. They differ in syntax (`\Z`, `\z`, possessive
quantifiers, look-around, references), in what `$`, `\s`, `\w`, `\d` and `\b` mean beyond ASCII, in repeated groups that match
nothing, and in the time they may take. A pattern is decided here when it is made of the parts below and the text is short.
"""

from __future__ import annotations

import re

from fsbp_lsp.terraform.data import WORK, Fault, List, TypedNull
from fsbp_lsp.terraform.functions import decided
from fsbp_lsp.values import UNKNOWN, Map, Seq, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.terraform.data import Type
    from fsbp_lsp.terraform.functions import Table
    from fsbp_lsp.values import Datum

MAX_PATTERN = 200
MAX_TEXT = 2000
MAX_COST = 2_000_000
"""Steps that backtracking may take at most: every repetition multiplies them by how often it may repeat."""

_CLASS = r"\[\^?(?:[A-Za-z0-9 _./,:;@#%=+*!<>?(){}$|\"'~`-]|\\[dwsDWS.\-/\\\[\]^$+*?(){}|])+\]"
_TOKEN = re.compile(
    r"(?P<literal>[A-Za-z0-9 _/,:;@#%=!<>\"'~`&-]|\\[./\-+*?()\[\]{}|^$\\])"
    r"|(?P<set>\.|\\[dwsDWS]|" + _CLASS + r")"
    r"|(?P<open>\((?:\?:|\?P<[A-Za-z_][A-Za-z0-9_]*>|(?!\?)))"
    r"|(?P<close>\))"
    r"|(?P<bar>\|)"
    r"|(?P<anchor>[$^]|\\b)"
    r"|(?P<many>(?:[*+?]|\{\d{1,2}(?:,\d{0,2})?\})\??)",
)
_BROKEN_CLASS = re.compile(r"\[\^?\]?[^\]]*\Z")


def compiled(pattern: str, text: str) -> re.Pattern[str] | None:
    """The pattern for Python's engine, None when it is not certain that both agree. Raises Fault for what certainly is none."""
    if pattern in ("[", "(", "*", "+", "?", ")"):
        raise Fault("not a regular expression")
    if len(pattern) > MAX_PATTERN or len(text) > MAX_TEXT or not pattern.isascii() or "\v" in text:
        return None
    flags = re.ASCII
    if pattern.startswith("(?i)") and text.isascii():
        pattern, flags = pattern[4:], re.ASCII | re.IGNORECASE
    made: list[str] = []
    depth = at = 0
    cost = 1 if pattern.startswith("^") and "|" not in pattern else len(text) + 1
    before = ""
    quantified: list[bool] = []
    while at < len(pattern):
        found = _TOKEN.match(pattern, at)
        if found is None or (found["set"] and _risky_class(found["set"])):
            return None
        kind = found.lastgroup or ""
        piece = found[0]
        if kind == "many":
            # What may match nothing, or is repeated already, is not repeated once more.
            if before not in ("literal", "set", "close") or (before == "close" and quantified[-1]):
                return None
            if piece[0] == "{" and "," in piece and piece[-2] != "," and not _in_order(piece):
                return None
            cost *= _times(piece, text)
            if cost > MAX_COST:
                return None
        elif kind == "open":
            depth += 1
            quantified.append(False)
        elif kind == "close":
            if depth == 0 or before in ("open", "bar"):
                return None
            depth -= 1
        elif kind == "bar" and before in ("", "open", "bar"):
            return None
        if before == "close" and kind != "many":
            inner = quantified.pop()
            if quantified and inner:
                quantified[-1] = True
        elif before == "close" and kind == "many":
            quantified.pop()
            if quantified:
                quantified[-1] = True
        if kind in ("many", "bar", "anchor") and quantified and before != "close":
            quantified[-1] = True
        made.append(r"\Z" if piece == "$" else piece)
        before = kind
        at = found.end()
    if depth or before == "bar":
        return None
    WORK.spend(cost // 16)
    names = re.findall(r"\(\?P<(\w+)>", pattern)
    if len(set(names)) < len(names):
        return None
    return re.compile("".join(made), flags)


def _risky_class(text: str) -> bool:
    """Ranges backwards, ranges between classes, and doubled characters that Python reserves."""
    body = text[1:-1].removeprefix("^") if text[0] == "[" else ""
    if any(mark in body for mark in ("[", "--", "&&", "||", "~~")):
        return True
    for place, char in enumerate(body):
        if char == "-" and 0 < place < len(body) - 1 and (place < 2 or body[place - 2] != "\\" or body[place - 1] == "\\"):
            if body[place - 1] == "\\":
                continue
            first, last = body[place - 1], body[place + 1]
            if not (first.isalnum() and last.isalnum() and first <= last and place + 1 < len(body)):
                return True
        elif char == "-" and place >= 2 and body[place - 2] == "\\" and place < len(body) - 1:
            return True
    return False


def _times(quantifier: str, text: str) -> int:
    """In how many ways a repetition may end at most."""
    if quantifier[0] == "?":
        return 2
    if quantifier[0] != "{":
        return len(text) + 1
    low, comma, high = quantifier.strip("{}?").partition(",")
    return (int(high) - int(low) + 1 if high else len(text) + 1) if comma else 1


def _in_order(quantifier: str) -> bool:
    low, high = quantifier.strip("{}?").split(",")
    return int(low) <= int(high)


def _result(found: re.Match[str]) -> Datum:
    """The whole match, a tuple of groups, or an object of named ones."""
    if not found.re.groups:
        return found[0]
    named = found.re.groupindex
    if not named:
        return Seq(tuple(_group(one) for one in found.groups()))
    return Map({name: _group(found[name]) for name in sorted(named)})


def _group(text: str | None) -> Value:
    return Value((text,), node=TypedNull(0, 0, "string") if text is None else None)


def _type(pattern: re.Pattern[str]) -> Type:
    if not pattern.groups:
        return "string"
    if pattern.groupindex:
        return ("object", tuple((name, "string") for name in sorted(pattern.groupindex)))
    return ("tuple", ("string",) * pattern.groups)


def _capturing(pattern: str, text: str) -> re.Pattern[str] | None:
    """See `compiled`. Raises Fault for a mixture of named and unnamed groups, which has no type."""
    made = compiled(pattern, text)
    if made is not None and made.groupindex and len(made.groupindex) < made.groups:
        raise Fault("named and unnamed groups")
    return made


def _regex(pattern: str, text: str) -> Datum:
    made = _capturing(pattern, text)
    if made is None:
        return UNKNOWN
    found = made.search(text)
    if found is None:
        raise Fault("no match")
    return _result(found)


def _regex_all(pattern: str, text: str) -> Datum:
    made = _capturing(pattern, text)
    if made is None:
        return UNKNOWN
    matches = list(made.finditer(text))
    if any(not found[0] for found in matches):
        return UNKNOWN  # where a match of nothing goes on is each engine's own affair
    return List(tuple(Value((_result(found),)) for found in matches), of=_type(made))


def replace(text: str, pattern: str, new: str) -> Datum:
    """`replace` with a pattern between slashes; `$1` and `${name}` in the replacement stay open."""
    made = compiled(pattern, text)
    if made is None or "$" in new or len(new) * (len(text) + 1) > 4_000_000:
        return UNKNOWN
    if any(not found[0] for found in made.finditer(text)):
        return UNKNOWN
    return made.sub(lambda _found: new, text)


TABLE: Table = {
    "regex": ("ss", decided(_regex)),
    "regexall": ("ss", decided(_regex_all)),
}
