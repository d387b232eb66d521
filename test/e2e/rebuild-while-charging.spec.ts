import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { checkBooks } from '#test/load/import-check.js';
import { runLedger } from '#test/load/ledger-command.js';
import { get } from '#test/support/http.js';
import type { LedgerProcess } from '#test/support/ledger-process.js';
import { LogCopy } from './log-copy.js';
import { chargeBatch, openWallets, useDatabase } from './processes.js';

const REBUILDS = 2;
const USERS = 10;
const BATCH = 200;
/** Some thousand charges a second: a rebuild must outrun what comes in. */
const PAUSE_MS = 50;
/** From then on the log grows slowly: where a rebuild takes long it would otherwise grow as long as its log does. */
const QUICK_CHARGES = 10_000;
const LONG_PAUSE_MS = 500;
/** Between two looks: readers that never pause leave the rebuild little of a small machine. */
const LOOK_PAUSE_MS = 20;
const PATIENCE_MS = 300_000;

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
      await sleep(charged < QUICK_CHARGES ? PAUSE_MS : LONG_PAUSE_MS);
    }
    return charged;
  }

  /** Polls as a reader would: through the views, and through the HTTP interface. */
  async function readWhile(
    busy: () => boolean,
  ): Promise<{ looks: number; stepsBack: number; missing: number }> {
    const log = new LogCopy(database.store, ['PromptCharged.v1']);
    let [last, lastHttp] = [0n, 0n];
    let [looks, stepsBack, missing] = [0, 0, 0];
    while (busy()) {
      const seen = await look(log, database.reader);
      const { body } = await get(ledger.url, '/api/credits/balance?userId=u1');
      const { position } = body['asOf'] as { position: string };
      const http = BigInt(position.split('-')[1]!);
      if (seen.position < last || http < lastHttp) stepsBack++;
      missing += seen.missing;
      [last, lastHttp] = [seen.position, http];
      looks++;
      await sleep(LOOK_PAUSE_MS);
    }
    return { looks, stepsBack, missing };
  }

  test(
    `${REBUILDS} rebuilds of every read model: no row missing, no step back, the books as a fresh fold`,
    async () => {
      let busy = true;
      const charging = chargeWhile(() => busy);
      const reading = readWhile(() => busy);
      for (let n = 0; n < REBUILDS; n++) {
        const { code, stderr } = await runLedger(['rebuild', 'all'], { env: database.env });
        expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
      }
      busy = false;
      const [charged, { looks, ...read }] = await Promise.all([charging, reading]);
      expect(looks).toBeGreaterThan(20);
      expect(read).toEqual({ stepsBack: 0, missing: 0 });
      const books = await checkBooks({ url: ledger.url, openStore: () => database.openStore() });
      expect(books).toMatchObject({
        trialBalance: '0',
        inClearing: '0',
        walletsDiffering: [],
        chargesInStreams: charged,
      });
    },
    PATIENCE_MS,
  );
});

/** Every charge of the log up to the view's position is a row of it. */
async function look(log: LogCopy, reader: pg.Pool): Promise<Seen> {
  const { rows } = await reader.query<{ position: string; shown: number }>(`
    select
      position::text as position,
      (select count(*)::int from read.transactions where type = 'prompt_charge') as shown
    from read.checkpoints
    where name = 'transactions'`);
  const position = BigInt(rows[0]!.position);
  const charges = await log.upToNow();
  const written = charges.filter((charge) => charge.position <= position).length;
  return { position, missing: written - rows[0]!.shown };
}
