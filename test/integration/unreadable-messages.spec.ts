import fc from 'fast-check';
import type { KafkaMessage } from 'kafkajs';
import { Drain } from '#libs/messaging/drain.js';
import { Inbox } from '#libs/messaging/inbox.js';
import { encodeMessage } from '#libs/messaging/kafka/message.js';
import { received } from '#libs/messaging/kafka/received.js';
import { ParkedMessages } from '#libs/messaging/parked-messages.js';
import { Tally } from '#libs/messaging/status.js';
import { createPool } from '#libs/platform/postgres.js';
import { CONSUMER, ConsumerLab, eventually, HASTY } from '#test/support/messaging/consumer-lab.js';
import { LOG_ID, runMessage } from '#test/support/messaging/run-topic.js';
import { holdsAsync } from '#test/support/property.js';

const RUNS = 150;
const TYPES = new Set(['promptflow.prompt.charged.v1']);
const PLACE = { topic: 't.wallet-events', partition: 0 };

const nasty = fc.oneof(
  fc.constant('\u0000'),
  fc.constant('wallet-a'),
  fc.constant('x'.repeat(5_000)),
  fc.constant('wallet-\ud800'),
  fc.constant(`${LOG_ID}-9999999999999999999`),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((each) => Buffer.from(each)),
  nasty.map((text) => Buffer.from(text)),
);
const good = encodeMessage(runMessage({ user: 'a', run: 'r', position: 5 }));

/** Whatever somebody may put into a topic: nonsense, or a good message with one thing changed. */
const messages = fc.oneof(
  fc.record({
    key: fc.option(bytes),
    value: fc.option(bytes),
    headers: fc.dictionary(fc.string({ maxLength: 12 }), fc.oneof(bytes, fc.array(bytes, { maxLength: 2 }))),
  }),
  fc.tuple(fc.constantFrom('key', 'value', ...Object.keys(good.headers)), nasty).map(([name, text]) => {
    const headers: Record<string, string> = { ...good.headers };
    if (name in headers) headers[name] = text;
    // A subject must be the key as well to be believed.
    const key = name === 'key' || name === 'ce_subject' ? text : good.key;
    return { key: Buffer.from(key), value: Buffer.from(name === 'value' ? text : good.value), headers };
  }),
);

test('nothing that can lie in a topic holds up a consumer: it is read, passed over or parked', async () => {
  const lab = await ConsumerLab.open();
  const pool = createPool({ url: lab.database.url, applicationName: 'test' });
  const tally = new Tally();
  const consumer = lab.consumer((event) => {
    throw new Error(`${event.data.runId} \u0000 ${event.data.model}`);
  });
  const inbox = new Inbox({ consumer, pool, policy: HASTY, tally, lanes: 2 });
  let offset = 0;
  await holdsAsync(
    'unreadable messages',
    RUNS,
    fc.asyncProperty(fc.array(messages, { minLength: 1, maxLength: 8 }), async (given) => {
      const deliveries = given.flatMap((message) => {
        const whole = { ...message, offset: String(offset++), timestamp: '1', attributes: 0 } as KafkaMessage;
        const delivery = receivedOrForeign(whole);
        return delivery === undefined ? [] : [delivery];
      });
      await inbox.accept(deliveries);
      // Delivered again, nothing new comes of it.
      const before = await count();
      await inbox.accept(deliveries);
      expect(await count()).toBe(before);
    }),
  );
  expect(tally.parked).toBeGreaterThan(0);
  // Tried again, each is parked again, one as the other.
  await new ParkedMessages(lab.pool).retry({ consumer: CONSUMER, stream: undefined });
  const stop = new AbortController();
  const drain = new Drain({
    ...{ consumer, pool, tally, logId: LOG_ID },
    policy: { ...HASTY, triesMax: 1 },
    signal: stop.signal,
  });
  const draining = drain.run();
  await eventually(async () => {
    const states = (await new ParkedMessages(lab.pool).list()).map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(['parked']));
  });
  stop.abort();
  await draining;
  for (const { stream } of await new ParkedMessages(lab.pool).list())
    expect((await new ParkedMessages(lab.pool).show({ consumer: CONSUMER, stream })).length).toBeGreaterThan(
      0,
    );

  async function count(): Promise<number> {
    const { rows } = await lab.pool.query<{ count: number }>('select count(*)::int from messaging.parked');
    return rows[0]!.count;
  }
  await pool.end();
  await lab.close();
}, 120_000);

/** A position of another log stops a consumer on purpose. */
function receivedOrForeign(message: KafkaMessage): ReturnType<typeof received> {
  try {
    return received(message, PLACE, { logId: LOG_ID, types: TYPES });
  } catch (error) {
    if (error instanceof Error && error.name === 'ForeignPositionError') return undefined;
    throw error;
  }
}
