import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { migrateAll } from '#apps/engine/migrate-all.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';
import { post } from '#test/support/http.js';
import { killLedgerProcesses, type LedgerProcess, startLedgerProcess } from '#test/support/ledger-process.js';

const KILLS = 20;
const CREATORS = 10;
const USERS = 20;
const BATCH = 500;
/** Charges go on until the last kill, and a little longer. */
const PAUSE_BETWEEN_KILLS_MS = 150;
const SETTLED_PATIENCE_MS = 30_000;

describe('two settlement processes while charges come in', () => {
  let database: TestDatabase;
  let api: LedgerProcess;
  let reader: pg.Pool;

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrateAll(database.url);
    api = await startLedgerProcess({ DATABASE_URL: database.url, ROLES: 'api,projector' });
    reader = new pg.Pool({ connectionString: database.url, max: 1 });
    for (let u = 0; u < USERS; u++) {
      await post(api.url, '/api/wallets', { userId: `u${u}`, plan: 'PRO' });
    }
  }, 60_000);

  afterAll(async () => {
    await reader?.end();
    await killLedgerProcesses();
    await database?.drop();
  });

  const startSettlement = (): Promise<LedgerProcess> =>
    startLedgerProcess({ DATABASE_URL: database.url, ROLES: 'settlement', LOG_LEVEL: 'info' });

  async function chargeUntil(done: () => boolean): Promise<number> {
    let charged = 0;
    for (let batch = 0; !done(); batch++) {
      const items = Array.from({ length: BATCH }, (_, i) => ({
        userId: `u${i % USERS}`,
        runId: `run-${batch}-${i}`,
        model: 'deepseek',
        inputTokens: 1,
        outputTokens: 1,
        creatorId: `c${i % CREATORS}`,
        creatorFee: '5',
      }));
      const { status, body } = await post(api.url, '/api/credits/charge-prompts', { items });
      expect(status).toBe(200);
      charged += (body['items'] as { status: number }[]).filter((item) => item.status === 200).length;
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
    let result = await readResult(reader);
    while (result.paid < charged && Date.now() < deadline) {
      await sleep(200);
      result = await readResult(reader);
    }
    // A little longer: a late double would come now.
    await sleep(1_000);
    expect(await readResult(reader)).toEqual({ charged, paid: charged, sources: charged, clearingOpen: 0 });
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
