import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import { APPEND_EVENTS_MAX } from '#libs/event-store/port.js';
import { RunId } from '#libs/kernel/ids.js';
import { accept } from '#libs/ledger/decision.js';
import { eventsOf, gate, WatchedStore } from '#test/support/application/watched-store.js';
import {
  asDone,
  codeOf,
  ManualClock,
  OPEN_TERMS,
  replyText,
  STREAM,
  WalletProcess,
} from '#test/support/application/wallet-process.js';
import { added, buy, charge, give, NOW, open, tokens, unlock } from '#test/support/ledger/wallet-builders.js';
import { CommandTooLargeFault } from './outcome.js';
import { walletDefinition } from './write-path.js';

/** Two processes, each with its own cache and clock, over one log. */
function twoProcesses() {
  const log = new MemoryEventStore();
  const stores = [new WatchedStore(log), new WatchedStore(log)] as const;
  const clocks = [new ManualClock(), new ManualClock(NOW + 7)] as const;
  const [a, b] = [0, 1].map((i) => new WalletProcess(stores[i]!, { clock: clocks[i]! })) as [
    WalletProcess,
    WalletProcess,
  ];
  return { log, stores, clocks, a, b };
}

/** 0.7 credits a token: 10 tokens cost 7 credits and 2 markup. */
const smallRun = (runId: string) =>
  charge({ runId: RunId.of(runId), model: 'mixtral-8x7b', tokens: tokens(10) });
const SMALL_RUN_COST = 9n;

describe('an answer that appends nothing is given only after the tail was read', () => {
  test('credits added by the other process are seen by a refusal', async () => {
    const { a, b } = twoProcesses();
    await a.send('open', open());
    const dear = charge({ tokens: tokens(10_000) });
    expect(codeOf(await a.send('k1', dear))).toBe('wallet.insufficient_credits');
    await b.send('k2', buy(1_000_000n));
    expect(codeOf(await a.send('k3', dear))).toBe('done');
  });

  test('a refusal names what is available now, not what this process remembers', async () => {
    const { a, b } = twoProcesses();
    await a.send('open', open());
    await b.send('k1', give(5n));
    expect(await a.send('k2', charge({ tokens: tokens(10_000) }))).toEqual({
      kind: 'refused',
      refusal: { code: 'wallet.insufficient_credits', needed: 300_500n, available: 100_005n },
    });
  });

  test('a charge by the other process makes the run id used', async () => {
    const { a, b } = twoProcesses();
    await a.send('open', open());
    await b.send('k1', charge());
    expect(await a.send('k2', charge())).toEqual({
      kind: 'refused',
      refusal: { code: 'run.already_charged', chargedAtRevision: 2 },
    });
  });

  test('a wallet opened by the other process is found', async () => {
    const { a, b } = twoProcesses();
    expect(codeOf(await a.send('k1', charge()))).toBe('wallet.not_found');
    await b.send('open', open());
    expect(codeOf(await a.send('k1', charge()))).toBe('done');
  });

  test('a key used through the other process is a replay', async () => {
    const { a, b } = twoProcesses();
    await a.send('open', open());
    const first = asDone(await b.send('k1', charge()));
    expect(replyText(await a.send('k1', charge()))).toBe(replyText({ ...first, replayed: true }));
  });
});

describe('a command too large', () => {
  test('is said to be so only on the newest state', async () => {
    const { stores, b } = twoProcesses();
    const standard = walletDefinition(() => OPEN_TERMS);
    // Until the wallet holds a promo lot, every command needs one event more than an append holds.
    const definition: typeof standard = {
      ...standard,
      decide: (wallet, command, context) =>
        wallet.status === 'open' && !wallet.lots.active.some(({ kind }) => kind === 'promo')
          ? accept(
              ...Array.from({ length: APPEND_EVENTS_MAX + 1 }, (_, i) => added(`lot-${i}`, 'refund', 1n)),
            )
          : standard.decide(wallet, command, context),
    };
    const a = new WalletProcess(stores[0], { definition });
    await a.send('open', open());
    await expect(a.send('k1', give(1n))).rejects.toThrow(CommandTooLargeFault);
    await b.send('k2', give(1n));
    expect(codeOf(await a.send('k1', give(1n)))).toBe('done');
  });
});

describe('one key sent to two processes at the same moment has one effect', () => {
  /** Both processes have decided before either of them appends. */
  async function raced(...commands: readonly [ReturnType<typeof give>, ReturnType<typeof give>]) {
    const { log, stores, a, b } = twoProcesses();
    await a.send('open', open());
    expect(codeOf(await b.preview('look', give(1n)))).toBe('done');
    const gates = [gate(), gate()] as const;
    stores[0].faults.push(gates[0].fault);
    stores[1].faults.push(gates[1].fault);
    const answers = [a.send('same', commands[0]), b.send('same', commands[1])] as const;
    await Promise.all(gates.map(({ reached }) => reached));
    gates[0].open();
    const first = await answers[0];
    gates[1].open();
    return { log, a, b, first, second: await answers[1] };
  }

  test('the same body: the second answer is the first result, replayed', async () => {
    const { log, first, second } = await raced(give(5n), give(5n));
    expect(replyText(second)).toBe(replyText({ ...first, replayed: true }));
    expect(await eventsOf(log, STREAM)).toHaveLength(3);
  });

  test('another body: the second is refused and leaves no trace in its process', async () => {
    const { b, first, second } = await raced(give(5n), give(500n));
    expect(codeOf(first)).toBe('done');
    expect(second).toEqual({ kind: 'refused', refusal: { code: 'request.id_reused' } });
    expect((await b.done('k', give(1n))).balanceAfter?.promo).toBe(6n);
  });
});

describe('two processes on one wallet', () => {
  const ROUNDS = 20;
  const CHARGES = 64;
  const AFFORDABLE = 17;

  test(`credits for ${AFFORDABLE} runs, ${CHARGES} concurrent charges: exactly ${AFFORDABLE} succeed, ${ROUNDS} rounds`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { log, a, b } = twoProcesses();
      await a.send('open', open());
      await a.send('drain', unlock(100_000n));
      await a.send('fund', give(SMALL_RUN_COST * BigInt(AFFORDABLE) + SMALL_RUN_COST - 1n));
      const answers = await Promise.all(
        Array.from({ length: CHARGES }, (_, i) => [a, b][i % 2]!.send(`c${i}`, smallRun(`run-${i}`))),
      );
      const accepted = answers.filter(({ kind }) => kind === 'done');
      expect(accepted).toHaveLength(AFFORDABLE);
      expect(await eventsOf(log, STREAM)).toHaveLength(4 + AFFORDABLE);
      expect((await b.done('end', give(1n))).balanceAfter?.available).toBe(SMALL_RUN_COST);
    }
  });

  test('a conflict makes the loser decide again: both take effect, in log order', async () => {
    const { log, stores, a, b } = twoProcesses();
    await a.send('open', open());
    await b.preview('look', give(1n));
    const { fault, reached, open: openGate } = gate();
    stores[0].faults.push(fault);
    const late = a.done('late', give(5n));
    await reached;
    await b.send('quick', give(7n));
    openGate();
    expect((await late).balanceAfter?.promo).toBe(12n);
    expect(stores[0].appends.map(({ expected }) => expected)).toEqual(['no_stream', 1, 2]);
    expect(await eventsOf(log, STREAM)).toHaveLength(4);
  });

  test('what was due is recorded once when both processes make room at the same moment', async () => {
    const { log, stores, clocks, a, b } = twoProcesses();
    await a.send('open', open());
    const LAPSING = 600;
    const kept = { expiresAt: NOW + 100_000 };
    await Promise.all(
      Array.from({ length: LAPSING }, (_, i) => a.send(`add-${i}`, give(1n, { expiresAt: NOW + 1_000 + i }))),
    );
    await a.send('kept', give(3n, kept));
    await b.preview('look', give(1n));
    // The processes see different lots as lapsed: their first parts of what is due hold other lots.
    clocks[0].t = NOW + 1_000 + 550;
    clocks[1].t = NOW + 1_000 + LAPSING;
    const gates = [gate(), gate()] as const;
    gates.forEach(({ fault }, i) => stores[i]!.faults.push(fault));
    const answers = [a.done('x', give(10n, kept)), b.done('y', give(20n, kept))] as const;
    await Promise.all(gates.map(({ reached }) => reached));
    gates.forEach(({ open: openGate }) => openGate());
    await Promise.all(answers);
    const types = (await eventsOf(log, STREAM)).map(({ type }) => type);
    expect(types.filter((type) => type === 'CreditsExpired.v1')).toHaveLength(LAPSING);
    expect((await a.done('end-a', give(1n))).balanceAfter?.promo).toBe(34n);
    expect((await b.done('end-b', give(1n))).balanceAfter?.promo).toBe(35n);
  });
});
