"""What makes examples plan: repairs, and a server in place of AWS. Needs neither Terraform nor the corpus."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.oracle.corpus import repaired, without
from tests.oracle.examples import PLANNED, UNPLANNED
from tests.oracle.fake_aws import JSON, QUERY, REST, FakeAws, answer_to_action


def test_what_a_provider_does_not_know_is_taken_out() -> None:
    text = b'resource "x" "y" {\n  a = 1\n  b {\n    c = foo.bar\n  }\n  count = foo.bar\n}\n'
    gone = without(text, {text.index(b"a = 1"): True, text.index(b"foo.bar"): False, text.rindex(b"foo.bar"): False})
    assert gone == b'resource "x" "y" {\n  \n  b {\n    c = null\n  }\n  count = 0\n}\n'


def test_errors_say_what_to_take_out_and_what_to_make_up(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "x" "y" {\n  a = 1\n  depends_on = [z.z]\n}\n')
    place = {"filename": "main.tf", "start": {"byte": 21}}
    said = [
        {"summary": "Unsupported argument", "detail": "", "range": place},
        {"summary": "Reference to undeclared resource", "detail": "", "range": {"filename": "main.tf", "start": {"byte": 43}}},
        {"summary": "Invalid function argument", "detail": 'no file exists at\n"./code/a.json"; this', "range": place},
        {"summary": "Error in function call", "detail": "failed: open index.html: no such file or directory.", "range": place},
    ]
    assert repaired(tmp_path, said)
    assert (tmp_path / "main.tf").read_text() == 'resource "x" "y" {\n  \n  depends_on = []\n}\n'
    assert (tmp_path / "code" / "a.json").read_text() == "{}"
    assert (tmp_path / "index.html").exists()
    assert not repaired(tmp_path, [{"summary": "Cycle", "detail": ""}, {"summary": "Cycle", "detail": "", "range": place}])


def test_no_example_is_listed_twice() -> None:
    assert len({*PLANNED, *UNPLANNED}) == len(PLANNED) + len(UNPLANNED)


def _ask(address: str, data: bytes | None = None, target: str = "") -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, data, {"X-Amz-Target": target})) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def test_answers_are_about_what_was_asked() -> None:
    with FakeAws() as aws:
        status, said = _ask(aws, b"Action=DescribeVpcEndpointServices&ServiceName.1=com.amazonaws.eu-west-1.ssm&Filter.1.Value.1=Gateway")
        assert status == 200
        details = [one.text for one in ET.fromstring(said).iter() if one.tag.endswith(("}serviceName", "}serviceType"))]
        assert details[0] == "com.amazonaws.eu-west-1.ssm"
        assert details[-1] == "Gateway"
        status, said = _ask(aws, b'{"Name": "/aws/service/ecs/optimized-ami/recommended"}', "AmazonSSM.GetParameter")
        assert json.loads(json.loads(said)["Parameter"]["Value"])["image_id"] == "ami-12345678"
        status, said = _ask(f"{aws}/2013-04-01/hostedzone/Z0123456789?x=y")
        assert "Z0123456789" in said
        assert _ask(aws, b"Action=DeleteBucket")[0] == 400
        assert _ask(f"{aws}/2013-04-01/unheard-of")[0] == 400


@pytest.mark.parametrize("action", [*QUERY, *JSON])
def test_answers_to_actions_are_well_formed(action: str) -> None:
    said = answer_to_action(action, "Name=x" if action in QUERY else '{"Name": "/x"}')
    assert said is not None
    if action in QUERY:
        ET.fromstring(said)
    else:
        json.loads(said)


@pytest.mark.parametrize("text", REST.values())
def test_answers_to_paths_are_well_formed(text: str) -> None:
    if text.startswith("{"):
        json.loads(text)
    else:
        ET.fromstring(text)
