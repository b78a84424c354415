"""Random edits: nothing raises, offsets hold, and reading on from a previous version equals reading anew."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.syntax.hcl_trees import check_offsets, file_data, read
from tests.syntax.test_hcl_reader import SAMPLE

TEXT = (
    SAMPLE
    + """\
resource "a" "b" {
lifecycle {
  x = [1, 2]
}
  policy = jsonencode({ a = "${var.b}" })
}

module "m" {
  source = "./m"
  n      = <<-EOT
    text ${var.x} "
  EOT
}
/* resource "a" "c" {
} */
data "x" "y" {}
"""
)
SNIPPETS = [
    '"',
    "{",
    "}",
    "\n",
    "/*",
    "*/",
    "<<EOT\n",
    "EOT\n",
    "#",
    "${",
    "}\n",
    '\nresource "q" "r" {\n',
    "[",
    "x",
    "=",
    "\r\n",
    "\ufeff",
    "\0",
    "é",
]

edit = st.tuples(st.integers(0, len(TEXT)), st.integers(0, 12), st.sampled_from([*SNIPPETS, ""]))


@settings(max_examples=100, deadline=None)
@given(st.lists(edit, min_size=1, max_size=6))
def test_reading_on_equals_reading_anew(edits: list[tuple[int, int, str]]) -> None:
    text = TEXT
    file = read(text)
    for at, gone, new in edits:
        text = text[:at] + new + text[at + gone :]
        file = read(text, file)
        check_offsets(file)
        assert file_data(file) == file_data(read(text))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=80), st.integers(0, len(TEXT)))
def test_any_bytes_can_stand_anywhere(junk: bytes, at: int) -> None:
    data = TEXT.encode()
    file = read(data[:at] + junk + data[at:])
    check_offsets(file)
