"""Is this a CloudFormation template? First a cheap look at the bytes, then the parsed content decides."""

from __future__ import annotations

import re

from fsbp_lsp.cloudformation.shape import items_of, mapping_of, pairs_of, text_of
from fsbp_lsp.syntax.tree import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.syntax.tree import Document, Node

_OTHER_SUFFIXES = (".tf", ".tofu", ".tfvars", ".tf.json", ".tofu.json", ".tfvars.json", ".tfstate")
_TYPE = re.compile(r"[A-Za-z0-9]+(?:::[A-Za-z0-9_@-]+)+")
_CERTAIN = re.compile(
    rb"^(?:\xef\xbb\xbf)?(?:AWSTemplateFormatVersion[ \t]*:|Transform[ \t]*:[ \t]*['\"]?AWS::|"
    rb'[ \t]*\{?[ \t]*"AWSTemplateFormatVersion"[ \t]*:)',
    re.MULTILINE,
)
SAM = "AWS::Serverless-"
SERVERLESS = "AWS::Serverless::"


def sniff(path: str, data: bytes) -> bool:
    """Whether it is worth parsing. False is certain; True means only that the words of a template occur.

    An ordinary YAML or JSON file costs this search and nothing else. The path only keeps Terraform's own files out.
    """
    if path.endswith(_OTHER_SUFFIXES):
        return False
    if b"AWSTemplateFormatVersion" not in data and (b"::" not in data or (b"Resources" not in data and b"Transform" not in data)):
        return False
    return b"\0" not in data


def looks_certain(data: bytes) -> bool:
    """For a text that cannot be parsed at all: whether it opens like nothing but a template."""
    return _CERTAIN.search(data) is not None


def is_type(text: str | None) -> bool:
    """`AWS::S3::Bucket`, `Custom::Thing`, `Org::Service::Thing[::MODULE]`."""
    return text is not None and _TYPE.fullmatch(text) is not None


def is_sam(transform: Node | None) -> bool:
    return any((text_of(item) or "").startswith(SAM) for item in items_of(transform))


def is_template(document: Document) -> bool:
    """Decided on content: a format version, a transform of AWS's own, or a resource with a type like `AWS::S3::Bucket`."""
    root = mapping_of(document.root)
    if root is None:
        return False
    top = pairs_of(root).found
    version = top.get("AWSTemplateFormatVersion")
    if version is not None and text_of(version[1]) is not None:
        return True
    transform = top.get("Transform")
    if transform is not None and is_sam(transform[1]):
        return True
    resources = mapping_of(top["Resources"][1]) if "Resources" in top else None
    if resources is None:
        return False
    if transform is not None and any((text_of(item) or "").startswith("AWS::") for item in items_of(transform[1])):
        return True
    members = (member for _, member in pairs_of(resources).found.values())
    return any(isinstance(member, Mapping) and is_type(text_of(member.get("Type"))) for member in members)
