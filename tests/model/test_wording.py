"""Texts put together from the same words."""

from __future__ import annotations

import itertools

import pytest

from fsbp_lsp.model.wording import same_text
from fsbp_lsp.terraform.wording import words
from fsbp_lsp.values import MAYBE, NO, YES

A, B = (True, "a"), (True, "b")


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        ([A], [A], YES),
        ([A, (False, "-logs")], [A, (False, "-logs")], YES),
        ([A, (False, "-logs")], [A], NO),
        ([A, (False, "-"), B], [B, (False, "--"), A], NO),
        ([A, (False, "-"), B], [B, (False, "-"), A], MAYBE),
        ([A, (False, "-logs")], [A, (False, "-data")], NO),
        ([A, (False, "-logs-"), B], [A, (False, "-data-"), A], NO),
        ([A, (False, "-logs")], [B, (False, "-data")], NO),
        ([A, (False, "-logs-"), B], [A, (False, "-logs-more-"), A], MAYBE),
        ([A, B], [A, (False, "x")], MAYBE),
        ([A], [A, B, (False, "x")], NO),
        ([A], [B], MAYBE),
        ([A, (False, "x")], [(False, "x"), A], MAYBE),
        ([A, A], [A], MAYBE),
    ],
)
def test_same_text(one, other, answer):
    assert same_text(one, other) is answer
    assert same_text(other, one) is answer


def test_what_is_sure_holds_for_whatever_the_names_stand_for():
    texts = ["", "x", "xx", "y", "xy"]
    literals: tuple[list[tuple[bool, str]], ...] = ([], [(False, "x")], [(False, "xx")], [(False, "y")], [(False, "yx")])
    wordings = [[*one, *two, *three] for one in literals for two in ([], [A], [A, B], [B, A]) for three in literals if two or not three]
    wordings += [[A, *one, B] for one in literals]
    for one, other in itertools.product(wordings, repeat=2):
        answer = same_text(one, other)
        for a, b in itertools.product(texts, repeat=2):
            made = ["".join({"a": a, "b": b}[text] if named else text for named, text in words) for words in (one, other)]
            assert answer is MAYBE or (made[0] == made[1]) is (answer is YES)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("var.name", [(True, "var.name")]),
        ('"${var.name}"', [(True, "var.name")]),
        ('"${ var.app }-${local.x}-logs"', [(True, "var.app"), (False, "-"), (True, "local.x"), (False, "-logs")]),
        ("lower(\n  var.name)", [(True, "lower( var.name)")]),
        ('"logs"', [(False, "logs")]),
        ('"${uuid()}-logs"', None),
        ('"${each.key}-logs"', None),
        ("var.names[count.index]", None),
        ('"$${var.name}"', None),
        ('"%{ if var.x }a%{ endif }"', None),
        ('"${var.x ? "a" : "b"}"', None),
        ('"a\\u0062"', None),
        ("", None),
    ],
)
def test_words_of_an_expression(text, made):
    assert words(text) == made


@pytest.mark.parametrize(("text", "made"), [("each.value", [(True, "each.value")]), ('"${count.index}-${uuid()}"', None)])
def test_words_of_an_expression_in_blocks_that_are_repeated_alike(text, made):
    assert words(text, True) == made
