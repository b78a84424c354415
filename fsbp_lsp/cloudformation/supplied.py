"""Parameter files that configuration names: the values a deployment gives, with the place they are written at.

Three notations, told apart by content: the CLI's list of ParameterKey and ParameterValue (or of `Key=Value`),
CodePipeline's template configuration, and `parameter_overrides` of one environment in samconfig.toml.
"""

from __future__ import annotations

import re

from fsbp_lsp.files import ReadError
from fsbp_lsp.model.resource import Problem
from fsbp_lsp.syntax.tree import Mapping, Node, Scalar, Sequence
from fsbp_lsp.text import Loc, Piece, SourceFile
from fsbp_lsp.values import as_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from fsbp_lsp.files import Files

MAX_PARAMETERS = 1000
"""CloudFormation takes 200."""
_PAIR = re.compile(r"""(?:ParameterKey=)?([A-Za-z0-9]+)(?:,ParameterValue)?=("(?:[^"\\]|\\.)*"|'[^']*'|\S*)""")
"""One of several `Key=Value` in a row, quoted as a shell wants it."""


DEFAULT = "default"
"""The environment of samconfig.toml that `sam deploy` takes without `--config-env`."""


class Given:
    """The value of one parameter, as text. node: where it stands in a JSON file, for edits."""

    __slots__ = ("at", "node", "text")

    def __init__(self, text: str, at: Loc, node: Node | None = None) -> None:
        self.text = text
        self.at = at
        self.node = node


class Supplied:
    """Values by parameter, later files win; the files they come from; what is wrong with those."""

    __slots__ = ("files", "problems", "values")

    def __init__(self) -> None:
        self.values: dict[str, Given] = {}
        self.files: list[SourceFile] = []
        self.problems: list[Problem] = []


def file_of(entry: str) -> tuple[str, str]:
    """(path, environment) of a parameter file as configuration names it; the environment of `samconfig.toml#prod` is `prod`, else ''."""
    path, mark, environment = entry.rpartition(".toml#")
    return (f"{path}.toml", environment) if mark else (entry, "")


def read_supplied(files: Files, entries: Iterable[str]) -> Supplied:
    """The values in parameter files. Never raises: a file that cannot be read is a problem of the template."""
    made = Supplied()
    for entry in entries:
        path, environment = file_of(entry)
        try:
            file = SourceFile(path, files.read(path))
        except FileNotFoundError:
            made.problems.append(Problem(path, "no such file"))
            continue
        except ReadError as error:
            made.problems.append(Problem(path, str(error)))
            continue
        piece = Piece(file, 0, file.data)
        found = _from_toml(piece, environment) if path.endswith(".toml") else _from_json(piece)
        if isinstance(found, str):
            made.problems.append(Problem(path, found, Loc(piece, 0, 0)))
            continue
        made.files.append(file)
        for name, given in list(found.items())[:MAX_PARAMETERS]:
            made.values[name] = given
    return made


def _from_json(piece: Piece) -> dict[str, Given] | str:
    from fsbp_lsp.syntax.json import read_json

    document = read_json(piece)
    piece.tree = document
    root = document.root
    if document.errors:
        return f"no parameter file: {document.errors[0].message}"
    inner = root.get("Parameters") if isinstance(root, Mapping) else None
    found: dict[str, Given] = {}
    if isinstance(inner, Mapping):
        for key, value in inner.pairs:
            if isinstance(key, Scalar):
                _add(found, piece, key.text, value)
    elif isinstance(root, Sequence):
        for item in root.items:
            if isinstance(item, Scalar):
                name, equals, text = item.text.partition("=")
                if equals:
                    found[name] = Given(text, Loc(piece, item.start, item.end))
            elif isinstance(item, Mapping):
                named, kept = item.get("ParameterKey"), item.get("ParameterValue")
                if isinstance(named, Scalar) and kept is not None:
                    _add(found, piece, named.text, kept)
    else:
        return "no parameter file: neither a list of parameters nor an object with Parameters"
    return found


def _add(found: dict[str, Given], piece: Piece, name: str, value: Node) -> None:
    text = as_text(value.value) if isinstance(value, Scalar) else None
    if text is not None:
        found[name] = Given(text, Loc(piece, value.start, value.end), value)


def _from_toml(piece: Piece, environment: str) -> dict[str, Given] | str:
    """environment: '' for the default one, which need not be there."""
    import tomllib

    try:
        table = tomllib.loads(piece.data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        return f"no samconfig: {error}"
    if environment and not isinstance(table.get(environment), dict):
        return _no_environment(environment, [name for name, inner in table.items() if isinstance(inner, dict)])
    environment = environment or DEFAULT
    overrides: Any = None
    for command in ("global", "deploy"):
        # What is said for the command wins over what is said for all of them; another environment is no fallback.
        inner = table.get(environment, {})
        for step in (command, "parameters"):
            inner = inner.get(step, {}) if isinstance(inner, dict) else {}
        overrides = inner.get("parameter_overrides", overrides) if isinstance(inner, dict) else overrides
    pairs: dict[str, str] = {}
    if isinstance(overrides, dict):
        pairs = {name: text for name, value in overrides.items() if (text := as_text(value)) is not None}
    else:
        for words in overrides if isinstance(overrides, list) else [overrides]:
            if isinstance(words, str):
                pairs.update((name, _bare(text)) for name, text in _PAIR.findall(words))
    tables = _tables(piece.data, environment)
    return {name: Given(text, _mention(piece, name, tables)) for name, text in pairs.items()}


def _no_environment(name: str, there: list[str]) -> str:
    from fsbp_lsp.config.errors import suggestion

    has = f"; there is {', '.join(f'`{one}`' for one in there)}" if there else ": there is none at all"
    return f"no environment `{name}`{suggestion(name, there) or has}"


def _bare(text: str) -> str:
    if text[:1] == '"' == text[-1:]:
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text[1:-1] if text[:1] == "'" == text[-1:] else text


_HEADER = re.compile(rb"^[ \t]*\[+([^\]\r\n]*)\]", re.MULTILINE)


def _tables(data: bytes, environment: str) -> list[tuple[int, int]]:
    """Where the tables of an environment stand in a TOML file, those of the deploy command first, then the whole file."""
    heads = [(found.start(), [part.strip(b" \t\"'") for part in found[1].split(b".")]) for found in _HEADER.finditer(data)]
    ends = [*(start for start, _ in heads), len(data)][1:]
    mine = [(names, (start, end)) for (start, names), end in zip(heads, ends, strict=True) if names[0] == environment.encode()]
    mine.sort(key=lambda table: table[0][1:2] != [b"deploy"])
    return [*(span for _, span in mine), (0, len(data))]


def _mention(piece: Piece, name: str, tables: list[tuple[int, int]]) -> Loc:
    """Where a TOML file speaks of a parameter: the parser keeps no positions."""
    wanted = re.compile(rb"(?<![A-Za-z0-9])" + re.escape(name.encode()) + rb"(?=[\"']?[ \t]*=|,ParameterValue)")
    for start, end in tables:
        found = wanted.search(piece.data, start, end)
        if found is not None:
            return Loc(piece, found.start(), found.end())
    return Loc(piece, 0, 0)
