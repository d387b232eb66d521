import { decodeMetadata } from '#libs/contracts/metadata.js';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import type { EventStore, RecordedEvent } from '#libs/event-store/port.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import type { Done } from './outcome.js';
import { readRanges } from './read-events.js';
import type { KeyEntry } from './window.js';

/**
 * The first results of repeated keys, read back from the stream in the order of `entries`. Repeats that lie close to
 * each other, as those of a bulk sent again do, share one read.
 */
export async function readReplays<E extends LedgerEvent>(
  store: EventStore,
  stream: string,
  entries: readonly KeyEntry[],
): Promise<readonly Done<E>[]> {
  const ranges = entries.map(({ firstRevision, count }) => ({
    from: firstRevision,
    end: firstRevision + count,
  }));
  const recorded = await readRanges(store, stream, ranges);
  return entries.map((entry) => doneOf<E>(stream, entry, recorded));
}

function doneOf<E extends LedgerEvent>(
  stream: string,
  { bodyHash, firstRevision, count }: KeyEntry,
  recorded: ReadonlyMap<number, RecordedEvent>,
): Done<E> {
  const own = Array.from({ length: count }, (_, i) => {
    const event = recorded.get(firstRevision + i);
    if (event === undefined) throw new Error(`Stream ${stream} lost its event ${firstRevision + i}`);
    return event;
  });
  const last = own.at(-1)!;
  const metadata = decodeMetadata(last.metadata);
  if (metadata.bodyHash !== bodyHash) {
    throw new Error(
      `Event ${last.revision} of ${stream} is not of the command that was looked up: rebuild the outcomes.`,
    );
  }
  const { balance, earnings } = metadata;
  return {
    kind: 'done',
    replayed: true,
    events: own.map((event) => decodeEvent(event) as E),
    eventIds: own.map(({ id }) => id),
    position: last.position,
    ...(balance === undefined ? {} : { balanceAfter: balance }),
    ...(earnings === undefined ? {} : { earningsAfter: earnings }),
  };
}
