"""The settings that hold for a file: which controls run, how hard they bite, what is left alone."""

from __future__ import annotations

import os

from fsbp_lsp.config.keys import GATE_SETS, META_LEVELS, SEVERITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    import enum
    from collections.abc import Iterable
    from typing import Any

    from fsbp_lsp.config.globs import Patterns


def meant(selectors: Iterable[str], control_id: str, severity: str = "") -> str:
    """The first selector that covers a control, '' when none does.

    A selector is an id, a glob, a severity (it and everything above) or a gate set. `severity` is looked
    up in the catalogue when not given.
    """
    from fsbp_lsp import catalog

    for selector in selectors:
        if selector in SEVERITIES:
            if not severity:
                entry = catalog.control(control_id)
                severity = str(entry.severity) if entry is not None else ""
            if severity in SEVERITIES and SEVERITIES.index(severity) >= SEVERITIES.index(selector):
                return selector
        elif selector in GATE_SETS:
            if control_id in catalog.GATE_SETS.get(selector, ()):
                return selector
        elif catalog.matches(selector, control_id):
            return selector
    return ""


class Settings:
    """Settings as configured for one directory; shared by all directories with the same nearest file.

    source: the file they come from, '' when there is none. fail_on: None for the default. parameters: by
    control id, then name. fail_on_final: `fail_on` comes from the command line and outranks `levels`.
    """

    __slots__ = (
        "_level",
        "_selected",
        "assume",
        "exclude",
        "extend_ignore",
        "extend_select",
        "fail_on",
        "fail_on_final",
        "fixable_ids",
        "ignore",
        "levels",
        "outputs_escape",
        "parameter_files",
        "parameters",
        "per_path_ignores",
        "require_reason",
        "select",
        "show_unknown",
        "source",
        "undeclared",
        "unfixable_ids",
        "unsafe_fixes",
        "var_files",
    )

    def __init__(self) -> None:
        self.source = ""
        self.select: tuple[str, ...] | None = None
        self.ignore: tuple[str, ...] = ()
        self.extend_select: tuple[str, ...] = ()
        self.extend_ignore: tuple[str, ...] = ()
        self.fail_on: tuple[str, ...] | None = None
        self.fail_on_final = False
        self.undeclared = "warn"
        self.exclude: tuple[Patterns, ...] = ()
        self.per_path_ignores: tuple[tuple[Patterns, tuple[str, ...]], ...] = ()
        self.unsafe_fixes = False
        self.fixable_ids: tuple[str, ...] | None = None
        self.unfixable_ids: tuple[str, ...] = ()
        self.var_files: tuple[str, ...] = ()
        self.parameter_files: tuple[str, ...] = ()
        self.require_reason = False
        self.outputs_escape = False
        self.show_unknown = False
        self.assume: dict[str, Any] = {}
        self.levels: dict[str, str] = {}
        self.parameters: dict[str, dict[str, Any]] = {}
        self._selected: dict[str, bool] = {}
        self._level: dict[tuple[str, str], tuple[str, str]] = {}

    # Which controls run

    def selected(self, control_id: str, path: str = "") -> bool:
        """Whether a control runs; with `path`, whether it runs for that file."""
        answer = self._selected.get(control_id)
        if answer is None:
            answer = self._selected[control_id] = self._why_selected(control_id)[0]
        if answer and path and self.per_path_ignores:
            for patterns, ids in self.per_path_ignores:
                if meant(ids, control_id) and patterns.match(path):
                    return False
        return answer

    def _why_selected(self, control_id: str) -> tuple[bool, str]:
        if self.levels.get(control_id) == "off":
            return False, f'level = "off" in [controls."{control_id}"]'
        if self.ignore or self.extend_ignore:
            by = meant((*self.ignore, *self.extend_ignore), control_id)
            if by:
                return False, f"ignored by {by}"
        if self.select is None:
            return True, "selected by default"
        by = meant((*self.select, *self.extend_select), control_id)
        return (True, f"selected by {by}") if by else (False, "not selected")

    def why_selected(self, control_id: str) -> str:
        """The reason a control runs or does not, for `--show-settings`."""
        return self._why_selected(control_id)[1]

    # How hard they bite

    def level(self, control_id: str, severity: str, verdict: enum.Enum | None = None) -> str:
        """`block`, `warn`, `verify` or `off` for a finding of this control, severity (`HIGH`) and verdict."""
        known = self._level.get((control_id, severity))
        if known is None:
            known = self._level[control_id, severity] = self._base_level(control_id, severity)
        level = known[0]
        if level == "block" and verdict is not None and verdict.value == "undeclared" and self.undeclared != "fail":
            # Who names the very id wants the declaration itself: for S3.4 there is nothing else to ask for.
            return level if self._named(control_id) else "warn"
        return level

    def _named(self, control_id: str) -> bool:
        """`fail-on` or `[controls]` speaks of this control by its id."""
        wanted = control_id.lower()
        return self.levels.get(control_id) == "block" or any(word.lower() == wanted for word in self.fail_on or ())

    def why_level(self, control_id: str, severity: str) -> str:
        """The reason for a level, for `--show-settings`."""
        return self._base_level(control_id, severity)[1]

    def _base_level(self, control_id: str, severity: str) -> tuple[str, str]:
        own = self.levels.get(control_id, "")
        if own in ("verify", "off") or (own and not self.fail_on_final):
            return own, f'[controls."{control_id}"]'
        if control_id in META_LEVELS:
            if self.fail_on is not None and "none" in self.fail_on:
                return "warn", "fail-on none"
            return META_LEVELS[control_id], "default"
        if self.fail_on is not None:
            by = meant((name for name in self.fail_on if name != "none"), control_id, severity)
            return ("block", f"fail-on {by}") if by else ("warn", "not in fail-on")
        by = meant(("guide", "HIGH"), control_id, severity)
        return ("block", f"default: {'guide set' if by == 'guide' else severity}") if by else ("warn", "default")

    # Files and fixes

    def excluded(self, path: str) -> bool:
        """Whether configuration leaves this file or directory alone."""
        return any(patterns.match(path) for patterns in self.exclude)

    def fixable(self, control_id: str) -> bool:
        """Whether fixes of this control may be applied in bulk."""
        if self.unfixable_ids and meant(self.unfixable_ids, control_id):
            return False
        return self.fixable_ids is None or bool(meant(self.fixable_ids, control_id))

    @property
    def shown_source(self) -> str:
        """The configuration file as a person at the working directory would name it."""
        return _from_here(self.source) if self.source else "built-in defaults"

    def spelled_for(self, path: str, configured: Iterable[str]) -> tuple[str, ...]:
        """Files that configuration names, as a run that judges `path` names its own: from the working directory, unless that is absolute.

        One spelling for each file: what is named twice is read once, and reports say paths that mean something elsewhere.
        """
        return tuple(configured) if os.path.isabs(path) else tuple(_from_here(one) for one in configured)


def _from_here(path: str) -> str:
    try:
        relative = os.path.relpath(path)
    except ValueError:
        # Another drive.
        return path
    return path if relative.startswith(os.pardir + os.sep + os.pardir) else relative
