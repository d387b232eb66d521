import type { RoleMonitor } from '#libs/platform/metrics/role-monitor.js';

/** A leader goes through what is due every second; one that has not been through for so long is held up. */
const HELD_UP_MS = 30_000;

/** How the sweeper of this process is doing. */
export class SweeperWatch {
  private leadingSince: number | undefined;
  /** By `Date.now()`; undefined before the first. */
  private passedAt: number | undefined;
  private passes = 0;
  private advanced = 0;
  private trouble: string | undefined;

  constructor({ metrics, onHealth }: RoleMonitor) {
    metrics.counter({
      name: 'ledger_sweeper_passes_total',
      help: 'How often the sweeper has gone through what is due.',
      read: () => [{ value: this.passes }],
    });
    metrics.counter({
      name: 'ledger_sweeper_wallets_advanced_total',
      help: 'Wallets for which the sweeper has recorded what time had made due.',
      read: () => [{ value: this.advanced }],
    });
    metrics.gauge({
      name: 'ledger_sweeper_last_pass_timestamp_seconds',
      help: 'When the sweeper was last through; no value before the first time.',
      read: () => (this.passedAt === undefined ? [] : [{ value: this.passedAt / 1_000 }]),
    });
    onHealth(() => ({
      state: this.leadingSince === undefined ? 'standby' : this.isHeldUp() ? 'failing' : 'working',
      notes: this.trouble === undefined ? [] : [this.trouble],
      details: {
        lastPass: this.passedAt === undefined ? null : new Date(this.passedAt).toISOString(),
        passes: this.passes,
        walletsAdvanced: this.advanced,
      },
    }));
  }

  /** Runs while this process leads. */
  async lead(work: () => Promise<void>): Promise<void> {
    this.leadingSince = Date.now();
    try {
      await work();
    } finally {
      this.leadingSince = undefined;
      this.trouble = undefined;
    }
  }

  passed(advanced: number): void {
    this.passedAt = Date.now();
    this.passes += 1;
    this.advanced += advanced;
    this.trouble = undefined;
  }

  troubled(error: unknown): void {
    this.trouble = error instanceof Error ? error.message : String(error);
  }

  private isHeldUp(): boolean {
    const since = Math.max(this.leadingSince ?? 0, this.passedAt ?? 0);
    return Date.now() - since > HELD_UP_MS;
  }
}
