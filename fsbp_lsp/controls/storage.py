"""Amazon DynamoDB, Amazon EFS, AWS KMS and Amazon OpenSearch Service controls (Security Hub user guide, 2026-10)."""

from __future__ import annotations

from fsbp_lsp.aws.storage import Domain, FileSystem, GlobalTable, Key, ReplicaTable, Table, TableReplica
from fsbp_lsp.controls.policies import NO_STATEMENT_FIX, PATTERNS, judge_public
from fsbp_lsp.controls.registry import PASS, Unknown
from fsbp_lsp.controls.shapes import control, fact, require, require_present, why_unknown, within, wrong
from fsbp_lsp.values import MAYBE, NO

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.controls.registry import Answer, Context
    from fsbp_lsp.model import Attr, Finding, Subject


def _table(id: str, subject: Subject, name: str) -> Answer:
    """The table itself, and every replica declared with it: each is a table of its own in its Region."""
    parts: list[Subject] = [] if isinstance(subject, GlobalTable) else [subject]
    doubt = ""
    if isinstance(subject, (GlobalTable, Table)):
        parts.extend(subject.replicas.found)
        doubt = "a replica may exist that source does not decide" if subject.replicas.maybe_more else ""
    findings: list[Finding] = []
    for part in parts:
        attr: Attr | None = getattr(type(part), name, None)
        if attr is None:
            continue
        value = attr.read(part)
        answer = value.is_(True)
        if answer is NO:
            message = fact(within(part, attr.shown("terraform")), value) if isinstance(part, TableReplica) else ""
            findings.append(wrong(id, part, attr, value, True, message=message))
        elif answer is MAYBE:
            doubt = doubt or why_unknown(value)
    return findings or (Unknown(doubt) if doubt else PASS)


@control("DynamoDB.2", Table, ReplicaTable, GlobalTable, slug="unrecoverable-table")
def recovery(subject: Subject, context: Context) -> Answer:
    return _table("DynamoDB.2", subject, "recovery")


@control(
    "DynamoDB.6",
    Table,
    ReplicaTable,
    GlobalTable,
    slug="deletable-table",
    partial="replicas written inside aws_dynamodb_table, which not every provider in use can protect, are not judged",
)
def table_deletion(subject: Subject, context: Context) -> Answer:
    return _table("DynamoDB.6", subject, "deletion_protection")


unencrypted_file_system = require("EFS.1", FileSystem.encrypted, slug="unencrypted-file-system", is_=True)


@control("KMS.5", Key, slug="public-key", partial=PATTERNS, no_fix=NO_STATEMENT_FIX)
def public_key(key: Key, context: Context) -> Answer:
    part = key.policies
    return judge_public("KMS.5", key, (facet.document for facet in part.found), "key", maybe_more=part.maybe_more)


unencrypted_domain = require(
    "Opensearch.1",
    Domain.encrypted,
    slug="unencrypted-domain",
    is_=True,
)
public_domain = require_present("Opensearch.2", Domain.subnets, slug="public-domain", no_fix="which VPC and subnets is a human decision")
plain_nodes = require("Opensearch.3", Domain.node_to_node, slug="plain-node-traffic", is_=True)
