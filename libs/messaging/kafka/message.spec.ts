import { PUBLIC_EVENT_TYPES, type PublicEvent } from '#libs/contracts/public/public-event.js';
import { examplePublicEvent } from '#test/support/public-events/examples.js';
import { PoisonMessageError } from '../consumer.js';
import { decodeMessage, type EncodedMessage, encodeMessage, type ReceivedMessage } from './message.js';

const CHARGED = examplePublicEvent('promptflow.prompt.charged.v1');

/** As it comes back from a broker: bytes. */
const received = ({ key, value, headers }: EncodedMessage): ReceivedMessage => ({
  key: Buffer.from(key),
  value: Buffer.from(value),
  headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
});

describe('a public event as a Kafka message', () => {
  test.each(PUBLIC_EVENT_TYPES)('%s comes back as it was', (type) => {
    const event = examplePublicEvent(type) as PublicEvent;
    expect(decodeMessage(received(encodeMessage(event)))).toEqual(event);
  });

  test('has the headers of CloudEvents, its stream as key and its data as value', () => {
    const { correlationId, ...event } = CHARGED;
    expect(correlationId).toBe('req-7');
    expect(encodeMessage(CHARGED)).toEqual({
      key: 'wallet-u-1',
      value: JSON.stringify(event.data),
      headers: {
        'content-type': 'application/json',
        ce_specversion: '1.0',
        ce_id: event.id,
        ce_source: '/ledgers/3f9a01c7',
        ce_type: 'promptflow.prompt.charged.v1',
        ce_subject: 'wallet-u-1',
        ce_time: event.time,
        ce_position: '3f9a01c7-42',
        ce_correlationid: 'req-7',
      },
    });
    expect(encodeMessage(event).headers).not.toHaveProperty('ce_correlationid');
  });

  test('may be of a type that this version does not know', () => {
    const message = encodeMessage(CHARGED);
    const headers = { ...message.headers, ce_type: 'promptflow.prompt.charged.v2' };
    expect(decodeMessage(received({ ...message, headers }))).toBeUndefined();
  });

  test('may have fields that this version does not know', () => {
    const data = { ...CHARGED.data, colour: 'red' };
    expect(decodeMessage(received({ ...encodeMessage(CHARGED), value: JSON.stringify(data) }))).toMatchObject(
      {
        data,
      },
    );
  });
});

describe('what is no public event is poison, by name', () => {
  const whole = received(encodeMessage(CHARGED));
  const withHeader = (name: string, value: Buffer | Buffer[] | undefined): ReceivedMessage => ({
    ...whole,
    headers: { ...whole.headers, [name]: value },
  });
  const withData = (change: object): ReceivedMessage => ({
    ...whole,
    value: Buffer.from(JSON.stringify({ ...CHARGED.data, ...change })),
  });

  test.each<[string, ReceivedMessage, string]>([
    ['no headers', { key: whole.key, value: whole.value }, 'header ce_specversion is missing'],
    ['no type', withHeader('ce_type', undefined), 'header ce_type is missing'],
    ['no id', withHeader('ce_id', undefined), 'header ce_id is missing'],
    [
      'two ids',
      withHeader('ce_id', [Buffer.from('a'), Buffer.from('b')]),
      'header ce_id is there more than once',
    ],
    ['another specification', withHeader('ce_specversion', Buffer.from('0.3')), 'ce_specversion is "0.3"'],
    ['no place', withHeader('ce_position', Buffer.from('42')), 'header ce_position is "42"'],
    ['no time', withHeader('ce_time', Buffer.from('yesterday')), 'header ce_time is "yesterday"'],
    [
      'another key',
      { ...whole, key: Buffer.from('wallet-u-2') },
      'the key is not what header ce_subject says',
    ],
    ['no key', { ...whole, key: null }, 'the key is not what header ce_subject says'],
    ['no value', { ...whole, value: null }, 'there is no value'],
    ['no JSON', { ...whole, value: Buffer.from('{') }, 'the value is not JSON'],
    ['a field missing', withData({ total: undefined }), "must have required property 'total'"],
    ['a field of another kind', withData({ total: 5 }), '/total must be string'],
    ['an amount that is none', withData({ total: '1e3' }), '/total must match pattern'],
  ])('%s', (_what, message, problem) => {
    expect(() => decodeMessage(message)).toThrow(PoisonMessageError);
    expect(() => decodeMessage(message)).toThrow(problem);
  });
});
