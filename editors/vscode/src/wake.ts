// Whether a document is worth starting the server for: a window with nothing but other people's YAML and JSON needs none.

const LANGUAGES = new Set(['terraform', 'terraform-vars', 'opentofu', 'opentofu-vars', 'cloudformation']);
const NAMES = /\.(tf|tofu|tfvars)(\.json)?$|\.(template|cform|cfn)$|(^|[\\/])\.?fsbp\.toml$/i;
const TEMPLATE = /AWSTemplateFormatVersion|\bAWS::\w+::\w+/;

/** A guess that errs towards starting. `text` is only asked for where the name does not say enough. */
export function wakes(languageId: string, path: string, text: () => string): boolean {
  return LANGUAGES.has(languageId) || NAMES.test(path) || TEMPLATE.test(text());
}
