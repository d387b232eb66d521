import { decodeMetadata } from '#libs/contracts/metadata.js';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import type { EventStore, Position, RecordedEvent } from '#libs/event-store/port.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import { keyOf } from './folded-stream.js';
import { CatchingUpFault } from './outcome.js';
import type { StreamDefinition } from './stream-definition.js';
import { type KeyEntry, type Place, STREAM_START, type Window } from './window.js';

const READ_EVENTS_MIN = 250;
const READ_EVENTS_MAX = 5_000;
/** Of one stream: seconds of reading. Further behind, the projection is waited for. */
const GAP_EVENTS_MAX = 100_000;

export interface Gap {
  readonly stream: string;
  readonly window: Window;
  /** How far the outcomes are; the window begins behind it. */
  readonly passed: Position;
  /** Most events to read. */
  readonly eventsMax?: number;
}

/**
 * Reads the stream backwards from where the window begins to what the outcomes have passed, and puts what was used in
 * between into the window.
 * @throws CatchingUpFault when that is too much to read
 */
export async function closeGap<E extends LedgerEvent>(
  store: EventStore,
  { idsOf }: Pick<StreamDefinition<never, never, E>, 'idsOf'>,
  { stream, window, passed, eventsMax = GAP_EVENTS_MAX }: Gap,
): Promise<Window> {
  const end = window.from.revision + 1;
  // One event tells whether the rest is worth reading.
  if (end > eventsMax) {
    const [farthest] = await readRange(store, stream, end - eventsMax, end - eventsMax + 1);
    if (farthest!.position > passed) throw tooFarBehind(stream, eventsMax);
  }
  const chunks: (readonly RecordedEvent[])[] = [];
  let from = end;
  let chunkEvents = READ_EVENTS_MIN;
  for (;;) {
    const first = Math.max(0, from - chunkEvents);
    chunks.unshift(await readRange(store, stream, first, from));
    from = first;
    chunkEvents = Math.min(chunkEvents * 2, READ_EVENTS_MAX);
    const begin = beginOf(chunks.flat(), passed, from === 0);
    if (begin !== undefined) return extend(idsOf, window, begin);
  }
}

interface Begin {
  /** Where the window begins from now on. */
  readonly from: Place;
  readonly events: readonly RecordedEvent[];
}

/**
 * The first event that the outcomes may not show, or one before it that begins its command: the outcomes may have been
 * cut inside a command, the window never is.
 */
function beginOf(events: readonly RecordedEvent[], passed: Position, isStart: boolean): Begin | undefined {
  let index = events.findIndex(({ position }) => position > passed);
  if (index < 0) index = events.length;
  while (index > 0 && index < events.length && keyIn(events[index - 1]!) === keyIn(events[index]!))
    index -= 1;
  const before = events[index - 1];
  if (before !== undefined) return { from: before, events: events.slice(index) };
  return isStart ? { from: STREAM_START, events } : undefined;
}

function extend<E extends LedgerEvent>(
  idsOf: (event: E) => readonly string[],
  window: Window,
  { from, events }: Begin,
): Window {
  const keys = new Map<string, KeyEntry>();
  const ids = new Map<string, number>();
  for (const recorded of events) {
    const { bodyHash } = decodeMetadata(recorded.metadata);
    const key = keyIn(recorded);
    const known = keys.get(key);
    keys.set(
      key,
      known === undefined
        ? { bodyHash, firstRevision: recorded.revision, count: 1 }
        : { ...known, count: known.count + 1 },
    );
    for (const id of idsOf(decodeEvent(recorded) as E)) ids.set(id, recorded.revision);
  }
  return window.extended({ revision: from.revision, position: from.position }, keys, ids);
}

const keyIn = ({ metadata }: RecordedEvent): string => keyOf(decodeMetadata(metadata));

async function readRange(
  store: EventStore,
  stream: string,
  from: number,
  end: number,
): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const batch of store.readStream(stream, { from, maxCount: end - from })) events.push(...batch);
  if (events.length !== end - from)
    throw new Error(`Stream ${stream} lost events between ${from} and ${end}`);
  return events;
}

const tooFarBehind = (stream: string, eventsMax: number): CatchingUpFault =>
  new CatchingUpFault(
    `The projection command-outcomes is more than ${eventsMax} events of ${stream} behind: send the command again later.`,
  );
