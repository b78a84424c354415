"""HCL expressions: values, precedence, templates, and what is refused as Opaque."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbp_lsp.syntax.hcl import parse_expression, parse_template
from fsbp_lsp.syntax.hcl_tree import Expr, Index, Literal, Object, Opaque, Splat, Template, TemplateIf
from tests.syntax.hcl_trees import expr_of, own_slots, shape

V = ("Variable", "v")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("null", None),
        ("true", True),
        ("0", 0),
        ("007", 7),
        ("1.5", 1.5),
        ("1.50e1", 15),
        ("105e+2", 10500),
        ("25e-1", 2.5),
        ("1e23", 10**23),
        ('""', ""),
        ('"a b"', "a b"),
        (r'"a\n\t\"\\b"', 'a\n\t"\\b'),
        (r'"\u00e9\U0001F600"', "é😀"),
        (r'"\ud800"', "\ufffd"),
        ('"$${x} %%{y} $5 100%"', "${x} %{y} $5 100%"),
        ('"$$${x}"', "$${x}"),
        ("<<E\na\n b\nE", "a\n b\n"),
        ("<<E\nE", ""),
        ('<<E\na\\n"b" $${x}\nE', 'a\\n"b" ${x}\n'),
        ("<<-E\n    a\n\n      b\n    E", "a\n\n  b\n"),
        ("<<-E\n\ta\n\t\tb\nE", "a\n\tb\n"),
    ],
)
def test_literals(text: str, value: Any) -> None:
    node = expr_of(text)
    assert isinstance(node, Literal)
    assert node.value == value
    assert type(node.value) is type(value)
    assert (node.start, node.end) == (4, 4 + len(text.encode()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v", V),
        ("v.a.b", ("GetAttr", "b", ("GetAttr", "a", V))),
        ("v[0].a", ("GetAttr", "a", ("Index", 0, V))),
        ("v.0.a", ("GetAttr", "a", ("Index", 0, V))),
        ("v.0.1", ("Opaque",)),
        ('v["k"]', ("Index", "k", V)),
        ("v[*].a.b", ("Splat", ("GetAttr", "b", ("GetAttr", "a", ("Variable", "*"))), V)),
        ("v.*.a[0]", ("Index", 0, ("Splat", ("GetAttr", "a", ("Variable", "*")), V))),
        ("v[*].a[0]", ("Splat", ("Index", 0, ("GetAttr", "a", ("Variable", "*"))), V)),
        ("1 + 2 * 3", ("Binary", 1, "+", ("Binary", 2, "*", 3))),
        ("1 - 2 - 3", ("Binary", ("Binary", 1, "-", 2), "-", 3)),
        ("(1 + 2) * 3", ("Binary", ("Binary", 1, "+", 2), "*", 3)),
        ("v && !v || v == 1", ("Binary", ("Binary", V, "&&", ("Unary", V, "!")), "||", ("Binary", V, "==", 1))),
        ("-v.a", ("Unary", ("GetAttr", "a", V), "-")),
        ("v ? 1 : v ? 2 : 3", ("Conditional", V, ("Conditional", V, 3, 2), 1)),
        ("[1, v,\n # c\n 2,]", ("Tuple", [1, V, 2])),
        ("[]", ("Tuple", [])),
        ('{ a = 1, "b" : 2\n (v) = 3\n true = 4 }', ("Object", [["a", 1], ["b", 2], [V, 3], ["true", 4]])),
        ("f(1, v...)", ("Call", [1, V], True, "f")),
        ("provider::p::f()", ("Call", [], False, "provider::p::f")),
        ("[for a in v : a if a]", ("For", ("Variable", "a"), False, None, "", V, ("Variable", "a"), "a")),
        ("{for a, b in v : a => b...}", ("For", None, True, ("Variable", "a"), "a", V, ("Variable", "b"), "b")),
        ('"${v}"', ("Template", False, [V])),
        ('"a-${v.b["c"]}-d"', ("Template", False, ["a-", ("Index", "c", ("GetAttr", "b", V)), "-d"])),
        ('"${"${v}"}"', ("Template", False, [("Template", False, [V])])),
        ('"a ${~ v ~} b"', ("Template", False, ["a", V, "b"])),
        (
            '"%{if v}a%{else}b%{endif} c"',
            ("Template", False, [("TemplateIf", V, ("Template", True, ["b"]), ("Template", True, ["a"])), " c"]),
        ),
        (
            '"%{for k, a in v}%{if a}x%{endif}%{endfor}"',
            (
                "Template",
                False,
                [
                    (
                        "TemplateFor",
                        None,
                        False,
                        None,
                        "k",
                        V,
                        ("Template", True, [("TemplateIf", ("Variable", "a"), ("Template", True, []), ("Template", True, ["x"]))]),
                        "a",
                    )
                ],
            ),
        ),
        ("<<-E\n  a ${v}\n    b\n  E", ("Template", True, ["a ", V, "\n  b\n"])),
    ],
)
def test_operators(text: str, expected: Any) -> None:
    assert shape(expr_of(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        '"a\nb"',
        r'"\q"',
        "9" * 400,
        "1e999999",
        '"%{if v}"',
        '"%{endif}"',
        '"%{if v}%{endfor}"',
        '"%{for a in v}%{else}%{endfor}"',
        '"%{if v}%{else}%{else}%{endif}"',
        "1 2",
        "a.*.*.b",
        "f(1",
        "<<E\na",
        "",
        "=",
        '"',
        '"${"',
        '"${v"',
    ],
)
def test_what_is_not_understood_is_opaque(text: str) -> None:
    assert isinstance(parse_expression(text), Opaque)


def test_a_parenthesised_expression_covers_its_parentheses() -> None:
    node = parse_expression("(v)")
    assert (node.start, node.end) == (0, 3)


def test_the_end_of_a_value_must_be_the_end_of_its_line() -> None:
    """Two readers must agree on where a value ends; a doubtful one is not believed."""
    assert isinstance(expr_of("true && \\\n  false".replace("\\\n", "\n")), Opaque)


@pytest.mark.parametrize("opening", ["[", "{ a = ", "(", "-", '"${', "f(", "v ? 1 : ", "v["])
def test_deep_nesting_is_opaque_and_flat_chains_are_bounded(opening: str) -> None:
    assert isinstance(parse_expression(opening * 5000 + "1"), Opaque)


@pytest.mark.parametrize("step", [".a", "[0]", "[*]", " + 1", ".*.a"])
def test_long_chains_never_make_a_tree_that_cannot_be_walked(step: str) -> None:
    node = parse_expression("v" + step * 5000)
    assert isinstance(node, Opaque)
    assert _height(parse_expression("v" + step * 60)) <= 100


def _height(node: Any) -> int:
    if isinstance(node, (list, tuple)):
        return max((_height(one) for one in node), default=0)
    if not isinstance(node, Expr):
        return 0
    return 1 + max((_height(getattr(node, slot)) for slot in own_slots(node)), default=0)


def test_the_deepest_tree_allowed_fits_the_stack() -> None:
    limit = sys.getrecursionlimit()
    depth = next(depth for depth in range(200, 0, -1) if not isinstance(parse_expression("[" * depth + "1" + "]" * depth), Opaque))
    assert 40 < depth < limit / 10


def test_json_templates() -> None:
    node = parse_template('a "quoted" \\n ${var.x["k"]} %{ if x }b%{ endif }')
    assert isinstance(node, Template)
    assert node.parts[0] == 'a "quoted" \\n '
    assert isinstance(node.parts[1], Index)
    assert (node.parts[1].start, node.parts[1].end) == (16, 26)
    assert isinstance(node.parts[3], TemplateIf)
    assert (node.parts[3].start, node.parts[3].end) == (28, 48)
    assert shape(parse_template("plain\ntext")) == "plain\ntext"
    assert shape(parse_template("")) == ""
    assert shape(parse_template("${v}")) == ("Template", False, [V])
    assert isinstance(parse_template("${"), Opaque)
    assert isinstance(parse_template("\ud800"), Literal)


def test_offsets_are_bytes() -> None:
    node = parse_expression('{ "é" = [v] }')
    assert isinstance(node, Object)
    assert (node.items[0][1].start, node.items[0][1].end) == (9, 12)
    splat = parse_expression("v[*].a")
    assert isinstance(splat, Splat)
    assert (splat.start, splat.end) == (0, 6)


@given(st.text(st.sampled_from('"${}%[](){}<>=-+*/.,:?!&|#~ab1\\ \n\r\té'), max_size=60))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    for node in (parse_expression(text), parse_template(text)):
        assert 0 <= node.start <= node.end <= len(text.encode())


@given(st.text(max_size=40))
def test_escaped_text_reads_back(text: str) -> None:
    from fsbp_lsp.terraform.write_values import quoted

    node = parse_expression(quoted(text))
    assert isinstance(node, Literal)
    assert node.value == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") or max(text) >= "\ud800"
