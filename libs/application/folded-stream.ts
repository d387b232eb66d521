import { decodeMetadata } from '#libs/contracts/metadata.js';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import type { EventStore, ExpectedRevision } from '#libs/event-store/port.js';
import { GrowingMap } from '#libs/kernel/growing-map.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import type { StreamDefinition } from './stream-definition.js';

/** Where the events of an idempotency key lie in the stream, and what the command said. */
export interface KeyEntry {
  readonly bodyHash: string;
  readonly firstRevision: number;
  /** Number of events. */
  readonly count: number;
}

/** A stream folded up to `revision`: the domain's state and every idempotency key that took effect. */
export interface FoldedStream<S> {
  readonly state: S;
  /** Revision of the last event folded; -1 before the first. */
  readonly revision: number;
  readonly keys: GrowingMap<KeyEntry>;
}

export const unfolded = <S>(initial: S): FoldedStream<S> => ({
  state: initial,
  revision: -1,
  keys: GrowingMap.empty(),
});

export const expectedOf = (folded: FoldedStream<unknown>): ExpectedRevision =>
  folded.revision < 0 ? 'no_stream' : folded.revision;

/** Keys are scoped to the principal; a line feed is in neither. */
export const keyOf = ({ principal, key }: { readonly principal: string; readonly key: string }): string =>
  `${principal}\n${key}`;

/** Folds what the stream holds behind `folded`; the same object when nothing is new. Read on the primary. */
export async function foldTail<S, E extends LedgerEvent>(
  store: EventStore,
  stream: string,
  definition: StreamDefinition<S, never, E>,
  folded: FoldedStream<S>,
): Promise<FoldedStream<S>> {
  let { state, revision, keys } = folded;
  let open: { key: string; entry: KeyEntry } | undefined;
  for await (const batch of store.readStream(stream, { from: folded.revision + 1 })) {
    for (const recorded of batch) {
      const metadata = decodeMetadata(recorded.metadata);
      const key = keyOf(metadata);
      if (open?.key === key) {
        open = { key, entry: { ...open.entry, count: open.entry.count + 1 } };
      } else {
        if (open) keys = keys.with(open.key, open.entry);
        open = { key, entry: { bodyHash: metadata.bodyHash, firstRevision: recorded.revision, count: 1 } };
      }
      state = definition.evolve(state, decodeEvent(recorded) as E);
      revision = recorded.revision;
    }
  }
  if (open === undefined) return folded;
  return { state, revision, keys: keys.with(open.key, open.entry) };
}
