import { randomUUID } from 'node:crypto';
import { decideAppend, type AppendDecision } from './append-decision.js';
import {
  JSON_CONTENT,
  LAST_REVISION,
  METADATA_TYPE,
  metastreamOf,
  recordSize,
  TOMBSTONE_TYPE,
  type Expected,
  type LogEvent,
  type NewLogEvent,
} from './log-event.js';
import { RecentIds } from './recent-ids.js';
import { StreamState } from './stream-state.js';

/** Answer to an append; `revision` and `position` are those of its last event. */
export type AppendAnswer =
  | { readonly kind: 'success'; readonly revision: bigint; readonly position: number }
  | Exclude<AppendDecision, { kind: 'write' | 'repeated' }>;

export interface LogOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Makes events durable before anybody sees them; all of them or none. */
  readonly persist: (events: readonly LogEvent[]) => void;
}

/** The log and its streams in memory. Nothing here knows of connections, and every call is one step. */
export class Log {
  /** Every event, in the order of positions. */
  readonly all: LogEvent[] = [];
  readonly #streams = new Map<string, StreamState>();
  readonly #recent = new RecentIds();
  readonly #watchers = new Set<() => void>();
  #end = 0;

  constructor(private readonly options: LogOptions) {}

  append(name: string, events: readonly NewLogEvent[], expected: Expected): AppendAnswer {
    const decision = this.#decide(
      name,
      expected,
      events.map(({ id }) => id),
    );
    if (decision.kind === 'repeated') return successOf(decision.last);
    if (decision.kind !== 'write') return decision;
    const stream = this.#streams.get(name);
    // Zero events are a success that writes nothing and points at what is there.
    if (events.length === 0) {
      const last = stream?.last ?? -1n;
      return { kind: 'success', revision: last < 0n ? 0n : last, position: this.all.at(-1)?.position ?? 0 };
    }
    const next = (stream?.last ?? -1n) + 1n;
    const undelete = stream?.softDeleted ? [this.#truncation(name, next)] : [];
    const written = events.map((event, i) => this.#record(name, next + BigInt(i), event));
    this.#commit([...undelete, ...written]);
    return successOf(written.at(-1)!);
  }

  /** Hides every event of a stream; its revisions go on when it is written again. */
  deleteSoftly(name: string, expected: Expected): AppendAnswer {
    return this.#finish(name, expected, () => this.#truncation(name, LAST_REVISION));
  }

  /** Ends a stream for ever. */
  tombstone(name: string, expected: Expected): AppendAnswer {
    return this.#finish(name, expected, () =>
      this.#record(name, LAST_REVISION, systemEvent(TOMBSTONE_TYPE, {})),
    );
  }

  stream(name: string): StreamState | undefined {
    return this.#streams.get(name);
  }

  /** The stream's state, made empty when there is none yet: for who waits for it to appear. */
  streamToWatch(name: string): StreamState {
    let stream = this.#streams.get(name);
    if (!stream) this.#streams.set(name, (stream = new StreamState(name)));
    return stream;
  }

  /** Index in `all` of the first event at or behind a position. */
  indexAt(position: number): number {
    let [low, high] = [0, this.all.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.all[middle]!.position < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Calls back after every commit, until the function returned is called. */
  watch(callback: () => void): () => void {
    this.#watchers.add(callback);
    return () => this.#watchers.delete(callback);
  }

  /** Puts events of an earlier run in place, without remembering their ids: that memory died with the run. */
  restore(events: readonly LogEvent[]): void {
    for (const event of events) this.#apply(event);
  }

  #decide(name: string, expected: Expected, ids: readonly string[]): AppendDecision {
    return decideAppend({
      stream: this.#streams.get(name),
      expected,
      ids,
      recent: (id) => this.#recent.find(id),
    });
  }

  #finish(name: string, expected: Expected, event: () => LogEvent): AppendAnswer {
    const decision = this.#decide(name, expected, []);
    if (decision.kind === 'repeated') return successOf(decision.last);
    if (decision.kind !== 'write') return decision;
    const written = event();
    this.#commit([written]);
    return successOf(written);
  }

  #truncation(name: string, truncateBefore: bigint): LogEvent {
    const metastream = metastreamOf(name);
    const next = (this.#streams.get(metastream)?.last ?? -1n) + 1n;
    // Written by hand: JSON.stringify takes no bigint.
    const data = Buffer.from(`{"$tb":${truncateBefore}}`);
    return this.#record(metastream, next, { ...systemEvent(METADATA_TYPE, {}), data });
  }

  #record(stream: string, revision: bigint, event: NewLogEvent): LogEvent {
    const position = this.#end;
    this.#end += recordSize(stream, event);
    return { ...event, stream, revision, position, createdMs: this.options.now() };
  }

  #commit(events: readonly LogEvent[]): void {
    this.options.persist(events);
    for (const event of events) {
      this.#apply(event);
      this.#recent.add(event);
    }
    for (const watcher of this.#watchers) watcher();
  }

  #apply(event: LogEvent): void {
    this.all.push(event);
    this.streamToWatch(event.stream).add(event);
    if (event.stream.startsWith('$$')) this.streamToWatch(event.stream.slice(2)).obey(event);
    this.#end = Math.max(this.#end, event.position + recordSize(event.stream, event));
  }
}

/** An event that the server writes by itself. */
export function systemEvent(type: string, data: object): NewLogEvent {
  return {
    id: randomUUID(),
    type,
    contentType: JSON_CONTENT,
    data: Buffer.from(JSON.stringify(data)),
    metadata: new Uint8Array(),
  };
}

function successOf({ revision, position }: LogEvent): AppendAnswer {
  return { kind: 'success', revision, position };
}
