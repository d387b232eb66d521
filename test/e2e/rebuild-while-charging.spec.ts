import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { checkBooks } from '#test/load/import-check.js';
import { runLedger } from '#test/load/ledger-command.js';
import { get } from '#test/support/http.js';
import type { LedgerProcess } from '#test/support/ledger-process.js';
import { chargeBatch, openWallets, useDatabase } from './processes.js';

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
  const database = useDatabase();
  let ledger: LedgerProcess;

  beforeAll(async () => {
    ledger = await database.start();
    await openWallets(ledger.url, USERS);
  }, 60_000);

  async function chargeWhile(busy: () => boolean): Promise<number> {
    let charged = 0;
    for (let batch = 0; busy(); batch++) {
      charged += await chargeBatch(ledger.url, {
        batch,
        size: BATCH,
        users: USERS,
        creatorOf: (i) => (i % 2 === 0 ? { creatorId: 'maker', creatorFee: '5' } : undefined),
      });
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
      const seen = await look(database.reader);
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
