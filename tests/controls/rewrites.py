"""The same Terraform said in other words: what a rewrite makes is deployed exactly as what it was made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fsbp_lsp.syntax import hcl_tree as hcl
from fsbp_lsp.syntax.hcl import read_hcl
from fsbp_lsp.text import Piece, SourceFile

Files = dict[str, str]
_META = {"lifecycle", "provisioner", "connection"}
_META_ARGUMENTS = {"count", "for_each", "depends_on", "provider", "lifecycle"}


class NoRewrite(ValueError):
    """The source has nothing this rewrite applies to, or something it has no words for."""


def _blocks(name: str, text: str, *kinds: str) -> Iterator[tuple[Piece, hcl.Block]]:
    for piece, body in read_hcl(SourceFile(name, text.encode())).items:
        for block in body.blocks:
            if not kinds or block.type in kinds:
                yield piece, block


def _plain_literals(expr: hcl.Expr) -> list[hcl.Literal]:
    """Literals that stand for values; keys of objects and parts of templates are something else."""
    if isinstance(expr, hcl.Literal):
        return [expr] if expr.value is not None else []
    if isinstance(expr, hcl.Tuple):
        return [one for item in expr.items for one in _plain_literals(item)]
    if isinstance(expr, hcl.Object):
        return [one for _key, value in expr.items for one in _plain_literals(value)]
    if isinstance(expr, hcl.Call):
        return [one for item in expr.args for one in _plain_literals(item)]
    if isinstance(expr, hcl.Conditional):
        return [*_plain_literals(expr.yes), *_plain_literals(expr.no)]
    return []


def _values(body: hcl.Body, top: bool = True) -> Iterator[hcl.Expr]:
    for attribute in body.attributes.values():
        if not (top and attribute.name in _META_ARGUMENTS):
            yield attribute.expr
    for block in body.blocks:
        if block.type == "dynamic":
            # Its iterator is a name and its for_each must be known as it stands.
            continue
        if not (top and block.type in _META):
            yield from _values(block.body, False)


def _replaced(data: bytes, spans: list[tuple[int, int, str]]) -> str:
    out, done = b"", 0
    for start, end, text in sorted(spans):
        out += data[done:start] + text.encode()
        done = end
    return (out + data[done:]).decode()


def _every_literal(files: Files, said: Callable[[int, str], str], declared: Callable[[int, str], str]) -> tuple[Files, list[str]]:
    """Each literal of a resource or data source said otherwise; what that needs to be declared, besides."""
    made: Files = {}
    declarations: list[str] = []
    for name, text in files.items():
        data = text.encode()
        spans: list[tuple[int, int, str]] = []
        for piece, block in _blocks(name, text, "resource", "data") if name.endswith(".tf") else ():
            for expr in _values(block.body):
                for literal in _plain_literals(expr):
                    source = piece.data[literal.start : literal.end].decode()
                    if source.startswith("<<"):
                        # A heredoc ends with its line; nothing may follow it there.
                        continue
                    number = len(declarations)
                    spans.append((piece.base + literal.start, piece.base + literal.end, said(number, source)))
                    declarations.append(declared(number, source))
        made[name] = _replaced(data, spans)
    if not declarations:
        raise NoRewrite("no literals")
    return made, declarations


def variables(files: Files) -> Files:
    """Every literal through a variable's default."""
    made, declared = _every_literal(files, lambda n, _: f"var.rw_{n}", lambda n, text: f'variable "rw_{n}" {{\n  default = {text}\n}}\n')
    return {**made, "rw_variables.tf": "".join(declared)}


def local_values(files: Files) -> Files:
    """Every literal through two local values."""
    made, declared = _every_literal(
        files, lambda n, _: f"local.rw_{n}", lambda n, text: f"locals {{\n  rw_{n}  = local.rw_{n}_\n  rw_{n}_ = {text}\n}}\n"
    )
    return {**made, "rw_locals.tf": "".join(declared)}


def conditions(files: Files) -> Files:
    """Every literal as the branch that a decided condition takes."""
    made, _none = _every_literal(
        files, lambda n, text: f"(var.rw_on ? {text} : null)" if n % 2 else f"(!var.rw_on ? null : {text})", lambda _n, _text: ""
    )
    return {**made, "rw_on.tf": 'variable "rw_on" {\n  default = true\n}\n'}


def objects(files: Files) -> Files:
    """Every literal out of one object variable."""
    made, declared = _every_literal(files, lambda n, _: f'var.rw["k{n}"]', lambda n, text: f"    k{n} = {text}\n")
    return {**made, "rw.tf": 'variable "rw" {\n  default = {\n' + "".join(declared) + "  }\n}\n"}


def arguments(files: Files) -> Files:
    """Everything in a module, every literal an argument of its call."""
    made, declared = _every_literal(files, lambda n, _: f"var.rw_{n}", lambda n, text: f"  rw_{n} = {text}\n")
    inner = {f"rw_inner/{name}": text for name, text in _inside(made).items()}
    inner["rw_inner/rw_variables.tf"] = "".join(f'variable "rw_{n}" {{}}\n' for n in range(len(declared)))
    return {**inner, "rw_call.tf": 'module "rw" {\n  source = "./rw_inner"\n' + "".join(declared) + "}\n"}


def _inside(files: Files) -> Files:
    if any("/" in name or not name.endswith(".tf") for name in files):
        raise NoRewrite("value files and further directories belong to the root")
    return files


def module_call(files: Files) -> Files:
    """Everything in a module that is called as it is."""
    inner = {f"rw_inner/{name}": text for name, text in _inside(files).items()}
    return {**inner, "rw_call.tf": 'module "rw" {\n  source = "./rw_inner"\n}\n'}


def counted_call(files: Files) -> Files:
    """Everything in a module that is called once, with a key."""
    inner = {f"rw_inner/{name}": text for name, text in _inside(files).items()}
    return {**inner, "rw_call.tf": 'module "rw" {\n  source = "./rw_inner"\n  for_each = toset(["one"])\n}\n'}


def dynamic(files: Files) -> Files:
    """Every nested block of a resource generated by a dynamic block over one element."""
    made: Files = {}
    found = False
    for name, text in files.items():
        data = text.encode()
        spans: list[tuple[int, int, str]] = []
        for piece, block in _blocks(name, text, "resource", "data") if name.endswith(".tf") else ():
            for inner in block.body.blocks:
                if inner.type in _META or inner.type == "dynamic" or inner.labels or b"fsbp:" in piece.data[inner.start : inner.end]:
                    continue
                found = True
                header_end = piece.data.index(b"{", inner.start) + 1
                opening = f'dynamic "{inner.type}" {{\n  for_each = [1]\n  content {{'
                spans.append((piece.base + inner.start, piece.base + header_end, opening))
                spans.append((piece.base + inner.end - 1, piece.base + inner.end, "}\n}"))
        made[name] = _replaced(data, spans)
    if not found:
        raise NoRewrite("no nested blocks")
    return made


def split(files: Files) -> Files:
    """Every block in a file of its own, in another order."""
    made: Files = {}
    for name, text in files.items():
        if not name.endswith(".tf"):
            made[name] = text
            continue
        directory = name.rpartition("/")[0]
        pieces = [piece.data[block.start : block.end].decode() for piece, block in _blocks(name, text)]
        if "fsbp:" in text:
            raise NoRewrite("comments stand beside what they speak of")
        for number, block in enumerate(reversed(pieces)):
            stem = name.rpartition("/")[2].removesuffix(".tf")
            made[f"{directory}/rw_{stem}_{number}.tf".lstrip("/")] = block + "\n"
    return made


REWRITES: dict[str, Callable[[Files], Files]] = {
    "variables": variables,
    "locals": local_values,
    "conditions": conditions,
    "objects": objects,
    "arguments": arguments,
    "module call": module_call,
    "counted call": counted_call,
    "dynamic": dynamic,
    "split": split,
}
