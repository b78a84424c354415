"""The catalogue: the committed facts, the generated module, and how ids are looked up."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbp_lsp import catalog
from fsbp_lsp.dev import catalog as generator

IDS = [entry.id for entry in catalog.all_controls()]


def test_generated_module_is_current():
    with open(generator.DATA, encoding="utf-8", newline="") as file:
        assert file.read() == generator.render_data(*generator.load()), "run: python -m fsbp_lsp.dev catalog"


def test_toml_is_in_its_canonical_form():
    with open(generator.TOML, encoding="utf-8", newline="") as file:
        assert file.read() == generator.render_toml(*generator.load())


def test_counts_of_the_standard():
    statuses = [entry.status for entry in catalog.all_controls()]
    assert (len(statuses), statuses.count("fsbp"), statuses.count("retired")) == (436, 367, 14)
    of_standard = [entry for entry in catalog.all_controls() if entry.status == "fsbp"]
    assert [sum(entry.decidable == answer for entry in of_standard) for answer in ("yes", "partial", "no")] == [279, 67, 21]
    assert [sum(entry.severity == rank for entry in of_standard) for rank in catalog.SEVERITIES] == [27, 62, 243, 35]


@pytest.mark.parametrize("entry", catalog.all_controls(), ids=IDS)
def test_row_is_well_formed(entry):
    assert re.fullmatch(r"[A-Za-z0-9]+\.[0-9]+", entry.id)
    assert entry.title == entry.title.strip()
    assert not entry.title.endswith(".")
    assert entry.severity in catalog.SEVERITIES
    assert set(entry.schedule.split(", ")) <= {"change-triggered", "periodic"}
    assert re.fullmatch(r"[a-z0-9-]*", entry.config_rule)
    if entry.decidable == "no":
        assert entry.reason.startswith(("account state: ", "runtime state: ", "deployment state: "))


def test_lookup_ignores_case():
    entry = catalog.control("AUTOSCALING.5")
    assert entry is not None
    assert entry.id == "Autoscaling.5"
    assert catalog.control("autoscaling.5") is entry
    assert catalog.control("S3.999") is None


def test_urls():
    assert [
        entry.url.rpartition("/")[2] for id in ("S3.8", "Opensearch.3", "IAM.9", "Autoscaling.5", "S3.4") if (entry := catalog.control(id))
    ] == [
        "s3-controls.html#s3-8",
        "opensearch-controls.html#opensearch-3",
        "iam-controls.html#iam-9",
        "autoscaling-controls.html#autoscaling-5",
        "controls-change-log.html",
    ]


def test_all_controls_come_in_natural_order():
    assert sorted(IDS, key=catalog.natural_key) == IDS
    assert IDS.index("S3.8") < IDS.index("S3.11")


def test_gate_sets_name_controls_that_exist():
    for name, ids in catalog.GATE_SETS.items():
        assert all((entry := catalog.control(id)) is not None and entry.id == id for id in ids), name
    assert catalog.STARTER < catalog.GUIDE
    assert "IAM.9" not in catalog.FSBP
    assert "S3.4" not in catalog.FSBP


@pytest.mark.parametrize(
    ("pattern", "id", "expected"),
    [
        ("S3.8", "S3.8", True),
        ("s3.8", "S3.8", True),
        ("RDS.*", "RDS.13", True),
        ("RDS.*", "RDSX.1", False),
        ("*", "syntax", True),
        ("S3.1", "S3.11", False),
        ("S3.1?", "S3.11", True),
        ("S3.[12]", "S3.2", True),
        ("", "S3.8", False),
    ],
)
def test_matches(pattern, id, expected):
    assert catalog.matches(pattern, id) is expected


@pytest.mark.parametrize(
    ("wrong", "first"),
    [
        ("s3-8", "S3.8"),
        ("S3_8", "S3.8"),
        ("elb1", "ELB.1"),
        ("Openserch.1", "Opensearch.1"),
        ("CloudTral.4", "CloudTrail.4"),
        ("S3.88", "S3.8"),
        ("gide", "guide"),
        ("RDS.999", "RDS.9"),
    ],
)
def test_did_you_mean(wrong, first):
    assert catalog.closest(wrong, catalog.GATE_SETS)[0] == first


@pytest.mark.parametrize("wrong", ["", "XYZ.1", "CKV_AWS_18", "foo", "." * 50])
def test_no_wild_guesses(wrong):
    assert catalog.closest(wrong) == []


@given(st.text(max_size=40))
def test_any_text_may_be_asked_for(text):
    assert all(catalog.control(id) is not None for id in catalog.closest(text))
    entry = catalog.control(text)
    assert entry is None or entry.id.lower() == text.lower()
    assert catalog.natural_key(text) == catalog.natural_key(text)


def test_csv_import_keeps_reasons_and_drops_prose(tmp_path):
    source = tmp_path / "controls.csv"
    source.write_text(
        "control_id,title,severity,status,schedule,config_rule,iac_decidable\n"
        "IAM.4,Root keys,CRITICAL,fsbp,periodic,iam-root-access-key-check,no\n"
        "RDS.23,Ports,LOW,fsbp,change-triggered;periodic,rds-no-default-ports (custom Security Hub rule),yes\n"
        "ES.1,Encryption,MEDIUM,fsbp,periodic,custom Security Hub rule,yes\n",
        encoding="utf-8",
    )
    tables = generator.from_csv(str(source), {"IAM.4": {"reason": "account state: kept"}, "RDS.23": {"reason": "stale"}})
    assert tables["IAM.4"]["reason"] == "account state: kept"
    assert (tables["RDS.23"]["config-rule"], tables["RDS.23"]["schedule"], tables["RDS.23"]["reason"]) == (
        "rds-no-default-ports",
        "change-triggered, periodic",
        "",
    )
    assert tables["ES.1"]["config-rule"] == ""


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"severity": "SEVERE"}, "severity is 'SEVERE'"),
        ({"note": "x"}, "unknown key note"),
        ({"decidable": "no"}, "a reason belongs"),
        ({"title": ""}, "no title"),
    ],
)
def test_bad_tables_are_refused(change, complaint):
    table = {"title": "T", "severity": "LOW", "status": "fsbp", "schedule": "periodic", "decidable": "yes", **change}
    assert generator.complain(table).startswith(complaint)


def test_looking_up_imports_next_to_nothing():
    program = (
        "import sys; before = set(sys.modules);from fsbp_lsp import catalog; catalog.control('S3.8');print(*(set(sys.modules) - before))"
    )
    root = os.path.dirname(os.path.dirname(catalog.__path__[0]))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root)
    assert set(done.stdout.split()) <= {"fsbp_lsp", "fsbp_lsp.catalog", "fsbp_lsp.catalog._data", "__future__"}
