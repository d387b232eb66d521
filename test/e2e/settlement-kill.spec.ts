import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { post } from '#test/support/http.js';
import type { LedgerProcess } from '#test/support/ledger-process.js';
import { fieldOf, LogCopy } from './log-copy.js';
import { chargeBatch, openWallets, useDatabase } from './processes.js';

const KILLS = 20;
const CREATORS = 10;
const USERS = 20;
const BATCH = 500;
/** Runs of each batch that are refunded, every second one in part. */
const REFUNDS = 20;
/** Charges go on until the last kill, and a little longer. */
const PAUSE_BETWEEN_KILLS_MS = 150;
const SETTLED_PATIENCE_MS = 30_000;
/** What settlement writes. */
const SETTLED = ['CreatorPaid.v1', 'CreatorEarningsReversed.v1'];

describe('two settlement processes while charges come in', () => {
  const database = useDatabase();
  let api: LedgerProcess;

  beforeAll(async () => {
    api = await database.start({ ROLES: 'api,projector' });
    await openWallets(api.url, USERS);
  }, 60_000);

  const startSettlement = (): Promise<LedgerProcess> => database.start({ ROLES: 'settlement' });

  async function done(path: string, body: object): Promise<void> {
    const reply = await post(api.url, path, body);
    expect([path, reply.status, reply.body['code']]).toEqual([path, 200, undefined]);
  }

  /** Refunds the first runs of a batch, and unlocks a flow and refunds it. */
  async function refundSome(batch: number): Promise<void> {
    const flow = { userId: 'u0', flowId: `flow-${batch}` };
    const refundId = `refund-${batch}`;
    await done('/api/flows/unlock', { ...flow, creatorId: 'c0', price: '5' });
    await Promise.all([
      done('/api/flows/refunds', { ...flow, refundId, reason: 'error' }),
      ...Array.from({ length: REFUNDS }, (_, i) =>
        done('/api/credits/refunds', {
          userId: `u${i % USERS}`,
          runId: `run-${batch}-${i}`,
          refundId: `${refundId}-${i}`,
          reason: 'quality',
          ...(i % 2 === 0 ? {} : { amount: '10' }),
        }),
      ),
    ]);
  }

  async function chargeUntil(
    over: () => boolean,
  ): Promise<{ readonly charged: number; readonly batches: number }> {
    let charged = 0;
    let batches = 0;
    for (; !over(); batches++) {
      charged += await chargeBatch(api.url, {
        batch: batches,
        size: BATCH,
        users: USERS,
        creatorOf: (i) => ({ creatorId: `c${i % CREATORS}`, creatorFee: '5' }),
      });
      await refundSome(batches);
      await sleep(50);
    }
    return { charged, batches };
  }

  test(`each charge, unlock and refund settled once after ${KILLS} kills, and every clearing account 0`, async () => {
    const both = await Promise.all([startSettlement(), startSettlement()]);
    let killing = true;
    const charging = chargeUntil(() => !killing);
    // In turn, so that now the leader dies and now the one standing by.
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(PAUSE_BETWEEN_KILLS_MS);
      await both[kill % 2]!.kill();
      both[kill % 2] = await startSettlement();
    }
    killing = false;
    const { charged, batches } = await charging;
    const expected: Result = {
      charged,
      paid: charged + batches,
      reversed: batches * (REFUNDS + 1),
      sources: charged + batches * (REFUNDS + 2),
      clearingOpen: 0,
    };

    const log = new LogCopy(database.store, ['PromptCharged.v1', ...SETTLED]);
    const deadline = Date.now() + SETTLED_PATIENCE_MS;
    let result = await readResult(log, database.reader);
    while (result.sources < expected.sources && Date.now() < deadline) {
      await sleep(200);
      result = await readResult(log, database.reader);
    }
    // A little longer: a late double would come now.
    await sleep(1_000);
    expect(await readResult(log, database.reader)).toEqual(expected);
    await Promise.all(both.map((each) => each.stop()));
  }, 180_000);
});

interface Result {
  readonly charged: number;
  readonly paid: number;
  readonly reversed: number;
  /** Different sources settled. */
  readonly sources: number;
  readonly clearingOpen: number;
}

/** Counted in the log itself; only the clearing accounts come from a projection. */
async function readResult(log: LogCopy, reader: pg.Pool): Promise<Result> {
  const { rows } = await reader.query<{ open: number }>(
    `select count(*)::int as open from read.accounts where account like 'clearing:%' and balance <> 0`,
  );
  const events = await log.upToNow();
  const count = (wanted: string): number => events.filter(({ type }) => type === wanted).length;
  const settled = events.filter(({ type }) => SETTLED.includes(type));
  return {
    charged: count('PromptCharged.v1'),
    paid: count('CreatorPaid.v1'),
    reversed: count('CreatorEarningsReversed.v1'),
    sources: new Set(settled.map((event) => fieldOf(event, 'sourceEventId'))).size,
    clearingOpen: rows[0]!.open,
  };
}
