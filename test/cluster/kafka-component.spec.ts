import { Kafka, logLevel } from 'kafkajs';
import { describeOnKafka, startOwnKafka, testKafka } from '#test/support/components/kafka.js';

const PATIENCE_MS = 120_000;

/** Writes one message into a topic and reads everything in it. */
async function writeAndRead(brokers: readonly string[], topic: string, value: string): Promise<string[]> {
  const kafka = new Kafka({ clientId: 'test', brokers: [...brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  await producer.send({ topic, messages: [{ value }] });
  await producer.disconnect();
  const end = Number((await admin.fetchTopicOffsets(topic))[0]?.high ?? 0);
  await admin.disconnect();
  const consumer = kafka.consumer({ groupId: `${topic}-${value}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const read: string[] = [];
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ message }) => {
          read.push(String(message.value));
          if (read.length === end) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return read;
}

await describeOnKafka('the Kafka of the tests', () => {
  test('every caller has topics of its own on one broker', async () => {
    const [first, second] = [await testKafka(), await testKafka()];
    expect(second.brokers).toEqual(first.brokers);
    expect(second.prefix).not.toBe(first.prefix);
    expect(await writeAndRead(first.brokers, `${first.prefix}topic`, 'a')).toEqual(['a']);
  });

  test(
    'a broker of a test of its own keeps what it answered over a kill and a restart',
    async () => {
      const own = await startOwnKafka();
      try {
        expect(await writeAndRead(own.brokers, 'topic', 'before')).toEqual(['before']);
        const killed = own.pid;
        await own.kill();
        await own.start();
        expect(own.pid).not.toBe(killed);
        expect(await writeAndRead(own.brokers, 'topic', 'after the kill')).toEqual([
          'before',
          'after the kill',
        ]);
        await own.restart();
        expect(await writeAndRead(own.brokers, 'topic', 'at last')).toEqual([
          'before',
          'after the kill',
          'at last',
        ]);
      } finally {
        await own.kill();
      }
    },
    PATIENCE_MS,
  );
});
