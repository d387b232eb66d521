import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { PROJECT_ROOT } from '#apps/cli/project-root.js';
import { migrateAll } from '#apps/engine/migrate-all.js';
import { idOf, type Note } from '#libs/notifications/note.js';
import { putPreferences } from '#libs/notifications/preferences.js';
import { createEndpoint, sendTest } from '#libs/notifications/webhooks/endpoints.js';
import { mailIdOf, writeNotes } from '#libs/notifications/write-notes.js';
import { createPool } from '#libs/platform/postgres.js';
import { inTransaction } from '#libs/platform/transaction.js';
import { buildProgram } from '#test/support/build.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';
import { type MailServer, startMailServer } from '#test/support/mail-server.js';
import { printedSeed } from '#test/support/property.js';
import { seededRandom } from '#test/support/random.js';
import { startWebhookReceiver, type WebhookReceiver } from '#test/support/webhook-receiver.js';

const PROGRAM = join(PROJECT_ROOT, 'test', 'support', 'programs', 'notification-dispatcher.mjs');
const MAILS = 80;
const WEBHOOKS = 80;
const KILLS = 8;
/** What a process may have in hand when it is killed. */
const IN_FLIGHT_MAX = 8 + 32;
const PATIENCE_MS = 45_000;

let database: TestDatabase;
let pool: Pool;
let mails: MailServer;
let receiver: WebhookReceiver;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  await buildProgram();
  database = await createTestDatabase();
  await migrateAll(database.url);
  pool = createPool({ url: database.url, applicationName: 'test' });
}, 120_000);
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  mails = await startMailServer();
  receiver = await startWebhookReceiver();
});
afterEach(async () => {
  await Promise.all([...children].map(kill));
  await receiver.close();
  await mails.close();
});

async function start(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [PROGRAM, database.url, mails.url, receiver.host], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'] ?? '' },
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  await once(child.stdout, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function eventually(is: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await is())) {
    if (performance.now() > deadline) throw new Error('It did not come about in time.');
    await sleep(20);
  }
}

async function newUser(userId: string): Promise<void> {
  const chosen = {
    userId,
    email: `${userId}@example.com`,
    emailVerified: true,
    locale: 'en',
    channels: {},
  } as const;
  await putPreferences(pool, chosen, Date.now());
}

const noteOf = (userId: string): Note => ({
  id: idOf('event', userId),
  kind: 'credits_added',
  userId,
  at: Date.now(),
  data: { amount: '5', origin: 'purchased' },
});

const waiting = async (): Promise<number> => {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from notifications.deliveries where state = 'waiting'`,
  );
  return rows[0]!.count;
};

test('killed after the server has taken a mail and before it could be noted: it comes again under the same Message-ID', async () => {
  await newUser('u-silent');
  mails.behave({ silent: true });
  const note = noteOf('u-silent');
  await inTransaction(pool, (tx) => writeNotes(tx, [note], Date.now()));
  const first = await start();
  await eventually(() => mails.taken.length === 1);
  await kill(first);
  expect(await waiting()).toBe(1);
  mails.behave({});
  await start();
  await eventually(async () => (await waiting()) === 0);
  expect([...mails.counts()]).toEqual([[`<${mailIdOf(note.id)}@ledger.example>`, 2]]);
  const [one, two] = mails.taken;
  expect(two!.raw).toBe(one!.raw);
  const { rows } = await pool.query(
    'select number, outcome from notifications.attempts where delivery_id = $1 order by number',
    [mailIdOf(note.id)],
  );
  // The one that was cut off is there, without an end.
  expect(rows).toEqual([
    { number: 1, outcome: null },
    { number: 2, outcome: 'delivered' },
  ]);
}, 60_000);

test(`everything arrives after ${KILLS} kills, and only what was in hand comes twice`, async () => {
  const random = seededRandom(printedSeed('kills of the dispatcher', KILLS));
  const users = Array.from({ length: MAILS }, (_, i) => `u-${i}`);
  for (const userId of users) await newUser(userId);
  const notes = users.map(noteOf);
  const endpoints = await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map(async (userId) => {
      const endpoint = { userId, url: receiver.url, types: ['promptflow.credits.added.v1'] };
      const made = await inTransaction(pool, (tx) => createEndpoint(tx, endpoint, Date.now()));
      return { userId, endpointId: made!.endpointId };
    }),
  );
  await inTransaction(pool, (tx) => writeNotes(tx, notes, Date.now()));
  const sent: string[] = [];
  for (let i = 0; i < WEBHOOKS; i++) {
    const to = endpoints[i % endpoints.length]!;
    sent.push(await inTransaction(pool, (tx) => sendTest(tx, to, Date.now())));
  }
  // Slow enough that a kill meets something in the middle.
  receiver.answer((_request, response) => {
    setTimeout(() => response.writeHead(204).end(), 100);
  });
  const both = [await start(), await start()];
  for (let i = 0; i < KILLS; i++) {
    await sleep(20 + 180 * random());
    await kill(both[i % 2]!);
    both[i % 2] = await start();
  }
  await eventually(async () => (await waiting()) === 0);
  const mailIds = notes.map(({ id }) => `<${mailIdOf(id)}@ledger.example>`).sort();
  expect([...mails.counts().keys()].sort()).toEqual(mailIds);
  expect([...receiver.counts().keys()].sort()).toEqual(sent.sort());
  // A try that was cut off may have arrived or not; all others arrive once each.
  const { rows } = await pool.query<{ id: string; channel: string; cut: number; tries: number }>(
    `select d.delivery_id as id, d.channel, count(*)::int as tries,
        (count(*) filter (where a.outcome is null))::int as cut
      from notifications.deliveries d join notifications.attempts a using (delivery_id)
      where d.user_id <> 'u-silent' group by d.delivery_id`,
  );
  expect(rows).toHaveLength(MAILS + WEBHOOKS);
  for (const { id, channel, cut, tries } of rows) {
    const counts = channel === 'email' ? mails.counts() : receiver.counts();
    const came = counts.get(channel === 'email' ? `<${id}@ledger.example>` : id)!;
    expect([id, came <= tries, came >= tries - cut]).toEqual([id, true, true]);
  }
  const cut = rows.reduce((sum, row) => sum + row.cut, 0);
  process.stdout.write(`${cut} tries were cut off by ${KILLS} kills\n`);
  expect(cut).toBeGreaterThan(0);
  expect(cut).toBeLessThanOrEqual(KILLS * IN_FLIGHT_MAX);
}, 120_000);
