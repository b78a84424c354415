"""Which settings hold where: folders, files, the editor, and what happens when a file is broken."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from fsbp_lsp.server.client import Client
from fsbp_lsp.server.options import read_options
from fsbp_lsp.server.settings import SettingsSource
from fsbp_lsp.server.uris import stand_in

if TYPE_CHECKING:
    from pathlib import Path


def source_for(*folders: Path, options: Any = None) -> SettingsSource:
    source = SettingsSource()
    params = SimpleNamespace(
        workspace_folders=[SimpleNamespace(uri=folder.as_uri()) for folder in folders],
        root_uri=None,
        root_path=None,
        initialization_options=options,
    )
    source.begin(params, Client())
    return source


def test_the_closest_file_wins_in_every_folder(tmp_path: Path) -> None:
    (tmp_path / "a" / "deep").mkdir(parents=True)
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "fsbp.toml").write_text('ignore = ["S3.1"]\n')
    (tmp_path / "b" / "fsbp.toml").write_text('ignore = ["S3.2"]\n')
    source = source_for(tmp_path / "a", tmp_path / "b")
    assert source.for_path(str(tmp_path / "a/deep/main.tf")).ignore == ("S3.1",)
    assert source.for_path(str(tmp_path / "b/main.tf")).ignore == ("S3.2",)
    assert source.for_path(str(tmp_path / "b/main.tf")) is source.for_path(str(tmp_path / "b/other.tf"))
    assert [folder for folder, _ in source.described()] == [str(tmp_path / "a"), str(tmp_path / "b")]


def test_files_outside_any_folder_and_in_no_file_work_with_defaults(tmp_path: Path) -> None:
    source = source_for()
    assert source.for_path(str(tmp_path / "main.tf")).ignore == ()
    assert source.for_path(stand_in("untitled:Untitled-1", "terraform")).source == ""


@pytest.mark.parametrize(("preference", "ignored"), [("editorFirst", ("S3.9",)), ("filesystemFirst", ("S3.1",)), ("editorOnly", ("S3.9",))])
def test_preference(tmp_path: Path, preference: str, ignored: tuple[str, ...]) -> None:
    (tmp_path / "fsbp.toml").write_text('ignore = ["S3.1"]\nrequire-reason = true\n')
    options = {"configurationPreference": preference, "settings": {"ignore": ["S3.9"]}}
    settings = source_for(tmp_path, options=options).for_path(str(tmp_path / "main.tf"))
    assert settings.ignore == ignored
    assert settings.require_reason is (preference != "editorOnly")


def test_filesystem_first_falls_back_to_the_editor(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    options = {"configurationPreference": "filesystemFirst", "settings": {"ignore": ["S3.9"]}}
    assert source_for(tmp_path, options=options).for_path(str(tmp_path / "main.tf")).ignore == ("S3.9",)


def test_a_named_file(tmp_path: Path) -> None:
    (tmp_path / "team.toml").write_text('ignore = ["S3.5"]\n')
    source = source_for(tmp_path, options={"configuration": "team.toml"})
    assert source.for_path(str(tmp_path / "main.tf")).ignore == ("S3.5",)


def test_the_last_good_settings_stay(tmp_path: Path) -> None:
    config, path = tmp_path / "fsbp.toml", str(tmp_path / "main.tf")
    config.write_text('ignore = ["S3.1"]\n')
    source = source_for(tmp_path)
    assert source.for_path(path).ignore == ("S3.1",)
    config.write_text('ignore = ["S3.1"]\nignor = 3\n')
    source.invalidate()
    assert source.for_path(path).ignore == ("S3.1",)
    [problem] = source.problems()
    assert (problem.path, problem.line, problem.width) == (str(config), 2, 9)
    config.write_text('ignore = ["S3.2"]\n')
    source.invalidate()
    assert source.for_path(path).ignore == ("S3.2",)
    assert source.problems() == []


def test_wrong_editor_settings_are_survived(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    source = source_for(tmp_path, options={"settings": {"ignor": ["S3.9"]}})
    assert source.for_path(str(tmp_path / "main.tf")).ignore == ()
    assert "ignor" in caplog.text


def test_options_by_the_innermost_folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    source = source_for(tmp_path, tmp_path / "in")
    source._by_folder = {str(tmp_path / "in"): read_options({"enable": False}, [])}
    assert source.options_for(str(tmp_path / "main.tf")).enable
    assert not source.options_for(str(tmp_path / "in/main.tf")).enable
    assert source.options_for(str(tmp_path / "inner/main.tf")).enable
    source.remove_folder((tmp_path / "in").as_uri())
    assert source.options_for(str(tmp_path / "in/main.tf")).enable
