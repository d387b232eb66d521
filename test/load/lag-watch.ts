import type pg from 'pg';

const SAMPLE_MS = 100;

export interface LagFigures {
  /** Longest time between an event's append and its being in every projection, seconds, as sampled. */
  readonly lagSecondsMax: number;
  /** From the call of `finish` until everything is projected, settled and projected again, seconds. */
  readonly caughtUpSeconds: number;
  /** Clearing accounts that are not zero at the end. */
  readonly clearingOpen: number;
}

/**
 * Watches how far the projections are behind the log, from outside, with a query of its own. The lag at a moment is
 * the age of the oldest sample whose head some projection has not reached yet.
 */
export class LagWatch {
  private readonly heads: { readonly at: number; readonly head: bigint }[] = [];
  private lagMsMax = 0;
  private stopped = false;
  private readonly done: Promise<void>;

  constructor(
    private readonly database: pg.Pool,
    private readonly sample: (database: pg.Pool) => Promise<{ head: bigint; projected: bigint }>,
  ) {
    this.done = this.run();
  }

  async finish(clearingOpen: () => Promise<number>, patienceMs: number): Promise<LagFigures> {
    const started = performance.now();
    let open = 0;
    // Settlement appends behind the charges: the end is reached when nothing is behind and nothing is in clearing.
    for (;;) {
      await new Promise((next) => setTimeout(next, SAMPLE_MS));
      const { head, projected } = await this.sample(this.database);
      if (projected >= head) {
        open = await clearingOpen();
        if (open === 0) break;
      }
      if (performance.now() - started > patienceMs) break;
    }
    const caughtUpSeconds = (performance.now() - started) / 1000;
    this.stopped = true;
    await this.done;
    return { lagSecondsMax: this.lagMsMax / 1000, caughtUpSeconds, clearingOpen: open };
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const { head, projected } = await this.sample(this.database);
      const now = performance.now();
      if (this.heads.at(-1)?.head !== head) this.heads.push({ at: now, head });
      while (this.heads.length > 0 && this.heads[0]!.head <= projected) this.heads.shift();
      if (this.heads.length > 0) this.lagMsMax = Math.max(this.lagMsMax, now - this.heads[0]!.at);
      await new Promise((next) => setTimeout(next, SAMPLE_MS));
    }
  }
}
