// The date an ignore ends on.

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
