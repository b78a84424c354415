"""What an editor may send, and what it may not."""

from __future__ import annotations

from fsbp_lsp.server.client import Client, choose_encoding
from fsbp_lsp.server.options import read_options


def test_all_keys() -> None:
    complaints: list[str] = []
    options = read_options(
        {
            "fsbp": {
                "enable": False,
                "configuration": "a.toml",
                "trigger": "onSave",
                "configurationPreference": "editorOnly",
                "debounce": 0,
                "severity": {"S3.8": "Hint", "CRITICAL": "warning"},
                "settings": {"ignore": ["S3.9"]},
                "status": True,
            }
        },
        complaints,
    )
    assert complaints == []
    assert (options.enable, options.configuration, options.trigger, options.preference) == (False, "a.toml", "onSave", "editorOnly")
    assert (options.debounce, options.severity, options.settings, options.status) == (
        0,
        {"S3.8": "hint", "CRITICAL": "warning"},
        {"ignore": ["S3.9"]},
        True,
    )


def test_wrong_values_are_named_and_left_at_their_default() -> None:
    complaints: list[str] = []
    options = read_options({"enable": "no", "debounce": -1, "trigger": "never", "severity": {"S3.8": "fatal"}, "colour": 1}, complaints)
    assert len(complaints) == 5
    assert (options.enable, options.debounce, options.trigger, options.severity) == (True, 150, "onType", {})
    assert read_options([1], complaints).enable


def test_unset_keys_come_from_the_base() -> None:
    base = read_options({"debounce": 7}, [])
    assert read_options(None, [], base).debounce == 7
    assert read_options({"debounce": None}, [], base).debounce == 7


def test_encodings() -> None:
    assert choose_encoding(None) == "utf-16"
    assert choose_encoding(["utf-8", "utf-16"]) == "utf-8"
    assert choose_encoding(["utf-32", "utf-8"]) == "utf-32"
    assert choose_encoding(["latin-1"]) == "utf-16"


def test_a_client_that_says_nothing_gets_nothing_fancy() -> None:
    client = Client()
    assert client.encoding == "utf-16"
    assert not any((client.pull, client.related, client.code_actions, client.hover, client.completion, client.commands, client.tags))
