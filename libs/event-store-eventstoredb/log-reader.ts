import { setTimeout as sleep } from 'node:timers/promises';
import type { Position, RecordedEvent, Revision } from '#libs/event-store/port.js';
import { LOG_START } from '#libs/event-store/port.js';
import { isPassing, ReadCutShortError } from './failures.js';
import type { LogClient } from './log-client.js';
import type { LogNames } from './log-names.js';
import { readAllRequest, readStreamRequest, type LogRange, type Received, type StreamRange } from './wire.js';

/** A read is repeated once when its connection broke: the next goes to a new one. */
const READ_TRIES = 2;
const READ_AGAIN_MS = 25;
/** The head is mostly the last event of all; behind it may lie any number of the server's own. */
const HEAD_PAGE_EVENTS = { first: 8, growth: 8, max: 4_096 } as const;
/** Between two checkpoints of the server there is nearly always an event of this log among so many. */
const LOOK_BACK_EVENTS = 64;

export interface LogReaderOptions {
  readonly client: LogClient;
  readonly names: LogNames;
  readonly timeoutMs: number;
}

export interface LogPage {
  readonly events: readonly RecordedEvent[];
  /** Where the next page begins; `undefined` when there is none up to the position asked for. */
  readonly next: Position | undefined;
}

/** The head, as found in the log up to and with the event `id`. */
interface Searched {
  readonly head: Position;
  readonly upTo: Position;
  readonly id: string;
}

const UNSEARCHED: Searched = { head: LOG_START, upTo: LOG_START, id: '' };

/** Plain reads, each with a timer of its own, on the leader. Errors are those of the client. */
export class LogReader {
  /** Where this log begins: events before it are none of its own. */
  #begin: Position = LOG_START;
  #known: Searched = UNSEARCHED;

  constructor(private readonly options: LogReaderOptions) {}

  set begin(position: Position) {
    this.#begin = position;
  }

  /** Where a reader that stands at `after` starts on the server. */
  placeOf(after: Position): Position {
    return after < this.#begin ? this.#begin : after;
  }

  /** At most `countMax` events from revision `from` on; none when the stream is missing. */
  async readStream(stream: string, from: Revision, countMax: number): Promise<readonly RecordedEvent[]> {
    const events = await this.readServerStream({
      stream: this.options.names.onServer(stream),
      from,
      countMax,
    });
    return events.map((event) => ({ ...event, stream }));
  }

  /** Of any stream by its name on the server, the adapter's own too. */
  async readServerStream(range: StreamRange): Promise<readonly RecordedEvent[]> {
    return eventsOf(await this.#read(readStreamRequest(range)));
  }

  /** The page of `countMax` records behind `after`: what of them belongs to this log, up to `upTo`. */
  async readLog(after: Position, upTo: Position, countMax: number): Promise<LogPage> {
    // The server starts with the event at the position itself, which was had already.
    const raw = await this.#readAll({
      from: this.placeOf(after),
      direction: 'forwards',
      countMax: countMax + 1,
    });
    const events: RecordedEvent[] = [];
    for (const each of raw) {
      if (each.position > upTo) return { events, next: undefined };
      const event = each.position > after ? this.visible(each) : undefined;
      if (event) events.push(event);
    }
    const last = raw.at(-1)?.position;
    if (last === upTo) return { events, next: undefined };
    if (last === undefined || raw.length <= countMax) throw new ReadCutShortError();
    return { events, next: last };
  }

  /** Position of the last event of this log. Searches only what was not searched before. */
  async head(): Promise<Position> {
    let known = this.#known;
    let newest: RecordedEvent | undefined;
    let from: LogRange['from'] = 'end';
    const { first, growth, max } = HEAD_PAGE_EVENTS;
    for (let countMax: number = first; ; countMax = Math.min(countMax * growth, max)) {
      const raw = await this.#readAll({ from, direction: 'backwards', countMax });
      newest ??= raw[0];
      const met = raw.find(({ position }) => position <= known.upTo);
      // The log was cut short, and may have grown again: what was found in it before says nothing.
      if (met && (met.position !== known.upTo || met.id !== known.id)) known = UNSEARCHED;
      const found = this.#headIn(raw, known);
      // A whole search ends at the event that made this log, if nowhere before.
      if (found === undefined && raw.length < countMax) throw new ReadCutShortError();
      if (found !== undefined) {
        this.#known = newest ? { head: found, upTo: newest.position, id: newest.id } : UNSEARCHED;
        return found;
      }
      from = raw.at(-1)!.position;
    }
  }

  /** Position of an event of this log at or shortly before `position`, behind `after`; `undefined` when none is near. */
  async visibleBefore(position: Position, after: Position): Promise<Position | undefined> {
    const raw = await this.#readAll({ from: position, direction: 'backwards', countMax: LOOK_BACK_EVENTS });
    return raw.find((each) => each.position > after && this.visible(each))?.position;
  }

  /** Whether the log still holds this event where it was read. */
  async holds({ position, id }: RecordedEvent): Promise<boolean> {
    const [there] = await this.#readAll({ from: position, direction: 'forwards', countMax: 1 });
    return there?.position === position && there.id === id;
  }

  /** The event as the port names it; `undefined` when it is none of this log: the server's, or the adapter's own. */
  visible(event: RecordedEvent): RecordedEvent | undefined {
    if (event.position <= this.#begin || !this.options.names.isOwnType(event.type)) return undefined;
    const stream = this.options.names.ofLog(event.stream);
    return stream === undefined ? undefined : stream === event.stream ? event : { ...event, stream };
  }

  #headIn(raw: readonly RecordedEvent[], known: Searched): Position | undefined {
    for (const event of raw) {
      if (event.position <= known.upTo) return known.head;
      if (event.position <= this.#begin) return LOG_START;
      if (this.visible(event)) return event.position;
    }
    return undefined;
  }

  async #readAll(range: LogRange): Promise<readonly RecordedEvent[]> {
    return eventsOf(await this.#read(readAllRequest(range)));
  }

  async #read(request: Parameters<LogClient['readToEnd']>[0]): Promise<readonly Received[]> {
    const { client, timeoutMs } = this.options;
    const end = performance.now() + timeoutMs;
    for (let attempt = 1; ; attempt++) {
      try {
        return await client.readToEnd(request, Math.max(1, end - performance.now()));
      } catch (error) {
        const left = end - performance.now();
        if (attempt === READ_TRIES || left < READ_AGAIN_MS || !isPassing(error)) throw error;
        await sleep(READ_AGAIN_MS);
      }
    }
  }
}

function eventsOf(messages: readonly Received[]): readonly RecordedEvent[] {
  const events: RecordedEvent[] = [];
  for (const message of messages) if (message.kind === 'event') events.push(message.event);
  return events;
}
