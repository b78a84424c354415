// Puts the user's reason and date into the ignore the server writes.
//
// The server decides where an ignore goes and in which form: a comment, or Metadata in JSON. It leaves a placeholder for
// the reason, which is what is filled in here.

export const PLACEHOLDER = 'give a reason';

const COMMENT = new RegExp(`(fsbp:ignore(?:-file)?[^\\n]*?) -- ${PLACEHOLDER}`);
const MEMBER = new RegExp(`("reason"(\\s*:\\s*))"${PLACEHOLDER}"`);

/** Whether the server left room for a reason: it does not where an ignore that is already there takes one more id. */
export function wantsReason(text: string): boolean {
  return COMMENT.test(text) || MEMBER.test(text);
}

/** The text with reason and date. Neither is required. `until`: YYYY-MM-DD or ''. */
export function withReason(text: string, reason: string, until: string): string {
  const plain = reason.split(/\s+/).filter(Boolean).join(' ');
  const date = until === '' ? '' : ` until=${until}`;
  if (COMMENT.test(text)) {
    return text.replace(COMMENT, (_, head: string) => `${head}${date}${plain === '' ? '' : ` -- ${plain}`}`);
  }
  return text.replace(MEMBER, (_, head: string, colon: string) => {
    const ending = until === '' ? '' : `, "until"${colon}${JSON.stringify(until)}`;
    return `${head}${JSON.stringify(plain)}${ending}`;
  });
}

/** What is wrong with a date somebody typed; '' when it is fine or empty. `today`: YYYY-MM-DD. */
export function dateProblem(typed: string, today: string): string {
  const date = typed.trim();
  if (date === '') {
    return '';
  }
  const parsed = /^\d{4}-\d{2}-\d{2}$/.test(date) ? new Date(`${date}T00:00:00Z`) : undefined;
  if (parsed === undefined || Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== date) {
    return 'A date such as 2027-01-31, or nothing';
  }
  return date < today ? 'This date has passed' : '';
}
