import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type MailServer, startMailServer } from '#test/support/mail-server.js';
import { isSignedBy, startWebhookReceiver, type WebhookReceiver } from '#test/support/webhook-receiver.js';
import type { HttpClient, Json } from './http-client.js';
import { done, type OpenLedger, openLedger } from './support.js';

const PATIENCE_MS = 20_000;
const OPEN_PATIENCE_MS = 60_000;
const NOTIFICATIONS = '/api/notifications';
const WEBHOOKS = `${NOTIFICATIONS}/webhooks`;
const CAMPAIGNS = `${NOTIFICATIONS}/campaigns`;
const PREFERENCES = `${NOTIFICATIONS}/preferences`;

let ledger: OpenLedger;
let http: HttpClient;
let mails: MailServer;
let receiver: WebhookReceiver;

beforeAll(async () => {
  mails = await startMailServer();
  receiver = await startWebhookReceiver();
  ledger = await openLedger({
    roles: ['projector', 'settlement', 'notification-worker'],
    env: { SMTP_URL: mails.url, WEBHOOK_ALLOWED_HOSTS: receiver.host },
  });
  http = ledger.http;
}, OPEN_PATIENCE_MS);
afterAll(async () => {
  await ledger.close();
  await mails.close();
  await receiver.close();
  expect(ledger.faults).toEqual([]);
}, OPEN_PATIENCE_MS);

async function eventually(path: string, is: (json: Json) => boolean): Promise<Json> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const { json, status, text } = await http.get(path);
    if (status === 200 && is(json)) return json;
    if (performance.now() > deadline) throw new Error(`GET ${path} stayed at ${status}: ${text}`);
    await sleep(20);
  }
}

const itemsOf = (json: Json): readonly Json[] => json['items'] as unknown as readonly Json[];

async function put(body: object): Promise<Json> {
  const answer = await http.send('PUT', PREFERENCES, { body });
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return answer.json;
}

const gift = (userId: string, amount: string) =>
  done(http, '/api/credits/add', { userId, amount, kind: 'promo', reason: 'bonus' });

describe('in the app', () => {
  test('newest first, in pages, read one by one', async () => {
    await done(http, '/api/wallets', { userId: 'ann' });
    for (const amount of ['1', '2', '3']) await gift('ann', amount);
    const path = `${NOTIFICATIONS}?userId=ann`;
    const all = await eventually(path, (json) => itemsOf(json).length === 4);
    expect(itemsOf(all).map(({ kind, title }) => [kind, title])).toEqual([
      ['credits_added', '3 credits ($0.000003) added'],
      ['credits_added', '2 credits ($0.000002) added'],
      ['credits_added', '1 credit ($0.000001) added'],
      ['monthly_credits', 'Your plan’s 100,000 credits ($0.10) for this month are here'],
    ]);
    expect(all).toMatchObject({ unread: 4, nextCursor: null });
    const first = (await http.get(`${path}&limit=3`)).json;
    const cursor = encodeURIComponent(String(first['nextCursor']));
    const second = (await http.get(`${path}&limit=3&cursor=${cursor}`)).json;
    expect([...itemsOf(first), ...itemsOf(second)]).toEqual(itemsOf(all));
    // The cursor belongs to this user and question.
    for (const other of ['userId=bob', 'userId=ann&unread=true']) {
      expect((await http.get(`${NOTIFICATIONS}?${other}&cursor=${cursor}`)).status).toBe(400);
    }
    const id = String(itemsOf(all)[0]!['id']);
    const read = () => http.send('POST', `${NOTIFICATIONS}/${id}/read`, { body: { userId: 'ann' } });
    const { json } = await read();
    expect((await read()).json).toEqual(json);
    expect(json).toEqual({ id, readAt: expect.any(String) });
    const unread = (await http.get(`${path}&unread=true`)).json;
    expect([itemsOf(unread).length, unread['unread']]).toEqual([3, 3]);
    expect(itemsOf((await http.get(path)).json)[0]).toMatchObject({ id, readAt: json['readAt'] });
    // Another user's is as one that is not there.
    const foreign = await http.post(`${NOTIFICATIONS}/${id}/read`, { body: { userId: 'bob' } });
    const missing = await http.post(`${NOTIFICATIONS}/${randomUUID()}/read`, { body: { userId: 'bob' } });
    expect([foreign.status, foreign.text]).toEqual([404, missing.text]);
  });
});

describe('preferences', () => {
  test('are the defaults until something is chosen, and the defaults again afterwards', async () => {
    const { json } = await http.get(`${PREFERENCES}?userId=cid`);
    expect(json).toMatchObject({ userId: 'cid', emailVerified: false, locale: 'en' });
    expect(json['email']).toBeUndefined();
    expect(json['channels']).toMatchObject({
      low_balance: { inApp: true, email: true },
      monthly_credits: { inApp: true, email: false },
    });
    const chosen = await put({
      userId: 'cid',
      email: 'cid@example.com',
      emailVerified: true,
      channels: { monthly_credits: { email: true }, announcement: { email: false } },
    });
    expect(chosen).toMatchObject({
      email: 'cid@example.com',
      emailVerified: true,
      channels: {
        monthly_credits: { inApp: true, email: true },
        announcement: { inApp: true, email: false },
      },
    });
    expect((await http.get(`${PREFERENCES}?userId=cid`)).json).toEqual(chosen);
    expect(await put({ userId: 'cid', email: null, emailVerified: true })).toEqual(json);
  });

  test('hold the only copy of an address', async () => {
    const email = `canary-${randomUUID()}@example.com`;
    await done(http, '/api/wallets', { userId: 'dee' });
    await put({ userId: 'dee', email });
    await gift('dee', '5');
    const deadline = performance.now() + PATIENCE_MS;
    while (!mails.taken.some(({ to }) => to.includes(email))) {
      if (performance.now() > deadline) throw new Error('No mail came.');
      await sleep(20);
    }
    await put({ userId: 'dee', email: null });
    let told = '';
    for await (const events of ledger.store.readAll()) {
      for (const { data, metadata } of events) told += data + metadata;
    }
    expect(told).toContain('"dee"');
    expect(told).not.toContain(email);
    expect(await tablesWith(email)).toEqual([]);
  });
});

/** Tables of the database that hold the text anywhere. */
async function tablesWith(text: string): Promise<readonly string[]> {
  const { createPool } = await import('#libs/platform/postgres.js');
  const pool = createPool({ url: ledger.databaseUrl, applicationName: 'test' });
  try {
    const { rows } = await pool.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
        where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    expect(rows.length).toBeGreaterThan(20);
    const found = await Promise.all(
      rows.map(async ({ name }) => {
        const { rowCount } = await pool.query(`select from ${name} t where t::text like $1 limit 1`, [
          `%${text}%`,
        ]);
        return rowCount === 0 ? [] : [name];
      }),
    );
    return found.flat();
  } finally {
    await pool.end();
  }
}

describe('webhooks', () => {
  const TYPES = ['promptflow.credits.added.v1'];
  const make = async (userId: string, key: string = randomUUID()) => {
    const body = { userId, url: receiver.url, types: TYPES };
    return (await http.post(WEBHOOKS, { key, body })).json;
  };
  const idOf = (json: Json): string => String(json['webhook']!['id']);

  test('from making one to a message that can be trusted; the secret is shown once', async () => {
    const key = randomUUID();
    const made = await make('eva', key);
    expect(made).toMatchObject({
      replayed: false,
      webhook: { url: receiver.url, types: TYPES, state: 'active' },
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    });
    // An answer that was lost is given again to whoever has the key.
    expect(await make('eva', key)).toEqual({ ...made, replayed: true });
    const list = await http.get(`${WEBHOOKS}?userId=eva`);
    expect(list.text).not.toContain('whsec_');
    expect(itemsOf(list.json)).toEqual([made['webhook']]);
    const id = idOf(made);
    // Its first month's credits are told too, and then the gift.
    await done(http, '/api/wallets', { userId: 'eva' });
    await gift('eva', '7');
    const delivered = await eventually(
      `${WEBHOOKS}/${id}/deliveries?userId=eva`,
      (json) => itemsOf(json).filter(({ state }) => String(state) === 'delivered').length === 2,
    );
    const [delivery] = itemsOf(delivered);
    expect(delivery).toMatchObject({
      type: TYPES[0],
      attempts: [{ number: 1, outcome: 'delivered', status: 204 }],
    });
    const [taken] = receiver.taken.filter((each) => each.id === String(delivery!['id']));
    expect(isSignedBy(String(made['secret']), taken!)).toBe(true);
    expect(taken!.json).toMatchObject({ type: TYPES[0], data: { userId: 'eva', amount: '7' } });
    await done(http, `${NOTIFICATIONS}/deliveries/${String(delivery!['id'])}/redeliver`, { userId: 'eva' });
    await eventually(
      `${WEBHOOKS}/${id}/deliveries?userId=eva`,
      (json) => (itemsOf(json)[0]?.['attempts'] as unknown as Json[]).length === 2,
    );
    const rotated = (await done(http, `${WEBHOOKS}/${id}/rotate-secret`, { userId: 'eva' })).json;
    expect(rotated['secret']).not.toBe(made['secret']);
    expect(rotated['webhook']).toMatchObject({ oldSecretUntil: expect.any(String) });
    await done(http, `${WEBHOOKS}/${id}/test`, { userId: 'eva' });
    await done(http, `${WEBHOOKS}/${id}?userId=eva`, undefined, 'DELETE');
    expect(itemsOf((await http.get(`${WEBHOOKS}?userId=eva`)).json)).toEqual([]);
    // The secret has gone with it.
    expect((await make('eva', key))['secret']).toBeUndefined();
  });

  test('another user’s is as one that is not there', async () => {
    const id = idOf(await make('flo'));
    await done(http, '/api/wallets', { userId: 'flo' });
    const [delivery] = itemsOf(
      await eventually(`${WEBHOOKS}/${id}/deliveries?userId=flo`, (json) => itemsOf(json).length === 1),
    );
    const ask = async (webhook: string, what: string): Promise<[number, string]> => {
      const path = what === 'redeliver' ? `deliveries/${webhook}` : `webhooks/${webhook}`;
      const question = { key: randomUUID(), body: { userId: 'gus' } };
      const answer = await http.send('POST', `${NOTIFICATIONS}/${path}/${what}`, question);
      return [answer.status, answer.text];
    };
    for (const what of ['rotate-secret', 'enable', 'test']) {
      expect([what, await ask(id, what)]).toEqual([what, await ask(randomUUID(), what)]);
    }
    expect(await ask(String(delivery!['id']), 'redeliver')).toEqual(await ask(randomUUID(), 'redeliver'));
    const remove = (webhook: string) =>
      http.send('DELETE', `${WEBHOOKS}/${webhook}?userId=gus`, { key: randomUUID() });
    expect([(await remove(id)).status, (await remove(id)).text]).toEqual([
      404,
      (await remove(randomUUID())).text,
    ]);
    expect((await http.get(`${WEBHOOKS}/${id}/deliveries?userId=gus`)).status).toBe(404);
    expect(itemsOf((await http.get(`${WEBHOOKS}?userId=flo`)).json)).toHaveLength(1);
  });

  test('a user has ten at most, also when many come at once', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => make('hal')));
    expect(made.filter((json) => json['webhook'] !== undefined)).toHaveLength(10);
    expect(itemsOf((await http.get(`${WEBHOOKS}?userId=hal`)).json)).toHaveLength(10);
  });

  test('the same key makes one, however many copies come at once; another body is refused', async () => {
    const key = randomUUID();
    const made = await Promise.all(Array.from({ length: 20 }, () => make('ida', key)));
    expect(new Set(made.map(idOf)).size).toBe(1);
    expect(new Set(made.map((json) => json['secret'])).size).toBe(1);
    const other = { userId: 'ida', url: `${receiver.url}?other`, types: TYPES };
    expect((await http.post(WEBHOOKS, { key, body: other })).status).toBe(422);
  });
});

describe('campaigns', () => {
  test('counted first, then told once each, opt-outs kept', async () => {
    const users = Array.from({ length: 12 }, (_, i) => `camp-${i}`);
    for (const userId of users) {
      await done(http, '/api/wallets', { userId, plan: 'ELITE' });
      const channels = userId === 'camp-3' ? { announcement: { email: false } } : {};
      await put({ userId, email: `${userId}@example.com`, channels });
    }
    await done(http, '/api/wallets', { userId: 'camp-free' });
    const body = {
      campaignId: 'prices-2027',
      title: 'Prices change <now>',
      body: 'First.\n\nSecond.',
      plans: ['ELITE', 'ENTERPRISE'],
      channels: ['inApp', 'email'],
    };
    const key = randomUUID();
    const count = async () => (await http.post(CAMPAIGNS, { key, body: { ...body, dryRun: true } })).json;
    const deadline = performance.now() + PATIENCE_MS;
    while ((await count())['users']?.['ELITE'] !== (12 as never)) {
      if (performance.now() > deadline) throw new Error('The read model did not catch up.');
      await sleep(20);
    }
    expect(await count()).toEqual({ replayed: false, dryRun: true, users: { ELITE: 12, ENTERPRISE: 0 } });
    expect(itemsOf((await http.get(CAMPAIGNS)).json)).toEqual([]);
    const begun = (await http.post(CAMPAIGNS, { key, body })).json;
    expect(begun['campaign']).toMatchObject({ campaignId: 'prices-2027', state: 'running', expected: 12 });
    expect((await http.post(CAMPAIGNS, { key, body })).json).toEqual({ ...begun, replayed: true });
    expect((await http.post(CAMPAIGNS, { key: randomUUID(), body })).json['errors']).toMatchObject([
      { field: 'campaignId' },
    ]);
    const over = await eventually(
      `${CAMPAIGNS}/prices-2027`,
      (json) => json['mails']?.['delivered'] === (11 as never),
    );
    expect(over).toMatchObject({ state: 'done', processed: 12, inApp: 12, mails: { made: 11, failed: 0 } });
    const sent = mails.taken.filter(({ mail }) => mail.subject === 'Prices change <now>');
    expect(sent.flatMap(({ to }) => to).sort()).toEqual(
      users
        .filter((userId) => userId !== 'camp-3')
        .map((userId) => `${userId}@example.com`)
        .sort(),
    );
    expect(sent[0]!.mail.html).toContain('<h1 style="font-size:1.25em">Prices change &lt;now&gt;</h1>');
    expect(itemsOf((await http.get(`${NOTIFICATIONS}?userId=camp-free`)).json)).not.toContainEqual(
      expect.objectContaining({ kind: 'announcement' }),
    );
    const cancel = await http.post(`${CAMPAIGNS}/prices-2027/cancel`, { key: randomUUID(), body: {} });
    expect([cancel.status, cancel.json['errors']]).toMatchObject([400, [{ field: 'id' }]]);
  }, 60_000);
});
