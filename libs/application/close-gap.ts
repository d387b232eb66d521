import { decodeMetadata } from '#libs/contracts/metadata.js';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import type { EventStore, Position, RecordedEvent } from '#libs/event-store/port.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import { keyOf } from './folded-stream.js';
import { CatchingUpFault } from './outcome.js';
import type { StreamDefinition } from './stream-definition.js';
import { type KeyEntry, type Place, STREAM_START, type Window } from './window.js';

/** Read and decoded between two turns of the event loop: some ten milliseconds at most. */
const READ_EVENTS_MIN = 250;
const READ_EVENTS_MAX = 1_000;
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
  definition: Pick<StreamDefinition<never, never, E>, 'idsOf'>,
  { stream, window, passed, eventsMax = GAP_EVENTS_MAX }: Gap,
): Promise<Window> {
  const end = window.from.revision + 1;
  // One event tells whether the rest is worth reading.
  if (end > eventsMax) {
    const [farthest] = await readRange(store, stream, end - eventsMax, end - eventsMax + 1);
    if (farthest!.position > passed) throw tooFarBehind(stream, eventsMax);
  }
  const uses = new Uses(definition);
  let chunkEvents = READ_EVENTS_MIN;
  for (let from = end; from > 0;) {
    const first = Math.max(0, from - chunkEvents);
    for (const event of (await readRange(store, stream, first, from)).reverse()) {
      if (!uses.needs(event, passed)) return uses.putInto(window, event);
      uses.add(event);
    }
    from = first;
    chunkEvents = READ_EVENTS_MAX;
  }
  return uses.putInto(window, STREAM_START);
}

/** What events used, collected from the newest to the oldest. */
class Uses<E extends LedgerEvent> {
  private readonly keys = new Map<string, KeyEntry>();
  private readonly ids = new Map<string, number>();
  private oldestKey: string | undefined;

  constructor(private readonly definition: Pick<StreamDefinition<never, never, E>, 'idsOf'>) {}

  /**
   * Whether the outcomes may not show the event, or only a part of its command: they may have been cut inside a
   * command, the window never is.
   */
  needs({ position, metadata }: RecordedEvent, passed: Position): boolean {
    return position > passed || keyOf(decodeMetadata(metadata)) === this.oldestKey;
  }

  add(recorded: RecordedEvent): void {
    const { revision } = recorded;
    const metadata = decodeMetadata(recorded.metadata);
    const key = keyOf(metadata);
    const count = (this.keys.get(key)?.count ?? 0) + 1;
    this.keys.set(key, { bodyHash: metadata.bodyHash, firstRevision: revision, count });
    this.oldestKey = key;
    for (const id of this.definition.idsOf(decodeEvent(recorded) as E)) {
      // The last use answers for an id.
      if (!this.ids.has(id)) this.ids.set(id, revision);
    }
  }

  putInto(window: Window, { revision, position }: Place): Window {
    return window.extended({ revision, position }, this.keys, this.ids);
  }
}

async function readRange(
  store: EventStore,
  stream: string,
  from: number,
  end: number,
): Promise<RecordedEvent[]> {
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
