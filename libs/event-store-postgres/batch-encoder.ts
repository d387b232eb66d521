import type { PendingAppend } from './append-queue.js';

/** Type numbers of Postgres' catalogue, fixed for ever. */
const OID = { int4: 23, text: 25, uuid: 2950 } as const;
/** Number of dimensions, null flag, element type, length, lower bound. */
const ARRAY_HEAD_BYTES = 20;
const LENGTH_BYTES = 4;
const UUID_BYTES = 16;
const DASH = 45;
/** UTF-8 bytes of one UTF-16 unit at most. */
const BYTES_PER_UNIT_MAX = 3;
const CAPACITY_START = 64 * 1024;
/** A larger buffer, grown for one large batch, is given back after it. */
const CAPACITY_KEPT_MAX = 4 * 1024 * 1024;

const HEX_VALUE = new Uint8Array(128);
for (let value = 0; value < 16; value++) HEX_VALUE[value.toString(16).charCodeAt(0)] = value;

/**
 * Writes the arguments of `log.append_batch` in Postgres' binary array form: no quoting, no escaping, one pass over
 * each text. Reuses one buffer, so the arguments are good until the next call.
 */
export class BatchEncoder {
  #buffer = Buffer.allocUnsafeSlow(CAPACITY_START);
  #at = 0;
  #arrayStart = 0;

  encode(batch: readonly PendingAppend[]): Buffer[] {
    this.#reserve(batch);
    this.#at = 0;
    let events = 0;
    for (const append of batch) events += append.events.length;
    return [
      this.#texts(batch.length, () => each(batch, (append) => this.#text(append.stream))),
      this.#ints(batch.length, () => each(batch, (append) => this.#int(append.base))),
      this.#ints(batch.length, () => each(batch, (append) => this.#int(append.events.length))),
      this.#texts(events, () => eachEvent(batch, (_, append) => this.#text(append.stream))),
      this.#ints(events, () => eachEvent(batch, (_, append, index) => this.#int(append.base + 1 + index))),
      this.#array(OID.uuid, events, () => eachEvent(batch, (event) => this.#uuid(event.id))),
      this.#texts(events, () => eachEvent(batch, (event) => this.#text(event.type))),
      this.#texts(events, () => eachEvent(batch, (event) => this.#text(event.data))),
      this.#texts(events, () => eachEvent(batch, (event) => this.#text(event.metadata))),
    ];
  }

  #reserve(batch: readonly PendingAppend[]): void {
    let bytes = 9 * ARRAY_HEAD_BYTES;
    for (const { stream, events, units } of batch) {
      // Stream names and types are ASCII; lengths, revision and id of an event take at most 64 bytes.
      bytes += stream.length + 64 + units * BYTES_PER_UNIT_MAX + events.length * (stream.length + 64);
    }
    if (bytes > this.#buffer.length) {
      this.#buffer = Buffer.allocUnsafeSlow(Math.max(bytes, this.#buffer.length * 2));
    } else if (this.#buffer.length > CAPACITY_KEPT_MAX && bytes < CAPACITY_KEPT_MAX) {
      this.#buffer = Buffer.allocUnsafeSlow(CAPACITY_KEPT_MAX);
    }
  }

  #texts(length: number, write: () => void): Buffer {
    return this.#array(OID.text, length, write);
  }

  #ints(length: number, write: () => void): Buffer {
    return this.#array(OID.int4, length, write);
  }

  #array(elementOid: number, length: number, write: () => void): Buffer {
    this.#arrayStart = this.#at;
    const buffer = this.#buffer;
    buffer.writeInt32BE(1, this.#at);
    buffer.writeInt32BE(0, this.#at + 4);
    buffer.writeInt32BE(elementOid, this.#at + 8);
    buffer.writeInt32BE(length, this.#at + 12);
    buffer.writeInt32BE(1, this.#at + 16);
    this.#at += ARRAY_HEAD_BYTES;
    write();
    return buffer.subarray(this.#arrayStart, this.#at);
  }

  #text(text: string): void {
    const bytes = this.#buffer.write(text, this.#at + LENGTH_BYTES, 'utf8');
    this.#buffer.writeInt32BE(bytes, this.#at);
    this.#at += LENGTH_BYTES + bytes;
  }

  #int(value: number): void {
    this.#buffer.writeInt32BE(4, this.#at);
    this.#buffer.writeInt32BE(value, this.#at + LENGTH_BYTES);
    this.#at += LENGTH_BYTES + 4;
  }

  #uuid(text: string): void {
    const buffer = this.#buffer;
    buffer.writeInt32BE(UUID_BYTES, this.#at);
    let at = this.#at + LENGTH_BYTES;
    for (let i = 0; i < text.length; i += 2) {
      if (text.charCodeAt(i) === DASH) i++;
      buffer[at++] = (HEX_VALUE[text.charCodeAt(i)]! << 4) | HEX_VALUE[text.charCodeAt(i + 1)]!;
    }
    this.#at = at;
  }
}

function each(batch: readonly PendingAppend[], write: (append: PendingAppend) => void): void {
  for (const append of batch) write(append);
}

function eachEvent(
  batch: readonly PendingAppend[],
  write: (event: PendingAppend['events'][number], append: PendingAppend, index: number) => void,
): void {
  for (const append of batch) {
    for (let index = 0; index < append.events.length; index++) write(append.events[index]!, append, index);
  }
}
