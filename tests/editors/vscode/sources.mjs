// What the tests type into and read from. Findings of each: ECR.1 (safe fix), ECR.2 (fix with a review), ECR.3 (none).

export const TERRAFORM = `resource "aws_ecr_repository" "images" {
  name                 = "images"
  image_tag_mutability = "MUTABLE"

  image_scanning_configuration {
    scan_on_push = false
  }
}
`;

export const COMPANION = `resource "aws_ecr_lifecycle_policy" "images" {
  repository = aws_ecr_repository.images.name
  policy     = file("policy.json")
}
`;

export const YAML = `AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Images:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryName: images
      ImageTagMutability: MUTABLE
      ImageScanningConfiguration:
        ScanOnPush: false
`;

export const JSON_TEMPLATE = `{
  "AWSTemplateFormatVersion": "2010-09-09",
  "Resources": {
    "Images": {
      "Type": "AWS::ECR::Repository",
      "Properties": {
        "ImageTagMutability": "MUTABLE",
        "ImageScanningConfiguration": {
          "ScanOnPush": false
        }
      }
    }
  }
}
`;
