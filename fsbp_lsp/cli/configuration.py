"""The configuration a command line asks for."""

from __future__ import annotations

import os

from fsbp_lsp.cli.options import listed
from fsbp_lsp.config import ConfigError, Configuration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from fsbp_lsp.cli.options import Parsed
    from fsbp_lsp.config.read import Layer
    from fsbp_lsp.files import Files

_LISTS = ("select", "extend-select", "ignore", "fail-on")
_INSTEAD = {"select": "leave it out to check everything", "fail-on": "`none` lets nothing block"}
"""An unset variable in a pipeline must not switch the gate off without a word."""


def _parameters() -> Mapping[str, Sequence[Any]]:
    from fsbp_lsp.controls import registry

    return registry.parameters()


def configuration(parsed: Parsed, files: Files | None = None) -> Configuration:
    """Command line over environment over the nearest file over defaults. Raises ConfigError."""
    file = ""
    layers: list[Layer] = []
    isolated = parsed.flag("isolated")
    if not isolated:
        file = os.environ.get("FSBP_CONFIG", "")
    fail_on = os.environ.get("FSBP_FAIL_ON", "")
    if fail_on:
        words = listed(fail_on)
        if not words:
            raise ConfigError("FSBP_FAIL_ON", f"no control is named; {_INSTEAD['fail-on']}")
        layers.append(_layer({"fail-on": words}, {"fail-on": "FSBP_FAIL_ON"}))
    for text in parsed.list("config") or ():
        if "=" not in text or os.path.isfile(text):
            if isolated:
                raise ConfigError("--config", f"`{text}` and --isolated exclude each other")
            file = text
        else:
            from fsbp_lsp.config.load import layer_of

            layers.append(layer_of(text))
    given: dict[str, Any] = {key: list(named) for key in _LISTS if (named := parsed.list(key)) is not None}
    for key, instead in _INSTEAD.items():
        if given.get(key) == []:
            raise ConfigError(f"--{key}", f"no control is named; {instead}")
    if given:
        layers.append(_layer(given, {key: f"--{key}" for key in given}))
    return Configuration(files, file=file, isolated=isolated, overrides=layers, parameters=_parameters)


def _layer(table: dict[str, Any], labels: dict[str, str]) -> Layer:
    from fsbp_lsp.config.read import Layer

    return Layer("command line", table, os.getcwd(), final=True, labels=labels)
