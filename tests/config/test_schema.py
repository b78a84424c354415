"""The committed schema of fsbp.toml is what the declarations say, and agrees with the reader."""

import json
import pathlib

import jsonschema
import pytest

from fsbp_lsp.cli.config import schema_text
from fsbp_lsp.config.keys import ASSUMPTIONS, KEYS
from fsbp_lsp.controls import registry

ROOT = pathlib.Path(__file__).parents[2]
COMMITTED = ROOT / "docs/schema/fsbp.toml.schema.json"


def test_the_committed_schema_is_current():
    assert COMMITTED.read_text() == schema_text(), "run: fsbp config --schema > docs/schema/fsbp.toml.schema.json"


def test_every_example_fits():
    import tomllib

    validator = jsonschema.Draft7Validator(json.loads(schema_text()))
    for key in KEYS:
        validator.validate(tomllib.loads(key.example))


@pytest.mark.parametrize("table", [{"selct": []}, {"undeclared": "err"}, {"controls": {"S3.8": {"level": "blok"}}}, {"select": ["S3.888"]}])
def test_mistakes_do_not_fit(table):
    assert not jsonschema.Draft7Validator(json.loads(schema_text())).is_valid(table)


def test_every_assumption_of_a_control_can_be_declared():
    known = {assumption.name for assumption in ASSUMPTIONS}
    for control in registry.load_all().values():
        assert set(control.assumptions) <= known, control.id


def test_documentation_names_every_setting():
    text = (ROOT / "docs/configuration.md").read_text()
    for key in KEYS:
        assert f"`{key.name}`" in text
    for assumption in ASSUMPTIONS:
        assert f"`{assumption.name}`" in text
