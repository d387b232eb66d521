import { APPEND_BYTES_MAX, APPEND_EVENTS_MAX, type NewEvent } from '#libs/event-store/port.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import { type FoldedStream, keyOf } from './folded-stream.js';
import { KnownPast, Missing, PastMissing, type Recall } from './recall.js';
import type { Request, RequestItem, RequestMode, RequestVerdict, Verdict } from './request.js';
import type { StreamDefinition } from './stream-definition.js';
import { sizeOf, writeEvents } from './write-events.js';

export interface DecidedBatch<S, E extends LedgerEvent> {
  /** One verdict a request, for as many requests from the front as fit one append. */
  readonly verdicts: readonly RequestVerdict<E>[];
  readonly events: readonly NewEvent[];
  /** The stream as it will be once `events` are appended. */
  readonly after: FoldedStream<S>;
  /** What the first request, and those behind it, must know of the past before they can be decided. */
  readonly missing?: Missing;
}

/**
 * Decides queued requests one after another on the newest state, as much as one append holds. A batch is cut between
 * requests, never inside: a first one that alone is too large gives an empty batch, one that must know more of the
 * past gives an empty batch that says what is missing.
 */
export function decideBatch<S, C, E extends LedgerEvent>(
  definition: StreamDefinition<S, C, E>,
  folded: FoldedStream<S>,
  requests: readonly Request<C>[],
  recall: Recall<E>,
): DecidedBatch<S, E> {
  const batch = new Batch(definition, folded, recall);
  let index = 0;
  while (index < requests.length && batch.take(requests[index]!)) index += 1;
  if (batch.missing !== undefined && index === 0) batch.askFor(requests.slice(1, APPEND_EVENTS_MAX));
  return batch.decided;
}

interface DecidedRequest<S, E extends LedgerEvent> {
  readonly verdicts: readonly Verdict<E>[];
  readonly written: readonly NewEvent[];
  readonly after: FoldedStream<S>;
}

class Batch<S, C, E extends LedgerEvent> {
  missing: Missing | undefined;
  private readonly verdicts: RequestVerdict<E>[] = [];
  private readonly events: NewEvent[] = [];
  /** The same events as the domain knows them. */
  private readonly facts: E[] = [];
  private readonly past: KnownPast<E>;
  private after: FoldedStream<S>;
  private bytes = 0;
  private largest = 0;

  constructor(
    private readonly definition: StreamDefinition<S, C, E>,
    folded: FoldedStream<S>,
    recall: Recall<E>,
  ) {
    this.after = folded;
    this.past = new KnownPast(recall, folded, this.facts, folded);
  }

  get decided(): DecidedBatch<S, E> {
    const { verdicts, events, after, missing } = this;
    return { verdicts, events, after, ...(missing === undefined ? {} : { missing }) };
  }

  /** False when the request does not belong to this batch any more. */
  take(request: Request<C>): boolean {
    // Stop before a command that will hardly fit: a decision thrown away is work done twice.
    if (this.events.length === APPEND_EVENTS_MAX || this.bytes + this.largest > APPEND_BYTES_MAX)
      return false;
    let decided: DecidedRequest<S, E>;
    try {
      decided = this.decide(request);
    } catch (error) {
      this.forget();
      if (error instanceof PastMissing) {
        if (this.verdicts.length === 0) (this.missing ??= new Missing()).add(error);
        return false;
      }
      this.verdicts.push({ kind: 'fault', error });
      return true;
    }
    const { written, verdicts, after } = decided;
    if (written.length > 0) {
      const size = sizeOf(written);
      if (this.events.length + written.length > APPEND_EVENTS_MAX || this.bytes + size > APPEND_BYTES_MAX) {
        this.forget();
        return false;
      }
      this.bytes += size;
      this.largest = Math.max(this.largest, size);
      this.events.push(...written);
    }
    this.after = after;
    this.verdicts.push({ kind: 'decided', verdicts });
    return true;
  }

  /** Finds out what the requests behind the first would miss too, so that all of it is fetched at once. */
  askFor(requests: readonly Request<C>[]): void {
    for (const request of requests) {
      try {
        this.decide(request);
      } catch (error) {
        if (error instanceof PastMissing) this.missing!.add(error);
      }
      this.forget();
    }
  }

  /** Drops what a request has written that is not taken. */
  private forget(): void {
    this.facts.length = this.events.length;
  }

  private decide({ items, mode }: Request<C>): DecidedRequest<S, E> {
    const verdicts: Verdict<E>[] = [];
    const written: NewEvent[] = [];
    let after = this.after;
    for (const item of items) {
      const one = this.decideItem(after, item, mode, this.events.length + written.length);
      if (one.verdict.kind === 'refused' && items.length > 1)
        return this.refuseGroup(items, verdicts.length, one.verdict);
      verdicts.push(one.verdict);
      written.push(...one.written);
      after = one.after;
    }
    return { verdicts, written, after };
  }

  /** None of the group takes effect; what had taken effect before is answered as it was. */
  private refuseGroup(
    items: readonly RequestItem<C>[],
    refusedIndex: number,
    refused: Verdict<E>,
  ): DecidedRequest<S, E> {
    this.forget();
    this.past.now = this.after;
    const verdicts = items.map(({ envelope }, index): Verdict<E> => {
      if (index === refusedIndex) return refused;
      const entry = this.past.entryOf(keyOf(envelope));
      return entry?.bodyHash === envelope.bodyHash
        ? { kind: 'replay', entry }
        : { kind: 'not_applied', refusedIndex };
    });
    return { verdicts, written: [], after: this.after };
  }

  private decideItem(
    folded: FoldedStream<S>,
    { envelope, command, now, commandId }: RequestItem<C>,
    mode: RequestMode,
    eventsBefore: number,
  ): {
    readonly verdict: Verdict<E>;
    readonly written: readonly NewEvent[];
    readonly after: FoldedStream<S>;
  } {
    const unchanged = (verdict: Verdict<E>) => ({ verdict, written: [], after: folded });
    const { definition, past } = this;
    past.now = folded;
    const entry = past.entryOf(keyOf(envelope));
    if (entry !== undefined) {
      return unchanged(
        entry.bodyHash === envelope.bodyHash
          ? { kind: 'replay', entry }
          : { kind: 'refused', refusal: { code: 'request.id_reused' } },
      );
    }
    const decision = definition.decide(folded.state, command, { now, commandId, past });
    if (decision.kind === 'refused') return unchanged(decision);
    const { events } = decision;
    if (mode === 'preview' || events.length === 0) return unchanged({ kind: 'nothing' });
    const { written, balance, earnings, after } = writeEvents(definition, folded, envelope, events);
    this.facts.push(...events);
    const verdict: Verdict<E> = {
      kind: 'write',
      events,
      ids: written.map(({ id }) => id),
      lastIndex: eventsBefore + written.length - 1,
      ...(balance === undefined ? {} : { balance }),
      ...(earnings === undefined ? {} : { earnings }),
    };
    return { verdict, written, after };
  }
}
