"""Our reader against python-hcl2: wherever both read a file, names and literal values are the same."""

from __future__ import annotations

import glob
import os
from typing import Any

import hcl2
import pytest
from hcl2.utils import SerializationOptions

from fsbp_lsp.syntax.hcl_tree import Body, Expr, Literal, Object, Tuple, Unary
from tests.syntax.hcl_trees import read
from tests.syntax.test_hcl_fuzz import TEXT

OPTIONS = SerializationOptions(with_comments=False, explicit_blocks=False, strip_string_quotes=True, preserve_scientific_notation=False)
CORPUS = os.environ.get("FSBP_CORPUS", "")
SAMPLES = [
    TEXT,
    'a = 1\nb = -2.5\nc = "x y"\nd = true\ne = null\nf = [1, "a", false]\ng = { a = 1, "b c" = "d" }\n',
    'resource "t" "n" {\n  list = [\n    "a", # one\n    { k = [1] },\n  ]\n  one {\n    x = "1"\n  }\n  one {\n    x = "2"\n  }\n}\n',
    'locals {\n  a = var.x\n  b = "${var.x}-y"\n  c = f(1)\n  d = 1e3\n}\nlocals {\n  z = {}\n  y = []\n}\n',
]


class _Computed:
    """Stands for what is not a literal."""


COMPUTED = _Computed()


def _value(node: Expr) -> Any:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Unary) and node.operator == "-" and isinstance(node.operand, Literal):
        return -node.operand.value
    if isinstance(node, Tuple):
        return [_value(item) for item in node.items]
    if isinstance(node, Object):
        keys = [key.value if isinstance(key, Literal) else COMPUTED for key, _item in node.items]
        return {str(key): _value(item) for key, (_key, item) in zip(keys, node.items, strict=True) if key is not COMPUTED}
    return COMPUTED


def _tree(body: Body, into: dict[str, Any]) -> dict[str, Any]:
    """A body in the shape of python-hcl2: blocks are lists of dicts nested by their labels."""
    for attribute in body.attributes.values():
        into[attribute.name] = _value(attribute.expr)
    for block in body.blocks:
        content: dict[str, Any] = _tree(block.body, {})
        for label in reversed(block.labels):
            content = {label: content}
        into.setdefault(block.type, []).append(content)
    return into


def _differences(ours: Any, theirs: Any, path: str = "") -> list[str]:
    if isinstance(theirs, str) and (theirs.startswith(("<<", "${")) or any(mark in theirs for mark in "$%\\\n")):
        return []
    if ours is COMPUTED:
        return []
    if isinstance(ours, dict) and isinstance(theirs, dict):
        written = {key.strip('"'): value for key, value in theirs.items() if not key.startswith(("${", "("))}
        literal = {key: value for key, value in ours.items() if not any(mark in key for mark in '$%\\"\n')}
        missing = [f"{path}.{key}: only one of the two" for key in sorted(literal.keys() ^ written.keys())]
        missing = [line for line in missing if not any(mark in line for mark in "$%\\")]
        both = [key for key in literal if key in written]
        return missing + [line for key in both for line in _differences(literal[key], written[key], f"{path}.{key}")]
    if isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            return [f"{path}: {len(ours)} and {len(theirs)} elements"]
        pairs = zip(ours, theirs, strict=True)
        return [line for index, (one, other) in enumerate(pairs) for line in _differences(one, other, f"{path}[{index}]")]
    if isinstance(ours, float) or isinstance(theirs, float):
        return [] if float(ours) == float(theirs) else [f"{path}: {ours!r} and {theirs!r}"]
    same = type(ours) is type(theirs) and ours == theirs
    return [] if same else [f"{path}: {ours!r} and {theirs!r}"]


def compare(text: str) -> list[str]:
    """Differences; none when python-hcl2 cannot read the text."""
    file = read(text)
    try:
        theirs = hcl2.loads(text, serialization_options=OPTIONS)
    except Exception:  # its parser and its transformer raise all kinds
        return []
    if not file.complete:
        return [f"only python-hcl2 reads it: {file.errors[0][3]}"]
    ours: dict[str, Any] = {}
    for _piece, body in file.items:
        _tree(body, ours)
    return _differences(ours, theirs)


@pytest.mark.parametrize("text", SAMPLES, ids=range(len(SAMPLES)))
def test_samples(text: str) -> None:
    assert hcl2.loads(text)
    assert compare(text) == []


def test_the_comparison_sees_differences() -> None:
    assert _differences({"a": 1}, {"a": 2})
    assert _differences({"a": 1}, {})
    assert _differences({"a": True}, {"a": 1})
    assert _differences({"a": [1]}, {"a": [1, 2]})


@pytest.mark.skipif(not CORPUS, reason="FSBP_CORPUS names no folder of Terraform files")
def test_corpus() -> None:
    """Every seventh file, so that it takes about a minute; FSBP_CORPUS_ALL=1 takes all."""
    paths = sorted(glob.glob(os.path.join(CORPUS, "**", "*.tf"), recursive=True))
    step = 1 if os.environ.get("FSBP_CORPUS_ALL") else 7
    wrong: list[str] = []
    for path in paths[::step]:
        with open(path, "rb") as handle:
            data = handle.read()
        if len(data) < 40000:
            wrong += [f"{os.path.relpath(path, CORPUS)}{line}" for line in compare(data.decode("utf-8", "replace"))]
    assert wrong == []
