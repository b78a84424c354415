"""URIs and paths, for both kinds of system."""

from __future__ import annotations

import pytest

from fsbp_lsp.server.uris import is_stand_in, path_of, stand_in, uri_of


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a/b.tf", "/a/b.tf"),
        ("file:///a/b%20c/%C3%A9.tf", "/a/b c/é.tf"),
        ("file://localhost/a/b.tf", "/a/b.tf"),
        ("FILE:///a//b/../c.tf", "/a/c.tf"),
        ("file:///a%23b/%25.tf?x#y", "/a#b/%.tf"),
        ("untitled:Untitled-1", None),
        ("git:/a/b.tf?ref", None),
        ("nonsense", None),
    ],
)
def test_path_of(uri: str, path: str | None) -> None:
    assert path_of(uri, windows=False) == path


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///c%3A/Users/x/main.tf", "c:\\Users\\x\\main.tf"),
        ("file:///C:/Users/x/main.tf", "c:\\Users\\x\\main.tf"),
        ("file://server/share/main.tf", "\\\\server\\share\\main.tf"),
    ],
)
def test_path_of_on_windows(uri: str, path: str) -> None:
    assert path_of(uri, windows=True) == path


@pytest.mark.parametrize("path", ["/a/b.tf", "/a b/é%#?.tf", "/x/😀.yaml"])
def test_uri_of_leads_back(path: str) -> None:
    assert path_of(uri_of(path, windows=False), windows=False) == path


@pytest.mark.parametrize("path", ["c:\\a b\\é.tf", "\\\\server\\share\\x.tf"])
def test_uri_of_leads_back_on_windows(path: str) -> None:
    assert path_of(uri_of(path, windows=True), windows=True) == path


def test_stand_ins() -> None:
    path = stand_in("untitled:Untitled-1", "yaml")
    assert path.endswith(".yaml")
    assert is_stand_in(path)
    assert not is_stand_in("/a/b.tf")
    assert not is_stand_in("c:\\a\\b.tf")
    assert stand_in("vscode-notebook-cell:/x/y.tf#1", "terraform").endswith(".tf")
