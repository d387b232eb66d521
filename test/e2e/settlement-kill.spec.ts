import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { LedgerProcess } from '#test/support/ledger-process.js';
import { chargeBatch, openWallets, useDatabase } from './processes.js';

const KILLS = 20;
const CREATORS = 10;
const USERS = 20;
const BATCH = 500;
/** Charges go on until the last kill, and a little longer. */
const PAUSE_BETWEEN_KILLS_MS = 150;
const SETTLED_PATIENCE_MS = 30_000;

describe('two settlement processes while charges come in', () => {
  const database = useDatabase();
  let api: LedgerProcess;

  beforeAll(async () => {
    api = await database.start({ ROLES: 'api,projector' });
    await openWallets(api.url, USERS);
  }, 60_000);

  const startSettlement = (): Promise<LedgerProcess> => database.start({ ROLES: 'settlement' });

  async function chargeUntil(done: () => boolean): Promise<number> {
    let charged = 0;
    for (let batch = 0; !done(); batch++) {
      charged += await chargeBatch(api.url, {
        batch,
        size: BATCH,
        users: USERS,
        creatorOf: (i) => ({ creatorId: `c${i % CREATORS}`, creatorFee: '5' }),
      });
      await sleep(50);
    }
    return charged;
  }

  test(`one CreatorPaid a source after ${KILLS} kills, and every clearing account 0`, async () => {
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
    const charged = await charging;

    const deadline = Date.now() + SETTLED_PATIENCE_MS;
    let result = await readResult(database.reader);
    while (result.paid < charged && Date.now() < deadline) {
      await sleep(200);
      result = await readResult(database.reader);
    }
    // A little longer: a late double would come now.
    await sleep(1_000);
    expect(await readResult(database.reader)).toEqual({
      charged,
      paid: charged,
      sources: charged,
      clearingOpen: 0,
    });
    await Promise.all(both.map((each) => each.stop()));
  }, 180_000);
});

interface Result {
  readonly charged: number;
  readonly paid: number;
  readonly sources: number;
  readonly clearingOpen: number;
}

/** Counted in the log itself; only the clearing accounts come from a projection. */
async function readResult(reader: pg.Pool): Promise<Result> {
  const { rows } = await reader.query<Result>(`
    select
      (select count(*)::int from log.events where type = 'PromptCharged.v1') as charged,
      (select count(*)::int from log.events where type = 'CreatorPaid.v1') as paid,
      (select count(distinct data::json ->> 'sourceEventId')::int from log.events where type = 'CreatorPaid.v1') as sources,
      (select count(*)::int from read.accounts where account like 'clearing:%' and balance <> 0) as "clearingOpen"`);
  return rows[0]!;
}
