"""Runs the engine over a spec section, as the command line would."""

from __future__ import annotations

import os
import tomllib

from fsbp_lsp.config import Settings
from fsbp_lsp.config.read import Layer, apply
from fsbp_lsp.controls import registry
from fsbp_lsp.engine.check import ModuleReport, Session
from fsbp_lsp.engine.discover import ModuleKey, module_of
from fsbp_lsp.model import Finding
from tests.controls.memory import MemoryFiles

TODAY = "2026-11-23"


def settings_from_text(text: str) -> Settings:
    """Settings as if `text` were the fsbp.toml in force."""
    settings = Settings()
    apply(Layer("fsbp.toml", tomllib.loads(text), os.getcwd(), text), settings, registry.parameters)
    return settings


def keys_of(files: MemoryFiles) -> list[ModuleKey]:
    keys: list[ModuleKey] = []
    for path in files.contents:
        key = module_of(files, path)
        if key is not None and key not in keys:
            keys.append(key)
    return keys


def reports(contents: dict[str, bytes], config: str = "") -> list[ModuleReport]:
    files = MemoryFiles(contents)
    settings = settings_from_text(config)
    session = Session(files, lambda _path: settings, TODAY)
    made = [session.check_module(key) for key in keys_of(files)]
    return [report for report in made if report is not None]


def findings(contents: dict[str, bytes], config: str = "") -> list[Finding]:
    return [finding for report in reports(contents, config) for finding in report.findings]
