// Which of the server's diagnostics are findings.

/** Of a diagnostic, what tells; `data` is what the server sent along. */
export interface Told {
  readonly source?: string | undefined;
  readonly data?: unknown;
}

/** Whether a diagnostic counts as a finding: what is shown as undecided (`fsbp.showUnknown`) does not. */
export function isFinding(diagnostic: Told): boolean {
  const { data } = diagnostic;
  return diagnostic.source === 'fsbp' && !(typeof data === 'object' && data !== null && 'undecided' in data);
}
