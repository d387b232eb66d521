export type Expected = 'any' | 'no_stream' | 'stream_exists' | bigint;

/** One event as a client proposes it. */
export interface NewLogEvent {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface LogEvent extends NewLogEvent {
  readonly stream: string;
  readonly revision: bigint;
  /** In the whole log, like an offset in bytes: strictly increasing, with gaps. */
  readonly position: number;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly createdMs: number;
  /** The event as an answer of Read, made when it is first read. */
  encoded?: Buffer;
}

/** Revision of the event that ends a stream for ever; also the `$tb` of a stream deleted softly. */
export const LAST_REVISION = 9_223_372_036_854_775_807n;

export const JSON_CONTENT = 'application/json';
export const TOMBSTONE_TYPE = '$streamDeleted';
export const METADATA_TYPE = '$metadata';

/** The stream that holds the metadata of another. */
export const metastreamOf = (stream: string): string => `$$${stream}`;

/** What the record of an event takes beside its texts, so that positions have the gaps of real ones. */
const RECORD_OVERHEAD_BYTES = 98;

/** Bytes that an event counts against the limit of one append. */
export function appendSize({ type, data, metadata }: NewLogEvent): number {
  return type.length * 2 + data.length + metadata.length;
}

/** Distance from the position of an event to the next. */
export function recordSize(stream: string, event: NewLogEvent): number {
  return RECORD_OVERHEAD_BYTES + Buffer.byteLength(stream) + appendSize(event);
}
