import 'reflect-metadata';
import { decodeMetadata } from '#libs/contracts/metadata.js';
import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import {
  asDone,
  envelopeOf,
  ManualClock,
  OPEN_TERMS,
  STREAM,
} from '#test/support/application/wallet-process.js';
import { eventsOf } from '#test/support/application/watched-store.js';
import { buy, charge, CREATOR, NOVEMBER_END, open, USER } from '#test/support/ledger/wallet-builders.js';
import { AddCredits } from './commands/commands.js';
import { addCreditsHandler } from './commands/handlers.js';
import { runCreatorSettlement } from './settlement/creator-settlement.js';
import { runSweeper } from './sweeper/sweeper.js';
import { createWritePath } from './write-path.js';

const store = new MemoryEventStore();
const clock = new ManualClock();
const path = createWritePath({ store, clock, terms: () => OPEN_TERMS });
afterAll(() => path.close());

const send = async (key: string, command: WalletCommand) =>
  asDone(await path.wallets.execute(STREAM, envelopeOf(key, command), command));

/** Who wrote the events of each type. */
async function authors(): Promise<Readonly<Record<string, string>>> {
  const recorded = await eventsOf(store);
  return Object.fromEntries(
    recorded.map(({ type, metadata }): [string, string] => [
      type.split('.')[0]!,
      decodeMetadata(metadata).principal,
    ]),
  );
}

async function settle(): Promise<void> {
  const ended = new AbortController();
  await runCreatorSettlement({
    store,
    creators: path.creators,
    checkpoints: { load: async () => undefined, save: async () => undefined },
    signal: AbortSignal.any([ended.signal, AbortSignal.timeout(5_000)]),
    onSettled: () => ended.abort(),
  });
}

async function sweep(): Promise<void> {
  const ended = new AbortController();
  await runSweeper({
    store,
    wallets: path.wallets,
    clock,
    signal: AbortSignal.any([ended.signal, AbortSignal.timeout(5_000)]),
    onPass: () => ended.abort(),
    due: {
      page: async ({ kind, after }) => ({
        wallets:
          kind === 'period' && after.dueAt < NOVEMBER_END ? [{ userId: USER, dueAt: NOVEMBER_END }] : [],
        position: await store.head(),
        recordedAt: clock.t,
      }),
    },
  });
}

test('commands are those of their caller; internal commands are those of system:<role>', async () => {
  await send('open', open('FREE'));
  const purchase = buy(1_000_000n);
  await addCreditsHandler(path).execute(new AddCredits(envelopeOf('buy', purchase), purchase));
  await send('run', charge({ creatorId: CREATOR, creatorFee: 1_003n }));
  await settle();
  expect(await authors()).toEqual({
    WalletOpened: 'local',
    CreditsAdded: 'local',
    PaymentRegistered: 'system:payments',
    PromptCharged: 'local',
    CreatorPaid: 'system:settlement',
  });
  clock.t = NOVEMBER_END;
  await sweep();
  expect(await authors()).toMatchObject({ CreditsAdded: 'system:sweeper' });
});
