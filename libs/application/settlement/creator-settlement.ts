import { setTimeout as sleep } from 'node:timers/promises';
import { storedTypesOf } from '#libs/contracts/stored-events.js';
import type { EventStore, Position, RecordedEvent } from '#libs/event-store/port.js';
import { LOG_START } from '#libs/event-store/port.js';
import { formatPosition, parsePosition } from '#libs/event-store/position.js';
import type { CreatorId } from '#libs/kernel/ids.js';
import type { SourceToSettle } from '#libs/ledger/creator/commands.js';
import { creatorStream } from '#libs/ledger/events.js';
import { hashBody } from '../body-hash.js';
import type { CheckpointStore } from '../checkpoints.js';
import type { Envelope } from '../envelope.js';
import type { CreatorExecutor } from '../write-path.js';
import { CreatorLane } from './creator-lane.js';
import { SOURCE_TYPES, sourcesOf } from './sources.js';

export const SETTLEMENT_CHECKPOINT = 'creator-settlement';

/** Sources of one append: with the longest ids they stay below the bytes an append may hold. */
const SOURCES_PER_APPEND_MAX = 250;
const BATCH_EVENTS_MAX = 4_000;
const COALESCE_MS = 40;
const WAITING_SOURCES_MAX = 100_000;
const FULL_DELAY_MS = 500;

/** A creator whose sources cannot be settled now; the others go on. */
export interface StuckCreator {
  readonly creatorId: CreatorId;
  readonly error: unknown;
  /** How often in a row. */
  readonly failures: number;
  /** Sources that wait. */
  readonly waiting: number;
}

export interface SettlementOptions {
  readonly store: EventStore;
  readonly creators: Pick<CreatorExecutor, 'execute'>;
  readonly checkpoints: CheckpointStore;
  /** Ends the process manager; it stops between two appends. */
  readonly signal: AbortSignal;
  /** Sources that may wait for creators whose streams fail; then reading on waits for them too. */
  readonly waitingMax?: number;
  /** A creator's sources could not be settled and are offered again after a pause. */
  readonly onStuck?: (stuck: StuckCreator) => void;
  /** Nothing waits for the creator any more. */
  readonly onRecovered?: (creatorId: CreatorId) => void;
  /** Everything at or below the position is settled. */
  readonly onSettled?: (position: Position) => void;
}

/**
 * The process manager between wallets and creators: each creator share of a charge or unlock becomes one CreatorPaid,
 * each one of a refund one CreatorEarningsReversed, exactly once. It works in log order; a batch offered again, after a
 * crash or by a second instance, adds nothing, because a creator's stream knows the last source settled and its
 * expected revision fences whoever is behind. A creator whose stream fails holds up nobody but the checkpoint, which
 * never passes a source that is not settled.
 * @throws ForeignPositionError or PositionBeyondHeadError when the checkpoint is of another log.
 */
export async function runCreatorSettlement(options: SettlementOptions): Promise<void> {
  const { store, checkpoints } = options;
  const saved = await checkpoints.load(SETTLEMENT_CHECKPOINT);
  const after = saved === undefined ? LOG_START : parsePosition(store.logId, saved);
  const ended = new AbortController();
  const signal = AbortSignal.any([options.signal, ended.signal]);
  const settlement = new Settlement({ ...options, signal }, after);
  const subscription = store.subscribe({
    after,
    types: storedTypesOf(...SOURCE_TYPES),
    signal,
    batchSizeMax: BATCH_EVENTS_MAX,
  });
  try {
    for await (const message of subscription) {
      if (message.kind !== 'batch') continue;
      await settlement.settle(message.events, message.checkpoint);
      if (signal.aborted) return;
      // What comes meanwhile is settled together: fewer, fuller appends leave the log to charges.
      await sleep(COALESCE_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    ended.abort();
    await settlement.stopped();
  }
}

/** One run of the process manager: a lane for each creator that has something to be settled. */
class Settlement {
  private readonly lanes = new Map<CreatorId, CreatorLane>();
  private savedUpTo: Position;

  constructor(
    private readonly options: SettlementOptions,
    /** End of what was handed over. */
    private readUpTo: Position,
  ) {
    this.savedUpTo = readUpTo;
  }

  /** Ends when each creator of the batch is settled or stuck and the checkpoint is saved as far as it may go. */
  async settle(batch: readonly RecordedEvent[], checkpoint: Position): Promise<void> {
    const offered: Promise<void>[] = [];
    for (const [creatorId, sources] of sourcesOf(batch)) {
      offered.push(this.laneOf(creatorId).offer(sources, this.readUpTo));
    }
    await Promise.all(offered);
    this.readUpTo = checkpoint;
    await this.save();
    const { signal, waitingMax = WAITING_SOURCES_MAX } = this.options;
    while (this.waiting() > waitingMax && !signal.aborted) {
      await sleep(FULL_DELAY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async stopped(): Promise<void> {
    await Promise.all([...this.lanes.values()].map((lane) => lane.stopped()));
  }

  private waiting(): number {
    return [...this.lanes.values()].reduce((sum, lane) => sum + lane.waiting, 0);
  }

  private laneOf(creatorId: CreatorId): CreatorLane {
    const known = this.lanes.get(creatorId);
    if (known) return known;
    const { signal, onStuck } = this.options;
    const lane: CreatorLane = new CreatorLane({
      signal,
      settle: (sources) => settleCreator(this.options, creatorId, sources),
      onFailure: (error, failures) => onStuck?.({ creatorId, error, failures, waiting: lane.waiting }),
      onRecovered: () => void this.saveAfterRecovery(creatorId),
    });
    this.lanes.set(creatorId, lane);
    return lane;
  }

  /** Never past a source that waits. When the signal fires in between, the next run offers what is left again. */
  private async save(): Promise<void> {
    const { store, checkpoints, signal, onSettled } = this.options;
    if (signal.aborted) return;
    let upTo = this.readUpTo;
    for (const [creatorId, lane] of this.lanes) {
      if (lane.isEmpty) this.lanes.delete(creatorId);
      const { settledUpTo } = lane;
      if (settledUpTo !== undefined && settledUpTo < upTo) upTo = settledUpTo;
    }
    if (upTo <= this.savedUpTo) return;
    await checkpoints.save(SETTLEMENT_CHECKPOINT, formatPosition(store.logId, upTo));
    if (upTo > this.savedUpTo) this.savedUpTo = upTo;
    onSettled?.(upTo);
  }

  /** A checkpoint that cannot be saved now is saved with the next batch. */
  private async saveAfterRecovery(creatorId: CreatorId): Promise<void> {
    this.options.onRecovered?.(creatorId);
    try {
      await this.save();
    } catch (error) {
      this.options.onStuck?.({ creatorId, error, failures: 1, waiting: 0 });
    }
  }
}

/** In order and one append after another. */
async function settleCreator(
  { creators, signal }: SettlementOptions,
  creatorId: CreatorId,
  sources: readonly SourceToSettle[],
): Promise<void> {
  for (let from = 0; from < sources.length && !signal.aborted; from += SOURCES_PER_APPEND_MAX) {
    const part = sources.slice(from, from + SOURCES_PER_APPEND_MAX);
    const outcome = await creators.execute(creatorStream(creatorId), settleEnvelope(creatorId, part), {
      type: 'SettleSources',
      creatorId,
      sources: part,
    });
    if (outcome.kind === 'refused')
      throw new Error(`Settling ${creatorId} was refused: ${outcome.refusal.code}`);
  }
}

function settleEnvelope(creatorId: CreatorId, sources: readonly SourceToSettle[]): Envelope {
  const first = sources[0]!.source.position;
  const last = sources.at(-1)!.source.position;
  return {
    principal: 'system:settlement',
    key: `settle:${first}-${last}`,
    bodyHash: hashBody('SettleSources', { creatorId, first, last, count: sources.length }),
  };
}
