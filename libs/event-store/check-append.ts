import { AppendSizeError, InvalidAppendError } from './errors.js';
import {
  APPEND_BYTES_MAX,
  APPEND_EVENTS_MAX,
  REVISION_MAX,
  type AppendOptions,
  type NewEvent,
} from './port.js';

const STREAM = /^[A-Za-z][A-Za-z0-9_]{0,63}-[A-Za-z0-9][A-Za-z0-9._-]{0,191}$/;
const TYPE = /^[A-Za-z][A-Za-z0-9._-]{0,127}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const LONE_SURROGATE = /\p{Surrogate}/u;
/** No UTF-16 unit takes more UTF-8 bytes than this: short texts need no exact count. */
const BYTES_PER_UNIT_MAX = 3;

/** Whether the port takes this as the name of a stream. */
export function isStreamName(text: string): boolean {
  return STREAM.test(text);
}

/** Whether the port takes this as the type of an event. */
export function isTypeName(text: string): boolean {
  return TYPE.test(text);
}

/**
 * What every adapter asks of an append before it touches its store, so that all of them refuse alike.
 * Returns the size of all texts in UTF-16 units.
 *
 * @throws AppendSizeError for no events, more than 500, or more than 512 KiB
 * @throws InvalidAppendError naming the field
 */
export function checkAppend(stream: string, events: readonly NewEvent[], options: AppendOptions): number {
  if (typeof stream !== 'string' || !STREAM.test(stream)) {
    throw new InvalidAppendError(
      'stream',
      `${show(stream)} is not <category>-<id>, for example "wallet-u-1"`,
    );
  }
  checkExpected(options.expected);
  if (events.length === 0) throw new AppendSizeError(`An append to ${stream} needs at least one event.`);
  if (events.length > APPEND_EVENTS_MAX) {
    throw new AppendSizeError(
      `An append to ${stream} holds ${events.length} events, at most ${APPEND_EVENTS_MAX} are allowed: split it.`,
    );
  }
  let units = 0;
  for (let index = 0; index < events.length; index++) {
    const event = events[index]!;
    checkEvent(event, index);
    units += event.data.length + event.metadata.length + event.type.length;
  }
  if (units * BYTES_PER_UNIT_MAX > APPEND_BYTES_MAX) checkBytes(stream, events);
  return units;
}

function checkExpected(expected: unknown): void {
  if (expected === 'no_stream') return;
  if (Number.isInteger(expected) && (expected as number) >= 0 && (expected as number) <= REVISION_MAX) return;
  throw new InvalidAppendError(
    'expected',
    `${show(expected)} is neither "no_stream" nor a revision of 0 or more`,
  );
}

function checkEvent(event: NewEvent, index: number): void {
  if (typeof event.type !== 'string' || !TYPE.test(event.type)) {
    throw new InvalidAppendError(
      `events[${index}].type`,
      `${show(event.type)} is not a type, for example "Added.v1"`,
    );
  }
  if (typeof event.id !== 'string' || !UUID.test(event.id)) {
    throw new InvalidAppendError(`events[${index}].id`, `${show(event.id)} is not a UUID in lower case`);
  }
  checkText(event.data, index, 'data');
  checkText(event.metadata, index, 'metadata');
}

/** The text must be one that UTF-8 carries unchanged and every store takes: its bytes are kept exactly. */
function checkText(text: unknown, index: number, field: 'data' | 'metadata'): void {
  const problem =
    typeof text !== 'string' || text.length === 0
      ? 'must be JSON text'
      : text.includes('\u0000')
        ? 'holds a NUL character, which JSON writes as an escape'
        : LONE_SURROGATE.test(text)
          ? 'holds a lone surrogate, which UTF-8 cannot carry'
          : undefined;
  if (problem !== undefined) throw new InvalidAppendError(`events[${index}].${field}`, problem);
}

function checkBytes(stream: string, events: readonly NewEvent[]): void {
  let bytes = 0;
  for (const event of events) {
    bytes += Buffer.byteLength(event.data) + Buffer.byteLength(event.metadata) + event.type.length;
  }
  if (bytes > APPEND_BYTES_MAX) {
    throw new AppendSizeError(
      `An append to ${stream} holds ${bytes} bytes, at most ${APPEND_BYTES_MAX} are allowed: split it.`,
    );
  }
}

const SHOWN_CHARACTERS_MAX = 80;

function show(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, SHOWN_CHARACTERS_MAX);
}
