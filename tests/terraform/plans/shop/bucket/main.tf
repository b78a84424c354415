variable "name" {
  type = string
}

variable "block" {
  type    = bool
  default = true
}

variable "owner" {
  default = null
}

resource "aws_s3_bucket" "this" {
  count  = 2
  bucket = "${var.name}-${count.index}"
}

resource "aws_s3_bucket_public_access_block" "this" {
  count                   = 2
  bucket                  = aws_s3_bucket.this[count.index].id
  block_public_acls       = var.block
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

output "ids" {
  value = aws_s3_bucket.this[*].id
}
