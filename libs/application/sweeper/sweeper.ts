import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStore, Position } from '#libs/event-store/port.js';
import type { Clock } from '#libs/kernel/clock.js';
import { UserId } from '#libs/kernel/ids.js';
import { periodStart } from '#libs/kernel/period.js';
import { walletStream } from '#libs/ledger/events.js';
import { hashBody } from '../body-hash.js';
import type { Envelope } from '../envelope.js';
import type { WalletExecutor } from '../write-path.js';

/** What time does to a wallet by itself. Holds first: what they free may have lapsed. */
export const DUE_KINDS = ['hold', 'lot', 'period'] as const;
export type DueKind = (typeof DUE_KINDS)[number];

/** A wallet that time has made something due for, and since when; milliseconds since the epoch. */
export interface DueWallet {
  readonly userId: string;
  readonly dueAt: number;
}

/** A page of due wallets, and the place in the log that it shows. */
export interface DuePage {
  readonly wallets: readonly DueWallet[];
  readonly position: Position;
  /** When the store recorded the event at `position`, milliseconds since the epoch. */
  readonly recordedAt: number;
}

/** Knows which wallets time has made something due for. */
export interface DueWallets {
  /** Due by `until`, behind `after` in the order of time and then user; a wallet may be there twice. */
  page(question: {
    readonly kind: DueKind;
    readonly until: number;
    readonly after: DueWallet;
    readonly limit: number;
  }): Promise<DuePage>;
}

export interface SweeperOptions {
  readonly store: Pick<EventStore, 'head'>;
  readonly wallets: WalletExecutor;
  readonly due: DueWallets;
  readonly clock: Clock;
  /** Ends the sweeper; it stops between two pages. */
  readonly signal: AbortSignal;
  /** Something due could not be recorded now; it is tried again with the next pass. */
  readonly onTrouble?: (error: unknown) => void;
  /** A pass is over; so many wallets were advanced. */
  readonly onPass?: (advanced: number) => void;
  /** Pause between two passes. Default 1,000 ms. */
  readonly intervalMs?: number;
  readonly pageSize?: number;
}

const INTERVAL_MS = 1_000;
const PAGE_SIZE = 500;
const IN_FLIGHT_MAX = 16;
/**
 * What became due so shortly before is looked at again: an event's own time may lie a little before it was recorded, and
 * clocks may differ by seconds.
 */
const OVERLAP_MS = 60_000;

/**
 * Records what time has made due, without any command: holds time out, lots lapse, periods roll. The wallet's own
 * decider does it, so a command that comes first, or at once, leaves nothing to do: nothing lapses or rolls twice.
 * Runs until the signal fires; a failure is reported and tried again.
 */
export async function runSweeper(options: SweeperOptions): Promise<void> {
  const sweeper = new Sweeper(options);
  const { signal, intervalMs = INTERVAL_MS } = options;
  while (!signal.aborted) {
    try {
      // Not as the argument of a call that may be left out: it would be left out with it.
      const advanced = await sweeper.pass();
      options.onPass?.(advanced);
    } catch (error) {
      options.onTrouble?.(error);
    }
    await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}

class Sweeper {
  /** Everything due by then was recorded; what open holds are due is asked from the beginning each time. */
  private since = 0;
  /** Until when each wallet was brought lately. */
  private readonly advancedTo = new Map<string, number>();

  constructor(private readonly options: SweeperOptions) {}

  /** Goes through everything that is due once. Answers how many wallets were advanced. */
  async pass(): Promise<number> {
    const { clock, store, signal } = this.options;
    const now = clock.now();
    const head = await store.head();
    let seenTo = now;
    let advanced = 0;
    let whole = true;
    for (const kind of DUE_KINDS) {
      // A period that was gone through has nothing more to come: who moves a wallet later rolls it.
      if (kind === 'period' && periodStart(now) <= this.since) continue;
      const swept = await this.sweep(kind, now);
      // What the read model does not show yet may be due before all that it shows was recorded.
      if (swept.position < head) seenTo = Math.min(seenTo, swept.recordedAt);
      advanced += swept.advanced;
      whole &&= swept.whole;
    }
    if (whole && !signal.aborted) this.sweptTo(Math.max(this.since, seenTo - OVERLAP_MS));
    return advanced;
  }

  private sweptTo(t: number): void {
    this.since = t;
    for (const [userId, to] of this.advancedTo) if (to <= t) this.advancedTo.delete(userId);
  }

  /** `whole`: every page was gone through, and nothing failed. */
  private async sweep(
    kind: DueKind,
    until: number,
  ): Promise<{ advanced: number; whole: boolean } & Pick<DuePage, 'position' | 'recordedAt'>> {
    const { due, signal, pageSize = PAGE_SIZE } = this.options;
    let after: DueWallet = { dueAt: kind === 'hold' ? 0 : this.since, userId: '' };
    let advanced = 0;
    let whole = true;
    for (;;) {
      const page = await due.page({ kind, until, after, limit: pageSize });
      const result = await this.advanceAll(page.wallets);
      advanced += result.advanced;
      whole &&= result.failed === 0;
      const last = page.wallets.at(-1);
      if (last === undefined || page.wallets.length < pageSize || signal.aborted) {
        return { advanced, whole, position: page.position, recordedAt: page.recordedAt };
      }
      after = last;
    }
  }

  private async advanceAll(due: readonly DueWallet[]): Promise<{ advanced: number; failed: number }> {
    const result = { advanced: 0, failed: 0 };
    const waiting = due.values();
    const work = async (): Promise<void> => {
      for (const wallet of waiting) {
        if (this.options.signal.aborted) return;
        try {
          if (await this.advance(wallet)) result.advanced += 1;
        } catch (error) {
          result.failed += 1;
          this.options.onTrouble?.(error);
        }
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT_MAX }, work));
    return result;
  }

  /** True when this recorded something. */
  private async advance({ userId, dueAt }: DueWallet): Promise<boolean> {
    if ((this.advancedTo.get(userId) ?? 0) >= dueAt) return false;
    const { wallets, clock } = this.options;
    const now = clock.now();
    const id = UserId.of(userId);
    const outcome = await wallets.execute(
      walletStream(userId),
      sweepEnvelope(id, dueAt),
      { type: 'AdvanceWallet', userId: id },
      'bulk',
    );
    if (outcome.kind === 'refused') {
      throw new Error(`Advancing the wallet of ${userId} was refused: ${outcome.refusal.code}`);
    }
    // A replay says that this was done before, and nothing of what became due since.
    this.advancedTo.set(userId, outcome.replayed ? dueAt : now);
    return !outcome.replayed && outcome.events.length > 0;
  }
}

/** One key for what is due: a second sweeper, or the same one after a crash, finds it used. */
function sweepEnvelope(userId: UserId, dueAt: number): Envelope {
  return {
    principal: 'system:sweeper',
    key: `sweep:${dueAt}`,
    bodyHash: hashBody('AdvanceWallet', { userId }),
  };
}
