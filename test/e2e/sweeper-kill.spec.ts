import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { post } from '#test/support/http.js';
import type { LedgerProcess } from '#test/support/ledger-process.js';
import { fieldOf, LogCopy } from './log-copy.js';
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
    const log = new LogCopy(database.store, ['CreditsExpired.v1']);
    const deadline = Date.now() + SWEPT_PATIENCE_MS;
    let result = await readResult(log, database.reader);
    while (result.lapsed < given - result.usedUp && Date.now() < deadline) {
      await sleep(200);
      result = await readResult(log, database.reader);
    }
    // A little longer: a late double would come now.
    await sleep(1_500);
    result = await readResult(log, database.reader);
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

async function readResult(log: LogCopy, reader: pg.Pool): Promise<Result> {
  const { rows } = await reader.query<Pick<Result, 'usedUp' | 'left'>>(`
    select
      (select count(*)::int from read.lots where kind = 'promo' and drawn = original) as "usedUp",
      (select count(*)::int from read.lots where kind = 'promo' and remaining > 0) as left`);
  const lapsed = (await log.upToNow()).filter((event) => fieldOf(event, 'kind') === 'promo');
  const lots = new Set(lapsed.map((event) => `${event.stream} ${String(fieldOf(event, 'lotId'))}`));
  return { lapsed: lapsed.length, lots: lots.size, ...rows[0]! };
}
