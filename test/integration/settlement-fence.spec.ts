import { createWritePath, type WritePath } from '#libs/application/write-path.js';
import { runCreatorSettlement } from '#libs/application/settlement/creator-settlement.js';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import { migrateAll } from '#apps/engine/migrate-all.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import type { EventStore } from '#libs/event-store/port.js';
import { systemClock } from '#libs/kernel/clock.js';
import { RunId, UserId } from '#libs/kernel/ids.js';
import { postingsOf } from '#libs/ledger/accounting/postings.js';
import { walletStream } from '#libs/ledger/events.js';
import { PostgresCheckpoints } from '#libs/platform/checkpoints.js';
import { createPool } from '#libs/platform/postgres.js';
import { createTestDatabase } from '#test/support/components/postgres.js';

const CHARGES = 1_500;
const CREATORS = 5;
const INSTANCES = 3;
const RESTARTS = 12;

const user = UserId.of('payer');

async function charge(path: WritePath, i: number): Promise<void> {
  const outcome = await path.wallets.execute(
    walletStream(user),
    { principal: 'test', key: `run-${i}`, bodyHash: `${i}` },
    {
      type: 'ChargePrompt',
      userId: user,
      runId: RunId.of(`run-${i}`),
      model: 'deepseek',
      tokens: { inputTokens: 100, outputTokens: 100, cachedInputTokens: 0, cacheWriteTokens: 0 },
      creatorId: UserId.of(`creator-${i % CREATORS}`),
      creatorFee: 7n,
      byok: false,
      purpose: 'run',
    },
  );
  expect(outcome.kind).toBe('done');
}

/** Every CreatorPaid of the log by source, and what is left in clearing. */
async function readResult(store: EventStore): Promise<{ paid: number; sources: number; clearing: bigint }> {
  const sources = new Set<string>();
  let paid = 0;
  let clearing = 0n;
  for await (const batch of store.readAll()) {
    for (const recorded of batch) {
      const event = decodeEvent(recorded);
      for (const { account, amount } of postingsOf(event))
        if (account.startsWith('clearing:')) clearing += amount;
      if (event.type !== 'CreatorPaid') continue;
      paid += 1;
      sources.add(event.source.eventId);
    }
  }
  return { paid, sources: sources.size, clearing };
}

describe('creator settlement without a leader', () => {
  test(`${INSTANCES} instances at once, restarted ${RESTARTS} times in mid-batch: one CreatorPaid a source`, async () => {
    const database = await createTestDatabase();
    await migrateAll(database.url);
    const pool = createPool({ url: database.url, applicationName: 'test' });
    const stores = await Promise.all(
      Array.from({ length: INSTANCES }, () => openPostgresEventStore({ url: database.url })),
    );
    const [store] = stores;
    const path = createWritePath({ store: store!, clock: systemClock });
    await path.wallets.execute(
      walletStream(user),
      { principal: 'test', key: 'open', bodyHash: '' },
      { type: 'OpenWallet', userId: user, plan: 'PRO' },
    );

    const finished = new AbortController();
    const instances = stores.map(async (own, n) => {
      for (let run = 0; !finished.signal.aborted; run++) {
        const stop = new AbortController();
        const lifeMs = run < RESTARTS / INSTANCES ? 40 + 37 * n + 23 * run : 60_000;
        const timer = setTimeout(() => stop.abort(), lifeMs);
        const writer = createWritePath({ store: own, clock: systemClock });
        await runCreatorSettlement({
          store: own,
          creators: writer.creators,
          checkpoints: new PostgresCheckpoints(pool),
          signal: AbortSignal.any([stop.signal, finished.signal]),
        });
        clearTimeout(timer);
        await writer.close();
      }
    });
    for (let i = 0; i < CHARGES; i += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, j) => charge(path, i + j)));
    }
    const deadline = Date.now() + 30_000;
    let result = await readResult(store!);
    while (result.clearing !== 0n && Date.now() < deadline) {
      await new Promise((done) => setTimeout(done, 100));
      result = await readResult(store!);
    }
    finished.abort();
    await Promise.all(instances);
    expect(await readResult(store!)).toEqual({ paid: CHARGES, sources: CHARGES, clearing: 0n });
    await path.close();
    await Promise.all(stores.map((each) => each.close()));
    await pool.end();
    await database.drop();
  }, 90_000);
});
