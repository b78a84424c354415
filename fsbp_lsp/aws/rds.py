"""Amazon RDS, Aurora and the engines AWS Config records as RDS.

Defaults: AWS API reference CreateDBInstance/CreateDBCluster and the Terraform provider's documentation.
"""

from __future__ import annotations

from fsbp_lsp.model import Attr, Kind, Update
from fsbp_lsp.values import UNKNOWN


class DBInstance(Kind, tf="aws_db_instance", cfn="AWS::RDS::DBInstance"):
    encrypted = Attr("storage_encrypted", "StorageEncrypted", default=False, update=Update.REPLACES)
    public = Attr("publicly_accessible", "PubliclyAccessible", tf_default=False, cfn_default=UNKNOWN, update=Update.CUTS_ACCESS)
    # From 0 to another number or back is an outage (RDS user guide, "Backup retention period").
    backup_days = Attr("backup_retention_period", "BackupRetentionPeriod", tf_default=0, cfn_default=1, update=Update.INTERRUPTS)
    deletion_protection = Attr("deletion_protection", "DeletionProtection", default=False)
    minor_upgrades = Attr("auto_minor_version_upgrade", "AutoMinorVersionUpgrade", default=True)
    engine = Attr("engine", "Engine")
    snapshot = Attr("snapshot_identifier", "DBSnapshotIdentifier", update=Update.REPLACES)
    replica_of = Attr("replicate_source_db", "SourceDBInstanceIdentifier", update=Update.REPLACES)
    replica_of_resource = Attr(None, "SourceDbiResourceId", update=Update.REPLACES)
    automated_backup = Attr("restore_to_point_in_time", "SourceDBInstanceAutomatedBackupsArn", update=Update.REPLACES)
    s3_import = Attr("s3_import", None, update=Update.REPLACES)
    cluster = Attr(None, "DBClusterIdentifier", update=Update.REPLACES)
    cluster_snapshot = Attr(None, "DBClusterSnapshotIdentifier", update=Update.REPLACES)
    source_cluster = Attr(None, "SourceDBClusterIdentifier", update=Update.REPLACES)


class ClusterInstance(Kind, tf="aws_rds_cluster_instance"):
    public = Attr("publicly_accessible", None, default=False, update=Update.CUTS_ACCESS)
    minor_upgrades = Attr("auto_minor_version_upgrade", None, default=True)


class NeptuneInstance(Kind, tf="aws_neptune_cluster_instance"):
    public = Attr("publicly_accessible", None, default=False, update=Update.CUTS_ACCESS)


class DBCluster(Kind, tf="aws_rds_cluster", cfn="AWS::RDS::DBCluster"):
    encrypted = Attr("storage_encrypted", "StorageEncrypted", default=False, update=Update.REPLACES)
    deletion_protection = Attr("deletion_protection", "DeletionProtection", default=False)
    engine = Attr("engine", "Engine")
    engine_mode = Attr("engine_mode", "EngineMode", default="provisioned", update=Update.REPLACES)
    snapshot = Attr("snapshot_identifier", "SnapshotIdentifier", update=Update.REPLACES)
    replica_of = Attr("replication_source_identifier", "ReplicationSourceIdentifier")
    source_cluster = Attr("restore_to_point_in_time", "SourceDBClusterIdentifier", update=Update.REPLACES)
    source_resource = Attr(None, "SourceDbClusterResourceId", update=Update.REPLACES)
    global_cluster = Attr("global_cluster_identifier", "GlobalClusterIdentifier")
    s3_import = Attr("s3_import", None, update=Update.REPLACES)
