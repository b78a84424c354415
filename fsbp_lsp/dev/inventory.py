"""What the bindings speak of: every kind and facet declared, and every resource type named in them."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re

import fsbp_lsp.aws
import fsbp_lsp.controls
from fsbp_lsp.model import Facet, Kind, Part
from fsbp_lsp.model.lens import registered_kinds

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
"""The checkout."""

BESIDE = (
    # Data source in which policies are written.
    "aws_iam_policy_document",
    # Not yet bound, but beside bound ones in nearly every module; examples and specs use them.
    "aws_s3_bucket_versioning",
    "aws_docdb_cluster",
    "aws_docdb_cluster_instance",
    "aws_neptune_cluster",
    "aws_kms_alias",
    "aws_vpc_security_group_egress_rule",
    "AWS::DocDB::DBCluster",
    "AWS::DocDB::DBInstance",
    "AWS::Neptune::DBCluster",
    "AWS::Neptune::DBInstance",
    "AWS::KMS::Alias",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::SecurityGroupEgress",
)

NEWER = frozenset({"aws_vpc_security_group_rules_exclusive"})
"""Types younger than the schemas at hand: the controls know them, and there is nothing to compare them with."""


def load() -> None:
    """Import every module that declares kinds, facets or controls."""
    for package in (fsbp_lsp.aws, fsbp_lsp.controls):
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")


def kinds() -> tuple[type[Kind], ...]:
    load()
    return registered_kinds()


def parts(owner: type[Kind] | type[Facet]) -> list[Part]:
    """The parts of a kind or of a facet."""
    found = (getattr(owner, name) for name in dir(owner))
    return [part for part in found if isinstance(part, Part)]


def types() -> list[str]:
    """Resource types named anywhere in the vocabulary or the controls, in quotes; and those beside them."""
    named = set(BESIDE)
    for package in (fsbp_lsp.aws, fsbp_lsp.controls):
        for folder in package.__path__:
            for name in sorted(os.listdir(folder)):
                if name.endswith(".py"):
                    with open(os.path.join(folder, name), encoding="utf-8") as file:
                        named.update(re.findall(r'"(aws_[a-z0-9_]+|AWS::\w+::\w+)"', file.read()))
    return sorted(named - NEWER)
