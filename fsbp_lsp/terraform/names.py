"""What is known about provider attributes by name, and what an expression refers to."""

from __future__ import annotations

from fsbp_lsp.syntax import hcl_tree as hcl
from fsbp_lsp.terraform.references import flatten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from fsbp_lsp.terraform.index import Declared

_READ_BACK = {
    # Computed attributes that always equal an argument when that is set.
    ("aws_s3_bucket", "id"): "bucket",
}
OF_BUCKET = frozenset(
    f"aws_s3_bucket_{name}"
    for name in (
        "accelerate_configuration",
        "cors_configuration",
        "lifecycle_configuration",
        "logging",
        "notification",
        "ownership_controls",
        "policy",
        "public_access_block",
        "request_payment_configuration",
        "server_side_encryption_configuration",
        "versioning",
        "website_configuration",
    )
)
"""Companions whose id is the bucket they belong to, unless they name its owner as well (Terraform AWS provider, *Attribute
Reference* of each: "the `bucket` or `bucket` and `expected_bucket_owner` separated by a comma")."""
MAX_PARTS = 50_000


def stands_for(declared: Declared, attribute: str) -> str:
    """The argument that an attribute is another name for, so that reading it gives what is written there; '' for none."""
    if attribute == "id" and declared.type in OF_BUCKET and declared.attribute("expected_bucket_owner") is None:
        return "bucket"
    return ""


def provider_name(type: str, attribute: str) -> str:
    """The argument whose value an attribute reads back as; the attribute itself when there is no such rule."""
    return _READ_BACK.get((type, attribute), attribute)


def names_in(expr: hcl.Expr) -> Iterator[list[str]]:
    """What an expression refers to, as the names of each traversal up to its first index: `["var", "x", "y"]`."""
    pending = [expr]
    left = MAX_PARTS
    while pending and left > 0:
        left -= 1
        node = pending.pop()
        if isinstance(node, (hcl.GetAttr, hcl.Index, hcl.Variable)):
            root, steps = flatten(node)
            pending.extend(step for step in steps if not isinstance(step, str))
            if isinstance(root, hcl.Variable):
                names = [root.name]
                for step in steps:
                    if not isinstance(step, str):
                        break
                    names.append(step)
                yield names
            else:
                pending.append(root)
        else:
            pending.extend(children(node))


def children(node: hcl.Expr) -> list[hcl.Expr]:
    """The direct parts of an expression."""
    if isinstance(node, hcl.Template):
        return [part for part in node.parts if isinstance(part, hcl.Expr)]
    if isinstance(node, hcl.Tuple):
        return list(node.items)
    if isinstance(node, hcl.Object):
        return [part for pair in node.items for part in pair]
    if isinstance(node, hcl.Splat):
        return [node.target, node.each]
    if isinstance(node, hcl.Call):
        return list(node.args)
    if isinstance(node, hcl.Conditional):
        return [node.condition, node.yes, node.no]
    if isinstance(node, hcl.Unary):
        return [node.operand]
    if isinstance(node, hcl.Binary):
        return [node.left, node.right]
    if isinstance(node, hcl.For):
        rest = [node.source, node.value_expr]
        return rest + [part for part in (node.key_expr, node.condition) if part is not None]
    if isinstance(node, hcl.GetAttr):
        return [node.target]
    if isinstance(node, hcl.Index):
        return [node.target, node.key]
    return []
