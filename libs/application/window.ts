import type { Position } from '#libs/event-store/port.js';
import { LOG_START } from '#libs/event-store/port.js';
import { PersistentMap } from '#libs/kernel/persistent-map.js';

/** Where the events of an idempotency key lie in the stream, and what the command said. */
export interface KeyEntry {
  readonly bodyHash: string;
  readonly firstRevision: number;
  /** Number of events. */
  readonly count: number;
}

/** An event of the stream: its revision and its position in the log. */
export interface Place {
  readonly revision: number;
  readonly position: Position;
}

/** Before the first event of a stream. */
export const STREAM_START: Place = { revision: -1, position: LOG_START };

/** A business id and the revision of the event that used it. */
export type UsedId = readonly [id: string, revision: number];

/** Entries of the events up to `last`, behind those of the generation before. Full: it does not change any more. */
interface Generation {
  readonly last: Place;
  readonly keys: PersistentMap<KeyEntry>;
  readonly ids: PersistentMap<number>;
}

/**
 * The idempotency keys and business ids of a stream's latest events: complete for all revisions behind `from`. What
 * lies at or before `from` is answered by the projection of outcomes. It grows by whole commands and shrinks by whole
 * generations from its old end.
 */
export class Window {
  private constructor(
    /** Everything behind it is known. */
    readonly from: Place,
    private readonly older: readonly Generation[],
    private readonly keys: PersistentMap<KeyEntry>,
    private readonly ids: PersistentMap<number>,
  ) {}

  /** A window that knows nothing yet of what lies behind `from`, which is nothing as long as nothing was folded. */
  static behind(from: Place): Window {
    return new Window(from, [], PersistentMap.empty(), PersistentMap.empty());
  }

  /** It reaches back to the beginning: what it does not know was never used. */
  get isComplete(): boolean {
    return this.from.revision < 0;
  }

  /** Keys and ids held. */
  get weight(): number {
    const { older, keys, ids } = this;
    return older.reduce((sum, generation) => sum + weightOf(generation), keys.size + ids.size);
  }

  entryOf(key: string): KeyEntry | undefined {
    const { older, keys } = this;
    let entry = keys.get(key);
    for (let i = older.length - 1; entry === undefined && i >= 0; i--) entry = older[i]!.keys.get(key);
    return entry;
  }

  /** Revision of the last event that used the id. */
  revisionOf(id: string): number | undefined {
    const { older, ids } = this;
    let revision = ids.get(id);
    for (let i = older.length - 1; revision === undefined && i >= 0; i--) revision = older[i]!.ids.get(id);
    return revision;
  }

  /** With one more command: all of its events. */
  with(key: string, entry: KeyEntry, used: readonly UsedId[]): Window {
    let { ids } = this;
    for (const [id, revision] of used) ids = ids.with(id, revision);
    return new Window(this.from, this.older, this.keys.with(key, entry), ids);
  }

  /** Begins a new generation once the current one holds `entriesMax`; `last` is the last event folded. */
  sealed(last: Place, entriesMax: number): Window {
    const { from, older, keys, ids } = this;
    if (keys.size + ids.size < entriesMax) return this;
    const full: Generation = { last, keys, ids };
    return new Window(from, [...older, full], PersistentMap.empty(), PersistentMap.empty());
  }

  /** Last event of the oldest generation, if the window is larger than it need be: what may leave, and when. */
  leavesAt(entriesMax: number): Place | undefined {
    const [oldest] = this.older;
    return oldest !== undefined && this.weight - weightOf(oldest) >= entriesMax ? oldest.last : undefined;
  }

  /** Without the generations that the outcomes have passed, but never smaller than `entriesMax`. */
  trimmed(passed: Position, entriesMax: number): Window {
    const last = this.leavesAt(entriesMax);
    if (last === undefined || last.position > passed) return this;
    const shorter = new Window(last, this.older.slice(1), this.keys, this.ids);
    return shorter.trimmed(passed, entriesMax);
  }

  /** Reaching back to `from`: with everything that was used behind it up to where the window began. */
  extended(from: Place, keys: ReadonlyMap<string, KeyEntry>, ids: ReadonlyMap<string, number>): Window {
    const before: Generation = {
      last: this.from,
      keys: PersistentMap.of(keys),
      ids: PersistentMap.of(ids),
    };
    return new Window(from, [before, ...this.older], this.keys, this.ids);
  }
}

const weightOf = ({ keys, ids }: Generation): number => keys.size + ids.size;
