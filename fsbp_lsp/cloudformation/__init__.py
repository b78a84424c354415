"""Floor 3: CloudFormation templates, YAML and JSON, read into the model and written back."""

from fsbp_lsp.cloudformation.detect import is_template, sniff
from fsbp_lsp.cloudformation.load import load_template, template_of

__all__ = ["is_template", "load_template", "sniff", "template_of"]
