import { hash } from 'node:crypto';
import type { FoldedStream } from '../folded-stream.js';
import type { SnapshotCodec } from '../stream-definition.js';
import { Window } from '../window.js';
import type { Snapshot, SnapshotStore } from './snapshot-store.js';

/**
 * A stream that has moved so many events since its last snapshot gets a new one; a shorter one gets none. What lies
 * behind the snapshot is folded at a start, at 20 to 50 microseconds an event.
 */
export const SNAPSHOT_EVERY_EVENTS = 500;
/** More streams at once wait for their next chance: snapshots never crowd out what somebody waits for. */
const SAVES_AT_ONCE = 2;

export interface SnapshotKeeperOptions<S> {
  readonly store: SnapshotStore;
  readonly codec: SnapshotCodec<S>;
  readonly logId: string;
  readonly everyEvents?: number;
  /** A snapshot could not be loaded or saved; the ledger goes on without it. */
  readonly onTrouble?: (error: unknown) => void;
}

/** Loads and saves the snapshots of one kind of stream. Whatever fails here costs time, never an answer. */
export class SnapshotKeeper<S> {
  private readonly saving = new Map<string, Promise<void>>();
  readonly everyEvents: number;

  constructor(private readonly options: SnapshotKeeperOptions<S>) {
    this.everyEvents = options.everyEvents ?? SNAPSHOT_EVERY_EVENTS;
  }

  /**
   * The stream as its snapshot shows it, with a window that begins there; undefined when there is no snapshot that is
   * whole and of this fold and log. The caller checks that the event `lastEventId` is still there.
   */
  async load(stream: string): Promise<FoldedStream<S> | undefined> {
    const { store, codec, logId } = this.options;
    try {
      const snapshot = await store.load(stream, codec.version);
      if (snapshot?.version !== codec.version || snapshot.logId !== logId) return undefined;
      if (checksumOf(stream, snapshot) !== snapshot.checksum)
        throw new Error(`The snapshot of ${stream} is damaged`);
      const { revision, position, eventId } = snapshot;
      return {
        state: codec.decode(snapshot.data),
        revision,
        position,
        lastEventId: eventId,
        window: Window.behind({ revision, position }),
        snapshotRevision: revision,
      };
    } catch (error) {
      this.options.onTrouble?.(error);
      return undefined;
    }
  }

  /** Saves in the background if the stream has come far enough; gives the stream back, marked. */
  keep(stream: string, folded: FoldedStream<S>): FoldedStream<S> {
    if (folded.revision - folded.snapshotRevision < this.everyEvents) return folded;
    if (this.saving.size >= SAVES_AT_ONCE || this.saving.has(stream)) return folded;
    // Encoded at once, while the state is the newest: later it would have to be wound back.
    const saved = this.save(stream, folded)
      .catch((error: unknown) => this.options.onTrouble?.(error))
      .finally(() => this.saving.delete(stream));
    this.saving.set(stream, saved);
    // Also after a failure: the next try comes when the stream has moved as far again.
    return { ...folded, snapshotRevision: folded.revision };
  }

  /** Resolves when nothing is being saved. */
  async idle(): Promise<void> {
    await Promise.all(this.saving.values());
  }

  private async save(stream: string, folded: FoldedStream<S>): Promise<void> {
    const { store, codec, logId } = this.options;
    const { revision, position, lastEventId: eventId } = folded;
    const data = codec.encode(folded.state);
    const content = { version: codec.version, logId, revision, position, eventId, data };
    await store.save(stream, { ...content, checksum: checksumOf(stream, content) });
  }
}

/** SHA-256 over everything a snapshot says and the name of its stream, hex. */
export function checksumOf(
  stream: string,
  { version, logId, revision, position, eventId, data }: Omit<Snapshot, 'checksum'>,
): string {
  return hash('sha256', [stream, version, logId, revision, position, eventId, data].join('\n'), 'hex');
}
