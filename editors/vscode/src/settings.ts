// What of the settings reaches the server.

/** Settings that are this extension's own: the server would not know them. */
const OURS = ['path', 'interpreter', 'logLevel', 'logFile', 'trace'];

/** Extensions that show cfn-lint's findings themselves. */
export const SHOW_CFN_LINT = ['kddejong.vscode-cfn-lint', 'amazonwebservices.aws-toolkit-vscode'];

export interface Surroundings {
  readonly trusted: boolean;
  /** Whether one of SHOW_CFN_LINT is there. */
  readonly cfnLintShown: boolean;
  /** Whether the user has said what `cfnLint` is to be. */
  readonly cfnLintSaid: boolean;
}

/** Section `fsbp` as the server gets it. */
export function forServer(section: unknown, around: Surroundings): unknown {
  if (section === null || typeof section !== 'object') {
    return section;
  }
  const copy = JSON.parse(JSON.stringify(section)) as Record<string, unknown>;
  for (const name of OURS) {
    delete copy[name];
  }
  // cfn-lint reads a configuration file of the repository; and nobody wants its findings twice.
  if ('cfnLint' in copy && (!around.trusted || (around.cfnLintShown && !around.cfnLintSaid))) {
    copy['cfnLint'] = 'off';
  }
  return copy;
}
