"""What the editor may set: `initializationOptions`, and section `fsbp` of `workspace/configuration`.

Wrong values never stop the server: they are reported and the default stays.
"""

from __future__ import annotations

from typing import Any

SECTION = "fsbp"
TRIGGERS = ("onType", "onSave")
PREFERENCES = ("editorFirst", "filesystemFirst", "editorOnly")
SEVERITIES = ("error", "warning", "information", "hint")
SCOPES = ("openFiles", "module", "workspace")
FLAGS = {
    "enable": "enable",
    "status": "status",
    "showUnknown": "show_unknown",
    "inlayHints": "inlay_hints",
    "codeLenses": "code_lenses",
}
CFN_LINT = ("off", "onSave")
MAX_DEBOUNCE = 5000


class Options:
    """enable: check at all. configuration: a configuration file to use instead of the closest one, '' to look for it.

    settings: keys of fsbp.toml given by the editor. preference: whether those or the file win.
    severity: shown severity by id, glob or catalogue severity. trigger: check while typing or on save.
    debounce: quiet milliseconds before a check while typing. status: send `fsbp/status` notifications.
    cfn_lint: have cfn-lint look at saved templates where it is installed.
    show_unknown: what source does not decide, as diagnostics of severity Hint in open documents.
    inlay_hints, code_lenses: offer them.
    scope: whose findings to show: open files, all files of their modules, or everything in the workspace folders.
    """

    __slots__ = (
        "cfn_lint",
        "code_lenses",
        "configuration",
        "debounce",
        "enable",
        "inlay_hints",
        "preference",
        "scope",
        "settings",
        "severity",
        "show_unknown",
        "status",
        "trigger",
    )

    def __init__(self) -> None:
        self.enable = True
        self.configuration = ""
        self.settings: dict[str, Any] = {}
        self.preference = "editorFirst"
        self.severity: dict[str, str] = {}
        self.trigger = "onType"
        self.debounce = 150
        self.scope = "module"
        self.cfn_lint = "onSave"
        self.show_unknown = False
        self.inlay_hints = False
        self.code_lenses = False
        self.status = False

    def key(self) -> tuple[Any, ...]:
        return tuple(repr(getattr(self, name)) for name in self.__slots__)


def read_options(payload: Any, complaints: list[str], base: Options | None = None) -> Options:
    """Options from what a client sent; `{"fsbp": {…}}` and the section itself are both understood.

    base: where unset keys come from. complaints: one line for each value that was not usable.
    """
    options = Options()
    if base is not None:
        for name in Options.__slots__:
            setattr(options, name, getattr(base, name))
    payload = _plain(payload)
    if isinstance(payload, dict) and isinstance(payload.get(SECTION), dict):
        payload = payload[SECTION]
    if payload is None:
        return options
    if not isinstance(payload, dict):
        complaints.append(f"expected an object, not {type(payload).__name__}")
        return options
    for name, value in payload.items():
        if value is None:
            continue
        if name in FLAGS:
            if _is(value, bool, name, complaints):
                setattr(options, FLAGS[name], value)
        elif name == "configuration":
            if _is(value, str, name, complaints):
                options.configuration = value
        elif name in ("trigger", "diagnosticsTrigger"):
            if _one_of(value, TRIGGERS, name, complaints):
                options.trigger = value
        elif name == "cfnLint":
            if _one_of(value, CFN_LINT, name, complaints):
                options.cfn_lint = value
        elif name == "scope":
            if _one_of(value, SCOPES, name, complaints):
                options.scope = value
        elif name == "configurationPreference":
            if _one_of(value, PREFERENCES, name, complaints):
                options.preference = value
        elif name == "debounce":
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= MAX_DEBOUNCE:
                complaints.append(f"debounce: expected milliseconds from 0 to {MAX_DEBOUNCE}")
            else:
                options.debounce = int(value)
        elif name == "severity":
            if _is(value, dict, name, complaints):
                options.severity = {
                    key: str(shown).lower()
                    for key, shown in value.items()
                    if _one_of(str(shown).lower(), SEVERITIES, f"severity.{key}", complaints)
                }
        elif name == "settings":
            if _is(value, dict, name, complaints):
                options.settings = dict(value)
        elif name in ("trace", "logLevel", "path", "command", "interpreter", "args", "env", "importStrategy"):
            continue  # the client's own affairs, often sent along
        else:
            complaints.append(f"{name}: no such option")
    return options


def _plain(thing: Any) -> Any:
    """What pygls hands objects of unknown type over as named tuples becomes a dict again."""
    if hasattr(thing, "_asdict"):
        return {key: _plain(value) for key, value in thing._asdict().items()}
    if isinstance(thing, dict):
        return {key: _plain(value) for key, value in thing.items()}
    return thing


def _is(value: Any, kind: type, name: str, complaints: list[str]) -> bool:
    if isinstance(value, kind):
        return True
    complaints.append(f"{name}: expected {'an object' if kind is dict else kind.__name__}, not {type(value).__name__}")
    return False


def _one_of(value: Any, allowed: tuple[str, ...], name: str, complaints: list[str]) -> bool:
    if value in allowed:
        return True
    complaints.append(f"{name}: expected one of {', '.join(allowed)}")
    return False
