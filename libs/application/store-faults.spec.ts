import { setTimeout as sleep } from 'node:timers/promises';
import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import {
  type AppendFault,
  eventsOf,
  gate,
  lostAfterCommit,
  lostBeforeCommit,
  storeGone,
  WatchedStore,
} from '#test/support/application/watched-store.js';
import { codeOf, replyText, STREAM, WalletProcess } from '#test/support/application/wallet-process.js';
import { charge, give, open, tokens } from '#test/support/ledger/wallet-builders.js';
import { OutcomeUnknownFault, OverloadedFault } from './outcome.js';

/** Short, so that a test need not wait: real callers wait seconds. */
const ANSWER_AFTER_MS = 60;

async function openProcess() {
  const log = new MemoryEventStore();
  const store = new WatchedStore(log);
  const process = new WalletProcess(store, { answerAfterMs: ANSWER_AFTER_MS });
  await process.send('open', open());
  store.appends.length = 0;
  return { log, store, process, rival: new WalletProcess(log) };
}

/** The name of the fault, or what was answered. */
const nameOf = (answer: Promise<Parameters<typeof codeOf>[0]>): Promise<string> =>
  answer.then(codeOf, (fault: Error) => fault.name);

async function idle(process: WalletProcess): Promise<void> {
  while (process.executor.depth > 0) await sleep(2);
}

describe('the reply to an append is lost', () => {
  test.each([
    ['before the commit', lostBeforeCommit],
    ['after the commit', lostAfterCommit],
  ])(
    '%s: repeated with the same ids and expectation, one effect, an ordinary answer',
    async (_when, fault) => {
      const { log, store, process } = await openProcess();
      store.faults.push(fault);
      const answer = await process.done('k1', give(5n));
      expect([answer.replayed, answer.balanceAfter?.promo]).toEqual([false, 5n]);
      const [first, second] = store.appends;
      expect(store.appends).toHaveLength(2);
      expect(second).toEqual(first);
      expect(await eventsOf(log, STREAM)).toHaveLength(3);
      expect(replyText(await process.send('k1', give(5n)))).toBe(replyText({ ...answer, replayed: true }));
    },
  );

  test('before the commit, and another process came first: decided again, never twice', async () => {
    const { log, store, process, rival } = await openProcess();
    store.faults.push(async (commit, append) => {
      await rival.send('other', give(7n));
      return lostBeforeCommit(commit, append);
    });
    expect((await process.done('k1', give(5n))).balanceAfter?.promo).toBe(12n);
    expect(await eventsOf(log, STREAM)).toHaveLength(4);
  });

  test('after the commit, and another process came right behind: found by its ids, confirmed', async () => {
    const { log, store, process, rival } = await openProcess();
    store.faults.push(async (commit, append) => {
      await commit();
      await rival.send('other', give(7n));
      return lostAfterCommit(async () => ({ revision: 0, positions: [] }), append);
    });
    expect((await process.done('k1', give(5n))).balanceAfter?.promo).toBe(5n);
    expect(await eventsOf(log, STREAM)).toHaveLength(4);
    expect((await process.done('k2', give(1n))).balanceAfter?.promo).toBe(13n);
  });

  test('and it arrives late, after the retry: one effect', async () => {
    const log = new MemoryEventStore();
    const process = new WalletProcess(log, { answerAfterMs: ANSWER_AFTER_MS });
    await process.send('open', open());
    const late = log.loseNextReply('late');
    expect((await process.done('k1', give(5n))).balanceAfter?.promo).toBe(5n);
    await late.release();
    expect((await process.done('k2', give(1n))).balanceAfter?.promo).toBe(6n);
    expect(await eventsOf(log, STREAM)).toHaveLength(4);
  });
});

describe('an append stays in doubt for longer than callers wait', () => {
  /** One command in doubt, two that came after it and were never tried. */
  async function inDoubt(everyAppend: AppendFault) {
    const opened = await openProcess();
    const { store, process } = opened;
    store.everyAppend = everyAppend;
    const tried = nameOf(process.send('tried', give(5n)));
    while (store.appends.length === 0) await sleep(1);
    const untried = [process.send('untried-1', give(10n)), process.send('untried-2', give(20n))].map(nameOf);
    expect(await tried).toBe(OutcomeUnknownFault.name);
    expect(await Promise.all(untried)).toEqual([OverloadedFault.name, OverloadedFault.name]);
    return opened;
  }

  test('the one in doubt is told outcome unknown, the untried and new ones overloaded', async () => {
    const { store, process } = await inDoubt(lostBeforeCommit);
    expect(await nameOf(process.send('new', give(40n)))).toBe(OverloadedFault.name);
    expect(await nameOf(process.preview('look', give(1n)))).toBe(OverloadedFault.name);
    store.everyAppend = undefined;
    await idle(process);
  });

  test('never committed: the append goes on until it is; the untried are never executed', async () => {
    const { log, store, process } = await inDoubt(lostBeforeCommit);
    store.everyAppend = undefined;
    await idle(process);
    expect((await eventsOf(log, STREAM)).map(({ metadata }) => keyIn(metadata))).toEqual([
      'open',
      'open',
      'tried',
    ]);
    expect(await process.done('tried', give(5n))).toMatchObject({
      replayed: true,
      balanceAfter: { promo: 5n },
    });
    expect(await process.done('untried-1', give(10n))).toMatchObject({
      replayed: false,
      balanceAfter: { promo: 15n },
    });
  });

  test('committed at once: sent again under the same key it is the first result', async () => {
    const { log, store, process } = await inDoubt(lostAfterCommit);
    store.everyAppend = undefined;
    await idle(process);
    expect(await process.done('tried', give(5n))).toMatchObject({
      replayed: true,
      balanceAfter: { promo: 5n },
    });
    expect(await eventsOf(log, STREAM)).toHaveLength(3);
  });

  test('a conflict proves the first try dead: decided again on what the other process wrote', async () => {
    const { log, store, process, rival } = await inDoubt(lostBeforeCommit);
    await rival.send('other', give(7n));
    store.everyAppend = undefined;
    await idle(process);
    expect(await process.done('tried', give(5n))).toMatchObject({
      replayed: true,
      balanceAfter: { promo: 12n },
    });
    expect(await eventsOf(log, STREAM)).toHaveLength(4);
  });

  test('every retry carries the same ids and the same expectation', async () => {
    const { store, process } = await inDoubt(lostBeforeCommit);
    store.everyAppend = undefined;
    await idle(process);
    expect(store.appends.length).toBeGreaterThan(2);
    for (const append of store.appends) expect(append).toEqual(store.appends[0]);
  });

  test('the store gone in the meantime does not end the doubt', async () => {
    const { log, store, process } = await inDoubt(lostAfterCommit);
    store.everyAppend = storeGone;
    await sleep(3 * ANSWER_AFTER_MS);
    expect(process.executor.depth).toBe(1);
    store.everyAppend = undefined;
    await idle(process);
    expect(await eventsOf(log, STREAM)).toHaveLength(3);
  });

  test('a refusal decided in the same batch is in doubt too: it rests on what may not be there', async () => {
    const { store, process } = await openProcess();
    store.everyAppend = lostBeforeCommit;
    const answers = await Promise.all([
      nameOf(process.send('k1', charge())),
      nameOf(process.send('k2', charge({ tokens: tokens(10_000) }))),
    ]);
    expect(answers).toEqual([OutcomeUnknownFault.name, OutcomeUnknownFault.name]);
    store.everyAppend = undefined;
    await idle(process);
  });
});

describe('the store cannot be reached', () => {
  test('a short absence is waited for', async () => {
    const { store, process } = await openProcess();
    store.faults.push(storeGone, storeGone);
    expect(await process.done('k1', give(5n))).toMatchObject({
      replayed: false,
      balanceAfter: { promo: 5n },
    });
  });

  test('a long one is OverloadedFault for all that wait, and nothing is written', async () => {
    const { log, store, process } = await openProcess();
    store.everyAppend = storeGone;
    const answers = ['k1', 'k2', 'k3'].map((key) => nameOf(process.send(key, give(5n))));
    expect(new Set(await Promise.all(answers))).toEqual(new Set([OverloadedFault.name]));
    expect(process.executor.depth).toBe(0);
    store.everyAppend = undefined;
    expect(await eventsOf(log, STREAM)).toHaveLength(2);
    expect(await process.done('k1', give(5n))).toMatchObject({
      replayed: false,
      balanceAfter: { promo: 5n },
    });
  });

  test('a stream that cannot be read answers nothing from memory', async () => {
    const { store, process } = await openProcess();
    store.unreadable = true;
    expect(await nameOf(process.send('k1', charge({ tokens: tokens(10_000) })))).toBe(OverloadedFault.name);
    expect(await nameOf(process.send('open', open()))).toBe(OverloadedFault.name);
    store.unreadable = false;
    expect(codeOf(await process.send('k1', charge({ tokens: tokens(10_000) })))).toBe(
      'wallet.insufficient_credits',
    );
  });
});

describe('close', () => {
  test('waits for what is queued and takes nothing new', async () => {
    const { log, store, process } = await openProcess();
    const { fault, reached, open: openGate } = gate();
    store.faults.push(fault);
    const first = process.done('k1', give(5n));
    await reached;
    const second = process.done('k2', give(6n));
    const closed = process.executor.close();
    expect(await nameOf(process.send('k3', give(7n)))).toBe(OverloadedFault.name);
    openGate();
    await closed;
    expect((await Promise.all([first, second])).map(({ balanceAfter }) => balanceAfter?.promo)).toEqual([
      5n,
      11n,
    ]);
    expect(await eventsOf(log, STREAM)).toHaveLength(4);
  });

  test('answers what has no outcome after the grace as unknown, what was not tried as overloaded', async () => {
    const { log, store, process } = await openProcess();
    const { fault, reached, open: openGate } = gate();
    store.faults.push(fault);
    const tried = nameOf(process.send('tried', give(5n)));
    await reached;
    const untried = nameOf(process.send('untried', give(6n)));
    await process.executor.close(20);
    expect([await tried, await untried]).toEqual([OutcomeUnknownFault.name, OverloadedFault.name]);
    openGate();
    await sleep(10);
    expect((await eventsOf(log, STREAM)).map(({ metadata }) => keyIn(metadata))).toEqual([
      'open',
      'open',
      'tried',
    ]);
  });

  test('gives a lost reply its retry within the grace', async () => {
    const { store, process } = await openProcess();
    store.faults.push(lostAfterCommit);
    const answer = process.done('k1', give(5n));
    await process.executor.close();
    expect(await answer).toMatchObject({ replayed: false, balanceAfter: { promo: 5n } });
  });
});

const keyIn = (metadata: string): string => (JSON.parse(metadata) as { key: string }).key;
