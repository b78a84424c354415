"""Functions on files of the repository, and templates evaluated with variables of their own.

A file that cannot be read is undecided, never an error: it may be made before Terraform runs.
"""

from __future__ import annotations

import os
import re

from fsbp_lsp.syntax import hcl_tree as hcl
from fsbp_lsp.terraform.data import WORK, Fault, PathText, Set, TooMuch, bounded_text
from fsbp_lsp.terraform.functions import text_of
from fsbp_lsp.terraform.functions_hash import digest
from fsbp_lsp.terraform.graphemes import composed
from fsbp_lsp.terraform.names import children
from fsbp_lsp.terraform.scalars import to_text
from fsbp_lsp.terraform.scope import Scope
from fsbp_lsp.text import Piece, SourceFile
from fsbp_lsp.values import UNKNOWN, Map, Seq, Text, Value, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.terraform.evaluate import Evaluator
    from fsbp_lsp.values import Datum

MAX_NAMES = 2000
_HASHES = {
    "filebase64sha256": ("sha256", True),
    "filebase64sha512": ("sha512", True),
    "filemd5": ("md5", False),
    "filesha1": ("sha1", False),
    "filesha256": ("sha256", False),
    "filesha512": ("sha512", False),
}
_arguments = {"fileset": 2, "templatefile": 2, "templatestring": 2}


def call(evaluator: Evaluator, name: str, args: list[Value], written: list[hcl.Expr]) -> Datum:
    """One call with arguments of one possibility each; `written`: their expressions. Raises Fault and TooMuch."""
    if len(args) != _arguments.get(name, 1):
        raise Fault("wrong number of arguments")
    if any(known(arg.raw) is None for arg in args):
        raise Fault("null argument")
    if name == "templatestring":
        if not isinstance(written[0], (hcl.Variable, hcl.GetAttr, hcl.Index)):
            raise Fault("a reference to a string is required")
        text = text_of(Value((to_text(args[0].raw),)))
        made = UNKNOWN if text is None else _template(evaluator, "", text.encode("utf-8", "surrogatepass"), args[1])
        return to_text(made) if known(made) is not None else UNKNOWN
    path = _path(evaluator, args[0])
    if path is None:
        return UNKNOWN
    if name == "fileset":
        return _file_set(evaluator, path, args[1])
    data = evaluator.resolver.content(path)
    if name == "fileexists":
        return True if data is not None else UNKNOWN
    if data is None:
        return UNKNOWN
    if name == "filebase64":
        import base64

        return bounded_text(base64.b64encode(data).decode("ascii"))
    if name in _HASHES:
        return digest(_HASHES[name][0], data, _HASHES[name][1])
    if name == "templatefile":
        return _template(evaluator, path, data, args[1])
    return bounded_text(composed(_decoded(data)))


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Fault("not UTF-8") from error


def _path(evaluator: Evaluator, value: Value) -> str | None:
    """The path an argument names, as the files port spells it; None when it is not decided or absolute."""
    datum = known(value.raw)
    if isinstance(datum, PathText):
        return datum.path
    text = to_text(datum)
    if not isinstance(text, str) or not text or text.startswith(("/", "~", "\\")) or "\0" in text:
        return None
    # Terraform runs in the directory of the root module.
    folder = evaluator.resolver.folder("root")
    return None if folder is None else os.path.join(folder, text)


# Sets of files


def _file_set(evaluator: Evaluator, folder: str, pattern: Value) -> Datum:
    """Files of one directory: a pattern with wildcards in its last part only."""
    text = to_text(pattern.raw)
    if not isinstance(text, str):
        return UNKNOWN
    head, _slash, last = text.rpartition("/")
    if not last or re.search(r"[*?\[\]{}\\]", head) or re.search(r"[\[\]{}\\]", last) or "**" in last or ".." in head.split("/"):
        return UNKNOWN
    found = evaluator.resolver.listing(os.path.join(folder, head) if head else folder)
    wanted = re.compile("".join(".*" if char == "*" else "." if char == "?" else re.escape(char) for char in last) + r"\Z", re.DOTALL)
    names = [f"{head}/{name}" if head else name for name in found if wanted.match(name)]
    if not names or len(names) > MAX_NAMES:
        # Files may be made before Terraform runs, where there is none yet most of all.
        return UNKNOWN
    names.sort(key=lambda name: name.encode("utf-8", "surrogatepass"))
    return Set(tuple(Value((name,)) for name in names), of="string")


# Templates


def _template(evaluator: Evaluator, path: str, data: bytes, variables: Value) -> Datum:
    """A template evaluated with the given variables and nothing else."""
    from fsbp_lsp.syntax.hcl import parse_template

    given = known(variables.raw)
    if given is UNKNOWN:
        return UNKNOWN
    if not isinstance(given, Map):
        raise Fault("the variables are no map")
    text = bounded_text(_decoded(data))
    expr = parse_template(text)
    if isinstance(expr, hcl.Opaque):
        return UNKNOWN
    free, calls = _free_names(expr)
    if given.open:
        if not free <= given.entries.keys():
            return UNKNOWN
    elif not free <= given.entries.keys():
        raise Fault("a variable that is not given")
    if calls & {"templatefile", "templatestring"}:
        return UNKNOWN
    WORK.spend(len(text) // 16)
    source = text.encode("utf-8", "surrogatepass")
    scope = Scope(Piece(SourceFile(path, source), 0, source), dict(given.entries))
    made = evaluator.value(expr, scope)
    return _detached(made.raw)


def _detached(datum: Datum) -> Datum:
    """The datum without places in the template, which no finding may point at and no fix may write to."""
    inner = known(datum)
    if isinstance(inner, str):
        return str(inner)
    if isinstance(inner, Text):
        return Text(inner.parts)
    if isinstance(inner, (Seq, Map)):
        return UNKNOWN
    return datum


def _free_names(expr: hcl.Expr) -> tuple[set[str], set[str]]:
    """Names a template takes from its variables, and functions it calls."""
    free: set[str] = set()
    calls: set[str] = set()
    pending: list[tuple[hcl.Expr, frozenset[str]]] = [(expr, frozenset("*"))]
    left = MAX_NAMES * 10
    while pending:
        left -= 1
        if left < 0:
            raise TooMuch
        node, bound = pending.pop()
        if isinstance(node, hcl.Variable):
            if node.name not in bound:
                free.add(node.name)
        elif isinstance(node, hcl.For):
            pending.append((node.source, bound))
            inner = bound | {node.key_name, node.value_name}
            pending.extend((part, inner) for part in (node.key_expr, node.value_expr, node.condition) if part is not None)
        else:
            if isinstance(node, hcl.Call):
                calls.add(node.name.removeprefix("core::"))
            pending.extend((part, bound) for part in children(node))
    return free, calls
