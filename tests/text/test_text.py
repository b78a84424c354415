"""Positions against a plain reference, and edits against slicing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbp_lsp.text import Edit, EditConflict, LineIndex, Loc, Piece, SourceFile, apply_edits
from fsbp_lsp.text.lines import ENCODINGS

TEXT = st.text(alphabet=st.sampled_from("a\n\r é𝒳\u2028\f\x85\ufeff🚀"), max_size=40)


def _lines(text: str) -> list[str]:
    """Lines with their endings, by LSP's rule."""
    out, line, at = [], "", 0
    while at < len(text):
        char = text[at]
        line += char
        at += 1
        if char == "\r" and text[at : at + 1] == "\n":
            line += "\n"
            at += 1
        if char in "\r\n":
            out.append(line)
            line = ""
    out.append(line)
    return out


def _width(text: str, encoding: str) -> int:
    return {"utf-8": len(text.encode()), "utf-16": len(text.encode("utf-16-le")) // 2, "utf-32": len(text)}[encoding]


@given(TEXT, st.sampled_from(ENCODINGS))
def test_every_boundary_goes_there_and_back(text: str, encoding: str) -> None:
    index = LineIndex(text.encode())
    offset = 0
    for number, line in enumerate(_lines(text)):
        body = line.rstrip("\r\n")
        assert index.line_text(number) == body
        for cut in range(len(body) + 1):
            at = offset + len(body[:cut].encode())
            column = _width(body[:cut], encoding)
            assert index.position(at, encoding) == (number, column)
            assert index.offset(number, column, encoding) == at
        assert index.offset(number, 10_000, encoding) == offset + len(body.encode())
        offset += len(line.encode())
    assert index.offset(10_000, 0, encoding) == len(text.encode())


@given(st.binary(max_size=30), st.integers(-3, 40), st.integers(-3, 40), st.sampled_from(ENCODINGS))
def test_any_bytes_and_any_place_are_answered(data: bytes, line: int, column: int, encoding: str) -> None:
    index = LineIndex(data)
    assert 0 <= index.offset(line, max(column, 0), encoding) <= len(data)
    assert index.position(line, encoding)[0] >= 0


def _edit(data: bytes, start: int, end: int, text: str) -> Edit:
    return Edit(Loc(Piece(SourceFile("x", data), 0, data), start, end), text)


def test_edits_apply_from_the_back_and_once() -> None:
    data = b"0123456789"
    edits = [_edit(data, 7, 8, "seven"), _edit(data, 2, 3, ""), _edit(data, 2, 3, ""), _edit(data, 5, 5, "!")]
    assert apply_edits(data, edits) == b"0134!56seven89"


def test_overlapping_edits_are_refused() -> None:
    data = b"0123456789"
    with pytest.raises(EditConflict):
        apply_edits(data, [_edit(data, 2, 5, "a"), _edit(data, 4, 6, "b")])
    with pytest.raises(EditConflict):
        apply_edits(b"01", [_edit(data, 2, 5, "a")])


def test_a_location_follows_its_piece() -> None:
    before = SourceFile("x.tf", b"a\nbcd\n")
    piece = Piece(before, 2, b"bcd\n")
    at = Loc(piece, 1, 3)
    assert (at.line, at.column, at.text) == (2, 2, "cd")
    piece.file, piece.base = SourceFile("x.tf", b"a\n\n\nbcd\n"), 4
    assert (at.line, at.start) == (4, 5)


def test_a_finding_underlines_one_line() -> None:
    data = b"policy = <<EOT\n{}\nEOT\n"
    piece = Piece(SourceFile("x.tf", data), 0, data)
    assert Loc(piece, 9, 21).first_line().text == "<<EOT"
    assert Loc(piece, 0, 6).first_line().text == "policy"
