import { LAST_REVISION, METADATA_TYPE, TOMBSTONE_TYPE, type LogEvent } from './log-event.js';

/** One stream: its events by revision, and which of them its metadata lets through. */
export class StreamState {
  /** Index = revision. */
  readonly events: LogEvent[] = [];
  tombstoned = false;
  #truncateBefore = 0n;
  #maxCount: number | undefined;

  constructor(readonly name: string) {
    // Of a stream's metadata only the newest counts.
    if (name.startsWith('$$')) this.#maxCount = 1;
  }

  /** Revision of the last event, -1 of none; deleted events count. */
  get last(): bigint {
    return BigInt(this.events.length - 1);
  }

  get softDeleted(): boolean {
    return this.#truncateBefore === LAST_REVISION;
  }

  /** Index of the first event that reads may see; the number of events when all are hidden. */
  get firstVisible(): number {
    const { length } = this.events;
    const kept = this.#maxCount === undefined ? 0 : Math.max(0, length - this.#maxCount);
    if (this.#truncateBefore > BigInt(length)) return length;
    return Math.max(Number(this.#truncateBefore), kept);
  }

  add(event: LogEvent): void {
    if (event.type === TOMBSTONE_TYPE && event.revision === LAST_REVISION) this.tombstoned = true;
    else this.events.push(event);
  }

  /** Takes over what a `$metadata` event of its metastream says; what is not JSON says nothing. */
  obey(event: LogEvent): void {
    if (event.type !== METADATA_TYPE) return;
    const said = metadataOf(event);
    this.#truncateBefore = said.truncateBefore;
    this.#maxCount = said.maxCount;
  }
}

function metadataOf({ data }: LogEvent): { truncateBefore: bigint; maxCount: number | undefined } {
  const text = Buffer.from(data).toString('utf8');
  try {
    const { $maxCount } = JSON.parse(text) as { $maxCount?: number };
    // Read from the text: the number of a soft delete does not fit into a JavaScript number.
    const truncateBefore = BigInt(/"\$tb"\s*:\s*(\d+)/.exec(text)?.[1] ?? 0);
    return { truncateBefore, maxCount: $maxCount };
  } catch {
    return { truncateBefore: 0n, maxCount: undefined };
  }
}
