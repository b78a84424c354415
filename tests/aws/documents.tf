# Data sources of kind aws_iam_policy_document for tests/aws/test_policy_documents.py: what the analyser reads
# of each is compared with what the real provider renders. One case per data source, named by what it shows.

variable "names" {
  default = ["a", "b"]
}

variable "open" {
  default = false
}

locals {
  base = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "One", Effect = "Allow", Action = "s3:GetObject", Resource = "*" },
      { Sid = "Two", Effect = "Allow", Action = ["s3:PutObject", "s3:DeleteObject"], Resource = ["arn:aws:s3:::x", "arn:aws:s3:::x/*"] },
      { Effect = "Deny", Action = "s3:*", Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "false" } } },
    ]
  })
  old = <<-EOT
    {
      "Version": "2008-10-17",
      "Id": "old",
      "Statement": [
        {
          "Sid": "Old",
          "Effect": "Allow",
          "Principal": {"AWS": ["*"]},
          "Action": ["sns:Publish"],
          "Resource": "*",
          "Condition": {"StringEquals": {"AWS:SourceOwner": "111122223333"}}
        }
      ]
    }
  EOT
}

# Statements by themselves

data "aws_iam_policy_document" "nothing" {}

data "aws_iam_policy_document" "empty_statement" {
  statement {}
}

data "aws_iam_policy_document" "one_action" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "several_actions" {
  statement {
    sid       = "Several"
    actions   = ["s3:Put*", "s3:GetObject", "S3:List?ucket", "s3:GetObject"]
    resources = ["arn:aws:s3:::b/*", "arn:aws:s3:::b"]
  }
}

data "aws_iam_policy_document" "deny" {
  statement {
    effect    = "Deny"
    actions   = ["*"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "null_effect" {
  statement {
    effect    = null
    sid       = null
    actions   = ["s3:*"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "not_actions" {
  statement {
    not_actions = ["iam:*", "sts:*"]
    resources   = ["*"]
  }
}

data "aws_iam_policy_document" "not_resources" {
  statement {
    effect        = "Deny"
    actions       = ["s3:*"]
    not_resources = ["arn:aws:s3:::a", "arn:aws:s3:::a/*"]
  }
}

data "aws_iam_policy_document" "two_statements" {
  statement {
    actions   = ["a:B"]
    resources = ["*"]
  }
  statement {
    actions   = ["c:D"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "two_with_sids" {
  statement {
    sid       = "A"
    actions   = ["a:B"]
    resources = ["*"]
  }
  statement {
    sid       = "B"
    effect    = "Deny"
    actions   = ["c:D"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "version_2008" {
  version = "2008-10-17"
  statement {
    actions   = ["s3:*"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "policy_id" {
  policy_id = "mine"
  statement {
    actions   = ["s3:*"]
    resources = ["*"]
  }
}

# Principals

data "aws_iam_policy_document" "principal_star" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = ["*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}

data "aws_iam_policy_document" "principal_aws_star" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

data "aws_iam_policy_document" "principal_accounts" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["111122223333", "arn:aws:iam::444455556666:root"]
    }
  }
}

data "aws_iam_policy_document" "principal_mixed" {
  statement {
    actions   = ["sts:AssumeRole"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com", "lambda.amazonaws.com"]
    }
    principals {
      type        = "Federated"
      identifiers = ["cognito-identity.amazonaws.com"]
    }
    principals {
      type        = "AWS"
      identifiers = ["111122223333"]
    }
  }
}

data "aws_iam_policy_document" "principal_same_type_twice" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["111122223333"]
    }
    principals {
      type        = "AWS"
      identifiers = ["444455556666", "777788889999"]
    }
  }
}

data "aws_iam_policy_document" "principal_star_and_service" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = ["*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "not_principal" {
  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["*"]
    not_principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }
}

data "aws_iam_policy_document" "not_principal_star" {
  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["*"]
    not_principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}

data "aws_iam_policy_document" "canonical_user" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
    principals {
      type        = "CanonicalUser"
      identifiers = ["79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"]
    }
  }
}

# Conditions

data "aws_iam_policy_document" "condition" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = ["111122223333"]
    }
  }
}

data "aws_iam_policy_document" "condition_values" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
    condition {
      test     = "IpAddress"
      variable = "aws:SourceIp"
      values   = ["203.0.113.0/24", "198.51.100.0/24"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["true"]
    }
  }
}

data "aws_iam_policy_document" "condition_bool_value" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = [true]
    }
    condition {
      test     = "NumericLessThan"
      variable = "s3:TlsVersion"
      values   = [1.2]
    }
  }
}

data "aws_iam_policy_document" "condition_one_operator_two_keys" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
    condition {
      test     = "StringLike"
      variable = "aws:PrincipalArn"
      values   = ["arn:aws:iam::*:role/a", "arn:aws:iam::*:role/b"]
    }
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["home/*"]
    }
  }
}

data "aws_iam_policy_document" "condition_same_key_twice" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "aws:SourceVpc"
      values   = ["vpc-1"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceVpc"
      values   = ["vpc-2", "vpc-3"]
    }
  }
}

data "aws_iam_policy_document" "condition_same_key_other_case" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "aws:SourceVpc"
      values   = ["vpc-1"]
    }
    condition {
      test     = "StringEquals"
      variable = "AWS:SourceVpc"
      values   = ["vpc-2"]
    }
  }
}

data "aws_iam_policy_document" "condition_set_operators" {
  statement {
    actions   = ["dynamodb:*"]
    resources = ["*"]
    condition {
      test     = "ForAllValues:StringLike"
      variable = "aws:PrincipalOrgPaths"
      values   = ["o-a1b2c3d4e5/*"]
    }
    condition {
      test     = "ForAnyValue:StringEqualsIfExists"
      variable = "aws:TagKeys"
      values   = ["team"]
    }
    condition {
      test     = "Null"
      variable = "aws:PrincipalOrgPaths"
      values   = ["false"]
    }
  }
}

# Policy variables

data "aws_iam_policy_document" "variable_in_resource" {
  statement {
    actions   = ["s3:*"]
    resources = ["arn:aws:s3:::homes/&{aws:username}/*"]
  }
}

data "aws_iam_policy_document" "variable_in_condition" {
  statement {
    actions       = ["s3:ListBucket"]
    not_resources = ["arn:aws:s3:::&{aws:username}"]
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["home/&{aws:username}/*", "$${aws:userid}"]
    }
  }
}

data "aws_iam_policy_document" "variable_in_principal" {
  statement {
    actions   = ["sts:AssumeRole"]
    resources = ["arn:x:&{a}&{b}"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:user/&{aws:username}"]
    }
  }
}

# Blocks that are generated

data "aws_iam_policy_document" "dynamic_statement" {
  dynamic "statement" {
    for_each = var.names
    content {
      sid       = "S${statement.key}"
      actions   = ["s3:GetObject"]
      resources = ["arn:aws:s3:::${statement.value}/*"]
    }
  }
}

data "aws_iam_policy_document" "dynamic_nothing" {
  dynamic "statement" {
    for_each = var.open ? ["*"] : []
    content {
      actions   = ["s3:GetObject"]
      resources = [statement.value]
    }
  }
  statement {
    actions   = ["s3:PutObject"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "dynamic_principals" {
  statement {
    actions   = ["sqs:*"]
    resources = ["*"]
    dynamic "principals" {
      for_each = { AWS = ["111122223333"], Service = ["sns.amazonaws.com", "events.amazonaws.com"] }
      iterator = each_principal
      content {
        type        = each_principal.key
        identifiers = each_principal.value
      }
    }
    dynamic "condition" {
      for_each = [{ key = "aws:SourceAccount", values = ["1", "2"] }]
      content {
        test     = "StringEquals"
        variable = condition.value.key
        values   = condition.value.values
      }
    }
  }
}

data "aws_iam_policy_document" "lists_from_expressions" {
  statement {
    actions   = concat(["s3:GetObject"], [for name in var.names : "s3:${title(name)}"])
    resources = flatten([for name in var.names : ["arn:aws:s3:::${name}", "arn:aws:s3:::${name}/*"]])
  }
}

data "aws_iam_policy_document" "set_of_actions" {
  statement {
    actions   = toset(["s3:GetObject", "s3:PutObject", "s3:GetObject"])
    resources = [join(":", ["arn", "aws", "s3", "", "", "b"])]
  }
}

data "aws_iam_policy_document" "counted" {
  count = 2
  statement {
    sid       = "N${count.index}"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::b${count.index}"]
  }
}

data "aws_iam_policy_document" "each" {
  for_each = toset(var.names)
  statement {
    sid       = each.key
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::${each.value}"]
  }
}

# Merged documents

data "aws_iam_policy_document" "source_alone" {
  source_policy_documents = [local.base]
}

data "aws_iam_policy_document" "source_heredoc" {
  source_policy_documents = [local.old]
  statement {
    sid       = "New"
    actions   = ["sns:Subscribe"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "source_2008_alone" {
  version                 = "2008-10-17"
  source_policy_documents = [local.old]
}

data "aws_iam_policy_document" "source_upgrades_version" {
  version                 = "2008-10-17"
  source_policy_documents = [local.base]
}

data "aws_iam_policy_document" "own_replaces_source" {
  source_policy_documents = [local.base]
  statement {
    sid       = "One"
    effect    = "Deny"
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "own_beside_source" {
  source_policy_documents = [local.base]
  statement {
    sid       = "Three"
    actions   = ["s3:ListBucket"]
    resources = ["*"]
  }
  statement {
    actions   = ["s3:ListAllMyBuckets"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "override_replaces_own" {
  override_policy_documents = [local.base]
  statement {
    sid       = "Two"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["*"]
  }
  statement {
    sid       = "Zero"
    actions   = ["s3:ListBucket"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "override_replaces_source" {
  source_policy_documents   = [local.base]
  override_policy_documents = [jsonencode({ Statement = [{ Sid = "Two", Effect = "Deny", Action = "s3:*", Resource = "*", Principal = "*" }] })]
}

data "aws_iam_policy_document" "override_adds" {
  override_policy_documents = [jsonencode({ Statement = [{ Sid = "New", Effect = "Allow", Action = "s3:*", Resource = "*" }] })]
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "override_without_sid" {
  override_policy_documents = [jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })]
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "last_override_wins" {
  override_policy_documents = [
    jsonencode({ Statement = [{ Sid = "A", Effect = "Allow", Action = "a:1", Resource = "*" }] }),
    jsonencode({ Statement = [{ Sid = "A", Effect = "Allow", Action = "a:2", Resource = "*" }] }),
  ]
  statement {
    sid       = "A"
    actions   = ["a:0"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "override_has_the_sid_twice" {
  override_policy_documents = [
    jsonencode({ Statement = [
      { Sid = "A", Effect = "Allow", Action = "a:1", Resource = "*" },
      { Sid = "B", Effect = "Allow", Action = "b:1", Resource = "*" },
      { Sid = "A", Effect = "Deny", Action = "a:2", Resource = "*" },
    ] }),
  ]
}

data "aws_iam_policy_document" "three_layers" {
  source_policy_documents   = [data.aws_iam_policy_document.own_beside_source.json, data.aws_iam_policy_document.counted[1].json]
  override_policy_documents = [data.aws_iam_policy_document.two_with_sids.json, data.aws_iam_policy_document.each["b"].json]
  statement {
    sid       = "A"
    actions   = ["own:A"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "sources_from_splat" {
  source_policy_documents = data.aws_iam_policy_document.counted[*].json
}

data "aws_iam_policy_document" "sources_from_for" {
  source_policy_documents = [for name in var.names : data.aws_iam_policy_document.each[name].json]
}

data "aws_iam_policy_document" "sources_from_values" {
  source_policy_documents = values(data.aws_iam_policy_document.each)[*].json
}

data "aws_iam_policy_document" "source_minified" {
  source_policy_documents = [data.aws_iam_policy_document.principal_mixed.minified_json]
}

data "aws_iam_policy_document" "source_compacted" {
  source_policy_documents = compact([var.open ? local.old : "", local.base])
}

data "aws_iam_policy_document" "source_chosen" {
  source_policy_documents = var.open ? [local.old] : [local.base, local.old]
}

data "aws_iam_policy_document" "source_empty" {
  source_policy_documents   = []
  override_policy_documents = []
  statement {
    actions   = ["a:b"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "source_for_each" {
  for_each                = { x = local.base, y = local.old }
  source_policy_documents = [each.value]
}

data "aws_iam_policy_document" "source_principals" {
  source_policy_documents = [
    data.aws_iam_policy_document.principal_star.json,
    data.aws_iam_policy_document.principal_aws_star.json,
    data.aws_iam_policy_document.not_principal.json,
    data.aws_iam_policy_document.condition_same_key_twice.json,
  ]
}

data "aws_iam_policy_document" "source_variables" {
  source_policy_documents = [data.aws_iam_policy_document.variable_in_resource.json, data.aws_iam_policy_document.variable_in_principal.json]
  statement {
    actions   = ["s3:*"]
    resources = ["arn:&{aws:userid}"]
  }
}

data "aws_iam_policy_document" "source_with_scalars" {
  source_policy_documents = [jsonencode({ Version = "2012-10-17", Statement = [{
    Effect    = "Allow", Principal = { "*" = "*", AWS = "1" }, Action = "a:b", Resource = "*",
    Condition = { Bool = { "aws:SecureTransport" = true }, StringEquals = { "aws:SourceAccount" = ["1"] } }
  }] })]
}

data "aws_iam_policy_document" "overridden_by_sibling" {
  source_policy_documents   = [data.aws_iam_policy_document.two_with_sids.json]
  override_policy_documents = [data.aws_iam_policy_document.deny.json, jsonencode({ Statement = [{ Sid = "B", Effect = "Allow", NotAction = "c:D", NotResource = "x" }] })]
}

data "aws_iam_policy_document" "override_beats_replaced_source" {
  source_policy_documents   = [local.base]
  override_policy_documents = [jsonencode({ Statement = [{ Sid = "One", Effect = "Allow", Action = "over:One", Resource = "*" }] })]
  statement {
    sid       = "One"
    actions   = ["own:One"]
    resources = ["*"]
  }
}
