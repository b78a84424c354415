"""The YAML reader against PyYAML, on broken text, and on text made to hurt."""

from __future__ import annotations

import os
import pathlib
import time
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fsbp_lsp.syntax.tree import Mapping, Node, Scalar, Sequence
from fsbp_lsp.syntax.yaml import MAX_DEPTH, read_yaml
from fsbp_lsp.syntax.yaml_scalar import scalar_value

from .yaml_json_trees import UNREAD, check_tree, piece_of, plain, size_of

TEMPLATE = """\
# head
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Name: {Type: String, Default: "app: 1"}   # flow
Resources:
  Logs:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub '${Name}-logs'
      Count: 0123
      Size: 12
      Ratio: 1.50
      Time: 1:30
      On: yes
      None_: ~
      Empty:
      Tags:
      - Key: a#b
        Value: |
          text # not a comment
            more

      - Key: c   # trailing
        Value: !GetAtt Logs.Arn
      Folded: >-
        one
        two
      Plain: several
        lines
  Other:
    Type: AWS::SNS::Topic
"""


def reference(text: str) -> Any:
    """PyYAML's reading with pairs kept, tags on scalars ignored, and what CloudFormation keeps as text kept as text."""

    def build(node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return [(build(key), build(value)) for key, value in node.value]
        if isinstance(node, yaml.SequenceNode):
            return [build(item) for item in node.value]
        if node.tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null"):
            value = loader.construct_object(node)
            text_ = str(node.value)
            digits = text_.lstrip("+-")
            kept = (
                any(mark in text_ for mark in ":_xXb")
                or (len(digits) > 1 and digits[0] == "0" and digits[1] != ".")
                or text_.lower().lstrip("+-") in (".inf", ".nan")
            )
            return text_ if kept and not isinstance(value, bool) and value is not None else value
        return node.value

    loader = yaml.SafeLoader("")
    node = yaml.compose(text, yaml.SafeLoader)
    return None if node is None else build(node)


SAMPLES = [
    TEMPLATE,
    "",
    "# only a comment\n",
    "a",
    "- 1\n- - 2\n  - 3\n-\n- {a: [b, {c: d}], e: }\n",
    "? complex\n: value\n? [a, b]\n: c\n",
    "a: \"x\\n\\u00e9 \\\n   y\"\nb: 'it''s'\n",
    "é: ü # ö\n🚀: {ключ: значение}\nafter: é\n",
    "base: &b {a: 1}\nother: *b\nlist: &l\n  - *b\nagain: *l\n",
    "a: 1\na: 2\n",
    "<<: {a: 1}\nb: 2\n",
    "%YAML 1.1\n---\na: !!str 12\nb: !!int '3'\n...\n",
    "a: [1, -2, +3, 1., .5, 1.5e+3, 1e3, 0x1F, 0b1, 1_000, 012, 0, -0, 1.0, .inf, .nan, 1:30:00]\n",
    "a: [y, n, yes, No, TRUE, off, On, ~, null, Null, nUll]\n",
    "a: |+\n  x\n\n\nb: >2\n    y\n  z\nc: |-\n  q\n",
]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("sample", SAMPLES)
def test_reads_what_pyyaml_reads(sample, bom, newline):
    text = sample.replace("\n", newline)
    piece = piece_of(bom + text)
    document = read_yaml(piece)
    assert not document.errors
    assert plain(document.root) == reference(text)
    check_tree(piece, document)


def test_pure_python_parser_gives_the_same_tree(monkeypatch):
    fast = read_yaml(piece_of(TEMPLATE))
    import sys

    monkeypatch.setitem(sys.modules, "yaml._yaml", None)
    slow = read_yaml(piece_of(TEMPLATE))

    def spans(node: Node | None) -> Any:
        if isinstance(node, Mapping):
            return node.start, node.end, [(spans(key), spans(value)) for key, value in node.pairs]
        if isinstance(node, Sequence):
            return node.start, node.end, [spans(item) for item in node.items]
        assert isinstance(node, Scalar)
        return node.start, node.end, node.value_start, node.value, node.tag, node.style

    assert spans(fast.root) == spans(slow.root)
    assert [c.start for c in fast.comments] == [c.start for c in slow.comments]


def at(document: Any, *path: str | int) -> Any:
    node = document.root
    for step in path:
        node = node.items[step] if isinstance(step, int) else node.get(step)
    return node


def test_spans_tags_and_comments():
    piece = piece_of(TEMPLATE)
    document = read_yaml(piece)

    def text(node: Node) -> str:
        return piece.data[node.start : node.end].decode()

    properties = at(document, "Resources", "Logs", "Properties")
    name = properties.get("BucketName")
    assert (name.tag, name.text, name.style, text(name)) == ("!Sub", "${Name}-logs", "'", "!Sub '${Name}-logs'")
    assert piece.data[name.value_start : name.value_end] == b"'${Name}-logs'"
    assert text(properties.get("Tags").items[0]) == "Key: a#b\n        Value: |\n          text # not a comment\n            more"
    assert text(properties.get("Folded")) == ">-\n        one\n        two"
    assert text(properties) == TEMPLATE[TEMPLATE.index("BucketName") : TEMPLATE.index("\n  Other")]
    assert at(document, "Parameters", "Name").flow
    assert [piece.data[c.start : c.end] for c in document.comments] == [b"# head", b"# flow", b"# trailing"]


def test_comments_stand_beside_scalars_never_inside():
    source = "a: | # header\n  # content\n  x\n# below\nb: 'q # no' # yes\nc: !Sub # between\n  x#y\nd: \"\n  # no\n  \"\n#end"
    piece = piece_of(source)
    found = [piece.data[c.start : c.end].decode() for c in read_yaml(piece).comments]
    assert found == ["# header", "# below", "# yes", "# between", "#end"]


def test_tagged_scalars_are_text_and_typed_ones_are_not():
    document = read_yaml(piece_of("a: !Ref 12\nb: !!int '7'\nc: !!bool yes\nd: !!str yes\ne: !!float 1\nf: ! 5\n"))
    assert [value.value for _, value in document.root.pairs] == ["12", 7, True, "yes", 1.0, "5"]  # type: ignore[union-attr]  # read above
    assert [value.tag for _, value in document.root.pairs] == ["!Ref", "!!int", "!!bool", "!!str", "!!float", "!"]  # type: ignore[union-attr]  # read above


@pytest.mark.parametrize(
    "text", ["2012-10-17", "0123", "012345678901", "1:30", "0x10", "1_000", "1e5", "9" * 60, "1.5e+9999", "-", "+", "."]
)
def test_text_stays_text(text):
    assert scalar_value(text) == text


def test_aliases_share_and_never_copy():
    document = read_yaml(piece_of("a: &x {k: [1, 2]}\nb: *x\n"))
    first, second = at(document, "a"), at(document, "b")
    assert (first.alias, second.alias) == (False, True)
    assert second.pairs is first.pairs
    assert (second.start, second.end) == (23 - 2, 23)


def test_aliases_of_nothing_and_of_themselves_are_not_known():
    document = read_yaml(piece_of("a: &a [*a]\nb: *none\nc: 1\n"))
    assert plain(document.root) == [("a", [UNREAD]), ("b", UNREAD), ("c", 1)]
    assert [error.message for error in document.errors] == ["the anchor &a contains this alias", "no anchor &none before this alias"]


def test_alias_bombs_stay_small():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    document = read_yaml(piece_of("\n".join(lines)))
    assert size_of(document.root) < 200_000
    assert "aliases of aliases stand for too much" in {error.message for error in document.errors}


def test_alias_chains_cannot_nest_without_end():
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 3000)]
    document = read_yaml(piece_of("\n".join(lines)))
    deepest, pending = 0, [(document.root, 1)]
    while pending:
        node, depth = pending.pop()
        deepest = max(deepest, depth)
        if isinstance(node, Mapping):
            pending.extend((value, depth + 1) for _, value in node.pairs)
        elif isinstance(node, Sequence):
            pending.extend((item, depth + 1) for item in node.items)
    assert deepest <= MAX_DEPTH + 1


def test_only_the_first_of_several_documents():
    document = read_yaml(piece_of("a: 1 # one\n---\nb: '\n# two'\n"))
    assert plain(document.root) == [("a", 1)]
    assert [error.message for error in document.errors] == ["more than one document; only the first is read"]
    assert len(document.comments) == 1


RESOURCES = "Resources:\n" + "".join(
    f"  R{n}:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: b{n}\n      Tags:\n        - Key: k\n          Value: v{n}\n"
    for n in range(20)
)
BREAKS = {
    "half a key": "      Versio\n",
    "half a quote": '      Name: "abc\n',
    "half a single quote": "      Name: 'abc\n",
    "open bracket": "      List: [a, b\n",
    "open brace": "      Map: {a: b,\n",
    "two colons": "      Name: a: b\n",
    "tab": "\tName: b\n",
    "percent": "      Name: %x\n",
    "at sign": "      Name: @x\n",
    "backtick": "      `\n",
    "bad dedent": "     Name: x\n",
    "under-indented": " Name: x\n",
    "star": "      Name: *\n",
    "ampersand": "      Name: &\n",
    "dash in mapping": "      - x\n",
    "stray bracket": "      ]\n",
    "open tag": "      Name: !<x\n",
    "bad escape": '      Name: "\\q"\n',
    "colon only": "      :\n",
    "deep and wrong": "      Name: x: y\n        Deep: z\n",
}


@pytest.mark.parametrize("broken", BREAKS.values(), ids=BREAKS.keys())
def test_a_broken_line_costs_no_other_resource(broken):
    mark = "      BucketName: b10\n"
    source = RESOURCES.replace(mark, mark + broken)
    piece = piece_of(source)
    document = read_yaml(piece)
    check_tree(piece, document)
    healthy = dict(plain(read_yaml(piece_of(RESOURCES)).root)[0][1])
    found = dict(plain(document.root)[0][1]) if document.root is not None else {}
    assert document.errors or found != healthy
    for name, body in healthy.items():
        if name != "R10":
            assert found.get(name) == body, name


def test_an_error_keeps_its_place_and_its_hole_is_not_empty():
    source = "a:\n  b: c: d\nnext: 1\n"
    document = read_yaml(piece_of(source))
    (error,) = document.errors
    assert source[: error.start].count("\n") == 1
    assert plain(document.root) == [("a", UNREAD), ("next", 1)]


def test_what_stood_below_a_broken_line_joins_nothing_else():
    source = "A:\n  Type: x\nB: y: z\n  Type: other\n  Secret: 1\nC: 1\n"
    assert plain(read_yaml(piece_of(source)).root) == [("A", [("Type", "x")]), ("C", 1)]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b"a: \xff", "not valid UTF-8"),
        ("a: é".encode("latin-1"), "not valid UTF-8"),
        ("a: b".encode("utf-16"), "not valid UTF-8"),
        (b"a: \x00", "the character U+0000 is not allowed in YAML"),
        ("é: \x07".encode(), "the character U+0007 is not allowed in YAML"),
        (b"[" * 100_000, f"nested more than {MAX_DEPTH} levels deep"),
        (b"- " * 100_000, f"nested more than {MAX_DEPTH} levels deep"),
        (b"{a: " * 100_000, f"nested more than {MAX_DEPTH} levels deep"),
        ("".join(" " * n + "a:\n" for n in range(1500)).encode(), f"nested more than {MAX_DEPTH} levels deep"),
    ],
)
def test_hopeless_text_is_one_error(source, message):
    piece = piece_of(source)
    document = read_yaml(piece)
    check_tree(piece, document)
    assert document.root is None
    assert [error.message for error in document.errors] == [message]


@pytest.mark.parametrize(
    "source",
    [
        b"a: [" + b"x, " * 60_000,
        b"'" + b"a\n" * 100_000,
        b"? " * 200_000,
        b"a: b: c\n" * 30_000,
        b"#" * 1_000_000,
        b"&a " * 60_000,
        b"x" * 1_000_000,
        b"a: |\n" + b" \n" * 100_000,
        b"!" * 200_000 + b" #" * 50_000,
        b"k: 'a\n" * 50_000,
    ],
    ids=range(10),
)
def test_large_hostile_text_ends(source):
    began = time.process_time()
    check_tree(piece_of(source), read_yaml(piece_of(source)))
    assert time.process_time() - began < 15


CHUNKS = st.sampled_from(
    [
        "a",
        ": ",
        ":",
        "- ",
        "\n",
        "\n  ",
        "\n    ",
        "'",
        '"',
        "[",
        "]",
        "{",
        "}",
        ",",
        "#",
        " # c",
        "&x ",
        "*x",
        "!Ref ",
        "|\n",
        ">-\n",
        "\t",
        "\r",
        "é",
        "\ufeff",
        "%",
        "---\n",
        "? ",
        "<<: ",
        "\\",
        "~",
        "0",
        "\x00",
        "\x85",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(CHUNKS, max_size=30).map("".join))
def test_any_text_is_read_within_bounds(text):
    piece = piece_of(text)
    document = read_yaml(piece)
    check_tree(piece, document)
    try:
        healthy = reference(text)
    except yaml.YAMLError:
        return
    if not document.errors and not set("\x85!\ufeff") & set(text):  # where libyaml and PyYAML differ
        assert plain(document.root) == healthy


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.data_too_large])
@given(st.integers(0, len(TEMPLATE) - 1), st.integers(0, 6), st.binary(max_size=4))
def test_any_edit_of_a_template_is_read_within_bounds(start, length, insert):
    data = TEMPLATE.encode()
    piece = piece_of(data[:start] + insert + data[start + length :])
    check_tree(piece, read_yaml(piece))


def test_corpus_agrees_with_pyyaml():
    folder = os.environ.get("FSBP_CORPUS")
    if not folder:
        pytest.skip("set FSBP_CORPUS to a folder of templates to compare the readers on it")
    read = 0
    for path in sorted(pathlib.Path(folder).rglob("*.y*ml")):
        if not path.is_file() or path.stat().st_size > 60_000:
            continue
        data = path.read_bytes()
        piece = piece_of(data)
        document = read_yaml(piece)
        check_tree(piece, document)
        try:
            node = yaml.compose(data.decode("utf-8"), yaml.CSafeLoader)
        except (yaml.YAMLError, UnicodeDecodeError):
            assert document.errors, path
            continue
        assert not document.errors, (path, document.errors[0].message)
        assert shape(node) == shape_of(document.root), path
        read += 1
    assert read


def shape(node: yaml.Node | None) -> Any:
    if isinstance(node, yaml.MappingNode):
        return [(shape(key), shape(value)) for key, value in node.value]
    if isinstance(node, yaml.SequenceNode):
        return [shape(item) for item in node.value]
    return None if node is None else node.value


def shape_of(node: Node | None) -> Any:
    if isinstance(node, Mapping):
        return [(shape_of(key), shape_of(value)) for key, value in node.pairs]
    if isinstance(node, Sequence):
        return [shape_of(item) for item in node.items]
    return node.text if isinstance(node, Scalar) else None
