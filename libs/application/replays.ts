import { decodeMetadata } from '#libs/contracts/metadata.js';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import type { EventStore, RecordedEvent } from '#libs/event-store/port.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import type { KeyEntry } from './folded-stream.js';
import type { Done } from './outcome.js';

/** Events read for nothing between two repeats cost less than another query. */
const GAP_EVENTS_MAX = 100;

/**
 * The first results of repeated keys, read back from the stream in the order of `entries`. Repeats that lie close to
 * each other, as those of a bulk sent again do, share one read.
 */
export async function readReplays<E extends LedgerEvent>(
  store: EventStore,
  stream: string,
  entries: readonly KeyEntry[],
): Promise<readonly Done<E>[]> {
  const recorded = new Map<number, RecordedEvent>();
  for (const { from, end } of rangesOf(entries)) {
    for await (const batch of store.readStream(stream, { from, maxCount: end - from })) {
      for (const event of batch) recorded.set(event.revision, event);
    }
  }
  return entries.map((entry) => doneOf<E>(stream, entry, recorded));
}

interface Range {
  readonly from: number;
  /** Exclusive. */
  end: number;
}

function rangesOf(entries: readonly KeyEntry[]): readonly Range[] {
  const ranges: Range[] = [];
  const inOrder = [...entries].sort((a, b) => a.firstRevision - b.firstRevision);
  for (const { firstRevision, count } of inOrder) {
    const last = ranges.at(-1);
    const end = firstRevision + count;
    if (last !== undefined && firstRevision <= last.end + GAP_EVENTS_MAX) last.end = Math.max(last.end, end);
    else ranges.push({ from: firstRevision, end });
  }
  return ranges;
}

function doneOf<E extends LedgerEvent>(
  stream: string,
  { firstRevision, count }: KeyEntry,
  recorded: ReadonlyMap<number, RecordedEvent>,
): Done<E> {
  const own = Array.from({ length: count }, (_, i) => {
    const event = recorded.get(firstRevision + i);
    if (event === undefined) throw new Error(`Stream ${stream} lost its event ${firstRevision + i}`);
    return event;
  });
  const last = own.at(-1)!;
  const { balance } = decodeMetadata(last.metadata);
  return {
    kind: 'done',
    replayed: true,
    events: own.map((event) => decodeEvent(event) as E),
    eventIds: own.map(({ id }) => id),
    position: last.position,
    ...(balance === undefined ? {} : { balanceAfter: balance }),
  };
}
