"""Path patterns, against git's own answers where git is at hand."""

import os
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsbp_lsp.config.globs import BadPattern, Patterns, translate

ROOT = os.path.abspath(os.sep + "base")


def match(pattern: str, path: str) -> bool:
    return Patterns(ROOT, [pattern]).match(os.path.join(ROOT, *path.split("/")))


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("a.tf", "a.tf", True),
        ("a.tf", "x/y/a.tf", True),
        ("a.tf", "ba.tf", False),
        ("a.tf", "a.tf.json", False),
        ("*.tf", "x/a.tf", True),
        ("*.tf", "x/a.tf/b.json", True),
        ("/a.tf", "a.tf", True),
        ("/a.tf", "x/a.tf", False),
        ("x/a.tf", "x/a.tf", True),
        ("x/a.tf", "y/x/a.tf", False),
        ("./x/a.tf", "x/a.tf", True),
        ("test/", "test", False),
        ("test/", "test/a.tf", True),
        ("test/", "x/test/y/a.tf", True),
        ("test", "test/y/a.tf", True),
        ("/test/", "x/test/a.tf", False),
        ("**/a.tf", "a.tf", True),
        ("**/a.tf", "x/y/a.tf", True),
        ("x/**", "x/a.tf", True),
        ("x/**", "x/y/a.tf", True),
        ("x/**", "x", False),
        ("x/**/a.tf", "x/a.tf", True),
        ("x/**/a.tf", "x/y/z/a.tf", True),
        ("x/**/a.tf", "y/x/a.tf", False),
        ("**/x/**", "y/x/z.tf", True),
        ("x/*/a.tf", "x/y/a.tf", True),
        ("x/*/a.tf", "x/y/z/a.tf", False),
        ("x/*/a.tf", "x/a.tf", False),
        ("a?.tf", "ab.tf", True),
        ("a?.tf", "a/.tf", False),
        ("a[bc].tf", "ac.tf", True),
        ("a[!bc].tf", "ac.tf", False),
        ("a[!bc].tf", "ad.tf", True),
        ("a[+-0]b", "a/b", False),
        ("a[b.tf", "a[b.tf", True),
        ("a\\*.tf", "a*.tf", True),
        ("a\\*.tf", "ab.tf", False),
        ("*a*b*.tf", "xaybz.tf", True),
        ("*ab*ab", "abxab", True),
        ("*ab*ab", "ab", False),
        ("foo*", "foo", True),
        ("*foo", "foo", True),
        ("#x", "#x", True),
        ("a.tf  ", "a.tf", True),
    ],
)
def test_pattern(pattern, path, expected):
    assert match(pattern, path) is expected


@pytest.mark.parametrize("pattern", ["", "/", "!a", "../x", "a/../b", "  ", "[z-a]"])
def test_bad_patterns(pattern):
    with pytest.raises(BadPattern):
        translate(pattern)


def test_nothing_outside_the_base_matches():
    patterns = Patterns(ROOT, ["**"])
    assert patterns.match(os.path.join(ROOT, "a"))
    assert not patterns.match(ROOT)
    assert not patterns.match(os.path.abspath(os.sep + "elsewhere"))


def test_stars_do_not_explode():
    assert not match("*a" * 40 + "b", "a" * 300)


NAMES = st.sampled_from(["a", "b", "ab", "abc", "a.tf", "x"])
PARTS = st.sampled_from(["a", "b", "*", "a*", "*b", "?", "**", "[ab]", "ab", "*.tf", "a*c"])


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed")
    folder = tmp_path_factory.mktemp("ignored")
    subprocess.run([git, "init", "-q", str(folder)], check=True)
    return folder


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(st.booleans(), st.lists(PARTS, min_size=1, max_size=4), st.booleans()),
    st.lists(st.lists(NAMES, min_size=1, max_size=4).map("/".join), min_size=1, max_size=12, unique=True),
)
def test_same_answer_as_git(repository, pattern, paths):
    anchored, parts, directory = pattern
    text = ("/" if anchored else "") + "/".join(parts) + ("/" if directory else "")
    (repository / ".gitignore").write_text(text + "\n")
    run = subprocess.run(
        ["git", "check-ignore", "--no-index", "--stdin", "-z"],
        cwd=repository,
        input="\0".join(paths).encode(),
        capture_output=True,
        check=False,
    )
    ignored = set(run.stdout.decode().split("\0")) - {""}
    ours = Patterns(str(repository), [text])
    for path in paths:
        assert ours.match(str(repository / path)) == (path in ignored), (text, path)
