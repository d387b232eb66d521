import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { migrateAll } from '#apps/engine/migrate-all.js';
import { checkBooks } from '#test/load/import-check.js';
import { runLedger } from '#test/load/ledger-command.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';
import { get, post } from '#test/support/http.js';
import { killLedgerProcesses, type LedgerProcess, startLedgerProcess } from '#test/support/ledger-process.js';

const REBUILDS = 2;
const USERS = 10;
const BATCH = 200;
/** Some thousand charges a second: a rebuild must outrun what comes in. */
const PAUSE_MS = 50;

/** One look at the read models, in one statement and so of one moment. */
interface Seen {
  readonly position: bigint;
  /** Transactions that are missing up to that position. */
  readonly missing: number;
}

describe('ledger rebuild while charges come in', () => {
  let database: TestDatabase;
  let ledger: LedgerProcess;
  let reader: pg.Pool;

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrateAll(database.url);
    ledger = await startLedgerProcess({ DATABASE_URL: database.url });
    reader = new pg.Pool({ connectionString: database.url, max: 1 });
    for (let u = 0; u < USERS; u++) await post(ledger.url, '/api/wallets', { userId: `u${u}`, plan: 'PRO' });
  }, 60_000);

  afterAll(async () => {
    await reader?.end();
    await killLedgerProcesses();
    await database?.drop();
  });

  async function chargeWhile(busy: () => boolean): Promise<number> {
    let charged = 0;
    for (let batch = 0; busy(); batch++) {
      const items = Array.from({ length: BATCH }, (_, i) => ({
        userId: `u${i % USERS}`,
        runId: `run-${batch}-${i}`,
        model: 'deepseek',
        inputTokens: 10,
        outputTokens: 10,
        ...(i % 2 === 0 ? { creatorId: 'maker', creatorFee: '5' } : {}),
      }));
      const { body } = await post(ledger.url, '/api/credits/charge-prompts', { items });
      charged += (body['items'] as { status: number }[]).filter(({ status }) => status === 200).length;
      await sleep(PAUSE_MS);
    }
    return charged;
  }

  /** Polls as a reader would: through the views, and through the HTTP interface. */
  async function readWhile(
    busy: () => boolean,
  ): Promise<{ looks: number; stepsBack: number; missing: number }> {
    let [last, lastHttp] = [0n, 0n];
    let [looks, stepsBack, missing] = [0, 0, 0];
    while (busy()) {
      const seen = await look(reader);
      const { body } = await get(ledger.url, '/api/credits/balance?userId=u1');
      const { position } = body['asOf'] as { position: string };
      const http = BigInt(position.split('-')[1]!);
      if (seen.position < last || http < lastHttp) stepsBack++;
      missing += seen.missing;
      [last, lastHttp] = [seen.position, http];
      looks++;
    }
    return { looks, stepsBack, missing };
  }

  test(`${REBUILDS} rebuilds of every read model: no row missing, no step back, the books as a fresh fold`, async () => {
    let busy = true;
    const charging = chargeWhile(() => busy);
    const reading = readWhile(() => busy);
    for (let n = 0; n < REBUILDS; n++) {
      const { code, stderr } = await runLedger(['rebuild', 'all'], { env: { DATABASE_URL: database.url } });
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    }
    busy = false;
    const [charged, { looks, ...read }] = await Promise.all([charging, reading]);
    expect(looks).toBeGreaterThan(20);
    expect(read).toEqual({ stepsBack: 0, missing: 0 });
    const books = await checkBooks({ url: ledger.url, databaseUrl: database.url });
    expect(books).toMatchObject({
      trialBalance: '0',
      inClearing: '0',
      walletsDiffering: [],
      chargesInStreams: charged,
    });
  }, 120_000);
});

/** Every charge of the log up to the view's position is a row of it. */
async function look(reader: pg.Pool): Promise<Seen> {
  const { rows } = await reader.query<{ position: string; missing: number }>(`
    with shown as materialized (
      select position from read.checkpoints where name = 'transactions'
    )
    select
      shown.position::text as position,
      (select count(*)::int from log.events e where e.type = 'PromptCharged.v1' and e.position <= shown.position)
        - (select count(*)::int from read.transactions where type = 'prompt_charge') as missing
    from shown`);
  return { position: BigInt(rows[0]!.position), missing: rows[0]!.missing };
}
