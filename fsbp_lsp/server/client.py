"""What the client can do, read once from its `initialize` request; everything sent later keeps to it."""

from __future__ import annotations

from typing import Any

ENCODINGS = ("utf-8", "utf-16", "utf-32")


def dig(thing: Any, *names: str) -> Any:
    """Attribute by attribute; None as soon as one is absent."""
    for name in names:
        if thing is None:
            return None
        thing = getattr(thing, name, None)
    return thing


def _value(thing: Any) -> Any:
    return getattr(thing, "value", thing)


def choose_encoding(offered: Any) -> str:
    """The client's first entry among those we know; utf-16 when it is silent."""
    for encoding in offered or ():
        name = str(_value(encoding))
        if name in ENCODINGS:
            return name
    return "utf-16"


class Client:
    """Capabilities as plain booleans. `capabilities`: the lsprotocol object; None stands for a client that says nothing."""

    def __init__(self, capabilities: Any = None) -> None:
        text = dig(capabilities, "text_document")
        workspace = dig(capabilities, "workspace")
        publish = dig(text, "publish_diagnostics")
        pull = dig(text, "diagnostic")
        action = dig(text, "code_action")

        self.encoding = choose_encoding(dig(capabilities, "general", "position_encodings"))

        self.pull = pull is not None
        self.refresh = self.pull and bool(dig(workspace, "diagnostics", "refresh_support"))
        self.related = bool(dig(publish, "related_information")) or bool(dig(pull, "related_information"))
        self.code_description = bool(dig(publish, "code_description_support")) or bool(dig(pull, "code_description_support"))
        self.diagnostic_data = bool(dig(publish, "data_support")) or bool(dig(pull, "data_support"))
        tags = dig(publish, "tag_support", "value_set") or dig(pull, "tag_support", "value_set") or ()
        self.tags = frozenset(int(_value(tag)) for tag in tags)
        self.versions = bool(dig(publish, "version_support"))

        kinds = dig(action, "code_action_literal_support", "code_action_kind", "value_set")
        self.code_actions = kinds is not None
        self.preferred = bool(dig(action, "is_preferred_support"))
        self.disabled = bool(dig(action, "disabled_support"))
        properties = dig(action, "resolve_support", "properties") or ()
        self.resolve = bool(dig(action, "data_support")) and "edit" in properties

        self.document_changes = bool(dig(workspace, "workspace_edit", "document_changes"))
        self.annotations = self.document_changes and dig(workspace, "workspace_edit", "change_annotation_support") is not None
        self.snippet_edits = self.document_changes and bool(dig(workspace, "workspace_edit", "snippet_edit_support"))
        self.apply_edit = bool(dig(workspace, "apply_edit"))

        hover = dig(text, "hover")
        self.hover = hover is not None
        self.markdown = "markdown" in [str(_value(kind)) for kind in dig(hover, "content_format") or ()]
        self.completion = dig(text, "completion") is not None
        self.commands = dig(workspace, "execute_command") is not None
        self.show_document = bool(dig(capabilities, "window", "show_document", "support"))

        self.inlay_hints = dig(text, "inlay_hint") is not None
        self.refresh_hints = self.inlay_hints and bool(dig(workspace, "inlay_hint", "refresh_support"))
        self.code_lens = dig(text, "code_lens") is not None
        self.refresh_lenses = self.code_lens and bool(dig(workspace, "code_lens", "refresh_support"))
        self.progress = bool(dig(capabilities, "window", "work_done_progress"))

        self.configuration = bool(dig(workspace, "configuration"))
        self.register_configuration = bool(dig(workspace, "did_change_configuration", "dynamic_registration"))
        self.register_watchers = bool(dig(workspace, "did_change_watched_files", "dynamic_registration"))
        self.relative_patterns = bool(dig(workspace, "did_change_watched_files", "relative_pattern_support"))
        self.folders = bool(dig(workspace, "workspace_folders"))
        self.renames = bool(dig(workspace, "file_operations", "did_rename"))
        self.deletes = bool(dig(workspace, "file_operations", "did_delete"))

        experimental = dig(capabilities, "experimental")
        ours = experimental.get if isinstance(experimental, dict) else lambda name: dig(experimental, name)
        self.status = bool(ours("fsbpStatus"))
        # The client has a command of this name, which asks for a reason before anything is written.
        self.asks = bool(ours("fsbpAskIgnore"))
