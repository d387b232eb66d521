import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { post } from '#test/support/http.js';
import type { LedgerProcess } from '#test/support/ledger-process.js';
import { chargeBatch, openWallets, useDatabase } from './processes.js';

const KILLS = 10;
const USERS = 20;
const LOTS_PER_USER = 6;
/** Lots lapse one after another over this time, while sweepers die. */
const LAPSING_MS = 6_000;
const SWEPT_PATIENCE_MS = 30_000;

describe('two sweepers while lots lapse and charges come in', () => {
  const database = useDatabase();
  let api: LedgerProcess;

  beforeAll(async () => {
    api = await database.start({ ROLES: 'api,projector' });
    await openWallets(api.url, USERS);
  }, 60_000);

  const startSweeper = (): Promise<LedgerProcess> => database.start({ ROLES: 'sweeper' });

  test(`every lot lapses once, whatever ${KILLS} kills and charges at the same moment do`, async () => {
    const start = Date.now() + 2_000;
    let given = 0;
    for (let u = 0; u < USERS; u++) {
      for (let lot = 0; lot < LOTS_PER_USER; lot++) {
        const expiresAt = new Date(start + (LAPSING_MS * ++given) / (USERS * LOTS_PER_USER)).toISOString();
        const body = { userId: `u${u}`, amount: '500', kind: 'promo', reason: 'bonus', expiresAt };
        expect((await post(api.url, '/api/credits/add', body)).status).toBe(200);
      }
    }
    const both = await Promise.all([startSweeper(), startSweeper()]);
    // In turn, so that now the leader dies and now the one standing by; charges of the same wallets come between.
    for (let kill = 0; kill < KILLS; kill++) {
      await both[kill % 2]!.kill();
      const [next] = await Promise.all([
        startSweeper(),
        chargeBatch(api.url, { batch: kill, size: USERS, users: USERS, creatorOf: () => undefined }),
      ]);
      both[kill % 2] = next;
    }
    const deadline = Date.now() + SWEPT_PATIENCE_MS;
    let result = await readResult(database.reader);
    while (result.lapsed < given - result.usedUp && Date.now() < deadline) {
      await sleep(200);
      result = await readResult(database.reader);
    }
    // A little longer: a late double would come now.
    await sleep(1_500);
    result = await readResult(database.reader);
    expect(result).toEqual({ ...result, lapsed: given - result.usedUp, lots: result.lapsed, left: 0 });
    expect(result.lapsed).toBeGreaterThan(0);
    await Promise.all(both.map((each) => each.stop()));
  }, 180_000);
});

interface Result {
  /** Expiries of promotional lots in the log. */
  readonly lapsed: number;
  /** Lots that they name. */
  readonly lots: number;
  /** Promotional lots that charges have used up before. */
  readonly usedUp: number;
  /** Promotional lots that the read model still shows something of. */
  readonly left: number;
}

async function readResult(reader: pg.Pool): Promise<Result> {
  const { rows } = await reader.query<Result>(`
    select
      (select count(*)::int from log.events where type = 'CreditsExpired.v1' and data::json ->> 'kind' = 'promo') as lapsed,
      (select count(distinct stream || (data::json ->> 'lotId'))::int from log.events
        where type = 'CreditsExpired.v1' and data::json ->> 'kind' = 'promo') as lots,
      (select count(*)::int from read.lots where kind = 'promo' and drawn = original) as "usedUp",
      (select count(*)::int from read.lots where kind = 'promo' and remaining > 0) as left`);
  return rows[0]!;
}
