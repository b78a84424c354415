"""The text model against an independent one, in the three encodings, and what it refuses."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbp_lsp.server.documents import Documents, Inconsistent, apply_change, to_bytes
from fsbp_lsp.text import LineIndex

ENCODINGS = ("utf-8", "utf-16", "utf-32")
ALPHABET = ["a", "b", " ", "\n", "\r", "\r\n", "é", "€", "😀", "e\u0301", "\u2028", "\x0c", "\x85", "\ufeff", "\t", "𝔸"]


def width(text: str, encoding: str) -> int:
    return len(text.encode(f"{encoding}-le" if encoding != "utf-8" else encoding)) // {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]


def reference_index(text: str, line: int, column: int, encoding: str) -> int:
    """The character index of a position, computed on the whole text with nothing but the specification at hand."""
    starts = [0] + [found.end() for found in re.finditer(r"\r\n|\r|\n", text)]
    if line >= len(starts):
        return len(text)
    end = starts[line]
    while end < len(text) and text[end] not in "\r\n":
        end += 1
    at = starts[line]
    while at < end and width(text[starts[line] : at + 1], encoding) <= column:
        at += 1
    return at


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("seed", range(25))
def test_random_edits_agree_with_the_reference(encoding: str, seed: int) -> None:
    chance = random.Random(f"{encoding}{seed}")
    text = "".join(chance.choice(ALPHABET) for _ in range(60))
    documents = Documents(encoding)
    document = documents.open("file:///x/main.tf", "terraform", 0, text)
    for version in range(1, 41):
        lines = len(re.findall(r"\r\n|\r|\n", text)) + 1
        changes = []
        for _ in range(chance.randint(1, 3)):
            lines = len(re.findall(r"\r\n|\r|\n", text)) + 1
            one = (chance.randint(0, lines), chance.randint(0, 15))
            other = (min(lines, one[0] + chance.randint(0, 2)), chance.randint(0, 15))
            first, last = sorted((one, other))
            new = "".join(chance.choice(ALPHABET) for _ in range(chance.randint(0, 6)))
            start, end = reference_index(text, *first, encoding), reference_index(text, *last, encoding)
            text = text[:start] + new + text[max(start, end) :]
            changes.append(((first, last), new))
        assert documents.change("file:///x/main.tf", version, changes) is document
        assert not document.lost
        assert document.data.decode("utf-8") == text
        assert documents.overlay["/x/main.tf"] == document.data


@given(st.text(max_size=80), st.integers(0, 90), st.sampled_from(ENCODINGS))
def test_position_of_an_offset_leads_back(text: str, at: int, encoding: str) -> None:
    data = to_bytes(text)
    offset = min(at, len(data))
    while offset < len(data) and data[offset] & 0xC0 == 0x80:
        offset -= 1
    lines = LineIndex(data)
    line, column = lines.position(offset, encoding)
    # Between \r and \n there is no position of its own: it is the end of the line.
    back = lines.offset(line, column, encoding)
    assert back == offset or (data[offset - 1 : offset + 1] == b"\r\n" and back == offset - 1)


@given(st.text(alphabet=st.characters(), max_size=20))
def test_any_text_becomes_utf_8(text: str) -> None:
    to_bytes(text).decode("utf-8")


def test_a_lone_surrogate_keeps_its_width() -> None:
    lines = LineIndex(to_bytes("a\ud83db"))
    assert lines.position(len(lines.data), "utf-16") == (0, 3)


@pytest.mark.parametrize("separator", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_only_three_line_endings_exist(separator: str) -> None:
    documents = Documents("utf-16")
    document = documents.open("file:///a.tf", "terraform", 1, f"one{separator}two\nthree")
    documents.change("file:///a.tf", 2, [(((1, 0), (1, 5)), "3")])
    assert document.data.decode() == f"one{separator}two\n3"


def test_insert_behind_an_unterminated_last_line() -> None:
    documents = Documents("utf-16")
    document = documents.open("file:///a.tf", "terraform", 1, "ab")
    documents.change("file:///a.tf", 2, [(((0, 99), (0, 99)), "c")])
    documents.change("file:///a.tf", 3, [(((1, 0), (1, 0)), "d")])
    assert document.data == b"abcd"


def test_versions_must_grow(caplog: pytest.LogCaptureFixture) -> None:
    documents = Documents()
    document = documents.open("file:///a.tf", "terraform", 5, "a")
    for version in (5, 4):
        assert documents.change("file:///a.tf", version, [(None, "b")]) is None
    assert document.data == b"a"
    assert "does not follow 5" in caplog.text
    assert documents.change("file:///a.tf", 9, [(None, "b")]) is document


def test_an_impossible_range_loses_the_text_until_a_full_one_comes() -> None:
    documents = Documents()
    document = documents.open("file:///a.tf", "terraform", 1, "a\nb\n")
    documents.change("file:///a.tf", 2, [(((7, 0), (8, 0)), "x")])
    assert document.lost
    assert "/a.tf" not in documents.overlay
    documents.change("file:///a.tf", 3, [(((0, 0), (0, 0)), "x")])
    assert document.lost
    again = documents.change("file:///a.tf", 4, [(None, "new"), (((0, 0), (0, 0)), "x")])
    assert again is not None
    assert not again.lost
    assert documents.overlay["/a.tf"] == b"xnew"


@pytest.mark.parametrize("span", [((0, 2), (0, 1)), ((1, 0), (0, 0)), ((-1, 0), (0, 0)), ((0, 0), (4, 0))])
def test_impossible_ranges(span: tuple[tuple[int, int], tuple[int, int]]) -> None:
    with pytest.raises(Inconsistent):
        apply_change(LineIndex(b"abc\nd"), (span, ""), "utf-16")


def test_uris_are_compared_normalised_and_kept_as_written() -> None:
    documents = Documents()
    document = documents.open("file:///tmp/a%2Etf", "terraform", 1, "")
    assert documents.get("file:///tmp/a.tf") is document
    assert document.uri == "file:///tmp/a%2Etf"
    assert documents.close("file:///tmp/a.tf") is document
    assert documents.overlay == {}
    assert documents.get("file:///tmp/a%2Etf") is None


def test_untitled_documents_stand_alone() -> None:
    documents = Documents()
    one = documents.open("untitled:Untitled-1", "terraform", 1, "")
    two = documents.open("untitled:Untitled-2", "terraform", 1, "")
    assert one.path.endswith(".tf")
    assert one.path.rsplit("/", 1)[0] != two.path.rsplit("/", 1)[0]
    assert documents.get("untitled:Untitled-1") is one
