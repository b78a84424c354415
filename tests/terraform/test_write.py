"""Edits on Terraform source, one by one, with the text they must give."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from fsbp_lsp.model import Placeholder
from fsbp_lsp.syntax.hcl import parse_expression
from fsbp_lsp.syntax.hcl_tree import Body
from fsbp_lsp.terraform import write
from fsbp_lsp.terraform.write import Expression, NewBlock, jsonencode, literal, render
from fsbp_lsp.terraform.write_values import NotLiteral
from fsbp_lsp.text import Edit, Piece, Refusal, apply_edits
from tests.terraform.write_cases import BUCKET, SOURCES, Operation, applied, pieces

Change = Callable[[Piece, Body], "tuple[Edit, ...] | Refusal"]


def after(text: str, change: Change) -> str:
    """The text after a change on the body of its last block; an idempotent change is asked twice."""
    piece, top = pieces(text)[-1]
    edits = change(piece, top.blocks[-1].body if top.blocks else top)
    assert not isinstance(edits, Refusal), edits.reason
    return apply_edits(text.encode(), edits).decode()


def refusal(text: str, change: Change) -> str:
    piece, top = pieces(text)[-1]
    answer = change(piece, top.blocks[-1].body)
    assert isinstance(answer, Refusal), answer
    return answer.reason


def attribute(body: Body, name: str) -> Any:
    return body.attributes[name].expr


def test_a_new_attribute_joins_the_group_and_realigns_it() -> None:
    text = 'r "t" "n" {\n  a   = 1 # x\n  bcd = 2\n\n  tags = {}\n  s {\n  }\n}\n'
    got = after(text, lambda piece, body: write.set_attribute(piece, body, "longer_name", True))
    assert got == ('r "t" "n" {\n  a   = 1 # x\n  bcd = 2\n\n  tags        = {}\n  longer_name = true\n  s {\n  }\n}\n')


def test_a_replaced_value_moves_the_comment_of_its_neighbours() -> None:
    text = 'r {\n  a = "x" # one\n  b = 2   # two\n}\n'
    assert after(text, lambda piece, body: write.set_attribute(piece, body, "a", "longer")) == (
        'r {\n  a = "longer" # one\n  b = 2        # two\n}\n'
    )


def test_a_value_over_lines_leaves_the_group() -> None:
    text = "r {\n  aaaa = 1\n  b    = 2\n  ccc  = 3\n}\n"
    assert after(text, lambda piece, body: write.set_attribute(piece, body, "b", {"x": 1})) == (
        "r {\n  aaaa = 1\n  b = {\n    x = 1\n  }\n  ccc = 3\n}\n"
    )


def test_what_was_not_aligned_is_left_alone() -> None:
    text = "r {\n  aaaa = 1\n  b = 2\n  ccc    = 3\n}\n"
    assert after(text, lambda piece, body: write.set_attribute(piece, body, "longest_of_all", 4)) == (
        "r {\n  aaaa = 1\n  b = 2\n  ccc    = 3\n  longest_of_all = 4\n}\n"
    )
    assert after(text, lambda piece, body: write.set_attribute(piece, body, "d", 4)).endswith("  ccc    = 3\n  d      = 4\n}\n")


def test_tabs_and_windows_line_endings_are_kept() -> None:
    text = "r {\n\ta = 1\n\ts {\n\t}\n}\n".replace("\n", "\r\n")
    expected = "r {\n\ta = 1\n\tb = 2\n\ts {\n\t}\n\n\ts {\n\t\tx = [\n\t\t\t{\n\t\t\t\tk = 1\n\t\t\t},\n\t\t]\n\t}\n}\n"
    got = after(text, lambda piece, body: write.add_content(piece, body, [("b", 2), NewBlock("s", [("x", [{"k": 1}])])]))
    assert got == expected.replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("r {}\n", "r {\n  x = 1\n\n  y {\n    z = 2\n  }\n}\n"),
        ("r {\n}\n", "r {\n  x = 1\n\n  y {\n    z = 2\n  }\n}\n"),
        ("r { a = 1 }\n", "r {\n  a = 1\n  x = 1\n\n  y {\n    z = 2\n  }\n}\n"),
        ("r {\n  # c\n}", "r {\n  x = 1\n\n  y {\n    z = 2\n  }\n\n  # c\n}"),
        (
            "r {\n  a = 1\n\n  lifecycle {\n  }\n}\n",
            "r {\n  a = 1\n  x = 1\n\n  y {\n    z = 2\n  }\n\n  lifecycle {\n  }\n}\n",
        ),
        ("r {\n  y {\n  }\n  q {\n  }\n}\n", "r {\n  x = 1\n\n  y {\n  }\n\n  y {\n    z = 2\n  }\n\n  q {\n  }\n}\n"),
    ],
)
def test_attributes_and_blocks_find_their_place(text: str, expected: str) -> None:
    assert after(text, lambda piece, body: write.add_content(piece, body, [("x", 1), NewBlock("y", [("z", 2)])])) == expected


@pytest.mark.parametrize(
    ("value", "want", "expected"),
    [
        ("[]", 1, "[1]"),
        ("[1, 2]", 3, "[1, 2, 3]"),
        ("[1, 2,]", 3, "[1, 2, 3,]"),
        ("[1, 2]", 2, "[1, 2]"),
        ("[\n    1,\n  ]", 2, "[\n    1,\n    2,\n  ]"),
        ("[\n    1, # c\n    22 # d\n  ]", 3, "[\n    1,  # c\n    22, # d\n    3\n  ]"),
        ("[\n    1 # c\n  ]", {"a": 1}, "[\n    1, # c\n    {\n      a = 1\n    }\n  ]"),
        ("[\n    # none\n  ]", 1, "[\n    1,\n    # none\n  ]"),
        ("[]", {"a": 1}, "[\n    {\n      a = 1\n    },\n  ]"),
        ("[{\n    a = 1\n  }]", {"b": 2}, "[{\n    a = 1\n    }, {\n    b = 2\n  }]"),
    ],
)
def test_elements(value: str, want: Any, expected: str) -> None:
    text = "r {{\n  v = {}\n}}\n"
    got = after(text.format(value), lambda piece, body: write.append_element(piece, attribute(body, "v"), want))
    assert got == text.format(expected)


@pytest.mark.parametrize(
    ("value", "key", "want", "expected"),
    [
        ("{}", "k", 1, "{ k = 1 }"),
        ("{ a = 1 }", "k", 1, "{ a = 1, k = 1 }"),
        ("{ a = 1 }", "a", 2, "{ a = 2 }"),
        ("{ a = 1 }", "a:b", "x", '{ a = 1, "a:b" = "x" }'),
        ("{\n    a = 1 # c\n  }", "key", 1, "{\n    a   = 1 # c\n    key = 1\n  }"),
        ("{\n    a = 1,\n    b = 2,\n  }", "c", 3, "{\n    a = 1,\n    b = 2,\n    c = 3,\n  }"),
        ("{\n    a = 1,\n    b = 2\n  }", "c", 3, "{\n    a = 1,\n    b = 2,\n    c = 3\n  }"),
        ("({\n    a = 1\n  })", "b", 2, "({\n    a = 1\n    b = 2\n  })"),
        ("{}", "k", {"x": 1}, "{\n    k = {\n      x = 1\n    }\n  }"),
    ],
)
def test_keys(value: str, key: str, want: Any, expected: str) -> None:
    text = "r {{\n  v = {}\n}}\n"
    got = after(text.format(value), lambda piece, body: write.set_key(piece, attribute(body, "v"), key, want))
    assert got == text.format(expected)


@pytest.mark.parametrize(
    ("value", "index", "expected"),
    [
        ("[1]", 0, "[]"),
        ("[1, 2, 3]", 1, "[1, 3]"),
        ("[1, 2, 3]", 2, "[1, 2]"),
        ("[\n    1, # c\n    2,\n  ]", 0, "[\n    2,\n  ]"),
        ("[\n    1,\n    2 # c\n  ]", 1, "[\n    1,\n  ]"),
    ],
)
def test_removed_elements(value: str, index: int, expected: str) -> None:
    text = "r {{\n  v = {}\n}}\n"
    got = after(text.format(value), lambda piece, body: write.remove_element(piece, attribute(body, "v"), index))
    assert got == text.format(expected)


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("r {\n  a    = 1 # c\n  long = 2\n}\n", "long", "r {\n  a = 1 # c\n}\n"),
        ("r {\n  a = 1\n\n  b = 2\n\n  c = 3\n}\n", "b", "r {\n  a = 1\n\n  c = 3\n}\n"),
        ("r {\n  a = 1\n\n  b = 2\n}\n", "a", "r {\n  b = 2\n}\n"),
        ("r {\n  a = 1\n\n  b = <<E\nx\nE\n}\n", "b", "r {\n  a = 1\n}\n"),
        ("r { a = 1 }\n", "a", "r {}\n"),
        ("r {\n  # kept\n  a = 1\n}\n", "a", "r {\n  # kept\n}\n"),
        ("r {\n  a = 1\n}\n", "none", "r {\n  a = 1\n}\n"),
    ],
)
def test_removed_attributes(text: str, name: str, expected: str) -> None:
    assert after(text, lambda piece, body: write.remove_attribute(piece, body, name)) == expected


def test_removed_blocks_and_keys() -> None:
    text = "r {\n  a = 1\n\n  s {\n    b = 2\n  }\n\n  t {}\n}\n"
    assert after(text, lambda piece, body: write.remove_block(piece, body, body.blocks[0])) == "r {\n  a = 1\n\n  t {}\n}\n"
    assert after(text, lambda piece, body: write.remove_block(piece, body, body.blocks[1])) == text.replace("\n  t {}\n", "")
    keys = "r {\n  v = { a = 1, b = 2 }\n}\n"
    assert after(keys, lambda piece, body: write.remove_key(piece, attribute(body, "v"), "a")) == "r {\n  v = { b = 2 }\n}\n"


@pytest.mark.parametrize("end", ["", "\n", "\nx {\n}\n", "\n\nx {\n}\n", " # c\n", "\r\nx {\r\n}\r\n"])
def test_a_block_behind_another(end: str) -> None:
    newline = "\r\n" if "\r" in end else "\n"
    text = f"\ufeffr {{{newline}}}{end}"
    piece, top = pieces(text)[0]
    edits = write.insert_block_after(piece, top.blocks[0], NewBlock("resource", [("a", 1), ("bcd", Expression("r.id"))], ("t", "n")))
    assert not isinstance(edits, Refusal)
    got = apply_edits(text.encode(), edits).decode()
    assert "\n\n\n" not in got.replace("\r", "")
    assert 'resource "t" "n" {\n  a   = 1\n  bcd = r.id\n}' in got.replace("\r", "")
    assert (got.count("\r\n") == got.count("\n")) is (newline == "\r\n")
    assert [block.type for _piece, body in pieces(got) for block in body.blocks] == ["r", "resource", *(["x"] if "x {" in end else [])]
    assert "\n\nx {" in got.replace("\r", "") or "x {" not in end


def test_comments() -> None:
    piece, top = pieces(BUCKET)[-1]
    body = top.blocks[0].body
    heredoc = body.attributes["policy"]
    above = write.insert_comment_above(piece, heredoc.expr_start + 12, "# fsbp:ignore X")
    assert not isinstance(above, Refusal)
    assert "\n  # fsbp:ignore X\n  policy = <<-EOT\n" in apply_edits(BUCKET.encode(), above).decode()
    behind = write.insert_comment_behind(piece, body.attributes["acl"].start, "# why")
    assert not isinstance(behind, Refusal)
    assert '  bucket = "logs"    # name\n  acl    = "private" # why\n' in apply_edits(BUCKET.encode(), behind).decode()
    for at in (body.attributes["bucket"].start, heredoc.start):
        assert isinstance(write.insert_comment_behind(piece, at, "# no"), Refusal)


def test_a_file_of_assignments() -> None:
    assert after("a = 1\n", lambda piece, body: write.set_attribute(piece, body, "bcd", 2)) == "a   = 1\nbcd = 2\n"
    assert after("", lambda piece, body: write.set_attribute(piece, body, "bcd", 2)) == "bcd = 2\n"


@pytest.mark.parametrize(
    ("text", "change", "reason"),
    [
        ('r {\n  dynamic "s" {\n    for_each = x\n    content {\n      a = 1\n    }\n  }\n}\n', "content", "dynamic"),
        ('r {\n  dynamic "s" {\n    for_each = x\n    content {\n      a = 1\n    }\n  }\n}\n', "block", "dynamic"),
        ("r { a = 1 }\n", "long", "one line"),
        ("r { /* c */ }\n", "block", "one line"),
        ("r {\n  v = { (a) = 1 }\n}\n", "key", "computed"),
        ("r {\n  v = [<<E\nx\nE\n  ]\n}\n", "element", "heredoc"),
        ("r {\n  v = [ # c\n  ]\n}\n", "none", ""),
    ],
)
def test_refusals(text: str, change: str, reason: str) -> None:
    changes: dict[str, Change] = {
        "content": lambda piece, body: write.set_attribute(piece, body.blocks[0].body.blocks[0].body, "a", 2),
        "block": lambda piece, body: write.insert_block(piece, body, NewBlock("s", [])),
        "long": lambda piece, body: write.set_attribute(piece, body, "a", {"x": 1}),
        "key": lambda piece, body: write.set_key(piece, attribute(body, "v"), "k", 1),
        "element": lambda piece, body: write.append_element(piece, attribute(body, "v"), "k"),
    }
    if change == "none":
        assert after(text, lambda piece, body: write.append_element(piece, attribute(body, "v"), 1)) == "r {\n  v = [ # c\n    1,\n  ]\n}\n"
    else:
        assert reason in refusal(text, changes[change])


def test_a_block_with_a_syntax_error_is_not_written_to() -> None:
    from fsbp_lsp.syntax.hcl import read_hcl
    from fsbp_lsp.text import SourceFile

    piece, top = read_hcl(SourceFile("main.tf", b"r {\n  a = \n  b = 1\n}\n")).items[0]
    assert isinstance(write.set_attribute(piece, top.blocks[0].body, "b", 2), Refusal)
    assert isinstance(write.insert_block_after(piece, top.blocks[0], NewBlock("x", [])), Refusal)


def test_values() -> None:
    assert render(True) == "true"
    assert render(3.0) == "3"
    assert render('a"b\\c\n${x} %{y} $5') == '"a\\"b\\\\c\\n$${x} %%{y} $5"'
    assert render(["a", 1]) == '["a", 1]'
    assert render({"b": 1, "a:c": {"d": None}, "ef": 2}) == '{\n  b = 1\n  "a:c" = {\n    d = null\n  }\n  ef = 2\n}'
    assert render(Placeholder("KMS_KEY_ARN")) == '"KMS_KEY_ARN"'
    assert render(Placeholder("expr: aws_kms_key.main.arn")) == "aws_kms_key.main.arn"
    assert render(jsonencode({"a": [1]}), "  ") == "jsonencode({\n    a = [1]\n  })"
    with pytest.raises(TypeError):
        render(object())


def test_references() -> None:
    from fsbp_lsp.model import Reference

    class Target:
        local = "aws_s3_bucket.logs"
        key: Any = None

    target: Any = Target()
    assert write.reference(Reference(target)).text == "aws_s3_bucket.logs.id"
    assert write.reference(Reference(target, "arn", suffix="/*")).text == '"${aws_s3_bucket.logs.arn}/*"'
    assert write.reference(Reference(target), "[each.key]").text == "aws_s3_bucket.logs[each.key].id"
    target.key = "a"
    assert render(Reference(target)) == 'aws_s3_bucket.logs["a"].id'
    target.key = 0
    assert render(Reference(target)) == "aws_s3_bucket.logs[0].id"


def test_literals() -> None:
    assert literal(parse_expression('{ a = [1, -2.5, true, null], "b" = "x" }')) == {"a": [1, -2.5, True, None], "b": "x"}
    for text in ("var.x", '"${x}"', "[f()]", "-true"):
        with pytest.raises(NotLiteral):
            literal(parse_expression(text))


@pytest.mark.parametrize("source", range(len(SOURCES)))
def test_any_operation_keeps_the_file_sound_and_is_idempotent(source: int) -> None:
    text = SOURCES[source].encode()
    for seed in range(150):
        operation = Operation(seed)
        outcome = operation(text)
        result = applied(text, outcome)
        if result is None or outcome is None or isinstance(outcome, Refusal):
            continue
        pieces(result)
        if b"\r\n" in text:
            assert result.count(b"\n") == result.count(b"\r\n"), operation.name
        assert result.startswith(b"\xef\xbb\xbf") == text.startswith(b"\xef\xbb\xbf")
        kept = bytearray(text)
        for edit in sorted(outcome, key=lambda edit: -edit.at.start):
            del kept[edit.at.start : edit.at.end]
        for line in text.splitlines():
            comment = line.partition(b" # ")[2]
            assert not comment or comment in result or "remove" in operation.name or operation.name == "replace", operation.name
        if operation.name in ("set", "set long", "replace", "key", "element") and not isinstance(operation.want, (list, dict)):
            assert operation(result) == (), (operation.name, seed, result.decode())


@pytest.mark.parametrize("source", range(len(SOURCES)))
def test_several_changes_by_one_writer(source: int) -> None:
    """Changes of one body made together are aligned together, whatever their order."""
    text = SOURCES[source]
    pick = random.Random(source)
    for piece, top in pieces(text):
        for block in top.blocks:
            content: Any = [("one", 1), ("a_much_longer_name", [1]), NewBlock("new", [("x", {"y": 1})])]
            pick.shuffle(content)
            edits = write.add_content(piece, block.body, content)
            assert not isinstance(edits, Refusal)
            got = pieces(apply_edits(text.encode(), edits))
            names = {name for _piece, body in got for one in body.blocks for name in one.body.attributes}
            assert {"one", "a_much_longer_name"} <= names
