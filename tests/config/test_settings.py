"""Selection, levels and their precedence."""

import os
from pathlib import Path
from typing import Any

import pytest

from fsbp_lsp.config import Configuration, Settings
from fsbp_lsp.config.load import layer_of
from fsbp_lsp.config.read import Layer
from fsbp_lsp.model import Verdict


def configured(*overrides: str, **table: Any) -> Settings:
    layers = [Layer("test", {name.replace("_", "-"): value for name, value in table.items()}, os.getcwd())]
    layers += [layer_of(text) for text in overrides]
    return Configuration(isolated=True, overrides=layers).settings_for("a.tf")


def test_defaults_block_the_guide_and_what_is_grave():
    settings = configured()
    assert settings.level("S3.4", "MEDIUM") == "block"  # in the guide
    assert settings.level("EC2.19", "CRITICAL") == "block"
    assert settings.level("EC2.2", "HIGH") == "block"
    assert settings.level("EC2.6", "MEDIUM") == "warn"
    assert settings.level("S3.9", "LOW") == "warn"
    assert settings.selected("S3.9")


@pytest.mark.parametrize(
    ("undeclared", "level"),
    [("warn", "warn"), ("fail", "block"), ("ignore", "warn")],
)
def test_undeclared_is_one_step_milder(undeclared, level):
    settings = configured(undeclared=undeclared)
    assert settings.level("S3.8", "HIGH", Verdict.UNDECLARED) == level
    assert settings.level("S3.8", "HIGH", Verdict.FAIL) == "block"
    assert settings.level("S3.9", "LOW", Verdict.UNDECLARED) == "warn"


@pytest.mark.parametrize(
    ("fail_on", "id", "severity", "level"),
    [
        (["S3.8"], "S3.8", "HIGH", "block"),
        (["S3.8"], "S3.4", "MEDIUM", "warn"),
        (["s3.*"], "S3.9", "LOW", "block"),
        (["HIGH"], "EC2.19", "CRITICAL", "block"),
        (["high"], "EC2.2", "HIGH", "block"),
        (["HIGH"], "EC2.6", "MEDIUM", "warn"),
        (["LOW"], "EC2.6", "MEDIUM", "block"),
        (["starter"], "S3.4", "MEDIUM", "block"),
        (["starter"], "IAM.1", "HIGH", "warn"),
        (["guide"], "IAM.1", "HIGH", "block"),
        (["fsbp"], "EC2.6", "MEDIUM", "block"),
        (["none"], "EC2.19", "CRITICAL", "warn"),
        (["none"], "syntax", "", "warn"),
        (["S3.8"], "syntax", "", "block"),
        (["S3.8"], "unused-ignore", "", "warn"),
    ],
)
def test_fail_on_replaces_what_blocks(fail_on, id, severity, level):
    assert configured(fail_on=fail_on).level(id, severity) == level


def test_a_level_in_the_file_beats_fail_on_in_the_file_but_not_on_the_command_line():
    levels = {"S3.8": {"level": "warn"}, "EC2.2": {"level": "verify"}}
    assert configured(fail_on=["S3.8"], controls=levels).level("S3.8", "HIGH") == "warn"
    strict = configured("fail-on=S3.8", controls=levels)
    assert strict.level("S3.8", "HIGH") == "block"
    assert strict.level("EC2.2", "HIGH") == "verify"


def test_select_and_ignore():
    settings = configured(select=["guide", "EC2.*"], ignore=["EC2.1*"], extend_select=["rds.3"])
    assert [settings.selected(id) for id in ("S3.8", "EC2.2", "EC2.18", "RDS.3", "RDS.2")] == [True, True, False, True, False]
    assert settings.why_selected("EC2.18") == "ignored by EC2.1*"
    assert settings.why_selected("EC2.2") == "selected by EC2.*"
    assert configured(select=["CRITICAL"]).selected("EC2.19")
    assert not configured(select=["CRITICAL"]).selected("EC2.6")
    assert not configured(controls={"S3.9": {"level": "off"}}).selected("S3.9")


def test_select_on_the_command_line_starts_afresh():
    file = {"ignore": ["S3.8"], "extend_select": ["EC2.2"], "controls": {"S3.9": {"level": "off"}}}
    settings = configured('select=["S3.8","S3.9"]', **file)
    assert [settings.selected(id) for id in ("S3.8", "S3.9", "EC2.2")] == [True, True, False]


def test_per_path_ignores_and_exclude():
    settings = configured(per_path_ignores={"test/**": ["S3.*"]}, exclude=["examples/", "*.gen.tf"])
    assert not settings.selected("S3.8", os.path.join("test", "a.tf"))
    assert settings.selected("S3.8", os.path.join("prod", "a.tf"))
    assert settings.selected("S3.8")
    assert settings.excluded(os.path.join("x", "examples", "a.tf"))
    assert settings.excluded("a.gen.tf")
    assert not settings.excluded("a.tf")


def test_fixable():
    settings = configured(fixable=["S3.*"], unfixable=["S3.9"])
    assert [settings.fixable(id) for id in ("S3.8", "S3.9", "EC2.2")] == [True, False, False]
    assert Settings().fixable("EC2.2")


def test_assumptions_can_be_taken_back():
    assert configured(assume={"imdsv2-default": True}).assume == {"imdsv2-default": True}
    assert configured("assume.imdsv2-default=false", assume={"imdsv2-default": True}).assume == {}


def test_override_values_are_toml_or_bare_words():
    assert configured("undeclared=fail").undeclared == "fail"
    assert configured('controls."S3.8".level=warn').levels == {"S3.8": "warn"}
    assert configured("require-reason=true").require_reason is True


def test_configured_files_are_spelled_as_a_run_spells_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    below = tmp_path / "live"
    below.mkdir()
    values = str(tmp_path / "prod.tfvars")
    monkeypatch.chdir(tmp_path)
    assert Settings().spelled_for("live", [values]) == ("prod.tfvars",)
    assert Settings().spelled_for(str(below), [values]) == (values,)
    monkeypatch.chdir(below)
    assert Settings().spelled_for("", [values, f"{values}#prod"]) == ("../prod.tfvars", "../prod.tfvars#prod")
    # As far away as that, the whole path says more.
    (below / "deep").mkdir()
    monkeypatch.chdir(below / "deep")
    assert Settings().spelled_for("main.tf", [values]) == (values,)
