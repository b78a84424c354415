"""`.tf.json`: Terraform's JSON notation, taken to the same tree as HCL.

Nested blocks cannot be told from object arguments without the provider's schema, so everything below a
resource is an attribute holding an object or a list; only `dynamic` is taken as blocks, and deeper down as a doubt.
"""

from __future__ import annotations

from fsbp_lsp.syntax import hcl_tree as hcl
from fsbp_lsp.syntax import tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 60
_LABELS = {"resource": 2, "data": 2, "variable": 1, "module": 1, "output": 1, "provider": 1, "locals": 0, "terraform": 0}
_DYNAMIC_PARTS = frozenset({"content"})


class JsonBody(hcl.Body):
    """A body written in JSON; `mapping` is the JSON node behind it, for edits."""

    __slots__ = ("mapping",)

    def __init__(self, mapping: tree.Mapping, attributes: dict[str, hcl.Attribute], blocks: list[hcl.Block], broken: bool) -> None:
        super().__init__(mapping.start, mapping.end, attributes, blocks, broken)
        self.mapping = mapping


def file_body(document: tree.Document) -> hcl.Body:
    """The top-level blocks of a `.tf.json` file."""
    broken = bool(document.errors)
    blocks: list[hcl.Block] = []
    roots = document.root.items if isinstance(document.root, tree.Sequence) else [document.root]
    for root in roots:
        if not isinstance(root, tree.Mapping):
            continue
        for key, value in root.pairs:
            if isinstance(key, tree.Scalar) and key.text in _LABELS:
                blocks.extend(_blocks(key.text, key, value, _LABELS[key.text], (), broken))
    end = document.root.end if document.root is not None else 0
    return hcl.Body(0, end, {}, blocks, broken)


def values_body(document: tree.Document) -> hcl.Body:
    """The values of a `.tfvars.json` file: strings there are no templates."""
    if not isinstance(document.root, tree.Mapping):
        return hcl.Body(0, 0, {}, [], True)
    return JsonBody(document.root, _attributes(document.root, True), [], bool(document.errors))


def _blocks(kind: str, key: tree.Scalar, value: tree.Node, labels: int, done: tuple[str, ...], broken: bool) -> Iterator[hcl.Block]:
    if isinstance(value, tree.Sequence):
        for item in value.items:
            yield from _blocks(kind, key, item, labels, done, broken)
    elif isinstance(value, tree.Mapping):
        if labels == 0:
            yield hcl.Block(kind, done, key.start, key.end, value.end, _body(kind, value, broken))
            return
        for name, inner in value.pairs:
            if isinstance(name, tree.Scalar) and name.text != "//":
                yield from _blocks(kind, name, inner, labels - 1, (*done, name.text), broken)


def _body(kind: str, mapping: tree.Mapping, broken: bool) -> JsonBody:
    # A default holds values, no expressions; a type is an expression written as text.
    attributes = _attributes(mapping, kind == "variable")
    blocks: list[hcl.Block] = []
    for key, value in mapping.pairs:
        if isinstance(key, tree.Scalar) and key.text == "dynamic" and kind in ("resource", "data", "content"):
            attributes.pop("dynamic", None)
            blocks.extend(_dynamic(key, value, broken))
        elif isinstance(key, tree.Scalar) and key.text in _DYNAMIC_PARTS and kind == "dynamic":
            attributes.pop(key.text, None)
            blocks.extend(_blocks("content", key, value, 0, (), broken))
    return JsonBody(mapping, attributes, blocks, broken)


def _dynamic(key: tree.Scalar, value: tree.Node, broken: bool) -> Iterator[hcl.Block]:
    for part in value.items if isinstance(value, tree.Sequence) else [value]:
        if isinstance(part, tree.Mapping):
            for name, inner in part.pairs:
                if isinstance(name, tree.Scalar):
                    yield from _blocks("dynamic", name, inner, 0, (name.text,), broken)


def _attributes(mapping: tree.Mapping, literal: bool) -> dict[str, hcl.Attribute]:
    found: dict[str, hcl.Attribute] = {}
    for key, value in mapping.pairs:
        if not isinstance(key, tree.Scalar) or key.text == "//" or key.text in found:
            continue

        def make(node: tree.Node = value) -> hcl.Expr:
            return expression(node, literal, 0)

        found[key.text] = hcl.Attribute(key.text, key.start, key.end, value.end, value.start, value.end, make)
    return found


def expression(node: tree.Node, literal: bool, depth: int) -> hcl.Expr:
    """The expression a JSON value stands for. literal: strings are taken as they are."""
    if depth > MAX_DEPTH:
        return hcl.Opaque(node.start, node.end, "nested too deeply")
    if isinstance(node, tree.Mapping):
        pairs = [
            (_key(key, value, literal, depth + 1), expression(value, literal, depth + 1))
            for key, value in node.pairs
            if not (isinstance(key, tree.Scalar) and key.text == "//")
        ]
        return hcl.Object(node.start, node.end, pairs)
    if isinstance(node, tree.Sequence):
        return hcl.Tuple(node.start, node.end, [expression(item, literal, depth + 1) for item in node.items])
    if isinstance(node, tree.Scalar):
        if node.style != '"' or literal or ("${" not in node.text and "%{" not in node.text):
            return hcl.Literal(node.start, node.end, node.value if node.style != '"' else node.text)
        return _template(node)
    return hcl.Opaque(node.start, node.end, "not understood")


def _key(key: tree.Node, value: tree.Node, literal: bool, depth: int) -> hcl.Expr:
    if not literal and isinstance(key, tree.Scalar) and key.text == "dynamic" and isinstance(value, (tree.Mapping, tree.Sequence)):
        # What may be a nested block generates blocks of its own: which keys it has is not known then.
        return hcl.Opaque(key.start, key.end, "a dynamic block")
    return expression(key, literal, depth)


def _template(node: tree.Scalar) -> hcl.Expr:
    from fsbp_lsp.syntax.hcl import parse_template
    from fsbp_lsp.terraform.names import children

    made = parse_template(node.text)
    # Without escapes every offset of the text is an offset of the file.
    exact = node.value_end - node.value_start - 2 == len(node.text.encode("utf-8", "surrogatepass"))
    base = node.value_start + 1
    pending, seen = [made], {id(made)}
    while pending:
        part = pending.pop()
        part.start, part.end = (part.start + base, part.end + base) if exact else (node.start, node.end)
        for child in children(part):
            if id(child) not in seen:
                seen.add(id(child))
                pending.append(child)
    made.start, made.end = node.start, node.end
    return made
