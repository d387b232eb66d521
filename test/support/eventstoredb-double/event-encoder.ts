import type { LogEvent } from './log-event.js';

/** `created` counts in steps of 100 nanoseconds. */
const TICKS_PER_MS = 10_000n;
/** Room for everything of an event but its texts and bytes. */
const FRAME_BYTES_MAX = 256;
/** Room in front for the tags and lengths of the two messages around the event. */
const HEAD_BYTES = 16;
const UTF8_BYTES_PER_UNIT_MAX = 3;

const VARINT = 0;
const BYTES = 2;
const tag = (field: number, wireType: number): number => (field << 3) | wireType;

// Numbers of the fields in the protocol's streams.proto and shared.proto.
const RESPONSE_EVENT = tag(1, BYTES);
const READ_EVENT = tag(1, BYTES);
const READ_COMMIT_POSITION = tag(3, VARINT);
const RECORDED = {
  id: tag(1, BYTES),
  stream: tag(2, BYTES),
  revision: tag(3, VARINT),
  preparePosition: tag(4, VARINT),
  commitPosition: tag(5, VARINT),
  metadata: tag(6, BYTES),
  customMetadata: tag(7, BYTES),
  data: tag(8, BYTES),
};
const UUID_STRING = tag(2, BYTES);
const STREAM_NAME = tag(3, BYTES);
const ENTRY_KEY = tag(1, BYTES);
const ENTRY_VALUE = tag(2, BYTES);

/**
 * An event as an answer of Read. Written by hand: the generated classes take some thirty microseconds for each, which
 * would be most of a catch-up.
 */
export function encodeEvent(event: LogEvent): Buffer {
  const { stream, type, contentType, data, metadata } = event;
  const texts = (stream.length + type.length + contentType.length) * UTF8_BYTES_PER_UNIT_MAX;
  const writer = new Writer(HEAD_BYTES + FRAME_BYTES_MAX + texts + data.length + metadata.length);
  const created = BigInt(Math.floor(event.createdMs)) * TICKS_PER_MS;
  writer.nested(RECORDED.id, UUID_STRING, Buffer.from(event.id));
  writer.nested(RECORDED.stream, STREAM_NAME, Buffer.from(stream));
  writer.integer(RECORDED.revision, event.revision);
  writer.integer(RECORDED.preparePosition, BigInt(event.position));
  writer.integer(RECORDED.commitPosition, BigInt(event.position));
  writer.entry(RECORDED.metadata, 'content-type', contentType);
  writer.entry(RECORDED.metadata, 'created', String(created));
  writer.entry(RECORDED.metadata, 'type', type);
  if (metadata.length > 0) writer.bytes(RECORDED.customMetadata, metadata);
  if (data.length > 0) writer.bytes(RECORDED.data, data);
  writer.enclose(READ_EVENT);
  writer.integer(READ_COMMIT_POSITION, BigInt(event.position), { alsoZero: true });
  writer.enclose(RESPONSE_EVENT);
  return writer.written();
}

/** Writes fields one behind the other, and can put all written so far into a message. */
class Writer {
  readonly #buffer: Buffer;
  #start = HEAD_BYTES;
  #end = HEAD_BYTES;

  constructor(size: number) {
    this.#buffer = Buffer.allocUnsafe(size);
  }

  /** The protocol leaves out a zero, except where the presence of a field says something. */
  integer(fieldTag: number, value: bigint, { alsoZero = false } = {}): void {
    if (value === 0n && !alsoZero) return;
    this.#buffer[this.#end++] = fieldTag;
    let rest = value;
    // Small steps of bigints are slow: most values fit a number.
    if (rest <= BigInt(Number.MAX_SAFE_INTEGER)) return this.#varint(Number(rest));
    for (; rest > 0x7fn; rest >>= 7n) this.#buffer[this.#end++] = Number(rest & 0x7fn) | 0x80;
    this.#buffer[this.#end++] = Number(rest);
  }

  bytes(fieldTag: number, bytes: Uint8Array): void {
    this.#buffer[this.#end++] = fieldTag;
    this.#varint(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** A message of one field of bytes. */
  nested(fieldTag: number, innerTag: number, bytes: Uint8Array): void {
    this.#buffer[this.#end++] = fieldTag;
    this.#varint(sizeOf(bytes));
    this.bytes(innerTag, bytes);
  }

  /** An entry of a map of strings. */
  entry(fieldTag: number, key: string, value: string): void {
    const [keyBytes, valueBytes] = [Buffer.from(key), Buffer.from(value)];
    this.#buffer[this.#end++] = fieldTag;
    this.#varint(sizeOf(keyBytes) + sizeOf(valueBytes));
    this.bytes(ENTRY_KEY, keyBytes);
    this.bytes(ENTRY_VALUE, valueBytes);
  }

  enclose(fieldTag: number): void {
    const length = this.#end - this.#start;
    const [bodyStart, bodyEnd] = [this.#start, this.#end];
    this.#start = this.#end = bodyStart - 1 - varintSize(length);
    this.#buffer[this.#end++] = fieldTag;
    this.#varint(length);
    this.#end = bodyEnd;
  }

  written(): Buffer {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  #varint(value: number): void {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) this.#buffer[this.#end++] = (rest % 0x80) | 0x80;
    this.#buffer[this.#end++] = rest;
  }
}

/** Of a field of bytes with its tag and length. */
function sizeOf(bytes: Uint8Array): number {
  return 1 + varintSize(bytes.length) + bytes.length;
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) size++;
  return size;
}
