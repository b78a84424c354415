"""The wildcard algebra against brute force over a small alphabet, and its three-valued answers."""

from __future__ import annotations

import functools
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsbp_lsp.aws.policy_match import EVERYTHING, MAX_TOKENS, action, covers, overlaps, pattern
from fsbp_lsp.values import MAYBE, NO, UNKNOWN, YES, Ref, Text, Tri

LENGTH = 6
TEXTS = ["".join(chars) for size in range(LENGTH + 1) for chars in itertools.product("abz", repeat=size)]
"""`z` is in no pattern. Patterns of three tokens and runs of two say all they have to say within six characters."""

PATTERNS = st.lists(st.sampled_from(["a", "b", "*", "?", "*", "?*", "**"]), max_size=4).map("".join)


def matches(wild: str, text: str) -> bool:
    """Wildcard matching by definition, one character at a time."""
    if not wild:
        return not text
    if wild[0] == "*":
        return matches(wild[1:], text) or (bool(text) and matches(wild, text[1:]))
    return bool(text) and wild[0] in ("?", text[0]) and matches(wild[1:], text[1:])


@functools.cache
def language(wild: str) -> frozenset[str]:
    return frozenset(text for text in TEXTS if matches(wild, text))


@settings(max_examples=150, deadline=None)
@given(PATTERNS, PATTERNS)
def test_covers_and_overlaps_are_those_of_sets(one: str, other: str) -> None:
    mine, its = language(one), language(other)
    assert covers(pattern(one), pattern(other)) is Tri.of(its <= mine)
    assert overlaps(pattern(one), pattern(other)) is Tri.of(bool(mine & its))
    assert overlaps(pattern(other), pattern(one)) is Tri.of(bool(mine & its))


@settings(max_examples=300, deadline=None)
@given(PATTERNS, st.text("abz", max_size=8))
def test_a_text_is_covered_when_it_matches(wild: str, text: str) -> None:
    assert covers(pattern(wild), pattern(text)) is Tri.of(matches(wild, text))


SPLIT = st.lists(st.one_of(st.sampled_from(["a", "b", "*", "?", "a*"]), st.none()), max_size=4)


@settings(max_examples=300, deadline=None)
@given(SPLIT, SPLIT, st.lists(st.sampled_from(["", "a", "b", "ab", "*", "?", "a*"]), min_size=8, max_size=8))
def test_what_holes_hold_never_contradicts_the_answer(one: list[str | None], other: list[str | None], fillings: list[str]) -> None:
    """A YES or NO about partly known text is right whatever the unknown parts turn out to be, wildcards included."""

    def partly(parts: list[str | None]) -> object:
        return Text.join([UNKNOWN if part is None else part for part in parts])

    fill = iter(fillings)
    first, second = ("".join(next(fill) if part is None else part for part in parts) for parts in (one, other))
    for asked in (covers, overlaps):
        said, true = asked(pattern(partly(one)), pattern(partly(other))), asked(pattern(first), pattern(second))
        assert said is MAYBE or said is true, (asked, said)


ACTIONS = [
    ("*", "s3:GetObject", YES),
    ("*:*", "*", YES),
    ("*", "*:*", YES),
    ("s3:*", "s3:Get*", YES),
    ("S3:*", "s3:getobject", YES),
    ("s3:Get*", "s3:*", NO),
    ("s3:*", "*", NO),
    ("s3:Get?bject", "s3:GetObject", YES),
    ("s3:Get?", "s3:GetObject", NO),
    ("s3:**", "s3:*", YES),
    ("s*:*", "sqs:SendMessage", YES),
    ("s3:*Object", "s3:Get*", NO),
    ("s3:*Object*", "s3:GetObjectAcl", YES),
]


@pytest.mark.parametrize(("wide", "narrow", "answer"), ACTIONS)
def test_actions(wide: str, narrow: str, answer: Tri) -> None:
    assert covers(action(wide), action(narrow)) is answer


BUCKET, OTHER = Ref("aws_s3_bucket.a", "arn"), Ref("aws_s3_bucket.b", "arn")
PARAMETER = Ref("data.aws_ssm_parameter.p", "value")

PARTLY = [
    # The same reference on both sides is the same text.
    (Text((BUCKET, "/*")), Text((BUCKET, "/private/*")), YES, YES),
    (Text((BUCKET, "/private/*")), Text((BUCKET, "/*")), MAYBE, YES),
    (Text((BUCKET, "/*")), Text((OTHER, "/*")), MAYBE, MAYBE),
    ("*", BUCKET, YES, YES),
    (BUCKET, BUCKET, YES, YES),
    # An ARN names one thing, so it is not everything; what comes from a parameter store may be anything.
    (BUCKET, "*", NO, YES),
    (PARAMETER, "*", MAYBE, YES),
    (UNKNOWN, "*", MAYBE, YES),
    (Text((UNKNOWN, ":x")), "*", NO, YES),
    ("arn:aws:s3:::logs/*", Text(("arn:aws:sqs:", UNKNOWN)), NO, NO),
    ("arn:aws:s3:::logs*", Text(("arn:aws:s3:::logs-", UNKNOWN)), YES, YES),
    (Text(("arn:aws:s3:::logs-", UNKNOWN, "/*")), "arn:aws:s3:::*", NO, YES),
]


@pytest.mark.parametrize(("wide", "narrow", "covered", "common"), PARTLY)
def test_partly_known(wide: object, narrow: object, covered: Tri, common: Tri) -> None:
    assert covers(pattern(wide), pattern(narrow)) is covered
    assert overlaps(pattern(wide), pattern(narrow)) is common


def test_resources_keep_their_case() -> None:
    assert covers(pattern("arn:aws:s3:::Logs"), pattern("arn:aws:s3:::logs")) is NO


def test_policy_variables() -> None:
    home = "arn:aws:s3:::homes/${aws:username}/*"
    # Before 2012-10-17 the text is what it says; from then on it is the caller's name.
    assert covers(pattern(home), pattern("arn:aws:s3:::homes/ann/*")) is NO
    assert covers(pattern(home, variables=True), pattern("arn:aws:s3:::homes/ann/*")) is MAYBE
    assert covers(pattern(home, variables=True), pattern(home, variables=True)) is YES
    assert covers(pattern("${aws:username}", variables=True), EVERYTHING) is NO
    assert covers(pattern("a${*}", variables=True), pattern("ab")) is NO
    assert covers(pattern("a*"), pattern("a${*}", variables=True)) is YES


def test_hostile_patterns_end() -> None:
    assert covers(pattern("*a" * 400), pattern("a" * 900)) is MAYBE
    assert covers(pattern("*" + "a" * 900), pattern("*" + "a" * 901)) in (YES, MAYBE)
    assert overlaps(pattern("*a" * 10 + "b" * 800 + "*"), pattern("*b" * 10 + "a" * 800 + "*")) in (YES, MAYBE)
    assert overlaps(pattern("?" * 900 + "*"), pattern("*" + "a?" * 500)) in (YES, MAYBE)
    assert covers(pattern("x" * (MAX_TOKENS + 1)), pattern("x")) is MAYBE
