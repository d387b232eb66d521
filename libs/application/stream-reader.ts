import { decodeEvent } from '#libs/contracts/stored-events.js';
import { APPEND_EVENTS_MAX, type EventStore, type RecordedEvent } from '#libs/event-store/port.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import { closeGap } from './close-gap.js';
import { type FoldedStream, Folding, keyOf, unfolded } from './folded-stream.js';
import { CatchingUpFault } from './outcome.js';
import type { OutcomesReader } from './outcomes-reader.js';
import { readRanges } from './read-events.js';
import { Missing, type Recall } from './recall.js';
import type { Request } from './request.js';
import type { SnapshotKeeper } from './snapshots/snapshot-keeper.js';
import type { StreamDefinition } from './stream-definition.js';
import type { Place, Window } from './window.js';

/** Of a stream that is folded anew: one that is longer may have a snapshot. */
const FIRST_READ_EVENTS_MAX = 200;
/** Keys and ids that stay in memory for each stream, at least; at most about twice as many. */
export const WINDOW_ENTRIES = 50_000;

/** What long streams need: without it every stream is folded from its beginning and nothing leaves memory. */
export interface LongStreams<S> {
  readonly outcomes: OutcomesReader;
  readonly snapshots?: SnapshotKeeper<S>;
  readonly windowEntries?: number;
  /** Most events of a stream that are read because the outcomes are behind. */
  readonly gapEventsMax?: number;
}

export interface StreamReaderOptions<S, C, E extends LedgerEvent> {
  readonly store: EventStore;
  readonly definition: StreamDefinition<S, C, E>;
  readonly long?: LongStreams<S>;
}

/** Folds streams and finds out about their past. */
export class StreamReader<S, C, E extends LedgerEvent> {
  constructor(private readonly options: StreamReaderOptions<S, C, E>) {}

  /** The stream folded anew: a long one from its snapshot, if there is a good one. */
  async fold(stream: string): Promise<FoldedStream<S>> {
    const { store, definition, long } = this.options;
    const start = unfolded(definition.initial);
    if (long?.snapshots === undefined) return this.foldBehind(stream, start);
    // Only a stream that is not read at once is worth the question for a snapshot.
    const maxCount = Math.min(FIRST_READ_EVENTS_MAX, long.snapshots.everyEvents);
    const first: RecordedEvent[] = [];
    for await (const batch of store.readStream(stream, { maxCount })) first.push(...batch);
    const isAll = first.length < maxCount;
    const snapshot = isAll ? undefined : await long.snapshots.load(stream);
    const fromSnapshot = snapshot && (await this.foldSnapshot(stream, snapshot));
    if (fromSnapshot !== undefined) return fromSnapshot;
    const folding = new Folding(definition, start);
    for (const recorded of first) folding.add(recorded);
    // The same folding goes on: what was read first may end inside a command.
    return isAll ? folding.folded : this.foldOn(stream, folding);
  }

  /** With what the stream holds behind `folded`; the same object when nothing is new. Read on the primary. */
  tail(stream: string, folded: FoldedStream<S>): Promise<FoldedStream<S>> {
    return this.foldBehind(stream, folded);
  }

  /** The stream after its state has moved: its snapshot kept and its window trimmed, where that is due. */
  moved(stream: string, folded: FoldedStream<S>): FoldedStream<S> {
    const { long } = this.options;
    if (long === undefined) return folded;
    const kept = long.snapshots?.keep(stream, folded) ?? folded;
    const { outcomes, windowEntries = WINDOW_ENTRIES } = long;
    const sealed = kept.window.sealed(kept, windowEntries);
    const window = sealed.trimmed(outcomes.passed, windowEntries);
    if (window.leavesAt(windowEntries) !== undefined) void outcomes.refresh();
    return window === kept.window ? kept : { ...kept, window };
  }

  /**
   * Looks up, in one go, every key and id that the requests name and the window does not know.
   * @returns the stream, its window reaching back to what the outcomes show
   */
  async recallNamed(
    stream: string,
    folded: FoldedStream<S>,
    requests: readonly Request<C>[],
    recall: Recall<E>,
  ): Promise<FoldedStream<S>> {
    const { window } = folded;
    if (window.isComplete) return folded;
    const named = new Missing();
    for (const { items } of requests.slice(0, APPEND_EVENTS_MAX)) {
      for (const { envelope, command } of items) {
        const key = keyOf(envelope);
        // A known key is a repeat, or refused: nothing more will be asked for.
        if (window.entryOf(key) !== undefined) continue;
        named.keys.add(key);
        for (const id of this.options.definition.idsNamedBy(command)) {
          if (window.revisionOf(id) === undefined) named.ids.add(id);
        }
      }
    }
    return this.recall(stream, folded, named, recall);
  }

  /** Finds what decisions missed. What cannot be looked up now becomes the fault of those that need it. */
  async recall(
    stream: string,
    folded: FoldedStream<S>,
    missing: Missing,
    recall: Recall<E>,
  ): Promise<FoldedStream<S>> {
    const ranges = [...missing.revisions].map((revision) => ({ from: revision, end: revision + 1 }));
    for (const [revision, recorded] of await readRanges(this.options.store, stream, ranges)) {
      recall.events.set(revision, decodeEvent(recorded) as E);
    }
    for (const revision of missing.revisions) {
      if (!recall.events.has(revision)) throw new Error(`Stream ${stream} lost its event ${revision}`);
    }
    if (!missing.needsLookUp) return folded;
    try {
      return { ...folded, window: await this.lookUp(stream, folded.window, missing, recall) };
    } catch (error) {
      if (!(error instanceof CatchingUpFault)) throw error;
      recall.fault = error;
      return folded;
    }
  }

  private async lookUp(
    stream: string,
    window: Window,
    { keys, ids }: Missing,
    recall: Recall<E>,
  ): Promise<Window> {
    const { store, definition, long } = this.options;
    if (long === undefined) throw new Error(`Stream ${stream} was not folded from its beginning`);
    const { position, ...found } = await long.outcomes.lookUp({
      stream,
      upTo: window.from.revision,
      keys: [...keys].map(unscoped),
      ids: [...ids],
    });
    const eventsMax = long.gapEventsMax === undefined ? {} : { eventsMax: long.gapEventsMax };
    const reaching =
      position >= window.from.position
        ? window
        : await closeGap(store, definition, { stream, window, passed: position, ...eventsMax });
    for (const key of keys) recall.keys.set(key, undefined);
    for (const id of ids) recall.ids.set(id, undefined);
    for (const { bodyHash, firstRevision, lastRevision, ...key } of found.keys) {
      recall.keys.set(keyOf(key), { bodyHash, firstRevision, count: lastRevision - firstRevision + 1 });
    }
    for (const { id, revision } of found.ids) recall.ids.set(id, revision);
    return reaching;
  }

  /** Undefined when the snapshot is not of this stream as it is now. */
  private async foldSnapshot(
    stream: string,
    snapshot: FoldedStream<S>,
  ): Promise<FoldedStream<S> | undefined> {
    const folding = new Folding(this.options.definition, snapshot);
    let confirmed = false;
    for await (const batch of this.options.store.readStream(stream, { from: snapshot.revision })) {
      for (const recorded of batch) {
        if (confirmed) folding.add(recorded);
        else if (recorded.id === snapshot.lastEventId && recorded.position === snapshot.position)
          confirmed = true;
        else return undefined;
      }
    }
    return confirmed ? folding.folded : undefined;
  }

  private foldBehind(stream: string, folded: FoldedStream<S>): Promise<FoldedStream<S>> {
    return this.foldOn(stream, new Folding(this.options.definition, folded));
  }

  private async foldOn(stream: string, folding: Folding<S, E>): Promise<FoldedStream<S>> {
    const { store, long } = this.options;
    for await (const batch of store.readStream(stream, { from: folding.revision + 1 })) {
      for (const recorded of batch) folding.add(recorded);
      if (long !== undefined) await folding.shrink((window, last) => shrunk(long, window, last));
    }
    return folding.folded;
  }
}

/** While a long stream is folded its window is kept small, or it would hold everything before it is trimmed. */
async function shrunk<S>(long: LongStreams<S>, window: Window, last: Place): Promise<Window> {
  const { outcomes, windowEntries = WINDOW_ENTRIES } = long;
  const sealed = window.sealed(last, windowEntries);
  if (sealed.leavesAt(windowEntries) === undefined) return sealed;
  await outcomes.refresh();
  return sealed.trimmed(outcomes.passed, windowEntries);
}

function unscoped(scoped: string): { readonly principal: string; readonly key: string } {
  const end = scoped.indexOf('\n');
  return { principal: scoped.slice(0, end), key: scoped.slice(end + 1) };
}
