import { collect } from '#libs/event-store/conformance/harness.js';
import { APPEND_EVENTS_MAX } from '#libs/event-store/port.js';
import { RunId } from '#libs/kernel/ids.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import { eventsOf, WatchedStore } from '#test/support/application/watched-store.js';
import {
  envelopeOf,
  ManualClock,
  replyText,
  STREAM,
  WalletProcess,
} from '#test/support/application/wallet-process.js';
import { charge, give, NOW, open, tokens } from '#test/support/ledger/wallet-builders.js';
import { CommandTooLargeFault, type NotApplied, type Outcome } from './outcome.js';

async function openProcess() {
  const store = new WatchedStore();
  const clock = new ManualClock();
  const process = new WalletProcess(store, { clock });
  await process.send('open', open());
  store.appends.length = 0;
  const group = (...commands: readonly (readonly [key: string, command: WalletCommand])[]) =>
    process.executor.executeGroup(
      STREAM,
      commands.map(([key, command]) => ({ envelope: envelopeOf(key, command), command })),
    );
  return { store, clock, process, group };
}

const run = (i: number, size = 10) => charge({ runId: RunId.of(`run-${i}`), tokens: tokens(size) });
const codes = (outcomes: readonly (Outcome | NotApplied)[]) =>
  outcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.refusal.code : outcome.kind));

describe('a group takes effect together', () => {
  test('in one append, each command with its own answer', async () => {
    const { store, group } = await openProcess();
    const outcomes = await group(['k1', run(1)], ['k2', run(2)], ['k3', give(5n)]);
    expect(store.appends.map(({ events }) => events.length)).toEqual([3]);
    const log = await collect(store.readAll());
    expect(outcomes.map((outcome) => (outcome.kind === 'done' ? outcome.position : undefined))).toEqual(
      log.slice(2).map(({ position }) => position),
    );
  });

  test('each command is decided on what those before it leave', async () => {
    const { group } = await openProcess();
    // 100,000 credits are there; the first needs the credits that come before it.
    expect(codes(await group(['k1', give(300_500n)], ['k2', run(1, 10_000)]))).toEqual(['done', 'done']);
  });

  test('none of nothing is nothing', async () => {
    const { group } = await openProcess();
    expect(await group()).toEqual([]);
  });
});

describe('a group with a command that is refused', () => {
  test('writes nothing: the refused one says why, the others that they were not applied', async () => {
    const { store, group } = await openProcess();
    const outcomes = await group(['k1', run(1)], ['k2', run(2, 100_000)], ['k3', run(3)]);
    expect(codes(outcomes)).toEqual(['not_applied', 'wallet.insufficient_credits', 'not_applied']);
    expect(outcomes[2]).toEqual({ kind: 'not_applied', refusedIndex: 1 });
    expect(store.appends).toEqual([]);
  });

  test('leaves no trace: its keys and run ids are free', async () => {
    const { process, group } = await openProcess();
    await group(['k1', run(1)], ['k2', run(1)]);
    expect(codes([await process.send('k1', run(1)), await process.send('k3', run(2))])).toEqual([
      'done',
      'done',
    ]);
  });

  test('does not hold up what waits beside it', async () => {
    const { store, process, group } = await openProcess();
    const answers = await Promise.all([
      process.send('a', give(1n)),
      group(['k1', give(2n)], ['k2', run(2, 100_000)]),
      process.send('b', give(4n)),
    ]);
    expect(codes([answers[0], ...answers[1], answers[2]])).toEqual([
      'done',
      'not_applied',
      'wallet.insufficient_credits',
      'done',
    ]);
    expect(store.appends.map(({ events }) => events.length)).toEqual([2]);
    expect((await process.done('c', give(1n))).balanceAfter?.promo).toBe(6n);
  });

  test('is judged on the newest state: another process may have added credits', async () => {
    const { store, group } = await openProcess();
    await new WalletProcess(store.log).send('other', give(10_000_000n));
    expect(codes(await group(['k1', run(1)], ['k2', run(2, 100_000)]))).toEqual(['done', 'done']);
  });
});

describe('a group with commands that took effect before', () => {
  test('sent again it is all replays', async () => {
    const { store, group } = await openProcess();
    const first = await group(['k1', run(1)], ['k2', run(2)]);
    const again = await group(['k1', run(1)], ['k2', run(2)]);
    expect(again.map(replyText)).toEqual(first.map((outcome) => replyText({ ...outcome, replayed: true })));
    expect(store.appends).toHaveLength(1);
  });

  test('replays count as done: the rest takes effect', async () => {
    const { process, group } = await openProcess();
    const first = await process.done('k1', run(1));
    const outcomes = await group(['k1', run(1)], ['k2', run(2)]);
    expect(replyText(outcomes[0])).toBe(replyText({ ...first, replayed: true }));
    expect(outcomes[1]).toMatchObject({ kind: 'done', replayed: false });
  });

  test('are replays also when another is refused', async () => {
    const { process, group } = await openProcess();
    await process.done('k3', run(3));
    const outcomes = await group(['k1', run(1)], ['k2', run(2, 100_000)], ['k3', run(3)]);
    expect(codes(outcomes)).toEqual(['not_applied', 'wallet.insufficient_credits', 'done']);
    expect(outcomes[2]).toMatchObject({ replayed: true });
  });

  test('a key twice in one group: the second is a replay of the first, or not applied with it', async () => {
    const { group } = await openProcess();
    const done = await group(['k1', run(1)], ['k1', run(1)]);
    expect(done.map((outcome) => outcome.kind === 'done' && outcome.replayed)).toEqual([false, true]);
    expect(codes(await group(['k2', run(2)], ['k2', run(2)], ['k3', run(1)]))).toEqual([
      'not_applied',
      'not_applied',
      'run.already_charged',
    ]);
  });

  test('a used key with another body refuses the group', async () => {
    const { group } = await openProcess();
    await group(['k1', run(1)]);
    expect(codes(await group(['k1', run(9)], ['k2', run(2)]))).toEqual(['request.id_reused', 'not_applied']);
  });
});

describe('the size of a group', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, i): readonly [string, WalletCommand] => [`k${i}`, give(1n)]);

  test(`${APPEND_EVENTS_MAX} events are one append, also behind others`, async () => {
    const { store, process, group } = await openProcess();
    await Promise.all([process.send('a', give(1n)), group(...many(APPEND_EVENTS_MAX))]);
    expect(store.appends.map(({ events }) => events.length)).toEqual([1, APPEND_EVENTS_MAX]);
  });

  test('more are CommandTooLargeFault, nothing written, and what waits beside it is done', async () => {
    const { store, process, group } = await openProcess();
    const answers = await Promise.allSettled([
      group(...many(APPEND_EVENTS_MAX + 1)),
      process.send('b', give(1n)),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    await expect(group(...many(APPEND_EVENTS_MAX + 1))).rejects.toThrow(CommandTooLargeFault);
    expect(await eventsOf(store, STREAM)).toHaveLength(3);
  });

  test('what time has made due goes ahead in an append of its own', async () => {
    const { store, clock, process, group } = await openProcess();
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => process.send(`add-${i}`, give(1n, { expiresAt: NOW + 10 }))),
    );
    clock.t = NOW + 10;
    store.appends.length = 0;
    const outcomes = await group(...many(APPEND_EVENTS_MAX - 5));
    expect(store.appends.map(({ events }) => events.length)).toEqual([20, APPEND_EVENTS_MAX - 5]);
    expect(outcomes.every(({ kind }) => kind === 'done')).toBe(true);
  });
});
