"""What controls leave undecided, and why: a specification shows only that they are silent."""

from __future__ import annotations

import pytest

from tests.controls.run import reports

VOLUME = 'resource "aws_ebs_volume" "data" {\n  availability_zone = "eu-west-1a"\n  size = 8\n}\n'
LISTENER = """
resource "aws_lb_listener" "http" {
  load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/50dc6c495c0c9188"
  port              = 80
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/73e2d6bc24d8a067"
  }
}
resource "aws_lb_listener_rule" "https" {
  listener_arn = aws_lb_listener.http.arn
  action {
    type = "redirect"
    redirect {
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}
"""
NODE = """
data "aws_ssm_parameter" "ami" {
  name = "/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/x86_64/standard/recommended/image_id"
}
resource "aws_instance" "node" {
  ami           = data.aws_ssm_parameter.ami.value
  instance_type = "t3.micro"
}
"""
SECONDARY = """
resource "aws_rds_cluster" "secondary" {
  engine                    = "aurora-mysql"
  global_cluster_identifier = "orders-global"
  storage_encrypted         = false
}
"""


def _rule(protocol: str, first: str, last: str) -> str:
    return f"""
variable "network" {{}}
variable "port" {{}}
resource "aws_security_group_rule" "in" {{
  type              = "ingress"
  security_group_id = "sg-0a1b2c3d4e5f67890"
  protocol          = "{protocol}"
  from_port         = {first}
  to_port           = {last}
  cidr_blocks       = [var.network]
}}
"""


SHARED = """
variable "balancer" {}
resource "aws_lb_listener" "http" {
  load_balancer_arn = var.balancer
  port              = 80

  default_action {
    type             = "forward"
    target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/app/73e2d6bc24d8a067"
  }
}
"""


def _acl(grants: str) -> str:
    return f"""
variable "grants" {{}}
resource "aws_s3_bucket" "logs" {{
  bucket = "acme-logs"
}}
resource "aws_s3_bucket_acl" "logs" {{
  bucket = aws_s3_bucket.logs.id
  dynamic "access_control_policy" {{
    for_each = {grants}
    content {{
      owner {{
        id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
      }}
      grant {{
        permission = "FULL_CONTROL"
        grantee {{
          type = "CanonicalUser"
          id   = access_control_policy.value
        }}
      }}
    }}
  }}
}}
"""


def _undecided(text: str) -> dict[str, str]:
    (report,) = reports({"main.tf": text.encode()})
    return {item.control: item.reason for item in report.unknown}


@pytest.mark.parametrize(
    ("control", "text", "why"),
    [
        ("EC2.3", VOLUME, "nothing here certainly attaches this one"),
        ("EC2.8", NODE, "Amazon Linux 2023 images require IMDSv2 themselves"),
        ("ELB.1", LISTENER, "a rule of the listener may redirect to HTTPS"),
        ("ELB.1", SHARED, "whether it is an Application Load Balancer's is not decided by source"),
        ("EKS.2", 'resource "aws_eks_cluster" "main" {\n  version = "1.34.2"\n}\n', '"1.34.2" is no version as EKS names them'),
        ("RDS.27", SECONDARY, "the source it is restored or replicated from"),
        ("EC2.19", _rule("tcp", "22", "22"), "a rule is not decided by source"),
        ("EC2.18", _rule("tcp", "22", "22"), "a rule is not decided by source"),
        ("EC2.19", _rule("tcp", "var.port", "var.port"), "a rule is not decided by source"),
        ("EC2.18", _rule("udp", "53", "53"), "a rule is not decided by source"),
        ("S3.12", _acl('["0f"]'), "grants to other accounts are not told from grants to the owner"),
        ("S3.12", _acl("var.grants"), "grants to other accounts are not told from grants to the owner"),
    ],
)
def test_the_reason_is_given(control: str, text: str, why: str) -> None:
    assert why in _undecided(text)[control]


@pytest.mark.parametrize(
    ("control", "text"),
    [
        ("EC2.19", _rule("tcp", "988", "1023")),
        ("EC2.19", _rule("udp", "53", "53")),
        ("EC2.19", _rule("icmp", "-1", "-1")),
        ("EC2.18", _rule("tcp", "443", "443")),
        ("EC2.18", _rule("icmp", "-1", "-1")),
    ],
)
def test_a_harmless_port_is_decided_whoever_may_come(control: str, text: str) -> None:
    assert control not in _undecided(text)


@pytest.mark.parametrize(
    ("resources", "decided"),
    [
        ('"*"', True),
        ('"arn:aws:s3:::acme-logs*"', True),
        ('"arn:aws:s3:::acme-logs/*"', True),
        ('"${aws_s3_bucket.logs.arn}/*"', True),
        ('"${aws_s3_bucket.logs.arn}*"', True),
        ("aws_s3_bucket.logs.arn", False),
        ('"arn:aws:s3:::acme-logs/2026*"', False),
        ('"arn:aws:s3:::acme-logs/2026/*"', False),
        ('"${aws_s3_bucket.logs.arn}/2026/*"', False),
    ],
)
def test_what_is_denied_without_tls_has_to_be_all_objects(resources: str, decided: bool) -> None:
    text = """
resource "aws_s3_bucket" "logs" {
  bucket = "acme-logs"
}
resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({ Statement = [{
    Effect    = "Deny"
    Principal = "*"
    Action    = "s3:*"
    Resource  = RESOURCES
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }] })
}
"""
    assert ("S3.5" not in _undecided(text.replace("RESOURCES", resources))) is decided


def test_a_statement_is_there_whatever_a_condition_adds() -> None:
    text = """
variable "more" {}
resource "aws_s3_bucket" "logs" {
  bucket = "acme-logs"
}
resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({ Statement = concat([{
    Effect    = "Deny"
    Principal = "*"
    Action    = "s3:*"
    Resource  = "*"
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }], var.more ? [{ Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "s3:GetObject", Resource = "*" }] : []) })
}
"""
    assert "S3.5" not in _undecided(text)


def test_a_block_is_there_whatever_a_condition_adds() -> None:
    text = """
variable "more" {}
resource "aws_cloudtrail" "main" {
  is_multi_region_trail = true
  event_selector {
    read_write_type = "All"
  }
  dynamic "event_selector" {
    for_each = var.more ? [1] : []
    content {
      read_write_type = "WriteOnly"
    }
  }
}
"""
    assert "CloudTrail.1" not in _undecided(text)


def test_an_empty_policy_is_no_policy() -> None:
    queue = 'variable "p" {\n  default = ""\n}\nresource "aws_sqs_queue" "orders" {\n  policy = var.p\n}\n'
    assert _undecided(queue) == {}


def test_a_grant_to_the_owner_is_no_grant_to_others() -> None:
    assert "S3.12" not in _undecided(_acl('["0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"]'))


def test_grants_repeated_for_nothing_are_no_grants() -> None:
    assert "S3.12" not in _undecided(_acl("[]"))
