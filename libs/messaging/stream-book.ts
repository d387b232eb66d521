import type { PoolClient } from 'pg';
import type { Position } from '#libs/event-store/port.js';
import type { Handled } from './consumer.js';
import type { Delivery } from './delivery.js';
import type { Verdict } from './retry-policy.js';
import { messagingSql } from './sql-file.js';

const SQL = {
  lock: messagingSql('lock-streams.sql'),
  add: messagingSql('add-streams.sql'),
  remember: messagingSql('remember.sql'),
  park: messagingSql('park.sql'),
};

export type StreamState = 'flowing' | 'retrying' | 'parked';

interface StreamEntry {
  /** High water: at or below it everything was handled or parked. */
  position: Position;
  state: StreamState;
  /** When `state` has become `retrying`: until the first try. */
  dueMs: number | undefined;
  moved: boolean;
}

interface HandledRow {
  readonly delivery: Delivery & { readonly position: Position };
  readonly handled: Handled;
}

interface ParkedRow {
  readonly delivery: Delivery;
  readonly reason: string;
  readonly tries: readonly Try[];
  readonly deadLetter: 'none' | 'due';
}

/** A failed try, as it is kept with the message. */
export interface Try {
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly error: string;
}

const WORDS_MAX = 4_000;

/** Words for an operator, as Postgres can keep them: an error may quote anything. */
export const keptWords = (text: string): string => text.slice(0, WORDS_MAX).replaceAll('\u0000', '\ufffd');

export const BEHIND = 'Waits behind an earlier message of its stream.';

/** The streams of some messages, locked, and what is to be remembered of them in the same transaction. */
export class StreamBook {
  private readonly handledRows: HandledRow[] = [];
  private readonly parkedRows: ParkedRow[] = [];

  private constructor(
    private readonly consumer: string,
    private readonly client: PoolClient,
    private readonly entries: ReadonlyMap<string, StreamEntry>,
  ) {}

  /** Waits until the streams are nobody else's. The order of locks is that of the names. */
  static async open(client: PoolClient, consumer: string, streams: ReadonlySet<string>): Promise<StreamBook> {
    const names = [...streams];
    let entries = await lock(client, consumer, names);
    if (entries.size < names.length) {
      const missing = names.filter((name) => !entries.has(name));
      await client.query({ name: 'messaging-add-streams', text: SQL.add, values: [consumer, missing] });
      entries = await lock(client, consumer, names);
    }
    return new StreamBook(consumer, client, entries);
  }

  /** Whether it was handled or parked before. */
  knows({ stream, position }: Delivery): boolean {
    return position !== undefined && position <= this.entry(stream).position;
  }

  stateOf(stream: string): StreamState {
    return this.entry(stream).state;
  }

  handled(delivery: Delivery & { readonly position: Position }, handled: Handled): void {
    this.handledRows.push({ delivery, handled });
    this.move(delivery);
  }

  /** Parks the first message of a stream that cannot go on. */
  parkFirst(delivery: Delivery, error: Error, verdict: Verdict, at: Date): void {
    const entry = this.entry(delivery.stream);
    entry.state = verdict.state;
    entry.dueMs = verdict.dueMs;
    const reason = keptWords(error.message);
    this.park(delivery, reason, [{ at: at.toISOString(), error: reason }]);
  }

  /** Parks a message whose stream waits already. */
  parkBehind(delivery: Delivery): void {
    this.park(delivery, BEHIND, []);
  }

  /** Writes it all. */
  async close(): Promise<void> {
    await this.writeParked();
    await this.writeHandled();
  }

  private park(delivery: Delivery, reason: string, tries: readonly Try[]): void {
    const deadLetter = this.stateOf(delivery.stream) === 'parked' ? 'due' : 'none';
    this.parkedRows.push({ delivery, reason, tries, deadLetter });
    this.move(delivery);
  }

  private move({ stream, position }: Delivery): void {
    const entry = this.entry(stream);
    entry.moved = true;
    if (position !== undefined && position > entry.position) entry.position = position;
  }

  private entry(stream: string): StreamEntry {
    return this.entries.get(stream)!;
  }

  private async writeParked(): Promise<void> {
    const rows = this.parkedRows;
    if (rows.length === 0) return;
    const deliveries = rows.map(({ delivery }) => delivery);
    await this.client.query({
      name: 'messaging-park',
      text: SQL.park,
      values: [
        this.consumer,
        deliveries.map(({ stream }) => stream),
        deliveries.map(({ messageId }) => messageId),
        deliveries.map(({ position }) => position),
        deliveries.map((each) => (each.kind === 'event' ? JSON.stringify(each.event) : null)),
        deliveries.map((each) => (each.kind === 'event' ? null : JSON.stringify(each.raw))),
        rows.map(({ reason }) => reason),
        rows.map(({ tries }) => JSON.stringify(tries)),
        rows.map(({ deadLetter }) => deadLetter),
      ],
    });
  }

  private async writeHandled(): Promise<void> {
    const moved = [...this.entries].filter(([, entry]) => entry.moved);
    if (moved.length === 0) return;
    const rows = this.handledRows;
    await this.client.query({
      name: 'messaging-remember',
      text: SQL.remember,
      values: [
        this.consumer,
        rows.map(({ delivery }) => delivery.position),
        rows.map(({ delivery }) => delivery.messageId),
        rows.map(({ delivery }) => delivery.stream),
        rows.map(({ handled }) => (handled === 'done' ? 'done' : 'skipped')),
        rows.map(({ handled }) => (handled === 'done' ? null : keptWords(handled.skipped))),
        moved.map(([stream]) => stream),
        moved.map(([, { position }]) => position),
        moved.map(([, { state }]) => state),
        moved.map(([, { dueMs }]) => dueMs),
      ],
    });
  }
}

async function lock(
  client: PoolClient,
  consumer: string,
  streams: readonly string[],
): Promise<ReadonlyMap<string, StreamEntry>> {
  const { rows } = await client.query<{ stream: string; position: string; state: StreamState }>({
    name: 'messaging-lock-streams',
    text: SQL.lock,
    values: [consumer, streams],
  });
  return new Map(
    rows.map(({ stream, position, state }) => [
      stream,
      { position: BigInt(position), state, dueMs: undefined, moved: false },
    ]),
  );
}
