"""The HCL reader: structure, pieces, comments, recovery from broken text."""

from __future__ import annotations

import time

import pytest

from fsbp_lsp.syntax import hcl
from fsbp_lsp.syntax.hcl_structure import Deadline, Reading
from fsbp_lsp.syntax.hcl_tree import Body, Literal, Opaque
from tests.syntax.hcl_trees import check_offsets, file_data, read

SAMPLE = """\
# head
resource "aws_s3_bucket" "logs" {
  bucket = "logs" # name
  tags = {
    a = 1 // inside
  }

  versioning {
    enabled = true
  }
}

/* between */
variable "x" {
  default = <<EOT
resource "not" "code" {
}
EOT
}
locals { a = "b" }
"""


def _addresses(text: str | bytes) -> list[str]:
    return [".".join((block.type, *block.labels)) for _piece, body in read(text).items for block in body.blocks]


def test_blocks_attributes_and_offsets() -> None:
    file = read(SAMPLE)
    assert file.complete
    check_offsets(file)
    assert _addresses(SAMPLE) == ["resource.aws_s3_bucket.logs", "variable.x", "locals"]
    piece, body = file.items[1]
    bucket = body.blocks[0]
    assert piece.data[bucket.start : bucket.header_end] == b'resource "aws_s3_bucket" "logs" {'
    assert piece.data[bucket.end - 1 : bucket.end] == b"}"
    name = bucket.body.attributes["bucket"]
    assert piece.data[name.start : name.name_end] == b"bucket"
    assert piece.data[name.expr_start : name.expr_end] == b'"logs"'
    assert [block.type for block in bucket.body.blocks] == ["versioning"]
    assert not any(part.broken for _piece, part in file.items)


def test_comments_are_found_everywhere_and_nowhere_else() -> None:
    file = read(SAMPLE + 'a = "# no // no /* no"\nb = "${1 /* yes */}"\n')
    texts = [piece.data[comment.start : comment.end].decode() for piece, comment in file.comments]
    assert texts == ["# head", "# name", "// inside", "/* between */", "/* yes */"]


def test_crlf_and_byte_order_mark() -> None:
    data = b"\xef\xbb\xbf" + SAMPLE.replace("\n", "\r\n").encode()
    file = read(data)
    assert file.complete
    check_offsets(file)
    piece, body = file.items[1]
    at = piece.base + body.blocks[0].start
    assert data[at : at + 8] == b"resource"
    assert [piece.data[comment.start : comment.end] for piece, comment in file.comments][:2] == [b"# head", b"# name"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\xef\xbb\xbf",
        b"\0\0\0",
        b"a\0b = 1",
        b"a = 1\rb = 2\r",
        b"\x7fELF\x01\x01",
        b'a = "' + b"x" * 1000,
        b"{" * 20000,
        b"a {\n" * 5000,
        b"a = " + b"[" * 20000,
        b'a = "' + b"${" * 20000,
        b"<<A\n" * 5000,
        b"/*" * 20000,
        b'"\\' * 20000,
        b"}" * 5000,
        b"%{if" * 2000,
        b'"\n' * 100000,
    ],
    ids=range(18),
)
def test_hostile_input_is_quick_and_harmless(data: bytes) -> None:
    began = time.process_time()
    file = read(data)
    check_offsets(file)
    for _piece, body in file.items:
        assert isinstance(body, Body)
    assert time.process_time() - began < 15


def test_invalid_utf8_is_one_error() -> None:
    file = read(b'a = 1\nb = "\xff"\n')
    assert file.items == []
    assert [(start, end, message) for _piece, start, end, message in file.errors] == [(11, 12, "not valid UTF-8")]
    assert not file.complete
    assert read("a = 1\n", file).complete


BREAKS = {
    "half a name": ("  acl", "unexpected `acl`"),
    "no value": ("  acl = ", "missing value after ="),
    "unclosed string": ('  acl = "priv', "unclosed string"),
    "unclosed interpolation": ('  acl = "${var.x', ""),
    "unclosed call": ("  acl = join(", "missing )"),
    "unclosed list": ("  acl = [", "missing ]"),
    "stray brace": ("  }", "unexpected `}`"),
    "stray quote": ('  "', "unclosed string"),
    "operator": ("  acl = a && ", ""),
    "half a header": ('  versioning "', "unclosed string"),
    "equals": ("  =", ""),
    "heredoc": ("  acl = <<EOT", ""),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_line_leaves_every_other_block_alone(name: str) -> None:
    line, message = BREAKS[name]
    block = 'resource "t" "n{}" {{\n  one = 1\n{}\n  two = 2\n\n  nested {{\n    three = 3\n  }}\n}}\n\n'
    text = "".join(block.format(number, line if number == 5 else "  ok = true") for number in range(10))
    file = read(text)
    check_offsets(file)
    assert not file.complete
    blocks = {block.labels[1]: block for _piece, body in file.items for block in body.blocks if len(block.labels) == 2}
    for number in range(10):
        if number != 5:
            whole = blocks[f"n{number}"]
            assert not whole.body.broken
            assert list(whole.body.attributes) == ["one", "ok", "two"]
            assert [nested.type for nested in whole.body.blocks] == ["nested"]
    if "n5" in blocks:
        assert blocks["n5"].body.broken
        assert "one" in blocks["n5"].body.attributes
    if message:
        assert any(message in error[3] for error in file.errors), file.errors
    assert any(text[: piece.base + start].count("\n") // 10 == 5 for piece, start, _end, _message in file.errors), file.errors


def test_a_half_typed_value_is_never_believed() -> None:
    file = read("a {\n  x = true &&\n  y = 1\n}\n")
    attribute = file.items[0][1].blocks[0].body.attributes.get("x")
    assert attribute is None or isinstance(attribute.expr, Opaque)
    assert file.items[0][1].blocks[0].body.broken


def test_a_word_on_the_line_above_is_not_part_of_a_header() -> None:
    file = read("a {\n  encr\n  versioning {\n    enabled = true\n  }\n}\n")
    body = file.items[0][1].blocks[0].body
    assert body.broken
    assert [(block.type, block.labels) for block in body.blocks] == [("versioning", ())]
    assert not body.blocks[0].body.broken


def test_two_open_quotes_do_not_swallow_what_is_between() -> None:
    file = read('a {\n  x = "one\n  y = true\n  z = "two\n}\n')
    assert not file.complete
    assert file.items[0][1].blocks[0].body.broken


def test_odd_quotes_far_apart_do_not_join_blocks() -> None:
    text = 'a "x" {\n  p = "\n}\nb "x" {\n}\nc "x" {\n  q = "\n}\n'
    assert "b.x" in _addresses(text)
    assert not read(text).complete


def test_cuts_inside_blocks_comments_and_heredocs_are_undone() -> None:
    text = """\
resource "a" "b" {
lifecycle {
}
}
x "y" {
  h = <<E
module "in" "heredoc" {
}
E
}
/*
resource "commented" "out" {
}
*/
z {
}
"""
    file = read(text)
    assert file.complete
    assert _addresses(text) == ["resource.a.b", "x.y", "z"]
    again = read(text.replace("lifecycle", "lifecycl"), file)
    assert again.complete


def test_missing_brace_is_reported_at_the_block_that_lacks_it() -> None:
    file = read('a {\n  x = 1\n}\nresource "b" "c" {\n  y = 1\n\nresource "d" "e" {\n}\n')
    (error,) = file.errors
    piece, start, _end, message = error
    assert message == "missing }"
    assert piece.base + start == 31


def test_duplicates_keep_the_first() -> None:
    node = read("a = 1\na = 2\n").items[0][1].attributes["a"].expr
    assert isinstance(node, Literal)
    assert node.value == 1


def test_pieces_of_unchanged_text_are_kept_and_moved() -> None:
    first = read(SAMPLE)
    pieces = [piece for piece, _body in first.items]
    text = SAMPLE.replace("enabled = true", "enabled = false", 1)
    second = read("# new\n" + text, first)
    now = [piece for piece, _body in second.items]
    assert [piece.serial for piece in now[2:]] == [piece.serial for piece in pieces[2:]]
    assert now[1].serial != pieces[1].serial
    assert pieces[2].file is second.file
    assert pieces[2].base == second.file.data.index(b"variable")
    assert file_data(second) == file_data(read("# new\n" + text))


def test_equal_blocks_are_different_pieces() -> None:
    text = "a {\n}\n" * 5
    first = read(text)
    second = read(text + "a {\n}\n", first)
    assert len({id(piece) for piece, _body in second.items}) == 6
    check_offsets(second)


def test_only_the_changed_chunk_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f'resource "t" "n{number}" {{\n  a = {number}\n}}\n\n' for number in range(300))
    file = read(text)
    sizes: list[int] = []
    real = Reading

    def counting(text: bytes, shown: bytes, deadline: Deadline, blanked: tuple[int, int] | None = None) -> Reading:
        sizes.append(len(text))
        return real(text, shown, deadline, blanked)

    monkeypatch.setattr(hcl, "Reading", counting)
    for edit in ("  a = 150", "  a = ", '  a = "', "  a = [1,", "  a = 151"):
        file = read(text.replace("  a = 150", edit), file)
    assert sum(sizes) < 2000, sizes
