import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import PostalMime from 'postal-mime';
import { migrateAll } from '#apps/engine/migrate-all.js';
import { Dispatcher, type DispatcherOptions } from '#libs/notifications/dispatcher.js';
import { outboxTransport, smtpTransport } from '#libs/notifications/mail/transport.js';
import type { Note } from '#libs/notifications/note.js';
import { idOf } from '#libs/notifications/note.js';
import { putPreferences, readPreferences } from '#libs/notifications/preferences.js';
import {
  createEndpoint,
  enableEndpoint,
  FAILING_MS_MAX,
  listEndpoints,
  OLD_SECRET_MS,
  rotateSecret,
  sendTest,
} from '#libs/notifications/webhooks/endpoints.js';
import { listDeliveries, redeliver } from '#libs/notifications/webhooks/history.js';
import { mailIdOf, writeNotes } from '#libs/notifications/write-notes.js';
import { createPool } from '#libs/platform/postgres.js';
import { inTransaction } from '#libs/platform/transaction.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';
import { type MailServer, startMailServer } from '#test/support/mail-server.js';
import { isSignedBy, startWebhookReceiver, type WebhookReceiver } from '#test/support/webhook-receiver.js';

const PATIENCE_MS = 20_000;
const FROM = 'PromptFlow <billing@ledger.example>';
const T0 = Date.parse('2026-11-20T16:00:00Z');
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let database: TestDatabase;
let pool: Pool;
let mails: MailServer;
let receiver: WebhookReceiver;
let now = T0;
let users = 0;
const troubles: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  await migrateAll(database.url);
  pool = createPool({ url: database.url, applicationName: 'test' });
}, 60_000);
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  now = T0;
  troubles.length = 0;
  mails = await startMailServer();
  receiver = await startWebhookReceiver();
  await pool.query('truncate notifications.deliveries, notifications.endpoints cascade');
});
afterEach(async () => {
  await receiver.close();
  await mails.close();
});

/** Runs a dispatcher until `until` says so, or fails. */
async function dispatch(
  until: () => boolean | Promise<boolean>,
  options: Partial<DispatcherOptions> = {},
): Promise<Dispatcher> {
  const stop = new AbortController();
  const transport = options.transport ?? smtpTransport(mails.url);
  const dispatcher = new Dispatcher({
    pool,
    clock: { now: () => now },
    transport,
    mailFrom: FROM,
    webhookAllowedHosts: [receiver.host],
    signal: stop.signal,
    onTrouble: (error, what) => troubles.push(`${what}: ${String(error)}`),
    ...options,
  });
  const running = dispatcher.run();
  try {
    await eventually(until);
  } finally {
    stop.abort();
    await running;
    transport.close();
  }
  return dispatcher;
}

async function eventually(is: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await is())) {
    if (performance.now() > deadline) throw new Error('It did not come about in time.');
    await sleep(10);
  }
}

async function newUser(email?: string): Promise<string> {
  const userId = `u-${++users}`;
  const address = email ?? `${userId}@example.com`;
  await putPreferences(
    pool,
    { userId, email: address, emailVerified: true, locale: 'en', channels: {} },
    now,
  );
  return userId;
}

const added = (userId: string, amount = '4998448'): Note => ({
  id: idOf('event', userId, amount),
  kind: 'credits_added',
  userId,
  at: now,
  data: { amount, origin: 'purchased' },
});

const write = (...notes: Note[]) => inTransaction(pool, (tx) => writeNotes(tx, notes, now));

interface DeliveryRow {
  readonly state: string;
  readonly reason: string | null;
  readonly due_at_ms: string;
  readonly attempts: number;
}
async function rowOf(id: string): Promise<DeliveryRow> {
  const { rows } = await pool.query<DeliveryRow>(
    'select state, reason, due_at_ms, attempts from notifications.deliveries where delivery_id = $1',
    [id],
  );
  return rows[0]!;
}

async function hook(userId: string, path = '/in'): Promise<{ endpointId: string; secret: string }> {
  const url = receiver.url.replace('/in', path);
  const types = ['promptflow.credits.added.v1'];
  const made = await inTransaction(pool, (tx) => createEndpoint(tx, { userId, url, types }, now));
  return { endpointId: made!.endpointId, secret: made!.made.secret };
}
const test1 = (userId: string, endpointId: string) =>
  inTransaction(pool, (tx) => sendTest(tx, { userId, endpointId }, now));

describe('mails', () => {
  test('go out once, with text and HTML, from their sender, with the amount to the last credit', async () => {
    const userId = await newUser();
    const note = added(userId);
    expect(await write(note)).toEqual({ inApp: 1, mails: 1 });
    // The same event once more, as after a crash.
    expect(await write(note)).toEqual({ inApp: 0, mails: 0 });
    await dispatch(() => mails.taken.length > 0);
    expect(mails.taken).toHaveLength(1);
    const [{ to, from, mail }] = mails.taken as [(typeof mails.taken)[number]];
    expect({ to, from }).toEqual({ to: [`${userId}@example.com`], from: 'billing@ledger.example' });
    expect(mail).toMatchObject({
      subject: '4,998,448 credits ($4.998448) added',
      messageId: `<${mailIdOf(note.id)}@ledger.example>`,
      from: { name: 'PromptFlow', address: 'billing@ledger.example' },
      to: [{ name: '', address: `${userId}@example.com` }],
      date: new Date(T0).toISOString(),
    });
    expect(mail.text).toContain('Your wallet has received 4,998,448 credits ($4.998448).');
    expect(mail.html).toContain('<p>Your wallet has received 4,998,448 credits ($4.998448).</p>');
    expect(await rowOf(mailIdOf(note.id))).toMatchObject({ state: 'delivered', attempts: 1 });
  });

  test('nobody can put a header or another recipient into one', async () => {
    const userId = await newUser();
    const title = 'Prices\r\nBcc: evil@example.com\r\n\r\nbody\u2028X';
    await write({
      id: idOf('evil', userId),
      kind: 'announcement',
      userId,
      at: now,
      data: { title, body: 'Hello\r\n.\r\nMAIL FROM:<x@y.z>' },
    });
    await dispatch(() => mails.taken.length > 0);
    const [{ to, mail, raw }] = mails.taken as [(typeof mails.taken)[number]];
    expect(to).toEqual([`${userId}@example.com`]);
    expect(mail.subject).toBe('Prices Bcc: evil@example.com body X');
    expect(mail.bcc).toBeUndefined();
    expect(raw.slice(0, raw.indexOf('\r\n\r\n'))).not.toMatch(/^Bcc:/im);
    expect(mail.headers.find(({ key }) => key === 'list-unsubscribe')?.value).toBe(
      '<mailto:billing@ledger.example?subject=unsubscribe>',
    );
  });

  test('an address that is refused for good gets no more mail, and is not in the history', async () => {
    const userId = await newUser();
    const note = added(userId);
    await write(note);
    mails.behave({ recipient: `550 5.1.1 <${userId}@example.com> unknown` });
    await dispatch(async () => (await rowOf(mailIdOf(note.id))).state === 'failed');
    expect(await rowOf(mailIdOf(note.id))).toMatchObject({ reason: 'address_refused', attempts: 1 });
    expect((await readPreferences(pool, [userId])).get(userId)).toMatchObject({ bouncedAt: T0 });
    const { rows } = await pool.query<{ text: string }>(
      `select coalesce(json_agg(a)::text, '') as text from notifications.attempts a where delivery_id = $1`,
      [mailIdOf(note.id)],
    );
    expect(rows[0]!.text).toContain('unknown');
    expect(rows[0]!.text).not.toContain('example.com');
    expect(await write(added(userId, '5'))).toEqual({ inApp: 1, mails: 0 });
    // A new address begins anew.
    const chosen = {
      userId,
      email: 'other@example.com',
      emailVerified: false,
      locale: 'en',
      channels: {},
    } as const;
    expect(await putPreferences(pool, chosen, now)).toMatchObject({ bouncedAt: undefined });
  });

  test.each([
    ['a policy', { recipient: '554 5.7.1 relay access denied' }],
    ['a spam filter', { message: '550 5.7.1 looks like spam' }],
  ])('%s condemns the mail, not the address', async (_name, behaviour) => {
    const userId = await newUser();
    const note = added(userId);
    await write(note);
    mails.behave(behaviour);
    await dispatch(async () => (await rowOf(mailIdOf(note.id))).state === 'failed');
    expect(await rowOf(mailIdOf(note.id))).toMatchObject({ reason: 'mail_refused' });
    expect((await readPreferences(pool, [userId])).get(userId)).toMatchObject({ bouncedAt: undefined });
  });

  test('a mailbox that is full is tried again later, under the same Message-ID, and given up in the end', async () => {
    const userId = await newUser();
    const note = added(userId);
    await write(note);
    const id = mailIdOf(note.id);
    mails.behave({ recipient: '452 4.2.2 mailbox full' });
    await dispatch(
      async () => (await rowOf(id)).due_at_ms >= String(T0 + MINUTE_MS) && (await rowOf(id)).attempts === 1,
    );
    expect(Number((await rowOf(id)).due_at_ms)).toBeLessThanOrEqual(T0 + 1.2 * MINUTE_MS);
    for (let tries = 2; (await rowOf(id)).state === 'waiting'; tries++) {
      now = Number((await rowOf(id)).due_at_ms);
      await dispatch(async () => {
        const { attempts, state, due_at_ms: due } = await rowOf(id);
        return attempts === tries && (state === 'failed' || Number(due) > now + MINUTE_MS);
      });
    }
    expect(await rowOf(id)).toMatchObject({ state: 'failed', reason: 'gave_up', attempts: 8 });
    expect(mails.taken).toHaveLength(0);
  });

  test('a server that is away costs no try; one mail finds out when it is back', async () => {
    const userId = await newUser();
    const notes = [added(userId, '1'), added(userId, '2'), added(userId, '3')];
    await write(...notes);
    await mails.close();
    await dispatch(() => troubles.length > 0, { leaseMs: 5_000 });
    expect(troubles).toHaveLength(1);
    expect(troubles[0]).toContain('the mail server 127.0.0.1');
    const down = await Promise.all(notes.map(({ id }) => rowOf(mailIdOf(id))));
    expect(down.every(({ state, attempts }) => state === 'waiting' && attempts === 0)).toBe(true);
    mails = await startMailServer(Number(new URL(mails.url).port));
    now += MINUTE_MS;
    await dispatch(() => mails.taken.length === notes.length);
    expect([...mails.counts().values()]).toEqual([1, 1, 1]);
  });

  test('wishes and address are those of the moment of sending', async () => {
    const [erased, changed, off] = [await newUser(), await newUser(), await newUser()];
    const notes = [erased, changed, off].map((userId) => added(userId));
    await write(...notes);
    const base = { emailVerified: false, locale: 'en', channels: {} } as const;
    await putPreferences(pool, { ...base, userId: erased, email: undefined }, now);
    await putPreferences(pool, { ...base, userId: changed, email: 'new@example.com' }, now);
    const channels = { credits_added: { email: false } };
    await putPreferences(pool, { ...base, userId: off, email: 'off@example.com', channels }, now);
    const states = async () => Promise.all(notes.map(async ({ id }) => (await rowOf(mailIdOf(id))).state));
    await dispatch(async () => !(await states()).includes('waiting'));
    expect(await states()).toEqual(['cancelled', 'delivered', 'cancelled']);
    expect(mails.taken.map(({ to }) => to)).toEqual([['new@example.com']]);
  });

  test('into files: a mail sent twice is one file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'outbox-'));
    try {
      const note = added(await newUser());
      await write(note);
      const id = mailIdOf(note.id);
      const transport = () => outboxTransport(join(folder, 'outbox'));
      await dispatch(async () => (await rowOf(id)).state === 'delivered', { transport: transport() });
      const read = () => readFile(join(folder, 'outbox', `${id}@ledger.example.eml`));
      const first = await read();
      // As if it had been killed before it could note what it had done.
      await pool.query(
        `update notifications.deliveries set state = 'waiting', due_at_ms = $2 where delivery_id = $1`,
        [id, now],
      );
      await dispatch(async () => (await rowOf(id)).state === 'delivered', { transport: transport() });
      expect(await readdir(join(folder, 'outbox'))).toEqual([`${id}@ledger.example.eml`]);
      expect(await read()).toEqual(first);
      expect((await PostalMime.parse(first)).subject).toBe('4,998,448 credits ($4.998448) added');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('webhooks', () => {
  test('are signed, once each, and a receiver can tell a repetition', async () => {
    const userId = await newUser();
    // Signatures are judged by the clock of this machine.
    now = Date.now();
    const { endpointId, secret } = await hook(userId);
    const id = await test1(userId, endpointId);
    await dispatch(async () => (await rowOf(id)).state === 'delivered');
    expect(receiver.taken).toMatchObject([
      {
        id,
        json: {
          type: 'promptflow.webhook.test.v1',
          timestamp: new Date(now).toISOString(),
          data: { userId, endpointId },
        },
        headers: { 'content-type': 'application/json' },
      },
    ]);
    expect(isSignedBy(secret, receiver.taken[0]!)).toBe(true);
    expect(isSignedBy(`whsec_${Buffer.alloc(32).toString('base64')}`, receiver.taken[0]!)).toBe(false);
    expect(isSignedBy(secret, { ...receiver.taken[0]!, body: `${receiver.taken[0]!.body} ` })).toBe(false);
    await inTransaction(pool, (tx) => redeliver(tx, { userId, deliveryId: id }, now));
    await dispatch(() => receiver.taken.length === 2);
    expect([...receiver.counts()]).toEqual([[id, 2]]);
    expect(receiver.taken[1]!.body).toBe(receiver.taken[0]!.body);
  });

  test('while a secret is replaced both are valid, later the new one alone', async () => {
    const userId = await newUser();
    now = Date.now();
    const { endpointId, secret } = await hook(userId);
    const { secret: next } = await inTransaction(pool, (tx) => rotateSecret(tx, endpointId, now));
    expect(next).not.toBe(secret);
    const first = await test1(userId, endpointId);
    await dispatch(async () => (await rowOf(first)).state === 'delivered');
    expect([secret, next].map((each) => isSignedBy(each, receiver.taken[0]!))).toEqual([true, true]);
    await pool.query(
      'update notifications.endpoint_secrets set valid_until_ms = valid_until_ms - $1 where valid_until_ms is not null',
      [OLD_SECRET_MS],
    );
    const second = await test1(userId, endpointId);
    await dispatch(async () => (await rowOf(second)).state === 'delivered');
    expect([secret, next].map((each) => isSignedBy(each, receiver.taken[1]!))).toEqual([false, true]);
  });

  test('are tried again with growing pauses, and given up after three days', async () => {
    const userId = await newUser();
    const { endpointId } = await hook(userId);
    const id = await test1(userId, endpointId);
    receiver.answer(500);
    const dues: number[] = [];
    for (let tries = 1; (await rowOf(id)).state === 'waiting'; tries++) {
      await dispatch(async () => {
        const { attempts, state } = await rowOf(id);
        const [attempt] = await pool
          .query<{ outcome: string }>(
            'select outcome from notifications.attempts where delivery_id = $1 and number = $2 and outcome is not null',
            [id, tries],
          )
          .then(({ rows }) => rows);
        return (attempts === tries && attempt !== undefined) || state === 'failed';
      });
      const due = Number((await rowOf(id)).due_at_ms);
      if ((await rowOf(id)).state === 'waiting') dues.push(due - now);
      now = due;
    }
    expect(dues).toHaveLength(9);
    expect([...dues].sort((a, b) => a - b)).toEqual(dues);
    expect(await rowOf(id)).toMatchObject({ state: 'failed', reason: 'gave_up', attempts: 10 });
    expect([...receiver.counts()]).toEqual([[id, 10]]);
    const [delivery] = await listDeliveries(pool, { endpointId, limit: 5 });
    expect(delivery!.attempts.map(({ outcome, status }) => [outcome, status])).toEqual(
      Array.from({ length: 10 }, () => ['http_error', 500]),
    );
  }, 60_000);

  test('a receiver that asks for time gets it', async () => {
    const userId = await newUser();
    const { endpointId } = await hook(userId);
    const id = await test1(userId, endpointId);
    receiver.answer((_request, response) => response.writeHead(429, { 'retry-after': '3600' }).end());
    await dispatch(async () => Number((await rowOf(id)).due_at_ms) >= T0 + HOUR_MS);
  });

  test.each([
    ['a redirect', (url: string) => ({ status: 302, headers: { location: url } }), 'redirect'],
    [
      'a redirect to a private address',
      () => ({ status: 307, headers: { location: 'http://169.254.169.254/' } }),
      'redirect',
    ],
  ])('%s is not followed', async (_name, how, outcome) => {
    const userId = await newUser();
    const { endpointId } = await hook(userId);
    const id = await test1(userId, endpointId);
    const { status, headers } = how(receiver.url);
    receiver.answer((_request, response) => response.writeHead(status, headers).end());
    await dispatch(async () => Number((await rowOf(id)).due_at_ms) > T0 && (await rowOf(id)).attempts === 1);
    await sleep(50);
    expect(receiver.taken).toHaveLength(1);
    const [delivery] = await listDeliveries(pool, { endpointId, limit: 1 });
    expect(delivery!.attempts).toMatchObject([{ outcome, status }]);
  });

  test('an endless answer is cut off', async () => {
    const userId = await newUser();
    const { endpointId } = await hook(userId);
    const id = await test1(userId, endpointId);
    let sent = 0;
    receiver.answer((_request, response) => {
      response.writeHead(200);
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384))) sent += 16_384;
        if (!response.destroyed) response.once('drain', pour);
      };
      pour();
    });
    await dispatch(async () => (await rowOf(id)).state === 'delivered');
    expect(sent).toBeLessThan(16 * 1024 * 1024);
  });

  test('an address that has become private is not connected to', async () => {
    const userId = await newUser();
    const { endpointId } = await hook(userId);
    const id = await test1(userId, endpointId);
    await dispatch(
      async () => (await rowOf(id)).attempts === 1 && Number((await rowOf(id)).due_at_ms) < T0 + MINUTE_MS,
      {
        webhookAllowedHosts: [],
      },
    );
    expect(receiver.taken).toHaveLength(0);
    const [delivery] = await listDeliveries(pool, { endpointId, limit: 1 });
    expect(delivery!.attempts[0]).toMatchObject({ outcome: 'private_address' });
  });

  test('an endpoint that nothing has reached for 5 days is switched off and its owner told', async () => {
    const userId = await newUser();
    const { endpointId } = await hook(userId);
    const first = await test1(userId, endpointId);
    receiver.answer(503);
    await dispatch(
      async () => Number((await rowOf(first)).due_at_ms) > T0 && (await rowOf(first)).attempts === 1,
    );
    const failing = async () => (await listEndpoints(pool, { userId, endpointId }, now))[0]!;
    await eventually(async () => (await failing()).failingSince === T0);
    now = T0 + FAILING_MS_MAX - 1;
    const second = await test1(userId, endpointId);
    await dispatch(
      async () => Number((await rowOf(second)).due_at_ms) > now && (await rowOf(second)).attempts === 1,
    );
    expect(await failing()).toMatchObject({ state: 'active' });
    now = T0 + FAILING_MS_MAX + DAY_MS;
    await dispatch(async () => (await failing()).state === 'disabled' && mails.taken.length === 1);
    expect(await failing()).toMatchObject({ disabledFor: 'failing', disabledAt: now });
    expect(await rowOf(second)).toMatchObject({ state: 'failed', reason: 'endpoint_disabled' });
    expect(mails.taken[0]!.mail.subject).toBe('A webhook of yours was switched off');
    const again = { userId, deliveryId: second };
    expect(await inTransaction(pool, (tx) => redeliver(tx, again, now))).toBe('endpoint_disabled');
    await inTransaction(pool, (tx) => enableEndpoint(tx, endpointId));
    receiver.answer(204);
    expect(await inTransaction(pool, (tx) => redeliver(tx, again, now))).toBe('waiting');
    await dispatch(async () => (await rowOf(second)).state === 'delivered');
  });

  test('one that answers that it is gone is switched off at once', async () => {
    const userId = await newUser();
    const { endpointId } = await hook(userId);
    const id = await test1(userId, endpointId);
    receiver.answer(410);
    await dispatch(async () => (await rowOf(id)).state === 'failed');
    expect((await listEndpoints(pool, { userId, endpointId }, now))[0]).toMatchObject({
      state: 'disabled',
      disabledFor: 'gone',
    });
  });

  test('one that does not answer holds up nobody else', async () => {
    const [slow, quick] = [await newUser(), await newUser()];
    const slowHook = await hook(slow, '/slow');
    const quickHook = await hook(quick, '/quick');
    receiver.answer(({ path }, response) => {
      if (path === '/quick') response.writeHead(204).end();
    });
    for (let i = 0; i < 40; i++) await test1(slow, slowHook.endpointId);
    const ids = await Promise.all(Array.from({ length: 20 }, () => test1(quick, quickHook.endpointId)));
    const post = async (options: Parameters<NonNullable<DispatcherOptions['post']>>[0]) => {
      const { postWebhook } = await import('#libs/notifications/webhooks/post.js');
      return postWebhook({ ...options, timeoutMs: 2_000 });
    };
    await dispatch(
      async () => (await Promise.all(ids.map(rowOf))).every(({ state }) => state === 'delivered'),
      { post },
    );
    // Eight at once, and no more before those have ended.
    expect(receiver.taken.filter(({ path }) => path === '/slow').length).toBeLessThanOrEqual(16);
  });

  test('two dispatchers at once send everything once', async () => {
    const userId = await newUser();
    const { endpointId } = await hook(userId);
    const ids = await Promise.all(Array.from({ length: 60 }, () => test1(userId, endpointId)));
    const over = async () => (await Promise.all(ids.map(rowOf))).every(({ state }) => state === 'delivered');
    await Promise.all([dispatch(over), dispatch(over)]);
    expect(receiver.counts().size).toBe(60);
    expect(new Set(receiver.counts().values())).toEqual(new Set([1]));
    expect(troubles).toEqual([]);
  });
});
