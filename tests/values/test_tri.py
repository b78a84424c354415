"""Kleene's logic, and the traps it must keep shut."""

from __future__ import annotations

import itertools

import pytest

from fsbp_lsp.values import ABSENT, MAYBE, NO, UNKNOWN, YES, Items, Map, Ref, Seq, Text, Tri, Value, all_of, any_of

ALL = (NO, MAYBE, YES)


def test_a_tri_is_not_a_bool() -> None:
    for tri in ALL:
        with pytest.raises(TypeError, match="not a bool"):
            bool(tri)


@pytest.mark.parametrize(("one", "two"), list(itertools.product(ALL, ALL)))
def test_de_morgan(one: Tri, two: Tri) -> None:
    assert ~(one & two) is (~one | ~two)
    assert ~(one | two) is (~one & ~two)
    assert (one & two) is (two & one)


@pytest.mark.parametrize(("one", "two"), list(itertools.product(ALL, ALL)))
def test_deciding_more_never_flips_an_answer(one: Tri, two: Tri) -> None:
    """Replacing a MAYBE by YES or NO leaves a decided result as it was: silence may become speech, not its opposite."""
    for operation in (lambda a, b: a & b, lambda a, b: a | b):
        vague = operation(one, two)
        if vague is MAYBE:
            continue
        for a in (NO, YES) if one is MAYBE else (one,):
            for b in (NO, YES) if two is MAYBE else (two,):
                assert operation(a, b) is vague


def test_unseen_things_leave_doubt() -> None:
    assert any_of((), lambda _x: YES) is NO
    assert any_of((), lambda _x: YES, maybe_more=True) is MAYBE
    assert any_of((1,), lambda _x: YES, maybe_more=True) is YES
    assert all_of((), lambda _x: NO) is YES
    assert all_of((1,), lambda _x: YES, maybe_more=True) is MAYBE
    assert all_of((1,), lambda _x: NO, maybe_more=True) is NO


def test_a_value_cannot_be_compared_or_tested_as_a_bool() -> None:
    value = Value.of(True)
    with pytest.raises(TypeError):
        bool(value)
    with pytest.raises(TypeError):
        assert value == True  # noqa: E712  # the mistake under test


@pytest.mark.parametrize(
    ("options", "want", "answer"),
    [
        ((True,), True, YES),
        (("true",), True, YES),
        (("TRUE",), True, YES),
        ((False,), True, NO),
        (("yes",), True, NO),
        ((True, False), True, MAYBE),
        ((UNKNOWN,), True, MAYBE),
        ((False, UNKNOWN), True, MAYBE),
        ((7,), 7, YES),
        (("7",), 7, YES),
        ((True,), 1, NO),
        (("a",), "a", YES),
        ((7,), "7", YES),
        ((Text(("arn:", UNKNOWN)),), "arn:x", MAYBE),
        ((Text(("arn:", UNKNOWN)),), "*", NO),
        ((Ref("aws_x.y", "id"),), "a", MAYBE),
        ((Ref("aws_x.y", "id", None, "a"),), "a", YES),
        ((ABSENT,), True, NO),
    ],
)
def test_is(options: tuple[object, ...], want: object, answer: Tri) -> None:
    assert Value(options).is_(want) is answer


@pytest.mark.parametrize(
    ("option", "answer"),
    [
        (ABSENT, NO),
        (None, NO),
        ("", NO),
        ("x", YES),
        (False, YES),
        (UNKNOWN, MAYBE),
        (Ref("a.b", "arn"), YES),
        (Text((UNKNOWN,)), MAYBE),
        (Text(("s3://", UNKNOWN)), YES),
        (Seq(()), NO),
        (Seq((), open=True), MAYBE),
        (Seq((Value.of(1),)), YES),
        (Map({}, node=object()), YES),
    ],
)
def test_present(option: object, answer: Tri) -> None:
    assert Value((option,)).present() is answer


def test_text_joins_what_is_known() -> None:
    assert Text.join(["a", "b"]) == "ab"
    assert Text.join(["n", 7, True]) == "n7true"
    joined = Text.join(["a", UNKNOWN, "b", "c"])
    assert isinstance(joined, Text)
    assert joined.parts == ("a", UNKNOWN, "bc")
    assert Text.join(["x", Ref("a.b", "id", None, "known")]) == "xknown"


def test_children_of_open_things_are_unknown() -> None:
    assert Value((Map({}),)).child("a").options == (ABSENT,)
    assert Value((Map({}, open=True),)).child("a").only is UNKNOWN
    assert Value((Seq((Value((Map({"a": Value.of(1)}),)),)),)).child("a").only == 1
    assert Value((Seq((), open=True),)).child("a").only is UNKNOWN


def test_items_of_alternatives_are_unknown() -> None:
    items: Items = Value((Seq(()), Seq((Value.of(1),)))).items()
    assert items.maybe_more
    assert len(items) == 0


def test_elements_at_the_beginning_of_every_possible_list_are_there() -> None:
    one, two, other = Value.of(1), Value.of(2), Value.of(1)

    def items(*lists: tuple[Value, ...], is_open: bool = False) -> tuple[tuple[Value, ...], bool]:
        found = Value(tuple(Seq(each, is_open) for each in lists)).items()
        return found.found, found.maybe_more

    assert items((one,), (one, two)) == ((one,), True)
    assert items((one, two), (one, two)) == ((one, two), False)
    assert items((two, one), (one, two)) == ((), True)
    assert items((one,), (other,)) == ((), True)
    assert items((one,), (one,), is_open=True) == ((one,), True)
    mixed = Value((Seq((one,)), UNKNOWN)).items()
    assert (mixed.found, mixed.maybe_more) == ((), True)


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        (("::0/0",), YES),
        (("10.0.0.0/8",), NO),
        (("::/0", "10.0.0.0/8"), MAYBE),
        ((Text((UNKNOWN, "/0")),), YES),
        ((Text((UNKNOWN, "/32")),), NO),
        ((Text((UNKNOWN, "0")),), MAYBE),
        ((Text((UNKNOWN, "2")),), NO),
        ((Text(("10.0.0.0/", UNKNOWN)),), MAYBE),
        ((UNKNOWN,), MAYBE),
        ((None,), NO),
    ],
)
def test_ends_with(options: tuple[object, ...], answer: Tri) -> None:
    """The known end of a text decides; what is not known may end in anything."""
    assert Value(options).ends_with("/0") is answer
