import { createHash } from 'node:crypto';
import type { PlannedLoss, LostReply } from '../memory-store.js';
import type { EventStore, NewEvent, RecordedEvent, SubscribeOptions, SubscriptionMessage } from '../port.js';

/** One empty log, opened for one test, with the faults the suite needs. */
export interface OpenedStore {
  readonly store: EventStore;
  /** The same log seen by another process; the same store where a log has no more than one. */
  readonly other: EventStore;
  /** The reply to the next append through `store` is lost; its caller must get `AppendOutcomeUnknownError`. */
  readonly loseNextReply: (when: LostReply) => Promise<PlannedLoss>;
  /** Cuts every connection of `store` and `other`; the log itself stays up. */
  readonly dropConnections: () => Promise<void>;
  /** Closes both stores and removes the log. */
  readonly close: () => Promise<void>;
}

export type OpenStore = () => Promise<OpenedStore>;

/** Runs `body` on a log of its own and closes it whatever happens. */
export async function withStore(
  open: OpenStore,
  body: (opened: OpenedStore) => Promise<void>,
): Promise<void> {
  const opened = await open();
  try {
    await body(opened);
  } finally {
    await opened.close();
  }
}

/** A UUID that follows from its name, as the ledger's own ids do. */
export function idOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function event(name: string, more: Partial<NewEvent> = {}): NewEvent {
  return { id: idOf(name), type: 'Noted.v1', data: JSON.stringify({ name }), metadata: '{}', ...more };
}

export function events(name: string, count: number): NewEvent[] {
  return Array.from({ length: count }, (_, i) => event(`${name}.${i}`));
}

export async function collect(
  batches: AsyncIterable<readonly RecordedEvent[]>,
): Promise<readonly RecordedEvent[]> {
  const all: RecordedEvent[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}

/** Names given to `event`, in the order read. */
export function namesOf(recorded: readonly RecordedEvent[]): string[] {
  return recorded.map(({ data }) => (JSON.parse(data) as { name: string }).name);
}

/** Follows a log until `done` says so, then ends the subscription. Fails by time-out, not by hanging. */
export async function followUntil(
  store: EventStore,
  options: Omit<SubscribeOptions, 'signal'>,
  done: (message: SubscriptionMessage, seen: readonly RecordedEvent[]) => boolean,
): Promise<{ seen: readonly RecordedEvent[]; messages: readonly SubscriptionMessage[] }> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), FOLLOW_PATIENCE_MS);
  const seen: RecordedEvent[] = [];
  const messages: SubscriptionMessage[] = [];
  try {
    for await (const message of store.subscribe({ ...options, signal: abort.signal })) {
      messages.push(message);
      if (message.kind === 'batch') seen.push(...message.events);
      if (done(message, seen)) return { seen, messages };
    }
    throw new Error(
      `The subscription ended after ${seen.length} events, before what was waited for: ${namesOf(seen).slice(-5).join(', ')}`,
    );
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

const FOLLOW_PATIENCE_MS = 15_000;

/** A subscription that runs beside the test until stopped. */
export interface Following {
  readonly seen: RecordedEvent[];
  readonly messages: SubscriptionMessage[];
  /** Settles when the subscription has ended, with what ended it. */
  readonly ended: Promise<void>;
  /** Ends the subscription; rethrows what ended it before. */
  readonly stop: () => Promise<void>;
}

export function follow(store: EventStore, options: Omit<SubscribeOptions, 'signal'>): Following {
  const abort = new AbortController();
  const seen: RecordedEvent[] = [];
  const messages: SubscriptionMessage[] = [];
  const ended = (async () => {
    for await (const message of store.subscribe({ ...options, signal: abort.signal })) {
      messages.push(message);
      if (message.kind === 'batch') seen.push(...message.events);
    }
  })();
  // Reported by `stop`, whenever the test gets there.
  ended.catch(() => undefined);
  const stop = () => {
    abort.abort();
    return ended;
  };
  return { seen, messages, ended, stop };
}

export const caughtUp = (message: SubscriptionMessage): boolean => message.kind === 'caught-up';

export async function eventually(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + FOLLOW_PATIENCE_MS;
  while (!(await isTrue())) {
    if (performance.now() > end) throw new Error(`Not within ${FOLLOW_PATIENCE_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
