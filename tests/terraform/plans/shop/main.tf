terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "password" {
  type      = string
  sensitive = true
  default   = "correct-horse-battery"
}

variable "secret_policy" {
  sensitive = true
  default   = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}"
}

variable "ports" {
  default = [22, 443]
}

module "store" {
  source   = "./bucket"
  for_each = { live = true, test = false }
  name     = "corp-${each.key}"
  block    = each.value
}

resource "aws_s3_bucket_policy" "live" {
  bucket = module.store["live"].ids[1]
  policy = data.aws_iam_policy_document.open.json
}

data "aws_iam_policy_document" "open" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.logs.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}

resource "aws_s3_bucket" "logs" {}

# fsbp:ignore S3.9 -- the log bucket itself
resource "aws_s3_bucket" "plain" {
  bucket = "corp-plain"
}

locals {
  logs = aws_s3_bucket.logs.id
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket            = local.logs
  block_public_acls = true
}

resource "aws_db_instance" "orders" {
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  engine              = "mysql"
  username            = "admin"
  password            = var.password
  publicly_accessible = true
  skip_final_snapshot = true
}

resource "aws_security_group" "admin" {
  description = "admin"

  dynamic "ingress" {
    for_each = var.ports
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}

resource "aws_security_group" "later" {
  description = "rules known after apply"

  dynamic "ingress" {
    for_each = split(",", aws_s3_bucket.logs.id)
    content {
      from_port   = 22
      to_port     = 22
      protocol    = "tcp"
      cidr_blocks = [ingress.value]
    }
  }
}

resource "aws_iam_policy" "hidden" {
  policy = var.secret_policy
}

resource "aws_ebs_volume" "data" {
  count             = 0
  availability_zone = "us-east-1a"
  size              = 8
}

resource "aws_lb" "web" {
  subnets = ["subnet-1", "subnet-2"]
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.web.arn
  port              = 80

  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
    }
  }
}
