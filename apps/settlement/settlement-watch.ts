import type { StuckCreator } from '#libs/application/settlement/creator-settlement.js';
import type { Position } from '#libs/event-store/port.js';
import type { CreatorId } from '#libs/kernel/ids.js';
import type { RoleMonitor } from '#libs/platform/metrics/role-monitor.js';

/** How the settlement of this process is doing. */
export class SettlementWatch {
  private leading = false;
  private position: Position | undefined;
  /** By `Date.now()`; undefined before the first. */
  private progressAt: number | undefined;
  private readonly stuckCreators = new Map<CreatorId, number>();

  constructor({ metrics, onHealth }: RoleMonitor) {
    metrics.gauge({
      name: 'ledger_settlement_stuck_creators',
      help: 'Creators that cannot be settled now and are offered again; the log of the process names them.',
      read: () => [{ value: this.stuckCreators.size }],
    });
    metrics.gauge({
      name: 'ledger_settlement_waiting_sources',
      help: 'Charges, unlocks and refunds that wait for stuck creators.',
      read: () => [{ value: this.waiting() }],
    });
    metrics.gauge({
      name: 'ledger_settlement_last_progress_timestamp_seconds',
      help: 'When the checkpoint of the settlement last moved; no value before the first time.',
      read: () => (this.progressAt === undefined ? [] : [{ value: this.progressAt / 1_000 }]),
    });
    onHealth(() => ({
      state: this.leading ? 'working' : 'standby',
      notes:
        this.stuckCreators.size === 0
          ? []
          : [`${this.stuckCreators.size} creators cannot be settled now and are offered again: see the log.`],
      details: {
        position: this.position === undefined ? null : String(this.position),
        lastProgress: this.progressAt === undefined ? null : new Date(this.progressAt).toISOString(),
        stuckCreators: this.stuckCreators.size,
        waitingSources: this.waiting(),
      },
    }));
  }

  /** Runs while this process leads. */
  async lead(work: () => Promise<void>): Promise<void> {
    this.leading = true;
    try {
      await work();
    } finally {
      this.leading = false;
      this.stuckCreators.clear();
    }
  }

  settled(position: Position): void {
    this.position = position;
    this.progressAt = Date.now();
  }

  stuck({ creatorId, waiting }: StuckCreator): void {
    if (waiting > 0) this.stuckCreators.set(creatorId, waiting);
  }

  recovered(creatorId: CreatorId): void {
    this.stuckCreators.delete(creatorId);
  }

  private waiting(): number {
    return [...this.stuckCreators.values()].reduce((sum, waiting) => sum + waiting, 0);
  }
}
