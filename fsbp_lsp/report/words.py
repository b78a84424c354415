"""The words findings share between formats: what the thing is called, and how its value came to be."""

from __future__ import annotations

from fsbp_lsp.report.clean import clean
from fsbp_lsp.values import Hidden, Map, Via

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.model import Finding, Resource
    from fsbp_lsp.text import Loc
    from fsbp_lsp.values import Origin

_NAMES_TF = ("bucket", "name", "identifier", "cluster_identifier", "function_name", "domain_name", "cluster_name", "user_name", "user")
_MAX_NAME = 80
_MAX_PATH = 200
_SERVICES = frozenset(
    (
        "cloudfront",
        "cloudtrail",
        "dynamodb",
        "ebs",
        "ec2",
        "ecr",
        "ecs",
        "efs",
        "eks",
        "iam",
        "kms",
        "lambda",
        "opensearch",
        "rds",
        "s3",
        "sns",
        "sqs",
    )
)
"""First words of resource types that the noun is as clear without."""


def title_of(resource: Resource) -> str:
    """`bucket app-prod-logs`: what people call the thing, '' when its address says all there is to say.

    What a generator wrote is called by the construct it was made from: nobody knows the logical id.
    """
    name = given_name(resource)
    title = f"{noun_of(resource)} {name}" if name and name != resource.name else ""
    made = clean(resource.construct[:_MAX_PATH])
    return ", ".join(part for part in (title, resource.made_of, f"construct {made}" if made else "") if part)


def noun_of(resource: Resource) -> str:
    """`bucket` for `aws_s3_bucket`, `DB instance` for `AWS::RDS::DBInstance`."""
    noun = resource.dialect.noun(resource)
    if noun != resource.type:
        return noun
    words = noun.removeprefix("aws_").split("_")
    if len(words) > 1 and words[0] in _SERVICES:
        words = words[1:]
    return " ".join("DB" if word == "db" else word for word in words)


def given_name(resource: Resource) -> str:
    """The name the thing will bear in AWS where source says so; '' otherwise."""
    body = resource.config.only
    if not isinstance(body, Map):
        return ""
    if resource.dialect.name == "terraform":
        names: tuple[str, ...] = _NAMES_TF
    else:
        last = resource.type.rsplit("::", 1)[-1]
        names = (f"{last}Name", f"{last}Identifier", "Name", "FunctionName")
    for name in names:
        value = body.entries.get(name)
        if value is not None and not isinstance(value.raw, Hidden) and isinstance(value.only, str) and value.only:
            return clean(value.only[:_MAX_NAME])
    return ""


def hop(origin: Origin) -> str:
    """One step of provenance in words, without its place."""
    note = clean(origin.note)
    if origin.via is Via.VARIABLE:
        return f"default of {note}"
    if origin.via is Via.TFVARS:
        return f"value of {note}"
    if origin.via is Via.PARAMETER:
        return f"default of parameter {note}"
    if origin.via is Via.ASSUMED:
        return f"assumed in configuration: {note}"
    if origin.via is Via.OPAQUE:
        return f"not known from source: {note}"
    if origin.via is Via.BRANCH:
        return f"under condition {note}" if note else "under a condition"
    if origin.via is Via.DEFAULT:
        return note or "default"
    if origin.via is Via.STORE:
        return f"read from {note} when deployed"
    if origin.via is Via.SUPPLIED:
        return f"value of parameter {note}"
    if origin.via is Via.ARGUMENT:
        return f"module argument {note}"
    if origin.via is Via.OUTPUT:
        return f"output {note}"
    return note or origin.via.value


def source_line(at: Loc, most: int = 100) -> str:
    """The line a place stands on, trimmed, for one-line quotation."""
    lines = at.file.lines
    start, end = lines.line_span(lines.line(at.start))
    low = max(start, at.start - most)
    text = at.file.data[low : min(end, low + 4 * most)].decode("utf-8", "replace").strip()
    return clean(text if len(text) <= most else text[: most - 1] + "…")


def instances(finding: Finding, most: int = 3) -> str:
    """`and 4 more instances: a["x"], …`; '' for a single one."""
    others = finding.instances[1:]
    if not others:
        return ""
    shown = ", ".join(clean(address) for address in others[:most]) + (", …" if len(others) > most else "")
    return f"and {len(others)} more instance{'s' if len(others) > 1 else ''}: {shown}"
