"""Runs specifications through the engine, and watches which bindings each control reads on the way."""

from __future__ import annotations

import os
import tomllib

from fsbp_lsp.config import Settings
from fsbp_lsp.config.read import Layer, apply
from fsbp_lsp.controls import registry
from fsbp_lsp.engine.check import ModuleReport, Session
from fsbp_lsp.engine.discover import ModuleKey, module_of
from fsbp_lsp.files import Files
from fsbp_lsp.model import Attr, Finding, Part
from fsbp_lsp.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType
    from typing import Any

    from fsbp_lsp.controls.registry import Control
    from fsbp_lsp.model import Subject

TODAY = "2026-11-23"
"""The day on which specifications are read: `until=` in them must not depend on when they run."""


class MemoryFiles(Files):
    """Files that live in a dict of path to bytes."""

    def __init__(self, contents: dict[str, bytes]) -> None:
        self.contents = contents

    def read(self, path: str) -> bytes:
        """Raises FileNotFoundError for a path that is not in the dict."""
        try:
            return self.contents[path]
        except KeyError:
            raise FileNotFoundError(path) from None

    def siblings(self, directory: str) -> list[str]:
        return sorted(os.path.basename(path) for path in self.contents if os.path.dirname(path) == directory)

    def walk(self, root: str, excluded: Callable[[str], bool] = lambda _path: False) -> Iterable[str]:
        return [path for path in self.contents if not excluded(path)]


def settings_from_text(text: str) -> Settings:
    """Settings as if `text` were the fsbp.toml in force."""
    settings = Settings()
    apply(Layer("fsbp.toml", tomllib.loads(text), os.getcwd(), text), settings, registry.parameters)
    return settings


def keys_of(files: MemoryFiles) -> list[ModuleKey]:
    """The modules and templates the files make up."""
    keys: list[ModuleKey] = []
    for path in files.contents:
        key = module_of(files, path)
        if key is not None and key not in keys:
            keys.append(key)
    return keys


def reports(contents: dict[str, bytes], config: str = "") -> list[ModuleReport]:
    """What the engine says about files, module by module. config: text of the fsbp.toml in force."""
    files = MemoryFiles(contents)
    settings = settings_from_text(config)
    session = Session(files, lambda _path: settings, TODAY)
    made = [session.check_module(key) for key in keys_of(files)]
    return [report for report in made if report is not None]


def findings(contents: dict[str, bytes], config: str = "") -> list[Finding]:
    """The findings of all reports."""
    return [finding for report in reports(contents, config) for finding in report.findings]


class Uses:
    """What one control has read, each in the order of first use.

    attrs: (class of the subject, attribute). parts: (class of the owner, part). names: (class of the subject,
    dialect, name) of what the check took from the resource without a lens.
    """

    __slots__ = ("attrs", "names", "parts")

    def __init__(self) -> None:
        self.attrs: dict[tuple[type[Subject], Attr], None] = {}
        self.parts: dict[tuple[type[Subject], Part], None] = {}
        self.names: dict[tuple[type[Subject], str, str], None] = {}


class Watch:
    """While entered, notes in `uses` which lenses each control's check reads.

    Derived by running rather than declared: a table of bindings then cannot claim what a check does not do.
    """

    def __init__(self, controls: dict[str, Control]) -> None:
        self.controls = controls
        self.uses = {id: Uses() for id in controls}
        self._asked: tuple[Uses, Subject] | None = None
        """The control being run and its subject; None outside of checks and inside of lenses."""
        self._undo: list[Callable[[], None]] = []

    def __enter__(self) -> Watch:
        for id, control in self.controls.items():
            self._set(control, "check", self._watched(control.check, self.uses[id]))
        read_attr, read_part, child = Attr.read, Part.read, Value.child

        def attr(lens: Attr, subject: Subject) -> Any:
            asked, self._asked = self._asked, None
            try:
                if asked is not None:
                    asked[0].attrs[type(subject), lens] = None
                return read_attr(lens, subject)
            finally:
                self._asked = asked

        def part(lens: Part, subject: Subject) -> Any:
            asked, self._asked = self._asked, None
            try:
                if asked is not None:
                    asked[0].parts[type(subject), lens] = None
                return read_part(lens, subject)
            finally:
                self._asked = asked

        def named(value: Value, name: str) -> Any:
            if self._asked is not None:
                uses, subject = self._asked
                if value is subject.value:
                    uses.names[type(subject), subject.resource.dialect.name, name] = None
            return child(value, name)

        self._set(Attr, "read", attr)
        self._set(Part, "read", part)
        self._set(Value, "child", named)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        while self._undo:
            self._undo.pop()()

    def _set(self, owner: Any, name: str, value: Any) -> None:
        before = getattr(owner, name)
        self._undo.append(lambda: setattr(owner, name, before))
        setattr(owner, name, value)

    def _watched(self, check: Callable[..., Any], uses: Uses) -> Callable[..., Any]:
        def watched(subject: Subject, context: Any) -> Any:
            self._asked = uses, subject
            try:
                return check(subject, context)
            finally:
                self._asked = None

        return watched


def members(owner: type[Subject]) -> Iterator[Attr | Part]:
    """Attributes and parts of a kind or facet in the order of their declaration, inherited ones first."""
    for base in reversed(owner.__mro__):
        for member in vars(base).values():
            if isinstance(member, (Attr, Part)):
                yield member
