"""Amazon RDS controls. Pass conditions: Security Hub user guide, "Amazon RDS controls" (2026-10)."""

from __future__ import annotations

from fsbp_lsp.aws.rds import ClusterInstance, DBCluster, DBInstance, NeptuneInstance
from fsbp_lsp.controls.shapes import require
from fsbp_lsp.model import Question
from fsbp_lsp.values import MAYBE, NO, YES, Tri

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.controls.registry import Control
    from fsbp_lsp.model import Subject

EVALUATED_ENGINES = frozenset(
    {
        "mariadb",
        "mysql",
        "custom-oracle-ee",
        "oracle-ee-cdb",
        "oracle-se2-cdb",
        "oracle-ee",
        "oracle-se2",
        "oracle-se1",
        "oracle-se",
        "postgres",
        "sqlserver-ee",
        "sqlserver-se",
        "sqlserver-ex",
        "sqlserver-web",
    }
)

CLUSTER_ENGINES = frozenset({"aurora", "aurora-mysql", "aurora-postgresql", "neptune", "docdb"})


def _any_set(subject: Subject, *names: str) -> Tri:
    result = NO
    for name in names:
        attr = getattr(type(subject), name)
        if attr.path(subject.resource.dialect.name) is not None:
            result = result | attr.read(subject).present()
    return result


def _written(subject: Subject, name: str) -> Tri:
    return Tri.of(getattr(type(subject), name).read(subject).at is not None)


def _maybe(answer: Tri) -> Tri:
    """A doubt at most: what the source of a restore says is not in this module."""
    return NO if answer is NO else MAYBE


INHERITS = Question(
    # A restore or a replica takes the encryption of its source whatever is written; an import from S3 only when nothing is.
    lambda s: _maybe(
        _any_set(s, "snapshot", "replica_of", "replica_of_resource", "automated_backup", "cluster_snapshot", "source_cluster")
        | (_any_set(s, "s3_import") & ~_written(s, "encrypted"))
    ),
    "the source it is restored or replicated from is encrypted",
)
CLUSTER_INHERITS = Question(
    lambda s: _maybe(
        _any_set(s, "snapshot", "source_cluster", "source_resource")
        # Aurora encrypts what is new, and a replica of an unencrypted cluster stays as its source is.
        | (_any_set(s, "replica_of", "global_cluster", "s3_import") & ~s.encrypted.is_(True))
    ),
    "the source it is restored or replicated from is encrypted",
)


def _engine_among(engines: frozenset[str]) -> Question:
    # RDS takes engine names in any case and keeps them in lower case.
    # An instance restored from a snapshot need not name its engine.
    return Question(
        lambda s: s.engine.test(lambda datum: str(datum).lower() in engines) if s.engine.written else MAYBE,
        "the engine is one the control evaluates",
    )


CLUSTER_MEMBER = Question(
    lambda s: _any_set(s, "cluster") | (_engine_among(CLUSTER_ENGINES)(s) if s.engine.written else NO), "it is a member of a cluster"
)
AURORA = Question(
    lambda s: s.engine.starts_with("aurora") if s.engine.written else YES,
    "the cluster is an Aurora cluster",
)
READ_REPLICA = Question(lambda s: _any_set(s, "replica_of", "replica_of_resource", "source_cluster"), "it is a read replica")
RESTORED = Question(
    lambda s: _maybe(_any_set(s, "snapshot", "automated_backup", "cluster_snapshot") & ~_written(s, "backup_days")),
    "the backup it is restored from is kept long enough",
)

public_instance: Control = require(
    "RDS.2", DBInstance.public, ClusterInstance.public, NeptuneInstance.public, slug="public-database", is_=False
)
unencrypted_instance = require(
    "RDS.3",
    DBInstance.encrypted,
    slug="unencrypted-database",
    is_=True,
    unless=CLUSTER_MEMBER | INHERITS,
    partial="an instance restored or replicated from another source inherits that source's encryption",
)
unprotected_cluster = require("RDS.7", DBCluster.deletion_protection, slug="deletable-cluster", is_=True)
unprotected_instance = require(
    "RDS.8",
    DBInstance.deletion_protection,
    slug="deletable-database",
    is_=True,
    only_if=_engine_among(EVALUATED_ENGINES),
    unless=CLUSTER_MEMBER,
)
short_backups = require("RDS.11", DBInstance.backup_days, slug="short-backups", at_least=7, unless=READ_REPLICA | CLUSTER_MEMBER | RESTORED)
manual_upgrades = require(
    "RDS.13",
    DBInstance.minor_upgrades,
    ClusterInstance.minor_upgrades,
    slug="manual-minor-upgrades",
    is_=True,
    # RDS Custom must be created without them (Terraform provider, aws_db_instance, "RDS Custom for Oracle").
    unfixable=Question(lambda s: s.engine.starts_with("custom-") if isinstance(s, DBInstance) else NO, "it is an RDS Custom instance"),
)
unencrypted_cluster = require(
    "RDS.27",
    DBCluster.encrypted,
    slug="unencrypted-cluster",
    is_=True,
    unless=CLUSTER_INHERITS | DBCluster.engine_mode.is_("serverless"),
    # Amazon Aurora user guide, "Encrypting Amazon Aurora resources", and the AWS Database Blog on it: every new cluster
    # is encrypted, also one created with StorageEncrypted false. Multi-AZ DB clusters are not Aurora.
    undeclared=(AURORA, "Aurora has encrypted new clusters since February 2026"),
    overruled=True,
    partial="a cluster restored or replicated from another source inherits that source's encryption",
)
