"""Tables as TOML gives them to typed settings; every mistake is a ConfigError that names its place."""

from __future__ import annotations

import os

from fsbp_lsp.config.errors import ConfigError, suggestion
from fsbp_lsp.config.keys import ASSUMPTIONS, BY_NAME, GATE_SETS, LEVELS, META_LEVELS, SEVERITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Protocol

    from fsbp_lsp.config.globs import Patterns
    from fsbp_lsp.config.settings import Settings

    class Parameter(Protocol):
        """What a control declares about one of its parameters; the registry of controls provides these."""

        name: str
        item: type
        type: type
        default: Any
        help: str
        choices: tuple[Any, ...]

    Parameters = Callable[[], Mapping[str, Sequence[Parameter]]]


class Layer:
    """One source of settings: a file's table, or what the command line or environment says.

    name: for messages. base: absolute directory that relative paths count from. text: for line numbers, '' without.
    prefix: the keys above the table (`tool`, `fsbp`). final: outranks per-control levels (the command line).
    labels: for a command-line layer, the option behind each key.
    """

    __slots__ = ("base", "final", "labels", "name", "prefix", "table", "text")

    def __init__(
        self,
        name: str,
        table: dict[str, Any],
        base: str,
        text: str = "",
        prefix: tuple[str, ...] = (),
        *,
        final: bool = False,
        labels: dict[str, str] | None = None,
    ) -> None:
        self.name = name
        self.table = table
        self.base = base
        self.text = text
        self.prefix = prefix
        self.final = final
        self.labels = labels or {}

    def error(self, path: Sequence[str], reason: str, value: str | None = None) -> ConfigError:
        """The error at a key of this layer."""
        if not self.text:
            return ConfigError(self.labels.get(path[0], self.name) if path else self.name, reason)
        from fsbp_lsp.config.place import line_of

        return ConfigError(self.name, reason, line_of(self.text, (*self.prefix, *path), value))


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _strings(layer: Layer, path: tuple[str, ...], value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if not _is_list_of_text(value):
        raise layer.error(path, f"`{path[-1]}` must be a string or a list of strings, {_instead(value, (str,))}")
    return list(value)


def _instead(value: Any, kinds: tuple[type, ...]) -> str:
    """What is wrong with a value that should be a list of these, or with its first item that is none."""
    if not isinstance(value, list):
        return f"not {_kind(value)}"
    item = next((item for item in value if not isinstance(item, kinds) or isinstance(item, bool)), None)
    return f"and one item is {_kind(item)}"


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    for type_, name in ((int, "a number"), (float, "a number"), (str, "a string"), (list, "a list"), (dict, "a table")):
        if isinstance(value, type_):
            return name
    return "a date"


def selector(word: str, *, severities: bool) -> str:
    """The canonical spelling of a control id, glob, gate set or severity. Raises ValueError with the reason."""
    from fsbp_lsp import catalog

    entry = catalog.control(word)
    if entry is not None:
        return entry.id
    if word.upper() in SEVERITIES:
        if severities:
            return word.upper()
        raise ValueError(f"the severity `{word}` means nothing here; name controls or use a glob")
    if word.lower() in catalog.GATE_SETS:
        return word.lower()
    if severities and word.lower() == "none":
        return "none"
    if catalog.is_glob(word):
        if any(catalog.matches(word, known.id) for known in catalog.all_controls()):
            return word
        raise ValueError(f"`{word}` matches no control")
    if word.lower() in META_LEVELS:
        raise ValueError(f'`{word}` is not a control; set its level in [controls."{word.lower()}"]')
    near = catalog.closest(word, (*GATE_SETS, *SEVERITIES) if severities else GATE_SETS[:3])
    raise ValueError(f"there is no control `{word}`" + (f"; did you mean `{near[0]}`?" if near else ""))


def _selectors(layer: Layer, path: tuple[str, ...], value: Any, *, severities: bool) -> tuple[str, ...]:
    found: list[str] = []
    for word in _strings(layer, path, value):
        try:
            found.append(selector(word.strip(), severities=severities))
        except ValueError as error:
            raise layer.error(path, f"in `{path[-1]}`: {error}" if layer.text else str(error), word) from None
    if "none" in found and path[-1] != "fail-on":
        raise layer.error(path, f"`none` means something in `fail-on` only, not in `{path[-1]}`", "none")
    return tuple(dict.fromkeys(found))


def _patterns(layer: Layer, path: tuple[str, ...], texts: list[str]) -> Patterns:
    from fsbp_lsp.config.globs import BadPattern, Patterns, translate

    for text in texts:
        try:
            translate(text)
        except BadPattern as error:
            raise layer.error(path, f"in `{path[-1]}`: pattern `{text}`: {error}", text) from None
    return Patterns(layer.base, texts)


def _flag(layer: Layer, path: tuple[str, ...], value: Any) -> bool:
    if not isinstance(value, bool):
        raise layer.error(path, f"`{path[-1]}` must be true or false, not {_kind(value)}")
    return value


def _table(layer: Layer, path: tuple[str, ...], value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise layer.error(path, f"`{path[-1]}` must be a table, not {_kind(value)}")
    return value


def apply(layer: Layer, settings: Settings, parameters: Parameters) -> None:
    """Let a layer's keys win over what `settings` hold. Raises ConfigError."""
    for name, value in layer.table.items():
        path = (name,)
        key = BY_NAME.get(name)
        if key is None:
            raise layer.error(path, f"unknown key `{name}`{suggestion(name, BY_NAME)}")
        attribute = name.replace("-", "_")
        if key.shape == "flag":
            setattr(settings, attribute, _flag(layer, path, value))
        elif key.shape == "choice":
            if value not in key.choices or not isinstance(value, str):
                shown = f"`{value}`" if isinstance(value, str) else _kind(value)
                near = suggestion(value, key.choices) if isinstance(value, str) else suggestion("", key.choices)
                raise layer.error(path, f"`{name}` cannot be {shown}{near}")
            setattr(settings, attribute, value)
        elif key.shape in ("ids", "selectors"):
            words = _selectors(layer, path, value, severities=key.shape == "selectors")
            if name in ("extend-select", "extend-ignore"):
                words = (*getattr(settings, attribute), *words)
            setattr(settings, f"{attribute}_ids" if name in ("fixable", "unfixable") else attribute, words)
        elif name == "exclude":
            settings.exclude = (_patterns(layer, path, _strings(layer, path, value)),)
        elif key.shape == "paths":
            setattr(settings, attribute, tuple(_relative(layer, item) for item in _strings(layer, path, value)))
        elif name == "per-path-ignores":
            settings.per_path_ignores = tuple(
                (
                    _patterns(layer, (name, pattern), [pattern]),
                    _selectors(layer, (name, pattern), ids, severities=False),
                )
                for pattern, ids in _table(layer, path, value).items()
            )
        elif name == "assume":
            _assume(layer, _table(layer, path, value), settings)
        elif name == "controls":
            _controls(layer, _table(layer, path, value), settings, parameters)


def _relative(layer: Layer, path: str) -> str:
    return os.path.normpath(os.path.join(layer.base, path))


def _assume(layer: Layer, table: dict[str, Any], settings: Settings) -> None:
    names = [assumption.name for assumption in ASSUMPTIONS]
    for name, value in table.items():
        path = ("assume", name)
        if name not in names:
            raise layer.error(path, f"unknown assumption `{name}`{suggestion(name, names)}")
        if _flag(layer, path, value):
            settings.assume[name] = True
        else:
            settings.assume.pop(name, None)


def _controls(layer: Layer, table: dict[str, Any], settings: Settings, parameters: Parameters) -> None:
    from fsbp_lsp import catalog

    for written, value in table.items():
        path = ("controls", written)
        entry = catalog.control(written)
        if entry is None and written not in META_LEVELS:
            meant = [f"{written}.{name}" for name in value if catalog.control(f"{written}.{name}")] if isinstance(value, dict) else []
            if meant:
                raise layer.error(path, f'write [controls."{meant[0]}"] with quotes: without them the dot makes a table in a table')
            near = catalog.closest(written, META_LEVELS)
            raise layer.error(path, f"there is no control `{written}`" + (f"; did you mean `{near[0]}`?" if near else ""))
        id = entry.id if entry is not None else written
        for name, setting in _table(layer, path, value).items():
            if name != "level":
                _parameter(layer, (*path, name), id, setting, settings, parameters)
            elif not isinstance(setting, str) or setting not in LEVELS:
                shown = f"`{setting}`" if isinstance(setting, str) else _kind(setting)
                near_level = suggestion(setting if isinstance(setting, str) else "", LEVELS)
                raise layer.error((*path, name), f"the level of {id} cannot be {shown}{near_level}")
            else:
                settings.levels[id] = setting


def item_types(parameter: Parameter) -> tuple[type, ...]:
    """What the items of a list parameter may be."""
    return (parameter.item,)


def _parameter(layer: Layer, path: tuple[str, ...], id: str, value: Any, settings: Settings, parameters: Parameters) -> None:
    known = {parameter.name: parameter for parameter in parameters().get(id, ())}
    name = path[-1]
    parameter = known.get(name)
    if parameter is None:
        names = ["level", *known]
        near = suggestion(name, names) if known else "; it takes `level` only"
        raise layer.error(path, f"{id} has no parameter `{name}`{near}")
    kinds = item_types(parameter)
    plain = " or ".join("whole number" if kind is int else "string" for kind in kinds)
    expected = {bool: "true or false", int: "a whole number", str: "a string", list: f"a list ({plain} each)"}[parameter.type]
    fits = isinstance(value, parameter.type) and (parameter.type is bool or not isinstance(value, bool))
    if fits and isinstance(value, list):
        fits = all(isinstance(item, kinds) and not isinstance(item, bool) for item in value)
    if not fits:
        wrong = _instead(value, kinds) if parameter.type is list else f"not {_kind(value)}"
        raise layer.error(path, f"parameter `{name}` of {id} must be {expected}, {wrong}")
    for item in value if isinstance(value, list) else [value]:
        if parameter.choices and item not in parameter.choices:
            near = suggestion(str(item), [str(choice) for choice in parameter.choices])
            raise layer.error(path, f"parameter `{name}` of {id} cannot be `{item}`{near}")
    settings.parameters.setdefault(id, {})[name] = value
