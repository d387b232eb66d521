import type { Position } from '#libs/event-store/port.js';

/** What a flush asks about one stream: of events up to and including revision `upTo` only. */
export interface PastRequest {
  readonly stream: string;
  readonly upTo: number;
  readonly keys: readonly { readonly principal: string; readonly key: string }[];
  readonly ids: readonly string[];
}

/** A key that had an effect: all of its events. */
export interface FoundKey {
  readonly stream: string;
  readonly principal: string;
  readonly key: string;
  readonly bodyHash: string;
  readonly firstRevision: number;
  readonly lastRevision: number;
}

/** An id that was used: the revision of the last event that did. */
export interface FoundId {
  readonly stream: string;
  readonly id: string;
  readonly revision: number;
}

/** What was found, read in one snapshot: it says nothing about events behind `position`. */
export interface PastAnswer {
  readonly position: Position;
  readonly keys: readonly FoundKey[];
  readonly ids: readonly FoundId[];
}

/**
 * The keys and ids that left memory, as a projection remembers them. Its position may be behind the log, and may go
 * back (a rebuild, a restored Postgres): the answer's position has to be compared each time.
 */
export interface PastLookup {
  /**
   * Without requests: the position alone.
   * @returns `absent` while there is no complete copy of the outcomes of this log
   */
  lookUp(requests: readonly PastRequest[]): Promise<PastAnswer | 'absent'>;
}
