"""Document addresses: what the client writes, and the path the analyser uses for it.

URIs are compared by path, so that `file:///c%3A/x` and `file:///C:/x` are one document, and always
sent back exactly as the client wrote them.
"""

from __future__ import annotations

import os
import re
from urllib.parse import quote, unquote

_DRIVE = re.compile(r"/?([A-Za-z]):(?=$|[/\\])")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")

_EXTENSIONS = {
    "terraform": ".tf",
    "tf": ".tf",
    "opentofu": ".tofu",
    "hcl": ".tf",
    "terraform-vars": ".tfvars",
    "opentofu-vars": ".tfvars",
    "yaml": ".yaml",
    "cloudformation": ".yaml",
    "json": ".json",
    "jsonc": ".json",
}


def path_of(uri: str, *, windows: bool = os.name == "nt") -> str | None:
    """Path of a `file:` URI, normalised but with links unresolved; None for every other scheme."""
    scheme = _SCHEME.match(uri)
    if scheme is None or scheme.group(1).lower() != "file":
        return None
    rest = uri[scheme.end() :]
    host = ""
    if rest.startswith("//"):
        host, _, rest = rest[2:].partition("/")
        rest = "/" + rest
    for mark in "?#":
        rest = rest.partition(mark)[0]
    path = unquote(rest, errors="surrogateescape")
    if windows:
        drive = _DRIVE.match(path)
        if drive is not None:
            path = drive.group(1).lower() + ":" + (path[drive.end() :] or "/")
        elif host not in ("", "localhost"):
            path = f"//{host}{path}"
        return path.replace("/", "\\")
    return os.path.normpath(path).replace("//", "/", 1) if path.startswith("//") else os.path.normpath(path)


def uri_of(path: str, *, windows: bool = os.name == "nt") -> str:
    """A `file:` URI for a path no client has named yet."""
    if windows:
        path = path.replace("\\", "/")
        if path.startswith("//"):
            return "file:" + quote(path.encode("utf-8", "surrogatepass"), safe="/")
        drive = _DRIVE.match(path)
        if drive is not None:
            return f"file:///{drive.group(1).lower()}%3A" + quote(path[drive.end() :].encode("utf-8", "surrogatepass"), safe="/")
    return "file://" + quote(os.fsencode(path), safe="/")


def stand_in(uri: str, language: str) -> str:
    """A path for a document that is in no file (`untitled:`): a folder of its own, so it is analysed alone.

    The extension comes from the language the client names, because such documents rarely have one.
    """
    name = unquote(uri.rsplit("/", 1)[-1].rsplit(":", 1)[-1], errors="replace") or "untitled"
    name = re.sub(r"[^\w.\-]", "_", name)
    wanted = _EXTENSIONS.get(language, "")
    if wanted and not name.endswith(wanted):
        name += wanted
    return f"{quote(uri, safe='')}:/{name}"


def is_stand_in(path: str) -> bool:
    """Whether a path was made by `stand_in`: there is nothing on disk around it."""
    return ":/" in path and "%3A" in path.partition(":/")[0]
