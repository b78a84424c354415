"""The list of functions is complete, in code and in the documentation."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fsbp_lsp.terraform.functions import FILE_FUNCTIONS, UNDECIDABLE, function, names

PAGE = Path(__file__).parents[2] / "docs" / "evaluation" / "functions.md"
terraform = shutil.which("terraform")


def test_every_name_has_a_function() -> None:
    for name in names():
        if name in FILE_FUNCTIONS or name in ("try", "can"):
            continue
        assert function(name) is not None, name
        assert function(f"core::{name}") is function(name)
    assert function("nothing") is None


def test_the_page_names_each_function_once() -> None:
    rows = [line.split("|")[1] for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    listed = [name for row in rows for name in re.findall(r"`([a-z0-9]+)`", row)]
    assert sorted(set(listed)) == names()
    assert sorted(listed) == sorted([*names(), "length"]), "each once; length of a string has a row of its own"


def test_what_is_never_decided_says_so() -> None:
    rows = [line.split("|") for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    always = {name for row in rows if not row[2].strip() for name in re.findall(r"`([a-z0-9]+)`", row[1])}
    assert always == {*UNDECIDABLE, "issensitive"}


def test_signatures_are_those_of_terraform() -> None:
    if terraform is None:
        pytest.skip("no terraform program on this machine")
    run = subprocess.run([terraform, "metadata", "functions", "-json"], capture_output=True, text=True, timeout=60, check=True)
    real = json.loads(run.stdout)["function_signatures"]
    found = {name: signature for name, signature in real.items() if "::" not in name}
    assert set(names()) - set(found) == set()
    missing = sorted(set(found) - set(names()))
    # Newer versions have more; those of 1.11 are all here.
    assert (
        not missing or "1.11" not in subprocess.run([terraform, "version"], capture_output=True, text=True, timeout=60, check=True).stdout
    )
    wrong: list[str] = []
    for name in names():
        ours = function(name)
        if ours is None:
            continue
        theirs = found[name]
        fixed = [(_type(one["type"]), bool(one.get("is_nullable"))) for one in theirs.get("parameters", [])]
        rest = theirs.get("variadic_parameter")
        if fixed != ours.params or (None if rest is None else (_type(rest["type"]), bool(rest.get("is_nullable")))) != ours.rest:
            wrong.append(f"{name}: {ours.params} {ours.rest} but {fixed} {rest}")
    assert not wrong, "\n".join(wrong)


def _type(written: object) -> object:
    return (written[0], _type(written[1])) if isinstance(written, list) else written
