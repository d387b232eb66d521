import { collect } from '#libs/event-store/conformance/harness.js';
import { APPEND_BYTES_MAX, APPEND_EVENTS_MAX } from '#libs/event-store/port.js';
import { RunId, UserId } from '#libs/kernel/ids.js';
import { eventsOf, gate, WatchedStore } from '#test/support/application/watched-store.js';
import {
  codeOf,
  envelopeOf,
  ManualClock,
  replyText,
  STREAM,
  WalletProcess,
} from '#test/support/application/wallet-process.js';
import { charge, give, NOW, open, tokens } from '#test/support/ledger/wallet-builders.js';
import { CommandTooLargeFault, OverloadedFault } from './outcome.js';

async function openProcess(options: ConstructorParameters<typeof WalletProcess>[1] = {}) {
  const store = new WatchedStore();
  const clock = new ManualClock();
  const process = new WalletProcess(store, { clock, ...options });
  await process.send('open', open());
  store.appends.length = 0;
  return { store, clock, process };
}

const many = (count: number, send: (i: number) => Promise<unknown>) =>
  Promise.all(Array.from({ length: count }, (_, i) => send(i)));

describe('one queue a stream', () => {
  test('what is sent together is decided together and appended once', async () => {
    const { store, process } = await openProcess();
    await many(100, (i) => process.send(`k${i}`, give(1n)));
    expect(store.appends.map(({ events }) => events.length)).toEqual([100]);
  });

  test('what arrives while an append is under way goes into the next one', async () => {
    const { store, process } = await openProcess();
    const { fault, reached, open: openGate } = gate();
    store.faults.push(fault);
    const first = process.send('k0', give(1n));
    await reached;
    const rest = many(30, (i) => process.send(`k${i + 1}`, give(1n)));
    openGate();
    await Promise.all([first, rest]);
    expect(store.appends.map(({ events }) => events.length)).toEqual([1, 30]);
  });

  test('commands are decided in the order they came, each on the result of the one before', async () => {
    const { process } = await openProcess();
    const dear = charge({ tokens: tokens(10_000) });
    const answers = await Promise.all([
      process.send('k1', dear),
      process.send('k2', give(200_500n)),
      process.send('k3', dear),
      process.send('k4', charge({ runId: RunId.of('run-2') })),
    ]);
    expect(answers.map(codeOf)).toEqual([
      'wallet.insufficient_credits',
      'done',
      'done',
      'wallet.insufficient_credits',
    ]);
  });

  test('streams do not wait for each other', async () => {
    const { store, process } = await openProcess();
    const { fault, reached, open: openGate } = gate();
    store.faults.push(fault);
    const held = process.send('k1', give(1n));
    await reached;
    const other = { ...open(), userId: UserId.of('u-2') };
    expect(codeOf(await process.send('open', other))).toBe('done');
    openGate();
    await held;
  });

  test('each answer has its own position and balance', async () => {
    const { store, process } = await openProcess();
    const answers = await Promise.all([1n, 2n, 3n].map((n) => process.done(`k${n}`, give(n))));
    const log = await collect(store.readAll());
    expect(log).toHaveLength(5);
    expect(answers.map(({ position, balanceAfter }) => [position, balanceAfter?.promo])).toEqual([
      [log[2]!.position, 1n],
      [log[3]!.position, 3n],
      [log[4]!.position, 6n],
    ]);
  });
});

describe('a batch is cut between commands', () => {
  test(`at ${APPEND_EVENTS_MAX} events`, async () => {
    const { store, process } = await openProcess();
    await many(1_203, (i) => process.send(`k${i}`, give(1n)));
    expect(store.appends.map(({ events }) => events.length)).toEqual([500, 500, 203]);
  });

  test(`at ${APPEND_BYTES_MAX} bytes`, async () => {
    const { store, process } = await openProcess();
    const reference = 'r'.repeat(3_000);
    await many(400, (i) => process.send(`k${i}`, give(1n, { reference })));
    const sizes = store.appends.map(({ events }) =>
      events.reduce(
        (sum, { type, data, metadata }) =>
          sum + type.length + Buffer.byteLength(data) + Buffer.byteLength(metadata),
        0,
      ),
    );
    expect(Math.max(...sizes)).toBeLessThanOrEqual(APPEND_BYTES_MAX);
    // All but the last are full: one more command would not have fitted.
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThan(APPEND_BYTES_MAX - 2 * 3_500);
    expect(await eventsOf(store, STREAM)).toHaveLength(402);
  });

  test('never inside a command: 3 events each do not fill the last places', async () => {
    const { store, clock, process } = await openProcess();
    // Two lots lapse before the charge: the first command of the batch holds 3 events, the rest one each.
    await process.send('a', give(1n, { expiresAt: NOW + 10 }));
    await process.send('b', give(1n, { expiresAt: NOW + 10 }));
    clock.t = NOW + 10;
    store.appends.length = 0;
    await many(499, (i) => process.send(`k${i}`, give(1n)));
    expect(store.appends.map(({ events }) => events.length)).toEqual([500, 1]);
  });
});

describe('what time has made due and does not fit beside a command', () => {
  const LAPSING = 600;

  async function withLapsedLots() {
    const opened = await openProcess();
    await many(LAPSING, (i) => opened.process.send(`add-${i}`, give(1n, { expiresAt: NOW + 10 })));
    opened.clock.t = NOW + 10;
    opened.store.appends.length = 0;
    return opened;
  }

  test(`${LAPSING} lapsed lots go in an append of their own first`, async () => {
    const { store, process } = await withLapsedLots();
    const answer = await process.done('k', give(5n));
    expect(answer.balanceAfter).toMatchObject({ available: 100_005n, promo: 5n });
    expect(answer.events.at(-1)).toMatchObject({ type: 'CreditsAdded', amount: 5n });
    expect(store.appends.map(({ events }) => events.length)).toEqual([250, 351]);
    expect(replyText(await process.send('k', give(5n)))).toBe(replyText({ ...answer, replayed: true }));
  });

  test('a restart between the two appends finds the rest still due', async () => {
    const { store, clock, process } = await withLapsedLots();
    await process.send('k', give(5n));
    const restarted = new WalletProcess(store, { clock });
    expect((await restarted.done('k2', give(1n))).balanceAfter).toMatchObject({ promo: 6n });
    expect(await eventsOf(store, STREAM)).toHaveLength(2 + LAPSING + LAPSING + 2);
  });

  test('a refusal writes none of it', async () => {
    const { store, process } = await withLapsedLots();
    expect(codeOf(await process.send('k', charge({ tokens: tokens(10_000) })))).toBe(
      'wallet.insufficient_credits',
    );
    expect(store.appends).toEqual([]);
  });
});

describe('a command that no append can hold', () => {
  const huge = give(1n, { reference: 'r'.repeat(APPEND_BYTES_MAX) });

  test('is a CommandTooLargeFault; what waits beside it is done', async () => {
    const { store, process } = await openProcess();
    const answers = await Promise.allSettled([
      process.send('k1', give(1n)),
      process.send('k2', huge),
      process.send('k3', give(2n)),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await expect(process.send('k2', huge)).rejects.toThrow(CommandTooLargeFault);
    expect(await eventsOf(store, STREAM)).toHaveLength(4);
  });
});

describe('limits', () => {
  test('more commands than may wait are OverloadedFault and leave no trace', async () => {
    const { store, process } = await openProcess({ waitingMax: 10 });
    const answers = await Promise.allSettled(
      Array.from({ length: 15 }, (_, i) => process.send(`k${i}`, give(1n))),
    );
    const refused = answers.filter((answer) => answer.status === 'rejected');
    expect(refused.map(({ reason }) => (reason as Error).name)).toEqual(
      Array.from({ length: 5 }, () => OverloadedFault.name),
    );
    expect(process.executor.depth).toBe(0);
    expect(await eventsOf(store, STREAM)).toHaveLength(12);
  });

  test('streams forgotten by the cache are folded again: answers stay right', async () => {
    const { store, process } = await openProcess({ cacheWeightMax: 25 });
    const USERS = 20;
    const send = (user: number, key: string, amount: bigint) => {
      const command = { ...give(amount), userId: UserId.of(`user-${user}`) };
      return process.executor.execute(`wallet-user-${user}`, envelopeOf(key, command), command);
    };
    for (let user = 0; user < USERS; user++)
      await process.send('open', { ...open(), userId: UserId.of(`user-${user}`) });
    for (let round = 1; round <= 3; round++) {
      for (let user = 0; user < USERS; user++)
        expect(await send(user, `k${round}`, 2n)).toMatchObject({
          replayed: false,
          balanceAfter: { promo: 2n * BigInt(round) },
        });
      for (let user = 0; user < USERS; user++)
        expect(await send(user, 'k1', 2n)).toMatchObject({ replayed: true, balanceAfter: { promo: 2n } });
    }
    // Each round folds nearly every stream anew: the cache was far too small for them.
    expect(store.reads).toBeGreaterThan(5 * USERS);
    // Yet it keeps as many as it may: the last one used is still there.
    const before = store.reads;
    expect(await send(USERS - 1, 'k4', 2n)).toMatchObject({ balanceAfter: { promo: 8n } });
    expect(store.reads).toBe(before);
  });

  test('a stream that stays in the cache is not read again to append', async () => {
    const { store, process } = await openProcess();
    const before = store.reads;
    for (let i = 0; i < 5; i++) await process.send(`k${i}`, give(1n));
    expect(store.reads).toBe(before);
  });
});
