// How often a server that keeps crashing is started again.

const LIMIT = 5;
const WINDOW = 3 * 60_000; // milliseconds
const FIRST_WAIT = 500;

export class Backoff {
  private crashes: number[] = [];

  /** A crash at `now`. Milliseconds to wait before the next start, undefined to give up: five crashes within three minutes. */
  crashed(now: number): number | undefined {
    this.crashes = [...this.crashes.filter((then) => now - then < WINDOW), now];
    return this.crashes.length >= LIMIT ? undefined : FIRST_WAIT * 2 ** (this.crashes.length - 1);
  }

  /** The user asked for a fresh start. */
  reset(): void {
    this.crashes = [];
  }
}
