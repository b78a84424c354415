"""Wildcard patterns of IAM policies: which texts one matches, covers, or has in common with another.

`*` stands for any run of characters and `?` for one; actions are compared without regard to case, resources
with it (IAM JSON policy elements: Action, Resource). Text that source knows only in part becomes a hole: an
atom that equals nothing but itself. Every answer is three-valued, and every search is bounded.
"""

from __future__ import annotations

from fsbp_lsp.model import type_of
from fsbp_lsp.values import MAYBE, NO, UNKNOWN, YES, Ref, Text, Tri, as_text, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fsbp_lsp.values import Datum, Value

MAX_TOKENS = 2_000
MAX_STARS = 12
"""A pattern with more of them is not read: no policy needs it, and comparing two of that kind takes long."""
MAX_STEPS = 2_000
"""Steps a comparison may take; what takes more is not decided."""


class _Wild:
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


class _Hole:
    """Text that is not known. anything: it may hold wildcards; otherwise it is one text without any."""

    __slots__ = ("anything", "name")

    def __init__(self, anything: bool, name: object = None) -> None:
        self.anything = anything
        self.name = name

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, _Hole) and self.name is not None and self.name == other.name)

    def __hash__(self) -> int:
        return id(self) if self.name is None else hash(self.name)


STAR = _Wild("*")
ONE = _Wild("?")
_OTHER = "\uffff\ufffe"
"""A character neither pattern names; two code units, so that it equals no single character."""


class Pattern:
    """A tuple of characters, `STAR`, `ONE` and holes; a run of wildcards is `?`s and then at most one `*`."""

    __slots__ = ("holes", "tokens", "wide")

    def __init__(self, tokens: tuple[object, ...]) -> None:
        self.tokens = tokens
        self.holes = any(isinstance(token, _Hole) for token in tokens)
        self.wide = tokens if not self.holes else _collapse([STAR if isinstance(token, _Hole) else token for token in tokens])
        """Matches at least all that the pattern may match, whatever the holes hold."""

    @property
    def endless(self) -> bool:
        """It matches more than texts of one length, or may do so."""
        return any(token is STAR or (isinstance(token, _Hole) and token.anything) for token in self.tokens)

    @property
    def plain(self) -> str | None:
        """The one text it matches; None when it has wildcards or holes."""
        return None if self.holes or STAR in self.tokens or ONE in self.tokens else "".join(map(str, self.tokens))

    def __repr__(self) -> str:
        return "".join("${…}" if isinstance(token, _Hole) else str(token) for token in self.tokens)


EVERYTHING = Pattern((STAR,))


def is_name(ref: Ref) -> bool:
    """The attribute names a thing of AWS (an ARN, an id): text without wildcards, whatever it is."""
    attribute = ref.attribute
    if ref.address.startswith("AWS::"):
        return True
    type = type_of(ref.address)
    if type and not type.startswith("aws_"):
        return False
    return attribute in ("Ref", "Arn", "arn", "id", "account_id", "partition", "unique_id") or attribute.endswith(("_arn", "Arn", "Id"))


def pattern(datum: Datum, *, fold: bool = False, variables: bool = False) -> Pattern:
    """The pattern a datum is read as.

    fold: without regard to case. variables: `${…}` is a policy variable (version 2012-10-17), and `${*}`,
    `${?}` and `${$}` are the characters themselves; otherwise it is plain text.
    """
    inner = known(datum)
    if isinstance(inner, Text):
        parts: tuple[Datum, ...] = inner.parts
    else:
        text = as_text(inner)
        parts = (text,) if text is not None else (datum,)
    if sum(len(part) if isinstance(part, str) else 1 for part in parts) > MAX_TOKENS:
        return Pattern((_Hole(True),))
    tokens: list[object] = []
    for part in parts:
        if not isinstance(part, str):
            named = isinstance(part, Ref) and isinstance(part.key, (str, int, type(None)))
            named = named and part.attribute != ""
            tokens.append(_Hole(not (isinstance(part, Ref) and is_name(part)), part if named else None))
        elif variables and "${" in part:
            tokens.extend(_with_variables(part.lower() if fold else part))
        else:
            tokens.extend(_characters(part.lower() if fold else part))
    made = Pattern(_collapse(tokens))
    return Pattern((_Hole(True),)) if made.tokens.count(STAR) > MAX_STARS else made


def action(datum: Datum) -> Pattern:
    """The pattern of an action. Every action is `service:name`, so `*` says what `*:*` says."""
    made = pattern(datum, fold=True)
    return Pattern((STAR, ":", STAR)) if made.tokens == (STAR,) else made


def _characters(text: str) -> list[object]:
    return [STAR if char == "*" else ONE if char == "?" else char for char in text]


def _with_variables(text: str) -> list[object]:
    tokens: list[object] = []
    done = 0
    while (start := text.find("${", done)) >= 0 and (end := text.find("}", start)) >= 0:
        tokens.extend(_characters(text[done:start]))
        name = text[start + 2 : end]
        # What a request puts in the place of a variable is compared as it stands: wildcards in it are characters.
        tokens.append(name if name in ("*", "?", "$") else _Hole(False, name))
        done = end + 1
    tokens.extend(_characters(text[done:]))
    return tokens


def _collapse(tokens: list[object]) -> tuple[object, ...]:
    made: list[object] = []
    star = False
    for token in tokens:
        if token is STAR:
            star = True
            continue
        if star and token is not ONE:
            made.append(STAR)
            star = False
        made.append(token)
    if star:
        made.append(STAR)
    return tuple(made)


def covers(wide: Pattern, narrow: Pattern) -> Tri:
    """Everything `narrow` matches is matched by `wide`."""
    proof = _includes(wide.tokens, narrow.tokens)
    if proof is not NO:
        return proof
    if not wide.holes and not narrow.holes:
        return NO
    if overlaps(wide, narrow) is NO:
        return NO
    if not wide.endless and any(token is STAR for token in narrow.tokens):
        # Texts of one length cannot be all of these.
        return NO
    return NO if not narrow.holes and _includes(wide.wide, narrow.tokens) is NO else MAYBE


def overlaps(one: Pattern, other: Pattern) -> Tri:
    """There is a text both match."""
    if one.plain is not None and other.plain is not None:
        return Tri.of(one.plain == other.plain)
    common = _meets(one.wide, other.wide)
    if common is not YES or not (one.holes or other.holes):
        return common
    return YES if _meets(one.tokens, other.tokens) is YES else MAYBE


def _includes(wide: tuple[object, ...], narrow: tuple[object, ...]) -> Tri:
    """Inclusion of the two languages, holes being characters that only `*` and they themselves match.

    Walks `narrow` with the set of all places `wide` may be at (a bit set): exact, but for the bound.
    """
    if wide == (STAR,) or wide == narrow:
        return YES
    size = len(wide)
    stars = sum(1 << number for number, token in enumerate(wide) if token is STAR)
    ones = sum(1 << number for number, token in enumerate(wide) if token is ONE)
    places: dict[object, int] = {}
    for number, token in enumerate(wide):
        if token is not STAR and token is not ONE:
            places[token] = places.get(token, 0) | 1 << number
    end, settled = 1 << size, 1 << (size - 1) if size and wide[-1] is STAR else 0
    characters = [token for token in places if not isinstance(token, _Hole)] + [_OTHER]

    def closed(at: int) -> int:
        # A run of wildcards holds one `*` at most, so one step past it is all there is.
        return at | (at & stars) << 1

    def step(at: int, symbol: object) -> int:
        moved = (at & places.get(symbol, 0)) << 1
        if not isinstance(symbol, _Hole):
            moved |= (at & ones) << 1
        return closed(moved | at & stars)

    todo = [(0, closed(1))]
    seen = set(todo)
    steps = 0
    while todo:
        number, at = todo.pop()
        if at & settled:
            continue
        if not at:
            return NO
        if number == len(narrow):
            if not at & end:
                return NO
            continue
        token = narrow[number]
        after: list[tuple[int, int]]
        if token is STAR:
            after = [(number + 1, at), *((number, step(at, symbol)) for symbol in characters)]
        elif token is ONE:
            after = [(number + 1, step(at, symbol)) for symbol in characters]
        else:
            after = [(number + 1, step(at, token))]
        for state in after:
            if state not in seen:
                seen.add(state)
                todo.append(state)
        steps += len(after)
        if steps > MAX_STEPS:
            return MAYBE
    return YES


def _meets(one: tuple[object, ...], other: tuple[object, ...]) -> Tri:
    """Whether the two languages have a text in common, holes as in `_includes`."""
    if (STAR,) in (one, other):
        return YES
    todo = [(0, 0)]
    seen = {(0, 0)}
    while todo:
        i, j = todo.pop()
        if i == len(one) and j == len(other):
            return YES
        mine, its = one[i] if i < len(one) else None, other[j] if j < len(other) else None
        after: list[tuple[int, int]] = []
        if mine is STAR:
            after.append((i + 1, j))
            if its is not None and its is not STAR:
                after.append((i, j + 1))
        if its is STAR:
            after.append((i, j + 1))
            if mine is not None and mine is not STAR:
                after.append((i + 1, j))
        if mine is not None and its is not None and mine is not STAR and its is not STAR and _same(mine, its):
            after.append((i + 1, j + 1))
        for state in after:
            if state not in seen:
                seen.add(state)
                todo.append(state)
        if len(seen) > MAX_STEPS:
            return MAYBE
    return NO


def _same(one: object, other: object) -> bool:
    if one is ONE:
        return not isinstance(other, _Hole)
    if other is ONE:
        return not isinstance(one, _Hole)
    return one == other


def asked(value: Value, read: Callable[[Datum], Pattern], holds: Callable[[Pattern], Tri]) -> Tri:
    """Ask the pattern of every possibility of a value: YES or NO only when all agree."""
    result: Tri | None = None
    for option in value.options:
        answer = MAYBE if option is UNKNOWN else holds(read(option))
        if answer is MAYBE or (result is not None and result is not answer):
            return MAYBE
        result = answer
    return MAYBE if result is None else result
