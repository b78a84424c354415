// The short forms of CloudFormation's functions, in the notation of `yaml.customTags`: a tag and the kind of node behind it.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html

export const CLOUDFORMATION_TAGS: readonly string[] = [
  '!And sequence',
  '!Base64 scalar',
  '!Base64 mapping',
  '!Cidr sequence',
  '!Cidr scalar',
  '!Condition scalar',
  '!Equals sequence',
  '!FindInMap sequence',
  '!ForEach sequence',
  '!GetAZs scalar',
  '!GetAZs mapping',
  '!GetAtt scalar',
  '!GetAtt sequence',
  '!If sequence',
  '!ImportValue scalar',
  '!ImportValue mapping',
  '!Join sequence',
  '!Length sequence',
  '!Length scalar',
  '!Not sequence',
  '!Or sequence',
  '!Ref scalar',
  '!Select sequence',
  '!Split sequence',
  '!Sub scalar',
  '!Sub sequence',
  '!ToJsonString mapping',
  '!ToJsonString sequence',
  '!Transform mapping',
];

/** The tags `there` does not have. A tag without a kind means a scalar, as for the YAML extension. */
export function missingTags(there: readonly string[]): string[] {
  const spelled = (tag: string): string => {
    const [name = '', kind = 'scalar'] = tag.trim().split(/\s+/);
    return `${name} ${kind.toLowerCase()}`;
  };
  const held = new Set(there.map(spelled));
  return CLOUDFORMATION_TAGS.filter((tag) => !held.has(spelled(tag)));
}

/** A guess good enough to offer something: what is a template is decided by the server. */
export function looksLikeTemplate(text: string): boolean {
  return /^AWSTemplateFormatVersion\s*:/m.test(text) || (/^Resources\s*:/m.test(text) && /^\s+Type\s*:\s*["']?AWS::\w+::\w+/m.test(text));
}
