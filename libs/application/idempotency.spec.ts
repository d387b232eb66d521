import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import { RunId } from '#libs/kernel/ids.js';
import { eventsOf, WatchedStore } from '#test/support/application/watched-store.js';
import {
  asDone,
  codeOf,
  ManualClock,
  replyText,
  STREAM,
  WalletProcess,
} from '#test/support/application/wallet-process.js';
import { charge, give, NOVEMBER_END, open, tokens, unlock } from '#test/support/ledger/wallet-builders.js';

async function openProcess() {
  const store = new WatchedStore();
  const clock = new ManualClock();
  const process = new WalletProcess(store, { clock });
  await process.send('open', open());
  return { store, clock, process };
}

describe('a key has one effect', () => {
  test.each([
    ['add credits', give(5n)],
    ['charge', charge()],
    ['unlock', unlock(7n)],
  ])('%s: a repeat gives the first result, replayed, and writes nothing', async (_name, command) => {
    const { store, process } = await openProcess();
    const first = await process.send('k1', command);
    await process.send('k2', give(1_000n));
    const repeat = await process.send('k1', command);
    expect(asDone(first).replayed).toBe(false);
    expect(replyText(repeat)).toBe(replyText({ ...first, replayed: true }));
    expect(store.appends).toHaveLength(3);
  });

  test('opening again under its key is the first result; under another it is refused', async () => {
    const { store, process } = await openProcess();
    expect(await process.send('open', open())).toMatchObject({
      replayed: true,
      position: await store.head(),
    });
    expect(codeOf(await process.send('k1', open()))).toBe('wallet.already_open');
  });

  test('a repeat gives everything the first wrote, what time had made due included', async () => {
    const { clock, process } = await openProcess();
    clock.t = NOVEMBER_END;
    const first = await process.done('k1', give(5n));
    expect(first.events.map(({ type }) => type)).toEqual(['CreditsExpired', 'CreditsAdded', 'CreditsAdded']);
    expect(replyText(await process.send('k1', give(5n)))).toBe(replyText({ ...first, replayed: true }));
  });

  test('a repeat after a restart (a fresh fold) is the same', async () => {
    const { store, process } = await openProcess();
    const first = await process.done('k1', charge());
    const restarted = new WalletProcess(store);
    expect(replyText(await restarted.send('k1', charge()))).toBe(replyText({ ...first, replayed: true }));
  });

  test('50 copies at once: one writes, 49 replay it', async () => {
    const { store, process } = await openProcess();
    const answers = await Promise.all(Array.from({ length: 50 }, () => process.done('k1', charge())));
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(new Set(answers.map((answer) => replyText({ ...answer, replayed: true }))).size).toBe(1);
    expect(await eventsOf(store, STREAM)).toHaveLength(3);
  });

  test('200 keys x 20 copies, shuffled over two processes: 200 effects', async () => {
    const log = new MemoryEventStore();
    const processes = [new WalletProcess(log), new WalletProcess(log)] as const;
    await processes[0].send('open', open());
    const sent = Array.from({ length: 200 * 20 }, (_, i) => `k${(i * 7919) % 200}`);
    const answers = await Promise.all(sent.map((key, i) => processes[i % 2]!.done(key, give(1n))));
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(200);
    expect((await processes[0].done('end', give(1n))).balanceAfter?.promo).toBe(201n);
  });
});

describe('a key belongs to one body, one principal and one stream', () => {
  test('the same key with another body is refused, also when the body alone would be refused', async () => {
    const { process } = await openProcess();
    await process.send('k1', give(5n));
    for (const other of [give(6n), charge({ model: 'gpt-5' })]) {
      expect(await process.send('k1', other)).toEqual({
        kind: 'refused',
        refusal: { code: 'request.id_reused' },
      });
    }
  });

  test('the same key of another principal is another command', async () => {
    const { process } = await openProcess();
    await process.send('k1', give(5n), 'client-a');
    const other = asDone(await process.send('k1', give(6n), 'client-b'));
    expect([other.replayed, other.balanceAfter?.promo]).toEqual([false, 11n]);
  });

  test('both within one batch: the second body is refused', async () => {
    const { process } = await openProcess();
    const answers = await Promise.all([process.send('k1', give(5n)), process.send('k1', give(6n))]);
    expect(answers.map(codeOf)).toEqual(['done', 'request.id_reused']);
  });
});

describe('a refusal is not remembered', () => {
  test('the same key is judged afresh once credits are there', async () => {
    const { process } = await openProcess();
    const dear = charge({ tokens: tokens(100_000) });
    expect(codeOf(await process.send('k1', dear))).toBe('wallet.insufficient_credits');
    await process.send('k2', give(10_000_000n));
    expect(asDone(await process.send('k1', dear)).replayed).toBe(false);
  });

  test('a refused key may even carry another body later', async () => {
    const { process } = await openProcess();
    expect(codeOf(await process.send('k1', charge({ model: 'gpt-5' })))).toBe('model.unpriced');
    expect(codeOf(await process.send('k1', charge()))).toBe('done');
  });

  test('a used run id under another key is refused and names the charge', async () => {
    const { process } = await openProcess();
    await process.send('k1', charge({ runId: RunId.of('r') }));
    expect(await process.send('k2', charge({ runId: RunId.of('r') }))).toEqual({
      kind: 'refused',
      refusal: { code: 'run.already_charged', chargedAtRevision: 2 },
    });
  });
});

describe('preview', () => {
  test('writes nothing and remembers nothing, whatever it answers', async () => {
    const { store, process } = await openProcess();
    expect(await process.preview('k1', give(5n))).toEqual({
      kind: 'done',
      replayed: false,
      events: [],
      eventIds: [],
      position: 0n,
    });
    expect(codeOf(await process.preview('k2', charge({ model: 'gpt-5' })))).toBe('model.unpriced');
    expect(store.appends).toHaveLength(1);
    expect(asDone(await process.send('k1', give(6n))).replayed).toBe(false);
  });

  test('of a key that took effect is its replay', async () => {
    const { process } = await openProcess();
    const first = await process.done('k1', give(5n));
    expect(replyText(await process.preview('k1', give(5n)))).toBe(replyText({ ...first, replayed: true }));
  });
});
