"""Completion and hover in configuration files. `|` marks the cursor."""

from __future__ import annotations

import tomllib

import pytest

from fsbp_lsp.config.keys import ASSUMPTIONS, KEYS
from fsbp_lsp.ide import configure
from fsbp_lsp.text import LineIndex


def proposed(text: str, path: str = "fsbp.toml") -> list[str]:
    offset = text.index("|")
    data = text.replace("|", "", 1).encode()
    return [item.label for item in configure.complete(path, LineIndex(data), len(text[:offset].encode()))]


def accepted(text: str, label: str, path: str = "fsbp.toml") -> str:
    """The text after choosing one proposal."""
    offset = len(text[: text.index("|")].encode())
    data = text.replace("|", "", 1).encode()
    item = next(item for item in configure.complete(path, LineIndex(data), offset) if item.label == label)
    return (data[: item.start] + item.text.encode() + data[item.end :]).decode()


def told(text: str, path: str = "fsbp.toml") -> str:
    offset = len(text[: text.index("|")].encode())
    found = configure.hover(path, LineIndex(text.replace("|", "", 1).encode()), offset)
    return found.markdown if found is not None else ""


def test_keys_that_are_not_set_yet():
    found = proposed('ignore = ["S3.9"]\n|\n')
    assert "ignore" not in found
    assert {"select", "fail-on", "unsafe-fixes"} <= set(found)
    assert not {"assume", "controls"} & set(found), "tables have headers"
    assert set(proposed("[assume]\n|")) == {item.name for item in ASSUMPTIONS}
    assert proposed('[controls."S3.9"]\nl|')[0] == "level"
    assert proposed("[per-path-ignores]\n|") == []
    assert accepted("fai|\n", "fail-on") == "fail-on = \n"


@pytest.mark.parametrize(
    ("text", "some", "none"),
    [
        ('select = ["|"]', {"guide", "HIGH", "S3.8"}, {"none", "block"}),
        ('fail-on = ["S3.8",\n  # "commented",\n  "|', {"none", "guide", "CRITICAL", "EC2.19"}, set()),
        ('ignore = ["S3.9", "|"]', {"S3.8"}, {"guide", "HIGH"}),
        ("ignore = [|]", {"S3.8"}, {"guide"}),
        ('undeclared = "|"', {"fail", "warn", "ignore"}, {"S3.8"}),
        ("unsafe-fixes = |", {"true", "false"}, {"S3.8"}),
        ("[assume]\nimdsv2-default = |", {"true"}, {"S3.8"}),
        ('[controls."S3.9"]\nlevel = "|"', {"block", "off"}, {"S3.8"}),
        ('[per-path-ignores]\n"test/**" = ["|"]', {"S3.8"}, {"guide"}),
        ("exclude = [|]", set(), {"S3.8"}),
        ("nonsense = |", set(), {"S3.8", "true"}),
    ],
)
def test_values(text: str, some: set[str], none: set[str]):
    found = set(proposed(text))
    assert some <= found
    assert not none & found


def test_what_is_accepted_is_toml():
    assert tomllib.loads(accepted("ignore = [|]", "S3.9")) == {"ignore": ["S3.9"]}
    assert tomllib.loads(accepted('ignore = ["S|3"]', "S3.9")) == {"ignore": ["S3.9"]}
    assert tomllib.loads(accepted("unsafe-fixes = |", "true")) == {"unsafe-fixes": True}
    assert tomllib.loads(accepted("# ü\n[cont|]", 'controls."S3.9"')) == {"controls": {"S3.9": {}}}
    assert tomllib.loads(accepted("[to|]", 'tool.fsbp.controls."S3.9"', "pyproject.toml")) == {"tool": {"fsbp": {"controls": {"S3.9": {}}}}}


def test_only_our_tables_of_pyproject():
    assert proposed("[tool.ruff]\n|", "pyproject.toml") == []
    assert proposed("|", "pyproject.toml") == []
    assert "ignore" in proposed("[project]\nname = 'x'\n[tool.fsbp]\n|", "pyproject.toml")
    assert "imdsv2-default" in proposed("[tool.fsbp.assume]\n|", "pyproject.toml")
    assert "S3.8" in proposed('[tool.fsbp]\nignore = ["|"]', "pyproject.toml")
    assert told("[tool.ruff]\nse|lect = []", "pyproject.toml") == ""
    assert "fail-on" in told("[tool.fsbp]\nfail|-on = []", "pyproject.toml")


def test_hover_tells_every_setting():
    for key in KEYS:
        text = f"[|{key.name}]" if key.shape == "table" else f"|{key.name} = 1"
        found = told(text)
        assert found.startswith(f"**{key.name}**"), key.name
        assert key.help in found
        assert key.example in found
    for item in ASSUMPTIONS:
        assert item.name in told(f"[assume]\n|{item.name} = true")


def test_hover_tells_words_inside_of_values():
    assert "S3 general purpose buckets" in told('ignore = ["S3.|8"]')
    assert "S3 general purpose buckets" in told('[controls."S3|.8"]')
    assert "HIGH" in told('select = ["HI|GH"]')
    assert "guide" in told('fail-on = [\n  "gui|de",\n]')
    assert "Not shown" in told('[controls."S3.9"]\nlevel = "o|ff"')
    assert "source itself" in told('[controls."unused|-ignore"]')
    assert told("# sel|ect") == ""
    assert told('exclude = ["fo|o/"]') == ""


@pytest.mark.parametrize("text", ["", "[", '"', "=", "[[", '[controls."', "a = [[[", "a = '''\n", "\r\n\r", "é" * 50])
def test_half_typed_toml_never_raises(text: str):
    data = text.encode()
    for offset in range(len(data) + 1):
        for path in configure.NAMES:
            configure.complete(path, LineIndex(data), offset)
            configure.hover(path, LineIndex(data), offset)
