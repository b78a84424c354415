"""Floor 2: resources, the lens language that reads and writes them, findings and fixes.

Both dialects implement `Dialect` on the floor above; nothing here knows Terraform or CloudFormation.
"""

from fsbp_lsp.model.finding import Finding, Fix, Safety, Verdict
from fsbp_lsp.model.lens import (
    Attr,
    Companion,
    Facet,
    Kind,
    Nested,
    Part,
    Question,
    Subject,
    registered_facets,
    registered_kinds,
)
from fsbp_lsp.model.path import EACH, Path, Where, parse_path, show_path
from fsbp_lsp.model.resource import (
    CallSite,
    Dialect,
    IgnoreComment,
    InstanceKey,
    JsonDocument,
    Module,
    Placeholder,
    Problem,
    Reference,
    Refusal,
    Resource,
    Target,
    points_at,
    read_path,
    type_of,
)
from fsbp_lsp.model.update import Update

__all__ = [
    "EACH",
    "Attr",
    "CallSite",
    "Companion",
    "Dialect",
    "Facet",
    "Finding",
    "Fix",
    "IgnoreComment",
    "InstanceKey",
    "JsonDocument",
    "Kind",
    "Module",
    "Nested",
    "Part",
    "Path",
    "Placeholder",
    "Problem",
    "Question",
    "Reference",
    "Refusal",
    "Resource",
    "Safety",
    "Subject",
    "Target",
    "Update",
    "Verdict",
    "Where",
    "parse_path",
    "points_at",
    "read_path",
    "registered_facets",
    "registered_kinds",
    "show_path",
    "type_of",
]
