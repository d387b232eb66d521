import { setTimeout as sleep } from 'node:timers/promises';
import { storedTypesOf } from '#libs/contracts/stored-events.js';
import type { EventStore, Position, RecordedEvent } from '#libs/event-store/port.js';
import { LOG_START } from '#libs/event-store/port.js';
import { formatPosition, parsePosition } from '#libs/event-store/position.js';
import type { CreatorId } from '#libs/kernel/ids.js';
import type { SourceToSettle } from '#libs/ledger/creator/decide.js';
import { creatorStream } from '#libs/ledger/events.js';
import { hashBody } from '../body-hash.js';
import type { CheckpointStore } from '../checkpoints.js';
import type { Envelope } from '../envelope.js';
import type { CreatorExecutor } from '../write-path.js';
import { sourcesOf } from './sources.js';

export const SETTLEMENT_CHECKPOINT = 'creator-settlement';

/** Sources of one append: with the longest ids they stay below the bytes an append may hold. */
const SOURCES_PER_APPEND_MAX = 250;
const BATCH_EVENTS_MAX = 4_000;
const COALESCE_MS = 40;
const RETRY_DELAY_MS_MIN = 50;
const RETRY_DELAY_MS_MAX = 5_000;

export interface SettlementOptions {
  readonly store: EventStore;
  readonly creators: CreatorExecutor;
  readonly checkpoints: CheckpointStore;
  /** Ends the process manager; it stops between two appends. */
  readonly signal: AbortSignal;
  /** A batch could not be settled and is offered again after a pause. */
  readonly onRetry?: (error: unknown) => void;
  /** Everything at or below the position is settled. */
  readonly onSettled?: (position: Position) => void;
}

/**
 * The process manager between charges and creators: each creator share of a charge or unlock becomes one CreatorPaid,
 * exactly once. It works in log order; a batch offered again, after a crash or by a second instance, adds nothing,
 * because a creator's stream knows the last source settled and its expected revision fences whoever is behind.
 * @throws ForeignPositionError or PositionBeyondHeadError when the checkpoint is of another log.
 */
export async function runCreatorSettlement(options: SettlementOptions): Promise<void> {
  const { store, checkpoints, signal } = options;
  const saved = await checkpoints.load(SETTLEMENT_CHECKPOINT);
  const after = saved === undefined ? LOG_START : parsePosition(store.logId, saved);
  const subscription = store.subscribe({
    after,
    types: storedTypesOf('PromptCharged', 'FlowUnlocked'),
    signal,
    batchSizeMax: BATCH_EVENTS_MAX,
  });
  for await (const message of subscription) {
    if (message.kind !== 'batch') continue;
    await settleUntilDone(options, message.events);
    if (signal.aborted) return;
    await checkpoints.save(SETTLEMENT_CHECKPOINT, formatPosition(store.logId, message.checkpoint));
    options.onSettled?.(message.checkpoint);
    // What comes meanwhile is settled together: fewer, fuller appends leave the log to charges.
    await sleep(COALESCE_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Repeats a batch until every source in it is settled; later ones must wait, or they would pass it for good. */
async function settleUntilDone(options: SettlementOptions, batch: readonly RecordedEvent[]): Promise<void> {
  const sources = [...sourcesOf(batch)];
  for (
    let delayMs = RETRY_DELAY_MS_MIN;
    !options.signal.aborted;
    delayMs = Math.min(delayMs * 2, RETRY_DELAY_MS_MAX)
  ) {
    const results = await Promise.allSettled(
      sources.map(([creatorId, toSettle]) => settleCreator(options, creatorId, toSettle)),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed === undefined) return;
    options.onRetry?.(failed.reason);
    await sleep(delayMs, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

/** In order and one append after another: a later source settled first would hide the earlier one for ever. */
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
