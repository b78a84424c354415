"""Every command of every transcript prints what the transcript shows."""

import os
import pathlib

import pytest

from tests.cli.transcripts import replay, sections

HERE = pathlib.Path(__file__).parent
CASES = [(path, section) for path in sorted(HERE.glob("*.md")) for section in sections(path.read_text())]


@pytest.mark.parametrize(("path", "section"), CASES, ids=[f"{path.stem}: {section.title}" for path, section in CASES])
def test_transcript(path, section, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    now = replay(section, tmp_path)
    if os.environ.get("UPDATE_TRANSCRIPTS") and now != section.text:
        text = path.read_text()
        path.write_text(text.replace(section.text, now))
        pytest.skip("rewritten: review the difference")
    assert now == section.text
