import { randomUUID } from 'node:crypto';
import { encodeMetadata, type EventMetadata } from '#libs/contracts/metadata.js';
import { encodeEvent } from '#libs/contracts/stored-events.js';
import type { AppendResult, NewEvent } from '#libs/event-store/port.js';
import type { Earnings } from '#libs/ledger/creator/earnings.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import type { Balance } from '#libs/ledger/wallet/balance.js';
import type { Envelope } from './envelope.js';
import { type FoldedStream, keyOf } from './folded-stream.js';
import type { StreamDefinition } from './stream-definition.js';
import type { KeyEntry, UsedId } from './window.js';

/** One command's events, ready to be appended. */
export interface WrittenEvents<S> {
  readonly written: readonly NewEvent[];
  /** The wallet's balance after the last of them. */
  readonly balance?: Balance;
  /** The creator's earnings after the last of them. */
  readonly earnings?: Earnings;
  /** The stream as it will be; its position is not known before the append. */
  readonly after: FoldedStream<S>;
}

/**
 * Folds `events` onto the stream and gives their stored form. Each decision has event ids of its own: the store
 * recognises a retried append by them, and nothing else as the same.
 */
export function writeEvents<S, E extends LedgerEvent>(
  definition: StreamDefinition<S, never, E>,
  folded: FoldedStream<S>,
  envelope: Envelope,
  events: readonly E[],
): WrittenEvents<S> {
  const written: NewEvent[] = [];
  const used: UsedId[] = [];
  let { state, revision } = folded;
  let balance: Balance | undefined;
  let earnings: Earnings | undefined;
  for (const event of events) {
    state = definition.evolve(state, event);
    revision += 1;
    balance = definition.balance?.(state, event);
    earnings = definition.earnings?.(state, event);
    for (const id of definition.idsOf(event)) used.push([id, revision]);
    written.push({
      id: randomUUID(),
      ...encodeEvent(event),
      metadata: encodeMetadata(metadataOf(envelope, balance, earnings)),
    });
  }
  const entry: KeyEntry = {
    bodyHash: envelope.bodyHash,
    firstRevision: folded.revision + 1,
    count: events.length,
  };
  return {
    written,
    ...(balance === undefined ? {} : { balance }),
    ...(earnings === undefined ? {} : { earnings }),
    after: { ...folded, state, revision, window: folded.window.with(keyOf(envelope), entry, used) },
  };
}

function metadataOf(
  envelope: Envelope,
  balance: Balance | undefined,
  earnings: Earnings | undefined,
): EventMetadata {
  if (balance !== undefined) return { ...envelope, balance };
  return earnings === undefined ? envelope : { ...envelope, earnings };
}

/** The stream once its newest events are in the log. */
export const appended = <S>(
  after: FoldedStream<S>,
  events: readonly NewEvent[],
  { positions }: AppendResult,
): FoldedStream<S> => ({ ...after, position: positions.at(-1)!, lastEventId: events.at(-1)!.id });

/** Bytes of an append as the store counts them. */
export function sizeOf(events: readonly NewEvent[]): number {
  let bytes = 0;
  for (const { type, data, metadata } of events) {
    bytes += type.length + Buffer.byteLength(data) + Buffer.byteLength(metadata);
  }
  return bytes;
}
