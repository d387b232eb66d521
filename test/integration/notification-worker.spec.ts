import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { type InboxMessage, listInbox } from '#libs/notifications/inbox.js';
import { putPreferences } from '#libs/notifications/preferences.js';
import { createEndpoint } from '#libs/notifications/webhooks/endpoints.js';
import { createPool } from '#libs/platform/postgres.js';
import { inTransaction } from '#libs/platform/transaction.js';
import { done, type OpenLedger, openLedger } from '#test/e2e/support.js';
import { type MailServer, startMailServer } from '#test/support/mail-server.js';
import { isSignedBy, startWebhookReceiver, type WebhookReceiver } from '#test/support/webhook-receiver.js';

const PATIENCE_MS = 20_000;
const DAY_MS = 24 * 60 * 60 * 1_000;

let ledger: OpenLedger;
let pool: Pool;
let mails: MailServer;
let receiver: WebhookReceiver;

beforeAll(async () => {
  mails = await startMailServer();
  receiver = await startWebhookReceiver();
  ledger = await openLedger({
    roles: ['projector', 'settlement', 'notification-worker'],
    env: { SMTP_URL: mails.url, WEBHOOK_ALLOWED_HOSTS: receiver.host, MAIL_FROM: 'billing@ledger.example' },
  });
  pool = createPool({ url: ledger.databaseUrl, applicationName: 'test' });
}, 60_000);
afterAll(async () => {
  await pool.end();
  await ledger.close();
  await mails.close();
  await receiver.close();
}, 60_000);

async function eventually<T>(read: () => Promise<T>, expected: (value: T) => void): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const value = await read();
    try {
      expected(value);
      return value;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await sleep(20);
  }
}

const inbox = (userId: string): Promise<readonly InboxMessage[]> =>
  listInbox(pool, { userId, unread: false, limit: 50 });

const kinds = (messages: readonly InboxMessage[]): readonly string[] =>
  messages.map(({ kind }) => kind).sort();

const subjectsOf = (email: string): readonly (string | undefined)[] =>
  mails.taken.filter(({ to }) => to.includes(email)).map(({ mail }) => mail.subject);

async function withMail(userId: string): Promise<string> {
  const email = `${userId}@example.com`;
  await putPreferences(pool, { userId, email, emailVerified: true, locale: 'en', channels: {} }, Date.now());
  return email;
}

const post = (path: string, body: object) => done(ledger.http, path, body);

test('a user is told of credits, a low balance, a plan and a flow; by mail of what matters', async () => {
  const email = await withMail('bea');
  await post('/api/wallets', { userId: 'bea' });
  await post('/api/wallets/bea/thresholds', { thresholds: ['2000000'] });
  await post('/api/credits/add', { userId: 'bea', amount: '4998448', kind: 'promo', reason: 'welcome' });
  // Twice below the same threshold on one day: the second is shown and not mailed.
  for (const flow of ['f-1', 'f-2']) {
    await post('/api/flows/unlock', { userId: 'bea', flowId: flow, creatorId: 'carl', price: '4000000' });
    await post('/api/credits/add', {
      userId: 'bea',
      amount: '4000000',
      kind: 'purchased',
      reference: `pay-${flow}`,
    });
  }
  await post('/api/plans/change', { userId: 'bea', plan: 'PRO' });
  await eventually(
    () => inbox('bea'),
    (all) =>
      expect(kinds(all)).toEqual([
        'credits_added',
        'credits_added',
        'credits_added',
        'flow_unlocked',
        'flow_unlocked',
        'low_balance',
        'low_balance',
        'monthly_credits',
        'monthly_credits',
        'plan_changed',
      ]),
  );
  await eventually(
    async () => [...subjectsOf(email)].sort(),
    (subjects) =>
      expect(subjects).toEqual([
        '4,000,000 credits ($4.00) added',
        '4,000,000 credits ($4.00) added',
        '4,998,448 credits ($4.998448) added',
        'Your balance is below 2,000,000 credits ($2.00)',
        'Your plan is now PRO',
      ]),
  );
  // Longer than the dispatcher takes to look again.
  await sleep(500);
  expect(subjectsOf(email)).toHaveLength(5);
  expect(new Set(mails.counts().values())).toEqual(new Set([1]));
});

test('of credits that lapse soon a user is told, of others not', async () => {
  const email = await withMail('fay');
  await post('/api/wallets', { userId: 'fay' });
  const lapsingIn = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
  const gift = { userId: 'fay', kind: 'promo', reason: 'bonus' };
  const soon = lapsingIn(3);
  await post('/api/credits/add', { ...gift, amount: '4998448', expiresAt: soon });
  await post('/api/credits/add', { ...gift, amount: '5', expiresAt: lapsingIn(30) });
  const lapsing = async () => (await inbox('fay')).filter(({ kind }) => kind === 'credits_expiring');
  await eventually(lapsing, (all) =>
    expect(all).toMatchObject([{ data: { amount: '4998448', expiresAt: soon } }]),
  );
  await eventually(
    async () => subjectsOf(email).filter((subject) => subject?.includes(' lapse on ')),
    (subjects) => expect(subjects).toHaveLength(1),
  );
}, 60_000);

test('a creator is told of flows at once, of a day’s earnings once, and of payouts', async () => {
  await post('/api/wallets', { userId: 'dan', plan: 'PRO' });
  const email = await withMail('grace');
  for (let run = 0; run < 3; run++) {
    await post('/api/credits/charge-prompt', {
      ...{ userId: 'dan', runId: `run-${run}`, model: 'deepseek', inputTokens: 1, outputTokens: 1 },
      ...{ creatorId: 'grace', creatorFee: '1003' },
    });
  }
  await post('/api/flows/unlock', { userId: 'dan', flowId: 'flow-g', creatorId: 'grace', price: '99' });
  await post('/api/credits/refunds', { userId: 'dan', runId: 'run-0', refundId: 'rf', reason: 'quality' });
  const messages = await eventually(
    () => inbox('grace'),
    (all) =>
      expect(all.find(({ kind }) => kind === 'creator_earnings')?.data).toMatchObject({
        earned: String(3 * 803 + 80),
        runs: 3,
        flows: 1,
        reversed: '803',
        refunds: 1,
      }),
  );
  expect(kinds(messages)).toEqual(['creator_earnings', 'flow_sold']);
  // Its mail comes when the day is over.
  expect(subjectsOf(email)).toEqual([]);
});

test('a webhook gets the events of its user that it asked for, signed, once each', async () => {
  const types = [
    'promptflow.credits.added.v1',
    'promptflow.prompt.charged.v1',
    'promptflow.credits.expiring.v1',
  ];
  const endpoint = { userId: 'eve', url: receiver.url, types };
  const made = await inTransaction(pool, (tx) => createEndpoint(tx, endpoint, Date.now()));
  await post('/api/wallets', { userId: 'eve', plan: 'PRO' });
  await post('/api/wallets', { userId: 'eve-2', plan: 'PRO' });
  for (const userId of ['eve', 'eve-2']) {
    const charge = { userId, runId: 'r', model: 'deepseek', inputTokens: 10, outputTokens: 10 };
    await post('/api/credits/charge-prompt', charge);
    const promo = { userId, amount: '7', kind: 'promo', reason: 'bonus' };
    await post('/api/credits/add', { ...promo, expiresAt: new Date(Date.now() + DAY_MS).toISOString() });
  }
  await eventually(
    async () => receiver.taken.map(({ json }) => json.type).sort(),
    (all) =>
      expect(all).toEqual([
        'promptflow.credits.added.v1',
        'promptflow.credits.added.v1',
        'promptflow.credits.expiring.v1',
        'promptflow.prompt.charged.v1',
      ]),
  );
  expect(receiver.taken.every((each) => isSignedBy(made!.made.secret, each))).toBe(true);
  expect(receiver.taken.every(({ json }) => json.data['userId'] === 'eve')).toBe(true);
  expect(new Set(receiver.counts().values())).toEqual(new Set([1]));
}, 60_000);
