"""From a path to a template, or to nothing when the file is none."""

from __future__ import annotations

from fsbp_lsp.cloudformation.detect import is_template, looks_certain, sniff
from fsbp_lsp.text import Piece, SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsbp_lsp.cloudformation.nested import Read
    from fsbp_lsp.cloudformation.template import Template
    from fsbp_lsp.files import Files
    from fsbp_lsp.syntax.tree import Document

    Cache = dict[str, tuple[bytes, Template | None]]


def load_template(
    files: Files, path: str, cache: Cache | None = None, read: Read | None = None, parameter_files: Sequence[str] = ()
) -> Template | None:
    """The template at `path`, nested stacks of the same repository within reach; None when the file is not one.

    Raises what `Files.read` raises for `path`. `cache` (kept by the caller, read and filled here) holds the last
    version of each path: unchanged bytes give the very same Template, unless it has nested stacks, whose files may
    have changed. `read`: what was parsed of those and of the templates that have them, kept by the caller.
    """
    data = files.read(path)
    nests = may_nest(data)
    shared = read is not None and not parameter_files and (nests or path in read)
    if not nests and not parameter_files and not shared:
        return template_of(path, data, cache)
    found = held_document(path, data, read) if shared and read is not None else document_at(path, data)
    if found is None:
        return None
    from fsbp_lsp.cloudformation.dialect import CLOUDFORMATION
    from fsbp_lsp.cloudformation.template import Template

    stacks = supplied = None
    if nests:
        from fsbp_lsp.cloudformation.nested import Stacks

        stacks = Stacks(files, read)
    if parameter_files:
        from fsbp_lsp.cloudformation.supplied import read_supplied

        supplied = read_supplied(files, parameter_files)
    return Template(CLOUDFORMATION, *found, stacks=stacks, supplied=supplied)


def held_document(path: str, data: bytes, read: Read) -> tuple[Piece, Document] | None:
    """`document_at`, parsed once for each text: what is in `read` is what other templates deploy too."""
    held = read.get(path)
    if held is None or held[0] != data:
        held = read[path] = (data, document_at(path, data))
    return held[1]


def may_nest(data: bytes) -> bool:
    """Whether a template has the words of a nested stack; False is certain."""
    return b"TemplateURL" in data or b"AWS::Serverless::Application" in data


def template_of(path: str, data: bytes, cache: Cache | None = None) -> Template | None:
    """The template these bytes are; None when they are not one. Never raises."""
    if cache is not None:
        held = cache.get(path)
        if held is not None and held[0] == data:
            return held[1]
    template = _template(path, data)
    if cache is not None:
        cache[path] = (data, template)
    return template


def _template(path: str, data: bytes) -> Template | None:
    found = document_at(path, data)
    if found is None:
        return None
    from fsbp_lsp.cloudformation.dialect import CLOUDFORMATION
    from fsbp_lsp.cloudformation.template import Template

    return Template(CLOUDFORMATION, *found)


def document_at(path: str, data: bytes) -> tuple[Piece, Document] | None:
    """The parsed text of a template; None when the bytes are not one."""
    if not sniff(path, data):
        return None
    piece = Piece(SourceFile(path, data), 0, data)
    document = read_document(piece)
    if document.errors and _is_generated(data):
        return None
    # A template that cannot be read must not pass for a file without findings.
    hopeless = document.root is None and document.errors and looks_certain(data)
    if not hopeless and not is_template(document):
        return None
    piece.tree = document
    return piece, document


_ENGINE_MARKS = (b"{%", b"{{ ", b"{{-", b"{{cookiecutter", b"{{#", b"{{/", b"<%")


def _is_generated(data: bytes) -> bool:
    """Source of a template engine (Jinja, cookiecutter, ERB) whose output will be a template; not one itself."""
    return any(mark in data for mark in _ENGINE_MARKS)


def read_document(piece: Piece) -> Document:
    """The tree of a piece: JSON when it opens with a brace, whatever its name; YAML otherwise.

    YAML in braces opens like JSON: what is no clean JSON but clean YAML is taken as YAML.
    """
    opening = piece.data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if opening not in (b"{", b"["):
        from fsbp_lsp.syntax.yaml import read_yaml

        return read_yaml(piece)
    from fsbp_lsp.syntax.json import read_json

    document = read_json(piece)
    if document.errors and not piece.file.path.endswith(".json"):
        from fsbp_lsp.syntax.yaml import read_yaml

        other = read_yaml(piece)
        if not other.errors:
            return other
    return document
