"""The JSON reader against the standard library's, on broken text, and on text made to hurt."""

from __future__ import annotations

import json
import os
import pathlib
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsbp_lsp.syntax.json import MAX_DEPTH, read_json
from fsbp_lsp.syntax.tree import Mapping, Scalar

from .yaml_json_trees import UNREAD, check_tree, piece_of, plain

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


def pairs(value: Any) -> Any:
    if isinstance(value, dict):
        return [(key, pairs(held)) for key, held in value.items()]
    return [pairs(held) for held in value] if isinstance(value, list) else value


@settings(max_examples=200, deadline=None)
@given(VALUES, st.sampled_from([None, 1, "\t"]), st.booleans(), st.sampled_from(["", "\ufeff"]))
def test_reads_what_the_standard_library_writes(value, indent, ascii_only, bom):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    piece = piece_of(bom + text)
    document = read_json(piece)
    assert not document.errors
    assert plain(document.root) == pairs(value)
    check_tree(piece, document)


def test_duplicate_keys_comments_spans():
    source = '{ // head\n  "a" : 1, /* mid\n */ "a": "x\\n\\ud83d\\ude00", // tail\n  "b": [true, null]\n}'
    piece = piece_of(source)
    document = read_json(piece)
    assert not document.errors
    assert document.json
    assert plain(document.root) == [("a", 1), ("a", "x\n😀"), ("b", [True, None])]
    assert [source[c.start : c.end] for c in document.comments] == ["// head", "/* mid\n */", "// tail"]
    assert isinstance(document.root, Mapping)
    value = document.root.pairs[1][1]
    assert isinstance(value, Scalar)
    assert (source[value.start : value.end], value.style) == ('"x\\n\\ud83d\\ude00"', '"')
    assert document.root.flow


RESOURCES = {f"R{n}": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": f"b{n}", "Tags": [{"Key": "k"}]}} for n in range(20)}
HEALTHY = json.dumps({"Resources": RESOURCES}, indent=2)
LINE = '        "BucketName": "b10",\n'
BREAKS = {
    "half a key": '        "Bucket\n',
    "key alone": '        "Bucket"\n',
    "no value": '        "BucketName": ,\n',
    "no value, no comma": '        "BucketName":\n',
    "half a value": '        "BucketName": "b10,\n',
    "bare word": '        "BucketName": tru,\n',
    "no comma": '        "BucketName": "b10"\n',
    "brace too many": '        "BucketName": "b10" },\n',
    "bracket too many": '        "BucketName": "b10" ],\n',
    "brace open": '        "BucketName": {"b10",\n',
    "bracket open": '        "BucketName": ["b10",\n',
    "nothing quoted": "        BucketName: b10,\n",
    "colon": "        :\n",
    "comma": "        ,\n",
    "backslash": "        \\\n",
}


@pytest.mark.parametrize("broken", BREAKS.values(), ids=BREAKS.keys())
def test_a_broken_line_costs_no_other_resource(broken):
    piece = piece_of(HEALTHY.replace(LINE, broken))
    document = read_json(piece)
    check_tree(piece, document)
    assert document.errors
    assert isinstance(document.root, Mapping)
    found = dict(plain(document.root.get("Resources")))
    for name, body in RESOURCES.items():
        if name != "R10":
            assert found.get(name) == pairs(body), name


@pytest.mark.parametrize("line", [n for n, text in enumerate(HEALTHY.splitlines()) if "}" in text and 150 < n < 165])
def test_a_missing_closing_bracket_costs_no_other_resource(line):
    lines = HEALTHY.splitlines(keepends=True)
    document = read_json(piece_of("".join(lines[:line] + lines[line + 1 :])))
    assert document.errors
    assert isinstance(document.root, Mapping)
    found = dict(plain(document.root.get("Resources")))
    intact = [name for name, body in RESOURCES.items() if found.get(name) == pairs(body)]
    assert len(intact) >= 19


def test_what_is_not_a_value_is_not_known():
    document = read_json(piece_of('{"a": tru, "b": 01, "c": "\\q", "d": , "e": 1e999, "f": "\\ud800", "g": 1}'))
    assert plain(document.root) == [("a", UNREAD), ("b", UNREAD), ("c", UNREAD), ("d", UNREAD), ("e", UNREAD), ("f", UNREAD), ("g", 1)]
    assert len(document.errors) == 6


def test_a_value_behind_a_missing_colon_belongs_to_no_name():
    document = read_json(piece_of('{"Properties" {"Public": true}, "b": 1}'))
    assert isinstance(document.root, Mapping)
    assert document.root.get("Properties") is None
    assert document.errors[0].message == "a key without ':'"


@pytest.mark.parametrize("source", [b"", b"  \n", b"// nothing\n", b"\xef\xbb\xbf"])
def test_empty_text(source):
    document = read_json(piece_of(source))
    assert document.root is None
    assert not document.errors


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b'{"a": "\xff"}', "not valid UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "not valid UTF-8"),
        (b"[" * 100_000, f"nested more than {MAX_DEPTH} levels deep"),
        (b'{"a":' * 100_000, f"nested more than {MAX_DEPTH} levels deep"),
    ],
)
def test_hopeless_text_is_one_error(source, message):
    document = read_json(piece_of(source))
    assert document.root is None
    assert [error.message for error in document.errors] == [message]


@pytest.mark.parametrize("source", [b'{"a": {"b": {\n' + b"}{" * 20_000, b'[{"a": ' + b"x y " * 20_000])
def test_what_is_hardly_json_is_not_read_to_its_end(source):
    document = read_json(piece_of(source))
    assert document.root is None
    assert 0 < len(document.errors) <= 50
    root = read_json(piece_of(b"{\n" + b"a: 1,\n" * 2_000 + b'"b": 2\n}')).root
    assert isinstance(root, Mapping), "keys without quotes are a mistake people make"
    assert plain(root.get("b")) == 2


@pytest.mark.parametrize(
    "source",
    [
        b"/*" * 200_000,
        b'"' * 1_000_000,
        b'"\\' * 200_000,
        b"[1," * 150 + b"1,\n" * 60_000,
        b'{"a":1}}' * 30_000,
        b"\xc3\xa9" * 100_000,
        b'{"a": {' + b'"b": 1, ' * 30_000,
        b"[" + b'"a": ' * 50_000,
        b'{"a": [' + b"}\n" * 60_000,
        b"-1e" * 60_000,
    ],
    ids=range(10),
)
def test_large_hostile_text_ends(source):
    began = time.process_time()
    piece = piece_of(source)
    check_tree(piece, read_json(piece))
    assert time.process_time() - began < 15


CHUNKS = st.sampled_from(
    [
        '"a"',
        '"',
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "1",
        "true",
        "\n",
        "\n  ",
        "\n    ",
        "//",
        "/*",
        "*/",
        "\\",
        "é",
        "\ufeff",
        "'",
        "-",
        "\t",
        "\r",
        "\x00",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(CHUNKS, max_size=30).map("".join))
def test_any_text_is_read_within_bounds(text):
    piece = piece_of(text)
    document = read_json(piece)
    check_tree(piece, document)
    try:
        healthy = json.loads(text, object_pairs_hook=lambda found: found)
    except ValueError:
        # A text of comments and blanks alone is empty to us; everything else that is no JSON has an error.
        assert document.errors or document.root is None or document.comments or "\ufeff" in text or "\t" in text or "\x00" in text
        return
    assert not document.errors
    assert plain(document.root) == healthy


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(HEALTHY) - 1), st.integers(0, 6), st.binary(max_size=4))
def test_any_edit_is_read_within_bounds(start, length, insert):
    data = HEALTHY.encode()
    piece = piece_of(data[:start] + insert + data[start + length :])
    check_tree(piece, read_json(piece))


def test_corpus_agrees_with_the_standard_library():
    folder = os.environ.get("FSBP_CORPUS")
    if not folder:
        pytest.skip("set FSBP_CORPUS to a folder of templates to compare the readers on it")
    read = 0
    for path in sorted(pathlib.Path(folder).rglob("*.json")):
        if not path.is_file() or path.stat().st_size > 200_000:
            continue
        data = path.read_bytes()
        piece = piece_of(data)
        document = read_json(piece)
        check_tree(piece, document)
        try:
            healthy = json.loads(data, object_pairs_hook=lambda found: found)
        except ValueError:
            continue
        assert not document.errors, (path, document.errors[0].message)
        assert plain(document.root) == healthy, path
        read += 1
    assert read
