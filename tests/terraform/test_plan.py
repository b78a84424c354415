"""Plans as modules: a real one (made by Terraform 1.11 and provider 5.100), changed where a test asks for it."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest

from fsbp_lsp.cli import main
from fsbp_lsp.config import Settings
from fsbp_lsp.engine.check import ModuleReport, Scope, Session, check
from fsbp_lsp.engine.discover import ModuleKey, discover, sniff_plan
from fsbp_lsp.files import DiskFiles, OverlayFiles, ReadError
from fsbp_lsp.model import Finding
from fsbp_lsp.terraform.plan import PlanModule, load_plan
from fsbp_lsp.terraform.plan_text import read_plan
from fsbp_lsp.values import ABSENT, UNKNOWN, Hidden, Ref, Value, known

SHOP = Path(__file__).parent / "plans" / "shop"
PLAN = (SHOP / "plan.json").read_bytes()
NOWHERE = "no-such-directory"


def data() -> dict[str, Any]:
    made = json.loads(PLAN)
    assert isinstance(made, dict)
    return made


def module(plan: dict[str, Any] | bytes = PLAN, root: str = str(SHOP)) -> PlanModule:
    text = plan if isinstance(plan, bytes) else json.dumps(plan).encode()
    made = load_plan(DiskFiles(), "plan.json", text, root)
    assert made is not None
    return made


def report(plan: dict[str, Any] | bytes = PLAN, root: str = str(SHOP)) -> ModuleReport:
    text = plan if isinstance(plan, bytes) else json.dumps(plan).encode()
    settings = Settings()
    session = Session(OverlayFiles(DiskFiles(), {"plan.json": text}), lambda _path: settings, plan_source=root)
    made = session.check_module(ModuleKey("plan", "plan.json"))
    assert made is not None
    return made


def found(judged: ModuleReport, control: str, address: str) -> Finding:
    return next(one for one in judged.findings if one.control == control and address in one.instances)


def fails(judged: ModuleReport) -> set[tuple[str, str]]:
    return {(one.control, address) for one in judged.findings for address in one.instances}


def config(loaded: PlanModule, address: str, *path: str) -> Value:
    resource = loaded.get(address)
    assert resource is not None, address
    value = resource.config
    for step in path:
        value = value.child(step)
    return value


def change(plan: dict[str, Any], address: str) -> dict[str, Any]:
    made = next(one for one in plan["resource_changes"] if one["address"] == address)["change"]
    assert isinstance(made, dict)
    return made


# Instances and addresses


def test_addresses_are_those_of_terraform() -> None:
    addresses = [resource.address for resource in module().resources]
    assert 'module.store["live"].aws_s3_bucket.this[1]' in addresses
    assert "aws_s3_bucket.logs" in addresses
    assert not any("aws_ebs_volume" in address for address in addresses)
    assert not any(address.startswith("data.") for address in addresses)


def test_a_deleted_resource_is_gone_and_a_deposed_one_is_no_resource() -> None:
    plan = data()
    deposed = copy.deepcopy(next(one for one in plan["resource_changes"] if one["address"] == "aws_lb.web"))
    change(plan, "aws_db_instance.orders")["actions"] = ["delete"]
    change(plan, "aws_db_instance.orders")["after"] = None
    deposed["deposed"] = "ab12"
    deposed["change"]["actions"] = ["delete"]
    deposed["change"]["after"] = None
    plan["resource_changes"].append(deposed)
    addresses = [resource.address for resource in module(plan).resources]
    assert "aws_db_instance.orders" not in addresses
    assert addresses.count("aws_lb.web") == 1


@pytest.mark.parametrize("actions", [["no-op"], ["update"], ["delete", "create"], ["create", "delete"]])
def test_what_stays_is_judged(actions: list[str]) -> None:
    plan = data()
    change(plan, "aws_db_instance.orders")["actions"] = actions
    assert ("RDS.2", "aws_db_instance.orders") in fails(report(plan))


def test_a_resource_that_only_the_planned_values_hold_is_judged() -> None:
    plan = data()
    plan["resource_changes"] = [one for one in plan["resource_changes"] if one["address"] != "aws_db_instance.orders"]
    assert ("RDS.2", "aws_db_instance.orders") in fails(report(plan))


# Values


def test_values_come_from_the_plan_and_not_from_source() -> None:
    plan = data()
    change(plan, "aws_db_instance.orders")["after"]["publicly_accessible"] = False
    assert ("RDS.2", "aws_db_instance.orders") not in fails(report(plan))


def test_absent_null_and_unknown_are_told_apart() -> None:
    loaded = module()
    assert config(loaded, "aws_db_instance.orders", "storage_encrypted").options == (ABSENT,)
    # Computed, and nobody wrote it: what the provider does without being told.
    assert config(loaded, "aws_db_instance.orders", "backup_retention_period").options == (ABSENT,)
    # The provider's default, as planned.
    value = config(loaded, "aws_db_instance.orders", "auto_minor_version_upgrade")
    assert value.only is True
    assert value.at is None
    assert config(loaded, "aws_lb_listener.http", "protocol").options == (ABSENT,)
    link = config(loaded, "aws_lb_listener.http", "load_balancer_arn").raw
    assert isinstance(link, Ref)
    assert (link.address, link.attribute) == ("aws_lb.web", "arn")


def test_null_that_is_written_counts_as_the_default() -> None:
    plan = data()
    resources = plan["configuration"]["root_module"]["resources"]
    expressions = next(one for one in resources if one["address"] == "aws_db_instance.orders")["expressions"]
    expressions["deletion_protection"] = {"constant_value": None}
    value = config(module(plan, NOWHERE), "aws_db_instance.orders", "deletion_protection")
    assert value.only is None
    assert ("RDS.8", "aws_db_instance.orders") in fails(report(plan, NOWHERE))


def test_unknown_after_apply_stays_unknown() -> None:
    plan = data()
    changed = change(plan, "aws_db_instance.orders")
    del changed["after"]["publicly_accessible"]
    changed["after_unknown"]["publicly_accessible"] = True
    judged = report(plan)
    assert ("RDS.2", "aws_db_instance.orders") not in fails(judged)
    assert ("RDS.2", "aws_db_instance.orders") in {(one.control, one.resource.address) for one in judged.unknown}


def test_blocks_whose_number_is_not_known_are_open() -> None:
    judged = report()
    assert config(module(), "aws_security_group.later", "ingress").items().maybe_more
    assert not {("EC2.18", "aws_security_group.later"), ("EC2.19", "aws_security_group.later")} & fails(judged)


def test_a_block_that_may_be_dynamic_is_unknown_without_source_and_absent_with_it() -> None:
    assert config(module(), "aws_s3_bucket.plain", "logging").options == (ABSENT,)
    assert config(module(PLAN, NOWHERE), "aws_s3_bucket.plain", "logging").only is UNKNOWN


def test_statements_of_a_document_known_after_apply_are_read() -> None:
    assert ("S3.5", 'module.store["live"].aws_s3_bucket.this[1]') in fails(report())


# Links


def test_companions_are_linked_by_references() -> None:
    judged = fails(report())
    assert ("S3.8", 'module.store["test"].aws_s3_bucket.this[0]') in judged
    assert ("S3.8", 'module.store["test"].aws_s3_bucket.this[1]') in judged
    assert ("S3.8", 'module.store["live"].aws_s3_bucket.this[0]') not in judged


def test_a_link_into_a_module_meets_the_one_instance() -> None:
    loaded = module()
    owners = [one for one in loaded.of("aws_s3_bucket") if loaded.linked(one, "aws_s3_bucket_policy", ("bucket",), ("bucket",)).found]
    assert [one.address for one in owners] == ['module.store["live"].aws_s3_bucket.this[1]']


def test_a_link_through_a_local_needs_source() -> None:
    bucket = "aws_s3_bucket.logs"
    assert found(report(), "S3.8", bucket).message == "block_public_policy, ignore_public_acls, restrict_public_buckets are not true"
    assert ("S3.8", bucket) not in fails(report(PLAN, NOWHERE))


def test_a_link_by_name_needs_no_reference() -> None:
    plan = data()
    bucket = next(
        one for one in plan["configuration"]["root_module"]["resources"] if one["address"] == "aws_s3_bucket_public_access_block.logs"
    )
    bucket["expressions"]["bucket"] = {"constant_value": "corp-plain"}
    changed = change(plan, "aws_s3_bucket_public_access_block.logs")
    changed["after"]["bucket"] = "corp-plain"
    del changed["after_unknown"]["bucket"]
    judged = fails(report(plan, NOWHERE))
    assert ("S3.8", "aws_s3_bucket.plain") in judged


@pytest.mark.parametrize("attribute", ["bucket", "id"])
def test_a_link_through_another_companion(attribute: str) -> None:
    plan = data()
    resources = plan["configuration"]["root_module"]["resources"]
    policy = next(one for one in resources if one["address"] == "aws_s3_bucket_policy.live")
    block = "aws_s3_bucket_public_access_block.logs"
    policy["expressions"]["bucket"] = {"references": [f"{block}.{attribute}", block]}
    loaded = module(plan)
    owners = [
        one.address for one in loaded.of("aws_s3_bucket") if loaded.linked(one, "aws_s3_bucket_policy", ("bucket",), ("bucket",)).found
    ]
    assert owners == ["aws_s3_bucket.logs"]


def test_a_text_made_of_an_id_links_nothing(tmp_path: Path) -> None:
    for path in ("main.tf", "bucket/main.tf"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        text = (SHOP / path).read_text(encoding="utf-8")
        (tmp_path / path).write_text(
            text.replace("bucket            = local.logs", 'bucket            = "${aws_s3_bucket.logs.id}-x"'), encoding="utf-8"
        )
    plan = data()
    companion = next(
        one for one in plan["configuration"]["root_module"]["resources"] if one["address"] == "aws_s3_bucket_public_access_block.logs"
    )
    companion["expressions"]["bucket"] = {"references": ["aws_s3_bucket.logs.id", "aws_s3_bucket.logs"]}
    loaded = module(plan, str(tmp_path))
    owner = loaded.get("aws_s3_bucket.logs")
    assert owner is not None
    linked = loaded.linked(owner, "aws_s3_bucket_public_access_block", ("bucket",), ("bucket",))
    assert not linked.found
    assert linked.maybe_more


def test_a_plan_that_holds_not_all_claims_no_absence() -> None:
    plan = data()
    plan["complete"] = False
    judged = fails(report(plan))
    assert ("S3.8", "aws_s3_bucket.plain") not in judged
    assert ("RDS.2", "aws_db_instance.orders") in judged


# Places, fixes, comments


def test_findings_stand_in_source() -> None:
    judged = report()
    assert (found(judged, "RDS.2", "aws_db_instance.orders").at.path, found(judged, "RDS.2", "aws_db_instance.orders").at.text) == (
        str(SHOP / "main.tf"),
        "true",
    )
    assert found(judged, "RDS.3", "aws_db_instance.orders").at.text == 'resource "aws_db_instance" "orders" {'
    assert found(judged, "EC2.19", "aws_security_group.admin").at.text == '"0.0.0.0/0"'
    inner = found(judged, "S3.8", 'module.store["test"].aws_s3_bucket.this[0]')
    assert inner.at.path == str(SHOP / "bucket" / "main.tf")
    assert inner.at.text == "var.block"


def test_without_source_they_stand_at_the_plan() -> None:
    judged = report(PLAN, NOWHERE)
    assert {finding.at.path for finding in judged.findings} == {"plan.json"}
    assert all(fix.refused and not fix.edits for finding in judged.findings for fix in finding.fixes)


def test_the_fixes_are_those_of_the_source_path() -> None:
    settings = Settings()
    session = Session(DiskFiles(), lambda _path: settings)
    source = session.check_module(ModuleKey("terraform", str(SHOP)))
    assert source is not None
    mine, other = found(report(), "RDS.2", "aws_db_instance.orders"), found(source, "RDS.2", "aws_db_instance.orders")
    assert [(fix.title, fix.safety) for fix in mine.fixes] == [(fix.title, fix.safety) for fix in other.fixes] != []
    assert [edit.text for fix in mine.fixes for edit in fix.edits] == [edit.text for fix in other.fixes for edit in fix.edits]
    assert mine.fingerprint == other.fingerprint


def test_comments_in_source_hold_findings_back() -> None:
    judged = report()
    assert ("S3.9", "aws_s3_bucket.plain") not in fails(judged)
    assert [finding.control for finding, _comment in judged.suppressed] == ["S3.9"]
    assert not any(finding.control == "unused-ignore" for finding in judged.findings)


def test_a_downloaded_module_is_shown_at_its_call(tmp_path: Path) -> None:
    installed = tmp_path / ".terraform" / "modules"
    (installed / "store").mkdir(parents=True)
    (installed / "store" / "main.tf").write_text((SHOP / "bucket" / "main.tf").read_text(encoding="utf-8"), encoding="utf-8")
    manifest = {"Modules": [{"Key": "store", "Source": "corp/store/aws", "Dir": ".terraform/modules/store"}]}
    (installed / "modules.json").write_text(json.dumps(manifest), encoding="utf-8")
    text = (SHOP / "main.tf").read_text(encoding="utf-8").replace('"./bucket"', '"corp/store/aws"')
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    plan = data()
    plan["configuration"]["root_module"]["module_calls"]["store"]["source"] = "corp/store/aws"
    inner = found(report(plan, str(tmp_path)), "S3.8", 'module.store["test"].aws_s3_bucket.this[0]')
    assert inner.at.path == str(tmp_path / "main.tf")
    assert inner.at.text == 'module "store" {'
    assert not any(fix.edits for fix in inner.fixes)


# Sensitive values


def test_a_sensitive_value_decides_and_is_hidden() -> None:
    password = config(module(), "aws_db_instance.orders", "password")
    assert isinstance(password.raw, Hidden)
    assert known(password.raw) == "correct-horse-battery"
    assert password.shown == "(sensitive)"
    assert ("IAM.1", "aws_iam_policy.hidden") in fails(report())


def test_a_sensitive_name_is_not_quoted() -> None:
    plan = data()
    for address, name in (("aws_s3_bucket.plain", "bucket"), ("aws_security_group.admin", "ingress")):
        change(plan, address)["after_sensitive"][name] = True
    judged = report(plan)
    text = " ".join(f"{one.message} {one.value}" for one in judged.findings)
    assert "0.0.0.0/0" not in text
    assert "corp-plain" not in text
    assert ("EC2.19", "aws_security_group.admin") in fails(judged)


def test_a_line_of_source_that_shows_something_sensitive_is_not_quoted() -> None:
    plan = data()
    change(plan, "aws_security_group.admin")["after_sensitive"]["ingress"] = True
    at = found(report(plan), "EC2.19", "aws_security_group.admin").at
    assert at.text == 'resource "aws_security_group" "admin" {'


FORMATS = [
    ["--output-format", "full", "--show-unknown", "--show-suppressed", "--verbose"],
    ["--output-format", "concise"],
    ["--output-format", "json", "--show-unknown", "--show-suppressed"],
    ["--output-format", "sarif", "--show-suppressed"],
    ["--output-format", "github"],
    ["--statistics"],
    ["--show-fixes"],
]


@pytest.mark.parametrize("root", [str(SHOP), os.path.dirname(__file__)])
@pytest.mark.parametrize("options", FORMATS)
def test_no_output_shows_what_is_sensitive(options: list[str], root: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Values, names in AWS, parts of a document: marked sensitive, they stay out of every format, with and without source."""
    plan = data()
    secret = ["correct-horse-battery", "corp-plain", "corp-live-0", "not-for-your-eyes"]
    change(plan, "aws_s3_bucket.plain")["after_sensitive"]["bucket"] = True
    change(plan, 'module.store["live"].aws_s3_bucket.this[0]')["after_sensitive"]["bucket"] = True
    change(plan, "aws_iam_policy.hidden")["after"]["policy"] = json.dumps(
        {
            "Statement": [
                {"Effect": "Allow", "Action": ["not-for-your-eyes:*"], "Resource": "*"},
                {"Effect": "Allow", "Action": "*", "Resource": "*"},
            ]
        }
    )
    change(plan, "aws_lb.web")["after"]["load_balancer_type"] = "not-for-your-eyes"
    change(plan, "aws_lb.web")["after_sensitive"]["load_balancer_type"] = True
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan), encoding="utf-8")
    assert main(["check", str(path), "--plan-source", root, *options]) == 1
    told = capsys.readouterr()
    for text in secret:
        assert text not in told.out + told.err


# Recognition and bounds


def test_a_plan_is_known_by_its_content() -> None:
    assert sniff_plan(PLAN)
    assert sniff_plan(b"\xef\xbb\xbf \n" + PLAN)
    assert sniff_plan(json.dumps(json.loads(PLAN), indent=2, sort_keys=True).encode())
    assert not sniff_plan(b'{"format_version": "1.0", "values": {}}')
    assert not sniff_plan(b'resource_changes "format_version" planned_values')
    assert not sniff_plan(b"")


def test_a_plan_in_a_directory_or_from_a_hook_is_ordinary_json(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(PLAN)

    def kinds(named: str, hook: bool = False) -> list[str]:
        return [key.kind for key in discover(DiskFiles(), [named], lambda _path: False, lambda _path, _why: None, force_exclude=hook)]

    assert kinds(str(path)) == ["plan"]
    assert kinds(str(tmp_path)) == []
    assert kinds(str(path), hook=True) == []


def test_no_plan_though_the_words_of_one_occur() -> None:
    assert load_plan(DiskFiles(), "x.json", b'{"format_version": 1, "planned_values": {}}', "") is None


@pytest.mark.parametrize(
    "text",
    [
        b'{"format_version": "1.2", "planned_values": {',
        b'{"format_version": "7.0", "planned_values": {}}',
        b'{"format_version": "1.2", "planned_values": "\xff"}',
        b'{"format_version": "1.2", "planned_values": ' + b"[" * 500_000 + b"]" * 500_000 + b"}",
    ],
)
def test_what_cannot_be_read_is_said(text: bytes) -> None:
    settings = Settings()
    files = OverlayFiles(DiskFiles(), {"p.json": text})
    made = list(check(files, Scope(("p.json",)), lambda _path: settings))
    assert [finding.control for one in made for finding in one.findings] == ["unreadable"]


def test_too_many_resources_are_refused() -> None:
    plan = {"format_version": "1.2", "resource_changes": [{}] * 50_001}
    with pytest.raises(ReadError, match="more than 50000 resources"):
        read_plan(json.dumps(plan).encode())


@pytest.mark.parametrize("wrong", [None, 7, "x", [], {}, [[]], {"a": 1}, True])
def test_wrong_shapes_anywhere_are_survived(wrong: object) -> None:
    """Every object and list of a plan, replaced by something else, one at a time at the upper levels."""
    plan = data()

    def places(node: object, path: tuple[Any, ...], depth: int) -> list[tuple[Any, ...]]:
        made = [path] if path else []
        if depth == 0:
            return made
        children: list[tuple[Any, object]] = []
        if isinstance(node, dict):
            children = list(node.items())[:12]
        elif isinstance(node, list):
            children = list(enumerate(node))[:2]
        for key, child in children:
            made += places(child, (*path, key), depth - 1)
        return made

    for path in places(plan, (), 6)[::7][:60]:
        if path == ("format_version",):
            continue
        broken = copy.deepcopy(plan) if len(path) == 1 else json.loads(PLAN)
        here = broken
        for step in path[:-1]:
            here = here[step]
        here[path[-1]] = wrong
        loaded = load_plan(DiskFiles(), "plan.json", json.dumps(broken).encode(), NOWHERE)
        if loaded is not None:
            for resource in loaded.resources:
                assert resource.config is not None
                loaded.linked(resource, "aws_s3_bucket_policy", ("bucket",), ("bucket",))


def test_outputs_that_name_each_other_end() -> None:
    plan = data()
    store = plan["configuration"]["root_module"]["module_calls"]["store"]
    store["module"]["outputs"]["ids"]["expression"]["references"] = ["var.name", "var.owner"]
    store["expressions"]["name"] = {"references": ['module.store["live"].ids', 'module.store["test"].ids']}
    store["expressions"]["owner"] = {"references": ['module.store["live"].ids', 'module.store["test"].ids']}
    loaded = module(plan, NOWHERE)
    assert all(loaded.linked(one, "aws_s3_bucket_policy", ("bucket",), ("bucket",)) is not None for one in loaded.of("aws_s3_bucket"))


def test_paths_of_a_manifest_do_not_leave_the_root(tmp_path: Path) -> None:
    (tmp_path / ".terraform" / "modules").mkdir(parents=True)
    entry = {"Key": "store", "Source": "x", "Dir": os.path.abspath(SHOP / "bucket")}
    (tmp_path / ".terraform" / "modules" / "modules.json").write_text(json.dumps({"Modules": [entry]}), encoding="utf-8")
    (tmp_path / "main.tf").write_text('module "store" {\n  source = "x/y/z"\n}\n', encoding="utf-8")
    plan = data()
    plan["configuration"]["root_module"]["module_calls"]["store"]["source"] = "x/y/z"
    assert found(report(plan, str(tmp_path)), "S3.8", 'module.store["test"].aws_s3_bucket.this[0]').at.path == str(tmp_path / "main.tf")
