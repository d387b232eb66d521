import { dueIn } from '#apps/settlement/start-sweeper.js';
import { type DueWallets, runSweeper } from '#libs/application/sweeper/sweeper.js';
import { migrateEventStore } from '#libs/event-store-postgres/migrate.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import type { EventStore } from '#libs/event-store/port.js';
import { RunId, UserId } from '#libs/kernel/ids.js';
import { periodEnd, periodName } from '#libs/kernel/period.js';
import { walletStream } from '#libs/ledger/events.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { connectClient } from '#libs/platform/postgres.js';
import { ManualClock, WalletProcess } from '#test/support/application/wallet-process.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';
import { authorise, MINUTE_MS } from '#test/support/ledger/run-builders.js';
import { charge, give, NOW, open } from '#test/support/ledger/wallet-builders.js';
import { ProjectionLab } from '#test/support/projection-lab.js';
import { printedSeed } from '#test/support/property.js';
import { seededRandom } from '#test/support/random.js';

const USERS = 6;
const users = Array.from({ length: USERS }, (_, i) => UserId.of(`u-${i}`));

let database: TestDatabase;
let stores: readonly EventStore[];
let clock: ManualClock;

beforeAll(async () => {
  database = await createTestDatabase();
  const client = await connectClient({ url: database.url, applicationName: 'sweeper-test' });
  await migrateEventStore(client);
  await client.end();
  // Three processes: two sweepers, and one that takes commands.
  stores = await Promise.all([1, 2, 3].map(() => openPostgresEventStore({ url: database.url })));
  clock = new ManualClock();
});
afterAll(async () => {
  for (const store of stores) await store.close();
  await database.drop();
});

async function eventsOf(userId: UserId): Promise<readonly WalletEvent[]> {
  const events: WalletEvent[] = [];
  for await (const batch of stores[0]!.readStream(walletStream(userId))) {
    events.push(...batch.map((recorded) => decodeEvent(recorded) as WalletEvent));
  }
  return events;
}

/** One pass of a sweeper that says at once what is due. */
function sweep(store: EventStore, due: DueWallets, troubles: unknown[]): Promise<void> {
  const stop = new AbortController();
  return runSweeper({
    store,
    wallets: new WalletProcess(store, { clock }).executor,
    due,
    clock,
    signal: stop.signal,
    onTrouble: (error) => troubles.push(error),
    onPass: () => stop.abort(),
  });
}

const dueNow = (dueAt: number): DueWallets => ({
  page: ({ kind, after }) =>
    Promise.resolve({
      wallets:
        kind === 'lot' && after.userId === ''
          ? users.map((userId): { userId: string; dueAt: number } => ({ userId, dueAt }))
          : [],
      position: 0n,
      recordedAt: 0,
    }),
});

/** Every lot lapses at most once, to the credit, and every month is granted at most once. */
function expectOnce(events: readonly WalletEvent[]): void {
  const left = new Map<string, bigint>();
  const months = new Set<string>();
  const sawExpired = new Set<string>();
  for (const event of events) {
    if (event.type === 'CreditsAdded') {
      left.set(event.lotId, event.amount);
      if (event.kind !== 'monthly') continue;
      expect([event.userId, periodName(event.at), months.has(periodName(event.at))]).toEqual([
        event.userId,
        periodName(event.at),
        false,
      ]);
      months.add(periodName(event.at));
    }
    if (event.type === 'PromptCharged') {
      for (const { lotId, amount } of event.draws) left.set(lotId, left.get(lotId)! - amount);
    }
    if (event.type === 'CreditsExpired') {
      expect([event.lotId, sawExpired.has(event.lotId)]).toEqual([event.lotId, false]);
      sawExpired.add(event.lotId);
      left.set(event.lotId, left.get(event.lotId)! - event.amount);
    }
  }
  for (const amount of left.values()) expect(amount >= 0n).toBe(true);
}

test('two sweepers and a command at once never expire a lot twice, roll a month twice or release a hold twice', async () => {
  const rounds = 40;
  const random = seededRandom(printedSeed('sweepers and commands at once', rounds));
  const commands = new WalletProcess(stores[2]!, { clock });
  for (const userId of users) await commands.done('open', { ...open('PRO'), userId });
  const troubles: unknown[] = [];
  for (let round = 0; round < rounds; round++) {
    // Now within the month, now across its end.
    const dueAt = round % 3 === 0 ? periodEnd(clock.t) : clock.t + MINUTE_MS;
    for (const userId of users) {
      await commands.done(`give-${round}`, { ...give(5_000n, { expiresAt: dueAt }), userId });
      if (random() < 0.5) {
        const hold = authorise(2_000n, { ttlMs: Math.min(dueAt - clock.t, 20 * 60 * MINUTE_MS) });
        const named = { holdId: `hold-${round}`, runId: RunId.of(`held-${round}`) };
        await commands.send(`hold-${round}`, { ...hold, ...named, userId } as WalletCommand);
      }
    }
    clock.t = dueAt + Math.floor(random() * 10);
    const racing = users.map((userId) =>
      commands.send(`run-${round}`, { ...charge({ runId: RunId.of(`run-${round}`) }), userId }),
    );
    await Promise.all([
      sweep(stores[0]!, dueNow(dueAt), troubles),
      sweep(stores[1]!, dueNow(dueAt), troubles),
      ...racing,
    ]);
  }
  expect(troubles).toEqual([]);
  let expired = 0;
  for (const userId of users) {
    const events = await eventsOf(userId);
    expectOnce(events);
    expired += events.filter(({ type }) => type === 'CreditsExpired').length;
    const released = events.flatMap((event) => (event.type === 'HoldReleased' ? [event.holdId] : []));
    expect(new Set(released).size).toBe(released.length);
  }
  // Each promotional lot lapsed in its round: what is left of it, if a charge came first.
  expect(expired).toBeGreaterThan((rounds * USERS) / 2);
}, 120_000);

test('lots lapse, holds time out and periods roll without any command, through crashes of the sweeper', async () => {
  const store = stores[0]!;
  const lab = await ProjectionLab.open({ store });
  const stop = new AbortController();
  const troubles: unknown[] = [];
  let crashing: Promise<void> | undefined;
  try {
    lab.run();
    const commands = new WalletProcess(stores[2]!, { clock });
    const owners = Array.from({ length: 40 }, (_, i) => UserId.of(`quiet-${i}`));
    const start = (clock.t = Math.max(clock.t, NOW));
    const monthEnd = periodEnd(start);
    for (const [i, userId] of owners.entries()) {
      await commands.done('open', { ...open('PRO'), userId });
      await commands.done('give', {
        ...give(500n, { expiresAt: start + (1 + (i % 7)) * MINUTE_MS }),
        userId,
      });
      const hold = authorise(2_000n, { ttlMs: (1 + (i % 5)) * MINUTE_MS });
      await commands.done('hold', { ...hold, userId });
    }
    crashing = (async () => {
      // Each life of the sweeper ends in the middle of whatever it does; its executor starts from nothing.
      for (let life = 0; !stop.signal.aborted; life++) {
        const end = new AbortController();
        const ending = setTimeout(() => end.abort(), 30 + (life % 5) * 40);
        await runSweeper({
          store: stores[1]!,
          wallets: new WalletProcess(stores[1]!, { clock }).executor,
          due: dueIn(lab.pool, store),
          clock,
          signal: AbortSignal.any([end.signal, stop.signal]),
          intervalMs: 5,
          pageSize: 7,
          onTrouble: (error) => troubles.push(error),
        });
        clearTimeout(ending);
      }
    })();
    const count = async (type: string): Promise<number> =>
      (await Promise.all(owners.map(eventsOf)))
        .flat()
        .filter((event) => event.type === type && (event.type !== 'CreditsAdded' || event.kind === 'monthly'))
        .length;
    const until = async (type: string, expected: number): Promise<void> => {
      for (let tries = 0; tries < 300 && (await count(type)) < expected; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect([type, await count(type)]).toEqual([type, expected]);
    };
    for (let minute = 1; minute <= 8; minute++) clock.t = start + minute * MINUTE_MS;
    await until('CreditsExpired', owners.length);
    await until('HoldReleased', owners.length);
    clock.t = monthEnd;
    await until('CreditsExpired', 2 * owners.length);
    await until('CreditsAdded', 2 * owners.length);
    // Nobody moved them in the month that the sweeper has rolled them into.
    clock.t = periodEnd(monthEnd);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await count('CreditsAdded')).toBe(2 * owners.length);
    for (const userId of owners) expectOnce(await eventsOf(userId));
    expect(troubles).toEqual([]);
  } finally {
    stop.abort();
    await crashing;
    await lab.close();
  }
}, 90_000);
