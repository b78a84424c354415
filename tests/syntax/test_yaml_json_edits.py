"""Edits of YAML and JSON: the text parses again, holds the change and nothing else, and keeps its comments."""

from __future__ import annotations

import copy
import json
import os
import pathlib
import random
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from fsbp_lsp.syntax import json_edit, yaml_edit
from fsbp_lsp.syntax.canvas import Canvas
from fsbp_lsp.syntax.json import read_json
from fsbp_lsp.syntax.tree import Document, Mapping, Node, Scalar, Sequence
from fsbp_lsp.syntax.yaml import read_yaml
from fsbp_lsp.syntax.yaml_edit import Tagged
from fsbp_lsp.syntax.yaml_text import YamlStyle, flow, is_plain, quoted
from fsbp_lsp.text import Edit, Piece, Refusal, apply_edits

from .yaml_json_trees import check_tree, piece_of

YAML_SOURCES = {
    "plain": """\
# head
Resources:
  B:
    Type: AWS::S3::Bucket   # the bucket
    # about properties
    Properties:
      Name: x # name
      Tags:
        - Key: a
          Value: b
        # about c
        - Key: c   # cc
          Value: !Ref Q
      Enc: {}   # empty
      List: []
      Null:
      NullNote: # to do
      Flow: {a: 1, b: [x, y]}
      Multi: {
        a: 1, # one
        b: 2  # two
      }
      Doc: |
        text
          more # not a comment

      Folded: >-
        one
        two
      Long: several
        lines # end
      Quoted: 'it''s'
      Fn: !If [C, a, b]
      Fn2: !If
        - C
        - a: 1
          b: 2
        - !Ref AWS::NoValue

  # other
  C:
    Type: y
    Actions: ["*"]
""",
    "zero indent lists": "A:\n- x\n- y # why\n-\n- k: 1\n  l:\n  - m\n- - 1\n  - 2\n-   wide: 1\n    too: 2\nB: 'q'\n",
    "four": "A:\n    B:\n        C: 1\n        D:\n            - e\n            - f: g\n",
    "no newline at the end": "a: 1\nb:\n  c: |\n    x\n  d: 2",
    "json-like": '{"a": {"b": [1, 2, {"c": null}]}, "d": "e"}\n',
    "json-like, spread": '{\n  "a": {\n    "b": [\n      1,\n      {"c": null}\n    ]\n  },\n  "d": "e"\n}\n',
    "wide characters": "é:\n  ü: 🚀 # ö\n  ß: [ä, é]\n",
    "byte order mark": "\ufeffa: 1\nb:\n  c: [1]\n",
    "one pair, byte order mark": "\ufeffa: 1",
    "last is kept text": "a:\n  b: |+\n    x\n\nc: 1\n",
}

JSON_SOURCES = {
    "two": json.dumps(
        {"R": {"B": {"T": "x", "P": {"A": "1", "E": {}, "L": [], "M": [{"K": "a"}, {"K": "b"}], "N": None}}}, "Z": [1, [2, 3]]}, indent=2
    ),
    "four": json.dumps({"R": {"B": {"T": "x", "L": ["a", "b"]}}}, indent=4) + "\n",
    "tabs": json.dumps({"R": {"B": {"T": "x", "L": ["a", "b"]}}}, indent="\t") + "\n",
    "byte order mark": "\ufeff" + json.dumps({"a": 1, "b": {"c": [1]}}, indent=2),
    "one line": '{"a": {"b": [1, 2, {"c": null}]}, "d": "e"}',
    "mixed": '{\n  "a" : {"b": 1, "c": [1, 2]},\n  "d" : [\n    {"e": 1},\n    {\n      "f": "é"\n    }\n  ]\n}\n',
    "comments": '{\n  // head\n  "a": 1, // one\n  "b": { /* none */ "x": 1 },\n  "c": [\n    1, // first\n    2 // second\n  ]\n}\n',
}

WANTED: list[Any] = [
    True,
    7,
    1.5,
    "text",
    "true",
    "2012-10-17",
    "*",
    "a: b # c",
    "",
    "line\nline",
    "é'\"\\",
    "arn:aws:s3:::x/*",
    None,
    [],
    {},
    ["a", "no", "1"],
    {"K": "v", "on": {"x": [1, {"y": "z, [w]"}]}},
    [{"Key": "k", "Value": "0123"}, {"Key": "l"}],
]
TAGGED: list[Any] = [Tagged("!Ref", "X"), Tagged("!Sub", "${X.Arn}/*"), {"A": Tagged("!GetAtt", "X.Arn"), "L": [Tagged("!Ref", "Y")]}]


def model(value: Any) -> Any:
    """A node or a wanted value as ('scalar', tag, value), ('map', tag, pairs) or ('list', tag, items)."""
    if isinstance(value, Scalar):
        return ["scalar", value.tag, value.value]
    if isinstance(value, Mapping):
        return ["map", value.tag, [[model(key), model(held)] for key, held in value.pairs]]
    if isinstance(value, Sequence):
        return ["list", value.tag, [model(item) for item in value.items]]
    assert not isinstance(value, Node)
    if isinstance(value, Tagged):
        return ["scalar", value.tag, value.value]
    if isinstance(value, dict):
        return ["map", "", [[["scalar", "", key], model(held)] for key, held in value.items()]]
    if isinstance(value, list):
        return ["list", "", [model(item) for item in value]]
    return ["scalar", "", value]


def nodes(root: Node | None) -> list[tuple[tuple[int, ...], Node]]:
    """Every value node with the way to it: pair or item numbers."""
    out: list[tuple[tuple[int, ...], Node]] = []
    pending: list[tuple[tuple[int, ...], Node]] = [((), root)] if root is not None else []
    while pending:
        way, node = pending.pop()
        out.append((way, node))
        if node.alias:
            continue
        if isinstance(node, Mapping):
            pending.extend(((*way, number), value) for number, (_, value) in enumerate(node.pairs))
        elif isinstance(node, Sequence):
            pending.extend(((*way, number), item) for number, item in enumerate(node.items))
    return sorted(out, key=lambda entry: entry[0])


def spot(tree: Any, way: tuple[int, ...]) -> Any:
    for number in way:
        tree = tree[2][number][1] if tree[0] == "map" else tree[2][number]
    return tree


class Case:
    """A source read, with the editors of its notation."""

    def __init__(self, source: str, is_json: bool) -> None:
        self.piece = piece_of(source)
        self.read = read_json if is_json else read_yaml
        self.edit: Any = json_edit if is_json else yaml_edit
        self.document = self.read(self.piece)
        assert not self.document.errors
        self.before = model(self.document.root)

    def after(self, edits: list[Edit], same_end: bool = True) -> tuple[Piece, Document]:
        piece = piece_of(apply_edits(self.piece.data, edits))
        document = self.read(piece)
        assert not document.errors, (piece.data.decode(), document.errors[0].message)
        check_tree(piece, document)
        if self.read is read_yaml:
            yaml.compose(piece.data, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        elif not document.comments:
            json.loads(piece.data.decode("utf-8-sig"))
        if b"\r\n" in self.piece.data:
            assert piece.data.count(b"\r\n") == piece.data.count(b"\n")
        assert not same_end or piece.data.endswith((b"\n", b"\r")) == self.piece.data.endswith((b"\n", b"\r"))
        return piece, document

    def comments(self, start: int = -1, end: int = -1) -> list[bytes]:
        """Comments outside a span."""
        return [self.piece.data[c.start : c.end] for c in self.document.comments if not start <= c.start < end]


def texts(piece: Piece, document: Document) -> list[bytes]:
    return [piece.data[c.start : c.end] for c in document.comments]


def keeps(old: list[bytes], new: list[bytes]) -> bool:
    found = iter(new)
    return all(comment in found for comment in old)


CASES = [
    pytest.param(source.replace("\n", newline), False, id=f"yaml, {name}{', CRLF' if newline != chr(10) else ''}")
    for name, source in YAML_SOURCES.items()
    for newline in ("\n", "\r\n")
] + [
    pytest.param(source.replace("\n", newline), True, id=f"json, {name}{', CRLF' if newline != chr(10) else ''}")
    for name, source in JSON_SOURCES.items()
    for newline in ("\n", "\r\n")
]


def wanted(is_json: bool, source: str = "") -> list[Any]:
    everything = WANTED if is_json else WANTED + TAGGED
    return [True, *everything[-4:]] if "\r" in source else everything


@pytest.mark.parametrize(("source", "is_json"), CASES)
def test_set_value(source, is_json):
    case = Case(source, is_json)
    refused = 0
    for number, (way, node) in enumerate(nodes(case.document.root)):
        if not way:
            continue
        for want in wanted(is_json, source)[number % 2 :: 2]:
            edits = case.edit.set_value(case.piece, case.document, node, want)
            if isinstance(edits, Refusal):
                refused += 1
                continue
            expected = copy.deepcopy(case.before)
            spot(expected, way)[:] = model(want)
            piece, document = case.after(edits)
            assert model(document.root) == expected, piece.data.decode()
            assert keeps(case.comments(node.start, node.end), texts(piece, document)), piece.data.decode()
            again = case.edit.set_value(piece, document, dict(nodes(document.root))[way], want)
            assert not isinstance(again, Refusal)
            assert apply_edits(piece.data, again) == piece.data, piece.data.decode()
    assert refused == 0


@pytest.mark.parametrize(("source", "is_json"), CASES)
def test_insert_pair_and_remove_it_again(source, is_json):
    case = Case(source, is_json)
    for turn, (way, node) in enumerate(nodes(case.document.root)):
        if not isinstance(node, Mapping):
            continue
        for after in (None, *(key for key, _ in node.pairs)):
            for want in wanted(is_json, source)[turn % 2 :: 2] if after is None else WANTED[-1:]:
                edits = case.edit.insert_pair(case.piece, case.document, node, "New", want, after)
                assert not isinstance(edits, Refusal), edits
                expected = copy.deepcopy(case.before)
                pairs = spot(expected, way)[2]
                number = len(pairs) if after is None else [key for key, _ in node.pairs].index(after) + 1
                pairs.insert(number, [["scalar", "", "New"], model(want)])
                piece, document = case.after(edits)
                assert model(document.root) == expected, piece.data.decode()
                assert keeps(case.comments(), texts(piece, document)), piece.data.decode()
                made = dict(nodes(document.root))[way]
                assert isinstance(made, Mapping)
                back = case.edit.remove_pair(piece, document, made, made.pairs[number][0])
                assert not isinstance(back, Refusal)
                restored = piece_of(apply_edits(piece.data, back))
                again = case.read(restored)
                assert not again.errors, restored.data.decode()
                assert model(again.root) == case.before, restored.data.decode()
                assert keeps(case.comments(), texts(restored, again)), restored.data.decode()


@pytest.mark.parametrize(("source", "is_json"), CASES)
def test_append_item_and_remove_it_again(source, is_json):
    case = Case(source, is_json)
    for way, node in nodes(case.document.root):
        if not isinstance(node, Sequence):
            continue
        for want in wanted(is_json, source):
            edits = case.edit.append_item(case.piece, case.document, node, want)
            assert not isinstance(edits, Refusal), edits
            expected = copy.deepcopy(case.before)
            spot(expected, way)[2].append(model(want))
            piece, document = case.after(edits)
            assert model(document.root) == expected, piece.data.decode()
            assert keeps(case.comments(), texts(piece, document)), piece.data.decode()
            made = dict(nodes(document.root))[way]
            assert isinstance(made, Sequence)
            back = case.edit.remove_item(piece, document, made, len(made.items) - 1)
            assert not isinstance(back, Refusal)
            restored = piece_of(apply_edits(piece.data, back))
            assert model(case.read(restored).root) == case.before, restored.data.decode()


@pytest.mark.parametrize(("source", "is_json"), CASES)
def test_remove(source, is_json):
    case = Case(source, is_json)
    refusals = []
    for way, node in nodes(case.document.root):
        children = node.pairs if isinstance(node, Mapping) else node.items if isinstance(node, Sequence) else []
        for number, child in enumerate(children):
            if isinstance(node, Mapping):
                assert isinstance(child, tuple)
                edits = case.edit.remove_pair(case.piece, case.document, node, child[0])
                start, end = child[0].start, child[1].end
            else:
                assert isinstance(child, Node)
                edits = case.edit.remove_item(case.piece, case.document, node, number)
                start, end = child.start, child.end
            if isinstance(edits, Refusal):
                refusals.append(edits.reason)
                continue
            expected = copy.deepcopy(case.before)
            del spot(expected, way)[2][number]
            # A block scalar that becomes the last thing keeps its own line ending.
            piece, document = case.after(edits, same_end=not (b"|" in case.piece.data and end == len(case.piece.data)))
            assert model(document.root) == expected, piece.data.decode()
            own = Canvas(case.piece, case.document).tail(end)[0]
            kept = case.comments(start, own)
            lost = len(kept) - sum(1 for text in kept if text in texts(piece, document))
            assert lost <= (1 if isinstance(node, (Mapping, Sequence)) and node.flow else 0), piece.data.decode()
    assert set(refusals) <= {"a comment stands between this and the next line"}


def test_the_shape_of_yaml_edits():
    def put(source: str, key: str, value: Any) -> str:
        piece = piece_of(source)
        document = read_yaml(piece)
        assert isinstance(document.root, Mapping)
        held = document.root.get(key)
        made = (
            yaml_edit.insert_pair(piece, document, document.root, key, value)
            if held is None
            else yaml_edit.set_value(piece, document, held, value)
        )
        assert isinstance(made, list)
        return apply_edits(piece.data, made).decode()

    assert put("a:\n  - x\nb: 1\n", "c", ["z"]) == "a:\n  - x\nb: 1\nc:\n  - z\n"
    assert put("a:\n- x\nb: 1\n", "c", ["z"]) == "a:\n- x\nb: 1\nc:\n- z\n"
    assert put("a:\n    b: 1\n", "c", {"d": {"e": True}}) == "a:\n    b: 1\nc:\n    d:\n        e: true\n"
    assert put("a: 'x'\n", "c", "no") == "a: 'x'\nc: 'no'\n"
    assert put("a: 'x' # why\n", "a", "y") == "a: 'y' # why\n"
    assert put("a: {}  # why\n", "a", {"b": 1}) == "a:  # why\n  b: 1\n"
    assert put("a: # why\n  b: 1 # too\n", "a", False) == "a: false # why # too\n"
    assert put("a: | # head\n  text\nb: 1\n", "a", "x") == "a: x\nb: 1\n"
    assert put("a: 1", "b", 2) == "a: 1\nb: 2"


def test_wished_quotes_and_plain_text():
    for text in (
        "true",
        "No",
        "~",
        "12",
        "0123",
        "1:30",
        "2012-10-17",
        "1e3",
        ".5",
        "*",
        "!x",
        "a: b",
        "a #b",
        "- a",
        " a",
        "a ",
        "",
        "y",
        "<<",
        "=",
        "0x1",
        "@a",
        "a:",
    ):
        assert not is_plain(text), text
    for text in ("text", "a b", "arn:aws:s3:::x/*", "s3:*", "a#b", "AWS::S3::Bucket", "12 apples", "éa", "a,b", "/x/"):
        assert is_plain(text), text
    assert not is_plain("a,b", flow=True)
    assert quoted("it's", "'") == "'it''s'"
    assert quoted("a\nb", "'") == '"a\\nb"'


@example("\x1f", "'", False)
@given(st.text(), st.sampled_from(["'", '"']), st.booleans())
def test_any_text_survives(text, quote, inside):
    written = flow(text, YamlStyle(quote=quote), inside)
    source = f"[{written}]" if inside else f"k: {written}\n"
    assert (yaml.safe_load(source)[0] if inside else yaml.safe_load(source)["k"]) == text
    document = read_yaml(piece_of(source))
    assert not document.errors
    assert json.loads(json_edit.json_string(text)) == text


@pytest.mark.parametrize(
    ("source", "way", "reason"),
    [
        ("a: &x\n  b: 1\nc: *x\n", (0,), "inside the anchor &x"),
        ("a: &x\n  b:\n    q: 1\nc: *x\n", (0, 0), "inside the anchor &x"),
        ("a: &x {b: 1}\nc: *x\n", (1,), "written through the alias *x"),
        ("d: &x {b: 1}\na:\n  <<: *x\n  c: 1\n", (1,), "beside a merge key"),
    ],
)
def test_what_is_shared_is_not_touched(source, way, reason):
    piece = piece_of(source)
    document = read_yaml(piece)
    node = dict(nodes(document.root))[way]
    assert isinstance(node, Mapping)
    made = yaml_edit.insert_pair(piece, document, node, "new", 1)
    assert isinstance(made, Refusal)
    assert made.reason.startswith(reason)


def test_an_anchor_in_use_is_not_removed_but_an_alias_may_be_replaced():
    piece = piece_of("a: &x 1\nb: *x\nc: &y 2\n")
    document = read_yaml(piece)
    assert isinstance(document.root, Mapping)
    (first, one), (_, alias), (_, unused) = document.root.pairs
    assert isinstance(yaml_edit.set_value(piece, document, one, 2), Refusal)
    assert isinstance(yaml_edit.remove_pair(piece, document, document.root, first), Refusal)
    made = yaml_edit.set_value(piece, document, alias, 2)
    assert isinstance(made, list)
    assert apply_edits(piece.data, made) == b"a: &x 1\nb: 2\nc: &y 2\n"
    made = yaml_edit.set_value(piece, document, unused, 3)
    assert isinstance(made, list)
    assert apply_edits(piece.data, made) == b"a: &x 1\nb: *x\nc: 3\n"


def test_comments_above_and_behind():
    piece = piece_of("a:\r\n  b: 1\r\n  c: 'x\r\n\r\n    y'\r\n  d: 2 # z\r\n")
    document = read_yaml(piece)
    (_, _), (_, b), (_, c), (_, d) = sorted(nodes(document.root), key=lambda entry: entry[1].start)[-4:]
    above = yaml_edit.insert_comment(piece, document, b, "note")
    behind = yaml_edit.append_comment(piece, document, b, "note")
    assert isinstance(above, list)
    assert isinstance(behind, list)
    assert apply_edits(piece.data, above).startswith(b"a:\r\n  # note\r\n  b: 1\r\n")
    assert apply_edits(piece.data, behind).startswith(b"a:\r\n  b: 1 # note\r\n")
    assert isinstance(yaml_edit.append_comment(piece, document, c, "note"), Refusal)
    assert isinstance(yaml_edit.append_comment(piece, document, d, "note"), Refusal)


def test_edits_of_the_corpus():
    folder = os.environ.get("FSBP_CORPUS")
    if not folder:
        pytest.skip("set FSBP_CORPUS to a folder of templates to try edits on it")
    pick = random.Random(7)
    tried = refused = 0
    paths = [path for path in sorted(pathlib.Path(folder).rglob("*")) if path.suffix in (".yaml", ".yml", ".json") and path.is_file()]
    for path in paths:
        data = path.read_bytes()
        is_json = path.suffix == ".json"
        if len(data) > 40_000 or (read_json if is_json else read_yaml)(piece_of(data)).errors:
            continue
        case = Case(data.decode("utf-8"), is_json)
        found = [(way, node) for way, node in nodes(case.document.root) if way]
        for way, node in pick.sample(found, min(2, len(found))):
            tried += 1
            want = pick.choice(wanted(is_json))
            expected = copy.deepcopy(case.before)
            if isinstance(node, Mapping):
                edits = case.edit.insert_pair(case.piece, case.document, node, "New", want)
                spot(expected, way)[2].append([["scalar", "", "New"], model(want)])
            elif isinstance(node, Sequence):
                edits = case.edit.append_item(case.piece, case.document, node, want)
                spot(expected, way)[2].append(model(want))
            else:
                edits = case.edit.set_value(case.piece, case.document, node, want)
                spot(expected, way)[:] = model(want)
            if isinstance(edits, Refusal):
                refused += 1
                continue
            piece, document = case.after(edits)
            assert model(document.root) == expected, (path, way)
            assert keeps(case.comments(node.start, node.end), texts(piece, document)), (path, way)
    assert tried
    assert refused < tried / 20
