import { decodeEvent } from '#libs/contracts/stored-events.js';
import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import { UserId } from '#libs/kernel/ids.js';
import { periodStart } from '#libs/kernel/period.js';
import { walletStream } from '#libs/ledger/events.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import { ManualClock, WalletProcess } from '#test/support/application/wallet-process.js';
import { WatchedStore } from '#test/support/application/watched-store.js';
import { authorise, MINUTE_MS } from '#test/support/ledger/run-builders.js';
import { give, NOVEMBER_END, NOW, open } from '#test/support/ledger/wallet-builders.js';
import { type DueKind, type DueWallet, runSweeper } from './sweeper.js';

let store: WatchedStore;
let clock: ManualClock;
let due: Record<DueKind, DueWallet[]>;
/** What the read model was asked, as `kind after until`. */
let asked: string[];
let troubles: unknown[];
/** How far the read model is: at the head unless a test says otherwise. */
let shown: { readonly position: bigint; readonly recordedAt: number } | undefined;

beforeEach(() => {
  store = new WatchedStore(new MemoryEventStore());
  clock = new ManualClock();
  due = { hold: [], lot: [], period: [] };
  asked = [];
  troubles = [];
  shown = undefined;
});
afterEach(() => store.close());

/** Runs a new sweeper for so many passes; `between` comes after each but the last. */
async function passes(count: number, between: (done: number) => void = () => undefined): Promise<number[]> {
  const stop = new AbortController();
  const advanced: number[] = [];
  await runSweeper({
    store,
    wallets: new WalletProcess(store, { clock }).executor,
    clock,
    signal: stop.signal,
    intervalMs: 1,
    pageSize: 2,
    onTrouble: (error) => troubles.push(error),
    onPass: (wallets) => {
      advanced.push(wallets);
      if (advanced.length === count) stop.abort();
      else between(advanced.length);
    },
    due: {
      page: async ({ kind, until, after, limit }) => {
        asked.push(`${kind} ${after.dueAt} ${until}`);
        const behind = ({ dueAt, userId }: DueWallet): boolean =>
          dueAt > after.dueAt || (dueAt === after.dueAt && userId > after.userId);
        const wallets = due[kind].filter((wallet) => wallet.dueAt <= until && behind(wallet)).slice(0, limit);
        return { wallets, position: await store.head(), recordedAt: clock.t, ...shown };
      },
    },
  });
  return advanced;
}

async function given(...commands: readonly WalletCommand[]): Promise<void> {
  const process = new WalletProcess(store, { clock });
  for (const [i, command] of commands.entries())
    await process.done(`${command.type}-${clock.t}-${i}`, command);
}

async function typesOf(userId = 'u-1'): Promise<string[]> {
  const types: string[] = [];
  for await (const batch of store.readStream(walletStream(userId))) {
    for (const recorded of batch) types.push(decodeEvent(recorded).type);
  }
  return types;
}

test('holds time out and lots lapse without any command, once, though the read model still shows them as due', async () => {
  await given(
    open(),
    give(5_000n, { expiresAt: NOW + MINUTE_MS }),
    authorise(2_000n, { ttlMs: 2 * MINUTE_MS }),
  );
  due.lot = [{ userId: 'u-1', dueAt: NOW + MINUTE_MS }];
  due.hold = [{ userId: 'u-1', dueAt: NOW + 2 * MINUTE_MS }];
  clock.t = NOW + MINUTE_MS;
  expect(await passes(2, () => (clock.t = NOW + 2 * MINUTE_MS))).toEqual([1, 1]);
  expect(await typesOf()).toEqual([
    'WalletOpened',
    'CreditsAdded',
    'CreditsAdded',
    'CreditsHeld',
    'CreditsExpired',
    'HoldReleased',
  ]);
  const appends = store.appends.length;
  expect(await passes(3)).toEqual([0, 0, 0]);
  expect(store.appends).toHaveLength(appends);
  expect(troubles).toEqual([]);
});

test('a period is rolled: the old monthly lot lapses and the new one is granted in one append', async () => {
  await given(open());
  due.period = [{ userId: 'u-1', dueAt: NOVEMBER_END }];
  clock.t = NOVEMBER_END + 5;
  expect(await passes(1)).toEqual([1]);
  expect(await typesOf()).toEqual(['WalletOpened', 'CreditsAdded', 'CreditsExpired', 'CreditsAdded']);
  expect(store.appends.at(-1)!.events).toHaveLength(2);
});

test('a second sweeper, or the same after a crash, finds the key used and writes nothing', async () => {
  await given(open(), give(5_000n, { expiresAt: NOW + 1 }));
  due.lot = [{ userId: 'u-1', dueAt: NOW + 1 }];
  clock.t = NOW + 1;
  await Promise.all([passes(1), passes(1)]);
  await passes(1);
  expect((await typesOf()).filter((type) => type === 'CreditsExpired')).toHaveLength(1);
  expect(troubles).toEqual([]);
});

test('every page is gone through, and each wallet is advanced once for all that it has due', async () => {
  const users = ['a', 'b', 'c', 'd', 'e'];
  for (const userId of users.map((id) => UserId.of(id))) {
    await given({ ...open(), userId }, { ...give(5n, { expiresAt: NOW + 1 }), userId });
  }
  due.lot = users.flatMap((userId) => [{ userId, dueAt: NOW + 1 }]);
  due.period = users.map((userId) => ({ userId, dueAt: periodStart(NOW) }));
  clock.t = NOW + 1;
  expect(await passes(1)).toEqual([5]);
  for (const userId of users) expect(await typesOf(userId)).toContain('CreditsExpired');
});

test('what fails is reported and tried again, and what lies behind it goes on meanwhile', async () => {
  for (const userId of ['a', 'b'].map((id) => UserId.of(id))) {
    await given({ ...open(), userId }, { ...give(5n, { expiresAt: NOW + 1 }), userId });
  }
  due.lot = ['a', 'b'].map((userId) => ({ userId, dueAt: NOW + 1 }));
  clock.t = NOW + 1;
  store.faults.push(() => Promise.reject(new Error('no disk today')));
  expect(await passes(2)).toEqual([1, 1]);
  expect(troubles).toHaveLength(1);
  // The second pass begins where the first one did.
  expect(asked.filter((question) => question.startsWith('lot'))).toEqual([
    `lot 0 ${NOW + 1}`,
    `lot ${NOW + 1} ${NOW + 1}`,
    `lot 0 ${NOW + 1}`,
    `lot ${NOW + 1} ${NOW + 1}`,
  ]);
});

test('what was gone through is not asked for again, but for the last minute', async () => {
  const askedOf = (kind: DueKind) => asked.filter((question) => question.startsWith(kind));
  await passes(3, () => (clock.t += MINUTE_MS));
  expect(askedOf('lot')).toEqual([
    `lot 0 ${NOW}`,
    `lot ${NOW - MINUTE_MS} ${NOW + MINUTE_MS}`,
    `lot ${NOW} ${NOW + 2 * MINUTE_MS}`,
  ]);
  // The period of the 20th began long before that minute.
  expect(askedOf('period')).toEqual([`period 0 ${NOW}`]);
  expect(askedOf('hold')).toHaveLength(3);
});

test('while the read model is behind the log, only what it shows counts as gone through', async () => {
  await given(open());
  shown = { position: 0n, recordedAt: NOW - 10 * MINUTE_MS };
  await passes(2);
  expect(asked.filter((question) => question.startsWith('lot'))).toEqual([
    `lot 0 ${NOW}`,
    `lot ${NOW - 11 * MINUTE_MS} ${NOW}`,
  ]);
});

test('a wallet for which nothing is due after all gets no event, and is not asked again', async () => {
  await given(open('ELITE'));
  due.period = [{ userId: 'u-1', dueAt: NOVEMBER_END }];
  clock.t = NOVEMBER_END + 1;
  const { reads } = store;
  expect(await passes(3)).toEqual([0, 0, 0]);
  expect(await typesOf()).toEqual(['WalletOpened']);
  // Read once to fold and once to answer; the two later passes ask nothing.
  expect(store.reads - reads).toBeLessThanOrEqual(3);
});
