// The documents the server is given. It decides by content which of them it checks.

import type { DocumentFilter } from 'vscode';

const LANGUAGES = ['terraform', 'terraform-vars', 'opentofu', 'opentofu-vars', 'yaml', 'json', 'jsonc', 'cloudformation'];

// For those who have no Terraform extension (the files are plain text then), and for names no language claims.
// This extension contributes no language of its own: it would compete with theirs.
const PATTERNS = ['**/*.{tf,tofu,tfvars}', '**/*.{tf,tofu,tfvars}.json', '**/*.{template,cform,cfn}', '**/{fsbp,.fsbp,pyproject}.toml'];

const SCHEMES = ['file', 'untitled'];

export const SELECTOR: readonly DocumentFilter[] = [
  ...SCHEMES.flatMap((scheme) => LANGUAGES.map((language) => ({ scheme, language }))),
  ...PATTERNS.map((pattern) => ({ scheme: 'file', pattern })),
];
