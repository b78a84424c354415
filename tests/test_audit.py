"""Every binding agrees with the provider schemas; and the audit itself would notice if one did not."""

from __future__ import annotations

import pytest

from fsbp_lsp.dev import audit, inventory, schemas
from fsbp_lsp.model import Attr, Companion, Facet, Kind, Nested, Part, Update
from fsbp_lsp.model.lens import _facets, _kinds


def test_every_binding_agrees_with_the_schemas():
    assert audit.Audit().run() == []


def test_every_type_named_in_code_is_in_a_schema():
    known = {*schemas.read(schemas.CLOUDFORMATION)["resources"]}
    for name in schemas.TERRAFORM:
        known |= {*schemas.read(name)["resources"], *schemas.read(name)["data_sources"]}
    missing = sorted(set(inventory.types()) - known)
    assert not missing, f"run: python -m fsbp_lsp.dev schemas FOLDER (for {', '.join(missing)})"


@pytest.fixture
def registry():
    """Leaves the registers of kinds and facets as they were."""
    inventory.load()
    kinds, facets = list(_kinds), list(_facets)
    yield
    _kinds[:], _facets[:] = kinds, facets


def complaints(attribute=None, facet=None):
    members = {"part": Part(facet)} if facet is not None else {"attribute": attribute}
    type("Wrong", (Kind,), members, tf="aws_db_instance", cfn="AWS::RDS::DBInstance")
    return "\n".join(audit.Audit().run())


@pytest.mark.parametrize(
    ("attribute", "complaint"),
    [
        (Attr("storage_encrypt", None), "storage_encrypt does not exist"),
        (Attr("storage_encrypted.x", None), "storage_encrypted.x does not exist"),
        (Attr(None, "Tags.Key"), "Tags.Key does not exist"),
        (Attr(None, "Tags[Name=x].Value"), "Tags[Name=x]: its elements have no Name"),
        (Attr(None, "StorageEncrypted[*]"), "StorageEncrypted is no list"),
        (Attr("arn", None), "arn is read-only"),
        (Attr(None, "DBInstanceArn"), "DBInstanceArn is read-only"),
        (Attr("storage_encrypted", None, default="no"), "default 'no' for storage_encrypted, a bool"),
        (Attr(None, "StorageEncrypted"), "StorageEncrypted is create-only, but update is IN_PLACE"),
    ],
)
def test_a_wrong_attribute_is_noticed(registry, attribute, complaint):
    assert complaint in complaints(attribute)


@pytest.mark.parametrize(
    "attribute",
    [
        Attr("storage_encrypted", "StorageEncrypted", default=False, update=Update.REPLACES),
        Attr(None, "Tags[Key=x].Value", default="y"),
        Attr("restore_to_point_in_time.use_latest_restorable_time", None, default=False),
    ],
)
def test_a_right_attribute_passes(registry, attribute):
    assert complaints(attribute) == ""


@pytest.mark.parametrize(
    ("place", "complaint"),
    [
        ({"tf": Companion("aws_nowhere", by="x")}, "aws_nowhere: no such type"),
        ({"tf": Companion("aws_flow_log", by="vpc")}, "aws_flow_log: vpc does not exist"),
        ({"tf": Companion("aws_flow_log", by="vpc_id", owner_name="nam")}, "owner_name nam is no attribute of aws_db_instance"),
        ({"tf": Companion("aws_flow_log", by="vpc_id", reference="uid")}, "reference uid is no attribute of aws_db_instance"),
        ({"cfn": Nested("Nowhere")}, "Nowhere does not exist"),
    ],
)
def test_a_wrong_place_is_noticed(registry, place, complaint):
    facet = type("Misplaced", (Facet,), {}, **place)
    assert complaint in complaints(facet=facet)
