"""Templates that others deploy as nested stacks: judged in the editor as the command line judges all of them together."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsbp_lsp.config import Settings
from fsbp_lsp.engine.check import Scope, check
from fsbp_lsp.files import DiskFiles
from fsbp_lsp.server.nesting import Nested
from tests.server.clients import NEOVIM, VSCODE
from tests.server.test_session import start, write
from tests.server.test_storm import checks_begun, settled
from tests.server.wire import Json, Wire

CHILD = """Parameters:
  Protect: {Type: String, Default: "true"}
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      DeletionProtectionEnabled: !Ref Protect
Outputs:
  Name: {Value: !Ref Table}
"""
MIDDLE = """Parameters:
  Protect: {Type: String, Default: "true"}
Resources:
  Inner:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: ./child.yaml
      Parameters: {Protect: !Ref Protect}
"""
PARENT = """Resources:
  Data:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: stacks/middle.yaml
      Parameters: {Protect: "false"}
"""
SUPPLIED = "DynamoDB.6"
"""Fails when `Protect` is "false"; by itself the child does not decide it."""
Said = list[tuple[str, str, int, list[tuple[str, int, str]]]]


@pytest.fixture
def wire(wire: Wire, tmp_path: Path) -> Wire:
    (tmp_path / ".git").mkdir()
    return wire


def shown(wire: Wire, uri: str) -> Said:
    """What a client that is pushed to shows for a document after all that has come."""
    settled(wire)
    items: list[Json] = []
    for message in wire.kept:
        if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri:
            items = message["params"]["diagnostics"]
    return told(wire, items)


def told(wire: Wire, items: list[Json]) -> Said:
    base = wire.folder.as_uri() + "/"
    return sorted(
        (
            item["code"],
            item["message"],
            item["range"]["start"]["line"],
            [
                (place["location"]["uri"].removeprefix(base), place["location"]["range"]["start"]["line"], place["message"])
                for place in item.get("relatedInformation", [])
            ],
        )
        for item in items
    )


def by_the_command_line(wire: Wire, name: str) -> Said:
    """The same of `fsbp check` on the workspace."""
    from fsbp_lsp.ide.marks import diagnostics

    path = str(wire.folder / name)
    settings = Settings()
    found: Said = []
    for report in check(DiskFiles(), Scope((str(wire.folder),)), lambda _path: settings):
        for mark in diagnostics(report, path):
            places = [(str(Path(at.path).relative_to(wire.folder)), at.line - 1, note) for at, note in mark.related]
            found.append((mark.control, mark.message, mark.finding.at.line - 1, places))
    return sorted(found)


def changed(wire: Wire, *names: str, kind: int = 2) -> None:
    changes = [{"uri": (wire.folder / name).as_uri(), "type": kind} for name in names]
    wire.notify("workspace/didChangeWatchedFiles", {"changes": changes})


def ids(said: Said) -> list[str]:
    return [control for control, *_ in said]


@pytest.mark.parametrize("opened", [("child",), ("parent", "middle", "child"), ("child", "middle", "parent")])
def test_the_editor_says_what_the_command_line_says(wire: Wire, opened: tuple[str, ...]) -> None:
    names = {"child": ("stacks/child.yaml", CHILD), "middle": ("stacks/middle.yaml", MIDDLE), "parent": ("parent.yaml", PARENT)}
    for name, text in names.values():
        write(wire, name, text)
    start(wire, VSCODE, wire.folder)
    for one in opened:
        name, text = names[one]
        wire.open((wire.folder / name).as_uri(), text)
    for one in opened:
        name, _ = names[one]
        expected = by_the_command_line(wire, name)
        assert shown(wire, (wire.folder / name).as_uri()) == expected
        assert (SUPPLIED in ids(expected)) is (one == "child")


def test_what_the_parent_gives_decides_as_it_is_typed(wire: Wire) -> None:
    child = write(wire, "stacks/child.yaml", CHILD)
    write(wire, "stacks/middle.yaml", MIDDLE)
    parent = write(wire, "parent.yaml", PARENT)
    start(wire, VSCODE, wire.folder)
    wire.open(child, CHILD)
    assert SUPPLIED in ids(shown(wire, child))
    wire.open(parent, PARENT)
    for version, text in enumerate((PARENT.replace('"false"', '"true"'), "# moved\n" + PARENT, PARENT.replace("Data", "Other"), PARENT), 2):
        (wire.folder / "parent.yaml").write_text(text, encoding="utf-8")  # for the command line; nobody tells the server
        wire.change(parent, version, {"text": text})
        expected = by_the_command_line(wire, "stacks/child.yaml")
        assert shown(wire, child) == expected
        assert (SUPPLIED in ids(expected)) is ('"false"' in text)
    # Between them stands a template nobody has open.
    write(wire, "stacks/middle.yaml", MIDDLE.replace("!Ref Protect", '"true"'))
    changed(wire, "stacks/middle.yaml")
    assert SUPPLIED not in ids(shown(wire, child))
    assert shown(wire, child) == by_the_command_line(wire, "stacks/child.yaml")


def test_parents_come_and_go(wire: Wire) -> None:
    child = write(wire, "stacks/child.yaml", CHILD)
    start(wire, VSCODE, wire.folder)
    wire.open(child, CHILD)
    assert SUPPLIED not in ids(shown(wire, child))
    # One that is not saved yet.
    parent = (wire.folder / "parent.yaml").as_uri()
    text = PARENT.replace("middle", "child")
    wire.open(parent, text)
    assert SUPPLIED in ids(shown(wire, child))
    wire.notify("textDocument/didClose", {"textDocument": {"uri": parent}})
    assert SUPPLIED not in ids(shown(wire, child)), "it was never on disk"
    # One that others write, in two steps.
    write(wire, "stacks/middle.yaml", MIDDLE)
    write(wire, "parent.yaml", PARENT)
    changed(wire, "stacks/middle.yaml", "parent.yaml", kind=1)
    assert shown(wire, child) == by_the_command_line(wire, "stacks/child.yaml")
    assert SUPPLIED in ids(shown(wire, child))
    (wire.folder / "parent.yaml").unlink()
    changed(wire, "parent.yaml", kind=3)
    assert SUPPLIED not in ids(shown(wire, child))
    assert shown(wire, child) == by_the_command_line(wire, "stacks/child.yaml")


def test_an_excluded_parent_says_nothing(wire: Wire) -> None:
    child = write(wire, "stacks/child.yaml", CHILD)
    text = PARENT.replace("middle", "child")
    parent = write(wire, "parent.yaml", text)
    configuration = write(wire, "fsbp.toml", 'exclude = ["parent.yaml"]\n')
    start(wire, VSCODE, wire.folder)
    wire.open(child, CHILD)
    wire.open(parent, text)
    assert SUPPLIED not in ids(shown(wire, child))
    (wire.folder / "fsbp.toml").write_text("", encoding="utf-8")
    changed(wire, "fsbp.toml")
    assert SUPPLIED in ids(shown(wire, child))
    assert configuration


def test_closed_templates_follow_where_the_whole_workspace_is_shown(wire: Wire) -> None:
    child = write(wire, "stacks/child.yaml", CHILD)
    write(wire, "stacks/middle.yaml", MIDDLE)
    write(wire, "parent.yaml", PARENT)
    start(wire, VSCODE, wire.folder, {"scope": "workspace"})
    assert shown(wire, child) == by_the_command_line(wire, "stacks/child.yaml")
    assert SUPPLIED in ids(shown(wire, child))
    write(wire, "parent.yaml", PARENT.replace('"false"', '"true"'))
    changed(wire, "parent.yaml")
    assert SUPPLIED not in ids(shown(wire, child))


def test_a_client_that_pulls_is_asked_to_look_again(wire: Wire) -> None:
    child = write(wire, "stacks/child.yaml", CHILD)
    write(wire, "parent.yaml", PARENT.replace("middle", "child"))
    start(wire, NEOVIM, wire.folder)
    wire.open(child, CHILD)
    first = wire.request("textDocument/diagnostic", {"textDocument": {"uri": child}})
    wire.wait("workspace/diagnostic/refresh")
    again = wire.request("textDocument/diagnostic", {"textDocument": {"uri": child}, "previousResultId": first["resultId"]})
    assert SUPPLIED in ids(told(wire, again["items"]))


def test_typing_in_a_child_is_answered_from_its_own_check_alone(wire: Wire) -> None:
    """The search is over before; one keystroke is one check of what is open, with the parents read as they are."""
    child = write(wire, "stacks/child.yaml", CHILD)
    write(wire, "parent.yaml", PARENT.replace("middle", "child"))
    start(wire, VSCODE, wire.folder)
    wire.open(child, CHILD)
    assert SUPPLIED in ids(shown(wire, child))
    begun = checks_begun(wire)
    wire.change(child, 2, {"text": CHILD + "# typed\n"})
    assert SUPPLIED in ids(shown(wire, child))
    assert checks_begun(wire) == begun + 1


def test_what_is_known_of_a_chain_is_put_together() -> None:
    nested = Nested()
    assert nested.learn("p", frozenset({"m"})) == {"m"}
    assert nested.learn("p", frozenset({"m"})) == frozenset()
    assert nested.learn("m", frozenset({"c"})) == {"c"}
    assert nested.above("c") == {"m", "p"}
    assert nested.above("m") == {"p"}
    assert nested.learn("c", frozenset({"p"})) == {"p"}  # a circle ends
    assert nested.above("c") == {"m", "p"}
    assert nested.learn("m", frozenset()) == {"c"}
    assert nested.above("c") == frozenset()
