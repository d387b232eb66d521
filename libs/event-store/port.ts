/**
 * The event-store port: what every adapter promises, proven by `conformance.ts`.
 *
 * Semantics (shared by all adapters):
 * - an append is atomic, holds 1 to 500 events and at most 512 KiB, and always carries an expected revision;
 *   a conflict is a `WrongExpectedRevisionError` naming the actual revision
 * - an append repeated with the same event ids and the same *original* expectation returns the first result
 * - an append whose outcome is unknown throws `AppendOutcomeUnknownError`: repeat it with the same ids and the
 *   same expectation until it is confirmed or a conflict proves the first try dead
 * - positions are strictly increasing in commit order, inside one append too
 * - a subscription is strictly in log order, never skips an event committed late and resumes by itself
 * - reads that decide are answered by the primary
 */

/** Place of an event in the whole log. Opaque: compare and store, never compute with it. 0n is before everything. */
export type Position = bigint;

/** Place before the first event of the log. */
export const LOG_START: Position = 0n;

/** 0-based place of an event in its stream, at most `REVISION_MAX`. */
export type Revision = number;

/** The revision of the stream's last event as the writer knows it, or `no_stream` for a stream without events. */
export type ExpectedRevision = Revision | 'no_stream';

export interface NewEvent {
  /** UUID in lower case. A retry of an append carries the same ids, so that it is recognised. */
  readonly id: string;
  /** Stored type with version, for example `PromptCharged.v1`: letters, digits, dot, dash, at most 128. */
  readonly type: string;
  /** JSON text; exactly these bytes (UTF-8) are stored and read back. */
  readonly data: string;
  /** JSON text; exactly these bytes (UTF-8) are stored and read back. */
  readonly metadata: string;
}

export interface RecordedEvent extends NewEvent {
  readonly stream: string;
  readonly revision: Revision;
  readonly position: Position;
  /** When the store recorded it, milliseconds since the epoch, by the store's clock. */
  readonly recordedAt: number;
}

export interface AppendOptions {
  readonly expected: ExpectedRevision;
  /** Part of a bulk: appends for which somebody waits may go first. Changes nothing else. */
  readonly bulk?: boolean;
}

export interface AppendResult {
  /** Revision of the last event written. */
  readonly revision: Revision;
  /** One position per event, in order. */
  readonly positions: readonly Position[];
}

export interface ReadStreamOptions {
  /** First revision to read (inclusive). Default 0. */
  readonly from?: Revision;
  /** At most this many events. Default: to the end of the stream. */
  readonly maxCount?: number;
}

export interface ReadAllOptions {
  /** Exclusive: reading starts behind this position. Default `LOG_START`. */
  readonly after?: Position;
  readonly maxCount?: number;
}

export interface EventFilter {
  /** Stored types to deliver, for example `['PromptCharged.v1']`; all when absent. */
  readonly types?: readonly string[];
  /** Stream categories to deliver (the part before the first dash), for example `['wallet']`; all when absent. */
  readonly categories?: readonly string[];
}

export interface SubscribeOptions extends EventFilter {
  /** Exclusive: delivery starts behind this position. */
  readonly after: Position;
  /** Ends the subscription; the iteration then finishes normally. */
  readonly signal: AbortSignal;
  /** At most this many events a batch. Default 1,000. */
  readonly batchSizeMax?: number;
}

/**
 * `checkpoint` is safe to persist once the message was consumed: everything at or before it was handed over
 * or filtered out. A batch may be empty, when only filtered events were passed. `caught-up` repeats whenever the
 * subscriber has seen all there is.
 */
export type SubscriptionMessage =
  | { readonly kind: 'batch'; readonly events: readonly RecordedEvent[]; readonly checkpoint: Position }
  | { readonly kind: 'caught-up'; readonly checkpoint: Position };

export interface EventStore {
  /** Identity of this log, made when the log is created: 8 lower-case hex digits. Positions of another log are refused. */
  readonly logId: string;
  /**
   * `stream` is `<category>-<id>`, for example `wallet-u-1`.
   * @throws InvalidAppendError, AppendSizeError, WrongExpectedRevisionError, StoreUnavailableError: nothing written
   * @throws AppendOutcomeUnknownError: repeat with the same ids and the same expectation
   */
  append(stream: string, events: readonly NewEvent[], options: AppendOptions): Promise<AppendResult>;
  /** Batches in revision order; a missing stream yields nothing. Read on the primary. */
  readStream(stream: string, options?: ReadStreamOptions): AsyncIterable<readonly RecordedEvent[]>;
  /**
   * Batches in log order up to the head at the time of the call.
   * @throws PositionBeyondHeadError when `after` lies past the head
   */
  readAll(options?: ReadAllOptions): AsyncIterable<readonly RecordedEvent[]>;
  /**
   * Ends when the signal aborts or the store closes.
   * @throws PositionBeyondHeadError when `after` lies past the head, also when the log is replaced while running
   */
  subscribe(options: SubscribeOptions): AsyncIterable<SubscriptionMessage>;
  /** Position of the last committed event, `LOG_START` when the log is empty. */
  head(): Promise<Position>;
  /** The store's own clock, milliseconds since the epoch. */
  now(): Promise<number>;
  close(): Promise<void>;
}

export const APPEND_EVENTS_MAX = 500;
/** Bytes of data, metadata and types of one append together. */
export const APPEND_BYTES_MAX = 512 * 1024;
/** Highest revision a stream may reach. */
export const REVISION_MAX = 2_147_483_646;
/** Events of a subscription batch when the subscriber does not say. */
export const BATCH_SIZE_DEFAULT = 1_000;
