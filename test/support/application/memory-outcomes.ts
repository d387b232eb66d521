import { keyOf } from '#libs/application/folded-stream.js';
import type {
  FoundId,
  FoundKey,
  PastAnswer,
  PastLookup,
  PastRequest,
} from '#libs/application/past-lookup.js';
import { decodeMetadata } from '#libs/contracts/metadata.js';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import type { EventStore, Position, RecordedEvent } from '#libs/event-store/port.js';
import type { LedgerEvent } from '#libs/ledger/events.js';

/** The projection of outcomes in memory: a test says how far it has come, or that it is not there. */
export class MemoryOutcomes implements PastLookup {
  /** What it shows; `head` follows the log. */
  shows: Position | 'head' | 'absent' = 'head';
  /** Each request that came, in order. */
  readonly requests: (readonly PastRequest[])[] = [];
  /** Look-ups fail while set. */
  broken: Error | undefined;

  constructor(
    private readonly store: EventStore,
    private readonly idsOf: (event: LedgerEvent) => readonly string[],
  ) {}

  async lookUp(requests: readonly PastRequest[]): Promise<PastAnswer | 'absent'> {
    this.requests.push(requests);
    if (this.broken) throw this.broken;
    if (this.shows === 'absent') return 'absent';
    const position = this.shows === 'head' ? await this.store.head() : this.shows;
    const keys: FoundKey[] = [];
    const ids: FoundId[] = [];
    for (const request of requests) {
      for await (const batch of this.store.readStream(request.stream)) {
        for (const event of batch) {
          if (event.position > position || event.revision > request.upTo) continue;
          this.collectKey(request, event, keys);
          this.collectIds(request, event, ids);
        }
      }
    }
    return { position, keys, ids };
  }

  private collectKey(request: PastRequest, recorded: RecordedEvent, found: FoundKey[]): void {
    const metadata = decodeMetadata(recorded.metadata);
    if (!request.keys.some((key) => keyOf(key) === keyOf(metadata))) return;
    const { stream, revision } = recorded;
    const at = found.findIndex((each) => each.stream === stream && keyOf(each) === keyOf(metadata));
    const { principal, key, bodyHash } = metadata;
    if (at < 0)
      found.push({ stream, principal, key, bodyHash, firstRevision: revision, lastRevision: revision });
    else found[at] = { ...found[at]!, lastRevision: revision };
  }

  private collectIds(request: PastRequest, recorded: RecordedEvent, found: FoundId[]): void {
    const { stream, revision } = recorded;
    for (const id of this.idsOf(decodeEvent(recorded))) {
      if (!request.ids.includes(id)) continue;
      const at = found.findIndex((each) => each.stream === stream && each.id === id);
      if (at >= 0) found.splice(at, 1);
      found.push({ stream, id, revision });
    }
  }
}
