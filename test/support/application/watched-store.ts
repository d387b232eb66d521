import { AppendOutcomeUnknownError, StoreUnavailableError } from '#libs/event-store/errors.js';
import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import type {
  AppendOptions,
  AppendResult,
  EventStore,
  NewEvent,
  Position,
  ReadAllOptions,
  ReadStreamOptions,
  RecordedEvent,
  SubscribeOptions,
  SubscriptionMessage,
} from '#libs/event-store/port.js';

export interface SeenAppend {
  readonly stream: string;
  readonly events: readonly NewEvent[];
  readonly expected: AppendOptions['expected'];
}

/** What becomes of an append: `commit` lets it through to the store. */
export type AppendFault = (commit: () => Promise<AppendResult>, append: SeenAppend) => Promise<AppendResult>;

/** One process's view of a log: counts what it asks for and fails where a test says so. */
export class WatchedStore implements EventStore {
  readonly appends: SeenAppend[] = [];
  reads = 0;
  /** Faults of the next appends, first come first; those after them pass. */
  readonly faults: AppendFault[] = [];
  /** Applies to every append while set, after `faults`. */
  everyAppend: AppendFault | undefined;
  /** Reading fails while set. */
  unreadable = false;

  constructor(readonly log: EventStore = new MemoryEventStore()) {}

  get logId(): string {
    return this.log.logId;
  }

  async append(stream: string, events: readonly NewEvent[], options: AppendOptions): Promise<AppendResult> {
    const seen = { stream, events, expected: options.expected };
    this.appends.push(seen);
    const commit = () => this.log.append(stream, events, options);
    const fault = this.faults.shift() ?? this.everyAppend;
    return fault === undefined ? commit() : fault(commit, seen);
  }

  readStream(stream: string, options?: ReadStreamOptions): AsyncIterable<readonly RecordedEvent[]> {
    this.reads += 1;
    if (this.unreadable) throw new StoreUnavailableError('The test store cannot be read.');
    return this.log.readStream(stream, options);
  }

  readAll(options?: ReadAllOptions): AsyncIterable<readonly RecordedEvent[]> {
    return this.log.readAll(options);
  }

  subscribe(options: SubscribeOptions): AsyncIterable<SubscriptionMessage> {
    return this.log.subscribe(options);
  }

  head(): Promise<Position> {
    return this.log.head();
  }

  now(): Promise<number> {
    return this.log.now();
  }

  close(): Promise<void> {
    return this.log.close();
  }
}

export const lostBeforeCommit: AppendFault = async (_commit, { stream }) => {
  throw new AppendOutcomeUnknownError(stream);
};

export const lostAfterCommit: AppendFault = async (commit, { stream }) => {
  await commit();
  throw new AppendOutcomeUnknownError(stream);
};

export const storeGone: AppendFault = async () => {
  throw new StoreUnavailableError('The test store is gone.');
};

/** A gate that appends wait at until the test opens it. */
export function gate(): {
  readonly fault: AppendFault;
  readonly reached: Promise<void>;
  readonly open: () => void;
} {
  let open!: () => void;
  let arrive!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const reached = new Promise<void>((resolve) => (arrive = resolve));
  return {
    fault: async (commit) => {
      arrive();
      await opened;
      return commit();
    },
    reached,
    open,
  };
}

export async function eventsOf(store: EventStore, stream?: string): Promise<readonly RecordedEvent[]> {
  const all: RecordedEvent[] = [];
  const batches = stream === undefined ? store.readAll() : store.readStream(stream);
  for await (const batch of batches) all.push(...batch);
  return all;
}
