import type { Position } from '#libs/event-store/port.js';

/** A stream's folded state as text. Disposable: without it the stream is folded from its beginning. */
export interface Snapshot {
  /** Of the fold that made it; another version is of no use. */
  readonly version: number;
  /** Of the log it was folded from. */
  readonly logId: string;
  /** Last event folded, and its id: the same event must still be there. */
  readonly revision: number;
  readonly position: Position;
  readonly eventId: string;
  readonly data: string;
  /** SHA-256 over all of the above and the stream's name, hex. */
  readonly checksum: string;
}

export interface SnapshotStore {
  /** The newest snapshot of the stream in that version. */
  load(stream: string, version: number): Promise<Snapshot | undefined>;
  /** Replaces an older one of the same version and drops those of much older versions. */
  save(stream: string, snapshot: Snapshot): Promise<void>;
}
