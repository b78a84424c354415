"""Which configuration file holds for a file, and what it says once read."""

from __future__ import annotations

import os

from fsbp_lsp.config.errors import ConfigError
from fsbp_lsp.config.settings import Settings
from fsbp_lsp.files import DiskFiles, ReadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from fsbp_lsp.config.read import Layer, Parameters
    from fsbp_lsp.files import Files

FILE_NAMES = ("fsbp.toml", ".fsbp.toml", "pyproject.toml")
"""In order of preference within one directory; pyproject.toml counts only with a `[tool.fsbp]` table."""

_MAX_EXTENDS = 16


def _no_parameters() -> Mapping[str, Sequence[Any]]:
    return {}


class Configuration:
    """Finds and remembers settings. Nothing is read before it is asked for; one file is read once."""

    def __init__(
        self,
        files: Files | None = None,
        *,
        file: str = "",
        isolated: bool = False,
        overrides: Sequence[Layer] = (),
        parameters: Parameters = _no_parameters,
    ) -> None:
        """What holds, from weak to strong: defaults, the nearest file (or `file` for all), `overrides` in order.

        isolated: no file is looked for. parameters: the parameters controls declare, by control id; asked
        for only when a configuration sets one.
        """
        self._files = files or DiskFiles()
        self._file = file
        self._isolated = isolated
        self._overrides = tuple(overrides)
        self._parameters = parameters
        self._by_directory: dict[str, Settings] = {}
        self._by_source: dict[str, Settings] = {}

    def settings_for(self, path: str) -> Settings:
        """The settings of the directory that holds the file at `path`. Raises ConfigError."""
        directory = os.path.dirname(path)
        known = self._by_directory.get(directory)
        if known is None:
            known = self._by_directory[directory] = self._find(os.path.abspath(directory))
        return known

    def forget(self) -> None:
        """Read everything again when next asked: a configuration file came, went or changed."""
        self._by_directory.clear()
        self._by_source.clear()

    def _find(self, directory: str) -> Settings:
        if self._file:
            return self._load(os.path.abspath(self._file), named=True)
        if self._isolated:
            return self._load("")
        walked: list[str] = []
        here = directory
        while True:
            held = self._by_directory.get(here)
            if held is not None:
                break
            walked.append(here)
            source = self._in(here)
            if source:
                held = self._load(source)
                break
            above = os.path.dirname(here)
            # The root of a repository is the end: what lies above differs from one checkout to the next.
            if above == here or os.path.exists(os.path.join(here, ".git")):
                held = self._load("")
                break
            here = above
        for one in walked:
            self._by_directory[one] = held
        return held

    def _in(self, directory: str) -> str:
        """The configuration file of this directory, '' when it has none."""
        for name in FILE_NAMES:
            path = os.path.join(directory, name)
            # A link that leads nowhere is a configuration file as well: that it cannot be read must be said.
            if os.path.lexists(path) and not os.path.isdir(path) and (name != "pyproject.toml" or self._has_table(path)):
                return path
        return ""

    def _has_table(self, path: str) -> bool:
        try:
            data = self._files.read(path)
        except (OSError, ReadError):
            return False
        if b"tool.fsbp" not in data and (b"[tool]" not in data or b"fsbp" not in data):
            return False
        import tomllib

        try:
            tool = tomllib.loads(data.decode("utf-8")).get("tool")
        except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
            # A broken pyproject.toml is its own tools' business, unless it plainly speaks of us.
            return b"[tool.fsbp" in data
        return isinstance(tool, dict) and "fsbp" in tool

    def _load(self, source: str, *, named: bool = False) -> Settings:
        known = self._by_source.get(source)
        if known is not None:
            return known
        settings = Settings()
        settings.source = source
        if source or self._overrides:
            from fsbp_lsp.config.read import apply

            for layer in self._chain(source, named) if source else ():
                apply(layer, settings, self._parameters)
            for layer in self._overrides:
                if layer.final:
                    _outrank(layer, settings)
                apply(layer, settings, self._parameters)
        self._by_source[source] = settings
        return settings

    def _chain(self, source: str, named: bool) -> list[Layer]:
        """The layers of a file and all it extends, the farthest first."""
        chain: list[Layer] = []
        seen: list[str] = []
        shown = _shown(source)
        extended_by: Layer | None = None
        while True:
            if source in seen or len(seen) >= _MAX_EXTENDS:
                assert extended_by is not None
                raise extended_by.error(("extend",), "`extend` goes in a circle" if source in seen else "`extend` goes on for too long")
            seen.append(source)
            layer = self._read(source, shown, named, extended_by)
            parent = layer.table.pop("extend", None)
            chain.append(layer)
            if parent is None:
                return chain[::-1]
            if not isinstance(parent, str):
                raise layer.error(("extend",), "`extend` must be the path of a file")
            source = os.path.normpath(os.path.join(layer.base, os.path.expanduser(parent)))
            shown, named, extended_by = _shown(source), True, layer

    def _read(self, source: str, shown: str, named: bool, extended_by: Layer | None) -> Layer:
        import tomllib

        from fsbp_lsp.config.read import Layer

        try:
            text = self._files.read(source).decode("utf-8-sig")
        except (OSError, ReadError) as error:
            reason = "no such file" if isinstance(error, FileNotFoundError) else str(error)
            if extended_by is not None:
                raise extended_by.error(("extend",), f"cannot read {shown}: {reason}") from None
            raise ConfigError(shown, f"cannot read the configuration file: {reason}") from None
        except UnicodeDecodeError as error:
            raise ConfigError(shown, f"not UTF-8 text (byte {error.start})") from None
        try:
            table: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise _broken(shown, str(error)) from None
        except RecursionError:
            raise ConfigError(shown, "nested too deeply") from None
        prefix: tuple[str, ...] = ()
        if os.path.basename(source) == "pyproject.toml":
            prefix = ("tool", "fsbp")
            tool = table.get("tool", {})
            own = tool.get("fsbp") if isinstance(tool, dict) else None
            if own is None:
                if named:
                    raise ConfigError(shown, "there is no [tool.fsbp] table in it")
                own = {}
            if not isinstance(own, dict):
                raise Layer(shown, {}, "", text).error(prefix, "`tool.fsbp` must be a table")
            table = own
        elif isinstance(table.get("tool"), dict) and "fsbp" in table["tool"]:
            raise Layer(shown, {}, "", text).error(
                ("tool", "fsbp"), "[tool.fsbp] belongs in pyproject.toml; here its keys stand at the top"
            )
        return Layer(shown, dict(table), os.path.dirname(source), text, prefix)


def _shown(path: str) -> str:
    """A path as somebody in the working directory would write it."""
    try:
        relative = os.path.relpath(path)
    except ValueError:
        return path
    return path if relative.startswith(os.path.join(os.pardir, os.pardir, os.pardir)) else relative


def _broken(shown: str, message: str) -> ConfigError:
    """Split tomllib's `Expected … (at line 3, column 5)`; the line goes where our lines stand."""
    import re

    found = re.fullmatch(r"(.*?) \(at (?:line (\d+), column (\d+)|end of document)\)", message, re.DOTALL)
    if found is None:
        return ConfigError(shown, f"not valid TOML: {message}")
    where = f" at column {found.group(3)}" if found.group(3) else " at the end"
    reason = found.group(1)
    return ConfigError(shown, f"not valid TOML: {reason[:1].lower()}{reason[1:]}{where}", int(found.group(2) or 0))


def _outrank(layer: Layer, settings: Settings) -> None:
    """A command line starts afresh where it names controls: what the file says about the same matter is put aside."""
    if "select" in layer.table:
        settings.extend_select = ()
        settings.ignore = ()
        settings.extend_ignore = ()
        words = layer.table["select"]
        named = {word.strip().lower() for word in words if isinstance(word, str)} if isinstance(words, list) else set()
        for id in [id for id, level in settings.levels.items() if level == "off" and id.lower() in named]:
            del settings.levels[id]
    if "fail-on" in layer.table:
        settings.fail_on_final = True


def layer_of(text: str, option: str = "--config") -> Layer:
    """The override that `KEY=VALUE` asks for. VALUE is TOML, or a bare word taken as a string. Raises ConfigError."""
    import tomllib

    from fsbp_lsp.config.read import Layer

    key, _, value = text.partition("=")
    try:
        table = tomllib.loads(f"{key} = {value}")
    except tomllib.TOMLDecodeError:
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        try:
            table = tomllib.loads(f'{key} = "{quoted}"')
        except tomllib.TOMLDecodeError:
            raise ConfigError(option, f"`{text}` is neither a file nor KEY=VALUE in TOML") from None
    if "extend" in table:
        raise ConfigError(option, "`extend` works in a file only")
    final = any(name in ("select", "fail-on") for name in table)
    return Layer(f"{option} {text}", table, os.getcwd(), final=final)
