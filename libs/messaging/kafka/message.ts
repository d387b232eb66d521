import type { IHeaders } from 'kafkajs';
import { problemsOfPublic } from '#libs/contracts/public/check-public.js';
import {
  isPublicEventType,
  type PublicEvent,
  type PublicEventType,
} from '#libs/contracts/public/public-event.js';
import { PoisonMessageError } from '../consumer.js';

/**
 * Public events as Kafka messages: CloudEvents 1.0, Kafka protocol binding, binary mode. The key is the stream, the
 * value the data as JSON, everything else a header. `position` and `correlationid` are extensions of ours.
 */

const SPEC_VERSION = '1.0';
const CONTENT_TYPE = 'application/json';
const POSITION = /^[0-9a-f]{8}-[1-9][0-9]{0,18}$/;

export interface EncodedMessage {
  readonly key: string;
  readonly value: string;
  readonly headers: Record<string, string>;
}

export function encodeMessage(event: PublicEvent): EncodedMessage {
  return {
    key: event.stream,
    value: JSON.stringify(event.data),
    headers: {
      'content-type': CONTENT_TYPE,
      ce_specversion: SPEC_VERSION,
      ce_id: event.id,
      ce_source: sourceOf(event.position),
      ce_type: event.type,
      ce_subject: event.stream,
      ce_time: event.time,
      ce_position: event.position,
      ...(event.correlationId === undefined ? {} : { ce_correlationid: event.correlationId }),
    },
  };
}

/** The log that the event is of: with the id it is unique. */
const sourceOf = (position: string): string => `/ledgers/${position.slice(0, position.indexOf('-'))}`;

/** As a Kafka client hands it over. */
export interface ReceivedMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: IHeaders | undefined;
}

/**
 * The event in a message; undefined when it is of a type that this version does not know, which a consumer passes over
 * like every type that it did not ask for.
 * @throws PoisonMessageError when it is no public event, naming the header or field that is wrong
 */
export function decodeMessage(message: ReceivedMessage): PublicEvent | undefined {
  const headers = message.headers ?? {};
  const version = required(headers, 'ce_specversion');
  if (version !== SPEC_VERSION) fail(`header ce_specversion is "${version}", expected "${SPEC_VERSION}"`);
  const type = required(headers, 'ce_type');
  if (!isPublicEventType(type)) return undefined;
  const stream = required(headers, 'ce_subject');
  if (message.key?.toString() !== stream) fail('the key is not what header ce_subject says');
  const position = required(headers, 'ce_position');
  if (!POSITION.test(position))
    fail(`header ce_position is "${position}", expected for example "3f9a01c7-42"`);
  const correlationId = headerOf(headers, 'ce_correlationid');
  return {
    id: required(headers, 'ce_id'),
    type,
    stream,
    position,
    time: timeOf(required(headers, 'ce_time')),
    ...(correlationId === undefined ? {} : { correlationId }),
    data: dataOf(type, message.value),
  } as PublicEvent;
}

function dataOf(type: PublicEventType, value: Buffer | null): unknown {
  if (value === null) return fail('there is no value');
  let data: unknown;
  try {
    data = JSON.parse(value.toString());
  } catch {
    return fail('the value is not JSON');
  }
  const [problem] = problemsOfPublic(type, data);
  return problem === undefined ? data : fail(`data of ${type}: ${problem}`);
}

function timeOf(text: string): string {
  return Number.isNaN(Date.parse(text))
    ? fail(`header ce_time is "${text}", expected an ISO 8601 time`)
    : text;
}

const required = (headers: IHeaders, name: string): string =>
  headerOf(headers, name) ?? fail(`header ${name} is missing`);

function headerOf(headers: IHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? fail(`header ${name} is there more than once`) : value?.toString();
}

function fail(problem: string): never {
  throw new PoisonMessageError(`The message is not a public event: ${problem}.`);
}
