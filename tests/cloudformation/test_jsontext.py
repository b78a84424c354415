from __future__ import annotations

import pytest

from fsbp_lsp.cloudformation.dialect import CLOUDFORMATION
from fsbp_lsp.values import ABSENT, UNKNOWN, Ref, Text, Value
from tests.cloudformation.sources import plain, property_

REST = "Parameters:\n  P: {Type: String, Default: x}\n  Q: {Type: String}\n"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("V: {A: 1}", {"A": 1}),
        ("V: [1]", [1]),
        ("V: '{\"A\": [true, null, 1.5]}'", {"A": [True, None, 1.5]}),
        ('V: !Sub \'{"A": "${P}"}\'', {"A": "x"}),
        ('V: !Sub \'{"A": "${Other}"}\'', {"A": Ref("Other", "Ref")}),
        ('V: !Sub \'{"A": ${Q}, "B": 1}\'', {"A": UNKNOWN, "B": 1, ...: ...}),
        ("V: !Sub '{\"A\": [1, ${Q}]}'", {"A": [1, UNKNOWN, ...]}),
        ("V: !Sub '{${Q}}'", UNKNOWN),
        ('V: !Sub \'{"${Q}": 1, "B": 2}\'', {"B": 2, ...: ...}),
        ("V: !Join ['', ['{\"A\": \"', !Ref Q, '\"}']]", {"A": UNKNOWN}),
        ('V: \'{"A": 1, "A": 2}\'', {"A": UNKNOWN}),
        ("V: '{\"A\": NaN}'", UNKNOWN),
        ("V: 'not json'", UNKNOWN),
        ("V: '7'", UNKNOWN),
        ("V: 7", UNKNOWN),
        ("V: !Ref Q", UNKNOWN),
        ("V: !Ref AWS::NoValue", ABSENT),
        ("V:", None),
        ("V: {'Fn::ToJsonString': {A: !Ref P}}", {"A": "x"}),
        ("V: !ToJsonString {A: 1}", {"A": 1}),
    ],
)
def test_documents(written, expected):
    assert plain(CLOUDFORMATION.decode_json(property_(written, REST))) == expected


def test_partly_known_strings_stay_partly_known():
    written = r"""V: !Sub '{"A": "arn:${Other}\"/*"}'"""
    found = CLOUDFORMATION.decode_json(property_(written, REST)).child("A")
    assert isinstance(found.raw, Text)
    assert found.raw.parts == ("arn:", Ref("Other", "Ref"), '"/*')


def test_hostile_text():
    for text in ("[" * 100_000, '{"a": "\ue0000\ue001"}', "9" * 5000, '["' + "9" * 500_000):
        assert CLOUDFORMATION.decode_json(Value.of(text)).only is UNKNOWN


def test_deep_text_is_read_no_deeper_than_bounded():
    # How deep `json` itself goes differs between Python versions.
    value = CLOUDFORMATION.decode_json(Value.of('{"a":' * 5000 + "1" + "}" * 5000))
    for _ in range(200):
        value = value.child("a")
    assert value.only is UNKNOWN
