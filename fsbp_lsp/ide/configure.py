"""Completion and hover in fsbp.toml, .fsbp.toml and [tool.fsbp] of pyproject.toml.

Half-typed TOML has no tree, so the place is found the way a person finds it: the table header above, and the
key whose value is open where the cursor stands.
"""

from __future__ import annotations

import re

from fsbp_lsp import catalog
from fsbp_lsp.config.keys import ASSUMPTIONS, BY_NAME, GATE_SETS, KEYS, LEVELS, META_LEVELS, SEVERITIES
from fsbp_lsp.ide.complete import Item
from fsbp_lsp.ide.hover import Hover, escape, explain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from fsbp_lsp.config.keys import Key
    from fsbp_lsp.controls.registry import Parameter
    from fsbp_lsp.text import LineIndex

NAMES = ("fsbp.toml", ".fsbp.toml", "pyproject.toml")

_HEADER = re.compile(r"\s*\[(?!\[)\s*([^\]#]*?)\s*\]")
_HALF_HEADER = re.compile(r"\s*\[\s*([\w.\-\"]*)$")
_ASSIGNMENT = re.compile(r"\s*(\"[^\"]*\"|'[^']*'|[\w\-]+)\s*=\s*")
_HALF_KEY = re.compile(r"\s*([\w\-]*)$")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|#.*')
_WORD = re.compile(r"[\w.*?\-]+")

_SEVERITY_HELP = "Controls of severity {0} and everything graver"
_SET_HELP = {
    "starter": "The first week: no public S3 access, declared S3 encryption, CloudTrail on",
    "guide": "The controls of the guide",
    "fsbp": "Every control of the standard",
    "none": "Nothing blocks, not even problems of the source",
}
_LEVEL_HELP = {
    "block": "A finding fails the run",
    "warn": "A finding is shown and does not fail the run",
    "verify": "Left to a check after deployment",
    "off": "Not shown",
}


def is_configuration(path: str) -> bool:
    """Whether a file is one that holds our configuration."""
    return path.replace("\\", "/").rsplit("/", 1)[-1] in NAMES


class _Place:
    """Where in the file: table as a tuple of names (without `tool.fsbp`); key whose value is open, '' at a key.

    ours: whether the table is ours at all. keys: already set in this table. header: a half-typed header, else None.
    """

    __slots__ = ("header", "key", "keys", "ours", "table")

    def __init__(self, path: str, lines: LineIndex, offset: int) -> None:
        text = lines.data[:offset].decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        python = path.endswith("pyproject.toml")
        names: tuple[str, ...] = ()
        self.keys: list[str] = []
        self.key = ""
        depth = 0
        for number, line in enumerate(text):
            last = number == len(text) - 1
            header = _HEADER.match(line) if depth == 0 else None
            if header is not None and not (last and offset and text[-1].endswith("[")):
                names, self.keys, self.key = _names(header[1]), [], ""
                continue
            rest = line
            if depth == 0:
                assigned = _ASSIGNMENT.match(line)
                self.key = ""
                if assigned is None:
                    continue
                self.key = assigned[1].strip("\"'")
                self.keys.append(self.key)
                rest = line[assigned.end() :]
            bare = _STRING.sub("", rest)
            depth = max(0, depth + bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}"))
        half = _HALF_HEADER.match(text[-1]) if depth == 0 and not self.key else None
        self.header = half[1] if half is not None else None
        self.ours = not python or names[:2] == ("tool", "fsbp")
        self.table = names[2:] if python else names


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[\w\-]+", dotted))


def complete(path: str, lines: LineIndex, offset: int) -> list[Item]:
    """Proposals at `offset` of a configuration file; none outside of our tables."""
    place = _Place(path, lines, offset)
    start, _ = lines.line_span(lines.line(offset))
    before = lines.data[start:offset].decode("utf-8", "replace")
    if place.header is not None:
        return _headers(path, place.header, offset)
    if not place.ours:
        return []
    if place.key:
        return _values(place, before, lines, offset)
    half = _HALF_KEY.match(before)
    if half is None:
        return []
    begin = offset - len(half[1].encode())
    return [Item(name, detail, begin, offset, text=f"{name} = ") for name, detail in _keys(place.table) if name not in place.keys]


def _headers(path: str, typed: str, offset: int) -> list[Item]:
    prefix = "tool.fsbp." if path.endswith("pyproject.toml") else ""
    begin = offset - len(typed.encode())
    found = [Item("tool.fsbp", "settings of fsbp", begin, offset)] if prefix else []
    found += [Item(prefix + key.name, key.help, begin, offset) for key in KEYS if key.shape == "table" and key.name != "controls"]
    found += [Item(f'{prefix}controls."{entry.id}"', entry.title, begin, offset) for entry in catalog.all_controls()]
    return found


def _keys(table: tuple[str, ...]) -> list[tuple[str, str]]:
    """(key, what it is) of a table."""
    if not table:
        return [(key.name, key.help) for key in KEYS if key.shape != "table"]
    if table == ("assume",):
        return [(item.name, item.help) for item in ASSUMPTIONS]
    if len(table) == 2 and table[0] == "controls":
        return [("level", "what a finding of this control does"), *((each.name, each.help) for each in _parameters(table[1]))]
    return []


def _parameters(control: str) -> tuple[Parameter, ...]:
    from fsbp_lsp.controls import registry

    declared = registry.declared(control)
    return declared.parameters if declared is not None else ()


def _values(place: _Place, before: str, lines: LineIndex, offset: int) -> list[Item]:
    words = list(_allowed(place))
    quoted = _STRING.sub("", before).count('"') % 2 == 1
    typed = re.search(r"[\w.*?\-]*$" if quoted else r"[\w\-]*$", before)
    begin = offset - (len(typed[0].encode()) if typed is not None else 0)
    end = offset
    while end < len(lines.data) and re.match(rb"[\w.*?\-]", lines.data[end : end + 1]):
        end += 1
    bare = {"true", "false"}
    if quoted:
        return [Item(word, detail, begin, end) for word, detail in words if word not in bare]
    return [Item(word, detail, begin, end, text=word if word in bare else f'"{word}"') for word, detail in words]


def _allowed(place: _Place) -> Iterable[tuple[str, str]]:
    """(word, what it means) of what may stand in the value that is open."""
    key = BY_NAME.get(place.key) if not place.table else None
    if place.table == ("per-path-ignores",) or (not place.table and place.key == "per-path-ignores"):
        yield from _ids()
    elif place.table == ("assume",) or (key is not None and key.shape == "flag"):
        yield from (("true", ""), ("false", ""))
    elif len(place.table) == 2 and place.table[0] == "controls":
        if place.key == "level":
            yield from _LEVEL_HELP.items()
        for parameter in _parameters(place.table[1]):
            if parameter.name == place.key:
                yield from ((str(choice), parameter.help) for choice in parameter.choices)
                if parameter.type is bool:
                    yield from (("true", parameter.help), ("false", parameter.help))
    elif key is not None and key.shape == "choice":
        yield from ((choice, key.help) for choice in key.choices)
    elif key is not None and key.shape in ("ids", "selectors"):
        if key.shape == "selectors":
            yield from ((name, _SET_HELP[name]) for name in GATE_SETS if name != "none" or key.name == "fail-on")
            yield from ((name, _SEVERITY_HELP.format(name)) for name in reversed(SEVERITIES))
        yield from _ids()


def _ids() -> Iterable[tuple[str, str]]:
    return ((entry.id, entry.title) for entry in catalog.all_controls())


def hover(path: str, lines: LineIndex, offset: int) -> Hover | None:
    """What a key, a control, a severity or a gate set under the cursor means."""
    start, end = lines.line_span(lines.line(offset))
    line = lines.data[start:end].decode("utf-8", "replace")
    column = len(lines.data[start:offset].decode("utf-8", "replace"))
    word = next((found for found in _WORD.finditer(line) if found.start() <= column <= found.end()), None)
    if word is None or line.lstrip().startswith("#"):
        return None
    place = _Place(path, lines, end)
    if not place.ours:
        return None
    told = _told(place, word[0], line[: word.start()])
    if told is None:
        return None
    begin = start + len(line[: word.start()].encode())
    return Hover(begin, begin + len(word[0].encode()), told)


def _told(place: _Place, word: str, before: str) -> str | None:
    text = explain(word)
    if text is not None:
        return text
    if not before.strip(" \t\"'["):
        if not place.table or word == place.table[0]:
            key = BY_NAME.get(word)
            if key is not None:
                return _about(key)
        for name, detail in _keys(place.table):
            if name == word:
                return f"**{name}** {escape(detail)}"
    if word in SEVERITIES:
        return f"**{word}** {_SEVERITY_HELP.format(word)}."
    if place.key in ("select", "extend-select", "fail-on") and word in GATE_SETS:
        return f"**{word}** {_SET_HELP[word]}."
    if place.key == "level" and word in LEVELS:
        return f"**{word}** {_LEVEL_HELP[word]}."
    if word in META_LEVELS:
        return f"**{word}** A finding about the source itself, not about a control. Its level is `{META_LEVELS[word]}` unless set."
    return None


def _about(key: Key) -> str:
    """The documentation of a setting, whose help is Markdown already."""
    return f"**{key.name}** (default: {key.default})\n\n{key.help}\n\n```toml\n{key.example}\n```"
