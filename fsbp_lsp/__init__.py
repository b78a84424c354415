"""fsbp-lsp: AWS Security Hub controls checked in Terraform and CloudFormation source."""

__version__ = "0.1.0"
