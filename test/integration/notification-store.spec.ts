import type { Pool } from 'pg';
import { migrateAll } from '#apps/engine/migrate-all.js';
import {
  type Audience,
  cancelCampaign,
  createCampaign,
  readCampaigns,
  stepCampaign,
} from '#libs/notifications/campaigns.js';
import { type ExpiringLot, type ExpiringLots, tellExpiring } from '#libs/notifications/expiring.js';
import { listInbox } from '#libs/notifications/inbox.js';
import { idOf, type Note } from '#libs/notifications/note.js';
import type { EarningsOfDay } from '#libs/notifications/notes-of-event.js';
import { type ChosenChannels, putPreferences } from '#libs/notifications/preferences.js';
import { DELIVERIES_KEPT_MS, MESSAGES_KEPT_MS, prune } from '#libs/notifications/prune.js';
import {
  addToDay,
  DAY_GRACE_MS,
  MAIL_AGE_MS_MAX,
  mailIdOf,
  QUIET_LOW_BALANCE_MS,
  writeNotes,
} from '#libs/notifications/write-notes.js';
import { createPool } from '#libs/platform/postgres.js';
import { inTransaction } from '#libs/platform/transaction.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';

const T0 = Date.parse('2026-11-20T16:00:00Z');
const DAY_MS = 24 * 60 * 60 * 1_000;

let database: TestDatabase;
let pool: Pool;
let users = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrateAll(database.url);
  pool = createPool({ url: database.url, applicationName: 'test' });
}, 60_000);
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function newUser(channels: ChosenChannels = {}): Promise<string> {
  const userId = `u-${String(++users).padStart(5, '0')}`;
  const email = `${userId}@example.com`;
  await putPreferences(pool, { userId, email, emailVerified: true, locale: 'en', channels }, T0);
  return userId;
}

const low = (userId: string, at: number, threshold = '10'): Note => ({
  id: idOf('low', userId, String(at), threshold),
  kind: 'low_balance',
  userId,
  at,
  data: { threshold, available: '9' },
});
const write = (note: Note, now = note.at) => inTransaction(pool, (tx) => writeNotes(tx, [note], now));

describe('quiet duplicates', () => {
  test('the same threshold again within a day is shown and not mailed; another one, or a day later, is', async () => {
    const userId = await newUser();
    expect(await write(low(userId, T0))).toEqual({ inApp: 1, mails: 1 });
    expect(await write(low(userId, T0 + 1))).toEqual({ inApp: 1, mails: 0 });
    expect(await write(low(userId, T0 + 2, '5'))).toEqual({ inApp: 1, mails: 1 });
    expect(await write(low(userId, T0 + QUIET_LOW_BALANCE_MS - 1))).toEqual({ inApp: 1, mails: 0 });
    // A quiet one does not put off the next.
    expect(await write(low(userId, T0 + QUIET_LOW_BALANCE_MS))).toEqual({ inApp: 1, mails: 1 });
    expect(await listInbox(pool, { userId, unread: true, limit: 9 })).toHaveLength(5);
  });

  test('what happened long ago is shown and not mailed', async () => {
    const userId = await newUser();
    expect(await write(low(userId, T0), T0 + MAIL_AGE_MS_MAX + 1)).toEqual({ inApp: 1, mails: 0 });
  });

  test('who wants neither is not bothered', async () => {
    const userId = await newUser({ low_balance: { inApp: false, email: false } });
    expect(await write(low(userId, T0))).toEqual({ inApp: 0, mails: 0 });
    const mailOnly = await newUser({ low_balance: { inApp: false } });
    expect(await write(low(mailOnly, T0))).toEqual({ inApp: 0, mails: 1 });
    expect(await listInbox(pool, { userId: mailOnly, unread: false, limit: 9 })).toEqual([]);
  });
});

test('a creator’s day is one notification that grows, and one mail when it is over', async () => {
  const userId = await newUser();
  const part: EarningsOfDay = {
    id: idOf('creator-day', userId, '2026-11-20'),
    userId,
    day: '2026-11-20',
    at: Date.parse('2026-11-20T00:00:00Z'),
    earned: 9_007_199_254_740_993n,
    runs: 1,
    flows: 0,
    reversed: 0n,
    refunds: 0,
  };
  const add = (change: Partial<EarningsOfDay> = {}) =>
    inTransaction(pool, (tx) => addToDay(tx, { ...part, ...change }, T0));
  await add();
  await add({ earned: 7n, flows: 1, runs: 0 });
  await add({ earned: 0n, runs: 0, reversed: 3n, refunds: 1 });
  const [message, ...others] = await listInbox(pool, { userId, unread: true, limit: 9 });
  expect(others).toEqual([]);
  expect(message).toMatchObject({
    data: { day: '2026-11-20', earned: '9007199254741000', runs: 1, flows: 1, reversed: '3', refunds: 1 },
    title: 'You have earned 9,007,199,254,741,000 credits ($9007199254.741) on 20 November 2026',
  });
  const { rows } = await pool.query<{ due: string }>(
    'select due_at_ms as due from notifications.deliveries where user_id = $1',
    [userId],
  );
  expect(rows.map(({ due }) => Number(due))).toEqual([part.at + DAY_MS + DAY_GRACE_MS]);
});

describe('campaigns', () => {
  /** Users of a plan, in memory: a page fails where it is told to. */
  function audienceOf(ids: readonly string[], failAt?: string): Audience {
    return {
      page: async ({ after, limit }) => {
        if (failAt !== undefined && after === failAt) throw new Error('The page cannot be read.');
        return [...ids]
          .sort()
          .filter((id) => id > after)
          .slice(0, limit);
      },
    };
  }
  const create = (
    campaignId: string,
    expected: number,
    channels: readonly ('inApp' | 'email')[] = ['inApp', 'email'],
  ) =>
    inTransaction(pool, (tx) =>
      createCampaign(tx, { campaignId, title: 'News', body: 'All.', plans: ['PRO'], channels, expected }, T0),
    );
  const step = (audience: Audience) => stepCampaign({ pool, audience, now: () => T0, pageSize: 10 });
  const read = async (campaignId: string) => (await readCampaigns(pool, { campaignId }))[0]!;

  test('tell everybody once, opt-outs kept, and go on where they were', async () => {
    const ids = await Promise.all(Array.from({ length: 23 }, () => newUser()));
    const out = await newUser({ announcement: { email: false } });
    const silent = await newUser({ announcement: { inApp: false, email: false } });
    const all = [...ids, out, silent];
    expect(await create('c-1', all.length)).toBe(true);
    expect(await create('c-1', all.length)).toBe(false);
    expect(await step(audienceOf(all))).toBe(true);
    expect(await read('c-1')).toMatchObject({ state: 'running', expected: 25, processed: 10 });
    await expect(step(audienceOf(all, [...all].sort()[9]))).rejects.toThrow('cannot be read');
    expect(await read('c-1')).toMatchObject({ processed: 10 });
    // Two workers at once: one has it in hand, the other finds nothing.
    const both = await Promise.all([step(audienceOf(all)), step(audienceOf(all))]);
    expect(both.filter(Boolean).length).toBeGreaterThanOrEqual(1);
    while (await step(audienceOf(all)));
    expect(await read('c-1')).toMatchObject({
      state: 'done',
      processed: 25,
      inApp: 24,
      mails: { made: 23, delivered: 0, failed: 0 },
      endedAt: T0,
    });
    for (const userId of all) {
      const told = await listInbox(pool, { userId, unread: true, limit: 9 });
      expect([userId, told.length]).toEqual([userId, userId === silent ? 0 : 1]);
    }
  });

  test('cancelled in the middle: nobody else is told, and no mail that waits goes out', async () => {
    const all = await Promise.all(Array.from({ length: 15 }, () => newUser()));
    await create('c-2', all.length);
    await step(audienceOf(all));
    await inTransaction(pool, (tx) => cancelCampaign(tx, 'c-2', T0 + 1));
    expect(await step(audienceOf(all))).toBe(false);
    expect(await read('c-2')).toMatchObject({
      state: 'cancelled',
      processed: 10,
      mails: { made: 10, delivered: 0, failed: 10 },
      endedAt: T0 + 1,
    });
  });

  test('by one channel alone', async () => {
    const userId = await newUser();
    await create('c-3', 1, ['inApp']);
    await step(audienceOf([userId]));
    expect(await read('c-3')).toMatchObject({ state: 'done', inApp: 1, mails: { made: 0 } });
    await create('c-4', 1, ['email']);
    await step(audienceOf([userId]));
    expect(await read('c-4')).toMatchObject({ state: 'done', inApp: 0, mails: { made: 1 } });
    expect(await listInbox(pool, { userId, unread: true, limit: 9 })).toHaveLength(1);
  });
});

describe('credits that lapse soon', () => {
  const lotsOf = (lots: readonly ExpiringLot[]): ExpiringLots => ({
    page: async ({ after, until, limit }) =>
      lots.filter(({ expiresAt }) => expiresAt >= after.expiresAt && expiresAt <= until).slice(0, limit),
  });
  const scan = (lots: readonly ExpiringLot[], now = T0) =>
    tellExpiring({ pool, lots: lotsOf(lots), days: 7, now, signal: new AbortController().signal });

  test('are told once a lot, also to those who hear of it nowhere, by any number of workers', async () => {
    const [loud, silent] = [
      await newUser(),
      await newUser({ credits_expiring: { inApp: false, email: false } }),
    ];
    const lots = [loud, silent].flatMap((userId) =>
      ['a', 'b'].map((lotId) => ({ userId, lotId, free: 5n, expiresAt: T0 + DAY_MS })),
    );
    const told = await Promise.all([scan(lots), scan(lots), scan(lots)]);
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(4);
    // Less is left, and it is later: still the same lot.
    expect(
      await scan(
        lots.map((lot) => ({ ...lot, free: 1n })),
        T0 + DAY_MS / 2,
      ),
    ).toBe(0);
    expect(await listInbox(pool, { userId: loud, unread: true, limit: 9 })).toHaveLength(2);
    expect(await listInbox(pool, { userId: silent, unread: true, limit: 9 })).toEqual([]);
  });

  test('not before the days, and not when they have lapsed', async () => {
    const userId = await newUser();
    const lot = { userId, lotId: 'l', free: 5n };
    expect(await scan([{ ...lot, expiresAt: T0 + 7 * DAY_MS + 1 }])).toBe(0);
    expect(await scan([{ ...lot, expiresAt: T0 }])).toBe(0);
    expect(await scan([{ ...lot, expiresAt: T0 + 7 * DAY_MS }])).toBe(1);
  });
});

test('what has served its time goes, what waits stays', async () => {
  const userId = await newUser();
  const note = low(userId, T0);
  await write(note);
  const signal = new AbortController().signal;
  const has = async (table: string, column: string, id: string): Promise<boolean> =>
    (await pool.query(`select from notifications.${table} where ${column} = $1`, [id])).rowCount === 1;
  await prune(pool, T0 + DELIVERIES_KEPT_MS + DAY_MS, signal);
  expect(await has('deliveries', 'delivery_id', mailIdOf(note.id))).toBe(true);
  await pool.query(
    `update notifications.deliveries set state = 'delivered', ended_at_ms = $2 where delivery_id = $1`,
    [mailIdOf(note.id), T0],
  );
  await prune(pool, T0 + DELIVERIES_KEPT_MS + DAY_MS, signal);
  expect(await has('deliveries', 'delivery_id', mailIdOf(note.id))).toBe(false);
  expect(await has('messages', 'message_id', note.id)).toBe(true);
  await prune(pool, T0 + MESSAGES_KEPT_MS + DAY_MS, signal);
  expect(await has('messages', 'message_id', note.id)).toBe(false);
});
