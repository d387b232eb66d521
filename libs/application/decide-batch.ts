import { randomUUID } from 'node:crypto';
import { encodeMetadata } from '#libs/contracts/metadata.js';
import { encodeEvent } from '#libs/contracts/stored-events.js';
import { APPEND_BYTES_MAX, APPEND_EVENTS_MAX, LOG_START, type NewEvent } from '#libs/event-store/port.js';
import type { CommandContext } from '#libs/ledger/decision.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import type { Refusal } from '#libs/ledger/refusal.js';
import type { Balance } from '#libs/ledger/wallet/balance.js';
import type { Envelope } from './envelope.js';
import { type FoldedStream, type KeyEntry, keyOf } from './folded-stream.js';
import type { Outcome } from './outcome.js';
import type { StreamDefinition } from './stream-definition.js';

/** `bulk`: others may go first. `preview`: only asks whether the command would be accepted; writes nothing. */
export type RequestMode = 'single' | 'bulk' | 'preview';

/** A command as the executor queues it. */
export interface Request<C> {
  readonly envelope: Envelope;
  readonly command: C;
  readonly context: CommandContext;
  readonly mode: RequestMode;
}

/** What was decided of one command, before anything is written. */
export type Verdict<E extends LedgerEvent> =
  | {
      readonly kind: 'write';
      readonly events: readonly E[];
      readonly ids: readonly string[];
      readonly lastIndex: number;
      readonly balance?: Balance;
    }
  | { readonly kind: 'replay'; readonly entry: KeyEntry }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Accepted without events, or a preview that would be accepted. */
  | { readonly kind: 'nothing' };

export interface DecidedBatch<S, E extends LedgerEvent> {
  /** One verdict a command, for as many commands from the front as fit one append. */
  readonly verdicts: readonly Verdict<E>[];
  readonly events: readonly NewEvent[];
  /** The stream as it will be once `events` are appended. */
  readonly after: FoldedStream<S>;
}

/**
 * Decides queued commands one after another on the newest state, as much as one append holds. A batch is cut between
 * commands, never inside: a first command that alone is too large gives an empty batch.
 */
export function decideBatch<S, C, E extends LedgerEvent>(
  definition: StreamDefinition<S, C, E>,
  folded: FoldedStream<S>,
  requests: Iterable<Request<C>>,
): DecidedBatch<S, E> {
  const verdicts: Verdict<E>[] = [];
  const events: NewEvent[] = [];
  let bytes = 0;
  let largest = 0;
  let after = folded;
  for (const request of requests) {
    // Stop before a command that will hardly fit: a decision thrown away is work done twice.
    if (events.length === APPEND_EVENTS_MAX || bytes + largest > APPEND_BYTES_MAX) break;
    const decided = decideOne(definition, after, request);
    if (decided.written.length > 0) {
      const size = sizeOf(decided.written);
      if (events.length + decided.written.length > APPEND_EVENTS_MAX || bytes + size > APPEND_BYTES_MAX)
        break;
      bytes += size;
      largest = Math.max(largest, size);
      events.push(...decided.written);
    }
    after = decided.after;
    verdicts.push(
      decided.verdict.kind === 'write'
        ? { ...decided.verdict, lastIndex: events.length - 1 }
        : decided.verdict,
    );
  }
  return { verdicts, events, after };
}

interface DecidedOne<S, E extends LedgerEvent> {
  readonly verdict: Verdict<E>;
  readonly written: readonly NewEvent[];
  readonly after: FoldedStream<S>;
}

function decideOne<S, C, E extends LedgerEvent>(
  definition: StreamDefinition<S, C, E>,
  folded: FoldedStream<S>,
  { envelope, command, context, mode }: Request<C>,
): DecidedOne<S, E> {
  const unchanged = (verdict: Verdict<E>): DecidedOne<S, E> => ({ verdict, written: [], after: folded });
  const entry = folded.keys.get(keyOf(envelope));
  if (entry !== undefined) {
    return unchanged(
      entry.bodyHash === envelope.bodyHash
        ? { kind: 'replay', entry }
        : { kind: 'refused', refusal: { code: 'request.id_reused' } },
    );
  }
  const decision = definition.decide(folded.state, command, context);
  if (decision.kind === 'refused') return unchanged(decision);
  if (mode === 'preview' || decision.events.length === 0) return unchanged({ kind: 'nothing' });
  return writeEvents(definition, folded, envelope, decision.events);
}

/**
 * Folds `events` onto the stream and gives their stored form. Each decision has event ids of its own: the store
 * recognises a retried append by them, and nothing else as the same.
 */
export function writeEvents<S, C, E extends LedgerEvent>(
  definition: StreamDefinition<S, C, E>,
  folded: FoldedStream<S>,
  envelope: Envelope,
  events: readonly E[],
): DecidedOne<S, E> {
  const written: NewEvent[] = [];
  let state = folded.state;
  let balance: Balance | undefined;
  for (const event of events) {
    state = definition.evolve(state, event);
    balance = definition.balance?.(state, event);
    written.push({
      id: randomUUID(),
      ...encodeEvent(event),
      metadata: encodeMetadata(balance === undefined ? envelope : { ...envelope, balance }),
    });
  }
  const entry: KeyEntry = {
    bodyHash: envelope.bodyHash,
    firstRevision: folded.revision + 1,
    count: events.length,
  };
  return {
    verdict: {
      kind: 'write',
      events,
      ids: written.map(({ id }) => id),
      lastIndex: written.length - 1,
      ...(balance === undefined ? {} : { balance }),
    },
    written,
    after: {
      state,
      revision: folded.revision + events.length,
      keys: folded.keys.with(keyOf(envelope), entry),
    },
  };
}

function sizeOf(events: readonly NewEvent[]): number {
  let bytes = 0;
  for (const { type, data, metadata } of events) {
    bytes += type.length + Buffer.byteLength(data) + Buffer.byteLength(metadata);
  }
  return bytes;
}

/** The answer of a verdict, once its events are at `positions`. */
export function outcomeOf<E extends LedgerEvent>(
  verdict: Exclude<Verdict<E>, { kind: 'replay' }>,
  positions: readonly bigint[],
): Outcome<E> {
  switch (verdict.kind) {
    case 'refused':
      return verdict;
    case 'nothing':
      return { kind: 'done', replayed: false, events: [], eventIds: [], position: LOG_START };
    case 'write':
      return {
        kind: 'done',
        replayed: false,
        events: verdict.events,
        eventIds: verdict.ids,
        position: positions[verdict.lastIndex] ?? LOG_START,
        ...(verdict.balance === undefined ? {} : { balanceAfter: verdict.balance }),
      };
  }
}
