import type { Position } from '#libs/event-store/port.js';

/** `failing`: tries again by itself. `standby`: another relay leads. */
export type RelayState = 'starting' | 'standby' | 'leading' | 'failing';

export interface RelayStatus {
  readonly state: RelayState;
  /** Everything at or before it was acknowledged or is private. Undefined where this relay does not lead. */
  readonly position: Position | undefined;
  /** When the store recorded the last event that was published, milliseconds since the epoch. */
  readonly recordedAt: number | undefined;
  /** The last event of the log, as it was seen some seconds ago. */
  readonly head: Position | undefined;
  /** How long ago the oldest event was recorded that is not published yet; 0 at the end of the log. Only of a leader. */
  readonly behindMs: number | undefined;
  /** Events that this process has published, repetitions included. */
  readonly published: number;
  /** Attempts that failed one after another. */
  readonly failures: number;
  readonly lastError: Error | undefined;
}

/** What a relay knows of itself. */
export class RelayProgress {
  #state: RelayState = 'starting';
  #position: Position | undefined;
  #recordedAt: number | undefined;
  #head: Position | undefined;
  /** Of the oldest event that is not published, as far as it is known. */
  #waitingSince: number | undefined;
  #published = 0;
  #failures = 0;
  #lastError: Error | undefined;

  constructor(private readonly now: () => number = Date.now) {}

  status(): RelayStatus {
    return {
      state: this.#state,
      position: this.#position,
      recordedAt: this.#recordedAt,
      head: this.#head,
      behindMs: this.#behindMs(),
      published: this.#published,
      failures: this.#failures,
      lastError: this.#lastError,
    };
  }

  #behindMs(): number | undefined {
    if (this.#position === undefined) return undefined;
    return this.#waitingSince === undefined ? 0 : Math.max(0, this.now() - this.#waitingSince);
  }

  standsBy(): void {
    this.#state = 'standby';
    this.#position = this.#head = this.#waitingSince = undefined;
  }

  leads(from: { readonly position: Position; readonly recordedAt: number | undefined }): void {
    this.#state = 'leading';
    this.#position = from.position;
    this.#recordedAt = from.recordedAt;
    // Nothing older can wait; the first message of the subscription says more.
    this.#waitingSince = from.recordedAt;
  }

  sawHead(head: Position): void {
    this.#head = head;
  }

  /** An event recorded then is the oldest that is not published. */
  waitsSince(recordedAt: number): void {
    this.#waitingSince = recordedAt;
  }

  passed(position: Position, published?: { readonly events: number; readonly recordedAt: number }): void {
    this.#position = position;
    this.#failures = 0;
    this.#lastError = undefined;
    this.#state = 'leading';
    if (published === undefined) return;
    this.#published += published.events;
    this.#recordedAt = published.recordedAt;
    this.#waitingSince = published.recordedAt;
  }

  caughtUp(): void {
    this.#waitingSince = undefined;
  }

  failed(error: Error): void {
    this.#state = 'failing';
    this.#failures += 1;
    this.#lastError = error;
  }
}
