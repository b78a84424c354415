# The storage of a small web shop: one bucket done well, one as it is often met.

resource "aws_s3_bucket" "app_prod_logs" {
  bucket = "app-prod-logs"
}

resource "aws_s3_bucket_public_access_block" "app_prod_logs" {
  bucket                  = aws_s3_bucket.app_prod_logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = var.ignore_public_acls
  restrict_public_buckets = true
}

resource "aws_s3_bucket_acl" "app_prod_logs" {
  bucket = aws_s3_bucket.app_prod_logs.id
  acl    = "public-read-write"
}

resource "aws_s3_bucket" "invoices" {
  bucket = "shop-invoices"
}

resource "aws_s3_bucket_public_access_block" "invoices" {
  bucket                  = aws_s3_bucket.invoices.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "invoices" {
  bucket = aws_s3_bucket.invoices.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
  }
}

resource "aws_s3_bucket_logging" "invoices" {
  bucket        = aws_s3_bucket.invoices.id
  target_bucket = aws_s3_bucket.app_prod_logs.id
  target_prefix = "invoices/"
}

resource "aws_s3_bucket_lifecycle_configuration" "invoices" {
  bucket = aws_s3_bucket.invoices.id

  rule {
    id     = "abort-incomplete-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

resource "aws_s3_bucket_policy" "invoices" {
  bucket = aws_s3_bucket.invoices.id
  policy = data.aws_iam_policy_document.invoices.json
}

data "aws_iam_policy_document" "invoices" {
  statement {
    sid       = "DenyInsecureTransport"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.invoices.arn, "${aws_s3_bucket.invoices.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}
