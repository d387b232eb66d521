import { createCreatorExecutor, createWritePath, type WritePath } from '#libs/application/write-path.js';
import { runCreatorSettlement } from '#libs/application/settlement/creator-settlement.js';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import { migrateAll } from '#apps/engine/migrate-all.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import type { EventStore } from '#libs/event-store/port.js';
import { systemClock } from '#libs/kernel/clock.js';
import { RefundId, RunId, UserId } from '#libs/kernel/ids.js';
import { postingsOf } from '#libs/ledger/accounting/postings.js';
import { STANDARD_TERMS } from '#libs/ledger/catalogue/standard.js';
import { walletStream } from '#libs/ledger/events.js';
import { PostgresCheckpoints } from '#libs/platform/checkpoints.js';
import { createPool } from '#libs/platform/postgres.js';
import { createTestDatabase } from '#test/support/components/postgres.js';

const CHARGES = 1_500;
const CREATORS = 5;
/** Every third run is refunded while the settlement of its charge may be under way. */
const REFUND_EVERY = 3;
const REFUNDS = CHARGES / REFUND_EVERY;
/** Of a fee of 7. */
const CREATOR_SHARE = 6n;
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

async function refund(path: WritePath, i: number): Promise<void> {
  const outcome = await path.wallets.execute(
    walletStream(user),
    { principal: 'test', key: `refund-${i}`, bodyHash: `${i}` },
    {
      type: 'RefundPrompt',
      userId: user,
      runId: RunId.of(`run-${i}`),
      refundId: RefundId.of(`refund-${i}`),
      reason: 'error',
    },
  );
  expect(outcome.kind).toBe('done');
}

interface Result {
  readonly paid: number;
  readonly reversed: number;
  /** Different sources settled. */
  readonly sources: number;
  readonly clearing: bigint;
  /** Owed to all creators. */
  readonly owed: bigint;
}

/** Everything that was settled, by source, and what is left in clearing. */
async function readResult(store: EventStore): Promise<Result> {
  const sources = new Set<string>();
  let paid = 0;
  let reversed = 0;
  let owed = 0n;
  let clearing = 0n;
  for await (const batch of store.readAll()) {
    for (const recorded of batch) {
      const event = decodeEvent(recorded);
      for (const { account, amount } of postingsOf(event)) {
        if (account.startsWith('clearing:')) clearing += amount;
        if (account.startsWith('creator:')) owed += amount;
      }
      if (event.type !== 'CreatorPaid' && event.type !== 'CreatorEarningsReversed') continue;
      if (event.type === 'CreatorPaid') paid += 1;
      else reversed += 1;
      sources.add(event.source.eventId);
    }
  }
  return { paid, reversed, sources: sources.size, clearing, owed };
}

describe('creator settlement without a leader', () => {
  test(`${INSTANCES} instances at once, restarted ${RESTARTS} times in mid-batch: each charge and refund settled once`, async () => {
    const database = await createTestDatabase();
    await migrateAll(database.url);
    const pool = createPool({ url: database.url, applicationName: 'test' });
    const stores = await Promise.all(
      Array.from({ length: INSTANCES }, () => openPostgresEventStore({ url: database.url })),
    );
    const [store] = stores;
    const path = createWritePath({ store: store!, clock: systemClock, terms: () => STANDARD_TERMS });
    await path.wallets.execute(
      walletStream(user),
      { principal: 'test', key: 'open', bodyHash: '' },
      { type: 'OpenWallet', userId: user, plan: 'PRO', mayGrant: true },
    );

    const finished = new AbortController();
    const instances = stores.map(async (own, n) => {
      for (let run = 0; !finished.signal.aborted; run++) {
        const stop = new AbortController();
        const lifeMs = run < RESTARTS / INSTANCES ? 40 + 37 * n + 23 * run : 60_000;
        const timer = setTimeout(() => stop.abort(), lifeMs);
        const creators = createCreatorExecutor({ store: own, clock: systemClock });
        await runCreatorSettlement({
          store: own,
          creators,
          checkpoints: new PostgresCheckpoints(pool),
          signal: AbortSignal.any([stop.signal, finished.signal]),
        });
        clearTimeout(timer);
        await creators.close();
      }
    });
    for (let i = 0; i < CHARGES; i += 50) {
      const batch = Array.from({ length: 50 }, (_, j) => i + j);
      await Promise.all(batch.map((run) => charge(path, run)));
      await Promise.all(batch.filter((run) => run % REFUND_EVERY === 0).map((run) => refund(path, run)));
    }
    const deadline = Date.now() + 30_000;
    let result = await readResult(store!);
    while (result.sources < CHARGES + REFUNDS && Date.now() < deadline) {
      await new Promise((done) => setTimeout(done, 100));
      result = await readResult(store!);
    }
    finished.abort();
    await Promise.all(instances);
    expect(await readResult(store!)).toEqual({
      paid: CHARGES,
      reversed: REFUNDS,
      sources: CHARGES + REFUNDS,
      clearing: 0n,
      owed: BigInt(CHARGES - REFUNDS) * CREATOR_SHARE,
    });
    await path.close();
    await Promise.all(stores.map((each) => each.close()));
    await pool.end();
    await database.drop();
  }, 90_000);
});
