import { walletDefinition } from './write-path.js';
import { WatchedStore } from '#test/support/application/watched-store.js';
import {
  codeOf,
  envelopeOf,
  OPEN_TERMS,
  STREAM,
  WalletProcess,
} from '#test/support/application/wallet-process.js';
import { give, open } from '#test/support/ledger/wallet-builders.js';
import { CatchingUpFault } from './outcome.js';

const standard = walletDefinition(() => OPEN_TERMS);

/** Deciding a gift of 13 throws `error`; so does folding one of 14. */
async function openProcess(error: Error) {
  const definition: typeof standard = {
    ...standard,
    decide: (wallet, command, context) => {
      if (command.type === 'AddCredits' && command.amount === 13n) throw error;
      return standard.decide(wallet, command, context);
    },
    evolve: (wallet, event) => {
      if (event.type === 'CreditsAdded' && event.amount === 14n) throw error;
      return standard.evolve(wallet, event);
    },
  };
  const store = new WatchedStore();
  const process = new WalletProcess(store, { definition });
  await process.send('open', open());
  return { store, process };
}

const FAULTS = [new Error('a rule divides by zero'), new CatchingUpFault('prices are not known')];

describe.each(FAULTS)('a decision that throws %p', (error) => {
  test.each([13n, 14n])('fails its own command alone (%p)', async (amount) => {
    const { process } = await openProcess(error);
    const answers = await Promise.allSettled([
      process.send('k1', give(1n)),
      process.send('k2', give(amount)),
      process.send('k3', give(2n)),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(answers[1]).toMatchObject({ reason: error });
    expect((await process.done('k4', give(4n))).balanceAfter?.promo).toBe(7n);
  });

  test('alone in the queue: its caller is told, the next one answered', async () => {
    const { store, process } = await openProcess(error);
    await expect(process.send('k1', give(13n))).rejects.toBe(error);
    expect(store.appends).toHaveLength(1);
    expect(codeOf(await process.send('k1', give(1n)))).toBe('done');
  });

  test('fails its group and nothing beside it', async () => {
    const { process } = await openProcess(error);
    const commands = [give(1n), give(13n)].map((command, i) => ({
      envelope: envelopeOf(`g${i}`, command),
      command,
    }));
    const answers = await Promise.allSettled([
      process.executor.executeGroup(STREAM, commands),
      process.send('k1', give(2n)),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect((await process.done('k2', give(4n))).balanceAfter?.promo).toBe(6n);
  });
});
