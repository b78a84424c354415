"""The lens laws, over every attribute of every kind and facet that a dialect can write.

put then get gives the value; putting what is there changes nothing; bytes outside the edits stay;
the result reads without errors.
"""

from __future__ import annotations

from typing import Any

import pytest

from fsbp_lsp.controls import registry
from fsbp_lsp.engine.check import Session
from fsbp_lsp.engine.discover import ModuleKey
from fsbp_lsp.engine.proof import still_reads
from fsbp_lsp.model import EACH, Attr, Companion, Facet, Kind, Module, Nested, Part, Refusal, Resource, Where
from fsbp_lsp.model.lens import registered_kinds
from fsbp_lsp.text import apply_edits
from fsbp_lsp.values import ABSENT, UNKNOWN, YES
from tests.controls.memory import MemoryFiles
from tests.controls.run import TODAY, settings_from_text

registry.load_all()

SOURCES = {
    "terraform": ("main.tf", 'resource "{type}" "x" {{\n  tags = {{ a = "b" }} # keep\n}}\n'),
    "terraform-crlf": ("main.tf", '# é\r\nresource "{type}" "x" {{\r\n\ttags = {{ a = "b" }} # keep\r\n}}\r\n'),
    "cloudformation": ("t.yaml", "Resources:\n  X:\n    Type: {type}\n    Properties:\n      Tags: [] # keep\n"),
    "cloudformation-bare": ("t.yaml", "Resources:\r\n  X:\r\n    Type: {type} # é\r\n"),
    "cloudformation-json": ("t.json", '{{\n  "Resources": {{\n    "X": {{\n      "Type": "{type}"\n    }}\n  }}\n}}\n'),
}


def _cases() -> list[Any]:
    cases = []
    for kind in registered_kinds():
        for shape in SOURCES:
            dialect = shape.partition("-")[0]
            types = kind.tf_types if dialect == "terraform" else kind.cfn_types
            for attr in kind.attributes():
                path = attr.path(dialect)
                if path is None or not types or attr.default(dialect) is None:
                    continue
                cases.append(pytest.param(kind, attr, shape, types[0], id=f"{shape}-{kind.__name__}.{attr.name}"))
    return cases


def _sample(attr: Attr, dialect: str) -> Any:
    default = attr.default(dialect)
    if isinstance(default, bool):
        want: Any = not default
        return ("true" if want else "false") if attr.text and dialect == "cloudformation" else want
    if isinstance(default, int):
        return default + 7
    return "sample"


def _load(name: str, data: bytes) -> Module:
    settings = settings_from_text("")
    key = ModuleKey("terraform", "") if name.endswith(".tf") else ModuleKey("cloudformation", name)
    module = Session(MemoryFiles({name: data}), lambda _path: settings, TODAY).load(key)
    assert module is not None
    assert module.complete, [problem.message for problem in module.problems]
    return module


def _resource(module: Module) -> Resource:
    return module.resources[0]


@pytest.mark.parametrize(("kind", "attr", "shape", "type"), _cases())
def test_attribute(kind: type[Kind], attr: Attr, shape: str, type: str) -> None:
    dialect = shape.partition("-")[0]
    name, text = SOURCES[shape]
    before = text.format(type=type).encode()
    path = attr.path(dialect)
    assert path is not None
    want = _sample(attr, dialect)
    module = _load(name, before)
    edits = module.dialect.put(_resource(module), path, want)
    assert not isinstance(edits, Refusal), edits.reason
    after = apply_edits(before, edits)
    assert still_reads(name, before, after)
    again = _load(name, after)
    value = attr.read(kind(_resource(again)))
    assert value.is_(want) is YES, after.decode()
    second = again.dialect.put(_resource(again), path, want)
    assert not isinstance(second, Refusal), second.reason
    assert apply_edits(after, second) == after
    # Every byte that was there is still there, in order.
    rest = iter(after)
    assert all(byte in rest for byte in before)
    if b"\r\n" in before:
        assert after.count(b"\n") == after.count(b"\r\n")
    other: Any = (not want) if isinstance(want, bool) else want + 1 if isinstance(want, int) else "other"
    changed = again.dialect.put(_resource(again), path, other)
    assert not isinstance(changed, Refusal), changed.reason
    third = _load(name, apply_edits(after, changed))
    assert attr.read(kind(_resource(third))).is_(other) is YES


def test_every_default_is_data() -> None:
    """A default is a scalar or one of the two marks: anything else could not be compared."""
    for kind in registered_kinds():
        for attr in kind.attributes():
            for dialect in ("terraform", "cloudformation"):
                default = attr.default(dialect)
                assert default is ABSENT or default is UNKNOWN or isinstance(default, (bool, int, str)), attr


def test_paths_hold_only_known_steps() -> None:
    for kind in registered_kinds():
        for attr in kind.attributes():
            for path in (attr.tf, attr.cfn):
                for step in path or ():
                    assert isinstance(step, (str, Where)) or step is EACH, attr


def test_facets_have_places() -> None:
    """A part that has no place in either dialect could never be found."""
    for kind in registered_kinds():
        for part in kind.parts():
            assert isinstance(part, Part)
            facet: type[Facet] = part.facet
            places = facet.tf_places + facet.cfn_places
            assert places, facet
            assert all(isinstance(place, (Companion, Nested)) for place in places)
