import { setTimeout as sleep } from 'node:timers/promises';
import { NotLeaderError } from '@eventstore/db-client';
import type { AppendReq } from '@eventstore/db-client/generated/streams_pb.js';
import { checkAppend } from '#libs/event-store/check-append.js';
import {
  AppendOutcomeUnknownError,
  ForeignPositionError,
  StoreUnavailableError,
  WrongExpectedRevisionError,
} from '#libs/event-store/errors.js';
import { checkStart } from '#libs/event-store/log-head.js';
import {
  BATCH_SIZE_DEFAULT,
  LOG_START,
  type AppendOptions,
  type AppendResult,
  type EventStore,
  type NewEvent,
  type Position,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type SubscribeOptions,
  type SubscriptionMessage,
} from '#libs/event-store/port.js';
import { AppendLanes } from './append-lanes.js';
import { Bell } from './bell.js';
import { parseConnectionString } from './connection-string.js';
import { isPassing, isRefusal, surelyNotWritten } from './failures.js';
import { KnownHead } from './known-head.js';
import { LiveTail } from './live-tail.js';
import { LogClient } from './log-client.js';
import { checkIdentity, openIdentity, type Identity } from './log-identity.js';
import { LogNames } from './log-names.js';
import { LogReader } from './log-reader.js';
import { StoreClock } from './store-clock.js';
import { followLog } from './subscription.js';
import { appendAnswer, appendMessages, type AppendAnswer } from './wire.js';

export interface EventStoreDbOptions {
  /** `esdb://`, `esdb+discover://`, `kurrentdb://` or `kurrentdb+discover://`, with credentials and TLS as given there. */
  readonly url: string;
  /** A page of events without an answer for so long is given up, milliseconds. Default 10,000. */
  readonly readTimeoutMs?: number;
  /** An append without an answer for so long has an unknown outcome, milliseconds. Default 10,000. */
  readonly appendTimeoutMs?: number;
  /** How often the head is asked for in case a subscription fell silent, milliseconds. Default 5,000. */
  readonly pollMs?: number;
  /** Letters and digits: keeps several logs apart on one server. Default none: streams are called as the port calls them. */
  readonly namespace?: string;
}

const DEFAULTS = { readTimeoutMs: 10_000, appendTimeoutMs: 10_000, pollMs: 5_000 } as const;
const TAIL_LIMITS = { events: 20_000, units: 16 * 1024 * 1024 } as const;
/** A leader just elected is found by the client after its predecessor refused. */
const LEADER_TRIES = 4;
const LEADER_AGAIN_MS = 50;
/** An append is confirmed by the leader; a read that does not see it yet is repeated for so long before the log counts as cut short. */
const HEAD_TRIES = 10;
const HEAD_AGAIN_MS = 20;

/**
 * Opens the log on an EventStoreDB or KurrentDB, and makes it on the first use of the server.
 * @throws EventStoreUrlError when the address cannot be used
 * @throws StoreUnavailableError when the server cannot be reached, is not ready or refuses the credentials
 */
export async function openEventStoreDb(options: EventStoreDbOptions): Promise<EventStore> {
  const connection = parseConnectionString(options.url);
  const client = new LogClient(connection);
  const { readTimeoutMs, appendTimeoutMs, pollMs } = { ...DEFAULTS, ...options };
  const names = new LogNames(options.namespace);
  const reader = new LogReader({ client, names, timeoutMs: readTimeoutMs });
  try {
    const identity = await openIdentity({ client, reader, names, timeoutMs: appendTimeoutMs });
    reader.begin = identity.begin;
    const store = new EventStoreDbStore({
      client,
      reader,
      names,
      identity,
      readTimeoutMs,
      appendTimeoutMs,
      pollMs,
    });
    await store.head();
    return store;
  } catch (cause) {
    await client.end();
    const reason = cause instanceof Error ? (surelyNotWritten(cause) ?? cause.message) : String(cause);
    if (!isPassing(cause) && !(cause instanceof Error && surelyNotWritten(cause))) throw cause;
    const hosts = connection.hosts.map(({ address, port }) => `${address}:${port}`).join(', ');
    throw new StoreUnavailableError(
      `The event store at ${hosts} cannot be used: ${reason}. Check that it runs and EVENTSTORE_URL.`,
      { cause },
    );
  }
}

interface Parts {
  readonly client: LogClient;
  readonly reader: LogReader;
  readonly names: LogNames;
  readonly identity: Identity;
  readonly readTimeoutMs: number;
  readonly appendTimeoutMs: number;
  readonly pollMs: number;
}

class EventStoreDbStore implements EventStore {
  readonly #parts: Parts;
  readonly #bell = new Bell();
  readonly #head = new KnownHead(this.#bell);
  readonly #lanes = new AppendLanes();
  readonly #clock: StoreClock;
  readonly #tail: LiveTail;
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;
  /** The server holds another log now: nothing may be written to it from here. */
  #replaced: ForeignPositionError | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#clock = new StoreClock({ ...parts, timeoutMs: parts.appendTimeoutMs });
    this.#tail = new LiveTail({
      ...parts,
      head: this.#head,
      bell: this.#bell,
      limits: TAIL_LIMITS,
      checkHead: () => this.#checkHead(),
    });
  }

  get logId(): string {
    return this.#parts.identity.logId;
  }

  async append(stream: string, events: readonly NewEvent[], options: AppendOptions): Promise<AppendResult> {
    checkAppend(stream, events, options);
    const { expected, bulk = false } = options;
    const messages = appendMessages(this.#parts.names.onServer(stream), events, expected);
    const answer = await this.#lanes.run(stream, bulk, () => this.#send(stream, messages));
    if (!answer.written) throw new WrongExpectedRevisionError(stream, expected, answer.actual);
    this.#head.advance(answer.position);
    this.#tail.poke();
    const before = await this.#positionsBefore(stream, answer, events);
    return { revision: answer.revision, positions: [...before, answer.position] };
  }

  async *readStream(
    stream: string,
    options: ReadStreamOptions = {},
  ): AsyncGenerator<readonly RecordedEvent[]> {
    let from = options.from ?? 0;
    let left = options.maxCount ?? Infinity;
    while (left > 0) {
      const countMax = Math.min(left, BATCH_SIZE_DEFAULT);
      const page = await this.#read(() => this.#parts.reader.readStream(stream, from, countMax));
      if (page.length > 0) yield page;
      if (page.length < countMax) return;
      from += page.length;
      left -= page.length;
    }
  }

  async *readAll(options: ReadAllOptions = {}): AsyncGenerator<readonly RecordedEvent[]> {
    const upTo = await this.head();
    const after = options.after ?? LOG_START;
    checkStart(after, upTo);
    let from: Position | undefined = after < upTo ? after : undefined;
    let left = options.maxCount ?? Infinity;
    while (from !== undefined && left > 0) {
      const start: Position = from;
      const countMax = Math.min(left, BATCH_SIZE_DEFAULT);
      const page = await this.#read(() => this.#parts.reader.readLog(start, upTo, countMax));
      if (page.events.length > 0) yield page.events;
      from = page.next;
      left -= page.events.length;
    }
  }

  async *subscribe(options: SubscribeOptions): AsyncGenerator<SubscriptionMessage> {
    this.#assertOpen();
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    const { client, reader, names, readTimeoutMs } = this.#parts;
    const parts = { client, reader, names, timeoutMs: readTimeoutMs, head: this.#head, tail: this.#tail };
    const checkHead = () => this.#checkHead();
    yield* followLog({ ...parts, bell: this.#bell, checkHead }, { ...options, signal });
  }

  head(): Promise<Position> {
    return this.#read(() => this.#readHead());
  }

  now(): Promise<number> {
    // The offset of the clock may be known; that the server is there and the same must be seen each time.
    return this.#read(async () => (await Promise.all([this.#clock.now(), this.#checkLog()]))[0]);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    this.#bell.ring();
    await this.#lanes.close();
    await this.#tail.close();
    await this.#parts.client.end();
  }

  /** @throws StoreUnavailableError when nothing was written, AppendOutcomeUnknownError when that is not sure */
  async #send(stream: string, messages: readonly AppendReq[]): Promise<AppendAnswer> {
    for (let attempt = 1; ; attempt++) {
      if (this.#replaced) throw new StoreUnavailableError(this.#replaced.message, { cause: this.#replaced });
      try {
        return appendAnswer(await this.#parts.client.append(messages, this.#parts.appendTimeoutMs));
      } catch (cause) {
        if (!(cause instanceof Error) || isRefusal(cause)) throw cause;
        if (cause instanceof NotLeaderError && attempt < LEADER_TRIES) {
          await sleep(LEADER_AGAIN_MS);
          continue;
        }
        const reason = surelyNotWritten(cause);
        if (reason === undefined) throw new AppendOutcomeUnknownError(stream, { cause });
        throw new StoreUnavailableError(`Nothing was appended to ${stream}: ${reason}.`, { cause });
      }
    }
  }

  /**
   * Positions of all events of an append but the last, whose position is all that the server answers. Positions are
   * places in a file and cannot be computed: the events are read back. The lane of the stream is free meanwhile.
   */
  async #positionsBefore(
    stream: string,
    { revision }: { readonly revision: number },
    events: readonly NewEvent[],
  ): Promise<readonly Position[]> {
    const count = events.length - 1;
    if (count === 0) return [];
    const confirmedAt = this.#clock.local();
    try {
      const written = await this.#parts.reader.readStream(stream, revision - count, count);
      if (written.length < count || written.some(({ id }, i) => id !== events[i]!.id)) {
        throw new Error(`Stream ${stream} does not hold what was just appended at revision ${revision}.`);
      }
      this.#clock.sawOwn({ recordedAt: written.at(-1)!.recordedAt, confirmedAt });
      return written.map(({ position }) => position);
    } catch (cause) {
      // It is written. Its caller finds that out, and the positions, by repeating it.
      throw new AppendOutcomeUnknownError(stream, { cause });
    }
  }

  async #checkLog(): Promise<void> {
    try {
      await checkIdentity(this.#parts, this.#parts.identity);
    } catch (error) {
      if (error instanceof ForeignPositionError) this.#replaced = error;
      throw error;
    }
  }

  async #checkHead(): Promise<Position> {
    await this.#checkLog();
    return this.#readHead();
  }

  async #readHead(): Promise<Position> {
    const before = this.#head.known;
    for (let attempt = 1; ; attempt++) {
      const position = await this.#parts.reader.head();
      if (position >= before) this.#head.advance(position);
      else if (attempt < HEAD_TRIES) {
        await sleep(HEAD_AGAIN_MS);
        continue;
      } else {
        // Another log says more than a shorter one.
        await this.#checkLog();
        this.#head.retreat(position);
      }
      return position;
    }
  }

  /** @throws StoreUnavailableError when the server is away; other errors as they are */
  async #read<T>(read: () => Promise<T>): Promise<T> {
    this.#assertOpen();
    try {
      return await read();
    } catch (cause) {
      if (!isPassing(cause)) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new StoreUnavailableError(`The event store could not be read: ${reason}`, { cause });
    }
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw new StoreUnavailableError('The event store is closed.');
  }
}
