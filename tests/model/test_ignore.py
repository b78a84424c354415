"""The ignore comment grammar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbp_lsp.model.ignore import NO_DATE, parse_ignore


@pytest.mark.parametrize(
    ("text", "ids", "until", "reason", "scope"),
    [
        ("# fsbp:ignore S3.8", ("S3.8",), "", "", "line"),
        (
            "#fsbp:ignore S3.8, S3.5 until=2027-01-31 -- public site, ticket ABC-1",
            ("S3.8", "S3.5"),
            "2027-01-31",
            "public site, ticket ABC-1",
            "line",
        ),
        # Other tools' ways to write it: read as ids that nothing is called, so that it is said.
        ("# fsbp:ignore[S3.8]", ("[S3.8]",), "", "", "line"),
        ("# fsbp:ignore: S3.8", (":", "S3.8"), "", "", "line"),
        ("# fsbp:ignore-file=S3.8", ("=S3.8",), "", "", "file"),
        ("// fsbp:ignore S3.8,S3.5 --reason", ("S3.8", "S3.5"), "", "reason", "line"),
        ("/* fsbp:ignore S3.8 -- why */", ("S3.8",), "", "why", "line"),
        ("/*\n * fsbp:ignore S3.8\n * more\n */", ("S3.8",), "", "", "line"),
        ("# fsbp:ignore-file RDS.* -- sandbox", ("RDS.*",), "", "sandbox", "file"),
        ("# checkov:skip=CKV_1 # fsbp:ignore S3.8", ("S3.8",), "", "", "line"),
        ("# fsbp:ignore S3.8 -- ok # tfsec:ignore:x", ("S3.8",), "", "ok", "line"),
        ("# fsbp:ignore", (), "", "", "line"),
        ("# fsbp:ignore S3.8 until = 2027-01-31 -- why", ("S3.8",), "2027-01-31", "why", "line"),
        ("# fsbp:ignore Until=2027-01-31 S3.8", ("S3.8",), "2027-01-31", "", "line"),
        ("# fsbp:ignore S3.8 until= -- why", ("S3.8",), NO_DATE, "why", "line"),
        ("# fsbp:ignore S3.8 until=", ("S3.8",), NO_DATE, "", "line"),
        ("# fsbp:ignore S3.8 until", ("S3.8", "until"), "", "", "line"),
        ("# fsbp:ignore -- no id", (), "", "no id", "line"),
    ],
)
def test_forms(text: str, ids: tuple[str, ...], until: str, reason: str, scope: str) -> None:
    parsed = parse_ignore(text)
    assert parsed is not None
    assert (parsed.ids, parsed.until, parsed.reason, parsed.scope) == (ids, until, reason, scope)


@pytest.mark.parametrize("text", ["# use fsbp:ignore S3.8 here", "# fsbp:ignored S3.8", "# fsbp:ignore-files X", "# nothing", ""])
def test_prose_is_no_directive(text: str) -> None:
    assert parse_ignore(text) is None


def test_spans_are_bytes() -> None:
    text = "# fsbp:ignore S3.8, S3.9 -- Größe # x"
    parsed = parse_ignore(text)
    assert parsed is not None
    data = text.encode()
    assert [data[a:b].decode() for a, b in parsed.id_spans] == ["S3.8", "S3.9"]
    assert data[parsed.start : parsed.end].decode() == "fsbp:ignore S3.8, S3.9 -- Größe"


@given(st.text(alphabet="# /*-,=\nfsbp:ignoreuntilS3.8é\udc80", max_size=60))
def test_never_raises(text: str) -> None:
    parsed = parse_ignore("# fsbp:ignore " + text)
    if parsed is not None:
        assert 0 <= parsed.start <= parsed.end
        assert len(parsed.ids) == len(parsed.id_spans)
