"""Generated sources for measuring: realistic in shape, deterministic, of any size."""

from __future__ import annotations

import os

_BUCKET = """\
resource "aws_s3_bucket" "{name}" {{
  bucket = "${{var.prefix}}-{name}"

  tags = {{
    Name = "{name}"
    Team = local.team
  }}
}}

resource "aws_s3_bucket_public_access_block" "{name}" {{
  bucket                  = aws_s3_bucket.{name}.id
  block_public_acls       = true
  block_public_policy     = {sealed}
  ignore_public_acls      = true
  restrict_public_buckets = true
}}
"""

_DATABASE = """\
resource "aws_db_instance" "{name}" {{
  identifier              = "{name}"
  engine                  = "postgres"
  instance_class          = "db.t4g.medium"
  allocated_storage       = 20
  storage_encrypted       = {sealed}
  backup_retention_period = var.backup_days
  deletion_protection     = true # the team asked for it
  publicly_accessible     = false
}}
"""

_GROUP = """\
resource "aws_security_group" "{name}" {{
  name   = "{name}"
  vpc_id = aws_vpc.main.id

  ingress {{
    description = "service"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["{source}"]
  }}

  egress {{
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }}
}}
"""

_QUEUE = """\
resource "aws_sqs_queue" "{name}" {{
  name                    = "{name}"
  sqs_managed_sse_enabled = {sealed}

  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Principal = {{ AWS = "arn:aws:iam::111122223333:root" }}
      Action    = "sqs:SendMessage"
      Resource  = "*"
    }}]
  }})
}}
"""

_BLOCKS = (_BUCKET, _DATABASE, _GROUP, _QUEUE)

_HEAD = """\
variable "prefix" {
  default = "acme"
}

variable "backup_days" {
  default = 3
}

locals {
  team = "platform"
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
"""


def _block(number: int) -> str:
    # Every fifth thing is wrong, so that findings exist without being the whole output.
    wrong = number % 5 == 0
    return _BLOCKS[number % len(_BLOCKS)].format(
        name=f"thing_{number}", sealed="false" if wrong else "true", source="0.0.0.0/0" if wrong else "10.0.0.0/8"
    )


def terraform(lines: int, first: int = 0, head: bool = False) -> str:
    """A file of about this many lines (never more than a block over); `first` numbers the resources."""
    parts = [_HEAD] if head else []
    written = sum(part.count("\n") + 1 for part in parts)
    number = first
    while written < lines:
        parts.append(_block(number))
        written += parts[-1].count("\n") + 1
        number += 1
    return "\n".join(parts)


def template(lines: int) -> str:
    """A CloudFormation template of about this many lines."""
    parts = [_OPENING]
    written = parts[0].count("\n")
    number = 0
    while written < lines:
        sealed = "false" if number % 5 == 0 else "true"
        parts.append(_RESOURCES[number % len(_RESOURCES)].format(name=f"Thing{number}", sealed=sealed))
        written += parts[-1].count("\n")
        number += 1
    return "".join(parts)


_OPENING = """\
AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Prefix:
    Type: String
    Default: acme
Conditions:
  Production: !Equals [!Ref Prefix, acme]
Resources:
"""

_RESOURCES = (
    """\
  {name}Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub "${{Prefix}}-{name}"
      PublicAccessBlockConfiguration:
        BlockPublicAcls: true
        BlockPublicPolicy: {sealed}
        IgnorePublicAcls: true
        RestrictPublicBuckets: true
""",
    """\
  {name}Database:
    Type: AWS::RDS::DBInstance
    DeletionPolicy: Snapshot
    Properties:
      Engine: postgres
      DBInstanceClass: db.t4g.medium
      AllocatedStorage: '20'
      StorageEncrypted: {sealed}
      BackupRetentionPeriod: !If [Production, 14, 1]
      DeletionProtection: true # the team asked for it
""",
    """\
  {name}Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: service
      SecurityGroupIngress:
        - IpProtocol: tcp
          FromPort: 443
          ToPort: 443
          CidrIp: 10.0.0.0/8
""",
    """\
  {name}Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Join ['-', [!Ref Prefix, {name}]]
      SqsManagedSseEnabled: {sealed}
""",
)


def module(folder: str, files: int, lines: int = 40, big: int = 0) -> list[str]:
    """Write a Terraform module of this many files into `folder`; `big`: lines of its main.tf. Paths, main.tf first."""
    os.makedirs(folder, exist_ok=True)
    paths = []
    for number in range(files):
        name = "main.tf" if number == 0 else f"part_{number:02}.tf"
        text = terraform(big or lines, 0, head=True) if number == 0 else terraform(lines, 10_000 * number)
        paths.append(os.path.join(folder, name))
        with open(paths[-1], "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    return paths


def workspace(folder: str, files: int, per_module: int = 10) -> list[list[str]]:
    """Modules of `per_module` files each, `files` in all; each tenth file stands beside a template. Paths by module."""
    modules = []
    for number in range(files // per_module):
        at = os.path.join(folder, f"module_{number:03}")
        paths = module(at, per_module - 1)
        paths.append(os.path.join(at, "template.yaml"))
        with open(paths[-1], "w", encoding="utf-8", newline="\n") as file:
            file.write(template(40))
        modules.append(paths)
    return modules
