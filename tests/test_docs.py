"""The documentation is what the code says: generated pages are current, and what hand-written pages show is real."""

from __future__ import annotations

import json
import os
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from fsbp_lsp import __version__, catalog
from fsbp_lsp.cli import main
from fsbp_lsp.config.keys import META_LEVELS
from fsbp_lsp.controls import registry
from fsbp_lsp.dev import docs, inventory
from fsbp_lsp.dev.__main__ import COMMANDS
from fsbp_lsp.ide import explain
from fsbp_lsp.server.options import FLAGS, Options, read_options
from tests.test_floors import FLOORS

ROOT = Path(inventory.ROOT)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "controls").glob("*.md"))]


@pytest.fixture(scope="module")
def files():
    return docs.render()


def test_generated_files_are_current(files):
    assert not docs.differences(files), "run: python -m fsbp_lsp.dev docs"


def test_every_checked_control_is_explained(files):
    for id in registry.load_all():
        told = catalog.explanation(id.lower())
        assert told is not None
        assert told["summary"]
        assert any(table["properties"] for table in told["bindings"]), f"{id} reads nothing while its specification runs"
        page, _, anchor = told["page"].partition("#")
        headings = {heading.lower().replace(".", "") for heading in re.findall(r"^## (\S+)$", files[ROOT / page], re.MULTILINE)}
        assert anchor in headings
    assert catalog.explanation("Account.2") is None
    assert catalog.explanation("no such control") is None


def test_without_the_data_file_the_words_are_missing_and_nothing_else(monkeypatch, capsys):
    monkeypatch.setattr(catalog, "_explained", None)
    monkeypatch.setattr(catalog, "DOCS", os.devnull + ".none")
    assert catalog.explanation("S3.8") is None
    assert explain("S3.8") is not None
    assert main(["explain", "S3.8"]) == 0
    assert capsys.readouterr().out.startswith("S3.8: ")


def test_hover_and_command_line_tell_what_is_read():
    told = catalog.explanation("S3.8")
    assert told is not None
    text = explain("S3.8")
    assert text is not None
    assert told["summary"] in text
    assert "`aws_s3_bucket_public_access_block: block_public_acls` / `PublicAccessBlockConfiguration.BlockPublicAcls`" in text


def test_bindings_come_from_what_the_check_reads():
    """A detour through the lenses: another kind of the same resource, a companion, and what has no lens."""
    rows = {(row["terraform"], row["cloudformation"]) for row in _properties("EC2.2")}
    added = "aws_security_group_rule or aws_vpc_security_group_ingress_rule or aws_vpc_security_group_egress_rule"
    assert rows == {("aws_default_security_group", ""), ("egress, ingress", ""), (added, "")}
    assert ("aws_flow_log: traffic_type", "AWS::EC2::FlowLog: TrafficType") in {
        (row["terraform"], row["cloudformation"]) for row in _properties("EC2.6")
    }
    public = next(row for row in _properties("RDS.2") if row["cloudformation"])
    assert (public["default"], public["change"]) == ("false / not in source", "can cut existing access")


def _properties(id: str) -> list[dict[str, str]]:
    told = catalog.explanation(id)
    assert told is not None
    return [row for table in told["bindings"] for row in table["properties"]]


def test_coverage_page_lists_the_whole_standard(files):
    text = files[docs.PAGES / "README.md"]
    listed = re.findall(r"^\| \[?([A-Za-z0-9]+\.[0-9]+)", text, re.MULTILINE)
    assert listed == [entry.id for entry in catalog.all_controls() if entry.id in {*catalog.FSBP, "S3.4"}]
    counts = dict(re.findall(r"^\| (full|partial|not yet|none) \| ([0-9]+) \|", text, re.MULTILINE))
    assert sum(map(int, counts.values())) == len(listed)


def test_check_notices_a_difference(files, tmp_path, monkeypatch):
    monkeypatch.setattr(docs, "ROOT", str(tmp_path))
    monkeypatch.setattr(docs, "PAGES", tmp_path)
    page = tmp_path / "s3.md"
    page.write_text("as it was", encoding="utf-8")
    (tmp_path / "gone.md").write_text("", encoding="utf-8")
    assert docs.differences({page: "as it is", tmp_path / "new.md": ""}) == ["gone.md", "new.md", "s3.md"]
    assert docs.differences({page: "as it was", tmp_path / "gone.md": ""}) == []


def test_wrong_usage(capsys):
    assert docs.main(["--chekc"]) == 2
    assert "usage" in capsys.readouterr().out


def shown(text: str, language: str) -> list[str]:
    """Fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_readme_transcript_is_real(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    for name in ("FSBP_CONFIG", "FSBP_FAIL_ON", "FORCE_COLOR", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    (block,) = shown((ROOT / "README.md").read_text(encoding="utf-8"), "console")
    command, _, expected = block.partition("\n")
    words = shlex.split(command.removeprefix("$ "))
    assert words[:2] == ["fsbp", "check"]
    assert main(words[1:]) == 1
    printed = capsys.readouterr()
    assert printed.out + printed.err == expected
    assert len(block.splitlines()) <= 30


def anchors(text: str) -> set[str]:
    """What GitHub makes of the headings."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    prose = re.sub(r"^(`{3,}).*?^\1$|`[^`\n]*`", "", text, flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        file = Path(os.path.normpath(page.parent / name)) if name else page
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file.read_text(encoding="utf-8")), target


def test_guide_rows_say_what_is_decided():
    text = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")][1:]
    named: set[str] = set()
    for _row, ids, decided in rows:
        found = re.findall(r"[A-Za-z0-9]+\.[0-9]+", ids)
        named.update(found)
        states = {registry.coverage(id)[0] for id in found}
        words = {"full": "yes", "partial": "partly", "none": "no"}
        for state in states:
            assert re.search(rf"\b{words[state]}\b", decided), (ids, states, decided)
    assert named == catalog.GUIDE


def test_configuration_page_shows_a_file_that_holds(tmp_path, monkeypatch, capsys):
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    example = max(shown(text, "toml"), key=len)
    (tmp_path / "fsbp.toml").write_text(example, encoding="utf-8")
    (tmp_path / "main.tf").write_text("", encoding="utf-8")
    assert main(["check", "--show-settings", "main.tf"]) == 0
    assert "fsbp.toml" in capsys.readouterr().out.splitlines()[0]
    (message,) = shown(text, "text")
    (tmp_path / "fsbp.toml").write_text('[controls."S3.8"]\nlevel = "off"\n[controls."S3.9"]\nlevel = "blok"\n', encoding="utf-8")
    assert main(["check"]) == 2
    assert capsys.readouterr().err == message


def test_configuration_page_lists_the_levels_of_the_source_itself():
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (block|warn|verify|off) \|", text, re.MULTILINE))
    assert rows == META_LEVELS


def test_readme_names_this_release():
    assert f"rev: v{__version__}\n" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_architecture_page_has_the_floors():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (`.*?`) \|", text, re.MULTILINE)
    assert {name: int(floor) for floor, names in rows for name in re.findall(r"`(\w+)`", names)} == FLOORS


def test_editor_snippets_are_well_formed():
    text = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
    for snippet in shown(text, "json"):
        json.loads(snippet)
    for snippet in shown(text, "toml"):
        tomllib.loads(snippet)


def test_editor_options_are_those_the_server_reads():
    text = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", text, re.MULTILINE))
    names = {"configurationPreference": "preference", "cfnLint": "cfn_lint", **FLAGS}
    assert {names.get(name, name) for name in rows} == set(Options.__slots__)
    complaints: list[str] = []
    read = read_options({name: json.loads(value) for name, value in rows.items()}, complaints)
    assert not complaints
    assert read.key() == Options().key()


def test_pages_name_commands_that_exist():
    text = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == set(COMMANDS)
