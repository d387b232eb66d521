import { setTimeout as sleep } from 'node:timers/promises';
import { Lanes } from './lanes.js';

interface Item {
  readonly user: string;
  readonly n: number;
}

test("each key's items arrive in order, batches of a lane one after another", async () => {
  const arrived = new Map<string, number[]>();
  let inFlight = 0;
  let most = 0;
  const lanes = new Lanes<Item>({
    lanes: 4,
    batchMax: 7,
    send: async (batch) => {
      most = Math.max(most, ++inFlight);
      await sleep(batch.length % 3);
      for (const { user, n } of batch) arrived.set(user, [...(arrived.get(user) ?? []), n]);
      inFlight--;
    },
  });
  for (let n = 0; n < 1_000; n++) await lanes.add(`u-${n % 13}`, { user: `u-${n % 13}`, n });
  await lanes.finish();
  expect([...arrived.values()].flat()).toHaveLength(1_000);
  for (const order of arrived.values()) expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(most).toBe(4);
});

test('a failed batch ends the adding, what waits behind it is not sent, what is in flight is awaited', async () => {
  const sent: number[] = [];
  const lanes = new Lanes<number>({
    lanes: 2,
    batchMax: 1,
    send: async ([n]) => {
      await sleep(1);
      if (n === 3) throw new Error('no');
      sent.push(n!);
    },
  });
  const adding = (async () => {
    for (let n = 0; n < 100; n++) await lanes.add(`u-${n % 2}`, n);
    await lanes.finish();
  })();
  await expect(adding).rejects.toThrow('no');
  await lanes.settle();
  expect(sent.length).toBeLessThan(10);
});

test('nothing added, nothing sent', async () => {
  const lanes = new Lanes<number>({ lanes: 2, batchMax: 1, send: () => Promise.reject(new Error('sent')) });
  await lanes.finish();
});
