"""What people read: exact text, alignment, and nothing that could steer a terminal."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbp_lsp.model import CallSite, Finding, Safety
from fsbp_lsp.report import terminal
from fsbp_lsp.report.clean import clean, excerpt
from tests.report.samples import about_source, finding, outcome

PLAIN = terminal.Style(False)


def full(*findings: Finding, **options: Any) -> str:
    return "\n".join(terminal.full(outcome(*findings, **options), PLAIN))


def test_full_reads_like_a_review_comment():
    assert (
        full(finding())
        == """\
error[S3.8] aws_s3_bucket.logs: acl is public
 --> modules/storage/s3.tf:2:9 (bucket app-prod-logs)
  |
2 |   acl = "public"
  |         ^^^^^^^^
  = default of var.acl at variables.tf:2: default = "public"
  = shown to the world at outputs.tf:1:1
  = help: Set acl to private [safe: --fix]
  = control: S3 general purpose buckets should block public access (HIGH)
  = docs: https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-8
"""
    )


def test_findings_about_the_source_have_no_subject():
    assert full(about_source()).startswith("error[syntax] syntax error near `{`\n --> broken.tf:1:10\n")


def test_several_instances_are_one_finding():
    one = finding()
    one.instances = ("aws_s3_bucket.logs[0]", *(f"aws_s3_bucket.logs[{n}]" for n in range(1, 5)))
    assert "= and 4 more instances: aws_s3_bucket.logs[1], aws_s3_bucket.logs[2], aws_s3_bucket.logs[3], …" in full(one)
    assert next(iter(terminal.concise(outcome(one), PLAIN))).endswith("acl is public (and 4 more instances)")


def test_concise_marks_what_does_not_block():
    lines = list(terminal.concise(outcome(finding(), finding(control="S3.9")), PLAIN))
    assert lines == [
        "modules/storage/s3.tf:2:9: S3.8 aws_s3_bucket.logs: acl is public",
        "modules/storage/s3.tf:2:9: S3.9 aws_s3_bucket.logs: acl is public [warning]",
    ]


def test_concise_says_where_another_module_hands_the_value_over():
    one = finding()
    assert one.resource is not None
    one.resource.callers = (CallSite("module.s", one.at, ()),)  # type: ignore[misc]  # of a stand-in
    (line,) = terminal.concise(outcome(one), PLAIN)
    assert line == "modules/storage/s3.tf:2:9: S3.8 aws_s3_bucket.logs: acl is public, set at variables.tf:2"


@pytest.mark.parametrize(
    ("safety", "words"),
    [(Safety.SAFE, "[safe: --fix]"), (Safety.REVIEW, "[needs a review: --unsafe-fixes]"), (Safety.MANUAL, "[by hand]")],
)
def test_help_says_how_the_fix_is_applied(safety, words):
    assert f"help: Set acl to private {words}" in full(finding(safety=safety))


def test_hostile_text_is_shown_not_obeyed():
    esc = "\x1b[31m\u202e\x07\x9b"
    text = f'x = "public" # {esc}\r\n'
    shown = full(finding(text, message=f"acl is {esc}", given=f"evil{esc}", path=f"a{esc}.tf"))
    assert not any(ord(char) < 32 and char != "\n" for char in shown)
    assert "\u202e" not in shown
    assert "\x9b" not in shown
    assert "\\x1b[31m\\u202e\\x07\\x9b" in shown


@given(st.text())
def test_clean_leaves_one_harmless_line(text):
    shown = clean(text)
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in shown)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")
    shown.encode("utf-8")


@given(st.binary(max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_an_excerpt_is_never_out_of_bounds(line, one, other):
    start, end = sorted((min(one, len(line)), min(other, len(line))))
    shown = excerpt(line, start, end, most=20)
    assert 0 <= shown.start < shown.end <= 22
    assert "\n" not in shown.text


@pytest.mark.parametrize(
    ("line", "mark", "text", "start", "end"),
    [
        ("a = b", "b", "a = b", 4, 5),
        ("\ta\tb", "b", "    a   b", 8, 9),
        ("名 = b", "b", "名 = b", 5, 6),
        ("a = 名前", "名前", "a = 名前", 4, 8),
        ("e\u0301 = b", "b", "e\u0301 = b", 4, 5),
        ("a = b", "", "a = b", 0, 1),
        ("\ufeffa = b", "b", "a = b", 4, 5),
    ],
)
def test_carets_stand_under_what_they_mean(line, mark, text, start, end):
    data = line.encode()
    at = data.index(mark.encode())
    shown = excerpt(data, at, at + len(mark.encode()))
    assert (shown.text, shown.start, shown.end) == (text, start, end)


def test_long_lines_are_cut_around_the_caret():
    line = b"x" * 5000 + b"BAD" + b"y" * 5000
    shown = excerpt(line, 5000, 5003, most=100)
    assert len(shown.text) <= 100
    assert shown.text[shown.start : shown.end] == "BAD"
    assert shown.text.startswith("…")
    assert shown.text.endswith("…")


def test_colour_depends_on_the_choice_only_when_it_is_made(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert terminal.want_color("always", None)
    assert not terminal.want_color("never", None)
    assert not terminal.want_color("auto", None)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert terminal.want_color("auto", None)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not terminal.want_color("auto", None)


def test_colour_adds_nothing_but_escapes():
    import re

    styled = "\n".join(terminal.full(outcome(finding()), terminal.Style(True)))
    assert re.sub("\x1b\\[[0-9]+m", "", styled) == full(finding())
