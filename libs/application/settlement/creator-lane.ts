import { setTimeout as sleep } from 'node:timers/promises';
import type { Position } from '#libs/event-store/port.js';
import { withResolvers } from '#libs/kernel/with-resolvers.js';
import type { SourceToSettle } from '#libs/ledger/creator/commands.js';

const RETRY_DELAY_MS_MIN = 50;
const RETRY_DELAY_MS_MAX = 5_000;

/** Sources of one creator out of one batch. */
interface Chunk {
  readonly sources: readonly SourceToSettle[];
  /** Everything at or below it lies before the chunk. */
  readonly before: Position;
}

export interface LaneOptions {
  /** Settles all of them in order; safe to repeat. */
  readonly settle: (sources: readonly SourceToSettle[]) => Promise<void>;
  readonly signal: AbortSignal;
  /** The first chunk could not be settled, for the `failures`-th time in a row; it is offered again after a pause. */
  readonly onFailure: (error: unknown, failures: number) => void;
  /** All is settled after there had been failures. */
  readonly onRecovered: () => void;
}

/**
 * What one creator still has to be settled, strictly in order: a later source settled first would hide the earlier
 * one for ever. A lane that fails goes on by itself, so that the other creators need not wait for it.
 */
export class CreatorLane {
  private readonly chunks: Chunk[] = [];
  private running: Promise<void> | undefined;
  private tried = withResolvers<void>();
  private failures = 0;

  constructor(private readonly options: LaneOptions) {}

  get isEmpty(): boolean {
    return this.chunks.length === 0;
  }

  /** Sources that wait. */
  get waiting(): number {
    return this.chunks.reduce((sum, { sources }) => sum + sources.length, 0);
  }

  /** Everything at or below it is settled for this creator; undefined when nothing waits. */
  get settledUpTo(): Position | undefined {
    return this.chunks[0]?.before;
  }

  /** Ends when all is settled, the first chunk has failed once, or the signal has fired. */
  async offer(sources: readonly SourceToSettle[], before: Position): Promise<void> {
    this.chunks.push({ sources, before });
    if (this.failures > 0) return;
    if (this.running === undefined) {
      this.tried = withResolvers<void>();
      this.running = this.run();
    }
    await this.tried.promise;
  }

  /** Ends when nothing is being appended any more. */
  async stopped(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal, settle, onFailure, onRecovered } = this.options;
    while (this.chunks.length > 0 && !signal.aborted) {
      try {
        await settle(this.chunks[0]!.sources);
        // A settling that was cut short by the signal is offered again by whoever comes next.
        if (!signal.aborted) this.chunks.shift();
      } catch (error) {
        this.failures += 1;
        onFailure(error, this.failures);
        this.tried.resolve();
        await sleep(retryDelayMs(this.failures), undefined, { signal }).catch(() => undefined);
      }
    }
    const hadFailed = this.failures > 0;
    this.failures = 0;
    this.running = undefined;
    this.tried.resolve();
    if (hadFailed && !signal.aborted) onRecovered();
  }
}

const retryDelayMs = (failures: number): number =>
  Math.min(RETRY_DELAY_MS_MIN * 2 ** Math.min(failures - 1, 20), RETRY_DELAY_MS_MAX);
