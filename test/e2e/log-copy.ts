import { type EventStore, LOG_START, type Position, type RecordedEvent } from '#libs/event-store/port.js';

/** The events of some types, read through the port: the log may be in Postgres or elsewhere. */
export class LogCopy {
  private readonly events: RecordedEvent[] = [];
  private readAt: Position = LOG_START;

  constructor(
    private readonly store: EventStore,
    private readonly types: readonly string[],
  ) {}

  /** Everything up to now, in log order. */
  async upToNow(): Promise<readonly RecordedEvent[]> {
    for await (const batch of this.store.readAll({ after: this.readAt })) {
      this.readAt = batch.at(-1)?.position ?? this.readAt;
      this.events.push(...batch.filter(({ type }) => this.types.includes(type)));
    }
    return this.events;
  }
}

/** A field of an event's stored data. */
export function fieldOf(event: RecordedEvent, name: string): unknown {
  return (JSON.parse(event.data) as Readonly<Record<string, unknown>>)[name];
}
