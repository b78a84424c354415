variable "ignore_public_acls" {
  description = "Whether S3 ignores public ACLs on the log bucket."
  type        = bool
  default     = false
}

variable "vpc_id" {
  type = string
}
