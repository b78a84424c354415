"""Every spec through the server's own analysis: findings, ranges and edits are those of the library, in three encodings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fsbp_lsp.server.analysis import Analysis, group_of
from fsbp_lsp.server.client import Client
from fsbp_lsp.server.convert import text_edits
from fsbp_lsp.server.documents import Documents
from fsbp_lsp.server.settings import SettingsSource
from fsbp_lsp.text import LineIndex, apply_edits, edits_by_file
from tests.controls.run import findings
from tests.controls.test_specs import SECTIONS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.controls.spec import Section, Spec

# Configuration comes from files in the editor; sections that bring their own are the command line's to check.
CASES = [(spec, section) for spec, section in SECTIONS if not section.config and any(m.kind == "primary" for m in section.marks)]


def _replay(data: bytes, edits: list[dict[str, Any]], encoding: str) -> bytes:
    lines = LineIndex(data)
    spans = []
    for edit in edits:
        start, end = edit["range"]["start"], edit["range"]["end"]
        spans.append(
            (
                lines.offset(start["line"], start["character"], encoding),
                lines.offset(end["line"], end["character"], encoding),
                edit["newText"],
            )
        )
    order = sorted(range(len(spans)), key=lambda number: (spans[number][0], spans[number][1], number), reverse=True)
    for start, end, text in (spans[number] for number in order):
        data = data[:start] + text.encode() + data[end:]
    return data


@pytest.mark.parametrize(("spec", "section"), CASES, ids=[section.name for _spec, section in CASES])
def test_editor_equals_library(spec: Spec, section: Section, tmp_path: Path) -> None:
    # A line with wide characters in front makes the three encodings disagree about every column behind it.
    contents = {name: text.encode() for name, text in section.files.items()}
    for name, data in contents.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    expected = findings(contents)
    for encoding in ("utf-8", "utf-16", "utf-32"):
        client = Client()
        client.encoding = encoding
        client.diagnostic_data = True
        documents = Documents(encoding)
        analysis = Analysis(documents, SettingsSource(), client)
        for name, data in contents.items():
            path = tmp_path / name
            documents.open(path.as_uri(), "terraform" if name.endswith(".tf") else "yaml", 0, data.decode())
        got: list[tuple[str, str, str, int, int]] = []
        for group in dict.fromkeys(group_of(str(tmp_path / name)) for name in contents):
            checked = analysis.check(group, lambda: True)
            if checked is None:
                continue
            for path_text, answer in checked.answers.items():
                name = path_text.removeprefix(f"{tmp_path}/")
                for item in answer.items:
                    start = item["range"]["start"]
                    got.append((name, item["code"], item["message"], start["line"], start["character"]))
        want = [(f.at.path, f.control, f.message, *f.at.file.lines.position(f.at.start, encoding)) for f in expected]
        assert sorted(got) == sorted(want)
        for finding in expected:
            for fix in finding.fixes:
                for name, (source, edits) in edits_by_file(fix.edits).items():
                    assert _replay(source.data, text_edits(edits, encoding), encoding) == apply_edits(contents[name], edits)
