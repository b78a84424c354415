from __future__ import annotations

from fsbp_lsp.cloudformation.load import template_of
from tests.cloudformation.sources import template
from tests.controls.run import reports


def test_comments():
    found = template(
        """
        # fsbp:ignore-file RDS.*
        Resources:
          # fsbp:ignore S3.8, S3.5 until=2027-01-31 -- public – website
          R:
            Type: AWS::S3::Bucket # fsbp:ignore S3.1
            Properties:
              Text: "# fsbp:ignore S3.9"
              More: |
                # fsbp:ignore S3.10
        """
    )
    file, above, beside = found.ignores
    assert (file.scope, file.ids, file.line, file.own_line) == ("file", ("RDS.*",), 0, True)
    assert (above.ids, above.until, above.reason, above.own_line) == (("S3.8", "S3.5"), "2027-01-31", "public – website", True)
    assert [span.text for span in above.id_spans] == ["S3.8", "S3.5"]
    assert above.at.text == "fsbp:ignore S3.8, S3.5 until=2027-01-31 -- public – website"
    assert (beside.ids, beside.line, beside.own_line) == (("S3.1",), 4, False)


def test_metadata():
    found = template(
        """
        Metadata:
          fsbp: {ignore: [RDS.3, {id: KMS.*, reason: sandbox}]}
        Resources:
          R:
            Type: AWS::S3::Bucket
            Metadata:
              fsbp:
                ignore:
                  - id: S3.8
                    reason: website
                    until: 2027-01-31
                  - S3.5, S3.9
                  - {id: [A, B]}
                  - [odd]
                  - {reason: x}
          S:
            Type: AWS::S3::Bucket
            Metadata: {fsbp: {ignore: S3.1}}
        """
    )
    shown = [(one.resource, one.scope, one.ids, one.reason, one.until, one.line) for one in found.ignores]
    assert shown == [
        ("", "file", ("RDS.3",), "", "", 1),
        ("", "file", ("KMS.*",), "sandbox", "", 1),
        ("R", "line", ("S3.8",), "website", "2027-01-31", 8),
        ("R", "line", ("S3.5", "S3.9"), "", "", 11),
        ("R", "line", ("A", "B"), "", "", 12),
        ("R", "line", (), "", "", 13),
        ("R", "line", (), "x", "", 14),
        ("S", "line", ("S3.1",), "", "", 17),
    ]
    assert found.ignores[2].id_spans[0].text == "S3.8"


def test_metadata_in_json():
    found = template_of(
        "t.json", b'{"Resources": {"R": {"Type": "AWS::X::Y", "Metadata": {"fsbp": {"ignore": [{"id": "S3.8", "reason": "x"}]}}}}}'
    )
    assert found is not None
    (one,) = found.ignores
    assert (one.resource, one.ids, one.reason) == ("R", ("S3.8",), "x")
    assert one.id_spans[0].text == "S3.8"


def test_hostile_metadata():
    for written in (
        "7",
        "[fsbp]",
        "{fsbp: x}",
        "{fsbp: {ignore: {}}}",
        "!Foo {fsbp: {ignore: S3.1}}",
        "{fsbp: {ignore: [[], {id: {}}, !Ref X]}}",
    ):
        found = template(f"Metadata: {written}\nResources:\n  R:\n    Type: AWS::X::Y\n    Metadata: {written}\n")
        assert all(not one.ids for one in found.ignores)


LOOPS = """
Transform: AWS::LanguageExtensions
Mappings: {Public: {a: {Is: false}, b: {Is: true}}}
Resources:
  Fn::ForEach::Held:
    - Name
    - [a, b]
    - Db${Name}:
        Type: AWS::RDS::DBInstance
        Metadata: {fsbp: {ignore: [{id: 'RDS.2, RDS.3', reason: sandbox}]}}
        Properties: {PubliclyAccessible: !FindInMap [Public, !Ref Name, Is], StorageEncrypted: false}
  Fn::ForEach::Said:
    - Name
    - [c, d]
    - Db${Name}:
        Type: AWS::RDS::DBInstance
        Properties: {StorageEncrypted: false}
"""


def test_metadata_in_a_loop_holds_for_all_it_writes():
    """Also where only a later one of them fails, and not for another loop whose body has the same name."""
    (report,) = reports({"t.yaml": LOOPS.encode()})
    assert [(f.control, f.instances) for f in report.findings if f.control in ("RDS.2", "RDS.3", "unused-ignore")] == [
        ("RDS.3", ("Dbc", "Dbd"))
    ]
    assert {(f.control, f.instances) for f, _comment in report.suppressed} == {("RDS.2", ("Dbb",)), ("RDS.3", ("Dba", "Dbb"))}
